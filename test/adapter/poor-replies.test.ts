/**
 * Wix, Shoplazza, SHOPLINE and SHOPLINE Asia where a reply is poor, odd, about another order, or in
 * words that no manual lists.
 */
import { describe, expect, it } from 'vitest'
import { isNoted } from '../../adapters/wix/map.ts'
import * as wire from '../../adapters/wix/wire.ts'
import { canonicalOf } from '../../src/adapter/contract.ts'
import type { CallFailure } from '../../src/adapter/failure.ts'
import { findOrders, preview, readOrder } from '../../src/gateway/read.ts'
import { Order } from '../../src/model/order.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { type Loaded, loaded } from './loaded.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'

const named = (id: string): Loaded => loaded.find(({ adapter }) => adapter.id === id) as Loaded
const [wix, shoplazza] = [named('wix'), named('shoplazza')]
const [shopline, shoplineAsia] = [named('shopline'), named('shopline-asia')]

type Between = Parameters<typeof sandboxTransport>[1]
// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any

const open = ({ adapter, createSandbox }: Loaded, between?: Between, more: object = {}) => {
  const sandbox = createSandbox()
  const settings = { ...sandbox.settings, ...more }
  return {
    sandbox,
    settings,
    ...openHarness(adapter, settings, sandboxTransport(sandbox, between)),
  }
}

/** The order in a reply, wherever the platform puts it. */
const orderIn = (body: Loose): Loose =>
  body?.order ?? body?.data?.order ?? body?.orders?.[0] ?? (body?.status && body.id ? body : null)

/** Changes every order that the platform tells. */
const bend =
  (change: (order: Loose) => void): Between =>
  async (_, pass) => {
    const reply = await pass()
    const body = await reply.json().catch(() => null)
    const order = orderIn(body)
    if (order) change(order)
    return Response.json(body, { status: reply.status })
  }

const ask = (body: object) => ({ ...CancelRequest.parse(body), store: 'case' })
const view = { request: null, sent: true, byCustomer: false, memo: null }

/** What a call that was answered so came to. */
const failureOf = async (
  platform: Loaded,
  status: number,
  body: unknown,
  reason: string | null = null,
) => {
  const answer = () =>
    typeof body === 'string'
      ? new Response(body, { status, headers: { 'content-type': 'text/html' } })
      : Response.json(body, { status })
  const { store, settings } = open(platform, async () => answer())
  const call = platform.adapter.order.cancel({
    settings: platform.adapter.settings.parse(settings),
    request: ask({ orderId: 'paid', reason }),
    byCustomer: false,
    before: null as never,
    memo: null,
  })
  return store.client
    .perform(call, () => false)
    .then(
      () => {
        throw new Error('it did not fail')
      },
      (error: CallFailure) => error.failure,
    )
}

const LINES: Record<
  string,
  { lines: string; title: (line: Loose, value: unknown) => void; amount: string }
> = {
  wix: {
    lines: 'lineItems',
    title: (line, value) => {
      line.productName = { original: value }
    },
    amount: 'price',
  },
  shoplazza: {
    lines: 'line_items',
    title: (line, value) => {
      line.product_title = value
    },
    amount: 'price',
  },
  shopline: {
    lines: 'line_items',
    title: (line, value) => {
      line.title = value
    },
    amount: 'price',
  },
  'shopline-asia': {
    lines: 'subtotal_items',
    title: (line, value) => {
      line.title_translations = value
    },
    amount: 'item_price',
  },
}
const PLATFORMS = [wix, shoplazza, shopline, shoplineAsia].map((platform): [string, Loaded] => [
  platform.adapter.id,
  platform,
])

