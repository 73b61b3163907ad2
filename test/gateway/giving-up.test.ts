/** Doubt that no look ends: given up after a day, and handed to a person as it was last seen. */
import { describe, expect, it } from 'vitest'
import { DAY, openFixture, T0 } from './fixture.ts'
import { after, lost, lostAfter, well } from './platform.ts'
import { doubt } from './doubt.ts'

describe('giving up', () => {
  it('hands it to a person after a day of failed looks, with the order as last seen', async () => {
    const it = await doubt(lost)
    it.platform.plan('look', ...Array.from({ length: 1_000 }, () => lost))
    const end = await it.drive(it.record.id, 300)
    expect(end).toMatchObject({
      status: 'needs_attention',
      problem: { code: 'needs-attention', acted: 'unknown' },
      effects: { order: { outcome: 'unverified' }, payment: { outcome: 'unverified' } },
      order: { status: 'open', customer: { name: 'Ada' } },
    })
    expect([it.clock.now, it.platform.count('cancel')]).toEqual([T0 + DAY, 1])
  })
  it('is for doubt only: what was never sent has its deadline', async () => {
    const it = openFixture({ timing: { giveUpMs: 500 } })
    it.platform.plan('look', lost, lost, well)
    const { record } = await it.ask()
    await it.tick(1_000)
    expect(await it.get(record.id)).toMatchObject({ status: 'accepted', tries: 2 })
    expect(await it.drive(record.id)).toMatchObject({ status: 'succeeded' })
  })
  it('does not send again when it is over', async () => {
    const it = await doubt(lost)
    it.platform.order().note = 'as it is now'
    await it.tick(DAY)
    expect(await it.get(it.record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
      order: { reason: 'as it is now' },
    })
    expect(it.platform.count('cancel')).toBe(1)
  })
  it('nor wait any longer', async () => {
    const it = await doubt(lost, { toy: { repeat: 'unknown' }, store: { onDoubt: 'resend' } })
    await it.tick(DAY)
    expect(await it.get(it.record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
  })
  it('but a last look that shows what happened is believed', async () => {
    for (const [step, status] of [
      [lostAfter, 'succeeded'],
      [
        after((thing) => {
          thing.shipped = true
        }, lost),
        'rejected',
      ],
    ] as const) {
      const it = await doubt(step)
      await it.tick(DAY)
      expect(await it.get(it.record.id)).toMatchObject({ status })
    }
  })
  it('one millisecond before, it is still sent', async () => {
    const it = await doubt(lost)
    await it.tick(DAY - 1)
    expect(await it.get(it.record.id)).toMatchObject({ status: 'succeeded' })
  })
})
