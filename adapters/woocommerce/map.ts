/** WooCommerce's order as the canonical one. Whether it is canceled is answered here alone. */
import {
  currencyOf,
  type FulfillmentStatus,
  instant,
  isPositive,
  type Line,
  minus,
  type Money,
  money,
  type Obstacle,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  sum,
  tolerant,
  type Totals,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

export const CANCELED = 'cancelled'
export const isCanceled = ({ status }: Pick<wire.Order, 'status'>): boolean => status === CANCELED

/** Canceled, thrown away, or never placed: no setting cancels these. */
export const NEVER_CANCELED: ReadonlySet<string> = new Set([
  CANCELED,
  'trash',
  'auto-draft',
  'draft',
  'checkout-draft',
])

/** Plugins add words of their own, which mean nothing here. */
const STATUS = tolerant.words<OrderStatus>({
  pending: 'pending',
  processing: 'open',
  'on-hold': 'on_hold',
  'ready-for-pickup': 'open',
  completed: 'completed',
  cancelled: 'canceled',
  refunded: 'completed',
  failed: 'failed',
  'checkout-draft': 'draft',
  'auto-draft': 'draft',
  draft: 'draft',
})

const SHIPPING = tolerant.words<FulfillmentStatus>({ completed: 'fulfilled' })

/** Why a status is not canceled, where it has more to say than that the store does not. */
const OBSTACLES = tolerant.words<Obstacle>({
  completed: {
    cause: 'completed',
    detail:
      'The order is completed, and this gateway cancels no such order unless the store’s setting ' +
      'cancelable says so. WooCommerce itself would, and put its goods back on sale.',
  },
  refunded: {
    cause: 'refused',
    detail:
      'The order is refunded, which is its end: canceling it would hide that. WooCommerce itself ' +
      'would let it.',
  },
  trash: { cause: 'refused', detail: 'The order is in the trash.' },
  'checkout-draft': { cause: 'refused', detail: 'It is a shopper’s checkout, and no order yet.' },
  'auto-draft': { cause: 'refused', detail: 'It is a draft, and no order yet.' },
  draft: { cause: 'refused', detail: 'It is a draft, and no order yet.' },
})
const OTHER: Obstacle = {
  cause: 'refused',
  detail:
    'The order’s status is none that this store cancels (its setting cancelable). WooCommerce ' +
    'itself would let it be canceled.',
}

/** WooCommerce refuses no change of a status, so that what may be canceled is the store's say. */
export const obstacle = ({ status }: wire.Order, cancelable: readonly string[]): Obstacle | null =>
  status === CANCELED || cancelable.includes(status) ? null : (OBSTACLES.get(status) ?? OTHER)

/** What WooCommerce notes at a line while its goods are taken from the stock. */
const TAKEN = '_reduced_stock'

/** At how many lines goods are taken from the stock; null where the lines do not tell. */
export const takenLines = ({ line_items: lines }: wire.Order): number | null =>
  lines?.every(({ meta_data }) => meta_data !== null)
    ? lines.filter(({ meta_data }) => meta_data?.some(({ key }) => key === TAKEN)).length
    : null

/** Times come in GMT, without a zone. */
const time = (text: string | null | undefined) => instant(text ? `${text}Z` : null)

const refundedOf = ({ refunds, currency }: wire.Order): Money | null => {
  const back =
    refunds &&
    sum(
      refunds.map(({ total }) => total),
      currency,
    )
  return minus(money('0', currency), back ?? null)
}

/** Whether it was paid, which stays noted whatever becomes of the order; null: not told. */
const wasPaid = ({ date_paid_gmt: paid }: wire.Order): boolean | null =>
  paid === undefined ? null : Boolean(paid)

const paymentOf = (
  { status, transaction_id: transaction }: wire.Order,
  isPaid: boolean | null,
  total: Money | null,
  refunded: Money | null,
): PaymentStatus => {
  if (isPositive(refunded)) {
    const left = minus(total, refunded)
    return left && !isPositive(left) ? 'refunded' : 'partially_refunded'
  }
  if (isPaid) return 'paid'
  if (isPaid === null) return 'unknown'
  if (status === 'failed') return 'failed'
  // A transfer that is awaited, or a card's hold: nothing tells which.
  if (status === 'on-hold') return 'pending'
  if (STATUS.get(status) === undefined || transaction) return 'unknown'
  return 'unpaid'
}

const toTotals = (order: wire.Order, payment: PaymentStatus): Totals => {
  const { currency, line_items: lines } = order
  const total = money(order.total, currency)
  return {
    subtotal:
      lines &&
      sum(
        lines.map(({ subtotal }) => subtotal),
        currency,
      ),
    discount: money(order.discount_total, currency),
    shipping: money(order.shipping_total, currency),
    tax: money(order.total_tax, currency),
    total,
    paid: wasPaid(order) ? total : payment === 'unpaid' ? money('0', currency) : null,
    refunded: refundedOf(order),
  }
}

/** None is 0, or an empty text. */
const told = (text: string | null | undefined): string | null =>
  text && text !== '0' ? text : null

/** A quotient of floats, where it has more digits than anybody would sell by. */
const SHORT = /^-?\d{1,15}(?:\.\d{1,4})?$/

const toLine = (line: wire.Line, currency: string | null | undefined): Line => ({
  id: line.id ?? null,
  title: told(line.name),
  sku: told(line.sku),
  productId: told(line.product_id),
  variantId: told(line.variation_id),
  quantity: line.quantity ?? null,
  unitPrice: SHORT.test(String(line.price)) ? money(line.price, currency) : null,
  total: money(line.total, currency),
})

const toCustomer = ({ billing, customer_id: id }: wire.Order): Order['customer'] => {
  if (!billing) return null
  const name = [billing.first_name, billing.last_name].filter(Boolean).join(' ')
  return {
    id: told(id),
    email: told(billing.email),
    name: told(name) ?? told(billing.company),
    phone: told(billing.phone),
  }
}

/** Never throws; what WooCommerce does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order): Order => {
  const { currency, status } = order
  const payment = paymentOf(order, wasPaid(order), money(order.total, currency), refundedOf(order))
  return {
    id: order.id,
    number: order.number ?? null,
    status: STATUS.get(status) ?? 'unknown',
    paymentStatus: payment,
    fulfillmentStatus: SHIPPING.get(status) ?? 'unknown',
    currency: currencyOf(currency),
    totals: toTotals(order, payment),
    customer: toCustomer(order),
    lines: order.line_items?.map((line) => toLine(line, currency)) ?? null,
    // Reasons are notes of the order, which it does not tell itself.
    reason: null,
    canceledAt: null,
    createdAt: time(order.date_created_gmt),
    updatedAt: time(order.date_modified_gmt),
    native: { status, paymentStatus: null, fulfillmentStatus: null },
    readAt: new Date().toISOString(),
  }
}
