/**
 * What to do next, decided from the record and a look at the order. Pure: no I/O, no clock of its
 * own.
 */
import type { CancelOperation, JobFailure, Look } from '../../adapter/contract.ts'
import type { Failure } from '../../adapter/failure.ts'
import { scrub } from '../../connection/classify.ts'
import type { Store } from '../../connection/store.ts'
import { awaitsApproval, isApproved } from '../../model/approval.ts'
import {
  type Attempt,
  type Cancellation,
  type Hindrance,
  isRetried,
  isRunning,
} from '../../model/cancellation.ts'
import { mayHaveActed } from '../../model/transitions.ts'
import type { Facts } from '../../model/effect.ts'
import { moneyMoved, type Order, unchanged } from '../../model/order.ts'
import { type Problem, problem } from '../../model/problem.ts'
import { reasonText } from '../../model/request.ts'
import { strictRefusal } from './foretell.ts'
import { lookAgainMs } from './timing.ts'

/** What ends an attempt, or puts off the next. */
export type FinalDecision =
  /** What was to be canceled is canceled; `ours`: presumably by a call of ours. */
  | { readonly do: 'succeed'; readonly ours: boolean }
  | { readonly do: 'reject'; readonly problem: Problem }
  | { readonly do: 'escalate'; readonly problem: Problem }
  /** `unchanged`: a look that counts, after the settle time. */
  | { readonly do: 'wait'; readonly until: number; readonly unchanged: boolean }
/** `ask`: it would be sent, but for somebody who must approve it. */
export type Decision = FinalDecision | { readonly do: 'send' } | { readonly do: 'ask' }

const MOVED =
  'Money moved at the platform, but the order is not canceled. Look at the order and its ' +
  'payment there, then resolve this record.'
const CANNOT_TELL =
  'The platform was asked and never gave a clear answer, and the order does not show what ' +
  'became of it. Look at it there, then resolve this record.'

export const moneyMovedProblem = (failure?: Failure): Problem =>
  problem('needs-attention', MOVED, {
    acted: 'yes',
    ...(failure?.upstream && { upstream: failure.upstream }),
  })

/** Something else than money changed, and the order is open. */
const changedProblem = (what: string, failure?: Failure): Problem =>
  problem('needs-attention', `${what} Then resolve this record.`, {
    acted: 'yes',
    ...(failure?.upstream && { upstream: failure.upstream }),
  })

const SAID =
  'The platform answered that the order is canceled, but what is read of it does not show that, ' +
  'as a cache before the platform would. Look at it there, then resolve this record.'

/** What is known of an order that the platform called canceled and no read shows so. */
export const WORD: Facts['order'] = {
  done: 'unknown',
  basis: 'reported',
  detail: 'The platform answered that it is canceled; what is read of the order does not show it.',
}

/** What kept the last try from its end, said after why the record ends. */
const inTheWay = (what: Hindrance | undefined): string =>
  what ? ` The last try ended so: ${what.detail} (${what.result})` : ''
const upstreamOf = (what: Hindrance | undefined) =>
  what?.upstream ? { upstream: what.upstream } : {}

/**
 * Doubt that no look ended. The platform's own yes to our call is an act of ours, whatever is read
 * afterwards.
 */
export const cannotTell = (
  record: Cancellation,
  last: Hindrance | undefined = record.hindrance,
): Problem =>
  problem('needs-attention', (record.word ? SAID : CANNOT_TELL) + inTheWay(last), {
    acted: record.word === 'canceled' ? 'yes' : 'unknown',
    ...upstreamOf(last),
  })

const whyExpired = (record: Cancellation): string => {
  if (awaitsApproval(record)) return 'Nobody approved it in time; nothing was sent.'
  return mayHaveActed(record)
    ? 'It could not be sent again before the deadline.'
    : 'It could not be sent before the deadline; no cancel was sent.'
}

/** It was never sent, or not again, in time. */
export const expired = (
  record: Cancellation,
  last: Hindrance | undefined = record.hindrance,
): Problem =>
  problem('order-not-cancelable', whyExpired(record) + inTheWay(last), {
    cause: 'expired',
    retryable: true,
    ...upstreamOf(last),
  })

export const withoutToken = (record: Cancellation): Problem =>
  problem(
    'platform-unavailable',
    mayHaveActed(record)
      ? 'The cancel was sent and came to nothing. It cannot be sent again without the ' +
          'customer’s token, and tokens are not kept. Nothing changed; ask again with the token.'
      : 'The cancel could not be sent while the customer’s token was at hand, and tokens are ' +
          'not kept. Nothing changed; ask again with the token.',
  )

/**
 * A person had it tried again after a call whose effect is not known, so a refusal now does not say
 * that nothing changed.
 */
