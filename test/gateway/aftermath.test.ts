/**
 * What a later look tells of money, and what may be written once it shows that the order is
 * canceled.
 */
import { describe, expect, it } from 'vitest'
import { openFixture, type FixtureOptions, SETTLE, T0 } from './fixture.ts'
import { after, lost, lostAfter, says, silent, type Step, unreachable, well } from './platform.ts'

const called = async (step: Step, options: FixtureOptions = {}, over = {}) => {
  const it = openFixture(options)
  it.platform.plan('cancel', step)
  const { record } = await it.ask(over)
  return { ...it, record }
}

describe('what an adapter reads of the end', () => {
  it('is what its look found, never the platform’s own reply, which ?raw=true is for', async () => {
    const { adapter, ask } = openFixture({ toy: { reason: 'after' } })
    const { facts, after } = adapter.order
    const given: object[] = []
    Object.assign(adapter.order, {
      facts: (aftermath: Parameters<NonNullable<typeof facts>>[0]) => {
        given.push(aftermath.look)
        return facts?.(aftermath) ?? {}
      },
      after: async (...all: Parameters<NonNullable<typeof after>>) => {
        given.push(all[1].look)
        return (await after?.(...all)) ?? {}
      },
    } satisfies Partial<typeof adapter.order>)
    expect((await ask({ reason: 'Wrong' })).record.effects.reason.outcome).toBe('applied')
    expect(given).toHaveLength(2)
    for (const look of given) {
      expect(look).toMatchObject({ done: true, found: { state: 'canceled' } })
      expect(look).not.toHaveProperty('raw')
    }
  })
})

describe('a note that may come last', () => {
  const LATE: FixtureOptions = { toy: { reason: 'after' } }

  it('is written when a look shows that our cancel arrived', async () => {
    const { record, drive, platform, failpoints } = await called(lostAfter, LATE, {
      reason: 'Wrong',
    })
    expect(platform.count('activity')).toBe(0)
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      effects: { reason: { outcome: 'applied', honored: true, detail: 'Kept as an activity.' } },
    })
    expect(platform.order().activities).toEqual(['Wrong'])
    expect(failpoints.slice(-4)).toEqual(['leased', 'looked', 'followed', 'settled'])
  })
  it.each([
    ['refused', says(409, 'shipped'), 'failed'],
    ['unreachable', unreachable, 'failed'],
    ['unanswered', silent, 'unverified'],
  ] as const)('%s then, it does not make the success uncertain', async (_, step, outcome) => {
    const { record, drive, platform } = await called(lostAfter, LATE, { reason: 'Wrong' })
    platform.plan('activity', step)
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      effects: {
        order: { outcome: 'applied' },
        reason: {
          outcome,
          detail: expect.stringContaining('writing the note of the reason ended with'),
        },
      },
    })
  })
  it('is not written where somebody else canceled, or nobody did', async () => {
    const first = await called(
      after((thing) => {
        thing.state = 'canceled'
      }),
      LATE,
      { reason: 'Wrong' },
    )
    expect([first.record.alreadyCanceled, first.platform.count('activity')]).toEqual([true, 0])
    const second = await called(says(400, 'nope'), LATE, { reason: 'Wrong' })
    expect([second.record.status, second.platform.count('activity')]).toEqual(['rejected', 0])
  })
  it('is told what became of the cancel', async () => {
    for (const [step, replied] of [
      [well, true],
      [lostAfter, false],
    ] as const) {
      const it = openFixture()
      const contexts: unknown[] = []
      Object.assign(it.adapter.order, {
        after: async (_: unknown, { reply, look, before }: any) => {
          contexts.push([reply !== null, look.done, before.status])
          return {}
        },
      })
      it.platform.plan('cancel', step)
      const { record } = await it.ask()
      await it.drive(record.id)
      expect(contexts).toEqual([[replied, true, 'open']])
    }
  })
})

describe('money that the order alone does not show', () => {
  it('moved: a person must look, though the order is as it was', async () => {
    const { record, drive } = await called(lost, { toy: { money: 'moved' } })
    expect(await drive(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: { order: { outcome: 'failed' } },
      attempts: [{}],
    })
  })
  it('moved, and the cancel refused', async () => {
    const { record } = await called(says(400, 'nope'), { toy: { money: 'moved' } })
    expect(record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes', upstream: { code: 'nope' } },
    })
  })
  it('unseen, the cancel refused for no known cause: open, nothing said of the money', async () => {
    expect((await called(says(400, 'nope'), { toy: { money: 'unseen' } })).record).toMatchObject({
      status: 'rejected',
      problem: { cause: 'refused', acted: 'unknown' },
    })
    expect((await called(says(409, 'unpaid'), { toy: { money: 'unseen' } })).record).toMatchObject({
      status: 'rejected',
      problem: { cause: 'payment_pending', acted: 'no' },
    })
  })
  it('unseen: an order that is still open proves nothing', async () => {
    const { record, drive, platform } = await called(lost, { toy: { money: 'unseen' } })
    expect(await drive(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
      effects: { order: { outcome: 'unverified' } },
    })
    expect(platform.count('cancel')).toBe(1)
  })
  it('does not matter where the order is canceled, or nothing was sent', async () => {
    for (const money of ['moved', 'unseen'] as const) {
      expect((await called(well, { toy: { money } })).record.status).toBe('succeeded')
      const { record, drive } = await called(lostAfter, { toy: { money } })
      expect((await drive(record.id)).status).toBe('succeeded')
    }
  })
})

describe('a cancel that changed something else, and the order is open', () => {
  const toy = { changed: 'The goods went back. Close the order there.' }
  const forAPerson = {
    status: 'needs_attention',
    problem: {
      acted: 'yes',
      detail: 'The goods went back. Close the order there. Then resolve this record.',
    },
    effects: { order: { outcome: 'failed' }, payment: { outcome: 'withheld' } },
    attempts: [{}],
  }
  it('is for a person, who is told what', async () => {
    const { record, drive } = await called(lost, { toy })
    expect(record.status).toBe('in_doubt')
    expect(await drive(record.id)).toMatchObject(forAPerson)
  })
  it('also where it was refused, in the platform’s words', async () => {
    const { record } = await called(says(409, 'shipped'), { toy })
    expect(record).toMatchObject(forAPerson)
    expect(record.problem?.upstream).toMatchObject({ status: 409, code: 'shipped' })
  })
  it('is asked again where a person says so', async () => {
    const { record, resolve, drive, platform } = await called(says(409, 'shipped'), { toy })
    await resolve(record.id, 'retry', 'closed it there', 'ann')
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded', via: 'reply' })
    expect(platform.count('cancel')).toBe(2)
  })
  it('does not matter where the order is canceled', async () => {
    const { record, drive } = await called(lostAfter, { toy })
    expect((await drive(record.id)).status).toBe('succeeded')
  })
})

describe('money halfway', () => {
  it('is not judged until the platform can no longer be busy', async () => {
    const it = openFixture()
    // The yes came, but its look failed; the next one, a second later, meets a platform that is
    // still at work.
    it.platform.plan('cancel', ({ thing, later }) => {
      thing.refunded = 100
      thing.paid = 0
      later(30_000)
      return Response.json(thing)
    })
    it.platform.plan('look', well, lost)
    const { record } = await it.ask()
    await it.tick(1_000)
    expect(await it.get(record.id)).toMatchObject({
      status: 'in_doubt',
      wakeAt: T0 + SETTLE,
      unchangedLooks: 0,
    })
    expect(await it.drive(record.id)).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
  })
})
