/** What must be approved: nothing of it is sent before, by no way; and what becomes of it. */
import { describe, expect, it } from 'vitest'
import { awaited } from '../../src/model/approval.ts'
import { request } from '../model/samples.ts'
import { DAY, type Fixture, type FixtureOptions, HOUR, openFixture, SETTLE, T0 } from './fixture.ts'
import { createPlatform, lost, says, unreachable } from './platform.ts'

const WEEK = 7 * DAY
const asking = { needsApproval: true } as const
const things = [
  { id: 'open', number: '1001' },
  { id: 'paid' },
  { id: 'shipped', shipped: true },
  { id: 'canceled', state: 'canceled' },
] as const
const fixtureOf = (options: FixtureOptions = {}) =>
  openFixture({ platform: createPlatform(things), ...options })
const open = async (options: FixtureOptions = {}, over = {}, asked = {}) => {
  const fixture = fixtureOf(options)
  const { record } = await fixture.ask(over, { ...asking, ...asked })
  return { ...fixture, record, id: record.id }
}
/** Approved, and worked until nothing is under way. */
const approve = async ({ gateway, idle, get }: Fixture, id: string, by = 'boss') => {
  await gateway.approve(id, by, 'seen')
  await idle()
  return get(id)
}
const refused = (promise: Promise<unknown>, problem: object) =>
  expect(promise).rejects.toMatchObject({ problem })

describe('what must be approved', () => {
  it('is looked at once, and then waits: nothing is sent', async () => {
    const { record, platform, ledger, clock, tick, get, id } = await open()
    expect(record).toMatchObject({
      status: 'accepted',
      approval: { state: 'awaited', askedAt: T0, by: null, at: null, note: null },
      order: { number: '1001', customer: null },
      attempts: [],
      wakeAt: T0 + WEEK,
      deadlineAt: T0 + WEEK,
    })
    for (const wait of [0, SETTLE, HOUR, DAY]) await tick(wait)
    expect([platform.count('look'), platform.count('cancel')]).toEqual([1, 0])
    expect(clock.now).toBe(T0 + SETTLE + HOUR + DAY)
    const query = { stores: null, order: 'asc', limit: 9, approval: 'awaited' } as const
    expect((await ledger.list(query)).map((one) => one.id)).toEqual([id])
    expect(await ledger.figures([])).toMatchObject({ awaitingApproval: 1 })
    expect((await get(id)).version).toBe(record.version)
  })
  it.each([
    ['is canceled already', 'canceled', { status: 'succeeded', alreadyCanceled: true }],
    ['cannot be', 'shipped', { status: 'rejected', problem: { cause: 'fulfilled' } }],
    ['does not exist', 'nowhere', { status: 'rejected', problem: { code: 'order-not-found' } }],
  ])('is said at once where the order %s', async (_, orderId, end) => {
    const { record, platform } = await open({}, { orderId })
    expect(record).toMatchObject(end)
    expect(record.approval).toBeUndefined()
    expect(platform.count('cancel')).toBe(0)
  })
  it('is asked for once the store can be read', async () => {
    const fixture = fixtureOf()
    fixture.platform.plan('look', unreachable)
    const { record } = await fixture.ask({}, asking)
    expect(record.approval).toEqual(awaited)
    await fixture.tick(SETTLE)
    expect((await fixture.get(record.id)).approval?.askedAt).toBe(T0 + SETTLE)
    expect(fixture.platform.count('cancel')).toBe(0)
  })
  it('goes its ordinary way once somebody else has approved it', async () => {
    const fixture = await open()
    fixture.clock.now += DAY
    const record = await approve(fixture, fixture.id)
    expect(record).toMatchObject({
      status: 'succeeded',
      approval: { state: 'given', askedAt: T0, by: 'boss', at: T0 + DAY, note: 'seen' },
      deadlineAt: T0 + DAY + HOUR,
    })
    expect(fixture.platform.count('cancel')).toBe(1)
    expect(await fixture.ledger.figures([])).toMatchObject({ awaitingApproval: 0 })
  })
  it('is decided anew then: the order may have changed', async () => {
    const fixture = await open()
    Object.assign(fixture.platform.order(), { shipped: true })
    expect(await approve(fixture, fixture.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'fulfilled' },
    })
    expect(fixture.platform.count('cancel')).toBe(0)
  })
  it('is never approved by who asked', async () => {
    const { gateway, id, get, record } = await open()
    const cancellation = `/v1/cancellations/${id}`
    await refused(gateway.approve(id, 'erp', null), {
      code: 'forbidden',
      status: 403,
      cancellation,
    })
    await refused(gateway.decline(id, 'erp', 'no'), { code: 'forbidden' })
    expect(await get(id)).toEqual(record)
  })
  it('ends where it is declined, and stays so', async () => {
    const { gateway, id, tick, platform, ask } = await open({}, {}, { key: 'k' })
    const record = await gateway.decline(id, 'boss', 'the buyer called')
    expect(record).toMatchObject({
      status: 'rejected',
      approval: { state: 'declined', by: 'boss', note: 'the buyer called' },
      problem: { cause: 'declined', retryable: false, acted: 'no' },
      effects: { order: { outcome: 'skipped' } },
    })
    await tick(DAY)
    // The same key is answered so; another one asks anew.
    expect((await ask({}, { key: 'k', ...asking })).record).toEqual(record)
    const again = await ask({}, { key: 'other', ...asking })
    expect([again.how, again.record.approval?.state]).toEqual(['created', 'awaited'])
    expect(platform.count('cancel')).toBe(0)
  })
  it('can be withdrawn, and then be approved no more', async () => {
    const { gateway, id, platform } = await open()
    const record = await gateway.withdraw(id)
    expect(record).toMatchObject({ status: 'rejected', problem: { cause: 'withdrawn' } })
    expect(record.approval).toBeUndefined()
    const conflict = { code: 'cancellation-conflict', cancellation: `/v1/cancellations/${id}` }
    await refused(gateway.approve(id, 'boss', null), conflict)
    await refused(gateway.decline(id, 'boss', 'no'), conflict)
    expect(platform.count('cancel')).toBe(0)
  })
  it('is approved once, and needs approval to be so', async () => {
    const fixture = await open()
    await approve(fixture, fixture.id)
    await refused(fixture.gateway.approve(fixture.id, 'boss', null), {
      detail: 'Only what waits for approval can be; this is succeeded.',
    })
    const { record } = await fixture.ask({ orderId: 'paid' })
    await refused(fixture.gateway.approve(record.id, 'boss', null), {
      code: 'cancellation-conflict',
    })
  })
  it('says to who comes late that it is approved, also before it is sent', async () => {
    const fixture = await open()
    fixture.platform.plan('look', unreachable)
    expect((await approve(fixture, fixture.id)).status).toBe('accepted')
    await refused(fixture.gateway.decline(fixture.id, 'boss', 'no'), {
      detail: 'Only what waits for approval can be; this is approved.',
    })
    // What needs none is only accepted.
    fixture.platform.plan('look', unreachable)
    const { record } = await fixture.ask({ orderId: 'paid' })
    expect(record.status).toBe('accepted')
    await refused(fixture.gateway.approve(record.id, 'boss', null), {
      detail: 'Only what waits for approval can be; this is accepted.',
    })
  })
})

