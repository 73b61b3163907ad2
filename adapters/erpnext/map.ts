/** ERPNext's Sales Order as the canonical order. Whether it is canceled is answered here alone. */
import {
  currencyOf,
  type FulfillmentStatus,
  instant,
  isPositive,
  money,
  type Obstacle,
  type Order,
  type OrderStatus,
  tolerant,
} from '../../src/adapter/index.ts'
import { instantsOf, shownBy } from './clock.ts'
import { idOf } from './name.ts'
import type * as wire from './wire.ts'

/**
 * `docstatus` alone is not enough: a draft that was discarded has 2 as well (16), and was no order.
 */
export const isCanceled = ({
  docstatus,
  status,
}: Pick<wire.Order, 'status'> & { docstatus: number }): boolean =>
  docstatus === 2 && status === 'Cancelled'

// The words of sales_order.json and status_updater.py. `Closed` is for good, and says nothing of
// what was delivered before.

const STATUS = tolerant.words<OrderStatus>({
  Draft: 'draft',
  'On Hold': 'on_hold',
  'To Pay': 'open',
  'To Deliver and Bill': 'open',
  'To Bill': 'open',
  'To Deliver': 'open',
  Completed: 'completed',
})

const FULFILLMENT = tolerant.words<FulfillmentStatus>({
  'Not Delivered': 'unfulfilled',
  'Partly Delivered': 'partially_fulfilled',
  'Fully Delivered': 'fulfilled',
  'Not Applicable': 'not_required',
})

const statusOf = (order: wire.Order): OrderStatus => {
  if (isCanceled(order)) return 'canceled'
  return order.docstatus === 2 ? 'unknown' : (STATUS.get(order.status) ?? 'unknown')
}

/** What points to an order: submitted delivery notes, and invoices that are not canceled. */
export interface Links {
  readonly deliveryNotes: readonly wire.Linked[]
  readonly invoices: readonly wire.Linked[]
}

/** Before the documents that point to it are asked for, and again with them. */
export const obstacle = (order: wire.Order, links?: Links): Obstacle | null => {
  if (isCanceled(order)) return null
  if (order.docstatus === 2)
    return {
      cause: 'refused',
      detail:
        order.status === 'Draft'
          ? 'It is a draft that was discarded, and was no order.'
          : 'Its document is canceled, and its status is another: it must be looked at there.',
    }
  if (order.docstatus === 0)
    return {
      cause: 'refused',
      detail: 'It is a draft: ERPNext cancels what was submitted, and deletes a draft.',
    }
  if (order.status === 'Closed')
    return { cause: 'refused', detail: 'It is closed; ERPNext cancels it once it is reopened.' }
  if (order.status === 'Completed')
    return { cause: 'completed', detail: 'It is delivered and billed.' }
  return links ? linked(order, links) : null
}

const linked = (
  { per_delivered }: wire.Order,
  { deliveryNotes, invoices }: Links,
): Obstacle | null => {
  const [note] = deliveryNotes
  if (note)
    return { cause: 'fulfilled', detail: `Delivery note ${note.name} of the order is submitted.` }
  // A supplier delivered it: no delivery note is written then, and ERPNext would cancel it.
  if (per_delivered && per_delivered > 0)
    return { cause: 'fulfilled', detail: `${per_delivered} % of the order are delivered.` }
  const invoice = invoices.find(({ docstatus }) => docstatus === 1) ?? invoices[0]
  if (!invoice) return null
  const { name, docstatus, status } = invoice
  if (docstatus === 0)
    return { cause: 'refused', detail: `The draft of invoice ${name} must be deleted first.` }
  return status === 'Paid'
    ? { cause: 'payment_captured', detail: `Invoice ${name} of the order is paid.` }
    : { cause: 'refused', detail: `Invoice ${name} of the order must be canceled first.` }
}

const time = (text: string | null | undefined, zone: string | null): string | null => {
  const shown = text ? shownBy(text) : null
  if (shown === null || zone === null) return null
  return instant(new Date(instantsOf(zone, shown).first).toISOString())
}

const lines = ({ items }: wire.Order, currency: string | null): Order['lines'] =>
  items?.map((item) => ({
    id: item.name ?? null,
    title: item.item_name || null,
    sku: item.item_code || null,
    productId: item.item_code || null,
    variantId: null,
    quantity: item.qty ?? null,
    unitPrice: money(item.rate, currency),
    total: money(item.amount, currency),
  })) ?? null

const customer = (order: wire.Order): Order['customer'] =>
  order.customer
    ? {
        id: order.customer,
        email: order.contact_email || null,
        name: order.customer_name || null,
        phone: order.contact_mobile || null,
      }
    : null

/** Never throws; what ERPNext does not tell is null or `unknown`. */
export const toOrder = (order: wire.Order, zone: string | null): Order => {
  const currency = currencyOf(order.currency)
  const rounded = money(order.rounded_total, currency)
  return {
    id: idOf(order.name),
    number: order.name,
    status: statusOf(order),
    // An advance is in entries of its own, which a cancel parts from the order: its amount there
    // may fall without any money moving.
    paymentStatus: 'unknown',
    fulfillmentStatus: FULFILLMENT.get(order.delivery_status) ?? 'unknown',
    currency,
    totals: {
      subtotal: money(order.net_total, currency),
      discount: null,
      shipping: null,
      tax: money(order.total_taxes_and_charges, currency),
      // Zero where rounding is off.
      total: isPositive(rounded) ? rounded : money(order.grand_total, currency),
      paid: null,
      refunded: null,
    },
    customer: customer(order),
    lines: lines(order, currency),
    reason: null,
    // The last change need not have been the cancel.
    canceledAt: null,
    createdAt: time(order.creation, zone),
    updatedAt: time(order.modified, zone),
    native: {
      status: order.status,
      paymentStatus: order.billing_status ?? null,
      fulfillmentStatus: order.delivery_status ?? null,
    },
    readAt: new Date().toISOString(),
  }
}
