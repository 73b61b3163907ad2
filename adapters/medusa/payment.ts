/** What a cancel does to an order's payment: as it will be, and as it was. Pure. */
import {
  type Aftermath,
  type Fact,
  isPositive,
  type Look,
  minus,
  type Order,
} from '../../src/adapter/index.ts'
import type { Settings } from './access.ts'
import { funds } from './map.ts'
import type * as wire from './wire.ts'

/** A look at an order, with the order as Medusa tells it: what the facts are read from. */
export interface OrderLook extends Look {
  readonly found: wire.Order
}

/** What canceling will do to the payment, from where the money is now. */
export const paymentAhead = (order: wire.Order, { paymentStatus }: Order): Fact => {
  const { kept, held } = funds(order)
  if (!kept || !held) return untoldAhead(paymentStatus)
  if (isPositive(kept))
    return {
      done: 'yes',
      basis: 'documented',
      amount: kept,
      detail: 'Medusa refunds what was captured.',
    }
  if (isPositive(held))
    return {
      done: 'yes',
      basis: 'documented',
      amount: held,
      detail: 'Medusa voids the authorization.',
    }
  return { done: 'no', basis: 'documented', detail: 'Nothing to refund or void.' }
}

/** Whether the payments tell all that is in them. */
export const isSeen = (order: wire.Order): boolean => {
  const { kept, held } = funds(order)
  return kept !== null && held !== null
}

/** Where the payments do not tell what is in them, Medusa's word for the order does. */
const untoldAhead = (status: Order['paymentStatus']): Fact => {
  if (status === 'paid' || status === 'partially_paid' || status === 'partially_refunded')
    return {
      done: 'yes',
      basis: 'documented',
      detail: 'Medusa refunds what was captured; it does not tell how much that is.',
    }
  if (status === 'authorized')
    return {
      done: 'yes',
      basis: 'documented',
      detail: 'Medusa voids the authorization; it does not tell of how much.',
    }
  return {
    done: 'unknown',
    basis: 'none',
    detail:
      'Medusa does not tell the order’s payments. What was captured it refunds, and what was ' +
      'authorized it voids.',
  }
}

/** What canceling did to the payment: the order before it against the payments after it. */
export const paymentBehind = ({ before, look }: Aftermath<Settings, OrderLook>): Fact => {
  const { kept, held, voided, refunded } = funds(look.found)
  if (!kept || !held || !voided || !refunded) return untoldBehind(before, look.order)
  const returned = before.totals.refunded
    ? minus(refunded, before.totals.refunded)
    : NOTHING_BACK.includes(before.paymentStatus)
      ? refunded
      : null
  const left = isPositive(kept) ? kept : held
  if (look.done && isPositive(left)) {
    const partly = isPositive(returned) || isPositive(voided)
    return {
      done: partly ? 'partial' : 'failed',
      basis: 'confirmed',
      amount: left,
      detail:
        `The payment provider refused: ${left.amount} ${left.currency} ` +
        `${isPositive(kept) ? 'were not refunded' : 'are still held'}.`,
    }
  }
  if (returned && isPositive(returned))
    return { done: 'yes', basis: 'confirmed', amount: returned, detail: 'Refunded by Medusa.' }
  if (isPositive(voided) && before.paymentStatus !== 'voided')
    return {
      done: 'yes',
      basis: 'confirmed',
      amount: voided,
      detail: 'The authorization was voided by Medusa.',
    }
  if (!returned && isPositive(refunded))
    return {
      done: 'unknown',
      basis: 'none',
      detail:
        'Medusa did not tell beforehand what was refunded already, so how much went back with ' +
        'this cancel cannot be told.',
    }
  return { done: 'no', basis: 'confirmed' }
}

/** As long as an order is called one of these, nothing of it was refunded. */
const NOTHING_BACK: readonly Order['paymentStatus'][] = [
  'unpaid',
  'pending',
  'authorized',
  'partially_paid',
  'paid',
]

/**
 * `refunded` comes from what was refunded, unlike `canceled`; of how much it does not tell
 * (core-flows 2.21.2, order/utils/aggregate-status.js).
 */
const untoldBehind = (before: Order, { paymentStatus }: Order): Fact =>
  paymentStatus === 'refunded' && before.paymentStatus !== 'refunded'
    ? {
        done: 'yes',
        basis: 'reported',
        detail: 'Medusa calls the order refunded; it does not tell the amounts.',
      }
    : {
        done: 'unknown',
        basis: 'none',
        detail: 'Medusa does not tell the order’s payments, so what became of them cannot be told.',
      }
