/**
 * What people read: the same words in the console, on the command line and in the docs, never
 * claiming more than a report's basis.
 */
import type { Attempt, Resolution, Status, Via } from '../model/cancellation.ts'
import type { Capability } from '../model/capability.ts'
import type { Basis, Effect, EffectName, Effects } from '../model/effect.ts'
import { isPositive, minus, type Money } from '../model/money.ts'
import type { Order } from '../model/order.ts'
import type { Cause, Problem, ProblemCode } from '../model/problem.ts'

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  accepted: 'Waiting',
  sending: 'Asking the store',
  in_doubt: 'Checking',
  succeeded: 'Canceled',
  rejected: 'Not canceled',
  needs_attention: 'Needs you',
}

export const OUTCOME_WORDS: Readonly<Record<Effect['outcome'], string>> = {
  applied: 'done',
  withheld: 'not done',
  automatic: 'the store did it by itself',
  forced: 'done although refused',
  unsupported: 'no way on this platform',
  partial: 'partly done',
  failed: 'failed',
  pending: 'not known yet',
  skipped: 'not attempted',
  unverified: 'cannot be told',
  not_applicable: 'does not apply',
}

/** The same before anything is sent: what a preview foretells. */
export const WOULD_WORDS: Readonly<Record<Effect['outcome'], string>> = {
  ...OUTCOME_WORDS,
  applied: 'would be done',
  withheld: 'would not be done',
  automatic: 'the store would do it by itself',
  forced: 'would be done although refused',
  partial: 'would be done in part',
  failed: 'would fail',
  skipped: 'would not be attempted',
}

export const BASIS_WORDS: Readonly<Record<Basis, string>> = {
  confirmed: 'read back from the store',
  reported: 'in the store’s reply',
  documented: 'the store’s manual says so',
  none: 'nothing shows it',
}

export const EFFECT_WORDS: Readonly<Record<EffectName, string>> = {
  order: 'Cancel the order',
  reason: 'Keep the reason',
  notify: 'Mail the buyer',
  message: 'Say this in the mail',
  restock: 'Put the goods back',
  payment: 'Money',
}

/** An effect's outcome as people say it of this very thing; with `would`, of a preview. */
export const outcomeWord = (name: EffectName, { outcome }: Effect, would = false): string => {
  if (name === 'order' && outcome === 'applied') return would ? 'would be canceled' : 'canceled'
  if (name === 'payment' && outcome === 'withheld')
    return would ? 'no money would move' : 'no money moved'
  if (name === 'payment' && outcome === 'automatic')
    return would ? 'the store would give it back by itself' : 'the store gave it back by itself'
  return (would ? WOULD_WORDS : OUTCOME_WORDS)[outcome]
}

/** What a platform can do with an input, as its manual or a recording has it. */
export const CAN_WORDS: Readonly<Record<Capability['can'], string>> = {
  choose: 'as you wish',
  always: 'always',
  never: 'no way',
  unknown: 'not known',
}

/** The three ways in which a person closes what needs one. */
export const RESOLUTION_WORDS: Readonly<Record<Resolution, string>> = {
  canceled: 'It is canceled',
  not_canceled: 'It is not canceled',
  retry: 'Look, then try again',
}

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
  readonly attempts?: readonly (Pick<Attempt, 'result'> & Partial<Pick<Attempt, 'unsent'>>)[]
}

export const statusWord = ({
  status,
  alreadyCanceled,
}: Pick<Told, 'status' | 'alreadyCanceled'>): string =>
  status === 'succeeded' && alreadyCanceled ? 'Was already canceled' : STATUS_WORDS[status]

/** An amount as people write it. */
export const sum = ({ amount, currency }: Money): string => `${amount} ${currency}`

const isTransfer = ({ target, request }: Told): boolean =>
  (target ?? request?.target) === 'transfer'
const isStillHeld = (order: Order | null | undefined): boolean =>
  order?.paymentStatus === 'authorized'
const isHeld = (order: Order | null | undefined): boolean =>
  isStillHeld(order) || order?.paymentStatus === 'voided'

/** What the buyer has paid and not got back, as the order shows it. */
const stillPaid = (order: Order | null | undefined): Money | null => {
  if (!order) return null
  const { paid, refunded } = order.totals
  const left = refunded === null ? paid : minus(paid, refunded)
  return isPositive(left) ? left : null
}

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

