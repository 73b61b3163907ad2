/**
 * The cancellation: the durable record of one request to cancel, and the one function that moves it
 * on.
 */
import { type Effects, keepConfirmed, pending } from './effect.ts'
import type { Order } from './order.ts'
import { withoutCustomer } from './order.ts'
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

/**
 * Times are milliseconds since 1970 here, RFC 3339 in answers. Records never change; `transition`
 * makes the next one.
 */
export interface Cancellation {
  readonly id: string
  /** Raised by the ledger on every save: compare-and-set. */
  readonly version: number
  readonly status: Status
  readonly caller: string
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
    readonly at: number
  } | null
  readonly createdAt: number
  readonly updatedAt: number
  readonly settledAt: number | null
  /** When a request that was never sent expires. */
  readonly deadlineAt: number
  /** When the clock must look at this again; null when there is nothing to wait for. */
  readonly wakeAt: number | null
}

export const RESOLUTIONS = ['canceled', 'not_canceled', 'retry'] as const
export type Resolution = (typeof RESOLUTIONS)[number]

interface EndDetails {
  readonly at: number
  readonly effects: Effects
  readonly order: Order | null
  readonly result?: Result | undefined
}
/** How the last call ended; `unsent` as in `Attempt`. */
export interface Result {
  readonly result: string
  readonly ms: number
  readonly unsent?: boolean
}

export type Event =
  /** The intent to send, written down before the first byte. */
  | {
      readonly type: 'send'
      readonly at: number
      readonly call: string
      readonly order: Order
      readonly memo: unknown
      readonly wakeAt: number
      readonly withoutReason?: LeftOut | undefined
    }
  /** Provably nothing arrived: try again later. */
  | {
      readonly type: 'unsent'
      readonly at: number
      readonly wakeAt: number
      readonly result: Result
      readonly hindrance?: Hindrance | undefined
      readonly withoutReason?: LeftOut | undefined
    }
  /**
   * It may or may not have happened; `result` is missing after a crash. With `refusal`: an explicit
   * no, but what it left behind could not be seen yet. With `word`: an explicit yes that no look
   * shows yet.
   */
  | {
      readonly type: 'doubt'
      readonly at: number
      readonly wakeAt: number
      readonly result?: Result | undefined
      readonly refusal?: Problem | undefined
      readonly word?: Word | undefined
      readonly hindrance?: Hindrance | undefined
    }
  /** Nothing new; look again later. `hindrance`: why a look came to nothing. */
  | {
      readonly type: 'wait'
      readonly at: number
      readonly wakeAt: number
      readonly unchanged: boolean
      readonly hindrance?: Hindrance | undefined
    }
  | ({
      readonly type: 'succeed'
      readonly via: Via
      readonly alreadyCanceled: boolean
    } & EndDetails)
  | ({ readonly type: 'reject'; readonly via: Via | null; readonly problem: Problem } & EndDetails)
  | ({ readonly type: 'escalate'; readonly problem: Problem } & EndDetails)
  | {
      readonly type: 'resolve'
      readonly at: number
      readonly as: Resolution
      readonly note: string
      readonly by: string
      readonly effects: Effects
      readonly problem: Problem | null
      readonly deadlineAt: number
    }
  /** A rejected one whose problem is retryable, asked for again by its key. */
  | {
      readonly type: 'restart'
      readonly at: number
      readonly wakeAt: number
      readonly deadlineAt: number
      readonly byCustomer: boolean
    }

const FROM: Record<Event['type'], readonly Status[]> = {
  send: ['accepted', 'in_doubt'],
  unsent: ['sending'],
  doubt: ['sending'],
  wait: ['accepted', 'in_doubt'],
  succeed: ['accepted', 'sending', 'in_doubt'],
  reject: ['accepted', 'sending', 'in_doubt'],
  escalate: ['accepted', 'sending', 'in_doubt'],
  resolve: ['needs_attention'],
  restart: ['rejected'],
}

export class IllegalTransition extends Error {
  override readonly name = 'IllegalTransition'
  constructor(from: Status, event: Event['type']) {
    super(`a cancellation that is ${from} cannot ${event}`)
  }
}

const ended = (attempts: readonly Attempt[], result: Result | undefined): readonly Attempt[] => {
  const last = attempts.at(-1)
  return last && result ? [...attempts.slice(0, -1), { ...last, ...result }] : attempts
}

/** What a record that starts over looks like; its attempts stay, and what was confirmed. */
const reopened = (record: Cancellation, wakeAt: number, deadlineAt: number) =>
  ({
    status: 'accepted',
    effects: keepConfirmed(record.effects, pending(record.request)),
    problem: null,
    via: null,
    alreadyCanceled: false,
    settledAt: null,
    hindrance: undefined,
    doubted: undefined,
    tries: 0,
    unchangedLooks: 0,
    wakeAt,
    deadlineAt,
  }) as const

/**
 * What to remember from before the call that is sent now: what a record that starts over, once
 * settled, knew of the order has had its day.
 */
export const memoOf = ({ status, before, memo }: Cancellation, fresh: unknown): unknown =>
  status === 'accepted' && before === null ? (fresh ?? memo) : (memo ?? fresh)

