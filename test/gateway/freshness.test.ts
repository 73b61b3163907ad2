/**
 * The newest word wins: what the platform itself answered is not undone by a read that lags behind.
 */
import { describe, expect, it } from 'vitest'
import { DAY, openFixture, SETTLE, T0 } from './fixture.ts'
import {
  createPlatform,
  lost,
  lostAfter,
  says,
  type Step,
  type Thing,
  unreachable,
} from './platform.ts'

/** A cache that answers every read with the order as it first saw it. */
const cache = (): Step => {
  let kept: Thing | null = null
  return ({ thing }) => Response.json((kept ??= structuredClone(thing)))
}
const stale = (count = 1_000): Step[] => Array(count).fill(cache()) as Step[]

describe('a yes, and reads from a cache', () => {
  it('is doubt until they show it; nothing is sent meanwhile', async () => {
    const it = openFixture()
    it.platform.plan('look', ...stale(4))
    const { record } = await it.ask()
    expect(record).toMatchObject({
      status: 'in_doubt',
      word: 'canceled',
      attempts: [{ result: '200' }],
      wakeAt: T0 + 1_000,
    })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
    })
    expect(it.platform.count('cancel')).toBe(1)
  })
  it('that never show it: a person looks, and is told what the platform said', async () => {
    const it = openFixture()
    it.platform.plan('look', ...stale())
    const { record } = await it.ask()
    const end = await it.drive(record.id, 300)
    expect(end).toMatchObject({
      status: 'needs_attention',
      problem: {
        acted: 'yes',
        detail: expect.stringContaining('answered that the order is canceled'),
      },
      effects: { order: { outcome: 'unverified', basis: 'reported' } },
    })
    expect([it.clock.now, it.platform.count('cancel')]).toEqual([T0 + DAY, 1])
    // Nor is it sent again when a person has it tried again: the same reads say the same.
    await it.resolve(record.id, 'retry', 'again', 'ops')
    expect((await it.drive(record.id, 300)).status).toBe('needs_attention')
    expect(it.platform.count('cancel')).toBe(1)
  })
  it('whose first look after it fails, then is old', async () => {
    const it = openFixture()
    it.platform.plan('look', cache(), says(500), ...stale(3))
    const { record } = await it.ask()
    expect(record).toMatchObject({
      status: 'in_doubt',
      word: 'canceled',
      hindrance: { result: '500' },
    })
    expect((await it.drive(record.id)).status).toBe('succeeded')
    expect(it.platform.count('cancel')).toBe(1)
  })
  it('money that is seen to have moved is told all the same', async () => {
    const it = openFixture()
    it.platform.plan(
      'look',
      ({ thing }) => Response.json({ ...thing, state: 'open' }),
      ...Array<Step>(1_000).fill(({ thing }) => Response.json({ ...thing, state: 'open' })),
    )
    const { record } = await it.ask()
    expect((await it.drive(record.id, 300)).problem).toMatchObject({
      code: 'needs-attention',
      acted: 'yes',
    })
    expect(it.platform.count('cancel')).toBe(1)
  })
})

describe('“already canceled”, and reads from a cache', () => {
  const already = says(409, 'already_canceled')

  it('is no refusal', async () => {
    const it = openFixture()
    it.platform.plan('cancel', already)
    const { record } = await it.ask()
    expect(record).toMatchObject({ status: 'in_doubt', word: 'canceled_already', problem: null })
    it.platform.order().state = 'canceled'
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      effects: { order: { outcome: 'skipped' } },
    })
    expect(it.platform.count('cancel')).toBe(1)
  })
  it('nor where nothing ever shows it: a person looks', async () => {
    const it = openFixture()
    it.platform.plan('cancel', already)
    const { record } = await it.ask()
    expect(await it.drive(record.id, 300)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect(it.platform.count('cancel')).toBe(1)
  })
  it('nor where the look after it fails', async () => {
    const it = openFixture()
    it.platform.plan('cancel', already)
    it.platform.plan('look', ({ go }) => go(), says(500))
    const { record } = await it.ask()
    expect(record).toMatchObject({ status: 'in_doubt', word: 'canceled_already', problem: null })
    await it.tick(SETTLE)
    expect((await it.get(record.id)).status).toBe('in_doubt')
  })
  it('after a call of ours that may have done it: ours', async () => {
    const it = openFixture()
    it.platform.plan('cancel', ({ line }) => line.hangUp(), already)
    const { record } = await it.ask()
    await it.tick(SETTLE)
    expect(await it.get(record.id)).toMatchObject({ status: 'in_doubt', word: 'canceled_already' })
    it.platform.order().state = 'canceled'
    expect(await it.drive(record.id)).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
  })
})

describe('“nothing is pending”, and a read that still shows a transfer', () => {
  const open = () => openFixture({ platform: createPlatform([{ id: 'open', transfer: 'tr_1' }]) })

  it('is no refusal: our own call may have canceled it', async () => {
    const it = open()
    it.platform.plan('transfer', lostAfter)
    // The looks before and after both calls come from a cache.
    it.platform.plan('look', ...stale(5))
    const { record } = await it.ask({ target: 'transfer' })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      attempts: [{ result: 'connection lost' }, { result: '409' }],
    })
  })
  it('that never agree: a person looks', async () => {
    const it = open()
    it.platform.plan('transfer', says(409, 'no_transfer'))
    const { record } = await it.ask({ target: 'transfer' })
    expect(record).toMatchObject({ status: 'in_doubt', problem: { cause: 'nothing_pending' } })
    expect(await it.drive(record.id, 300)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect(it.platform.count('transfer')).toBe(1)
  })
})

describe('sent again after doubt, and that never left', () => {
  const again = async () => {
    const it = openFixture()
    it.platform.plan('cancel', lost, unreachable)
    const { record } = await it.ask({ restock: true })
    await it.tick(SETTLE)
    expect(await it.get(record.id)).toMatchObject({
      status: 'accepted',
      attempts: [{ result: 'connection lost' }, { unsent: true }],
    })
    return { ...it, id: record.id }
  }

  it('a canceled order is our own doing all the same: the first call landed late', async () => {
    const it = await again()
    Object.assign(it.platform.order(), { state: 'canceled', refunded: 100, restocked: true })
    expect(await it.drive(it.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      effects: {
        order: { outcome: 'applied' },
        payment: { outcome: 'automatic', basis: 'confirmed' },
      },
    })
    expect(it.platform.count('cancel')).toBe(1)
  })
  it('money that moved meanwhile is told, and nothing is sent', async () => {
    const it = await again()
    it.platform.order().refunded = 100
    expect(await it.drive(it.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
    })
    expect(it.platform.count('cancel')).toBe(1)
  })
  it('it cannot be withdrawn as if nothing had been sent', async () => {
    const it = await again()
    await expect(it.gateway.withdraw(it.id)).rejects.toMatchObject({
      problem: { code: 'not-withdrawable', detail: expect.stringContaining('in doubt') },
    })
    expect((await it.drive(it.id)).status).toBe('succeeded')
  })
})
