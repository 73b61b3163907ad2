/**
 * The way of one cancellation: lease, look, decide, write down the intent, ask once, look again,
 * settle.
 */
import type { Look } from '../../adapter/contract.ts'
import { CallFailure, type Failure } from '../../adapter/failure.ts'
import { leadsTo, type Store } from '../../connection/store.ts'
import { stands } from '../../ledger/rules.ts'
import { type Attempt, type Cancellation, isRunning } from '../../model/cancellation.ts'
import { mayHaveActed } from '../../model/transitions.ts'
import {
  cannotTell,
  decide,
  decideRunning,
  operationOf,
  expired,
  refusalProblem,
  staleNote,
  withoutToken,
} from './decide.ts'
import { movedProblem, otherAccounts, standsProblem } from './identity.ts'
import { lookAt } from './look.ts'
import { send } from './send.ts'
import { askApproval, awaitJob, doubt, escalate, reject, settle, undo, wait } from './settle.ts'
import { endOf, isLapsed, isOver, type Job, type WorkflowDeps } from './job.ts'

export { FAILPOINTS, type Failpoint, type WorkflowDeps } from './job.ts'

/**
 * Who we are was refused for good; a word that may also mean a burst counts when it comes again.
 */
const isRefusedForGood = ({ record }: Job, { code, kind, result }: Failure): boolean =>
  code === 'order-not-found'
    ? kind === 'refused'
    : code === 'platform-credentials' &&
      (kind === 'refused' || (kind === 'doubt' && record.hindrance?.result === result))

/**
 * So long after its time nobody worked on it: the gateway was away, or the ledger is an old one,
 * put back from a backup.
 */
const STOOD_STILL_MS = 900_000
const stoodStill = ({ deps, record }: Job): boolean =>
  record.wakeAt !== null && deps.now() - record.wakeAt > STOOD_STILL_MS

/** The look failed: an end where it is one, else later. */
const unseen = (job: Job, failure: Failure): Promise<boolean> => {
  const { record, store } = job
  if (record.status !== 'accepted') return wait(job, failure)
  const note = staleNote(record, store)
  if (isRefusedForGood(job, failure))
    return reject(job, refusalProblem(failure, null), { via: 'reconciled', note })
  if (!isLapsed(job)) return wait(job, failure)
  // What happened while nobody worked on it cannot be told unlooked.
  const why = expired(record, failure)
  return reject(job, stoodStill(job) ? { ...why, acted: 'unknown' } : why, { note })
}

const JOB_GONE = 'the job is over or forgotten, and the order not canceled'

/**
 * After a look at a job of the platform. What is over without a word and without a cancel is doubt
 * from now on: whoever says “done” of a job that never was may also have lost one.
 */
const attend = async (job: Job, look: Look): Promise<boolean> => {
  const { deps, record, store } = job
  const { at, ms } = record.attempts.at(-1) as Attempt
  const decision = decideRunning(record, look)
  if (decision)
    return settle(job, decision, look, {
      note: decision.do === 'reject' ? await undo(job, look) : undefined,
    })
  if (isOver(job)) return escalate(job, cannotTell(record), { look })
  return look.running
    ? awaitJob(job, look.running, ms ?? 0)
    : doubt(job, { result: JOB_GONE, ms: deps.now() - at }, store.settleMs)
}

const work = async (job: Job): Promise<boolean | string> => {
  const { deps, store, client, operation, record } = job
  const from = await deps.movedFrom(store)
  const acted = record.word === 'canceled' ? 'yes' : mayHaveActed(record) ? 'unknown' : 'no'
  if (from !== null || (record.account !== undefined && !leadsTo(store, record.account)))
    return escalate(job, movedProblem(store, from, acted))
  const [other] =
    record.account === undefined ? [] : (await otherAccounts(deps.ledger, record)).filter(stands)
  if (other) return escalate(job, { ...standsProblem(other), acted })
  // Whoever was sending is gone. Its call may still land, and until then its lease keeps everybody
  // away.
  if (record.status === 'sending' && !isRunning(record))
    return doubt(job, undefined, store.settleMs)
  let look: Look
  try {
    const lockKey = await deps.lockKey(store, client, record.request.orderId)
    const taken = await deps.ledger.lease(record, lockKey, deps.timing.longestCallMs)
    // Where a lock is never free any more (a Redis that has lost its replicas) an end is still one:
    // it is only looked at, and nothing sent.
    if (typeof taken !== 'string') job.lease = taken
    else if (
      taken === 'stale' ||
      deps.now() < endOf(job) + deps.timing.longestCallMs + store.settleMs
    )
      return taken
    deps.failpoint('leased')
    look = await lookAt(store, client, operation, record.request.orderId, {
      request: record.request,
      sent: mayHaveActed(record),
      byCustomer: record.byCustomer,
      memo: record.memo,
      running: record.running?.memo ?? null,
    })
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    return unseen(job, error.failure)
  }
  deps.failpoint('looked')
  if (isRunning(record)) return attend(job, look)
  const decision = decide(record, look, store, deps.now(), deps.timing.longestCallMs)
  const goesOn = decision.do === 'send' || decision.do === 'ask' || decision.do === 'wait'
  if (goesOn && isOver(job)) return escalate(job, cannotTell(record), { look })
  // Looked at all the same: the ledger may be an old one, put back from a backup, and the order
  // canceled long since.
  if (goesOn && isLapsed(job))
    return reject(job, expired(record), { look, note: staleNote(record, store) })
  if (decision.do === 'ask') return askApproval(job, look)
  if (decision.do === 'send')
    return record.byCustomer && job.customerToken === null
      ? reject(job, withoutToken(record), { look })
      : send(job, look)
  const note =
    decision.do === 'reject' && record.attempts.length > 0 ? await undo(job, look) : undefined
  return settle(job, decision, look, { note })
}

/**
 * Works a record until it is at rest or must wait. Never rejects for a platform's fault; what it
 * could not finish, because the process or the ledger failed, is due again when its lease ends;
 * null tells of it, else it is the record as it was left.
 */
export const attempt = async (
  deps: WorkflowDeps,
  store: Store,
  claimed: Cancellation,
  customerToken: string | null,
): Promise<Cancellation | null> => {
  const client = customerToken === null ? store.client : store.client.withCustomer(customerToken)
  const job: Job = {
    deps,
    store,
    client,
    operation: operationOf(store, claimed),
    customerToken,
    record: claimed,
    lease: null,
  }
  try {
    const outcome = await work(job)
    deps.failpoint('settled')
    // Where a call went out the lease runs its time: the platform may still be busy with it.
    if (job.lease && outcome === false && job.record.status !== 'sending')
      await deps.ledger.release(job.lease)
    return job.record
  } catch (error) {
    deps.fault(error, job.record)
    // A fault that comes back every time must not keep the doubt from a person.
    if (isOver(job))
      await escalate(job, cannotTell(job.record)).catch((second: unknown) =>
        deps.fault(second, job.record),
      )
    return null
  }
}
