/**
 * SHOPLINE beyond the suite: what its imitation really did, archived orders, older versions, orders
 * by number, and settings.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { shopline } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { capabilitiesOf } from '../../src/adapter/contract.ts'
import { findOrders, preview, readOrder } from '../../src/gateway/read.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'

type Between = Parameters<typeof sandboxTransport>[1]

const start = (apiVersion = 'v20260601', between?: Between, options = {}) => {
  const sandbox = createSandbox()
  const calls: string[] = []
  const opened = openHarness(
    shopline,
    { ...sandbox.settings, apiVersion },
    sandboxTransport(sandbox, (request, pass) => {
      calls.push(`${request.method} ${new URL(request.url).search}`.trim())
      return between ? between(request, pass) : pass()
    }),
    options,
  )
  return { sandbox, calls, ...opened }
}

const ask = (body: object) => ({ ...CancelRequest.parse(body), store: 'case' })
const posts = (calls: readonly string[]) => calls.filter((call) => call === 'POST')

/** The gateway's and the imitation's: a test turns both. */
const stopClocks = () =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
afterEach(() => void vi.useRealTimers())

/** A client that has gone when its time is up, whatever the platform still does with its cancel. */
const hangUp =
  (arrive: () => void): Between =>
  (request, pass) => {
    if (request.method !== 'POST') return pass()
    const { promise: gone, reject } = Promise.withResolvers<never>()
    request.signal.addEventListener('abort', () => reject(new TypeError('fetch failed')))
    const reply = pass()
    arrive()
    return Promise.race([reply, gone])
  }

describe('shopline: cancel', () => {
  it.each([
    [true, 1],
    [false, 0],
    [null, 0],
  ])('notify %s mails %i times; three calls', async (notify, mails) => {
    const { sandbox, cancel, calls } = start()
    expect((await cancel({ orderId: 'paid', notify })).status).toBe('succeeded')
    expect(sandbox.mails).toHaveLength(mails)
    expect(calls).toEqual(['GET ?ids=paid&status=any', 'POST', 'GET ?ids=paid&status=any'])
  })

  it.each([
    [true, 'applied', 'confirmed'],
    [false, 'withheld', 'confirmed'],
    [null, 'withheld', 'confirmed'],
  ])('restock %s is %s, read back', async (restock, outcome, basis) => {
    const { cancel } = start()
    expect(
      (await cancel({ orderId: 'partially-refunded', restock })).effects.restock,
    ).toMatchObject({ outcome, basis })
  })

  it.each(['paid', 'paid-paypal', 'partially-refunded', 'authorized'])(
    '%s: no money moves, and that is read back',
    async (id) => {
      const { sandbox, cancel } = start()
      expect((await cancel({ orderId: id })).effects.payment).toMatchObject({
        outcome: 'withheld',
        basis: 'confirmed',
      })
      expect(sandbox.refunds).toEqual([])
    },
  )

  it.each(['v20230301', 'v20250301'])(
    '%s has no word for it: PayPal’s money goes back, and is reported',
    async (version) => {
      const { cancel, store } = start(version, async (request, pass) => {
        if (request.method === 'POST')
          expect(await request.clone().json()).toEqual({ email: false })
        return pass()
      })
      expect(store.capabilities.restock.can).toBe('never')
      const record = await cancel({ orderId: 'paid-paypal', restock: true })
      expect(record.effects).toMatchObject({
        payment: {
          outcome: 'automatic',
          basis: 'confirmed',
          amount: { amount: '129.00', currency: 'USD' },
        },
        restock: { outcome: 'unsupported' },
      })
    },
  )

  it('an archived order is found, canceled and found again', async () => {
    const { sandbox, cancel, calls } = start()
    expect(await cancel({ orderId: 'archived' })).toMatchObject({
      status: 'succeeded',
      order: { status: 'canceled' },
    })
    expect(calls).toEqual([
      'GET ?ids=archived&status=any',
      'GET ?ids=archived&status=any&hidden_order=true',
      'POST',
      'GET ?ids=archived&status=any&hidden_order=true',
    ])
    expect(sandbox.cancels.get('archived')).toBe(1)
  })

  it('a cancel that lands after we gave up is waited for, not repeated', async () => {
    stopClocks()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    const { sandbox, cancel, gateway, calls } = start('v20260601', hangUp(arrive), {
      callTimeoutMs: 300,
      settleMs: 4_500,
    })
    const canceling = cancel({ orderId: 'late', reason: 'Sold out' })
    await arrived
    await vi.advanceTimersByTimeAsync(300)
    const record = await canceling
    expect(record).toMatchObject({ status: 'in_doubt', attempts: [{ result: 'timeout' }] })
    expect(sandbox.cancels.size).toBe(0)
    await vi.advanceTimersByTimeAsync(4_400)
    await gateway.tick()
    // It has landed, and might have landed later still.
    expect(sandbox.cancels.get('late')).toBe(1)
    expect((await gateway.get(record.id)).status).toBe('in_doubt')
    await vi.advanceTimersByTimeAsync(200)
    await gateway.tick()
    expect(await gateway.get(record.id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: { reason: { outcome: 'applied' }, notify: { outcome: 'unverified' } },
    })
    expect(sandbox.cancels.get('late')).toBe(1)
    expect(posts(calls)).toHaveLength(1)
  })

  it('a cancel that never arrived is sent again, since a second one would be refused', async () => {
    let lost = 0
    const { sandbox, cancel, rest, calls } = start('v20260601', (request, pass) => {
      if (request.method === 'POST' && lost++ === 0) throw new TypeError('fetch failed')
      return pass()
    })
    expect(await rest((await cancel({ orderId: 'paid' })).id)).toMatchObject({
      status: 'succeeded',
      via: 'reply',
    })
    expect(sandbox.cancels.get('paid')).toBe(1)
    expect(posts(calls)).toHaveLength(2)
  })

  it('throttled: tried again by itself', async () => {
    stopClocks()
    const { sandbox, cancel, gateway } = start()
    const record = await cancel({ orderId: 'throttled' })
    expect(record).toMatchObject({
      status: 'accepted',
      attempts: [{ result: '429', unsent: true }],
    })
    await vi.advanceTimersByTimeAsync(1_000)
    await gateway.tick()
    expect(await gateway.get(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
    })
    expect(sandbox.cancels.get('throttled')).toBe(1)
  })
})

