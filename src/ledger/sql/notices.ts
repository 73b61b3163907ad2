/** Notices in SQL: which orders of a store are due for a look, and what is known of listening. */
import type { Owed } from '../../model/delivery.ts'
import {
  afterHearing,
  type Heard,
  type Hearing,
  keptUntil,
  type Notice,
  type Watch,
} from '../../model/notice.ts'
import { type Listening, MOST_WAITING, type NoticeLedger } from '../port.ts'
import type { ResultRow, Sql } from './database.ts'
import { oweRows } from './deliveries.ts'
import { sweepNotices } from './retention.ts'

const toNotice = (found: ResultRow): Notice => JSON.parse(found['body'] as string) as Notice

const find = (sql: Sql, store: string, orderId: string): Notice | null => {
  const [found] = sql.all(
    'select body from notices where store = ? and order_id = ?',
    store,
    orderId,
  )
  return found ? toNotice(found) : null
}

/** Writes a row over the one that is there: not in its place, or what is counted would be wrong. */
const put = (sql: Sql, row: Notice): void => {
  const kept = keptUntil(row)
  sql.run(
    'insert into notices (store, order_id, version, heard_at, due_at, kept_until, body) values ' +
      '(?, ?, ?, ?, ?, ?, ?) on conflict do update set version = excluded.version, heard_at = ' +
      'excluded.heard_at, due_at = excluded.due_at, kept_until = excluded.kept_until, body = ' +
      'excluded.body',
    row.store,
    row.orderId,
    row.version,
    row.heardAt,
    row.dueAt,
    kept === Infinity ? null : kept,
    JSON.stringify(row),
  )
}

const listeningOf = (sql: Sql, store: string): ResultRow | undefined =>
  sql.all('select last_at, waiting, spent, watch from listening where store = ?', store)[0]

/** Takes what was heard of one order; a new row goes on from the versions that are spent. */
const take = (sql: Sql, heard: Heard, spent: number): Hearing => {
  const next = afterHearing(find(sql, heard.store, heard.orderId), heard, spent)
  if (next) put(sql, next)
  return next ? 'due' : 'echo'
}

const hear = (sql: Sql, heard: readonly Heard[]): Hearing[] | null => {
  const [first] = heard
  if (!first) return []
  const { waiting = 0, spent = 0 } = listeningOf(sql, first.store) ?? {}
  if (Number(waiting) + heard.length > MOST_WAITING) return null
  sql.run(
    'insert into listening (store, last_at) values (?, ?) on conflict do update set last_at = ' +
      'coalesce(excluded.last_at, last_at)',
    first.store,
    first.by === 'webhook' ? first.at : null,
  )
  return heard.map((one) => take(sql, one, Number(spent)))
}

const dueNotices = (sql: Sql, store: string, now: number, most: number): Notice[] =>
  sql
    .all(
      'select body from notices where store = ? and due_at <= ? order by due_at, order_id limit ?',
      store,
      now,
      most,
    )
    .map(toNotice)

const settle = (sql: Sql, read: Notice, next: Notice | null): boolean => {
  const { store, orderId, version } = read
  if (find(sql, store, orderId)?.version !== version) return false
  if (next) put(sql, { ...next, version: version + 1 })
  else sql.run('delete from notices where store = ? and order_id = ?', store, orderId)
  return true
}

const listened = (sql: Sql, store: string): Listening => {
  const found = listeningOf(sql, store)
  const [oldest] = sql.all(
    'select min(heard_at) as at from notices where store = ? and heard_at is not null',
    store,
  )
  return {
    lastAt: (found?.['last_at'] ?? null) as number | null,
    waiting: Number(found?.['waiting'] ?? 0),
    oldestAt: (oldest?.['at'] ?? null) as number | null,
  }
}

const findWatch = (sql: Sql, store: string): Watch | null => {
  const text = (listeningOf(sql, store)?.['watch'] ?? null) as string | null
  return text === null ? null : (JSON.parse(text) as Watch)
}

const saveWatch = (sql: Sql, store: string, next: Watch, owed: readonly Owed[]): Watch | null => {
  if ((findWatch(sql, store)?.version ?? 0) !== next.version) return null
  const saved = { ...next, version: next.version + 1 }
  sql.run(
    'insert into listening (store, watch) values (?, ?) on conflict do update set watch = ' +
      'excluded.watch',
    store,
    JSON.stringify(saved),
  )
  oweRows(sql, owed)
  return saved
}

/** Opens the notices of a migrated database. */
export const openSqlNotices = (sql: Sql, now: () => number): NoticeLedger => ({
  hear: (heard) => sql.commit(() => hear(sql, heard)),
  due: async (stores, each) => stores.flatMap((store) => dueNotices(sql, store, now(), each)),
  settle: (read, next) => sql.commit(() => settle(sql, read, next)),
  get: async (store, orderId) => find(sql, store, orderId),
  of: async (store) => listened(sql, store),
  watch: async (store) => findWatch(sql, store),
  saveWatch: (store, next, owed = []) => sql.commit(() => saveWatch(sql, store, next, owed)),
  sweep: () => sweepNotices(sql, now()),
})
