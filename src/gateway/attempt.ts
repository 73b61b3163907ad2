/** The way of one cancellation: lease, look, decide, write down the intent, ask once, look again, settle. */
import type { Aftermath, Context, Deed, Look } from '../adapter/adapter.ts'
import type { Line } from '../adapter/connection.ts'
import { CallFailure, type Failure } from '../adapter/failure.ts'
import type { Store } from '../adapter/store.ts'
import type { Lease, Ledger } from '../ledger/ledger.ts'
import { predict } from '../model/capability.ts'
import { type Cancellation, type Event, type Result, transition, type Via } from '../model/cancellation.ts'
import { type Effects, type Facts, report, skipped } from '../model/effect.ts'
import { problem, type Problem } from '../model/problem.ts'
import { cannotTell, decide, decideRefused, type Ending, refusalProblem } from './decide.ts'
import { giveUpAt, lookAgainMs, resendMs, type Timing } from './timing.ts'

/** The seams between two steps: where a crash must do no harm. Tests kill the process at each. */
export const SEAMS = ['claimed', 'leased', 'looked', 'intended', 'prepared', 'performed', 'confirmed', 'followed', 'settled'] as const
export type Seam = (typeof SEAMS)[number]

export interface Workshop {
  readonly ledger: Ledger
  readonly timing: Timing
  readonly now: () => number
  readonly random: () => number
  /** Called at every seam. */
  readonly seam: (name: Seam) => void
  /** Told of every record that was saved. */
  readonly saved: (record: Cancellation) => void
  /** Told of what should never happen: a fault of ours, or of an adapter. */
  readonly fault: (error: unknown, record: Cancellation) => void
}

type Change = Event extends infer One ? One extends Event ? Omit<One, 'at'> : never : never

/**
 * Works a record until it is at rest or must wait. Never rejects for a platform's fault; what it could not
 * finish, because the process or the ledger failed, is due again when its lease ends.
 */
