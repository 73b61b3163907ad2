/** Batches in PostgreSQL: tables beside those of the cancellations; a batch is one lock. */
import type { Batch, Row } from '../../model/batch.ts'
import type { Owed } from '../../model/delivery.ts'
import type { BatchClaim, BatchLedger, BatchQuery, Key, NewRow } from '../port.ts'
import { createIn, scopedBatchKey } from '../rules.ts'
import { oweIn, subjectLocks } from './deliveries.ts'
import { type Condition, type PostgresDeps, valuesOf, when, where } from './deps.ts'
import { askKey, bindKey, foundKeys, keyLocks } from './keys.ts'
import { sweepBatches } from './retention.ts'
import {
  askUnrest,
  askWaiting,
  batchLocks,
  insertRows,
  openRows,
  readRows,
  recentTimes,
  rewriteRows,
  setWaitingRows,
  talliesOf,
  toRow,
  writeRows,
} from './rows.ts'
import { ask, askEach, lockOf, type ResultRow, run, statement, type Work } from './work.ts'

const toBatch = (found: ResultRow): Batch => ({
  ...(JSON.parse(found['body'] as string) as Batch),
  version: found['version'] as number,
})

const COLUMNS = 'version, body'

function* insertBatch(batch: Batch): Work<void> {
  yield* run(
    'insert into @batches (id, version, caller, finished_at, body) values (?, ?, ?, ?, ?)',
    batch.id,
    batch.version,
    batch.caller,
    batch.finishedAt,
    JSON.stringify(batch),
  )
}

const create = (
  deps: PostgresDeps,
  batch: Batch,
  rows: readonly NewRow[],
  key: Key | null,
): Promise<BatchClaim> => {
  const scoped = key && scopedBatchKey(key)
  return deps.commit([lockOf.batch(batch.id), ...keyLocks(scoped)], function* () {
    const [bound] = scoped
      ? ((yield* askEach(askKey(deps, scoped, '@batches', COLUMNS)))[0] ?? [])
      : []
    const written: (() => Work<unknown>)[] = []
    const claimed = createIn(
      {
        keys: foundKeys(bound, toBatch, (to, id) => {
          written.push(() => bindKey(deps, to, id))
        }),
        insert: () => {
          written.push(
            () => insertBatch(batch),
            () => insertRows(batch, rows),
          )
        },
      },
      batch,
      rows,
      key,
    )
    for (const write of written) yield* write()
    return claimed
  })
}

function* saveBatch(next: Batch): Work<Batch | null> {
  const saved = { ...next, version: next.version + 1 }
  const written = yield* ask(
    'update @batches set version = ?, finished_at = ?, body = ? where id = ? and version = ? ' +
      'returning id',
    saved.version,
    saved.finishedAt,
    JSON.stringify(saved),
    next.id,
    next.version,
  )
  return written.length === 1 ? saved : null
}

/** Saves a batch of which every row is at rest, with what is owed of it. */
function* finishBatch(next: Batch, owed: readonly Owed[]): Work<Batch | null> {
  const [unrest = []] = yield* askEach(askUnrest(next.id))
  const saved = unrest.length === 0 ? yield* saveBatch(next) : null
  if (saved) yield* oweIn(owed)
  return saved
}

/** Takes the next waiting rows of a store, where the batch runs. */
function* takeRows({ now }: PostgresDeps, id: string, store: string, limit: number): Work<Row[]> {
  const [batch = [], waiting = []] = yield* askEach(
    statement(`select ${COLUMNS} from @batches where id = ?`, id),
    askWaiting(id, store, limit),
  )
  if (!batch[0] || toBatch(batch[0]).status !== 'running') return []
  const at = now()
  const taken = waiting.map((found): Row => ({ ...toRow(found), phase: 'taken', at }))
  if (taken.length > 0)
    yield* run(
      'update @batch_rows set phase = 1, at = ? where batch = ? and number = any(?::int[])',
      at,
      id,
      taken.map(({ row }) => row),
    )
  return taken
}

const listBatches = async (
  { read }: PostgresDeps,
  { caller, limit, after }: BatchQuery,
): Promise<Batch[]> => {
  const conditions: Condition[] = [
    ...when(caller !== null, ['caller = ?', caller]),
    ...when(after !== undefined, ['id < ?', after as string]),
  ]
  const found = await read(
    `select ${COLUMNS} from @batches ${where(conditions)} order by id desc limit ?`,
    ...valuesOf(conditions),
    limit,
  )
  return found.map(toBatch)
}

/** Opens the batches of a migrated schema. */
export const openPostgresBatches = (deps: PostgresDeps): BatchLedger => {
  const { read, commit } = deps
  const ask = ({ text, values }: ReturnType<typeof askUnrest>) => read(text, ...values)
  return {
    create: (...values) => create(deps, ...values),
    async get(id) {
      const [found] = await read(`select ${COLUMNS} from @batches where id = ?`, id)
      return found ? toBatch(found) : null
    },
    save: (next) => commit([lockOf.batch(next.id)], () => saveBatch(next)),
    // Asked before, because it is asked often and a transaction costs a write.
    finish: async (next, owed = []) =>
      (await ask(askUnrest(next.id))).length > 0
        ? null
        : commit([lockOf.batch(next.id), ...subjectLocks(owed)], () => finishBatch(next, owed)),
    list: (query) => listBatches(deps, query),
    unfinished: async () =>
      (await read(`select ${COLUMNS} from @batches where finished_at is null order by id`)).map(
        toBatch,
      ),
    rows: (id, query) => readRows(deps, id, query),
    // Asked before, for the same reason.
    take: async (id, name, limit) =>
      (await ask(askWaiting(id, name, 1))).length === 0
        ? []
        : commit([lockOf.batch(id)], () => takeRows(deps, id, name, limit)),
    open: (name) => openRows(deps, name),
    saveRows: async (rows) => {
      if (rows.length > 0) await commit(batchLocks(rows), () => writeRows(rows))
    },
    rewrite: (rows) => commit(batchLocks(rows), () => rewriteRows(rows)),
    setWaiting: (id, state) => setWaitingRows(deps, id, state),
    tallies: (id) => talliesOf(deps, id),
    recent: (name, limit) => recentTimes(deps, name, limit),
    sweep: () => sweepBatches(deps),
  }
}
