/** What a cancel of an order comes to: by the manual before it, and by what is read after it. */
import {
  type CancelRequest,
  type Fact,
  type Facts,
  type Order,
  type PaymentStatus,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import { isFrom } from './access.ts'
import { NO_COMMENT, RESTOCK_NOTE } from './capabilities.ts'
import { isCanceled, paymentOf } from './map.ts'
import type * as wire from './wire.ts'

export interface Found {
  /** What the shop says it runs; null: nothing that can be read. */
  readonly version: string | null
  /** What its history tells of the cancel, the newest first; null: nothing. */
  readonly cancels: readonly wire.Change[] | null
  /** Whether goods have left the house. */
  readonly hasLeft: boolean
}
const unknown = (detail: string): Fact => ({ done: 'unknown', basis: 'none', detail })

const CANCELABLE = ['open', 'in_progress']

const orderAhead = (order: wire.Order, { version, hasLeft: left }: Found): Fact | null => {
  const { technicalName } = order.stateMachineState
  if (isCanceled(order)) return null
  if (!CANCELABLE.includes(technicalName) && isFrom(version, 6, 7) !== false)
    return unknown(
      `Whether this shop cancels an order in the state ${technicalName}, its own rules say.`,
    )
  return left
    ? {
        done: 'yes',
        basis: 'documented',
        detail: 'Goods of it have left the house, which Shopware does not look at.',
      }
    : null
}

const LEFT = ' So are pieces that have left the house.'
/** Up to 6.5 what can be sold is worked out anew, and the stock is not touched. */
const OLDER =
  'What can be sold is worked out anew; the number in stock stays, but for shops that took the ' +
  'newer handling early.'

const restockAhead = ({ version, hasLeft: left }: Found): Fact => ({
  done: 'yes',
  basis: 'documented',
  detail: isFrom(version, 6, 6) === false ? OLDER : RESTOCK_NOTE + (left ? LEFT : ''),
})

/** Here an extension that hears of the cancel would have money to move. */
const HELD: readonly PaymentStatus[] = [
  'pending',
  'authorized',
  'partially_paid',
  'paid',
  'unknown',
]
/** Shopware's own ways to pay: by invoice, in advance, in cash. They move nothing. */
const OWN_HANDLER = 'Shopware\\Core\\'

const paymentAhead = (order: wire.Order, { paymentStatus }: Order): Fact | null => {
  const handler = paymentOf(order)?.paymentMethod?.handlerIdentifier
  if (!HELD.includes(paymentStatus) || handler?.startsWith(OWN_HANDLER)) return null
  return unknown(
    'It is paid through an extension, which may void or refund the payment once the order is ' +
      'canceled; Shopware itself does neither.',
  )
}

/** From 6.7.10 on there is one for certain; in which release it came, nobody has shown. */
const keepsComment = (version: string | null): boolean | null =>
  isFrom(version, 6, 7, 10) ? true : isFrom(version, 6, 7) === false ? false : null

/** Where PHP’s strip_tags sees a tag: what is behind it is left out. */
const TAG = /<\S/

export const reasonAhead = (request: CancelRequest, version: string | null): Fact | null => {
  const text = reasonText(request)
  if (text === null) return null
  const keeps = keepsComment(version)
  if (keeps === false) return { done: 'impossible', basis: 'documented', detail: NO_COMMENT }
  if (keeps === null) return unknown('Not every version of 6.7 keeps a comment of a cancel.')
  return TAG.test(text)
    ? { done: 'partial', basis: 'documented', detail: 'What looks like HTML in it is left out.' }
    : null
}

export const expected = (
  order: wire.Order,
  canonical: Order,
  found: Found,
  request: CancelRequest | null,
): Partial<Facts> => {
  const canceling = orderAhead(order, found)
  const payment = paymentAhead(order, canonical)
  const reason = request && reasonAhead(request, found.version)
  return {
    restock: restockAhead(found),
    ...(canceling && { order: canceling }),
    ...(payment && { payment }),
    ...(reason && { reason }),
  }
}

/** Whether a text is another one without some of its letters. */
const isPartOf = (part: string, whole: string): boolean => {
  let at = 0
  for (const letter of part) {
    at = whole.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}

/** What the history tells of the reason; null: nothing that can be believed. */
export const reasonOf = (text: string, { version, cancels }: Found): Fact | null => {
  if (!cancels?.length) return cancels ? unknown('Its history tells of no cancel.') : null
  const comments = cancels.flatMap(({ internalComment }) => internalComment ?? [])
  if (comments.some((one) => sameText(one, text)))
    return {
      done: 'yes',
      basis: 'confirmed',
      detail: 'Kept as the internal comment of the change of state.',
    }
  const rest = TAG.test(text) ? comments.find((one) => isPartOf(one.trim(), text)) : undefined
  if (rest !== undefined)
    return {
      done: 'partial',
      basis: 'confirmed',
      detail: `What looks like HTML was left out; “${rest}” is kept.`,
    }
  return comments.length === 0 && !keepsComment(version)
    ? { done: 'impossible', basis: 'confirmed', detail: NO_COMMENT }
    : { done: 'failed', basis: 'confirmed', detail: 'No cancel in its history has this reason.' }
}

export const restockOf = (found: Found): Fact =>
  found.cancels && found.cancels.length > 1
    ? {
        done: 'unknown',
        basis: 'reported',
        detail:
          `Its history tells of ${found.cancels.length} cancels, one after the other. A further ` +
          'one may have put the goods back once more, or taken them out again: look at the stock.',
      }
    : restockAhead(found)

const KEPT = 'Shopware left the payment as it was; an extension may still act on it.'
const BY_AN_EXTENSION = 'An extension for payments did so; Shopware itself does not.'

/** What became of the money, by the payment that counts before and after. */
export const paymentFact = (before: Order, { paymentStatus, totals, native }: Order): Fact => {
  if (paymentStatus === before.paymentStatus && paymentStatus !== 'unknown')
    return { done: 'no', basis: 'confirmed', detail: KEPT }
  const told = (done: Fact['done'], amount: Order['totals']['total'] = null): Fact => ({
    done,
    basis: 'confirmed',
    detail: BY_AN_EXTENSION,
    ...(amount && { amount }),
  })
  if (paymentStatus === 'refunded') return told('yes', totals.refunded)
  if (paymentStatus === 'partially_refunded') return told('partial')
  if (paymentStatus === 'voided' && before.paymentStatus === 'authorized')
    return told('yes', before.totals.total)
  if (paymentStatus === 'voided' && before.paymentStatus === 'unpaid') return told('no')
  return unknown(`Shopware has the payment as ${native.paymentStatus ?? 'nothing'}: look at it.`)
}
