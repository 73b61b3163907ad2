/**
 * Shopify beyond the suite: ids, what is foretold and sent, logins, searches, poor replies, and
 * orders that are older than what is shown.
 */
import { describe, expect, it } from 'vitest'
import { findOrders } from '../../src/gateway/read.ts'
import { createApp } from '../../src/http/app.ts'
import { shopify } from './index.ts'
import { toOrder } from './map.ts'
import { createSandbox } from './sandbox/index.ts'
import { start } from './shops.fixture.ts'
import * as wire from './wire.ts'

describe('ids', () => {
  it.each([
    ['7', '7'],
    ['gid://shopify/Order/7', '7'],
    ['820982911946154508', '820982911946154508'],
    ['gid://shopify/Order/820982911946154508', '820982911946154508'],
    ['open-7', 'open-7'],
    ['gid://shopify/Order/open-7', 'open-7'],
    ['007', null],
    ['0', null],
    ['-7', null],
    ['#1001', null],
    ['gid://shopify/DraftOrder/7', null],
    ['gid://shopify/Order/7?x=1', null],
    ['gid://shopify/Order/gid://shopify/Order/7', null],
    ['gid://other/Order/7', null],
    ['12345678901234567890', null],
  ])('%s is %s', (id, spelled) => expect(shopify.canonicalId?.(id)).toBe(spelled))

  it('are one order over HTTP, in either spelling', async () => {
    const { gateway, sandbox } = start()
    const app = createApp({ gateway, ready: async () => {}, callers: null, adapters: [shopify] })
    const post = async (orderId: string) => {
      const reply = await app.request('/v1/cancellations', {
        method: 'POST',
        headers: { 'content-type': 'application/json', prefer: 'wait=0' },
        body: JSON.stringify({ store: 'case', orderId }),
      })
      return { status: reply.status, body: (await reply.json()) as any }
    }
    const [one, other] = [await post('gid://shopify/Order/paid'), await post('paid')]
    expect([one.status, one.body.orderId]).toEqual([202, 'paid'])
    expect(other.body.id).toBe(one.body.id)
    await gateway.idle(one.body.id)
    expect(sandbox.taken.get('paid')).toBe(1)
    const read = async (id: string) =>
      (await app.request(`/v1/stores/case/orders/${encodeURIComponent(id)}`)).json()
    expect(await read('gid://shopify/Order/open')).toMatchObject({ id: 'open', number: '#1001' })
    expect(await read('gid://shopify/DraftOrder/7')).toMatchObject({
      status: 400,
      errors: [{ pointer: '/orderId' }],
    })
  })
})

describe('settings', () => {
  const takes = (more: object) =>
    shopify.settings.safeParse({ shop: 'acme', apiVersion: '2026-10', ...more }).success
  it.each([
    ['a token', { accessToken: 'shpat_x' }, true],
    ['an app', { clientId: 'a', clientSecret: 'b' }, true],
    ['both', { accessToken: 'shpat_x', clientId: 'a', clientSecret: 'b' }, false],
    ['half an app', { clientId: 'a' }, false],
    ['nobody', {}, false],
    ['a version that nobody has checked', { accessToken: 'x', apiVersion: '2025-07' }, false],
    ['a whole host as shop', { accessToken: 'x', shop: 'acme.myshopify.com' }, false],
  ])('of %s', (_, more, taken) => expect(takes(more)).toBe(taken))

  it('lead to the shop, whatever the case of its name', () => {
    const settings = shopify.settings.parse({
      shop: 'Acme',
      apiVersion: '2026-10',
      accessToken: 'x',
    })
    expect(shopify.baseUrl(settings)).toBe('https://acme.myshopify.com')
    expect(shopify.merchant?.(settings)).toBe('acme')
  })
})

it('the merchant finds the order in the admin', async () => {
  const { store, look } = start()
  const { order } = await look('open')
  const at = (id: string) => shopify.adminUrl?.(store.client.settings, { ...order, id })
  expect(at('8735479398706')).toBe('https://admin.shopify.com/store/sandbox/orders/8735479398706')
  expect(at('open')).toBeNull()
})

