/**
 * A store is one merchant's account: where its settings lead to another one, nothing is sent, and
 * no record of the one speaks for the other.
 */
import { describe, expect, it } from 'vitest'
import { identityOf, leadsTo } from '../../src/connection/store.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { wix } from '../../adapters/wix/index.ts'
import { request } from '../model/samples.ts'
import { openFixture, SETTLE, T0 } from './fixture.ts'
import { createPlatform, lost, type Platform, unreachable, well } from './platform.ts'

describe('a store whose settings lead to another shop', () => {
  const opened = async (more: { movedFrom?: readonly string[] } = {}) => {
    const clock = { now: T0 }
    const ledger = openMemoryLedger(() => clock.now)
    const things = ['done', 'waiting', 'doubtful', 'fresh', 'asked'].map((id) => ({ id }))
    const [old, next] = [createPlatform(things), createPlatform(things)]
    const first = openFixture({ ledger, clock, platform: old, baseUrl: 'https://staging.example' })
    const done = (await first.ask({ orderId: 'done' }, { key: 'settled' })).record
    old.plan('cancel', unreachable, lost)
    const waiting = (await first.ask({ orderId: 'waiting' }, { key: 'open' })).record
    const doubtful = (await first.ask({ orderId: 'doubtful' })).record
    const second = (platform: Platform, baseUrl: string, movedFrom = more.movedFrom) =>
      openFixture({ ledger, clock, platform, baseUrl, store: { ...(movedFrom && { movedFrom }) } })
    return { done, waiting, doubtful, old, next, clock, second }
  }

  it('sends nothing of what was accepted for the first one, and asks for a person', async () => {
    const { waiting, doubtful, next, second } = await opened()
    const after = second(next, 'https://shop.example')
    await after.tick(2 * SETTLE)
    for (const { id } of [waiting, doubtful])
      expect(await after.get(id)).toMatchObject({
        status: 'needs_attention',
        problem: { detail: expect.stringContaining('toy staging.example') },
      })
    expect([
      (await after.get(waiting.id)).problem?.acted,
      (await after.get(doubtful.id)).problem?.acted,
    ]).toEqual(['no', 'unknown'])
    expect(next.count('cancel')).toBe(0)
    expect(await after.gateway.moved()).toEqual([
      { store: 'shop', from: 'toy staging.example', to: 'toy shop.example' },
    ])
  })
  it('answers nothing of the new one by the records of the first', async () => {
    const { done, waiting, next, second } = await opened()
    const after = second(next, 'https://shop.example')
    const { record, how } = await after.ask({ orderId: 'done' })
    expect([how, record.id === done.id]).toEqual(['created', false])
    expect(record).toMatchObject({
      status: 'needs_attention',
      account: 'toy shop.example',
      problem: { acted: 'no' },
    })
    await expect(after.ask({ orderId: 'done' }, { key: 'settled' })).rejects.toMatchObject({
      problem: { code: 'idempotency-key-reused' },
    })
    for (const key of ['open', null])
      expect(await after.ask({ orderId: 'waiting' }, { key })).toMatchObject({
        how: 'deduplicated',
        record: { id: waiting.id },
      })
    await expect(after.ask({ orderId: 'waiting', restock: true })).rejects.toMatchObject({
      problem: { code: 'cancellation-conflict' },
    })
    expect(await after.gateway.preview(request({ orderId: 'fresh' }), false)).toMatchObject({
      cancelable: false,
      problem: { code: 'needs-attention' },
    })
    expect(next.count('cancel')).toBe(0)
  })
  it('goes on where the settings lead back, but for what was asked meanwhile', async () => {
    const { next, old, second } = await opened()
    const { record } = await second(next, 'https://shop.example').ask({ orderId: 'asked' })
    const back = second(old, 'https://staging.example')
    expect(await back.gateway.moved()).toEqual([])
    expect((await back.ask({ orderId: 'fresh' })).record.status).toBe('succeeded')
    await back.resolve(record.id, 'retry', 'mended', 'ops')
    expect(await back.get(record.id)).toMatchObject({ status: 'needs_attention' })
    expect(old.count('cancel', 'asked')).toBe(0)
  })
  it('goes on by a word in the configuration that it is the same shop, doubt and all', async () => {
    const { done, doubtful, old, second } = await opened()
    const after = second(old, 'https://shop.example', ['toy staging.example'])
    expect(await after.gateway.moved()).toEqual([])
    expect(await after.ask({ orderId: 'done' })).toMatchObject({
      how: 'deduplicated',
      record: { id: done.id },
    })
    expect((await after.drive(doubtful.id)).status).toBe('succeeded')
    expect(old.count('cancel', 'doubtful')).toBe(2)
  })
  it('another platform under the same id is another shop', async () => {
    const { next, second } = await opened()
    const after = second(next, 'https://staging.example/second-shop')
    expect(await after.gateway.moved()).toHaveLength(1)
    expect((await after.ask({ orderId: 'fresh' })).record.status).toBe('needs_attention')
    void well
  })
})