export const attempt = async (shop: Workshop, store: Store, claimed: Cancellation, customerToken: string | null): Promise<void> => {
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
    record = saved
    shop.saved(saved)
    return true
  }

  const wait = async (failure?: Failure) => {
    if (record.status === 'in_doubt') {
      if (shop.now() >= giveUpAt(record, shop.timing)) return save({ type: 'alarm', problem: cannotTell(), effects: unknown(), order: record.order })
      return save({ type: 'wait', unchanged: false, wakeAt: Math.min(shop.now() + lookAgainMs(record.tries, store.settleMs), giveUpAt(record, shop.timing)) })
    }
    if (record.byCustomer) return reject(withoutToken())
    const pause = Math.max(lookAgainMs(record.tries, store.settleMs), failure?.retryAfterMs ?? 0)
    return save({ type: 'wait', unchanged: false, wakeAt: Math.min(shop.now() + pause, record.deadlineAt) })
  }

  const unknown = (): Effects => report(record.request, all({ done: 'unknown', basis: 'none' }))

  const reject = (why: Problem, { via = null, result, look, note }: { via?: Via | null, result?: Result | undefined, look?: Look, note?: string | undefined } = {}) => save({
    type: 'reject', problem: why, via, order: look?.order ?? record.order, result, effects: skipped(record.request, note === undefined ? {} : { reason: note }),
  })

  /** Acts on a decision that ends the attempt. */
  const conclude = (decision: Ending, look: Look, end: { reply?: unknown, result?: Result, extra?: Partial<Facts>, note?: string | undefined } = {}) => {
    const { reply = null, result, extra = {}, note } = end
    switch (decision.do) {
      case 'succeed': {
        const effects = decision.ours ? report(record.request, { ...happened(record, look, reply), ...extra }) : skipped(record.request, note === undefined ? {} : { reason: note })
        return save({ type: 'succeed', via: reply === null ? 'reconciled' : 'reply', alreadyCanceled: !decision.ours, effects, order: look.order, result })
      }
      case 'reject':
        return reject(decision.problem, { via: result ? 'reply' : 'reconciled', result, look, note })
      case 'alarm':
        return save({
          type: 'alarm', problem: decision.problem, order: look.order, result,
          effects: report(record.request, { ...all({ done: 'unknown', basis: 'none' }), ...(decision.problem.acted === 'yes' && moved(record, look)) }),
        })
      case 'wait':
        return save({ type: 'wait', unchanged: decision.unchanged, wakeAt: decision.until }, decision.until)
    }
  }

  const happened = (was: Cancellation, look: Look, reply: unknown): Facts => ({
    ...predict(store.capabilities, was.request, reply !== null),
    order: { done: 'yes', basis: 'confirmed' },
    ...deed.facts?.(aftermath(was, look, reply)),
  })
  const moved = (was: Cancellation, look: Look): Partial<Facts> => {
    const { payment } = deed.facts?.(aftermath(was, look, null)) ?? {}
    return { order: { done: 'failed', basis: 'confirmed' }, ...(payment && { payment }) }
  }
  // oxlint-disable-next-line typescript/no-explicit-any
  const aftermath = (was: Cancellation, look: Look, reply: unknown): Aftermath<any> => ({ ...context(was, look), look, reply })
  // oxlint-disable-next-line typescript/no-explicit-any
  const context = (was: Cancellation, look: Look): Context<any> => ({ settings: line.settings, request: was.request, byCustomer: was.byCustomer, before: was.order ?? look.order, memo: was.memo })
  const see = (sent: boolean) => deed.look(line, record.request.orderId, { request: record.request, sent, byCustomer: record.byCustomer, memo: record.memo })

  /** Takes our note back after a refusal; what to tell of it where that failed. */
  const undo = async (look: Look): Promise<string | undefined> => {
    if (!deed.undo) return undefined
    try {
      await deed.undo(line, context(record, look))
      return undefined
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      return 'The note of the reason could not be taken back and stays with the order.'
    }
  }

  /** Steps 8 to 14: the intent on the disk, then the one destructive call, then the truth about it. */
  const send = async (before: Look) => {
    const call = deed.cancel(context(record, before))
    const notAfter = performance.now() + shop.timing.sendWindowMs
    const wakeAt = shop.now() + shop.timing.longestCallMs
    if (!await save({ type: 'send', call: `${call.method} ${call.path}`, order: before.order, memo: before.memo ?? null, wakeAt }, wakeAt)) return false
    shop.seam('intended')
    let noted: Partial<Facts> = {}
    if (deed.prepare && (record.request.reason !== null || record.request.reasonCode !== null)) {
      try {
        await deed.prepare(line, context(record, before))
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
      answer = await line.perform(call, notAfter)
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
      look = deed.read?.(context(record, before), answer.reply) ?? await see(true)
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      return doubt(result, lookAgainMs(0, store.settleMs))
    }
    shop.seam('confirmed')
    if (!look.done) return doubt(result, store.settleMs)
    let extra = noted
    if (deed.after) {
      try {
        extra = { ...noted, ...await deed.after(line, context(record, before)) }
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error
        const done = error.failure.kind === 'doubt' ? 'unknown' : 'failed'
        extra = { ...noted, reason: { done, basis: 'reported', detail: `The order is canceled, but writing the note of the reason ended with: ${error.failure.result}.` } }
      }
      shop.seam('followed')
    }
    return conclude({ do: 'succeed', ours: true }, look, { reply: answer.reply, result, extra })
  }

  const unsent = async (failure: Failure, ms: number) => {
    const result = { result: failure.result, ms }
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
      if (error.failure.code === failure.code && failure.code === 'platform-credentials') return reject(refusalProblem(failure, null), { via: 'reply', result })
      return doubt(result, lookAgainMs(0, store.settleMs), refusalProblem(failure, null))
    }
    shop.seam('confirmed')
    const decision = decideRefused(record, look, failure)
    const note = decision.do === 'reject' ? await undo(look) : undefined
    return conclude(decision, look, { result, note })
  }

  const work = async () => {
    if (record.status === 'accepted' && shop.now() >= record.deadlineAt) return reject(expired(), { note: staleNote(record, deed) })
    if (record.status === 'accepted' && record.byCustomer && customerToken === null) return reject(withoutToken())
    let lockKey: string
    let look: Look
    try {
      const { lockKey: shared } = store.adapter
      lockKey = JSON.stringify([store.account, shared ? await shared(line, record.request.orderId) : record.request.orderId])
      const taken = await shop.ledger.lease(record, lockKey, shop.timing.longestCallMs)
      if (typeof taken === 'string') return taken
      lease = taken
      shop.seam('leased')
      // Whoever was sending is gone: its lease has ended. Its call may still land.
      if (record.status === 'sending') return doubt(undefined, store.settleMs)
      look = await see(record.status === 'in_doubt')
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      const { code } = error.failure
      if (record.status === 'accepted' && (code === 'platform-credentials' || code === 'order-not-found')) return reject(refusalProblem(error.failure, null), { via: 'reconciled' })
      return wait(error.failure)
    }
    shop.seam('looked')
    const decision = decide(record, look, store, shop.now(), shop.timing.longestCallMs)
    if (decision.do === 'send') return send(look)
    if (decision.do === 'wait' && shop.now() >= giveUpAt(record, shop.timing)) return conclude({ do: 'alarm', problem: cannotTell() }, look)
    const note = decision.do === 'reject' && record.attempts.length > 0 ? await undo(look) : undefined
    return conclude(decision, look, { note })
  }

  try {
    const outcome = await work()
    shop.seam('settled')
    if (lease && outcome === false) await shop.ledger.release(lease)
  } catch (error) {
    shop.fault(error, record)
  }
}

/** What is known about every effect where all are alike. */
const all = (fact: Facts['order']): Facts => ({ order: fact, reason: fact, notify: fact, message: fact, restock: fact, payment: fact })

const deedOf = (store: Store, { request }: Cancellation): Deed<unknown> =>
  (request.target === 'transfer' ? store.adapter.transfer : store.adapter.order) as Deed<unknown>

const expired = (): Problem =>
  problem('order-not-cancelable', 'The platform could not be reached before the deadline; nothing was sent.', { cause: 'expired', retryable: true })

const withoutToken = (): Problem =>
  problem('platform-unavailable', 'The cancel could not be sent while the customer’s token was at hand, and tokens are not kept. Nothing was sent; ask again with the token.')

/** An attempt that never left may have written its note before. */
const staleNote = (record: Cancellation, deed: Deed<unknown>): string | undefined =>
  deed.prepare && record.attempts.length > 0 ? 'The note of the reason may have been written to the order.' : undefined
