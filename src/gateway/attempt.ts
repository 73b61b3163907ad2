/** The way of one cancellation: lease, look, decide, write down the intent, ask once, look again, settle. */
import type { Aftermath, Context, Look } from '../adapter/adapter.ts'
import type { Line } from '../adapter/connection.ts'
import { CallFailure, type Failure } from '../adapter/failure.ts'
import type { Store } from '../adapter/store.ts'
import type { Lease, Ledger } from '../ledger/ledger.ts'
import { predict } from '../model/capability.ts'
import { type Cancellation, type Event, isRetried, mayHaveActed, type Result, type Status, transition, type Via } from '../model/cancellation.ts'
import { type Facts, report, skipped, UNKNOWN } from '../model/effect.ts'
import type { Order } from '../model/order.ts'
import type { Problem } from '../model/problem.ts'
import { reasonText } from '../model/request.ts'
import { beforeOf, cannotTell, decide, decideRefused, deedOf, type Ending, expired, moved, refusalProblem, staleNote, stillOpen, withoutToken } from './decide.ts'
import { giveUpAt, lateAfter, lookAgainMs, resendMs, type Timing } from './timing.ts'

/** The seams between two steps: where a crash must do no harm. Tests kill the process at each. */
export const SEAMS = ['claimed', 'leased', 'looked', 'intended', 'prepared', 'performed', 'confirmed', 'followed', 'settled'] as const
export type Seam = (typeof SEAMS)[number]

export interface Workshop {
  readonly ledger: Ledger
  readonly timing: Timing
  readonly now: () => number
  readonly random: () => number
  /** What the order shares its fate with; resolved once, it never changes. */
  readonly lockKey: (store: Store, line: Store['line'], orderId: string) => Promise<string>
  /** Called at every seam. */
  readonly seam: (name: Seam) => void
  /** Told of every record that was saved, and of what it was before. */
  readonly saved: (record: Cancellation, before: Status) => void
  /** Told of what should never happen: a fault of ours, or of an adapter. */
  readonly fault: (error: unknown, record: Cancellation) => void
}

type Change = Event extends infer One ? One extends Event ? Omit<One, 'at'> : never : never

/**
 * Works a record until it is at rest or must wait. Never rejects for a platform's fault; what it could not
 * finish, because the process or the ledger failed, is due again when its lease ends; null tells of it, else it is the record as it was left.
 */
