/** The imitation's orders: one in WooCommerce's shape, the states, and what a change does to it. */
import { createOrderBook, type DeedsBook, pause } from '../../../src/adapter/sandbox-kit.ts'
import shown from './order.json' with { type: 'json' }
import states from './states.json' with { type: 'json' }

export interface Note {
  readonly id: number
  readonly author: string
  readonly date_created: string
  readonly date_created_gmt: string
  readonly note: string
  readonly customer_note: boolean
}

/** What a change may touch; the rest stays as it is shown. */
export interface Order {
  readonly id: string
  readonly number: string
  status: string
  date_modified: string
  date_modified_gmt: string
  readonly total: string
  line_items: { meta_data: { readonly key: string }[] }[]
  readonly refunds: { readonly id: number; readonly reason: string; readonly total: string }[]
  readonly [asShown: string]: unknown
}

interface State {
  readonly says: string
  readonly order: object
  readonly keepsNoStock?: boolean
  readonly busyMs?: number
  /** What a plugin does when it is canceled. */
  readonly hook?: string
}
const STATES: Readonly<Record<string, State>> = states

export interface Kept {
  readonly order: Order
  /** The newest first, as they are told. */
  readonly notes: Note[]
  readonly state: State
}

/** The site is in a zone of its own: times come in that, and in GMT beside it, without a zone. */
export const ZONE_MS = 3_600_000
const written = (ms: number) => new Date(ms).toISOString().slice(0, 19)
const times = (now = Date.now()) => ({ local: written(now + ZONE_MS), gmt: written(now) })

const TAKEN = '_reduced_stock'
const putBack = (order: Order): void => {
  for (const line of order.line_items)
    line.meta_data = line.meta_data.filter(({ key }) => key !== TAKEN)
}

const makeOrder = (state: State, id: string, ordinal: number): Kept => {
  const { local, gmt } = times()
  const order: Order = {
    ...structuredClone(shown),
    ...structuredClone(state.order),
    id,
    number: String(1000 + ordinal),
    date_modified: local,
    date_modified_gmt: gmt,
  }
  if (state.keepsNoStock) putBack(order)
  return { order, notes: [], state }
}

export const createOrders = () => createOrderBook(STATES, makeOrder)

/** WordPress takes what comes for slashed, and drops its backslashes. */
export const addNote = ({ order, notes }: Kept, text: string, isCustomer: boolean): Note => {
  const { local, gmt } = times()
  const note = {
    id: Number(order.number) * 100 + notes.length,
    author: 'WooCommerce',
    date_created: local,
    date_created_gmt: gmt,
    note: text.replaceAll(/\\(.?)/gs, '$1'),
    customer_note: isCustomer,
  }
  notes.unshift(note)
  return note
}

export const refund = ({ order }: Kept, amount: string, deeds: DeedsBook): void => {
  deeds.refunded({ orderId: order.id, amount, currency: String(order['currency']) })
  order.refunds.unshift({ id: 80 + order.refunds.length, reason: '', total: `-${amount}` })
}

/** What hangs on the change: it is saved before, and stays whatever becomes of this. */
const transition = (kept: Kept, from: string, deeds: DeedsBook): void => {
  const { order, state } = kept
  addNote(kept, `Order status changed from ${from} to ${order.status}.`, false)
  if (order.status !== 'cancelled') return
  if (state.hook === 'fails') {
    addNote(kept, 'Error during status transition. Call to undefined function', false)
    return
  }
  putBack(order)
  if (state.hook === 'refunds' || state.hook === 'leads-on') refund(kept, order.total, deeds)
  if (state.hook === 'leads-on') order.status = 'refunded'
}

/** Any status leads to any other; to the one that it has, there is nothing to do. */
export const setStatus = async (kept: Kept, status: string, deeds: DeedsBook): Promise<void> => {
  const { order, state } = kept
  const from = order.status
  if (status === 'cancelled') {
    await pause(state.busyMs ?? 0)
    deeds.canceled(order.id)
  }
  const { local, gmt } = times()
  Object.assign(order, { status, date_modified: local, date_modified_gmt: gmt })
  if (from !== status) transition(kept, from, deeds)
}
