/**
 * The orders of the Shoplazza imitation and how each API version spells them, apart from the routes
 * that serve them.
 */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// The order in the example of "SPZ Admin API 2022.01" (page
// https://shoplazza.dev/reference/openapi2022-01ordersidcancel), with the vendor's own typo
// `addtional_prices`; values are ours.
import older from './order-2022-01.json' with { type: 'json' }
// Schema v202506.Order in the registry of the vendor's command line
// (github.com/Shoplazza/shoplazza-cli@8a78f9d, cli_meta_v202601_en.json); values are ours.
import newer from './order-2025-06.json' with { type: 'json' }
// Words of shoplazza.dev/reference/order-4 ("Order"), names as in 2022-01 (`finished_at` came with
// 2025-06). What a state does not tell is as in `open`.
import states from './states.json' with { type: 'json' }

type Text = 'status' | 'financial_status' | 'fulfillment_status' | 'total_paid' | 'updated_at'
type Perhaps = 'cancel_reason' | 'placed_at' | 'canceled_at' | 'finished_at'
type Fields = Record<Text, string> & Record<Perhaps, string | null>

interface State {
  readonly says: string
  /** Another state, of which this one is a kind. */
  readonly as?: string
  readonly order?: Partial<Fields>
  /** How long a cancel takes. */
  readonly busyMs?: number
  /**
   * `throttled`, `aborted`: the first cancel does nothing and answers 429 or 500. `deadline`: every
   * cancel is carried out, and answers 500.
   */
  readonly fault?: string
}
const STATES: Readonly<Record<string, State>> = states

function makeOrder({ as = '', order, busyMs = 0, fault }: State, id: string, ordinal: number) {
  const fields: Fields = { ...states.open.order, ...STATES[as]?.order, ...order }
  return { id, number: String(ordinal).padStart(8, '0'), fields, busyMs, fault }
}

export const createOrders = () => createOrderBook(STATES, makeOrder)
export type Orders = ReturnType<typeof createOrders>
export type SandboxOrder = ReturnType<typeof makeOrder>

const isPaid = ({ total_paid }: Fields): boolean => Number(total_paid) > 0

/**
 * Order page: "canceled" is a cancellation of an unpaid order, "finished" includes orders canceled
 * after payment. No refund, no void.
 */
export function cancel({ fields }: SandboxOrder, reason: string | null): void {
  // Seconds and a Z, as in the vendor's examples.
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const [status, finished_at] = isPaid(fields) ? ['finished', now] : ['cancelled', null]
  const told = { status, cancel_reason: reason, canceled_at: now, updated_at: now, finished_at }
  Object.assign(fields, told)
}

/** The new envelope and spellings came with 2025-06 (shoplazza.dev changelog). */
export const isModern = (version: string): boolean => version >= '2025-06'

/** The order as a version tells it: absent is null in 2022-01 and "" later (our reading). */
export function present({ id, number, fields }: SandboxOrder, version: string): object {
  const { canceled_at, finished_at, ...same } = fields
  const { line_items, fulfillments, payment_line, ...rest } = isModern(version) ? newer : older
  const goods = same.fulfillment_status === 'initialled' ? 'waiting' : same.fulfillment_status
  const items = line_items.map((item) => ({ ...item, fulfillment_status: goods }))
  const parcel = { ...fulfillments[0], order_id: id, status: goods, line_items: items }
  const order = {
    ...rest,
    ...same,
    id,
    number,
    payment_line: isPaid(fields) ? payment_line : { ...payment_line, transaction_no: '' },
    line_items: items,
    fulfillments: goods === 'waiting' ? [] : [parcel],
  }
  if (!isModern(version)) return { ...order, canceled_at }
  const payment_lines = isPaid(fields) ? newer.payment_lines : []
  const told = { ...order, payment_lines, cancelled_at: canceled_at, finished_at }
  return Object.fromEntries(Object.entries(told).map(([name, value]) => [name, value ?? '']))
}
