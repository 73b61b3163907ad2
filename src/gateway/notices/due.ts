/**
 * Works one notice: looks at its order, unless the look is worth nothing or its time has not come,
 * and writes down what that shows.
 */
import { canonicalOf, type Look, type View } from '../../adapter/contract.ts'
import { CallFailure, type Failure } from '../../adapter/failure.ts'
import type { Store } from '../../connection/store.ts'
import { type Cancellation, isFinal, isRunning } from '../../model/cancellation.ts'
import {
  afterMore,
  afterNothing,
  afterSuspicion,
  isConfirmed,
  lookAgainAt,
  type Notice,
} from '../../model/notice.ts'
import { mayHaveActed, transition } from '../../model/transitions.ts'
import { cancellationsOf, spellings } from '../workflow/identity.ts'
import { lookAt } from '../workflow/look.ts'
import { lookAgainMs } from '../workflow/timing.ts'
import { writeCanceled, writeReopened } from './findings.ts'
import { isHeld, type Known, type NoticeDeps, type Outcome } from './known.ts'

const knownOf = async ({ ledger }: NoticeDeps, store: Store, orderId: string): Promise<Known> => {
  const [found, link] = await Promise.all([
    Promise.all(spellings([store], orderId).map((one) => cancellationsOf(ledger, store.id, one))),
    ledger.links.of(store.id, orderId),
  ])
  return { records: found.flat(), link: link?.name ?? null }
}

/** How soon an order is looked at again whose records somebody wrote meanwhile. */
const STALE_MS = 1_000

/** How soon it is asked again whether a sender has its answer. */
const SENDING_MS = 500

/** How a notice stands that needs no read: its end, or the time until which it waits. */
const withoutLook = (
  { isListening, workflow }: NoticeDeps,
  store: Store,
  row: Notice,
  { records, link }: Known,
): Outcome | number | null => {
  const now = workflow.now()
  if (records.length === 0 && link === null && !isListening(store.id)) return 'unheard'
  // It may overtake the answer to our own call, which tells more than any look.
  if (records.some((record) => record.status === 'sending' && !isRunning(record)))
    return now + SENDING_MS
  const open = records.filter(({ status }) => !isFinal(status))
  const held = records.filter(isHeld)
  const isReopened = records.some(({ reopenedAt }) => reopenedAt !== undefined)
  if (held.length > 0 && open.length === 0 && !isReopened) {
    if (row.changeHeard === 0) return 'echo'
    const settledAt = Math.max(...held.map((record) => record.settledAt ?? 0))
    // What our own cancel sets off at the platform comes in by and by.
    if (now < settledAt + store.settleMs) return settledAt + store.settleMs
  }
  return open.length > 0 && open.every(({ status }) => status === 'accepted') ? 'hastened' : null
}

/** Looks with the eyes of the record in doubt, where there is one. */
const viewOf = (records: readonly Cancellation[]): View => {
  const doubtful = records.find((record) => record.status === 'in_doubt' || isRunning(record))
  return {
    request: doubtful?.request ?? null,
    sent: doubtful !== undefined && mayHaveActed(doubtful),
    byCustomer: false,
    memo: doubtful?.memo ?? null,
    running: doubtful?.running?.memo ?? null,
  }
}

/** What the failed read of an order makes of its row; null: the order is gone. */
const afterFailure = (
  { workflow }: NoticeDeps,
  store: Store,
  row: Notice,
  { code, kind, retryAfterMs }: Failure,
): Notice | null => {
  const now = workflow.now()
  if (code === 'order-not-found' && kind === 'refused') {
    return isConfirmed(row, 'gone', now, store.settleMs)
      ? null
      : afterSuspicion(row, 'gone', now, store.settleMs)
  }
  // Turned away unread it is no worse off than before.
  const failures = kind === 'unsent' ? row.failures : row.failures + 1
  const pause = Math.max(lookAgainMs(row.failures, store.settleMs), retryAfterMs ?? 0)
  return lookAgainAt(row, now + pause, { failures, suspicion: row.suspicion })
}

/** Lets cancellations that wait look at once. */
const hasten = async ({ workflow }: NoticeDeps, records: readonly Cancellation[]) => {
  const at = workflow.now()
  for (const record of records)
    if (record.status === 'accepted' && record.wakeAt !== null && record.wakeAt > at)
      await workflow.records.save(record, transition(record, { type: 'hasten', at }))
}

/** What a look shows, written down; the row that is left, null: none. */
const found = async (
  deps: NoticeDeps,
  store: Store,
  row: Notice,
  known: Known,
  look: Look,
): Promise<{ readonly outcome: Outcome | null; readonly next: Notice | null }> => {
  const now = deps.workflow.now()
  const wrote = look.done
    ? await writeCanceled(deps, store, known, look)
    : await writeReopened(deps, store, row, known, look)
  switch (wrote) {
    case 'stale':
      return { outcome: null, next: lookAgainAt(row, now + STALE_MS, row) }
    case 'suspected':
      return { outcome: null, next: afterSuspicion(row, 'reopened', now, store.settleMs) }
    case 'canceled':
    case 'reopened':
      return { outcome: wrote, next: null }
    case 'nothing':
      return { outcome: look.done ? 'echo' : 'unchanged', next: afterNothing(row, now) }
  }
}

/** Writes what became of a row; what was heard meanwhile stays due. */
const leave = async (
  { ledger: { notices } }: NoticeDeps,
  row: Notice,
  next: Notice | null,
): Promise<void> => {
  if ((await notices.settle(row, next)) || !next) return
  for (;;) {
    const current = await notices.get(row.store, row.orderId)
    if (!current || (await notices.settle(current, afterMore(current, row, next)))) return
  }
}

/** Works a notice once: its outcome, null where it is not over. */
export const workNotice = async (
  deps: NoticeDeps,
  store: Store,
  row: Notice,
): Promise<Outcome | null> => {
  const { workflow, onOutcome } = deps
  const over = async (outcome: Outcome | null, next: Notice | null) => {
    await leave(deps, row, next)
    if (outcome !== null) onOutcome(store, outcome)
    return outcome
  }
  const orderId = canonicalOf(store.adapter, row.orderId)
  const known = await knownOf(deps, store, orderId)
  // What is of another merchant’s account says nothing of this one’s orders.
  if ((await workflow.movedFrom(store)) !== null) return over('unheard', null)
  const early = withoutLook(deps, store, row, known)
  if (typeof early === 'number') return over(null, lookAgainAt(row, early, row))
  if (early === 'hastened') await hasten(deps, known.records)
  if (early !== null)
    return over(early, early === 'echo' ? afterNothing(row, workflow.now()) : null)
  try {
    const view = viewOf(known.records)
    const look = await lookAt(store, store.client, store.adapter.order, orderId, view)
    workflow.failpoint('noticed')
    const { outcome, next } = await found(deps, store, row, known, look)
    workflow.failpoint('concluded')
    return await over(outcome, next)
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    const next = afterFailure(deps, store, row, error.failure)
    return over(next === null ? 'gone' : null, next)
  }
}
