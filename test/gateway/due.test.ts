/** What is due: in which order it is begun, by whom, and what a fault of the ledger comes to. */
import { describe, expect, it, vi } from 'vitest'
import { request } from '../model/samples.ts'
import { openFixture, SETTLE, T0 } from './fixture.ts'
import { lives } from './lives.ts'
import { createPlatform, type Step, unreachable } from './platform.ts'

const ids = Array.from({ length: 8 }, (_, index) => `o${index}`)

describe('what is due', () => {
  it('is begun the longest waiting first, of whichever store', async () => {
    const stores = ['a', 'b', 'c']
    const it = openFixture({ stores, platform: createPlatform(ids.map((id) => ({ id }))) })
    it.platform.plan('look', ...Array<Step>(6).fill(unreachable))
    // Each store's are due in turn, the first store's last of all.
    const asked = ['o0 b', 'o1 c', 'o2 a', 'o3 c', 'o4 b', 'o5 a'].map((one) => one.split(' '))
    for (const [orderId, store] of asked) {
      it.clock.now += 10
      await it.ask({ orderId: orderId as string, store: store as string })
    }
    const before = it.platform.calls.length
    await it.tick(SETTLE)
    const looked = it.platform.calls
      .slice(before)
      .filter(({ route }) => route === 'look')
      .map(({ id }) => id)
    expect([...new Set(looked)]).toEqual(asked.map(([orderId]) => orderId))
  })

  it('is not asked for while no store has a slot, nor once the gateway is closed', async () => {
    const asked: (readonly string[])[] = []
    const it = openFixture({
      platform: createPlatform(ids.map((id) => ({ id }))),
      wrap: (ledger) => ({
        ...ledger,
        due: async (stores, each) => {
          asked.push(stores)
          return ledger.due(stores, each)
        },
      }),
    })
    const held: (() => void)[] = []
    const hold: Step = async ({ go }) => {
      await new Promise<void>((resolve) => held.push(resolve))
      return go()
    }
    it.platform.plan('look', hold, hold, hold, hold)
    for (const orderId of ids.slice(0, 4))
      await it.gateway.cancel(request({ orderId }), 'erp', null, null)
    await vi.waitFor(() => expect(held).toHaveLength(4), { interval: 1, timeout: 20_000 })
    expect([await it.gateway.tick('begun'), asked]).toEqual([0, []])
    for (const go of held) go()
    await it.gateway.close()
    asked.length = 0
    expect([await it.gateway.tick(), asked]).toEqual([0, []])
  })

  it('that a ledger cannot tell of, after one is done, is told as a fault', async () => {
    const error = new Error('the disk')
    let isBroken = false
    const it = openFixture({
      toy: { proof: 'order' },
      platform: createPlatform(ids.map((id) => ({ id }))),
      wrap: (ledger) => ({
        ...ledger,
        due: async (...words) => {
          if (isBroken) throw error
          return ledger.due(...words)
        },
      }),
    })
    const held: (() => void)[] = []
    const hold: Step = async ({ go }) => {
      await new Promise<void>((resolve) => held.push(resolve))
      return go()
    }
    it.platform.plan('look', hold, hold, hold, hold)
    for (const orderId of ids.slice(0, 6))
      await it.gateway.cancel(request({ orderId }), 'erp', null, null)
    await vi.waitFor(() => expect(held).toHaveLength(4), { interval: 1, timeout: 20_000 })
    isBroken = true
    for (const go of held) go()
    await it.idle()
    await vi.waitFor(() => expect(it.faults).toHaveLength(4), { interval: 1, timeout: 20_000 })
    expect(new Set(it.faults)).toEqual(new Set([error]))
    it.expectFaults(...it.faults)
    isBroken = false
    await it.tick()
    await it.tick()
    expect(it.platform.count('cancel')).toBe(6)
  })
})

describe('an approval of which the process dies as soon as it is written', () => {
  it('is sent by the next process', async () => {
    const { first, next, platform } = lives('approved')
    const { record } = await first.ask({}, { needsApproval: true })
    await expect(first.gateway.approve(record.id, 'boss', null)).rejects.toThrow()
    expect(platform.count('cancel')).toBe(0)
    const after = next()
    await after.tick(SETTLE)
    expect(await after.get(record.id)).toMatchObject({
      status: 'succeeded',
      approval: { state: 'given', by: 'boss', at: T0 },
    })
    expect(platform.count('cancel')).toBe(1)
  })
})
