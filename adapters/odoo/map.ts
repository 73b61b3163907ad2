/** Odoo's order as the canonical one. Whether it is canceled is answered here, nowhere else. */
import {
  currencyOf,
  type FulfillmentStatus,
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
} from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

/** What was read beside the order. */
export interface Documents {
  readonly lines: readonly wire.Line[]
  /** Null: this Odoo has no warehouse for its orders (`sale_stock`). */
  readonly pickings: readonly wire.Picking[] | null
  readonly invoices: readonly wire.Invoice[]
  readonly transactions: readonly wire.Transaction[]
}

export const isCanceled = (sale: wire.Sale): boolean => sale.state === 'cancel'

// The words of addons/sale, sale_stock, stock, account and payment, 16 to 19.

const STATUS = tolerant.words<OrderStatus>({
  draft: 'draft',
  sent: 'pending',
  sale: 'open',
  done: 'completed',
  cancel: 'canceled',
})
const OPEN_DELIVERY: ReadonlySet<string> = new Set(['draft', 'waiting', 'confirmed', 'assigned'])
const PAID: ReadonlySet<unknown> = new Set(['paid', 'in_payment'])

export const isOpenDelivery = ({ state }: wire.Picking): boolean => OPEN_DELIVERY.has(state)

/** Moves within the warehouse leave nothing with the buyer; 16 calls a drop-shipment incoming. */
export const isShipped = ({ state, picking_type_code: code }: wire.Picking): boolean =>
  state === 'done' && code !== 'internal'

/** Posted, or in a state that is not known here. */
const isForGood = ({ state }: wire.Invoice): boolean => state !== 'draft' && state !== 'cancel'

const status = (sale: wire.Sale): OrderStatus =>
  sale.state === 'sale' && sale.delivery_status === 'full' && sale.invoice_status === 'invoiced'
    ? 'completed'
    : (STATUS.get(sale.state) ?? 'unknown')

const fulfillmentStatus = (
  sale: wire.Sale,
  pickings: Documents['pickings'] | undefined,
): FulfillmentStatus => {
  const word = sale.delivery_status
  if (word === 'full') return 'shipped'
  if (word === 'partial') return 'partially_fulfilled'
  if (word === 'pending' || word === 'started') return 'unfulfilled'
  // The word is empty where there is no delivery, and where each is canceled.
  if (word || !pickings) return 'unknown'
  if (pickings.length > 0)
    return pickings.every((p) => p.state === 'cancel') ? 'canceled' : 'unknown'
  return sale.state === 'draft' || sale.state === 'sent' ? 'unfulfilled' : 'unknown'
}

/** What came in by online payments; null: there is none. */
const paidOnline = ({ transactions }: Documents, currency: string | null): Money | null => {
  const done = transactions.filter(({ state }) => state === 'done')
  return done.length === 0
    ? null
    : sum(
        done.map((one) => one.amount),
        currency,
      )
}

const paymentStatus = (
  { invoices, transactions }: Documents,
  paid: Money | null,
  total: Money | null,
): PaymentStatus => {
  const has = (word: string) => transactions.some(({ state }) => state === word)
  if (has('authorized')) return 'authorized'
  if (has('done')) {
    if (!paid || !total) return 'unknown'
    return isPositive(minus(total, paid)) ? 'partially_paid' : 'paid'
  }
  const states = invoices.filter(isForGood).map((invoice) => invoice.payment_state)
  if (states.length > 0 && states.every((word) => PAID.has(word))) return 'paid'
  if (states.some((word) => PAID.has(word) || word === 'partial')) return 'partially_paid'
  if (states.some((word) => word !== 'not_paid')) return 'unknown'
  if (has('pending')) return 'pending'
  const isOver = ({ state }: wire.Transaction) => ['draft', 'cancel', 'error'].includes(state)
  return transactions.every(isOver) ? 'unpaid' : 'unknown'
}

