/** The cancellation: the durable record of one request to cancel, and what it tells of itself. */
import { type Approval, awaited } from './approval.ts'
import { type Effects, pending } from './effect.ts'
import type { Order } from './order.ts'
import type { Problem, Upstream } from './problem.ts'
import type { CancelRequest } from './request.ts'

export const STATUSES = [
  'accepted',
  'sending',
  'in_doubt',
  'succeeded',
  'rejected',
  'needs_attention',
] as const
export type Status = (typeof STATUSES)[number]
export type Via = 'reply' | 'reconciled' | 'operator'

/**
 * One destructive call. `result` and `ms` stay null until its end is known; after a crash they are
 * never known.
 */
export interface Attempt {
  readonly at: number
  readonly call: string
  /**
   * The HTTP status, or a word for what happened instead: `timeout`, `connection lost`, `not sent:
   * …`.
   */
  readonly result: string | null
  readonly ms: number | null
  /** Provably not processed: it never left, or the platform promises that it did not look at it. */
  readonly unsent: boolean
}

/** What kept a look or a call from coming to an end: in our words, with what the platform said. */
export interface Hindrance {
  readonly result: string
  readonly detail: string
  readonly upstream: Upstream | null
}

/**
 * The platform's own explicit word that what was to be canceled is: its answer to our call, or to a
 * call that came too late.
 */
export type Word = 'canceled' | 'canceled_already'

export type LeftOut = 'text' | 'all'

/** The platform took the cancel and is not at its end: a job of its own. */
export interface RunningJob {
  /** What the adapter's next look needs to ask for it, as JSON. */
  readonly memo: unknown
}

export const ORIGINS = ['caller', 'platform', 'link'] as const
/** Who brought it about: a request, somebody at the platform, the run of a link. */
export type Origin = (typeof ORIGINS)[number]

/**
 * Times are milliseconds since 1970 here, RFC 3339 in answers. Records never change; `transition`
 * makes the next one.
 */
export interface Cancellation {
  readonly id: string
  /** Raised by the ledger on every save: compare-and-set. */
  readonly version: number
  /** Rises with each event that is told of it (`eventOf`); none yet, or an old record: absent. */
  readonly revision?: number | undefined
  readonly status: Status
  /** Left out: a caller. */
  readonly origin?: Exclude<Origin, 'caller'> | undefined
  /** Empty where it was brought about at the platform. */
  readonly caller: string
  /** The name of the key that it asked with. Left out: that had none, or it is an old record. */
  readonly keyName?: string | undefined
  /** The link that its order was in when it was written down. */
  readonly link?: string | undefined
  /** The record whose run it belongs to; left out where it has none, or is that one itself. */
  readonly causedBy?: string | undefined
  /** Accepted, and not to be sent: its turn in the run of its link has not come. */
  readonly waitsForLink?: true | undefined
  /** Who asked must have it approved by somebody else. Left out: nobody need be asked. */
  readonly approval?: Approval | undefined
  /** Its order reads open again though it is recorded as canceled here: since when. */
  readonly reopenedAt?: number | undefined
  /** The batch that it was fed from. */
  readonly batchId: string | null
  readonly platform: string
  /**
   * The merchant account that it was made for, where that is not the one for which its store was
   * first opened: nothing of it is ever sent.
   */
  readonly account?: string | undefined
  readonly request: CancelRequest
  /**
   * The customer acts, with a token that is not kept: only the request that brought it can send.
   */
  readonly byCustomer: boolean
  readonly alreadyCanceled: boolean
  readonly via: Via | null
  readonly effects: Effects
  /** The order at the last look; while a cancel is under way, what it looked like before it. */
  readonly order: Order | null
  /**
   * The order before the first call that may have changed it: what the effects are told against.
   * Null once settled.
   */
  readonly before: Order | null
  /** What the adapter must remember from before the cancel (e.g. the note it replaces). */
  readonly memo: unknown
  /**
   * Why it was rejected or needs attention; while in doubt, the refusal that came and whose truth
   * is still looked for.
   */
  readonly problem: Problem | null
  readonly attempts: readonly Attempt[]
  /** While it is open: a word of the platform that no later read undoes. */
  readonly word?: Word | undefined
  /**
   * While it is open: it was decided to send again after a call that ended in doubt, so a canceled
   * order may still be that one's doing.
   */
  readonly doubted?: boolean | undefined
  /** While it is `sending`: the platform has taken the call and is still at it. */
  readonly running?: RunningJob | undefined
  /** While it is open: what the last try met. */
  readonly hindrance?: Hindrance | undefined
  /**
   * What of the reason the platform does not take, so that the cancel goes without: its text, or
   * its code too.
   */
  readonly withoutReason?: LeftOut | undefined
  /** Tries in a row that came to nothing: what the next waiting time grows with. */
  readonly tries: number
  /** Looks since the last call, after the settle time, that found the order as it was. */
  readonly unchangedLooks: number
  readonly resolution: {
    readonly as: Resolution
    readonly note: string
    readonly by: string
    /** The name of the key that it was said with. */
    readonly keyName?: string | undefined
    readonly at: number
  } | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly settledAt: number | null
  /** Since when it holds nothing personal any more; left out: nobody asked for that. */
  readonly erasedAt?: number | undefined
  /** When a request that was never sent expires. */
  readonly deadlineAt: number
  /** When the clock must look at this again; null when there is nothing to wait for. */
  readonly wakeAt: number | null
}

