/**
 * Webhooks over HTTP, each caller's own: how they are, a test against a receiver that listens, on
 * again, and told again.
 */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { attemptOf } from '../../src/gateway/deliveries/attempt.ts'
import { readSecret, signatureOf } from '../../src/connection/signing.ts'
import { createWebhooks } from '../../src/gateway/deliveries/service.ts'
import { owedOf, type Webhook, webhookId } from '../../src/gateway/deliveries/webhook.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { createApp } from '../../src/http/app.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { newHealth } from '../../src/model/delivery.ts'
import { openLoaded } from '../adapter/loaded.ts'
import { type Client, clientOf, hashOf } from './host.ts'
import { serve } from './node.ts'

const KEY = readSecret(btoa('a secret of 24 bytes ...')) as Uint8Array<ArrayBuffer>
/** When all of this happens. */
const NOW = Date.parse('2025-11-21T12:00:00Z')
const iso = (at: number) => new Date(at).toISOString()

const webhookOf = (caller: string, name: string, change: Partial<Webhook> = {}): Webhook => ({
  id: webhookId(caller, name),
  caller,
  name,
  url: `https://${caller}.example/${name}`,
  keys: [KEY],
  events: null,
  stores: null,
  reach: { allowHttp: false, allowPrivate: true, allowLoopback: true },
  ...change,
})

interface Received {
  readonly headers: Headers
  readonly body: string
}

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read'], stores: ['*'] },
  { name: 'wms', key: 'rsk_wms', scopes: ['read'], stores: ['*'] },
  { name: 'plain', key: 'rsk_plain', scopes: ['read'], stores: ['*'] },
  { name: 'mute', key: 'rsk_mute', scopes: ['cancel'], stores: ['*'] },
] as const

const open = async (webhooks: readonly Webhook[]) => {
  const ledger = openMemoryLedger()
  const { stores } = openLoaded({ callTimeoutMs: 1_000 })
  const gateway = createGateway({ ledger, stores, timing: timing({ waitMs: 5_000 }) })
  const woken: string[][] = []
  const transport = fetchTransport((url, init) => fetch(url, init))
  const app = createApp({
    gateway,
    webhooks: createWebhooks({
      deliveries: ledger.deliveries,
      webhooks,
      send: (webhook, id, body) => attemptOf(transport, webhook, id, body, NOW),
      wake: (ids) => void woken.push([...ids]),
      now: () => NOW,
    }),
    ready: ledger.ready,
    callers: await Promise.all(
      callers.map(async ({ name, key, scopes, stores: reach }) => ({
        name,
        keyHash: [await hashOf(key)],
        scopes: [...scopes],
        stores: [...reach],
      })),
    ),
    adapters: [],
  })
  const { url, close } = await serve(app)
  onTestFinished(close)
  const host = {
    fetch: (request: Request) => fetch(new Request(url + new URL(request.url).pathname, request)),
  }
  const [erp, wms, plain, mute] = callers.map(({ key }) => clientOf(host, key)) as [
    Client,
    Client,
    Client,
    Client,
  ]
  return { ledger, woken, erp, wms, plain, mute }
}

/** What a webhook is owed of a subject. */
const owed = ({ id }: Webhook, subject: string, at: number, revision = 1) => ({
  webhook: id,
  subject,
  revision,
  type: 'cancellation.succeeded' as const,
  body: `{"of":"${subject}"}`,
  at,
})

