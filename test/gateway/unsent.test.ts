/**
 * What provably never arrived: accepted again, later and later, until it arrives or the deadline
 * has passed.
 */
import { describe, expect, it } from 'vitest'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { openFixture, HOUR, T0 } from './fixture.ts'
import { lost, says, type Step, unauthorized, unreachable } from './platform.ts'

const always = (step: Step) => Array.from({ length: 100 }, () => step)
const isOpen = (record: Cancellation) => record.status === 'accepted'

describe('a cancel that never left', () => {
  it('is accepted again and sent later', async () => {
    const { ask, platform, tick, get } = openFixture()
    platform.plan('cancel', unreachable)
    const { record } = await ask()
    expect(record).toMatchObject({
      status: 'accepted',
      wakeAt: T0 + 500,
      tries: 1,
      problem: null,
      attempts: [{ result: 'not sent: unreachable', ms: expect.any(Number), unsent: true }],
      effects: { order: { outcome: 'pending' } },
    })
    expect(await tick(499)).toBe(0)
    expect(await tick(1)).toBe(1)
    expect(await get(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reply',
      alreadyCanceled: false,
      attempts: [{ unsent: true }, { result: '200', unsent: false }],
    })
    expect(platform.count('cancel')).toBe(1)
  })
  it('waits twice as long each time, with full jitter, five minutes at most', async () => {
    const { ask, platform, tick, get, clock } = openFixture({ random: () => 0.25 })
    platform.plan('cancel', ...always(unreachable))
    let { record } = await ask()
    const pauses: number[] = []
    while (isOpen(record) && pauses.length < 11) {
      const pause = (record.wakeAt ?? 0) - clock.now
      pauses.push(pause)
      await tick(pause)
      record = await get(record.id)
    }
    expect(pauses).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 75_000, 75_000,
    ])
  })
  it.each([
    ['of the platform', says(429, 'slow', { 'retry-after': '90' }), 90_000],
    ['shorter than ours', says(503, 'busy', { 'retry-after': '0' }), 500],
    ['none', says(429), 500],
  ])('honors Retry-After: %s', async (_, step, pause) => {
    const { ask, platform } = openFixture()
    platform.plan('cancel', step)
    expect((await ask()).record).toMatchObject({
      status: 'accepted',
      wakeAt: T0 + pause,
      attempts: [{ unsent: true }],
    })
  })
  it('a platform that turns calls away has done nothing', async () => {
    const { ask, platform, drive } = openFixture()
    platform.plan('cancel', says(429), says(503, 'busy'))
    const { record } = await ask()
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      attempts: [
        { result: '429', unsent: true },
        { result: '503', unsent: true },
        { result: '200', unsent: false },
      ],
    })
  })
  it('is told what the look right before it found, and the memo of the first', async () => {
    const it = openFixture()
    const { look } = it.adapter.order
    const told: unknown[] = []
    let looks = 0
    Object.assign(it.adapter.order, {
      look: async (...args: Parameters<typeof look>) => {
        looks += 1
        return { ...(await look(...args)), memo: `memo ${looks}`, found: `version ${looks}` }
      },
    })
    const { cancel } = it.adapter.order
    it.adapter.order.cancel = (context) => {
      told.push([context.memo, context.found])
      return cancel(context)
    }
    it.platform.plan('cancel', says(503, 'busy'))
    const { record } = await it.ask()
    expect((await it.drive(record.id)).status).toBe('succeeded')
    expect(told).toEqual([
      ['memo 1', 'version 1'],
      ['memo 1', 'version 2'],
    ])
  })
  it('canceled by somebody else meanwhile', async () => {
    const { ask, platform, drive } = openFixture()
    platform.plan('cancel', unreachable)
    const { record } = await ask({ restock: true })
    platform.order().state = 'canceled'
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      via: 'reconciled',
      effects: { restock: { outcome: 'skipped' } },
    })
  })
  it('refused meanwhile: its note is taken back', async () => {
    const { ask, platform, drive } = openFixture({ toy: { reason: 'before' } })
    platform.plan('cancel', unreachable)
    const { record } = await ask({ reason: 'Wrong' })
    expect(platform.order().note).toBe('Wrong')
    platform.order().shipped = true
    expect(await drive(record.id)).toMatchObject({
      status: 'rejected',
      via: 'reconciled',
      problem: { cause: 'fulfilled' },
    })
    expect(platform.order().note).toBeNull()
  })
  it.each([
    ['credentials', unauthorized, 'platform-credentials'],
    ['the order is gone', says(404, 'not_found'), 'order-not-found'],
  ])('%s meanwhile: the note that may stay is named', async (_, step, code) => {
    const { ask, platform, drive } = openFixture({ toy: { reason: 'before' } })
    platform.plan('cancel', unreachable)
    const { record } = await ask({ reason: 'Wrong' })
    platform.plan('look', step)
    expect(await drive(record.id)).toMatchObject({
      status: 'rejected',
      problem: { code },
      effects: { reason: { detail: 'The note of the reason may have been written to the order.' } },
    })
  })
})

