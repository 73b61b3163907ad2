/** Every way in which a record can be left: put off, settled, or handed to a person. */
import type { Aftermath, Look, Running } from '../../adapter/contract.ts'
import { CallFailure, type Failure } from '../../adapter/failure.ts'
import { predict } from '../../model/capability.ts'
import {
  type Hindrance,
  isRetried,
  isRunning,
  type LeftOut,
  type Via,
  type Word,
} from '../../model/cancellation.ts'
import type { Result } from '../../model/transitions.ts'
import { type Facts, hasMoved, report, skipped, UNKNOWN } from '../../model/effect.ts'
import type { Problem } from '../../model/problem.ts'
import { reasonText } from '../../model/request.ts'
import { sameText } from '../../model/text.ts'
import {
  beforeOf,
  cannotTell,
  type FinalDecision,
  hasMoneyMoved,
  stillOpen,
  withoutToken,
  WORD,
} from './decide.ts'
import { ofAPart, withoutWay } from './foretell.ts'
import { contextOf, endOf, hindranceOf, isOver, type Job, save } from './job.ts'
import { giveUpAt, lookAgainMs, resendMs } from './timing.ts'

// oxlint-disable-next-line typescript/no-explicit-any
const aftermath = (job: Job, look: Look, reply: unknown): Aftermath<any> => {
  const { raw: _, ...seen } = look
  return { ...contextOf(job, beforeOf(job.record, look)), look: seen, reply }
}

const successFacts = (
  job: Job,
  look: Look,
  noted: Partial<Facts>,
  reply?: { readonly body: unknown },
): Facts =>
  ofAPart(
    withoutWay(
      job.store.capabilities,
      {
        // A job that the platform began for our call did what that call said.
        ...predict(
          job.store.capabilities,
          job.record.request,
          reply !== undefined || isRunning(job.record),
        ),
        order: { done: 'yes', basis: 'confirmed' },
        ...noted,
        ...job.operation.facts?.(aftermath(job, look, reply?.body ?? null)),
      },
      beforeOf(job.record, look),
      look.order,
    ),
    look.order,
  )

const lost = (job: Job, look: Look): Partial<Facts> => {
  const { payment, restock } = job.operation.facts?.(aftermath(job, look, null)) ?? {}
  return {
    order: { done: 'failed', basis: 'confirmed' },
    ...(payment && { payment }),
    ...(look.changed && restock && { restock }),
  }
}

/** Hands the record to a person. What was read back before stays in its report. */
export const escalate = (
  job: Job,
  why: Problem,
  { look, result }: { look?: Look | undefined; result?: Result | undefined } = {},
): Promise<boolean> => {
  const { record } = job
  const facts = {
    ...UNKNOWN,
    ...(look && why.acted === 'yes' && lost(job, look)),
    ...(record.word && { order: WORD }),
  }
  return save(job, {
    type: 'escalate',
    problem: hasMoved(record.effects) ? { ...why, acted: 'yes' } : why,
    order: look?.order ?? record.order,
    result,
    effects: report(record.request, facts),
  })
}

export const reject = (
  job: Job,
  why: Problem,
  {
    via = null,
    result,
    look,
    note,
  }: {
    via?: Via | null
    result?: Result | undefined
    look?: Look | undefined
    note?: string | undefined
  } = {},
): Promise<boolean> => {
  const { record } = job
  // Neither after a call that is still open for a person, nor against the platform's own word, nor
  // unlooked where an earlier call may have done it.
  const isOpen = (result ? record.attempts.slice(0, -1) : record.attempts).some(
    ({ unsent }) => !unsent,
  )
  if (isRetried(record) || record.word || (isOpen && !look))
    return escalate(job, stillOpen(why, look !== undefined && hasMoneyMoved(record, look)), {
      look,
      result,
    })
  return save(job, {
    type: 'reject',
    problem: why,
    via,
    order: look?.order ?? record.order,
    result,
    effects: skipped(record.request, { reason: note }),
  })
}

/** What may come after the cancel: whether its reply told us of it or a look. */
const runAfterHook = async (
  job: Job,
  look: Look,
  reply?: { readonly body: unknown },
): Promise<Partial<Facts>> => {
  if (!job.operation.after) return {}
  try {
    return await job.operation.after(job.client, aftermath(job, look, reply?.body ?? null))
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    const done = error.failure.kind === 'doubt' ? 'unknown' : 'failed'
    return {
      reason: {
        done,
        basis: 'reported',
        detail:
          'The order is canceled, but writing the note of the reason ended with: ' +
          `${error.failure.result}.`,
      },
    }
  } finally {
    job.deps.failpoint('followed')
  }
}

/** Takes our note back after a refusal; what to tell of it where that failed. */
export const undo = async (job: Job, look: Look): Promise<string | undefined> => {
  const ours = reasonText(job.record.request)
  if (!job.operation.undo || ours === null) return undefined
  // Somebody wrote another one since: theirs stays.
  const { reason: shown } = look.order
  if (
    shown !== null &&
    !sameText(shown, ours) &&
    !sameText(shown, beforeOf(job.record, look).reason)
  )
    return undefined
  try {
    return void (await job.operation.undo(job.client, contextOf(job, beforeOf(job.record, look))))
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    // Read after the refusal, the order shows whether there is one; what an older answer shows is
    // no proof that there is none.
    return sameText(look.order.reason, reasonText(job.record.request))
      ? 'The note of the reason could not be taken back and stays with the order.'
      : 'The note of the reason may be with the order: taking it back ended with: ' +
          `${error.failure.result}.`
  }
}

