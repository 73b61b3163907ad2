/**
 * One buyer's data is erased: of texts that were planted in everything that takes one nothing is left
 * in the bytes of the ledger, and no order is canceled twice for it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { describeRedis, startRedis } from '../ledger/redis-server.ts'
import { type Client, clientOf, configOf, until } from './host.ts'
import { serve } from './node.ts'
import { openPlatform } from './platform.ts'
import { openProgram, type Program } from './program.ts'

const CANARY = 'canaria'
const WORDS = {
  reason: `${CANARY} reason`,
  notify: true,
  message: `${CANARY} message`,
  reference: `${CANARY}-reference`,
}
const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
] as const

const open = async (env: Record<string, string> = {}) => {
  const platform = openPlatform()
  const shop = await serve(platform)
  const receiver = await serve({ fetch: () => new Response(null, { status: 204 }) })
  const config = await configOf({ callers, stores: ['paris', 'rome'] }, () => shop.url)
  const webhook = {
    name: 'orders',
    url: `${receiver.url}/hooks`,
    secret: Buffer.from('0123456789abcdef0123456789abcdef').toString('base64'),
    events: ['*'],
    allowHttp: true,
    allowPrivate: true,
  }
  const gateway = await openProgram(
    { ...config, callers: config.callers.map((one) => ({ ...one, webhooks: [webhook] })) },
    undefined,
    { env },
  )
  onTestFinished(async () => {
    await gateway.close()
    await Promise.all([shop.close(), receiver.close()])
  })
  return { gateway, platform, ask: clientOf(gateway, 'rsk_erp') }
}

/** Plants the canary wherever a text is taken, about these orders. */
const plant = async (ask: Client): Promise<string[]> => {
  const cancel = (orderId: string, more: object = {}, headers = {}) =>
    ask('POST', '/v1/cancellations', { store: 'paris', orderId, ...WORDS, ...more }, headers)
  await cancel('order_paid', {}, { 'idempotency-key': 'kept' })
  await cancel('order_paid', { restock: true })
  const needs = await cancel('order_400-after-refund')
  const id = needs.body.cancellation.split('/').at(-1)
  await ask('POST', `/v1/cancellations/${id}/resolve`, {
    as: 'not_canceled',
    note: `${CANARY} note`,
  })
  await cancel('order_nobody', {}, { 'idempotency-key': 'refused' })
  const items = ['order_open-row', 'order_nobody-row'].map((orderId) => ({
    store: 'paris',
    orderId,
    ...WORDS,
  }))
  const { body } = await ask('POST', '/v1/batches', { items })
  await until(
    () => ask('GET', `/v1/batches/${body.id}`),
    (answer) => answer.body.finishedAt !== null,
    20_000,
  )
  await ask('PUT', '/v1/links/SO-1', {
    members: [
      { store: 'paris', orderId: 'order_open-link', notify: true, message: `${CANARY} link` },
      { store: 'rome', orderId: 'order_open-link' },
    ],
  })
  const orderIds = ['order_paid', 'order_400-after-refund', 'order_nobody']
  return [...orderIds, ...items.map(({ orderId }) => orderId), 'order_open-link']
}

const bytesOf = ({ folder }: Program): string =>
  readdirSync(folder)
    .filter((name) => name.startsWith('ledger.db'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('')

/** Everything that a Redis holds, as text. */
const everythingIn = async (url: string): Promise<string> => {
  const redis = new Redis(url)
  const found: unknown[] = []
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key)
    found.push(
      key,
      type === 'hash'
        ? await redis.hgetall(key)
        : type === 'zset'
          ? await redis.zrange(key, '0', '-1')
          : type === 'set'
            ? await redis.smembers(key)
            : type === 'list'
              ? await redis.lrange(key, 0, -1)
              : await redis.get(key),
    )
  }
  redis.disconnect()
  return JSON.stringify(found)
}