describe.each(PLATFORMS)('%s: what only describes may be odd', (id, platform) => {
  const { lines, title, amount } = LINES[id] as (typeof LINES)[string]
  const odd: Record<string, (order: Loose) => void> = {
    'a line without a quantity': (order) => {
      delete order[lines][0].quantity
    },
    'a line without an id': (order) => {
      delete order[lines][0].id
    },
    'a null among the lines': (order) => {
      order[lines].push(null)
    },
    'a numeric title': (order) => title(order[lines][0], 501),
    'an amount as an object': (order) => {
      order[lines][0][amount] = { value: '30', precision: 20 }
    },
    'a quantity as a text': (order) => {
      order[lines][0].quantity = '2'
    },
    'lines that are no list': (order) => {
      order[lines] = { 0: {} }
    },
    'numbers for phone and mail': (order) =>
      Object.assign(order, {
        phone: 491701234567,
        customer_phone: 491701234567,
        email: 1,
        customer_email: 1,
        buyerInfo: { email: 1 },
        customer: { phone: 49, email: 1 },
      }),
    'addresses and buyers that are texts': (order) =>
      Object.assign(order, {
        shipping_address: 'x',
        customer: 'x',
        billingInfo: 'x',
        recipientInfo: [],
        buyerInfo: 7,
      }),
    'activities that are none': (order) => {
      order.activities = [null, 'x', { type: 7 }]
    },
    'odd times and numbers': (order) =>
      Object.assign(order, { created_at: 5, createdDate: {}, number: 5, name: 5, order_number: 5 }),
  }
  it.each(Object.entries(odd))('%s', async (_, change) => {
    const { store, cancel, sandbox } = open(platform, bend(change))
    const { order } = await readOrder(store, 'paid')
    expect(Order.safeParse(order).error?.message).toBeUndefined()
    expect(
      (
        await preview(
          store,
          ask({ orderId: 'paid', restock: true, notify: true, reason: 'x' }),
          false,
        )
      ).cancelable,
    ).toBe(true)
    expect(
      (await cancel({ orderId: 'paid', restock: true, notify: true, reason: 'x' })).status,
    ).toBe('succeeded')
    expect(sandbox.cancels.get('paid')).toBe(1)
  })

  it('lines that are not told are null, not none; nor is a quantity 0', async () => {
    for (const told of [null, undefined]) {
      const { store } = open(
        platform,
        bend((order) => {
          order[lines] = told
        }),
      )
      expect((await readOrder(store, 'paid')).order.lines).toBeNull()
    }
    const { store } = open(
      platform,
      bend((order) => {
        delete order[lines][0].quantity
        delete order[lines][0].id
        order[lines].push(null)
      }),
    )
    expect((await readOrder(store, 'paid')).order.lines?.[0]).toMatchObject({
      id: null,
      quantity: null,
    })
  })

  it('an order without an id is none', async () => {
    const { store } = open(
      platform,
      bend((order) => {
        delete order.id
      }),
    )
    await expect(readOrder(store, 'paid')).rejects.toMatchObject({
      problem: { code: 'platform-unavailable' },
    })
  })
})

/** Every place in a value, as a way to it. */
const placesIn = (value: Loose, way: string[] = []): string[][] =>
  value === null || typeof value !== 'object'
    ? [way]
    : [
        ...(way.length > 0 ? [way] : []),
        ...Object.keys(value).flatMap((key) => placesIn(value[key], [...way, key])),
      ]

describe.each(PLATFORMS)('%s: any value in any place', (id, platform) => {
  it('is read as a canonical order or not at all, and reported without a fault', async () => {
    const { store: whole } = open(platform)
    const seen = await platform.adapter.order.look(whole.client, 'paid', view)
    const places = placesIn(orderIn(seen.raw) ?? seen.raw).filter((way) => way[0] !== 'id')
    expect(places.length).toBeGreaterThan(20)
    const unreadable = new Set<string>()
    let odd: (order: Loose) => void = () => undefined
    const { store, settings } = open(
      platform,
      bend((order) => odd(order)),
    )
    const request = ask({ orderId: 'paid', restock: true, notify: true, reason: 'x' })
    for (const way of places) {
      for (const value of [undefined, null, 7, 'x', '', 'constructor', true, [], [null], {}]) {
        odd = (order) => {
          const last = way.at(-1) as string
          const holder = way.slice(0, -1).reduce((held, key) => held?.[key], order)
          if (holder) holder[last] = value
        }
        const look = await platform.adapter.order
          .look(store.client, 'paid', { ...view, request })
          .catch((error: CallFailure) => {
            expect(error.name).toBe('CallFailure')
            unreadable.add(way.join('.'))
          })
        if (!look) continue
        expect(
          Order.safeParse(look.order).error?.message,
          `${way.join('.')} ${JSON.stringify(value)}`,
        ).toBeUndefined()
        platform.adapter.order.facts?.({
          settings: platform.adapter.settings.parse(settings),
          request,
          byCustomer: false,
          before: seen.order,
          memo: seen.memo ?? null,
          reply: null,
          look,
        })
      }
    }
    // What decides, and nothing else, may keep an order from being read.
    const decides: Record<string, RegExp> = {
      wix: /^(?:status|paymentStatus)$/,
      shoplazza: /^(?:status|financial_status|cancel_reason|cancell?ed_at)$/,
      shopline:
        /^(?:status|financial_status|fulfillment_status(?:_v2)?|cancelled_at|payment_details|refunds)(?:\.|$)/,
      'shopline-asia': /^(?:status|order_payment(?:\.status)?|order_delivery(?:\.status)?)$/,
    }
    expect([...unreadable].filter((place) => !decides[id]?.test(place))).toEqual([])
  })
})

