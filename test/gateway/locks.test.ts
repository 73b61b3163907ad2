/** One at a time: one lease per order, or per purchase, of the platform's account. */
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/connection/store.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { request } from '../model/samples.ts'
import { openFixture, SETTLE, T0 } from './fixture.ts'
import {
  createPlatform,
  landsLate,
  lost,
  lostAfter,
  says,
  type Step,
  unreachable,
  well,
} from './platform.ts'

/** A step that waits until the test lets it go on. */
const gate = () => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  let arrive = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const step =
    (then: Step = well): Step =>
    async (calling) => {
      arrive()
      await opened
      return then(calling)
    }
  return { step, open, arrived }
}

const TWO = () =>
  createPlatform([
    { id: 'a', purchase: 'p' },
    { id: 'b', purchase: 'p' },
  ])

describe('two orders of one purchase', () => {
  it('wait for each other, and look again when they have waited', async () => {
    const { gateway, platform, ask, drive, idle, history } = openFixture({
      toy: { purchases: true },
      platform: TWO(),
    })
    const { step, open, arrived } = gate()
    platform.plan('cancel', step())
    const first = await gateway.cancel(request({ orderId: 'a' }), 'erp', null, null)
    await arrived
    const second = gateway.cancel(request({ orderId: 'b' }), 'erp', null, null)
    const { record } = await second
    open()
    await idle()
    expect(platform.count('cancel', 'b')).toBe(0)
    expect(await gateway.get(record.id)).toMatchObject({
      status: 'accepted',
      version: 1,
      wakeAt: T0 + 250,
    })
    expect(await gateway.get(first.record.id)).toMatchObject({ status: 'succeeded' })
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
    expect(history.filter(({ id }) => id === record.id).map(({ status }) => status)).toEqual([
      'accepted',
      'sending',
      'succeeded',
    ])
    expect((await ask({ orderId: 'a' })).how).toBe('deduplicated')
  })
  it('the second waits until a call that was given up on can no longer land', async () => {
    const { ask, platform, tick, drive, get } = openFixture({
      toy: { purchases: true },
      platform: TWO(),
    })
    platform.plan('cancel', landsLate(SETTLE - 1))
    await ask({ orderId: 'a' })
    const { record: b } = await ask({ orderId: 'b' })
    for (let waited = 0; waited < SETTLE - 250; waited += 250) await tick(250)
    expect([
      (await get(b.id)).status,
      platform.count('cancel', 'b'),
      platform.count('look', 'b'),
    ]).toEqual(['accepted', 0, 0])
    expect(await drive(b.id)).toMatchObject({ status: 'succeeded' })
  })
  it('also while doubt waits for its second look', async () => {
    const { ask, platform, tick, get } = openFixture({
      toy: { purchases: true, repeat: 'unknown' },
      platform: TWO(),
      store: { onDoubt: 'resend' },
    })
    platform.plan('cancel', lost)
    const { record: a } = await ask({ orderId: 'a' })
    await tick(SETTLE)
    expect(await get(a.id)).toMatchObject({ status: 'in_doubt', unchangedLooks: 1 })
    const { record: b } = await ask({ orderId: 'b' })
    expect([b.status, platform.count('look', 'b')]).toEqual(['accepted', 0])
  })
  it('are told apart by a purchase that is asked for once', async () => {
    const { ask, platform, drive } = openFixture({
      toy: { purchases: true },
      platform: TWO(),
      stores: ['paris', 'rome'],
    })
    platform.plan('look', lost, lost)
    const { record } = await ask({ store: 'paris', orderId: 'a' })
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
    expect([platform.count('look', 'a'), platform.count('purchase', 'a')]).toEqual([4, 1])
    await ask({ store: 'paris', orderId: 'b' })
    await ask({ store: 'rome', orderId: 'a' })
    expect([platform.count('purchase', 'b'), platform.count('purchase', 'a')]).toEqual([1, 2])
  })
  it('without a purchase they have nothing to wait for', async () => {
    const { ask, platform } = openFixture({ platform: TWO() })
    platform.plan('cancel', lostAfter)
    await ask({ orderId: 'a' })
    expect((await ask({ orderId: 'b' })).record.status).toBe('succeeded')
  })
  it.each([
    ['succeeded', well],
    ['rejected', says(400, 'nope')],
    ['not sent', unreachable],
  ])('nobody waits for what is %s', async (_, step) => {
    const { ask, platform } = openFixture({ toy: { purchases: true }, platform: TWO() })
    platform.plan('cancel', step)
    await ask({ orderId: 'a' })
    expect((await ask({ orderId: 'b' })).record.status).toBe('succeeded')
  })
  it('nobody waits for a look that failed', async () => {
    const { ask, platform } = openFixture({ toy: { purchases: true }, platform: TWO() })
    platform.plan('look', lost)
    await ask({ orderId: 'a' })
    expect((await ask({ orderId: 'b' })).record.status).toBe('succeeded')
  })
})

