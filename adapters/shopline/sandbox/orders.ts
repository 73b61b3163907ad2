/**
 * The orders of the SHOPLINE imitation: a recorded one, what a state changes on it, and what a
 * cancel does to it.
 */
import {
  copyWithId,
  createOrderBook,
  LATE_MS,
  type OrderBook,
  SLOW_MS,
} from '../../../src/adapter/sandbox-kit.ts'
import recorded from './order.json' with { type: 'json' }

type Transaction = typeof recorded.transaction

interface Refund {
  readonly id: string
  readonly transactions: readonly Transaction[]
  readonly [asRecorded: string]: unknown
}

/** As "Get orders" lists it; what neither a state nor a cancel changes is as it was recorded. */
export interface Order {
  readonly id: string
  readonly name: string
  status: string
  financial_status: string
  /** Not shipped is the string "null", on the order and on its lines (recorded). */
  readonly fulfillment_status: string
  readonly fulfillment_status_v2: string
  readonly hidden_order: boolean
  cancelled_at: string | null
  cancel_reason: string | null
  updated_at: string
  readonly payment_gateway_names: readonly string[]
  refunds: readonly Refund[]
  line_items: readonly (typeof recorded.order.line_items)[number][]
  readonly [asRecorded: string]: unknown
}

export interface SandboxOrder {
  readonly shown: Order
  readonly thinksMs: number
  throttles: number
}

interface State {
  readonly says: string
  /** What is not as in the recorded order; words of developer.shopline.com "Get orders". */
  readonly order?: Partial<Order>
  readonly canceled?: true
  readonly thinksMs?: number
  /** How many cancels get a 429 first. */
  readonly throttles?: number
}

const paid = (channel = 'SLpayments') => ({
  financial_status: 'paid',
  total_outstanding: '0.00',
  payment_gateway_names: [channel],
  payment_details: [{ ...recorded.payment, pay_channel: channel, gateway: channel }],
})

const shipped = (word: 'fulfilled' | 'partial') => ({
  fulfillment_status: word,
  fulfillment_status_v2: word === 'partial' ? 'partial' : 'shipped',
  fulfillments: [recorded.fulfillment],
  line_items: recorded.order.line_items.map((line) => ({
    ...line,
    fulfillment_status: word,
    fulfillable_quantity: word === 'partial' ? line.fulfillable_quantity : 0,
  })),
})

/** By hand, before: money went back, and no goods. */
const refunded = (amount: string) => {
  const transactions = [{ ...recorded.transaction, amount }]
  return {
    refunds: [{ ...recorded.refund, note: 'Goodwill', transactions, refund_line_items: [] }],
  }
}

const STATES: Readonly<Record<string, State>> = {
  open: { says: 'Unpaid, not shipped.' },
  paid: {
    order: paid(),
    says: 'Paid by card: money moves only when refund_type asks for the original payment.',
  },
  'paid-paypal': {
    order: paid('Paypal'),
    says: 'Paid by PayPal: refunded unless refund_type says Manual.',
  },
  authorized: {
    order: {
      ...paid(),
      financial_status: 'authorized',
      total_outstanding: recorded.order.total_outstanding,
      payment_details: [{ ...recorded.payment, pay_status: 'pending' }],
    },
    says: 'Payment authorized, not captured.',
  },
  fulfilled: {
    order: { ...paid(), ...shipped('fulfilled') },
    says: 'Shipped: the cancel is refused with 422.',
  },
  'partially-fulfilled': {
    order: { ...paid(), ...shipped('partial') },
    says: 'Shipped in part: the cancel is refused with 422.',
  },
  'partially-refunded': {
    order: { ...paid(), ...refunded('29.00'), financial_status: 'partially_refunded' },
    says: 'Paid, 29.00 went back before; can be canceled.',
  },
  refunded: {
    order: { ...paid(), ...refunded('129.00'), financial_status: 'refunded' },
    says: 'Refunded in full before: the cancel is refused with 422.',
  },
  canceled: { canceled: true, says: 'Canceled before; a second cancel is refused with 422.' },
  archived: {
    order: { ...paid(), hidden_order: true },
    says: 'Archived: listed only with hidden_order=true.',
  },
  slow: { thinksMs: SLOW_MS, says: 'As open, but the cancel takes 1.5 seconds.' },
  late: {
    thinksMs: LATE_MS,
    says: 'As open, but the cancel takes 4 seconds and lands though the caller has gone.',
  },
  throttled: { throttles: 1, says: 'The first cancel gets a 429 with Retry-After, not the next.' },
}

