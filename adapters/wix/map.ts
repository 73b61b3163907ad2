/**
 * Wix's order as the canonical one. Whether it is canceled, what was put back and what stays paid
 * is answered here and nowhere else.
 */
import {
  currencyOf,
  type Fact,
  type FulfillmentStatus,
  instant,
  isPositive,
  minus,
  type Money,
  money,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  sameText,
  tolerant,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

/**
 * `status` alone says it, and it never changes back (support.wix.com, "Canceling and Refunding Wix
 * Stores Orders").
 * CANCELED as a payment status is something else: one or more payments were.
 */
export const isCanceled = (order: wire.Order): boolean => order.status === 'CANCELED'

/**
 * INITIALIZED: created, neither approved nor canceled. Wix has no word for an order that is done
 * with.
 */
const STATUS = tolerant.words<OrderStatus>({
  INITIALIZED: 'pending',
  PENDING: 'pending',
  APPROVED: 'open',
  CANCELED: 'canceled',
  REJECTED: 'failed',
})

const PAYMENT = tolerant.words<PaymentStatus>({
  NOT_PAID: 'unpaid',
  PENDING: 'pending',
  PENDING_MERCHANT: 'pending',
  PARTIALLY_PAID: 'partially_paid',
  PAID: 'paid',
  PARTIALLY_REFUNDED: 'partially_refunded',
  FULLY_REFUNDED: 'refunded',
  CANCELED: 'voided',
  DECLINED: 'failed',
})

const FULFILLMENT = tolerant.words<FulfillmentStatus>({
  NOT_FULFILLED: 'unfulfilled',
  PARTIALLY_FULFILLED: 'partially_fulfilled',
  FULFILLED: 'fulfilled',
})

/** Money held on the buyer's card: Wix refuses to cancel while there is any. */
export const held = (order: wire.Order): Money | null =>
  money(order.balanceSummary?.authorized?.amount, order.currency)

const paymentStatus = (order: wire.Order): PaymentStatus => {
  const word = PAYMENT.get(order.paymentStatus) ?? 'unknown'
  // Wix has no word of its own for a hold: it reads as a pending two-step payment.
  if ((word === 'unpaid' || word === 'pending') && isPositive(held(order))) return 'authorized'
  if (
    word !== 'unknown' &&
    isPositive(money(order.balanceSummary?.pendingRefund?.amount, order.currency))
  )
    return 'refund_pending'
  return word
}

const typeOf = ({ activityType, type }: wire.Activity) => activityType ?? type

/**
 * There is no such field; the activity that Wix writes with the cancel is the only trace of its
 * time.
 */
const canceledAt = (order: wire.Order): string | null =>
  instant(order.activities?.find((activity) => typeOf(activity) === 'ORDER_CANCELED')?.createdDate)

/** Whether a merchant's comment with these words was written after the cancel, as ours is. */
export const isNoted = (order: wire.Order, words: string): boolean => {
  // Where its time is not told, the words are in the record all the same, and are not written
  // twice.
  const since = Date.parse(canceledAt(order) ?? '') || -Infinity
  return (order.activities ?? []).some(
    (activity) =>
      typeOf(activity) === 'MERCHANT_COMMENT' &&
      sameText(activity.merchantComment?.message, words) &&
      (Date.parse(activity.createdDate ?? '') || Infinity) >= since,
  )
}

/**
 * `catalogReference.appId` of Wix Stores, the only catalog that `restockAllItems` reaches (page
 * "Cancel Order").
 */
const WIX_STORES = '215238eb-22a5-4c36-9e7b-e7c08025e04e'
const ONLY_STORES = 'Wix restocks products of Wix Stores only'

const isOurs = ({ catalogReference }: wire.LineItem) => catalogReference?.appId === WIX_STORES
const isForeign = (item: wire.LineItem) => Boolean(item.catalogReference?.appId) && !isOurs(item)
const isTold = (value: number | null | undefined) => typeof value === 'number'

/**
 * What had been put back per line, as far as it is more than nothing; null where the order does not
 * tell its lines.
 */
export type Restocked = Readonly<Record<string, number>> | null
const keyOf = ({ id }: wire.LineItem, index: number) => id ?? `#${index}`
export const restocked = ({ lineItems }: wire.Order): Restocked =>
  lineItems &&
  Object.fromEntries(
    lineItems.flatMap((item, index) =>
      item.restockQuantity ? [[keyOf(item, index), item.restockQuantity]] : [],
    ),
  )

const untold = (detail: string): Fact => ({ done: 'unknown', basis: 'none', detail })

/** Where the wish to restock cannot come true for every line, or nobody can tell; null: it can. */
export const restockAhead = ({ lineItems: lines }: wire.Order): Fact => {
  if (!lines) return untold('The order does not tell its lines.')
  const [ours, foreign] = [lines.filter(isOurs).length, lines.filter(isForeign).length]
  if (ours === lines.length)
    return {
      done: 'yes',
      basis: 'documented',
      detail: `${ours} of ${lines.length} lines can be put back.`,
    }
  if (ours + foreign < lines.length)
    return untold(
      `Of ${lines.length - ours - foreign} of ${lines.length} lines the catalog is not told: ` +
        `${ONLY_STORES}.`,
    )
  return {
    done: ours === 0 ? 'impossible' : 'partial',
    basis: 'documented',
    detail: `${ours} of ${lines.length} lines can be put back: ${ONLY_STORES}.`,
  }
}

/**
 * What was put back, by the lines themselves against what they said before; null where they do not
 * say it.
 */
export const restockFact = (
  order: wire.Order,
  before: Restocked,
  wish: boolean | null,
  basis: Fact['basis'],
): Fact | null => {
  const lines = order.lineItems ?? []
  if (before === null || !lines.some(({ restockQuantity }) => isTold(restockQuantity))) return null
  const touched = lines.filter(
    (item, index) => (item.restockQuantity ?? 0) > (before[keyOf(item, index)] ?? 0),
  ).length
  if (!wish && touched === 0)
    return lines.every(({ restockQuantity }) => isTold(restockQuantity))
      ? { done: 'no', basis }
      : untold('Not every line tells what was put back.')
  const known = lines.filter(
    ({ quantity, restockQuantity }) => isTold(quantity) && isTold(restockQuantity),
  )
  const full = known.filter(
    ({ quantity, restockQuantity }) => Number(restockQuantity) >= Number(quantity),
  ).length
  if (full === lines.length)
    return { done: 'yes', basis, detail: `${full} of ${full} lines were put back in full.` }
  const silent = lines.length - known.length
  const unknown = silent > 0 ? `, ${silent} do not tell` : ''
  const why = lines.some(isForeign) ? `: ${ONLY_STORES}` : ''
  const detail = `${full} of ${lines.length} lines were put back in full${unknown}${why}.`
  if (silent > 0 && (full === known.length || touched === 0)) return untold(detail)
  if (full > 0 || touched > 0) return { done: 'partial', basis, detail }
  return { done: lines.every(isForeign) ? 'impossible' : 'no', basis, detail }
}

/** By these words nothing went back yet: Wix leaves the amount out until something did. */
const KEPT: readonly PaymentStatus[] = ['unpaid', 'pending', 'authorized', 'partially_paid', 'paid']
const given = (
  status: PaymentStatus,
  refunded: Money | null,
  currency: string | null | undefined,
): Money | null => refunded ?? (KEPT.includes(status) ? money(0, currency) : null)

const WENT_BACK: Partial<Record<PaymentStatus, Fact['done']>> = {
  refunded: 'yes',
  partially_refunded: 'partial',
  refund_pending: 'pending',
}
const NO_REFUND = 'Wix refunds nothing when it cancels.'

/**
 * A cancel leaves the money where it is (page "Cancel Order": the canceled example keeps its
 * `paid`); told all the same if it moved meanwhile.
 */
export const paymentFact = (order: wire.Order, before: Order | null): Fact => {
  const [{ paid, refunded }, status] = [totals(order), paymentStatus(order)]
  const basis = before ? 'confirmed' : 'documented'
  const back = given(status, refunded, order.currency)
  if (before) {
    const earlier = given(before.paymentStatus, before.totals.refunded, order.currency)
    const returned = minus(back, earlier)
    if (returned && isPositive(returned))
      return { done: 'yes', basis, amount: returned, detail: `Refunded meanwhile; ${NO_REFUND}` }
    if (isPositive(back) && !earlier)
      return untold(
        `Wix shows ${back?.amount} ${back?.currency} as refunded, and did not tell before the ` +
          'cancel how much of it was so then.',
      )
    const moved =
      status === before.paymentStatus || returned || before.paymentStatus === 'unknown'
        ? undefined
        : WENT_BACK[status]
    if (moved)
      return {
        done: moved,
        basis,
        detail: `Wix shows the payment as ${order.paymentStatus ?? status}, though ${NO_REFUND}`,
      }
  }
  const left = minus(paid, back)
  if (!left) return { done: 'no', basis: 'documented', detail: NO_REFUND }
  return {
    done: 'no',
    basis,
    detail: isPositive(left)
      ? `${left.amount} ${left.currency} stay paid; ${NO_REFUND}`
      : 'Nothing is paid.',
  }
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

/** Never throws; what Wix does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => ({
  id: order.id,
  number: order.number ?? null,
  status: STATUS.get(order.status) ?? 'unknown',
  paymentStatus: paymentStatus(order),
  fulfillmentStatus: FULFILLMENT.get(order.fulfillmentStatus) ?? 'unknown',
  currency: currencyOf(order.currency),
  totals: totals(order),
  customer: customer(order),
  lines:
    order.lineItems?.map((item) => ({
      id: item.id ?? null,
      title: item.productName?.original ?? null,
      sku: item.physicalProperties?.sku ?? null,
      productId: item.catalogReference?.catalogItemId ?? null,
      variantId: item.catalogReference?.options?.variantId ?? null,
      quantity: item.quantity ?? null,
      unitPrice: money(item.price?.amount, order.currency),
      total: money(item.totalPriceAfterTax?.amount, order.currency),
    })) ?? null,
  // A merchant's comment is no cancel reason, and nothing tells ours from others: who reads an
  // order cannot know.
  reason: null,
  canceledAt: isCanceled(order) ? canceledAt(order) : null,
  createdAt: instant(order.createdDate),
  updatedAt: instant(order.updatedDate),
  native: {
    status: order.status ?? null,
    paymentStatus: order.paymentStatus ?? null,
    fulfillmentStatus: order.fulfillmentStatus ?? null,
  },
  readAt: new Date().toISOString(),
})