describe.each(PLATFORMS)('%s: a reply about another order', (id, platform) => {
  it('is no answer to a look, whatever it says, and nothing of it is shown', async () => {
    const { store, cancel, sandbox } = open(
      platform,
      bend((order) => {
        order.id = 'somebody-elses'
      }),
    )
    await expect(readOrder(store, 'canceled')).rejects.toMatchObject({
      problem: { code: 'platform-unavailable' },
    })
    expect(await cancel({ orderId: 'canceled' })).toMatchObject({ status: 'accepted', order: null })
    expect(sandbox.cancels.size).toBe(0)
  })

  // SHOPLINE Asia's reply to a cancel holds no order.
  if (id !== 'shopline-asia')
    it('nor to the cancel', async () => {
      const swap = bend((order) => {
        order.id = 'somebody-elses'
      })
      const { cancel } = open(platform, (request, pass) =>
        request.url.includes('/cancel') ? (swap?.(request, pass) ?? pass()) : pass(),
      )
      expect(await cancel({ orderId: 'open' })).toMatchObject({
        status: 'in_doubt',
        attempts: [{ result: '200 another order' }],
      })
    })
})

describe('the same order under another spelling of its id', () => {
  const GUID = '7001D34B-11A6-4A52-9E0F-2B0C6F1A9D3E'
  it.each([
    [wix, GUID],
    [shoplineAsia, '5F9A1B2C3D4E5F6A7B8C9D0E'],
  ] as [Loaded, string][])('is read', async ({ adapter, createSandbox }, id) => {
    expect(canonicalOf(adapter, id)).toBe(id.toLowerCase())
    const { store } = open({ adapter, createSandbox }, async () =>
      Response.json(
        adapter.id === 'wix' ? { order: { id, status: 'APPROVED' } } : { id, status: 'pending' },
      ),
    )
    expect((await adapter.order.look(store.client, id.toLowerCase(), view)).done).toBe(false)
  })
  it('what is no GUID, and what has no letters, stays as it is', () => {
    expect([
      canonicalOf(wix.adapter, 'Paid'),
      canonicalOf(shoplazza.adapter, '633130-00000004'),
      canonicalOf(shopline.adapter, '021'),
    ]).toEqual(['Paid', '633130-00000004', '021'])
  })
})

