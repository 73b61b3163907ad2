/** Records of a store that was taken out: they end unsent or with a person, and say why. */
import { describe, expect, it } from 'vitest'
import type { FullLedger } from '../../src/ledger/port.ts'
import { lost, lostAfter, says, unreachable, well, after } from './platform.ts'
import { DAY, openFixture, HOUR, SETTLE, T0 } from './fixture.ts'

describe('a store that was taken out', () => {
  const gone = async (plan: (it: ReturnType<typeof openFixture>) => void) => {
    const it = openFixture()
    plan(it)
    const { record } = await it.ask({ restock: true })
    it.stores.delete('shop')
    return { ...it, id: record.id, record }
  }
  it('its doubt reaches a person when it is given up, and the person can close it', async () => {
    const { tick, get, resolve, id, clock } = await gone(({ platform }) =>
      platform.plan('cancel', lost),
    )
    for (let turn = 0; turn < 3_000 && clock.now < T0 + DAY; turn++) await tick(60_000)
    expect(await get(id)).toMatchObject({
      status: 'needs_attention',
      problem: {
        acted: 'unknown',
        detail: expect.stringContaining('no longer in the configuration'),
      },
    })
    expect(await resolve(id, 'canceled', 'seen', 'ops')).toMatchObject({
      status: 'succeeded',
      order: { customer: null },
    })
  })
  it('what was never sent expires, and says why', async () => {
    const { tick, get, id } = await gone(({ platform }) => platform.plan('look', lost))
    await tick(2 * HOUR)
    expect(await get(id)).toMatchObject({
      status: 'rejected',
      problem: {
        cause: 'expired',
        acted: 'no',
        detail: expect.stringContaining('no longer in the configuration'),
      },
    })
  })
  it('is asked for again each minute, and at the end of its time', async () => {
    const { tick, get, id } = await gone(({ platform }) => platform.plan('look', lost))
    await tick(60_000)
    expect((await get(id)).wakeAt).toBe(T0 + 2 * 60_000)
    await tick(HOUR - 90_000)
    expect((await get(id)).wakeAt).toBe(T0 + HOUR)
    await tick(30_000)
    expect((await get(id)).status).toBe('rejected')
  })
  it('doubt lasts beyond the deadline of what was never sent', async () => {
    const { tick, get, id } = await gone(({ platform }) => platform.plan('cancel', lost))
    await tick(2 * HOUR)
    expect(await get(id)).toMatchObject({
      status: 'in_doubt',
      wakeAt: T0 + 2 * HOUR + 60_000,
      hindrance: { result: 'not asked: its store is gone' },
    })
    await tick(DAY - 2 * HOUR - 1)
    expect(await get(id)).toMatchObject({ status: 'in_doubt', wakeAt: T0 + DAY })
    await tick(1)
    expect((await get(id)).status).toBe('needs_attention')
  })
  it('what was being sent when its time was over is doubt for a moment, then a person’s', async () => {
    const it = openFixture({
      failpoint: (name) => {
        if (name === 'performed') throw new Error('the process is gone')
      },
    })
    const { record } = await it.ask()
    expect(record.status).toBe('sending')
    it.expectFaults(expect.anything())
    it.stores.delete('shop')
    await it.tick(2 * DAY)
    expect(await it.get(record.id)).toMatchObject({
      status: 'in_doubt',
      wakeAt: T0 + 2 * DAY + 1,
    })
    expect(await it.tick()).toBe(0)
    expect((await it.get(record.id)).status).toBe('in_doubt')
    await it.tick(1)
    expect((await it.get(record.id)).status).toBe('needs_attention')
  })
  it('what was not sent again is for a person, where the first call may have done it', async () => {
    const it = openFixture()
    it.platform.plan('cancel', lostAfter, unreachable)
    it.platform.plan('look', well, ({ thing }) =>
      Response.json({ ...thing, state: 'open', refunded: 0 }),
    )
    const { record } = await it.ask()
    await it.tick(SETTLE)
    expect(await it.get(record.id)).toMatchObject({
      status: 'accepted',
      attempts: [{ unsent: false }, { unsent: true }],
    })
    it.stores.delete('shop')
    await it.tick(2 * HOUR)
    expect(await it.get(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
  })
  it('what was being sent is doubt first', async () => {
    let broken = true
    const it = openFixture({
      wrap: (ledger): FullLedger => ({
        ...ledger,
        save: async (next, ...rest) => {
          if (broken && next.status === 'succeeded') throw new Error('the disk')
          return ledger.save(next, ...rest)
        },
      }),
    })
    const { record } = await it.ask()
    expect(record.status).toBe('sending')
    it.expectFaults(expect.anything())
    broken = false
    it.stores.delete('shop')
    await it.tick(2 * 60_000)
    expect((await it.get(record.id)).status).toBe('in_doubt')
    for (let turn = 0; turn < 3_000 && it.clock.now < T0 + DAY + SETTLE; turn++)
      await it.tick(60_000)
    expect((await it.get(record.id)).status).toBe('needs_attention')
  })
  it('what was seen before is not forgotten: moved money, and the platform’s word', async () => {
    const moved = await gone(({ platform }) =>
      platform.plan(
        'cancel',
        after(
          (thing) => {
            thing.refunded = 100
          },
          says(409, 'unpaid'),
        ),
      ),
    )
    expect(moved.record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: { payment: { basis: 'confirmed' } },
    })
    await moved.gateway.resolve(moved.id, 'retry', 'again', 'ops')
    await moved.tick(2 * HOUR)
    expect(await moved.get(moved.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: { payment: { basis: 'confirmed' } },
    })

    const said = await gone(({ platform }) => platform.plan('look', well, says(500)))
    expect(said.record).toMatchObject({ status: 'in_doubt', word: 'canceled' })
    said.clock.now += DAY
    await said.tick()
    expect(await said.get(said.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: { order: { outcome: 'unverified', basis: 'reported' } },
    })
  })
})
