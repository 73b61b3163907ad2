/**
 * The one destructive call: the intent on the disk before the first byte, the call once, and the
 * truth about its answer.
 */
import type { Call, Context, Look } from '../../adapter/contract.ts'
import { CallFailure, type Failure } from '../../adapter/failure.ts'
import type { Cancellation, LeftOut } from '../../model/cancellation.ts'
import { memoOf, type Result } from '../../model/transitions.ts'
import type { Facts } from '../../model/effect.ts'
import { reasonText } from '../../model/request.ts'
import {
  decideRefused,
  isContradicted,
  hasMoneyMoved,
  refusalProblem,
  sameDoubts,
  staleNote,
} from './decide.ts'
import { lookAt, readReply } from './look.ts'
import { awaitJob, doubt, type End, reject, settle, undo, unsent } from './settle.ts'
import { contextOf, hindranceOf, type Job, save } from './job.ts'
import { lateAfter, lookAgainMs } from './timing.ts'

/** The order again, with the traces of our call looked for. */
const inspectAgain = ({ store, client, operation, record }: Job): Promise<Look> =>
  lookAt(store, client, operation, record.request.orderId, {
    request: record.request,
    sent: true,
    byCustomer: record.byCustomer,
    memo: record.memo,
  })

const NOTE_FAILED = 'not sent: the reason could not be written'
/**
 * So often a note that must come first may fail before the cancel goes on without it: the reason is
 * for the record only.
 */
const NOTE_TRIES = 2
/** The word of an attempt whose time was over before its cancel left. */
const TOO_LATE = 'not sent: too late'
/** The same where not even its note had left: the next try writes it. */
const HELD_UP: Failure = {
  kind: 'unsent',
  code: 'platform-unavailable',
  cause: null,
  detail: 'The gateway was held up before anything of it was sent.',
  result: 'not sent: held up',
  upstream: null,
  retryAfterMs: null,
}
/** So often a cancel that carries the reason may end in the same doubt before it goes without. */
const REASON_TRIES = 2

/** What is sent in the place of a reason that the platform does not take. */
const without = ({ request }: Cancellation, left: LeftOut | undefined): Cancellation['request'] =>
  left === undefined
    ? request
    : { ...request, reason: null, ...(left === 'all' && { reasonCode: null }) }

/**
 * What is left out next where the reason is refused as it was sent: first its text, then its code,
 * whose label is a text too. Undefined: nothing is left.
 */
const nextLeftOut = ({ request, withoutReason }: Cancellation): LeftOut | undefined => {
  if (withoutReason === undefined && request.reason !== null) return 'text'
  return withoutReason !== 'all' && request.reasonCode !== null ? 'all' : undefined
}

/**
 * What the cancel goes without: what was refused before, or the text, where the same call with it
 * failed the same way again and again.
 */
const leftOut = (
  { operation, record }: Job,
  callOf: (left: LeftOut | undefined) => Call<unknown>,
): LeftOut | undefined => {
  if (record.withoutReason !== undefined || record.request.reason === null || operation.prepare)
    return record.withoutReason
  const carries = JSON.stringify(callOf(undefined).body) !== JSON.stringify(callOf('text').body)
  return carries && sameDoubts(record) >= REASON_TRIES ? 'text' : undefined
}

/** What is known of the note of the reason. */
type Note = Pick<End, 'extra' | 'noted'>

/** Writes the note that must come first. Null: the attempt is over, nothing was sent. */
const prepare = async (
  job: Job,
  context: ReturnType<typeof contextOf>,
  isLate: () => boolean,
): Promise<Note | null> => {
  const { operation, client, record } = job
  if (!operation.prepare || reasonText(record.request) === null) return {}
  // Who slept over its intent has lost its lease: somebody else may have ended the record, and
  // taken back a note that this one would write anew.
  if (isLate()) {
    await unsent(job, HELD_UP, 0)
    return null
  }
  // A note that ate the time of its cancel would do so again.
  if (record.tries > 0 && record.attempts.at(-2)?.result === TOO_LATE)
    return {
      noted: {
        reason: {
          done: 'failed',
          basis: 'reported',
          detail: 'Writing the note of the reason took too long.',
        },
      },
    }
  try {
    await operation.prepare(client, context)
    return {}
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    const { failure } = error
    const failed: Partial<Facts> = {
      reason: {
        done: 'failed',
        basis: 'reported',
        detail: `Writing the note of the reason ended with: ${failure.result}.`,
      },
    }
    if (failure.kind === 'refused')
      return {
        extra: {
          reason: {
            done: 'failed',
            basis: 'reported',
            detail: 'The platform refused the note of the reason.',
          },
        },
      }
    const tries = record.attempts.filter(({ result }) => result === NOTE_FAILED).length
    if (tries < NOTE_TRIES) {
      // A rest that the platform asked for is kept by the store's gate; the cancel is not put off
      // to its deadline for a note.
      await unsent(job, { ...failure, result: NOTE_FAILED, retryAfterMs: null }, 0)
      return null
    }
    return { noted: failed }
  }
}

/** The destructive call of one attempt, and what it is sent with. */
interface Attempt {
  readonly call: Call<unknown>
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly context: Context<any>
  readonly withoutReason: LeftOut | undefined
}

