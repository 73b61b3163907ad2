/** Batches in memory: for tests and trials. */
import { type Batch, PHASES, type Row, type Tally, WAITING } from '../../model/batch.ts'
import { type BatchLedger, batchScope } from '../rules.ts'
import { KEY_LIFE_MS, RECORD_LIFE_MS } from '../port.ts'

export const openMemoryBatches = (now: () => number): BatchLedger => {
  const batches = new Map<string, Batch>()
  /** By batch and row number. */
  const kept = new Map<string, Map<number, Row>>()
  const keys = new Map<string, { id: string; fingerprint: string; expiresAt: number }>()
  const rowsOf = (id: string) => [...(kept.get(id)?.values() ?? [])]
  const write = (row: Row) => {
    const was = kept.get(row.batch)?.get(row.row)
    if (was && PHASES.indexOf(was.phase) <= PHASES.indexOf(row.phase))
      kept.get(row.batch)?.set(row.row, row)
  }
  const isDone = (id: string) => rowsOf(id).every(({ phase }) => phase === 'rest')
  const oldestFirst = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
  const save = (next: Batch): Batch | null => {
    if (batches.get(next.id)?.version !== next.version) return null
    const saved = { ...next, version: next.version + 1 }
    batches.set(saved.id, saved)
    return saved
  }

  return {
    async create(batch, rows, key) {
      const scope = key && batchScope(key)
      const used = scope === null ? undefined : keys.get(scope)
      const bound = used && used.expiresAt > now() ? batches.get(used.id) : undefined
      if (key && used && bound)
        return {
          outcome: used.fingerprint === key.fingerprint ? 'replayed' : 'key_reused',
          batch: bound,
        }
      batches.set(batch.id, batch)
      kept.set(
        batch.id,
        new Map(
          rows.map(({ row, request }) => [
            row,
            { ...WAITING, at: batch.createdAt, batch: batch.id, row, request },
          ]),
        ),
      )
      if (key && scope !== null)
        keys.set(scope, {
          id: batch.id,
          fingerprint: key.fingerprint,
          expiresAt: now() + KEY_LIFE_MS,
        })
      return { outcome: 'created', batch }
    },
    get: async (id) => batches.get(id) ?? null,
    save: async (next) => save(next),
    finish: async (next) => (isDone(next.id) ? save(next) : null),
    list: async ({ caller, limit, after }) =>
      [...batches.values()]
        .filter(
          (batch) =>
            (caller === null || batch.caller === caller) &&
            (after === undefined || batch.id < after),
        )
        .sort(oldestFirst)
        .toReversed()
        .slice(0, limit),
    unfinished: async () =>
      [...batches.values()].filter(({ finishedAt }) => finishedAt === null).sort(oldestFirst),
    rows: async (id, { status, limit, after = 0 }) =>
      rowsOf(id)
        .filter((row) => row.row > after && (status === undefined || row.status === status))
        .slice(0, limit),
    async take(id, store, limit) {
      if (batches.get(id)?.status !== 'running') return []
      const taken = rowsOf(id)
        .filter(({ phase, request }) => phase === 'waiting' && request.store === store)
        .slice(0, limit)
        .map((row) => ({ ...row, phase: 'taken' as const, at: now() }))
      taken.forEach(write)
      return taken
    },
    open: async (store) =>
      [...batches.keys()]
        .flatMap(rowsOf)
        .filter(
          ({ phase, request }) =>
            (phase === 'taken' || phase === 'open') && request.store === store,
        ),
    async saveRows(rows) {
      rows.forEach(write)
    },
    async setWaiting(id, state) {
      for (const row of rowsOf(id)) if (row.phase === 'waiting') write({ ...row, ...state })
    },
    async tallies(id) {
      const found = new Map<string, Tally>()
      for (const {
        request: { store },
        phase,
        status,
      } of rowsOf(id)) {
        const name = JSON.stringify([store, phase, status])
        found.set(name, { store, phase, status, count: (found.get(name)?.count ?? 0) + 1 })
      }
      return [...found.values()]
    },
    recent: async (store, limit) =>
      [...batches.keys()]
        .flatMap(rowsOf)
        .filter(({ phase, at, request }) => phase === 'rest' && at > 0 && request.store === store)
        .map(({ at }) => at)
        .sort((a, b) => b - a)
        .slice(0, limit),
    async sweep() {
      for (const [scope, { expiresAt }] of keys) if (expiresAt <= now()) keys.delete(scope)
      for (const { id, finishedAt } of batches.values()) {
        if (finishedAt === null || finishedAt + RECORD_LIFE_MS > now()) continue
        batches.delete(id)
        kept.delete(id)
      }
    },
  }
}
