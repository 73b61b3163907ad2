/** What must be approved: by whom, once, and never sent before. */
import { describe, expect, it } from 'vitest'
import { awaited, awaitsApproval, isApproved, isAsked } from '../../src/model/approval.ts'
import { accept, type Cancellation, STATUSES } from '../../src/model/cancellation.ts'
import { eventOf } from '../../src/model/delivery.ts'
import { IllegalTransition, transition } from '../../src/model/transitions.ts'
import { EVENTS, retryable } from './event-samples.ts'
import { order, record, request } from './samples.ts'

const given = { ...awaited, askedAt: 2_000, state: 'given', by: 'boss', at: 3_000 } as const
const declined = { ...given, state: 'declined' } as const
const illegal = (make: () => Cancellation) => expect(make).toThrow(IllegalTransition)

describe('nothing is sent', () => {
  it.each(['accepted', 'in_doubt'] as const)('of what is %s and not approved', (status) => {
    illegal(() => transition(record({ status, approval: awaited }), EVENTS.send))
    illegal(() => transition(record({ status, approval: declined }), EVENTS.send))
    for (const approval of [given, undefined])
      expect(transition(record({ status, approval }), EVENTS.send).status).toBe('sending')
  })
  it('of what ended and is asked for again, whoever approved it before', () => {
    const ended = record({ status: 'rejected', problem: retryable, approval: given })
    const again = transition(ended, { ...EVENTS.restart, needsApproval: true } as never)
    expect(again).toMatchObject({ status: 'accepted', approval: awaited })
    illegal(() => transition(again, EVENTS.send))
    expect(transition(ended, EVENTS.restart).approval).toBeUndefined()
  })
})

describe('an approval', () => {
  const draft = (needsApproval: boolean) =>
    accept({
      id: 'can_1',
      caller: 'erp',
      platform: 'toy',
      request: request(),
      byCustomer: false,
      now: 1_000,
      deadlineMs: 9_000,
      wakeAt: 1_000,
      needsApproval,
    })
  it('is awaited from the first moment, where it must be had', () => {
    expect(awaitsApproval(draft(true))).toBe(true)
    expect(isAsked(draft(true))).toBe(false)
    expect(draft(false)).not.toHaveProperty('approval')
    expect([isApproved(draft(true)), isApproved(draft(false))]).toEqual([false, true])
  })
  it('is asked for once, and kept without the customer', () => {
    const asked = transition(draft(true), EVENTS.ask)
    expect(isAsked(asked)).toBe(true)
    expect(asked).toMatchObject({
      status: 'accepted',
      approval: { state: 'awaited', askedAt: 5_000 },
      order: { ...order(), customer: null },
      wakeAt: 9_000,
    })
    const later = transition(asked, { ...EVENTS.ask, at: 6_000 } as never)
    expect(later.approval?.askedAt).toBe(5_000)
    expect(eventOf(draft(true), asked)).toBe('cancellation.approval_awaited')
    expect(eventOf(asked, later)).toBeNull()
    expect(asked.revision).toBe(1)
  })
  it('is given once, by somebody else, and has a deadline of its own', () => {
    const asked = transition(draft(true), EVENTS.ask)
    const approved = transition(asked, EVENTS.approve)
    expect(approved).toMatchObject({
      status: 'accepted',
      approval: { state: 'given', askedAt: 5_000, by: 'boss', at: 5_000, note: 'fine' },
      wakeAt: 5_000,
      deadlineAt: 8_000,
    })
    illegal(() => transition(approved, EVENTS.approve))
    illegal(() => transition(approved, EVENTS.decline))
    illegal(() => transition(approved, EVENTS.ask))
    illegal(() => transition(asked, { ...EVENTS.approve, by: 'erp' } as never))
    illegal(() => transition(asked, { ...EVENTS.decline, by: 'erp' } as never))
    illegal(() => transition(draft(false), EVENTS.approve))
  })
  it('is declined: it ends, and stays so', () => {
    const ended = transition(draft(true), EVENTS.decline)
    expect(ended).toMatchObject({
      status: 'rejected',
      via: null,
      wakeAt: null,
      settledAt: 5_000,
      approval: { state: 'declined', by: 'boss', note: 'not this one' },
      problem: { cause: 'declined' },
    })
    illegal(() => transition(ended, EVENTS.restart))
  })
  it('is waited for no longer once it ended otherwise', () => {
    for (const event of [EVENTS.succeed, EVENTS.reject])
      expect(transition(draft(true), event).approval).toBeUndefined()
    const kept = transition(record({ status: 'accepted', approval: given }), EVENTS.succeed)
    expect(kept.approval).toEqual(given)
  })
  it('is still awaited after a person had it tried again', () => {
    const handed = transition(draft(true), EVENTS.escalate)
    expect(awaitsApproval(handed)).toBe(false)
    const again = transition(handed, EVENTS.resolve)
    expect(awaitsApproval(again)).toBe(true)
    illegal(() => transition(again, EVENTS.send))
    const approved = transition(
      record({ status: 'needs_attention', approval: given }),
      EVENTS.resolve,
    )
    expect(transition(approved, EVENTS.send).status).toBe('sending')
  })
  it('is waited for while it is accepted, and at no other time', () => {
    for (const status of STATUSES)
      expect(awaitsApproval({ status, approval: awaited })).toBe(status === 'accepted')
  })
})
