/**
 * Shoplazza beyond the suite: both generations of its API, what its imitation really did, orders by
 * number, and settings.
 */
import { describe, expect, it } from 'vitest'
import { shoplazza } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { findOrders, preview, readOrder } from '../../src/gateway/read.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'

type Between = Parameters<typeof sandboxTransport>[1]

const start = (apiVersion = '2022-01', between?: Between, options = {}) => {
  const sandbox = createSandbox()
  const calls: string[] = []
  const opened = openHarness(
    shoplazza,
    { ...sandbox.settings, apiVersion },
    sandboxTransport(sandbox, (request, pass) => {
      calls.push(`${request.method} ${new URL(request.url).pathname}`)
      return between ? between(request, pass) : pass()
    }),
    options,
  )
  return { sandbox, calls, ...opened }
}

const ask = (body: object) => ({ ...CancelRequest.parse(body), store: 'case' })

describe.each(['2022-01', '2025-06', '2026-01'])('shoplazza %s', (version) => {
  it.each(['open', 'paid', 'authorized', 'partially-refunded'])(
    '%s: canceled once; nothing refunded or mailed, and reported so',
    async (id) => {
      const { sandbox, cancel, calls } = start(version)
      const record = await cancel({ orderId: id, reason: 'Wrong size ordered' })
      expect(record).toMatchObject({
        status: 'succeeded',
        via: 'reply',
        order: { status: 'canceled' },
      })
      expect(record.effects).toMatchObject({
        reason: { outcome: 'applied' },
        restock: { outcome: 'unverified' },
        notify: { outcome: 'unverified' },
        payment: { outcome: 'withheld', basis: id === 'open' ? 'reported' : 'confirmed' },
      })
      expect(sandbox.cancels.get(id)).toBe(1)
      expect([...sandbox.mails, ...sandbox.refunds]).toEqual([])
      const look = `GET /openapi/${version}/orders/${id}`
      expect(calls).toEqual([
        look,
        `POST /openapi/${version}/orders/${id}/cancel`,
        ...(id === 'open' ? [] : [look]),
      ])
    },
  )

  it.each(['canceled', 'canceled-paid'])('%s: nothing sent', async (id) => {
    const { sandbox, cancel, calls } = start(version)
    expect(await cancel({ orderId: id })).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
    })
    expect(calls).toHaveLength(1)
    expect(sandbox.cancels.size).toBe(0)
  })

  it.each([
    ['finished', 'completed', 1],
    ['fulfilled', 'refused', 3],
  ])('%s: rejected, %s, after %i calls', async (id, cause, count) => {
    const { cancel, calls } = start(version)
    expect(await cancel({ orderId: id })).toMatchObject({
      status: 'rejected',
      problem: { code: 'order-not-cancelable', cause },
    })
    expect(calls).toHaveLength(count)
  })

  it('a 500 that hides a cancel is found out by looking', async () => {
    const { sandbox, cancel, rest } = start(version)
    const record = await rest((await cancel({ orderId: 'deadline', reason: 'Sold out' })).id)
    expect(record).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: { reason: { outcome: 'applied', basis: 'confirmed' } },
    })
    expect(sandbox.cancels.get('deadline')).toBe(1)
  })

  it('a 500 that did nothing: a person is asked, since a second cancel is unknown', async () => {
    const { cancel, rest, calls } = start(version)
    expect(await rest((await cancel({ orderId: 'aborted' })).id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect(calls.filter((call) => call.startsWith('POST'))).toHaveLength(1)
  })

  it('the same where the store says resend: sent again after two unchanged looks', async () => {
    const { cancel, rest, calls } = start(version, undefined, { onDoubt: 'resend' })
    expect(await rest((await cancel({ orderId: 'aborted' })).id)).toMatchObject({
      status: 'succeeded',
      via: 'reply',
    })
    expect(calls.filter((call) => call.startsWith('POST'))).toHaveLength(2)
  })

  it('throttled: tried again by itself', async () => {
    const { sandbox, cancel, rest } = start(version)
    const record = await cancel({ orderId: 'throttled' })
    expect(record).toMatchObject({
      status: 'accepted',
      attempts: [{ result: '429', unsent: true }],
    })
    expect(await rest(record.id)).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
    expect(sandbox.cancels.get('throttled')).toBe(1)
  })

  it('finds an order by the number people see', async () => {
    const { store } = start(version)
    for (const number of ['00000002', '#00000002'])
      expect(await findOrders(store, number)).toMatchObject([{ id: 'paid', number: '00000002' }])
    for (const number of ['99999999', '2', '#', '..', 'a b', 'a/b', '#'.repeat(64)])
      expect(await findOrders(store, number), number).toEqual([])
  })

  it('does not take another number’s order for it', async () => {
    const { store } = start(version, async (request, pass) =>
      request.url.includes('/number/')
        ? start(version).sandbox.app.fetch(
            new Request(request.url.replace('00000002', '00000003'), request),
          )
        : pass(),
    )
    await expect(findOrders(store, '00000002')).rejects.toMatchObject({
      problem: { code: 'platform-unavailable' },
    })
  })

  it('knows a store that is not active', async () => {
    const { sandbox, cancel } = start(version)
    sandbox.switches.active = false
    expect(await cancel({ orderId: 'open' })).toMatchObject({
      status: 'rejected',
      problem: {
        code: 'platform-credentials',
        retryable: true,
        upstream: { message: 'store is not active' },
      },
    })
  })
})

/**
 * The reply to the cancel is lost; afterwards the order is finished and shows neither a time nor a
 * reason.
 */
