/** Links in PostgreSQL: which orders are one sale, and which of the links are due for a look. */
import type { Owed } from '../../model/delivery.ts'
import type { Link } from '../../model/link.ts'
import type { LinkLedger, LinkQuery } from '../port.ts'
import { oweIn, subjectLocks } from './deliveries.ts'
import { type Condition, type PostgresDeps, valuesOf, when, where } from './deps.ts'
import { ask, askEach, lockOf, type ResultRow, run, statement, type Work } from './work.ts'

/** Columns are the truth for what they hold: a record's write moves them and leaves the body. */
const COLUMNS = 'version, due_at, body'

const toLink = (found: ResultRow): Link => ({
  ...(JSON.parse(found['body'] as string) as Link),
  version: found['version'] as number,
  dueAt: found['due_at'] as number | null,
})

/**
 * Makes the link of an order due, in the transaction of what was written of that order; its name is
 * not known before, so the link's row itself is what whoever saves the link waits for.
 */
export function* touchLink(
  { store, orderId }: { readonly store: string; readonly orderId: string },
  now: number,
): Work<void> {
  yield* run(
    'update @links set version = version + 1, due_at = least(due_at, ?) where name = ' +
      '(select name from @link_members where store = ? and order_id = ?)',
    now,
    store,
    orderId,
  )
}

/** Writes members anew where they, or the status that they have, became others. */
function* saveMembers(current: Link | null, saved: Link): Work<void> {
  const placesOf = ({ status, members }: Link) =>
    JSON.stringify([status, members.map(({ store, orderId }) => [store, orderId])])
  if (current && placesOf(current) === placesOf(saved)) return
  yield* run('delete from @link_members where name = ?', saved.name)
  yield* run(
    'insert into @link_members (store, order_id, name, status) select store, order_id, ?, ? from ' +
      'unnest(?::text[], ?::text[]) as members(store, order_id)',
    saved.name,
    saved.status,
    saved.members.map(({ store }) => store),
    saved.members.map(({ orderId }) => orderId),
  )
}

function* saveLink(
  next: Link,
  owed: readonly Owed[],
): Work<Awaited<ReturnType<LinkLedger['save']>>> {
  const [rows = [], taken = [], spent = []] = yield* askEach(
    statement(`select ${COLUMNS} from @links where name = ? for update`, next.name),
    statement(
      'select taken.name from unnest(?::text[], ?::text[]) with ordinality as asked(store, ' +
        'order_id, number) join @link_members as taken using (store, order_id) where ' +
        'taken.name <> ? order by number limit 1',
      next.members.map(({ store }) => store),
      next.members.map(({ orderId }) => orderId),
      next.name,
    ),
    // The highest version of a link that is gone.
    statement("select value from @meta where name = 'links'"),
  )
  const current = rows[0] ? toLink(rows[0]) : null
  if ((current?.version ?? 0) !== next.version) return 'stale'
  if (taken[0]) return { taken: taken[0]['name'] as string }
  const saved = { ...next, version: (current?.version ?? Number(spent[0]?.['value'])) + 1 }
  yield* run(
    'insert into @links (name, version, status, due_at, body) values (?, ?, ?, ?, ?) on conflict ' +
      '(name) do update set version = excluded.version, status = excluded.status, due_at = ' +
      'excluded.due_at, body = excluded.body',
    saved.name,
    saved.version,
    saved.status,
    saved.dueAt,
    JSON.stringify(saved),
  )
  yield* saveMembers(current, saved)
  yield* oweIn(owed)
  return saved
}

function* deleteLink({ name, version }: Link): Work<boolean> {
  const gone = yield* ask(
    'delete from @links where name = ? and version = ? returning name',
    name,
    version,
  )
  if (gone.length === 0) return false
  yield* run('delete from @link_members where name = ?', name)
  yield* run("update @meta set value = greatest(value, ?) where name = 'links'", version)
  return true
}

const listLinks = async (
  { read }: PostgresDeps,
  { store, orderId, status, limit, after = '' }: LinkQuery,
): Promise<Link[]> => {
  const isOfMember = store !== undefined || orderId !== undefined
  const conditions: Condition[] = [
    ...when(store !== undefined, ['store = ?', store as string]),
    ...when(orderId !== undefined, ['order_id = ?', orderId as string]),
    ...when(status !== undefined, ['status = ?', status as string]),
    ['name > ?', after],
  ]
  const found = `select distinct name from ${isOfMember ? '@link_members' : '@links'}
    ${where(conditions)} order by name limit ?`
  const rows = await read(
    `select ${COLUMNS} from @links where name in (${found}) order by name`,
    ...valuesOf(conditions),
    limit,
  )
  return rows.map(toLink)
}

/** Opens the links of a migrated schema. */
export const openPostgresLinks = (deps: PostgresDeps): LinkLedger => {
  const { read, commit, now } = deps
  return {
    async get(name) {
      const [found] = await read(`select ${COLUMNS} from @links where name = ?`, name)
      return found ? toLink(found) : null
    },
    async of(store, orderId) {
      const [found] = await read(
        `select ${COLUMNS} from @links where name = (select name from @link_members where ` +
          'store = ? and order_id = ?)',
        store,
        orderId,
      )
      return found ? toLink(found) : null
    },
    save: (next, owed = []) =>
      commit(
        [
          lockOf.link(next.name),
          ...next.members.map(({ store, orderId }) => lockOf.member(store, orderId)),
          ...subjectLocks(owed),
        ],
        () => saveLink(next, owed),
      ),
    delete: (link) => commit([lockOf.link(link.name)], () => deleteLink(link)),
    list: (query) => listLinks(deps, query),
    async count(status, most) {
      const [found] = await read(
        'select count(*)::int as count from (select 1 from @links where status = ? limit ?) ' +
          'as found',
        status,
        most,
      )
      return found?.['count'] as number
    },
    due: async (limit) =>
      (
        await read(
          `select ${COLUMNS} from @links where due_at <= ? order by due_at, name limit ?`,
          now(),
          limit,
        )
      ).map(toLink),
  }
}