/**
 * The next record. Throws `IllegalTransition` where the status forbids the event; never changes its
 * argument.
 */
export const transition = (record: Cancellation, event: Event): Cancellation => {
  if (
    !FROM[event.type].includes(record.status) ||
    (event.type === 'restart' && !record.problem?.retryable)
  ) {
    throw new IllegalTransition(record.status, event.type)
  }
  const next = { ...record, updatedAt: event.at }
  switch (event.type) {
    case 'send':
      return {
        ...next,
        status: 'sending',
        wakeAt: event.wakeAt,
        order: event.order,
        memo: memoOf(record, event.memo),
        unchangedLooks: 0,
        problem: null,
        doubted: record.status === 'in_doubt' || record.doubted || undefined,
        before: mayHaveActed(record) ? (record.before ?? event.order) : event.order,
        hindrance: undefined,
        withoutReason: event.withoutReason ?? record.withoutReason,
        // Only doubt starts the count anew: a cancel that never leaves must be tried ever less
        // often.
        tries: record.status === 'accepted' ? record.tries : 0,
        attempts: [
          ...record.attempts,
          { at: event.at, call: event.call, result: null, ms: null, unsent: false },
        ],
      }
    case 'unsent':
      return {
        ...next,
        status: 'accepted',
        wakeAt: event.wakeAt,
        tries: record.tries + 1,
        hindrance: event.hindrance,
        withoutReason: event.withoutReason ?? record.withoutReason,
        attempts: ended(record.attempts, { ...event.result, unsent: true }),
      }
    case 'doubt':
      return {
        ...next,
        status: 'in_doubt',
        wakeAt: event.wakeAt,
        tries: 0,
        problem: event.refusal ?? null,
        word: event.word ?? record.word,
        hindrance: event.hindrance,
        attempts: ended(record.attempts, event.result),
      }
    case 'wait':
      return {
        ...next,
        wakeAt: event.wakeAt,
        tries: record.tries + 1,
        hindrance: event.hindrance,
        unchangedLooks: record.unchangedLooks + (event.unchanged ? 1 : 0),
      }
    case 'succeed':
      return {
        ...next,
        status: 'succeeded',
        via: event.via,
        alreadyCanceled: event.alreadyCanceled,
        ...settled(event),
        problem: null,
        attempts: ended(record.attempts, event.result),
      }
    case 'reject':
      return {
        ...next,
        status: 'rejected',
        via: event.via,
        ...settled(event),
        problem: event.problem,
        attempts: ended(record.attempts, event.result),
      }
    case 'escalate':
      return {
        ...next,
        status: 'needs_attention',
        effects: keepConfirmed(record.effects, event.effects),
        order: event.order,
        problem: event.problem,
        wakeAt: null,
        attempts: ended(record.attempts, event.result),
      }
    case 'resolve': {
      const resolution = { as: event.as, note: event.note, by: event.by, at: event.at }
      if (event.as === 'retry') {
        return { ...next, ...reopened(record, event.at, event.deadlineAt), resolution }
      }
      return {
        ...next,
        status: event.as === 'canceled' ? 'succeeded' : 'rejected',
        via: 'operator',
        resolution,
        effects: event.effects,
        problem: event.problem,
        order: withoutCustomer(record.order),
        ...CLOSED,
        settledAt: event.at,
      }
    }
    case 'restart':
      return {
        ...next,
        ...reopened(record, event.wakeAt, event.deadlineAt),
        byCustomer: event.byCustomer,
        // It ended before it could be sent again; what an earlier call did is as open as it was.
        doubted: (mayHaveActed(record) && record.attempts.at(-1)?.unsent) || undefined,
        // An order’s memo is from before our first note; a transfer asked for again is the one that
        // is pending then.
        memo: record.request.target === 'transfer' ? null : record.memo,
      }
  }
}

/** What only an open record needs. */
const CLOSED = {
  before: null,
  word: undefined,
  doubted: undefined,
  hindrance: undefined,
  withoutReason: undefined,
  wakeAt: null,
} as const

/** Settled records are kept long, so they are kept without the customer. */
const settled = (event: EndDetails) => ({
  effects: event.effects,
  order: withoutCustomer(event.order),
  ...CLOSED,
  settledAt: event.at,
})

/** A new record, as it is claimed. */
export const accept = (draft: {
  id: string
  caller: string
  platform: string
  request: CancelRequest
  byCustomer: boolean
  now: number
  deadlineMs: number
  wakeAt: number
  batchId?: string | null
  account?: string | undefined
}): Cancellation => ({
  id: draft.id,
  version: 1,
  status: 'accepted',
  caller: draft.caller,
  batchId: draft.batchId ?? null,
  platform: draft.platform,
  request: draft.request,
  ...(draft.account !== undefined && { account: draft.account }),
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

/**
 * Whether an earlier call of ours may have reached the platform, so that a canceled order may be
 * our own doing.
 */
export const mayHaveActed = (record: Cancellation): boolean =>
  record.attempts.some(({ unsent }) => !unsent)
