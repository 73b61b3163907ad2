/**
 * Batches in Redis: beside the cancellations, under the same hash tag; each promise is one script
 * (`redis-batch-scripts.ts`).
 */
import { type Batch, type Phase, type Row, type RowState, WAITING } from '../../model/batch.ts'
import type { Status } from '../../model/cancellation.ts'
import { type BatchLedger, batchScope } from '../rules.ts'
import { KEY_LIFE_MS, RECORD_LIFE_MS } from '../port.ts'

/**
 * Rows that are written in one script, so that no other waits long; and for how long they wait for
 * their batch.
 */
const ADDED_AT_ONCE = 500
const ADDED_LIFE_S = 3_600

type Found = readonly [batch: string, row: string, request: string, state: string]
type Run = (name: string, ...values: (string | number)[]) => Promise<unknown>

const toBatch = (body: string): Batch => JSON.parse(body) as Batch

export const openRedisBatches = (runAny: Run, now: () => number): BatchLedger => {
  const run: Run = (name, ...values) => runAny(`batches-${name}`, ...values)

  /** A row that waits has no state yet: it waits since its batch was made. */
  const toRows = async (found: readonly Found[]): Promise<Row[]> => {
    const made = new Map<string, number>()
    for (const id of new Set(found.filter(([, , , state]) => state === '').map(([id]) => id)))
      made.set(id, toBatch((await run('get', id)) as string).createdAt)
    return found.map(([batch, row, request, state]) => ({
      batch,
      row: Number(row),
      request: JSON.parse(request) as Row['request'],
      ...(state === ''
        ? { ...WAITING, at: made.get(batch) ?? 0 }
        : (JSON.parse(state) as RowState)),
    }))
  }
  const stateText = ({ phase, status, cancellation, alreadyCanceled, problem, at }: RowState) =>
    JSON.stringify({ phase, status, cancellation, alreadyCanceled, problem, at })
  const save = async (next: Batch, onlyDone: '' | '1'): Promise<Batch | null> => {
    const saved = { ...next, version: next.version + 1 }
    return (await run(
      'save',
      next.id,
      next.version,
      saved.version,
      saved.status,
      saved.finishedAt ?? '',
      JSON.stringify(saved),
      onlyDone,
    )) === 1
      ? saved
      : null
  }

  return {
    async create(batch, all, key) {
      for (let from = 0; from < all.length; from += ADDED_AT_ONCE) {
        await run(
          'add',
          batch.id,
          ADDED_LIFE_S,
          ...all
            .slice(from, from + ADDED_AT_ONCE)
            .flatMap(({ row, request }) => [row, request.store, JSON.stringify(request)]),
        )
      }
      const [outcome, earlier] = (await run(
        'create',
        batch.id,
        batch.version,
        batch.status,
        batch.caller,
        JSON.stringify(batch),
        key ? batchScope(key) : '',
        key?.fingerprint ?? '',
        now(),
        now() + KEY_LIFE_MS,
        all.length,
      )) as ['created' | 'replayed' | 'key_reused', string?]
      return { outcome, batch: earlier === undefined ? batch : toBatch(earlier) }
    },
    async get(id) {
      const body = (await run('get', id)) as string | null
      return body === null ? null : toBatch(body)
    },
    save: (next) => save(next, ''),
    finish: (next) => save(next, '1'),
    list: async ({ caller, limit, after = '' }) =>
      ((await run('list', caller === null ? 'all' : `of:${caller}`, after, limit)) as string[]).map(
        toBatch,
      ),
    unfinished: async () => ((await run('list', 'unfinished', '*', 0)) as string[]).map(toBatch),
    rows: async (id, { status, limit, after = 0 }) =>
      toRows((await run('rows', id, status ?? 'all', after, limit)) as Found[]),
    take: async (id, store, limit) =>
      toRows(
        (await run(
          'take',
          id,
          store,
          limit,
          stateText({ ...WAITING, phase: 'taken', at: now() }),
        )) as Found[],
      ),
    open: async (store) =>
      (await toRows((await run('open', store)) as Found[])).sort((a, b) =>
        a.batch === b.batch ? a.row - b.row : a.batch < b.batch ? -1 : 1,
      ),
    async saveRows(some) {
      if (some.length > 0)
        await run(
          'saveRows',
          ...some.flatMap((row) => [row.batch, row.row, row.request.store, stateText(row)]),
        )
    },
    async setWaiting(id, state) {
      while (Number(await run('setWaiting', id, stateText(state))) > 0);
    },
    async tallies(id) {
      const found = (await run('tallies', id)) as string[]
      return found.flatMap((name, index) => {
        const [phase, status, ...store] = name.split(' ')
        const count = Number(found[index + 1])
        return index % 2 === 1 || count === 0
          ? []
          : [{ store: store.join(' '), phase: phase as Phase, status: status as Status, count }]
      })
    },
    recent: async (store, limit) =>
      ((await run('recent', store, limit)) as string[]).map(Number).sort((a, b) => b - a),
    async sweep() {
      while (Number(await run('sweep', now() - RECORD_LIFE_MS)) > 0);
    },
  }
}
