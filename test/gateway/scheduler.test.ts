/**
 * A few records of a store are worked at once, the rest wait in its line; no store waits for
 * another.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import type { Store } from '../../src/connection/store.ts'
import { TransportError } from '../../src/connection/transport.ts'
import { createScheduler } from '../../src/gateway/scheduler.ts'
import type { Ledger } from '../../src/ledger/port.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { request } from '../model/samples.ts'
import { HOUR, openFixture, T0 } from './fixture.ts'
import { createPlatform, type Step } from './platform.ts'

const AT_ONCE = 4
const ids = Array.from({ length: 12 }, (_, index) => `o${index}`)

/** A step that holds its call until it is let go, and counts how many it holds at once. */
const turnstile = () => {
  const held: (() => void)[] = []
  let most = 0
  const step: Step = async ({ go }) => {
    await new Promise<void>((resolve) => {
      held.push(resolve)
      most = Math.max(most, held.length)
    })
    return go()
  }
  return { step, held, most: () => most, letGo: () => held.shift()?.() }
}

const setUp = (stores: string[] = ['shop']) => {
  const at = openFixture({
    stores,
    toy: { proof: 'order' },
    platform: createPlatform([...ids.map((id) => ({ id })), { id: 'open' }]),
  })
  const door = turnstile()
  at.platform.plan('look', ...ids.map(() => door.step))
  return { ...at, door }
}