describe('refusals that are none, and what is in plain words', () => {
  const body = (id: string, words: string) =>
    id === 'wix'
      ? { message: words, details: {} }
      : id === 'shopline-asia'
        ? { error: words, message: words, code: 'X' }
        : { errors: words }
  const statuses: Record<string, readonly [number, number]> = {
    wix: [428, 409],
    shoplazza: [406, 409],
    shopline: [422, 422],
    'shopline-asia': [422, 409],
  }

  it.each(PLATFORMS)('%s: says that it is canceled', async (id, platform) => {
    for (const words of [
      'The order has already been canceled',
      'Order 1042 is already cancelled.',
      'Order has been cancelled',
      'Already canceled',
    ]) {
      expect(
        await failureOf(platform, statuses[id]?.[0] ?? 0, body(id, words)),
        words,
      ).toMatchObject({ kind: 'refused', saysCanceled: true })
    }
    for (const words of [
      'The order has not been canceled',
      'Order cannot be cancelled',
      'The refund of the order is canceled',
      'The order has been partially canceled',
    ]) {
      expect(
        (await failureOf(platform, statuses[id]?.[0] ?? 0, body(id, words))).saysCanceled,
        words,
      ).toBeUndefined()
    }
  })

  it.each(PLATFORMS)('%s: asks to come again, and may be asked again', async (id, platform) => {
    for (const words of [
      'In conflict with another request; it may be tried again.',
      'Please try again later',
      'The order is being processed',
    ]) {
      expect(
        await failureOf(platform, statuses[id]?.[1] ?? 0, body(id, words)),
        words,
      ).toMatchObject({ kind: 'unsent', code: 'platform-unavailable' })
    }
    for (const status of [423, 425])
      expect((await failureOf(platform, status, body(id, 'Locked'))).kind, String(status)).toBe(
        'unsent',
      )
    expect(
      (await failureOf(platform, statuses[id]?.[0] ?? 0, body(id, 'The order has been shipped')))
        .kind,
    ).toBe('refused')
  })

  it('shopline: a conflict is no refusal, since a second cancel is refused there', async () => {
    expect((await failureOf(shopline, 409, { errors: 'Conflict' })).kind).toBe('doubt')
  })

  it.each([
    [shoplazza, 422, { errors: { reason: ['is too long'] } }],
    [shoplazza, 400, { code: 'InvalidParameter', message: 'Reason must be a string.' }],
    [shopline, 422, { errors: { cancel_reason: 'is too long' } }],
    [shopline, 400, { errors: ['body.cancel_reason:is too long'] }],
    [shopline, 412, { errors: 'Risky content' }],
    [shopline, 436, 'Blocked'],
    [
      shoplineAsia,
      422,
      { message: 'cancelled_reason.message is too long', code: 'UnprocessableEntity' },
    ],
    [shoplineAsia, 400, { error: 'Invalid cancel reason', code: 'BadRequest' }],
  ] as const)('it is the reason that is refused: %#', async (platform, status, answer) => {
    expect(await failureOf(platform, status, answer, 'x')).toMatchObject({
      kind: 'refused',
      aboutReason: true,
    })
  })

  it('another field, or a reason why, is not the reason', async () => {
    for (const words of ['restock: must be a boolean', 'Order cannot be canceled, reason: shipped'])
      expect((await failureOf(shopline, 422, { errors: words })).aboutReason, words).toBeUndefined()
  })

  it('wix: a 403 without a word may be a burst; with words, or on a firewall’s page, it is what it says', async () => {
    expect(await failureOf(wix, 403, { message: '', details: {} })).toMatchObject({
      kind: 'doubt',
      code: 'platform-credentials',
    })
    expect(await failureOf(wix, 403, { message: 'Permission denied.', details: {} })).toMatchObject(
      { kind: 'refused', code: 'platform-credentials' },
    )
    expect(await failureOf(wix, 403, '<html>403</html>')).toMatchObject({
      kind: 'doubt',
      code: 'platform-unavailable',
    })
    for (const status of [400, 404, 409, 500])
      expect(
        (await failureOf(wix, status, { message: '', details: {} })).kind,
        String(status),
      ).toBe('doubt')
  })
})

describe('what a success says', () => {
  const before = (status: string) => ({ native: { status } })
  const says = ({ adapter }: Loaded, was: string, reply: unknown) =>
    adapter.order.says?.({ before: before(was) } as Loose, reply) ?? true
  it.each([
    [wix, 'APPROVED', { order: { id: '1', status: 'CANCELED' } }, true],
    [wix, 'APPROVED', { order: { id: '1', status: 'APPROVED' } }, false],
    [wix, 'APPROVED', { order: { id: '1' } }, true],
    [wix, 'ODD', { order: { id: '1', status: 'ODD' } }, false],
    [shoplazza, 'placed', { order: { id: '1', status: 'cancelled' } }, true],
    [shoplazza, 'placed', { order: { id: '1', status: 'placed' } }, false],
    [shoplazza, 'placed', { order: { id: '1', status: 'finished' } }, true],
    [shoplazza, 'placed', { order: { id: '1' } }, true],
    [shopline, 'open', { order: { id: '1', cancelled_at: '2026-10-06T19:20:00+08:00' } }, true],
    [shopline, 'open', { order: { id: '1' } }, true],
    [shopline, 'open', { order: { id: '1', cancelled_at: null } }, false],
    [shopline, 'open', { order: { id: '1', cancelled_at: 'null' } }, false],
    [shopline, 'open', { order: { id: '1', status: 'open' } }, false],
    [shoplineAsia, 'pending', {}, true],
  ] as const)('%#', (platform, was, reply, expected) =>
    expect(says(platform, was, reply)).toBe(expected),
  )
})