const attemptOf = (job: Job, before: Look): Attempt => {
  const { operation, record } = job
  const memo = memoOf(record, before.memo ?? null)
  const full = { ...contextOf(job, before.order, memo), found: before.found }
  const contextFor = (left: LeftOut | undefined) => ({ ...full, request: without(record, left) })
  const withoutReason = leftOut(job, (left) => operation.cancel(contextFor(left)))
  const context = contextFor(withoutReason)
  return { call: operation.cancel(context), context, withoutReason }
}

/** The intent, on the disk before the first byte. False: somebody else wrote in between. */
const intend = async (
  job: Job,
  before: Look,
  { call, context, withoutReason }: Attempt,
): Promise<boolean> => {
  const { deps, store } = job
  const wakeAt = deps.now() + deps.timing.longestCallMs
  const type = 'send'
  const { memo } = context
  const sent = `${call.method} ${call.path}`
  const intent = { type, call: sent, order: before.order, memo, wakeAt, withoutReason } as const
  if (!(await save(job, intent, wakeAt + store.settleMs))) return false
  deps.failpoint('intended')
  return true
}

/** The platform refused, or nobody knows what it did. */
const failed = (job: Job, failure: Failure, ms: number): Promise<boolean> => {
  if (failure.kind === 'unsent') return unsent(job, failure, ms)
  if (failure.kind === 'refused') return refused(job, failure, ms)
  return doubt(job, { result: failure.result, ms }, job.store.settleMs, {
    hindrance: hindranceOf(failure),
  })
}

/** Steps 8 to 14. Resolves as `save` does. */
export const send = async (job: Job, before: Look): Promise<boolean> => {
  const { deps, client, operation, record } = job
  const isLate = lateAfter(deps.timing.sendWindowMs)
  const attempt = attemptOf(job, before)
  if (!(await intend(job, before, attempt))) return false
  const note = await prepare(job, attempt.context, isLate)
  if (note === null) return true
  if (operation.prepare && reasonText(record.request) !== null) deps.failpoint('prepared')
  const started = performance.now()
  const took = () => Math.round(performance.now() - started)
  let answer: Answer
  try {
    answer = await client.perform(attempt.call, isLate)
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    deps.failpoint('performed')
    return failed(job, error.failure, took())
  }
  return answered(job, attempt, answer, { result: answer.result, ms: took() }, note)
}

interface Answer {
  readonly reply: unknown
  readonly result: string
}

/** After success in the platform's own words: the truth is what the order shows. */
const answered = async (
  job: Job,
  { context }: Attempt,
  answer: Answer,
  result: Result,
  note: Note,
): Promise<boolean> => {
  const { deps, store, operation } = job
  // From here on its own word stands: a cache may show the order as it was for as long as it likes.
  // 202 is none (RFC 9110 15.3.3: “might or might not eventually be acted upon”).
  const word =
    answer.result === '202' || operation.says?.(context, answer.reply) === false
      ? undefined
      : ('canceled' as const)
  deps.failpoint('performed')
  let look: Look
  try {
    const proof = readReply(store, operation, context, answer.reply)
    if (proof && !('order' in proof)) return awaitJob(job, proof.running, result.ms)
    look = proof ?? (await inspectAgain(job))
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    return doubt(job, result, lookAgainMs(0, store.settleMs), {
      word,
      hindrance: hindranceOf(error.failure),
    })
  }
  deps.failpoint('confirmed')
  if (!look.done)
    return doubt(job, result, word ? lookAgainMs(0, store.settleMs) : store.settleMs, { word })
  return settle(job, { do: 'succeed', ours: true }, look, {
    reply: { body: answer.reply },
    result,
    ...note,
  })
}

/** After an explicit no: an error is not “nothing happened”, so the order is looked at again. */
const refused = async (job: Job, failure: Failure, ms: number): Promise<boolean> => {
  const { deps, store, record } = job
  const result = { result: failure.result, ms }
  const word = failure.saysCanceled ? ('canceled_already' as const) : undefined
  let look: Look
  try {
    look = await inspectAgain(job)
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    const again = error.failure
    if (
      again.kind === 'refused' &&
      again.code === failure.code &&
      failure.code === 'platform-credentials'
    )
      return reject(job, refusalProblem(failure, null), {
        via: 'reply',
        result,
        note: staleNote(record, store),
      })
    return doubt(job, result, lookAgainMs(0, store.settleMs), {
      word,
      refusal: word ? undefined : refusalProblem(failure, null),
      hindrance: hindranceOf(again),
    })
  }
  deps.failpoint('confirmed')
  if (word && !look.done) return doubt(job, result, lookAgainMs(0, store.settleMs), { word })
  const withoutReason = failure.aboutReason ? nextLeftOut(record) : undefined
  if (withoutReason && !look.done && !hasMoneyMoved(record, look))
    return unsent(job, failure, ms, { atOnce: true, withoutReason })
  const why = refusalProblem(failure, look)
  if (isContradicted(why, look))
    return doubt(job, result, lookAgainMs(0, store.settleMs), { refusal: why })
  const decision = decideRefused(record, look, failure)
  const note = decision.do === 'reject' ? await undo(job, look) : undefined
  return settle(job, decision, look, { result, note })
}
