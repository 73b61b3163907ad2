/**
 * What a cancel of this very order would come to, before anything is sent; and which strict request
 * is refused for it. Pure.
 */
import type { Look } from '../../adapter/contract.ts'
import type { Store } from '../../connection/store.ts'
import { type Capabilities, predict } from '../../model/capability.ts'
import { type EffectName, type Fact, type Facts, unkept } from '../../model/effect.ts'
import { isPositive, minus, type Money } from '../../model/money.ts'
import type { Order } from '../../model/order.ts'
import { type Problem, problem } from '../../model/problem.ts'
import type { CancelRequest } from '../../model/request.ts'

const NOTHING_PAID: readonly Order['paymentStatus'][] = ['unpaid', 'voided', 'refunded']
const PAID: readonly Order['paymentStatus'][] = ['paid', 'partially_paid', 'partially_refunded']

/**
 * What no cancel of the platform can give back, and what was never paid or went back before, was
 * not tried and did not fail; `now`: a buyer may have paid in between.
 */
export const withoutWay = (
  { payment }: Capabilities,
  facts: Facts,
  before: Order,
  now: Order,
): Facts => {
  const fact = facts.payment
  if (fact.done !== 'no' && fact.done !== 'impossible') return facts
  if (NOTHING_PAID.includes(before.paymentStatus) && !PAID.includes(now.paymentStatus))
    return {
      ...facts,
      payment: { detail: 'There is no money to give back.', ...fact, done: 'nothing' },
    }
  return payment.can === 'never' ? { ...facts, payment: { ...fact, done: 'impossible' } } : facts
}

const said = ({ amount, currency }: Money): string => `${amount} ${currency}`

/**
 * A refund that was seen, of an order that shows more paid than went back, is one of a part: so
 * whoever asked for one is not told that all is done.
 */
export const ofAPart = (facts: Facts, { paymentStatus, totals }: Order): Facts => {
  const fact = facts.payment
  const left = minus(totals.paid, totals.refunded)
  if (fact.done !== 'yes' || fact.basis === 'documented') return facts
  if (paymentStatus !== 'partially_refunded' || !left || !isPositive(left)) return facts
  const detail = [fact.detail, `${said(left)} stay paid.`].filter(Boolean).join(' ')
  return { ...facts, payment: { ...fact, done: 'partial', detail } }
}

/** What the money of an order is, where nothing of it can go back. */
const NO_MONEY: Readonly<Partial<Record<Order['paymentStatus'], string>>> = {
  unpaid: 'Nothing was captured, so nothing is refunded.',
  voided: 'The hold on the payment was given up before.',
  refunded: 'What was paid went back before.',
}

/**
 * The payment of this order, where only the manual tells what becomes of one: it speaks of any
 * order, paid or not.
 */
const ofThisOrder = (fact: Fact, { paymentStatus, totals }: Order): Fact => {
  const none = NO_MONEY[paymentStatus]
  if (none !== undefined && fact.done !== 'yes') return { ...fact, detail: none }
  const left = totals.refunded === null ? totals.paid : minus(totals.paid, totals.refunded)
  const is =
    PAID.includes(paymentStatus) && left && isPositive(left)
      ? `${said(left)} are paid.`
      : paymentStatus === 'authorized' && totals.total
        ? `${said(totals.total)} are held and not captured.`
        : ''
  const detail = [is, fact.detail].filter(Boolean).join(' ')
  return detail === '' ? fact : { ...fact, detail }
}

/** The facts that can be foretold before anything is sent. */
export const foretold = (store: Store, request: CancelRequest, look: Look): Facts => {
  const known = predict(store.capabilities, request)
  const payment = ofThisOrder(known.payment, look.order)
  return withoutWay(
    store.capabilities,
    { ...known, payment, ...look.expect },
    look.order,
    look.order,
  )
}

/** The member of a request that an effect is asked by. */
const pointerOf = (name: EffectName, { reason }: CancelRequest): string => {
  if (name === 'payment') return '/refund'
  return name === 'reason' && reason === null ? '/reasonCode' : `/${name}`
}

/**
 * The refusal of a strict request whose wishes are not all predicted to be honored; null: all are.
 */
export const strictRefusal = (store: Store, request: CancelRequest, look: Look): Problem | null => {
  if (!request.strict) return null
  const facts = foretold(store, request, look)
  const broken = unkept(request, facts)
  if (broken.length === 0) return null
  return problem(
    'unsupported',
    `${store.adapter.name} cannot be relied on for everything that was asked, and the request ` +
      'is strict.',
    {
      errors: broken.map((name) => ({
        pointer: pointerOf(name, request),
        detail:
          facts[name].detail ??
          `${store.capabilities[name].can}: ${store.capabilities[name].source}`,
      })),
    },
  )
}