describe('what was asked for while a store led elsewhere, once declared the same account', () => {
  const NEW = 'https://new.example'
  const moved = async () => {
    const clock = { now: T0 }
    const ledger = openMemoryLedger(() => clock.now)
    const platform = createPlatform(['a', 'b', 'done'].map((id) => ({ id })))
    const at = (baseUrl: string, movedFrom: readonly string[] = []) =>
      openFixture({ ledger, clock, platform, baseUrl, store: { movedFrom } })
    await at('https://old.example').ask({ orderId: 'done' })
    const during = at(NEW)
    const { record } = await during.ask({ orderId: 'a' })
    expect(record).toMatchObject({
      status: 'needs_attention',
      attempts: [],
      problem: { acted: 'no' },
    })
    return { record, platform, clock, during, after: at(NEW, ['toy old.example']) }
  }

  it('is done when a person has it tried again, as the advice says', async () => {
    const { record, after, platform } = await moved()
    expect(await after.resolve(record.id, 'retry', 'same shop', 'ops')).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
    })
    expect(platform.count('cancel', 'a')).toBe(1)
  })
  it('is not sent where another one speaks for the order by then', async () => {
    const { record, after, platform } = await moved()
    platform.plan('cancel', lost)
    const other = (await after.ask({ orderId: 'a' })).record
    expect(other.status).toBe('in_doubt')
    expect(await after.resolve(record.id, 'retry', 'same shop', 'ops')).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'no', cancellation: `/v1/cancellations/${other.id}` },
    })
    expect(platform.count('cancel', 'a')).toBe(1)
  })
  it('speaks for its order while it is tried again', async () => {
    const { record, after, platform, clock } = await moved()
    platform.plan('cancel', lost)
    clock.now += 1
    expect((await after.resolve(record.id, 'retry', 'same shop', 'ops')).status).toBe('in_doubt')
    expect(await after.ask({ orderId: 'a' })).toMatchObject({
      how: 'deduplicated',
      record: { id: record.id },
    })
    expect(platform.count('cancel', 'a')).toBe(1)
  })
  it('until then a preview tells of the move, whatever the other has under this id', async () => {
    const { during, platform } = await moved()
    platform.order('b').state = 'canceled'
    for (const orderId of ['b', 'done'])
      expect(await during.gateway.preview(request({ orderId }), false)).toMatchObject({
        cancelable: false,
        alreadyCanceled: false,
        problem: { code: 'needs-attention' },
      })
    await expect(
      during.gateway.preview(request({ orderId: 'unknown' }), false),
    ).rejects.toMatchObject({ problem: { code: 'needs-attention' } })
  })
})

describe('one account under several spellings', () => {
  const SITE = '7001D34B-11A6-4F4C-9C4A-3B8F1C1F2A10'
  it('a GUID in another case is the same site, a path in another case another shop', () => {
    const site = (siteId: string) => ({ identity: identityOf(wix, { siteId, apiKey: 'key' }) })
    expect([
      leadsTo(site(SITE.toLowerCase()), site(SITE).identity),
      leadsTo(site(SITE), site(SITE.replace('7', '8')).identity),
    ]).toEqual([true, false])
    expect(leadsTo({ identity: 'toy shop.example/Shop' }, 'toy shop.example/shop')).toBe(false)
  })
  it('nor does a default port, a slash at the end, the host’s case or TLS make it another', () => {
    const identity = (baseUrl: string) =>
      identityOf(wix, { baseUrl, siteId: 'site', apiKey: 'key' })
    for (const same of [
      'https://SHOP.example/',
      'https://shop.example:443',
      'http://shop.example:80/',
    ])
      expect(identity(same)).toBe(identity('https://shop.example'))
  })
})
