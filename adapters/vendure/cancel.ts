/** Cancels an order of Vendure's: what stands against it, what becomes of it, and what stays. */
import {
  type CancelOperation,
  type Connection,
  type Fact,
  type Facts,
  failureOf,
  isPositive,
  type Look,
  minus,
  type Obstacle,
  reasonText,
  sameText,
  type Totals,
} from '../../src/adapter/index.ts'
import { operation, type Settings } from './access.ts'
import {
  CANCELED,
  fulfillmentsOf,
  fundsOf,
  isCanceled,
  notesOf,
  piecesOf,
  type Scale,
  scaleOf,
  toOrder,
  trackedPiecesOf,
} from './map.ts'
import * as queries from './queries.ts'
import * as wire from './wire.ts'

/** What is gone once the lines are canceled. */
interface Memo {
  readonly server: wire.Server
  readonly pieces: number
  readonly trackedPieces: number
  readonly wasDraft: boolean
  readonly totals: Totals
}
/** A look, with the order as Vendure tells it. */
interface OrderLook extends Look {
  readonly found: wire.Order
  readonly memo: Memo
}

const isOpen = ({ state }: { readonly state: string }): boolean => state !== CANCELED

/** Whether the other part of an order that is split among sellers stays open. */
const isSplit = ({ type, sellerOrders, aggregateOrder }: wire.Order): boolean =>
  type === 'Seller'
    ? !aggregateOrder || isOpen(aggregateOrder)
    : type === 'Aggregate' && (!sellerOrders || sellerOrders.some(isOpen))

const obstacle = (settings: Settings, order: wire.Order): Obstacle | null => {
  if (isCanceled(order)) return null
  if (order.active || order.state === 'AddingItems' || order.state === 'ArrangingPayment')
    return { cause: 'refused', detail: 'It is a shopper’s cart, and no order yet.' }
  // Vendure would cancel every line and put the goods back, then refuse (cancel-modifying).
  if (!order.nextStates.includes(CANCELED))
    return order.state === 'Modifying'
      ? { cause: 'open_change', detail: 'The order is being modified. End that first.' }
      : { cause: 'refused', detail: 'The shop’s order process leads nowhere to “Cancelled”.' }
  if (settings.fulfilled === 'refuse' && fulfillmentsOf(order).length > 0)
    return {
      cause: order.state === 'Delivered' ? 'completed' : 'fulfilled',
      detail:
        'The order has a fulfillment: Vendure would count its goods as on hand again, also those ' +
        'that have left, and keep the fulfillment. Cancel that first.',
    }
  if (settings.split === 'refuse' && isSplit(order))
    return {
      cause: 'refused',
      detail: `The order is split among sellers, and ${REST[order.type]} would stay open.`,
    }
  return null
}

const REST: Readonly<Record<string, string>> = {
  Aggregate: 'the sellers’ own orders',
  Seller: 'the order that it is a part of',
}

/** What stays open beside an order that is canceled. */
const orderFact = (order: wire.Order, basis: Fact['basis']): Fact => {
  const says = [
    isSplit(order) && `Not canceled with it: ${REST[order.type]}.`,
    fulfillmentsOf(order).length > 0 &&
      'Its fulfillments stay: one that is pending can still be shipped, and canceling one now ' +
        'would put its goods back once more.',
  ].filter(Boolean)
  return { done: 'yes', basis, ...(says.length > 0 && { detail: says.join(' ') }) }
}

/** Vendure shows stock to nobody who may only cancel, so this is what was measured. */
const stockFact = (order: wire.Order, { trackedPieces, wasDraft }: Memo): Fact => {
  if (wasDraft || trackedPieces === 0 || order.type === 'Seller')
    return {
      done: 'impossible',
      basis: 'documented',
      detail: 'No goods are allocated for it.',
    }
  return {
    done: 'yes',
    basis: 'documented',
    detail:
      fulfillmentsOf(order).length > 0
        ? 'What has a fulfillment is counted as on hand again, also what has left.'
        : 'What was allocated is released.',
  }
}

