/**
 * The orders of the SHOPLINE imitation, as the order list shows them and as the cancel reply shows
 * them: the two differ.
 */
import {
  createOrderBook,
  LATE_MS,
  type OrderBook,
  SLOW_MS,
} from '../../../src/adapter/sandbox-kit.ts'

/** Words of developer.shopline.com "Get orders". Amounts are cents. */
interface State {
  readonly says: string
  readonly financial: 'unpaid' | 'authorized' | 'paid' | 'partially_refunded' | 'refunded'
  readonly fulfillment?: 'partial' | 'fulfilled'
  readonly channel?: 'SLpayments' | 'Paypal'
  readonly refundedBefore?: number
  readonly hidden?: true
  readonly canceled?: true
  readonly thinksMs?: number
  /** How many cancels get a 429 first. */
  readonly throttles?: number
}

interface RefundRecord {
  readonly id: string
  readonly at: string
  readonly processedAt: string | null
  readonly reason: string | null
  /** Money moved; 0 for the record that every cancel leaves. */
  readonly cents: number
  /** Null for a refund that is no cancel: it gave back money, no goods. */
  readonly restockType: 'return' | 'no_restock' | null
}

export interface SandboxOrder {
  readonly id: string
  readonly ordinal: number
  readonly name: string
  financial: State['financial']
  readonly fulfillment: State['fulfillment'] | null
  readonly channel: State['channel'] | null
  readonly hidden: boolean
  readonly thinksMs: number
  throttles: number
  updatedAt: string
  cancelledAt: string | null
  cancelReason: string | null
  readonly refunds: RefundRecord[]
}

const TOTAL_CENTS = 12_900
const CREATED_AT = '2026-11-02T17:15:00+08:00'
const CANCELLED_AT = '2026-11-03T18:30:00+08:00'
const paid = { financial: 'paid', channel: 'SLpayments' } as const

const STATES: Readonly<Record<string, State>> = {
  open: { financial: 'unpaid', says: 'Unpaid, not shipped.' },
  paid: {
    ...paid,
    says: 'Paid by card: money moves only when refund_type asks for the original payment.',
  },
  'paid-paypal': {
    ...paid,
    channel: 'Paypal',
    says: 'Paid by PayPal: refunded unless refund_type says Manual.',
  },
  authorized: { ...paid, financial: 'authorized', says: 'Payment authorized, not captured.' },
  fulfilled: {
    ...paid,
    fulfillment: 'fulfilled',
    says: 'Shipped: the cancel is refused with 422.',
  },
  'partially-fulfilled': {
    ...paid,
    fulfillment: 'partial',
    says: 'Shipped in part: the cancel is refused with 422.',
  },
  'partially-refunded': {
    ...paid,
    financial: 'partially_refunded',
    refundedBefore: 2_900,
    says: 'Paid, 29.00 went back before; can be canceled.',
  },
  refunded: {
    ...paid,
    financial: 'refunded',
    refundedBefore: TOTAL_CENTS,
    says: 'Refunded in full before: the cancel is refused with 422.',
  },
  canceled: {
    financial: 'unpaid',
    canceled: true,
    says: 'Canceled before; a second cancel is refused with 422.',
  },
  archived: { ...paid, hidden: true, says: 'Archived: listed only with hidden_order=true.' },
  slow: {
    financial: 'unpaid',
    thinksMs: SLOW_MS,
    says: 'As open, but the cancel takes 1.5 seconds.',
  },
  late: {
    financial: 'unpaid',
    thinksMs: LATE_MS,
    says: 'As open, but the cancel takes 4 seconds and lands though the caller has gone.',
  },
  throttled: {
    financial: 'unpaid',
    throttles: 1,
    says: 'The first cancel gets a 429 with Retry-After, the next one works.',
  },
}

const digits = (prefix: string, ordinal: number, length: number): string =>
  prefix + String(ordinal).padStart(length - prefix.length, '0')

