/**
 * Adobe Commerce beyond the suite: replies that prove nothing, half a cancel, holds, comments,
 * signatures, and searches that are ignored.
 */
import { describe, expect, it } from 'vitest'
import { findOrders } from '../../src/gateway/read.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { readError } from './errors.ts'
import { adobeCommerce } from './index.ts'
import { isCanceled, toOrder } from './map.ts'
import { BEARER } from './sandbox/access.ts'
import { createSandbox } from './sandbox/index.ts'
import template from './sandbox/order.json' with { type: 'json' }
import * as wire from './wire.ts'

type Between = (request: Request, pass: () => Promise<Response>) => Promise<Response>

const isCancel = ({ url }: Request) => url.endsWith('/cancel')
const isComment = ({ url }: Request) => url.endsWith('/comments')

const start = (between: Between = (_, pass) => pass(), more: object = {}) => {
  const sandbox = createSandbox()
  const calls: Request[] = []
  const given = { ...sandbox.settings, baseUrl: 'https://adobe.example', ...more }
  const settings = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  )
  const opened = openHarness(
    adobeCommerce,
    settings,
    sandboxTransport(sandbox, async (request, pass) => {
      calls.push(request.clone())
      return between(request, pass)
    }),
  )
  const view = { request: null, sent: false, byCustomer: false, memo: null }
  return {
    ...opened,
    sandbox,
    calls,
    canceling: () => calls.filter(isCancel),
    look: (id: string, more: object = {}) =>
      adobeCommerce.order.look(opened.store.client, id, { ...view, ...more }),
  }
}
const internal = () => Response.json({ message: 'Internal Error. Report ID: x' }, { status: 500 })
/** Comes between the first cancel alone. */
const once = (answer: (pass: () => Promise<Response>) => Promise<Response>): Between => {
  let times = 0
  return (request, pass) => (isCancel(request) && times++ === 0 ? answer(pass) : pass())
}

describe('ids', () => {
  it.each([
    ['89', '89'],
    ['4294967295', '4294967295'],
    ['4294967296', null],
    ['000000089', null],
    ['0', null],
    ['-7', null],
    ['8.9', null],
    ['٨٩', null],
    ['WA0003003', null],
    ['open-7', 'open-7'],
  ])('%s is %s', (id, spelled) => expect(adobeCommerce.canonicalId?.(id)).toBe(spelled))
})

describe('settings', () => {
  const base = { baseUrl: 'https://shop.example.com' }
  const four = {
    consumerKey: 'a',
    consumerSecret: 'b',
    accessToken: 'c',
    accessTokenSecret: 'd',
  }
  it.each([
    ['a token', { token: 't' }, true],
    ['the four of an integration', four, true],
    ['three of them', { ...four, accessTokenSecret: undefined }, false],
    ['both', { ...four, token: 't' }, false],
    ['neither', {}, false],
    ['a store view', { token: 't', storeCode: 'german' }, true],
    ['no store view', { token: 't', storeCode: 'a/../V1' }, false],
  ])('%s', (_, more, takes) =>
    expect(adobeCommerce.settings.safeParse({ ...base, ...more }).success).toBe(takes),
  )
})

describe('true', () => {
  it('is no cancel where the order is as it was: looked at, and sent again', async () => {
    const opened = start(once(async () => Response.json(true)))
    const first = await opened.cancel({ orderId: 'open' })
    expect(first.status).toBe('in_doubt')
    expect(await opened.rest(first.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
    })
    expect(opened.canceling()).toHaveLength(2)
    expect(opened.sandbox.cancels.get('open')).toBe(1)
  })

  it('is half a cancel where a piece was invoiced in between: a person looks', async () => {
    const opened = start()
    const { id } = await opened.cancel({ orderId: 'invoiced-meanwhile', reason: 'Ordered twice' })
    const record = await opened.rest(id)
    expect(record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes', detail: expect.stringContaining('credit memo') },
      order: { status: 'open', paymentStatus: 'partially_paid', native: { status: 'processing' } },
    })
    expect(opened.canceling()).toHaveLength(1)
    expect(opened.sandbox.orderOf('invoiced-meanwhile')).toMatchObject({
      status: 'processing',
      status_histories: [],
      items: [{ qty_canceled: 1, qty_invoiced: 1 }, { qty_canceled: 1 }],
    })
  })
})

describe('false', () => {
  it('that nothing explains is a refusal, and sent once', async () => {
    const opened = start()
    const record = await opened.cancel({ orderId: 'flagged', reason: 'Ordered twice' })
    expect(record).toMatchObject({
      status: 'rejected',
      problem: { cause: 'refused', acted: 'no' },
      attempts: [{ result: '200 false' }],
    })
    expect(opened.calls.filter(isComment)).toHaveLength(0)
  })
})