const wentBack = (
  amount: Money | undefined,
  order: Order | null | undefined,
  basis: Basis,
): string =>
  (amount
    ? `${sum(amount)} ${isHeld(order) ? 'are no longer held' : 'went back to the buyer'}`
    : 'The payment was given back') + `${manual(basis)}.`

/** The amount of `failed` and `partial` is what did not go back. */
const aboutPayment = (
  { outcome, amount, basis }: Effect,
  order: Order | null | undefined,
): string => {
  const paid = stillPaid(order)
  switch (outcome) {
    case 'applied':
    case 'automatic':
    case 'forced':
      return wentBack(amount, order, basis)
    case 'withheld':
      return paid
        ? `${sum(paid)} stay paid.`
        : basis === 'none'
          ? ''
          : isStillHeld(order)
            ? 'The payment stays held.'
            : 'No money moved.'
    case 'failed':
      return isStillHeld(order)
        ? `Releasing the payment failed${amount ? `: ${sum(amount)} are still held` : ''}.`
        : `Giving the money back failed${amount ? `: ${sum(amount)} did not go back` : ''}.`
    case 'partial':
      return `Only part of the money went back${amount ? `; ${sum(amount)} did not` : ''}.`
    case 'pending':
      return 'Giving the money back is not finished.'
    case 'unverified':
      return 'What became of the payment cannot be told.'
    default:
      return ''
  }
}

const REFUSED: Partial<Record<Cause, string>> = {
  withdrawn: 'Taken back before anything was sent.',
}
const REFUSED_BY: Partial<Record<ProblemCode, string>> = {
  'order-not-found': 'The store knows no order with this id.',
  'platform-credentials': 'The store refused our credentials.',
  unsupported: 'Not everything that was asked can be relied on there, and the request was strict.',
}

/** What was read back of the money before a person closed it: a person's word undoes none of it. */
const seenBefore = ({ effects: { payment }, order }: Told): string =>
  payment.basis === 'confirmed' ? aboutPayment(payment, order) : ''

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

const needsYou = ({ effects: { order, payment }, problem }: Told): string => {
  // Nothing was sent at all, or the platform's own yes is not to be seen: both are told as they
  // are.
  if (problem?.acted === 'no' || (order.outcome === 'unverified' && order.basis === 'reported'))
    return `A person must look. ${problem?.detail ?? order.detail ?? ''}`.trim()
  const moved = payment.outcome === 'automatic' || payment.outcome === 'partial'
  if (moved || problem?.acted === 'yes')
    return (
      'A person must look: the order is not canceled, but ' +
      `${payment.outcome === 'automatic' && payment.amount ? `${sum(payment.amount)} went back` : 'money moved'}.`
    )
  return 'A person must look: the store was asked, and what became of it is not clear.'
}

const succeeded = (told: Told): string => {
  const {
    alreadyCanceled,
    via,
    effects: { notify, restock, payment },
    order,
    attempts,
  } = told
  const what = isTransfer(told) ? 'The transfer request' : 'The order'
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
    aboutPayment(payment, order),
  ]
    .filter(Boolean)
    .join(' ')
}

const BESIDE =
  /^The (?:order|transfer request) is (?:not )?canceled\. (?=.)|(?<=.) Order, money and stock are as they were\.$/g

/** The same beside a status word that says half of it already: a row of a list. */
export const summary = (told: Told): string => sentence(told).replaceAll(BESIDE, '')

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
      return told.attempts?.length ? triedAgain(told.attempts) : UNSETTLED.accepted
    default:
      return UNSETTLED[told.status]
  }
}

const AFTER_CAUSE: Partial<Record<Cause, string>> = {
  fulfilled: 'Cancel the fulfillment in the store and ask again, or have the goods returned.',
  completed: 'Make a return in the store instead.',
  payment_pending: 'Ask again once the payment is through.',
  payment_authorized: 'Void or capture the held payment in the store, then ask again.',
  payment_captured: 'Refund the payment in the store, then ask again.',
  open_change: 'Close the open edit, return or transfer in the store, then ask again.',
  returned: 'Close the return in the store, then ask again.',
  shared_payment: 'Its payment is shared with other orders: cancel them together in the store.',
  expired: 'Ask again once the store answers.',
  refused: 'Look at the order in the store; it may be canceled there by hand.',
}
const AFTER_CODE: Partial<Record<ProblemCode, string>> = {
  'order-not-found': 'Check the order’s id: it is the platform’s own, not the number people see.',
  'platform-credentials': 'Mend the store’s credentials in the configuration, then ask again.',
  'platform-unavailable': 'Ask again once the store answers.',
  unsupported: 'Leave out what cannot be relied on, or ask without “strict”.',
}

