/** Kept in step over HTTP: what platforms send, which orders are one sale, and who may know of it. */
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf, type Host, until } from './host.ts'
import { openNode } from './node.ts'

const SECRET = `whsec_${btoa('a secret of thirty-two bytes here')}`
const TOKEN = 'a-token-that-stands-in-the-address-of-the-hook'
const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
  { name: 'paris-only', key: 'rsk_paris', scopes: ['read', 'cancel'], stores: ['paris'] },
] as const

let host: Host
let ask: Client
let near: Client
beforeAll(async () => {
  host = await openNode({
    callers,
    stores: ['paris', 'rome'],
    settings: { webhookSecret: SECRET, webhookToken: TOKEN },
  })
  ask = clientOf(host, 'rsk_erp')
  near = clientOf(host, 'rsk_paris')
})
afterAll(() => host.close())

const noticesOf = async (store: string) => (await ask('GET', `/v1/stores/${store}`)).body.notices

/** What the platform sends, signed as it signs. */
const send = (path: string, body: string, change: (headers: Headers) => void = () => {}) => {
  const at = new Date()
  const headers = new Headers({
    'content-type': 'application/json',
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(SECRET).sign('msg_1', at, body),
  })
  change(headers)
  return host.fetch(new Request(`http://gateway.test${path}`, { method: 'POST', body, headers }))
}
const told = (orderId: string) => JSON.stringify({ type: 'order.canceled', data: { orderId } })

describe('POST /hooks/{store}', () => {
  it('200 without a body, once it is written down; the order is looked at', async () => {
    const reply = await send('/hooks/paris', told('order_open'))
    expect([reply.status, await reply.text()]).toEqual([200, ''])
    expect((await noticesOf('paris')).lastAt).not.toBeNull()
    await until(
      async () => (await noticesOf('paris')).waiting as number,
      (waiting) => waiting === 0,
      15_000,
    )
  })

  it.each([
    [
      'another body',
      '/hooks/rome',
      told('order_paid'),
      (headers: Headers) => headers.set('webhook-id', 'msg_2'),
    ],
    [
      'no signature',
      '/hooks/rome',
      told('order_paid'),
      (headers: Headers) => headers.delete('webhook-signature'),
    ],
    [
      'an old one',
      '/hooks/rome',
      told('order_paid'),
      (headers: Headers) => headers.set('webhook-timestamp', '1700000000'),
    ],
    ['nothing at all', '/hooks/rome', '', () => {}],
    ['another token', `/hooks/rome/${TOKEN}x`, told('order_paid'), () => {}],
  ] as const)('401 for %s, counted, and nothing is written', async (_, path, body, change) => {
    const before = (await noticesOf('rome')).refused
    const reply = await send(path, body, change)
    const answer = (await reply.json()) as { code: string; acted: string }
    expect([reply.status, answer.code, answer.acted]).toEqual([401, 'unauthenticated', 'no'])
    expect(await noticesOf('rome')).toMatchObject({ refused: before + 1, lastAt: null, waiting: 0 })
  })

  it('the token of the address is enough, since a notice is only a reason to look', async () => {
    const reply = await send(`/hooks/paris/${TOKEN}`, '{"id":"order_open"}', (headers) =>
      headers.delete('webhook-signature'),
    )
    expect(reply.status).toBe(200)
  })

  it('404 for a store that is none, 413 for more than a mebibyte, 405 for a GET', async () => {
    expect((await send('/hooks/nowhere', told('order_open'))).status).toBe(404)
    expect((await send('/hooks/paris', 'x'.repeat(1_048_577))).status).toBe(413)
    expect((await host.fetch(new Request('http://gateway.test/hooks/paris'))).status).toBe(405)
  })
})

