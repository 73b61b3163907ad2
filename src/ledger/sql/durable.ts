/**
 * The SQL ledger's handle in a Durable Object: its own SQLite, written before anything leaves it,
 * with an alarm as the clock.
 */
import type { DurableObjectStorage } from 'cloudflare:workers'
import type { ResultRow, Sql } from './database.ts'
import { nextDeliveryAt } from './deliveries.ts'
import { WAITING_STORES } from './due.ts'

/** How often what is kept too long is looked for. */
const SWEEP_MS = 86_400_000

/**
 * What `commit` wrote is held back from the world by the object's output gate until it is stored:
 * neither an answer nor a fetch leaves before it (developers.cloudflare.com/durable-objects, "Input
 * and output gates"). The alarm is set in the same turn as the write, so that no record is stored
 * without its wake-up.
 */
export const durableSql = (storage: DurableObjectStorage, now: () => number = Date.now): Sql => {
  const all = (statement: string, ...values: unknown[]): ResultRow[] =>
    storage.sql.exec(statement, ...values).toArray()
  return {
    all,
    run: (statement, ...values) => {
      all(statement, ...values)
    },
    async commit(work) {
      const result = storage.transactionSync(work)
      const { ours, others, told } = nextWakes({ all }, [], now())
      const next = Math.min(ours, others, told)
      if (next < Infinity) void storage.setAlarm(Math.max(next, now()))
      return result
    },
    close() {},
  }
}

type Reads = Pick<Sql, 'all'>

/**
 * How soon batches are looked at again: their rows wait for stores in other objects, which do not
 * call this one.
 */
const BATCHES_MS = 500
/**
 * Whether there are batches that run or are to be stopped, or rows of a paused one that are not at
 * rest; and whether anything is owed to a webhook. One statement, since every write asks it.
 */
const OPEN_WORK = `select
  exists (
    select 1 from batches where finished_at is null and body ->> '$.status' <> 'paused'
  )
  or exists (select 1 from batch_rows where phase in (1, 2)) as batches,
  exists (select 1 from deliveries indexed by deliveries_owed where state = 'owed') as owed`

/**
 * How soon the alarm comes back for what is overdue of stores that it does not know: they were
 * taken out of the configuration, and no platform's answer will move their records on.
 */
const STRAYS_MS = 60_000

/**
 * How soon the alarm comes back for what is owed to webhooks and could have been told in this turn.
 * When it is due at all is the health of each webhook (`nextAt`); whoever tells it keeps that.
 */
const DELIVERIES_MS = 5_000

const NEXT_WAKES = `${WAITING_STORES}
  select store, (
    select min(wake_at) from cancellations where store = waiting.store and wake_at is not null
  ) as at from waiting where store is not null`

/**
 * When the next record of these stores is due, when the next of all others, and when a webhook is
 * to be told what it is owed. Infinity: none waits.
 */
const nextWakes = (
  { all }: Reads,
  stores: readonly string[],
  now: number,
): { readonly ours: number; readonly others: number; readonly told: number } => {
  const waiting = all(NEXT_WAKES)
  const [open] = all(OPEN_WORK)
  const first = (isOurs: boolean) =>
    waiting.reduce(
      (least, { store, at }) =>
        stores.includes(String(store)) === isOurs ? Math.min(least, Number(at)) : least,
      Infinity,
    )
  return {
    ours: Math.min(first(true), open?.['batches'] ? now + BATCHES_MS : Infinity),
    others: first(false),
    told: open?.['owed'] ? nextDeliveryAt({ all }) : Infinity,
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
 * When the alarm must come back after a turn, for what is due or for what is kept too long; null
 * when nothing is kept.
 */
export const nextTurn = (sql: Reads, stores: readonly string[], now: number): number | null => {
  const kept =
    sql.all(
      'select 1 where exists (select 1 from cancellations) or exists (select 1 from keys) or ' +
        'exists (select 1 from batches) or exists (select 1 from deliveries)',
    ).length === 1
  if (!kept) return null
  const { ours, others, told } = nextWakes(sql, stores, now)
  return Math.min(
    ours,
    others > now ? others : now + STRAYS_MS,
    told > now ? told : now + DELIVERIES_MS,
    nextSweep(sql),
  )
}