export const stillOpen = (why: Problem, gone: boolean): Problem => ({
  ...why,
  ...problem(
    'needs-attention',
    `Tried again, and not canceled: ${why.detail} ` +
      `${gone ? MOVED : 'What the earlier call did is for a person to say.'}`,
    { acted: gone ? 'yes' : 'unknown' },
  ),
})

/** What the request is about: the order, or a transfer of it. */
export const operationOf = (store: Store, { request }: Cancellation): CancelOperation<unknown> =>
  (request.target === 'transfer'
    ? store.adapter.transfer
    : store.adapter.order) as CancelOperation<unknown>

/** An attempt that never left may have written its note before, where the store’s logins can. */
export const staleNote = (record: Cancellation, store: Store): string | undefined =>
  operationOf(store, record).prepare &&
  store.capabilities.reason.can !== 'never' &&
  reasonText(record.request) !== null &&
  record.attempts.length > 0
    ? 'The note of the reason may have been written to the order.'
    : undefined

const refusal = (look: Look): Problem | null =>
  look.obstacle &&
  problem('order-not-cancelable', look.obstacle.detail, { cause: look.obstacle.cause })

/** Calls in a row, the last ones, that ended in the same doubt. */
export const sameDoubts = ({ attempts }: Cancellation): number => {
  const isDoubt = ({ unsent, result }: Attempt) => !unsent && result !== null
  const result = attempts.at(-1)?.result
  const other = attempts.toReversed().findIndex((one) => !isDoubt(one) || one.result !== result)
  return other < 0 ? attempts.length : other
}

/** The same call that ends the same way so often is not sent again: a person looks. */
const SAME_DOUBTS = 6

/**
 * A read against the platform's own word proves nothing: nothing is sent on it, and nothing
 * refused.
 */
const later = (record: Cancellation, store: Store, now: number): Decision => ({
  do: 'wait',
  until: now + lookAgainMs(record.tries, store.settleMs),
  unchanged: false,
})

/**
 * “Nothing is pending”, which a call of ours may have brought about, and a read that still shows
 * it.
 */
export const isContradicted = ({ cause }: Problem, look: Look): boolean =>
  cause === 'nothing_pending' && !look.done && look.obstacle?.cause !== 'nothing_pending'

/**
 * Where no call of ours is in doubt, or no longer: a new record, one that sent nothing, one that a
 * person wants tried again.
 */
const decideFresh = (record: Cancellation, look: Look, store: Store): Decision => {
  if (look.done)
    return { do: 'succeed', ours: (isRetried(record) || record.doubted === true) && isOurs(record) }
  if (record.doubted && hasMoneyMoved(record, look))
    return { do: 'escalate', problem: moneyMovedProblem() }
  const refused = refusal(look) ?? strictRefusal(store, record.request, look)
  return refused ? { do: 'reject', problem: refused } : { do: 'send' }
}

/** When the platform can no longer be busy with the last call. */
export const settlesAt = (record: Cancellation, store: Store, longestCallMs: number): number => {
  const last = record.attempts.at(-1)
  return last ? last.at + (last.ms ?? longestCallMs) + store.settleMs : record.updatedAt
}

/** Whether a call before the last one may have canceled the order. */
const earlierMayHaveActed = (record: Cancellation): boolean =>
  record.attempts.slice(0, -1).some(({ unsent }) => !unsent)

/**
 * Of a record of which a call went out: whether an order that is canceled was canceled by it,
 * presumably; not where the only one was refused.
 */
const isOurs = (record: Cancellation): boolean =>
  earlierMayHaveActed(record) || (record.problem === null && record.word !== 'canceled_already')

/** The order as it was before any call of ours. */
export const beforeOf = (record: Cancellation, look: Look): Order =>
  record.before ?? record.order ?? look.order

/**
 * Whether money moved since the order was looked at before the cancel: its own, or what it shares.
 */
export const hasMoneyMoved = (record: Cancellation, look: Look): boolean =>
  look.money === 'moved' || moneyMoved(beforeOf(record, look), look.order)

/** “Not found”, of an order that a look after it shows: it was about something else. */
const notThere = (
  { obstacle }: Look,
  upstream: Pick<Problem, 'upstream'> | null | undefined,
): Problem =>
  problem(
    'order-not-cancelable',
    obstacle?.detail ??
      'The platform says that something is not there which the cancel needs; the order is.',
    { cause: obstacle?.cause ?? 'refused', ...upstream },
  )

/** A refusal that could not be looked into when it came. */
const lateRefusal = (problem: Problem, look: Look): Problem =>
  problem.code === 'order-not-found'
    ? notThere(look, problem.upstream && { upstream: problem.upstream })
    : problem

