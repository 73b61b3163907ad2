/** What the SQL ledger deletes when its time is over: in portions, each its own transaction. */
import type { Retention } from '../retention.ts'
import { nextTurnOfLoop, type Sql, type Value } from './database.ts'

/** How many rows are deleted at once: nobody else is served meanwhile. */
const PORTION = 50

/** Deletes what a statement finds, its last value being how many at once. */
const inPortions = async (sql: Sql, statement: string, ...values: Value[]): Promise<void> => {
  while ((await sql.commit(() => sql.all(statement, ...values, PORTION))).length === PORTION)
    await nextTurnOfLoop()
}

export const sweepKeysAndLeases = async (
  sql: Sql,
  { keysMs }: Retention,
  now: number,
): Promise<void> => {
  await inPortions(
    sql,
    'delete from keys where scope in (select scope from keys where expires_at <= ? limit ?) ' +
      'returning 1',
    now,
  )
  // Bound when they were to live longer.
  await inPortions(
    sql,
    'update keys set expires_at = ? where scope in (select scope from keys where expires_at > ? ' +
      'limit ?) returning 1',
    now + keysMs,
    now + keysMs,
  )
  await inPortions(
    sql,
    'delete from leases where key in (select key from leases where until <= ? limit ?) returning 1',
    now,
  )
}

export const sweepRecords = (sql: Sql, { recordsMs }: Retention, now: number): Promise<void> =>
  inPortions(
    sql,
    'delete from cancellations where id in (select id from cancellations where settled_at ' +
      '<= ? limit ?) returning 1',
    now - recordsMs,
  )

export const sweepNotices = (sql: Sql, now: number): Promise<void> =>
  inPortions(
    sql,
    'delete from notices where (store, order_id) in (select store, order_id from notices where ' +
      'kept_until <= ? limit ?) returning 1',
    now,
  )

/** Deletes the rows of a webhook, and its health last: until then it is known by name. */
export const forgetDeliveries = async (sql: Sql, webhook: string): Promise<void> => {
  await inPortions(
    sql,
    'delete from deliveries where (subject, webhook) in (select subject, webhook from ' +
      'deliveries where webhook = ? limit ?) returning 1',
    webhook,
  )
  await sql.commit(() => sql.run('delete from webhooks where name = ?', webhook))
}

/**
 * Deletes batches and, after them, their rows: a batch goes at once, so that none is seen with some
 * of its rows only, and what is left of it is known by name, also after a crash.
 */
export const sweepBatches = async (
  sql: Sql,
  { recordsMs }: Retention,
  now: number,
): Promise<void> => {
  const until = now - recordsMs
  await sql.commit(() => {
    sql.run(
      "insert into meta (name, value) select 'forgotten ' || id, 0 from batches where " +
        'finished_at <= ?',
      until,
    )
    sql.run('delete from batches where finished_at <= ?', until)
  })
  for (const { name, id } of sql.all(
    "select name, substr(name, 11) as id from meta where name > 'forgotten ' and name < " +
      "'forgotten!'",
  )) {
    await inPortions(
      sql,
      'delete from batch_rows where batch = ? and number in (select number from batch_rows ' +
        'where batch = ? limit ?) returning 1',
      id as string,
      id as string,
    )
    await sql.commit(() => {
      sql.run('delete from batch_tallies where batch = ?', id as string)
      sql.run('delete from meta where name = ?', name as string)
    })
  }
}