const eraseAll = async (
  { ask, platform }: Awaited<ReturnType<typeof open>>,
  read: () => string | Promise<string>,
) => {
  const orderIds = await plant(ask)
  expect(await read()).toContain(CANARY)
  const erase = () => ask('POST', '/v1/erasures', { store: 'paris', orderIds })
  const { status, body } = await erase()
  expect([status, body]).toEqual([200, { records: 6, rows: 2, deliveries: 6, links: 1, keys: 0 }])
  expect(await read()).not.toContain(CANARY)
  // A repeat finds nothing more to do.
  expect((await erase()).body).toEqual({ records: 0, rows: 0, deliveries: 0, links: 0, keys: 0 })

  // The promise stands: the same request is answered by its record, and nothing is sent again.
  const sent = platform.cancels.get('order_paid')
  const again = await ask(
    'POST',
    '/v1/cancellations',
    { store: 'paris', orderId: 'order_paid', ...WORDS },
    { 'idempotency-key': 'kept' },
  )
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
  expect(again.body).toMatchObject({
    status: 'succeeded',
    reason: null,
    message: null,
    reference: null,
    erasedAt: expect.any(String),
    effects: { payment: { outcome: 'automatic', amount: expect.anything() } },
  })
  await ask('POST', '/v1/cancellations', { store: 'paris', orderId: 'order_paid' })
  expect(platform.cancels.get('order_paid')).toBe(sent)
  const refused = await ask(
    'POST',
    '/v1/cancellations',
    { store: 'paris', orderId: 'order_nobody', ...WORDS },
    { 'idempotency-key': 'refused' },
  )
  expect([refused.status, refused.body.code]).toEqual([404, 'order-not-found'])
  const { text } = await ask('GET', '/v1/audit/export')
  expect(text).toContain('"buyer.erased"')
  expect(text).not.toContain(CANARY)
}

it('of SQLite’s file and its log no byte of it is left', async () => {
  const opened = await open()
  await eraseAll(opened, () => bytesOf(opened.gateway))
})

it('while a cancellation or a row is open nothing is erased, and it says of what', async () => {
  const { ask, platform } = await open()
  platform.mood = 'away'
  const waiting = await ask(
    'POST',
    '/v1/cancellations',
    { store: 'paris', orderId: 'order_open', ...WORDS },
    { prefer: 'wait=0' },
  )
  const { body: batch } = await ask('POST', '/v1/batches', {
    items: Array.from({ length: 9 }, (_, index) => ({
      store: 'rome',
      orderId: `order_open-${index}`,
    })),
  })
  const erase = (store: string, ...orderIds: string[]) =>
    ask('POST', '/v1/erasures', { store, orderIds })
  const open1 = await erase('paris', 'order_open')
  expect([open1.status, open1.body.code, open1.body.cancellation]).toEqual([
    409,
    'cancellation-conflict',
    `/v1/cancellations/${waiting.body.id}`,
  ])
  const row = await erase('rome', 'order_open-8')
  expect([row.status, row.body.detail]).toEqual([409, expect.stringContaining(batch.id)])
  const { body } = await ask('GET', `/v1/cancellations/${waiting.body.id}`)
  expect(body).toMatchObject(WORDS)
  platform.mood = 'well'
})

it.each([
  [{ store: 'paris', orderIds: [] }, 400, '/orderIds'],
  [{ store: 'paris', orderIds: ['a b'] }, 400, '/orderIds/0'],
  [{ store: 'paris', orderIds: ['a'], email: 'x@y.z' }, 400, '/email'],
  [{ orderIds: ['a'] }, 400, '/store'],
])('%j is refused, and says where', async (body, status, pointer) => {
  const { ask } = await open()
  const answer = await ask('POST', '/v1/erasures', body)
  expect([answer.status, answer.body.errors[0].pointer]).toEqual([status, pointer])
})

describeRedis('in Redis', () => {
  it('no key holds it any more', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.remove())
    const opened = await open({ RESCIND_LEDGER: redis.url })
    await eraseAll(opened, () => everythingIn(redis.url))
  })
})
