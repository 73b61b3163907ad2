/**
 * Records of stores that were taken out of the configuration: nobody can look for them, so their
 * time ends with a person or unsent.
 */
import type { Ledger } from '../ledger/port.ts'
import { type Cancellation, isRetried, type Status } from '../model/cancellation.ts'
import { type Event, transition } from '../model/transitions.ts'
import { hasMoved, report, skipped, UNKNOWN } from '../model/effect.ts'
import { cannotTell, expired, stillOpen, WORD } from './workflow/decide.ts'
import { giveUpAt, type Timing } from './workflow/timing.ts'
import type { Records } from './workflow/records.ts'

/**
 * How often it is asked whether the store is back: a restart with a mistake in the configuration
 * must not cost more than that.
 */
const AGAIN_MS = 60_000
const AT_ONCE = 100

const GONE = {
  result: 'not asked: its store is gone',
  detail: 'Its store is no longer in the configuration.',
  upstream: null,
} as const

/** The next step of such a record. */
const step = (record: Cancellation, timing: Timing, at: number): Event => {
  const wakeAt = (end: number) => Math.min(Math.max(end, at + 1), at + AGAIN_MS)
  const { request, order } = record
  if (record.status === 'sending')
    return { type: 'doubt', at, wakeAt: wakeAt(giveUpAt(record, timing)), hindrance: GONE }
  const end = record.status === 'accepted' ? record.deadlineAt : giveUpAt(record, timing)
  if (at < end) return { type: 'wait', at, unchanged: false, wakeAt: wakeAt(end), hindrance: GONE }
  if (record.status === 'accepted' && !isRetried(record) && !record.doubted && !record.word)
    return {
      type: 'reject',
      at,
      via: null,
      order,
      effects: skipped(request),
      problem: expired(record, GONE),
    }
  const problem =
    record.status === 'accepted' && !record.doubted
      ? stillOpen(expired(record, GONE), false)
      : cannotTell(record, GONE)
  return {
    type: 'escalate',
    at,
    order,
    effects: report(request, { ...UNKNOWN, ...(record.word && { order: WORD }) }),
    problem: hasMoved(record.effects) ? { ...problem, acted: 'yes' } : problem,
  }
}

export interface StraysOptions {
  readonly ledger: Ledger
  readonly records: Records
  readonly timing: Timing
  readonly now: () => number
  readonly saved: (record: Cancellation, before: Status) => void
}

/** One turn of the clock for all that is due of stores other than these. */
export const workStrays = async (
  { ledger, records, timing, now, saved }: StraysOptions,
  stores: readonly string[],
): Promise<void> => {
  for (const record of await ledger.strays(stores, AT_ONCE)) {
    const next = await records.save(record, transition(record, step(record, timing, now())))
    if (next) saved(next, record.status)
  }
}
