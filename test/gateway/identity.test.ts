/** One order has one name, however it is spelled, and an answer about something else is none. */
import { describe, expect, it } from 'vitest'
import { createBatches } from '../../src/gateway/batches/service.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { request } from '../model/samples.ts'
import { openFixture, SETTLE, T0 } from './fixture.ts'
import { createPlatform, lost, type Platform, says } from './platform.ts'

describe('one order under several spellings', () => {
  const folding = (platform = createPlatform([{ id: 'abc' }])) =>
    openFixture({ toy: { folds: true }, platform })

  it('at once: one record, one cancel, in the spelling of the platform', async () => {
    const { gateway, idle, get, platform } = folding()
    const asked = await Promise.all(
      ['abc', 'ABC', 'aBc', 'gid://toy/Order/Abc'].map((orderId) =>
        gateway.cancel(request({ orderId }), 'erp', null, null),
      ),
    )
    await idle()
    expect(new Set(asked.map(({ record }) => record.id)).size).toBe(1)
    expect(await get(asked[0]!.record.id)).toMatchObject({
      status: 'succeeded',
      request: { orderId: 'abc' },
    })
    expect(platform.count('cancel')).toBe(1)
  })
  it('while in doubt: joins, or is a conflict', async () => {
    const { ask, platform } = folding()
    platform.plan('cancel', lost)
    const { record } = await ask({ orderId: 'ABC', restock: true })
    expect(await ask({ orderId: 'abc', restock: true })).toMatchObject({
      how: 'deduplicated',
      record: { id: record.id },
    })
    await expect(ask({ orderId: 'AbC', restock: false })).rejects.toMatchObject({
      problem: { code: 'cancellation-conflict' },
    })
    expect(platform.count('cancel')).toBe(1)
  })
  it('is the same body under one key', async () => {
    const { ask } = folding()
    const { record } = await ask({ orderId: 'ABC' }, { key: 'k' })
    expect(await ask({ orderId: 'abc' }, { key: 'k' })).toMatchObject({
      how: 'replayed',
      record: { id: record.id },
    })
  })
  it('is found, previewed and read by each', async () => {
    const { ask, gateway } = folding()
    const { record } = await ask({ orderId: 'ABC' })
    for (const orderId of ['abc', 'ABC', 'gid://toy/Order/abc']) {
      for (const stores of [null, ['shop']])
        expect(await gateway.list({ stores, orderId, order: 'desc', limit: 10 })).toEqual([record])
      expect((await gateway.preview(request({ orderId }), false)).order.id).toBe('abc')
      expect((await gateway.readOrder('shop', orderId)).order.id).toBe('abc')
    }
  })
  it('in batches: rows keep the platform’s spelling; in another one it is the same', async () => {
    const { gateway, memory, clock, platform } = folding()
    const batches = createBatches({
      ledger: (memory as FullLedger).batches,
      gateway,
      now: () => clock.now,
    })
    const {
      batch: { id },
    } = await batches.create(
      [request({ orderId: 'ABC' }), request({ orderId: 'aBc' })],
      'erp',
      'night',
    )
    expect(
      await batches.create(
        [request({ orderId: 'abc' }), request({ orderId: 'ABC' })],
        'erp',
        'night',
      ),
    ).toMatchObject({ how: 'replayed', batch: { id } })
    expect(
      (await batches.items(id, { limit: 10 })).map(({ request: { orderId } }) => orderId),
    ).toEqual(['abc', 'abc'])
    await batches.idle()
    expect(platform.count('cancel')).toBeLessThanOrEqual(1)
  })
  it('what the platform itself writes in another case is the same order', async () => {
    const { ask, platform } = folding()
    platform.plan('look', ({ thing }) => Response.json({ ...thing, id: 'ABC' }))
    expect((await ask({ orderId: 'abc' })).record.status).toBe('succeeded')
  })
  it('what is no id there is refused with its place, and nothing is written', async () => {
    const { ask, records, platform } = folding()
    await expect(ask({ orderId: 'no-1' })).rejects.toMatchObject({
      problem: { code: 'invalid-request', status: 400, errors: [{ pointer: '/orderId' }] },
    })
    expect([records.size, platform.calls.length]).toEqual([0, 0])
  })
  it.each([
    ['that has no such ids', {}],
    ['whose ids have another name in them', { toy: { folds: true } }],
  ])('a global id is none at a platform %s: 400, and nothing is asked', async (_, options) => {
    const { ask, gateway, hear, outcomes, records, platform } = openFixture(options)
    const orderId = 'gid://shopify/Order/1'
    const refused = { problem: { status: 400, errors: [{ pointer: '/orderId' }] } }
    await expect(ask({ orderId })).rejects.toMatchObject(refused)
    await expect(gateway.preview(request({ orderId }), false)).rejects.toMatchObject(refused)
    await expect(gateway.readOrder('shop', orderId)).rejects.toMatchObject(refused)
    await hear(orderId)
    expect([records.size, platform.calls.length, outcomes]).toEqual([0, 0, ['no order']])
  })
})

