/** What people change about a record: taking it back, and closing what needs attention. */
import type { Store } from '../connection/store.ts'
import type { FullLedger } from '../ledger/port.ts'
import { awaitsApproval, isApproved } from '../model/approval.ts'
import { askedBy, type Asker, type Noted } from '../model/audit.ts'
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
import { noteEnd } from './audit/acts.ts'
import { auditOf } from './audit/log.ts'
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

/** What a person does to a record, as it is noted. */
const withRecord = (noted: Noted, { id, request }: Cancellation): Noted => ({
  ...noted,
  outcome: 'done',
  store: request.store,
  subject: { ...noted.subject, cancellation: id, order: request.orderId },
})

/** Writes a change made by a person; tries again where somebody else wrote in between. */
const change = async (
  { records, get, saved }: RevisionDeps,
  id: string,
  make: (record: Cancellation) => Cancellation,
  noted?: Noted,
): Promise<Cancellation> => {
  for (;;) {
    const record = await get(id)
    const entry = noted && withRecord(noted, record)
    const next = await records.save(record, make(record), undefined, undefined, entry)
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
export const withdraw = (deps: RevisionDeps, id: string, noted?: Noted): Promise<Cancellation> =>
  change(
    deps,
    id,
    (record) => {
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
        problem: problem('order-not-cancelable', 'Withdrawn by the caller.', {
          cause: 'withdrawn',
        }),
      })
    },
    noted,
  )

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

/** What another caller than the one that asked says of it. */
export interface Verdict {
  readonly by: string
  /** The name of the API key that it was said with; null: that has none. */
  readonly keyName: string | null
}

/** Somebody else than who asked lets it go its way. */
export const approve = (
  deps: RevisionDeps,
  id: string,
  { by, keyName, note }: Verdict & { readonly note: string | null },
  noted?: Noted,
): Promise<Cancellation> =>
  change(
    deps,
    id,
    (record) => {
      const at = deps.now()
      mustAwait(record, by, at)
      const deadlineAt = at + deps.timing.deadlineMs
      return transition(record, { type: 'approve', at, by, keyName, note, deadlineAt })
    },
    noted,
  )

/** Somebody else than who asked ends it, and nothing is sent. */
export const decline = (
  deps: RevisionDeps,
  id: string,
  { by, keyName, note }: Verdict & { readonly note: string },
  noted?: Noted,
): Promise<Cancellation> =>
  change(
    deps,
    id,
    (record) => {
      const at = deps.now()
      mustAwait(record, by, at)
      if (!isWithdrawable(record)) conflict(record, 'What an earlier call did is looked at first.')
      return transition(record, {
        type: 'decline',
        at,
        by,
        keyName,
        note,
        effects: skipped(record.request, leftover(deps, record)),
        problem: problem('order-not-cancelable', 'It was declined before anything was sent.', {
          cause: 'declined',
        }),
      })
    },
    noted,
  )

/** A person closes what needs attention; `retry` looks first. */
export const resolve = (
  deps: RevisionDeps,
  id: string,
  { as, note, by, keyName }: Said,
  noted?: Noted,
): Promise<Cancellation> =>
  change(
    deps,
    id,
    (record) => {
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
        effects: withWord(
          as === 'canceled' ? effects : keepKnown(effects, ended),
          as === 'canceled',
        ),
        problem: as === 'not_canceled' ? notCanceled(record) : null,
      })
    },
    noted,
  )

/**
 * Has a person's change of a record noted: in its own write where it is made, else with the problem
 * that it was refused with.
 */
export const noteChange = async (
  {
    ledger,
    now,
    get,
  }: Pick<RevisionDeps, 'now' | 'get'> & { readonly ledger: Pick<FullLedger, 'audit'> },
  asker: Asker | undefined,
  id: string,
  what: Pick<Noted, 'action' | 'subject'>,
  work: (noted?: Noted) => Promise<Cancellation>,
): Promise<Cancellation> => {
  if (!asker) return work()
  const noted = withRecord(askedBy(asker, now(), { store: null, ...what }), await get(id))
  return noteEnd(
    auditOf(ledger.audit),
    noted,
    () => work(noted),
    () => null,
  )
}
