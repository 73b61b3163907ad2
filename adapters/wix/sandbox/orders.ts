/**
 * The orders of an imitated Wix site, so that a cancel changes something that a later read can see.
 */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// The order in the example of
// https://dev.wix.com/docs/rest/business-solutions/e-commerce/orders/cancel-order as it was before,
// with fewer lines and values of ours; pictures, taxes and the way of delivery are left out.
import example from './order.json' with { type: 'json' }
// What each status means: Orders API, "Order Object". That a hold reads as APPROVED with a PENDING
// payment is inferred from the words on `paymentStatus` there ("two-step payments").
import states from './states.json' with { type: 'json' }

/** `restockAllItems` reaches no other catalog. Source: Orders API, "Cancel Order". */
const WIX_STORES_APP_ID = '215238eb-22a5-4c36-9e7b-e7c08025e04e'
const NUMBERS_FROM = 10_100

/** Money is a decimal string whose digits are not normalised ("10", "10.0", "10.00"). */
export type Order = typeof example

interface State {
  readonly says: string
  /** Another state, of which this one is a kind. */
  readonly as?: string
  /** What is different from the example. */
  readonly order?: object
  /** How long the site is busy with a cancel. */
  readonly busyMs?: number
}
const STATES: Readonly<Record<string, State>> = states

/** Writes the change over the value, member by member and item by item. */
function change(value: object, by: object): void {
  for (const [key, part] of Object.entries(by)) {
    const old: unknown = Reflect.get(value, key)
    if (typeof old === 'object' && old !== null) change(old, part)
    else Reflect.set(value, key, structuredClone(part))
  }
}

function makeOrder(state: State, id: string, ordinal: number) {
  const order = structuredClone(example)
  const number = String(NUMBERS_FROM + ordinal)
  for (const by of [STATES[state.as ?? '']?.order, state.order, { id, number }])
    change(order, by ?? {})
  return { order, busyMs: state.busyMs ?? 0 }
}

export const createOrders = () => createOrderBook(STATES, makeOrder)
export type Orders = ReturnType<typeof createOrders>

/**
 * Adds activities, each with something of its own, and returns their ids. `type` gives way to
 * `activityType`; older entries have only the former. Source: Orders API, "Order Object".
 */
function record(order: Order, type: string, each: readonly object[]): string[] {
  const createdDate = new Date().toISOString()
  const written = { createdDate, type, activityType: type }
  const added = each.map((more) => ({ id: crypto.randomUUID(), ...written, ...more }))
  order.activities.push(...added)
  order.updatedDate = createdDate
  return added.map(({ id }) => id)
}

/**
 * Never touches money. A repeat does everything again, the worst it could do: what Wix does is not
 * documented.
 */
export function cancel(order: Order, restockAllItems: boolean): void {
  order.status = 'CANCELED'
  record(order, 'ORDER_CANCELED', [{}])
  for (const item of order.lineItems) {
    if (restockAllItems && item.catalogReference.appId === WIX_STORES_APP_ID)
      item.restockQuantity += item.quantity
  }
}

/** Source: Orders API, "Add Activities". */
export const comment = (order: Order, messages: readonly string[]): string[] =>
  record(
    order,
    'MERCHANT_COMMENT',
    messages.map((message) => ({ merchantComment: { message } })),
  )
