/**
 * An account's object: one cancel whatever races, throws, restarts or fails; nothing lost; a clock
 * that never stops.
 */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../http/host.ts'
import {
  DAY,
  host,
  open,
  openShared,
  isCancel,
  firstCancel,
  cancelCalls,
  alarmOf,
  sql,
  settled,
} from './account.ts'

afterEach(() => host.close())

describe('one cancel', () => {
  it('fifty racers on one order: one record, one cancel upstream', async () => {
    const { ask, paris } = await open()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        ask(
          'POST',
          '/v1/cancellations',
          { orderId: 'order_slow', restock: true, reason: `racer ${index}` },
          index % 3 === 0 ? {} : { 'idempotency-key': `racer-${index}` },
        ),
      ),
    )
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(49).fill(200),
      201,
    ])
    expect(
      answers.filter(({ headers }) => headers.get('rescind-deduplicated') === 'true'),
    ).toHaveLength(49)
    expect([...paris.cancels]).toEqual([['order_slow', 1]])
    expect((await ask('GET', '/v1/cancellations')).body.data).toHaveLength(1)
  })

  it('a fetch that throws after the platform acted: in doubt, the alarm finds out', async () => {
    const opened = await open({ settleMs: 1_500 })
    firstCancel(async (request, go) => {
      await go(request)
      throw new TypeError('Network connection lost.')
    })
    const first = await opened.ask(
      'POST',
      '/v1/cancellations',
      { orderId: 'order_paid' },
      { prefer: 'wait=1' },
    )
    expect([first.status, first.body.status, first.body.attempts[0].result]).toEqual([
      202,
      'in_doubt',
      'connection lost',
    ])
    // Nobody asks for it: only the clock can go on.
    const { body } = await settled(opened, first.body.id)
    expect([
      body.status,
      body.via,
      body.alreadyCanceled,
      body.order.status,
      body.attempts.length,
    ]).toEqual(['succeeded', 'reconciled', false, 'canceled', 1])
    expect([cancelCalls(opened).length, opened.paris.cancels.get('order_paid')]).toEqual([1, 1])
  })

  it('a fetch that throws before arrival is doubt too: looked at, then sent again', async () => {
    const opened = await open()
    firstCancel(async () => {
      throw new TypeError('Network connection lost.')
    })
    const { status, body } = await opened.ask(
      'POST',
      '/v1/cancellations',
      { orderId: 'order_paid' },
      { prefer: 'wait=15' },
    )
    expect([
      status,
      body.status,
      body.attempts.map(({ result }: any) => result),
      opened.paris.cancels.get('order_paid'),
    ]).toEqual([201, 'succeeded', ['connection lost', '200'], 1])
  })

  it('a redirect is not followed, and no cache is asked', async () => {
    const opened = await open()
    const seen = new Set<string>()
    host.between('paris', async (request, go) => {
      seen.add(`${request.redirect} ${request.cache}`)
      return isCancel(request)
        ? new Response(null, {
            status: 307,
            headers: { location: request.url.replace('/cancel', '/complete') },
          })
        : go(request)
    })
    const { status, body } = await opened.ask('POST', '/v1/cancellations', {
      orderId: 'order_paid',
    })
    expect([status, body.code, body.upstream.status, body.acted, [...seen]]).toEqual([
      409,
      'order-not-cancelable',
      307,
      'no',
      ['manual no-store'],
    ])
    expect([
      opened.paris.calls.some((call) => call.endsWith('/complete')),
      opened.paris.cancels.size,
    ]).toEqual([false, 0])
  })

  it('no more calls at once than an object has connections, and all in the end', async () => {
    // Forty calls through six connections: on a busy machine none may run out of time.
    const opened = await open({ callTimeoutMs: 15_000, waitMs: 15_000 })
    let [now, most] = [0, 0]
    host.between('paris', async (request, go) => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => {
        setTimeout(resolve, 5)
      })
      try {
        return await go(request)
      } finally {
        now--
      }
    })
    // Previews wait for no slot, so they come on top.
    const ask = (path: string) =>
      Array.from({ length: 20 }, (_, index) =>
        opened.ask('POST', path, { orderId: `order_open-${index}` }),
      )
    const answers = await Promise.all([
      ...ask('/v1/cancellations'),
      ...ask('/v1/cancellations/preview'),
    ])
    expect([new Set(answers.map(({ status }) => status)), most, opened.paris.cancels.size]).toEqual(
      [new Set([201, 200]), 6, 20],
    )
  })

  it('the intent is in the object’s storage before the fetch', async () => {
    const opened = await open()
    const { storage } = await runInDurableObject(opened.object, (_, state) => state)
    let stored: unknown
    // The fetch is made by the object, so here its storage can be read.
    firstCancel(async (request, go) => {
      stored = storage.sql
        .exec("select status, json_array_length(body, '$.attempts') as attempts from cancellations")
        .toArray()
      return go(request)
    })
    await opened.ask('POST', '/v1/cancellations', { orderId: 'order_paid' })
    expect(stored).toEqual([{ status: 'sending', attempts: 1 }])
  })
})

