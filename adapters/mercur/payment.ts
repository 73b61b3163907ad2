/**
 * What a cancel meets and what it does to money, by version, actor and share: Mercur's hazards in
 * one place. Pure.
 */
import {
  type Fact,
  isPositive,
  type Look,
  minus,
  type Money,
  type Obstacle,
  type PaymentStatus,
} from '../../src/adapter/index.ts'
import type { Access, Settings, Version } from './access.ts'
import { isLeft, partOf, type Purse, purseOf, samePurse, shareOf } from './map.ts'
import { isFulfilled, paymentsOf } from '../medusa/map.ts'
import type * as wire from './wire.ts'

export const isOpen = ({ status }: wire.Change) => status === 'pending' || status === 'requested'

/** All that was read of an order. */
export interface Sight {
  readonly order: wire.Order
  readonly foreign: boolean
  readonly orders: number | null
  readonly changes: readonly wire.Change[]
}

/** A look with all that it read: what the facts are read from. */
export interface OrderLook extends Look {
  readonly found: Sight
}

/** What must be remembered from before the cancel. */
export interface Memo {
  readonly version: Version
  readonly orders: number | null
  readonly purse: Purse | null
  /** The note of the reason that ours replaces. */
  readonly note: Readonly<Record<string, unknown>>
}

const SHARED: Obstacle = {
  cause: 'shared_payment',
  detail:
    'The payment is for other orders of the purchase too, and Mercur would refund or void all ' +
    'of it. Set "sharedPayment": "accept" in the store’s settings if that is meant.',
}

/**
 * 1.x, by the vendor: `cancel-single-order` of 1.5.3 refunds exactly the part and looks at no order
 * change.
 */
const partObstacle = ({ order, changes }: Sight, purse: Purse | null): Obstacle | null => {
  const { captured, refunded, kept } = partOf(order)
  if (!captured || !refunded)
    return {
      cause: 'refused',
      detail:
        'Mercur does not tell how much of this order’s part of the payment is captured and ' +
        'refunded, so nothing is sent.',
    }
  // v1-vendor-cancel-split-payment-not-captured: "Invalid refund amount!", and nothing done.
  if (!isPositive(captured))
    return {
      cause: 'payment_pending',
      detail:
        'This order’s part of the payment is not captured yet; Mercur refuses until it is. Try ' +
        'again later.',
    }
  // validate-refund-split-order-payment.ts of 1.5.3: it wants to refund the whole part, whatever
  // was refunded before.
  if (isPositive(refunded))
    return {
      cause: 'refused',
      detail:
        'A part of the payment was refunded already; Mercur’s vendor route then refuses. Refund ' +
        'the rest by hand, or cancel as an admin.',
    }
  // v1-vendor-cancel-after-admin-cancelled-sibling.
  if (purse && isPositive(purse.refunded) && isPositive(minus(kept, purse.kept)))
    return {
      cause: 'shared_payment',
      detail:
        'The payment that this order shares was refunded with another order; less is left than ' +
        'this order’s part, so Mercur refuses.',
    }
  // A transfer request is no hindrance (v1-vendor-cancel-order-while-transfer-pending); nobody has
  // shown what becomes of an open edit or return.
  return changes.some((change) => isOpen(change) && change.change_type !== 'transfer')
    ? { cause: 'open_change', detail: 'An order edit, return or exchange is open. Close it first.' }
    : null
}

/**
 * Medusa's own workflow: the admin everywhere, the vendor on 2.x. It knows nothing of other orders
 * behind the same payment.
 */
const stockObstacle = (
  { order, orders, changes }: Sight,
  { version, actor }: Access,
  purse: Purse | null,
  settings: Settings,
): Obstacle | null => {
  // 1.x and 2.0 to 2.1 cancel completed orders (v1-, v2-vendor-cancel-completed-order); Medusa
  // refuses from 2.14.0 on, and 2.3 stands on 2.18.
  if (version === '2.3' && order.status === 'completed')
    return {
      cause: 'completed',
      detail: 'The order is completed; Medusa asks for a return instead.',
    }
  if (changes.some(isOpen))
    return {
      cause: 'open_change',
      detail:
        'An order edit, return or transfer is open; Mercur would move the money and then ' +
        'refuse. Close it first.',
    }
  // A payment that an admin sees at the order itself is linked to it, and the workflow takes what
  // is linked, whatever the settings call this version.
  const reached = version !== '2.3' || (actor === 'admin' && (paymentsOf(order) ?? []).length > 0)
  const endangered =
    reached && shareOf(order, orders) === 'shared' && (purse === null || isLeft(purse))
  return endangered && settings.sharedPayment !== 'accept' ? SHARED : null
}

export const obstacleOf = (sight: Sight, access: Access, settings: Settings): Obstacle | null => {
  const { order, foreign } = sight
  if (foreign)
    return {
      cause: 'refused',
      detail:
        'The order belongs to another seller than the store’s vendor login. Configure a store ' +
        'with that seller’s login.',
    }
  if (isFulfilled(order))
    return {
      cause: 'fulfilled',
      detail:
        'The order has a fulfillment; Mercur cancels only once all fulfillments are canceled.',
    }
  const purse = purseOf(order, access.version)
  if (access.version !== '1' || access.actor === 'admin')
    return stockObstacle(sight, access, purse, settings)
  if (!order.split_order_payment)
    return {
      cause: 'refused',
      detail:
        'The order has no part of a payment, which Mercur’s vendor route needs: it was not ' +
        'placed at the checkout.',
    }
  return partObstacle(sight, purse)
}