describe('webhooks', () => {
  const orders = webhookOf('erp', 'orders')
  const some = webhookOf('erp', 'some', { events: new Set(['batch.finished', 'link.diverged']) })
  const others = webhookOf('wms', 'orders')
  let host: Awaited<ReturnType<typeof open>>
  beforeEach(async () => {
    host = await open([orders, some, others])
  })

  it('are listed with how they are, the caller’s own and no other’s', async () => {
    const { ledger, erp, wms } = host
    await ledger.deliveries.owe([
      owed(orders, 'can_1', NOW - 2_000),
      owed(orders, 'can_2', NOW - 1_000),
      owed(others, 'can_1', NOW - 3_000),
    ])
    await ledger.deliveries.saveHealth(orders.id, {
      ...newHealth(orders.url),
      enabled: false,
      failures: 9,
      nextAt: NOW + 1,
      failingSince: NOW - 5_000,
      lastSuccessAt: NOW - 9_000,
      lastResult: '503',
    })
    const fresh = {
      enabled: true,
      pending: 0,
      oldestPendingAt: null,
      lastSuccessAt: null,
      failingSince: null,
      lastResult: null,
    }
    expect(await erp('GET', '/v1/webhooks')).toMatchObject({
      status: 200,
      body: {
        data: [
          {
            name: 'orders',
            url: 'https://erp.example/orders',
            events: ['*'],
            enabled: false,
            pending: 2,
            oldestPendingAt: iso(NOW - 2_000),
            lastSuccessAt: iso(NOW - 9_000),
            failingSince: iso(NOW - 5_000),
            lastResult: '503',
          },
          { ...fresh, name: 'some', events: ['link.diverged', 'batch.finished'] },
        ],
        nextCursor: null,
      },
    })
    expect((await wms('GET', '/v1/webhooks')).body.data).toEqual([
      {
        ...fresh,
        name: 'orders',
        url: 'https://wms.example/orders',
        events: ['*'],
        pending: 1,
        oldestPendingAt: iso(NOW - 3_000),
      },
    ])
  })

  it('another URL is another receiver, which has not failed yet', async () => {
    await host.ledger.deliveries.saveHealth(orders.id, {
      ...newHealth('https://erp.example/old'),
      enabled: false,
      lastResult: '410',
    })
    expect((await host.erp('GET', '/v1/webhooks')).body.data[0]).toMatchObject({
      enabled: true,
      lastResult: null,
    })
  })

  it.each(['test', 'enable', 'replay'])(
    '%s: one that is not there, or another caller’s, is not found',
    async (action) => {
      const body = action === 'replay' ? { since: iso(NOW - 1_000) } : undefined
      for (const name of ['nobody', 'some', '%2e%2e%2f'])
        expect((await host.wms('POST', `/v1/webhooks/${name}/${action}`, body)).body).toMatchObject(
          { status: 404, code: 'webhook-not-found', acted: 'no' },
        )
      expect(host.woken).toEqual([])
    },
  )

  it('nothing of them without the scope read', async () => {
    const asked = [
      await host.mute('GET', '/v1/webhooks'),
      await host.mute('POST', '/v1/webhooks/orders/test'),
      await host.mute('POST', '/v1/webhooks/orders/enable'),
      await host.mute('POST', '/v1/webhooks/orders/replay', { since: iso(NOW) }),
    ]
    expect(asked.map(({ body }) => body.code)).toEqual(asked.map(() => 'forbidden'))
  })

  it('on again: without the failures before, and what is owed goes out', async () => {
    const { ledger, erp, woken } = host
    await ledger.deliveries.owe([owed(orders, 'can_1', NOW)])
    await ledger.deliveries.saveHealth(orders.id, {
      ...newHealth(orders.url),
      enabled: false,
      failures: 12,
      nextAt: NOW + 86_400_000,
      failingSince: NOW - 6 * 86_400_000,
      lastSuccessAt: NOW - 7 * 86_400_000,
      lastResult: '410',
    })
    expect(await erp('POST', '/v1/webhooks/orders/enable')).toMatchObject({
      status: 200,
      body: { name: 'orders', enabled: true, pending: 1, failingSince: null, lastResult: '410' },
    })
    expect(await ledger.deliveries.health(orders.id)).toEqual({
      ...newHealth(orders.url),
      version: 2,
      lastSuccessAt: NOW - 7 * 86_400_000,
      lastResult: '410',
    })
    expect(woken).toEqual([[orders.id]])
  })

  it('on again, though the sender writes in between', async () => {
    const { ledger, erp } = host
    const { deliveries } = ledger
    const saveHealth = deliveries.saveHealth.bind(deliveries)
    let isFirst = true
    deliveries.saveHealth = async (id, next) => {
      if (isFirst) {
        isFirst = false
        await saveHealth(id, { ...newHealth(orders.url), enabled: false, lastResult: '410' })
      }
      return saveHealth(id, next)
    }
    expect((await erp('POST', '/v1/webhooks/orders/enable')).body).toMatchObject({
      enabled: true,
      lastResult: '410',
    })
  })

  it('replay: what was delivered or given up in that time is owed again, and counted', async () => {
    const { ledger, erp, woken } = host
    const { deliveries } = ledger
    for (const [subject, at] of [
      ['can_before', NOW - 3_001],
      ['can_first', NOW - 3_000],
      ['can_last', NOW - 1_000],
      ['can_after', NOW - 999],
    ] as const)
      await deliveries.owe([owed(orders, subject, at), owed(others, subject, at)])
    for (const row of [
      ...(await deliveries.next(orders.id, 9)),
      ...(await deliveries.next(others.id, 9)),
    ])
      await deliveries.settle(row, row.subject === 'can_last' ? 'failed' : 'delivered', '204', NOW)
    const replay = async (body: object) =>
      (await erp('POST', '/v1/webhooks/orders/replay', body)).body
    expect(await replay({ since: iso(NOW - 3_000), until: iso(NOW - 1_000) })).toEqual({ owed: 2 })
    expect((await deliveries.next(orders.id, 9)).map(({ subject }) => subject).sort()).toEqual([
      'can_first',
      'can_last',
    ])
    expect(await deliveries.next(others.id, 9)).toEqual([])
    expect(woken).toEqual([[orders.id]])
    expect(await replay({ since: iso(NOW - 3_000), until: null }), 'until now').toEqual({ owed: 1 })
  })

  it.each([
    ['no since', {}, '/since'],
    ['a since that is no time', { since: 'yesterday' }, '/since'],
    ['a since without an offset', { since: '2025-11-21T12:00:00' }, '/since'],
    ['an until that is none', { since: iso(NOW), until: 7 }, '/until'],
    ['an end before the beginning', { since: iso(NOW), until: iso(NOW - 1) }, '/since'],
    ['a time to come', { since: '2999-01-01T00:00:00Z' }, '/since'],
    ['another member', { since: iso(NOW), before: iso(NOW) }, '/before'],
  ])('replay, %s: 400', async (_, body, pointer) => {
    const answer = await host.erp('POST', '/v1/webhooks/orders/replay', body)
    expect([answer.status, answer.body.errors?.[0].pointer]).toEqual([400, pointer])
  })
})

