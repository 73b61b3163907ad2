/**
 * The SQL ledger's handle in a Durable Object: its own SQLite, written before anything leaves it,
 * with an alarm as the clock.
 */
import type { DurableObjectStorage } from 'cloudflare:workers'
import type { Row, Sql } from './sql.ts'

/** How often what is kept too long is looked for. */
const SWEEP_MS = 86_400_000

/**
 * What `commit` wrote is held back from the world by the object's output gate until it is stored:
 * neither an answer nor a fetch leaves before it (developers.cloudflare.com/durable-objects, "Input
 * and output gates"). The alarm is set in the same turn as the write, so that no record is stored
 * without its wake-up.
 */
export const durableSql = (storage: DurableObjectStorage, now: () => number = Date.now): Sql => {
  const all = (statement: string, ...values: unknown[]): Row[] =>
    storage.sql.exec(statement, ...values).toArray()
  return {
    all,
    run: (statement, ...values) => {
      all(statement, ...values)
    },
    async commit(work) {
      const result = storage.transactionSync(work)
      const { ours, others } = nextWakes({ all }, [], now())
      const next = Math.min(ours, others)
      if (next < Infinity) void storage.setAlarm(Math.max(next, now()))
      return result
    },
    close() {},
  }
}

type Reads = Pick<Sql, 'all'>

/**
 * How soon the batch runner comes back for batches: rows wait for their stores, which tell nobody here.
 */
const FEED_MS = 500
/** Batches that run or are to be stopped, and rows of a paused one that are not at rest. */
const FEEDS = `select 1 where exists (select 1 from batches where finished_at is null and body ->> '$.status' <> 'paused')
  or exists (select 1 from batch_rows where phase in (1, 2))`

/**
 * How soon the clock comes back for what is overdue of stores that it does not know: they were
 * taken out, and no platform's answer will move their records on.
 */
const STRAYS_MS = 60_000

/**
 * When the next record of these stores is due, and when the next of all others; walks from store to
 * store along the index. Infinity: none waits.
 */
const nextWakes = (
  { all }: Reads,
  stores: readonly string[],
  now: number,
): { readonly ours: number; readonly others: number } => {
  const waiting = all(`with recursive waiting(store) as (
      select min(store) from cancellations where wake_at is not null
      union all select (select min(store) from cancellations where wake_at is not null and store > waiting.store) from waiting where waiting.store is not null)
    select store, (select min(wake_at) from cancellations where store = waiting.store and wake_at is not null) as at from waiting where store is not null`)
  const first = (known: boolean) =>
    waiting.reduce(
      (least, { store, at }) =>
        stores.includes(String(store)) === known ? Math.min(least, Number(at)) : least,
      Infinity,
    )
  return {
    ours: Math.min(first(true), all(FEEDS).length > 0 ? now + FEED_MS : Infinity),
    others: first(false),
  }
}

const nextSweep = ({ all }: Reads): number =>
  Number(all("select value from meta where name = 'swept'")[0]?.['value'] ?? 0) + SWEEP_MS

/** Sweeps once a day. */
export const sweepInTurn = async (
  sql: Sql,
  sweep: () => Promise<void>,
  now: number,
): Promise<void> => {
  if (nextSweep(sql) > now) return
  await sweep()
  sql.run("insert or replace into meta (name, value) values ('swept', ?)", now)
}

/**
 * When the clock must look again after a turn, for what is due or for what is kept too long; null
 * when nothing is kept.
 */
export const nextTurn = (sql: Reads, stores: readonly string[], now: number): number | null => {
  const kept =
    sql.all(
      'select 1 where exists (select 1 from cancellations) or exists (select 1 from keys) or ' +
        'exists (select 1 from batches)',
    ).length === 1
  if (!kept) return null
  const { ours, others } = nextWakes(sql, stores, now)
  return Math.min(ours, others > now ? others : now + STRAYS_MS, nextSweep(sql))
}
