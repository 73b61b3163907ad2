/** Wix's order as the canonical one. Whether it is canceled, what was put back and what stays paid is answered here and nowhere else. */
import {
  type Fact, type FulfillmentStatus, instant, isPositive, minus, type Money, money, type Order, type OrderStatus, type PaymentStatus,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

/**
 * `status` alone says it, and it never changes back (support.wix.com, "Canceling and Refunding Wix Stores Orders").
 * CANCELED as a payment status is something else: one or more payments were.
 */
export const isCanceled = (order: wire.Order): boolean => order.status === 'CANCELED'

/** INITIALIZED: created, neither approved nor canceled. Wix has no word for an order that is done with. */
const STATUS: Record<string, OrderStatus> = { INITIALIZED: 'pending', PENDING: 'pending', APPROVED: 'open', CANCELED: 'canceled', REJECTED: 'failed' }

const PAYMENT: Record<string, PaymentStatus> = {
  NOT_PAID: 'unpaid', PENDING: 'pending', PENDING_MERCHANT: 'pending', PARTIALLY_PAID: 'partially_paid', PAID: 'paid',
  PARTIALLY_REFUNDED: 'partially_refunded', FULLY_REFUNDED: 'refunded', CANCELED: 'voided', DECLINED: 'failed',
}

const FULFILLMENT: Record<string, FulfillmentStatus> = {
  NOT_FULFILLED: 'unfulfilled', PARTIALLY_FULFILLED: 'partially_fulfilled', FULFILLED: 'fulfilled',
}

/** Money held on the buyer's card: Wix refuses to cancel while there is any. */
export const held = (order: wire.Order): Money | null => money(order.balanceSummary?.authorized?.amount, order.currency)

const paymentStatus = (order: wire.Order): PaymentStatus => {
  const word = PAYMENT[order.paymentStatus ?? ''] ?? 'unknown'
  // Wix has no word of its own for a hold: it reads as a pending two-step payment.
  if ((word === 'unpaid' || word === 'pending') && isPositive(held(order))) return 'authorized'
  if (word !== 'unknown' && isPositive(money(order.balanceSummary?.pendingRefund?.amount, order.currency))) return 'refund_pending'
  return word
}

const typeOf = ({ activityType, type }: wire.Activity) => activityType ?? type

/** There is no such field; the activity that Wix writes with the cancel is the only trace of its time. */
const canceledAt = (order: wire.Order): string | null =>
  instant(order.activities?.find((activity) => typeOf(activity) === 'ORDER_CANCELED')?.createdDate)

/** Whether a merchant's comment with these words was written after the cancel, as ours is. */
export const isNoted = (order: wire.Order, words: string): boolean => {
  const since = Date.parse(canceledAt(order) ?? '')
  return (order.activities ?? []).some((activity) =>
    typeOf(activity) === 'MERCHANT_COMMENT' && activity.merchantComment?.message === words && Date.parse(activity.createdDate ?? '') >= since)
}

/** `catalogReference.appId` of Wix Stores, the only catalog that `restockAllItems` reaches (page "Cancel Order"). */
const WIX_STORES = '215238eb-22a5-4c36-9e7b-e7c08025e04e'
const ONLY_STORES = 'Wix restocks products of Wix Stores only'

const linesOf = (order: wire.Order) => order.lineItems ?? []
const isOurs = ({ catalogReference }: wire.LineItem) => catalogReference?.appId === WIX_STORES

/** What had been put back per line, as far as it is more than nothing. */
export type Restocked = Readonly<Record<string, number>>
export const restocked = (order: wire.Order): Restocked =>
  Object.fromEntries(linesOf(order).flatMap(({ id, restockQuantity }) => (restockQuantity ? [[id, restockQuantity]] : [])))

/** Where the wish to restock cannot come true for every line; null: it can. */
export const restockAhead = (order: wire.Order): Fact | null => {
  const lines = linesOf(order)
  const ours = lines.filter(isOurs).length
  if (ours === lines.length) return null
  return { done: ours === 0 ? 'impossible' : 'partial', basis: 'documented', detail: `${ours} of ${lines.length} lines can be put back: ${ONLY_STORES}.` }
}

/** What was put back, by the lines themselves against what they said before; null where they do not say it. */
export const restockFact = (order: wire.Order, before: Restocked, wish: boolean | null, basis: Fact['basis']): Fact | null => {
  const lines = linesOf(order)
  if (!lines.some(({ restockQuantity }) => typeof restockQuantity === 'number')) return null
  const full = lines.filter(({ quantity, restockQuantity }) => (restockQuantity ?? 0) >= (quantity ?? 0)).length
  const touched = lines.filter(({ id, restockQuantity }) => (restockQuantity ?? 0) > (before[id] ?? 0)).length
  if (!wish && touched === 0) return { done: 'no', basis }
  if (full === lines.length) return { done: 'yes', basis, detail: `${full} of ${full} lines were put back in full.` }
  const detail = `${full} of ${lines.length} lines were put back in full${lines.every(isOurs) ? '' : `: ${ONLY_STORES}`}.`
  if (full > 0 || touched > 0) return { done: 'partial', basis, detail }
  return { done: lines.some(isOurs) ? 'no' : 'impossible', basis, detail }
}

/** A cancel leaves the money where it is (page "Cancel Order": the canceled example keeps its `paid`); told all the same if it moved meanwhile. */
export const paymentFact = (order: wire.Order, before: Order | null): Fact => {
  const { paid, refunded } = totals(order)
  const basis = before ? 'confirmed' : 'documented'
  const returned = before && minus(refunded, before.totals.refunded)
  if (returned && isPositive(returned)) return { done: 'yes', basis, amount: returned, detail: 'Refunded meanwhile; Wix refunds nothing when it cancels.' }
  const left = minus(paid, refunded)
  if (!left) return { done: 'no', basis: 'documented', detail: 'Wix refunds nothing when it cancels.' }
  return { done: 'no', basis, detail: isPositive(left) ? `${left.amount} ${left.currency} stay paid; Wix refunds nothing when it cancels.` : 'Nothing is paid.' }
}

const totals = ({ priceSummary, balanceSummary, currency }: wire.Order): Order['totals'] => ({
  subtotal: money(priceSummary?.subtotal?.amount, currency),
  discount: money(priceSummary?.discount?.amount, currency),
  shipping: money(priceSummary?.shipping?.amount, currency),
  tax: money(priceSummary?.tax?.amount, currency),
  total: money(priceSummary?.total?.amount, currency),
  // Counts payments that were refunded later, too.
  paid: money(balanceSummary?.paid?.amount, currency),
  refunded: money(balanceSummary?.refunded?.amount, currency),
})

const customer = ({ buyerInfo, billingInfo, recipientInfo }: wire.Order): Order['customer'] => {
  const contact = billingInfo?.contactDetails ?? recipientInfo?.contactDetails
  const found = {
    id: buyerInfo?.contactId ?? buyerInfo?.memberId ?? null,
    email: buyerInfo?.email ?? null,
    name: [contact?.firstName, contact?.lastName].filter(Boolean).join(' ') || null,
    phone: contact?.phone ?? null,
  }
  return Object.values(found).some((value) => value !== null) ? found : null
}

const variantId = ({ catalogReference }: wire.LineItem): string | null => {
  const found = catalogReference?.options?.variantId
  return typeof found === 'string' ? found : null
}

/** Never throws; what Wix does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => ({
  id: order.id,
  number: order.number === null || order.number === undefined ? null : String(order.number),
  status: STATUS[order.status ?? ''] ?? 'unknown',
  paymentStatus: paymentStatus(order),
  fulfillmentStatus: FULFILLMENT[order.fulfillmentStatus ?? ''] ?? 'unknown',
  currency: order.currency?.toUpperCase() ?? null,
  totals: totals(order),
  customer: customer(order),
  lines: linesOf(order).map((item) => ({
    id: item.id,
    title: item.productName?.original ?? null,
    sku: item.physicalProperties?.sku ?? null,
    productId: item.catalogReference?.catalogItemId ?? null,
    variantId: variantId(item),
    quantity: item.quantity ?? 0,
    unitPrice: money(item.price?.amount, order.currency),
    total: money(item.totalPriceAfterTax?.amount, order.currency),
  })),
  // A merchant's comment is no cancel reason, and nothing tells ours from others: who reads an order cannot know.
  reason: null,
  canceledAt: isCanceled(order) ? canceledAt(order) : null,
  createdAt: instant(order.createdDate),
  updatedAt: instant(order.updatedDate),
  native: { status: order.status ?? null, paymentStatus: order.paymentStatus ?? null, fulfillmentStatus: order.fulfillmentStatus ?? null },
  readAt: new Date().toISOString(),
})
