/**
 * Order transfers: the customer's own token is used within one request, and never kept, queued or
 * tried again.
 */
import { describe, expect, it } from 'vitest'
import { request } from '../model/samples.ts'
import { openFixture, type FixtureOptions, SETTLE, T0, TOKEN } from './fixture.ts'
import { after, createPlatform, lost, lostAfter, unauthorized, unreachable } from './platform.ts'

const open = (options: FixtureOptions = {}) =>
  openFixture({ platform: createPlatform([{ id: 'open', transfer: 'tr_1' }]), ...options })
const WITHOUT =
  'The cancel could not be sent while the customer’s token was at hand, and tokens are not ' +
  'kept. Nothing changed; ask again with the token.'

describe('with the customer’s token', () => {
  it('the customer acts; effects other than the order do not apply', async () => {
    const { ask, platform } = open()
    const { record } = await ask({ target: 'transfer', notify: true }, { token: TOKEN })
    expect(record).toMatchObject({
      status: 'succeeded',
      via: 'reply',
      byCustomer: true,
      effects: {
        order: { outcome: 'applied', basis: 'confirmed' },
        notify: { outcome: 'not_applicable' },
        payment: { outcome: 'not_applicable' },
      },
    })
    expect(
      platform.calls.map(({ route, headers }) => [
        route,
        headers.get('x-customer'),
        headers.get('x-key') !== null,
      ]),
    ).toEqual([
      ['look', null, true],
      ['transfer', TOKEN, false],
      ['look', null, true],
    ])
    expect(platform.order()).toMatchObject({ state: 'open', transfer: null })
  })
  it('is never written down', async () => {
    const { ask, platform, history } = open()
    platform.plan('transfer', lost)
    await ask({ target: 'transfer' }, { token: TOKEN })
    expect(history.map(({ status }) => status)).toEqual(['accepted', 'sending', 'in_doubt'])
    expect(JSON.stringify(history)).not.toContain(TOKEN)
  })
  it('nothing pending', async () => {
    const { ask, platform } = openFixture()
    expect((await ask({ target: 'transfer' }, { token: TOKEN })).record).toMatchObject({
      status: 'rejected',
      via: 'reconciled',
      problem: { code: 'order-not-cancelable', cause: 'nothing_pending' },
      effects: { order: { outcome: 'skipped' }, payment: { outcome: 'not_applicable' } },
    })
    expect(platform.count('transfer')).toBe(0)
  })
  it('what cannot be sent at once is refused, not queued', async () => {
    const { ask, platform } = open()
    platform.plan('transfer', unreachable)
    const { record } = await ask({ target: 'transfer' }, { token: TOKEN, key: 'k' })
    expect(record).toMatchObject({
      status: 'rejected',
      via: null,
      settledAt: T0,
      problem: {
        code: 'platform-unavailable',
        status: 503,
        retryable: true,
        acted: 'no',
        detail: WITHOUT,
      },
      attempts: [{ result: 'not sent: unreachable', unsent: true }],
    })
    const again = await ask({ target: 'transfer' }, { token: TOKEN, key: 'k' })
    expect(again).toMatchObject({
      how: 'replayed',
      record: { id: record.id, status: 'succeeded', alreadyCanceled: false, byCustomer: true },
    })
    expect(
      platform.calls
        .filter(({ route }) => route === 'transfer')
        .map(({ headers }) => headers.get('x-customer')),
    ).toEqual([TOKEN])
  })
  it('refused because somebody else canceled it in between', async () => {
    const { ask, platform } = open()
    platform.plan(
      'transfer',
      after((thing) => {
        thing.transfer = null
      }),
    )
    expect((await ask({ target: 'transfer' }, { token: TOKEN })).record).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      via: 'reconciled',
      attempts: [{ result: '409' }],
    })
  })
  it('a look that fails is refused, not queued', async () => {
    const { ask, platform } = open()
    platform.plan('look', lost)
    expect((await ask({ target: 'transfer' }, { token: TOKEN })).record).toMatchObject({
      status: 'rejected',
      problem: { code: 'platform-unavailable', detail: WITHOUT },
      attempts: [],
    })
  })
  it('asked for again, it means the transfer that is pending then', async () => {
    const { ask, platform } = open()
    platform.plan('transfer', unauthorized)
    const { record } = await ask({ target: 'transfer' }, { token: TOKEN, key: 'k' })
    expect(record).toMatchObject({ status: 'rejected', memo: { transfer: 'tr_1' } })
    platform.order().transfer = 'tr_2'
    platform.plan('transfer', unauthorized)
    expect((await ask({ target: 'transfer' }, { token: TOKEN, key: 'k' })).record).toMatchObject({
      status: 'rejected',
      memo: { transfer: 'tr_2' },
      attempts: [{}, {}],
    })
  })
  it('asked for again without the token, the store’s own login acts', async () => {
    const { ask, platform } = open()
    platform.plan('look', lost)
    await ask({ target: 'transfer' }, { token: TOKEN, key: 'k' })
    expect((await ask({ target: 'transfer' }, { key: 'k' })).record).toMatchObject({
      status: 'succeeded',
      byCustomer: false,
    })
    expect(
      platform.calls.find(({ route }) => route === 'transfer')?.headers.get('x-customer'),
    ).toBeNull()
  })
})

