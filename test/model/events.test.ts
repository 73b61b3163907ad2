/** Each event of a record's life by itself: where it is allowed, and what it writes. */
import { describe, expect, it } from 'vitest'
import { awaited } from '../../src/model/approval.ts'
import { type Cancellation, STATUSES, type Status } from '../../src/model/cancellation.ts'
import { type Event, IllegalTransition, transition } from '../../src/model/transitions.ts'
import { pending } from '../../src/model/effect.ts'
import { problem } from '../../src/model/problem.ts'
import { effects, EVENTS, retryable } from './event-samples.ts'
import { order, record, request } from './samples.ts'

const ALLOWED: Record<Event['type'], readonly Status[]> = {
  send: ['accepted', 'in_doubt'],
  unsent: ['sending'],
  running: ['sending'],
  doubt: ['sending'],
  wait: ['accepted', 'in_doubt'],
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

const attempt = { at: 4_000, call: 'POST /cancel', result: null, ms: null, unsent: false }

const sending = record({
  status: 'sending',
  attempts: [{ ...attempt, result: 'timeout', ms: 9 }, attempt],
  tries: 2,
  unchangedLooks: 1,
  order: order(),
})

describe('where an event is allowed', () => {
  for (const type of Object.keys(EVENTS) as Event['type'][]) {
    it.each(STATUSES)(`${type} from %s`, (status) => {
      const reopenedAt = type === 'recancel' ? 4_500 : undefined
      const waitsForLink = type === 'release' ? true : undefined
      const isOfApproval = type === 'ask' || type === 'approve' || type === 'decline'
      const approval = isOfApproval ? awaited : undefined
      const from = record({ status, problem: retryable, reopenedAt, waitsForLink, approval })
      const move = () => transition(from, EVENTS[type])
      if (ALLOWED[type].includes(status)) expect(move()).toMatchObject({ updatedAt: 5_000 })
      else expect(move).toThrow(new IllegalTransition(status, type))
    })
  }
  it('says what was tried', () => {
    expect(() => transition(record(), EVENTS.unsent)).toThrow(
      'a cancellation that is accepted cannot unsent',
    )
    expect(new IllegalTransition('accepted', 'send').name).toBe('IllegalTransition')
  })
  it('a rejection that is not retryable, or has no problem, stays', () => {
    const final = problem('order-not-cancelable', 'no', { cause: 'fulfilled' })
    expect(() =>
      transition(record({ status: 'rejected', problem: final }), EVENTS.restart),
    ).toThrow(IllegalTransition)
    expect(() => transition(record({ status: 'rejected' }), EVENTS.restart)).toThrow(
      IllegalTransition,
    )
  })
  it('open again and canceled again follow one another', () => {
    const held = record({ status: 'succeeded' })
    expect(() => transition(held, EVENTS.recancel)).toThrow(
      new IllegalTransition('succeeded', 'recancel'),
    )
    const reopened = transition(held, EVENTS.reopen)
    expect(() => transition(reopened, EVENTS.reopen)).toThrow(
      new IllegalTransition('succeeded', 'reopen'),
    )
    expect(transition(reopened, EVENTS.recancel).reopenedAt).toBeUndefined()
  })
})

describe('what an event writes', () => {
  const after = (from: Cancellation, event: Event) => transition(from, event)

  it('send: the intent, before the first byte', () => {
    expect(after(record({ tries: 3, unchangedLooks: 1 }), EVENTS.send)).toEqual(
      record({
        status: 'sending',
        updatedAt: 5_000,
        wakeAt: 6_000,
        order: order(),
        before: order(),
        memo: 'note',
        tries: 3,
        unchangedLooks: 0,
        attempts: [{ ...attempt, at: 5_000 }],
      }),
    )
  })
  it('send again: effects are told against what was before the first call that may act', () => {
    const first = order({ paymentStatus: 'authorized' })
    const again = (over: object) =>
      after(record({ status: 'in_doubt', before: first, ...over }), EVENTS.send).before
    expect(again({ attempts: [attempt] })).toEqual(first)
    expect(again({ attempts: [{ ...attempt, unsent: true }] })).toEqual(order())
    expect(again({ before: null, attempts: [attempt] })).toEqual(order())
  })
  it('send after doubt counts its failures anew and drops the earlier refusal', () => {
    expect(
      after(
        record({
          status: 'in_doubt',
          tries: 5,
          unchangedLooks: 1,
          memo: 'first',
          problem: retryable,
          attempts: [attempt],
        }),
        EVENTS.send,
      ),
    ).toMatchObject({
      tries: 0,
      unchangedLooks: 0,
      memo: 'first',
      problem: null,
      attempts: [attempt, { at: 5_000 }],
    })
  })
  it('unsent: back to accepted, one more try behind it', () => {
    expect(after(sending, EVENTS.unsent)).toEqual({
      ...sending,
      status: 'accepted',
      updatedAt: 5_000,
      wakeAt: 6_000,
      tries: 3,
      attempts: [
        sending.attempts[0],
        { ...attempt, result: 'not sent: unreachable', ms: 3, unsent: true },
      ],
    })
  })
  it('doubt: with the end of the call, or without after a crash', () => {
    expect(after(sending, EVENTS.doubt)).toEqual({
      ...sending,
      revision: 1,
      status: 'in_doubt',
      updatedAt: 5_000,
      wakeAt: 6_000,
      tries: 0,
      attempts: [sending.attempts[0], { ...attempt, result: 'timeout', ms: 20_000 }],
    })
    expect(
      after(sending, { type: 'doubt', at: 5_000, wakeAt: 6_000, refusal: retryable }),
    ).toMatchObject({ attempts: sending.attempts, problem: retryable })
  })
  it('running: still being sent; the look at it is counted, and what it remembers is kept', () => {
    const started = after(sending, EVENTS.running)
    expect(started).toEqual({
      ...sending,
      updatedAt: 5_000,
      wakeAt: 6_000,
      tries: 0,
      running: { memo: 'job-1' },
      attempts: [sending.attempts[0], { ...attempt, result: '200, queued', ms: 30 }],
    })
    expect(after(started, EVENTS.running)).toMatchObject({ status: 'sending', tries: 1 })
    expect(after(started, EVENTS.wait)).toMatchObject({ status: 'sending', tries: 1 })
    for (const event of [EVENTS.doubt, EVENTS.succeed, EVENTS.reject, EVENTS.escalate])
      expect(after(started, event).running).toBeUndefined()
  })
  it('wait: later, and counts looks that found nothing changed', () => {
    const doubtful = record({ status: 'in_doubt', unchangedLooks: 1, tries: 4, problem: retryable })
    expect(after(doubtful, EVENTS.wait)).toEqual({
      ...doubtful,
      updatedAt: 5_000,
      wakeAt: 6_000,
      tries: 5,
      unchangedLooks: 2,
    })
    expect(
      after(doubtful, { type: 'wait', at: 5_000, wakeAt: 6_000, unchanged: false }),
    ).toMatchObject({ tries: 5, unchangedLooks: 1 })
  })
  it('succeed', () => {
    expect(after({ ...sending, problem: retryable }, EVENTS.succeed)).toEqual({
      ...sending,
      revision: 1,
      status: 'succeeded',
      via: 'reply',
      effects,
      order: order({ status: 'canceled', customer: null }),
      updatedAt: 5_000,
      settledAt: 5_000,
      wakeAt: null,
      attempts: [sending.attempts[0], { ...attempt, result: '200', ms: 40 }],
    })
  })
  it('reject; a call that never left is told apart', () => {
    expect(after(sending, EVENTS.reject)).toEqual({
      ...sending,
      revision: 1,
      status: 'rejected',
      via: 'reply',
      effects,
      problem: retryable,
      order: order({ customer: null }),
      updatedAt: 5_000,
      settledAt: 5_000,
      wakeAt: null,
      attempts: [sending.attempts[0], { ...attempt, result: '409', ms: 40 }],
    })
    expect(
      after(sending, {
        ...EVENTS.reject,
        result: { result: 'not sent', ms: 1, unsent: true },
      } as Event).attempts[1],
    ).toEqual({ ...attempt, result: 'not sent', ms: 1, unsent: true })
    expect(after(record(), { ...EVENTS.reject, order: null } as Event)).toMatchObject({
      order: null,
      attempts: [],
    })
  })
  it('escalate keeps the customer for the person who looks', () => {
    expect(after(sending, EVENTS.escalate)).toEqual({
      ...sending,
      revision: 1,
      status: 'needs_attention',
      effects,
      problem: retryable,
      order: order(),
      updatedAt: 5_000,
      wakeAt: null,
      attempts: [sending.attempts[0], { ...attempt, result: '400', ms: 40 }],
    })
  })
  it('a person closes it, or has it tried again', () => {
    const open = record({
      status: 'needs_attention',
      order: order(),
      problem: retryable,
      attempts: [attempt],
      wakeAt: null,
      tries: 4,
      unchangedLooks: 2,
      memo: 'note',
    })
    const resolve = (as: 'canceled' | 'not_canceled' | 'retry') =>
      after(open, {
        ...EVENTS.resolve,
        as,
        problem: as === 'not_canceled' ? retryable : null,
      } as Event)
    const resolution = (as: string) => ({ as, note: 'mended', by: 'ops', at: 5_000 })
    const closed = {
      ...open,
      revision: 1,
      via: 'operator',
      effects,
      order: order({ customer: null }),
      updatedAt: 5_000,
      settledAt: 5_000,
    }
    expect(resolve('canceled')).toEqual({
      ...closed,
      status: 'succeeded',
      problem: null,
      resolution: resolution('canceled'),
    })
    expect(resolve('not_canceled')).toEqual({
      ...closed,
      status: 'rejected',
      problem: retryable,
      resolution: resolution('not_canceled'),
    })
    expect(resolve('retry')).toEqual({
      ...open,
      status: 'accepted',
      problem: null,
      effects: pending(request()),
      tries: 0,
      unchangedLooks: 0,
      updatedAt: 5_000,
      wakeAt: 5_000,
      deadlineAt: 8_000,
      resolution: resolution('retry'),
    })
  })
  it('restart keeps the id and what was tried', () => {
    const refused = record({
      status: 'rejected',
      via: 'reply',
      alreadyCanceled: true,
      problem: retryable,
      attempts: [attempt],
      settledAt: 4_500,
      wakeAt: null,
      tries: 4,
      unchangedLooks: 2,
      memo: 'note',
      order: order({ customer: null }),
    })
    expect(after(refused, EVENTS.restart)).toEqual({
      ...refused,
      status: 'accepted',
      via: null,
      alreadyCanceled: false,
      problem: null,
      effects: pending(request()),
      settledAt: null,
      tries: 0,
      unchangedLooks: 0,
      updatedAt: 5_000,
      wakeAt: 7_000,
      deadlineAt: 8_000,
      byCustomer: true,
    })
    expect(
      after({ ...refused, request: request({ target: 'transfer' }) }, EVENTS.restart).memo,
    ).toBeNull()
  })
  it('restart is asked with another key, or with one that has no name', () => {
    const refused = record({ status: 'rejected', problem: retryable, keyName: 'day', wakeAt: null })
    const restarted = (keyName?: string | null) =>
      after(refused, { ...EVENTS.restart, keyName } as Event)
    expect(restarted('night').keyName).toBe('night')
    expect(restarted(null).keyName).toBeUndefined()
    expect(restarted().keyName).toBe('day')
  })
  it('restart keeps the doubt of one that ended before it could be sent again', () => {
    const unsent = { ...attempt, result: 'unreachable', unsent: true }
    const doubted = (...attempts: Cancellation['attempts'][number][]) =>
      after(
        record({ status: 'rejected', problem: retryable, wakeAt: null, attempts }),
        EVENTS.restart,
      ).doubted
    expect(doubted(attempt, unsent)).toBe(true)
    expect(doubted(attempt, attempt, unsent)).toBe(true)
    // Its last call was refused: what that says holds for all.
    expect(doubted(attempt, unsent, attempt)).toBeUndefined()
    expect(doubted(unsent, unsent)).toBeUndefined()
    expect(doubted()).toBeUndefined()
  })
  it('a person’s word keeps the name of the key that it was said with, where it has one', () => {
    const open = record({ status: 'needs_attention', problem: retryable, wakeAt: null })
    const said = (keyName?: string | null) =>
      after(open, { ...EVENTS.resolve, keyName } as Event).resolution
    expect(said('night')).toMatchObject({ by: 'ops', keyName: 'night' })
    for (const none of [undefined, null, '']) expect(said(none)).not.toHaveProperty('keyName')
  })
  it('release: only of one that waits for its turn', () => {
    const release = { type: 'release', at: 5_000, deadlineAt: 9_000 } as const
    expect(after(record({ waitsForLink: true }), release)).toMatchObject({
      status: 'accepted',
      deadlineAt: 9_000,
    })
    expect(() => transition(record(), release)).toThrow(
      new IllegalTransition('accepted', 'release'),
    )
  })
  it('hasten: looked at now, unless it is to be sooner or waits for its turn', () => {
    const hastened = (wakeAt: number | null) => after(record({ wakeAt }), EVENTS.hasten).wakeAt
    expect(after(record({ wakeAt: 9_000, tries: 3 }), EVENTS.hasten)).toEqual(
      record({ wakeAt: 5_000, updatedAt: 5_000, tries: 3 }),
    )
    expect([hastened(4_000), hastened(null)]).toEqual([4_000, null])
  })
  it('refresh: the order as it is, with the customer, and nothing else', () => {
    const open = record({ status: 'needs_attention', problem: retryable, order: order() })
    expect(after(open, EVENTS.refresh)).toEqual({
      ...open,
      updatedAt: 5_000,
      order: order({ status: 'canceled' }),
    })
  })
  it('reopen and recancel: told of, without the customer; settled it stays', () => {
    const held = record({ status: 'succeeded', revision: 3, settledAt: 4_000, wakeAt: null })
    const reopened = {
      ...held,
      revision: 4,
      updatedAt: 5_000,
      reopenedAt: 5_000,
      order: order({ customer: null }),
    }
    expect(after(held, EVENTS.reopen)).toEqual(reopened)
    expect(after(reopened, { ...EVENTS.recancel, at: 6_000 } as Event)).toEqual({
      ...reopened,
      revision: 5,
      updatedAt: 6_000,
      reopenedAt: undefined,
      order: order({ status: 'canceled', customer: null }),
    })
  })
})
