/** What a cancel would come to on Adobe Commerce and came to, as its order shows it. Pure. */
import type { CancelRequest, Fact, Facts, Obstacle } from '../../src/adapter/index.ts'
import { canceledOf, heldOf, isCanceled, isInvoiced, isLeft, isShipped, isVoided } from './map.ts'
import type { Settings } from './access.ts'
import type * as wire from './wire.ts'

const STATES: Readonly<Record<string, Obstacle>> = {
  complete: { cause: 'completed', detail: 'The order is complete: all is invoiced and shipped.' },
  closed: { cause: 'completed', detail: 'The order is closed: what was invoiced is refunded.' },
  holded: { cause: 'refused', detail: 'The order is on hold; take it off hold first.' },
  payment_review: {
    cause: 'payment_pending',
    detail: 'The payment is being reviewed; accept or deny it first.',
  },
  canceled: {
    cause: 'refused',
    detail:
      'Its state says canceled, but pieces of it are invoiced, or neither canceled, shipped nor ' +
      'refunded: somebody changed the word alone. Magento cancels it no further.',
  },
}

/**
 * What Magento refuses (Sales/Model/Order.php, canCancel), and what it would take and yet not
 * cancel: of an order that is partly invoiced the rest alone, of a shipped one nothing comes back.
 */
export const obstacle = (order: wire.Order, { shipped }: Settings): Obstacle | null => {
  if (isCanceled(order)) return null
  const known = Object.hasOwn(STATES, order.state) ? STATES[order.state] : undefined
  if (known) return known
  if (isInvoiced(order))
    return {
      cause: 'payment_captured',
      detail:
        'Something of it is invoiced. Magento would cancel the rest alone and leave the order ' +
        'open: refund the invoice by a credit memo first.',
    }
  return shipped === 'refuse' && isShipped(order)
    ? {
        cause: 'fulfilled',
        detail: 'Goods of it are shipped. Magento would cancel it all the same, and they stay out.',
      }
    : null
}

/** Half a cancel: what was not invoiced is gone, and the order open; null: there is none. */
export const halfCanceled = (order: wire.Order, canceledBefore: number): string | null => {
  if (isCanceled(order) || canceledOf(order) <= canceledBefore) return null
  return (
    'Magento canceled what was not invoiced and gave it back to the stock, but the order is ' +
    'open: something of it was invoiced in between. Refund that by a credit memo, or let it be ' +
    'shipped.'
  )
}

/** By a comment that is mailed, and in no other way. */
const mailFact = ({ notify, message }: CancelRequest): Partial<Facts> =>
  notify === true && message === null
    ? {
        notify: {
          done: 'impossible',
          basis: 'documented',
          detail: 'A cancel mails nothing; only a message can be mailed.',
        },
      }
    : {}

const goodsFact = (order: wire.Order, isOver: boolean): Partial<Facts> => {
  const basis = isOver ? 'confirmed' : 'documented'
  if (order.is_virtual)
    return { restock: { done: 'nothing', basis, detail: 'Nothing of it is in a stock.' } }
  if (!isShipped(order)) return {}
  const isSome = isOver ? canceledOf(order) > 0 : isLeft(order)
  const detail = 'What was shipped stays out.'
  return { restock: { done: isSome ? 'partial' : 'no', basis, detail } }
}

/** A refund takes a call of its own, so that a hold is all that can move. */
const holdFact = (order: wire.Order, isOver: boolean): Partial<Facts> => {
  const amount = heldOf(order)
  if (!amount) return {}
  if (isOver && isVoided(order))
    return {
      payment: {
        done: 'yes',
        basis: 'confirmed',
        amount,
        detail: 'Magento noted that the hold was voided at the payment provider.',
      },
    }
  const detail = isOver
    ? 'The order does not say whether the hold was voided: look at the payment provider.'
    : 'Magento has the payment method void the hold at the provider, which not every method does.'
  return { payment: { done: 'unknown', basis: 'none', amount, detail } }
}

/** `isOver`: the order is canceled; else it is foretold. */
export const factsOf = (
  request: CancelRequest | null,
  order: wire.Order,
  isOver: boolean,
): Partial<Facts> => ({
  ...(request && mailFact(request)),
  ...goodsFact(order, isOver),
  ...holdFact(order, isOver),
})

export const KEPT: Omit<Fact, 'basis'> = {
  done: 'yes',
  detail: 'Kept as a comment of the order that the buyer does not see, written after the cancel.',
}
export const MAILED: Omit<Fact, 'basis'> = {
  done: 'yes',
  detail:
    'Written as a comment that Magento is told to mail, after the cancel; where a store has ' +
    'switched off mails of order comments, none goes out.',
}