describe('a platform that is down', () => {
  it('is looked at again after a second, doubling to ten minutes; then it expires', async () => {
    const { ask, platform, tick, get, clock } = openFixture()
    platform.plan('look', ...always(lost))
    let { record } = await ask({ restock: true })
    const pauses: number[] = []
    while (isOpen(record)) {
      const pause = (record.wakeAt ?? 0) - clock.now
      pauses.push(pause)
      await tick(pause)
      record = await get(record.id)
    }
    expect(pauses).toEqual(
      [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600, 600, 177].map(
        (seconds) => seconds * 1_000,
      ),
    )
    expect(record).toMatchObject({
      status: 'rejected',
      via: null,
      settledAt: T0 + HOUR,
      attempts: [],
      effects: { order: { outcome: 'skipped' }, restock: { outcome: 'skipped' } },
      problem: {
        code: 'order-not-cancelable',
        cause: 'expired',
        retryable: true,
        acted: 'no',
        detail:
          'It could not be sent before the deadline; no cancel was sent. The last try ended so: ' +
          'The connection to the platform broke before its answer was complete. (connection lost)',
      },
    })
    // Once more at the end: what was canceled meanwhile has not expired.
    expect(platform.count('look')).toBe(pauses.length + 1)
  })
  it('asks for patience and gets it', async () => {
    const { ask, platform, drive } = openFixture()
    platform.plan('look', says(429, 'slow', { 'retry-after': '120' }))
    const { record } = await ask()
    expect(record).toMatchObject({ status: 'accepted', wakeAt: T0 + 120_000, tries: 1 })
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
  })
  it('waits no longer than the settle time where that is short', async () => {
    const { ask, platform } = openFixture({ store: { settleMs: 40 } })
    platform.plan('look', lost)
    expect((await ask()).record.wakeAt).toBe(T0 + 40)
  })
  it('before its purchase is known, all the same', async () => {
    const { ask, platform, drive } = openFixture({ toy: { purchases: true } })
    platform.plan('purchase', lost)
    const { record } = await ask()
    expect(record).toMatchObject({ status: 'accepted', wakeAt: T0 + 1_000 })
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
  })
})

describe('the deadline', () => {
  it('ends what was never sent, and names the note that may stay', async () => {
    const { ask, platform, drive, clock } = openFixture({
      toy: { reason: 'before' },
      random: () => 1,
    })
    platform.plan('cancel', ...always(unreachable))
    const { record } = await ask({ reason: 'Wrong' })
    const end = await drive(record.id)
    expect(end).toMatchObject({
      status: 'rejected',
      settledAt: T0 + HOUR,
      problem: {
        cause: 'expired',
        retryable: true,
        detail:
          'It could not be sent before the deadline; no cancel was sent. The last try ended so: ' +
          'The platform could not be reached. (not sent: unreachable)',
      },
      effects: {
        reason: {
          outcome: 'skipped',
          detail: 'The note of the reason may have been written to the order.',
        },
      },
    })
    expect(clock.now).toBe(T0 + HOUR)
    expect(end.attempts.every(({ unsent }) => unsent)).toBe(true)
  })
  it('has no note to name where there was no reason', async () => {
    const { ask, platform, drive } = openFixture({ toy: { reason: 'before' } })
    platform.plan('cancel', ...always(unreachable))
    const { record } = await ask()
    expect((await drive(record.id)).effects.reason).toEqual({
      asked: null,
      honored: null,
      outcome: 'withheld',
      basis: 'none',
    })
  })
  it('nor where nothing was tried, or notes are written afterwards', async () => {
    for (const reason of ['before', 'after'] as const) {
      const { ask, platform, drive } = openFixture({ toy: { reason } })
      platform.plan(reason === 'before' ? 'look' : 'cancel', ...always(unreachable))
      const { record } = await ask({ reason: 'Wrong' })
      expect((await drive(record.id)).effects.reason).not.toHaveProperty('detail')
    }
  })
  it('says so where an earlier call did arrive', async () => {
    const { ask, platform, drive } = openFixture({ timing: { deadlineMs: 90_000 } })
    platform.plan('cancel', lost, ...always(unreachable))
    const { record } = await ask()
    expect(await drive(record.id)).toMatchObject({
      status: 'rejected',
      problem: {
        cause: 'expired',
        detail: expect.stringContaining(
          'It could not be sent again before the deadline. The last try ended so:',
        ),
      },
    })
  })
})