describe('its time', () => {
  it('ends unsent, after one more look', async () => {
    const fixture = await open({}, {}, { key: 'k' })
    fixture.clock.now += WEEK
    await refused(fixture.gateway.approve(fixture.id, 'boss', null), {
      detail: 'Its time to be approved is over.',
    })
    await fixture.tick()
    expect(await fixture.get(fixture.id)).toMatchObject({
      status: 'rejected',
      problem: {
        cause: 'expired',
        retryable: true,
        detail: 'Nobody approved it in time; nothing was sent.',
      },
    })
    // Asked for again by its key it waits again.
    const again = await fixture.ask({}, { key: 'k', ...asking })
    expect([again.how, again.record.id]).toEqual(['replayed', fixture.id])
    expect(again.record).toMatchObject({ approval: { state: 'awaited' } })
    expect(again.record.deadlineAt).toBe(T0 + 2 * WEEK)
    await fixture.tick(DAY)
    expect(fixture.platform.count('cancel')).toBe(0)
    expect(await approve(fixture, fixture.id)).toMatchObject({ status: 'succeeded' })
  })
  it('is as long as the configuration says', async () => {
    const { record } = await open({ timing: { approvalMs: HOUR } })
    expect(record.deadlineAt).toBe(T0 + HOUR)
  })
  it('finds at its end that the order is canceled', async () => {
    const fixture = await open()
    fixture.platform.turn('canceled')
    await fixture.tick(WEEK)
    expect(await fixture.get(fixture.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
    })
  })
})

