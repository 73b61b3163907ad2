/** What a cancel must come to on a real Vendure, by the state that the order was in. */
import type { OrderState } from './lab/vendure.ts'
import type { Stock } from './lab/vendure/books.ts'

export interface Expected {
  readonly status: 'succeeded' | 'rejected'
  readonly cause?: string
  readonly already?: true
  /** Of the wish to put the goods back. */
  readonly restock: 'applied' | 'unsupported' | 'skipped'
  /** What stays paid or held; no money ever moves. */
  readonly amount?: string
  readonly paymentStatus: string
  readonly stock: Stock
}

const ALLOCATED: Stock = { MUG: [0, -2], TEE: [0, -1] }
const canceled = (
  paymentStatus: string,
  amount?: string,
  more: Partial<Expected> = {},
): Expected => ({
  status: 'succeeded',
  restock: 'applied',
  ...(amount !== undefined && { amount }),
  paymentStatus,
  stock: ALLOCATED,
  ...more,
})
const refused = (cause: string, paymentStatus: string): Expected => ({
  status: 'rejected',
  cause,
  restock: 'skipped',
  paymentStatus,
  stock: {},
})

const TOTAL = '55.72'

export const STATES: Record<OrderState, Expected> = {
  cart: refused('refused', 'unpaid'),
  cart_at_payment: refused('refused', 'unpaid'),
  draft: canceled('unpaid', undefined, { restock: 'unsupported', stock: {} }),
  draft_empty: canceled('unpaid', undefined, { restock: 'unsupported', stock: {} }),
  authorized: canceled('authorized', TOTAL),
  authorized_signed_in: canceled('authorized', TOTAL),
  settled: canceled('paid', TOTAL),
  settled_signed_in: canceled('paid', TOTAL),
  coupon: canceled('paid', '50.69'),
  untracked: canceled('paid', '59.54', { restock: 'unsupported', stock: {} }),
  yen: canceled('paid', '5309.66'),
  refunded_part: canceled('partially_refunded', '50.72'),
  refunded: canceled('refunded'),
  refund_pending: canceled('refund_pending', TOTAL),
  payment_canceled: canceled('voided'),
  line_canceled: canceled('paid', TOTAL, { stock: { MUG: [0, -1], TEE: [0, -1] } }),
  modified: canceled('partially_refunded', '41.66', { stock: { MUG: [0, -1], TEE: [0, -1] } }),
  owing: canceled('paid', TOTAL, { stock: { MUG: [0, -5], TEE: [0, -1] } }),
  modifying: refused('open_change', 'paid'),
  modifying_changed: refused('open_change', 'partially_paid'),
  authorized_modifying: refused('open_change', 'authorized'),
  fulfillment_pending: refused('fulfilled', 'paid'),
  fulfillment_pending_part: refused('fulfilled', 'paid'),
  fulfillment_canceled: canceled('paid', TOTAL),
  shipped: refused('fulfilled', 'paid'),
  shipped_part: refused('fulfilled', 'paid'),
  delivered: refused('completed', 'paid'),
  delivered_part: refused('fulfilled', 'paid'),
  aggregate: refused('refused', 'paid'),
  seller: refused('refused', 'unpaid'),
  canceled: { ...refused('', 'paid'), status: 'succeeded', already: true },
}

/** The same where the settings accept what is refused above. */
export const ACCEPTED: Partial<Record<OrderState, Expected>> = {
  fulfillment_pending: canceled('paid', TOTAL, { stock: { MUG: [2, 0], TEE: [1, 0] } }),
  fulfillment_pending_part: canceled('paid', TOTAL, { stock: { MUG: [1, -1], TEE: [0, -1] } }),
  shipped: canceled('paid', TOTAL, { stock: { MUG: [2, 0], TEE: [1, 0] } }),
  shipped_part: canceled('paid', TOTAL, { stock: { MUG: [1, -1], TEE: [0, -1] } }),
  delivered: canceled('paid', TOTAL, { stock: { MUG: [2, 0], TEE: [1, 0] } }),
  delivered_part: canceled('paid', TOTAL, { stock: { MUG: [1, -1], TEE: [0, -1] } }),
  aggregate: canceled('paid', '84.42', { stock: { LAMP: [0, -2], MUG: [0, -1] } }),
  seller: canceled('unpaid', undefined, { restock: 'unsupported', stock: {} }),
}

const COLUMNS = {
  state: 37,
  'told: order': 23,
  payment: 17,
  restock: 13,
  reason: 10,
  'database: state': 20,
  stock: 22,
  payments: 34,
  'private notes': 0,
}
/** A row of the table that is printed at the end. */
export const row = (cells: readonly string[]): string =>
  cells.map((cell, index) => cell.padEnd(Object.values(COLUMNS)[index] ?? 0)).join('')
export const HEADINGS = row(Object.keys(COLUMNS))
