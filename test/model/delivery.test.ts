/** What is told of a record, and what becomes of a row that owes it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cancellation, STATUSES, type Status } from '../../src/model/cancellation.ts'
import { transition } from '../../src/model/transitions.ts'
import {
  afterOwing,
  afterReplay,
  afterTrying,
  type Delivery,
  DELIVERY_STATES,
  EVENT_TYPES,
  eventOf,
  type Owed,
} from '../../src/model/delivery.ts'
import { skipped } from '../../src/model/effect.ts'
import { problem } from '../../src/model/problem.ts'
import { anyEvents, anyRequest, order, record, request } from './samples.ts'

const TOLD: readonly Status[] = ['in_doubt', 'succeeded', 'rejected', 'needs_attention']
const in_ = (status: Status): Cancellation => ({ ...record(), status })

describe('what is told of a record', () => {
  it.each(STATUSES)('that is new and %s', (status) =>
    expect(eventOf(null, in_(status))).toBe(
      TOLD.includes(status) ? `cancellation.${status}` : null,
    ),
  )

  it('nothing where it stays as it was, or waits or is sent', () => {
    for (const before of STATUSES)
      for (const status of STATUSES)
        expect(eventOf(in_(before), in_(status)), `${before} to ${status}`).toBe(
          before !== status && TOLD.includes(status) ? `cancellation.${status}` : null,
        )
  })

  it('doubt once, however often it is sent again; anew after a person had it tried again', () => {
    const told: (string | null)[] = []
    let current = record()
    const go = (event: Parameters<typeof transition>[1]) => {
      const next = transition(current, event)
      told.push(eventOf(current, next))
      current = next
    }
    const send = () =>
      go({
        type: 'send',
        at: 5_000,
        call: 'POST /cancel',
        order: order(),
        memo: null,
        wakeAt: 6_000,
      })
    const doubt = () => go({ type: 'doubt', at: 6_000, wakeAt: 7_000 })
    send()
    doubt()
    send()
    doubt()
    go({ type: 'wait', at: 7_000, wakeAt: 8_000, unchanged: true })
    send()
    go({ type: 'unsent', at: 7_000, wakeAt: 8_000, result: { result: 'not sent', ms: 1 } })
    send()
    doubt()
    expect(told.filter(Boolean)).toEqual(['cancellation.in_doubt'])
    expect(current.revision).toBe(1)
    const effects = skipped(request())
    go({
      type: 'escalate',
      at: 8_000,
      problem: problem('platform-credentials', 'who?'),
      effects,
      order: order(),
    })
    go({
      type: 'resolve',
      at: 9_000,
      as: 'retry',
      note: '',
      by: 'ops',
      effects,
      problem: null,
      deadlineAt: 10_000,
    })
    send()
    doubt()
    expect(told.filter(Boolean)).toEqual([
      'cancellation.in_doubt',
      'cancellation.needs_attention',
      'cancellation.in_doubt',
    ])
    expect(current.revision).toBe(3)
  })

  it('the revision rises by one with what is told, and with nothing else', () => {
    fc.assert(
      fc.property(anyRequest, anyEvents, (asked, events) => {
        let current = record({ request: asked })
        expect(current.revision).toBeUndefined()
        for (const event of events) {
          let next: Cancellation
          try {
            next = transition(current, event)
          } catch {
            continue
          }
          expect((next.revision ?? 0) - (current.revision ?? 0)).toBe(
            eventOf(current, next) === null ? 0 : 1,
          )
          current = next
        }
      }),
      { numRuns: 300 },
    )
  })

  it('only what is in the list', () => {
    for (const status of TOLD) expect(EVENT_TYPES).toContain(eventOf(null, in_(status)))
  })
})

const owed = (over: Partial<Owed> = {}): Owed => ({
  webhook: 'erp orders',
  subject: 'can_1',
  revision: 3,
  type: 'cancellation.succeeded',
  body: '{}',
  at: 1_000,
  ...over,
})
const row = (over: Partial<Delivery> = {}): Delivery => ({
  ...owed(),
  body: '{}',
  state: 'owed',
  tries: 2,
  triedAt: 900,
  lastResult: '500',
  deliveredAt: null,
  ...over,
})

describe('a row', () => {
  it('is new, or holds the newer from then on; when it was tried stays known', () => {
    expect(afterOwing(null, owed())).toEqual(row({ tries: 0, triedAt: null, lastResult: null }))
    for (const state of DELIVERY_STATES)
      expect(
        afterOwing(row({ state, deliveredAt: 950 }), owed({ revision: 4, body: '[]', at: 2_000 })),
      ).toEqual(row({ revision: 4, body: '[]', at: 2_000, tries: 0, lastResult: null }))
  })

  it('holds nothing older, and not the same again', () => {
    for (const revision of [2, 3])
      for (const body of ['[]', null])
        expect(afterOwing(row(), owed({ revision, body }))).toBeNull()
  })

  it('is superseded by what is not wanted, where it was not told', () => {
    const newer = owed({ revision: 4, body: null, type: 'cancellation.rejected' })
    expect(afterOwing(null, newer)).toBeNull()
    for (const state of ['owed', 'failed'] as const)
      expect(afterOwing(row({ state }), newer)).toEqual(row({ state: 'superseded' }))
    for (const state of ['delivered', 'superseded'] as const)
      expect(afterOwing(row({ state }), newer)).toBeNull()
  })

  it('counts every try, and ends delivered, failed or owed as before', () => {
    const tried = { tries: 3, triedAt: 5_000, lastResult: '204' }
    expect(afterTrying(row(), row(), 'delivered', '204', 5_000)).toEqual(
      row({ ...tried, state: 'delivered', deliveredAt: 5_000 }),
    )
    for (const state of ['owed', 'failed'] as const)
      expect(afterTrying(row(), row(), state, '204', 5_000)).toEqual(row({ ...tried, state }))
  })

  it('that was replaced, is gone or was delivered is not touched by a late try', () => {
    for (const state of ['owed', 'failed', 'delivered'] as const) {
      expect(afterTrying(row({ revision: 4 }), row(), state, '204', 5_000)).toBeNull()
      expect(afterTrying(row({ state: 'delivered' }), row(), state, '204', 5_000)).toBeNull()
      expect(afterTrying(null, row(), state, '204', 5_000)).toBeNull()
    }
  })

  it('that was superseded on its way may still arrive, but is never owed again by it', () => {
    const superseded = row({ state: 'superseded' })
    for (const state of ['owed', 'failed'] as const)
      expect(afterTrying(superseded, row(), state, '500', 5_000)?.state).toBe('superseded')
    expect(afterTrying(superseded, row(), 'delivered', '200', 5_000)).toMatchObject({
      state: 'delivered',
      deliveredAt: 5_000,
    })
  })

  it('is owed again as it was told', () =>
    expect(afterReplay(row({ state: 'delivered', deliveredAt: 900 }))).toEqual(
      row({ tries: 0, deliveredAt: 900 }),
    ))
})

describe('a cancellation that is over', () => {
  const held = record({ status: 'succeeded', wakeAt: null })
  const reopened = { ...held, reopenedAt: 9_000 }
  it('is told of again where its order is open again, and where that is canceled again', () => {
    expect(eventOf(held, reopened)).toBe('cancellation.reopened')
    expect(eventOf(reopened, held)).toBe('cancellation.succeeded')
    expect(eventOf(reopened, { ...reopened, updatedAt: 10_000 })).toBeNull()
  })
})