describe('scheduler', () => {
  it('no more than four records of a store at once; each end lets the oldest in', async () => {
    const { gateway, door, platform, clock } = setUp()
    const asked = []
    for (const orderId of ids) {
      clock.now += 1
      asked.push((await gateway.cancel(request({ orderId }), 'erp', null, null)).record)
    }
    await vi.waitFor(() => expect(door.held).toHaveLength(AT_ONCE), {
      interval: 1,
      timeout: 20_000,
    })
    expect(asked.map(({ wakeAt, createdAt }) => (wakeAt ?? 0) - createdAt)).toEqual(
      ids.map((_, index) => (index < AT_ONCE ? 2_000 : 0)),
    )
    const order: string[] = []
    for (const [index, { id }] of asked.entries()) {
      await vi.waitFor(() => expect(door.held.length).toBeGreaterThan(0), {
        interval: 1,
        timeout: 20_000,
      })
      door.letGo()
      await vi.waitFor(
        async () => expect((await gateway.get(id)).status, `the ${index}th`).toBe('succeeded'),
        { interval: 1, timeout: 20_000 },
      )
      order.push(id)
    }
    expect(door.most()).toBe(AT_ONCE)
    expect(ids.map((orderId) => platform.count('cancel', orderId))).toEqual(ids.map(() => 1))
  })

  it('one store that is full holds up no other', async () => {
    const { gateway, door } = setUp(['slow', 'quick'])
    for (const orderId of ids)
      await gateway.cancel(request({ store: 'slow', orderId }), 'erp', null, null)
    await vi.waitFor(() => expect(door.held).toHaveLength(AT_ONCE), {
      interval: 1,
      timeout: 20_000,
    })
    // The rest of the held looks belongs to the other store's line; its own look goes at once.
    const { record } = await gateway.cancel(
      request({ store: 'quick', orderId: 'open' }),
      'erp',
      null,
      null,
    )
    await vi.waitFor(() => expect(door.held).toHaveLength(AT_ONCE + 1), {
      interval: 1,
      timeout: 20_000,
    })
    door.held.pop()?.()
    await gateway.idle(record.id)
    expect((await gateway.get(record.id)).status).toBe('succeeded')
    while (door.held.length > 0 || (await gateway.tick('begun')) > 0) {
      door.letGo()
      await new Promise(setImmediate)
    }
  })

  it('a ledger that takes no writes is asked by the clock, not as fast as it refuses', async () => {
    let refused = 0
    const error = new Error('disk full')
    const { gateway, faults, expectFaults, clock } = openFixture({
      stores: ['shop'],
      toy: { proof: 'order' },
      platform: createPlatform(ids.map((id) => ({ id }))),
      wrap: (ledger) => ({
        ...ledger,
        // Asked far too often it gives in, so that this test ends.
        lease: async (...values) => {
          await new Promise(setImmediate)
          if (++refused > 100) return ledger.lease(...values)
          throw error
        },
      }),
    })
    for (const orderId of ids) await gateway.cancel(request({ orderId }), 'erp', null, null)
    await vi.waitFor(() => expect(faults).toHaveLength(AT_ONCE), { interval: 1, timeout: 20_000 })
    // Each turn of the event loop could refuse all slots once more.
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    expect(refused).toBe(AT_ONCE)
    clock.now += 60_000
    await gateway.tick()
    expect(refused).toBe(2 * AT_ONCE)
    expectFaults(...faults)
  })

  it('what is refused or joins an earlier one gives its slot back', async () => {
    const { gateway, door } = setUp()
    const first = await gateway.cancel(request({ orderId: 'o0' }), 'erp', null, null)
    await vi.waitFor(() => expect(door.held).toHaveLength(1), { interval: 1, timeout: 20_000 })
    for (let again = 0; again < AT_ONCE; again++) {
      expect((await gateway.cancel(request({ orderId: 'o0' }), 'erp', null, null)).how).toBe(
        'deduplicated',
      )
      await expect(
        gateway.cancel(request({ orderId: 'o0', notify: true }), 'erp', null, null),
      ).rejects.toMatchObject({ problem: { code: 'cancellation-conflict' } })
    }
    for (const orderId of ['o1', 'o2', 'o3'])
      expect((await gateway.cancel(request({ orderId }), 'erp', null, null)).record.wakeAt).toBe(
        T0 + 2_000,
      )
    await vi.waitFor(() => expect(door.held).toHaveLength(AT_ONCE), {
      interval: 1,
      timeout: 20_000,
    })
    while (door.held.length > 0) {
      door.letGo()
      await new Promise(setImmediate)
    }
    await gateway.idle(first.record.id)
    expect((await gateway.get(first.record.id)).status).toBe('succeeded')
  })

  it('a customer’s own transfer does not wait: its token is kept nowhere', async () => {
    const { gateway, door, platform } = (() => {
      const at = openFixture({
        toy: { transfers: true, proof: 'order' },
        platform: createPlatform([...ids.map((id) => ({ id })), { id: 'open', transfer: 'trf_1' }]),
      })
      const shut = turnstile()
      at.platform.plan('look', ...ids.slice(0, AT_ONCE).map(() => shut.step))
      return { ...at, door: shut }
    })()
    for (const orderId of ids.slice(0, AT_ONCE))
      await gateway.cancel(request({ orderId }), 'erp', null, null)
    await vi.waitFor(() => expect(door.held).toHaveLength(AT_ONCE), {
      interval: 1,
      timeout: 20_000,
    })
    const { record } = await gateway.cancel(
      request({ orderId: 'open', target: 'transfer' }),
      'erp',
      null,
      'canary-token-of-the-customer',
    )
    await gateway.idle(record.id)
    expect([(await gateway.get(record.id)).status, platform.count('transfer', 'open')]).toEqual([
      'succeeded',
      1,
    ])
    while (door.held.length > 0) {
      door.letGo()
      await new Promise(setImmediate)
    }
  })

  it('a store that rests is asked by the clock alone, four records a turn', async () => {
    const { gateway, ask, stores, clock } = openFixture({
      platform: createPlatform(ids.map((id) => ({ id }))),
      store: {
        transport: async () => {
          throw new TransportError('unreachable', false)
        },
      },
    })
    const asked: Cancellation[] = []
    for (const orderId of ids) asked.push((await ask({ orderId })).record)
    const tried = async () =>
      (await Promise.all(asked.map(({ id }) => gateway.get(id)))).filter(
        ({ tries }, index) => tries > (asked[index]?.tries ?? 0),
      ).length
    const shop = stores.get('shop')
    if (shop) stores.set('shop', { ...shop, cooldownMs: () => 5_000 })
    clock.now += 2_000
    expect([await gateway.tick(), await tried()]).toEqual([AT_ONCE, AT_ONCE])
    expect([await gateway.tick(), await tried()]).toEqual([AT_ONCE, 2 * AT_ONCE])
  })

  it('what is over at a store that rests is told at once, not behind its clock', async () => {
    const { gateway, ask, stores, clock } = openFixture({
      platform: createPlatform(ids.map((id) => ({ id }))),
      store: {
        transport: async () => {
          throw new TransportError('unreachable', false)
        },
      },
    })
    const asked: Cancellation[] = []
    for (const orderId of ids) asked.push((await ask({ orderId })).record)
    const shop = stores.get('shop')
    if (shop) stores.set('shop', { ...shop, cooldownMs: () => 5_000 })
    clock.now += HOUR + 1
    await gateway.tick()
    expect(
      (await Promise.all(asked.map(({ id }) => gateway.get(id)))).map(({ status, problem }) => [
        status,
        problem?.cause,
      ]),
    ).toEqual(ids.map(() => ['rejected', 'expired']))
  })

  it('seventy stores that hang hold all slots, and one without still gets its first', async () => {
    const names = Array.from({ length: 70 }, (_, index) => `sick${index}`)
    const started: string[] = []
    const one = (store: string, id: string) =>
      ({ id, wakeAt: 0, status: 'accepted', request: { store } }) as unknown as Cancellation
    let letGo = () => {}
    const shut = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const slots = createScheduler({
      ledger: {
        due: async (of, each) =>
          of.flatMap((store) =>
            Array.from({ length: each }, (_, index) => one(store, `${store}-${index}`)),
          ),
      } as Pick<Ledger, 'due'> as Ledger,
      stores: new Map([...names, 'well'].map((id) => [id, { id, cooldownMs: () => 0 } as Store])),
      attempt: async (store, record) => {
        started.push(store.id)
        await shut
        return record
      },
      onFault: (error) => {
        throw error
      },
    })
    const held = await slots.takeUp(names)
    expect([held.length >= 256, new Set(started).size]).toEqual([true, names.length])
    const well = slots.work(one('well', 'first'))
    expect(started.at(-1)).toBe('well')
    expect(slots.hold('well')).toBeNull()
    letGo()
    await slots.close()
    await Promise.all([...held, well])
  })

  it('what waits in a line is worked as its store is configured when its turn comes', async () => {
    const storeOf = (settings: string) =>
      ({ id: 'shop', cooldownMs: () => 0, settings }) as unknown as Store
    const stores = new Map([['shop', storeOf('old')]])
    const left = ids.map(
      (id) =>
        ({
          id,
          wakeAt: 0,
          status: 'accepted',
          request: { store: 'shop' },
        }) as unknown as Cancellation,
    )
    const worked: string[] = []
    const { promise: shut, resolve: letGo } = Promise.withResolvers<void>()
    const slots = createScheduler({
      ledger: { due: async (_, each) => left.slice(0, each) } as Pick<Ledger, 'due'> as Ledger,
      stores,
      attempt: async (store, record) => {
        worked.push((store as unknown as { settings: string }).settings)
        await shut
        left.splice(left.indexOf(record), 1)
        // Taken out before the turn of those that nobody works on yet.
        if (left.length === 6) stores.clear()
        return record
      },
      onFault: (error) => {
        throw error
      },
    })
    const begun = await slots.takeUp(['shop'])
    stores.set('shop', storeOf('new'))
    letGo()
    await Promise.all(begun)
    expect(worked.slice(0, AT_ONCE)).toEqual(Array(AT_ONCE).fill('old'))
    expect(new Set(worked.slice(AT_ONCE))).toEqual(new Set(['new']))
    expect(left.length).toBeGreaterThan(0)
    await slots.close()
  })

  it('what a person has tried again waits its turn too, however many at once', async () => {
    const { gateway, platform, ask, clock, ledger } = openFixture({
      toy: { proof: 'order' },
      platform: createPlatform(ids.map((id) => ({ id }))),
    })
    platform.plan('cancel', ...ids.map((): Step => () => new Response('{}', { status: 500 })))
    for (const orderId of ids) await ask({ orderId })
    clock.now += 25 * HOUR
    await gateway.tick()
    const needing = await gateway.list({
      stores: null,
      status: 'needs_attention',
      order: 'asc',
      limit: 100,
    })
    expect(needing).toHaveLength(ids.length)
    const door = turnstile()
    platform.plan('look', ...ids.map(() => door.step))
    for (const { id } of needing) await gateway.resolve(id, 'retry', 'try again', 'anna')
    await vi.waitFor(() => expect(door.held.length).toBeGreaterThan(0), {
      interval: 1,
      timeout: 20_000,
    })
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    expect([
      door.held.length,
      (await ledger.list({ stores: null, status: 'accepted', order: 'asc', limit: 100 })).length,
    ]).toEqual([AT_ONCE, ids.length])
    const ended = async () =>
      (await Promise.all(needing.map(({ id }) => gateway.get(id)))).filter(
        ({ status }) => status === 'succeeded',
      ).length
    while ((await ended()) < ids.length) {
      door.letGo()
      await new Promise(setImmediate)
    }
    expect(door.most()).toBe(AT_ONCE)
  })

  it('a queue that never ends leaves nothing: who ends hands its slot on, forgotten', async () => {
    let made = 0
    const one = () =>
      ({
        id: `can_${made++}`,
        wakeAt: made,
        status: 'rejected',
        request: { store: 'shop' },
      }) as unknown as Cancellation
    const slots = createScheduler({
      ledger: {
        due: async (_, each) => {
          await new Promise(setImmediate)
          return Array.from({ length: each }, one)
        },
      } as Pick<Ledger, 'due'> as Ledger,
      stores: new Map([['shop', { id: 'shop', cooldownMs: () => 0 } as Store]]),
      attempt: async (_, record) => {
        await new Promise(setImmediate)
        return record
      },
      onFault: (error) => {
        throw error
      },
    })
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heapAt = async (count: number) => {
      await vi.waitFor(() => expect(made).toBeGreaterThan(count), { interval: 5, timeout: 20_000 })
      collect()
      return process.memoryUsage().heapUsed
    }
    const ended = await slots.takeUp(['shop'])
    const early = await heapAt(5_000)
    // Fifty bytes for each would be a megabyte.
    expect((await heapAt(25_000)) - early).toBeLessThan(1_000_000)
    await slots.close()
    await Promise.all(ended)
  })
})