/**
 * Money that an order shares moves with it unseen; where nobody sees it, an open order proves
 * nothing.
 */
export const watch = (memo: Memo | null, purse: Purse | null): 'moved' | 'unseen' | undefined => {
  if (memo === null) return undefined
  if (memo.purse === null || purse === null) return 'unseen'
  return samePurse(memo.purse, purse) ? undefined : 'moved'
}

const UNSEEN: Fact = {
  done: 'unknown',
  basis: 'none',
  detail: 'The payments of this order cannot be read with the store’s logins.',
}
const UNLINKED: Fact = {
  done: 'unknown',
  basis: 'none',
  detail:
    'From 2.3 on a cancel should leave the payment alone; refund it apart. Nobody has measured it.',
}
const CALLED_REFUNDED: Fact = {
  done: 'yes',
  basis: 'reported',
  detail: 'Mercur calls the payment refunded; it does not tell the amounts.',
}
const SHARED_BY = 'It is the payment of the whole purchase, also for its other orders'

/** What canceling will do to the payment, from where the money is now. */
export const paymentAhead = ({ order, orders }: Sight, { version }: Access): Fact => {
  const purse = purseOf(order, version)
  const share = shareOf(order, orders)
  if (share === 'part') {
    const { captured } = partOf(order)
    return {
      done: 'yes',
      basis: 'documented',
      ...(captured && { amount: captured }),
      detail:
        'Mercur refunds this order’s part of the payment; other orders of the purchase keep ' +
        'theirs.',
    }
  }
  if (version === '2.3') return UNLINKED
  if (purse === null) return UNSEEN
  const { kept, held } = purse
  const shared = share === 'shared'
  // {v1,v2}: v1-admin-cancel-one-of-two, v2-vendor-cancel-captured-shared-payment.
  if (isPositive(kept))
    return {
      done: 'yes',
      basis: 'documented',
      amount: kept,
      detail: shared
        ? `Mercur refunds what was captured. ${SHARED_BY}; it then answers 500 and leaves this ` +
          'order open, for a person to have it tried again.'
        : 'Mercur refunds what was captured.',
    }
  if (isPositive(held))
    return {
      done: 'yes',
      basis: 'documented',
      amount: held,
      detail: shared
        ? `Mercur voids the authorization. ${SHARED_BY}, which stay open and unpaid.`
        : 'Mercur voids the authorization.',
    }
  return { done: 'no', basis: 'documented', detail: 'Nothing to refund or void.' }
}

const refused = (left: Money, kept: boolean, partly: boolean): Fact => ({
  done: partly ? 'partial' : 'failed',
  basis: 'confirmed',
  amount: left,
  detail:
    `The payment provider refused: ${left.amount} ${left.currency} ` +
    `${kept ? 'were not refunded' : 'are still held'}.`,
})

/** 1.x by the vendor: exactly the part should have come back. */
const partBehind = (
  order: wire.Order,
  done: boolean,
  before: Purse | null,
  after: Purse | null,
): Fact => {
  const { captured, refunded } = partOf(order)
  if (!before || !after) {
    // Mercur's own book, written before the refund was tried; payments are shown to admins only.
    return isPositive(refunded) && refunded
      ? {
          done: 'yes',
          basis: 'reported',
          amount: refunded,
          detail:
            'Mercur notes this order’s part as refunded; the payment itself is shown to admins ' +
            'only.',
        }
      : UNSEEN
  }
  const returned = minus(after.refunded, before.refunded)
  if (captured && returned?.amount === captured.amount)
    return {
      done: 'yes',
      basis: 'confirmed',
      amount: captured,
      detail: 'Mercur refunded this order’s part of the payment.',
    }
  if (returned && !isPositive(returned))
    return done && captured ? refused(captured, true, false) : { done: 'no', basis: 'confirmed' }
  return {
    done: 'unknown',
    basis: 'none',
    detail:
      'Another order of the purchase moved the same payment meanwhile; which refund is whose ' +
      'cannot be told.',
  }
}

/** What canceling did to the payment: the payments before our first call against those after it. */
export const paymentBehind = (
  { order, orders }: Pick<Sight, 'order' | 'orders'>,
  done: boolean,
  memo: Memo,
  was: PaymentStatus = 'unknown',
): Fact => {
  const before = memo.purse
  const after = purseOf(order, memo.version)
  const share = shareOf(order, orders)
  if (share === 'part') return partBehind(order, done, before, after)
  if (!before || !after)
    return memo.version === '2.3'
      ? UNLINKED
      : order.payment_status === 'refunded' && was !== 'refunded'
        ? CALLED_REFUNDED
        : UNSEEN
  const [returned, voided] = [
    minus(after.refunded, before.refunded),
    minus(after.voided, before.voided),
  ]
  const left = isPositive(after.kept) ? after.kept : after.held
  if (memo.version !== '2.3' && done && isPositive(left) && left)
    return refused(left, isPositive(after.kept), isPositive(returned) || isPositive(voided))
  const whose = share === 'shared' ? ` ${SHARED_BY}.` : ''
  if (isPositive(returned) && returned)
    return {
      done: 'yes',
      basis: 'confirmed',
      amount: returned,
      detail: `Refunded by Mercur.${whose}`,
    }
  if (isPositive(voided) && voided)
    return {
      done: 'yes',
      basis: 'confirmed',
      amount: voided,
      detail: `The authorization was voided by Mercur.${whose}`,
    }
  return { done: 'no', basis: 'confirmed' }
}
