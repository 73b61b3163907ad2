/**
 * Shoplazza's order as the canonical one. Whether it is canceled, and what became of its payment,
 * is answered here and nowhere else.
 */
import {
  type CancelRequest,
  currencyOf,
  type Fact,
  type Facts,
  type FulfillmentStatus,
  instant,
  isPositive,
  minus,
  type Money,
  money,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  tolerant,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

type Text = string | null | undefined

/** How an absent value is written is not documented: null and "" are nothing. */
const told = (value: Text): string | null =>
  value === undefined || value === null || value.trim() === '' ? null : value
/** So is a server's zero time; in a text for people the same digits mean something. */
const time = (value: Text): string | null =>
  /^(?:0000-|0001-01-01|1970-01-01)/.test(value ?? '') ? null : told(value)

/** What decides whether an order is canceled. */
type Signs = Pick<wire.Order, 'status' | 'cancel_reason' | 'canceled_at' | 'cancelled_at'>

/** One l in 2022-01, two in 2025-06 and later. */
const canceledAt = (order: Signs): string | null =>
  time(order.canceled_at) ?? time(order.cancelled_at)

/**
 * The order page calls a canceled order `cancelled` if it was not paid, and lets `finished` hold
 * both delivered orders and orders canceled after payment; so `finished` counts together with a
 * cancel's time or reason. The time alone may be missing (null in the vendor's own example of a
 * cancel), so without either sign it counts if the platform has just answered our cancel with
 * success and the order was something else before it (`from`).
 */
export const isCanceled = (order: Signs, from: string | null = null): boolean => {
  if (order.status === 'cancelled' || order.status === 'canceled') return true
  if (order.status !== 'finished') return false
  return (
    canceledAt(order) !== null ||
    told(order.cancel_reason) !== null ||
    (from !== null && from !== 'finished')
  )
}

/** Page "Order": `opened` waits for its payment, `placed` is being worked on. */
const STATUS = tolerant.words<OrderStatus>({
  opened: 'pending',
  placed: 'open',
  finished: 'completed',
})

/** What a list tells of it; null where a look must: `finished` without a word on either sign. */
export const listedAsCanceled = (order: Signs): boolean | null => {
  if (isCanceled(order)) return true
  const { cancel_reason: reason, canceled_at: older, cancelled_at: newer } = order
  const isSilent = reason === undefined && older === undefined && newer === undefined
  return STATUS.has(order.status) && !(order.status === 'finished' && isSilent) ? false : null
}

/** Page "Order" and the list's filter; `paying` is "payment under review". */
const PAYMENT = tolerant.words<PaymentStatus>({
  waiting: 'unpaid',
  paying: 'pending',
  authorized: 'authorized',
  partially_paid: 'partially_paid',
  paid: 'paid',
  cancelled: 'voided',
  canceled: 'voided',
  failed: 'failed',
  refunding: 'refund_pending',
  refund_fail: 'refund_failed',
  refund_failed: 'refund_failed',
  refunded: 'refunded',
  partially_refunded: 'partially_refunded',
})

/**
 * `finished` is "fully received", `partially_finished` "partially received". `returning` (on its
 * way back) has no word of ours.
 */
const FULFILLMENT = tolerant.words<FulfillmentStatus>({
  initialled: 'unfulfilled',
  waiting: 'unfulfilled',
  partially_shipped: 'partially_fulfilled',
  shipped: 'shipped',
  partially_finished: 'partially_fulfilled',
  finished: 'delivered',
  cancelled: 'canceled',
  canceled: 'canceled',
  partially_returned: 'partially_returned',
  returned: 'returned',
})

const name = (first: Text, last: Text): string | null =>
  [told(first), told(last)].filter(Boolean).join(' ') || null

/** Never throws; what Shoplazza does not tell is null or `unknown`. `from` as in `isCanceled`. */
export const toOrder = (order: wire.Order, from: string | null = null): Order => {
  const { customer, shipping_address: address } = order
  const amount = (value: string | number | null | undefined) => money(value, order.currency)
  const buyer = {
    id: told(customer?.id),
    email: told(customer?.email) ?? told(address?.email),
    name:
      name(customer?.first_name, customer?.last_name) ??
      told(address?.name) ??
      name(address?.first_name, address?.last_name),
    phone: told(customer?.phone) ?? told(address?.phone),
  }
  return {
    id: order.id,
    number: told(order.number),
    status: isCanceled(order, from) ? 'canceled' : (STATUS.get(order.status) ?? 'unknown'),
    paymentStatus: PAYMENT.get(order.financial_status) ?? 'unknown',
    fulfillmentStatus: FULFILLMENT.get(order.fulfillment_status) ?? 'unknown',
    currency: currencyOf(order.currency),
    totals: {
      subtotal: amount(order.sub_total),
      discount: amount(order.total_discount),
      shipping: amount(order.total_shipping),
      tax: amount(order.total_tax),
      total: amount(order.total_price),
      paid: amount(order.total_paid),
      refunded: amount(order.total_refund_price),
    },
    customer: Object.values(buyer).some(Boolean) ? buyer : null,
    lines:
      order.line_items?.map((item) => ({
        id: told(item.id),
        title: told(item.product_title),
        sku: told(item.sku),
        productId: told(item.product_id),
        variantId: told(item.variant_id),
        quantity: item.quantity ?? null,
        unitPrice: amount(item.price),
        total: amount(item.total ?? item.total_price),
      })) ?? null,
    reason: told(order.cancel_reason),
    canceledAt: instant(canceledAt(order)),
    createdAt: instant(order.created_at),
    updatedAt: instant(order.updated_at),
    native: {
      status: order.status ?? null,
      paymentStatus: order.financial_status ?? null,
      fulfillmentStatus: order.fulfillment_status ?? null,
    },
    readAt: new Date().toISOString(),
  }
}

/** Nothing was taken from the buyer and nothing is held. */
export const isUnpaid = ({ paymentStatus, totals }: Order): boolean =>
  (paymentStatus === 'unpaid' || paymentStatus === 'failed' || paymentStatus === 'voided') &&
  !isPositive(totals.paid)

/** By these words nothing went back yet, also where no amount is told. */
const KEPT: readonly PaymentStatus[] = ['unpaid', 'pending', 'authorized', 'partially_paid', 'paid']
const given = ({ paymentStatus, totals, currency }: Order): Money | null =>
  totals.refunded ??
  (KEPT.includes(paymentStatus) ? money(0, currency ?? totals.paid?.currency) : null)

const stays = (after: Order): string => {
  const kept = minus(after.totals.paid, given(after))
  if (after.paymentStatus === 'authorized')
    return 'The authorization stays; void it on the platform.'
  return isPositive(kept) && kept
    ? `${kept.amount} ${kept.currency} stay paid; refund them on the platform.`
    : 'No money moved.'
}

/** What became of the payment: the order before the cancel against the order after it. */
export const paymentFact = (before: Order, after: Order, basis: Fact['basis']): Fact => {
  const [was, is] = [before.paymentStatus, after.paymentStatus]
  const returned = minus(given(after), given(before))
  if (isPositive(returned) && returned)
    return { done: 'yes', basis, amount: returned, detail: 'Refunded by Shoplazza.' }
  if (isUnpaid(before) && isUnpaid(after)) return { done: 'no', basis, detail: 'Nothing was paid.' }
  if (is !== was && is === 'refund_pending')
    return { done: 'pending', basis, detail: 'Shoplazza shows a refund under way.' }
  if (is !== was && is === 'refund_failed')
    return { done: 'failed', basis, detail: 'Shoplazza shows a refund that failed.' }
  if (was === 'authorized' && is === 'voided')
    return {
      done: 'yes',
      basis,
      ...(after.totals.total && { amount: after.totals.total }),
      detail: 'The authorization was voided by Shoplazza.',
    }
  // The word alone does not show that more was refunded of what was refunded in part.
  if (is === was && is !== 'unknown' && (is !== 'partially_refunded' || returned))
    return { done: 'no', basis, detail: stays(after) }
  return {
    done: 'unknown',
    basis: 'none',
    detail:
      `Shoplazza shows the payment as ${after.native.paymentStatus ?? 'nothing'}; before ` +
      `the cancel it was ${before.native.paymentStatus ?? 'nothing'}.`,
  }
}

/** What is paid of it, as a sentence before others. */
const leftOf = ({ totals: { paid, refunded } }: Order): string => {
  const left = refunded === null ? paid : minus(paid, refunded)
  return left && isPositive(left) ? `${left.amount} ${left.currency} are paid. ` : ''
}

/** There is no parameter for a refund; that none is made of its own accord is only inferred. */
export const paymentAhead = (order: Order, request: CancelRequest | null): Partial<Facts> => {
  if (isUnpaid(order))
    return { payment: { done: 'no', basis: 'documented', detail: 'Nothing was paid.' } }
  return request?.refund === true
    ? {}
    : {
        payment: {
          done: 'unknown',
          basis: 'none',
          detail:
            order.paymentStatus === 'authorized'
              ? 'The payment is held; whether Shoplazza gives it up by itself is not documented.'
              : `${leftOf(order)}Whether Shoplazza gives money back by itself is not documented.`,
        },
      }
}
