/** The orders of the imitation: one of the published form, and what states and a cancel change. */
import { copyWithId, createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// An order in the form of the published schema (6.7.10.1), with values of our own.
import documented from './order.json' with { type: 'json' }
// Words of OrderStates, OrderTransactionStates and OrderDeliveryStates.
import states from './states.json' with { type: 'json' }

const LIVE = documented.versionId
const INTEGRATION = '018f3b1c9a2d7e4f8b6a5c4d3e2f1b0b'
const CANCELED = 'cancelled'

/** A state of one of the three machines, its ids made of the words. */
const stateOf = (machine: string, technicalName: string) => {
  const hex = (text: string): string =>
    [...text]
      .map((letter) => letter.charCodeAt(0).toString(16))
      .join('')
      .padEnd(32, '0')
      .slice(0, 32)
  return {
    id: hex(technicalName + machine),
    technicalName,
    name: technicalName,
    stateMachineId: hex(machine),
    createdAt: '2026-01-02T00:00:00.000+00:00',
    apiAlias: 'state_machine_state',
  }
}
type MachineState = ReturnType<typeof stateOf>

interface Stated {
  stateId: string
  stateMachineState: MachineState | null
  readonly [asDocumented: string]: unknown
}
export interface Order extends Stated {
  readonly id: string
  readonly orderNumber: string
  updatedAt: string | null
  readonly deliveries: readonly Stated[]
  readonly transactions: readonly Stated[]
}

interface State {
  readonly says: string
  readonly order?: string
  readonly delivery?: string
  readonly transaction?: string
  readonly digital?: boolean
  /** What an extension for payments makes of the transaction once the order is canceled. */
  readonly extension?: string
  readonly fault?: string
  readonly busyMs?: number
  /** What somebody does while a cancel is on its way, cancel by cancel. */
  readonly meanwhile?: readonly string[]
}
const STATES: Readonly<Record<string, State>> = states

export interface Entry {
  readonly extension: string | undefined
  readonly fault: string | undefined
  readonly order: Order
  readonly busyMs: number
  readonly meanwhile: string[]
  /** Rows of state_machine_history, in their order. */
  readonly history: object[]
  /** By how much the stock of its product has changed. */
  stock: number
}

const enter = (machine: string, one: Stated, word: string): void => {
  one.stateMachineState = stateOf(machine, word)
  one.stateId = one.stateMachineState.id
}

const now = (): string => new Date().toISOString().replace('Z', '+00:00')

/** Writes the history and the state, as the registry does. */
const change = (
  { order, history }: Entry,
  to: string,
  action: string,
  comment: string | null | undefined,
  at = now(),
): void => {
  const from = order.stateMachineState
  enter('order.state', order, to)
  order.updatedAt = at
  history.push({
    id: crypto.randomUUID().replaceAll('-', ''),
    referencedId: order.id,
    referencedVersionId: LIVE,
    stateMachineId: from?.stateMachineId,
    entityName: 'order',
    fromStateId: from?.id,
    toStateId: order.stateId,
    transitionActionName: action,
    userId: null,
    integrationId: INTEGRATION,
    ...(comment !== undefined && { internalComment: comment }),
    createdAt: at,
    fromStateMachineState: from,
    toStateMachineState: order.stateMachineState,
    apiAlias: 'state_machine_history',
  })
}

const makeOrder = (state: State, id: string, ordinal: number): Entry => {
  const made = copyWithId(documented, documented.id, id)
  const order: Order = {
    ...(made as unknown as Order),
    orderNumber: String(10_000 + ordinal),
    updatedAt: null,
    deliveries: state.digital ? [] : (made.deliveries as unknown as Stated[]),
    transactions: made.transactions.map((one) => ({
      ...(one as unknown as Stated),
      ...(state.extension && {
        paymentMethod: {
          ...one.paymentMethod,
          handlerIdentifier: 'Acme\\Payments\\CardPayment',
          technicalName: 'acme_card',
          name: 'Card',
        },
      }),
    })),
  }
  for (const one of order.deliveries) enter('order_delivery.state', one, state.delivery ?? 'open')
  for (const one of order.transactions)
    enter('order_transaction.state', one, state.transaction ?? 'open')
  const entry: Entry = {
    order,
    extension: state.extension,
    fault: state.fault,
    busyMs: state.busyMs ?? 0,
    meanwhile: [...(state.meanwhile ?? [])],
    history: [],
    stock: 0,
  }
  enter('order.state', order, state.order ?? 'open')
  if (state.order === CANCELED) {
    enter('order.state', order, 'open')
    change(entry, CANCELED, 'cancel', null, '2026-11-20T10:00:00.250+00:00')
  }
  return entry
}

export const createOrders = () => createOrderBook(STATES, makeOrder)

/** As PHP's strip_tags does it, near enough. */
const withoutTags = (text: string): string => text.replaceAll(/<[^\s>][^>]{0,500}>?/g, '')

const PIECES = documented.lineItems.reduce((sum, { quantity }) => sum + quantity, 0)

export interface Shop {
  /** From 6.7 on a canceled order is left alone, and a completed one refused. */
  readonly isStrict: boolean
  /** Recent versions keep a comment. */
  readonly keepsComments: boolean
}

/**
 * What a cancel comes to: `illegal` where no transition leads there, `unnecessary` where it was
 * there already, else done. Up to 6.6 everything is canceled, and what was canceled before loses
 * its goods again.
 */
export const cancel = (
  entry: Entry,
  shop: Shop,
  comment: string | null,
): 'done' | 'illegal' | 'unnecessary' => {
  const from = entry.order.stateMachineState?.technicalName ?? ''
  if (shop.isStrict && from === CANCELED) return 'unnecessary'
  if (shop.isStrict && from !== 'open' && from !== 'in_progress') return 'illegal'
  const kept = comment && withoutTags(comment)
  change(entry, CANCELED, 'cancel', shop.keepsComments ? kept : undefined)
  // The state stays where what follows fails.
  if (entry.fault === 'stock') return 'done'
  entry.stock += from === CANCELED ? -PIECES : PIECES
  for (const one of entry.order.transactions)
    if (entry.extension) enter('order_transaction.state', one, entry.extension)
  return 'done'
}

export const complete = (entry: Entry): void => change(entry, 'completed', 'complete', null)
