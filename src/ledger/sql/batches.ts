/** Batches in SQL: tables beside those of the cancellations, in the same database. */
import type { Batch, Row } from '../../model/batch.ts'
import type { Owed } from '../../model/delivery.ts'
import type { BatchLedger, BatchQuery } from '../port.ts'
import type { Retention } from '../retention.ts'
import { type BatchStore, createIn } from '../rules.ts'
import { type Condition, valuesOf, when, where } from './conditions.ts'
import type { ResultRow, Sql } from './database.ts'
import { oweRows } from './deliveries.ts'
import { openSqlKeys } from './keys.ts'
import { sweepBatches } from './retention.ts'
import {
  insertRows,
  isAtRest,
  openRows,
  readRows,
  recentTimes,
  rewriteRow,
  setWaitingRows,
  talliesOf,
  toRow,
  waitingRows,
  writeRow,
} from './rows.ts'

const toBatch = (found: ResultRow): Batch => ({
  ...(JSON.parse(found['body'] as string) as Batch),
  version: found['version'] as number,
})

const findBatch = (sql: Sql, id: string): Batch | null => {
  const [found] = sql.all('select version, body from batches where id = ?', id)
  return found ? toBatch(found) : null
}

const insertBatch = (sql: Sql, batch: Batch): void =>
  sql.run(
    'insert into batches (id, version, caller, finished_at, body) values (?, ?, ?, ?, ?)',
    batch.id,
    batch.version,
    batch.caller,
    batch.finishedAt,
    JSON.stringify(batch),
  )

const saveBatch = (sql: Sql, next: Batch): Batch | null => {
  const saved = { ...next, version: next.version + 1 }
  const written = sql.all(
    'update batches set version = ?, finished_at = ?, body = ? where id = ? and version = ? ' +
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
const finishBatch = (sql: Sql, next: Batch, owed: readonly Owed[]): Batch | null => {
  const saved = isAtRest(sql, next.id) ? saveBatch(sql, next) : null
  if (saved) oweRows(sql, owed)
  return saved
}

/** Takes the next waiting rows of a store, where the batch runs. */
const takeRows = (sql: Sql, now: () => number, id: string, store: string, limit: number): Row[] => {
  if (findBatch(sql, id)?.status !== 'running') return []
  const taken = waitingRows(sql, id, store, limit).map((found): Row => {
    return { ...toRow(found), phase: 'taken', at: now() }
  })
  for (const row of taken) writeRow(sql, row)
  return taken
}

const listBatches = (sql: Sql, { caller, limit, after }: BatchQuery): Batch[] => {
  const conditions: Condition[] = [
    ...when(caller !== null, ['caller = ?', caller]),
    ...when(after !== undefined, ['id < ?', after as string]),
  ]
  return sql
    .all(
      `select version, body from batches ${where(conditions)} order by id desc limit ?`,
      ...valuesOf(conditions),
      limit,
    )
    .map(toBatch)
}

/** Opens the batches of a migrated database. */
export const openSqlBatches = (sql: Sql, now: () => number, retention: Retention): BatchLedger => {
  const store: BatchStore = {
    keys: openSqlKeys(sql, now, retention, (id) => findBatch(sql, id)),
    insert(batch, rows) {
      insertBatch(sql, batch)
      insertRows(sql, batch, rows)
    },
  }
  return {
    create: (batch, rows, key) => sql.commit(() => createIn(store, batch, rows, key)),
    get: async (id) => findBatch(sql, id),
    save: (next) => sql.commit(() => saveBatch(sql, next)),
    // Asked before, because it is asked often and a transaction costs a write.
    finish: async (next, owed = []) =>
      isAtRest(sql, next.id) ? sql.commit(() => finishBatch(sql, next, owed)) : null,
    list: async (query) => listBatches(sql, query),
    unfinished: async () =>
      sql
        .all('select version, body from batches where finished_at is null order by id')
        .map(toBatch),
    rows: async (id, query) => readRows(sql, id, query),
    take: async (id, name, limit) =>
      // Asked before, for the same reason.
      waitingRows(sql, id, name, limit).length === 0
        ? []
        : sql.commit(() => takeRows(sql, now, id, name, limit)),
    open: async (name) => openRows(sql, name),
    saveRows: (rows) => sql.commit(() => rows.forEach((row) => writeRow(sql, row))),
    rewrite: (rows) => sql.commit(() => rows.forEach((row) => rewriteRow(sql, row))),
    setWaiting: (id, state) => setWaitingRows(sql, id, state),
    tallies: async (id) => talliesOf(sql, id),
    recent: async (name, limit) => recentTimes(sql, name, limit),
    sweep: () => sweepBatches(sql, retention, now()),
  }
}
