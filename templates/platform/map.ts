/** Acme's order as the canonical one. Whether it is canceled is answered here and nowhere else. */
import {
  currencyOf,
  type FulfillmentStatus,
  money,
  type Order,
  type OrderStatus,
  tolerant,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

export const isCanceled = (order: wire.Order): boolean => order.state === 'void'

const STATUS = tolerant.words<OrderStatus>({
  open: 'open',
  shipped: 'open',
  delivered: 'completed',
  void: 'canceled',
})

const SHIPPING = tolerant.words<FulfillmentStatus>({
  open: 'unfulfilled',
  shipped: 'shipped',
  delivered: 'delivered',
})

/** Never throws; what Acme does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => ({
  id: order.id,
  number: order.no ?? null,
  status: STATUS.get(order.state) ?? 'unknown',
  paymentStatus: order.paid === true ? 'paid' : order.paid === false ? 'unpaid' : 'unknown',
  fulfillmentStatus: SHIPPING.get(order.state) ?? 'unknown',
  currency: currencyOf(order.currency),
  totals: {
    subtotal: null,
    discount: null,
    shipping: null,
    tax: null,
    total: money(order.total, order.currency),
    paid: null,
    refunded: null,
  },
  customer: null,
  lines: null,
  reason: order.note || null,
  canceledAt: null,
  createdAt: null,
  updatedAt: null,
  native: { status: order.state, paymentStatus: null, fulfillmentStatus: null },
  readAt: new Date().toISOString(),
})
