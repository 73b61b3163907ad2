/** BigCommerce's order as the canonical one. Whether it is canceled is answered here alone. */
import {
  currencyOf,
  type Fact,
  type FulfillmentStatus,
  instant,
  isPositive,
  money,
  type Obstacle,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  sum,
  tolerant,
} from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

/** `custom_status` is the merchant's own wording, and `status` a label: the number decides. */
export const CANCELED = 5
export const isCanceled = ({ status_id }: { readonly status_id: number }): boolean =>
  status_id === CANCELED

interface State {
  readonly label: string
  readonly status: OrderStatus
  /** Our policy: BigCommerce itself refuses no change of status. */
  readonly obstacle?: Obstacle
}

const state = (label: string, status: OrderStatus, obstacle?: Obstacle): State => ({
  label,
  status,
  ...(obstacle && { obstacle }),
})

/** All that there are, by `status_id` (OpenAPI document, GET /order_statuses). */
const STATES: readonly State[] = [
  state('Incomplete', 'draft', {
    cause: 'payment_pending',
    detail: 'The order is incomplete: its buyer has not finished paying, and still may.',
  }),
  state('Pending', 'pending'),
  state('Shipped', 'open', { cause: 'fulfilled', detail: 'The order was shipped.' }),
  state('Partially Shipped', 'open', {
    cause: 'fulfilled',
    detail: 'A part of the order was shipped.',
  }),
  state('Refunded', 'completed', {
    cause: 'completed',
    detail: 'The order is refunded; as canceled it would no longer say so.',
  }),
  state('Cancelled', 'canceled'),
  state('Declined', 'failed', { cause: 'payment_failed', detail: 'The order was declined.' }),
  state('Awaiting Payment', 'pending'),
  state('Awaiting Pickup', 'open'),
  state('Awaiting Shipment', 'open'),
  state('Completed', 'completed', { cause: 'completed', detail: 'The order is completed.' }),
  state('Awaiting Fulfillment', 'open'),
  state('Manual Verification Required', 'on_hold'),
  state('Disputed', 'on_hold', {
    cause: 'refused',
    detail: 'The buyer disputes the payment; as canceled the order would no longer say so.',
  }),
  state('Partially Refunded', 'open', {
    cause: 'refused',
    detail: 'A part of the order is refunded; as canceled it would no longer say so.',
  }),
]

/** What our policy has against canceling it; nothing is refused by BigCommerce. */
export const obstacle = (order: wire.Order): Obstacle | null => {
  if (isCanceled(order)) return null
  if (order.is_deleted)
    return { cause: 'refused', detail: 'The order is archived; restore it there first.' }
  const known = STATES[order.status_id]
  if (!known)
    return { cause: 'refused', detail: `The order’s status_id ${order.status_id} is not known.` }
  if (known.obstacle) return known.obstacle
  return order.items_shipped > 0
    ? { cause: 'fulfilled', detail: 'Some of the order’s items were shipped.' }
    : null
}

const statusOf = ({ status_id, status }: wire.Order): OrderStatus => {
  const known = STATES[status_id]
  if (isCanceled({ status_id })) return 'canceled'
  // A label that is not the one of its number: one of the two is not what it is held for.
  return known && (status ?? known.label) === known.label ? known.status : 'unknown'
}

/** The words of `payment_status` in the OpenAPI document. */
const PAYMENT = tolerant.words<PaymentStatus>({
  authorized: 'authorized',
  captured: 'paid',
  'capture pending': 'pending',
  declined: 'failed',
  'held for review': 'pending',
  paid: 'paid',
  'partially refunded': 'partially_refunded',
  pending: 'pending',
  refunded: 'refunded',
  void: 'voided',
  'void pending': 'pending',
})
const AWAITING_PAYMENT = 7

/** Manual payments have none (recorded); of Awaiting Payment the page says that it may come. */
const paymentStatus = ({ payment_status, status_id }: wire.Order): PaymentStatus =>
  PAYMENT.get(payment_status) ??
  (!payment_status && status_id === AWAITING_PAYMENT ? 'pending' : 'unknown')