describe('eviction and restart', () => {
  it('an idle object is evicted: records, keys, lists and what waits are there again', async () => {
    const opened = await open()
    const { ask, paris, object } = opened
    const done = await ask(
      'POST',
      '/v1/cancellations',
      { orderId: 'order_open' },
      { 'idempotency-key': 'kept' },
    )
    paris.mood = 'away'
    const waiting = await ask(
      'POST',
      '/v1/cancellations',
      { orderId: 'order_paid' },
      { prefer: 'wait=1' },
    )
    expect(waiting.body.status).toBe('accepted')
    await evictDurableObject(object)
    expect((await ask('GET', `/v1/cancellations/${done.body.id}`)).body).toEqual(done.body)
    expect(
      (
        await ask(
          'POST',
          '/v1/cancellations',
          { orderId: 'order_open' },
          { 'idempotency-key': 'kept' },
        )
      ).headers.get('idempotent-replayed'),
    ).toBe('true')
    expect((await ask('GET', '/v1/cancellations')).body.data.map(({ id }: any) => id)).toEqual([
      waiting.body.id,
      done.body.id,
    ])
    await evictDurableObject(object)
    paris.mood = 'well'
    expect((await settled(opened, waiting.body.id)).body.status).toBe('succeeded')
    expect([...paris.cancels]).toEqual([
      ['order_open', 1],
      ['order_paid', 1],
    ])
  })

  it('stopped amid a cancel: 202 to who waits, never sent twice, the clock finds out', async () => {
    const opened = await open({ callTimeoutMs: 300 })
    const { abort } = await runInDurableObject(opened.object, (_, state) => ({
      abort: () => state.abort('restarted'),
    }))
    firstCancel(async (request, go) => {
      await go(request)
      abort()
      return new Promise(() => {})
    })
    const first = await opened.ask('POST', '/v1/cancellations', { orderId: 'order_paid' })
    expect([first.status, first.body.final]).toEqual([202, false])
    const { body } = await settled(opened, first.body.id)
    expect([body.status, body.via, body.attempts.length]).toEqual(['succeeded', 'reconciled', 1])
    expect([cancelCalls(opened).length, opened.paris.cancels.get('order_paid')]).toEqual([1, 1])
  })
})