describe('what is not told is not nothing', () => {
  /** Money that goes back with the cancel where the platform tells the amount only afterwards. */
  const paymentOf = (platform: Loaded, order: Loose, after: Loose, memo: unknown = null) => {
    const read = async (given: Loose) =>
      await platform.adapter.order.look(
        open(platform, async () => Response.json(given)).store.client,
        '1',
        { ...view, request: null },
      )
    return Promise.all([read(order), read(after)]).then(
      ([was, is]) =>
        platform.adapter.order.facts?.({
          settings: open(platform).settings,
          request: ask({ orderId: '1', restock: true, reason: 'x' }),
          byCustomer: false,
          before: was.order,
          memo: memo ?? was.memo ?? null,
          reply: platform === wix ? {} : null,
          look: is,
        }) ?? {},
    )
  }
  const wixOrder = (more: object) => ({
    order: { id: '1', status: 'CANCELED', currency: 'EUR', paymentStatus: 'PAID', ...more },
  })
  const lineOrder = (more: object) => ({
    orders: [
      {
        id: '1',
        status: 'cancelled',
        financial_status: 'paid',
        currency: 'EUR',
        cancel_reason: 'x',
        payment_details: [{ pay_status: 'paid', pay_amount: '30.00' }],
        ...more,
      },
    ],
  })

  it('wix: refunds that are left out until there is one', async () => {
    const paid = { balanceSummary: { paid: { amount: '30' } } }
    expect((await paymentOf(wix, wixOrder(paid), wixOrder(paid))).payment).toMatchObject({
      done: 'no',
      basis: 'confirmed',
      detail: expect.stringContaining('30.00 EUR stay paid'),
    })
    const gone = wixOrder({
      paymentStatus: 'FULLY_REFUNDED',
      balanceSummary: { paid: { amount: '30' }, refunded: { amount: '30' } },
    })
    expect((await paymentOf(wix, wixOrder(paid), gone)).payment).toMatchObject({
      done: 'yes',
      amount: { amount: '30.00' },
    })
    expect(
      (await paymentOf(wix, wixOrder({}), wixOrder({ paymentStatus: 'FULLY_REFUNDED' }))).payment,
    ).toMatchObject({ done: 'yes', basis: 'confirmed' })
    expect(
      (await paymentOf(wix, wixOrder({ paymentStatus: 'PARTIALLY_REFUNDED' }), gone)).payment,
    ).toMatchObject({ done: 'unknown', basis: 'none' })
    expect((await paymentOf(wix, wixOrder({}), wixOrder({}))).payment).toMatchObject({
      done: 'no',
      basis: 'documented',
    })
  })

  it('wix: lines, quantities and catalogs', async () => {
    const line = {
      id: 'a',
      quantity: 1,
      catalogReference: { appId: '215238eb-22a5-4c36-9e7b-e7c08025e04e' },
    }
    const lines = (...lineItems: object[]) => wixOrder({ lineItems })
    const restock = async (was: Loose, is: Loose) => (await paymentOf(wix, was, is)).restock
    expect(
      await restock(lines({ ...line, restockQuantity: 0 }), lines({ ...line, restockQuantity: 1 })),
    ).toMatchObject({ done: 'yes' })
    expect(
      await restock(
        lines({ ...line, restockQuantity: 0 }),
        lines({ ...line, quantity: undefined, restockQuantity: 1 }),
      ),
    ).toMatchObject({ done: 'unknown', basis: 'none' })
    expect(
      await restock(
        lines(line, line),
        lines({ ...line, restockQuantity: 1 }, { ...line, id: 'b' }),
      ),
    ).toMatchObject({
      done: 'unknown',
      detail: '1 of 2 lines were put back in full, 1 do not tell.',
    })
    expect(await restock(wixOrder({}), wixOrder({}))).toMatchObject({ done: 'unknown' })
    expect(await restock(lines({ id: 'a' }), lines({ id: 'a' }))).toMatchObject({
      done: 'unknown',
      detail: expect.stringContaining('catalog is not told'),
    })
  })

  it('shoplazza: refunds and the reason', async () => {
    const order = (more: object) => ({
      order: {
        id: '1',
        status: 'cancelled',
        currency: 'EUR',
        financial_status: 'paid',
        total_paid: '30.00',
        ...more,
      },
    })
    expect(
      await paymentOf(
        shoplazza,
        order({}),
        order({ financial_status: 'refunded', total_refund_price: '30.00' }),
      ),
    ).toMatchObject({
      payment: { done: 'yes', amount: { amount: '30.00' } },
      reason: { done: 'unknown', basis: 'none' },
    })
    expect(
      (
        await paymentOf(
          shoplazza,
          order({ financial_status: 'partially_refunded' }),
          order({ financial_status: 'partially_refunded' }),
        )
      ).payment,
    ).toMatchObject({ done: 'unknown' })
    expect(
      (await paymentOf(shoplazza, order({}), order({ cancel_reason: '' }))).reason,
    ).toMatchObject({ done: 'failed' })
  })

  it('shopline: refunds, their transactions, their amounts and their lines', async () => {
    const was = lineOrder({ refunds: [] })
    const fresh = (refund: object) => lineOrder({ refunds: [{ id: 9, ...refund }] })
    expect(
      await paymentOf(
        shopline,
        was,
        fresh({ transactions: [], refund_line_items: [{ restock_type: 'return' }] }),
      ),
    ).toMatchObject({ payment: { done: 'no', basis: 'confirmed' }, restock: { done: 'yes' } })
    for (const is of [
      lineOrder({}),
      lineOrder({ refunds: null }),
      fresh({}),
      fresh({ transactions: null }),
      fresh({ transactions: [{ status: 'success' }] }),
    ]) {
      expect(await paymentOf(shopline, was, is), JSON.stringify(is)).toMatchObject({
        payment: { done: 'unknown', basis: 'none' },
        restock: { done: 'unknown' },
      })
    }
    expect(await paymentOf(shopline, lineOrder({}), fresh({ transactions: [] }))).toMatchObject({
      payment: { done: 'unknown' },
    })
    const unpaid = { financial_status: 'unpaid', payment_details: [] }
    expect((await paymentOf(shopline, lineOrder(unpaid), lineOrder(unpaid))).payment).toMatchObject(
      { done: 'no', detail: 'Nothing was paid.' },
    )
    const silent = lineOrder({ refunds: [] })
    delete silent.orders[0]?.['cancel_reason' as never]
    expect((await paymentOf(shopline, was, silent)).reason).toMatchObject({ done: 'unknown' })
  })

  it('shopline: ids that are numbers in one reply and texts in another are the same', async () => {
    const was = lineOrder({
      refunds: [{ id: 7, transactions: [{ status: 'success', amount: 5 }] }],
    })
    expect(
      (
        await paymentOf(
          shopline,
          was,
          lineOrder({ refunds: [{ id: '7', transactions: [{ status: 'success', amount: 5 }] }] }),
        )
      ).payment,
    ).toMatchObject({ done: 'no', basis: 'confirmed' })
  })

  it('shopline-asia: a stock tag that cannot be read may be one of a failure', async () => {
    for (const tags of ['x', [null], [{ stock_tag: 7 }]]) {
      const { cancel } = open(shoplineAsia, async (request, pass) => {
        const reply = await pass()
        return request.method === 'PATCH'
          ? Response.json({ order_items_stock_tag: tags }, { status: reply.status })
          : reply
      })
      expect(await cancel({ orderId: 'paid', restock: true }), JSON.stringify(tags)).toMatchObject({
        status: 'succeeded',
        effects: { restock: { outcome: 'unverified' } },
      })
    }
    expect(
      await paymentOf(
        shoplineAsia,
        { id: '1', status: 'pending' },
        { id: '1', status: 'cancelled', order_items_stock_tag: [{ stock_tag: 'INCREASE_FAILED' }] },
      ),
    ).toMatchObject({
      restock: { done: 'failed', detail: expect.stringContaining('not told') },
      payment: { done: 'unknown' },
    })
  })
})