/** After a call whose end is not known, or whose refusal could not be looked into. */
const decideDoubtful = (
  record: Cancellation,
  look: Look,
  store: Store,
  now: number,
  settled: number,
): Decision => {
  if (look.done) return { do: 'succeed', ours: isOurs(record) }
  // Until then a look proves only a yes: a call that was given up on may still land, or be halfway
  // (Medusa shows the refund before the order is canceled). An explicit no needs no such wait.
  if (record.problem === null && now < settled)
    return { do: 'wait', until: settled, unchanged: false }
  // The adapter's own words first: they say more than that something of the money is another.
  if (look.changed) return { do: 'escalate', problem: changedProblem(look.changed) }
  if (hasMoneyMoved(record, look)) return { do: 'escalate', problem: moneyMovedProblem() }
  if (record.problem)
    return isContradicted(record.problem, look)
      ? later(record, store, now)
      : { do: 'reject', problem: lateRefusal(record.problem, look) }
  if (look.money === 'unseen') return { do: 'escalate', problem: cannotTell(record) }
  const refused = refusal(look)
  if (refused) return { do: 'reject', problem: refused }
  if (!record.order || !unchanged(record.order, look.order))
    return { do: 'escalate', problem: cannotTell(record) }
  const { effect } = store.repeat
  const isSafe = effect === 'refused' || effect === 'harmless'
  const same = sameDoubts(record)
  const mayResend = isSafe || (effect === 'unknown' && store.onDoubt === 'resend')
  if (!mayResend || same >= SAME_DOUBTS) return { do: 'escalate', problem: cannotTell(record) }
  // What failed the same way before is sent ever less often.
  const patient = settled + store.settleMs * (2 ** Math.max(0, same - 1) - 1)
  if (now < patient) return { do: 'wait', until: patient, unchanged: true }
  if (isSafe) return { do: 'send' }
  return record.unchangedLooks >= 1
    ? { do: 'send' }
    : { do: 'wait', until: now + store.settleMs, unchanged: true }
}

const decideByLook = (
  record: Cancellation,
  look: Look,
  store: Store,
  now: number,
  longestCallMs: number,
): Decision => {
  if (record.word && !look.done) return later(record, store, now)
  if (isRunning(record)) return decideRunning(record, look) ?? later(record, store, now)
  return record.status === 'in_doubt'
    ? decideDoubtful(record, look, store, now, settlesAt(record, store, longestCallMs))
    : decideFresh(record, look, store)
}

/** The one decision between a look and whatever follows it. */
export const decide = (
  record: Cancellation,
  ...known: [look: Look, store: Store, now: number, longestCallMs: number]
): Decision => {
  const decision = decideByLook(record, ...known)
  return decision.do === 'send' && !isApproved(record) ? { do: 'ask' } : decision
}

/**
 * The problem of a refusal in the platform's own words, its cause sharpened by what a look shows.
 */
export const refusalProblem = (failure: Failure, look: Look | null): Problem => {
  const upstream = failure.upstream && { upstream: failure.upstream }
  if (failure.code === 'order-not-found' && look) return notThere(look, upstream)
  const code =
    failure.code === 'platform-unavailable' || failure.code === 'platform-throttled'
      ? 'order-not-cancelable'
      : failure.code
  if (code !== 'order-not-cancelable') return problem(code, failure.detail, { ...upstream })
  const said = failure.cause ?? 'refused'
  const seen = look?.obstacle ?? null
  const cause = said === 'refused' && seen ? seen.cause : said
  return problem(code, seen && cause === seen.cause ? seen.detail : failure.detail, {
    cause,
    ...upstream,
  })
}

/** The word of a job of the platform that ended without a cancel, as that of a refused call. */
const failureOfJob = ({ cause, detail, code = null, message = null }: JobFailure): Failure => ({
  kind: 'refused',
  code: 'order-not-cancelable',
  cause,
  detail,
  result: 'its job failed',
  upstream: { status: 200, code: scrub(code, []), message: scrub(message, []) },
  retryAfterMs: null,
})

/**
 * What a look at a job of the platform ends; null: it is still at it, or has forgotten it. Where it
 * failed and the order is canceled, somebody else canceled it.
 */
export const decideRunning = (record: Cancellation, look: Look): FinalDecision | null => {
  if (look.done) return { do: 'succeed', ours: !look.failed || earlierMayHaveActed(record) }
  return look.failed ? decideRefused(record, look, failureOfJob(look.failed)) : null
}

/** After an explicit no: an error is not "nothing happened", so the look decides. */
export const decideRefused = (
  record: Cancellation,
  look: Look,
  failure: Failure,
): FinalDecision => {
  if (look.done) return { do: 'succeed', ours: earlierMayHaveActed(record) }
  if (look.changed) return { do: 'escalate', problem: changedProblem(look.changed, failure) }
  if (hasMoneyMoved(record, look)) return { do: 'escalate', problem: moneyMovedProblem(failure) }
  const why = refusalProblem(failure, look)
  // A no that no rule explains is no word about money that nobody can see.
  return {
    do: 'reject',
    problem:
      look.money === 'unseen' && why.cause === 'refused' ? { ...why, acted: 'unknown' } : why,
  }
}
