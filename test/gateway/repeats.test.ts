/** Repeats and conflicts: the same request is done once, another one does not get in its way. */
import { describe, expect, it } from 'vitest'
import { openFixture, HOUR, SETTLE, T0 } from './fixture.ts'
import { createPlatform, lost, says, unauthorized, unreachable, well } from './platform.ts'

const gone = (count: number) => Array.from({ length: count }, () => unreachable)

describe('the same key', () => {
  it('with the same body: the record as it stands', async () => {
    const { ask, platform } = openFixture()
    const { record } = await ask({ notify: true }, { key: 'k' })
    expect(await ask({ notify: true }, { key: 'k' })).toEqual({ how: 'replayed', record })
    expect(platform.count('cancel')).toBe(1)
  })
  it('while it is still open', async () => {
    const { ask, platform } = openFixture()
    platform.plan('cancel', lost)
    const { record } = await ask({}, { key: 'k' })
    expect(await ask({}, { key: 'k' })).toMatchObject({
      how: 'replayed',
      record: { id: record.id, status: 'in_doubt', version: record.version },
    })
  })
  it('with another body', async () => {
    const { ask } = openFixture()
    const { record } = await ask({}, { key: 'k' })
    await expect(ask({ restock: true }, { key: 'k' })).rejects.toMatchObject({
      problem: {
        code: 'idempotency-key-reused',
        cancellation: `/v1/cancellations/${record.id}`,
        detail: 'This Idempotency-Key was used before with another body.',
      },
    })
  })
  it('of another caller is another key', async () => {
    const { ask } = openFixture()
    await ask({}, { key: 'k' })
    expect((await ask({ orderId: 'nowhere' }, { key: 'k', caller: 'desk' })).how).toBe('created')
  })
  it('of a rejection that is final: the same rejection', async () => {
    const { ask, platform } = openFixture({
      platform: createPlatform([{ id: 'open', shipped: true }]),
    })
    await ask({}, { key: 'k' })
    platform.order().shipped = false
    expect(await ask({}, { key: 'k' })).toMatchObject({
      how: 'replayed',
      record: { status: 'rejected', problem: { cause: 'fulfilled' } },
    })
  })
})

describe('a retryable rejection, asked for again by its key', () => {
  it('starts again, with its id and a new deadline', async () => {
    const { ask, platform, history, clock } = openFixture()
    platform.plan('look', unauthorized)
    const { record } = await ask({}, { key: 'k' })
    expect(record).toMatchObject({ status: 'rejected', problem: { retryable: true } })
    clock.now += 2 * HOUR
    const again = await ask({}, { key: 'k' })
    expect(again).toMatchObject({
      how: 'replayed',
      record: { id: record.id, status: 'succeeded', createdAt: T0, deadlineAt: T0 + 3 * HOUR },
    })
    // For two seconds it belongs to the process that was asked, which may hold a customer's token.
    expect(history.find(({ version }) => version === 3)).toMatchObject({
      status: 'accepted',
      wakeAt: T0 + 2 * HOUR + 2_000,
      settledAt: null,
      problem: null,
    })
  })
  it('goes on from what was tried before', async () => {
    const { ask, platform, drive, clock } = openFixture({
      toy: { reason: 'before' },
      platform: createPlatform([{ id: 'open', note: 'theirs' }]),
    })
    platform.plan('cancel', ...gone(100))
    const { record } = await ask({ reason: 'Wrong' }, { key: 'k' })
    const { attempts } = await drive(record.id)
    platform.order().shipped = true
    clock.now += HOUR
    expect((await ask({ reason: 'Wrong' }, { key: 'k' })).record).toMatchObject({
      status: 'rejected',
      problem: { cause: 'fulfilled' },
      attempts,
    })
    expect(platform.order().note).toBe('theirs')
  })
  it('tells the adapter the order as it is now', async () => {
    const { ask, platform } = openFixture()
    platform.plan('cancel', unauthorized)
    await ask({}, { key: 'k' })
    platform.orders.set('open', { ...platform.order(), refunded: 10 })
    const { record } = await ask({}, { key: 'k' })
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: { payment: { amount: { amount: '100.00' } } },
    })
  })
  it('of two at once one starts it, the other joins', async () => {
    const { ask, platform, gateway, idle } = openFixture()
    platform.plan('look', unauthorized)
    const { record } = await ask({}, { key: 'k' })
    const again = await Promise.all([
      gateway.cancel(record.request, 'erp', 'k', null),
      gateway.cancel(record.request, 'erp', 'k', null),
    ])
    await idle()
    expect(again.map(({ how }) => how)).toEqual(['replayed', 'replayed'])
    expect(await gateway.get(record.id)).toMatchObject({ status: 'succeeded' })
    expect(platform.count('cancel')).toBe(1)
  })
  it('is answered by what has taken its place, and says so for good', async () => {
    const { ask, platform } = openFixture()
    platform.plan('look', unauthorized)
    const { record } = await ask({ notify: true }, { key: 'k' })
    await ask({ restock: true })
    const again = await ask({ notify: true }, { key: 'k' })
    expect(again).toMatchObject({
      how: 'replayed',
      record: { id: record.id, status: 'succeeded', alreadyCanceled: true, problem: null },
    })
    expect(await ask({ notify: true }, { key: 'k' })).toEqual(again)
    expect(platform.count('cancel')).toBe(1)
  })
  it('is answered by the record with the same wishes that succeeded since', async () => {
    const { ask, platform } = openFixture()
    platform.plan('look', unauthorized)
    await ask({ notify: true }, { key: 'k' })
    const { record } = await ask({ notify: true }, { key: 'other' })
    expect(record.status).toBe('succeeded')
    expect(await ask({ notify: true }, { key: 'k' })).toEqual({ how: 'deduplicated', record })
    expect(platform.count('cancel')).toBe(1)
  })
  it('conflicts with an unsettled one; if strict with an order canceled otherwise', async () => {
    const { ask, platform } = openFixture({ toy: { repeat: 'unknown' } })
    platform.plan('look', unauthorized)
    await ask({ notify: true }, { key: 'k' })
    platform.plan('cancel', lost)
    const open = await ask({ restock: true })
    await expect(ask({ notify: true }, { key: 'k' })).rejects.toMatchObject({
      problem: {
        code: 'cancellation-conflict',
        cancellation: `/v1/cancellations/${open.record.id}`,
      },
    })
    const strict = openFixture()
    strict.platform.plan('look', unauthorized)
    await strict.ask({ notify: true, strict: true }, { key: 'k' })
    await strict.ask({ restock: true })
    await expect(strict.ask({ notify: true, strict: true }, { key: 'k' })).rejects.toMatchObject({
      problem: { code: 'cancellation-conflict' },
    })
  })
})

