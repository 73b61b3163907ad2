/**
 * What a file of orders would come to, store by store, from a look at each: the same figures on the
 * page and on the command line, and never more than was looked at.
 */
import { type Effect, type Effects, skipped } from '../model/effect.ts'
import { type Money, sum as sumOf } from '../model/money.ts'
import type { Order } from '../model/order.ts'
import type { Problem, ProblemCode } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { consequences, isHeld, stillPaid, sum, summary } from './sentence.ts'

/** What a preview found of an order; the service’s and the API’s both fit. */
export interface Found {
  readonly orderId: string
  readonly cancelable: boolean
  readonly alreadyCanceled: boolean
  readonly effects: Effects
  readonly order: Order
  readonly problem: Problem | null
}

/** Another order of its link. */
export interface Other {
  readonly cancelable: boolean
  readonly alreadyCanceled: boolean
}

type Likelihood = 'yes' | 'maybe' | 'no'

/** One order, and what would come of it. */
export interface Look {
  readonly store: string
  readonly orderId: string
  readonly number: string
  readonly amount: Money | null
  readonly comes: 'canceled' | 'refused' | 'already' | 'unknown'
  /** The same in a sentence. */
  readonly says: string
  readonly mails: Likelihood
  readonly goods: Likelihood
  /** What was wished for, whatever would come of it. */
  readonly asks: { readonly mail: boolean; readonly goods: boolean; readonly money: boolean }
  readonly back: Money | null
  readonly released: Money | null
  readonly stays: Money | null
  /** Money may move, and how much cannot be told. */
  readonly isUntold: boolean
  /** Linked orders that would be canceled with it. */
  readonly along: number
}

const NOTHING = {
  number: '',
  amount: null,
  mails: 'no',
  goods: 'no',
  asks: { mail: false, goods: false, money: false },
  back: null,
  released: null,
  stays: null,
  isUntold: false,
  along: 0,
} as const

const happens = ({ outcome }: Effect): boolean =>
  outcome === 'applied' || outcome === 'automatic' || outcome === 'forced'
const likelihood = (effect: Effect): Likelihood =>
  happens(effect) || effect.outcome === 'partial'
    ? 'yes'
    : effect.outcome === 'unverified'
      ? 'maybe'
      : 'no'

const moneyOf = (payment: Effect, order: Order) => {
  const moves = happens(payment)
  const moved = moves ? (payment.amount ?? null) : null
  const isRelease = isHeld(order)
  const isOpen = ['partial', 'pending', 'unverified'].includes(payment.outcome)
  return {
    back: isRelease ? null : moved,
    released: isRelease ? moved : null,
    stays: moves || isOpen ? null : stillPaid(order),
    isUntold: isOpen || (moves && moved === null),
  }
}

const refusal = (request: CancelRequest, problem: Problem | null, found?: Found): string =>
  summary({
    status: 'rejected',
    alreadyCanceled: false,
    effects: found?.effects ?? skipped(request),
    target: request.target,
    problem,
    order: found?.order ?? null,
    attempts: [],
  })

/** Those of its link that would go with it; null: for their sake nothing would be sent. */
const alongOf = (request: CancelRequest, found: Found, others: readonly Other[]): number | null => {
  const linked = request.linked ?? 'all'
  if (linked === 'none') return 0
  const isStuck = others.some(({ cancelable, alreadyCanceled }) => !cancelable && !alreadyCanceled)
  if (linked === 'all' && isStuck) return null
  return found.cancelable || found.alreadyCanceled || linked === 'each'
    ? others.filter(({ cancelable }) => cancelable).length
    : 0
}

