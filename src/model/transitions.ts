/** What each event makes of a cancellation: the one function that moves it on, and from where. */
import { asked, awaited, awaitsApproval, isApproved } from './approval.ts'
import { type Attempt, type Cancellation, isFinal, type Status } from './cancellation.ts'
import type { EndDetails, Event, Result } from './change.ts'
import { eventOf } from './delivery.ts'
import { keepConfirmed, pending } from './effect.ts'
import { withoutCustomer } from './order.ts'

export type { Event, Result } from './change.ts'

const FROM: Record<Event['type'], readonly Status[]> = {
  send: ['accepted', 'in_doubt'],
  unsent: ['sending'],
  running: ['sending'],
  doubt: ['sending'],
  wait: ['accepted', 'sending', 'in_doubt'],
  succeed: ['accepted', 'sending', 'in_doubt'],
  reject: ['accepted', 'sending', 'in_doubt'],
  escalate: ['accepted', 'sending', 'in_doubt'],
  resolve: ['needs_attention'],
  restart: ['rejected'],
  ask: ['accepted'],
  approve: ['accepted'],
  decline: ['accepted'],
  hasten: ['accepted'],
  release: ['accepted'],
  refresh: ['needs_attention'],
  reopen: ['succeeded'],
  recancel: ['succeeded'],
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
const startedOver = (record: Cancellation, wakeAt: number, deadlineAt: number) =>
  ({
    status: 'accepted',
    effects: keepConfirmed(record.effects, pending(record.request)),
    problem: null,
    via: null,
    alreadyCanceled: false,
    settledAt: null,
    hindrance: undefined,
    running: undefined,
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
 * Whether an earlier call of ours may have reached the platform, so that a canceled order may be
 * our own doing.
 */
export const mayHaveActed = (record: Cancellation): boolean =>
  record.attempts.some(({ unsent }) => !unsent)

/** What only an open record needs. */
const CLOSED = {
  before: null,
  word: undefined,
  doubted: undefined,
  running: undefined,
  hindrance: undefined,
  withoutReason: undefined,
  waitsForLink: undefined,
  wakeAt: null,
} as const

/** Settled records are kept long, so they are kept without the customer. */
const settled = (event: EndDetails) => ({
  effects: event.effects,
  order: withoutCustomer(event.order),
  ...CLOSED,
  settledAt: event.at,
})

type EventOf<Type extends Event['type']> = Extract<Event, { readonly type: Type }>

const send = (record: Cancellation, event: EventOf<'send'>): Cancellation => ({
  ...record,
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
  // Only doubt starts the count anew: a cancel that never leaves must be tried ever less often.
  tries: record.status === 'accepted' ? record.tries : 0,
  attempts: [
    ...record.attempts,
    { at: event.at, call: event.call, result: null, ms: null, unsent: false },
  ],
})

const unsent = (record: Cancellation, event: EventOf<'unsent'>): Cancellation => ({
  ...record,
  status: 'accepted',
  wakeAt: event.wakeAt,
  tries: record.tries + 1,
  hindrance: event.hindrance,
  withoutReason: event.withoutReason ?? record.withoutReason,
  attempts: ended(record.attempts, { ...event.result, unsent: true }),
})

/** `tries` counts its looks: what is long at work is asked for ever less often. */
const running = (record: Cancellation, event: EventOf<'running'>): Cancellation => ({
  ...record,
  wakeAt: event.wakeAt,
  tries: record.running ? record.tries + 1 : 0,
  running: event.running,
  hindrance: undefined,
  attempts: ended(record.attempts, event.result),
})

const doubt = (record: Cancellation, event: EventOf<'doubt'>): Cancellation => ({
  ...record,
  status: 'in_doubt',
  wakeAt: event.wakeAt,
  tries: 0,
  running: undefined,
  problem: event.refusal ?? null,
  word: event.word ?? record.word,
  hindrance: event.hindrance,
  attempts: ended(record.attempts, event.result),
})

const wait = (record: Cancellation, event: EventOf<'wait'>): Cancellation => ({
  ...record,
  wakeAt: event.wakeAt,
  tries: record.tries + 1,
  hindrance: event.hindrance,
  unchangedLooks: record.unchangedLooks + (event.unchanged ? 1 : 0),
})

const succeed = (record: Cancellation, event: EventOf<'succeed'>): Cancellation => ({
  ...record,
  status: 'succeeded',
  via: event.via,
  alreadyCanceled: event.alreadyCanceled,
  ...settled(event),
  problem: null,
  attempts: ended(record.attempts, event.result),
})

const reject = (record: Cancellation, event: EventOf<'reject'>): Cancellation => ({
  ...record,
  status: 'rejected',
  via: event.via,
  ...settled(event),
  problem: event.problem,
  attempts: ended(record.attempts, event.result),
})

const escalate = (record: Cancellation, event: EventOf<'escalate'>): Cancellation => ({
  ...record,
  status: 'needs_attention',
  effects: keepConfirmed(record.effects, event.effects),
  order: event.order,
  problem: event.problem,
  running: undefined,
  wakeAt: null,
  attempts: ended(record.attempts, event.result),
})

const resolve = (record: Cancellation, event: EventOf<'resolve'>): Cancellation => {
  const { as, note, by, keyName, at } = event
  const resolution = { as, note, by, ...(keyName && { keyName }), at }
  if (event.as === 'retry')
    return { ...record, ...startedOver(record, event.at, event.deadlineAt), resolution }
  return {
    ...record,
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

const restart = (record: Cancellation, event: EventOf<'restart'>): Cancellation => ({
  ...record,
  ...startedOver(record, event.wakeAt, event.deadlineAt),
  byCustomer: event.byCustomer,
  ...(event.keyName !== undefined && { keyName: event.keyName ?? undefined }),
  ...(event.link !== undefined && { link: event.link, waitsForLink: true }),
  // What ended was approved as it was then, and somebody looks at it anew.
  approval: event.needsApproval ? awaited : undefined,
  // It ended before it could be sent again; what an earlier call did is as open as it was.
  doubted: (mayHaveActed(record) && record.attempts.at(-1)?.unsent) || undefined,
  // An order’s memo is from before our first note; a transfer asked for again is the one that is
  // pending then.
  memo: record.request.target === 'transfer' ? null : record.memo,
})

/** Kept for days, so without the customer. */
const ask = (record: Cancellation, { at, wakeAt, order }: EventOf<'ask'>): Cancellation => ({
  ...record,
  approval: asked(record, at),
  order: withoutCustomer(order),
  wakeAt,
  tries: 0,
  hindrance: undefined,
})

const approve = (
  record: Cancellation,
  { at, by, keyName, note, deadlineAt }: EventOf<'approve'>,
): Cancellation => ({
  ...record,
  approval: { ...asked(record, at), state: 'given', by, keyName, at, note },
  wakeAt: at,
  deadlineAt,
  tries: 0,
})

const decline = (
  record: Cancellation,
  { at, by, keyName, note, effects, problem }: EventOf<'decline'>,
): Cancellation => ({
  ...record,
  status: 'rejected',
  via: null,
  approval: { ...asked(record, at), state: 'declined', by, keyName, at, note },
  problem,
  ...settled({ at, effects, order: record.order }),
})

const hasten = (record: Cancellation, { at }: EventOf<'hasten'>): Cancellation => ({
  ...record,
  wakeAt: record.wakeAt === null ? null : Math.min(record.wakeAt, at),
})

const release = (record: Cancellation, event: EventOf<'release'>): Cancellation => ({
  ...record,
  waitsForLink: undefined,
  wakeAt: event.at,
  deadlineAt: event.deadlineAt,
})

const refresh = (record: Cancellation, { order }: EventOf<'refresh'>): Cancellation => ({
  ...record,
  order,
})

const reopen = (record: Cancellation, { at, order }: EventOf<'reopen'>): Cancellation => ({
  ...record,
  reopenedAt: at,
  order: withoutCustomer(order),
})

const recancel = (record: Cancellation, { order }: EventOf<'recancel'>): Cancellation => ({
  ...record,
  reopenedAt: undefined,
  order: withoutCustomer(order),
})

const AFTER: {
  readonly [Type in Event['type']]: (record: Cancellation, event: EventOf<Type>) => Cancellation
} = {
  send,
  unsent,
  running,
  doubt,
  wait,
  succeed,
  reject,
  escalate,
  resolve,
  restart,
  ask,
  approve,
  decline,
  hasten,
  release,
  refresh,
  reopen,
  recancel,
}

/** Where an event may be met though the status allows it. */
const isMeant = (record: Cancellation, event: Event): boolean => {
  const { type } = event
  // Whatever led here: what somebody must approve, and nobody has, is not sent.
  if (type === 'send') return isApproved(record)
  if (type === 'ask') return awaitsApproval(record)
  if (type === 'approve' || type === 'decline')
    return awaitsApproval(record) && event.by !== record.caller
  if (type === 'wait') return record.status !== 'sending' || record.running !== undefined
  if (type === 'restart') return record.problem?.retryable === true
  if (type === 'reopen') return record.reopenedAt === undefined
  if (type === 'release') return record.waitsForLink === true
  return type !== 'recancel' || record.reopenedAt !== undefined
}

/**
 * The next record, its revision raised where the change is told of. Throws `IllegalTransition`
 * where the status forbids the event; never changes its argument.
 */
export const transition = (record: Cancellation, event: Event): Cancellation => {
  if (!FROM[event.type].includes(record.status) || !isMeant(record, event))
    throw new IllegalTransition(record.status, event.type)
  const after = AFTER[event.type] as (record: Cancellation, event: Event) => Cancellation
  const made = after({ ...record, updatedAt: event.at }, event)
  // At its end nobody is waited for any more.
  const isOver = isFinal(made.status) && made.approval?.state === 'awaited'
  const next = isOver ? { ...made, approval: undefined } : made
  return eventOf(record, next) === null ? next : { ...next, revision: (record.revision ?? 0) + 1 }
}
