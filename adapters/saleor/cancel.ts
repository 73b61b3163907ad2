/** How Saleor's orders are canceled: one mutation, whose reply is the order as it is then. */
import {
  type Call,
  type CancelOperation,
  type Connection,
  type Fact,
  type Facts,
  failureOf,
  isPositive,
  type Look,
  minus,
  type Money,
  type Order,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import { globalId, graphql, type Settings } from './access.ts'
import { CANCEL, NOTE, READ } from './documents.ts'
import { allocatedOf, fundsOf, isCanceled, mailsOf, notesOf, obstacle, toOrder } from './map.ts'
import * as wire from './wire.ts'

/** What a cancel takes away, or adds to, as it was before. */
interface Memo {
  /** Null: it was not told. */
  readonly allocated: number | null
  readonly mails: number
}

interface OrderLook extends Look {
  readonly found: wire.Order
  readonly memo: Memo
}

type Basis = Extract<Fact['basis'], 'documented' | 'confirmed'>

const pieces = (count: number): string => (count === 1 ? '1 piece' : `${count} pieces`)

/** Undefined: the manual's word is all there is. */
const stockFact = (order: wire.Order, { allocated }: Memo, basis: Basis): Fact | undefined => {
  if (allocated === null) return undefined
  if (allocated === 0) return { done: 'nothing', basis, detail: 'No goods are allocated to it.' }
  const left = allocatedOf(order)
  if (basis === 'documented' || left === null)
    return { done: 'yes', basis: 'documented', detail: `${pieces(allocated)} are released.` }
  return left === 0
    ? { done: 'yes', basis, detail: `${pieces(allocated)} were released.` }
    : { done: 'failed', basis, detail: `${pieces(left)} are still allocated to it.` }
}

const NOT_OURS = 'the cancel itself moves no money.'
const isZero = (value: Money | null): boolean => value !== null && !isPositive(value)

/** A cancel moves none; an app that hears of it may. */
const moneyFact = (order: wire.Order, basis: Basis): Fact => {
  const { charged, held, refundPending } = fundsOf(order)
  if (!charged || !held)
    return {
      done: 'impossible',
      basis: 'documented',
      detail: 'What is paid or held stays so; how much that is, Saleor does not tell.',
    }
  const says = (value: Money | null, words: string) =>
    isPositive(value) ? [`${value?.amount} ${value?.currency} ${words}`] : []
  const stays = isPositive(charged) ? charged : held
  const detail = [
    ...says(charged, 'stay paid; Saleor refunds by calls of its own.'),
    ...says(held, 'stay authorized and can still be captured.'),
    ...says(refundPending, 'are being refunded already.'),
  ].join(' ')
  return {
    done: 'impossible',
    basis,
    ...(stays && isPositive(stays) && { amount: stays }),
    ...(detail !== '' && { detail }),
  }
}

/** What an app that heard of the cancel, or a person, did meanwhile; undefined: nothing is seen. */
const movedFact = (before: Order, order: wire.Order): Fact | undefined => {
  const { charged, held, refunded, refundPending } = fundsOf(order)
  const back = minus(refunded, before.totals.refunded)
  const basis = 'confirmed'
  if (back && isPositive(back))
    return { done: 'yes', basis, amount: back, detail: `Refunded meanwhile; ${NOT_OURS}` }
  if (refundPending && isPositive(refundPending) && before.paymentStatus !== 'refund_pending')
    return { done: 'pending', basis, amount: refundPending, detail: `Refunding; ${NOT_OURS}` }
  return before.paymentStatus === 'authorized' && isZero(held) && isZero(charged)
    ? { done: 'yes', basis, detail: `The hold was given up meanwhile; ${NOT_OURS}` }
    : undefined
}

/** Saleor's own plugins write down what they sent, once a worker has sent it. */
const mailFact = (order: wire.Order, { mails }: Memo): Fact | undefined =>
  mailsOf(order) > mails
    ? { done: 'yes', basis: 'reported', detail: 'Saleor wrote down that its mail was sent.' }
    : undefined

const factsOf = (order: wire.Order, memo: Memo, basis: Basis): Partial<Facts> => {
  const restock = stockFact(order, memo, basis)
  const notify = mailFact(order, memo)
  return {
    payment: moneyFact(order, basis),
    ...(restock && { restock }),
    ...(notify && { notify }),
  }
}

const lookOf = (order: wire.Order, before: Memo | null): OrderLook => {
  const fresh: Memo = { allocated: allocatedOf(order), mails: mailsOf(order) }
  return {
    order: toOrder(order),
    done: isCanceled(order),
    obstacle: obstacle(order),
    expect: factsOf(order, fresh, 'documented'),
    found: order,
    memo: before ?? fresh,
    raw: { order },
  }
}

const NOTED: Omit<Fact, 'basis'> = { done: 'yes', detail: 'Kept as a note of the order.' }

const readOne = async (connection: Connection<Settings>, orderId: string) => {
  const { order } = await connection.send({
    ...graphql(READ, { id: globalId(orderId) }, wire.OrderReply),
    about: { orderId, ids: (reply) => [reply.order?.id] },
  })
  if (!order) throw failureOf('order_not_found', '200 no order')
  return order
}

export const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { memo }) {
    return lookOf(await readOne(connection, orderId), memo as Memo | null)
  },
  cancel: ({ request: { orderId } }) =>
    ({
      ...graphql(CANCEL, { id: globalId(orderId) }, wire.CancelReply),
      about: { orderId, ids: ({ orderCancel }) => [orderCancel.order.id] },
    }) satisfies Call<wire.CancelReply> as Call<unknown>,
  says: (_, reply) => isCanceled((reply as wire.CancelReply).orderCancel.order),
  read({ memo }, reply) {
    const look = lookOf((reply as wire.CancelReply).orderCancel.order, memo as Memo | null)
    return look.done ? look : null
  },
  // A note is taken in every state, and one that is there is not written again.
  async after(connection, { request, look: { found } }) {
    const message = reasonText(request)
    if (message === null) return {}
    if (notesOf(found).some((note) => sameText(note, message)))
      return { reason: { ...NOTED, basis: 'confirmed' } }
    const { orderId } = request
    await connection.send({
      ...graphql(NOTE, { id: globalId(orderId), message }, wire.NoteReply),
      about: { orderId, ids: ({ orderNoteAdd }) => [orderNoteAdd.order.id] },
    })
    return { reason: { ...NOTED, basis: 'reported' } }
  },
  facts({ before, look: { found }, memo }) {
    const moved = movedFact(before, found)
    return {
      ...factsOf(found, (memo as Memo | null) ?? { allocated: null, mails: 0 }, 'confirmed'),
      ...(moved && { payment: moved }),
    }
  },
}
