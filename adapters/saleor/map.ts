/** Saleor's order as the canonical one. Whether it is canceled is answered here, nowhere else. */
import {
  currencyOf,
  type FulfillmentStatus,
  instant,
  isPositive,
  minus,
  type Money,
  money,
  type Obstacle,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  sum,
  tolerant,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

const CANCELED = 'CANCELED'
export const isCanceled = (order: Pick<wire.Order, 'status'>): boolean => order.status === CANCELED

// The words of OrderStatus, PaymentChargeStatusEnum and FulfillmentStatus, 3.21 to 3.23.

const STATUS = tolerant.words<OrderStatus>({
  DRAFT: 'draft',
  UNCONFIRMED: 'pending',
  UNFULFILLED: 'open',
  PARTIALLY_FULFILLED: 'open',
  FULFILLED: 'completed',
  PARTIALLY_RETURNED: 'open',
  RETURNED: 'completed',
  CANCELED: 'canceled',
  EXPIRED: 'failed',
})

const PAYMENT = tolerant.words<PaymentStatus>({
  NOT_CHARGED: 'unpaid',
  PENDING: 'pending',
  PARTIALLY_CHARGED: 'partially_paid',
  FULLY_CHARGED: 'paid',
  PARTIALLY_REFUNDED: 'partially_refunded',
  FULLY_REFUNDED: 'refunded',
  REFUSED: 'failed',
  CANCELLED: 'voided',
})

const FULFILLMENT = tolerant.words<FulfillmentStatus>({
  DRAFT: 'unfulfilled',
  UNCONFIRMED: 'unfulfilled',
  UNFULFILLED: 'unfulfilled',
  EXPIRED: 'unfulfilled',
  PARTIALLY_FULFILLED: 'partially_fulfilled',
  FULFILLED: 'fulfilled',
  PARTIALLY_RETURNED: 'partially_returned',
  RETURNED: 'returned',
})

/** With one of these Saleor cancels no order (`Order.can_cancel`, order/models.py). */
const STANDING = ['FULFILLED', 'WAITING_FOR_APPROVAL']

/** What Saleor would refuse, all with one code. */
export const obstacle = ({ status, fulfillments }: wire.Order): Obstacle | null => {
  if (status === 'DRAFT')
    return { cause: 'refused', detail: 'It is a draft: Saleor deletes those, and cancels none.' }
  if (status === 'EXPIRED')
    return { cause: 'refused', detail: 'The order has expired, and Saleor changes it no more.' }
  if (status === CANCELED || !fulfillments.some((one) => STANDING.includes(one.status))) return null
  return {
    cause: status === 'FULFILLED' ? 'completed' : 'fulfilled',
    detail:
      'The order has a fulfillment; Saleor cancels it only once that is canceled, returned, ' +
      'replaced or refunded.',
  }
}

const amountOf =
  ({ total }: wire.Order) =>
  (value: wire.Order['totalCharged']): Money | null =>
    money(value?.amount, total?.currency)

/** Where the money is. */
export const fundsOf = (order: wire.Order) => {
  const amount = amountOf(order)
  return {
    /** What the shop has: what goes back leaves it. */
    charged: amount(order.totalCharged),
    held: amount(order.totalAuthorized),
    refunded: amount(order.totalRefunded),
    refundPending: amount(order.totalRefundPending),
  }
}

/** The word alone forgets refunds and holds of the Transactions API (graphql/order/types.py). */
const paymentStatus = (order: wire.Order): PaymentStatus => {
  const known = PAYMENT.get(order.paymentStatus) ?? 'unknown'
  const { charged, held, refunded, refundPending } = fundsOf(order)
  if (known === 'unknown') return known
  if (isPositive(refundPending)) return 'refund_pending'
  if (isPositive(refunded)) return isPositive(charged) ? 'partially_refunded' : 'refunded'
  return known === 'unpaid' && isPositive(held) ? 'authorized' : known
}

/** A canceled order's own word is about nothing else. */
const fulfillmentStatus = ({ status, fulfillments }: wire.Order): FulfillmentStatus => {
  if (status !== CANCELED) return FULFILLMENT.get(status) ?? 'unknown'
  return fulfillments.every((one) => one.status === CANCELED) ? 'unfulfilled' : 'unknown'
}

const eventsOf = ({ events }: wire.Order, type: string) =>
  (events ?? []).filter((event) => event.type === type)

/** What was written to the order, by us or by others. */
export const notesOf = (order: wire.Order) =>
  eventsOf(order, 'NOTE_ADDED').map(({ message }) => message)

/** The mails about a cancel that Saleor's own plugins have sent so far. */
export const mailsOf = (order: wire.Order): number =>
  eventsOf(order, 'EMAIL_SENT').filter(({ emailType }) => emailType === 'ORDER_CANCEL').length

/** How many pieces are allocated to it; null: it is not told. */
export const allocatedOf = ({ lines }: wire.Order): number | null => {
  if (!lines?.every(({ allocations }) => allocations)) return null
  return lines
    .flatMap(({ allocations }) => allocations ?? [])
    .reduce((all, { quantity }) => all + quantity, 0)
}

const totals = (order: wire.Order): Order['totals'] => {
  const amount = amountOf(order)
  const total = amount(order.total?.gross)
  const { totalCharged, totalRefunded, totalRefundPending } = order
  return {
    subtotal: amount(order.subtotal?.gross),
    discount: minus(amount(order.undiscountedTotal?.gross), total),
    shipping: amount(order.shippingPrice?.gross),
    tax: amount(order.total?.tax),
    total,
    paid: sum(
      [totalCharged, totalRefunded, totalRefundPending].map((one) => one?.amount),
      order.total?.currency,
    ),
    refunded: amount(totalRefunded),
  }
}

const lines = (order: wire.Order): Order['lines'] =>
  order.lines?.map((line) => ({
    id: line.id || null,
    title: line.productName || null,
    sku: line.productSku || null,
    productId: null,
    variantId: line.productVariantId || null,
    quantity: line.quantity ?? null,
    unitPrice: amountOf(order)(line.unitPrice?.gross),
    total: amountOf(order)(line.totalPrice?.gross),
  })) ?? null

const customer = ({ user, userEmail, billingAddress }: wire.Order): Order['customer'] =>
  user || userEmail || billingAddress
    ? {
        id: user?.id || null,
        email: userEmail || null,
        name:
          [billingAddress?.firstName, billingAddress?.lastName].filter(Boolean).join(' ') || null,
        phone: billingAddress?.phone || null,
      }
    : null

/** Never throws; what Saleor does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => ({
  id: order.id,
  number: order.number || null,
  status: STATUS.get(order.status) ?? 'unknown',
  paymentStatus: paymentStatus(order),
  fulfillmentStatus: fulfillmentStatus(order),
  currency: currencyOf(order.total?.currency),
  totals: totals(order),
  customer: customer(order),
  lines: lines(order),
  // It keeps none of its own: a note may be about anything.
  reason: null,
  canceledAt: isCanceled(order) ? instant(eventsOf(order, CANCELED).at(-1)?.date) : null,
  createdAt: instant(order.created),
  updatedAt: instant(order.updatedAt),
  native: {
    status: order.status,
    paymentStatus: order.paymentStatus ?? null,
    fulfillmentStatus:
      [...new Set(order.fulfillments.map(({ status }) => status))].join(', ') || null,
  },
  readAt: new Date().toISOString(),
})