const ofDelivery = (pickings: Documents['pickings']): Obstacle | null => {
  if (pickings?.some(isShipped))
    return {
      cause: 'fulfilled',
      detail: 'A delivery of the order is done. Odoo would cancel it all the same, without a word.',
    }
  const isKnown = (one: wire.Picking) =>
    isOpenDelivery(one) || one.state === 'done' || one.state === 'cancel'
  return !pickings || pickings.every(isKnown)
    ? null
    : { cause: 'refused', detail: 'A delivery of the order is in a state that is not known here.' }
}

const ofMoney = ({ invoices, transactions }: Documents): Obstacle | null => {
  const posted = invoices.filter(isForGood)
  if (posted.some(({ payment_state: word }) => PAID.has(word) || word === 'partial'))
    return {
      cause: 'payment_captured',
      detail:
        'An invoice of the order is paid and would stay so: credit and cancel it in Odoo itself.',
    }
  if (posted.length > 0)
    return {
      cause: 'refused',
      detail: 'An invoice of the order is posted and would stay so: see to both in Odoo itself.',
    }
  return transactions.some(({ state }) => state === 'authorized')
    ? {
        cause: 'payment_authorized',
        detail: 'A payment of the order is held and would stay held: void it in Odoo first.',
      }
    : null
}

/**
 * What `action_cancel` itself refuses (an order that is locked, from 17 on), and what it would
 * pass over without a word: it does not look at deliveries that are done, invoices that are
 * posted, or payments.
 */
export const obstacle = (sale: wire.Sale, documents: Documents): Obstacle | null => {
  if (isCanceled(sale)) return null
  // 16 locks an order by this word, and cancels it when told to: the form alone refuses.
  if (sale.state === 'done') return { cause: 'completed', detail: 'The order is done and locked.' }
  if (!STATUS.has(sale.state))
    return { cause: 'refused', detail: 'The order is in a state that is not known here.' }
  const held =
    sale.locked === true
      ? ({
          cause: 'refused',
          detail: 'The order is locked in Odoo: unlock it there first.',
        } as const)
      : null
  return ofDelivery(documents.pickings) ?? ofMoney(documents) ?? held
}

const lineOf =
  (currency: string | null) =>
  (line: wire.Line): NonNullable<Order['lines']>[number] => ({
    id: line.id ?? null,
    title: line.name?.split('\n', 1)[0] ?? line.product_id?.label ?? null,
    sku: null,
    productId: null,
    variantId: line.product_id?.id ?? null,
    quantity: line.product_uom_qty ?? null,
    unitPrice: money(line.price_unit, currency),
    total: money(line.price_subtotal, currency),
  })

/** `documents` null: they were not asked for, as in a search. */
export const toOrder = (sale: wire.Sale, documents: Documents | null): Order => {
  const currency = currencyOf(sale.currency_id?.label)
  const total = money(sale.amount_total, currency)
  const paid = documents && paidOnline(documents, currency)
  return {
    id: sale.id,
    number: sale.name ?? null,
    status: status(sale),
    paymentStatus: documents ? paymentStatus(documents, paid, total) : 'unknown',
    fulfillmentStatus: fulfillmentStatus(sale, documents?.pickings),
    currency,
    totals: {
      subtotal: money(sale.amount_untaxed, currency),
      discount: null,
      shipping: null,
      tax: money(sale.amount_tax, currency),
      total,
      paid,
      refunded: null,
    },
    customer: sale.partner_id
      ? { id: sale.partner_id.id, email: null, name: sale.partner_id.label, phone: null }
      : null,
    lines: documents?.lines.filter(({ display_type: of }) => !of).map(lineOf(currency)) ?? null,
    reason: null,
    canceledAt: null,
    createdAt: wire.instantOf(sale.create_date),
    updatedAt: wire.instantOf(sale.write_date),
    native: {
      status: sale.state,
      paymentStatus: sale.invoice_status ?? null,
      fulfillmentStatus: sale.delivery_status ?? null,
    },
    readAt: new Date().toISOString(),
  }
}
