/** The ledger in SQL: one implementation over a tiny handle, whoever runs the database. */
import { type Cancellation, DAY_MS, type DayCount, type Status } from '../../model/cancellation.ts'
import { openAudit, trimAudit } from '../audit.ts'
import type { Figures, FullLedger, Query } from '../port.ts'
import { type LedgerOptions, RETENTION, type Retention } from '../retention.ts'
import { type ClaimStore, claimIn, openPace } from '../rules.ts'
import { noteRow, openSqlAudit } from './audit.ts'
import { openSqlBatches } from './batches.ts'
import { nextTurnOfLoop, type Sql } from './database.ts'
import { openSqlDeliveries, oweRows } from './deliveries.ts'
import { dueRecords, strayRecords } from './due.ts'
import { digestKeys, openSqlKeys } from './keys.ts'
import { holdLease, releaseLease, takeLease } from './leases.ts'
import { openSqlLinks } from './links.ts'
import { findPage } from './lists.ts'
import { openSqlNotices } from './notices.ts'
import { earlierRecords, findRecord, insertRecord, readRecords, saveRecord } from './records.ts'
import { sweepKeysAndLeases, sweepRecords } from './retention.ts'

/** For which account each store was first opened. */
export const bindingsOf = (sql: Pick<Sql, 'all'>): ReadonlyMap<string, string> =>
  new Map(
    sql
      .all('select id, account from stores')
      .map(({ id, account }) => [id as string, account as string]),
  )

const accountOf = (sql: Sql, store: string): string | undefined =>
  sql.all('select account from stores where id = ?', store)[0]?.['account'] as string | undefined

const bindAccount = (sql: Sql, store: string, account: string): string => {
  sql.run('insert or ignore into stores (id, account) values (?, ?)', store, account)
  return accountOf(sql, store) as string
}

/** How often a list is read again where a record moved meanwhile; the last time without a pause. */
const LIST_RETRIES = 2

/** Reads a page; `writesOf` tells how many writes there were. */
const listRecords = async (
  sql: Sql,
  query: Query,
  writesOf: () => number,
): Promise<Cancellation[]> => {
  for (let retries = LIST_RETRIES; ; retries--) {
    const [before, steps] = [writesOf(), findPage(sql, query)]
    let step = steps.next()
    while (!step.done) {
      if (retries > 0) await nextTurnOfLoop()
      step = steps.next()
    }
    if (writesOf() === before || retries === 0) return readRecords(sql, step.value)
  }
}

const first = (sql: Sql, column: string, condition: string, ...values: string[]): number | null =>
  (sql.all(`select min(${column}) as at from cancellations where ${condition}`, ...values)[0]?.[
    'at'
  ] ?? null) as number | null

const figuresOf = (sql: Sql, stores: readonly string[]): Figures => {
  const open = new Map(
    sql
      .all(
        'select status, count(*) as count, min(updated_at) as first from cancellations ' +
          'where settled_at is null group by status',
      )
      .map((row) => [row['status'], row]),
  )
  const count = (status: Status) => Number(open.get(status)?.['count'] ?? 0)
  return {
    counts: {
      accepted: count('accepted'),
      sending: count('sending'),
      in_doubt: count('in_doubt'),
      needs_attention: count('needs_attention'),
    },
    oldestDoubtAt: first(sql, 'doubt_since', 'doubt_since is not null'),
    oldestAttentionAt: (open.get('needs_attention')?.['first'] ?? null) as number | null,
    awaitingApproval: Number(
      sql.all(
        'select count(*) as count from cancellations indexed by by_approval where approval is ' +
          'not null',
      )[0]?.['count'],
    ),
    nextDueAt: stores.map((store) =>
      first(sql, 'wake_at', 'store = ? and wake_at is not null', store),
    ),
  }
}

const countsByDayOf = (
  sql: Sql,
  stores: readonly string[] | null,
  from: number,
  to: number,
): DayCount[] =>
  sql
    .all(
      'select day, store, status, count from day_tallies where day between ? and ?',
      Math.floor(from / DAY_MS),
      Math.floor(to / DAY_MS),
    )
    .map(({ day, ...row }) => ({ ...row, day: Number(day) * DAY_MS }) as DayCount)
    .filter(({ store }) => stores?.includes(store) ?? true)

const claimStoreOf = (sql: Sql, now: () => number, retention: Retention): ClaimStore => ({
  keys: openSqlKeys(sql, now, retention, (id) => findRecord(sql, id)),
  earlier: (draft) => earlierRecords(sql, draft),
  insert: (draft) => insertRecord(sql, draft, now()),
  owe: (owed) => oweRows(sql, owed),
  note: (noted) => noteRow(sql, noted),
})

/** Opens the ledger over a migrated database. */
export const openSqlLedger = (
  sql: Sql,
  now: () => number = Date.now,
  { retention = RETENTION, chain }: LedgerOptions = {},
): FullLedger => {
  const store = claimStoreOf(sql, now, retention)
  const shelf = openSqlAudit(sql)
  const audit = openAudit(shelf, chain)
  const batches = openSqlBatches(sql, now, retention)
  const notices = openSqlNotices(sql, now)
  let isClosed = false
  let writes = 0
  const commit = <T>(work: () => T): Promise<T> =>
    sql.commit(() => {
      writes += 1
      return work()
    })
  return {
    batches,
    deliveries: openSqlDeliveries(sql),
    notices,
    links: openSqlLinks(sql, now),
    audit,
    claim: (...values) => commit(() => claimIn(store, ...values)),
    get: async (id) => findRecord(sql, id),
    save: (...values) => commit(() => saveRecord(sql, now(), ...values)),
    lease: (record, lockKey, ttlMs) => commit(() => takeLease(sql, now, record, lockKey, ttlMs)),
    hold: (name, ttlMs) => commit(() => holdLease(sql, now(), name, ttlMs)),
    release: (lease) => commit(() => releaseLease(sql, lease)),
    due: async (stores, each) => stores.flatMap((name) => dueRecords(sql, name, now(), each)),
    strays: async (stores, most) => strayRecords(sql, stores, now(), most),
    bind: async (name, account) =>
      accountOf(sql, name) ?? commit(() => bindAccount(sql, name, account)),
    bindings: async () => bindingsOf(sql),
    // One process writes to a database, so its pace is that process's own.
    reserve: openPace(now),
    list: (query) => listRecords(sql, query, () => writes),
    figures: async (stores) => figuresOf(sql, stores),
    countsByDay: async (...asked) => countsByDayOf(sql, ...asked),
    async sweep() {
      const wasClosed = isClosed
      try {
        await sweepKeysAndLeases(sql, retention, now())
        // Counted, so that a list that pauses meanwhile does not look for what is gone.
        await sweepRecords({ ...sql, commit }, retention, now())
        await batches.sweep()
        await notices.sweep()
        await trimAudit(audit, shelf, now() - retention.auditMs)
      } catch (error) {
        // What is left where the ledger was closed meanwhile goes with the next sweep.
        if (isClosed === wasClosed) throw error
      }
    },
    digestKeys: (id, digest) => digestKeys(sql, id, digest),
    scrub: async () => sql.scrub?.(),
    ready: () => commit(() => sql.run("update meta set value = 1 - value where name = 'probe'")),
    async close() {
      isClosed = true
      sql.close()
    },
  }
}