/** What a look found, as far as the figures need it. */
export const lookedAt = (
  request: CancelRequest,
  found: Found,
  others: readonly Other[] = [],
): Look => {
  const { order, effects, cancelable, alreadyCanceled } = found
  const about = {
    ...NOTHING,
    store: request.store,
    orderId: found.orderId,
    number: order.number ?? found.orderId,
    amount: order.totals.total,
  }
  const along = alongOf(request, found, others)
  if (cancelable && along === null)
    return {
      ...about,
      comes: 'refused',
      says: 'An order that it is linked with cannot be canceled, so nothing would be sent.',
    }
  if (!cancelable)
    return {
      ...about,
      along: along ?? 0,
      comes: alreadyCanceled ? 'already' : 'refused',
      says: alreadyCanceled
        ? 'Canceled already; nothing would be sent.'
        : refusal(request, found.problem, found),
    }
  const comes = consequences(effects, order).join(', ')
  return {
    ...about,
    comes: 'canceled',
    says: `Would be canceled${comes === '' ? '' : `: ${comes}`}.`,
    mails: likelihood(effects.notify),
    goods: likelihood(effects.restock),
    asks: {
      mail: effects.notify.asked === true,
      goods: effects.restock.asked === true,
      money: effects.payment.asked === true,
    },
    ...(request.target === 'transfer' ? {} : moneyOf(effects.payment, order)),
    along: along ?? 0,
  }
}

/** A cancel of these may come to something all the same. */
const UNANSWERED: ReadonlySet<ProblemCode> = new Set([
  'platform-unavailable',
  'platform-throttled',
  'platform-credentials',
  'rate-limited',
  'ledger-unavailable',
  'internal',
])

/** Nothing was found: the store refused the look, or gave no answer. Null: not in time. */
export const notSeen = (request: CancelRequest, problem: Problem | null): Look => ({
  ...NOTHING,
  store: request.store,
  orderId: request.orderId,
  number: request.orderId,
  comes: problem === null || UNANSWERED.has(problem.code) ? 'unknown' : 'refused',
  says: problem === null ? 'The store did not answer in time.' : refusal(request, problem),
})

/** Of how many it would come so, perhaps, and was wished for. */
export interface Figure {
  readonly sure: number
  readonly maybe: number
  readonly asked: number
}

export interface StoreOutlook {
  readonly store: string
  /** In the file. */
  readonly orders: number
  readonly looked: number
  readonly canceled: number
  readonly refused: number
  readonly already: number
  readonly unknown: number
  /** As often as an order stands in the file beyond its first time. */
  readonly repeated: number
  readonly along: number
  readonly mails: Figure
  readonly goods: Figure
  readonly refunds: Figure
  /** Per currency. */
  readonly back: readonly Money[]
  readonly released: readonly Money[]
  readonly stays: readonly Money[]
  readonly untold: number
  /** Of how many what is wished for would not come, though the order would be canceled. */
  readonly missed: { readonly mail: number; readonly goods: number; readonly money: number }
  /** Why orders cannot be canceled, or are not known; the most frequent first. */
  readonly reasons: readonly { readonly says: string; readonly count: number }[]
  readonly samples: readonly Look[]
}

const SAMPLES = 3

const perCurrency = (amounts: readonly (Money | null)[]): Money[] =>
  [
    ...Map.groupBy(
      amounts.filter((amount) => amount !== null),
      ({ currency }) => currency,
    ),
  ].flatMap(
    ([currency, of]) =>
      sumOf(
        of.map(({ amount }) => amount),
        currency,
      ) ?? [],
  )

const storeOutlook = (store: string, orders: number, looks: readonly Look[]): StoreOutlook => {
  const first = [
    ...new Map(looks.toReversed().map((look) => [look.orderId, look])).values(),
  ].toReversed()
  const number = (is: (look: Look) => boolean) => first.filter(is).length
  const comes = (what: Look['comes']) => number((look) => look.comes === what)
  const away = first.filter(({ comes }) => comes === 'refused' || comes === 'unknown')
  return {
    store,
    orders,
    looked: looks.length,
    canceled: comes('canceled'),
    refused: comes('refused'),
    already: comes('already'),
    unknown: comes('unknown'),
    repeated: looks.length - first.length,
    along: first.reduce((total, { along }) => total + along, 0),
    mails: {
      sure: number(({ mails }) => mails === 'yes'),
      maybe: number(({ mails }) => mails === 'maybe'),
      asked: number(({ asks }) => asks.mail),
    },
    goods: {
      sure: number(({ goods }) => goods === 'yes'),
      maybe: number(({ goods }) => goods === 'maybe'),
      asked: number(({ asks }) => asks.goods),
    },
    refunds: {
      sure: number(({ back }) => back !== null),
      maybe: 0,
      asked: number(({ asks }) => asks.money),
    },
    back: perCurrency(first.map(({ back }) => back)),
    released: perCurrency(first.map(({ released }) => released)),
    stays: perCurrency(first.map(({ stays }) => stays)),
    untold: number(({ isUntold }) => isUntold),
    missed: {
      mail: number(({ asks, mails }) => asks.mail && mails === 'no'),
      goods: number(({ asks, goods }) => asks.goods && goods === 'no'),
      money: number(({ asks, stays }) => asks.money && stays !== null),
    },
    reasons: [...Map.groupBy(away, ({ says }) => says)]
      .map(([says, of]) => ({ says, count: of.length }))
      .toSorted((a, b) => b.count - a.count),
    samples: first.slice(0, SAMPLES),
  }
}