export const attempt = async (shop: Workshop, store: Store, claimed: Cancellation, customerToken: string | null): Promise<Cancellation | null> => {
  // oxlint-disable-next-line typescript/no-explicit-any
  const line: Line<any> = customerToken === null ? store.line : store.line.withCustomer(customerToken)
  const deed = deedOf(store, claimed)
  let record = claimed
  let lease: Lease | null = null

  /** Saves the next state; false: somebody else wrote in between, so this attempt is over. */
  const save = async (change: Change, hold?: number): Promise<boolean> => {
    const next = transition(record, { ...change, at: shop.now() } as Event)
    const saved = await shop.ledger.save(next, lease ?? undefined, hold)
    if (!saved) return false
    shop.saved(saved, record.status)
    record = saved
    return true
  }

  /** A look failed: again soon, or when told to where it was turned away unread; until the time is up. */
  const wait = async (failure: Failure) => {
    const doubtful = record.status === 'in_doubt'
    if (isOver()) return alarm(cannotTell())
    if (!doubtful && record.byCustomer) return reject(withoutToken())
    const pause = failure.kind === 'unsent' && failure.retryAfterMs ? failure.retryAfterMs : Math.max(lookAgainMs(record.tries, store.settleMs), failure.retryAfterMs ?? 0)
    return save({ type: 'wait', unchanged: false, wakeAt: Math.min(shop.now() + pause, doubtful ? giveUpAt(record, shop.timing) : record.deadlineAt) })
  }

  /** In doubt for so long that a person must look. */
  const isOver = () => record.status === 'in_doubt' && shop.now() >= giveUpAt(record, shop.timing)

  const alarm = (why: Problem, { look, result }: { look?: Look | undefined, result?: Result | undefined } = {}) => save({
    type: 'alarm', problem: why, order: look?.order ?? record.order, result,
    effects: report(record.request, { ...UNKNOWN, ...(look && why.acted === 'yes' && wentOut(look)) }),
  })

  const reject = (why: Problem, { via = null, result, look, note }: { via?: Via | null, result?: Result | undefined, look?: Look, note?: string | undefined } = {}) =>
    isRetried(record) ? alarm(stillOpen(why, look !== undefined && moved(record, look)), { look, result }) : save({
      type: 'reject', problem: why, via, order: look?.order ?? record.order, result, effects: skipped(record.request, { reason: note }),
    })

  /** Acts on a decision that ends the attempt. `reply`: the platform's own yes. */
  const conclude = async (decision: Ending, look: Look, end: { reply?: { readonly body: unknown }, result?: Result, extra?: Partial<Facts>, note?: string | undefined } = {}) => {
    const { reply, result, extra, note } = end
    switch (decision.do) {
      case 'succeed': {
        const effects = decision.ours ? report(record.request, { ...happened(look, reply), ...extra, ...await follow(look, reply) }) : skipped(record.request)
        return save({ type: 'succeed', via: reply ? 'reply' : 'reconciled', alreadyCanceled: !decision.ours, effects, order: look.order, result })
      }
      case 'reject':
        return reject(decision.problem, { via: result ? 'reply' : 'reconciled', result, look, note })
      case 'alarm':
        return alarm(decision.problem, { look, result })
      case 'wait':
        return save({ type: 'wait', unchanged: decision.unchanged, wakeAt: decision.until }, decision.until)
    }
  }

  const happened = (look: Look, reply?: { readonly body: unknown }): Facts => ({
    ...predict(store.capabilities, record.request, reply !== undefined),
    order: { done: 'yes', basis: 'confirmed' },
    ...deed.facts?.(aftermath(look, reply?.body ?? null)),
  })
  const wentOut = (look: Look): Partial<Facts> => {
    const { payment } = deed.facts?.(aftermath(look, null)) ?? {}
    return { order: { done: 'failed', basis: 'confirmed' }, ...(payment && { payment }) }
  }
  // oxlint-disable-next-line typescript/no-explicit-any
  const aftermath = (look: Look, reply: unknown): Aftermath<any> => ({ ...context(beforeOf(record, look)), look, reply })
  // oxlint-disable-next-line typescript/no-explicit-any
  const context = (before: Order, memo = record.memo): Context<any> => ({ settings: line.settings, request: record.request, byCustomer: record.byCustomer, before, memo })
  const see = (sent: boolean) => deed.look(line, record.request.orderId, { request: record.request, sent, byCustomer: record.byCustomer, memo: record.memo })

  /** What may come after the cancel: whether its reply told us of it or a look. */
  const follow = async (look: Look, reply?: { readonly body: unknown }): Promise<Partial<Facts>> => {
    if (!deed.after) return {}
    try {
      return await deed.after(line, aftermath(look, reply?.body ?? null))
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      const done = error.failure.kind === 'doubt' ? 'unknown' : 'failed'
      return { reason: { done, basis: 'reported', detail: `The order is canceled, but writing the note of the reason ended with: ${error.failure.result}.` } }
    } finally {
      shop.seam('followed')
    }
  }

  /** Takes our note back after a refusal; what to tell of it where that failed. */
  const undo = async (look: Look): Promise<string | undefined> => {
    if (!deed.undo || reasonText(record.request) === null) return undefined
    try {
      return void await deed.undo(line, context(beforeOf(record, look)))
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      return 'The note of the reason could not be taken back and stays with the order.'
    }
  }

  /** Steps 8 to 14: the intent on the disk, then the one destructive call, then the truth about it. */
  const send = async (before: Look) => {
    const told = context(before.order, record.memo ?? before.memo ?? null)
    const call = deed.cancel(told)
    const isLate = lateAfter(shop.timing.sendWindowMs)
    const wakeAt = shop.now() + shop.timing.longestCallMs
    if (!await save({ type: 'send', call: `${call.method} ${call.path}`, order: before.order, memo: told.memo, wakeAt }, wakeAt + store.settleMs)) return false
    shop.seam('intended')
    let noted: Partial<Facts> = {}
    if (deed.prepare && reasonText(record.request) !== null) {
      try {
        await deed.prepare(line, told)
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error
        if (error.failure.kind !== 'refused') return unsent({ ...error.failure, result: 'not sent: the reason could not be written' }, 0)
        noted = { reason: { done: 'failed', basis: 'reported', detail: 'The platform refused the note of the reason.' } }
      }
      shop.seam('prepared')
    }
    const started = performance.now()
    const took = () => Math.round(performance.now() - started)
    let answer: { reply: unknown, result: string }
    try {
      answer = await line.perform(call, isLate)
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      shop.seam('performed')
      const { failure } = error
      if (failure.kind === 'unsent') return unsent(failure, took())
      if (failure.kind === 'doubt') return doubt({ result: failure.result, ms: took() }, store.settleMs)
      return refused(failure, took())
    }
    const result = { result: answer.result, ms: took() }
    shop.seam('performed')
    let look: Look
    try {
      look = deed.read?.(told, answer.reply) ?? await see(true)
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      return doubt(result, lookAgainMs(0, store.settleMs))
    }
    shop.seam('confirmed')
    if (!look.done) return doubt(result, store.settleMs)
    return conclude({ do: 'succeed', ours: true }, look, { reply: { body: answer.reply }, result, extra: noted })
  }

  const unsent = async (failure: Failure, ms: number) => {
    const result = { result: failure.result, ms, unsent: true }
    if (record.byCustomer) return reject(withoutToken(), { result })
    const pause = Math.max(resendMs(record.tries, shop.random), failure.retryAfterMs ?? 0)
    return save({ type: 'unsent', result, wakeAt: Math.min(shop.now() + pause, record.deadlineAt) })
  }

  /** Until then nobody else may work on what shares this lock: the platform may still be busy with our call. */
  const doubt = (result: Result | undefined, pauseMs: number, refusal?: Problem) => {
    const wakeAt = shop.now() + pauseMs
    return save({ type: 'doubt', result, refusal, wakeAt }, wakeAt)
  }

  const refused = async (failure: Failure, ms: number) => {
    const result = { result: failure.result, ms }
    let look: Look
    try {
      look = await see(true)
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      if (error.failure.code === failure.code && failure.code === 'platform-credentials') return reject(refusalProblem(failure, null), { via: 'reply', result, note: staleNote(record, store) })
      return doubt(result, lookAgainMs(0, store.settleMs), refusalProblem(failure, null))
    }
    shop.seam('confirmed')
    const decision = decideRefused(record, look, failure)
    const note = decision.do === 'reject' ? await undo(look) : undefined
    return conclude(decision, look, { result, note })
  }

  const work = async () => {
    if (record.status === 'accepted' && shop.now() >= record.deadlineAt) return reject(expired(record), { note: staleNote(record, store) })
    // Whoever was sending is gone. Its call may still land, and until then its lease keeps everybody away.
    if (record.status === 'sending') return doubt(undefined, store.settleMs)
    let look: Look
    try {
      const lockKey = await shop.lockKey(store, line, record.request.orderId)
      const taken = await shop.ledger.lease(record, lockKey, shop.timing.longestCallMs)
      if (typeof taken === 'string') return taken
      lease = taken
      shop.seam('leased')
      look = await see(mayHaveActed(record))
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      const { code } = error.failure
      if (record.status === 'accepted' && (code === 'platform-credentials' || code === 'order-not-found')) return reject(refusalProblem(error.failure, null), { via: 'reconciled', note: staleNote(record, store) })
      return wait(error.failure)
    }
    shop.seam('looked')
    const decision = decide(record, look, store, shop.now(), shop.timing.longestCallMs)
    if ((decision.do === 'send' || decision.do === 'wait') && isOver()) return alarm(cannotTell(), { look })
    if (decision.do === 'send') return record.byCustomer && customerToken === null ? reject(withoutToken(), { look }) : send(look)
    const note = decision.do === 'reject' && record.attempts.length > 0 ? await undo(look) : undefined
    return conclude(decision, look, { note })
  }

  try {
    const outcome = await work()
    shop.seam('settled')
    // Where a call went out the lease runs its time: the platform may still be busy with it.
    if (lease && outcome === false && record.status !== 'sending') await shop.ledger.release(lease)
    return record
  } catch (error) {
    shop.fault(error, record)
    // A fault that comes back every time must not keep the doubt from a person.
    if (isOver()) await alarm(cannotTell()).catch((second: unknown) => shop.fault(second, record))
    return null
  }
}
