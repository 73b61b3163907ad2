/** Which record answers a request, where several could, or where none may. */
import { describe, expect, it } from 'vitest'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { request } from '../model/samples.ts'
import { type Fixture, type FixtureOptions, HOUR, openFixture, SETTLE, T0 } from './fixture.ts'
import { createPlatform, lost, type Platform, unauthorized, unreachable } from './platform.ts'

/** Two versions of a gateway on one ledger: the second reads ids in any case as the same. */
const versions = async (prepare: (first: Fixture, platform: Platform) => Promise<unknown>) => {
  const clock = { now: T0 }
  const ledger = openMemoryLedger(() => clock.now)
  const platform = createPlatform([
    { id: 'ABC', transfer: 'tr_1' },
    { id: 'abc', transfer: 'tr_2' },
  ])
  const baseUrl = 'https://old.example'
  await prepare(openFixture({ ledger, clock, platform, baseUrl }), platform)
  const next = (more: FixtureOptions = {}) =>
    openFixture({ ledger, clock, platform, baseUrl, toy: { folds: true }, ...more })
  return { platform, next }
}

describe('what an earlier version kept under another spelling', () => {
  it('about a transfer says nothing of the order', async () => {
    const { platform, next } = await versions((first, at) => {
      at.plan('transfer', lost)
      return first.ask({ orderId: 'ABC', target: 'transfer' })
    })
    const { how, record } = await next().ask({ orderId: 'abc' })
    expect([how, record.status, record.request.target]).toEqual(['created', 'succeeded', 'order'])
    expect(platform.count('cancel')).toBe(1)
  })

  it('says nothing of the order of another merchant, where the store leads there now', async () => {
    const { platform, next } = await versions((first) => first.ask({ orderId: 'ABC' }))
    const moved = next({ baseUrl: 'https://new.example' })
    expect(await moved.ask({ orderId: 'abc' })).toMatchObject({
      how: 'created',
      record: { status: 'needs_attention', account: 'toy new.example' },
    })
    expect(platform.count('cancel')).toBe(1)
  })
})

describe('a store that leads to another shop', () => {
  it('what already needs a person there answers for the order, and no second one does', async () => {
    const clock = { now: T0 }
    const ledger = openMemoryLedger(() => clock.now)
    const platform = createPlatform()
    platform.plan('cancel', unreachable)
    const at = (baseUrl: string) => openFixture({ ledger, clock, platform, baseUrl })
    const { record } = await at('https://old.example').ask()
    const moved = at('https://new.example')
    await moved.tick(2 * SETTLE)
    expect((await moved.get(record.id)).status).toBe('needs_attention')
    expect(await moved.ask()).toMatchObject({ how: 'deduplicated', record: { id: record.id } })
  })
})

describe('a rejection for now', () => {
  it('of which the personal was erased is answered as it stands, and not tried again', async () => {
    const { ask, gateway, platform, clock } = openFixture()
    platform.plan('look', unauthorized)
    const { record } = await ask({ reason: 'Ada moved away' }, { key: 'k' })
    expect(record.problem?.retryable).toBe(true)
    await gateway.erase('shop', ['open'])
    clock.now += HOUR
    expect(await ask({ reason: 'Ada moved away' }, { key: 'k' })).toMatchObject({
      how: 'replayed',
      record: { id: record.id, status: 'rejected' },
    })
    expect(platform.count('cancel')).toBe(0)
  })
})

describe('a key that must send nothing any more', () => {
  const forgo = (
    { gateway }: Pick<Fixture, 'gateway'>,
    over: Parameters<typeof request>[0] = {},
    key = 'batch 1',
  ) => gateway.forgo(request(over), 'erp', key, 'bat_1', 'night')

  it('is bound to a cancellation that ended before it began, and that is told of', async () => {
    const fixture = openFixture()
    const record = await forgo(fixture)
    expect(record).toMatchObject({
      status: 'rejected',
      problem: { cause: 'withdrawn', acted: 'no' },
      via: null,
      byCustomer: false,
      keyName: 'night',
      batchId: 'bat_1',
      attempts: [],
    })
    expect(fixture.history).toEqual([record])
    expect(fixture.failpoints).toEqual(['claimed'])
    expect(await fixture.ask({}, { key: 'batch 1' })).toMatchObject({
      how: 'replayed',
      record: { id: record?.id, status: 'rejected' },
    })
    expect(fixture.platform.calls).toEqual([])
  })

  it('finds what it is bound to already, which is told of no second time', async () => {
    const fixture = openFixture()
    const { record } = await fixture.ask({}, { key: 'batch 1' })
    const told = fixture.history.length
    expect((await forgo(fixture))?.id).toBe(record.id)
    expect(fixture.history).toHaveLength(told)
  })

  it('finds what speaks for its order, also under an older spelling', async () => {
    const { platform, next } = await versions((first, at) => {
      at.plan('cancel', lost)
      return first.ask({ orderId: 'ABC' })
    })
    const found = await forgo(next(), { orderId: 'abc' })
    expect(found).toMatchObject({ status: 'in_doubt', request: { orderId: 'ABC' } })
    expect(platform.count('cancel')).toBe(1)
  })

  it('is none where another cancellation is in the way, or the key is of another body', async () => {
    const fixture = openFixture()
    fixture.platform.plan('cancel', lost)
    await fixture.ask({ restock: true }, { key: 'mine' })
    expect(await forgo(fixture)).toBeNull()
    expect(await forgo(fixture, { restock: false }, 'mine')).toBeNull()
  })
})
