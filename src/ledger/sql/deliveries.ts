/** Deliveries in SQL: what webhooks are owed, beside the records that they are told of. */
import {
  afterOwing,
  afterReplay,
  afterTrying,
  type Delivery,
  type DeliveryState,
  type EventType,
  type Health,
  type Owed,
} from '../../model/delivery.ts'
import type { DeliveryLedger, Pending } from '../port.ts'
import { nextTurnOfLoop, type ResultRow, type Sql } from './database.ts'
import { forgetDeliveries } from './retention.ts'

const toDelivery = (found: ResultRow): Delivery => ({
  webhook: found['webhook'] as string,
  subject: found['subject'] as string,
  revision: found['revision'] as number,
  type: found['type'] as EventType,
  body: found['body'] as string,
  at: found['at'] as number,
  state: found['state'] as DeliveryState,
  tries: found['tries'] as number,
  triedAt: found['tried_at'] as number | null,
  lastResult: found['last_result'] as string | null,
  deliveredAt: found['delivered_at'] as number | null,
})

const find = (sql: Sql, { subject, webhook }: Pick<Owed, 'subject' | 'webhook'>) => {
  const [found] = sql.all(
    'select * from deliveries where subject = ? and webhook = ?',
    subject,
    webhook,
  )
  return found ? toDelivery(found) : null
}

/** Writes a row, where there is anything to write; whether there was. */
const put = (sql: Sql, row: Delivery | null): boolean => {
  if (!row) return false
  sql.run(
    'insert or replace into deliveries (subject, webhook, revision, type, body, at, state, ' +
      'tries, tried_at, last_result, delivered_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    row.subject,
    row.webhook,
    row.revision,
    row.type,
    row.body,
    row.at,
    row.state,
    row.tries,
    row.triedAt,
    row.lastResult,
    row.deliveredAt,
  )
  return true
}

/** Writes what a try changed of a row, where it did: its body stays where it is. */
const putTried = (sql: Sql, row: Delivery | null): boolean => {
  if (!row) return false
  sql.run(
    'update deliveries set state = ?, tries = ?, tried_at = ?, last_result = ?, delivered_at = ? ' +
      'where subject = ? and webhook = ?',
    row.state,
    row.tries,
    row.triedAt,
    row.lastResult,
    row.deliveredAt,
    row.subject,
    row.webhook,
  )
  return true
}

/** Writes what is owed, in the transaction of what it tells of. */
export const oweRows = (sql: Sql, owed: readonly Owed[]): void => {
  for (const one of owed) put(sql, afterOwing(find(sql, one), one))
}

/** Writes the bodies of rows anew, where they are of the same revision still. */
const rewriteRows = (sql: Sql, rows: readonly Delivery[]): void => {
  for (const { body, subject, webhook, revision } of rows)
    sql.run(
      'update deliveries set body = ? where subject = ? and webhook = ? and revision = ?',
      body,
      subject,
      webhook,
      revision,
    )
}

const owedTo = (sql: Sql, webhook: string, limit: number): Delivery[] =>
  sql
    .all(
      "select * from deliveries where webhook = ? and state = 'owed' order by tried_at, at, " +
        'subject limit ?',
      webhook,
      limit,
    )
    .map(toDelivery)

/** By an index that has the oldest first. */
const pendingOf = (sql: Sql, webhook: string, most = -1): Pending => {
  const [found] = sql.all(
    'select count(*) as pending, min(at) as oldest from (select at from deliveries where ' +
      "webhook = ? and state = 'owed' order by at limit ?)",
    webhook,
    most,
  )
  return {
    pending: found?.['pending'] as number,
    oldestPendingAt: found?.['oldest'] as number | null,
  }
}

/** Rows that are owed again by one transaction: nobody else is served meanwhile. */
const REPLAYED_AT_ONCE = 100

/** Goes by change, so that what is delivered again meanwhile is not met a second time. */
const replayTold = async (
  sql: Sql,
  state: DeliveryState,
  webhook: string,
  since: number,
  until: number,
): Promise<number> => {
  let [at, subject, count] = [since, '', 0]
  for (;;) {
    const told = await sql.commit(() => {
      const found = sql.all(
        'select * from deliveries where webhook = ? and state = ? and (at, subject) > (?, ?) and ' +
          'at <= ? order by at, subject limit ?',
        webhook,
        state,
        at,
        subject,
        until,
        REPLAYED_AT_ONCE,
      )
      for (const row of found) put(sql, afterReplay(toDelivery(row)))
      return found.map(toDelivery)
    })
    count += told.length
    const last = told.at(-1)
    if (!last || told.length < REPLAYED_AT_ONCE) return count
    ;({ at, subject } = last)
    await nextTurnOfLoop()
  }
}

const findHealth = (sql: Sql, webhook: string): Health | null => {
  const [found] = sql.all('select body from webhooks where name = ?', webhook)
  return found ? (JSON.parse(found['body'] as string) as Health) : null
}

const saveHealth = (sql: Sql, webhook: string, next: Health): Health | null => {
  if ((findHealth(sql, webhook)?.version ?? 0) !== next.version) return null
  const saved = { ...next, version: next.version + 1 }
  sql.run(
    'insert or replace into webhooks (name, next_at, body) values (?, ?, ?)',
    webhook,
    saved.enabled ? saved.nextAt : null,
    JSON.stringify(saved),
  )
  return saved
}

/** Every webhook that has a row: a walk from one to the next along an index. */
const WEBHOOKS_WITH_ROWS = `with recursive found(webhook) as (
    select min(webhook) from deliveries
    union all
    select (select min(webhook) from deliveries where webhook > found.webhook) from found
    where found.webhook is not null)`

/**
 * When the first webhook is to be told what it is owed; one of which nothing is known, at once, one
 * that is switched off, never.
 */
export const nextDeliveryAt = ({ all }: Pick<Sql, 'all'>): number =>
  Number(
    all(
      `${WEBHOOKS_WITH_ROWS}
      select min(iif(name is null, 0, next_at)) as at
      from found left join webhooks on name = webhook
      where exists (select 1 from deliveries where webhook = found.webhook and state = 'owed')`,
    )[0]?.['at'] ?? Infinity,
  )

/** Opens the deliveries of a migrated database. */
export const openSqlDeliveries = (sql: Sql): DeliveryLedger => ({
  owe: (owed) => sql.commit(() => oweRows(sql, owed)),
  next: async (webhook, limit) => owedTo(sql, webhook, limit),
  settle: (sent, state, result, at) =>
    sql.commit(() => putTried(sql, afterTrying(find(sql, sent), sent, state, result, at))),
  rewrite: (rows) => sql.commit(() => rewriteRows(sql, rows)),
  of: async (subject) =>
    sql.all('select * from deliveries where subject = ? order by webhook', subject).map(toDelivery),
  owedOf: async (webhook, most) => pendingOf(sql, webhook, most),
  async replay(webhook, since, until) {
    const delivered = await replayTold(sql, 'delivered', webhook, since, until)
    return delivered + (await replayTold(sql, 'failed', webhook, since, until))
  },
  health: async (webhook) => findHealth(sql, webhook),
  saveHealth: (webhook, next) => sql.commit(() => saveHealth(sql, webhook, next)),
  webhooks: async () =>
    sql
      .all(
        `${WEBHOOKS_WITH_ROWS}
        select webhook from found where webhook is not null union select name from webhooks`,
      )
      .map(({ webhook }) => webhook as string),
  forget: (webhook) => forgetDeliveries(sql, webhook),
})
