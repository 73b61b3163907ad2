/**
 * A platform that takes a cancel as a job of its own: looked after until it ends, and nothing is
 * sent a second time while it may be at work.
 */
import { describe, expect, it } from 'vitest'
import { isRunning } from '../../src/model/cancellation.ts'
import { DAY, openFixture, SETTLE, T0 } from './fixture.ts'
import { createPlatform, lost, says, type Step } from './platform.ts'
import type { Toy } from './toy.ts'

/** Takes the cancel, and is at it. */
const queued: Step = ({ thing }) => {
  thing.job = 'running'
  return Response.json(thing)
}

const begun = async (toy: Toy = {}) => {
  const fixture = openFixture({ toy: { jobs: true, ...toy } })
  fixture.platform.plan('cancel', queued)
  const { record } = await fixture.ask({ notify: true })
  return { ...fixture, record, thing: fixture.platform.order() }
}

describe('a job of the platform', () => {
  it('is no doubt: the record is still being sent, and says what is waited for', async () => {
    const { record, platform } = await begun()
    expect(isRunning(record)).toBe(true)
    expect(record).toMatchObject({
      status: 'sending',
      running: { memo: 'job of open' },
      wakeAt: T0 + 2_000,
      attempts: [{ result: '200, at work', unsent: false }],
      effects: { order: { outcome: 'pending' } },
    })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look', 'cancel'])
  })

  it('that ends well is a cancel of ours, without the settle time', async () => {
    const { record, thing, tick, get, platform } = await begun()
    await tick(2_000)
    expect(await get(record.id)).toMatchObject({ status: 'sending', wakeAt: T0 + 4_000 })
    thing.state = 'canceled'
    delete thing.job
    await tick(2_000)
    expect(await get(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      settledAt: T0 + 4_000,
      running: undefined,
      // The platform took our call, so that its job did what that said.
      effects: { notify: { outcome: 'applied', basis: 'documented' } },
    })
    expect(platform.count('cancel')).toBe(1)
  })

  it('that fails is refused in the platform’s own words', async () => {
    const { record, thing, tick, get, platform } = await begun()
    thing.job = 'failed'
    await tick(2_000)
    expect(await get(record.id)).toMatchObject({
      status: 'rejected',
      problem: {
        code: 'order-not-cancelable',
        cause: 'fulfilled',
        acted: 'no',
        upstream: { status: 200, code: 'SHIPPED' },
      },
    })
    expect(platform.count('cancel')).toBe(1)
  })

  it('that fails after money moved needs a person', async () => {
    const { record, thing, tick, get } = await begun()
    thing.job = 'failed'
    thing.refunded = 100
    await tick(2_000)
    expect(await get(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
    })
  })

  it.each(['looked at', 'heard of'] as const)(
    'that fails since somebody else canceled the order: not by us, and no effect of ours (%s)',
    async (how) => {
      const { record, thing, tick, get, hear } = await begun()
      thing.job = 'failed'
      thing.state = 'canceled'
      if (how === 'heard of') await hear()
      await tick(how === 'heard of' ? 1 : 2_000)
      expect(await get(record.id)).toMatchObject({
        status: 'succeeded',
        alreadyCanceled: true,
        effects: { order: { outcome: 'skipped' }, notify: { outcome: 'skipped' } },
      })
    },
  )

  it('keeps what shares its lock waiting, also after a look that failed', async () => {
    const platform = createPlatform([
      { id: 'open', purchase: 'p' },
      { id: 'other', purchase: 'p' },
    ])
    const { ask, tick, get } = openFixture({ toy: { jobs: true, purchases: true }, platform })
    platform.plan('cancel', queued)
    const { record } = await ask()
    platform.plan('look', lost)
    await tick(2_000)
    expect(await get(record.id)).toMatchObject({ hindrance: { result: 'connection lost' } })
    const other = await ask({ orderId: 'other' })
    expect(other.record.status).toBe('accepted')
    expect([platform.count('cancel'), platform.count('cancel', 'other')]).toEqual([1, 0])
  })

  it('that never ends is asked for ever less often, and needs a person in the end', async () => {
    const { record, drive, platform, clock } = await begun()
    expect(await drive(record.id, 300)).toMatchObject({
      status: 'needs_attention',
      running: undefined,
      problem: { acted: 'unknown' },
    })
    expect(clock.now).toBeGreaterThanOrEqual(T0 + DAY)
    expect(clock.now).toBeLessThan(T0 + DAY + 600_000)
    expect(platform.count('cancel')).toBe(1)
    expect(platform.count('look')).toBeLessThan(200)
  })

  it('that is forgotten is doubt from then on, with the whole settle time', async () => {
    const { record, thing, tick, get, drive, platform } = await begun()
    await tick(2_000)
    delete thing.job
    await tick(2_000)
    expect(await get(record.id)).toMatchObject({
      status: 'in_doubt',
      running: undefined,
      wakeAt: T0 + 4_000 + SETTLE,
      attempts: [{ result: 'the job is over or forgotten, and the order not canceled', ms: 4_000 }],
    })
    await tick(SETTLE - 1)
    expect(platform.count('cancel')).toBe(1)
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
    expect(platform.count('cancel')).toBe(2)
  })

  it('that is forgotten, of an order that is canceled later: nobody knows by which call', async () => {
    const { record, thing, tick, drive } = await begun()
    delete thing.job
    await tick(2_000)
    thing.state = 'canceled'
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      effects: { notify: { outcome: 'unverified' } },
    })
  })

  it.each(['harmful', 'unknown'] as const)(
    'that is forgotten where a second cancel is %s: never sent again',
    async (repeat) => {
      const { record, thing, tick, drive, platform } = await begun({ repeat })
      delete thing.job
      await tick(2_000)
      expect(await drive(record.id)).toMatchObject({ status: 'needs_attention' })
      expect(platform.count('cancel')).toBe(1)
    },
  )

  it('outlives a look that fails', async () => {
    const { record, thing, tick, get, drive, platform } = await begun()
    platform.plan('look', lost, says(503), says(401, 'who'))
    await tick(2_000)
    expect(await get(record.id)).toMatchObject({
      status: 'sending',
      running: { memo: 'job of open' },
      hindrance: { result: 'connection lost' },
    })
    thing.state = 'canceled'
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
    expect(platform.count('cancel')).toBe(1)
  })

  it('outlives the process: another one goes on looking, and sends nothing', async () => {
    const { record, thing, ledger, clock, platform } = await begun()
    const next = openFixture({ toy: { jobs: true }, ledger, clock, platform })
    await next.tick(2_000)
    expect(await next.get(record.id)).toMatchObject({ status: 'sending' })
    thing.state = 'canceled'
    expect(await next.drive(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
    })
    expect(platform.count('cancel')).toBe(1)
  })

  it('is ended by a notice of its order', async () => {
    const { record, thing, hear, get, tick } = await begun()
    thing.state = 'canceled'
    await hear()
    await tick(1)
    expect(await get(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      effects: { notify: { outcome: 'applied' } },
    })
  })
})