describe('the same words in other bytes', () => {
  const REASON = 'Zu gro\u0308ßere Menge\r\nCustomer called'
  const composed = (text: unknown) =>
    typeof text === 'string' ? text.normalize('NFC').replaceAll('\r\n', '\n') : text
  it.each([
    ['shoplazza', shoplazza],
    ['shopline', shopline],
  ] as const)('%s: the reason is kept', async (_, platform) => {
    const { cancel } = open(
      platform,
      bend((order) => {
        order.cancel_reason = composed(order.cancel_reason)
      }),
    )
    expect((await cancel({ orderId: 'paid', reason: REASON })).effects.reason).toMatchObject({
      outcome: 'applied',
    })
  })
  it('wix: the comment is there already', async () => {
    const { store, cancel, sandbox, settings } = open(
      wix,
      bend((order) => {
        for (const activity of order.activities)
          if (activity.merchantComment)
            activity.merchantComment.message = composed(activity.merchantComment.message)
      }),
    )
    const { request } = await cancel({ orderId: 'paid', reason: REASON })
    const look = await store.adapter.order.look(store.client, 'paid', { ...view, request })
    expect(
      await store.adapter.order.after?.(store.client, {
        settings,
        request,
        byCustomer: false,
        before: look.order,
        memo: null,
        reply: null,
        look,
      }),
    ).toMatchObject({ reason: { done: 'yes', basis: 'confirmed' } })
    expect(sandbox.cancels.get('paid')).toBe(1)
  })
})

