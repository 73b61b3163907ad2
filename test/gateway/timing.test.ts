/** The waiting times: configured, derived, growing, capped. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  DEFAULTS,
  giveUpAt,
  lookAgainMs,
  resendMs,
  timing,
} from '../../src/gateway/workflow/timing.ts'
import { openFixture, T0 } from './fixture.ts'
import { record } from '../model/samples.ts'
import { well } from './platform.ts'

describe('timing', () => {
  it('has the contract’s defaults', () => {
    expect(DEFAULTS).toEqual({
      callTimeoutMs: 20_000,
      waitMs: 15_000,
      settleMs: 60_000,
      deadlineMs: 3_600_000,
      approvalMs: 604_800_000,
      giveUpMs: 86_400_000,
      sweepMs: 600_000,
    })
    expect(timing()).toEqual({ ...DEFAULTS, sendWindowMs: 40_000, longestCallMs: 61_000 })
  })
  it('takes what is configured, and derives the rest from it', () => {
    expect(timing({ callTimeoutMs: 1_000, waitMs: undefined, settleMs: 5 })).toEqual({
      ...DEFAULTS,
      callTimeoutMs: 1_000,
      settleMs: 5,
      sendWindowMs: 2_000,
      longestCallMs: 4_000,
    })
  })
  it('looks again after a second or the settle time, doubling, ten minutes at most', () => {
    expect([0, 1, 2, 9, 10, 21, 5_000].map((tries) => lookAgainMs(tries, 60_000))).toEqual([
      1_000, 2_000, 4_000, 512_000, 600_000, 600_000, 600_000,
    ])
    expect([0, 3, 20, 21, 2_000].map((tries) => lookAgainMs(tries, 0.5))).toEqual([
      0.5, 4, 524_288, 524_288, 524_288,
    ])
  })
  it('sends again with full jitter, five minutes at most', () => {
    expect([0, 1, 8, 9, 2_000].map((tries) => resendMs(tries, () => 1))).toEqual([
      1_000, 2_000, 256_000, 300_000, 300_000,
    ])
    expect(resendMs(5, () => 0)).toBe(0)
    expect(resendMs(3, () => 0.5)).toBe(4_000)
  })
  it('gives up counting from when it was accepted, or started over', () => {
    expect(
      giveUpAt(record({ deadlineAt: 10_000 }), {
        ...timing(),
        deadlineMs: 4_000,
        giveUpMs: 50_000,
      }),
    ).toBe(56_000)
  })
})

describe('a process that slept', () => {
  it('does not send after its window, though its intent is written', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', ({ go }) => {
      it.clock.now += 40_001
      return go()
    })
    const { record } = await it.ask({ reason: 'Wrong' })
    expect(record).toMatchObject({
      status: 'accepted',
      attempts: [{ result: 'not sent: too late', unsent: true }],
    })
    expect(it.platform.count('cancel')).toBe(0)
    expect(await it.drive(record.id)).toMatchObject({ status: 'succeeded' })
  })
  it('nor after the machine slept, though the steady clock stood still meanwhile', async () => {
    const it = openFixture({
      wrap: (ledger) => ({
        ...ledger,
        save: async (next, ...rest) => {
          const saved = await ledger.save(next, ...rest)
          if (next.status === 'sending') vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 40_001)
          return saved
        },
      }),
    })
    onTestFinished(() => void vi.restoreAllMocks())
    expect((await it.ask()).record).toMatchObject({
      status: 'accepted',
      attempts: [{ result: 'not sent: too late', unsent: true }],
    })
    expect(it.platform.count('cancel')).toBe(0)
  })
  it('does not write the note of the reason either, which somebody may have taken back', async () => {
    let isHeldUp = true
    const it = openFixture({
      toy: { reason: 'before' },
      wrap: (ledger) => ({
        ...ledger,
        save: async (next, ...rest) => {
          const saved = await ledger.save(next, ...rest)
          if (next.status === 'sending' && isHeldUp) it.clock.now += 40_001
          return saved
        },
      }),
    })
    const { record } = await it.ask({ reason: 'Wrong' })
    expect(record).toMatchObject({
      status: 'accepted',
      attempts: [{ result: 'not sent: held up', unsent: true }],
    })
    expect([it.platform.count('note'), it.platform.count('cancel')]).toEqual([0, 0])
    isHeldUp = false
    expect(await it.drive(record.id)).toMatchObject({ status: 'succeeded' })
    expect(it.platform.order().note).toBe('Wrong')
  })
  it('still sends at the end of its window', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', ({ go }) => {
      it.clock.now += 40_000
      return go()
    })
    expect((await it.ask({ reason: 'Wrong' })).record).toMatchObject({
      status: 'succeeded',
      attempts: [{ at: T0, result: '200', ms: 0 }],
    })
  })
  it('counts the window from before its intent is written', async () => {
    const it = openFixture({
      wrap: (ledger) => ({
        ...ledger,
        save: async (next, ...rest) => {
          if (next.status === 'sending') it.clock.now += 40_001
          return ledger.save(next, ...rest)
        },
      }),
    })
    expect((await it.ask()).record).toMatchObject({
      status: 'accepted',
      attempts: [{ result: 'not sent: too late' }],
    })
  })
})

describe('how long a call took', () => {
  it('is measured from its first byte, in whole milliseconds', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('note', ({ go }) => {
      it.clock.now += 1_000
      return go()
    })
    it.platform.plan('cancel', ({ go }) => {
      it.clock.now += 411.6
      return go()
    })
    it.platform.plan('look', well, ({ go }) => {
      it.clock.now += 5_000
      return go()
    })
    expect((await it.ask({ reason: 'Wrong' })).record.attempts).toMatchObject([{ at: T0, ms: 412 }])
  })
  it.each([
    ['refused', 400],
    ['doubt', 500],
    ['not processed', 429],
  ])('also of one that ended in: %s', async (_, status) => {
    const it = openFixture()
    it.platform.plan('cancel', () => {
      it.clock.now += 411.6
      return Response.json({ code: 'nope' }, { status })
    })
    expect((await it.ask()).record.attempts).toMatchObject([{ ms: 412, result: String(status) }])
  })
})