describe('a test', () => {
  it('is sent once, signed, and changes nothing', async () => {
    const received: Received[] = []
    const receiver = await serve({
      fetch: async (request) => {
        received.push({ headers: request.headers, body: await request.text() })
        return new Response('a word of the receiver', { status: 202 })
      },
    })
    onTestFinished(receiver.close)
    const webhook = webhookOf('erp', 'orders', { url: `${receiver.url}/hooks` })
    const { erp, ledger } = await open([webhook])
    const answer = await erp('POST', '/v1/webhooks/orders/test')
    expect([answer.status, answer.body]).toEqual([200, { delivered: true, result: '202' }])
    const [{ headers, body } = { headers: new Headers(), body: '' }, ...more] = received
    expect(more).toEqual([])
    expect(JSON.parse(body)).toMatchObject({ type: 'webhook.test', timestamp: iso(NOW) })
    const id = headers.get('webhook-id') ?? ''
    expect(id).toMatch(/^evt_test_[0-9A-HJKMNP-TV-Z]{26}$/)
    expect(headers.get('webhook-signature')).toBe(await signatureOf([KEY], id, NOW / 1_000, body))
    expect(await ledger.deliveries.webhooks()).toEqual([])
  })

  it.each([
    [503, { delivered: false, result: '503' }],
    [302, { delivered: false, result: '302' }],
    [410, { delivered: false, result: '410' }],
  ])('that is answered %i says so, and switches nothing off', async (status, expected) => {
    const receiver = await serve({
      fetch: () => new Response(null, { status, headers: { location: 'https://erp.example' } }),
    })
    onTestFinished(receiver.close)
    const { erp } = await open([webhookOf('erp', 'orders', { url: receiver.url })])
    expect((await erp('POST', '/v1/webhooks/orders/test')).body).toEqual(expected)
    expect((await erp('GET', '/v1/webhooks')).body.data[0].enabled).toBe(true)
  })

  it('that nobody takes says so in a word', async () => {
    const receiver = await serve({ fetch: () => new Response() })
    await receiver.close()
    const { erp } = await open([webhookOf('erp', 'orders', { url: receiver.url })])
    expect((await erp('POST', '/v1/webhooks/orders/test')).body).toEqual({
      delivered: false,
      result: 'connection lost',
    })
  })
})

describe('a record', () => {
  it('says what the caller’s webhooks are owed of it, only when read by its id', async () => {
    const orders = webhookOf('erp', 'orders')
    const others = webhookOf('wms', 'orders')
    const { ledger, erp, wms, plain } = await open([orders, others])
    const asked = await erp('POST', '/v1/cancellations', {
      store: 'sandbox-medusa',
      orderId: 'order_open',
    })
    const path = `/v1/cancellations/${asked.body.id}`
    expect((await erp('GET', path)).body.deliveries, 'before anything is owed').toEqual([])
    const record = await ledger.get(asked.body.id)
    if (!record) throw new Error('no record')
    await ledger.deliveries.owe(owedOf([orders, others], null, record))
    const [row] = await ledger.deliveries.next(orders.id, 1)
    if (!row) throw new Error('nothing is owed')
    await ledger.deliveries.settle(row, 'delivered', '204', NOW)

    const { body } = await erp('GET', path)
    expect([asked.body.origin, body.origin, body.revision]).toEqual(['caller', 'caller', 1])
    const told = { name: 'orders', type: 'cancellation.succeeded', revision: 1, at: body.updatedAt }
    expect(body.deliveries).toEqual([
      { ...told, state: 'delivered', deliveredAt: iso(NOW), lastResult: '204' },
    ])
    expect((await wms('GET', path)).body.deliveries).toEqual([
      { ...told, state: 'owed', deliveredAt: null, lastResult: null },
    ])
    expect(asked.body).not.toHaveProperty('deliveries')
    expect((await plain('GET', path)).body, 'to a key without webhooks').toEqual(asked.body)
    expect((await erp('GET', '/v1/cancellations')).body.data[0]).not.toHaveProperty('deliveries')
  })
})

describe('a gateway that tells nobody', () => {
  it('has none, and finds none', async () => {
    const ledger = openMemoryLedger()
    const gateway = createGateway({ ledger, stores: new Map(), timing: timing() })
    const app = createApp({ gateway, ready: ledger.ready, callers: null, adapters: [] })
    const ask = clientOf({ fetch: async (request) => app.fetch(request) })
    expect((await ask('GET', '/v1/webhooks')).body).toEqual({ data: [], nextCursor: null })
    expect((await ask('POST', '/v1/webhooks/orders/test')).body.code).toBe('webhook-not-found')
  })
})