describe('words and digits that mean something else elsewhere', () => {
  it('shoplazza: an error’s code that is a member of every object is a code like any other', async () => {
    for (const code of ['constructor', 'toString', '__proto__'])
      expect(await failureOf(shoplazza, 422, { code, message: 'No' }), code).toMatchObject({
        kind: 'doubt',
        upstream: { code, message: 'No' },
      })
  })
  it('shoplazza: a reason or a number that begins like a zero time is told, and shows that the order is canceled', async () => {
    for (const reason of ['0000-4711 ordered twice', '1970-01-01 is no date of birth']) {
      const { store } = open(
        shoplazza,
        bend((order) =>
          Object.assign(order, {
            status: 'finished',
            cancel_reason: reason,
            canceled_at: null,
            cancelled_at: null,
            number: '0000-12',
          }),
        ),
      )
      expect((await readOrder(store, 'paid')).order, reason).toMatchObject({
        status: 'canceled',
        reason,
        number: '0000-12',
      })
    }
    const { store } = open(
      shoplazza,
      bend((order) =>
        Object.assign(order, {
          status: 'finished',
          cancel_reason: '',
          canceled_at: '0001-01-01T00:00:00Z',
          cancelled_at: null,
        }),
      ),
    )
    expect((await readOrder(store, 'paid')).order).toMatchObject({
      status: 'completed',
      canceledAt: null,
    })
  })
  it('shopline: a currency in other letters is the same', async () => {
    const { store } = open(shopline, async () =>
      Response.json({
        orders: [
          {
            id: 'paid',
            status: 'open',
            currency: 'eur ',
            current_total_price_set: { shop_money: { currency_code: 'EUR' } },
            refunds: [
              { id: 1, transactions: [{ status: 'success', amount: '5', currency: ' eur' }] },
            ],
          },
        ],
      }),
    )
    expect((await readOrder(store, 'paid')).order).toMatchObject({
      currency: 'EUR',
      totals: { refunded: { amount: '5.00', currency: 'EUR' } },
    })
  })
  it('shopline-asia: points as a text are points', async () => {
    const { store } = open(
      shoplineAsia,
      bend((order) => {
        order.order_points = '120'
      }),
    )
    expect(
      (await preview(store, ask({ orderId: 'paid' }), false)).effects.payment.detail,
    ).toContain('120 member points are not given back')
  })
  it.each([
    ['shopline', shopline],
    ['shopline-asia', shoplineAsia],
    ['wix', wix],
  ] as [string, Loaded][])('%s: a number in other bytes is the same', async (_, platform) => {
    const number = '\u00c9-12'
    const { store } = open(platform, async () =>
      Response.json(
        platform === shoplineAsia
          ? { items: [{ id: '1', status: 'pending', merchant_order_number: number }] }
          : { orders: [{ id: '1', status: 'open', name: number, number }] },
      ),
    )
    expect(await findOrders(store, number.normalize('NFD'))).toMatchObject([{ id: '1', number }])
  })
})