describe('another key, or none', () => {
  it('with the same wishes: the earlier record', async () => {
    const { ask, platform } = openFixture()
    const { record } = await ask({ notify: true, reason: 'a' })
    expect(await ask({ notify: true, reason: 'b' }, { key: 'other' })).toEqual({
      how: 'deduplicated',
      record,
    })
    expect(platform.count('look')).toBe(2)
  })
  it.each([
    ['open', false],
    ['needing attention', true],
  ])('with other wishes, the earlier one %s: a conflict', async (_, settled) => {
    const { ask, platform, tick } = openFixture({ toy: { repeat: 'unknown' } })
    platform.plan('cancel', lost)
    const { record } = await ask()
    if (settled) await tick(SETTLE)
    await expect(ask({ notify: true })).rejects.toMatchObject({
      problem: {
        code: 'cancellation-conflict',
        status: 409,
        cancellation: `/v1/cancellations/${record.id}`,
        detail: 'A cancellation of this order with other wishes is not settled yet.',
      },
    })
  })
  it('with other wishes after an earlier success: a record of its own, nothing sent', async () => {
    const { ask, platform, failpoints } = openFixture()
    await ask()
    const calls = platform.calls.length
    failpoints.length = 0
    const { how, record } = await ask({ notify: true, restock: false }, { key: 'k' })
    expect(how).toBe('created')
    expect(record).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      via: 'reconciled',
      attempts: [],
      settledAt: T0,
      order: { status: 'canceled', customer: null },
      effects: {
        order: { outcome: 'skipped' },
        notify: { outcome: 'skipped' },
        restock: { outcome: 'withheld', honored: true },
      },
    })
    expect([platform.calls.length, failpoints]).toEqual([calls, ['claimed']])
    expect(await ask({ notify: true, restock: false }, { key: 'k' })).toEqual({
      how: 'replayed',
      record,
    })
  })
  it('with other wishes and strict, the earlier one succeeded: a conflict', async () => {
    const { ask } = openFixture()
    const { record } = await ask()
    await expect(ask({ restock: true, strict: true })).rejects.toMatchObject({
      problem: {
        code: 'cancellation-conflict',
        cancellation: `/v1/cancellations/${record.id}`,
        detail: 'The order was canceled with other wishes, and this request is strict.',
      },
    })
  })
  it('the earlier one rejected: a new start', async () => {
    const { ask, platform } = openFixture()
    platform.plan('cancel', says(400, 'nope'), well)
    const { record } = await ask()
    const again = await ask()
    expect([again.how, again.record.status, again.record.id === record.id]).toEqual([
      'created',
      'succeeded',
      false,
    ])
  })
})

describe('what was asked', () => {
  it('is listed', async () => {
    const { ask, gateway } = openFixture()
    const { record } = await ask({ reference: 'SO-1' })
    expect(
      await gateway.list({ stores: ['shop'], reference: 'SO-1', order: 'asc', limit: 9 }),
    ).toEqual([record])
    expect(
      await gateway.list({ stores: ['shop'], reference: 'SO-2', order: 'asc', limit: 9 }),
    ).toEqual([])
  })
})

describe('refused without a record', () => {
  it('an unknown store', async () => {
    const { ask } = openFixture()
    await expect(ask({ store: 'nowhere' })).rejects.toMatchObject({
      problem: { code: 'store-not-found', detail: 'No store with this id is configured.' },
    })
  })
  it('a transfer where there are none', async () => {
    const { ask, ledger } = openFixture({ toy: { transfers: false } })
    await expect(ask({ target: 'transfer' })).rejects.toMatchObject({
      problem: {
        code: 'unsupported',
        status: 422,
        detail: 'Toy has no order transfers.',
        errors: [{ pointer: '/target', detail: 'only orders can be canceled there' }],
      },
    })
    expect(await ledger.list({ stores: null, order: 'asc', limit: 9 })).toEqual([])
  })
  it('but an order is canceled there', async () => {
    const { ask } = openFixture({ toy: { transfers: false } })
    expect((await ask()).record.status).toBe('succeeded')
  })
  it('what nobody wrote', async () => {
    await expect(openFixture().get('can_nowhere')).rejects.toMatchObject({
      problem: { code: 'cancellation-not-found', detail: 'No cancellation has this id.' },
    })
  })
})