describe('no other way sends it', () => {
  it('a notice of its order: looked at, and waiting as before, or canceled already', async () => {
    const fixture = await open()
    await fixture.hear('open', null)
    await fixture.tick()
    await fixture.tick()
    expect(await fixture.get(fixture.id)).toMatchObject({ approval: { state: 'awaited' } })
    fixture.platform.turn('canceled')
    await fixture.hear()
    await fixture.tick()
    await fixture.tick()
    expect(await fixture.get(fixture.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      via: 'reconciled',
    })
    expect(fixture.platform.count('cancel')).toBe(0)
  })
  it('the same order, asked by who needs no approval: one cancellation, which waits', async () => {
    const fixture = await open()
    const other = await fixture.ask({}, { caller: 'admin' })
    expect([other.how, other.record.id]).toEqual(['deduplicated', fixture.id])
    await fixture.tick(HOUR)
    expect(fixture.platform.count('cancel')).toBe(0)
  })
  it('a retry of one that came to a person before it was approved', async () => {
    const fixture = await open()
    const [record] = await fixture.ledger.list({ stores: null, order: 'asc', limit: 1 })
    if (!record) throw new Error('it is not there')
    await fixture.ledger.save({
      ...record,
      status: 'needs_attention',
      wakeAt: null,
      problem: {} as never,
    })
    await fixture.resolve(fixture.id, 'retry', 'mended', 'ops')
    await fixture.tick(HOUR)
    expect(await fixture.get(fixture.id)).toMatchObject({
      status: 'accepted',
      approval: { state: 'awaited' },
      deadlineAt: T0 + WEEK,
    })
    expect(fixture.platform.count('cancel')).toBe(0)
  })
  it('but what was approved needs no second one after a person’s retry', async () => {
    const fixture = await open({ toy: { repeat: 'unknown' } })
    fixture.platform.plan('cancel', lost)
    await approve(fixture, fixture.id)
    await fixture.drive(fixture.id)
    await fixture.resolve(fixture.id, 'retry', 'nothing happened', 'ops')
    expect(await fixture.get(fixture.id)).toMatchObject({ status: 'succeeded' })
    expect(fixture.platform.count('cancel')).toBe(2)
  })
  it('its key again, after it was approved and refused for now: approved anew', async () => {
    const fixture = await open({}, {}, { key: 'k' })
    fixture.platform.plan('look', says(401, 'who'))
    expect(await approve(fixture, fixture.id)).toMatchObject({
      status: 'rejected',
      problem: { code: 'platform-credentials', retryable: true },
    })
    const again = await fixture.ask({}, { key: 'k', ...asking })
    await fixture.tick(HOUR)
    expect([again.record.id, again.record.approval?.state]).toEqual([fixture.id, 'awaited'])
    expect(fixture.platform.count('cancel')).toBe(0)
    expect(await approve(fixture, fixture.id)).toMatchObject({ status: 'succeeded' })
  })
  it('a store that is gone: it expires', async () => {
    const fixture = await open()
    fixture.stores.delete('shop')
    await fixture.tick(WEEK)
    expect(await fixture.get(fixture.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'expired' },
    })
  })
  it('a customer’s token is refused: it could not be kept', async () => {
    const { ask, platform } = openFixture({ toy: { transfers: true } })
    await refused(ask({ target: 'transfer' }, { token: 'token-of-the-customer', ...asking }), {
      code: 'unsupported',
      errors: [{ pointer: '/Rescind-Customer-Token', detail: 'not where approval is required' }],
    })
    expect(platform.calls).toEqual([])
  })
})

describe('who waits', () => {
  it('is answered as soon as somebody is asked, and afterwards holds', async () => {
    const { gateway } = fixtureOf({ realTime: true })
    const { record } = await gateway.cancel(request(), 'erp', null, null, null, {
      needsApproval: true,
    })
    const seen = await gateway.wait(record.id, 10_000)
    expect(seen.approval).toMatchObject({ state: 'awaited', askedAt: T0 })
    // It is known by now, however often it is asked for.
    expect((await gateway.wait(record.id, 10_000)).version).toBe(seen.version)
    const held = gateway.wait(record.id, 10_000, undefined, true)
    await gateway.approve(record.id, 'boss', null)
    expect(await held).toMatchObject({ status: 'succeeded' })
  })
})
