/**
 * The ledger in SQL: one implementation over a tiny handle, for SQLite on Node and in Durable
 * Objects.
 */
import type { Cancellation, Status } from '../../model/cancellation.ts'
import {
  BUSY_RETRY_MS,
  doubtSince,
  guard,
  guardOf,
  KEY_LIFE_MS,
  type Ledger,
  type Lease,
  openPace,
  RECORD_LIFE_MS,
  scopeOf,
} from '../port.ts'
import { find } from './lists.ts'

export { migrate } from './tables.ts'

export type Value = string | number | null
export type Row = Readonly<Record<string, Value>>

/**
 * What a database must offer. Statements run at once; what `commit` resolved with is on the disk.
 * Parameters are `?`: before Node 24.7 `?1` is a name (nodejs/node#59350).
 */
export interface Sql {
  all(statement: string, ...values: Value[]): Row[]
  run(statement: string, ...values: Value[]): void
  /**
   * Runs `work`, which may be run again if a neighbor in the same group fails, in one transaction
   * with its group.
   */
  commit<T>(work: () => T): Promise<T>
  close(): void
}

/** Lets others have their turn. */
export const rest = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 0)
  })

/** For which account each store was first opened. */
export const bindingsOf = (sql: Pick<Sql, 'all'>): ReadonlyMap<string, string> =>
  new Map(
    sql
      .all('select id, account from stores')
      .map(({ id, account }) => [id as string, account as string]),
  )

/** How many rows are forgotten at once: nobody else is served meanwhile. */
const PORTION = 50

/**
 * Deletes what a statement finds, its last value being how many at once; each portion is a
 * transaction of its own.
 */
export const inPortions = async (
  sql: Sql,
  statement: string,
  ...values: Value[]
): Promise<void> => {
  while ((await sql.commit(() => sql.all(statement, ...values, PORTION))).length === PORTION)
    await rest()
}

/** Columns are the truth for what they hold; the body is the rest. */
const toRecord = (row: Row): Cancellation => ({
  batchId: null,
  ...(JSON.parse(row['body'] as string) as Omit<Cancellation, 'batchId'>),
  version: row['version'] as number,
  wakeAt: row['wake_at'] as number | null,
})

/** `lease` moves the wake-up without touching the body. */
const COLUMNS = 'version, wake_at, body'

