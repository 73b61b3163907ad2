/**
 * The orders of the SHOPLINE imitation: a recorded one, what a state changes on it, and what a
 * cancel does to it.
 */
import { copyWithId, createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// Replies of a live store on v20260601 to get-order, list-orders and cancel-order, recorded on
// 2026-09-02 (NangoHQ/integration-templates@59fd4bf, integrations/shopline-oauth/tests); amounts,
// titles and the second line are ours.
import recorded from './order.json' with { type: 'json' }
// Words of developer.shopline.com "Get orders"; the fulfillment is recorded as above. What a state
// does not tell is as in `open`, the recorded order.
import states from './states.json' with { type: 'json' }

interface Refund {
  readonly id: string
  readonly transactions: readonly (typeof recorded.transaction)[]
  readonly [asRecorded: string]: unknown
}

/** As "Get orders" lists it, but for what its lines show of the goods. */
export interface Order {
  readonly id: string
  readonly name: string
  readonly financial_status: string
  /** Not shipped is the string "null", on the order and on its lines (recorded). */
  readonly fulfillment_status: string
  readonly hidden_order: boolean
  readonly cancelled_at: string | null
  readonly updated_at: string
  readonly payment_gateway_names: readonly string[]
  readonly refunds: readonly Refund[]
  readonly line_items: typeof recorded.listed.line_items
  readonly [asRecorded: string]: unknown
}

interface State {
  readonly says: string
  /** Another state, of which this one is a kind. */
  readonly as?: string
  readonly order?: object
  /** Money that went back by hand, without goods. */
  readonly refundedBefore?: string
  readonly isCanceled?: boolean
  /** How long a cancel takes. */
  readonly busyMs?: number
  /** How many cancels get a 429 first. */
  readonly throttles?: number
}
const STATES: Readonly<Record<string, State>> = states

const makeOrder = (state: State, id: string, ordinal: number) => {
  const { as = '', order, refundedBefore: amount, busyMs = 0, throttles = 0 } = state
  const name = String(1000 + ordinal)
  const changed = { ...recorded.listed, ...STATES[as]?.order, ...order, name }
  const shown: Order = copyWithId(changed, recorded.listed.id, id)
  if (amount) Object.assign(shown, { refunds: [refundOf(shown, { note: 'Goodwill', amount })] })
  if (state.isCanceled) cancel(shown, { reason: null, restock: false, refunds: false })
  return { shown, busyMs, throttles }
}

export const createOrders = () => createOrderBook(STATES, makeOrder)
export type Orders = ReturnType<typeof createOrders>

/** Local time with offset, as recorded from a live store. */
const now = (): string => `${new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`

interface RefundDetails {
  readonly note: string | null
  /** Only money that moved has a transaction (recorded). */
  readonly amount: string | null
  /** Left out: the goods had nothing to do with it. */
  readonly restock?: boolean
}

/** A refund as lists show it; every cancel leaves one (recorded). */
const refundOf = (order: Order, { note, amount, restock }: RefundDetails): Refund => {
  const id = `${recorded.refund.id.slice(0, -1)}${order.refunds.length}`
  const own = { id, order_id: order.id, created_at: now() }
  const restock_type = restock ? 'return' : 'no_restock'
  const lines = restock === undefined ? [] : recorded.refund.refund_line_items
  return {
    ...recorded.refund,
    ...own,
    note: note ?? recorded.refund.note,
    transactions: amount ? [{ ...recorded.transaction, ...own, amount }] : [],
    refund_line_items: lines.map((line) => ({ ...line, restock_type })),
  }
}

/** What is left to refund of money that was really taken: a decimal string; null: nothing. */
const refundable = ({ financial_status, refunds }: Order): string | null => {
  if (financial_status !== 'paid' && financial_status !== 'partially_refunded') return null
  const returned = refunds.flatMap(({ transactions }) => transactions)
  const cents = returned.reduce((sum, { amount }) => sum + Math.round(Number(amount) * 100), 0)
  return (Number(recorded.listed.current_total_price) - cents / 100).toFixed(2)
}

export interface Wishes {
  readonly reason: string | null
  readonly restock: boolean
  /** All that is left of the payment goes back. */
  readonly refunds: boolean
}

/** Cancels, and tells the amount that went back; null: none. */
export const cancel = (order: Order, { reason, restock, refunds }: Wishes): string | null => {
  const amount = refunds ? refundable(order) : null
  const at = now()
  Object.assign(order, {
    status: 'cancelled',
    cancelled_at: at,
    updated_at: at,
    cancel_reason: reason,
    refunds: [...order.refunds, refundOf(order, { note: reason, amount, restock })],
    ...(amount && { financial_status: 'refunded' }),
  })
  return amount
}

/** The lines follow the order; nothing is left to fulfill where it was shipped or `isOver`. */
const withLines = (order: Order, isOver: boolean) => ({
  ...order,
  line_items: order.line_items.map((line) => ({
    ...line,
    fulfillment_status: order.fulfillment_status,
    ...((isOver || order.fulfillment_status === 'fulfilled') && { fulfillable_quantity: 0 }),
  })),
})

export const inList = (order: Order): object => withLines(order, order.cancelled_at !== null)

/** What "Get orders" shows and the reply to a cancel does not (recorded). */
const IN_LISTS_ONLY = /^(status|fulfillment_status_v2|hidden_order|order_at|tags|return_info)$/

/**
 * The order as the reply to its cancel shows it: the lines as they were before, and each refund
 * with a transaction, of "0.0" where no money moved, and without lines (recorded).
 */
export const inReply = (order: Order): object => ({
  ...Object.fromEntries(
    Object.entries(withLines(order, false)).filter(([name]) => !IN_LISTS_ONLY.test(name)),
  ),
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
