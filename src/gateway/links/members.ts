/** The records of a link's members: how they are claimed, released, and refused. */
import { ulid } from 'ulid'
import type { Store } from '../../connection/store.ts'
import type { LinkLedger } from '../../ledger/port.ts'
import { accept, type Cancellation } from '../../model/cancellation.ts'
import { skipped } from '../../model/effect.ts'
import type { Link, Member } from '../../model/link.ts'
import { problem, type Problem } from '../../model/problem.ts'
import type { CancelRequest } from '../../model/request.ts'
import { transition } from '../../model/transitions.ts'
import { WAITING_MS } from '../admission.ts'
import type { WorkflowDeps } from '../workflow/job.ts'
import type { Placed } from './standing.ts'

/** What of the workflow a link's run needs: how records are written, and when. */
export type RunWorkflow = Pick<WorkflowDeps, 'records' | 'timing' | 'now' | 'saved' | 'failpoint'>

export interface MemberDeps {
  readonly workflow: RunWorkflow
  readonly idSuffix: (store: Store) => string
  readonly onCreated: (record: Cancellation) => void
}

/**
 * What a member is asked: the reason and the reference of the asked record, and its own wishes; the
 * others' are not inherited, since who puts goods back twice oversells them.
 */
export const requestOf = (member: Member, asked: CancelRequest): CancelRequest => ({
  store: member.store,
  target: 'order',
  orderId: member.orderId,
  reason: asked.reason,
  reasonCode: asked.reasonCode,
  notify: member.notify,
  message: member.message,
  restock: member.restock,
  refund: member.refund ?? null,
  strict: false,
  reference: asked.reference,
})

/** Claims a member's record under a key of the run, which no caller can send. */
export const claimMember = async (
  { workflow, idSuffix, onCreated }: MemberDeps,
  link: Link,
  asked: Cancellation,
  { member, store }: Placed,
): Promise<void> => {
  const now = workflow.now()
  const tail = store ? idSuffix(store) : ''
  const draft = accept({
    id: `can_${ulid(now).slice(0, 26 - tail.length)}${tail}`,
    // What follows a cancel at the platform is asked for by whoever linked the orders.
    ...(asked.origin === 'platform'
      ? { caller: link.caller, keyName: link.keyName }
      : { caller: asked.caller, keyName: asked.keyName }),
    platform: store?.adapter.id ?? '',
    request: requestOf(member, asked.request),
    byCustomer: false,
    now,
    deadlineMs: workflow.timing.deadlineMs,
    wakeAt: now + WAITING_MS,
    origin: 'link',
    link: link.name,
    causedBy: asked.id,
    waitsForLink: true,
  })
  const value = JSON.stringify([asked.id, link.run?.openedAt, member.orderId])
  const key = { caller: '', value, fingerprint: asked.id }
  const { outcome, record } = await workflow.records.claim(draft, key)
  if (outcome === 'created') onCreated(record)
}

/** Lets records be sent whose turn has come; those that somebody else moved are met again. */
export const release = async (
  { workflow }: MemberDeps,
  records: readonly Cancellation[],
): Promise<void> => {
  const at = workflow.now()
  for (const record of records) {
    const event = { type: 'release', at, deadlineAt: at + workflow.timing.deadlineMs } as const
    const next = await workflow.records.save(record, transition(record, event))
    if (next) workflow.saved(next, record.status)
  }
}

/**
 * A record whose turn was waited for long: its link is driven, should what was to do so be lost;
 * one that is in no link any more goes alone.
 */
export const waitForLink = async (
  workflow: RunWorkflow,
  links: LinkLedger,
  drive: (name: string) => void,
  record: Cancellation,
): Promise<Cancellation | null> => {
  const { store, orderId } = record.request
  const at = workflow.now()
  const link = await links.of(store, orderId)
  if (link) drive(link.name)
  const next = link
    ? transition(record, { type: 'wait', at, unchanged: false, wakeAt: at + WAITING_MS })
    : transition(record, { type: 'release', at, deadlineAt: at + workflow.timing.deadlineMs })
  const written = await workflow.records.save(record, next)
  if (written) workflow.saved(written, record.status)
  return written
}

/** Ends records that were not sent. */
export const refuseAll = async (
  { workflow }: MemberDeps,
  records: readonly Cancellation[],
  why: Problem,
): Promise<void> => {
  for (const record of records) {
    const next = await workflow.records.save(
      record,
      transition(record, {
        type: 'reject',
        at: workflow.now(),
        via: null,
        order: record.order,
        effects: skipped(record.request),
        problem: why,
      }),
    )
    if (next) workflow.saved(next, record.status)
  }
}

/** Why nothing of this is sent: another member of the link cannot be canceled. */
export const linkedRefused = ({ store, orderId }: Member, why: string): Problem =>
  problem(
    'order-not-cancelable',
    `Nothing of this was sent: order ${orderId} of the store ${store}, which it is linked with, ` +
      `cannot be canceled. ${why}`,
    { cause: 'linked_refused' },
  )

/** Why nothing of this is sent: another member of the link could not be looked at in time. */
export const linkedUnseen = ({ store, orderId }: Member, why: string): Problem =>
  problem(
    'order-not-cancelable',
    `Nothing of this was sent: order ${orderId} of the store ${store}, which it is linked with, ` +
      `could not be read before the deadline. ${why}`,
    { cause: 'expired', retryable: true },
  )
