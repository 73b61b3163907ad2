/**
 * What the imitations share (orders on demand, slow answers, the record of what was done), so that
 * each sandbox file shows its platform and nothing else.
 */
import type { Example } from './sandbox.ts'

/**
 * Waits. It takes no abort signal on purpose: a platform goes on working when its client has hung
 * up.
 */
export const pause = (milliseconds: number): Promise<void> =>
  milliseconds > 0 ? new Promise((resolve) => setTimeout(resolve, milliseconds)) : Promise.resolve()

export interface OrderBook<Order> {
  readonly examples: readonly Example[]
  /**
   * The order with this id; made on the spot when the id is `<example id>-<anything>` or `<example
   * id>_<anything>`.
   */
  find(id: string): Order | undefined
  /** Every order so far, in the order in which they came to be. */
  all(): readonly Order[]
}

/**
 * Orders made from named examples. `make` gets the example's state, the id and a running number (1
 * for the first example).
 * Of several examples that fit an id, the longest wins: `paid-paypal-7` is a `paid-paypal`, not a
 * `paid`.
 */
export function createOrderBook<State extends { readonly says: string }, Order>(
  states: Readonly<Record<string, State>>,
  make: (state: State, id: string, ordinal: number) => Order,
): OrderBook<Order> {
  const longestFirst = Object.entries(states).sort(([a], [b]) => b.length - a.length)
  const orders = new Map<string, Order>()
  const open = (state: State, id: string): Order => {
    const order = make(state, id, orders.size + 1)
    orders.set(id, order)
    return order
  }
  for (const [id, state] of Object.entries(states)) open(state, id)
  return {
    examples: Object.entries(states).map(([id, { says }]) => ({ id, says })),
    find(id) {
      const known = orders.get(id)
      if (known !== undefined) return known
      const example = longestFirst.find(
        ([name]) =>
          id.length > name.length + 1 && (id.startsWith(`${name}-`) || id.startsWith(`${name}_`)),
      )
      return example && open(example[1], id)
    },
    all: () => [...orders.values()],
  }
}

/** A copy of recorded JSON with another id wherever the recorded one stands. */
export const copyWithId = <T>(recorded: T, from: string, to: string): T =>
  JSON.parse(JSON.stringify(recorded).replaceAll(from, () => JSON.stringify(to).slice(1, -1))) as T

/** Money that a sandbox has sent back to the buyer. */
export interface Refund {
  readonly orderId: string
  /** Decimal string in major units. */
  readonly amount: string
  readonly currency: string
}

/** What a sandbox did, for tests that must notice an adapter which let too much happen. */
export interface Deeds {
  /**
   * Cancels that were carried out, and repeats on an order that was already canceled, whether
   * refused or not: both are a second destructive call. Other refusals (shipped, unknown id, 429, a
   * bad body) are not counted.
   */
  readonly cancels: ReadonlyMap<string, number>
  /** Order ids whose buyer got a mail, once per mail. */
  readonly mails: readonly string[]
  readonly refunds: readonly Refund[]
}

/** The same, with the pen: the sandbox writes, its users read. */
export interface DeedsBook extends Deeds {
  canceled(orderId: string): void
  mailed(orderId: string): void
  refunded(refund: Refund): void
}

export function recordDeeds(): DeedsBook {
  const cancels = new Map<string, number>()
  const mails: string[] = []
  const refunds: Refund[] = []
  return {
    cancels,
    mails,
    refunds,
    canceled: (orderId) => void cancels.set(orderId, (cancels.get(orderId) ?? 0) + 1),
    mailed: (orderId) => void mails.push(orderId),
    refunded: (refund) => void refunds.push(refund),
  }
}

/** The request's JSON, `{}` when there is no body, `undefined` when it is not JSON. */
export async function readJson(request: Request): Promise<unknown> {
  const text = await request.text()
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * A page size from a query: whole, at least 1, at most `most`; `usual` when absent or not a number.
 */
export function pageSize(asked: string | undefined, usual: number, most: number): number {
  const size = Number.parseInt(asked ?? '', 10)
  return Number.isNaN(size) ? usual : Math.min(Math.max(size, 1), most)
}
