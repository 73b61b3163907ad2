/** What a look finds before anything is sent, and what is refused for it: nothing was touched. */
import { describe, expect, it } from 'vitest'
import { openFixture, skipped } from './fixture.ts'
import { createPlatform, unauthorized } from './platform.ts'

describe('found before anything is sent', () => {
  it('canceled already', async () => {
    const { ask, platform } = openFixture({
      platform: createPlatform([{ id: 'open', state: 'canceled' }]),
    })
    const { record } = await ask({ notify: true, restock: false })
    expect(record).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      via: 'reconciled',
      attempts: [],
      problem: null,
      effects: { ...skipped, notify: { outcome: 'skipped' }, restock: { outcome: 'withheld' } },
    })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look'])
  })
  it('an obstacle', async () => {
    const { ask, platform } = openFixture({
      platform: createPlatform([{ id: 'open', shipped: true }]),
      toy: { reason: 'before' },
    })
    const { record } = await ask({ reason: 'Wrong' })
    expect(record).toMatchObject({
      status: 'rejected',
      via: 'reconciled',
      attempts: [],
      effects: skipped,
      order: { fulfillmentStatus: 'shipped' },
      problem: {
        code: 'order-not-cancelable',
        status: 409,
        cause: 'fulfilled',
        detail: 'It is on its way.',
        acted: 'no',
        retryable: false,
      },
    })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look'])
  })
  it('no such order', async () => {
    const { ask } = openFixture()
    const { record } = await ask({ orderId: 'nowhere' })
    expect(record).toMatchObject({
      status: 'rejected',
      via: 'reconciled',
      order: null,
      problem: {
        code: 'order-not-found',
        status: 404,
        upstream: { status: 404, code: 'not_found', message: 'No such order' },
      },
    })
  })
  it('no such order, says the lookup of its purchase', async () => {
    const { ask } = openFixture({ toy: { purchases: true } })
    expect((await ask({ orderId: 'nowhere' })).record).toMatchObject({
      status: 'rejected',
      problem: { code: 'order-not-found' },
    })
  })
  it('credentials', async () => {
    const { ask, platform } = openFixture()
    platform.plan('look', unauthorized)
    expect((await ask()).record).toMatchObject({
      status: 'rejected',
      via: 'reconciled',
      attempts: [],
      problem: { code: 'platform-credentials', status: 502, retryable: true, acted: 'no' },
    })
  })
})

describe('strict', () => {
  const CAN = { reason: 'choose', notify: 'never', message: 'unknown', restock: 'always' } as const
  it('refuses before anything is sent, a pointer per input', async () => {
    const { ask, platform } = openFixture({ toy: { can: CAN } })
    const { record } = await ask({
      strict: true,
      reasonCode: 'fraud',
      notify: true,
      message: 'Sorry',
      restock: false,
    })
    expect(record).toMatchObject({
      status: 'rejected',
      via: 'reconciled',
      effects: { ...skipped, restock: { outcome: 'withheld' } },
      problem: {
        code: 'unsupported',
        status: 422,
        acted: 'no',
        detail: 'Toy cannot be relied on for everything that was asked, and the request is strict.',
        errors: [
          { pointer: '/notify', detail: 'never: the toy’s manual' },
          { pointer: '/message', detail: 'unknown: the toy’s manual' },
          { pointer: '/restock', detail: 'always: the toy’s manual' },
        ],
      },
    })
    expect(platform.count('cancel')).toBe(0)
  })
  it.each([
    [{ reason: 'Wrong' }, '/reason'],
    [{ reasonCode: 'fraud' }, '/reasonCode'],
    [{ reason: 'Wrong', reasonCode: 'fraud' }, '/reason'],
  ] as const)('points at %j as %s', async (over, pointer) => {
    const { ask } = openFixture({ toy: { can: { reason: 'never' } } })
    expect((await ask({ strict: true, ...over })).record.problem?.errors).toEqual([
      { pointer, detail: 'never: the toy’s manual' },
    ])
  })
  it('goes by what this order’s state says, in its words', async () => {
    const { ask } = openFixture({
      toy: {
        expect: { restock: { done: 'unknown', basis: 'none', detail: 'This one has no stock.' } },
      },
    })
    expect((await ask({ strict: true, restock: true })).record.problem?.errors).toEqual([
      { pointer: '/restock', detail: 'This one has no stock.' },
    ])
  })
  it('sends where every wish is kept, and where it is not strict', async () => {
    for (const over of [
      { strict: true, restock: true, notify: false, reason: 'x' },
      { strict: false, notify: true },
      { strict: true },
    ]) {
      const { ask } = openFixture({
        toy: { can: { ...CAN, notify: over.strict ? 'choose' : 'never' } },
      })
      expect((await ask(over)).record.status).toBe('succeeded')
    }
  })
})
