/**
 * What a ledger tells of itself at a glance: open records by status, the oldest of them, and what
 * is due first.
 */
import { describe, expect, it } from 'vitest'
import { awaited } from '../../src/model/approval.ts'
import type { DayCount } from '../../src/model/cancellation.ts'
import {
  become,
  claim,
  DAY,
  draft,
  type Open,
  save,
  setUp,
  standing,
  START,
  take,
} from './records.ts'

const NONE = { accepted: 0, sending: 0, in_doubt: 0, needs_attention: 0 }
const call = (at: number) => ({ at, call: 'POST /cancel', result: null, ms: null, unsent: false })

export const testFigures = (open: Open): void => {
  it('nothing yet: no counts, no times', async () => {
    const { ledger } = await setUp(open)
    expect(await ledger.figures(['paris', 'constructor'])).toEqual({
      counts: NONE,
      oldestDoubtAt: null,
      oldestAttentionAt: null,
      awaitingApproval: 0,
      nextDueAt: [null, null],
    })
  })

  it('how many wait for approval, as they come and go', async () => {
    const { ledger, other } = await setUp(open)
    const count = async () => (await other.figures([])).awaitingApproval
    const [first, second] = [
      await claim(ledger, { ...draft(), approval: awaited }),
      await claim(ledger, { ...draft(), approval: awaited }),
    ]
    await standing(ledger, {}, 'accepted')
    expect(await count()).toBe(2)
    const approval = { ...awaited, state: 'given' } as const
    await save(ledger, { ...become(first, 'accepted'), approval })
    expect(await count()).toBe(1)
    const ended = await save(ledger, { ...become(second, 'rejected'), approval: undefined })
    expect(await count()).toBe(0)
    await save(ledger, { ...become(ended, 'accepted'), approval: awaited })
    expect(await count()).toBe(1)
    expect((await other.figures([])).counts.accepted).toBe(3)
  })

  it('counts what is open, by status, as records come and go', async () => {
    const { ledger, other } = await setUp(open)
    const accepted = await standing(ledger, {}, 'accepted')
    for (const status of [
      'accepted',
      'sending',
      'in_doubt',
      'in_doubt',
      'needs_attention',
      'succeeded',
      'rejected',
    ] as const)
      await standing(ledger, {}, status)
    expect((await other.figures([])).counts).toEqual({
      accepted: 2,
      sending: 1,
      in_doubt: 2,
      needs_attention: 1,
    })
    await save(ledger, become(accepted, 'rejected'))
    expect((await other.figures([])).counts).toEqual({
      accepted: 1,
      sending: 1,
      in_doubt: 2,
      needs_attention: 1,
    })
  })

  it('a doubt is as old as its call, however often looked at since; no doubt, no age', async () => {
    const { ledger, other } = await setUp(open)
    const doubt = async (at: number) =>
      save(ledger, {
        ...become(await claim(ledger, draft({ at: START - DAY })), 'in_doubt', at + 500),
        attempts: [call(at - 1_000), call(at)],
      })
    await doubt(START + 9_000)
    const oldest = await doubt(START + 2_000)
    await standing(ledger, {}, 'sending')
    expect((await other.figures([])).oldestDoubtAt).toBe(START + 2_000)
    const looked = await save(ledger, {
      ...oldest,
      updatedAt: START + DAY,
      wakeAt: START + 2 * DAY,
    })
    expect((await other.figures([])).oldestDoubtAt).toBe(START + 2_000)
    const settled = await save(ledger, become(looked, 'rejected', START + DAY))
    expect((await other.figures([])).oldestDoubtAt).toBe(START + 9_000)
    await save(ledger, become(settled, 'in_doubt', START + DAY))
    expect((await other.figures([])).oldestDoubtAt).toBe(START + 2_000)
  })

  it('a person has been waited for since the record was written', async () => {
    const { ledger, other } = await setUp(open)
    const records = []
    for (const at of [START + 50, START + 20, START + 70])
      records.push(await save(ledger, become(await claim(ledger, draft()), 'needs_attention', at)))
    expect((await other.figures([])).oldestAttentionAt).toBe(START + 20)
    if (records[1]) await save(ledger, become(records[1], 'succeeded', START + DAY))
    expect((await other.figures([])).oldestAttentionAt).toBe(START + 50)
  })

  it('what is due first of each store, as a lease moves it', async () => {
    const { ledger, other } = await setUp(open)
    const first = await claim(ledger, draft({ at: START - 5_000 }))
    await claim(ledger, draft({ at: START - 3_000 }))
    await claim(ledger, draft({ store: 'bazaar', at: START + 7_000 }))
    // A store that is no longer configured: nobody takes up what is due there.
    await claim(ledger, draft({ store: 'gone', at: START - DAY }))
    const due = async () => (await other.figures(['bazaar', 'paris', 'london'])).nextDueAt
    expect(await due()).toEqual([START + 7_000, START - 5_000, null])
    await take(ledger, first, 'lock', 60_000)
    expect(await due()).toEqual([START + 7_000, START - 3_000, null])
  })

  it('what is swept is not counted', async () => {
    const { ledger, clock } = await setUp(open)
    await standing(ledger, {}, 'succeeded')
    await standing(ledger, {}, 'needs_attention')
    clock.now += 1_000 * DAY
    await ledger.sweep()
    expect((await ledger.figures([])).counts).toEqual({ ...NONE, needs_attention: 1 })
  })

  describe('by day', () => {
    const sorted = (counts: readonly DayCount[]) =>
      counts
        .map(
          ({ day, store, status, count }) => `${(day - START) / DAY} ${store} ${status} ${count}`,
        )
        .sort()

    it('counts records by the day they were made, their store and how they stand now', async () => {
      const { ledger, other } = await setUp(open)
      const days = (from = START - DAY, to = START + DAY) => other.countsByDay(null, from, to)
      expect(await days()).toEqual([])
      const first = await claim(ledger, draft({ at: START }))
      await claim(ledger, draft({ at: START + DAY - 1 }))
      await claim(ledger, draft({ at: START - 1, store: 'a b' }))
      await claim(ledger, draft({ at: START - 1, store: 'a b' }))
      // Neither what is older nor what is younger.
      await claim(ledger, draft({ at: START - DAY - 1 }))
      await claim(ledger, draft({ at: START + 2 * DAY }))
      await ledger.claim(become(draft({ at: START + DAY }), 'succeeded'), null)
      expect(sorted(await days())).toEqual([
        '-1 a b accepted 2',
        '0 paris accepted 2',
        '1 paris succeeded 1',
      ])
      const sending = await save(ledger, become(first, 'sending', START + 5 * DAY))
      expect(sorted(await days(START, START))).toEqual(['0 paris accepted 1', '0 paris sending 1'])
      // Written again as it stands; then moved, and by nobody who was late.
      const again = await save(ledger, { ...sending, updatedAt: START + 6 * DAY })
      await save(ledger, become(again, 'rejected', START + 7 * DAY))
      expect(await ledger.save(become(sending, 'succeeded'))).toBeNull()
      expect(sorted(await days(START + 1, START + DAY / 2))).toEqual([
        '0 paris accepted 1',
        '0 paris rejected 1',
      ])
    })

    it('a claim that finds an earlier record counts nothing', async () => {
      const { ledger } = await setUp(open)
      const { record } = await ledger.claim(draft({ orderId: 'one' }), null)
      expect((await ledger.claim(draft({ orderId: 'one' }), null)).record.id).toBe(record.id)
      expect(sorted(await ledger.countsByDay(null, START, START))).toEqual(['0 paris accepted 1'])
    })

    it('of the stores that are asked for alone, and none where none is', async () => {
      const { ledger } = await setUp(open)
      for (const store of ['paris', 'london', 'constructor']) await claim(ledger, draft({ store }))
      const of = async (...stores: string[]) =>
        sorted(await ledger.countsByDay(stores, START, START))
      expect(await of('london', 'constructor')).toEqual([
        '0 constructor accepted 1',
        '0 london accepted 1',
      ])
      expect([await of(), await of('nowhere')]).toEqual([[], []])
    })

    it('what is swept is not counted any more', async () => {
      const { ledger, clock } = await setUp(open)
      await standing(ledger, {}, 'succeeded')
      await standing(ledger, {}, 'needs_attention')
      clock.now += 1_000 * DAY
      await ledger.sweep()
      expect(sorted(await ledger.countsByDay(null, START, START))).toEqual([
        '0 paris needs_attention 1',
      ])
    })
  })
}
