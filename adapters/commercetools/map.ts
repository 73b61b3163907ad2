/**
 * commercetools' order as the canonical one. Whether it is canceled, what stands in the way and
 * where a reason could be kept is answered here and nowhere else.
 */
import {
  currencyOf,
  type FulfillmentStatus,
  instant,
  isPositive,
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
import type { Settings } from './access.ts'
import type * as wire from './wire.ts'

export const CANCELED = 'Cancelled'

/** By its own word, or by the state that the merchant says means the same. */
export const isCanceled = (
  { orderState, state }: Pick<wire.Order, 'orderState' | 'state'>,
  { cancelState }: Settings,
): boolean =>
  orderState === CANCELED || (cancelState !== undefined && state?.obj?.key === cancelState)

// The words of OrderState, ShipmentState and PaymentState (@commercetools/platform-sdk 9.5.0).

const STATUS = tolerant.words<OrderStatus>({
  Open: 'open',
  Confirmed: 'open',
  Complete: 'completed',
  Cancelled: 'canceled',
})

const SHIPMENT = tolerant.words<FulfillmentStatus>({
  Pending: 'unfulfilled',
  Ready: 'unfulfilled',
  Backorder: 'unfulfilled',
  Delayed: 'unfulfilled',
  Partial: 'partially_fulfilled',
  Shipped: 'shipped',
  Delivered: 'delivered',
  Canceled: 'canceled',
})
/** Of these nothing has left. */
const STAYED: readonly FulfillmentStatus[] = ['unfulfilled', 'canceled']

/** A label that the merchant's code sets; payments themselves are objects of their own. */
const PAYMENT = tolerant.words<PaymentStatus>({
  Pending: 'pending',
  Paid: 'paid',
  BalanceDue: 'partially_paid',
  CreditOwed: 'refund_pending',
  Failed: 'failed',
})

const hasDeliveries = ({ shippingInfo, shipping }: wire.Order): boolean =>
  [shippingInfo, ...(shipping ?? []).map((one) => one.shippingInfo)].some(
    (info) => (info?.deliveries ?? []).length > 0,
  )

const fulfillmentStatus = (order: wire.Order): FulfillmentStatus => {
  const { shipmentState } = order
  if (shipmentState) return SHIPMENT.get(shipmentState) ?? 'unknown'
  return hasDeliveries(order) ? 'unknown' : 'unfulfilled'
}

/**
 * What a cancel would pass over in silence: there is no rule there against it (recorded:
 * cancel-complete-shipped), so it is ours, and the settings may lift it.
 */
export const obstacle = (order: wire.Order, { fulfilled }: Settings): Obstacle | null => {
  if (fulfilled === 'accept') return null
  const lifted = 'commercetools would cancel it all the same ("fulfilled": "accept").'
  if (order.returnInfo?.length)
    return { cause: 'returned', detail: `Goods of the order are on their way back; ${lifted}` }
  if (order.orderState === 'Complete')
    return { cause: 'completed', detail: `The order is complete; ${lifted}` }
  const { shipmentState } = order
  if (!STAYED.includes(fulfillmentStatus(order)) || hasDeliveries(order))
    return {
      cause: 'fulfilled',
      detail: shipmentState
        ? `The goods may have left (${shipmentState}); ${lifted}`
        : `The order has deliveries; ${lifted}`,
    }
  return null
}

/** How a reason would be kept: in a field that is there, with a type of its own, or not at all. */
export type Keeping = 'field' | 'type' | null

const TEXT = 'String'

/** A type has these fields and no others; a new one would wipe those of the type before it. */
export const keepingOf = (
  { custom }: Pick<wire.Order, 'custom'>,
  { reasonField, reasonType }: Settings,
): Keeping => {
  if (reasonField === undefined) return null
  if (!custom) return 'type'
  if (typeof custom.fields[reasonField] === 'string') return 'field'
  const { obj } = custom.type
  const defined = obj?.fieldDefinitions?.find(({ name }) => name === reasonField)
  if (defined) return defined.type?.name === TEXT ? 'field' : null
  return obj?.key === reasonType && !obj?.fieldDefinitions ? 'field' : null
}

export const reasonIn = ({ custom }: wire.Order, { reasonField }: Settings): string | null => {
  const kept = reasonField === undefined ? null : custom?.fields[reasonField]
  return typeof kept === 'string' && kept !== '' ? kept : null
}

/** Whole units with so many digits behind the point, written out; digits only, never a float. */
const decimalOf = (units: string | number, digits: number): string | null => {
  const [, sign, whole] = /^(-?)(\d{1,30})$/.exec(String(units)) ?? []
  if (whole === undefined || !Number.isInteger(digits) || digits < 0 || digits > 20) return null
  const padded = whole.padStart(digits + 1, '0')
  const point = padded.length - digits
  return `${sign}${padded.slice(0, point)}.${padded.slice(point)}0`
}

/** Of high precision `fractionDigits` is of `preciseAmount` (recorded: import-high-precision). */
const toDecimal = (amount: wire.Money): string | null => {
  const units = amount?.preciseAmount ?? amount?.centAmount
  const digits = amount?.fractionDigits
  if (units === null || units === undefined || typeof digits !== 'number') return null
  return decimalOf(units, digits)
}

export const toMoney = (amount: wire.Money): Money | null =>
  money(toDecimal(amount), amount?.currencyCode)

/** Every transaction of its payments; null where there is none, or one is not told. */
const transactionsOf = ({ paymentInfo }: wire.Order): readonly wire.Transaction[] | null => {
  const payments = paymentInfo?.payments ?? []
  const told = payments.flatMap(({ obj }) => (obj ? [obj.transactions] : []))
  return told.length === 0 || told.length < payments.length ? null : told.flat()
}

/** What came to its end of one kind, in the order's currency. */
const moved = (order: wire.Order, kind: string): Money | null => {
  const currency = currencyOf(order.totalPrice?.currencyCode)
  const ended = transactionsOf(order)?.filter(
    ({ type, state }) => type === kind && state === 'Success',
  )
  if (!ended || ended.some(({ amount }) => currencyOf(amount?.currencyCode) !== currency))
    return null
  return sum(
    ended.map(({ amount }) => toDecimal(amount)),
    currency,
  )
}

const paymentStatus = (order: wire.Order): PaymentStatus => {
  const said = PAYMENT.get(order.paymentState) ?? 'unknown'
  const [charged, back] = [moved(order, 'Charge'), moved(order, 'Refund')]
  if (isPositive(charged) && isPositive(back))
    return isPositive(minus(charged, back)) ? 'partially_refunded' : 'refunded'
  if (charged && !isPositive(charged) && isPositive(moved(order, 'Authorization')))
    return isPositive(moved(order, 'CancelAuthorization')) ? 'voided' : 'authorized'
  return said
}

const totals = (order: wire.Order): Totals => {
  const { taxedPrice } = order
  return {
    subtotal: null,
    discount: toMoney(order.discountOnTotalPrice?.discountedAmount),
    shipping: toMoney(order.shippingInfo?.price),
    tax:
      toMoney(taxedPrice?.totalTax) ??
      minus(toMoney(taxedPrice?.totalGross), toMoney(taxedPrice?.totalNet)),
    total: toMoney(taxedPrice?.totalGross) ?? toMoney(order.totalPrice),
    paid: moved(order, 'Charge'),
    refunded: moved(order, 'Refund'),
  }
}

const customer = (order: wire.Order): Order['customer'] => {
  const address = order.billingAddress ?? order.shippingAddress
  const found = {
    id: order.customerId ?? null,
    email: order.customerEmail || null,
    name: [address?.firstName, address?.lastName].filter(Boolean).join(' ') || null,
    phone: address?.phone || address?.mobile || null,
  }
  return Object.values(found).some((value) => value !== null) ? found : null
}

/** In the order's own language where it has one, else in whatever there is. */
const inWords = (texts: wire.Localized, locale: string | null | undefined): string | null => {
  const found = [texts?.[locale ?? ''], ...Object.values(texts ?? {})]
  return found.find((one) => typeof one === 'string') ?? null
}

const lines = ({ lineItems, customLineItems, locale }: wire.Order): Order['lines'] =>
  lineItems && [
    ...lineItems.map((line) => ({
      id: line.id ?? null,
      title: inWords(line.name, locale),
      sku: line.variant?.sku || null,
      productId: line.productId ?? null,
      variantId: line.variant?.id ?? null,
      quantity: line.quantity ?? null,
      unitPrice: toMoney(line.price?.value),
      total: toMoney(line.totalPrice),
    })),
    ...(customLineItems ?? []).map((line) => ({
      id: line.id ?? null,
      title: inWords(line.name, locale),
      sku: null,
      productId: null,
      variantId: null,
      quantity: line.quantity ?? null,
      unitPrice: toMoney(line.money),
      total: toMoney(line.totalPrice),
    })),
  ]

/** Never throws; what commercetools does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order, settings: Settings): Order => ({
  id: order.id,
  number: order.orderNumber || null,
  status: isCanceled(order, settings) ? 'canceled' : (STATUS.get(order.orderState) ?? 'unknown'),
  paymentStatus: paymentStatus(order),
  fulfillmentStatus: fulfillmentStatus(order),
  currency: currencyOf(order.totalPrice?.currencyCode),
  totals: totals(order),
  customer: customer(order),
  lines: lines(order),
  reason: reasonIn(order, settings),
  // There is no such field, and the last change need not have been the cancel.
  canceledAt: null,
  createdAt: instant(order.createdAt),
  updatedAt: instant(order.lastModifiedAt),
  native: {
    status: order.orderState,
    paymentStatus: order.paymentState ?? null,
    fulfillmentStatus: order.shipmentState ?? null,
  },
  readAt: new Date().toISOString(),
})