/**
 * “put 1 × BLUE-L back by hand”: every line where all are meant, so many that a person still reads
 * them.
 */
const goods = (order: Order | null | undefined): string => {
  const named = (order?.lines ?? []).map(
    ({ quantity, sku, title }) =>
      `${quantity === null ? '' : `${quantity} × `}${sku ?? title ?? 'a line without a name'}`,
  )
  return named.length === 0
    ? 'the goods'
    : named.length > 4
      ? `${named.slice(0, 3).join(', ')} and ${named.length - 3} more lines`
      : named.join(', ')
}

const afterCanceled = ({
  effects: { reason, notify, restock, payment },
  order,
}: Told): string[] => {
  const paid = stillPaid(order)
  return [
    payment.outcome === 'failed' || payment.outcome === 'partial'
      ? isStillHeld(order)
        ? `Release ${payment.amount ? sum(payment.amount) : 'the held payment'} by hand in the store.`
        : `Give ${payment.amount ? sum(payment.amount) : 'the money'} back by hand in the store.`
      : '',
    payment.outcome === 'pending'
      ? 'Look at the payment in the store later: giving it back is not finished.'
      : '',
    payment.outcome === 'unverified' ? 'Look at the payment in the store.' : '',
    payment.outcome === 'withheld' && paid
      ? `Refund ${sum(paid)} in the store, if the buyer is to have it back.`
      : payment.outcome === 'withheld' && payment.basis !== 'none' && isStillHeld(order)
        ? 'Release the held payment in the store, if the buyer is to have it back.'
        : '',
    restock.outcome === 'failed' || restock.outcome === 'unsupported'
      ? `Put ${goods(order)} back by hand, if it should be on sale.`
      : '',
    restock.outcome === 'partial'
      ? 'Put back by hand what did not go back, if it should be on sale.'
      : '',
    restock.outcome === 'forced'
      ? 'Take the goods off the stock again, if they should not be on sale.'
      : '',
    restock.outcome === 'unverified' ? 'Look at the stock in the store.' : '',
    notify.asked && (notify.outcome === 'failed' || notify.outcome === 'unsupported')
      ? 'Write to the buyer yourself.'
      : '',
    reason.outcome === 'failed' || reason.outcome === 'unsupported'
      ? 'Note the reason in the store yourself.'
      : '',
  ].filter(Boolean)
}

/** What a person should do now, most urgent first; empty: nothing. Pure. */
export const advice = (told: Told): readonly string[] => {
  const { status, problem } = told
  if (status === 'needs_attention' && problem?.acted === 'no')
    return [
      'Mend the store in the configuration and start the gateway again, then have it tried again.',
    ]
  if (status === 'needs_attention')
    return ['Look at the order and its payment in the store, then say what you found.']
  if (status === 'rejected' && told.via === 'operator') return []
  if (status === 'rejected')
    return [
      (problem?.cause && AFTER_CAUSE[problem.cause]) ?? (problem && AFTER_CODE[problem.code]) ?? '',
    ].filter(Boolean)
  if (status !== 'succeeded' || isTransfer(told) || told.alreadyCanceled) return []
  return told.via === 'operator'
    ? ['Look at stock and payment in the store, if you have not yet.']
    : afterCanceled(told)
}

/**
 * What a cancel would bring with it, as the words after “Cancel order 10012: ”. `order` is the
 * order before it.
 */
export const consequences = (
  { notify, restock, payment }: Effects,
  order: Order | null,
): readonly string[] => {
  const happens = ({ outcome }: Effect) =>
    outcome === 'applied' || outcome === 'automatic' || outcome === 'forced'
  const amount = payment.amount ? sum(payment.amount) : 'the payment'
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
      : payment.outcome === 'withheld'
        ? 'moves no money'
        : payment.outcome === 'unverified'
          ? 'may move money'
          : '',
  ].filter(Boolean)
}