describe('an answer about another order', () => {
  const another = ({ thing }: { thing: object }) =>
    Response.json({ ...thing, id: 'other', state: 'canceled' })

  it('is no look: nothing is told of it, and nothing sent on it', async () => {
    const { ask, platform, gateway } = openFixture()
    platform.plan('look', another, another, another)
    const { record } = await ask()
    expect(record).toMatchObject({
      status: 'accepted',
      order: null,
      hindrance: { result: '200 another order' },
    })
    await expect(gateway.preview(request(), false)).rejects.toMatchObject({
      problem: { code: 'platform-unavailable' },
    })
    await expect(gateway.readOrder('shop', 'open')).rejects.toMatchObject({
      problem: { code: 'platform-unavailable' },
    })
    expect(platform.count('cancel')).toBe(0)
  })
  it('is no proof of a cancel: the order itself is looked at', async () => {
    const { ask, platform } = openFixture({ toy: { proof: 'order' } })
    platform.plan('cancel', (calling) => {
      calling.go()
      return another(calling)
    })
    const { record } = await ask()
    expect(record).toMatchObject({ status: 'succeeded', order: { id: 'open' } })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look', 'cancel', 'look'])
  })
  it('after a timeout leaves the doubt open', async () => {
    const { ask, platform, tick, get } = openFixture()
    platform.plan('cancel', lost)
    const { record } = await ask()
    platform.plan('look', another)
    await tick(SETTLE)
    expect(await get(record.id)).toMatchObject({
      status: 'in_doubt',
      order: { id: 'open' },
      hindrance: { result: '200 another order' },
    })
  })
})

describe('records of a version that kept an order’s id as it was spelled', () => {
  /** Written by a gateway that folds nothing; then the one that does takes over. */
  const before = async (prepare: (platform: Platform) => void, over = {}) => {
    const clock = { now: T0 }
    const ledger = openMemoryLedger(() => clock.now)
    const platform = createPlatform([{ id: 'ABC' }, { id: 'abc' }])
    prepare(platform)
    const { record } = await openFixture({ ledger, clock, platform }).ask(
      { orderId: 'ABC', ...over },
      { key: 'k' },
    )
    return {
      record,
      ledger,
      clock,
      platform,
      next: openFixture({ ledger, clock, platform, toy: { folds: true } }),
    }
  }

  it('an open one still speaks for the order, by each spelling', async () => {
    const { record, next, platform } = await before((it) => it.plan('cancel', lost))
    for (const orderId of ['ABC', 'abc']) {
      expect(await next.ask({ orderId })).toMatchObject({
        how: 'deduplicated',
        record: { id: record.id },
      })
      await expect(next.ask({ orderId, restock: true })).rejects.toMatchObject({
        problem: { code: 'cancellation-conflict' },
      })
      expect(
        (await next.gateway.list({ stores: ['shop'], orderId, order: 'desc', limit: 9 })).map(
          ({ id }) => id,
        ),
      ).toEqual([record.id])
    }
    expect(platform.count('cancel')).toBe(1)
  })
  it('one that succeeded, too: nothing is sent, with other wishes neither', async () => {
    const { record, next, platform } = await before(() => {})
    expect(await next.ask({ orderId: 'abc' })).toMatchObject({
      how: 'deduplicated',
      record: { id: record.id },
    })
    expect(await next.ask({ orderId: 'abc', restock: true })).toMatchObject({
      how: 'created',
      record: { status: 'succeeded', alreadyCanceled: true },
    })
    expect(platform.count('cancel')).toBe(1)
  })
  it('its key is the same request’s still', async () => {
    const { record, next } = await before((it) => it.plan('cancel', says(409, 'unpaid')))
    expect(record.status).toBe('rejected')
    for (const orderId of ['ABC', 'abc'])
      expect(await next.ask({ orderId }, { key: 'k' })).toMatchObject({
        how: 'replayed',
        record: { id: record.id },
      })
    await expect(next.ask({ orderId: 'abc', restock: true }, { key: 'k' })).rejects.toMatchObject({
      problem: { code: 'idempotency-key-reused' },
    })
  })
  it('one that may be tried again is asked for anew, under the order’s one name', async () => {
    const { record, next, platform } = await before((it) => it.plan('cancel', says(401, 'who')))
    expect(record).toMatchObject({ status: 'rejected', problem: { retryable: true } })
    const again = await next.ask({ orderId: 'ABC' }, { key: 'k' })
    expect(again.record).toMatchObject({ status: 'succeeded', request: { orderId: 'abc' } })
    expect(await next.ask({ orderId: 'ABC' }, { key: 'k' })).toMatchObject({
      record: { id: again.record.id },
    })
    expect([again.record.id === record.id, platform.count('cancel')]).toEqual([false, 2])
  })
  it('is locked together with the same order', async () => {
    const { record, next, clock } = await before((it) => it.plan('look', says(500)))
    expect(record.status).toBe('accepted')
    const { record: other } = await next.ask({ orderId: 'other' })
    expect(
      await next.ledger.lease(other, JSON.stringify(['toy.test', 'abc']), SETTLE),
    ).toMatchObject({ key: expect.stringContaining('abc') })
    await next.tick((record.wakeAt ?? 0) - clock.now)
    expect([(await next.get(record.id)).status, next.platform.count('look', 'ABC')]).toEqual([
      'accepted',
      1,
    ])
  })
  it('a batch that was sent before is found again by its key', async () => {
    const clock = { now: T0 }
    const ledger = openMemoryLedger(() => clock.now)
    const platform = createPlatform([{ id: 'abc' }])
    const open = (folds: boolean) =>
      createBatches({
        ledger: ledger.batches,
        gateway: openFixture({ ledger, clock, platform, toy: { folds } }).gateway,
        now: () => clock.now,
      })
    const [old, next] = [open(false), open(true)]
    const rows = [request({ orderId: 'ABC' })]
    const { batch } = await old.create(rows, 'erp', 'csv')
    await old.close()
    expect(await next.create(rows, 'erp', 'csv')).toMatchObject({
      how: 'replayed',
      batch: { id: batch.id },
    })
    await expect(
      next.create([request({ orderId: 'ABC', restock: true })], 'erp', 'csv'),
    ).rejects.toMatchObject({ problem: { code: 'idempotency-key-reused' } })
    await next.close()
  })
})
