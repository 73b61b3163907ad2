/** What kind of world a seed makes: stores and their platforms, orders, faults, and how many. */
import type { StoreOptions } from '../../src/connection/store.ts'
import { timing, type Timing } from '../../src/gateway/workflow/timing.ts'
import type { Toy } from '../gateway/toy.ts'
import type { Random } from './random.ts'

/** A merchant account on the made-up platform. */
export interface AccountPlan {
  readonly name: string
  readonly toy: Toy
  /** What a second cancel really does there; the manual may not say. */
  readonly repeat: 'refused' | 'harmless' | 'harmful'
  readonly onDoubt: NonNullable<StoreOptions['onDoubt']>
  readonly pace: { readonly perSecond: number; readonly burst: number }
}

export interface StorePlan {
  readonly id: string
  readonly account: AccountPlan
}

export interface OrderPlan {
  readonly id: string
  /** Where it is asked for: a cache that hides what one store was told has no word for the next. */
  readonly stores: readonly string[]
  readonly account: AccountPlan
  readonly purchase: string
}

/** How often what goes wrong; a probability, of each call or of each step. */
export interface Rates {
  readonly network: number
  readonly ledger: number
  readonly crash: number
  readonly still: number
  readonly stale: number
  readonly clock: number
  readonly storms: number
}

export interface Plan {
  readonly seed: number
  readonly accounts: readonly AccountPlan[]
  readonly stores: readonly StorePlan[]
  readonly orders: readonly OrderPlan[]
  readonly gateways: number
  readonly timing: Timing
  readonly callTimeoutMs: number
  readonly settleMs: number
  readonly sweepMs: number | null
  /** How long things go wrong; then all is well until the end. */
  readonly stormMs: number
  readonly rates: Rates
  /** An account whose platform does not come back: what is in doubt there is for a person. */
  readonly lost: string | null
  /** Whether a cache may show an order as it was for longer than the settle time. */
  readonly hasLongCaches: boolean
  /** The share of ledger calls that take no time at all. */
  readonly quickLedger: number
  readonly links: number
  readonly batches: number
}

const accountOf = (random: Random, name: string, hasLongCaches: boolean): AccountPlan => {
  const { pick, chance } = random
  const effect = pick(['refused', 'refused', 'harmless', 'harmful', 'unknown'] as const)
  const reason = pick(['before', 'after', undefined] as const)
  return {
    name,
    repeat: effect === 'unknown' ? pick(['refused', 'harmless'] as const) : effect,
    onDoubt: pick(['ask', 'resend']),
    pace: chance(0.8) ? { perSecond: 50, burst: 50 } : { perSecond: 2, burst: 3 },
    toy: {
      repeat: effect,
      ...(reason ? { reason } : { carries: true }),
      ...(reason === 'before' && { showsReason: chance(0.5) }),
      ...(chance(0.3) && { proof: 'order' as const }),
      jobs: chance(0.2),
      purchases: chance(0.25),
      transfers: false,
      search: false,
      ...(chance(0.4) && { sweep: pick(['in order', 'in any order'] as const) }),
      // A cache that outlives every patience shows what was canceled as open again.
      ...(hasLongCaches && { mayReopen: 'no' as const }),
    },
  }
}

const timesOf = ({ pick }: Random) => {
  const callTimeoutMs = pick([1_000, 2_000, 5_000])
  const settleMs = pick([3_000, 10_000, 20_000, 60_000])
  const deadlineMs = pick([60_000, 180_000, 600_000])
  const giveUpMs = 2 * deadlineMs + 6 * settleMs
  return { callTimeoutMs, settleMs, deadlineMs, giveUpMs }
}

/** None in a good part of the worlds, for what one fault hides another does not show. */
const rate = ({ pick, chance }: Random, ...some: readonly number[]): number =>
  chance(0.35) ? 0 : pick(some)

const ratesOf = (random: Random): Rates => ({
  network: rate(random, 0.1, 0.25, 0.5),
  ledger: random.chance(0.8) ? 0 : random.pick([0.005, 0.02]),
  crash: rate(random, 0.002, 0.006, 0.02),
  still: rate(random, 0.002, 0.01),
  stale: rate(random, 0.3, 0.8),
  clock: rate(random, 0.2, 0.6),
  storms: random.chance(0.75) ? 0 : random.between(1, 3),
})

export const planOf = (seed: number, random: Random): Plan => {
  const { between, chance, pick } = random
  const hasLongCaches = chance(0.25)
  const accounts = Array.from({ length: between(1, 2) }, (_, index) =>
    accountOf(random, `account${index}`, hasLongCaches),
  )
  const stores = Array.from({ length: between(accounts.length, 3) }, (_, index) => ({
    id: `shop${index}`,
    account: accounts[index % accounts.length] as AccountPlan,
  }))
  const rates = ratesOf(random)
  const orders = Array.from({ length: between(3, chance(0.2) ? 20 : 8) }, (_, index) => {
    const account = pick(accounts)
    const of = stores.filter((store) => store.account === account).map(({ id }) => id)
    return {
      id: `o${index}`,
      account,
      stores: rates.stale > 0 ? [pick(of)] : of,
      purchase: chance(0.4) ? `p${between(0, 2)}` : `p-o${index}`,
    }
  })
  const { callTimeoutMs, settleMs, ...times } = timesOf(random)
  return {
    seed,
    accounts,
    stores,
    orders,
    gateways: between(1, 2),
    timing: timing({ callTimeoutMs, settleMs, ...times, approvalMs: 2 * times.deadlineMs }),
    callTimeoutMs,
    settleMs,
    sweepMs: chance(0.5) ? 60_000 : null,
    stormMs: between(10, 90) * 1_000 + 2 * settleMs,
    rates,
    lost: chance(0.08) ? pick(accounts).name : null,
    hasLongCaches,
    quickLedger: pick([0, 0.5, 0.9]),
    links: stores.length > 1 && chance(0.4) ? 1 : 0,
    batches: chance(0.35) ? 1 : 0,
  }
}
