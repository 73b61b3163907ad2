/** What is told to others: the events of a subject, and what a webhook is owed of it as state. */
import { isAsked } from './approval.ts'
import type { Cancellation } from './cancellation.ts'

export const EVENT_TYPES = [
  'cancellation.succeeded',
  'cancellation.rejected',
  'cancellation.needs_attention',
  'cancellation.in_doubt',
  'cancellation.reopened',
  'cancellation.approval_awaited',
  'link.canceled',
  'link.diverged',
  'batch.finished',
  'store.silent',
  'store.back',
  'webhook.disabled',
  'webhook.test',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** Those that people can be told of: something needs one of them. */
export const ALERT_EVENTS = [
  'cancellation.needs_attention',
  'cancellation.approval_awaited',
  'cancellation.reopened',
  'link.diverged',
  'store.silent',
  'webhook.disabled',
] as const satisfies readonly EventType[]
export type AlertEvent = (typeof ALERT_EVENTS)[number]

/** The id of what an event tells of: a cancellation, a batch, a link, a store or a webhook. */
export type Subject = string

/**
 * What a write owes to one webhook: what changed of a subject, and when. Without a body there is
 * nothing to tell, since the webhook does not want events of this type: what it was still owed of
 * the subject is out of date.
 */
export interface Owed {
  /** The webhook's id, made of its caller and its name: a ledger only tells one from another. */
  readonly webhook: string
  readonly subject: Subject
  /** Rises with each event of the subject. */
  readonly revision: number
  readonly type: EventType
  /** As it is sent, JSON: frozen, so that it is the same on every try. */
  readonly body: string | null
  readonly at: number
}

export const DELIVERY_STATES = ['owed', 'delivered', 'failed', 'superseded'] as const
/**
 * `failed`: given up, though others passed. `superseded`: out of date before it was told, and what
 * is newer is not wanted.
 */
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** The newest that a webhook is told of a subject, and how that went: one row for the two. */
export interface Delivery extends Owed {
  readonly body: string
  readonly state: DeliveryState
  /** Tries of this body since it was last owed anew. */
  readonly tries: number
  /** When the row was last tried, whichever body it had. */
  readonly triedAt: number | null
  /** How the last try of this body ended: an HTTP status or a word. */
  readonly lastResult: string | null
  readonly deliveredAt: number | null
}

/** What one try makes of a row: delivered, given up, or owed as before. */
export type Tried = Exclude<DeliveryState, 'superseded'>

/** How a webhook is doing, for all that it is owed. */
export interface Health {
  /** Raised by the ledger on every save: compare-and-set. Zero before the first. */
  readonly version: number
  readonly enabled: boolean
  /** What it was told at; another one switches it on. */
  readonly url: string
  /** Failures in a row. */
  readonly failures: number
  /** Nothing is sent earlier. */
  readonly nextAt: number
  readonly failingSince: number | null
  readonly lastSuccessAt: number | null
  readonly lastResult: string | null
  /** When its name was first found gone from the configuration. */
  readonly goneSince?: number | null
}

export const newHealth = (url: string): Health => ({
  version: 0,
  enabled: true,
  url,
  failures: 0,
  nextAt: 0,
  failingSince: null,
  lastSuccessAt: null,
  lastResult: null,
})

/** A row after its subject changed: the newer is owed instead. Null: nothing changes. */
export const afterOwing = (row: Delivery | null, owed: Owed): Delivery | null => {
  if (row && owed.revision <= row.revision) return null
  const { body } = owed
  if (body !== null)
    return {
      ...owed,
      body,
      state: 'owed',
      tries: 0,
      triedAt: row?.triedAt ?? null,
      lastResult: null,
      deliveredAt: null,
    }
  return row?.state === 'owed' || row?.state === 'failed' ? { ...row, state: 'superseded' } : null
}

/**
 * A row after a try. Null: what was tried is not what it holds now, or was delivered already. What
 * is superseded while it is on its way may still arrive, but is not owed again.
 */
export const afterTrying = (
  row: Delivery | null,
  { revision }: Delivery,
  state: Tried,
  result: string,
  at: number,
): Delivery | null => {
  if (row?.revision !== revision || row.state === 'delivered') return null
  return {
    ...row,
    state: state === 'delivered' || row.state === 'owed' ? state : row.state,
    tries: row.tries + 1,
    triedAt: at,
    lastResult: result,
    deliveredAt: state === 'delivered' ? at : row.deliveredAt,
  }
}

/** A row whose body is owed once more; when it was delivered before stays known. */
export const afterReplay = (row: Delivery): Delivery => ({ ...row, state: 'owed', tries: 0 })

/**
 * What is told of a change of a record; null: nothing. A call that is sent again after one that
 * ended in doubt, and ends so too, leaves the record in the same doubt, which was told.
 */
export const eventOf = (before: Cancellation | null, next: Cancellation): EventType | null => {
  const { status } = next
  if (isAsked(next) && !(before && isAsked(before))) return 'cancellation.approval_awaited'
  if (status === 'accepted' || status === 'sending') return null
  if (status === before?.status) {
    if (next.reopenedAt === before.reopenedAt) return null
    return next.reopenedAt === undefined ? 'cancellation.succeeded' : 'cancellation.reopened'
  }
  return status === 'in_doubt' && before?.doubted ? null : `cancellation.${status}`
}
