/** Notices: what a platform tells of is looked at, and nothing is sent on its word. */
import { describe, expect, it } from 'vitest'
import { HOOK_TOKEN, HOUR, openFixture, SETTLE } from './fixture.ts'
import { createPlatform, lostAfter, says, unreachable } from './platform.ts'

/** Every record of the order, the newest first. */
const recordsOf = ({ gateway }: ReturnType<typeof openFixture>, orderId = 'open') =>
  gateway.list({ stores: ['shop'], orderId, order: 'desc', limit: 100 })

describe('a notice of an order that nobody asked to cancel', () => {
  it('makes a record of the platform where it is canceled: looked at once, nothing sent', async () => {
    const fixture = openFixture()
    fixture.platform.turn('canceled')
    expect(await fixture.hear()).toBe('taken')
    await fixture.tick()
    const [record, ...others] = await recordsOf(fixture)
    expect(others).toEqual([])
    expect(record).toMatchObject({
      origin: 'platform',
      status: 'succeeded',
      alreadyCanceled: true,
      caller: '',
      revision: 1,
      effects: { order: { outcome: 'skipped' }, payment: { outcome: 'withheld' } },
      order: {
        status: 'canceled',
        customer: null,
        lines: null,
        number: null,
        totals: { total: null },
      },
    })
    expect(fixture.platform.calls.map(({ route }) => route)).toEqual(['look'])
    expect(fixture.outcomes).toEqual(['canceled'])
  })

  it('makes none where it is not, and the row goes', async () => {
    const fixture = openFixture()
    await fixture.hear()
    await fixture.tick()
    expect(await recordsOf(fixture)).toEqual([])
    expect(fixture.outcomes).toEqual(['unchanged'])
    expect(await fixture.ledger.notices.of('shop')).toMatchObject({ waiting: 0 })
  })

  it('is not even looked at where nobody is told of the store', async () => {
    const fixture = openFixture({ isListened: false })
    fixture.platform.turn('canceled')
    await fixture.hear()
    await fixture.tick()
    expect(fixture.platform.calls).toEqual([])
    expect(fixture.outcomes).toEqual(['unheard'])
  })

  it('does not stand in the way of a request, which gets a record of its own', async () => {
    const fixture = openFixture()
    fixture.platform.turn('canceled')
    await fixture.hear()
    await fixture.tick()
    const { how, record } = await fixture.ask()
    expect(how).toBe('created')
    expect(record).toMatchObject({ status: 'succeeded', alreadyCanceled: true })
    expect(record.origin).toBeUndefined()
    expect(await recordsOf(fixture)).toHaveLength(2)
  })

  it('ten thousand times in any spelling is one record, and few reads', async () => {
    const fixture = openFixture({ toy: { folds: true } })
    fixture.platform.turn('canceled')
    for (let count = 0; count < 100; count++) await fixture.hear(count % 2 ? 'OPEN' : 'open')
    await fixture.tick()
    for (let count = 0; count < 100; count++) await fixture.hear()
    await fixture.tick()
    expect(await recordsOf(fixture)).toHaveLength(1)
    expect(fixture.platform.count('look')).toBe(1)
  })

  it('is looked at again where there is no such order, once, and then gone', async () => {
    const fixture = openFixture()
    await fixture.hear('missing')
    await fixture.tick()
    expect(fixture.outcomes).toEqual([])
    await fixture.tick(SETTLE)
    expect(fixture.outcomes).toEqual(['gone'])
    expect(fixture.platform.count('look', 'missing')).toBe(2)
  })

  it('stays due with growing pauses while reads fail, and is found in the end', async () => {
    const fixture = openFixture()
    fixture.platform.turn('canceled')
    fixture.platform.plan('look', ...Array.from({ length: 6 }, () => says(500)))
    await fixture.hear()
    for (let turn = 0; turn < 12; turn++) await fixture.tick(10_000)
    expect(fixture.outcomes).toEqual(['canceled'])
    expect(fixture.platform.count('look')).toBe(7)
  })

  it('says nothing of an order canceled more than a week ago', async () => {
    const fixture = openFixture()
    fixture.platform.turn('canceled')
    Object.assign(fixture.platform.order(), {
      canceledAt: new Date(fixture.clock.now - 8 * 24 * HOUR).toISOString(),
    })
    await fixture.hear()
    await fixture.tick()
    expect(await recordsOf(fixture)).toEqual([])
  })
})

