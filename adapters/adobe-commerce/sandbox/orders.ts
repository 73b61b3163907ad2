/**
 * The orders of the imitation: one in the shape of the published schema, what a state changes on
 * it, and what a cancel does, as Magento's source has it (Sales/Model/Order.php, Order/Item.php).
 */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
import template from './order.json' with { type: 'json' }
// Quantities stand for the items in their order; what is not said is as in the template.
import states from './states.json' with { type: 'json' }

const QUANTITIES = ['qty_canceled', 'qty_invoiced', 'qty_refunded', 'qty_shipped'] as const

interface Item extends Record<(typeof QUANTITIES)[number], number> {
  item_id: number
  parent_item_id?: number
  readonly qty_ordered: number
  readonly [more: string]: unknown
}
interface Comment {
  readonly comment: string
  readonly [more: string]: unknown
}
export interface Order {
  readonly entity_id: string
  readonly increment_id: string
  state: string
  status: string | null
  updated_at: string
  grand_total: number
  total_paid?: number
  items: Item[]
  readonly payment: { amount_authorized?: number; readonly [more: string]: unknown }
  readonly status_histories: Comment[]
  readonly [more: string]: unknown
}

interface State {
  readonly says: string
  readonly order?: Partial<Order>
  readonly items?: Partial<Record<(typeof QUANTITIES)[number], readonly number[]>>
  /** Held at a payment provider. */
  readonly held?: number
  readonly cannotVoid?: boolean
  /** The first item is one with a variant. */
  readonly parts?: boolean
  readonly isFlagged?: boolean
  readonly invoicedMeanwhile?: boolean
  /** How long a cancel takes. */
  readonly busyMs?: number
}
const STATES = states as unknown as Readonly<Record<string, State>>

export interface Entry extends Omit<State, 'says' | 'order' | 'items'> {
  readonly order: Order
  hasWaited: boolean
}

/** The variant stands beside the product, with a price and quantities of none. */
const variantOf = (item: Item): Item => ({
  ...item,
  item_id: item.item_id + 1_000,
  parent_item_id: item.item_id,
  product_type: 'simple',
  price: 0,
  row_total: 0,
})

const makeOrder = ({ order: changes, items, ...state }: State, id: string, ordinal: number) => {
  const copy = structuredClone(template) as unknown as Order
  const own = copy.items.map((item, index) => {
    const told = Object.entries(items ?? {}).map(([name, all]) => [name, all[index] ?? 0])
    return { ...item, ...Object.fromEntries(told) } as Item
  })
  const [first] = own
  const parts = state.parts && first ? [{ ...variantOf(first) }] : []
  const order: Order = {
    ...copy,
    ...structuredClone(changes),
    entity_id: id,
    increment_id: String(ordinal).padStart(9, '0'),
    items: [...own, ...parts],
  }
  if (state.held !== undefined)
    Object.assign(order.payment, { method: 'braintree', amount_authorized: state.held })
  return { ...state, order, hasWaited: false }
}

export const createOrders = () => createOrderBook(STATES, makeOrder)

/** As the database writes times. */
export const now = (): string => new Date().toISOString().slice(0, 19).replace('T', ' ')

const left = (...quantities: readonly number[]): number =>
  Math.max(
    0,
    quantities.reduce((rest, quantity) => rest - quantity),
  )

const toInvoice = (item: Item): number =>
  item.parent_item_id ? 0 : left(item.qty_ordered, item.qty_invoiced, item.qty_canceled)
const toShip = (item: Item): number =>
  item.parent_item_id
    ? 0
    : left(item.qty_ordered, item.qty_shipped, item.qty_refunded, item.qty_canceled)
const toCancel = (item: Item): number => Math.min(toInvoice(item), toShip(item))

const NEVER = ['canceled', 'complete', 'closed', 'holded', 'payment_review']

export const canCancel = ({ order, isFlagged }: Entry): boolean =>
  !NEVER.includes(order.state) && !isFlagged && order.items.some((item) => toInvoice(item) > 0)

/** What is invoiced and not refunded keeps the order open. */
const stateAfter = ({ items }: Order): string => {
  const kept = items.filter((item) => left(item.qty_invoiced, item.qty_refunded) > 0)
  if (kept.length === 0) return 'canceled'
  return kept.some((item) => toShip(item) > toCancel(item)) ? 'processing' : 'complete'
}

export const cancel = ({ order, cannotVoid }: Entry): void => {
  const held = order.payment.amount_authorized
  if (held !== undefined && !cannotVoid)
    order.status_histories.push({
      comment: `Canceled order online Amount: $${held.toFixed(2)}. Transaction ID: "f3k9-void"`,
      created_at: now(),
      entity_name: 'order',
      is_customer_notified: 0,
      is_visible_on_front: 0,
      parent_id: order.entity_id,
      status: 'canceled',
    })
  const state = stateAfter(order)
  const rest = order.grand_total - (order.total_paid ?? 0)
  for (const item of order.items) item.qty_canceled += toCancel(item)
  Object.assign(order, { state, status: state, total_canceled: rest, updated_at: now() })
}

/** One piece of the first item. */
export const invoice = (order: Order): void => {
  const [item] = order.items
  if (item) item.qty_invoiced += 1
  const paid = { total_paid: 25, total_due: order.grand_total - 25 }
  Object.assign(order, paid, { state: 'processing', status: 'processing', updated_at: now() })
}