/** A cancel moves none (recorded in every state: no call of a payment handler). */
const moneyFact = (order: wire.Order, scale: Scale, basis: Fact['basis']): Fact => {
  const funds = fundsOf(order)
  if (!funds)
    return {
      done: 'impossible',
      basis: 'documented',
      detail: 'What is paid or held stays so; how much that is, Vendure does not tell.',
    }
  const amount = (value: number) => scale(value, order.currencyCode)
  const kept = minus(amount(funds.settled), amount(funds.refunded))
  const held = amount(funds.held)
  const pending = amount(funds.pending)
  const says = (value: typeof kept, words: string) =>
    value && isPositive(value) ? [`${value.amount} ${value.currency} ${words}`] : []
  const stays = isPositive(kept) ? kept : held
  return {
    done: 'impossible',
    basis,
    ...(stays && isPositive(stays) && { amount: stays }),
    detail:
      [
        ...says(kept, 'stay paid; Vendure refunds by a call of its own.'),
        ...says(held, 'stay authorized and can still be captured.'),
        ...says(pending, 'of that are being refunded already.'),
      ].join(' ') || 'Nothing is paid or held.',
  }
}

const factsOf = (
  order: wire.Order,
  scale: Scale,
  memo: Memo,
  basis: 'documented' | 'confirmed',
): Partial<Facts> => ({
  order: orderFact(order, basis),
  restock: stockFact(order, memo),
  payment: moneyFact(order, scale, basis),
})

const lookOf = (
  settings: Settings,
  order: wire.Order,
  server: wire.Server,
  before: Memo | null,
): OrderLook => {
  const scale = scaleOf(settings, server.precision)
  const shown = toOrder(order, scale, before?.totals)
  const pieces = piecesOf(order)
  const fresh = {
    server,
    pieces,
    trackedPieces: trackedPiecesOf(order, server.tracksStock),
    wasDraft: order.state === 'Draft',
    totals: shown.totals,
  }
  const memo = pieces === 0 && before ? before : fresh
  const done = isCanceled(order)
  return {
    order: shown,
    done,
    obstacle: obstacle(settings, order),
    expect: factsOf(order, scale, memo, 'documented'),
    ...(!done && pieces === 0 && memo.pieces > 0 && { changed: HALF }),
    memo,
    found: order,
    raw: { order },
  }
}

const HALF =
  'Vendure canceled every line of the order and put the goods back, but not the order itself. ' +
  'Lead it to the state “Cancelled” there, out of “Modifying” first.'

const readOrder = async (connection: Connection<Settings>, orderId: string) => {
  const { order, globalSettings: server } = await connection.send({
    ...operation(connection.settings, queries.ORDER, { id: orderId }, wire.OrderReply),
    about: { orderId, ids: ({ order }) => [order?.id] },
  })
  if (!order) throw failureOf('order_not_found', '200 no order')
  return { order, server }
}

const NOTE: Omit<Fact, 'basis'> = { done: 'yes', detail: 'Kept as a private note of the order.' }

export const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { memo }) {
    const { order, server } = await readOrder(connection, orderId)
    return lookOf(connection.settings, order, server, memo as Memo | null)
  },
  cancel({ settings, request: { orderId }, found }) {
    const { cancelShipping } = settings
    // An order without a piece is refused by the one and taken by the other (recorded:
    // cancel-draft-empty, refused-by-process).
    const [query, variables] =
      piecesOf(found as wire.Order) === 0
        ? [queries.TRANSITION, { id: orderId }]
        : [queries.CANCEL, { input: { orderId, cancelShipping } }]
    return {
      ...operation<unknown>(settings, query, variables, wire.CancelReply),
      about: { orderId, ids: (reply) => [(reply as wire.CancelReply).canceled.id] },
    }
  },
  says: (_, reply) => isCanceled((reply as wire.CancelReply).canceled),
  read({ settings, memo }, reply) {
    const before = memo as Memo
    return lookOf(settings, (reply as wire.CancelReply).canceled, before.server, before)
  },
  // The cancel's own reason is read by the buyer (recorded: reason-is-public); a private note is
  // taken in every state.
  async after(connection, { request, look: { found } }) {
    const text = reasonText(request)
    if (text === null) return {}
    if (notesOf(found).some((note) => sameText(note, text)))
      return { reason: { ...NOTE, basis: 'confirmed' } }
    const input = { id: request.orderId, note: text, isPublic: false }
    await connection.send({
      ...operation(connection.settings, queries.NOTE, { input }, wire.NoteReply),
      about: { orderId: request.orderId, ids: ({ addNoteToOrder }) => [addNoteToOrder.id] },
    })
    return { reason: { ...NOTE, basis: 'reported' } }
  },
  facts: ({ settings, look: { found, memo } }) =>
    factsOf(found, scaleOf(settings, memo.server.precision), memo, 'confirmed'),
}
