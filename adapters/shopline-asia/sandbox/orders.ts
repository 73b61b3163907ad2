/**
 * The orders of the SHOPLINE Asia imitation: a documented one, what a state changes on it, and what
 * a cancel does to it.
 */
import {
  copyWithId,
  createOrderBook,
  LATE_MS,
  type OrderBook,
  SLOW_MS,
} from '../../../src/adapter/sandbox-kit.ts'
import documented from './order.json' with { type: 'json' }

interface StockTag {
  readonly product_id: string
  readonly sku_id: string
  readonly order_item_id: string
  readonly stock_tag: 'INCREASE_FAILED'
}

/** The model Order; it has no field for the time or the reason of a cancel. */
export interface Order {
  readonly id: string
  readonly order_number: string
  readonly merchant_order_number: string | null
  status: string
  updated_at: string
  order_payment: { readonly status: string; readonly payment_type: string }
  readonly order_delivery: { readonly status: string; readonly return_order_id: string | null }
  order_items_stock_tag: readonly StockTag[] | null
}

export interface SandboxOrder {
  readonly shown: Order
  /** The goods cannot be put back: the platform says so per item, under 200. */
  readonly restockFails: boolean
  readonly thinksMs: number
  throttles: number
}

/** What is not as in the documented order; words of OrderPayment and OrderDelivery. */
interface State {
  readonly says: string
  readonly order?: object
  readonly payment?: object
  readonly delivery?: object
  readonly restockFails?: true
  readonly thinksMs?: number
  /** How many cancels get a 429 first. */
  readonly throttles?: number
}

const {
  order: { created_at: at },
  shipped_at,
} = documented

const paid = {
  order: { status: 'confirmed', confirmed_at: at },
  payment: { status: 'completed', payment_type: 'taishin_tappay', paid_at: at },
}

const sent = (status: string, more: object = {}) => ({
  ...paid,
  delivery: { status, delivery_status: status, shipped_at, ...more },
})

const STATES: Readonly<Record<string, State>> = {
  open: { says: 'Unpaid, not shipped.' },
  paid: { ...paid, says: 'Paid by TapPay: refunded unless refund_order is false.' },
  'paid-transfer': {
    ...paid,
    payment: { ...paid.payment, payment_type: 'bank_transfer' },
    says: 'Paid by bank transfer: the platform cannot refund it, whatever refund_order says.',
  },
  fulfilled: { ...sent('shipped'), says: 'Shipped: the cancel is refused with 422.' },
  arrived: {
    ...sent('arrived', { arrived_at: shipped_at }),
    says: 'Waiting in the pick-up store: the cancel is refused with 422.',
  },
  returning: {
    ...sent('returning', { arrived_at: shipped_at, return_order_id: '5b2b66599a76f0196a000901' }),
    says: 'Has a return order that is not canceled: the cancel is refused with 422.',
  },
  completed: {
    ...sent('collected', { arrived_at: shipped_at, collected_at: shipped_at }),
    order: { ...paid.order, status: 'completed', completed_at: shipped_at },
    says: 'Collected and completed: the cancel is refused with 422.',
  },
  canceled: {
    order: { status: 'cancelled' },
    says: 'Canceled before; the platform keeps neither time nor reason in the order.',
  },
  'restock-fails': {
    restockFails: true,
    says: 'Is canceled, but no item can be put back in stock.',
  },
  slow: { thinksMs: SLOW_MS, says: 'As open, but the cancel takes 1.5 seconds.' },
  late: {
    thinksMs: LATE_MS,
    says: 'As open, but the cancel takes 4 seconds and lands though the caller has gone.',
  },
  throttled: { throttles: 1, says: 'The first cancel gets a 429 with Retry-After, not the next.' },
}

const numberOf = (ordinal: number): string =>
  documented.order.order_number.slice(0, -3) + String(ordinal).padStart(3, '0')

export const createOrders = (): OrderBook<SandboxOrder> =>
  createOrderBook(STATES, (state, id, ordinal) => {
    const { order, payment, delivery, restockFails = false, thinksMs = 0, throttles = 0 } = state
    const changed = {
      ...documented.order,
      ...order,
      order_number: numberOf(ordinal),
      system_order_number: numberOf(ordinal),
      // The shop gave `arrived` the number that the platform gave `fulfilled`: a search finds both,
      // as the search page warns.
      merchant_order_number: id === 'arrived' ? numberOf(ordinal - 1) : null,
      order_payment: { ...documented.order.order_payment, ...payment },
      order_delivery: { ...documented.order.order_delivery, ...delivery },
    }
    const shown = copyWithId<Order>(changed, documented.order.id, id)
    return { shown, restockFails, thinksMs, throttles }
  })

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

/**
 * Cancels, and tells whether money went back. Page "Cancel Order": "currently" only Taishin TapPay
 * is refunded automatically.
 */
export const cancel = ({ shown, restockFails }: SandboxOrder, refund: boolean): boolean => {
  const { status, payment_type } = shown.order_payment
  const isRefunded = refund && status === 'completed' && payment_type === 'taishin_tappay'
  shown.status = 'cancelled'
  // UTC, written with an offset, as the vendor's samples are.
  shown.updated_at = new Date().toISOString().replace('Z', '+00:00')
  if (isRefunded) shown.order_payment = { ...shown.order_payment, status: 'refunded' }
  if (restockFails)
    shown.order_items_stock_tag = documented.order.subtotal_items.map((item) => ({
      product_id: item.item_id,
      sku_id: item.item_variation_key,
      order_item_id: item.id,
      stock_tag: 'INCREASE_FAILED',
    }))
  return isRefunded
}
