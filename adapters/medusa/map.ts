/**
 * Medusa's order as the canonical one. Whether it is canceled, and what its money did, is answered
 * here and nowhere else.
 */
import {
  CallFailure,
  currencyOf,
  failureOf,
  type FulfillmentStatus,
  instant,
  isPositive,
  minus,
  money,
  type Money,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  sum,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

/** An archived order keeps `canceled_at` if it was canceled before. */
export const isCanceled = (order: wire.Order): boolean =>
  order.status === 'canceled' || (order.status === 'archived' && Boolean(order.canceled_at))

const STATUS = new Map<string, OrderStatus>(
  Object.entries({
    pending: 'open',
    completed: 'completed',
    archived: 'completed',
    draft: 'draft',
    requires_action: 'on_hold',
  }),
)

const FULFILLMENT = new Map<string, FulfillmentStatus>(
  Object.entries({
    not_fulfilled: 'unfulfilled',
    partially_fulfilled: 'partially_fulfilled',
    fulfilled: 'fulfilled',
    partially_shipped: 'partially_fulfilled',
    shipped: 'shipped',
    partially_delivered: 'shipped',
    delivered: 'delivered',
    canceled: 'canceled',
  }),
)

/**
 * Whether something was packed or sent and not taken back; null: neither the fulfillments nor their
 * word tell it.
 */
export const isFulfilled = ({
  fulfillments,
  fulfillment_status: word,
}: wire.Order): boolean | null => {
  if (fulfillments) return fulfillments.some(({ canceled_at }) => !canceled_at)
  return !FULFILLMENT.has(word ?? '') ? null : word !== 'not_fulfilled' && word !== 'canceled'
}

/** What decides and was not told: no answer to go by. */
export const untold = (what: string): CallFailure => {
  const { failure } = failureOf('doubt', `200 without ${what}`)
  return new CallFailure({
    ...failure,
    detail: `The platform did not tell the order’s ${what}, without which nothing can be decided.`,
  })
}

/** Throws where a cancel would go ahead on something that nobody has told. */
export const mustTell = (order: wire.Order): void => {
  if (isFulfilled(order) === null) throw untold('fulfillments')
}

/** Whether a reply to the cancel shows the order as it was; a word that nobody knows does not. */
export const showsOpen = (status: string | null | undefined): boolean => STATUS.has(status ?? '')

/** Null: not told, which is not the same as nothing. */
export interface Funds {
  readonly captured: Money | null
  readonly refunded: Money | null
  readonly kept: Money | null
  readonly held: Money | null
  readonly voided: Money | null
}

/** Null: not told. */
export const paymentsOf = (order: wire.Order): wire.Payment[] | null => {
  const lists = (order.payment_collections ?? [null]).map((collection) => collection?.payments)
  return lists.every((list) => list !== null && list !== undefined) ? lists.flat() : null
}

type Amounts = readonly (string | number | null | undefined)[]
const UNTOLD: Amounts = [null]
const amounts = (list: readonly { amount?: string | number | null | undefined }[]): Amounts =>
  list.map(({ amount }) => amount)

/**
 * `captured_at` is set once all of a payment is captured (@medusajs/payment 2.21.2,
 * `capturePayment_`), so it stands for captures that are not told.
 */
const capturesOf = ({ captures, captured_at, amount }: wire.Payment): Amounts => {
  if (captures) return captures.length === 0 && captured_at ? UNTOLD : amounts(captures)
  return captured_at ? [amount] : UNTOLD
}
/** Of what was never captured nothing is refunded. */
const refundsOf = ({ refunds, captures, captured_at }: wire.Payment): Amounts =>
  refunds ? amounts(refunds) : captures?.length === 0 && !captured_at ? [] : UNTOLD

/**
 * Where the money is, from the payments themselves: after a refused refund `summary` and
 * `transactions` claim one that never happened, and after a refused void `payment_status` says
 * canceled (2.21.2, recorded: cancel-provider-refuses-*).
 */
export const funds = (order: wire.Order): Funds => {
  const payments = paymentsOf(order)
  if (!payments) return { captured: null, refunded: null, kept: null, held: null, voided: null }
  const currency = order.currency_code ?? payments[0]?.currency_code
  const captured = sum(payments.flatMap(capturesOf), currency)
  const refunded = sum(payments.flatMap(refundsOf), currency)
  const silent = payments.some(({ captured_at, captures }) => !captured_at && !captures)
  const uncaptured = payments.filter(
    ({ captured_at, captures }) => !captured_at && captures?.length === 0,
  )
  const waiting = (voided: boolean) =>
    silent
      ? null
      : sum(
          amounts(uncaptured.filter(({ canceled_at }) => Boolean(canceled_at) === voided)),
          currency,
        )
  return {
    captured,
    refunded,
    kept: minus(captured, refunded),
    held: waiting(false),
    voided: waiting(true),
  }
}

const UNPAID = new Map<string, PaymentStatus>(
  Object.entries({
    not_paid: 'unpaid',
    awaiting: 'pending',
    requires_action: 'pending',
    canceled: 'voided',
  }),
)
/**
 * Medusa's own word, where the payments do not tell: but for `canceled`, which it says after a
 * refused void too.
 */
const SAID = new Map<string, PaymentStatus>(
  Object.entries({
    not_paid: 'unpaid',
    awaiting: 'pending',
    requires_action: 'pending',
    authorized: 'authorized',
    partially_authorized: 'pending',
    captured: 'paid',
    partially_captured: 'partially_paid',
    partially_refunded: 'partially_refunded',
    refunded: 'refunded',
  }),
)

const paymentStatus = (order: wire.Order): PaymentStatus => {
  const payments = paymentsOf(order)
  const word = order.payment_status ?? ''
  if (payments?.length === 0) return UNPAID.get(word) ?? 'unknown'
  const { captured, refunded, kept, held } = funds(order)
  const whole = payments && sum(amounts(payments), captured?.currency)
  if (!captured || !refunded || !held || !whole) {
    const said = SAID.get(word) ?? 'unknown'
    return isCanceled(order) && (said === 'paid' || said === 'partially_paid')
      ? 'refund_failed'
      : said
  }
  if (isPositive(captured)) {
    if (!isPositive(kept)) return 'refunded'
    // Canceling refunds what was captured (since 2.2.0); what is still there was refused by the
    // payment provider.
    if (isCanceled(order)) return 'refund_failed'
    if (isPositive(refunded)) return 'partially_refunded'
    return isPositive(minus(whole, captured)) ? 'partially_paid' : 'paid'
  }
  if (isPositive(held)) return word === 'partially_authorized' ? 'pending' : 'authorized'
  // A requested return voids the payment and opens a new, unpaid collection (recorded:
  // cancel-with-return-requested).
  return (
    UNPAID.get(word) ?? (payments.every(({ canceled_at }) => canceled_at) ? 'voided' : 'unknown')
  )
}

/**
 * Never throws; what Medusa does not tell is null or `unknown`. `reasonKey`: where in the metadata
 * our reason lies.
 */
export const toOrder = (order: wire.Order, reasonKey = 'cancel_reason'): Order => {
  const payments = paymentsOf(order) ?? []
  const currency = order.currency_code ?? payments[0]?.currency_code ?? null
  const { captured, refunded } = funds(order)
  const address = order.shipping_address
  const name = [address?.first_name, address?.last_name].filter(Boolean).join(' ') || null
  const reason = order.metadata?.[reasonKey]
  return {
    id: order.id,
    number: order.display_id ?? null,
    status: isCanceled(order) ? 'canceled' : (STATUS.get(order.status) ?? 'unknown'),
    paymentStatus: paymentStatus(order),
    fulfillmentStatus: FULFILLMENT.get(order.fulfillment_status ?? '') ?? 'unknown',
    currency: currencyOf(currency),
    totals: {
      subtotal: money(order.item_subtotal, currency),
      discount: minus(
        money(order.discount_total, currency),
        money(order.discount_tax_total, currency),
      ),
      shipping: money(order.shipping_subtotal, currency),
      tax: money(order.tax_total, currency),
      // A refunding cancel adds a credit line that brings `total` to 0. Where credit lines are not
      // told (Mercur 1’s vendor route), items and shipping are.
      total:
        sum([order.total, order.credit_line_total], currency) ??
        sum([order.item_total, order.shipping_total], currency),
      paid: payments.length === 0 ? null : captured,
      refunded: payments.length === 0 ? null : refunded,
    },
    customer:
      order.customer_id || order.email || name || address?.phone
        ? {
            id: order.customer_id ?? null,
            email: order.email ?? null,
            name,
            phone: address?.phone ?? null,
          }
        : null,
    lines:
      order.items?.map((item) => ({
        id: item.id ?? null,
        title: item.product_title ?? item.title ?? null,
        sku: item.variant_sku ?? null,
        productId: item.product_id ?? null,
        variantId: item.variant_id ?? null,
        quantity: item.quantity ?? null,
        unitPrice: money(item.unit_price, currency),
        total: money(item.total, currency),
      })) ?? null,
    reason: typeof reason === 'string' && reason !== '' ? reason : null,
    canceledAt: instant(order.canceled_at),
    createdAt: instant(order.created_at),
    updatedAt: instant(order.updated_at),
    native: {
      status: order.status,
      paymentStatus: order.payment_status ?? null,
      fulfillmentStatus: order.fulfillment_status ?? null,
    },
    readAt: new Date().toISOString(),
  }
}
