/** EverShop's order as the canonical one. Whether it is canceled is answered here alone. */
import {
  currencyOf,
  type FulfillmentStatus,
  instant,
  money,
  type Obstacle,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  sameText,
  tolerant,
} from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

// The words of modules/oms, stripe and paypal, 2.2.1; a shop may add its own.

const STATUS = tolerant.words<OrderStatus>({
  new: 'open',
  processing: 'open',
  completed: 'completed',
  closed: 'completed',
  canceled: 'canceled',
})

const PAYMENT = tolerant.words<PaymentStatus>({
  pending: 'unpaid',
  paid: 'paid',
  canceled: 'voided',
  stripe_authorized: 'authorized',
  stripe_captured: 'paid',
  stripe_failed: 'failed',
  stripe_refunded: 'refunded',
  stripe_partial_refunded: 'partially_refunded',
  paypal_authorized: 'authorized',
  paypal_captured: 'paid',
})

const FULFILLMENT = tolerant.words<FulfillmentStatus>({
  pending: 'unfulfilled',
  partially_shipped: 'partially_fulfilled',
  shipped: 'shipped',
  partially_delivered: 'partially_fulfilled',
  delivered: 'delivered',
  partially_canceled: 'unfulfilled',
  canceled: 'canceled',
})

/** Both words: a capture at the same time leaves one of them (recorded: race-with-capture). */
export const isCanceled = ({ status, paymentStatus }: wire.Order): boolean =>
  status.code === 'canceled' && paymentStatus.code === 'canceled'

/** What a reader sees of a text whose tags EverShop rewrote (recorded: reason-html). */
const asSeen = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>')

const CANCELED = 'Order canceled '

/**
 * The reasons of the cancels that its activities tell of, the newest first; null: not told. Each
 * put the goods back once.
 */
export const cancelsOf = ({ activities }: wire.Order): string[] | null =>
  activities?.flatMap(({ comment }) =>
    comment?.startsWith(CANCELED) ? [asSeen(comment.slice(CANCELED.length + 1, -1))] : [],
  ) ?? null

export const isReason = (found: string, ours: string): boolean => sameText(found, asSeen(ours))

/** A cancel was at work, and what it left does not say canceled in every word. */
export const isHalfCanceled = (order: wire.Order): boolean =>
  !isCanceled(order) &&
  (order.status.code === 'canceled' ||
    order.paymentStatus.code === 'canceled' ||
    (cancelsOf(order) ?? []).length > 0)

const TAKEN: readonly (PaymentStatus | undefined)[] = ['paid', 'refunded', 'partially_refunded']

/** What EverShop would refuse (`cancelOrder.js`, validateStatus), or leave in contradiction. */
export const obstacle = (order: wire.Order): Obstacle | null => {
  const { status, paymentStatus, shipmentStatus } = order
  if (isCanceled(order)) return null
  if (isHalfCanceled(order))
    return {
      cause: 'refused',
      detail:
        'EverShop shows a cancel of this order, and not in all of its words: another one would ' +
        'put the goods back again. Look at it there.',
    }
  if (STATUS.get(status.code) === 'completed')
    return { cause: 'completed', detail: 'The order is completed or closed.' }
  const payment = PAYMENT.get(paymentStatus.code)
  const isRefused = paymentStatus.isCancelable === false
  if (isRefused || (paymentStatus.isCancelable !== true && TAKEN.includes(payment)))
    return TAKEN.includes(payment)
      ? {
          cause: 'payment_captured',
          detail: 'Its money was taken, and EverShop refunds none in a cancel.',
        }
      : { cause: 'refused', detail: 'The shop’s rules cancel no order of this payment status.' }
  if (shipmentStatus.code === 'delivered')
    return {
      cause: 'fulfilled',
      detail: order.noShippingRequired
        ? 'Nothing of it is shipped, so EverShop has it as delivered from the start.'
        : 'The order was delivered.',
    }
  // 200, goods put back, in processing all the same (recorded: cancel-shipment-partially-canceled).
  if (shipmentStatus.code === 'partially_canceled')
    return {
      cause: 'refused',
      detail:
        'A shipment of a part of it was taken back. EverShop would put the goods back and leave ' +
        'such an order in processing. Once the rest is shipped it can be canceled.',
    }
  return null
}

const time = (at: wire.Order['createdAt']): string | null => {
  const milliseconds = Number(at?.value ?? NaN)
  return Number.isSafeInteger(milliseconds) && Math.abs(milliseconds) <= 8.64e15
    ? instant(new Date(milliseconds).toISOString())
    : null
}

const lines = ({ items }: wire.Order, currency: string | null): Order['lines'] =>
  items?.map((item) => ({
    id: item.uuid ?? null,
    title: item.productName || null,
    sku: item.productSku || null,
    productId: item.productId ?? null,
    variantId: null,
    quantity: item.qty ?? null,
    unitPrice: money(item.finalPriceInclTax?.value, currency),
    total: money(item.lineTotalInclTax?.value, currency),
  })) ?? null

/** Never throws; what EverShop does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => {
  const currency = currencyOf(order.currency)
  const { status, paymentStatus, shipmentStatus } = order
  const canceling = isCanceled(order)
    ? order.activities?.find(({ comment }) => comment?.startsWith(CANCELED))
    : undefined
  return {
    id: order.uuid,
    number: order.orderNumber || null,
    status: STATUS.get(status.code) ?? 'unknown',
    paymentStatus: PAYMENT.get(paymentStatus.code) ?? 'unknown',
    fulfillmentStatus: order.noShippingRequired
      ? 'not_required'
      : (FULFILLMENT.get(shipmentStatus.code) ?? 'unknown'),
    currency,
    totals: {
      subtotal: money(order.subTotal?.value, currency),
      discount: money(order.discountAmount?.value, currency),
      shipping: money(order.shippingFeeInclTax?.value, currency),
      tax: money(order.totalTaxAmount?.value, currency),
      total: money(order.grandTotal?.value, currency),
      paid: null,
      refunded: null,
    },
    customer: {
      id: order.customerId ?? null,
      email: order.customerEmail || null,
      name: order.customerFullName || null,
      phone: order.billingAddress?.telephone || null,
    },
    lines: lines(order, currency),
    reason: canceling ? (cancelsOf(order)?.[0] ?? null) : null,
    canceledAt: canceling ? time(canceling.createdAt) : null,
    createdAt: time(order.createdAt),
    // Its own never moves (measured).
    updatedAt: null,
    native: {
      status: status.code,
      paymentStatus: paymentStatus.code,
      fulfillmentStatus: shipmentStatus.code,
    },
    readAt: new Date().toISOString(),
  }
}