/** How the reason went that the platform does not take. */
const leftOut = ({ record }: Job): Partial<Facts> => {
  if (!record.withoutReason) return {}
  const { reason, reasonCode } = record.request
  return {
    reason:
      reason !== null && reasonCode !== null && record.withoutReason === 'text'
        ? {
            done: 'partial',
            basis: 'reported',
            detail: 'The platform does not take the text of the reason; only its code was sent.',
          }
        : {
            done: 'failed',
            basis: 'reported',
            detail:
              'The platform does not take the text of the reason; the order was canceled ' +
              'without it.',
          },
  }
}

/**
 * A note that was refused now may have been written at an earlier try: what the order shows is
 * kept.
 */
const unlessShown = (facts: Facts, extra: Partial<Facts> = {}): Facts =>
  facts.reason.done === 'yes' && facts.reason.basis === 'confirmed' ? facts : { ...facts, ...extra }

export interface End {
  /** The platform's own yes. */
  readonly reply?: { readonly body: unknown }
  readonly result?: Result | undefined
  /**
   * What is known of the note of the reason, and outweighs what the adapter makes of the order, but
   * where that shows it.
   */
  readonly extra?: Partial<Facts>
  /** The same, where the order shows it better. */
  readonly noted?: Partial<Facts>
  readonly note?: string | undefined
}

/** Acts on a decision that ends the attempt. */
export const settle = async (
  job: Job,
  decision: FinalDecision,
  look: Look,
  { reply, result, extra, noted = {}, note }: End = {},
): Promise<boolean> => {
  const { record } = job
  switch (decision.do) {
    case 'succeed': {
      const effects = decision.ours
        ? report(record.request, {
            ...unlessShown(successFacts(job, look, noted, reply), extra),
            ...(await runAfterHook(job, look, reply)),
            ...leftOut(job),
          })
        : skipped(record.request)
      return save(job, {
        type: 'succeed',
        via: reply ? 'reply' : 'reconciled',
        alreadyCanceled: !decision.ours,
        effects,
        order: look.order,
        result,
      })
    }
    case 'reject':
      return reject(job, decision.problem, {
        via: result ? 'reply' : 'reconciled',
        result,
        look,
        note,
      })
    case 'escalate':
      return escalate(job, decision.problem, { look, result })
    case 'wait': {
      // Against the platform’s own word nothing but the end is waited for.
      const wakeAt = record.word ? Math.min(decision.until, endOf(job)) : decision.until
      return save(job, { type: 'wait', unchanged: decision.unchanged, wakeAt }, wakeAt)
    }
  }
}

/**
 * A look failed: again soon, or when told to where it was turned away unread; until the time is up.
 */
export const wait = (job: Job, failure: Failure): Promise<boolean> => {
  const { deps, store, record } = job
  if (isOver(job)) return escalate(job, cannotTell(record, failure))
  if (record.status === 'accepted' && record.byCustomer) return reject(job, withoutToken(record))
  const pause =
    failure.kind === 'unsent' && failure.retryAfterMs
      ? failure.retryAfterMs
      : Math.max(lookAgainMs(record.tries, store.settleMs), failure.retryAfterMs ?? 0)
  const wakeAt = Math.min(deps.now() + pause, endOf(job))
  // A job that nobody could ask for is still at work: what shares its lock goes on waiting.
  const hold = isRunning(record) ? wakeAt : undefined
  return save(
    job,
    { type: 'wait', unchanged: false, wakeAt, hindrance: hindranceOf(failure) },
    hold,
  )
}

/** Nothing stands in the way: a person is asked, and until its end there is no further look. */
export const askApproval = (job: Job, { order }: Look): Promise<boolean> =>
  save(job, { type: 'ask', order, wakeAt: job.record.deadlineAt })

/**
 * The platform has taken the call and is at it: looked at again when it may be over, and until then
 * nobody else may work on what shares its lock.
 */
export const awaitJob = (
  job: Job,
  { memo, lookInMs, says }: Running,
  ms: number,
): Promise<boolean> => {
  const { deps, store, record } = job
  const pause = Math.max(
    lookInMs,
    lookAgainMs(record.running ? record.tries + 1 : 0, store.settleMs),
  )
  const wakeAt = Math.min(deps.now() + pause, giveUpAt(record, deps.timing))
  return save(
    job,
    { type: 'running', running: { memo }, result: { result: says, ms }, wakeAt },
    wakeAt,
  )
}

/** Provably not processed: again later, with what was in the way. */
export const unsent = (
  job: Job,
  failure: Failure,
  ms: number,
  {
    atOnce = false,
    withoutReason,
  }: { readonly atOnce?: boolean; readonly withoutReason?: LeftOut | undefined } = {},
): Promise<boolean> => {
  const { deps, record } = job
  const result = { result: failure.result, ms, unsent: true }
  if (record.byCustomer)
    return reject(job, withoutToken({ ...record, attempts: record.attempts.slice(0, -1) }), {
      result,
    })
  const pause = atOnce
    ? 0
    : Math.max(resendMs(record.tries, deps.random), failure.retryAfterMs ?? 0)
  return save(job, {
    type: 'unsent',
    result,
    wakeAt: Math.min(deps.now() + pause, record.deadlineAt),
    hindrance: hindranceOf(failure),
    withoutReason,
  })
}

/**
 * Until then nobody else may work on what shares this lock: the platform may still be busy with our
 * call.
 */
export const doubt = (
  job: Job,
  result: Result | undefined,
  pauseMs: number,
  more: {
    readonly refusal?: Problem | undefined
    readonly word?: Word | undefined
    readonly hindrance?: Hindrance | undefined
  } = {},
): Promise<boolean> => {
  const wakeAt = job.deps.now() + pauseMs
  return save(job, { type: 'doubt', result, wakeAt, ...more }, wakeAt)
}
