/** The clock takes up what is due and not in work, and closing finishes what is under way. */
import { describe, expect, it, vi } from 'vitest'
import type { FullLedger } from '../../src/ledger/port.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { request } from '../model/samples.ts'
import { openFixture, HOUR, SETTLE, T0 } from './fixture.ts'
import { createPlatform, lost, lostAfter, type Step, unreachable, well } from './platform.ts'

const gate = () => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const step: Step = async ({ go }) => {
    await opened
    return go()
  }
  return { step, open }
}

describe('tick', () => {
  it('has nothing to do where nothing is due', async () => {
    const { ask, tick } = openFixture()
    await ask()
    expect(await tick(24 * HOUR)).toBe(0)
  })
  it('takes up each record that is due, once', async () => {
    const { ask, tick, platform } = openFixture({
      platform: createPlatform([{ id: 'a' }, { id: 'b' }, { id: 'c' }]),
    })
    platform.plan('cancel', unreachable, lost)
    await ask({ orderId: 'a' })
    await ask({ orderId: 'b' })
    await ask({ orderId: 'c' })
    expect(await tick(SETTLE - 1)).toBe(1)
    expect(await tick(1)).toBe(1)
    expect(await tick(SETTLE)).toBe(0)
  })
  it('leaves what is in work already', async () => {
    const { gateway, platform, idle, clock } = openFixture()
    const { step, open } = gate()
    platform.plan('look', step)
    const { record } = await gateway.cancel(request(), 'erp', null, null)
    clock.now += HOUR / 2
    expect(await gateway.tick()).toBe(0)
    open()
    await idle()
    expect([(await gateway.get(record.id)).status, platform.count('cancel')]).toEqual([
      'succeeded',
      1,
    ])
  })
  it('resolves when all of it is worked', async () => {
    const { ask, gateway, clock, platform } = openFixture()
    platform.plan('cancel', unreachable)
    const { record } = await ask()
    clock.now += 500
    await gateway.tick()
    expect((await gateway.get(record.id)).status).toBe('succeeded')
  })
  it('or, if told so, when all of it is begun: one slow order delays no turn', async () => {
    const { ask, gateway, clock, platform, idle } = openFixture({
      platform: createPlatform([{ id: 'open' }, { id: 'b' }]),
      stores: ['shop', 'other'],
    })
    platform.plan('cancel', unreachable, unreachable)
    const { record } = await ask()
    const { record: second } = await ask({ store: 'other', orderId: 'b' })
    const { step, open } = gate()
    platform.plan('look', step)
    clock.now += 500
    expect(await gateway.tick('begun')).toBe(2)
    expect((await gateway.get(record.id)).status).toBe('accepted')
    await gateway.idle(second.id)
    expect(await gateway.tick('begun')).toBe(0)
    open()
    await idle()
    expect((await gateway.get(record.id)).status).toBe('succeeded')
  })
  it('picks up what a process accepted and never began, two seconds later', async () => {
    const { gateway, platform, clock, memory } = openFixture()
    await gateway.close()
    const { record } = await gateway.cancel(request(), 'erp', null, null)
    expect(record).toMatchObject({ status: 'accepted', wakeAt: T0 + 2_000 })
    const second = openFixture({ platform, clock, ledger: memory })
    expect(await second.tick(1_999)).toBe(0)
    expect(await second.tick(1)).toBe(1)
    expect((await second.get(record.id)).status).toBe('succeeded')
  })
  it('records of a store that is not configured wait, say so, and crowd out nobody', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `o${index}`)
    const { ask, tick, platform, stores, get } = openFixture({
      stores: ['old', 'new'],
      platform: createPlatform([...ids.map((id) => ({ id })), { id: 'open' }]),
    })
    platform.plan('cancel', ...ids.map(() => unreachable))
    const left = []
    for (const orderId of ids) left.push((await ask({ store: 'old', orderId })).record)
    platform.plan('cancel', unreachable)
    const { record } = await ask({ store: 'new' })
    const old = stores.get('old')
    stores.delete('old')
    expect(await tick(1_000)).toBe(1)
    expect((await get(record.id)).status).toBe('succeeded')
    for (const { id } of left)
      expect(await get(id)).toMatchObject({
        status: 'accepted',
        hindrance: { detail: 'Its store is no longer in the configuration.' },
      })
    if (old) stores.set('old', old)
    for (let turn = 0; turn < 6; turn++) await tick(60_000)
    for (const { id } of left) expect((await get(id)).status).toBe('succeeded')
  })
})

describe('close', () => {
  it('finishes what is under way and takes up nothing more', async () => {
    const { gateway, platform, ask, clock } = openFixture({
      platform: createPlatform([{ id: 'open' }, { id: 'b' }, { id: 'c' }]),
    })
    platform.plan('cancel', unreachable)
    const { record: waiting } = await ask({ orderId: 'c' })
    const { step, open } = gate()
    platform.plan('cancel', step)
    const { record } = await gateway.cancel(request(), 'erp', null, null)
    await vi.waitFor(() => expect(platform.count('cancel', 'open')).toBe(1), {
      interval: 1,
      timeout: 20_000,
    })
    let closed = false
    const closing = gateway.close().then(() => {
      closed = true
    })
    const { record: late } = await gateway.cancel(request({ orderId: 'b' }), 'erp', null, null)
    expect([closed, late.status]).toEqual([false, 'accepted'])
    open()
    await closing
    expect((await gateway.get(record.id)).status).toBe('succeeded')
    clock.now += 10_000
    expect(await gateway.tick()).toBe(0)
    expect([
      platform.count('look', 'b'),
      platform.count('cancel', 'c'),
      (await gateway.get(waiting.id)).status,
    ]).toEqual([0, 0, 'accepted'])
  })
  it('at once where nothing is under way', async () => {
    const { gateway, ask } = openFixture()
    await ask()
    await gateway.close()
    await gateway.close()
  })
})