describe('without it any more', () => {
  it('doubt is looked into, and settled by what is seen', async () => {
    const { ask, platform, drive } = open()
    platform.plan('transfer', lostAfter)
    const { record } = await ask({ target: 'transfer' }, { token: TOKEN })
    expect(record).toMatchObject({ status: 'in_doubt', wakeAt: T0 + SETTLE })
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
    })
    expect(platform.count('transfer')).toBe(1)
  })
  it('nothing is sent again, though it would do no harm', async () => {
    const { ask, platform, drive } = open()
    platform.plan('transfer', lost)
    const { record } = await ask({ target: 'transfer' }, { token: TOKEN })
    expect(await drive(record.id)).toMatchObject({
      status: 'rejected',
      problem: {
        code: 'platform-unavailable',
        retryable: true,
        detail: expect.stringContaining('The cancel was sent and came to nothing.'),
      },
      order: { status: 'open' },
      attempts: [{ result: 'connection lost' }],
    })
    expect(platform.count('transfer')).toBe(1)
  })
  it('a look that fails while in doubt is taken again', async () => {
    const { ask, platform, tick, get, drive } = open()
    platform.plan('transfer', lostAfter)
    const { record } = await ask({ target: 'transfer' }, { token: TOKEN })
    platform.plan('look', lost)
    await tick(SETTLE)
    expect(await get(record.id)).toMatchObject({ status: 'in_doubt', wakeAt: T0 + SETTLE + 1_000 })
    expect(await drive(record.id)).toMatchObject({ status: 'succeeded' })
  })
  it.each([
    ['still pending', 'tr_1', 'platform-unavailable'],
    ['gone', null, 'order-not-cancelable'],
  ] as const)(
    'a record whose process went, and its token with it: %s',
    async (_, transfer, code) => {
      const first = open()
      await first.gateway.close()
      const { record } = await first.gateway.cancel(
        request({ target: 'transfer' }),
        'erp',
        null,
        TOKEN,
      )
      first.platform.order().transfer = transfer
      const { drive, platform } = openFixture({
        platform: first.platform,
        ledger: first.memory,
        clock: first.clock,
      })
      expect(await drive(record.id)).toMatchObject({
        status: 'rejected',
        settledAt: T0 + 2_000,
        attempts: [],
        problem: { code },
        order: { id: 'open' },
      })
      expect(platform.count('transfer')).toBe(0)
    },
  )
})

describe('by the store’s own login', () => {
  it('is queued and tried again like any other', async () => {
    const { ask, platform, drive } = open()
    platform.plan('transfer', unreachable, lost)
    const { record } = await ask({ target: 'transfer' })
    expect(record).toMatchObject({ status: 'accepted', byCustomer: false })
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      attempts: [{ unsent: true }, { result: 'connection lost' }, { result: '200' }],
    })
  })
  it('an order and its transfer are guarded apart', async () => {
    const { ask } = open()
    const { record: transfer } = await ask({ target: 'transfer' })
    const { record: order, how } = await ask({ target: 'order' })
    expect([transfer.status, order.status, how]).toEqual(['succeeded', 'succeeded', 'created'])
  })
  it('a settled one does not block a later one', async () => {
    const { ask, platform } = open()
    await ask({ target: 'transfer' })
    platform.order().transfer = 'tr_2'
    expect(await ask({ target: 'transfer' })).toMatchObject({
      how: 'created',
      record: { status: 'succeeded', alreadyCanceled: false },
    })
  })
  it('tried again for a person, it is sought by what the first call was to cancel', async () => {
    const { ask, platform, drive, resolve } = open({
      platform: createPlatform([{ id: 'open', transfer: 'tr_1' }]),
      toy: { repeat: 'unknown' },
    })
    platform.plan('transfer', lost)
    const { record } = await ask({ target: 'transfer' })
    expect(await drive(record.id)).toMatchObject({ status: 'needs_attention' })
    platform.order().transfer = null
    expect(await resolve(record.id, 'retry', '', 'ops')).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
    })
    expect(platform.count('transfer')).toBe(1)
  })
})