export const createOrders = (): OrderBook<SandboxOrder> =>
  createOrderBook(STATES, (state, id, ordinal) => {
    const order: SandboxOrder = {
      id,
      ordinal,
      name: String(1000 + ordinal),
      financial: state.financial,
      fulfillment: state.fulfillment ?? null,
      channel: state.channel ?? null,
      hidden: state.hidden ?? false,
      thinksMs: state.thinksMs ?? 0,
      throttles: state.throttles ?? 0,
      updatedAt: CREATED_AT,
      cancelledAt: null,
      cancelReason: null,
      refunds: [],
    }
    const before = {
      id: digits('26', ordinal, 22),
      at: CANCELLED_AT,
      processedAt: null,
      cents: state.refundedBefore ?? 0,
    }
    if (state.refundedBefore !== undefined)
      order.refunds.push({ ...before, reason: 'Goodwill', restockType: null })
    if (state.canceled) {
      order.cancelledAt = order.updatedAt = CANCELLED_AT
      order.refunds.push({ ...before, reason: null, restockType: 'no_restock' })
    }
    return order
  })

/** Local time with offset, as recorded from a live store. */
const now = (): string => `${new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`

/** What is left to refund of money that was really taken. */
export const refundableCents = (order: SandboxOrder): number =>
  order.financial === 'paid' || order.financial === 'partially_refunded'
    ? TOTAL_CENTS - order.refunds.reduce((sum, { cents }) => sum + cents, 0)
    : 0

export const decimal = (cents: number): string => (cents / 100).toFixed(2)

export interface Cancellation {
  readonly reason: string | null
  readonly restock: boolean
  readonly cents: number
  readonly processedAt: string | null
}

export function cancel(
  order: SandboxOrder,
  { reason, restock, cents, processedAt }: Cancellation,
): void {
  const left = refundableCents(order) - cents
  order.cancelledAt = order.updatedAt = now()
  order.cancelReason = reason
  order.refunds.push({
    id: digits('27', order.ordinal, 22),
    at: order.cancelledAt,
    processedAt,
    reason,
    cents,
    restockType: restock ? 'return' : 'no_restock',
  })
  if (cents > 0) order.financial = left > 0 ? 'partially_refunded' : 'refunded'
}

const moneySet = (cents: number) => {
  const money = { amount: decimal(cents), currency_code: 'USD' }
  return { shop_money: money, presentment_money: money }
}

/** Not shipped is the string "null", on the order and on its lines. */
const fulfillmentWord = (order: SandboxOrder): string => order.fulfillment ?? 'null'

const LINES = [
  { cents: 4_500, quantity: 2, title: 'Linen apron' },
  { cents: 3_900, quantity: 1, title: 'Oven glove' },
]

const lineId = (order: SandboxOrder, index: number): string =>
  digits('45', order.ordinal * 10 + index, 6)

/**
 * `fulfillable_quantity` falls to 0 on a canceled order, but not yet in the cancel reply
 * (recorded).
 */
const lines = (order: SandboxOrder, inReply: boolean): readonly object[] => {
  const used = order.fulfillment === 'fulfilled' || (order.cancelledAt !== null && !inReply)
  return LINES.map(({ cents, quantity, title }, index) => ({
    id: lineId(order, index),
    product_id: digits('160', index + 1, 26),
    variant_id: digits('180', index + 1, 26),
    location_id: '7680000000000000042',
    title,
    sku: `SKU-${index + 1}`,
    quantity,
    fulfillable_quantity: used ? 0 : quantity,
    fulfillment_status: fulfillmentWord(order),
    price: decimal(cents),
    price_set: moneySet(cents),
    requires_shipping: true,
  }))
}

const transaction = (order: SandboxOrder, refund: RefundRecord, amount: string): object => ({
  id: refund.id,
  order_id: order.id,
  kind: 'refund',
  status: 'success',
  amount,
  currency: 'USD',
  created_at: refund.at,
  processed_at: refund.processedAt,
})

/**
 * In the cancel reply every refund has a transaction, "0.0" included, and no lines yet (recorded).
 */
const refundInReply = (order: SandboxOrder, refund: RefundRecord): object => ({
  id: refund.id,
  order_id: order.id,
  created_at: refund.at,
  processed_at: refund.processedAt,
  note: null,
  refund_line_items: null,
  transactions: [transaction(order, refund, refund.cents === 0 ? '0.0' : decimal(refund.cents))],
})

/**
 * Later, only money that moved has a transaction, and the lines tell whether the goods went back
 * (recorded). Numbers beside strings are the platform's.
 */
