/** Tryton's sale as the canonical order. Whether it is canceled is answered here, nowhere else. */
import {
  currencyOf,
  type FulfillmentStatus,
  instant,
  money,
  type Obstacle,
  type Order,
  type OrderStatus,
  type PaymentStatus,
  tolerant,
} from '../../src/adapter/index.ts'
import * as wire from './wire.ts'

export const isCanceled = (sale: wire.Sale): boolean => sale.state === 'cancelled'

// The words of modules/sale/sale.py, 6.0.10.

const STATUS = tolerant.words<OrderStatus>({
  draft: 'draft',
  quotation: 'pending',
  confirmed: 'open',
  processing: 'open',
  done: 'completed',
  cancelled: 'canceled',
})

/** Of its invoices: `sale` knows no payment but theirs. */
const PAYMENT = tolerant.words<PaymentStatus>({ none: 'unpaid', waiting: 'pending', paid: 'paid' })

/**
 * Whether goods have left. The word is `sent` too where every shipment was canceled and nobody
 * wants another (recorded: undo-processing); a sale without shipments has the word alone.
 */
const isShipped = (sale: wire.Sale): boolean => {
  const shipments = sale['shipments.'] ?? []
  return shipments.length > 0
    ? shipments.some(({ state }) => state === 'done')
    : sale.shipment_state === 'sent'
}

const fulfillmentStatus = (sale: wire.Sale): FulfillmentStatus => {
  switch (sale.shipment_state) {
    case 'none':
      return 'unfulfilled'
    case 'waiting':
      if (!sale['shipments.']) return 'unknown'
      return isShipped(sale) ? 'partially_fulfilled' : 'unfulfilled'
    case 'sent':
      return isShipped(sale) ? 'shipped' : 'canceled'
    default:
      return 'unknown'
  }
}

/**
 * What a cancel would silently pass over: by the table of transitions in modules/sale/sale.py only
 * drafts and quotations are canceled (recorded: cancel-processing-silent, cancel-done-silent).
 */
export const obstacle = (sale: wire.Sale): Obstacle | null => {
  const { state } = sale
  if (state === 'draft' || state === 'quotation' || isCanceled(sale)) return null
  if (state === 'done') return { cause: 'completed', detail: 'The sale is done.' }
  if (isShipped(sale))
    return { cause: 'fulfilled', detail: 'A shipment of the sale is done; the goods have left.' }
  return {
    cause: 'refused',
    detail:
      state === 'processing'
        ? 'The sale is in processing; its shipment and invoice must be canceled first.'
        : 'Tryton cancels drafts and quotations only.',
  }
}

const time = (at: wire.DateTime): string | null => {
  if (!at) return null
  const milliseconds = wire.millisecondsOf(at)
  return Number.isNaN(milliseconds) ? null : instant(new Date(milliseconds).toISOString())
}

const lines = (sale: wire.Sale, currency: string | null): Order['lines'] =>
  sale['lines.']
    ?.filter(({ type }) => !type || type === 'line')
    .map((line) => ({
      id: line.id ?? null,
      title: line.description || null,
      sku: line['product.']?.code || null,
      productId: line['product.']?.id ?? null,
      variantId: null,
      quantity: line.quantity ?? null,
      unitPrice: money(line.unit_price?.decimal, currency),
      total: money(line.amount?.decimal, currency),
    })) ?? null

/** Never throws; what Tryton does not tell is null or `unknown`. */
export const toOrder = (sale: wire.Sale): Order => {
  const currency = currencyOf(sale['currency.']?.code)
  const { 'party.': party } = sale
  return {
    id: sale.id,
    // A draft has no number; people know it by its reference, the shop's own number.
    number: sale.number || sale.reference || null,
    status: STATUS.get(sale.state) ?? 'unknown',
    paymentStatus: PAYMENT.get(sale.invoice_state) ?? 'unknown',
    fulfillmentStatus: fulfillmentStatus(sale),
    currency,
    totals: {
      subtotal: money(sale.untaxed_amount?.decimal, currency),
      discount: null,
      shipping: null,
      tax: money(sale.tax_amount?.decimal, currency),
      total: money(sale.total_amount?.decimal, currency),
      paid: null,
      refunded: null,
    },
    customer: party
      ? {
          id: party.id ?? null,
          email: party.email || null,
          name: party.name || null,
          phone: null,
        }
      : null,
    lines: lines(sale, currency),
    reason: null,
    // The last change need not have been the cancel.
    canceledAt: null,
    createdAt: time(sale.create_date),
    updatedAt: time(sale.write_date) ?? time(sale.create_date),
    native: {
      status: sale.state,
      paymentStatus: sale.invoice_state ?? null,
      fulfillmentStatus: sale.shipment_state ?? null,
    },
    readAt: new Date().toISOString(),
  }
}
