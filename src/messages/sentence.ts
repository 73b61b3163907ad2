/**
 * What became of a cancellation, or would, as sentences for people: in the console, on the command
 * line, in mails; never claiming more than a report's basis.
 */
import type { ApprovalState } from '../model/approval.ts'
import type { Attempt, Origin, Status, Via } from '../model/cancellation.ts'
import { type Basis, type Effect, type Effects, isKnown } from '../model/effect.ts'
import { isPositive, minus, type Money } from '../model/money.ts'
import type { Order } from '../model/order.ts'
import type { Cause, Problem, ProblemCode } from '../model/problem.ts'
import { amountsBeside, type Maybe, sum } from './amounts.ts'

export { sum }

/**
 * What a record, or an answer about one, must tell for a sentence; the more it tells, the more is
 * said. A record and an answer of the API both fit.
 */
export interface Told {
  readonly status: Status
  readonly alreadyCanceled: boolean
  readonly effects: Effects
  readonly target?: 'order' | 'transfer'
  readonly request?: { readonly target: 'order' | 'transfer' }
  readonly via?: Via | null
  readonly problem?: Problem | null
  readonly order?: Order | null
  readonly origin?: Origin | undefined
  /** A record tells by this that the platform is still at it, an answer by `waitingFor`. */
  readonly running?: object | undefined
  readonly waitingFor?: 'approval' | 'link' | 'platform' | null | undefined
  readonly approval?: { readonly state: ApprovalState } | null | undefined
  readonly reopenedAt?: number | string | null | undefined
  readonly attempts?: readonly (Pick<Attempt, 'result'> & Partial<Pick<Attempt, 'unsent'>>)[]
}

export const isTransfer = ({ target, request }: Told): boolean =>
  (target ?? request?.target) === 'transfer'
export const isStillHeld = (order: Order | null | undefined): boolean =>
  order?.paymentStatus === 'authorized'
export const isHeld = (order: Order | null | undefined): boolean =>
  isStillHeld(order) || order?.paymentStatus === 'voided'

/** What the buyer has paid and not got back, as the order shows it. */
export const stillPaid = (order: Order | null | undefined): Money | null => {
  if (!order) return null
  const { paid, refunded } = order.totals
  const left = refunded === null ? paid : minus(paid, refunded)
  return isPositive(left) ? left : null
}

interface Amounts {
  readonly effects?: Effects | undefined
  readonly order?: Order | null | undefined
}

/** The amounts of a record that are read beside one another. */
export const amountsOf = ({ effects, order }: Amounts): readonly Maybe[] => [
  effects?.payment.amount,
  order?.totals.total,
  order?.totals.paid,
  order?.totals.refunded,
  stillPaid(order),
]

const writer = (amounts: Amounts) => amountsBeside(amountsOf(amounts))

const ABOUT_NOTIFY: Partial<Record<Effect['outcome'], (effect: Effect) => string>> = {
  applied: ({ basis }) =>
    basis === 'documented'
      ? 'The store mails the buyer, says its manual.'
      : 'The store says that it mailed the buyer.',
  automatic: () => 'The store mails the buyer by itself.',
  forced: () => 'The store mails the buyer although you refused it.',
  // It may still do so by itself.
  unsupported: () => 'The store cannot be asked to mail the buyer.',
  failed: () => 'The buyer was not mailed.',
  unverified: ({ asked }) => (asked === null ? '' : 'Whether the buyer was mailed cannot be told.'),
}

const manual = (basis: Basis) => (basis === 'documented' ? ', says the store’s manual' : '')

const ABOUT_RESTOCK: Partial<Record<Effect['outcome'], (effect: Effect) => string>> = {
  applied: ({ basis }) => `The goods went back${manual(basis)}.`,
  automatic: ({ basis }) => `The store put the goods back by itself${manual(basis)}.`,
  forced: ({ basis }) => `The goods went back although you refused it${manual(basis)}.`,
  unsupported: () => 'The store cannot be asked to put the goods back.',
  partial: () => 'The goods went back only in part.',
  failed: () => 'The goods did not go back.',
  unverified: () => 'Whether the goods went back cannot be told.',
}