describe('a notice of an order that was asked to be canceled', () => {
  it('is an echo without a read where it is held as canceled', async () => {
    const fixture = openFixture()
    const { record } = await fixture.ask()
    const looks = fixture.platform.count('look')
    await fixture.hear()
    await fixture.tick()
    expect(fixture.platform.count('look')).toBe(looks)
    expect(fixture.outcomes).toEqual(['echo'])
    expect(await fixture.get(record.id)).toEqual(record)
  })

  it('does not overtake the answer of the call that is being sent', async () => {
    const fixture = openFixture()
    const gate = Promise.withResolvers<void>()
    fixture.platform.plan('cancel', async ({ go }) => {
      const reply = go()
      await fixture.hear()
      void fixture.gateway.tick()
      await gate.promise
      return reply
    })
    const asked = fixture.ask({ restock: true })
    await expect.poll(() => fixture.failpoints).toContain('heard')
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(fixture.platform.count('look')).toBe(1)
    gate.resolve()
    const { record } = await asked
    expect(record).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      via: 'reply',
      effects: { restock: { outcome: 'applied' } },
    })
    await fixture.tick(SETTLE)
    expect(fixture.outcomes).toEqual(['echo'])
  })

  it('ends its doubt at once where it is canceled, without waiting for the lease', async () => {
    const fixture = openFixture()
    fixture.platform.plan('cancel', lostAfter)
    const { record } = await fixture.ask()
    expect(record.status).toBe('in_doubt')
    await fixture.ledger.lease(record, 'http://elsewhere', HOUR)
    await fixture.hear()
    await fixture.gateway.tick()
    expect(await fixture.get(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
    })
    expect(fixture.platform.count('cancel')).toBe(1)
  })

  it('never ends its doubt as open: that waits for the settle time', async () => {
    const fixture = openFixture()
    fixture.platform.plan('cancel', ({ line }) => line.hangUp())
    const { record } = await fixture.ask()
    expect(record.status).toBe('in_doubt')
    await fixture.hear()
    await fixture.gateway.tick()
    expect((await fixture.get(record.id)).status).toBe('in_doubt')
  })

  it('lets one that waits look at once', async () => {
    const fixture = openFixture()
    fixture.platform.plan('cancel', ...Array.from({ length: 8 }, () => says(503, 'busy')))
    const { record } = await fixture.ask()
    for (let turn = 0; turn < 6; turn++) await fixture.tick(60_000)
    const waiting = await fixture.get(record.id)
    expect(waiting.status).toBe('accepted')
    expect(waiting.wakeAt).toBeGreaterThan(fixture.clock.now)
    fixture.platform.turn('canceled')
    await fixture.hear()
    await fixture.tick()
    await fixture.tick()
    expect(await fixture.get(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
    })
    expect(fixture.outcomes).toEqual(['hastened'])
  })

  it('adds a record of the platform to one that was rejected, which stays so', async () => {
    const fixture = openFixture({ platform: createPlatform([{ id: 'open', shipped: true }]) })
    const { record } = await fixture.ask()
    expect(record.status).toBe('rejected')
    fixture.platform.turn('canceled')
    fixture.clock.now += 1
    await fixture.hear()
    await fixture.tick()
    const records = await recordsOf(fixture)
    expect(records.map(({ status, origin }) => [status, origin])).toEqual([
      ['succeeded', 'platform'],
      ['rejected', undefined],
    ])
  })
})

