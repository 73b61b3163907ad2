/** Cancels an order of WooCommerce's: a change of its status, and notes for what has no field. */
import {
  type Call,
  CallFailure,
  type CancelOperation,
  type CancelRequest,
  type Connection,
  type Fact,
  type Facts,
  isPositive,
  type Look,
  minus,
  type Money,
  type Order,
  path,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import type { Settings } from './access.ts'
import { CANCELED, isCanceled, obstacle, takenLines, toOrder } from './map.ts'
import * as wire from './wire.ts'

/** At how many lines goods were taken from the stock: a cancel takes that note away. */
interface Memo {
  readonly taken: number | null
}
/** A look, with the order as WooCommerce tells it, and how: by the reply, or read back. */
interface OrderLook extends Look {
  readonly memo: Memo
  readonly found: { readonly order: wire.Order; readonly basis: 'reported' | 'confirmed' }
}

const about = (orderId: string) => ({ orderId, ids: ({ id }: wire.Order) => [id] })

const stockFact = (before: number | null, now: number | null, basis: Fact['basis']): Fact => {
  if (before === 0)
    return { done: 'nothing', basis, detail: 'No goods were taken from the stock for it.' }
  if (before === null || now === null)
    return {
      done: 'unknown',
      basis: 'none',
      detail: 'The order’s lines do not tell whether goods were taken from the stock for it.',
    }
  if (now === 0)
    return { done: 'yes', basis, detail: 'What was taken from the stock for it is put back.' }
  return {
    done: now < before ? 'partial' : 'failed',
    basis,
    detail:
      `The goods of ${now} of ${before} lines stay taken from the stock: a plugin may have ` +
      'failed, or the product keeps no stock any more. Put them back by hand.',
  }
}

/** From these WooCommerce has no mail to the buyer. */
const SILENT: readonly string[] = ['pending', 'failed', 'completed']

const mailFact = (status: string | null): Fact =>
  status !== null && SILENT.includes(status)
    ? {
        done: 'impossible',
        basis: 'documented',
        detail: 'WooCommerce has no mail to the buyer of an order in this status.',
      }
    : {
        done: 'unknown',
        basis: 'none',
        detail: 'The store’s e-mail settings decide whether the buyer is written to.',
      }
const MAILED =
  'By WooCommerce’s mail of a note to the customer, which a store may have switched off.'

const said = ({ amount, currency }: Money): string => `${amount} ${currency}`

const UNTOLD: readonly Order['paymentStatus'][] = ['pending', 'unknown']

/** WooCommerce moves none; what a payment plugin did is seen where it noted a refund. */
const moneyFact = (before: Order, { totals }: Order, basis: Fact['basis']): Fact => {
  const moved = minus(totals.refunded, before.totals.refunded)
  if (moved && isPositive(moved))
    return {
      done: 'yes',
      basis,
      amount: moved,
      detail: 'A refund is noted that was not there before: a payment plugin’s, or a person’s.',
    }
  const kept = minus(totals.paid, totals.refunded)
  if (kept && isPositive(kept))
    return {
      done: 'impossible',
      basis,
      amount: kept,
      detail:
        `${said(kept)} stay paid: WooCommerce refunds by a call of its own. What a payment ` +
        'plugin does at its provider, it does not tell.',
    }
  return totals.refunded === null || UNTOLD.includes(before.paymentStatus)
    ? {
        done: 'unknown',
        basis: 'none',
        detail:
          'Whether a payment is held or made, and what its plugin does about it, WooCommerce ' +
          'does not tell.',
      }
    : { done: 'impossible', basis, detail: 'No payment is noted that could go back.' }
}

const ahead = (found: wire.Order, order: Order, request: CancelRequest | null): Partial<Facts> => {
  const taken = takenLines(found)
  return {
    restock: stockFact(taken, taken === null ? null : 0, 'documented'),
    payment: moneyFact(order, order, 'documented'),
    notify: request?.message
      ? { done: 'yes', basis: 'documented', detail: MAILED }
      : mailFact(found.status),
  }
}

const lookOf = (
  { cancelable }: Settings,
  found: wire.Order,
  basis: 'reported' | 'confirmed',
  request: CancelRequest | null,
): OrderLook => {
  const order = toOrder(found)
  return {
    order,
    done: isCanceled(found),
    obstacle: obstacle(found, cancelable),
    expect: ahead(found, order, request),
    memo: { taken: takenLines(found) },
    found: { order: found, basis },
    raw: found,
  }
}

/** WordPress drops backslashes of a note, so that ours is found without them too. */
const plain = (text: string): string => text.replaceAll('\\', '')

const failed = (what: string, error: unknown): Fact => {
  if (!(error instanceof CallFailure)) throw error
  const { kind, result } = error.failure
  return {
    done: kind === 'doubt' ? 'unknown' : 'failed',
    basis: 'reported',
    detail: `The order is canceled, but ${what} ended with: ${result}.`,
  }
}

const KEPT = {
  private: 'Kept as a private note of the order.',
  customer: 'Kept as a note to the customer, which WooCommerce mails.',
} as const

/** Writes a note, unless an earlier try did. */
const writeNote = async (
  connection: Connection<Settings>,
  orderId: string,
  notes: readonly wire.Note[],
  { text, to }: { readonly text: string; readonly to: keyof typeof KEPT },
): Promise<Fact> => {
  const isCustomer = to === 'customer'
  const isOurs = ({ note, customer_note }: wire.Note) =>
    customer_note === isCustomer && sameText(plain(note), plain(text))
  if (notes.some(isOurs)) return { done: 'yes', basis: 'confirmed', detail: KEPT[to] }
  try {
    const { note } = await connection.send({
      method: 'POST',
      path: path`/wp-json/wc/v3/orders/${orderId}/notes`,
      body: { note: text, customer_note: isCustomer },
      reply: wire.Note,
    })
    return sameText(note, text)
      ? { done: 'yes', basis: 'reported', detail: KEPT[to] }
      : { done: 'partial', basis: 'reported', detail: `${KEPT[to]} Its text was changed there.` }
  } catch (error) {
    return failed('writing its note', error)
  }
}

export const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request }) {
    const found = await connection.send({
      method: 'GET',
      path: path`/wp-json/wc/v3/orders/${orderId}`,
      reply: wire.Order,
      about: about(orderId),
    })
    return lookOf(connection.settings, found, 'confirmed', request)
  },
  cancel: ({ request }) =>
    ({
      method: 'PUT',
      path: path`/wp-json/wc/v3/orders/${request.orderId}`,
      body: { status: CANCELED },
      reply: wire.Order,
      about: about(request.orderId),
    }) satisfies Call<wire.Order> as Call<unknown>,
  says: (_, reply) => isCanceled(reply as wire.Order),
  read({ settings, request, memo }, reply) {
    const found = reply as wire.Order
    // Lines in the reply may be older than what its hooks did with them: looked at again, then.
    const isRestocked = (memo as Memo | null)?.taken === 0 || takenLines(found) === 0
    return isCanceled(found) && isRestocked ? lookOf(settings, found, 'reported', request) : null
  },
  async after(connection, { request, before }) {
    const { orderId, message } = request
    const text = reasonText(request)
    if (text === null && message === null) return {}
    const write = async (): Promise<Partial<Facts>> => {
      const notes = await connection.send({
        method: 'GET',
        path: path`/wp-json/wc/v3/orders/${orderId}/notes`,
        reply: wire.Notes,
      })
      const note = (to: keyof typeof KEPT, words: string) =>
        writeNote(connection, orderId, notes, { text: words, to })
      return {
        ...(text !== null && { reason: await note('private', text) }),
        ...(message !== null && { message: await note('customer', message) }),
      }
    }
    const noted = await write().catch((error: unknown) => {
      const fact = failed('reading its notes', error)
      return { ...(text !== null && { reason: fact }), ...(message !== null && { message: fact }) }
    })
    if (message === null) return noted
    const isMailed = noted.message?.done === 'yes' || noted.message?.done === 'partial'
    // A note that may have been written may have been mailed, from whatever status.
    if (noted.message?.done === 'unknown') return { ...noted, notify: noted.message }
    const mail = mailFact(before.native.status)
    return {
      ...noted,
      notify: isMailed ? { done: 'yes', basis: 'reported', detail: MAILED } : mail,
    }
  },
  facts({ request, before, memo, look }) {
    const { order: found, basis } = look.found
    return {
      restock: stockFact((memo as Memo | null)?.taken ?? null, takenLines(found), basis),
      payment: moneyFact(before, look.order, basis),
      // With a message it is told by what became of its note.
      ...(request.message === null && { notify: mailFact(before.native.status) }),
    }
  },
}