describe('shopline: reading', () => {
  it('finds orders by the number people see, archived ones too', async () => {
    const { store } = start()
    for (const number of ['1002', '#1002'])
      expect(await findOrders(store, number)).toMatchObject([{ id: 'paid', number: '1002' }])
    expect(await findOrders(store, '1010')).toMatchObject([{ id: 'archived' }])
    for (const number of ['9999', '100', '', '#', 'a&b=c'])
      expect(await findOrders(store, number), number).toEqual([])
  })

  it('drops what a filter that was ignored lets through', async () => {
    const { store } = start('v20260601', (request, pass) => {
      const url = new URL(request.url)
      return url.searchParams.has('name')
        ? pass().then(async () =>
            Response.json({
              orders: [
                { id: '1', name: '7' },
                { id: '2', name: '#8' },
              ],
            }),
          )
        : pass()
    })
    expect((await findOrders(store, '#8')).map(({ id }) => id)).toEqual(['2'])
    expect(await findOrders(store, '9')).toEqual([])
  })

  it('gives the platform’s own reply, the buyer, UTC times, and no line total', async () => {
    const { store } = start()
    const { raw, order } = await readOrder(store, 'paid')
    expect(raw).toMatchObject({
      order: { id: 'paid', tags: '[]', line_items: [{ location_id: '7683107397838218873' }, {}] },
    })
    expect(order).toMatchObject({
      createdAt: '2026-09-02T13:53:15.000Z',
      customer: { id: null, email: 'buyer@example.com', name: null, phone: null },
      lines: [{ total: null }, { total: null }],
    })
  })

  it.each([
    [
      {
        customer: {
          id: '42',
          email: 'a@shop.example',
          first_name: 'Ada',
          last_name: 'Berg',
          phone: '1',
        },
      },
      { id: '42', email: 'a@shop.example', name: 'Ada Berg', phone: '1' },
    ],
    [
      {
        customer: { first_name: 'null', last_name: 'Berg' },
        email: 'null',
        user_id: '42',
        phone: '2',
      },
      { id: '42', email: null, name: 'Berg', phone: '2' },
    ],
    [
      { email: '', shipping_address: { name: 'Ada Berg', phone: '3' } },
      { id: null, email: null, name: 'Ada Berg', phone: '3' },
    ],
    [
      { email: null, shipping_address: { first_name: 'Ada' } },
      { id: null, email: null, name: 'Ada', phone: null },
    ],
    [{ email: 'null' }, null],
  ])('takes the buyer from %j', async (change, customer) => {
    const { store } = start('v20260601', async (_, pass) => {
      const { orders } = (await (await pass()).json()) as any
      return Response.json({ orders: orders.map((order: object) => ({ ...order, ...change })) })
    })
    expect((await readOrder(store, 'paid')).order.customer).toEqual(customer)
  })

  it('says of a list that is not there what to look at', async () => {
    const { store } = start('v20260601', async () =>
      Response.json({ errors: 'The API version does not exist.' }, { status: 404 }),
    )
    await expect(readOrder(store, 'paid')).rejects.toMatchObject({
      problem: {
        code: 'platform-unavailable',
        detail: expect.stringContaining('apiVersion'),
        upstream: { status: 404 },
      },
    })
  })

  it('previews a payment as unverified, and says why', async () => {
    const { store } = start()
    const payment = async (orderId: string, refund: boolean | null = null) =>
      (await preview(store, ask({ orderId, refund }), false)).effects.payment
    expect(await payment('paid')).toMatchObject({
      outcome: 'unverified',
      detail: expect.stringMatching(/told to send nothing back.* 129\.00 USD/),
    })
    expect(await payment('paid', true)).toMatchObject({
      outcome: 'unverified',
      detail: expect.stringContaining('asked to send 129.00 USD back'),
    })
    expect(await payment('partially-refunded', true)).toMatchObject({
      detail: expect.stringContaining('asked to send 100.00 USD back'),
    })
    expect(await payment('refunded', true)).toMatchObject({ outcome: 'not_applicable' })
    expect((await preview(store, ask({ orderId: 'open' }), false)).effects.payment).toMatchObject({
      outcome: 'withheld',
      basis: 'documented',
    })
    const old = start('v20230301')
    expect(
      (await preview(old.store, ask({ orderId: 'paid', restock: false }), false)).effects,
    ).toMatchObject({ restock: { outcome: 'unverified' }, payment: { outcome: 'unverified' } })
    expect(
      (await preview(old.store, ask({ orderId: 'paid', restock: true }), false)).effects,
    ).toMatchObject({ restock: { outcome: 'unsupported' } })
  })

  it.each([
    [{ errors: 'Too many request' }, null, 'Too many request'],
    [{ errors: ['one', 'two'] }, null, 'one, two'],
    [{ errors: { restock: ['a', 'b'], email: 'c' } }, null, 'restock: a, b; email: c'],
    [{ code: 'X', message: 'y' }, 'X', 'y'],
    [{ code: 422, message: 'y' }, '422', 'y'],
    [{ errors: 7 }, null, null],
    [null, null, null],
    ['text', null, null],
  ])('reads the error %j', (body, code, message) =>
    expect(shopline.readError(body)).toEqual({ code, message }),
  )
})