describe('the order that Shopify does not show', () => {
  it('is not found, and may be older than 60 days', async () => {
    const { cancel, previewed } = start()
    const { problem } = await cancel({ orderId: 'nobody' })
    expect(problem).toMatchObject({ code: 'order-not-found', acted: 'no' })
    expect(problem?.detail).toContain('read_all_orders')
    expect(problem?.detail).toContain('60 days')
    await expect(previewed({ orderId: 'nobody' })).rejects.toMatchObject({
      problem: { code: 'order-not-found', detail: expect.stringContaining('60 days') },
    })
  })
})

it('a word in the place of an id is no order, whatever Shopify says to it', async () => {
  const { cancel, mutations } = start((sent, pass) =>
    sent.query.startsWith('query Order(')
      ? Promise.resolve(
          Response.json({
            errors: [{ message: 'Variable $id of type ID! was provided invalid value' }],
          }),
        )
      : pass(),
  )
  expect((await cancel({ orderId: 'open' })).problem?.code).toBe('order-not-found')
  expect(mutations()).toEqual([])
})

describe('what is foretold', () => {
  it('says what no wish means, where Shopify demands one', async () => {
    const { previewed } = start()
    const { effects } = await previewed({ orderId: 'paid' })
    expect(effects.restock).toMatchObject({ asked: null, outcome: 'withheld' })
    expect(effects.restock.detail).toContain('false is sent')
    expect(effects.reason.detail).toContain('OTHER')
    expect(effects.payment).toMatchObject({
      outcome: 'withheld',
      detail: '20.00 CAD stay paid.',
    })
  })
  it.each([
    ['paid', true, 'applied', '20.00'],
    ['paid', false, 'withheld', undefined],
    ['authorized', null, 'automatic', '20.00'],
    ['authorized', false, 'forced', '20.00'],
    ['open', true, 'not_applicable', undefined],
  ])('of the payment of %s, with refund %s: %s', async (orderId, refund, outcome, amount) => {
    const { previewed } = start()
    const { payment } = (await previewed({ orderId, refund })).effects
    expect([payment.outcome, payment.amount?.amount]).toEqual([outcome, amount])
  })
  it('says that a buyer without an address gets no mail', async () => {
    const { previewed, cancel } = start()
    const body = { orderId: 'unreachable-buyer', notify: true }
    expect((await previewed(body)).effects.notify.outcome).toBe('unsupported')
    expect((await cancel(body)).effects.notify.outcome).toBe('unsupported')
    expect((await cancel({ ...body, orderId: 'unreachable-buyer-2', strict: true })).status).toBe(
      'rejected',
    )
  })
})

describe('what is sent', () => {
  it.each([
    ['customer', 'CUSTOMER'],
    ['inventory', 'INVENTORY'],
    ['fraud', 'FRAUD'],
    ['payment', 'DECLINED'],
    ['staff', 'STAFF'],
    ['address', 'OTHER'],
    ['pricing', 'OTHER'],
    ['duplicate', 'OTHER'],
    ['test', 'OTHER'],
    ['other', 'OTHER'],
    [null, 'OTHER'],
  ])('%s is %s', async (reasonCode, reason) => {
    const { cancel, mutations } = start()
    const { effects } = await cancel({ orderId: 'paid', reasonCode })
    expect(mutations()[0]?.variables).toMatchObject({ reason })
    expect(effects.reason.detail).toContain(reason)
  })
  it('pins mail and goods always, and money where it is asked for', async () => {
    const { cancel, mutations, sandbox } = start()
    await cancel({ orderId: 'paid' })
    await cancel({ orderId: 'paid-2', refund: false })
    await cancel({ orderId: 'paid-3', refund: true, restock: true, notify: true })
    const pinned = { reason: 'OTHER', restock: false, notifyCustomer: false }
    expect(mutations().map(({ variables }) => variables)).toEqual([
      { orderId: 'gid://shopify/Order/paid', ...pinned },
      { orderId: 'gid://shopify/Order/paid-2', ...pinned },
      {
        orderId: 'gid://shopify/Order/paid-3',
        reason: 'OTHER',
        restock: true,
        notifyCustomer: true,
        refundMethod: { originalPaymentMethodsRefund: true },
      },
    ])
    expect(sandbox.mails).toEqual(['paid-3'])
  })
})

