/**
 * Notices in PostgreSQL: which orders of a store are due for a look, and what is known of
 * listening. All that is written of a store's notices is written under the store's lock.
 */
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
import { oweIn, subjectLocks } from './deliveries.ts'
import type { PostgresDeps } from './deps.ts'
import { sweepNotices } from './retention.ts'
import { ask, askEach, lockOf, type ResultRow, run, statement, type Work } from './work.ts'

const toNotice = (found: ResultRow): Notice => JSON.parse(found['body'] as string) as Notice

function* put(rows: readonly Notice[]): Work<void> {
  const keptOf = (row: Notice) => (keptUntil(row) === Infinity ? null : keptUntil(row))
  yield* run(
    'insert into @notices (store, order_id, version, heard_at, due_at, kept_until, body) select ' +
      '* from unnest(?::text[], ?::text[], ?::float8[], ?::float8[], ?::float8[], ?::float8[], ' +
      '?::text[]) on conflict (store, order_id) do update set version = excluded.version, ' +
      'heard_at = excluded.heard_at, due_at = excluded.due_at, kept_until = ' +
      'excluded.kept_until, body = excluded.body',
    rows.map(({ store }) => store),
    rows.map(({ orderId }) => orderId),
    rows.map(({ version }) => version),
    rows.map(({ heardAt }) => heardAt),
    rows.map(({ dueAt }) => dueAt),
    rows.map(keptOf),
    rows.map((row) => JSON.stringify(row)),
  )
}

/** Counts those that wait anew, and the versions that are spent. */
function* count(store: string, moved: number, spent: number): Work<void> {
  if (moved !== 0 || spent !== 0)
    yield* run(
      'update @listening set waiting = waiting + ?::int, spent = greatest(spent, ?) where ' +
        'store = ?',
      moved,
      spent,
      store,
    )
}

const isWaiting = (row: Notice | null | undefined): number =>
  (row?.dueAt ?? null) === null ? 0 : 1

function* hear(heard: readonly Heard[], store: string): Work<Hearing[] | null> {
  const [listening = [], found = []] = yield* askEach(
    statement('select waiting, spent from @listening where store = ?', store),
    statement(
      'select body from @notices where (store, order_id) in (select * from unnest(?::text[], ' +
        '?::text[]))',
      heard.map((one) => one.store),
      heard.map(({ orderId }) => orderId),
    ),
  )
  const { waiting = 0, spent = 0 } = listening[0] ?? {}
  if (Number(waiting) + heard.length > MOST_WAITING) return null
  const [first] = heard
  yield* run(
    'insert into @listening as known (store, last_at) values (?, ?) on conflict (store) do ' +
      'update set last_at = coalesce(excluded.last_at, known.last_at)',
    store,
    first?.by === 'webhook' ? first.at : null,
  )
  const before = new Map(found.map(toNotice).map((row) => [row.orderId, row]))
  const changed = new Map<string, Notice>()
  const hearings = heard.map((one): Hearing => {
    const row = changed.get(one.orderId) ?? before.get(one.orderId) ?? null
    const next = afterHearing(row, one, Number(spent))
    if (next) changed.set(one.orderId, next)
    return next ? 'due' : 'echo'
  })
  if (changed.size > 0) yield* put([...changed.values()])
  const moved = [...changed].reduce(
    (sum, [orderId, row]) => sum + isWaiting(row) - isWaiting(before.get(orderId)),
    0,
  )
  yield* count(store, moved, 0)
  return hearings
}

function* settle(read: Notice, next: Notice | null): Work<boolean> {
  const { store, orderId, version } = read
  const [found] = yield* ask(
    'select body from @notices where store = ? and order_id = ? and version = ?',
    store,
    orderId,
    version,
  )
  if (!found) return false
  if (next) yield* put([{ ...next, version: version + 1 }])
  else yield* run('delete from @notices where store = ? and order_id = ?', store, orderId)
  yield* count(store, isWaiting(next) - isWaiting(toNotice(found)), next ? 0 : version)
  return true
}

function* saveWatch(store: string, next: Watch, owed: readonly Owed[]): Work<Watch | null> {
  const [found] = yield* ask('select watch from @listening where store = ?', store)
  const text = (found?.['watch'] ?? null) as string | null
  const known = text === null ? 0 : (JSON.parse(text) as Watch).version
  if (known !== next.version) return null
  const saved = { ...next, version: next.version + 1 }
  yield* run(
    'insert into @listening (store, watch) values (?, ?) on conflict (store) do update set ' +
      'watch = excluded.watch',
    store,
    JSON.stringify(saved),
  )
  yield* oweIn(owed)
  return saved
}

const listened = async ({ read }: PostgresDeps, store: string): Promise<Listening> => {
  const [found] = await read(
    'select (select last_at from @listening where store = ?) as last_at, (select waiting from ' +
      '@listening where store = ?) as waiting, (select min(heard_at) from @notices where ' +
      'store = ? and heard_at is not null) as oldest',
    store,
    store,
    store,
  )
  return {
    lastAt: (found?.['last_at'] ?? null) as number | null,
    waiting: Number(found?.['waiting'] ?? 0),
    oldestAt: (found?.['oldest'] ?? null) as number | null,
  }
}

/** Opens the notices of a migrated schema. */
export const openPostgresNotices = (deps: PostgresDeps): NoticeLedger => {
  const { read, commit, now } = deps
  return {
    async hear(heard) {
      const [first] = heard
      if (!first) return []
      const locks = heard.map(({ store }) => lockOf.store(store))
      return commit([...new Set(locks)], () => hear(heard, first.store))
    },
    due: async (stores, each) =>
      (
        await read(
          'select body from unnest(?::text[]) with ordinality as asked(store, number) cross join ' +
            'lateral (select body, due_at, order_id from @notices where store = asked.store and ' +
            'due_at <= ? order by due_at, order_id limit ?) as due order by number, due_at, ' +
            'order_id',
          stores,
          now(),
          each,
        )
      ).map(toNotice),
    settle: (seen, next) => commit([lockOf.store(seen.store)], () => settle(seen, next)),
    async get(store, orderId) {
      const [found] = await read(
        'select body from @notices where store = ? and order_id = ?',
        store,
        orderId,
      )
      return found ? toNotice(found) : null
    },
    of: (store) => listened(deps, store),
    async watch(store) {
      const [found] = await read('select watch from @listening where store = ?', store)
      const text = (found?.['watch'] ?? null) as string | null
      return text === null ? null : (JSON.parse(text) as Watch)
    },
    saveWatch: (store, next, owed = []) =>
      commit([lockOf.store(store), ...subjectLocks(owed)], () => saveWatch(store, next, owed)),
    sweep: () => sweepNotices(deps),
  }
}