describe('an order that is open again', () => {
  const reopened = async () => {
    const fixture = openFixture()
    const { record } = await fixture.ask({}, { key: 'one' })
    await fixture.tick(2 * SETTLE)
    fixture.platform.turn('open')
    await fixture.hear('open', null)
    await fixture.tick()
    return { fixture, record }
  }

  it('is announced once, after two looks the settle time apart, and nothing is sent', async () => {
    const { fixture, record } = await reopened()
    expect((await fixture.get(record.id)).reopenedAt).toBeUndefined()
    await fixture.tick(SETTLE)
    const next = await fixture.get(record.id)
    expect(next).toMatchObject({ status: 'succeeded', revision: 2, reopenedAt: fixture.clock.now })
    await fixture.hear('open', null)
    await fixture.tick(HOUR)
    await fixture.tick(HOUR)
    expect((await fixture.get(record.id)).revision).toBe(2)
    expect(fixture.platform.count('cancel')).toBe(1)
  })

  it('answers a repeat of its request with a conflict, and a new request starts anew', async () => {
    const { fixture, record } = await reopened()
    await fixture.tick(SETTLE)
    await expect(fixture.ask({}, { key: 'one' })).rejects.toMatchObject({
      problem: { code: 'cancellation-conflict', cancellation: `/v1/cancellations/${record.id}` },
    })
    const again = await fixture.ask({}, { key: 'two' })
    expect(again).toMatchObject({
      how: 'created',
      record: { status: 'succeeded', alreadyCanceled: false },
    })
    expect(fixture.platform.count('cancel')).toBe(2)
  })

  it('that is canceled again is told of as that', async () => {
    const { fixture, record } = await reopened()
    await fixture.tick(SETTLE)
    fixture.platform.turn('canceled')
    await fixture.hear()
    await fixture.tick()
    const next = await fixture.get(record.id)
    expect(next).toMatchObject({ status: 'succeeded', revision: 3 })
    expect(next.reopenedAt).toBeUndefined()
    expect(await recordsOf(fixture)).toHaveLength(1)
  })

  it('that another request cancels is told of as that by the record that held it, too', async () => {
    const { fixture, record } = await reopened()
    await fixture.tick(SETTLE)
    await fixture.ask({}, { key: 'two' })
    await fixture.hear()
    await fixture.tick()
    const next = await fixture.get(record.id)
    expect(next).toMatchObject({ status: 'succeeded', revision: 3 })
    expect(next.reopenedAt).toBeUndefined()
    expect(fixture.platform.count('cancel')).toBe(2)
  })

  it('is none where the second look shows it canceled', async () => {
    const { fixture, record } = await reopened()
    fixture.platform.turn('canceled')
    await fixture.tick(SETTLE)
    expect(await fixture.get(record.id)).toMatchObject({ revision: 1 })
  })

  it('is none where the platform’s manual says that none ever is', async () => {
    const fixture = openFixture({ toy: { mayReopen: 'no' } })
    const { record } = await fixture.ask()
    await fixture.tick(2 * SETTLE)
    fixture.platform.turn('open')
    await fixture.hear('open', null)
    await fixture.tick()
    await fixture.tick(SETTLE)
    expect(await fixture.get(record.id)).toEqual(record)
  })

  it('is none where a person said that it is canceled', async () => {
    const fixture = openFixture({ toy: { repeat: 'harmful' } })
    fixture.platform.plan('cancel', ({ line }) => line.hangUp())
    const { record } = await fixture.ask()
    await fixture.drive(record.id)
    await fixture.resolve(record.id, 'canceled', 'Seen to.', 'ada')
    await fixture.tick(2 * SETTLE)
    await fixture.hear('open', null)
    await fixture.tick()
    await fixture.tick(SETTLE)
    expect((await fixture.get(record.id)).reopenedAt).toBeUndefined()
  })
})

describe('self-echo', () => {
  it('a thousand of them are few reads, and a real cancel in between is found at once', async () => {
    const fixture = openFixture()
    // A read makes the platform tell of the order once more.
    const orders = fixture.platform
    const fetch = orders.fetch.bind(orders)
    let echoes = 0
    orders.fetch = async (...values) => {
      const reply = await fetch(...values)
      echoes += 1
      await fixture.hear('open', null)
      return reply
    }
    for (let count = 0; count < 1_000; count++) {
      await fixture.hear('open', null)
      await fixture.tick(1_000)
    }
    expect(fixture.platform.count('look')).toBeLessThan(8)
    fixture.platform.turn('canceled')
    await fixture.hear()
    await fixture.tick()
    expect(fixture.outcomes).toContain('canceled')
    expect(echoes).toBe(fixture.platform.count('look'))
  })
})

describe('what is no notice', () => {
  it('of a store without a secret for it, or of no store, is absent', async () => {
    const fixture = openFixture()
    const received = {
      body: new Uint8Array(2),
      headers: new Headers(),
      query: new URLSearchParams(),
    }
    expect(await fixture.gateway.hooks.receive('shop', null, received)).toBe('absent')
    expect(await fixture.gateway.hooks.receive('other', HOOK_TOKEN, received)).toBe('absent')
  })

  it('forged is refused and counted, and nothing is written', async () => {
    const fixture = openFixture()
    const received = {
      body: new TextEncoder().encode('{"data":{"orderId":"open"}}'),
      headers: new Headers(),
      query: new URLSearchParams(),
    }
    const forged = `${HOOK_TOKEN.slice(0, -1)}X`
    expect(await fixture.gateway.hooks.receive('shop', forged, received)).toBe('refused')
    expect(await fixture.ledger.notices.of('shop')).toEqual({
      lastAt: null,
      waiting: 0,
      oldestAt: null,
    })
    expect(await fixture.gateway.noticesOf('shop')).toMatchObject({ refused: 1, waiting: 0 })
  })

  it('cannot be turned away by a platform that does not answer', async () => {
    const fixture = openFixture()
    fixture.platform.plan('look', unreachable)
    expect(await fixture.hear()).toBe('taken')
    await fixture.tick()
    expect(await fixture.gateway.noticesOf('shop')).toMatchObject({ waiting: 1 })
  })
})
