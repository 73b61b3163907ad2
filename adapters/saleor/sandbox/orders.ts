/** The imitation's orders: one as Saleor shows it, the states, and what a cancel changes. */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
import shown from './order.json' with { type: 'json' }
import states from './states.json' with { type: 'json' }

interface Event {
  readonly date: string
  readonly type: string
  readonly message: string | null
  readonly emailType: string | null
}
interface Line {
  allocations: { readonly quantity: number }[]
  readonly [asShown: string]: unknown
}

/** What a cancel or a fulfillment changes; the rest is as shown. */
export interface Order {
  readonly id: string
  readonly number: string
  status: string
  updatedAt: string
  fulfillments: { readonly status: string }[]
  readonly lines: Line[]
  readonly events: Event[]
  readonly [asShown: string]: unknown
}

interface State {
  readonly says: string
  readonly order?: object
  readonly canceled?: boolean
  /** Whether goods are allocated to it, as to an order that is open. */
  readonly allocated?: boolean
  /** How long a cancel takes. */
  readonly busyMs?: number
  /** What happens while a cancel is on its way. */
  readonly meanwhile?: string
}
const STATES: Readonly<Record<string, State>> = states

export interface Kept {
  readonly key: string
  readonly order: Order
  readonly busyMs: number
  readonly meanwhile: string | null
  /** A worker sends the mail after the reply. */
  mailIsDue: boolean
}

export const globalId = (key: string): string => btoa(`Order:${key}`)

/** Python writes microseconds. */
const now = (): string => new Date().toISOString().replace('Z', '000+00:00')

export const note = (order: Order, type: string, more: Partial<Event> = {}): void =>
  void order.events.push({ date: now(), type, message: null, emailType: null, ...more })

const release = ({ lines }: Order): void => {
  for (const line of lines) line.allocations = line.allocations.map(() => ({ quantity: 0 }))
}

export const cancel = (kept: Kept): void => {
  const { order } = kept
  note(order, 'CANCELED')
  release(order)
  order.status = 'CANCELED'
  order.updatedAt = now()
  kept.mailIsDue = true
}

export const fulfill = ({ order }: Kept): void => {
  release(order)
  order.status = 'FULFILLED'
  order.fulfillments = [{ status: 'FULFILLED' }]
  order.updatedAt = now()
}

const OVER = ['CANCELED', 'REFUNDED', 'REPLACED', 'REFUNDED_AND_RETURNED', 'RETURNED']

export const canCancel = ({ status, fulfillments }: Order): boolean =>
  !['CANCELED', 'DRAFT', 'EXPIRED'].includes(status) &&
  fulfillments.every((one) => OVER.includes(one.status))

const makeOrder = (state: State, key: string, ordinal: number): Kept => {
  const order: Order = {
    ...structuredClone(shown),
    ...structuredClone(state.order),
    id: globalId(key),
    number: String(1000 + ordinal),
  }
  const { busyMs = 0, meanwhile = null } = state
  const kept: Kept = { key, order, busyMs, meanwhile, mailIsDue: false }
  if (state.allocated === false) for (const line of order.lines) line.allocations = []
  if (state.canceled) cancel(kept)
  return kept
}

export const createOrders = () => createOrderBook(STATES, makeOrder)
