/**
 * SHOPLINE Asia's order as the canonical one, and what its marks say about stock and money. Whether
 * it is canceled is answered here and nowhere else.
 */
import {
  currencyOf,
  type Fact,
  type FulfillmentStatus,
  instant,
  isPositive,
  money,
  type Money,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  tolerant,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

/** The order has no other sign: neither a time nor a reason of a cancel is in its schema. */
export const isCanceled = ({ status }: Pick<wire.Order, 'status'>): boolean =>
  status === 'cancelled'

/** `temp`: a checkout that is not finished. `removed` (deleted) has no word of ours. */
const STATUS = tolerant.words<OrderStatus>({
  temp: 'pending',
  pending: 'open',
  confirmed: 'open',
  completed: 'completed',
  cancelled: 'canceled',
})

/** The model's own glosses: `pending` is not paid, `expired` past the time to pay. */
const PAYMENT = tolerant.words<PaymentStatus>({
  pending: 'unpaid',
  expired: 'unpaid',
  failed: 'failed',
  completed: 'paid',
  refunding: 'refund_pending',
  partially_refunded: 'partially_refunded',
  refunded: 'refunded',
})
const PAID: readonly (string | null | undefined)[] = [
  'completed',
  'refunding',
  'partially_refunded',
  'refunded',
]
const NOT_PAID: readonly (string | null | undefined)[] = ['pending', 'expired', 'failed']

/**
 * `shipping`: being sent off; `arrived`: waiting at the pick-up point; `returning`: between two
 * words of ours.
 */
const DELIVERY = tolerant.words<FulfillmentStatus>({
  pending: 'unfulfilled',
  shipping: 'fulfilled',
  shipped: 'shipped',
  arrived: 'shipped',
  collected: 'delivered',
  returned: 'returned',
})

/**
 * Money is `{cents, dollars, label, currency_iso}`. Whether the `cents` of NT$100 are 100 or 10000
 * is documented nowhere, and `label` is written for people; `dollars` are major units in every
 * currency, so they alone are read.
 */
const amount = (value: wire.Money, order: wire.Order): Money | null =>
  money(value?.dollars, value?.currency_iso ?? order.currency_iso)

/**
 * The model has no amount that was refunded, and one that was paid only as the payment's total and
 * its status.
 */
const paid = (order: wire.Order): Money | null => {
  const { status, total } = order.order_payment ?? {}
  if (PAID.includes(status)) return amount(total, order)
  return NOT_PAID.includes(status) ? money(0, order.currency_iso) : null
}

/** Which language the shop works in is not told: English, else the first that is filled in. */
const title = (translations: Record<string, unknown> | null | undefined): string | null =>
  [translations?.['en'], ...Object.values(translations ?? {})].find(
    (text): text is string => typeof text === 'string' && text !== '',
  ) ?? null

/** Never throws; what SHOPLINE does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => ({
  id: order.id,
  number: order.order_number ?? order.merchant_order_number ?? null,
  status: STATUS.get(order.status) ?? 'unknown',
  paymentStatus: PAYMENT.get(order.order_payment?.status) ?? 'unknown',
  fulfillmentStatus: DELIVERY.get(order.order_delivery?.status) ?? 'unknown',
  currency: currencyOf(order.currency_iso),
  totals: {
    subtotal: amount(order.subtotal, order),
    discount: amount(order.order_discount, order),
    shipping: amount(order.order_delivery?.total, order),
    tax: amount(order.total_tax_fee, order),
    total: amount(order.total, order),
    paid: paid(order),
    refunded: null,
  },
  customer:
    order.customer_id || order.customer_email || order.customer_name || order.customer_phone
      ? {
          id: order.customer_id ?? null,
          email: order.customer_email ?? null,
          name: order.customer_name ?? null,
          phone: order.customer_phone ?? null,
        }
      : null,
  lines:
    order.subtotal_items?.map((item) => ({
      id: item.id ?? null,
      title: title(item.title_translations),
      sku: item.sku ?? null,
      productId: item.item_id ?? null,
      variantId: item.item_variation_key ?? null,
      quantity: item.quantity ?? null,
      unitPrice: amount(item.item_price, order),
      total: amount(item.total, order),
    })) ?? null,
  reason: null,
  canceledAt: null,
  createdAt: instant(order.created_at),
  updatedAt: instant(order.updated_at),
  native: {
    status: order.status,
    paymentStatus: order.order_payment?.status ?? null,
    fulfillmentStatus: order.order_delivery?.status ?? null,
  },
  readAt: new Date().toISOString(),
})

/**
 * Whether the goods went back. `tags`: of the cancel's reply, else those that the order carries;
 * undefined: nothing was told.
 */
export const stockFact = (
  order: wire.Order,
  tags: wire.StockTags,
  basis: 'reported' | 'confirmed',
): Fact | null => {
  if (order.skip_fulfillment)
    return {
      done: 'unknown',
      basis: 'none',
      detail:
        'The order took nothing out of stock (skip_fulfillment); whether canceling adds to it ' +
        'is not documented.',
    }
  if (tags === undefined) return null
  const failed = new Set(
    (tags ?? []).flatMap((tag, index) =>
      tag.stock_tag === 'INCREASE_FAILED' ? [tag.order_item_id ?? tag.sku_id ?? `#${index}`] : [],
    ),
  )
  const lines = order.subtotal_items
  if (failed.size > 0 && !lines)
    return {
      done: 'failed',
      basis,
      detail:
        `${failed.size} lines could not be put back in stock (INCREASE_FAILED); how many ` +
        'there are is not told.',
    }
  if (failed.size > 0 && lines) {
    const all = lines.length > 0 && lines.every(({ id }) => id && failed.has(id))
    return {
      done: all ? 'failed' : 'partial',
      basis,
      detail:
        `${failed.size} of ${Math.max(lines.length, failed.size)} lines could not be put ` +
        'back in stock (INCREASE_FAILED).',
    }
  }
  const others = new Set((tags ?? []).map(({ stock_tag }) => stock_tag ?? 'no word'))
  return others.size > 0
    ? {
        done: 'unknown',
        basis: 'none',
        detail:
          `Lines are marked ${[...others].join(', ')}; what became of their stock is not ` +
          'documented.',
      }
    : { done: 'yes', basis, detail: 'No line is marked INCREASE_FAILED.' }
}

const stays = (order: wire.Order): string => {
  const sum = paid(order)
  switch (toOrder(order).paymentStatus) {
    case 'paid':
      return (
        `${sum ? `${sum.amount} ${sum.currency} stay` : 'What was paid stays'} paid: ` +
        'refund_order is sent as false. Refund it on the platform.'
      )
    case 'partially_refunded':
      return 'What was not refunded before stays paid: refund_order is sent as false.'
    case 'refund_pending':
      return 'A refund was under way before.'
    case 'refunded':
      return 'The payment was refunded before.'
    default:
      return 'Nothing was paid.'
  }
}

/**
 * What the buyer spent beside money: canceling keeps it, as both revert strategies are declined.
 */
const spent = (order: wire.Order): string => {
  const credits = amount(order.user_credit, order)
  const points = order.order_points ?? 0
  return [
    isPositive(credits) && credits
      ? ` ${credits.amount} ${credits.currency} of store credits are not given back.`
      : '',
    points > 0 ? ` ${points} member points are not given back.` : '',
  ].join('')
}

/** `taishin_tappay` and its like; no page lists the words. */
const isTapPay = (by: string): boolean => /tappay/i.test(by)

/** Of a payment by this way, whether it goes back, as far as the platform says. */
const unsureOf = (order: wire.Order, by: string | null | undefined): string => {
  const sum = paid(order)
  const what = sum ? `${sum.amount} ${sum.currency} were paid` : 'It was paid'
  if (!by) return `${what}; which way is not told, and only payments by Taishin TapPay go back.`
  return isTapPay(by)
    ? `${what} by ${by}: payments by Taishin TapPay go back, says the platform.`
    : `${what} by ${by}: only payments by Taishin TapPay go back, says the platform.`
}

/** An asked refund: which word the platform has for the payments that go back, nobody says. */
const unsure = (order: wire.Order, before: PaymentStatus | null): Fact => {
  const by = order.order_payment?.payment_type
  return {
    done: 'unknown',
    basis: 'none',
    detail:
      (before === null ? '' : 'The order shows no refund yet. ') +
      unsureOf(order, by) +
      spent(order),
  }
}

/**
 * The payment after a cancel; `before`: its canonical status before, null while nothing was sent.
 * `wish`: what refund_order says.
 */
export const paymentFact = (
  order: wire.Order,
  before: PaymentStatus | null,
  wish: boolean | null,
): Fact => {
  const isAsked = wish === true
  const { paymentStatus } = toOrder(order)
  const shown = `SHOPLINE shows the payment as ${order.order_payment?.status ?? 'nothing'}`
  if (paymentStatus === 'unknown') return { done: 'unknown', basis: 'none', detail: `${shown}.` }
  // No amount that was refunded is told, so the word alone does not show that more was refunded of
  // what was refunded in part.
  const basis =
    before === null || paymentStatus === 'partially_refunded' ? 'documented' : 'confirmed'
  const isPaid = paymentStatus === 'paid' || paymentStatus === 'partially_refunded'
  if (before === null || before === paymentStatus)
    return isAsked && isPaid
      ? unsure(order, before)
      : { done: 'no', basis, detail: stays(order) + spent(order) }
  const sum = paid(order)
  const moved = {
    basis: 'confirmed',
    detail: `${shown}${isAsked ? '' : ', though refund_order was sent as false'}.${spent(order)}`,
  } as const
  switch (paymentStatus) {
    case 'refunded':
      return { done: 'yes', ...moved, ...(sum && { amount: sum }) }
    case 'refund_pending':
      return { done: 'pending', ...moved, ...(sum && { amount: sum }) }
    case 'partially_refunded':
      return { done: 'partial', ...moved }
    default:
      return {
        done: 'unknown',
        basis: 'confirmed',
        detail: `${shown}; before the cancel it was ${before}.`,
      }
  }
}
