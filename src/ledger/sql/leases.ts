/** Leases in SQL: who may work on what a lock key stands for, and until when. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { Lease } from '../port.ts'
import { BUSY_RETRY_MS } from '../rules.ts'
import type { ResultRow, Sql } from './database.ts'

export const holds = (sql: Sql, { key, epoch }: Lease): boolean =>
  sql.all('select 1 from leases where key = ? and epoch = ?', key, epoch).length === 1

/** Ends a lease that is held, or keeps it until a time. */
export const endLease = (sql: Sql, { key }: Lease, keepUntil: number | undefined): void => {
  if (keepUntil === undefined) sql.run('delete from leases where key = ?', key)
  else sql.run('update leases set until = ? where key = ?', keepUntil, key)
}

export const releaseLease = (sql: Sql, { key, epoch }: Lease): void =>
  sql.run('delete from leases where key = ? and epoch = ?', key, epoch)

/** Moves a record's wake-up; false where somebody wrote the record meanwhile. */
const wake = (sql: Sql, { id, version }: Cancellation, at: number): boolean =>
  sql.all(
    'update cancellations set wake_at = ? where id = ? and version = ? returning id',
    at,
    id,
    version,
  ).length === 1

const findHeld = (sql: Sql, lockKey: string, now: number): ResultRow | undefined =>
  sql.all('select until from leases where key = ? and until > ?', lockKey, now)[0]

const give = (sql: Sql, lockKey: string, until: number): Lease => {
  const [counter] = sql.all(
    "update meta set value = value + 1 where name = 'epoch' returning value",
  )
  const epoch = counter?.['value'] as number
  sql.run(
    'insert or replace into leases (key, epoch, until) values (?, ?, ?)',
    lockKey,
    epoch,
    until,
  )
  return { key: lockKey, epoch, until }
}

/** Takes a lease that no record waits for, in a transaction; as the port's `hold` says. */
export const holdLease = (sql: Sql, now: number, name: string, ttlMs: number): Lease | null =>
  findHeld(sql, name, now) ? null : give(sql, name, now + ttlMs)

/** Takes a lease, in a transaction; as the port's `lease` says. */
export const takeLease = (
  sql: Sql,
  now: () => number,
  record: Cancellation,
  lockKey: string,
  ttlMs: number,
): Lease | 'busy' | 'stale' => {
  const held = findHeld(sql, lockKey, now())
  if (held) {
    const retryAt = Math.min(held['until'] as number, now() + BUSY_RETRY_MS)
    return wake(sql, record, retryAt) ? 'busy' : 'stale'
  }
  const until = now() + ttlMs
  return wake(sql, record, until) ? give(sql, lockKey, until) : 'stale'
}
