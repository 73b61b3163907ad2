/** Medusa's order as the canonical one. Whether it is canceled, and what its money did, is answered here and nowhere else. */
import { type FulfillmentStatus, isPositive, minus, money, type Money, type Order, type OrderStatus, type PaymentStatus, sum } from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

/** An archived order keeps `canceled_at` if it was canceled before. */
export const isCanceled = (order: wire.Order): boolean =>
  order.status === 'canceled' || (order.status === 'archived' && Boolean(order.canceled_at))

const STATUS: Record<string, OrderStatus> = {
  pending: 'open', completed: 'completed', archived: 'completed', draft: 'draft', requires_action: 'on_hold',
}

const FULFILLMENT: Record<string, FulfillmentStatus> = {
  not_fulfilled: 'unfulfilled', partially_fulfilled: 'partially_fulfilled', fulfilled: 'fulfilled',
  partially_shipped: 'partially_fulfilled', shipped: 'shipped', partially_delivered: 'shipped', delivered: 'delivered', canceled: 'canceled',
}

export interface Funds { readonly captured: Money | null, readonly refunded: Money | null, readonly kept: Money | null, readonly held: Money | null, readonly voided: Money | null }

export const paymentsOf = (order: wire.Order): wire.Payment[] => (order.payment_collections ?? []).flatMap(({ payments }) => payments ?? [])

const amounts = (list: readonly { amount?: string | number | null | undefined }[] | null | undefined) => (list ?? []).map(({ amount }) => amount)

/**
 * Where the money is, from the payments themselves: after a refused refund `summary` and `transactions` claim one that
 * never happened, and after a refused void `payment_status` says canceled (2.21.2, recorded: cancel-provider-refuses-*).
 */
export const funds = (order: wire.Order): Funds => {
  const payments = paymentsOf(order)
  const currency = order.currency_code ?? payments[0]?.currency_code
  const captured = sum(payments.flatMap(({ captures }) => amounts(captures)), currency)
  const refunded = sum(payments.flatMap(({ refunds }) => amounts(refunds)), currency)
  const uncaptured = payments.filter(({ captured_at, captures }) => !captured_at && !captures?.length)
  return {
    captured, refunded, kept: minus(captured, refunded),
    held: sum(amounts(uncaptured.filter(({ canceled_at }) => !canceled_at)), currency),
    voided: sum(amounts(uncaptured.filter(({ canceled_at }) => canceled_at)), currency),
  }
}

const UNPAID: Record<string, PaymentStatus> = { not_paid: 'unpaid', awaiting: 'pending', requires_action: 'pending', canceled: 'voided' }

const paymentStatus = (order: wire.Order): PaymentStatus => {
  const payments = paymentsOf(order)
  if (payments.length === 0) return UNPAID[order.payment_status ?? ''] ?? 'unknown'
  const { captured, refunded, kept, held } = funds(order)
  if (isPositive(captured)) {
    if (!isPositive(kept)) return 'refunded'
    // Canceling refunds what was captured (since 2.2.0); what is still there was refused by the payment provider.
    if (isCanceled(order)) return 'refund_failed'
    if (isPositive(refunded)) return 'partially_refunded'
    return isPositive(minus(sum(amounts(payments), captured?.currency), captured)) ? 'partially_paid' : 'paid'
  }
  if (isPositive(held)) return order.payment_status === 'partially_authorized' ? 'pending' : 'authorized'
  // A requested return voids the payment and opens a new, unpaid collection (recorded: cancel-with-return-requested).
  return UNPAID[order.payment_status ?? ''] ?? (payments.every(({ canceled_at }) => canceled_at) ? 'voided' : 'unknown')
}

/** Never throws; what Medusa does not tell is null or `unknown`. `reasonKey`: where in the metadata our reason lies. */
export const toOrder = (order: wire.Order, reasonKey = 'cancel_reason'): Order => {
  const currency = order.currency_code ?? paymentsOf(order)[0]?.currency_code ?? null
  const { captured, refunded } = funds(order)
  const paid = paymentsOf(order).length === 0 ? null : captured
  const address = order.shipping_address
  const name = [address?.first_name, address?.last_name].filter(Boolean).join(' ') || null
  const reason = order.metadata?.[reasonKey]
  return {
    id: order.id,
    number: order.display_id === null || order.display_id === undefined ? null : String(order.display_id),
    status: isCanceled(order) ? 'canceled' : STATUS[order.status] ?? 'unknown',
    paymentStatus: paymentStatus(order),
    fulfillmentStatus: FULFILLMENT[order.fulfillment_status ?? ''] ?? 'unknown',
    currency: currency?.toUpperCase() ?? null,
    totals: {
      subtotal: money(order.item_subtotal, currency),
      discount: minus(money(order.discount_total, currency), money(order.discount_tax_total ?? 0, currency)),
      shipping: money(order.shipping_subtotal, currency),
      tax: money(order.tax_total, currency),
      // A refunding cancel adds a credit line that brings `total` to 0.
      total: sum([order.total, order.credit_line_total ?? 0], currency),
      paid,
      refunded: paid && refunded,
    },
    customer: order.customer_id || order.email || name || address?.phone
      ? { id: order.customer_id ?? null, email: order.email ?? null, name, phone: address?.phone ?? null }
      : null,
    lines: (order.items ?? []).map((item) => ({
      id: item.id, title: item.product_title ?? item.title ?? null, sku: item.variant_sku ?? null,
      productId: item.product_id ?? null, variantId: item.variant_id ?? null, quantity: item.quantity,
      unitPrice: money(item.unit_price, currency), total: money(item.total, currency),
    })),
    reason: typeof reason === 'string' && reason !== '' ? reason : null,
    canceledAt: order.canceled_at ?? null,
    createdAt: order.created_at ?? null,
    updatedAt: order.updated_at ?? null,
    native: { status: order.status, paymentStatus: order.payment_status ?? null, fulfillmentStatus: order.fulfillment_status ?? null },
    readAt: new Date().toISOString(),
  }
}
