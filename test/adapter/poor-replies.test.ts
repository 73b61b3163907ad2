/**
 * Wix, Shoplazza, SHOPLINE and SHOPLINE Asia where a reply is poor, odd, about another order, or in
 * plain words; what is about one of them alone stands in its folder.
 */
import { describe, expect, it } from 'vitest'
import { canonicalOf } from '../../src/adapter/contract.ts'
import type { CallFailure } from '../../src/adapter/failure.ts'
import { preview, readOrder } from '../../src/gateway/read.ts'
import { Order } from '../../src/model/order.ts'
import { type Loaded, loaded } from './loaded.ts'
import { ask, bend, failureOf, type Loose, open, orderIn, view } from './replies.ts'

const named = (id: string): Loaded => loaded.find(({ adapter }) => adapter.id === id) as Loaded
const [wix, shoplazza] = [named('wix'), named('shoplazza')]
const [shopline, shoplineAsia] = [named('shopline'), named('shopline-asia')]

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
      shopline: RegExp(
        '^(?:status|financial_status|fulfillment_status(?:_v2)?|' +
          'cancelled_at|payment_details|refunds)(?:[.]|$)',
      ),
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
})
