/**
 * Being told on Workers: each object tells of its own records, the front answers for all of them,
 * and who is never asked is woken to sweep.
 */
import { expect, it, onTestFinished } from 'vitest'
import { verify } from '../../src/client/index.ts'
import worker from '../../src/hosts/workers/index.ts'
import { type Client, clientOf, configOf, until } from '../http/host.ts'
import { openPlatform } from '../http/platform.ts'
import { type Bound, listen, openBound } from './hosts.ts'

const SECRET = `whsec_${btoa('a secret of thirty-two bytes here')}`
const KEY = 'rsk_erp'

interface Told {
  readonly id: string | null
  readonly event: { readonly type: string; readonly data: Record<string, unknown> }
}

let count = 0

/** Two stores, each on an account of its own, and a receiver that can be away. */
const open = async () => {
  const name = `w${++count}`
  const told: Told[] = []
  const receiver = { status: 204 }
  listen(`erp.${name}.test`, async (request) => {
    const body = await request.text()
    if (receiver.status === 204) {
      const event = await verify(Object.fromEntries(request.headers), body, SECRET)
      told.push({ id: request.headers.get('webhook-id'), event: event as Told['event'] })
    }
    return new Response(null, { status: receiver.status })
  })
  const platforms = new Map(['paris', 'rome'].map((store) => [store, openPlatform()]))
  for (const [store, platform] of platforms)
    listen(`${store}.${name}.test`, (request) => platform.fetch(request))
  const callers = [
    { name: 'erp', key: KEY, scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
    { name: 'other', key: 'rsk_other', scopes: ['read'], stores: ['*'] },
  ] as const
  const config = await configOf(
    { callers, stores: ['paris', 'rome'] },
    (store) => `https://${store}.${name}.test`,
  )
  const webhook = { name: 'orders', url: `https://erp.${name}.test/hook`, secret: SECRET }
  const [erp, other] = config.callers
  const bound: Bound = openBound({
    RESCIND_CONFIG: JSON.stringify({
      ...config,
      stores: config.stores.map((store) => ({ ...store, sweep: { everyMs: 10_000 } })),
      callers: [{ ...erp, webhooks: [{ ...webhook, events: ['*'] }] }, other],
    }),
  })
  onTestFinished(() => bound.host.close())
  const ask: Client = clientOf(bound.host, KEY)
  return { bound, ask, told, receiver, platforms }
}

const cancel = async (ask: Client, store: string, orderId = 'order_paid') =>
  (await ask('POST', '/v1/cancellations', { store, orderId })).body

it('every account’s object tells of its own, and the answer about a record says so', async () => {
  const { ask, told } = await open()
  const ids = [(await cancel(ask, 'paris')).id, (await cancel(ask, 'rome')).id]
  await until(
    async () => told.length,
    (number) => number === 2,
    15_000,
  )
  expect(told.map(({ event }) => [event.type, event.data['id']]).sort()).toEqual(
    ids.map((id) => ['cancellation.succeeded', id]).sort(),
  )
  const { body } = await until(
    () => ask('GET', `/v1/cancellations/${ids[0]}`),
    ({ body }) => body.deliveries[0].state === 'delivered',
    15_000,
  )
  expect(body.deliveries).toMatchObject([{ name: 'orders', type: 'cancellation.succeeded' }])
  expect((await ask('GET', '/v1/webhooks')).body.data).toMatchObject([
    { name: 'orders', enabled: true, pending: 0, lastResult: '204' },
  ])
})

it('a receiver that was away is told when it is back, by the clock alone', async () => {
  const { ask, told, receiver } = await open()
  receiver.status = 503
  const { id } = await cancel(ask, 'paris')
  await until(
    async () => (await ask('GET', '/v1/webhooks')).body.data[0],
    (webhook) => webhook.failingSince !== null,
    15_000,
  )
  receiver.status = 204
  await until(
    async () => told.length,
    (number) => number === 1,
    25_000,
  )
  expect(told[0]?.event.data['id']).toBe(id)
})

it('a test, a replay and being switched on are asked of all; another key has none', async () => {
  const { bound, ask, told } = await open()
  expect((await ask('POST', '/v1/webhooks/orders/test')).body).toEqual({
    delivered: true,
    result: '204',
  })
  await cancel(ask, 'paris')
  await cancel(ask, 'rome')
  await until(
    async () => told.length,
    (number) => number === 3,
    15_000,
  )
  await until(
    async () => (await ask('GET', '/v1/webhooks')).body.data[0].pending,
    (pending) => pending === 0,
    15_000,
  )
  const replay = await ask('POST', '/v1/webhooks/orders/replay', { since: '2025-01-01T00:00:00Z' })
  expect(replay.body).toEqual({ owed: 2 })
  await until(
    async () => told.length,
    (number) => number === 5,
    15_000,
  )
  expect(new Set(told.map(({ id }) => id)).size).toBe(3)
  expect((await ask('POST', '/v1/webhooks/orders/enable')).body.enabled).toBe(true)
  const other = clientOf(bound.host, 'rsk_other')
  expect((await other('GET', '/v1/webhooks')).body.data).toEqual([])
  expect((await other('POST', '/v1/webhooks/orders/test')).body.code).toBe('webhook-not-found')
})

it('an account that nobody asks is woken, and finds what was canceled at its platform', async () => {
  const { bound, ask, told, platforms } = await open()
  const tick = () => worker.scheduled({}, bound.bindings())
  await tick()
  await until(
    async () => (await ask('GET', '/v1/stores/rome')).body.notices.lastSweepAt,
    (at) => at !== null,
    15_000,
  )
  const rome = platforms.get('rome')
  const done = await rome?.fetch(
    new Request('https://rome.test/admin/orders/order_open/cancel', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('sk_sandbox:')}` },
    }),
  )
  expect(done?.status).toBe(200)
  await ask('POST', '/v1/stores/rome/sweep', { since: new Date(Date.now() - 60_000).toISOString() })
  await tick()
  await until(
    async () => told.length,
    (number) => number === 1,
    25_000,
  )
  expect(told[0]?.event.data).toMatchObject({
    origin: 'platform',
    store: 'rome',
    orderId: 'order_open',
    alreadyCanceled: true,
  })
})
