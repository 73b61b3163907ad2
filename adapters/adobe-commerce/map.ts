/**
 * Adobe Commerce's order as the canonical one. Whether it is canceled is answered here and nowhere
 * else: by its state and by what became of its items.
 */
import {
  currencyOf,
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

/** Quantities have four decimals at most (decimal(12,4)). */
const LEAST = 0.00005
const isSome = (quantity: number): boolean => quantity > LEAST

/** The items that people ordered; of the parts of a bundle Magento keeps count beside them. */
const ownItems = ({ items }: wire.Order): wire.Item[] =>
  items.filter(({ parent_item_id: parent }) => !parent || parent === '0')

/** How much of the items is canceled, the parts of a whole counted with it. */
export const canceledOf = ({ items }: wire.Order): number =>
  items.reduce((sum, item) => sum + item.qty_canceled, 0)

/**
 * What an item has left that is neither canceled, nor shipped, nor refunded. Wholes and parts of
 * one are left out: on some of them a cancel sets no quantity (Sales/Model/Order/Item.php,
 * getQtyToCancel: the less of what can be invoiced and shipped, which is 0 where the other has it).
 */
const openOf = (order: wire.Order): number => {
  const wholes = new Set(order.items.map(({ parent_item_id: parent }) => parent))
  const single = ownItems(order).filter(({ item_id: item }) => !item || !wholes.has(item))
  return Math.max(
    0,
    ...single.map(
      (item) => item.qty_ordered - item.qty_canceled - item.qty_shipped - item.qty_refunded,
    ),
  )
}

/** Something is invoiced and not refunded: a cancel leaves it, and the order open with it. */
export const isInvoiced = ({ items }: wire.Order): boolean =>
  items.some((item) => isSome(item.qty_invoiced - item.qty_refunded))
export const isShipped = ({ items }: wire.Order): boolean =>
  items.some((item) => isSome(item.qty_shipped))
/** Of the items that are counted: whether a cancel finds anything to take back. */
export const isLeft = (order: wire.Order): boolean => isSome(openOf(order))

/**
 * The state is a word that others can write, too (magento2#29953): it holds only where nothing is
 * left to ship and nothing is invoiced.
 */
export const isCanceled = (order: wire.Order): boolean =>
  order.state === 'canceled' && !isInvoiced(order) && !isLeft(order)

/** The eight states of Sales/Model/Order.php; what else says `canceled` is not. */
const STATUS = tolerant.words<OrderStatus>({
  new: 'open',
  pending_payment: 'pending',
  payment_review: 'pending',
  processing: 'open',
  complete: 'completed',
  closed: 'completed',
  holded: 'on_hold',
})

/** What is held at the payment provider and was never captured, as far as the order shows it. */
export const heldOf = (order: wire.Order): Money | null => {
  const held = money(order.payment?.amount_authorized, order.order_currency_code)
  const paid = money(order.total_paid ?? 0, order.order_currency_code)
  return isPositive(held) && !isPositive(paid) ? held : null
}

/**
 * The provider was asked and gave the hold up: Sales/Model/Order/Payment.php, cancel(), writes so,
 * in the language of the store, and with the transaction of it (_appendTransactionToMessage). The
 * words alone may be anybody's reason, ours too, which stands in a comment as well.
 */
const VOIDED = /^Canceled order online\b.*\bTransaction ID: "[^"]+"/s
export const isVoided = ({ status_histories: comments }: wire.Order): boolean =>
  comments?.some(({ comment }) => VOIDED.test(comment ?? '')) ?? false

const paymentStatus = (order: wire.Order): PaymentStatus => {
  const currency = order.order_currency_code
  const [whole, paid, refunded] = [order.grand_total, order.total_paid, order.total_refunded].map(
    (amount) => money(amount, currency),
  )
  if (!whole) return 'unknown'
  if (isPositive(refunded ?? null))
    return isPositive(minus(paid ?? null, refunded ?? null)) ? 'partially_refunded' : 'refunded'
  if (isPositive(paid ?? null))
    return isPositive(minus(whole, paid ?? null)) ? 'partially_paid' : 'paid'
  if (!heldOf(order)) return 'unpaid'
  if (isVoided(order)) return 'voided'
  return order.state === 'canceled' ? 'unknown' : 'authorized'
}

const fulfillmentStatus = (order: wire.Order): FulfillmentStatus => {
  if (order.is_virtual) return 'not_required'
  if (!isShipped(order)) return isCanceled(order) ? 'canceled' : 'unfulfilled'
  return isLeft(order) || canceledOf(order) > 0 ? 'partially_fulfilled' : 'shipped'
}

/** `2026-11-21 12:00:00`, in UTC (Framework/DB/Adapter/Pdo/Mysql.php sets the time zone so). */
const time = (written: string | null | undefined): string | null =>
  instant(written ? `${written.replace(' ', 'T')}Z` : null)

const nameOf = (first: string | null | undefined, last: string | null | undefined) =>
  [first, last].filter(Boolean).join(' ') || null

const customer = (order: wire.Order): Order['customer'] => {
  const { billing_address: address } = order
  const name =
    nameOf(order.customer_firstname, order.customer_lastname) ??
    nameOf(address?.firstname, address?.lastname)
  const id = order.customer_id ?? null
  const email = order.customer_email || null
  const phone = address?.telephone || null
  return id || email || name || phone ? { id, email, name, phone } : null
}

const lines = (order: wire.Order, currency: string | null): Order['lines'] =>
  ownItems(order).map((item) => ({
    id: item.item_id ?? null,
    title: item.name || null,
    sku: item.sku || null,
    productId: item.product_id ?? null,
    variantId: null,
    quantity: item.qty_ordered,
    unitPrice: money(item.price, currency),
    total: money(item.row_total, currency),
  }))

const totals = (order: wire.Order, currency: string | null): Order['totals'] => ({
  subtotal: money(order.subtotal, currency),
  // Told as what it takes away: -5.
  discount: money(String(order.discount_amount ?? '').replace(/^-/, ''), currency),
  shipping: money(order.shipping_amount, currency),
  tax: money(order.tax_amount, currency),
  total: money(order.grand_total, currency),
  paid: money(order.total_paid, currency),
  refunded: money(order.total_refunded, currency),
})

/** Never throws; what Magento does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => {
  const currency = currencyOf(order.order_currency_code)
  return {
    id: order.entity_id,
    number: order.increment_id ?? null,
    status: isCanceled(order) ? 'canceled' : (STATUS.get(order.state) ?? 'unknown'),
    paymentStatus: paymentStatus(order),
    fulfillmentStatus: fulfillmentStatus(order),
    currency,
    totals: totals(order, currency),
    customer: customer(order),
    lines: lines(order, currency),
    // One comment among many: which is the reason, nobody can tell.
    reason: null,
    // The last change need not have been the cancel.
    canceledAt: null,
    createdAt: time(order.created_at),
    updatedAt: time(order.updated_at),
    native: { status: order.state, paymentStatus: null, fulfillmentStatus: null },
    readAt: new Date().toISOString(),
  }
}