describe('two stores', () => {
  it('of one account never work on one order at the same time', async () => {
    const { ask, platform, drive } = openFixture({ stores: ['paris', 'rome'] })
    platform.plan('cancel', landsLate(SETTLE - 1))
    const { record: first } = await ask({ store: 'paris' })
    const { record: second } = await ask({ store: 'rome' })
    expect([second.status, platform.count('look')]).toEqual(['accepted', 1])
    expect(await drive(second.id, 300)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
    })
    expect(await drive(first.id)).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
    expect(platform.order().refunded).toBe(100)
  })
  it('of two accounts have nothing in common', async () => {
    const { ask, platform, stores, adapter } = openFixture({ stores: ['paris'] })
    const other = createPlatform()
    stores.set(
      'rome',
      openStore(
        'rome',
        adapter,
        { baseUrl: 'http://other.test', key: 'good-key-of-the-shop' },
        { transport: other.transport, callTimeoutMs: 2_000, settleMs: SETTLE, test: true },
      ),
    )
    platform.plan('cancel', lost)
    await ask({ store: 'paris' })
    expect((await ask({ store: 'rome' })).record.status).toBe('succeeded')
  })
})

describe('a record that somebody else wrote meanwhile', () => {
  it('is left to them, before the look', async () => {
    const it = openFixture({
      wrap: (ledger): FullLedger => ({ ...ledger, lease: async () => 'stale' }),
    })
    const { record } = await it.ask()
    expect([record.status, it.platform.calls.length]).toEqual(['accepted', 0])
  })
  it('is left to them, before the call: the lock is given back', async () => {
    const { gateway, platform, idle, ask } = openFixture({
      toy: { purchases: true },
      platform: TWO(),
    })
    const { step, open, arrived } = gate()
    platform.plan('look', step())
    const { record } = await gateway.cancel(request({ orderId: 'a' }), 'erp', null, null)
    await arrived
    await gateway.withdraw(record.id)
    open()
    await idle()
    expect([platform.count('cancel'), (await gateway.get(record.id)).status]).toEqual([
      0,
      'rejected',
    ])
    expect((await ask({ orderId: 'b' })).record.status).toBe('succeeded')
  })
  it('is left to them, after the call: the lock runs its time', async () => {
    let stolen = false
    const { ask, platform, clock } = openFixture({
      toy: { purchases: true },
      platform: TWO(),
      wrap: (ledger): FullLedger => ({
        ...ledger,
        save: async (next, ...rest) =>
          stolen && next.status !== 'sending' ? null : ledger.save(next, ...rest),
      }),
    })
    platform.plan('cancel', (calling) => {
      stolen = true
      return lostAfter(calling)
    })
    expect((await ask({ orderId: 'a' })).record.status).toBe('sending')
    stolen = false
    clock.now += 61_000
    expect((await ask({ orderId: 'b' })).record).toMatchObject({ status: 'accepted', attempts: [] })
    expect(platform.count('cancel', 'b')).toBe(0)
  })
})
