/** What is said about a record: what it was accepted with, and where it stands. */
import { describe, expect, it } from 'vitest'
import {
  accept,
  type Attempt,
  isAtRest,
  isFinal,
  isRetried,
  STATUSES,
} from '../../src/model/cancellation.ts'
import { mayHaveActed } from '../../src/model/transitions.ts'
import { pending } from '../../src/model/effect.ts'
import { record, request } from './samples.ts'

const attempt = { at: 4_000, call: 'POST /cancel', result: null, ms: null, unsent: false }

describe('words about a record', () => {
  it('accept writes everything that is known and nothing that is not', () => {
    expect(
      accept({
        id: 'can_9',
        caller: 'erp',
        platform: 'toy',
        request: request({ notify: true }),
        byCustomer: true,
        now: 100,
        deadlineMs: 50,
        wakeAt: 120,
      }),
    ).toEqual({
      id: 'can_9',
      version: 1,
      status: 'accepted',
      caller: 'erp',
      batchId: null,
      platform: 'toy',
      request: request({ notify: true }),
      byCustomer: true,
      alreadyCanceled: false,
      via: null,
      effects: pending(request({ notify: true })),
      order: null,
      before: null,
      memo: null,
      problem: null,
      attempts: [],
      tries: 0,
      unchangedLooks: 0,
      resolution: null,
      createdAt: 100,
      updatedAt: 100,
      settledAt: null,
      deadlineAt: 150,
      wakeAt: 120,
    })
  })
  it('final and at rest', () => {
    expect(STATUSES.filter(isFinal)).toEqual(['succeeded', 'rejected'])
    expect(STATUSES.filter(isAtRest)).toEqual(['succeeded', 'rejected', 'needs_attention'])
  })
  it('retried, and may have acted', () => {
    const said = (as: 'retry' | 'canceled', ...attempts: Attempt[]) =>
      record({ attempts, resolution: { as, note: '', by: '', at: 9 } })
    expect([
      isRetried(record()),
      isRetried(said('retry', { ...attempt, at: 8 })),
      isRetried(said('canceled', { ...attempt, at: 8 })),
    ]).toEqual([false, true, false])
    // Nothing was sent before, or only after it: nothing earlier is open.
    expect(
      [
        said('retry'),
        said('retry', { ...attempt, at: 8, unsent: true }),
        said('retry', { ...attempt, at: 10 }),
      ].map(isRetried),
    ).toEqual([false, false, false])
    const tried = (...unsent: boolean[]) =>
      mayHaveActed(record({ attempts: unsent.map((value) => ({ ...attempt, unsent: value })) }))
    expect([tried(), tried(true), tried(false), tried(false, true)]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })
})
