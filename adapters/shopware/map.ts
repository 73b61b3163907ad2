/** Shopware's order as the canonical one. Whether it is canceled is answered here alone. */
import {
  currencyOf,
  type FulfillmentStatus,
  instant,
  money,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  sum,
  tolerant,
} from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

// The words of OrderStates, OrderTransactionStates and OrderDeliveryStates (Core/Checkout/Order,
// 6.6 and 6.7); a shop's extensions may add their own.

const CANCELED = 'cancelled'

export const isCanceledState = ({ technicalName }: wire.State): boolean =>
  technicalName === CANCELED

/** Payment and deliveries have states of their own, which a cancel leaves alone. */
export const isCanceled = (order: wire.Order): boolean => isCanceledState(order.stateMachineState)

const STATUS = tolerant.words<OrderStatus>({
  open: 'open',
  in_progress: 'open',
  completed: 'completed',
  [CANCELED]: 'canceled',
})

const PAYMENT = tolerant.words<PaymentStatus>({
  open: 'unpaid',
  reminded: 'unpaid',
  unconfirmed: 'pending',
  in_progress: 'pending',
  authorized: 'authorized',
  paid: 'paid',
  paid_partially: 'partially_paid',
  refunded: 'refunded',
  refunded_partially: 'partially_refunded',
  chargeback: 'refunded',
  [CANCELED]: 'voided',
  failed: 'failed',
})

const SHIPPING = tolerant.words<FulfillmentStatus>({
  open: 'unfulfilled',
  shipped: 'shipped',
  shipped_partially: 'partially_fulfilled',
  returned: 'returned',
  returned_partially: 'partially_returned',
  [CANCELED]: 'canceled',
})

const ENDED = [CANCELED, 'failed']
const createdAt = ({ createdAt: at }: wire.Transaction): number => Date.parse(at ?? '') || 0

/** The payment that counts: each further try to pay is one more, and leaves the others behind. */
export const paymentOf = ({ transactions }: wire.Order): wire.Transaction | null => {
  const newestFirst = (transactions ?? []).toSorted((a, b) => createdAt(b) - createdAt(a))
  const standing = newestFirst.find(
    ({ stateMachineState }) => !ENDED.includes(stateMachineState.technicalName),
  )
  return standing ?? newestFirst[0] ?? null
}

/** A discount on shipping is a delivery too, which nobody ever sends. */
const isDiscount = ({ shippingCosts }: wire.Delivery): boolean =>
  Number(shippingCosts?.totalPrice ?? 0) < 0

const deliveryWords = ({ deliveries }: wire.Order): string[] | null => {
  if (!deliveries) return null
  const sent = deliveries.filter((one) => !isDiscount(one))
  return [...new Set(sent.map(({ stateMachineState }) => stateMachineState.technicalName))]
}

/** Words that say that goods have left. */
const LEFT = /^(?:shipped|returned)/
/** Whether goods have left the house. */
export const hasLeft = (order: wire.Order): boolean =>
  deliveryWords(order)?.some((word) => LEFT.test(word)) ?? false

const fulfillmentStatus = (order: wire.Order): FulfillmentStatus => {
  const words = deliveryWords(order)
  const [first] = words ?? []
  // Goods that are downloaded have no delivery.
  if (words?.length === 0) return order.lineItems?.length ? 'not_required' : 'unknown'
  if (words?.length === 1) return SHIPPING.get(first) ?? 'unknown'
  const isKnown = words?.every((word) => SHIPPING.has(word)) ?? false
  return isKnown && words?.some((word) => LEFT.test(word)) ? 'partially_fulfilled' : 'unknown'
}

const TAKEN: readonly PaymentStatus[] = ['paid', 'refunded', 'partially_refunded']

export const paymentStatus = (order: wire.Order): PaymentStatus => {
  const payment = paymentOf(order)
  return (payment && PAYMENT.get(payment.stateMachineState.technicalName)) ?? 'unknown'
}

/** Whose amounts are told: of a part that was paid or given back, Shopware keeps none. */
const totals = (order: wire.Order, currency: string | null): Order['totals'] => {
  const status = paymentStatus(order)
  const amount = money(paymentOf(order)?.amount?.totalPrice, currency)
  const taxes = order.price?.calculatedTaxes
  return {
    subtotal: money(order.positionPrice, currency),
    // A promotion is a line of the order.
    discount: null,
    shipping: money(order.shippingTotal, currency),
    tax: taxes
      ? sum(
          taxes.map(({ tax }) => tax),
          currency,
        )
      : null,
    total: money(order.amountTotal, currency),
    paid: TAKEN.includes(status) ? amount : null,
    refunded: status === 'refunded' ? amount : null,
  }
}

const customer = ({ orderCustomer }: wire.Order): Order['customer'] =>
  orderCustomer
    ? {
        id: orderCustomer.customerId || null,
        email: orderCustomer.email || null,
        name: [orderCustomer.firstName, orderCustomer.lastName].filter(Boolean).join(' ') || null,
        phone: null,
      }
    : null

const lines = ({ lineItems }: wire.Order, currency: string | null): Order['lines'] =>
  lineItems?.map((item) => ({
    id: item.id ?? null,
    title: item.label || null,
    sku: item.payload?.productNumber || null,
    productId: item.productId || null,
    variantId: null,
    quantity: item.quantity ?? null,
    unitPrice: money(item.unitPrice, currency),
    total: money(item.totalPrice, currency),
  })) ?? null

/**
 * Never throws; what Shopware does not tell is null or `unknown`. `cancels`: what its history tells
 * of the cancel, the newest first; null where it was not asked.
 */
export const toOrder = (order: wire.Order, cancels: readonly wire.Change[] | null): Order => {
  const currency = currencyOf(order.currency?.isoCode)
  const { technicalName } = order.stateMachineState
  const [newest] = cancels ?? []
  return {
    id: order.id,
    number: order.orderNumber || null,
    status: STATUS.get(technicalName) ?? 'unknown',
    paymentStatus: paymentStatus(order),
    fulfillmentStatus: fulfillmentStatus(order),
    currency,
    totals: totals(order, currency),
    customer: customer(order),
    lines: lines(order, currency),
    reason: newest?.internalComment || null,
    canceledAt: instant(newest?.createdAt),
    createdAt: instant(order.createdAt),
    updatedAt: instant(order.updatedAt),
    native: {
      status: technicalName,
      paymentStatus: paymentOf(order)?.stateMachineState.technicalName ?? null,
      fulfillmentStatus: deliveryWords(order)?.join(', ') || null,
    },
    readAt: new Date().toISOString(),
  }
}
