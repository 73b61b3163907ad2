/** Batches in memory: for tests and trials. */
import { type Batch, type Row, type Tally, WAITING } from '../../model/batch.ts'
import type { BatchLedger, BatchQuery, NewRow } from '../port.ts'
import type { Retention } from '../retention.ts'
import { type BatchStore, createIn, rankOf } from '../rules.ts'
import type { MemoryDeliveries } from './deliveries.ts'
import { type MemoryKeys, openMemoryKeys } from './keys.ts'

interface State {
  readonly now: () => number
  readonly batches: Map<string, Batch>
  /** By batch and row number. */
  readonly rows: Map<string, Map<number, Row>>
  readonly keys: MemoryKeys<Batch>
  readonly deliveries: MemoryDeliveries
  readonly retention: Retention
}

const openState = (
  now: () => number,
  retention: Retention,
  deliveries: MemoryDeliveries,
): State => {
  const batches = new Map<string, Batch>()
  return {
    now,
    deliveries,
    retention,
    batches,
    rows: new Map(),
    keys: openMemoryKeys(now, retention, (id) => batches.get(id)),
  }
}

const rowsOf = ({ rows }: State, id: string): Row[] => [...(rows.get(id)?.values() ?? [])]

/** The rows of a store, of every batch. */
const rowsOfStore = (state: State, store: string): Row[] =>
  [...state.batches.keys()]
    .flatMap((id) => rowsOf(state, id))
    .filter(({ request }) => request.store === store)

const insert = ({ batches, rows }: State, batch: Batch, all: readonly NewRow[]): void => {
  const made = all.map(({ row, request }): Row => {
    return { ...WAITING, at: batch.createdAt, batch: batch.id, row, request }
  })
  batches.set(batch.id, batch)
  rows.set(batch.id, new Map(made.map((row) => [row.row, row])))
}

const save = ({ batches }: State, next: Batch): Batch | null => {
  if (batches.get(next.id)?.version !== next.version) return null
  const saved = { ...next, version: next.version + 1 }
  batches.set(saved.id, saved)
  return saved
}

const writeRow = ({ rows }: State, row: Row): void => {
  const current = rows.get(row.batch)?.get(row.row)
  if (current && rankOf(current.phase) <= rankOf(row.phase)) rows.get(row.batch)?.set(row.row, row)
}

const take = (state: State, id: string, store: string, limit: number): Row[] => {
  if (state.batches.get(id)?.status !== 'running') return []
  const taken = rowsOf(state, id)
    .filter(({ phase, request }) => phase === 'waiting' && request.store === store)
    .slice(0, limit)
    .map((row) => ({ ...row, phase: 'taken' as const, at: state.now() }))
  for (const row of taken) writeRow(state, row)
  return taken
}

const oldestFirst = (a: Batch, b: Batch): number => (a.id < b.id ? -1 : 1)

const listOf = ({ batches }: State, { caller, limit, after }: BatchQuery): Batch[] =>
  [...batches.values()]
    .filter((batch) => caller === null || batch.caller === caller)
    .filter((batch) => after === undefined || batch.id < after)
    .sort(oldestFirst)
    .toReversed()
    .slice(0, limit)

const talliesOf = (state: State, id: string): Tally[] => {
  const found = new Map<string, Tally>()
  for (const { request, phase, status } of rowsOf(state, id)) {
    const { store } = request
    const name = JSON.stringify([store, phase, status])
    found.set(name, { store, phase, status, count: (found.get(name)?.count ?? 0) + 1 })
  }
  return [...found.values()]
}

const sweep = ({ now, batches, rows, keys, deliveries, retention }: State): void => {
  keys.sweep()
  for (const { id, finishedAt } of batches.values()) {
    if (finishedAt === null || finishedAt + retention.recordsMs > now()) continue
    batches.delete(id)
    rows.delete(id)
    deliveries.forgetSubject(id)
  }
}

export const openMemoryBatches = (
  now: () => number,
  retention: Retention,
  deliveries: MemoryDeliveries,
): BatchLedger => {
  const state = openState(now, retention, deliveries)
  const { batches } = state
  const store: BatchStore = {
    keys: state.keys,
    insert: (batch, rows) => insert(state, batch, rows),
  }
  return {
    create: async (batch, rows, key) => createIn(store, batch, rows, key),
    get: async (id) => batches.get(id) ?? null,
    save: async (next) => save(state, next),
    async finish(next, owed = []) {
      const isDone = rowsOf(state, next.id).every(({ phase }) => phase === 'rest')
      const saved = isDone ? save(state, next) : null
      if (saved) deliveries.owe(owed)
      return saved
    },
    list: async (query) => listOf(state, query),
    unfinished: async () =>
      [...batches.values()].filter(({ finishedAt }) => finishedAt === null).sort(oldestFirst),
    rows: async (id, { status, limit, after = 0 }) =>
      rowsOf(state, id)
        .filter((row) => row.row > after && (status === undefined || row.status === status))
        .slice(0, limit),
    take: async (id, name, limit) => take(state, id, name, limit),
    open: async (name) =>
      rowsOfStore(state, name).filter(({ phase }) => phase === 'taken' || phase === 'open'),
    async saveRows(rows) {
      for (const row of rows) writeRow(state, row)
    },
    rewrite: async (all) => all.forEach((row) => state.rows.get(row.batch)?.set(row.row, row)),
    async setWaiting(id, change) {
      for (const row of rowsOf(state, id))
        if (row.phase === 'waiting') writeRow(state, { ...row, ...change })
    },
    tallies: async (id) => talliesOf(state, id),
    recent: async (name, limit) =>
      rowsOfStore(state, name)
        .filter(({ phase, at }) => phase === 'rest' && at > 0)
        .map(({ at }) => at)
        .sort((a, b) => b - a)
        .slice(0, limit),
    sweep: async () => sweep(state),
  }
}
