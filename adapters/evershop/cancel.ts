/** How EverShop cancels an order: the look, the one call, and what both say of its effects. */
import {
  type Aftermath,
  type CancelOperation,
  type CancelRequest,
  type Connection,
  type Fact,
  type Facts,
  failureOf,
  type Look,
  money,
  type Order,
  path,
  type PaymentStatus,
  reasonText,
} from '../../src/adapter/index.ts'
import type { Settings } from './access.ts'
import { cancelsOf, isCanceled, isReason, isHalfCanceled, obstacle, toOrder } from './map.ts'
import * as wire from './wire.ts'

/** Sent where the caller gave no reason: EverShop takes no cancel without one. */
const NO_REASON = 'No reason given'
const textOf = (request: CancelRequest): string => reasonText(request) ?? NO_REASON

export const REASON_NOTE =
  'Kept as an activity of the order, which the buyer can read: the storefront tells it to ' +
  'whoever knows the order’s id.'
export const RESTOCK_NOTE =
  'Every piece of every line is added to the stock, those never taken from there too.'
const restockNote = ({ native }: Order): string =>
  /shipped|delivered/.test(native.fulfillmentStatus ?? '')
    ? `${RESTOCK_NOTE} So are pieces that have left the house.`
    : RESTOCK_NOTE

interface Found {
  /** The reasons of the cancels in its activities; null: not told. */
  readonly cancels: readonly string[] | null
  /** What a payment provider is asked about; null: not told. */
  readonly transactions: wire.Order['paymentTransactions']
}
interface OrderLook extends Look {
  readonly found: Found
}

/** What becomes of the money, by the payment's state before the cancel. */
const paymentOf = (before: Order, { transactions }: Found): Fact => {
  const amount = money(transactions?.[0]?.amount?.value, before.currency)
  switch (before.paymentStatus) {
    case 'unpaid':
      return { done: 'nothing', basis: 'documented', detail: 'Nothing was paid.' }
    case 'paid':
      return { done: 'no', basis: 'documented', detail: 'The money was taken, and stays so.' }
    case 'authorized':
      if (transactions?.length === 0)
        return {
          done: 'no',
          basis: 'documented',
          detail: 'EverShop has no transaction of it, so nobody is asked: a hold would stay.',
        }
      if (transactions)
        return {
          done: 'yes',
          basis: 'documented',
          detail: 'The hold at the payment provider is given up.',
          ...(amount && { amount }),
        }
  }
  return {
    done: 'unknown',
    basis: 'none',
    detail: 'What the payment provider does is not told: look at the payment there.',
  }
}

const expected = (before: Order, found: Found, request: CancelRequest | null) =>
  ({
    payment: paymentOf(before, found),
    restock: { done: 'yes', basis: 'documented', detail: restockNote(before) },
    ...(request && reasonText(request) === null && { reason: unasked('documented') }),
  }) satisfies Partial<Facts>

const unasked = (basis: Fact['basis']): Fact => ({
  done: 'yes',
  basis,
  detail: `EverShop takes no cancel without a reason: “${NO_REASON}” is sent. ${REASON_NOTE}`,
})

const reasonOf = ({ request, look }: Aftermath<Settings, OrderLook>): Partial<Facts> => {
  const { cancels } = look.found
  if (cancels === null) return {}
  if (!cancels.some((one) => isReason(one, textOf(request))))
    return {
      reason: { done: 'failed', basis: 'confirmed', detail: 'No cancel there has this reason.' },
    }
  return {
    reason:
      reasonText(request) === null
        ? unasked('confirmed')
        : { done: 'yes', basis: 'confirmed', detail: REASON_NOTE },
  }
}

/** A cancel writes its activity and puts the goods back in one transaction. */
const restockOf = (before: Order, { cancels }: Found): Fact => {
  // Stripe's webhook cancels an order too (recorded: stripe-says-canceled).
  if (cancels?.length === 0)
    return {
      done: 'no',
      basis: 'reported',
      detail:
        'Its activities tell of no cancel: its payment provider told EverShop, which then puts ' +
        'nothing back. Put the goods back there.',
    }
  const detail =
    cancels && cancels.length > 1
      ? `Its activities tell of ${cancels.length} cancels, and each put the goods back: mend the ` +
        'stock there.'
      : restockNote(before)
  return { done: 'yes', basis: cancels ? 'reported' : 'documented', detail }
}

const HALF =
  'EverShop shows a cancel of this order, which puts its goods back, and does not show the order ' +
  'canceled in all of its words. Look at order, payment and stock there, and put them right.'

/** A hold may be gone though the database took all back (recorded: fails-late-after-void). */
const UNSEEN: readonly PaymentStatus[] = ['authorized', 'failed', 'unknown']

const lookAt = (order: wire.Order, sent: boolean, request: CancelRequest | null) => {
  const canonical = toOrder(order)
  const found: Found = {
    cancels: cancelsOf(order),
    transactions: order.paymentTransactions ?? null,
  }
  return {
    order: canonical,
    done: isCanceled(order),
    obstacle: obstacle(order),
    expect: expected(canonical, found, request),
    ...(isHalfCanceled(order)
      ? { changed: HALF }
      : sent && UNSEEN.includes(canonical.paymentStatus) && { money: 'unseen' as const }),
    found,
    raw: order,
  } satisfies OrderLook
}

const read = (connection: Connection<Settings>, orderId: string) =>
  connection.send({
    method: 'POST',
    path: path`/api/admin/graphql`,
    body: { query: wire.READ, variables: { uuid: orderId } },
    reply: wire.OrderReply,
    about: { orderId, ids: ({ data }) => [data.order?.uuid] },
  })

export const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request, sent }) {
    const { data } = await read(connection, orderId)
    if (!data.order) throw failureOf('order_not_found', '200 no order')
    return lookAt(data.order, sent, request)
  },
  cancel: ({ request }) => ({
    method: 'POST',
    path: path`/api/orders/${request.orderId}/cancel`,
    body: { reason: textOf(request) },
    reply: wire.CancelReply,
  }),
  // It says the same where a capture at the same time leaves the order half canceled (recorded:
  // race-with-capture).
  says: () => false,
  facts(aftermath) {
    const { before, look, reply } = aftermath
    if (!look.done)
      return {
        payment: {
          done: 'unknown',
          basis: 'none',
          detail: `EverShop has it as ${look.order.native.paymentStatus}: look at it there.`,
        },
        ...(look.changed && { restock: restockOf(before, look.found) }),
      }
    const payment = paymentOf(before, look.found)
    return {
      payment:
        payment.done === 'yes' && reply !== null ? { ...payment, basis: 'reported' } : payment,
      restock: restockOf(before, look.found),
      ...reasonOf(aftermath),
    }
  },
}
