/** The ledger in SQL: one implementation over a tiny handle, for SQLite on Node and in Durable Objects. */
import { type Cancellation, isFinal, STATUSES, type Status } from '../model/cancellation.ts'
import { BUSY_RETRY_MS, doubtSince, guard, guardOf, KEY_LIFE_MS, type Ledger, type Lease, openPace, RECORD_LIFE_MS, scopeOf } from './ledger.ts'

export type Value = string | number | null
export type Row = Readonly<Record<string, Value>>

/** What a database must offer. Statements run at once; what `commit` resolved with is on the disk. */
export interface Sql {
  all(statement: string, ...values: Value[]): Row[]
  run(statement: string, ...values: Value[]): void
  /** Runs `work`, which may be run again if a neighbor in the same group fails, in one transaction with its group. */
  commit<T>(work: () => T): Promise<T>
  close(): void
}

/** Each step brings a database from the version of its index to the next; a step that was released is never changed. */
const MIGRATIONS: readonly string[][] = [
  [
    `create table cancellations (
      id text primary key, version integer not null, guard text not null, store text not null, order_id text not null,
      status text not null, reference text, created_at integer not null, updated_at integer not null,
      settled_at integer, wake_at integer, body text not null) without rowid`,
    'create index by_guard on cancellations (guard)',
    'create index by_wake on cancellations (wake_at) where wake_at is not null',
    'create index by_creation on cancellations (created_at, id)',
    'create index by_update on cancellations (updated_at, id)',
    'create index by_store on cancellations (store, created_at, id)',
    'create index by_reference on cancellations (reference) where reference is not null',
    'create index by_settling on cancellations (settled_at) where settled_at is not null',
    'create table keys (scope text primary key, id text not null, fingerprint text not null, expires_at integer not null) without rowid',
    'create table leases (key text primary key, epoch integer not null, until integer not null) without rowid',
    "insert into meta (name, value) values ('epoch', 0), ('probe', 0)",
  ],
  // Each store has its own line.
  ['drop index by_wake', 'create index by_store_wake on cancellations (store, wake_at) where wake_at is not null'],
  [
    'alter table cancellations add column batch text',
    'create index by_batch on cancellations (batch, created_at, id) where batch is not null',
    'create table batches (id text primary key, version integer not null, caller text not null, finished_at integer, body text not null) without rowid',
    'create index batches_by_caller on batches (caller, id)',
    'create index batches_unfinished on batches (id) where finished_at is null',
    'create index batches_by_finish on batches (finished_at) where finished_at is not null',
    // Phases as numbers (sql-batches.ts): 0 waiting, 1 taken, 2 open, 3 at rest.
    `create table batch_rows (
      batch text not null, number integer not null, store text not null, phase integer not null, status text not null, at integer not null,
      outcome text not null, request text not null, primary key (batch, number)) without rowid`,
    'create index rows_by_phase on batch_rows (batch, phase, store, status, number)',
    'create index rows_by_status on batch_rows (batch, status, number)',
    'create index rows_open on batch_rows (store) where phase in (1, 2)',
    'create index rows_at_rest on batch_rows (store, at) where phase = 3',
  ],
  [
    'alter table cancellations add column doubt_since integer',
    "update cancellations set doubt_since = coalesce(json_extract(body, '$.attempts[#-1].at'), updated_at) where status = 'in_doubt'",
    'create index by_openness on cancellations (status, updated_at, settled_at) where settled_at is null',
    'create index by_doubt on cancellations (doubt_since) where doubt_since is not null',
  ],
  [
    'create index by_order on cancellations (order_id, created_at, id)',
    "create index by_rejection on cancellations (created_at, id) where status = 'rejected'",
  ],
  ['create table stores (id text primary key, account text not null) without rowid'],
]

/** For which account each store was first opened. */
export const bindingsOf = (sql: Pick<Sql, 'all'>): ReadonlyMap<string, string> =>
  new Map(sql.all('select id, account from stores').map(({ id, account }) => [id as string, account as string]))

/** A status as a condition: written out, and with what follows from it, for only so the indexes that hold the few of it are taken. */
const IS = Object.fromEntries(STATUSES.map((status) => [status, `status = '${status}'${isFinal(status) ? '' : ' and settled_at is null'}`])) as Record<Status, string>

