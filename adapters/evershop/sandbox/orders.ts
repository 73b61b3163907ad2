/** The orders of the imitation: a recorded one, what a state changes on it, what a cancel does. */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// An order of EverShop 2.2.1 as its GraphQL told it, recorded on 2026-11-30.
import recorded from './order.json' with { type: 'json' }
// Words of modules/oms and stripe, 2.2.1. What a state does not tell is as in the recorded order.
import states from './states.json' with { type: 'json' }

interface Word {
  readonly code: string
  readonly isCancelable?: boolean
}
export interface Order {
  readonly uuid: string
  readonly orderNumber: string
  status: Word
  paymentStatus: Word
  shipmentStatus: Word
  activities: readonly object[]
  readonly [asRecorded: string]: unknown
}

interface State {
  readonly says: string
  readonly order?: object
  /** Where a cancel fails: at the payment provider, or after it was told. */
  readonly fault?: string
  readonly busyMs?: number
  /** What somebody does while a cancel is on its way, cancel by cancel. */
  readonly meanwhile?: readonly string[]
}
const STATES: Readonly<Record<string, State>> = states

export interface Entry {
  readonly order: Order
  readonly fault: string | undefined
  readonly busyMs: number
  readonly meanwhile: string[]
  /** How often its goods were put back. */
  restocked: number
  /** Whether the payment provider gave up its hold. */
  voided: boolean
}

const makeOrder = (state: State, id: string, ordinal: number): Entry => ({
  order: {
    ...structuredClone(recorded),
    ...structuredClone(state.order),
    uuid: id,
    orderNumber: String(10_000 + ordinal),
  },
  fault: state.fault,
  busyMs: state.busyMs ?? 0,
  meanwhile: [...(state.meanwhile ?? [])],
  restocked: 0,
  voided: false,
})

export const createOrders = () => createOrderBook(STATES, makeOrder)

export const NOT_CANCELABLE = 'Order is not cancelable at this status'
const CANCELED: Word = { code: 'canceled', isCancelable: true }

/** Tags alone are rewritten (recorded: reason-html). */
const escaped = (text: string): string =>
  text.replaceAll(/<(\/?[a-zA-Z]{1,50})>/g, (_, tag: string) => `&lt;${tag}&gt;`)

/** What EverShop answers in the place of a cancel; null: it cancels. */
export const refusal = (entry: Entry): string | null => {
  const { paymentStatus, shipmentStatus, paymentTransactions } = entry.order
  if (paymentStatus.isCancelable === false || shipmentStatus.code === 'delivered')
    return NOT_CANCELABLE
  if (entry.fault === 'provider') return 'This PaymentIntent cannot be canceled.'
  // It is told before the database commits, and not taken back (recorded: fails-late-after-void).
  entry.voided = (paymentTransactions as readonly object[]).length > 0
  return entry.fault === 'late' ? 'restock failed' : null
}

/** As often as it is asked for: it never looks whether it was done (recorded: repeat-pending). */
export const cancel = (entry: Entry, reason: string): void => {
  const { order } = entry
  const { code } = order.shipmentStatus
  // Its status stays as it is (recorded: cancel-shipment-partially-canceled).
  if (code !== 'partially_canceled') order.status = { code: 'canceled' }
  if (code.endsWith('shipped')) order.shipmentStatus = { code: 'canceled' }
  order.paymentStatus = CANCELED
  const comment = `Order canceled ${reason === '' ? '' : `(${escaped(reason)})`}`
  order.activities = [{ comment, createdAt: { value: String(Date.now()) } }, ...order.activities]
  entry.restocked += 1
}

/** Cash taken at the same moment, as it ended once (recorded: race-with-capture). */
export const capture = ({ order }: Entry): void => {
  order.status = { code: 'processing' }
}
