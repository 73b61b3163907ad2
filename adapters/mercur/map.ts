/**
 * Mercur's order as the canonical one, and whose money a cancel would move. Both are answered here
 * and nowhere else.
 */
import {
  isPositive,
  minus,
  money,
  type Money,
  type Order,
  type PaymentStatus,
  sum,
} from '../../src/adapter/index.ts'
import {
  type Funds,
  funds,
  isCanceled,
  paymentsOf,
  toOrder as toStockOrder,
} from '../medusa/map.ts'
import type { Version } from './access.ts'
import type * as wire from './wire.ts'

export { isCanceled }

/**
 * What the payments show that this order was paid with: all that is in them, whichever order of the
 * purchase it is for.
 */
export type Purse = { readonly [name in keyof Funds]: Money }

/**
 * Null: the payments cannot be seen, or not whole. Voids stand in `payments[].canceled_at` alone
 * (v2-admin-cancel-one-of-two).
 */
export const purseOf = (order: wire.Order, version: Version): Purse | null => {
  // From 2.3 on no payment here does not mean that there is none: it is linked to the cart
  // (complete-cart-with-split-orders.ts).
  if (version === '2.3' && paymentsOf(order)?.length === 0) return null
  const { captured, refunded, kept, held, voided } = funds(order)
  return (
    captured && refunded && kept && held && voided && { captured, refunded, kept, held, voided }
  )
}

export const samePurse = (a: Purse, b: Purse): boolean =>
  ([['captured'], ['refunded'], ['voided']] as const).every(
    ([name]) => a[name].amount === b[name].amount,
  )

export const isLeft = (purse: Purse): boolean => isPositive(purse.kept) || isPositive(purse.held)

/**
 * `part`: 1.x says which part of the payment is this order's, to vendors only. `shared`: it pays
 * for other orders too, and nobody says how much for which.
 */
export type Share = 'alone' | 'part' | 'shared'

/**
 * `orders`: how many the purchase has; null where that cannot be told. A payment that is not told
 * may be anybody's.
 */
export const shareOf = (order: wire.Order, orders: number | null): Share => {
  if (order.split_order_payment) return 'part'
  if (orders !== null) return orders > 1 ? 'shared' : 'alone'
  const { payment_collections: collections } = order
  if (!collections) return 'shared'
  const paid = sum(
    collections.map(({ amount }) => amount),
    order.currency_code,
  )
  // A payment of exactly this order's total leaves nothing for another.
  return collections.length === 0 ||
    (paid !== null && paid.amount === toStockOrder(order).totals.total?.amount)
    ? 'alone'
    : 'shared'
}

interface Own {
  readonly paymentStatus: PaymentStatus
  readonly paid: Money | null
  readonly refunded: Money | null
}

/** This order's part of the payment. */
export const partOf = ({ split_order_payment: part }: wire.Order) => {
  const captured = money(part?.captured_amount, part?.currency_code)
  const refunded = money(part?.refunded_amount, part?.currency_code)
  return { captured, refunded, kept: minus(captured, refunded) }
}

const PART = new Map<string, PaymentStatus>(
  Object.entries({
    pending: 'pending',
    captured: 'paid',
    partially_refunded: 'partially_refunded',
    refunded: 'refunded',
  }),
)

/**
 * Mercur writes the part down as refunded before it refunds (`refund-split-order-payment.ts` of
 * 1.5.3), and an admin's cancel never does (v1-observations); the payment knows better.
 */
const ownPart = (order: wire.Order, purse: Purse | null): Own => {
  const { captured, refunded, kept } = partOf(order)
  if (!captured || !refunded)
    return {
      paymentStatus: PART.get(order.split_order_payment?.status ?? '') ?? 'unknown',
      paid: captured,
      refunded,
    }
  if (!isPositive(captured)) return { paymentStatus: 'pending', paid: captured, refunded }
  if (purse && isPositive(minus(refunded, purse.refunded)))
    return { paymentStatus: 'refund_failed', paid: captured, refunded: purse.refunded }
  if (purse && isPositive(purse.refunded) && isPositive(minus(kept, purse.kept))) {
    return isPositive(purse.kept)
      ? { paymentStatus: 'unknown', paid: captured, refunded: null }
      : { paymentStatus: 'refunded', paid: captured, refunded: captured }
  }
  return {
    paymentStatus: !isPositive(kept)
      ? 'refunded'
      : isPositive(refunded)
        ? 'partially_refunded'
        : 'paid',
    paid: captured,
    refunded,
  }
}

/**
 * Of a payment for several orders nobody says which amount is whose, so only what holds for all of
 * it holds for this one.
 */
const ownOfShared = (stock: Order, purse: Purse): Own => {
  const some = isPositive(purse.kept) && isPositive(purse.refunded)
  const paymentStatus = some
    ? 'unknown'
    : stock.paymentStatus === 'refund_failed'
      ? 'paid'
      : stock.paymentStatus
  return { paymentStatus, paid: null, refunded: null }
}

const ownMoney = (
  order: wire.Order,
  stock: Order,
  share: Share,
  purse: Purse | null,
  version: Version,
): Own => {
  if (share === 'part') return ownPart(order, purse)
  // 2.3.0 and 2.3.1 call every order of a purchase `not_paid` where the payment is not read
  // (mercurjs/mercur#1419). What Medusa calls refunded is.
  if (purse === null)
    return {
      paymentStatus:
        version !== '2.3' && stock.paymentStatus === 'refunded' ? 'refunded' : 'unknown',
      paid: null,
      refunded: null,
    }
  return share === 'shared'
    ? ownOfShared(stock, purse)
    : {
        paymentStatus: stock.paymentStatus,
        paid: stock.totals.paid,
        refunded: stock.totals.refunded,
      }
}

/**
 * Never throws; what Mercur does not tell is null or `unknown`. The total is Medusa's with its
 * credit lines taken back: 1.x credits the whole payment to one order, so that `total` ends at -66
 * (v1-admin-cancel-one-of-two-retry).
 */
export const toOrder = (
  order: wire.Order,
  orders: number | null,
  version: Version,
  reasonKey: string,
): Order => {
  const stock = toStockOrder(order, reasonKey)
  const { paymentStatus, paid, refunded } = ownMoney(
    order,
    stock,
    shareOf(order, orders),
    purseOf(order, version),
    version,
  )
  return { ...stock, paymentStatus, totals: { ...stock.totals, paid, refunded } }
}