describe('faults', () => {
  const broken =
    (error: Error, when: (next: Parameters<FullLedger['save']>[0]) => boolean) =>
    (ledger: FullLedger): FullLedger => ({
      ...ledger,
      save: async (next, ...rest) => {
        if (when(next)) throw error
        return ledger.save(next, ...rest)
      },
    })

  it('a ledger that fails before the intent: nothing is sent; due after its lease', async () => {
    const error = new Error('disk full')
    let full = true
    const { ask, drive, platform, expectFaults } = openFixture({
      wrap: broken(error, ({ status }) => full && status === 'sending'),
    })
    expectFaults(error)
    const { record } = await ask()
    expect(record).toMatchObject({ status: 'accepted', wakeAt: T0 + 61_000 })
    expect(platform.count('cancel')).toBe(0)
    full = false
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
  })
  it('a ledger that fails after the call: found out later, not sent again', async () => {
    const error = new Error('disk full')
    let full = true
    const { ask, drive, platform, expectFaults } = openFixture({
      wrap: broken(error, ({ status }) => full && status === 'succeeded'),
    })
    expectFaults(error)
    const { record } = await ask()
    expect(record).toMatchObject({ status: 'sending' })
    full = false
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
    })
    expect(platform.count('cancel')).toBe(1)
  })
  it.each(['look', 'cancel', 'read', 'prepare', 'undo', 'after'] as const)(
    'an adapter that trips in %s is a fault, not an answer',
    async (name) => {
      const trip = new TypeError('undefined is not a function')
      const it = openFixture({
        toy: {
          reason: name === 'after' ? 'after' : 'before',
          ...(name === 'read' && { proof: 'order' }),
        },
      })
      it.expectFaults(trip)
      const { order } = it.adapter
      Object.assign(order, {
        [name]: () => {
          throw trip
        },
      })
      if (name === 'undo')
        it.platform.plan('cancel', () => Response.json({ code: 'nope' }, { status: 400 }))
      const { record } = await it.ask({ reason: 'Wrong' })
      expect(record.status).toBe(name === 'look' || name === 'cancel' ? 'accepted' : 'sending')
    },
  )
  it.each(['authorize', 'look'] as const)(
    'also where it trips in %s only after the first byte',
    async (name) => {
      const trip = new TypeError('undefined is not a function')
      const it = openFixture()
      it.expectFaults(trip)
      it.platform.plan('cancel', () => Response.json({ code: 'nope' }, { status: 400 }))
      const part: any = name === 'look' ? it.adapter.order : it.adapter
      const usual = part[name]
      let calls = 0
      part[name] = async (...values: unknown[]) => {
        if (calls++ === 1) throw trip
        return usual(...values)
      }
      expect((await it.ask()).record.status).toBe('sending')
      expect(it.platform.count('cancel')).toBe(name === 'look' ? 1 : 0)
    },
  )
  it('one that trips on every look of an order in doubt ends with a person', async () => {
    const trip = new TypeError('undefined is not a function')
    const { ask, platform, adapter, tick, get, expectFaults } = openFixture()
    platform.plan('cancel', lostAfter)
    const { record } = await ask()
    Object.assign(adapter.order, {
      look: () => {
        throw trip
      },
    })
    await tick(SETTLE)
    expect(await get(record.id)).toMatchObject({ status: 'in_doubt', wakeAt: T0 + SETTLE + 61_000 })
    await tick(24 * HOUR)
    expect(await get(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
      effects: { order: { outcome: 'unverified' } },
    })
    expectFaults(trip, trip)
  })
  it('also where that cannot be written down yet', async () => {
    const trip = new TypeError('undefined is not a function')
    const error = new Error('disk full')
    const { ask, platform, adapter, tick, get, expectFaults } = openFixture({
      wrap: broken(error, ({ status }) => status === 'needs_attention'),
    })
    platform.plan('cancel', lostAfter)
    const { record } = await ask()
    Object.assign(adapter.order, {
      look: () => {
        throw trip
      },
    })
    await tick(24 * HOUR)
    expect((await get(record.id)).status).toBe('in_doubt')
    expectFaults(trip, error)
  })
  it('are nobody’s business unless somebody listens', async () => {
    const ledger = openMemoryLedger()
    const gateway = createGateway({
      ledger: {
        ...ledger,
        lease: async () => {
          throw new Error('gone')
        },
      },
      stores: openFixture().stores,
      timing: timing(),
    })
    const { record } = await gateway.cancel(request(), 'erp', null, null)
    await gateway.close()
    expect((await gateway.get(record.id)).status).toBe('accepted')
  })
})

describe('left to itself', () => {
  it('goes by the time of day and real chance', async () => {
    const { stores, platform } = openFixture()
    platform.plan('cancel', unreachable, well)
    const gateway = createGateway({ ledger: openMemoryLedger(), stores, timing: timing() })
    platform.onDestructive = () => {}
    const before = Date.now()
    const { record } = await gateway.cancel(request(), 'erp', null, null)
    await gateway.close()
    const { createdAt, wakeAt, status } = await gateway.get(record.id)
    expect(status).toBe('accepted')
    expect(createdAt).toBeGreaterThanOrEqual(before)
    expect(wakeAt).toBeGreaterThanOrEqual(before)
    expect(wakeAt).toBeLessThanOrEqual(Date.now() + 1_000)
    expect(gateway.stores).toBe(stores)
    expect(gateway.timing).toEqual(timing())
  })
})
