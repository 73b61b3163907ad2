/** Vendure's order as the canonical one. Whether it is canceled is answered here, nowhere else. */
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
  type Totals,
} from '../../src/adapter/index.ts'
import type { Settings } from './access.ts'
import type * as wire from './wire.ts'

export const CANCELED = 'Cancelled'
export const isCanceled = ({ state }: wire.Order): boolean => state === CANCELED

const total = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** The pieces that are still ordered. */
export const piecesOf = ({ lines }: wire.Order): number =>
  total(lines.map(({ quantity }) => quantity))

/** Those of them whose stock Vendure keeps. */
export const trackedPiecesOf = ({ lines }: wire.Order, isUsual: boolean): number =>
  total(
    lines.map(({ quantity, productVariant }) => {
      const flag = productVariant?.trackInventory
      return flag === 'FALSE' || (flag === 'INHERIT' && !isUsual) ? 0 : quantity
    }),
  )

/** Fulfillments that stand; Vendure puts the goods of a canceled one back by itself. */
export const fulfillmentsOf = ({ fulfillments }: wire.Order) =>
  fulfillments.filter(({ state }) => state !== CANCELED)

/** The states of the default order process (recorded: settings). */
const STATUS = tolerant.words<OrderStatus>({
  AddingItems: 'pending',
  ArrangingPayment: 'pending',
  Draft: 'draft',
  PaymentAuthorized: 'open',
  PaymentSettled: 'open',
  PartiallyShipped: 'open',
  Shipped: 'open',
  PartiallyDelivered: 'open',
  Modifying: 'open',
  ArrangingAdditionalPayment: 'open',
  Delivered: 'completed',
  Cancelled: 'canceled',
})

/** What becomes of an amount: the server has one precision for all currencies, yen included. */
export type Scale = (
  amount: number | null | undefined,
  currency: string | null | undefined,
) => Money | null

/** As many decimals as the currency is written with. */
const placesOf = (currency: string | null | undefined): number =>
  money('0', currency)?.amount.split('.')[1]?.length ?? 0

/** An integer with its point moved; the zero at its end is worth nothing. */
const shifted = (amount: number, places: number): string => {
  const digits = String(Math.abs(amount)).padStart(places + 1, '0')
  const point = digits.length - places
  return `${amount < 0 ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}0`
}

export const scaleOf =
  ({ amounts }: Settings, precision: number): Scale =>
  (amount, currency) =>
    typeof amount === 'number'
      ? money(shifted(amount, amounts === 'currency' ? placesOf(currency) : precision), currency)
      : null

/** Where the money is, in the server's integers. */
export interface Funds {
  readonly settled: number
  readonly held: number
  readonly refunded: number
  /** Refunds that were begun and are not done. */
  readonly pending: number
}

const PAYMENT_STATES = ['Created', 'Authorized', 'Settled', 'Declined', 'Error', CANCELED]
const REFUND_STATES = ['Pending', 'Settled', 'Failed']

const isTold = ({ state, amount, refunds }: wire.Payment): boolean =>
  PAYMENT_STATES.includes(state ?? '') &&
  typeof amount === 'number' &&
  refunds?.every(
    (refund) => REFUND_STATES.includes(refund.state ?? '') && typeof refund.total === 'number',
  ) === true

/** Null where the payments do not tell, or a shop has states of its own for them. */
export const fundsOf = ({ payments }: wire.Order): Funds | null => {
  if (!payments?.every(isTold)) return null
  const paid = (state: string) =>
    total(payments.map((payment) => (payment.state === state ? (payment.amount ?? 0) : 0)))
  const back = (state: string) =>
    total(
      payments
        .flatMap(({ refunds }) => refunds ?? [])
        .map((refund) => (refund.state === state ? (refund.total ?? 0) : 0)),
    )
  return {
    settled: paid('Settled'),
    held: paid('Authorized'),
    refunded: back('Settled'),
    pending: back('Pending'),
  }
}

const paymentStatus = (order: wire.Order, { total: ordered, paid }: Totals): PaymentStatus => {
  const funds = fundsOf(order)
  if (!funds) return 'unknown'
  const { settled, held, refunded, pending } = funds
  const has = (word: string) => order.payments?.some(({ state }) => state === word)
  if (settled > 0) {
    if (pending > 0) return 'refund_pending'
    if (refunded > 0) return refunded < settled ? 'partially_refunded' : 'refunded'
    // What is canceled owes nothing more.
    return piecesOf(order) > 0 && isPositive(minus(ordered, paid)) ? 'partially_paid' : 'paid'
  }
  if (held > 0) return 'authorized'
  if (has(CANCELED)) return 'voided'
  if (has('Created')) return 'pending'
  return has('Declined') || has('Error') ? 'failed' : 'unpaid'
}

const FULFILLMENT_STATES = ['Created', 'Pending', 'Shipped', 'Delivered']