describe('a login', () => {
  const app = { accessToken: undefined, ...createSandbox().appSettings }
  it('is made once for many, and again when it is over', async () => {
    const { look, sandbox, store } = start(undefined, app)
    let logins = 0
    const { fetch } = sandbox.app
    Object.assign(sandbox.app, {
      fetch: (request: Request) => {
        if (request.url.endsWith('/admin/oauth/access_token')) logins += 1
        return fetch.call(sandbox.app, request)
      },
    })
    await Promise.all([look('open'), look('paid')])
    expect(logins).toBe(1)
    sandbox.endTokens()
    expect((await look('open')).order.id).toBe('open')
    expect(logins).toBe(2)
    expect(JSON.stringify(store.client)).not.toContain('shpat_')
  })
  it('with a wrong secret is refused', async () => {
    const { cancel } = start(undefined, { ...app, clientSecret: 'wrong-secret' })
    expect(await cancel({ orderId: 'paid' })).toMatchObject({
      status: 'rejected',
      problem: { code: 'platform-credentials', retryable: true, acted: 'no' },
    })
  })
})

describe('a search', () => {
  it('finds by the name, with its sign or without', async () => {
    const { store } = start()
    for (const number of ['#1002', '1002'])
      expect((await findOrders(store, number)).map(({ id }) => id)).toEqual(['paid'])
    expect(await findOrders(store, '102')).toEqual([])
  })
  it('cannot be left by what is searched for', async () => {
    const { store, sandbox } = start((sent, pass) => {
      expect(sent.variables['query'] ?? '').not.toMatch(/"[^\\"]*" OR/)
      return pass()
    })
    expect(await findOrders(store, '" OR name:"1002')).toEqual([])
    expect(await findOrders(store, '\\')).toEqual([])
    expect(sandbox.taken.size).toBe(0)
  })
  it('drops what the index let through, and says that there may be more', async () => {
    const { store } = start(async (sent, pass) => {
      if (!sent.query.startsWith('query FindOrders')) return pass()
      const nodes = [
        { id: 'gid://shopify/Order/paid', name: '#1002' },
        { id: 'gid://shopify/Order/open', name: '#10021' },
      ]
      return Response.json({ data: { orders: { nodes, pageInfo: { hasNextPage: false } } } })
    })
    const found = await shopify.find?.(store.client, '#1002')
    expect([found?.orders.map(({ id }) => id), found?.complete]).toEqual([['paid'], false])
  })
})

describe('a poor reply', () => {
  const whole = async () => {
    const { look } = start()
    return ((await look('paid')).raw as { order: wire.Order }).order
  }
  const read = (order: object) =>
    wire.OrderReply.safeParse({ data: { order: { ...order, id: 'gid://shopify/Order/7' } } })

  it('is read where only what describes is odd', async () => {
    const { data } = read({
      ...(await whole()),
      customer: 'withheld',
      email: 7,
      closed: 'no',
      name: null,
      totalTaxSet: [],
      lineItems: { nodes: [{ quantity: 'two' }, null], pageInfo: { hasNextPage: false } },
      cancellation: [],
    })
    expect(toOrder(data?.data.order as wire.Order)).toMatchObject({
      id: '7',
      number: null,
      status: 'unknown',
      customer: { email: '7' },
      totals: { tax: null, total: { amount: '20.00' } },
      lines: [{ quantity: null }],
    })
  })
  it('is none where what decides is missing or odd', async () => {
    const order = await whole()
    for (const odd of [
      { cancelledAt: undefined },
      { cancelledAt: false },
      { displayFinancialStatus: undefined },
      { displayFulfillmentStatus: 7 },
      { transactions: [{ kind: 'SALE' }] },
      { fulfillments: [{ status: null }] },
      { returnStatus: {} },
    ])
      expect(read({ ...order, ...odd }).success, JSON.stringify(odd)).toBe(false)
    expect(
      wire.OrderReply.safeParse({ data: { order: { ...order, id: 'gid://shopify/Product/7' } } })
        .success,
    ).toBe(false)
  })
  it('with more lines than were asked for tells none of them', async () => {
    const order = await whole()
    const { data } = read({
      ...order,
      lineItems: { ...order.lineItems, pageInfo: { hasNextPage: true } },
    })
    expect(toOrder(data?.data.order as wire.Order).lines).toBeNull()
  })
})