/** As a sentence begins. */
const opened = (text: string): string => text.replace(/^l/, 'L')

const wentBack = (amount: string | null, order: Order | null | undefined, basis: Basis): string =>
  (amount
    ? `${opened(amount)} ${isHeld(order) ? 'are no longer held' : 'went back to the buyer'}`
    : 'The payment was given back') + `${manual(basis)}.`

/** The amount of `failed` and `partial` is what did not go back. */
const aboutPayment = ({ effects, order }: Pick<Told, 'effects' | 'order'>): string => {
  const { outcome, basis, ...payment } = effects.payment
  const write = writer({ effects, order })
  const left = stillPaid(order)
  const paid = left && write(left)
  const amount = payment.amount ? write(payment.amount) : null
  switch (outcome) {
    case 'applied':
    case 'automatic':
    case 'forced':
      return wentBack(amount, order, basis)
    case 'withheld':
      return paid
        ? `${opened(paid)} stay paid.`
        : basis === 'none'
          ? ''
          : isStillHeld(order)
            ? 'The payment stays held.'
            : 'No money moved.'
    case 'failed':
      return isStillHeld(order)
        ? `Releasing the payment failed${amount ? `: ${amount} are still held` : ''}.`
        : `Giving the money back failed${amount ? `: ${amount} did not go back` : ''}.`
    case 'partial':
      return `Only part of the money went back${amount ? `; ${amount} did not` : ''}.`
    case 'pending':
      return 'Giving the money back is not finished.'
    case 'unsupported':
      return (
        'The store cannot be asked to give the money back by a cancel' +
        `${paid ? `: ${paid} stay paid` : ''}.`
      )
    case 'unverified':
      return 'What became of the payment cannot be told.'
    default:
      return ''
  }
}

const REFUSED: Partial<Record<Cause, string>> = {
  withdrawn: 'Taken back before anything was sent.',
  declined: 'Somebody declined it before anything was sent.',
  linked_refused: 'Nothing was sent, since an order that it is linked with cannot be canceled.',
}
const REFUSED_BY: Partial<Record<ProblemCode, string>> = {
  'order-not-found': 'The store knows no order with this id.',
  'platform-credentials': 'The store refused our credentials.',
  unsupported: 'Not everything that was asked can be relied on there, and the request was strict.',
}

/** What is known of the money from before a person closed it: a person's word undoes none of it. */
const seenBefore = (told: Told): string =>
  told.effects.payment.basis === 'confirmed' || isKnown(told.effects.payment)
    ? aboutPayment(told)
    : ''

const rejected = ({ via, problem, ...told }: Told): string => {
  if (via === 'operator')
    return [
      `A person found that ${isTransfer(told) ? 'the transfer request' : 'the order'} is not ` +
        'canceled.',
      seenBefore(told),
    ]
      .filter(Boolean)
      .join(' ')
  const why = problem
    ? ((problem.cause && REFUSED[problem.cause]) ?? REFUSED_BY[problem.code] ?? problem.detail)
    : ''
  return [
    isTransfer(told) ? 'The transfer request is not canceled.' : 'The order is not canceled.',
    why,
    isTransfer(told) || problem?.acted !== 'no' ? '' : 'Order, money and stock are as they were.',
  ]
    .filter(Boolean)
    .join(' ')
}

const needsYou = (told: Told): string => {
  const {
    effects: { order, payment },
    problem,
  } = told
  // Nothing was sent at all, or the platform's own yes is not to be seen: both are told as they
  // are.
  if (problem?.acted === 'no' || (order.outcome === 'unverified' && order.basis === 'reported'))
    return `A person must look. ${problem?.detail ?? order.detail ?? ''}`.trim()
  const { outcome, amount } = payment
  if (outcome === 'automatic' || outcome === 'partial' || problem?.acted === 'yes') {
    const what =
      outcome === 'automatic' && amount ? `${writer(told)(amount)} went back` : 'money moved'
    return `A person must look: the order is not canceled, but ${what}.`
  }
  return 'A person must look: the store was asked, and what became of it is not clear.'
}