const fulfillmentStatus = (order: wire.Order): FulfillmentStatus => {
  const { status_id, items_shipped: shipped, items_total: total } = order
  if (status_id === 2) return 'shipped'
  if (status_id === 3) return 'partially_fulfilled'
  if (shipped > 0) return shipped === total ? 'fulfilled' : 'partially_fulfilled'
  if (order.order_is_digital) return 'not_required'
  // Completed by hand, without a shipment.
  return status_id === 10 ? 'fulfilled' : 'unfulfilled'
}

const time = (written: string | null | undefined): string | null => {
  const ms = wire.millisecondsOf(written)
  return ms === null ? null : instant(new Date(ms).toISOString())
}

const customer = ({ customer_id: id, billing_address: address }: wire.Order): Order['customer'] =>
  address || (id && id !== '0')
    ? {
        // Who bought as a guest is customer 0.
        id: id && id !== '0' ? id : null,
        email: address?.email || null,
        name: [address?.first_name, address?.last_name].filter(Boolean).join(' ') || null,
        phone: address?.phone || null,
      }
    : null

/** Never throws; what BigCommerce does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => {
  // What the buyer pays in; `currency_code` is what prices were shown in.
  const currency = currencyOf(order.default_currency_code)
  const of = (amount: string | number | null | undefined) => money(amount, currency)
  const refunded = of(order.refunded_amount)
  return {
    id: order.id,
    // The number that people see is the id.
    number: order.id,
    status: statusOf(order),
    paymentStatus: paymentStatus(order),
    fulfillmentStatus: fulfillmentStatus(order),
    currency,
    totals: {
      subtotal: of(order.subtotal_inc_tax),
      discount: sum([order.discount_amount, order.coupon_discount], currency),
      shipping: of(order.shipping_cost_inc_tax),
      tax: of(order.total_tax),
      total: of(order.total_inc_tax),
      paid: null,
      // “Always returns 0”, says the OpenAPI document, so that zero is nothing told.
      refunded: isPositive(refunded) ? refunded : null,
    },
    customer: customer(order),
    lines:
      order.consignments?.map((item) => ({
        id: item.id,
        title: item.name || null,
        sku: item.sku || null,
        productId: item.product_id ?? null,
        variantId: item.variant_id ?? null,
        quantity: item.quantity ?? null,
        unitPrice: of(item.price_inc_tax),
        total: of(item.total_inc_tax),
      })) ?? null,
    // Staff notes hold more than a reason.
    reason: null,
    // The last change need not have been the cancel.
    canceledAt: null,
    createdAt: time(order.date_created),
    updatedAt: time(order.date_modified),
    native: {
      status: order.status ?? String(order.status_id),
      paymentStatus: order.payment_status || null,
      fulfillmentStatus: null,
    },
    readAt: new Date().toISOString(),
  }
}

const KEPT = tolerant.words({
  paid: 'What is paid stays paid; refund it in BigCommerce.',
  partially_refunded: 'What is left of the payment stays paid; refund it in BigCommerce.',
  authorized: 'The hold on the payment stays; void it in BigCommerce.',
})
const UNDER_WAY = tolerant.words({
  'capture pending': 'A capture is under way, which no cancel stops.',
  'void pending': 'The payment is being voided, which is none of the cancel’s doing.',
})

/** What a change of status leaves the payment at; null: more than the manual is not known. */
export const paymentAhead = (order: Order, basis: Fact['basis']): Fact | null => {
  const moving = UNDER_WAY.get(order.native.paymentStatus)
  if (moving) return { done: 'unknown', basis: 'none', detail: moving }
  const kept = KEPT.get(order.paymentStatus)
  return kept ? { done: 'no', basis, detail: kept } : null
}

/** The payment before the cancel against the payment after it; null as above. */
export const paymentFact = (before: Order, after: Order, basis: Fact['basis']): Fact | null => {
  const is = after.native.paymentStatus
  if (is === before.native.paymentStatus) return paymentAhead(after, basis)
  const detail = `BigCommerce shows the payment as “${is ?? ''}”; before it was “${
    before.native.paymentStatus ?? ''
  }”.`
  if (is === 'void pending') return { done: 'pending', basis, detail }
  switch (after.paymentStatus) {
    case 'refunded':
    case 'voided':
      return { done: 'yes', basis, detail }
    case 'partially_refunded':
      return { done: 'partial', basis, detail }
    case 'paid':
    case 'authorized':
      return { done: 'no', basis, detail }
    default:
      return { done: 'unknown', basis: 'none', detail }
  }
}
