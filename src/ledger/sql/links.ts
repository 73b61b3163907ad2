/** Links in SQL: which orders are one sale, and which of the links are due for a look. */
import type { Owed } from '../../model/delivery.ts'
import type { Link } from '../../model/link.ts'
import type { LinkLedger, LinkQuery } from '../port.ts'
import { type Condition, valuesOf, when, where } from './conditions.ts'
import type { ResultRow, Sql } from './database.ts'
import { oweRows } from './deliveries.ts'

/** Columns are the truth for what they hold: a record's write moves them and leaves the body. */
const COLUMNS = 'version, due_at, body'

const toLink = (found: ResultRow): Link => ({
  ...(JSON.parse(found['body'] as string) as Link),
  version: found['version'] as number,
  dueAt: found['due_at'] as number | null,
})

const find = (sql: Sql, name: string): Link | null => {
  const [found] = sql.all(`select ${COLUMNS} from links where name = ?`, name)
  return found ? toLink(found) : null
}

const nameOf = (sql: Sql, store: string, orderId: string): string | undefined =>
  sql.all('select name from link_members where store = ? and order_id = ?', store, orderId)[0]?.[
    'name'
  ] as string | undefined

/** Makes the link of an order due, in the transaction of what was written of that order. */
export const touchLink = (
  sql: Sql,
  { store, orderId }: { readonly store: string; readonly orderId: string },
  now: number,
): void =>
  sql.run(
    'update links set version = version + 1, due_at = min(coalesce(due_at, ?), ?) where name = ' +
      '(select name from link_members where store = ? and order_id = ?)',
    now,
    now,
    store,
    orderId,
  )

const insertMembers = (sql: Sql, { name, status, members }: Link): void => {
  for (const { store, orderId } of members)
    sql.run(
      'insert into link_members (store, order_id, name, status) values (?, ?, ?, ?)',
      store,
      orderId,
      name,
      status,
    )
}

/** Writes members anew where they, or the status that they have, became others. */
const saveMembers = (sql: Sql, current: Link | null, saved: Link): void => {
  const placesOf = ({ status, members }: Link) =>
    JSON.stringify([status, members.map(({ store, orderId }) => [store, orderId])])
  if (current && placesOf(current) === placesOf(saved)) return
  sql.run('delete from link_members where name = ?', saved.name)
  insertMembers(sql, saved)
}

/** The highest version of a link that is gone. */
const spentOf = (sql: Sql): number =>
  Number(sql.all("select value from meta where name = 'links'")[0]?.['value'])

const saveLink = (
  sql: Sql,
  next: Link,
  owed: readonly Owed[],
): Awaited<ReturnType<LinkLedger['save']>> => {
  const current = find(sql, next.name)
  if ((current?.version ?? 0) !== next.version) return 'stale'
  for (const { store, orderId } of next.members) {
    const taken = nameOf(sql, store, orderId)
    if (taken !== undefined && taken !== next.name) return { taken }
  }
  const saved = { ...next, version: (current?.version ?? spentOf(sql)) + 1 }
  sql.run(
    'insert into links (name, version, status, due_at, body) values (?, ?, ?, ?, ?) on conflict ' +
      'do update set version = excluded.version, status = excluded.status, due_at = ' +
      'excluded.due_at, body = excluded.body',
    saved.name,
    saved.version,
    saved.status,
    saved.dueAt,
    JSON.stringify(saved),
  )
  saveMembers(sql, current, saved)
  oweRows(sql, owed)
  return saved
}

const listLinks = (sql: Sql, { store, orderId, status, limit, after = '' }: LinkQuery): Link[] => {
  const isOfMember = store !== undefined || orderId !== undefined
  const conditions: Condition[] = [
    ...when(store !== undefined, ['store = ?', store as string]),
    ...when(orderId !== undefined, ['order_id = ?', orderId as string]),
    ...when(status !== undefined, ['status = ?', status as string]),
    ['name > ?', after],
  ]
  const found = `select distinct name from ${isOfMember ? 'link_members' : 'links'}
    ${where(conditions)} order by name limit ?`
  return sql
    .all(
      `select ${COLUMNS} from links where name in (${found}) order by name`,
      ...valuesOf(conditions),
      limit,
    )
    .map(toLink)
}

/** Opens the links of a migrated database. */
export const openSqlLinks = (sql: Sql, now: () => number): LinkLedger => ({
  get: async (name) => find(sql, name),
  async of(store, orderId) {
    const name = nameOf(sql, store, orderId)
    return name === undefined ? null : find(sql, name)
  },
  save: (next, owed = []) => sql.commit(() => saveLink(sql, next, owed)),
  delete: ({ name, version }) =>
    sql.commit(
      () =>
        sql.all('delete from links where name = ? and version = ? returning name', name, version)
          .length === 1,
    ),
  list: async (query) => listLinks(sql, query),
  count: async (status, most) =>
    Number(
      sql.all(
        'select count(*) as count from (select 1 from links where status = ? limit ?)',
        status,
        most,
      )[0]?.['count'],
    ),
  due: async (limit) =>
    sql
      .all(
        `select ${COLUMNS} from links where due_at <= ? order by due_at, name limit ?`,
        now(),
        limit,
      )
      .map(toLink),
})
