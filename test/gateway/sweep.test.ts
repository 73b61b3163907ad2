/** Sweeps: what no notice told of is found, and a store that tells no more is called silent. */
import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/connection/store.ts'
import { type FixtureOptions, HOUR, openFixture, SETTLE, T0 } from './fixture.ts'
import { createPlatform, says } from './platform.ts'

const EVERY = 600_000
const NAMES = Array.from({ length: 7 }, (_, index) => `order${index}`)

const open = (options: FixtureOptions = {}) =>
  openFixture({
    platform: createPlatform(NAMES.map((id) => ({ id, changedAt: T0 - HOUR }))),
    toy: { sweep: 'in order' },
    store: { sweepMs: EVERY },
    ...options,
  })
type Fixture = ReturnType<typeof open>

const recorded = async ({ gateway }: Fixture) =>
  (await gateway.list({ stores: ['shop'], order: 'asc', limit: 100 }))
    .map(({ request }) => request.orderId)
    .sort()

it('a store that is configured otherwise is swept by its new interval, not by the one before', async () => {
  const { stores, platform, clock, tick, ...fixture } = open({ store: { sweepMs: HOUR } })
  await tick()
  clock.now += 1_000
  platform.turn('canceled', 'order1')
  await tick(EVERY)
  expect(await recorded({ ...fixture, stores, platform, clock, tick })).toEqual([])
  const shop = stores.get('shop') as Store
  ;(stores as Map<string, Store>).set('shop', { ...shop, sweepMs: EVERY })
  await tick(1_000)
  expect(await recorded({ ...fixture, stores, platform, clock, tick })).toEqual(['order1'])
})

describe.each(['in order', 'in any order'] as const)('a sweep, pages %s', (sweep) => {
  const options = { toy: { sweep } }

  it('finds every order that was canceled while no notice came, within one interval', async () => {
    const fixture = open(options)
    await fixture.tick()
    for (const id of NAMES) {
      fixture.clock.now += 1_000
      fixture.platform.turn('canceled', id)
    }
    await fixture.tick(EVERY)
    expect(await recorded(fixture)).toEqual(NAMES)
  })

  it('finds what is listed late, with a time before that of what was seen already', async () => {
    const fixture = open(options)
    await fixture.tick()
    fixture.clock.now += 2_000
    fixture.platform.turn('canceled', 'order1')
    await fixture.tick(EVERY)
    fixture.platform.turn('canceled', 'order0')
    const seen = fixture.platform.order('order1').changedAt
    // In any order, what is seen is as far as it was read.
    const until = sweep === 'in order' ? seen : fixture.clock.now
    fixture.platform.order('order0').changedAt = until - 1_000
    await fixture.tick(EVERY)
    expect(await recorded(fixture)).toEqual(['order0', 'order1'])
  })

  it('does not dig up the past', async () => {
    const fixture = open(options)
    for (const id of NAMES) fixture.platform.order(id).state = 'canceled'
    await fixture.tick()
    await fixture.tick(EVERY)
    expect(await recorded(fixture)).toEqual([])
  })

  it('but goes back as far as it is told to', async () => {
    const fixture = open(options)
    for (const id of NAMES) fixture.platform.order(id).state = 'canceled'
    await fixture.tick()
    await fixture.gateway.sweepSince('shop', T0 - 2 * HOUR)
    await fixture.tick()
    expect(await recorded(fixture)).toEqual(NAMES)
  })

  it('goes on where a page failed, and does not skip what is behind it', async () => {
    const fixture = open(options)
    await fixture.tick()
    fixture.clock.now += 1_000
    for (const id of NAMES) fixture.platform.turn('canceled', id)
    fixture.platform.plan('changes', ({ go }) => go(), says(500))
    await fixture.tick(EVERY)
    expect(await fixture.gateway.noticesOf('shop')).toMatchObject({
      sweepFailingSince: fixture.clock.now,
    })
    expect(fixture.outcomes).toContain('sweep failed')
    await fixture.tick(60_000)
    expect(await recorded(fixture)).toEqual(NAMES)
    expect(await fixture.gateway.noticesOf('shop')).toMatchObject({
      sweepFailingSince: null,
      lastSweepAt: fixture.clock.now,
    })
  })

  it('reads a day of silence in stretches to its end', async () => {
    const fixture = open(options)
    await fixture.tick()
    for (const id of NAMES) {
      fixture.clock.now += 3 * HOUR
      fixture.platform.turn('canceled', id)
    }
    await fixture.tick(HOUR)
    expect(await recorded(fixture)).toEqual(NAMES)
  })

  it('asks for nothing twice an interval, and reads no order that is held as canceled', async () => {
    const fixture = open(options)
    await fixture.tick()
    await fixture.ask({ orderId: 'order0' })
    fixture.platform.turn('canceled', 'order0')
    const looks = fixture.platform.count('look')
    for (let minute = 0; minute < 20; minute++) await fixture.tick(60_000)
    expect(fixture.platform.count('look')).toBe(looks)
    expect(fixture.platform.count('changes')).toBe(3)
  })
})

describe('a store of which only sweeps tell', () => {
  it('is silent after a quarter of an hour, once, and back with the next notice', async () => {
    const fixture = open()
    await fixture.tick()
    await fixture.hear('order1')
    fixture.clock.now += 1_000
    fixture.platform.turn('canceled', 'order0')
    for (let minute = 0; minute < 60; minute += 10) await fixture.tick(EVERY)
    expect(fixture.turns).toEqual(['store.silent shop'])
    expect((await fixture.gateway.noticesOf('shop')).silentSince).not.toBeNull()
    await fixture.hear('order1')
    await fixture.tick(EVERY)
    await fixture.tick(EVERY)
    expect(fixture.turns).toEqual(['store.silent shop', 'store.back shop'])
    expect((await fixture.gateway.noticesOf('shop')).silentSince).toBeNull()
  })

  it('is not, where nothing is canceled', async () => {
    const fixture = open()
    for (let turn = 0; turn < 20; turn++) await fixture.tick(EVERY)
    expect(fixture.turns).toEqual([])
  })

  it('is not, where its notices come', async () => {
    const fixture = open()
    await fixture.tick()
    fixture.platform.turn('canceled', 'order0')
    fixture.clock.now += 1_000
    await fixture.hear('order0')
    for (let turn = 0; turn < 6; turn++) await fixture.tick(EVERY)
    expect(fixture.turns).toEqual([])
  })
})

describe('a store that is not to be swept', () => {
  it('is asked for nothing', async () => {
    const fixture = open({ store: { sweepMs: null } })
    for (let turn = 0; turn < 6; turn++) await fixture.tick(EVERY)
    expect(fixture.platform.count('changes')).toBe(0)
  })

  it('whose platform cannot list says so', async () => {
    const fixture = openFixture()
    await expect(fixture.gateway.sweepSince('shop', T0)).rejects.toMatchObject({
      problem: { code: 'unsupported' },
    })
    await fixture.tick(SETTLE)
    expect(fixture.platform.count('changes')).toBe(0)
  })
})