describe('the clock', () => {
  /** A record that waits for its platform, in an object whose next turn is forced. */
  const waiting = async () => {
    const opened = await open()
    opened.paris.mood = 'away'
    const { body } = await opened.ask(
      'POST',
      '/v1/cancellations',
      { orderId: 'order_paid' },
      { prefer: 'respond-async' },
    )
    return { ...opened, id: body.id as string }
  }

  it('is set as soon as anything waits, and once a day while anything is kept', async () => {
    const opened = await open()
    expect(await alarmOf(opened)).toBeNull()
    await opened.ask('GET', '/v1/cancellations')
    expect(await runDurableObjectAlarm(opened.object)).toBe(false)
    await opened.ask('POST', '/v1/cancellations', { orderId: 'order_paid' })
    expect(await alarmOf(opened)).toBeLessThan(Date.now() + 60_000)
    await runDurableObjectAlarm(opened.object)
    const next = (await alarmOf(opened)) ?? 0
    expect([next > Date.now() + DAY - 60_000, next <= Date.now() + DAY]).toEqual([true, true])
  })

  it('sweeps: forgotten is what is too old, and an empty object sleeps', async () => {
    const opened = await open()
    await opened.ask(
      'POST',
      '/v1/cancellations',
      { orderId: 'order_open' },
      { 'idempotency-key': 'old' },
    )
    const { body: kept } = await opened.ask(
      'POST',
      '/v1/cancellations',
      { orderId: 'order_paid' },
      { 'idempotency-key': 'new' },
    )
    await runDurableObjectAlarm(opened.object)
    const old = Date.now() - 401 * DAY
    await sql(
      opened,
      `update cancellations set settled_at = ${old} where order_id = 'order_open'`,
      `update keys set expires_at = ${old} where id != '${kept.id}'`,
    )
    await runDurableObjectAlarm(opened.object)
    expect(await sql(opened, 'select count(*) as n from cancellations')).toEqual([{ n: 2 }])
    await sql(opened, "update meta set value = 0 where name = 'swept'")
    await runDurableObjectAlarm(opened.object)
    expect(await sql(opened, 'select id from cancellations')).toEqual([{ id: kept.id }])
    expect(await sql(opened, 'select id from keys')).toEqual([{ id: kept.id }])
    await sql(opened, 'delete from cancellations', 'delete from keys', 'delete from audit')
    await runDurableObjectAlarm(opened.object)
    expect(await alarmOf(opened)).toBeNull()
  })

  it('a ledger that fails in the alarm: no throw, set again, goes on when it is back', async () => {
    const opened = await waiting()
    await sql(opened, 'alter table cancellations rename to gone')
    for (const _ of [1, 2, 3]) {
      expect(await runDurableObjectAlarm(opened.object)).toBe(true)
      const next = (await alarmOf(opened)) ?? 0
      expect([next > Date.now(), next < Date.now() + 10_000]).toEqual([true, true])
    }
    await sql(opened, 'alter table gone rename to cancellations')
    opened.paris.mood = 'well'
    await runDurableObjectAlarm(opened.object)
    expect((await settled(opened, opened.id)).body.status).toBe('succeeded')
  })

  it('a broken configuration leaves the alarm set, and all goes on when it is mended', async () => {
    const opened = await waiting()
    const good = host.config
    host.deploy({ RESCIND_CONFIG: '{ "stores": [ { "id": "paris" } ] }' })
    await evictDurableObject(opened.object)
    for (const _ of [1, 2, 3]) {
      expect(await runDurableObjectAlarm(opened.object)).toBe(true)
      expect(await alarmOf(opened)).toBeGreaterThan(Date.now())
    }
    host.deploy(good)
    await evictDurableObject(opened.object)
    opened.paris.mood = 'well'
    expect((await settled(opened, opened.id)).body.status).toBe('succeeded')
  })

  it('an alarm that is gone is set again when somebody asks', async () => {
    const opened = await waiting()
    await evictDurableObject(opened.object)
    await runInDurableObject(opened.object, (_, { storage }) => storage.deleteAlarm())
    opened.paris.mood = 'well'
    await opened.ask('GET', `/v1/cancellations/${opened.id}`)
    expect((await settled(opened, opened.id)).body.status).toBe('succeeded')
  })

  it('waits for nothing it began: a silent store holds up no turn and no other store', async () => {
    const opened = await openShared({ callTimeoutMs: 15_000 })
    const { ask, object, paris: shop } = opened
    shop.mood = 'away'
    const cancel = async (store: string, orderId: string) =>
      (await ask('POST', '/v1/cancellations', { store, orderId }, { prefer: 'respond-async' })).body
        .id as string
    const slow = await Promise.all(
      [1, 2, 3].map((index) => cancel('paris', `order_open-slow${index}`)),
    )
    let [romeFails, heldUp] = [1, 0]
    const gate = { isOpen: false }
    host.between('paris', async (request, go) => {
      if (!gate.isOpen && request.url.includes('order_open-slow')) heldUp += 1
      while (!gate.isOpen && request.url.includes('order_open-slow'))
        await new Promise((resolve) => {
          setTimeout(resolve, 20)
        })
      return request.url.includes('order_open-rome') && romeFails-- > 0
        ? new Response('busy', { status: 503 })
        : go(request)
    })
    shop.mood = 'well'
    await sql(opened, 'update cancellations set wake_at = 0')
    const at = performance.now()
    await runDurableObjectAlarm(object)
    await expect.poll(() => heldUp).toBe(3)
    // Put off once, so that only the clock goes on with it.
    const { body } = await until(
      async () => ask('GET', `/v1/cancellations/${await cancel('rome', 'order_open-rome')}`),
      (answer) => answer.body.final,
    )
    expect([
      body.status,
      body.store,
      heldUp,
      shop.cancels.size,
      performance.now() - at < 10_000,
    ]).toEqual(['succeeded', 'rome', 3, 1, true])
    gate.isOpen = true
    for (const id of slow) expect((await settled(opened, id)).body.status).toBe('succeeded')
    expect(shop.cancels.size).toBe(4)
  }, 40_000)

  it('a store taken out of the configuration: its records wait until it is back', async () => {
    const opened = await waiting()
    const good = host.config
    host.deploy({
      RESCIND_CONFIG: JSON.stringify({
        ...JSON.parse(good['RESCIND_CONFIG'] ?? ''),
        stores: [],
        callers: [],
      }),
    })
    await evictDurableObject(opened.object)
    await new Promise((resolve) => {
      setTimeout(resolve, 2_100)
    })
    expect(await alarmOf(opened)).toBeGreaterThan(Date.now() + 30_000)
    host.deploy(good)
    await evictDurableObject(opened.object)
    opened.paris.mood = 'well'
    await sql(opened, 'update cancellations set wake_at = 0')
    await runDurableObjectAlarm(opened.object)
    expect((await settled(opened, opened.id)).body.status).toBe('succeeded')
  })
})
