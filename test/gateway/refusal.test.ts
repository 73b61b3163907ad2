/** An explicit no: an error is not "nothing happened", so a look decides what it was. */
import { describe, expect, it } from 'vitest'
import { money } from '../../src/model/money.ts'
import { openFixture, SETTLE, skipped, T0 } from './fixture.ts'
import {
  after,
  createPlatform,
  lost,
  says,
  saysAfter,
  silent,
  type Thing,
  unauthorized,
} from './platform.ts'

describe('refused by the cancel', () => {
  it('in the platform’s words, sharpened by what the look shows', async () => {
    const { ask, platform, failpoints } = openFixture()
    platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.shipped = true
        },
        says(400, 'nope'),
      ),
    )
    const { record } = await ask()
    expect(platform.calls.map(({ route }) => route)).toEqual(['look', 'cancel', 'look'])
    expect(failpoints).toEqual([
      'claimed',
      'leased',
      'looked',
      'intended',
      'performed',
      'confirmed',
      'settled',
    ])
    expect(record).toMatchObject({
      status: 'rejected',
      via: 'reply',
      effects: skipped,
      order: { fulfillmentStatus: 'shipped', customer: null },
      attempts: [{ result: '400', ms: expect.any(Number), unsent: false }],
      problem: {
        code: 'order-not-cancelable',
        cause: 'fulfilled',
        detail: 'It is on its way.',
        acted: 'no',
        upstream: { status: 400, code: 'nope', message: 'about nope' },
      },
    })
  })
  it.each([
    [
      'a cause of its own',
      says(409, 'unpaid'),
      'payment_pending',
      'The platform refused to cancel the order.',
      'order-not-cancelable',
    ],
    [
      'no cause',
      says(400, 'nope'),
      'refused',
      'The platform refused to cancel the order.',
      'order-not-cancelable',
    ],
    [
      'a redirect',
      says(307, 'moved', { location: '/elsewhere' }),
      'refused',
      'The platform answered with a redirect, which is never followed; check the store’s baseUrl.',
      'order-not-cancelable',
    ],
    [
      'credentials, once',
      unauthorized,
      undefined,
      'The platform refused the store’s credentials.',
      'platform-credentials',
    ],
    [
      'not found, of an order that is shown',
      says(404, 'not_found'),
      'refused',
      'The platform says that something is not there which the cancel needs; the order is.',
      'order-not-cancelable',
    ],
  ])('%s', async (_, step, cause, detail, code) => {
    const { ask, platform } = openFixture()
    platform.plan('cancel', step)
    const { record } = await ask()
    expect(record).toMatchObject({
      status: 'rejected',
      via: 'reply',
      problem: { code, detail, acted: 'no' },
    })
    expect(record.problem?.cause).toBe(cause)
    expect(platform.order().state).toBe('open')
  })
  it('a cause in the platform’s own words is kept beside another obstacle', async () => {
    const { ask, platform } = openFixture()
    platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.shipped = true
        },
        says(409, 'unpaid'),
      ),
    )
    expect((await ask()).record.problem).toMatchObject({
      cause: 'payment_pending',
      detail: 'The platform refused to cancel the order.',
    })
  })
  it('credentials keep their own words beside an obstacle', async () => {
    const { ask, platform } = openFixture()
    platform.plan(
      'cancel',
      after((thing) => {
        thing.shipped = true
      }, unauthorized),
    )
    const { record } = await ask()
    expect(record.problem).toMatchObject({
      code: 'platform-credentials',
      detail: 'The platform refused the store’s credentials.',
    })
    expect(record.problem).not.toHaveProperty('cause')
  })
  it('credentials on the cancel and on the look', async () => {
    const { ask, platform } = openFixture({ toy: { reason: 'before' } })
    platform.plan('cancel', unauthorized)
    platform.plan('look', (calling) => calling.go(), unauthorized)
    const { record } = await ask({ reason: 'Wrong' })
    expect(record).toMatchObject({
      status: 'rejected',
      via: 'reply',
      attempts: [{ result: '401' }],
      problem: { code: 'platform-credentials', retryable: true, upstream: { status: 401 } },
      effects: {
        reason: {
          outcome: 'skipped',
          detail: 'The note of the reason may have been written to the order.',
        },
      },
    })
  })
  it('because somebody else canceled it in between', async () => {
    const { ask, platform } = openFixture()
    platform.plan(
      'cancel',
      after((thing) => {
        thing.state = 'canceled'
      }),
    )
    expect((await ask({ restock: true })).record).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      via: 'reconciled',
      problem: null,
      effects: { ...skipped, restock: { outcome: 'skipped' } },
      attempts: [{ result: '409' }],
    })
  })
  it('after money moved: a person must look', async () => {
    const { ask, platform } = openFixture()
    platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.refunded = 100
        },
        says(400, 'nope'),
      ),
    )
    const { record } = await ask({ restock: true })
    expect(record).toMatchObject({
      status: 'needs_attention',
      via: null,
      settledAt: null,
      order: { paymentStatus: 'refunded', customer: { name: 'Ada' } },
      attempts: [{ result: '400' }],
      problem: {
        code: 'needs-attention',
        status: 409,
        acted: 'yes',
        retryable: false,
        upstream: { status: 400, code: 'nope' },
      },
      effects: {
        order: { outcome: 'failed', honored: false, basis: 'confirmed' },
        restock: { outcome: 'unverified', honored: null },
        payment: { outcome: 'automatic', basis: 'confirmed', amount: money(100, 'USD') },
      },
    })
  })
  it('after money moved, by an adapter without facts', async () => {
    const { ask, platform } = openFixture({ toy: { facts: false } })
    platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.refunded = 100
        },
        says(400, 'nope'),
      ),
    )
    expect((await ask()).record).toMatchObject({
      status: 'needs_attention',
      effects: { order: { outcome: 'failed' }, payment: { outcome: 'unverified' } },
    })
  })
})

