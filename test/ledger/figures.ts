/**
 * What a ledger tells of itself at a glance: open records by status, the oldest of them, and what
 * is due first.
 */
import { expect, it } from 'vitest'
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
      nextDueAt: [null, null],
    })
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
}