describe('/v1/links', () => {
  const members = (orderId: string) => [
    { store: 'paris', orderId, stage: 1 },
    { store: 'rome', orderId, stage: 2 },
  ]
  const put = (name: string, orderId: string, by = ask) =>
    by('PUT', `/v1/links/${name}`, { members: members(orderId) })

  it('201 for a new one, 200 for the same again, 409 where an order is in another', async () => {
    const first = await put('SO-1', 'order_paid-1')
    expect([first.status, first.body]).toMatchObject([
      201,
      { name: 'SO-1', status: 'open', follow: 'tell', members: [{ stage: 1 }, { stage: 2 }] },
    ])
    expect((await put('SO-1', 'order_paid-1')).status).toBe(200)
    expect((await put('SO-2', 'order_paid-1')).body).toMatchObject({ code: 'already-linked' })
    expect((await ask('GET', '/v1/links/SO-1')).body.members[0].cancellation).toBeNull()
    expect((await ask('DELETE', '/v1/links/SO-1')).status).toBe(204)
    expect((await ask('GET', '/v1/links/SO-1')).body.code).toBe('link-not-found')
  })

  it('a key that does not reach every store sees none, puts none and learns no name', async () => {
    for (const name of ['far-1', 'far-2', 'far-3']) await put(name, `order_paid-${name}`)
    for (const path of ['/v1/links/far-1', '/v1/links/far-2'])
      expect((await near('GET', path)).body.code).toBe('link-not-found')
    const { body } = await near('GET', '/v1/links?limit=1')
    expect(body).toEqual({ data: [], nextCursor: null })
    expect((await put('near', 'order_paid-9', near)).body.code).toBe('store-not-found')
    const names = new Set<string>()
    for (let cursor = ''; ;) {
      const page = (await ask('GET', `/v1/links?limit=1${cursor}`)).body
      for (const { name } of page.data) names.add(name)
      if (page.nextCursor === null) break
      cursor = `&cursor=${page.nextCursor}`
    }
    expect([...names]).toEqual(expect.arrayContaining(['far-1', 'far-2', 'far-3']))
  })

  it.each([
    [{ members: [] }, '/members'],
    [{ members: members('order_open').slice(1) }, '/members'],
    [{ members: [...members('order_open'), members('order_open')[0]] }, '/members/2/orderId'],
    [{ members: members('a b') }, '/members/0/orderId'],
    [{ members: members('order_open'), follow: 'perhaps' }, '/follow'],
  ])('400 for %j, and nothing is written', async (body, pointer) => {
    const answer = await ask('PUT', '/v1/links/bad', body)
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer])
    expect((await ask('GET', '/v1/links/bad')).status).toBe(404)
  })
})

describe('a cancel of a linked order', () => {
  const link = (orders: readonly [string, string]) =>
    ask('PUT', `/v1/links/${orders[0]}`, {
      members: [
        { store: 'paris', orderId: orders[0], stage: 1 },
        { store: 'rome', orderId: orders[1], stage: 2 },
      ],
    })
  const cancel = (orderId: string, more: object = {}, by = ask) =>
    by('POST', '/v1/cancellations', { store: 'paris', orderId, ...more }, { prefer: 'wait=20' })

  it('201 only once all are canceled; the answer names the link', async () => {
    await link(['order_paid-11', 'order_paid-12'])
    const preview = await ask('POST', '/v1/cancellations/preview', {
      store: 'paris',
      orderId: 'order_paid-11',
    })
    expect(preview.body.linked).toMatchObject([
      { store: 'rome', orderId: 'order_paid-12', stage: 2, cancelable: true },
    ])
    const { status, body } = await cancel('order_paid-11')
    expect([status, body.link]).toEqual([201, { name: 'order_paid-11', status: 'canceled' }])
    expect(host.platform('rome').cancels.get('order_paid-12')).toBe(1)
  })

  it('409 where another cannot be canceled: nothing is sent anywhere', async () => {
    await link(['order_paid-21', 'order_shipped'])
    const { status, body } = await cancel('order_paid-21')
    expect([status, body.code, body.cause, body.acted]).toEqual([
      409,
      'order-not-cancelable',
      'linked_refused',
      'no',
    ])
    expect(host.platform('paris').cancels.has('order_paid-21')).toBe(false)
  })

  it('409 that says of each what is true, where each goes for itself and one is refused', async () => {
    await link(['order_paid-31', 'order_shipped-1'])
    const { status, body } = await cancel('order_paid-31', { linked: 'each' })
    expect([status, body.code, body.retryable, body.acted]).toEqual([
      409,
      'linked-diverged',
      true,
      'yes',
    ])
    expect(body.errors.map(({ detail }: { detail: string }) => detail)).toEqual([
      'order order_paid-31 of the store paris: canceled',
      'order order_shipped-1 of the store rome: open',
    ])
  })

  it('a key that does not reach all cancels alone, is told of no link, and may not ask for it', async () => {
    await link(['order_paid-41', 'order_paid-42'])
    const asked = await cancel('order_paid-41', { linked: 'all' }, near)
    expect([asked.status, asked.body.code]).toEqual([403, 'forbidden'])
    const { status, body } = await cancel('order_paid-41', {}, near)
    expect([status, body.status, body.link]).toEqual([201, 'succeeded', null])
    expect(host.platform('rome').cancels.has('order_paid-42')).toBe(false)
  })

  it('an order that was taken out of its link is told of without it', async () => {
    await link(['order_paid-51', 'order_paid-52'])
    const body = { store: 'paris', orderId: 'order_paid-51', linked: 'each' }
    const key = { 'idempotency-key': 'out', prefer: 'wait=20' }
    const { id } = (await ask('POST', '/v1/cancellations', body, key)).body
    const members = [
      { store: 'paris', orderId: 'order_paid-53', stage: 1 },
      { store: 'rome', orderId: 'order_paid-54', stage: 2 },
    ]
    expect((await ask('PUT', '/v1/links/order_paid-51', { members })).status).toBe(200)
    const again = await ask('POST', '/v1/cancellations', body, key)
    expect([again.status, again.body.link]).toEqual([200, null])
    const { data } = (await ask('GET', '/v1/cancellations?orderId=order_paid-51')).body
    expect([data[0].id, data[0].link]).toEqual([id, null])
  })
})