describe('a hold at the provider', () => {
  it('may be gone where an order is still open after doubt: a person looks', async () => {
    const opened = start(once(async () => internal()))
    const { id } = await opened.cancel({ orderId: 'paid' })
    expect(await opened.rest(id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect(opened.canceling()).toHaveLength(1)
  })

  it('is voided with the order, also where no reply came', async () => {
    const opened = start(once(async (pass) => (await pass(), internal())))
    const { id } = await opened.cancel({ orderId: 'paid' })
    expect(await opened.rest(id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      effects: {
        payment: { outcome: 'automatic', basis: 'confirmed', amount: { amount: '73.90' } },
      },
      order: { paymentStatus: 'voided' },
    })
  })

  it.each(['Canceled order online', 'Canceled order online by the buyer, Amount: all of it'])(
    'is not held to be voided because the reason reads “%s”',
    async (reason) => {
      const { cancel, look } = start()
      await cancel({ orderId: 'held-offline', reason })
      expect((await look('held-offline')).order.paymentStatus).toBe('unknown')
    },
  )

  it('that the order does not tell of is not claimed', async () => {
    const { cancel } = start()
    expect(await cancel({ orderId: 'held-offline', refund: true })).toMatchObject({
      status: 'succeeded',
      effects: { payment: { outcome: 'unverified', amount: { amount: '73.90' } } },
    })
  })
})

describe('comments', () => {
  it('leave the order its status; the reason is kept and the message is mailed', async () => {
    const { cancel, sandbox } = start()
    await cancel({ orderId: 'open', reason: 'Größe\nfalsch', notify: true, message: 'Sorry.' })
    expect(sandbox.orderOf('open')).toMatchObject({
      status: 'canceled',
      status_histories: [
        { comment: 'Sorry.', is_customer_notified: 1, is_visible_on_front: 0, status: 'canceled' },
        { comment: 'Größe\nfalsch', is_customer_notified: 0, is_visible_on_front: 0 },
      ],
    })
    expect(sandbox.mails).toEqual(['open'])
  })

  it('are written once, also where a reply was lost and it is done again', async () => {
    const opened = start(async (request, pass) => {
      const reply = await pass()
      return isComment(request) ? internal() : reply
    })
    const body = { orderId: 'open', reason: 'Ordered twice', notify: true, message: 'Sorry.' }
    const { request, effects } = await opened.cancel(body)
    expect(effects).toMatchObject({
      order: { outcome: 'applied' },
      reason: { outcome: 'unverified' },
      message: { outcome: 'unverified' },
      notify: { outcome: 'unverified' },
    })
    const look = await opened.look('open', { request, sent: true })
    const again = await adobeCommerce.order.after?.(opened.store.client, {
      request,
      look,
    } as never)
    expect(again).toMatchObject({
      reason: { done: 'yes', basis: 'confirmed' },
      message: { done: 'yes', basis: 'confirmed' },
    })
    expect(opened.sandbox.mails).toEqual(['open'])
    expect(opened.calls.filter(isComment)).toHaveLength(2)
  })
})

describe('a signature', () => {
  it('is on every call, each with a nonce of its own', async () => {
    const { cancel, store, calls } = start()
    await cancel({ orderId: 'open', reason: 'Ordered twice' })
    await findOrders(store, '000000001')
    const headers = calls.map(({ headers: all }) => all.get('authorization') ?? '')
    expect(headers).toHaveLength(5)
    for (const header of headers) expect(header).toMatch(/^OAuth oauth_consumer_key="/)
    expect(new Set(headers.map((one) => /nonce="(\w+)"/.exec(one)?.[1])).size).toBe(5)
  })

  it.each(['consumerKey', 'consumerSecret', 'accessToken', 'accessTokenSecret'])(
    'with another %s is refused',
    async (name) => {
      const { cancel, sandbox } = start(undefined, { [name]: 'another00000000000000000000000000' })
      const record = await cancel({ orderId: 'open' })
      expect(record).toMatchObject({
        status: 'rejected',
        problem: { code: 'platform-credentials' },
      })
      expect(JSON.stringify(record)).not.toContain('another0')
      expect(sandbox.cancels.size).toBe(0)
    },
  )

  it('is good for one call, and one address', async () => {
    const { store, calls, sandbox, look } = start()
    await look('open')
    const [first] = calls as [Request]
    const again = (url: string) =>
      sandbox.app.fetch(new Request(url, { headers: first.headers })) as Promise<Response>
    expect(await (await again(first.url)).json()).toMatchObject({ message: /nonce/ })
    const fresh = await adobeCommerce.authorize(store.client, undefined, {
      method: 'GET',
      url: first.url,
    })
    const other = new Request(first.url.replace('/open', '/paid'), { headers: fresh })
    expect((await sandbox.app.fetch(other)).status).toBe(401)
  })

  it('is none where the settings have a token', async () => {
    const none = { consumerKey: undefined, consumerSecret: undefined }
    const { look, calls } = start(undefined, {
      ...none,
      accessToken: undefined,
      accessTokenSecret: undefined,
      token: BEARER,
    })
    expect((await look('open')).order.id).toBe('open')
    expect(calls[0]?.headers.get('authorization')).toBe(`Bearer ${BEARER}`)
  })
})

describe('a search by number', () => {
  const row = (id: number, number: string) => ({ ...template, entity_id: id, increment_id: number })
  const searching = (items: object[], total = items.length) =>
    start(async () => Response.json({ items, search_criteria: {}, total_count: total }))

  it('drops what a filter let through, and says that it may not be all', async () => {
    const { store, calls } = searching([row(8, '000000074'), row(9, '000000075')])
    const found = await adobeCommerce.find?.(store.client, '000000074')
    expect(found?.orders.map(({ id }) => id)).toEqual(['8'])
    expect(found?.complete).toBe(false)
    expect(Object.fromEntries(new URL(calls[0]?.url ?? '').searchParams)).toEqual({
      'searchCriteria[filter_groups][0][filters][0][field]': 'increment_id',
      'searchCriteria[filter_groups][0][filters][0][value]': '000000074',
      'searchCriteria[filter_groups][0][filters][0][condition_type]': 'eq',
      'searchCriteria[pageSize]': '20',
    })
  })

  it('finds the orders of several store views that share a number', async () => {
    const { store } = searching([row(8, '000000074'), row(9, '000000074')])
    const found = await adobeCommerce.find?.(store.client, '000000074')
    expect(found).toMatchObject({ orders: [{ id: '8' }, { id: '9' }], complete: true })
  })

  it('says so where there are more than it looks through', async () => {
    const { store } = searching([row(8, '000000074')], 21)
    expect((await adobeCommerce.find?.(store.client, '000000074'))?.complete).toBe(false)
  })
})

describe('an order', () => {
  const read = (more: object) => wire.Order.parse({ ...template, ...more })
  const items = (...all: object[]) => all.map((one) => ({ qty_ordered: 2, ...one }))

  it.each([
    ['all of it canceled', items({ qty_canceled: 2 }), true],
    ['shipped before', items({ qty_shipped: 2 }), true],
    ['refunded before', items({ qty_invoiced: 1, qty_refunded: 1, qty_canceled: 1 }), true],
    ['a piece invoiced', items({ qty_invoiced: 1, qty_shipped: 1, qty_canceled: 1 }), false],
    ['a piece left', items({ qty_canceled: 1 }), false],
    ['a piece left, in texts', items({ qty_ordered: '2.0000', qty_canceled: '1.0000' }), false],
    ['quantities that are not told', items({}), false],
    [
      'wholes and parts, on which a cancel sets no quantity',
      items({ item_id: 1 }, { item_id: 2, parent_item_id: 1 }, { item_id: 3, qty_canceled: 2 }),
      true,
    ],
  ])('whose state is canceled, %s: %s', (_, told, canceled) => {
    const order = read({ state: 'canceled', items: told })
    expect(isCanceled(order)).toBe(canceled)
    expect(toOrder(order).status).toBe(canceled ? 'canceled' : 'unknown')
    expect(isCanceled(read({ state: 'processing', items: told }))).toBe(false)
  })

  it('is read where what only describes it is missing or odd', () => {
    const poor = wire.Order.parse({
      entity_id: 7,
      state: 'new',
      items: [{ qty_ordered: 1, name: ['odd'] }],
      order_currency_code: 'EUR',
      grand_total: 51.3971,
      total_paid: 'NaN',
      is_virtual: 'maybe',
      billing_address: [],
      payment: 'none',
      status_histories: 'none',
      created_at: '2026-02-31 10:00:00',
      updated_at: 'yesterday',
    })
    expect(toOrder(poor)).toMatchObject({
      id: '7',
      number: null,
      status: 'open',
      paymentStatus: 'unpaid',
      fulfillmentStatus: 'unfulfilled',
      totals: { total: { amount: '51.3971' }, paid: null, discount: null },
      customer: null,
      lines: [{ id: null, title: null, quantity: 1, unitPrice: null }],
      createdAt: null,
      updatedAt: null,
    })
  })

  it.each(['entity_id', 'state', 'items'])('is not read without its %s', (name) =>
    expect(wire.Order.safeParse({ ...template, [name]: undefined }).success).toBe(false),
  )
  it('is not read with a quantity that is none', () =>
    expect(
      wire.Order.safeParse({ ...template, items: items({ qty_shipped: 'all' }) }).success,
    ).toBe(false))
})

it.each([
  [{ message: 'A %1 of %2', parameters: ['b', 3] }, 'A b of 3'],
  [
    { message: 'To %resources.', parameters: { resources: 'Magento_Sales::x' } },
    'To Magento_Sales::x.',
  ],
  [{ message: 'To %resources.', parameters: [{ resources: 'x' }] }, 'To %resources.'],
  [{ message: '%toString %1', parameters: {} }, '%toString %1'],
  [{ message: '100 % of it' }, '100 % of it'],
  [{ errors: [] }, null],
  ['text', null],
])('%j says %s', (body, message) => expect(readError(body)).toEqual({ code: null, message }))