/** What the file would come to, by store in the order of the file; `looks` are those so far. */
export const outlook = <Row extends { readonly store: string }>(
  rows: readonly Row[],
  looks: ReadonlyMap<Row, Look>,
): StoreOutlook[] =>
  [...Map.groupBy(rows, ({ store }) => store)].map(([store, of]) =>
    storeOutlook(
      store,
      of.length,
      of.flatMap((row) => looks.get(row) ?? []),
    ),
  )

const count = (value: number): string => value.toLocaleString('en')
const sums = (amounts: readonly Money[]): string => amounts.map(sum).join(', ')
const told = ({ sure, maybe, asked }: Figure): string =>
  count(sure) +
  (maybe > 0 ? `, and perhaps ${count(maybe)} more` : '') +
  (asked > 0 && asked !== sure ? ` (${count(asked)} asked for)` : '')

const orders = (value: number): string => (value === 1 ? '1 order' : `${count(value)} orders`)

/** What is wished for and would not come, and who must do it: said before anything is sent. */
export const warnings = ({ missed: { mail, goods, money } }: StoreOutlook): string[] =>
  [
    mail > 0 && `The buyers of ${orders(mail)} would not be mailed: write to them yourself.`,
    goods > 0 && `The goods of ${orders(goods)} would not go back: put them back by hand.`,
    money > 0 && `The money of ${orders(money)} would not be given back: refund it at the store.`,
  ].filter((says) => says !== false)

/** The figures of a store by their names; those that only matter where there are any, then. */
export const figures = (of: StoreOutlook): (readonly [name: string, value: string])[] => {
  const where = (isThere: boolean, name: string, value: string) =>
    isThere ? [[name, value] as const] : []
  return [
    ['Would be canceled', count(of.canceled)],
    ['Cannot be canceled', count(of.refused)],
    ['Canceled already', count(of.already)],
    ['Not known', count(of.unknown)],
    ...where(of.repeated > 0, 'Twice in the file', count(of.repeated)),
    ...where(of.along > 0, 'Linked orders that go along', count(of.along)),
    ['Buyers mailed', told(of.mails)],
    ['Goods put back', told(of.goods)],
    ['Buyers refunded', told(of.refunds)],
    ...where(of.back.length > 0, 'Money going back', sums(of.back)),
    ...where(of.released.length > 0, 'Holds released', sums(of.released)),
    ...where(of.stays.length > 0, 'Money that stays paid', sums(of.stays)),
    ...where(of.untold > 0, 'Money that cannot be told', `of ${count(of.untold)}`),
  ]
}

/** How much of the file the figures are of. */
export const extent = (stores: readonly StoreOutlook[], isDone: boolean): string => {
  const [total, looked] = [
    stores.reduce((sum, { orders }) => sum + orders, 0),
    stores.reduce((sum, { looked }) => sum + looked, 0),
  ]
  if (!isDone) return `Looked at ${count(looked)} of ${orders(total)} so far.`
  if (looked === total) return `Looked at ${count(looked)} of ${orders(total)}.`
  return (
    `Looked at ${count(looked)} of ${orders(total)}, the first of each store. The figures are of ` +
    'these; each of the others is looked at when its turn comes, before the store is asked.'
  )
}
