/** Records in SQL: how one is read, written, and found by the guard of its order. */
import { awaitsApproval } from '../../model/approval.ts'
import type { Noted } from '../../model/audit.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import type { Owed } from '../../model/delivery.ts'
import type { Lease } from '../port.ts'
import { doubtSince, guard, guardOf, guardsOf, parseRecord } from '../rules.ts'
import { noteRow } from './audit.ts'
import type { ResultRow, Sql } from './database.ts'
import { oweRows } from './deliveries.ts'
import { endLease, holds } from './leases.ts'
import { touchLink } from './links.ts'

/** Columns are the truth for what they hold: a lease moves the wake-up and leaves the body. */
export const COLUMNS = 'version, wake_at, body'

export const toRecord = (row: ResultRow): Cancellation =>
  parseRecord(row['body'] as string, {
    version: row['version'] as number,
    wakeAt: row['wake_at'] as number | null,
  })

export const findRecord = (sql: Sql, id: string): Cancellation | null => {
  const [row] = sql.all(`select ${COLUMNS} from cancellations where id = ?`, id)
  return row ? toRecord(row) : null
}

/** Reads records that are there, in the order of their ids' list. */
export const readRecords = (sql: Sql, ids: readonly string[]): Cancellation[] => {
  if (ids.length === 0) return []
  const found = new Map(
    sql
      .all(
        `select id, ${COLUMNS} from cancellations where id in (select value from json_each(?))`,
        JSON.stringify(ids),
      )
      .map((row) => [row['id'], toRecord(row)]),
  )
  return ids.map((id) => found.get(id) as Cancellation)
}

const OPEN_OF_GUARD =
  'select id from cancellations indexed by by_guard where guard = ? and settled_at is null'

const AMONG_SUCCEEDED =
  'from cancellations indexed by by_success where guard = ? and settled_at is not null and ' +
  "status <> 'rejected' and reopened_at is null"
/** A record of an earlier version has no message in its column, so it may be of any. */
const SUCCEEDED_OF_GUARD = `select id ${AMONG_SUCCEEDED}
  and (message is null or message = ?
    or id = (select id ${AMONG_SUCCEEDED} order by created_at desc, id desc limit 1))`

/**
 * Finds what the guard's rule can come upon, the oldest first: of the records of one target and
 * order those that are open; and of those that succeeded and are not open again, unless they are
 * transfers, the last and those with the same message. With another message the wishes differ, and
 * of these the last is enough.
 */
export const earlierRecords = (sql: Sql, record: Cancellation): Cancellation[] => {
  const { target, message } = record.request
  const found = guardsOf(record).flatMap((guarded) => [
    ...sql.all(OPEN_OF_GUARD, guarded),
    ...(target === 'transfer' ? [] : sql.all(SUCCEEDED_OF_GUARD, guarded, message, guarded)),
  ])
  return readRecords(
    sql,
    found.map((row) => row['id'] as string),
  ).sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
}

/** Of the few that wait for somebody's approval; null: it does not. */
const approvalOf = (record: Cancellation): 'awaited' | null =>
  awaitsApproval(record) ? 'awaited' : null

export const insertRecord = (sql: Sql, draft: Cancellation, now: number): void => {
  sql.run(
    'insert into cancellations (id, version, guard, store, order_id, status, reference, ' +
      'batch, message, origin, link, reopened_at, approval, created_at, updated_at, settled_at, ' +
      'wake_at, body) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    draft.id,
    draft.version,
    guardOf(draft),
    draft.request.store,
    draft.request.orderId,
    draft.status,
    draft.request.reference,
    draft.batchId,
    draft.request.message,
    draft.origin ?? null,
    draft.link ?? null,
    draft.reopenedAt ?? null,
    approvalOf(draft),
    draft.createdAt,
    draft.updatedAt,
    draft.settledAt,
    draft.wakeAt,
    JSON.stringify(draft),
  )
  touchLink(sql, draft.request, now)
}

/** Writes the next state of a record, in a transaction; as the port's `save` says. */
export const saveRecord = (
  sql: Sql,
  now: number,
  next: Cancellation,
  lease?: Lease,
  keepUntil?: number,
  owed: readonly Owed[] = [],
  noted?: Noted,
): Cancellation | null => {
  const [current] = sql.all(
    'select version, status, settled_at, doubt_since, link, reopened_at, approval, reference, ' +
      'message from ' +
      'cancellations where id = ?',
    next.id,
  )
  if (current?.['version'] !== next.version || (lease && !holds(sql, lease))) return null
  if (current['status'] === 'rejected' && guard(next, earlierRecords(sql, next)) !== null)
    return null
  const saved = { ...next, version: next.version + 1 }
  // A column that is set is written anew in every index that has it, though it stays the same.
  const changed = Object.entries({
    status: saved.status,
    settled_at: saved.settledAt,
    doubt_since: doubtSince(saved),
    link: saved.link ?? null,
    reopened_at: saved.reopenedAt ?? null,
    approval: approvalOf(saved),
    // Only an erasure changes these. What an earlier version wrote has no message here.
    reference: saved.request.reference,
    message: current['message'] === null ? null : saved.request.message,
  }).filter(([column, value]) => current[column] !== value)
  sql.run(
    'update cancellations set version = ?, updated_at = ?, wake_at = ?, body = ' +
      `?${changed.map(([column]) => `, ${column} = ?`).join('')} where id = ?`,
    saved.version,
    saved.updatedAt,
    saved.wakeAt,
    JSON.stringify(saved),
    ...changed.map(([, value]) => value),
    saved.id,
  )
  oweRows(sql, owed)
  noteRow(sql, noted)
  touchLink(sql, saved.request, now)
  if (lease) endLease(sql, lease, keepUntil)
  return saved
}
