/** The imitation's orders: one as a real server told it, the states, and what a cancel changes. */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
import recorded from './order.json' with { type: 'json' }
import states from './states.json' with { type: 'json' }

interface Entry {
  readonly type: string
  readonly isPublic: boolean
  readonly createdAt: string
  readonly data: object
}
interface Line {
  quantity: number
  readonly orderPlacedQuantity: number
  discountedLinePriceWithTax: number
}

/** What a cancel changes; the rest is as recorded. */
export interface Order {
  readonly id: string
  readonly code: string
  state: string
  active: boolean
  nextStates: readonly string[]
  updatedAt: string
  readonly lines: Line[]
  subTotal: number
  shipping: number
  total: number
  totalWithTax: number
  readonly history: { readonly items: Entry[] }
  readonly [asRecorded: string]: unknown
}

/** What comes between a cancel and its end. */
type Meanwhile = 'modifies' | 'vetoes' | 'locks'

interface State {
  readonly says: string
  readonly order?: object
  readonly canceled?: boolean
  /** How long a cancel takes. */
  readonly busyMs?: number
  /** What happens while a cancel is on its way, cancel by cancel. */
  readonly meanwhile?: readonly string[]
}
const STATES: Readonly<Record<string, State>> = states

export interface Kept {
  readonly order: Order
  readonly busyMs: number
  readonly meanwhile: Meanwhile[]
}

/** Where the default order process leads (recorded: settings). */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  AddingItems: ['ArrangingPayment', 'Cancelled'],
  Draft: ['Cancelled', 'ArrangingPayment'],
  Modifying: [
    'PaymentAuthorized',
    'PaymentSettled',
    'PartiallyShipped',
    'Shipped',
    'PartiallyDelivered',
    'ArrangingAdditionalPayment',
  ],
  Delivered: ['Cancelled'],
  Cancelled: [],
}
const OTHERWISE = ['Cancelled', 'Modifying']

export const lead = (order: Order, state: string): void => {
  const at = new Date().toISOString()
  order.history.items.unshift({
    type: 'ORDER_STATE_TRANSITION',
    isPublic: true,
    createdAt: at,
    data: { from: order.state, to: state },
  })
  order.state = state
  order.nextStates = NEXT[state] ?? OTHERWISE
  order.updatedAt = at
}

/** Cancels the lines, and no more: what comes first there, and stays where the rest is refused. */
export const cancelLines = (order: Order, cancelShipping: boolean): void => {
  const at = new Date().toISOString()
  for (const line of order.lines) {
    line.quantity = 0
    line.discountedLinePriceWithTax = 0
  }
  order.subTotal = 0
  if (cancelShipping) order.shipping = 0
  order.total = order.shipping
  order.totalWithTax = cancelShipping ? 0 : SHIPPING_WITH_TAX
  order.updatedAt = at
  order.history.items.unshift({
    type: 'ORDER_CANCELLATION',
    isPublic: true,
    createdAt: at,
    data: { shippingCancelled: cancelShipping },
  })
}
const SHIPPING_WITH_TAX = 541

const makeOrder = (state: State, id: string, ordinal: number): Kept => {
  const order: Order = {
    ...structuredClone(recorded.data.order),
    ...structuredClone(state.order),
    id,
    code: `SANDBOX${String(ordinal).padStart(9, '0')}`,
  }
  order.nextStates = NEXT[order.state] ?? OTHERWISE
  if (order.state === 'Draft' || order.active)
    Object.assign(order, { lines: order.lines.map((one) => ({ ...one, orderPlacedQuantity: 0 })) })
  if (state.canceled) {
    cancelLines(order, true)
    lead(order, 'Cancelled')
  }
  const meanwhile = [...(state.meanwhile ?? [])] as Meanwhile[]
  return { order, busyMs: state.busyMs ?? 0, meanwhile }
}

export const createOrders = () => createOrderBook(STATES, makeOrder)