export const createOrders = (): OrderBook<SandboxOrder> =>
  createOrderBook(STATES, ({ order, canceled, thinksMs = 0, throttles = 0 }, id, ordinal) => {
    const changed = { ...recorded.order, ...order, name: String(1000 + ordinal) }
    const shown = copyWithId<Order>(changed, recorded.order.id, id)
    if (canceled) cancel(shown, { reason: null, restock: false, refunds: false })
    return { shown, thinksMs, throttles }
  })

/** Local time with offset, as recorded from a live store. */
const now = (): string => `${new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`

/** What is left to refund of money that was really taken: a decimal string. */
const refundable = ({ financial_status, refunds }: Order): string => {
  if (financial_status !== 'paid' && financial_status !== 'partially_refunded') return '0.00'
  const cents = refunds
    .flatMap(({ transactions }) => transactions)
    .reduce((sum, { amount }) => sum + Math.round(Number(amount) * 100), 0)
  return (recorded.payment.pay_amount - cents / 100).toFixed(2)
}

/** What "Get orders" shows and the reply to a cancel does not (recorded). */
const IN_LISTS_ONLY = /^(status|fulfillment_status_v2|hidden_order|order_at|tags|return_info)$/

/** The order as the reply to its cancel shows it, its lines and refunds as they are then. */
const inReply = (order: Order, lines: Order['line_items']): object => ({
  ...Object.fromEntries(Object.entries(order).filter(([name]) => !IN_LISTS_ONLY.test(name))),
  line_items: lines,
  // Each has a transaction there, of "0.0" where no money moved, and no lines yet (recorded).
  refunds: order.refunds.map((refund) => ({
    ...refund,
    note: null,
    refund_line_items: null,
    transactions:
      refund.transactions.length > 0
        ? refund.transactions
        : [{ ...recorded.transaction, id: refund.id, order_id: order.id }],
  })),
})

export interface Wishes {
  readonly reason: string | null
  readonly restock: boolean
  /** All that is left of the payment goes back. */
  readonly refunds: boolean
}

/** Cancels, and tells the reply and the amount that went back (null: none). */
export function cancel(
  order: Order,
  { reason, restock, refunds }: Wishes,
): { readonly reply: object; readonly amount: string | null } {
  const at = now()
  const left = refundable(order)
  const amount = refunds && left !== '0.00' ? left : null
  const id = `${recorded.refund.id.slice(0, -1)}${order.refunds.length}`
  const own = { id, order_id: order.id, created_at: at }
  const lines = order.line_items
  Object.assign(order, {
    status: 'cancelled',
    cancelled_at: at,
    updated_at: at,
    cancel_reason: reason,
    ...(amount && { financial_status: 'refunded' }),
    refunds: [
      ...order.refunds,
      {
        ...recorded.refund,
        ...own,
        note: reason ?? recorded.refund.note,
        transactions: amount ? [{ ...recorded.transaction, ...own, amount }] : [],
        refund_line_items: recorded.refund.refund_line_items.map((line) => ({
          ...line,
          restock_type: restock ? 'return' : 'no_restock',
        })),
      },
    ],
    // It falls to 0, but not yet in the reply (recorded).
    line_items: lines.map((line) => ({ ...line, fulfillable_quantity: 0 })),
  } satisfies Partial<Order>)
  return { reply: inReply(order, lines), amount }
}