describe('a refusal under 200', () => {
  const refuses = (code: string): Step => says(200, code)

  it('is one, where a rule says so', async () => {
    const { ask, platform } = openFixture({ toy: { refusesWith200: true } })
    platform.plan('cancel', refuses('shipped'))
    const { record } = await ask()
    expect(record).toMatchObject({
      status: 'rejected',
      problem: { cause: 'fulfilled', upstream: { status: 200, code: 'shipped' } },
      attempts: [{ result: '200' }],
    })
  })

  it('of a read too', async () => {
    const { ask, platform } = openFixture({ toy: { refusesWith200: true } })
    platform.plan('look', refuses('not_found'))
    const { record } = await ask()
    expect(record).toMatchObject({ status: 'rejected', problem: { code: 'order-not-found' } })
    expect(platform.count('cancel')).toBe(0)
  })

  it('that no rule explains is doubt, never a yes', async () => {
    const { ask, drive, platform } = openFixture({
      toy: { refusesWith200: true, repeat: 'unknown', mute: true },
    })
    platform.plan('cancel', refuses('of_another_kind'))
    const { record } = await ask()
    expect(record).toMatchObject({ status: 'in_doubt', attempts: [{ result: '200' }] })
    expect(await drive(record.id)).toMatchObject({ status: 'needs_attention' })
    expect(platform.count('cancel')).toBe(1)
  })
})
