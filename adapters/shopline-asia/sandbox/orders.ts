/**
 * The orders of the SHOPLINE Asia imitation: a documented one, what a state changes on it, and what
 * a cancel does to it.
 */
import { copyWithId, createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// The Open API's models Order, OrderPayment, OrderDelivery and Money, as generated in
// github.com/HsOjo/shopline-sdk-python@a51d5c9, and ids of the page "Cancel Order"; values are
// ours. Whether the cents of NT$100 are 100 or 10000 is not documented: read dollars or label.
import documented from './order.json' with { type: 'json' }
// Words of the same models. What a state does not tell is as in `open`, the documented order.
import states from './states.json' with { type: 'json' }

interface State {
  readonly says: string
  /** Another state, of which this one is a kind. */
  readonly as?: string
  readonly order?: object
  readonly payment?: object
  readonly delivery?: object
  /** The goods cannot be put back: the platform says so per item, under 200. */
  readonly restockFails?: boolean
  /** How long a cancel takes. */
  readonly busyMs?: number
  /** How many cancels get a 429 first. */
  readonly throttles?: number
}
const STATES: Readonly<Record<string, State>> = states

/** It has no field for the time or the reason of a cancel, though a search knows the time. */
export interface Order {
  readonly id: string
  readonly order_number: string
  readonly merchant_order_number: string | null
  readonly status: string
  readonly updated_at: string
  readonly order_payment: typeof documented.order_payment
  readonly order_delivery: { readonly status: string; readonly return_order_id: string | null }
  readonly order_items_stock_tag: readonly object[] | null
}

const numberOf = (ordinal: number): string =>
  documented.order_number.slice(0, -3) + String(ordinal).padStart(3, '0')

const makeOrder = (state: State, id: string, ordinal: number) => {
  const { restockFails = false, busyMs = 0, throttles = 0 } = state
  const kind = STATES[state.as ?? '']
  const changed = {
    ...documented,
    ...kind?.order,
    ...state.order,
    order_number: numberOf(ordinal),
    system_order_number: numberOf(ordinal),
    // The shop gave `arrived` the number that the platform gave `fulfilled`: a search finds both,
    // as the search page warns.
    merchant_order_number: id === 'arrived' ? numberOf(ordinal - 1) : null,
    order_payment: { ...documented.order_payment, ...kind?.payment, ...state.payment },
    order_delivery: { ...documented.order_delivery, ...kind?.delivery, ...state.delivery },
  }
  const shown: Order = copyWithId(changed, documented.id, id)
  const canceledAt: number | null =
    shown.status === 'cancelled' ? Date.parse(shown.updated_at) : null
  return { shown, canceledAt, restockFails, busyMs, throttles }
}

export const createOrders = () => createOrderBook(STATES, makeOrder)
export type Orders = ReturnType<typeof createOrders>
export type SandboxOrder = ReturnType<typeof makeOrder>

/**
 * Page "Cancel Order": blocked once shipped, arrived or collected, and while a return order is
 * alive; completed orders do not change.
 */
export const objection = ({ status, order_delivery: delivery }: Order): string | null => {
  if (status === 'cancelled') return 'The order is cancelled already'
  if (status === 'completed') return 'The order is completed'
  if (delivery.return_order_id !== null) return 'The order has a return order'
  return delivery.status === 'pending' ? null : 'The order has been shipped or delivered'
}

const failedTags = (): readonly object[] =>
  documented.subtotal_items.map(({ id, item_id, item_variation_key }) => ({
    product_id: item_id,
    sku_id: item_variation_key,
    order_item_id: id,
    stock_tag: 'INCREASE_FAILED',
  }))

/**
 * Cancels, and tells whether money went back. Page "Cancel Order": "currently" only Taishin TapPay
 * is refunded automatically.
 */
export const cancel = (order: SandboxOrder, refund: boolean): boolean => {
  const { shown, restockFails } = order
  const { status, payment_type } = shown.order_payment
  const isRefunded = refund && status === 'completed' && payment_type === 'taishin_tappay'
  order.canceledAt = Date.now()
  Object.assign(shown, {
    status: 'cancelled',
    // UTC, written with an offset, as the vendor's samples are.
    updated_at: new Date(order.canceledAt).toISOString().replace('Z', '+00:00'),
    ...(isRefunded && { order_payment: { ...shown.order_payment, status: 'refunded' } }),
    ...(restockFails && { order_items_stock_tag: failedTags() }),
  })
  return isRefunded
}