/** Creates the tables, or brings older ones up to date; refuses a database of a later version. */
export const migrate = (sql: Sql): void => {
  sql.run('create table if not exists meta (name text primary key, value integer not null) without rowid')
  sql.run("insert or ignore into meta (name, value) values ('schema', 0)")
  const version = Number(sql.all("select value from meta where name = 'schema'")[0]?.['value'])
  if (version > MIGRATIONS.length) throw new Error(`the ledger is of version ${version}; this program knows ${MIGRATIONS.length}: use the newer program`)
  for (const statement of MIGRATIONS.slice(version).flat()) sql.run(statement)
  sql.run("update meta set value = ? where name = 'schema'", MIGRATIONS.length)
}

/** Columns are the truth for what they hold; the body is the rest. */
const toRecord = (row: Row): Cancellation => ({
  batchId: null, ...JSON.parse(row['body'] as string) as Omit<Cancellation, 'batchId'>, version: row['version'] as number, wakeAt: row['wake_at'] as number | null,
})

/** `lease` moves the wake-up without touching the body. */
const COLUMNS = 'version, wake_at, body'

/** Opens the ledger over a migrated database. */
export const openSqlLedger = (sql: Sql, now: () => number = Date.now): Ledger => {
  const one = (id: string): Cancellation | null => {
    const [row] = sql.all(`select ${COLUMNS} from cancellations where id = ?`, id)
    return row ? toRecord(row) : null
  }
  const earlier = (record: Cancellation) =>
    sql.all(`select ${COLUMNS} from cancellations where guard = ? order by created_at, id`, guardOf(record)).map(toRecord)
  const holds = ({ key, epoch }: Lease) => sql.all('select 1 from leases where key = ? and epoch = ?', key, epoch).length === 1

  return {
    claim: (draft, key) => sql.commit(() => {
      const scope = key && scopeOf(key, draft)
      const [used] = scope === null ? [] : sql.all('select id, fingerprint from keys where scope = ? and expires_at > ?', scope, now())
      const bound = used ? one(used['id'] as string) : null
      if (key && used && bound) return { outcome: used['fingerprint'] === key.fingerprint ? 'replayed' : 'key_reused', record: bound }
      const verdict = guard(draft, earlier(draft)) ?? { outcome: 'created', record: draft }
      if (verdict.outcome === 'created') {
        sql.run(
          'insert into cancellations (id, version, guard, store, order_id, status, reference, batch, created_at, updated_at, settled_at, wake_at, body) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
          draft.id, draft.version, guardOf(draft), draft.request.store, draft.request.orderId, draft.status, draft.request.reference, draft.batchId,
          draft.createdAt, draft.updatedAt, draft.settledAt, draft.wakeAt, JSON.stringify(draft),
        )
      }
      if (key && scope !== null && (verdict.outcome === 'created' || verdict.outcome === 'deduplicated')) {
        sql.run('insert or replace into keys (scope, id, fingerprint, expires_at) values (?, ?, ?, ?)', scope, verdict.record.id, key.fingerprint, now() + KEY_LIFE_MS)
      }
      return verdict
    }),
    get: async (id) => one(id),
    save: (next, lease, keepUntil) => sql.commit(() => {
      const [current] = sql.all('select version, status from cancellations where id = ?', next.id)
      if (current?.['version'] !== next.version || (lease && !holds(lease))) return null
      if (current['status'] === 'rejected' && guard(next, earlier(next)) !== null) return null
      const saved = { ...next, version: next.version + 1 }
      sql.run(
        'update cancellations set version = ?, status = ?, updated_at = ?, settled_at = ?, wake_at = ?, doubt_since = ?, body = ? where id = ?',
        saved.version, saved.status, saved.updatedAt, saved.settledAt, saved.wakeAt, doubtSince(saved), JSON.stringify(saved), saved.id,
      )
      if (lease) {
        if (keepUntil === undefined) sql.run('delete from leases where key = ?', lease.key)
        else sql.run('update leases set until = ? where key = ?', keepUntil, lease.key)
      }
      return saved
    }),
    lease: (record, lockKey, ttlMs) => sql.commit(() => {
      const wake = (at: number) => sql.all('update cancellations set wake_at = ? where id = ? and version = ? returning id', at, record.id, record.version).length === 1
      const [held] = sql.all('select until from leases where key = ? and until > ?', lockKey, now())
      if (held) return wake(Math.min(held['until'] as number, now() + BUSY_RETRY_MS)) ? 'busy' : 'stale'
      const until = now() + ttlMs
      if (!wake(until)) return 'stale'
      const [counter] = sql.all("update meta set value = value + 1 where name = 'epoch' returning value")
      const epoch = counter?.['value'] as number
      sql.run('insert or replace into leases (key, epoch, until) values (?, ?, ?)', lockKey, epoch, until)
      return { key: lockKey, epoch, until }
    }),
    release: (lease) => sql.commit(() => {
      sql.run('delete from leases where key = ? and epoch = ?', lease.key, lease.epoch)
    }),
    due: async (stores, each) => stores.flatMap((store) =>
      sql.all(`select ${COLUMNS} from cancellations where store = ? and wake_at <= ? order by wake_at limit ?`, store, now(), each).map(toRecord)),
    // Walks from store to store along the index, however many records each has.
    strays: async (stores, most) => sql.all(
      `with recursive waiting(store) as (
         select min(store) from cancellations where wake_at is not null
         union all select (select min(store) from cancellations where wake_at is not null and store > waiting.store) from waiting where waiting.store is not null)
       select ${COLUMNS} from waiting join cancellations using (store)
       where waiting.store is not null and waiting.store not in (select value from json_each(?)) and wake_at <= ? order by wake_at limit ?`, JSON.stringify(stores), now(), most).map(toRecord),
    bind: async (store, account) => {
      const known = () => sql.all('select account from stores where id = ?', store)[0]?.['account'] as string | undefined
      return known() ?? sql.commit(() => {
        sql.run('insert or ignore into stores (id, account) values (?, ?)', store, account)
        return known() as string
      })
    },
    bindings: async () => bindingsOf(sql),
    // One process writes to a database, so its pace is that process's own.
    spend: openPace(now),
    list: async ({ stores, orderId, status, reference, batchId, createdAfter, createdBefore, updatedAfter, order, limit, after }) => {
      const at = updatedAfter === undefined ? 'created_at' : 'updated_at'
      const beyond = order === 'asc' ? '>' : '<'
      const conditions: [string, ...Value[]][] = [
        // One value however many stores: a Durable Object takes at most a hundred.
        ...(stores === null ? [] : [['store in (select value from json_each(?))', JSON.stringify(stores)] as [string, Value]]),
        ...(orderId === undefined ? [] : [['order_id = ?', orderId] as [string, Value]]),
        ...(status === undefined ? [] : [[IS[status]] as [string]]),
        ...(reference === undefined ? [] : [['reference = ?', reference] as [string, Value]]),
        ...(batchId === undefined ? [] : [['batch = ?', batchId] as [string, Value]]),
        ...(createdAfter === undefined ? [] : [['created_at > ?', createdAfter] as [string, Value]]),
        ...(createdBefore === undefined ? [] : [['created_at < ?', createdBefore] as [string, Value]]),
        ...(updatedAfter === undefined ? [] : [['updated_at > ?', updatedAfter] as [string, Value]]),
        ...(after === undefined ? [] : [[`(${at}, id) ${beyond} (?, ?)`, after.at, after.id] as [string, Value, Value]]),
      ]
      const where = conditions.length === 0 ? '' : `where ${conditions.map(([text]) => text).join(' and ')}`
      return sql.all(
        `select ${COLUMNS} from cancellations ${where} order by ${at} ${order}, id ${order} limit ?`,
        ...conditions.flatMap(([, ...values]) => values), limit,
      ).map(toRecord)
    },
    figures: async (stores) => {
      const open = new Map(sql.all('select status, count(*) as count, min(updated_at) as first from cancellations where settled_at is null group by status').map((row) => [row['status'], row]))
      const count = (status: Status) => Number(open.get(status)?.['count'] ?? 0)
      const first = (column: string, condition: string, ...values: Value[]) => (sql.all(`select min(${column}) as at from cancellations where ${condition}`, ...values)[0]?.['at'] ?? null) as number | null
      return {
        counts: { accepted: count('accepted'), sending: count('sending'), in_doubt: count('in_doubt'), needs_attention: count('needs_attention') },
        oldestDoubtAt: first('doubt_since', 'doubt_since is not null'),
        oldestAttentionAt: (open.get('needs_attention')?.['first'] ?? null) as number | null,
        nextDueAt: stores.map((store) => first('wake_at', 'store = ? and wake_at is not null', store)),
      }
    },
    sweep: () => sql.commit(() => {
      sql.run('delete from keys where expires_at <= ?', now())
      sql.run('delete from leases where until <= ?', now())
      sql.run('delete from cancellations where settled_at <= ?', now() - RECORD_LIFE_MS)
    }),
    ready: () => sql.commit(() => {
      sql.run("update meta set value = 1 - value where name = 'probe'")
    }),
    close: async () => sql.close(),
  }
}