export const RESOLUTIONS = ['canceled', 'not_canceled', 'retry'] as const
export type Resolution = (typeof RESOLUTIONS)[number]

/** A new record, as it is claimed. */
export const accept = (draft: {
  id: string
  caller: string
  keyName?: string | null | undefined
  platform: string
  request: CancelRequest
  byCustomer: boolean
  now: number
  deadlineMs: number
  /** Null: its turn in a link's run has not come. */
  wakeAt: number | null
  batchId?: string | null
  account?: string | undefined
  origin?: Exclude<Origin, 'caller'> | undefined
  link?: string | undefined
  causedBy?: string | undefined
  waitsForLink?: true | undefined
  needsApproval?: boolean | undefined
}): Cancellation => ({
  id: draft.id,
  version: 1,
  status: 'accepted',
  caller: draft.caller,
  ...(draft.keyName && { keyName: draft.keyName }),
  batchId: draft.batchId ?? null,
  platform: draft.platform,
  request: draft.request,
  ...(draft.account !== undefined && { account: draft.account }),
  ...(draft.origin && { origin: draft.origin }),
  ...(draft.link !== undefined && { link: draft.link }),
  ...(draft.causedBy !== undefined && { causedBy: draft.causedBy }),
  ...(draft.waitsForLink && { waitsForLink: draft.waitsForLink }),
  ...(draft.needsApproval && { approval: awaited }),
  byCustomer: draft.byCustomer,
  alreadyCanceled: false,
  via: null,
  effects: pending(draft.request),
  order: null,
  before: null,
  memo: null,
  problem: null,
  attempts: [],
  tries: 0,
  unchangedLooks: 0,
  resolution: null,
  createdAt: draft.now,
  updatedAt: draft.now,
  settledAt: null,
  deadlineAt: draft.now + draft.deadlineMs,
  wakeAt: draft.wakeAt,
})

/**
 * Succeeded or rejected: never left again, but for a retryable rejection that its caller starts
 * again.
 */
export const isFinal = (status: Status): boolean => status === 'succeeded' || status === 'rejected'

/** The platform has taken the call, and is still at it: nobody here is sending. */
export const isRunning = ({ status, running }: Pick<Cancellation, 'status' | 'running'>): boolean =>
  status === 'sending' && running !== undefined

/** Nothing more happens by itself: a waiting caller can be answered. */
export const isAtRest = (status: Status): boolean => isFinal(status) || status === 'needs_attention'

/**
 * Started over by a person, and what calls before that did is still open: never to be called
 * unchanged without a person.
 */
export const isRetried = ({ resolution, attempts }: Cancellation): boolean =>
  resolution?.as === 'retry' && attempts.some(({ unsent, at }) => !unsent && at <= resolution.at)

/**
 * Whether it can be taken back as if it had never been asked for: nothing of it is sent, or in
 * doubt.
 */
export const isWithdrawable = (record: Cancellation): boolean =>
  record.status === 'accepted' && !record.doubted && !isRetried(record)

export const DAY_MS = 86_400_000

/** The day of a time in UTC, as its first moment. */
export const dayOf = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS

/** How many of the records of a store that were made on a day stand so now. */
export interface DayCount {
  /** Its first moment, in UTC. */
  readonly day: number
  readonly store: string
  readonly status: Status
  readonly count: number
}