const silent =
  (bare = true): Between =>
  async (request, pass) => {
    const reply = await pass()
    if (request.method === 'POST') throw new TypeError('fetch failed')
    const text = await reply.text()
    return new Response(
      bare ? text.replaceAll(/"(canceled_at|cancel_reason)":"[^"]*"/g, '"$1":null') : text,
      { status: reply.status, headers: { 'content-type': 'application/json' } },
    )
  }

describe('shoplazza: finished', () => {
  it('since our call and without a sign is neither a yes nor a no', async () => {
    const { sandbox, cancel, rest } = start('2022-01', silent())
    const record = await rest((await cancel({ orderId: 'paid' })).id)
    expect(record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
      order: { status: 'completed' },
    })
    expect(sandbox.cancels.get('paid')).toBe(1)
  })

  it('since our call and with a sign is a yes', async () => {
    const { cancel, rest } = start('2022-01', silent(false))
    expect(await rest((await cancel({ orderId: 'paid' })).id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: { payment: { outcome: 'withheld', basis: 'confirmed' } },
    })
  })

  it('before our call and without a sign is a no, however often it is looked at', async () => {
    const { cancel, gateway } = start()
    const { id } = await cancel({ orderId: 'finished' })
    expect(await gateway.get(id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'completed' },
    })
  })
})

describe('shoplazza: reading', () => {
  it('gives the platform’s own reply, envelope apart, and the buyer', async () => {
    const { store } = start('2026-01')
    const { raw, order } = await readOrder(store, 'paid')
    expect(raw).toMatchObject({
      order: {
        id: 'paid',
        tags: '',
        browser_ip: '192.0.2.7',
        line_items: [{ product_slug: 'mug' }],
      },
    })
    expect(order.customer).toEqual({
      id: '00000000-0000-4000-8000-000000000007',
      email: 'buyer@example.com',
      name: 'Ada Berg',
      phone: '202-555-0143',
    })
  })

  it('takes the buyer from the address where no customer is, and nobody from nowhere', async () => {
    const bend =
      (change: (order: any) => void): Between =>
      async (_, pass) => {
        const body = (await (await pass()).json()) as any
        change(body.order)
        return Response.json(body)
      }
    const bare = start(
      '2022-01',
      bend((order) => {
        order.customer = null
      }),
    )
    expect((await readOrder(bare.store, 'paid')).order.customer).toEqual({
      id: null,
      email: 'buyer@example.com',
      name: 'Ada Berg',
      phone: '202-555-0143',
    })
    const nobody = start(
      '2022-01',
      bend((order) => {
        order.customer = { email: '' }
        order.shipping_address = undefined
      }),
    )
    expect((await readOrder(nobody.store, 'paid')).order.customer).toBeNull()
  })

  it('previews the unknown as unverified, and a wish without a way as unsupported', async () => {
    const { store } = start()
    const effects = async (body: object) =>
      (await preview(store, ask({ orderId: 'paid', ...body }), false)).effects
    expect(await effects({ notify: true, restock: true })).toMatchObject({
      notify: { outcome: 'unsupported' },
      restock: { outcome: 'unverified' },
      payment: { outcome: 'unverified' },
    })
    expect(await effects({ notify: false })).toMatchObject({
      notify: { outcome: 'unverified', honored: null },
    })
    expect((await preview(store, ask({ orderId: 'open' }), false)).effects.payment).toMatchObject({
      outcome: 'withheld',
      basis: 'documented',
    })
  })

  it.each([
    [{ errors: ['Unable to find resource'] }, null, 'Unable to find resource'],
    [{ errors: ['one', 'two'] }, null, 'one, two'],
    [{ errors: 'plain' }, null, 'plain'],
    [{ error: 'store is not active' }, null, 'store is not active'],
    [
      { errors: { address: ["can't be blank", 'is invalid'], topic: 'missing' } },
      null,
      "address: can't be blank, is invalid; topic: missing",
    ],
    [
      { code: 'InvalidParameter', message: 'Order id is required.' },
      'InvalidParameter',
      'Order id is required.',
    ],
    [{ code: 5, message: 'data not found', details: [] }, 'NotFound', 'data not found'],
    [{ code: 16, message: 'x' }, 'Unauthenticated', 'x'],
    [{ code: 99, message: 'x' }, '99', 'x'],
    [
      { errors: ['rpc error: code = DeadlineExceeded desc = late'] },
      'DeadlineExceeded',
      'rpc error: code = DeadlineExceeded desc = late',
    ],
    [{ errors: [7] }, null, null],
    [{ errors: null, error: 7 }, null, null],
    [null, null, null],
    ['text', null, null],
    [[], null, null],
  ])('reads the error %j', (body, code, message) =>
    expect(shoplazza.readError(body)).toEqual({ code, message }),
  )
})

describe('shoplazza: settings', () => {
  const settings = { shop: 'mug-house', accessToken: 't', apiVersion: '2022-01' }
  const base = (more: object) =>
    shoplazza.baseUrl(shoplazza.settings.parse({ ...settings, ...more }))
  it('speaks to the shop’s own host, unless told otherwise', () => {
    expect(base({})).toBe('https://mug-house.myshoplaza.com')
    expect(base({ shop: 'MUG' })).toBe('https://mug.myshoplaza.com')
    expect(base({ baseUrl: 'https://proxy.example/lazza/' })).toBe('https://proxy.example/lazza')
  })
  it.each([
    { shop: 'mug.house' },
    { shop: 'mug/house' },
    { shop: '' },
    { shop: '-mug' },
    { shop: 'x@y' },
    { apiVersion: 'v2022-01' },
    { apiVersion: '2022-1' },
    { apiVersion: '2022-01/..' },
    { accessToken: '' },
    { accessToken: 'a b' },
    { secret: 'x' },
  ])('refuses %j', (wrong) => {
    expect(shoplazza.settings.safeParse({ ...settings, ...wrong }).success).toBe(false)
  })
})
