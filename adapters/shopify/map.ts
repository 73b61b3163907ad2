/** Shopify's order as the canonical one. Whether it is canceled is answered here, nowhere else. */
import {
  currencyOf,
  type FulfillmentStatus,
  instant,
  type Money,
  money,
  type Obstacle,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  tolerant,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

/**
 * The time of its cancel alone says it (recorded). `closed` does not: an order that was canceled
 * and stays paid is not closed, one that was refunded is.
 */
export const isCanceled = (order: wire.Order): boolean => order.cancelledAt !== null

const status = (order: wire.Order): OrderStatus => {
  if (isCanceled(order)) return 'canceled'
  if (typeof order.closed !== 'boolean') return 'unknown'
  return order.closed ? 'completed' : 'open'
}

// The words of OrderDisplayFinancialStatus and OrderDisplayFulfillmentStatus, 2025-10 to 2026-10.

const PAYMENT = tolerant.words<PaymentStatus>({
  AUTHORIZED: 'authorized',
  EXPIRED: 'failed',
  PAID: 'paid',
  PARTIALLY_PAID: 'partially_paid',
  PARTIALLY_REFUNDED: 'partially_refunded',
  PENDING: 'pending',
  REFUNDED: 'refunded',
  VOIDED: 'voided',
})

const FULFILLMENT = tolerant.words<FulfillmentStatus>({
  FULFILLED: 'fulfilled',
  PARTIALLY_FULFILLED: 'partially_fulfilled',
  FULFILLMENT_NOT_REQUIRED: 'not_required',
  UNFULFILLED: 'unfulfilled',
  OPEN: 'unfulfilled',
  IN_PROGRESS: 'unfulfilled',
  ON_HOLD: 'unfulfilled',
  SCHEDULED: 'unfulfilled',
  PENDING_FULFILLMENT: 'unfulfilled',
  REQUEST_DECLINED: 'unfulfilled',
  RESTOCKED: 'unfulfilled',
})

/** Of transactions that are still to be decided. */
const UNDECIDED = ['PENDING', 'AWAITING_RESPONSE']
const FAILED = ['FAILURE', 'ERROR']
const of = (order: wire.Order, kind: string, statuses: readonly string[]) =>
  (order.transactions ?? []).filter((one) => one.kind === kind && statuses.includes(one.status))

export const pendingRefunds = (order: wire.Order) => of(order, 'REFUND', UNDECIDED)
export const failedRefunds = (order: wire.Order) => of(order, 'REFUND', FAILED)
export const holds = (order: wire.Order) => of(order, 'AUTHORIZATION', ['SUCCESS'])

/** The ids of what a refund leaves on an order, so that what a cancel leaves is told apart. */
export const refundsOf = ({ transactions, refunds }: wire.Order): string[] =>
  [...(transactions ?? []), ...(refunds ?? [])].flatMap(({ id }) => id ?? [])

/** An order without a transaction has no word for its payment (recorded). */
const paymentStatus = (order: wire.Order): PaymentStatus => {
  if (order.displayFinancialStatus === null) return 'unpaid'
  const known = PAYMENT.get(order.displayFinancialStatus) ?? 'unknown'
  return known === 'paid' && pendingRefunds(order).length > 0 ? 'refund_pending' : known
}

/** What Shopify is documented, or was recorded, to refuse. */
export const obstacle = (order: wire.Order): Obstacle | null => {
  if (isCanceled(order)) return null
  if (order.fulfillments?.some(({ status }) => status === 'SUCCESS'))
    return {
      cause: 'fulfilled',
      detail: 'The order has a fulfillment; Shopify cancels it only once that is canceled.',
    }
  if (order.returnStatus === 'IN_PROGRESS')
    return { cause: 'returned', detail: 'The order has a return that is in progress.' }
  if (of(order, 'AUTHORIZATION', UNDECIDED).length > 0)
    return {
      cause: 'payment_pending',
      detail: 'An authorization of the payment is pending; Shopify cancels only afterwards.',
    }
  return null
}

export const amountOf = (set: wire.Order['totalPriceSet']): Money | null =>
  money(set?.shopMoney?.amount, set?.shopMoney?.currencyCode)

/** `gid://shopify/LineItem/7` is 7. */
const tail = (id: string | null | undefined): string | null => id?.split('/').at(-1) || null

/** More lines than were asked for are not told: a part of them would look like all. */
const lines = ({ lineItems }: wire.Order): Order['lines'] =>
  lineItems?.nodes && lineItems.pageInfo?.hasNextPage === false
    ? lineItems.nodes.map((line) => ({
        id: tail(line.id),
        title: line.title || null,
        sku: line.sku || null,
        productId: null,
        variantId: null,
        quantity: line.quantity ?? null,
        unitPrice: amountOf(line.originalUnitPriceSet),
        total: amountOf(line.discountedTotalSet),
      }))
    : null

const customer = ({ customer, email, phone }: wire.Order): Order['customer'] =>
  customer || email || phone
    ? {
        id: tail(customer?.id),
        email: email || null,
        // Without a name Shopify shows the address or the number in its place.
        name: [email, phone].includes(customer?.displayName) ? null : customer?.displayName || null,
        phone: phone || null,
      }
    : null

/** Never throws; what Shopify does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => ({
  id: order.id,
  number: order.name || null,
  status: status(order),
  paymentStatus: paymentStatus(order),
  fulfillmentStatus: FULFILLMENT.get(order.displayFulfillmentStatus) ?? 'unknown',
  currency: currencyOf(order.currencyCode),
  totals: {
    subtotal: amountOf(order.subtotalPriceSet),
    discount: amountOf(order.totalDiscountsSet),
    shipping: amountOf(order.totalShippingPriceSet),
    tax: amountOf(order.totalTaxSet),
    // Not the current one, which is nothing after a cancel (recorded).
    total: amountOf(order.totalPriceSet),
    paid: amountOf(order.totalReceivedSet),
    refunded: amountOf(order.totalRefundedSet),
  },
  customer: customer(order),
  lines: lines(order),
  reason: order.cancellation?.staffNote || order.cancelReason || null,
  canceledAt: instant(order.cancelledAt),
  createdAt: instant(order.createdAt),
  updatedAt: instant(order.updatedAt),
  native: {
    // Shopify has no one word for it.
    status: null,
    paymentStatus: order.displayFinancialStatus,
    fulfillmentStatus: order.displayFulfillmentStatus,
  },
  readAt: new Date().toISOString(),
})