/** Fulfillments stay as they are when their order is canceled. */
const fulfillmentStatus = (order: wire.Order): FulfillmentStatus => {
  const active = fulfillmentsOf(order)
  if (active.length === 0) return 'unfulfilled'
  if (active.some(({ state, lines }) => !lines || !FULFILLMENT_STATES.includes(state)))
    return 'unknown'
  const covered = total(active.flatMap(({ lines }) => lines ?? []).map((line) => line.quantity))
  const ordered = total(order.lines.map((line) => line.quantity || (line.orderPlacedQuantity ?? 0)))
  if (covered < ordered) return 'partially_fulfilled'
  if (active.every(({ state }) => state === 'Delivered')) return 'delivered'
  return active.every(({ state }) => state === 'Shipped' || state === 'Delivered')
    ? 'shipped'
    : 'fulfilled'
}

const entries = (order: wire.Order, type: string) =>
  order.history?.items?.filter((entry) => entry.type === type) ?? []

/** Private notes, as the reason is kept. */
export const notesOf = (order: wire.Order): (string | null)[] =>
  entries(order, 'ORDER_NOTE')
    .filter(({ isPublic }) => isPublic === false)
    .map(({ data }) => data?.note ?? null)

const UNTOLD = { subtotal: null, discount: null, shipping: null, tax: null }

/**
 * What was ordered. Canceled lines cost nothing any more, so afterwards it is what was seen before;
 * else what was paid for it, where nothing else changed the order: none is placed unpaid.
 */
const totalsOf = (order: wire.Order, scale: Scale, before: Totals | null): Totals => {
  const currency = order.currencyCode
  const funds = fundsOf(order)
  const paid = scale(funds?.settled, currency)
  const refunded = scale(funds?.refunded, currency)
  if (piecesOf(order) === 0 && before) return { ...before, paid, refunded }
  if (piecesOf(order) === 0) {
    const isPlain =
      order.modifications?.length === 0 &&
      entries(order, 'ORDER_CANCELLATION').length <= 1 &&
      order.payments?.every(({ state }) => state === 'Settled' || state === 'Authorized')
    const placed = isPlain && funds && order.orderPlacedAt ? funds.settled + funds.held : null
    return { ...UNTOLD, total: scale(placed, currency), paid, refunded }
  }
  const { subTotal, shipping, total: net, totalWithTax } = order
  const discounts = order.discounts?.map(({ amountWithTax }) => amountWithTax)
  return {
    subtotal: scale(subTotal, currency),
    discount: discounts?.every((amount) => typeof amount === 'number')
      ? scale(-total(discounts), currency)
      : null,
    shipping: scale(shipping, currency),
    tax: minus(scale(totalWithTax, currency), scale(net, currency)),
    total: scale(totalWithTax, currency),
    paid,
    refunded,
  }
}

const linesOf = ({ lines, currencyCode }: wire.Order, scale: Scale): Order['lines'] =>
  lines.map((line) => ({
    id: line.id ?? null,
    title: line.productVariant?.name ?? null,
    sku: line.productVariant?.sku ?? null,
    productId: line.productVariant?.productId ?? null,
    variantId: line.productVariant?.id ?? null,
    quantity: line.quantity || (line.orderPlacedQuantity ?? line.quantity),
    unitPrice: scale(line.unitPriceWithTax, currencyCode),
    total: line.quantity === 0 ? null : scale(line.discountedLinePriceWithTax, currencyCode),
  }))

const wordsOf = (states: readonly (string | null | undefined)[] | undefined): string | null =>
  [...new Set(states)].filter(Boolean).join(', ') || null

const customerOf = ({ customer }: wire.Order): Order['customer'] =>
  customer
    ? {
        id: customer.id ?? null,
        email: customer.emailAddress || null,
        name: [customer.firstName, customer.lastName].filter(Boolean).join(' ') || null,
        phone: customer.phoneNumber || null,
      }
    : null

/** `before`: the totals as they were before our cancel. Never throws. */
export const toOrder = (order: wire.Order, scale: Scale, before: Totals | null = null): Order => {
  const totals = totalsOf(order, scale, before)
  const canceled = isCanceled(order)
  const moved = entries(order, 'ORDER_STATE_TRANSITION').find(({ data }) => data?.to === CANCELED)
  return {
    id: order.id,
    number: order.code ?? null,
    status: STATUS.get(order.state) ?? 'unknown',
    paymentStatus: paymentStatus(order, totals),
    fulfillmentStatus: fulfillmentStatus(order),
    currency: currencyOf(order.currencyCode),
    totals,
    customer: customerOf(order),
    lines: linesOf(order, scale),
    reason: (canceled && entries(order, 'ORDER_CANCELLATION')[0]?.data?.reason) || null,
    canceledAt: canceled ? instant(moved?.createdAt) : null,
    createdAt: instant(order.orderPlacedAt) ?? instant(order.createdAt),
    updatedAt: instant(order.updatedAt),
    native: {
      status: order.state,
      paymentStatus: wordsOf(order.payments?.map(({ state }) => state)),
      fulfillmentStatus: wordsOf(order.fulfillments.map(({ state }) => state)),
    },
    readAt: new Date().toISOString(),
  }
}