describe('shopline: settings', () => {
  const settings = { shop: 'apron-house', accessToken: 't', apiVersion: 'v20260601' }
  const parse = (more: object) => shopline.settings.parse({ ...settings, ...more })
  it('speaks to the shop’s own host, unless told otherwise', () => {
    expect(shopline.baseUrl(parse({}))).toBe('https://apron-house.myshopline.com')
    expect(shopline.baseUrl(parse({ shop: 'APRON' }))).toBe('https://apron.myshopline.com')
    expect(shopline.baseUrl(parse({ baseUrl: 'https://proxy.example/line/' }))).toBe(
      'https://proxy.example/line',
    )
  })
  it('takes restock away from the versions that lack it', () => {
    expect(
      ['v20230301', 'v20250301', 'v20250601', 'v20260601'].map(
        (apiVersion) => capabilitiesOf(shopline, parse({ apiVersion })).restock.can,
      ),
    ).toEqual(['never', 'never', 'choose', 'choose'])
  })
  it.each([
    { shop: 'apron.house' },
    { shop: 'a/b' },
    { shop: '' },
    { apiVersion: '20260601' },
    { apiVersion: 'v2026-06' },
    { apiVersion: 'v20260601/..' },
    { accessToken: '' },
    { secret: 'x' },
  ])('refuses %j', (wrong) => {
    expect(shopline.settings.safeParse({ ...settings, ...wrong }).success).toBe(false)
  })
})