describe('the note of a refused cancel', () => {
  const open = () =>
    openFixture({
      toy: { reason: 'before' },
      platform: createPlatform([{ id: 'open', note: 'theirs' }]),
    })

  it('is taken back', async () => {
    const { ask, platform } = open()
    platform.plan('cancel', says(400, 'nope'))
    const { record } = await ask({ reason: 'Wrong' })
    expect(platform.calls.map(({ route }) => route)).toEqual([
      'look',
      'note',
      'cancel',
      'look',
      'note',
    ])
    expect(platform.order().note).toBe('theirs')
    expect(record.effects.reason).toEqual({
      asked: true,
      honored: false,
      outcome: 'skipped',
      basis: 'none',
    })
  })
  it('is named where it could not be taken back', async () => {
    const { ask, platform } = open()
    platform.plan('cancel', says(400, 'nope'))
    platform.plan('note', (calling) => calling.go(), lost)
    expect((await ask({ reason: 'Wrong' })).record.effects.reason).toMatchObject({
      outcome: 'skipped',
      detail: 'The note of the reason could not be taken back and stays with the order.',
    })
    expect(platform.order().note).toBe('Wrong')
  })
  it('is taken back to the order as it was before the cancel', async () => {
    const it = open()
    const contexts: unknown[] = []
    Object.assign(it.adapter.order, {
      undo: async (_: unknown, { before, memo }: any) => {
        contexts.push([before.reason, before.fulfillmentStatus, memo])
      },
    })
    it.platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.shipped = true
        },
        says(400, 'nope'),
      ),
    )
    await it.ask({ reason: 'Wrong' })
    expect(contexts).toEqual([['theirs', 'unfulfilled', { note: 'theirs' }]])
  })
  it('is left alone where none was written, or money moved', async () => {
    const plain = open()
    plain.platform.plan('cancel', says(400, 'nope'))
    expect((await plain.ask()).record.effects.reason).not.toHaveProperty('detail')
    expect(plain.platform.count('note')).toBe(0)
    const moved = open()
    moved.platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.refunded = 1
        },
        says(400, 'nope'),
      ),
    )
    expect((await moved.ask({ reason: 'Wrong' })).record.status).toBe('needs_attention')
    expect(moved.platform.count('note')).toBe(1)
  })
  it('stays where an adapter cannot take it back', async () => {
    const { ask, platform } = openFixture({ toy: { reason: 'before', undo: false } })
    platform.plan('cancel', says(400, 'nope'))
    expect((await ask({ reason: 'Wrong' })).record.status).toBe('rejected')
    expect(platform.count('note')).toBe(1)
  })
})

