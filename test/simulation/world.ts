/**
 * What is really so: orders as the platform holds them, every destructive call that left, every
 * record as it was last written, and what was found to be wrong.
 */
import type { FullLedger } from '../../src/ledger/port.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import type { Thing } from '../gateway/platform.ts'
import type { AccountPlan, Plan } from './plan.ts'
import type { Process, Simulation } from './simulation.ts'

export interface SimulatedOrder {
  readonly account: AccountPlan
  readonly thing: Thing
  /** What reads show in its place, and until when. */
  stale: { readonly shown: Thing; until: number } | null
  /** Whose doing it is that it is canceled. */
  canceledBy: 'us' | 'somebody' | null
  /** The call that did it. */
  by: Destructive | null
}

/** What the gateway could know of how a call ended, at the best. */
export type Heard =
  /** The platform's own yes. */
  | 'yes'
  /** Its own no. */
  | 'no'
  /** Proof that it was not processed. */
  | 'unsent'
  /** It is at work on it. */
  | 'running'
  /** Nothing, or nothing that proves anything. */
  | 'doubt'

/** One destructive call that left a gateway. */
export interface Destructive {
  readonly number: number
  readonly order: SimulatedOrder
  readonly process: Process
  readonly sentAt: number
  /** The record that wrote its intent; null: none did. */
  readonly record: string | null
  heard: Heard | null
  heardAt: number | null
  /** Until when it may land, as the gateway must think. */
  mayLandUntil: number
  /** When it will be carried out by the platform, or was; null: never. */
  landsAt: number | null
  didCancel: boolean
}

export interface World {
  readonly plan: Plan
  readonly simulation: Simulation
  /** As it is, without a network before it. */
  readonly ledger: FullLedger
  /** Account and id. */
  readonly orders: ReadonlyMap<string, SimulatedOrder>
  readonly calls: Destructive[]
  readonly records: Map<string, Cancellation>
  /** Who wrote the last intent of a record. */
  readonly intents: Map<string, Process>
  /** When a person had a record tried again. */
  readonly retriedAt: Map<string, number>
  /** How often what went wrong. */
  readonly faults: Map<string, number>
  readonly violations: string[]
  /** Whether things still go wrong. */
  readonly isStormy: () => boolean
  /** The platform answers everybody with 429 or 503 until then. */
  stormUntil: number
  /** The time of day, by the clock that nobody can set. */
  readonly clockOf: (now: number) => number
  /** What a call of the ledger says when everything is due. */
  readonly atTheEndOfTime: <T>(ask: () => Promise<T>) => Promise<T>
  /** How often a record was written. */
  writes: number
  readonly onFault: (process: Process, error: unknown) => void
  readonly onDeath: (process: Process) => void
  /** How long processes were away or held still, all together. */
  absentMs: number
}

export const keyOf = (account: string, id: string): string => `${account} ${id}`

export const fault = ({ faults }: Pick<World, 'faults'>, kind: string): void => {
  faults.set(kind, (faults.get(kind) ?? 0) + 1)
}

/** The same words once, however often they are found. */
export const violate = (
  { violations, simulation }: World,
  what: string,
  about?: Pick<Cancellation, 'id'>,
): void => {
  if (violations.length < 20 && !violations.includes(what)) violations.push(what)
  simulation.note(`VIOLATION ${what}${about ? `: ${JSON.stringify(about)}` : ''}`)
}

export const accountOf = ({ plan }: World, store: string): AccountPlan =>
  (plan.stores.find(({ id }) => id === store) as Plan['stores'][number]).account

export const orderOf = (world: World, record: Cancellation): SimulatedOrder | undefined =>
  world.orders.get(keyOf(accountOf(world, record.request.store).name, record.request.orderId))

export const callsOf = ({ calls }: World, order: SimulatedOrder): Destructive[] =>
  calls.filter((call) => call.order === order)

/** Whether somebody, or a call that landed, canceled it; nothing here opens an order again. */
export const isCanceled = ({ thing }: SimulatedOrder): boolean => thing.state === 'canceled'

/** What is shown of an order now: a cache may hold it as it was. */
export const shownOf = (order: SimulatedOrder, now: number): Thing =>
  order.stale && now < order.stale.until ? order.stale.shown : order.thing

/** Changes an order as the platform holds it; a cache may go on to show it as it was. */
export const changeOrder = (
  order: SimulatedOrder,
  now: number,
  change: Partial<Thing>,
  staleUntil: number | null = null,
): void => {
  const before = { ...shownOf(order, now), activities: [...order.thing.activities] }
  Object.assign(order.thing, change, { changedAt: now })
  order.stale =
    staleUntil !== null && staleUntil > now ? { shown: before, until: staleUntil } : null
}
