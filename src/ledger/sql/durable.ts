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
      const next = Math.min(...Object.values(nextWakes({ all }, [], now())))
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
 * rest; whether anything is owed to a webhook; and when the next link is to be looked at. One
 * statement, since every write asks it.
 */
const OPEN_WORK = `select
  exists (
    select 1 from batches where finished_at is null and body ->> '$.status' <> 'paused'
  )
  or exists (select 1 from batch_rows where phase in (1, 2)) as batches,
  exists (select 1 from deliveries indexed by deliveries_owed where state = 'owed') as owed,
  (select min(due_at) from links where due_at is not null) as linked`

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

/**
 * How soon the alarm comes back for orders and links that are due for a look and got none in this
 * turn: it does a few, so that others have their turn.
 */
const LOOKS_MS = 500

const NEXT_LOOKS = `select store, (
    select min(due_at) from notices where store = listening.store and due_at is not null
  ) as at from listening where waiting > 0`

const NEXT_WAKES = `${WAITING_STORES}
  select store, (
    select min(wake_at) from cancellations where store = waiting.store and wake_at is not null
  ) as at from waiting where store is not null`

interface Wakes {
  /** When the next record of these stores is due, and the next of all others. */
  readonly ours: number
  readonly others: number
  /** When the next order of these stores, or a link, is due for a look. */
  readonly looks: number
  /** When a webhook is to be told what it is owed. */
  readonly told: number
}

/** When there is what to do next. Infinity: never. */
const nextWakes = ({ all }: Reads, stores: readonly string[], now: number): Wakes => {
  const [records, notices] = [all(NEXT_WAKES), all(NEXT_LOOKS)]
  const [open] = all(OPEN_WORK)
  const first = (waiting: readonly ResultRow[], isOurs: boolean) =>
    waiting.reduce(
      (least, { store, at }) =>
        stores.includes(String(store)) === isOurs ? Math.min(least, Number(at)) : least,
      Infinity,
    )
  return {
    ours: Math.min(first(records, true), open?.['batches'] ? now + BATCHES_MS : Infinity),
    others: Math.min(first(records, false), first(notices, false)),
    looks: Math.min(first(notices, true), Number(open?.['linked'] ?? Infinity)),
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
        'exists (select 1 from batches) or exists (select 1 from deliveries) or ' +
        'exists (select 1 from notices) or exists (select 1 from links) or ' +
        'exists (select 1 from audit)',
    ).length === 1
  if (!kept) return null
  const { ours, others, looks, told } = nextWakes(sql, stores, now)
  const later = (at: number, pauseMs: number) => (at > now ? at : now + pauseMs)
  return Math.min(
    ours,
    later(others, STRAYS_MS),
    later(looks, LOOKS_MS),
    later(told, DELIVERIES_MS),
    nextSweep(sql),
  )
}