const succeeded = (told: Told): string => {
  const {
    alreadyCanceled,
    via,
    effects: { notify, restock },
    attempts,
  } = told
  const what = isTransfer(told) ? 'The transfer request' : 'The order'
  if (told.reopenedAt)
    return 'The order was canceled, and is open again in the store. Nothing is sent by itself.'
  if (told.origin === 'platform') return 'Somebody canceled the order in the store.'
  if (alreadyCanceled)
    return (
      `${what} was canceled already, not by this ` +
      `request${attempts?.length === 0 ? '; nothing was sent' : ''}.`
    )
  if (via === 'operator')
    return (
      `A person found that ${what.toLowerCase()} is canceled. ` +
      `${seenBefore(told) || 'What became of mail, goods and money is not known.'}`
    )
  if (isTransfer(told)) return 'The transfer request is canceled; the order itself stays as it is.'
  return [
    'The order is canceled.',
    ABOUT_NOTIFY[notify.outcome]?.(notify),
    ABOUT_RESTOCK[restock.outcome]?.(restock),
    aboutPayment(told),
  ]
    .filter(Boolean)
    .join(' ')
}

const BESIDE =
  /^The (?:order|transfer request) is (?:not )?canceled\. (?=.)|(?<=.) Order, money and stock are as they were\.$/g

/** The same beside a status word that says half of it already: a row of a list. */
export const summary = (told: Told): string => sentence(told).replaceAll(BESIDE, '')

const AT_WORK =
  'The store has taken the call and is still working on it. We look again until it is done.'
const AWAITED = 'It waits for somebody’s approval; nothing is sent before.'
const UNSETTLED: Readonly<Record<'accepted' | 'sending' | 'in_doubt', string>> = {
  accepted: 'Written down; the store was not asked yet.',
  sending: 'The store is being asked.',
  in_doubt: 'The store was asked and has not told us yet; we keep looking.',
}

/** An answer of the API says only by its words which calls never left. */
const triedAgain = (attempts: NonNullable<Told['attempts']>): string =>
  attempts.every(({ unsent, result }) => unsent ?? /^(?:not sent|429$)/.test(result ?? ''))
    ? 'Written down; what was sent provably never arrived, and it is tried again.'
    : 'Written down, and tried again; what an earlier call did is looked at first.'

/** What became of a cancellation, in a sentence or a few. Pure. */
export const sentence = (told: Told): string => {
  switch (told.status) {
    case 'succeeded':
      return succeeded(told)
    case 'rejected':
      return rejected(told)
    case 'needs_attention':
      return needsYou(told)
    case 'accepted':
      if (told.approval?.state === 'awaited') return AWAITED
      return told.attempts?.length ? triedAgain(told.attempts) : UNSETTLED.accepted
    case 'sending':
      return told.running || told.waitingFor === 'platform' ? AT_WORK : UNSETTLED.sending
    default:
      return UNSETTLED[told.status]
  }
}

/**
 * What a cancel would bring with it, as the words after “Cancel order 10012: ”. `order` is the
 * order before it.
 */
export const consequences = (effects: Effects, order: Order | null): readonly string[] => {
  const { notify, restock, payment } = effects
  const happens = ({ outcome }: Effect) =>
    outcome === 'applied' || outcome === 'automatic' || outcome === 'forced'
  const amount = payment.amount ? writer({ effects, order })(payment.amount) : 'the payment'
  return [
    happens(notify)
      ? 'mails the buyer'
      : notify.outcome === 'unverified'
        ? 'may mail the buyer'
        : '',
    happens(restock)
      ? 'puts the goods back'
      : restock.outcome === 'partial'
        ? 'puts part of the goods back'
        : restock.outcome === 'unverified'
          ? 'may put the goods back'
          : '',
    happens(payment)
      ? `${isHeld(order) ? 'releases the hold on' : 'refunds'} ${amount}`
      : payment.outcome === 'withheld' || payment.outcome === 'unsupported'
        ? 'moves no money'
        : payment.outcome === 'unverified'
          ? 'may move money'
          : '',
  ].filter(Boolean)
}