/** Opens the ledger over a migrated database. */
export const openSqlLedger = (sql: Sql, now: () => number = Date.now): Ledger => {
  const one = (id: string): Cancellation | null => {
    const [row] = sql.all(`select ${COLUMNS} from cancellations where id = ?`, id)
    return row ? toRecord(row) : null
  }
  let writes = 0
  const commit = <T>(work: () => T): Promise<T> =>
    sql.commit(() => {
      writes += 1
      return work()
    })
  const inOrder = (ids: readonly string[]): Cancellation[] => {
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
  /**
   * What the guard's rule (ledger.ts) can come upon: of the records of one target and order those
   * that are open; and those that succeeded, but for transfers and for those of other words to the
   * buyer, which are of other wishes, unless it is the last. One of an earlier version does not
   * tell its words.
   */
  const earlier = (record: Cancellation) => {
    const [guarded, { target, message }] = [guardOf(record), record.request]
    const open = sql.all(
      'select id from cancellations indexed by by_guard where guard = ? and settled_at is null',
      guarded,
    )
    const among =
      'from cancellations indexed by by_success where guard = ? and settled_at is not null and ' +
      "status <> 'rejected'"
    const succeeded =
      target === 'transfer'
        ? []
        : sql.all(
            `select id ${among} and (message is null or message = ? or id = (select id ` +
              `${among} order by created_at desc, id desc limit 1))`,
            guarded,
            message,
            guarded,
          )
    return inOrder([...open, ...succeeded].map((row) => row['id'] as string)).sort(
      (a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1),
    )
  }
  const holds = ({ key, epoch }: Lease) =>
    sql.all('select 1 from leases where key = ? and epoch = ?', key, epoch).length === 1

  return {
    claim: (draft, key) =>
      commit(() => {
        const scope = key && scopeOf(key, draft)
        const [used] =
          scope === null
            ? []
            : sql.all(
                'select id, fingerprint from keys where scope = ? and expires_at > ?',
                scope,
                now(),
              )
        const bound = used ? one(used['id'] as string) : null
        if (key && used && bound)
          return {
            outcome: used['fingerprint'] === key.fingerprint ? 'replayed' : 'key_reused',
            record: bound,
          }
        const verdict = guard(draft, earlier(draft)) ?? { outcome: 'created', record: draft }
        if (verdict.outcome === 'created') {
          sql.run(
            'insert into cancellations (id, version, guard, store, order_id, status, reference, ' +
              'batch, message, created_at, updated_at, settled_at, wake_at, body) values (?, ?, ' +
              '?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
            draft.id,
            draft.version,
            guardOf(draft),
            draft.request.store,
            draft.request.orderId,
            draft.status,
            draft.request.reference,
            draft.batchId,
            draft.request.message,
            draft.createdAt,
            draft.updatedAt,
            draft.settledAt,
            draft.wakeAt,
            JSON.stringify(draft),
          )
        }
        if (
          key &&
          scope !== null &&
          (verdict.outcome === 'created' || verdict.outcome === 'deduplicated')
        ) {
          sql.run(
            'insert or replace into keys (scope, id, fingerprint, expires_at) values (?, ?, ?, ?)',
            scope,
            verdict.record.id,
            key.fingerprint,
            now() + KEY_LIFE_MS,
          )
        }
        return verdict
      }),
    get: async (id) => one(id),
    save: (next, lease, keepUntil) =>
      commit(() => {
        const [current] = sql.all(
          'select version, status, settled_at, doubt_since from cancellations where id = ?',
          next.id,
        )
        if (current?.['version'] !== next.version || (lease && !holds(lease))) return null
        if (current['status'] === 'rejected' && guard(next, earlier(next)) !== null) return null
        const saved = { ...next, version: next.version + 1 }
        // A column that is set is written anew in every index that has it, though it stays the
        // same.
        const changed = Object.entries({
          status: saved.status,
          settled_at: saved.settledAt,
          doubt_since: doubtSince(saved),
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
        if (lease) {
          if (keepUntil === undefined) sql.run('delete from leases where key = ?', lease.key)
          else sql.run('update leases set until = ? where key = ?', keepUntil, lease.key)
        }
        return saved
      }),
    lease: (record, lockKey, ttlMs) =>
      commit(() => {
        const wake = (at: number) =>
          sql.all(
            'update cancellations set wake_at = ? where id = ? and version = ? returning id',
            at,
            record.id,
            record.version,
          ).length === 1
        const [held] = sql.all(
          'select until from leases where key = ? and until > ?',
          lockKey,
          now(),
        )
        if (held)
          return wake(Math.min(held['until'] as number, now() + BUSY_RETRY_MS)) ? 'busy' : 'stale'
        const until = now() + ttlMs
        if (!wake(until)) return 'stale'
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
      }),
    release: (lease) =>
      commit(() => {
        sql.run('delete from leases where key = ? and epoch = ?', lease.key, lease.epoch)
      }),
    due: async (stores, each) =>
      stores.flatMap((store) =>
        sql
          .all(
            `select ${COLUMNS} from cancellations where store = ? and wake_at <= ? order by ` +
              'wake_at limit ?',
            store,
            now(),
            each,
          )
          .map(toRecord),
      ),
    // Walks from store to store along the index, and reads no more of each than may be among the
    // first.
    strays: async (stores, most) =>
      inOrder(
        sql
          .all(
            `with recursive waiting(store) as (
         select min(store) from cancellations where wake_at is not null
         union all select (select min(store) from cancellations where wake_at is not null and store > waiting.store) from waiting where waiting.store is not null)
       select store from waiting where store is not null and store not in (select value from json_each(?))`,
            JSON.stringify(stores),
          )
          .flatMap(({ store }) =>
            sql.all(
              'select wake_at, id from cancellations where store = ? and wake_at <= ? order by ' +
                'wake_at limit ?',
              store as string,
              now(),
              most,
            ),
          )
          .sort((a, b) => Number(a['wake_at']) - Number(b['wake_at']))
          .slice(0, most)
          .map((row) => row['id'] as string),
      ),
    bind: async (store, account) => {
      const known = () =>
        sql.all('select account from stores where id = ?', store)[0]?.['account'] as
          | string
          | undefined
      return (
        known() ??
        commit(() => {
          sql.run('insert or ignore into stores (id, account) values (?, ?)', store, account)
          return known() as string
        })
      )
    },
    bindings: async () => bindingsOf(sql),
    // One process writes to a database, so its pace is that process's own.
    spend: openPace(now),
    list: async (query) => {
      // What was written between two portions may have moved: then it is read again, the last time
      // without a pause.
      for (let left = 2; ; left--) {
        const [before, steps] = [writes, find(sql, query)]
        let step = steps.next()
        while (!step.done) {
          if (left > 0) await rest()
          step = steps.next()
        }
        if (writes === before || left === 0) return inOrder(step.value)
      }
    },
    figures: async (stores) => {
      const open = new Map(
        sql
          .all(
            'select status, count(*) as count, min(updated_at) as first from cancellations ' +
              'where settled_at is null group by status',
          )
          .map((row) => [row['status'], row]),
      )
      const count = (status: Status) => Number(open.get(status)?.['count'] ?? 0)
      const first = (column: string, condition: string, ...values: Value[]) =>
        (sql.all(
          `select min(${column}) as at from cancellations where ${condition}`,
          ...values,
        )[0]?.['at'] ?? null) as number | null
      return {
        counts: {
          accepted: count('accepted'),
          sending: count('sending'),
          in_doubt: count('in_doubt'),
          needs_attention: count('needs_attention'),
        },
        oldestDoubtAt: first('doubt_since', 'doubt_since is not null'),
        oldestAttentionAt: (open.get('needs_attention')?.['first'] ?? null) as number | null,
        nextDueAt: stores.map((store) =>
          first('wake_at', 'store = ? and wake_at is not null', store),
        ),
      }
    },
    async sweep() {
      const [at, until] = [now(), now() - RECORD_LIFE_MS]
      await inPortions(
        sql,
        'delete from keys where scope in (select scope from keys where expires_at <= ? limit ?) ' +
          'returning 1',
        at,
      )
      await inPortions(
        sql,
        'delete from leases where key in (select key from leases where until <= ? limit ?) ' +
          'returning 1',
        at,
      )
      await inPortions(
        sql,
        'delete from cancellations where id in (select id from cancellations where settled_at ' +
          '<= ? limit ?) returning 1',
        until,
      )
    },
    ready: () =>
      commit(() => {
        sql.run("update meta set value = 1 - value where name = 'probe'")
      }),
    close: async () => sql.close(),
  }
}
