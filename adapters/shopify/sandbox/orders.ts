/** The orders of the imitation: a recorded one, what a state changes on it, what a cancel does. */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// Recorded on a development store, 2026-05-08, API 2026-04 (github.com/airhorns/shopify-draft-proxy
// @1fba7c18, orders/orderCancel-restock-refundMethod-parity); prices of its line, and what that
// query did not ask for, are as the order's other members say.
import recorded from './order.json' with { type: 'json' }
// Words of the schema. What a state does not tell is as in the recorded order.
import states from './states.json' with { type: 'json' }

interface Money {
  readonly shopMoney: { readonly amount: string; readonly currencyCode: string }
}
interface Transaction {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly amountSet: Money
}

export interface Order {
  readonly __typename: 'Order'
  readonly id: string
  readonly name: string
  cancelledAt: string | null
  cancelReason: string | null
  cancellation: { readonly staffNote: string | null } | null
  closed: boolean
  updatedAt: string
  displayFinancialStatus: string | null
  returnStatus: string
  totalReceivedSet: Money
  totalRefundedSet: Money
  totalCapturableSet: Money
  transactions: Transaction[]
  refunds: unknown[]
  fulfillments: readonly { readonly status: string }[]
  readonly lineItems: { readonly nodes: readonly unknown[] }
  readonly [asRecorded: string]: unknown
}

/** How a job ends: well, if nothing else is said. */
export interface Plan {
  readonly ms?: number
  /** It fails with these words. */
  readonly fails?: string
  /** Somebody else cancels the order by hand before it ends. */
  readonly overtaken?: true
  /** It ends when `endAll` is called, and not by itself. */
  readonly waits?: true
  /** Nobody remembers it, and nothing was done. */
  readonly forgotten?: true
}

interface State {
  readonly says: string
  readonly order?: object
  readonly job?: Plan
  /** How long the cancel of somebody else takes, which begins when ours comes. */
  readonly somebodyMs?: number
  /** What becomes of a refund at its payment provider. */
  readonly refund?: string
  /** How many cancels are throttled. */
  readonly throttled?: number
}
const STATES: Readonly<Record<string, State>> = states

export interface Entry {
  readonly key: string
  readonly order: Order
  readonly state: State
  throttled: number
  /** A cancel is at work on it. */
  isBusy: boolean
}

export const globalId = (key: string): string => `gid://shopify/Order/${key}`

const makeEntry = (state: State, key: string, ordinal: number): Entry => ({
  key,
  state,
  throttled: state.throttled ?? 0,
  isBusy: false,
  order: {
    __typename: 'Order',
    ...structuredClone(recorded),
    ...structuredClone(state.order),
    id: globalId(key),
    name: `#${1000 + ordinal}`,
  },
})

export const createOrders = () => createOrderBook(STATES, makeEntry)

/** What is refused at once, in the words that were recorded; null: a job is begun. */
export const refusalOf = ({ order, isBusy }: Entry): string | null => {
  if (order.cancelledAt !== null) return 'Cannot cancel an order that has already been canceled'
  if (isBusy) return 'Cancellation is already in progress'
  if (order.fulfillments.some(({ status }) => status === 'SUCCESS'))
    return 'Cannot cancel an order that has outstanding fulfillments'
  if (order.returnStatus !== 'NO_RETURN') return 'Cannot cancel an order that has returns'
  return null
}

export interface Wishes {
  readonly reason: string
  readonly staffNote: string | null
  readonly restock: boolean
  readonly refund: boolean
}

const newId = (type: string): string => `gid://shopify/${type}/${crypto.randomUUID()}`

const none = ({ shopMoney }: Money): Money => ({ shopMoney: { ...shopMoney, amount: '0.0' } })

const refund = ({ order, state }: Entry, restock: boolean): void => {
  const status = state.refund ?? 'SUCCESS'
  const id = newId('OrderTransaction')
  order.transactions.push({ id, kind: 'REFUND', status, amountSet: order.totalReceivedSet })
  if (status !== 'SUCCESS') return
  const restockType = restock ? 'CANCEL' : 'NO_RESTOCK'
  const nodes = order.lineItems.nodes.map(() => ({ restockType }))
  order.refunds.push({ id: newId('Refund'), refundLineItems: { nodes } })
  Object.assign(order, {
    totalRefundedSet: order.totalReceivedSet,
    displayFinancialStatus: 'REFUNDED',
    closed: true,
  })
}

/** As recorded: a hold is voided whatever was asked, with the amount 0.0. */
export const cancel = (entry: Entry, { reason, staffNote, restock, ...wish }: Wishes): void => {
  const { order } = entry
  const at = new Date().toISOString().replace(/\.\d+Z/, 'Z')
  const { displayFinancialStatus: paid } = order
  if (paid === 'AUTHORIZED') {
    const nothing = none(order.totalCapturableSet)
    const id = newId('OrderTransaction')
    order.transactions.push({ id, kind: 'VOID', status: 'SUCCESS', amountSet: nothing })
    Object.assign(order, { totalCapturableSet: nothing, displayFinancialStatus: 'VOIDED' })
  }
  if (paid !== 'PAID') order.closed = true
  else if (wish.refund) refund(entry, restock)
  Object.assign(order, {
    cancelledAt: at,
    cancelReason: reason,
    cancellation: { staffNote },
    updatedAt: at,
  })
}
