/** What people change about a record: taking it back, and closing what needs attention. */
import type { Store } from '../connection/store.ts'
import { awaitsApproval, isApproved } from '../model/approval.ts'
import {
  type Cancellation,
  isRetried,
  isWithdrawable,
  type Resolution,
  type Status,
} from '../model/cancellation.ts'
import { transition } from '../model/transitions.ts'
import { keepKnown, skipped, withWord } from '../model/effect.ts'
import { problem, refuse } from '../model/problem.ts'
import { conflict } from './admission.ts'
import type { Records } from './workflow/records.ts'
import { staleNote } from './workflow/decide.ts'
import type { Timing } from './workflow/timing.ts'

export interface RevisionDeps {
  readonly records: Records
  readonly stores: ReadonlyMap<string, Store>
  readonly timing: Timing
  readonly now: () => number
  readonly get: (id: string) => Promise<Cancellation>
  readonly saved: (record: Cancellation, before: Status | null) => void
}

/** What a person found undoes nothing that was seen: money that moved has moved. */
const notCanceled = (record: Cancellation) => {
  const acted = record.problem?.acted === 'yes' ? ('yes' as const) : ('no' as const)
  const seen =
    acted === 'yes'
      ? ' What was seen before stays true: something changed at the platform; the effects say ' +
        'what is known of it.'
      : ''
  return problem('order-not-cancelable', `A person found that the order was not canceled.${seen}`, {
    cause: 'refused',
    acted,
  })
}

/** Writes a change made by a person; tries again where somebody else wrote in between. */
const change = async (
  { records, get, saved }: RevisionDeps,
  id: string,
  make: (record: Cancellation) => Cancellation,
): Promise<Cancellation> => {
  for (;;) {
    const record = await get(id)
    const next = await records.save(record, make(record))
    if (next) {
      saved(next, record.status)
      return next
    }
  }
}

/** What of ours a rejected record may have left on the order. */
const leftover = ({ stores }: RevisionDeps, record: Cancellation) => {
  const store = stores.get(record.request.store)
  return { reason: store && staleNote(record, store) }
}

/** Takes back what is still `accepted`. */
export const withdraw = (deps: RevisionDeps, id: string): Promise<Cancellation> =>
  change(deps, id, (record) => {
    const how = isRetried(record)
      ? 'tried again for a person'
      : record.doubted
        ? 'sent again after a call whose end was in doubt'
        : record.status
    if (!isWithdrawable(record))
      refuse('not-withdrawable', `This cancellation is ${how}.`, {
        cancellation: `/v1/cancellations/${id}`,
      })
    return transition(record, {
      type: 'reject',
      at: deps.now(),
      via: null,
      order: record.order,
      effects: skipped(record.request, leftover(deps, record)),
      problem: problem('order-not-cancelable', 'Withdrawn by the caller.', { cause: 'withdrawn' }),
    })
  })

/** What a person says of a record, and who that is. */
export interface Said {
  readonly as: Resolution
  readonly note: string
  readonly by: string
  /** The name of the API key that it was said with; null: that has none. */
  readonly keyName: string | null
}

const standingOf = ({ status, approval }: Cancellation): string =>
  status === 'accepted' && approval?.state === 'given' ? 'approved' : status

/** Refuses what is not to be approved or declined, or not by them. */
const mustAwait = (record: Cancellation, by: string, now: number): void => {
  if (!awaitsApproval(record))
    conflict(record, `Only what waits for approval can be; this is ${standingOf(record)}.`)
  if (record.caller === by)
    refuse('forbidden', 'Who asked cannot approve or decline it: another key must.', {
      cancellation: `/v1/cancellations/${record.id}`,
    })
  if (now >= record.deadlineAt) conflict(record, 'Its time to be approved is over.')
}

/** Somebody else than who asked lets it go its way. */
export const approve = (
  deps: RevisionDeps,
  id: string,
  by: string,
  note: string | null,
): Promise<Cancellation> =>
  change(deps, id, (record) => {
    const at = deps.now()
    mustAwait(record, by, at)
    const deadlineAt = at + deps.timing.deadlineMs
    return transition(record, { type: 'approve', at, by, note, deadlineAt })
  })

/** Somebody else than who asked ends it, and nothing is sent. */
export const decline = (
  deps: RevisionDeps,
  id: string,
  by: string,
  note: string,
): Promise<Cancellation> =>
  change(deps, id, (record) => {
    const at = deps.now()
    mustAwait(record, by, at)
    if (!isWithdrawable(record)) conflict(record, 'What an earlier call did is looked at first.')
    return transition(record, {
      type: 'decline',
      at,
      by,
      note,
      effects: skipped(record.request, leftover(deps, record)),
      problem: problem('order-not-cancelable', 'It was declined before anything was sent.', {
        cause: 'declined',
      }),
    })
  })

/** A person closes what needs attention; `retry` looks first. */
export const resolve = (
  deps: RevisionDeps,
  id: string,
  { as, note, by, keyName }: Said,
): Promise<Cancellation> =>
  change(deps, id, (record) => {
    if (record.status !== 'needs_attention')
      conflict(
        record,
        `Only what needs attention can be resolved; this cancellation is ${record.status}.`,
      )
    const { effects, request } = record
    const ended = { ...skipped(request, leftover(deps, record)), order: effects.order }
    return transition(record, {
      type: 'resolve',
      at: deps.now(),
      as,
      note,
      by,
      keyName,
      deadlineAt:
        deps.now() + (isApproved(record) ? deps.timing.deadlineMs : deps.timing.approvalMs),
      // A person’s word is added to what is known, and takes nothing of it away.
      effects: withWord(as === 'canceled' ? effects : keepKnown(effects, ended), as === 'canceled'),
      problem: as === 'not_canceled' ? notCanceled(record) : null,
    })
  })
