/**
 * The process dies at each failpoint between two steps; the next one finds the truth and never
 * cancels twice.
 */
import { describe, expect, it } from 'vitest'
import { FAILPOINTS } from '../../src/gateway/workflow/run.ts'
import { type FixtureOptions, SETTLE, T0 } from './fixture.ts'
import { CRASH, lives } from './lives.ts'
import {
  createPlatform,
  html,
  landsLate,
  lost,
  lostAfter,
  saysAfter,
  says,
  type Step,
  well,
} from './platform.ts'

const LONGEST = 61_000
/** Those that the way of a request passes; the others are met in `crash-links.test.ts`. */
const OF_A_REQUEST = FAILPOINTS.slice(0, FAILPOINTS.indexOf('heard'))

const OPTIONS: FixtureOptions = { toy: { reason: 'before', repeat: 'refused' } }
const STEPS: [string, Step][] = [
  ['well', well],
  ['lost', lost],
  ['lost, done', lostAfter],
  ['lands late', landsLate(SETTLE - 1)],
  ['refused', says(400, 'nope')],
  ['HTML', html()],
  ['500, done', saysAfter(500)],
]

describe.each(OF_A_REQUEST)('a crash when it is %s', (at) => {
  it.each(STEPS)('and the call went %s', async (_, step) => {
    const { first, next, platform, memory, clock } = lives(at, OPTIONS)
    platform.plan('cancel', step)
    await first.ask({ reason: 'Wrong' }).catch((error: unknown) => expect(error).toBe(CRASH))
    first.expectFaults(...first.faults)
    const [written] = await memory.list({ stores: null, order: 'asc', limit: 1 })
    const second = next()
    if (!written) throw new Error('accepted, and lost')
    const end = await second.drive(written.id)
    const { state, refunded } = platform.order()
    expect([end.status, state, refunded]).toEqual(
      end.status === 'succeeded' ? ['succeeded', 'canceled', 100] : ['rejected', 'open', 0],
    )
    expect(platform.count('cancel')).toBeLessThanOrEqual(end.attempts.length)
    expect(clock.now).toBeLessThan(T0 + 10 * SETTLE)
    if (end.status === 'rejected') expect(platform.order().note).toBeNull()
  })
})

describe('a record left behind as sending', () => {
  it('is in doubt once its sender cannot be busy; looked at after the settle time', async () => {
    const { first, next, platform, memory } = lives('intended')
    await first.ask().catch(() => {})
    first.expectFaults(CRASH)
    const [record] = await memory.list({ stores: null, order: 'asc', limit: 1 })
    expect(record).toMatchObject({
      status: 'sending',
      wakeAt: T0 + LONGEST,
      attempts: [{ result: null, ms: null, unsent: false }],
    })
    const { tick, get } = next()
    const id = record?.id ?? ''
    expect(await tick(LONGEST - 1)).toBe(0)
    await tick(1)
    expect(await get(id)).toMatchObject({
      status: 'in_doubt',
      wakeAt: T0 + LONGEST + SETTLE,
      attempts: [{ result: null, ms: null }],
      problem: null,
    })
    expect(platform.count('look')).toBe(1)
    await tick(SETTLE)
    expect(await get(id)).toMatchObject({
      status: 'succeeded',
      attempts: [{ result: null }, { result: '200' }],
    })
  })
  it('needs no look at its purchase for that', async () => {
    const { first, next, platform, memory } = lives('intended', { toy: { purchases: true } })
    await first.ask().catch(() => {})
    first.expectFaults(CRASH)
    const { tick } = next()
    platform.plan('purchase', lost)
    await tick(LONGEST)
    const [record] = await memory.list({ stores: null, order: 'asc', limit: 1 })
    expect(record).toMatchObject({ status: 'in_doubt', wakeAt: T0 + LONGEST + SETTLE })
    await tick(SETTLE)
    expect(await memory.get(record?.id ?? '')).toMatchObject({
      status: 'in_doubt',
      wakeAt: T0 + LONGEST + SETTLE + 1_000,
    })
  })
  it('keeps everybody else from its purchase until its call can no longer land', async () => {
    const platform = createPlatform([
      { id: 'a', purchase: 'p' },
      { id: 'b', purchase: 'p' },
    ])
    const { first, next, clock } = lives('performed', { toy: { purchases: true }, platform })
    platform.plan('cancel', landsLate(LONGEST + SETTLE - 1))
    await first.ask({ orderId: 'a' }).catch(() => {})
    first.expectFaults(CRASH)
    const { tick, ask, drive } = next()
    // The second process starts when the lease on the call itself has ended, and works on the other
    // order first.
    clock.now += LONGEST
    const { record: b } = await ask({ orderId: 'b' })
    expect([b.status, platform.count('cancel', 'b')]).toEqual(['accepted', 0])
    await tick(SETTLE - 1)
    expect(platform.count('cancel', 'b')).toBe(0)
    expect(await drive(b.id)).toMatchObject({ status: 'succeeded' })
    expect(clock.now).toBeGreaterThanOrEqual(T0 + LONGEST + SETTLE)
  })
})