describe('success that is none', () => {
  it('shopline-asia: an error under 200 is no word that the order is canceled', async () => {
    for (const body of [{ error: 'Order is locked' }, { message: 'Cannot cancel', code: 'X' }]) {
      const { cancel, rest } = open(shoplineAsia, async (request, pass) =>
        request.method === 'PATCH' ? Response.json(body) : pass(),
      )
      const record = await cancel({ orderId: 'paid' })
      expect(record).toMatchObject({ status: 'in_doubt', word: undefined })
      expect(await rest(record.id)).toMatchObject({
        status: 'needs_attention',
        problem: { acted: 'unknown' },
      })
    }
  })
  it('wix: a token whose life is told as a text, or oddly, is a token', () => {
    for (const expires_in of ['14400', 14400, 'soon', null, -1])
      expect(
        wire.TokenReply.safeParse({ access_token: 'x', expires_in }).success,
        String(expires_in),
      ).toBe(true)
  })
  it('wix: a comment of which the time is not told is not written twice', () => {
    const noted = (activities: object[]) =>
      isNoted(wire.Order.parse({ id: '1', activities }), 'Wrong size')
    const canceled = { type: 'ORDER_CANCELED', createdDate: '2026-11-21T12:00:00Z' }
    const comment = (createdDate?: string) => ({
      type: 'MERCHANT_COMMENT',
      merchantComment: { message: 'Wrong size' },
      createdDate,
    })
    expect(
      [
        [canceled, comment()],
        [comment('2026-11-21T12:00:01Z')],
        [canceled, comment('2026-11-21T12:00:01Z')],
      ].map(noted),
    ).toEqual([true, true, true])
    expect([[canceled, comment('2026-11-21T11:00:00Z')], [canceled], []].map(noted)).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('a search by number that fills a page', () => {
  it('shopline-asia: goes on to the next page, and says where it stopped', async () => {
    const asked: string[] = []
    const search =
      (all: readonly string[]): Between =>
      async (request) => {
        const { searchParams } = new URL(request.url)
        asked.push(searchParams.get('page') ?? '')
        const [page, size] = [
          Number(searchParams.get('page')),
          Number(searchParams.get('per_page')),
        ]
        return Response.json({
          items: all.slice((page - 1) * size, page * size).map((number, index) => ({
            id: `${page}-${index}`,
            status: 'pending',
            order_number: number,
          })),
        })
      }
    const many = (count: number) => Array.from({ length: count }, (_, n) => `1${n}`)
    expect(
      await findOrders(open(shoplineAsia, search([...many(70), '1'])).store, '1'),
    ).toMatchObject([{ number: '1' }])
    expect(asked).toEqual(['1', '2'])
    await expect(
      findOrders(open(shoplineAsia, search(many(500))).store, '7'),
    ).rejects.toMatchObject({ problem: { code: 'unsupported' } })
    expect(await findOrders(open(shoplineAsia, search(many(20))).store, '7')).toEqual([])
  })

  it('shopline: a page that is full proves nothing of what is not on it', async () => {
    const listing =
      (count: number): Between =>
      async () =>
        Response.json({
          orders: Array.from({ length: count }, (_, n) => ({
            id: `${n}`,
            name: `1${n}`,
            status: 'open',
          })),
        })
    await expect(findOrders(open(shopline, listing(20)).store, '7')).rejects.toMatchObject({
      problem: { code: 'unsupported' },
    })
    expect(await findOrders(open(shopline, listing(19)).store, '7')).toEqual([])
    expect(await findOrders(open(shopline, listing(20)).store, '13')).toMatchObject([
      { number: '13' },
    ])
  })

  it('wix: a filter that was ignored proves nothing, nor does a list that is not told', async () => {
    const answer =
      (body: object): Between =>
      async () =>
        Response.json(body)
    await expect(
      findOrders(open(wix, answer({ orders: [{ id: '1', number: '8' }] })).store, '7'),
    ).rejects.toMatchObject({ problem: { code: 'unsupported' } })
    await expect(findOrders(open(wix, answer({})).store, '7')).rejects.toMatchObject({
      problem: { code: 'platform-unavailable' },
    })
    expect(await findOrders(open(wix, answer({ metadata: { count: 0 } })).store, '7')).toEqual([])
    expect(
      await findOrders(
        open(
          wix,
          answer({
            orders: [
              { id: '1', number: 7 },
              { id: '2', number: '7' },
            ],
            metadata: { count: 2, hasNext: true },
          }),
        ).store,
        '7',
      ),
    ).toHaveLength(2)
  })
})
