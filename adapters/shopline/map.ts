/**
 * SHOPLINE's order as the canonical one. Whether it is canceled, and what became of its payment and
 * its goods, is answered here and nowhere else.
 */
import {
  currencyOf as codeOf,
  type Fact,
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
  tolerant,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

type Text = string | null | undefined

/**
 * The word "null" stands for null (recorded: `fulfillment_status` of every order that was not
 * shipped).
 */
const told = (value: Text): string | null =>
  value === undefined || value === null || value === '' || value === 'null' ? null : value

/**
 * The cancel's reply has no `status` (recorded), lists say `cancelled`, the vendor's SDK
 * `canceled`; the time is there in all of them.
 */
export const isCanceled = (order: Pick<wire.Order, 'cancelled_at' | 'status'>): boolean =>
  told(order.cancelled_at) !== null || order.status === 'cancelled' || order.status === 'canceled'

/** Page "Get orders": there are no others. */
const PAYMENT = tolerant.words<PaymentStatus>({
  unpaid: 'unpaid',
  authorized: 'authorized',
  pending: 'pending',
  partially_paid: 'partially_paid',
  paid: 'paid',
  partially_refunded: 'partially_refunded',
  refunded: 'refunded',
})

/**
 * `fulfilled` is "order shipped"; `fulfillment_status_v2`, in lists only, says shipped and
 * unshipped.
 */
const FULFILLMENT = tolerant.words<FulfillmentStatus>({
  fulfilled: 'shipped',
  shipped: 'shipped',
  partial: 'partially_fulfilled',
  unshipped: 'unfulfilled',
})

const fulfillmentStatus = (order: wire.Order): FulfillmentStatus => {
  const word = told(order.fulfillment_status) ?? told(order.fulfillment_status_v2)
  if (word !== null) return FULFILLMENT.get(word) ?? 'unknown'
  return order.fulfillment_status === undefined ? 'unknown' : 'unfulfilled'
}

const orderStatus = (order: wire.Order): OrderStatus => {
  if (isCanceled(order)) return 'canceled'
  return order.status === 'open' ? 'open' : 'unknown'
}

/**
 * The amounts are in the store's currency, which `currency` (that of the transaction) need not be.
 */
const currencyOf = (order: wire.Order): string | null =>
  codeOf(told(order.current_total_price_set?.shop_money?.currency_code) ?? told(order.currency))

/**
 * The vendor's SDK lists these; `paid_overtime` ("payment timeout") does not tell whether there is
 * money.
 */
const PAY_STATUSES: readonly Text[] = ['unpaid', 'pending', 'risking', 'paid', 'paid_failed']

const paid = (order: wire.Order): Money | null => {
  const details = order.payment_details
  if (!details?.length)
    return order.financial_status === 'unpaid' ? money(0, currencyOf(order)) : null
  if (details.some(({ pay_status }) => !PAY_STATUSES.includes(pay_status))) return null
  return sum(
    details.filter(({ pay_status }) => pay_status === 'paid').map(({ pay_amount }) => pay_amount),
    currencyOf(order),
  )
}

/**
 * Transactions of refunds with an amount: a cancel leaves one of 0.0 in its reply although nothing
 * was paid (recorded).
 * Null where the refunds, the transactions of one, or the amount of a transaction are not told.
 */
const moves = (
  order: wire.Order,
  refunds: readonly wire.Refund[] | null | undefined,
): wire.Transaction[] | null => {
  const transactions = refunds?.flatMap((refund) => refund.transactions ?? [null]) ?? [null]
  const read = transactions.flatMap((one) =>
    one && money(one.amount, currencyOf(order)) ? [one] : [],
  )
  return read.length < transactions.length
    ? null
    : read.filter(({ amount }) => isPositive(money(amount, currencyOf(order))))
}

const total = (order: wire.Order, transactions: readonly wire.Transaction[]): Money | null => {
  const currency = currencyOf(order)
  return transactions.every((one) => (codeOf(told(one.currency)) ?? currency) === currency)
    ? sum(
        transactions.map(({ amount }) => amount),
        currency,
      )
    : null
}

const refunded = (order: wire.Order): Money | null => {
  const moved = moves(order, order.refunds)
  return (
    moved &&
    total(
      order,
      moved.filter(({ status }) => status === 'success'),
    )
  )
}

const name = (first: Text, last: Text): string | null =>
  [told(first), told(last)].filter(Boolean).join(' ') || null

/** Never throws; what SHOPLINE does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => {
  const currency = currencyOf(order)
  const { customer, shipping_address: address } = order
  const amount = (...values: readonly (string | number | null | undefined)[]) =>
    money(
      values.find((value) => value !== null && value !== undefined && value !== 'null'),
      currency,
    )
  const buyer = {
    id: told(customer?.id) ?? told(order.user_id),
    email: told(customer?.email) ?? told(order.email),
    name:
      name(customer?.first_name, customer?.last_name) ??
      told(address?.name) ??
      name(address?.first_name, address?.last_name),
    phone: told(customer?.phone) ?? told(order.phone) ?? told(address?.phone),
  }
  return {
    id: order.id,
    number: told(order.name),
    status: orderStatus(order),
    paymentStatus: PAYMENT.get(order.financial_status) ?? 'unknown',
    fulfillmentStatus: fulfillmentStatus(order),
    currency,
    totals: {
      subtotal: amount(order.total_line_items_price, order.current_subtotal_price),
      discount: amount(order.total_discounts, order.current_total_discounts),
      shipping: amount(order.total_shipping_price_set?.shop_money?.amount),
      tax: amount(order.total_tax, order.current_total_tax),
      // Unchanged by a cancel, whatever its name says (recorded).
      total: amount(order.current_total_price),
      paid: paid(order),
      refunded: refunded(order),
    },
    customer: Object.values(buyer).some(Boolean) ? buyer : null,
    lines:
      order.line_items?.map((item) => ({
        id: told(item.id),
        title: told(item.title) ?? told(item.name),
        sku: told(item.sku),
        productId: told(item.product_id),
        variantId: told(item.variant_id),
        quantity: item.quantity ?? null,
        unitPrice: amount(item.price),
        total: null,
      })) ?? null,
    reason: told(order.cancel_reason),
    canceledAt: instant(order.cancelled_at),
    createdAt: instant(order.created_at),
    updatedAt: instant(order.updated_at),
    native: {
      status: told(order.status),
      paymentStatus: told(order.financial_status),
      fulfillmentStatus: told(order.fulfillment_status) ?? told(order.fulfillment_status_v2),
    },
    readAt: new Date().toISOString(),
  }
}

const words = ({ amount, currency }: Money): string => `${amount} ${currency}`

/** What `refund_type` says, where it is sent. */
export type Sent = 'refund' | 'manual' | 'unpinned'

const stays = (after: Order): string => {
  const kept = minus(after.totals.paid, after.totals.refunded)
  if (after.paymentStatus === 'authorized')
    return 'The authorization stays; void it on the platform.'
  return isPositive(kept) && kept
    ? `${words(kept)} stay paid; refund them on the platform.`
    : 'No money moved.'
}

/**
 * The refunds that came with the cancel: those that were not there before; null where either is not
 * told.
 */
export const since = (order: wire.Order, known: readonly string[] | null): wire.Refund[] | null =>
  known && (order.refunds?.filter(({ id }) => !known.includes(id)) ?? null)

/**
 * What a cancel would do to this payment: nobody has recorded one of a paid order. `sent`: as
 * below.
 */
export const paymentAhead = (found: wire.Order, sent: Sent): Fact => {
  const { paymentStatus, totals } = toOrder(found)
  const kept = minus(totals.paid, totals.refunded)
  const sum = isPositive(kept) && kept ? words(kept) : 'what is paid'
  switch (paymentStatus) {
    case 'unpaid':
      return { done: 'nothing', basis: 'documented', detail: 'Nothing was paid.' }
    case 'refunded':
      return { done: 'nothing', basis: 'documented', detail: 'What was paid went back before.' }
    case 'authorized':
      return {
        done: 'unknown',
        basis: 'none',
        detail: 'Whether a cancel gives up an authorization is not documented.',
      }
    default:
      return { done: 'unknown', basis: 'none', detail: AHEAD[sent](sum) }
  }
}

const AHEAD: Readonly<Record<Sent, (sum: string) => string>> = {
  refund: (sum) =>
    `SHOPLINE would be asked to send ${sum} back. No such cancel was ever recorded: the order ` +
    'tells afterwards whether it did.',
  manual: (sum) =>
    `SHOPLINE would be told to send nothing back of ${sum}, and may mark it as refunded all the ` +
    'same. No such cancel was ever recorded: the order tells afterwards.',
  unpinned: (sum) =>
    `This version of the API cannot say what is to become of ${sum}; paid by PayPal, it may go ` +
    'back.',
}

/**
 * What became of the payment. `sent`: `refund_type` was “OriginalPayment Refund”, which sends money
 * back, “Manual”, which marks a refund and sends nothing, or there was none.
 */
export const paymentFact = (
  before: Order,
  found: wire.Order,
  fresh: readonly wire.Refund[] | null,
  sent: Sent,
): Fact => {
  const after = toOrder(found)
  const moved = moves(found, fresh)
  const confirmed = (done: Fact['done'], amount: Money | null, detail: string): Fact => ({
    done,
    basis: 'confirmed',
    ...(amount && { amount }),
    detail,
  })
  const failed = (moved ?? []).filter(({ status }) => status === 'failure' || status === 'error')
  if (failed.length > 0)
    return confirmed('failed', total(found, failed), 'SHOPLINE shows a refund that failed.')
  const pending = (moved ?? []).filter(({ status }) => status === 'pending')
  if (pending.length > 0)
    return confirmed('pending', total(found, pending), 'SHOPLINE shows a refund under way.')
  const returned = minus(after.totals.refunded, before.totals.refunded)
  if (isPositive(returned) && returned) {
    return sent === 'manual'
      ? {
          done: 'unknown',
          basis: 'none',
          amount: returned,
          detail:
            `SHOPLINE marks ${words(returned)} as refunded, though refund_type was ` +
            'Manual; whether money went back it does not say.',
        }
      : confirmed('yes', returned, 'Refunded by SHOPLINE.')
  }
  const same = after.paymentStatus === before.paymentStatus && after.paymentStatus !== 'unknown'
  if (same && after.paymentStatus === 'unpaid' && !moved?.length)
    return confirmed('nothing', null, 'Nothing was paid.')
  if (same && moved?.length === 0)
    return sent === 'refund'
      ? {
          done: 'unknown',
          basis: 'none',
          detail:
            'SHOPLINE was asked to refund and shows no refund yet; look at the payment there.',
        }
      : confirmed('no', null, stays(after))
  if (same && moved === null)
    return {
      done: 'unknown',
      basis: 'none',
      detail:
        'SHOPLINE does not tell all of the order’s refunds, so whether money moved cannot be told.',
    }
  return {
    done: 'unknown',
    basis: 'none',
    detail:
      `SHOPLINE shows the payment as ${after.native.paymentStatus ?? 'nothing'}; before ` +
      `the cancel it was ${before.native.paymentStatus ?? 'nothing'}.`,
  }
}

/** What became of the goods. `asked`: the cancel could say so at all. */
export const stockFact = (fresh: readonly wire.Refund[] | null, asked: boolean): Fact => {
  // A refund that does not tell its lines may have put goods back.
  const lines = (fresh ?? []).flatMap(
    ({ refund_line_items }) => refund_line_items ?? [{ restock_type: null }],
  )
  const back = lines.filter(({ restock_type }) => restock_type === 'return').length
  const not = lines.filter(({ restock_type }) => restock_type === 'no_restock').length
  // `cancel` is in the vendor's list of words, without a word on what it means for the stock.
  if (lines.length === 0 || back + not < lines.length)
    return {
      done: 'unknown',
      basis: 'none',
      detail: 'SHOPLINE does not say whether the goods went back into stock.',
    }
  if (back === lines.length)
    return {
      done: 'yes',
      basis: 'confirmed',
      detail: 'SHOPLINE shows all lines as returned to stock.',
    }
  if (back > 0)
    return {
      done: 'partial',
      basis: 'confirmed',
      detail: `SHOPLINE shows ${back} of ${lines.length} lines as returned to stock.`,
    }
  return {
    done: asked ? 'no' : 'impossible',
    basis: 'confirmed',
    detail: 'SHOPLINE shows no line as returned to stock.',
  }
}