describe('a refusal that cannot be looked into', () => {
  const refused = async (
    step = says(400, 'nope'),
    change: (thing: Thing) => void = () => {},
    over = {},
  ) => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('cancel', step)
    it.platform.plan('look', (calling) => calling.go(), after(change, silent))
    const { record } = await it.ask(over)
    return { ...it, record }
  }
  it('is in doubt, soon looked at again, and never sent again', async () => {
    const { record, drive, platform } = await refused()
    expect(record).toMatchObject({
      status: 'in_doubt',
      wakeAt: T0 + 1_000,
      problem: { code: 'order-not-cancelable', cause: 'refused', upstream: { code: 'nope' } },
      attempts: [{ result: '400' }],
    })
    const end = await drive(record.id)
    expect(end).toMatchObject({
      status: 'rejected',
      via: 'reconciled',
      problem: record.problem,
      effects: skipped,
    })
    expect([platform.count('cancel'), end.settledAt]).toEqual([1, T0 + 1_000])
  })
  it('takes its note back later', async () => {
    const { record, drive, platform } = await refused(says(400, 'nope'), () => {}, {
      reason: 'Wrong',
    })
    await drive(record.id)
    expect(platform.order().note).toBeNull()
  })
  it('money had moved', async () => {
    const { record, drive } = await refused(says(400, 'nope'), (thing) => {
      thing.refunded = 100
    })
    expect(await drive(record.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: { payment: { outcome: 'automatic' } },
    })
  })
  it('somebody else had canceled it', async () => {
    const { record, drive } = await refused(says(400, 'nope'), (thing) => {
      thing.state = 'canceled'
      thing.refunded = 100
    })
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      via: 'reconciled',
    })
  })
  it.each([
    ['refused, then credentials', says(400, 'nope'), unauthorized],
    ['refused twice', says(400, 'nope'), says(400, 'nope')],
    ['credentials, then nothing', unauthorized, lost],
  ])('%s: no answer', async (_, first, second) => {
    const { ask, platform, drive } = openFixture()
    platform.plan('cancel', first)
    platform.plan('look', (calling) => calling.go(), second)
    const { record } = await ask({}, { key: 'k' })
    expect(record).toMatchObject({ status: 'in_doubt', wakeAt: T0 + 1_000 })
    // Also where the refusal could be asked for again: not before it is known to be one.
    expect(await ask({}, { key: 'k' })).toEqual({ how: 'replayed', record })
    expect(await drive(record.id)).toMatchObject({
      status: 'rejected',
      via: 'reconciled',
      problem: record.problem,
    })
  })
  it('an earlier call of ours may have been the one', async () => {
    const { ask, platform, tick, get } = openFixture({ toy: { repeat: 'refused' } })
    platform.plan('cancel', lost, saysAfter(409, 'already_canceled'))
    const { record } = await ask()
    await tick(SETTLE)
    expect(await get(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      via: 'reconciled',
      attempts: [{ result: 'connection lost' }, { result: '409' }],
    })
  })
  it('an earlier call of ours may have been the one, seen later', async () => {
    const { ask, platform, tick, drive } = openFixture({ toy: { repeat: 'refused' } })
    platform.plan('cancel', lost, saysAfter(409, 'already_canceled'))
    const { record } = await ask()
    platform.plan('look', (calling) => calling.go(), silent)
    await tick(SETTLE)
    expect(await drive(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      via: 'reconciled',
    })
  })
})
