/** The one destructive call: the intent on the disk before the first byte, the call once, and the truth about its answer. */
import type { Call, Look } from '../adapter/adapter.ts'
import { CallFailure, type Failure } from '../adapter/failure.ts'
import { type Cancellation, memoOf } from '../model/cancellation.ts'
import type { Facts } from '../model/effect.ts'
import { reasonText } from '../model/request.ts'
import { decideRefused, isContradicted, moved, refusalProblem, sameDoubts, staleNote } from './decide.ts'
import { lookAt, readReply } from './look.ts'
import { conclude, contextOf, doubt, hindranceOf, type Job, reject, save, undo, unsent } from './settle.ts'
import { lateAfter, lookAgainMs } from './timing.ts'

/** The order again, with the traces of our call looked for. */
const seeAgain = ({ store, line, deed, record }: Job): Promise<Look> =>
  lookAt(store, line, deed, record.request.orderId, { request: record.request, sent: true, byCustomer: record.byCustomer, memo: record.memo })

const NOTE_FAILED = 'not sent: the reason could not be written'
/** So often a note that must come first may fail before the cancel goes on without it: the reason is for the record only. */
const NOTE_TRIES = 2
/** So often a cancel that carries the reason may end in the same doubt before it goes without. */
const REASON_TRIES = 2

/** What is sent in the place of a reason that the platform does not take. */
const withoutText = (record: Cancellation): Cancellation['request'] => ({ ...record.request, reason: null })

/** Whether the cancel goes without the text of the reason: it was refused, or the same call with it failed the same way again and again. */
const leavesReasonOut = ({ deed, record }: Job, withReason: Call<unknown>, without: Call<unknown>): boolean => {
  if (record.withoutReason) return true
  const carries = !deed.prepare && JSON.stringify(withReason.body) !== JSON.stringify(without.body)
  return carries && sameDoubts(record) >= REASON_TRIES
}

/** Writes the note that must come first. Null: the attempt is over, nothing was sent. */
const prepare = async (job: Job, context: ReturnType<typeof contextOf>): Promise<Pick<Parameters<typeof conclude>[3] & object, 'extra' | 'noted'> | null> => {
  const { deed, line, record } = job
  if (!deed.prepare || reasonText(record.request) === null) return {}
  try {
    await deed.prepare(line, context)
    return {}
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    const { failure } = error
    const failed: Partial<Facts> = { reason: { done: 'failed', basis: 'reported', detail: `Writing the note of the reason ended with: ${failure.result}.` } }
    if (failure.kind === 'refused') return { extra: { reason: { done: 'failed', basis: 'reported', detail: 'The platform refused the note of the reason.' } } }
    const tries = record.attempts.filter(({ result }) => result === NOTE_FAILED).length
    if (tries < NOTE_TRIES) {
      await unsent(job, { ...failure, result: NOTE_FAILED }, 0)
      return null
    }
    return { noted: failed }
  }
}

/** Steps 8 to 14. Resolves as `save` does. */
export const send = async (job: Job, before: Look): Promise<boolean> => {
  const { shop, store, line, deed, record } = job
  const full = contextOf(job, before.order, memoOf(record, before.memo ?? null))
  const bare = { ...full, request: withoutText(record) }
  const withoutReason = record.request.reason !== null && leavesReasonOut(job, deed.cancel(full), deed.cancel(bare))
  const context = withoutReason ? bare : full
  const call = deed.cancel(context)
  const isLate = lateAfter(shop.timing.sendWindowMs)
  const wakeAt = shop.now() + shop.timing.longestCallMs
  if (!await save(job, { type: 'send', call: `${call.method} ${call.path}`, order: before.order, memo: full.memo, wakeAt, withoutReason }, wakeAt + store.settleMs)) return false
  shop.seam('intended')
  const note = await prepare(job, context)
  if (note === null) return true
  if (deed.prepare && reasonText(record.request) !== null) shop.seam('prepared')
  const started = performance.now()
  const took = () => Math.round(performance.now() - started)
  let answer: { reply: unknown, result: string }
  try {
    answer = await line.perform(call, isLate)
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    shop.seam('performed')
    const { failure } = error
    if (failure.kind === 'unsent') return unsent(job, failure, took())
    if (failure.kind === 'doubt') return doubt(job, { result: failure.result, ms: took() }, store.settleMs, { hindrance: hindranceOf(failure) })
    return refused(job, failure, took())
  }
  const result = { result: answer.result, ms: took() }
  // From here on its own word stands: a cache may show the order as it was for as long as it likes.
  const word = deed.says?.(context, answer.reply) === false ? undefined : 'canceled' as const
  shop.seam('performed')
  let look: Look
  try {
    look = readReply(store, deed, context, answer.reply) ?? await seeAgain(job)
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    return doubt(job, result, lookAgainMs(0, store.settleMs), { word, hindrance: hindranceOf(error.failure) })
  }
  shop.seam('confirmed')
  if (!look.done) return doubt(job, result, word ? lookAgainMs(0, store.settleMs) : store.settleMs, { word })
  return conclude(job, { do: 'succeed', ours: true }, look, { reply: { body: answer.reply }, result, ...note })
}

/** After an explicit no: an error is not “nothing happened”, so the order is looked at again. */
const refused = async (job: Job, failure: Failure, ms: number): Promise<boolean> => {
  const { shop, store, record } = job
  const result = { result: failure.result, ms }
  const word = failure.saysCanceled ? 'canceled_already' as const : undefined
  let look: Look
  try {
    look = await seeAgain(job)
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    const again = error.failure
    if (again.kind === 'refused' && again.code === failure.code && failure.code === 'platform-credentials') return reject(job, refusalProblem(failure, null), { via: 'reply', result, note: staleNote(record, store) })
    return doubt(job, result, lookAgainMs(0, store.settleMs), { word, refusal: word ? undefined : refusalProblem(failure, null), hindrance: hindranceOf(again) })
  }
  shop.seam('confirmed')
  if (word && !look.done) return doubt(job, result, lookAgainMs(0, store.settleMs), { word })
  if (failure.aboutReason && !record.withoutReason && record.request.reason !== null && !look.done && !moved(record, look)) {
    return unsent(job, failure, ms, { atOnce: true, withoutReason: true })
  }
  const why = refusalProblem(failure, look)
  if (isContradicted(why, look)) return doubt(job, result, lookAgainMs(0, store.settleMs), { refusal: why })
  const decision = decideRefused(record, look, failure)
  const note = decision.do === 'reject' ? await undo(job, look) : undefined
  return conclude(job, decision, look, { result, note })
}