const refundInList = (order: SandboxOrder, refund: RefundRecord): object => ({
  id: refund.id,
  order_id: order.id,
  created_at: refund.at,
  processed_at: refund.processedAt,
  note: refund.reason ?? 'Seller cancels order',
  transactions: refund.cents > 0 ? [transaction(order, refund, decimal(refund.cents))] : [],
  order_adjustments: [],
  refund_line_items:
    refund.restockType === null
      ? []
      : LINES.map((line, index) => ({
          id: `RDP${digits('76', order.ordinal * 10 + index, 19)}`,
          line_item_id: lineId(order, index),
          quantity: line.quantity,
          restock_type: refund.restockType,
          subtotal: (line.cents * line.quantity) / 100,
          subtotal_set: moneySet(line.cents * line.quantity),
          total_tax: 0,
        })),
})

const TOTAL_AS_NUMBER = { amount: TOTAL_CENTS / 100, currency_code: 'USD' }

/**
 * `refunds.json`: a canceled order that nobody paid shows its full amount as a "discrepancy"
 * (recorded); no money moved.
 */
export const presentRefunds = (order: SandboxOrder): readonly object[] =>
  order.refunds.map((refund) => ({
    ...refundInList(order, refund),
    transactions_v2: [],
    order_adjustments:
      refund.cents > 0
        ? []
        : [
            {
              id: `RAP${digits('76', order.ordinal, 19)}`,
              refund_id: refund.id,
              order_id: order.id,
              kind: 'refund_discrepancy',
              reason: 'Refund discrepancy',
              amount: decimal(TOTAL_CENTS),
              amount_set: { shop_money: TOTAL_AS_NUMBER, presentment_money: TOTAL_AS_NUMBER },
              tax_amount: '0.00',
            },
          ],
  }))

const common = (order: SandboxOrder): object => ({
  id: order.id,
  name: order.name,
  email: 'buyer@example.com',
  currency: 'USD',
  presentment_currency: 'USD',
  financial_status: order.financial,
  fulfillment_status: fulfillmentWord(order),
  cancelled_at: order.cancelledAt,
  cancel_reason: order.cancelReason,
  created_at: CREATED_AT,
  updated_at: order.updatedAt,
  processed_at: CREATED_AT,
  current_total_price: decimal(TOTAL_CENTS),
  current_total_price_set: moneySet(TOTAL_CENTS),
  total_outstanding: decimal(
    order.channel === null || order.financial === 'authorized' ? TOTAL_CENTS : 0,
  ),
  payment_gateway_names: order.channel === null ? [] : [order.channel],
  payment_details:
    order.channel === null
      ? []
      : [
          {
            pay_channel: order.channel,
            gateway: order.channel,
            pay_seq: digits('230', order.ordinal, 26),
            pay_status: order.financial === 'authorized' ? 'pending' : 'paid',
            pay_amount: TOTAL_CENTS / 100,
            settle_currency: 'USD',
            settle_pay_amount: TOTAL_CENTS / 100,
            processed_at: CREATED_AT,
          },
        ],
  fulfillments:
    order.fulfillment === null
      ? []
      : [
          {
            id: digits('220', order.ordinal, 26),
            order_id: order.id,
            name: `#${order.name}.1`,
            status: 'success',
            created_at: CREATED_AT,
          },
        ],
})

/** "Get orders": tags are a JSON text; `fulfillment_status_v2` and `status` exist here only. */
export const presentInList = (order: SandboxOrder): object => ({
  ...common(order),
  status: order.cancelledAt === null ? 'open' : 'cancelled',
  fulfillment_status_v2: { null: 'unshipped', partial: 'partial', fulfilled: 'shipped' }[
    order.fulfillment ?? 'null'
  ],
  hidden_order: order.hidden,
  order_at: CREATED_AT,
  tags: '[]',
  return_info: { return_status: 'NO_RETURN' },
  refunds: order.refunds.map((refund) => refundInList(order, refund)),
  line_items: lines(order, false),
})

/** "Cancel order": no `status`, and lines as they were before. */
export const presentInReply = (order: SandboxOrder): object => ({
  ...common(order),
  refunds: order.refunds.map((refund) => refundInReply(order, refund)),
  line_items: lines(order, true),
})
