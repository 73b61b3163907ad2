/**
 * Medusa's adapter where cases and sandbox do not reach: what is foretold of money that is not
 * told, whose word a reply is, and searches of many pages.
 */
import { describe, expect, it } from 'vitest'
import { medusa } from './index.ts'
import { mercur } from '../mercur/index.ts'
import { toOrder } from './map.ts'
import { Order } from './wire.ts'
import { openStore } from '../../src/connection/store.ts'
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import { fetchTransport } from '../../src/connection/transport.ts'
import { findOrders, preview } from '../../src/gateway/read.ts'
import { CancelRequest } from '../../src/model/request.ts'

const payment = {
  amount: 30,
  currency_code: 'eur',
  captured_at: null,
  canceled_at: null,
  captures: [],
  refunds: [],
}
const paid = { ...payment, captured_at: '2026-11-20T10:01:00.000Z', captures: [{ amount: 30 }] }
const order = (more: object = {}) => ({
  id: 'order_1',
  display_id: 7,
  status: 'pending',
  payment_status: 'captured',
  fulfillment_status: 'not_fulfilled',
  currency_code: 'eur',
  total: 30,
  credit_line_total: 0,
  items: [],
  fulfillments: [],
  payment_collections: [{ payments: [paid] }],
  ...more,
})
const holding = (...payments: object[]) => ({ payment_collections: [{ payments }] })

/** A store whose platform answers like this; `asked` counts. */
const open = (
  answer: (url: URL, method: string) => unknown,
  adapter: AnyAdapter = medusa,
  settings: object = { secretKey: 'sk_0123456789' },
) => {
  const asked: string[] = []
  const transport = fetchTransport(async (url, init) => {
    asked.push(`${init?.method} ${new URL(String(url)).pathname}`)
    return Response.json(answer(new URL(String(url)), init?.method ?? 'GET'))
  })
  return {
    asked,
    store: openStore(
      'shop',
      adapter,
      adapter.settings.parse({ baseUrl: 'https://shop.example', ...settings }),
      { transport, callTimeoutMs: 1_000, settleMs: 100, test: true },
    ),
  }
}
const request = {
  ...CancelRequest.parse({ orderId: 'order_1', reason: 'Wrong size' }),
  store: 'shop',
}
const foresee = async (more: object) => {
  const { store } = open(({ pathname }) =>
    pathname.endsWith('/changes') ? { order_changes: [] } : { order: order(more) },
  )
  const { effects, order: seen } = await preview(store, request, false)
  return [
    effects.payment.outcome,
    effects.payment.amount?.amount ?? null,
    seen.paymentStatus,
    seen.totals.paid?.amount ?? null,
    seen.totals.refunded?.amount ?? null,
  ]
}

describe('money that is not told', () => {
  it.each([
    ['all of it told', {}, ['automatic', '30.00', 'paid', '30.00', '0.00']],
    [
      'nothing there, and told so',
      { payment_collections: [], payment_status: 'not_paid' },
      ['withheld', null, 'unpaid', null, null],
    ],
    ['collections null', { payment_collections: null }, ['automatic', null, 'paid', null, null]],
    [
      'collections left out, and called unpaid',
      { payment_collections: undefined, payment_status: 'not_paid' },
      ['unverified', null, 'unpaid', null, null],
    ],
    [
      'payments null',
      { payment_collections: [{ payments: null }] },
      ['automatic', null, 'paid', null, null],
    ],
    [
      'one payment that cannot be read',
      holding(paid, { ...paid, captured_at: 7 }),
      ['automatic', null, 'paid', null, null],
    ],
    [
      'captures null, captured in full',
      holding({ ...paid, captures: null }),
      ['automatic', '30.00', 'paid', '30.00', '0.00'],
    ],
    [
      'captures null, perhaps captured in part',
      { ...holding({ ...payment, captures: null }), payment_status: 'partially_captured' },
      ['automatic', null, 'partially_paid', null, '0.00'],
    ],
    [
      'captures empty, and captured all the same',
      holding({ ...paid, captures: [] }),
      ['automatic', null, 'paid', null, '0.00'],
    ],
    [
      'refunds null',
      holding({ ...paid, refunds: null }),
      ['automatic', null, 'paid', '30.00', null],
    ],
    [
      'refunds null of what was never captured',
      { ...holding({ ...payment, refunds: null }), payment_status: 'authorized' },
      ['automatic', '30.00', 'authorized', '0.00', '0.00'],
    ],
    [
      'the amount of a capture left out',
      holding({ ...paid, captures: [{}] }),
      ['automatic', null, 'paid', null, '0.00'],
    ],
    [
      'the amount of a refund is no amount',
      {
        ...holding({ ...paid, refunds: [{ amount: { value: '5' } }] }),
        payment_status: 'refunded',
      },
      ['unverified', null, 'refunded', '30.00', null],
    ],
    [
      'no currency',
      { currency_code: null, ...holding({ ...paid, currency_code: null }) },
      ['automatic', null, 'paid', null, null],
    ],
    [
      'a word that is a member of every object',
      { payment_collections: null, payment_status: 'constructor', fulfillment_status: 'toString' },
      ['unverified', null, 'unknown', null, null],
    ],
  ] as const)('%s', async (_name, more, expected) => {
    expect(await foresee(more)).toEqual(expected)
  })
  it('times that name no instant are not told, the others are in UTC', () => {
    const { createdAt, updatedAt, canceledAt } = toOrder(
      Order.parse(
        order({
          created_at: 'yesterday',
          updated_at: '2026-11-20T10:01:00+08:00',
          canceled_at: '1763',
        }),
      ),
    )
    expect([createdAt, updatedAt, canceledAt]).toEqual([null, '2026-11-20T02:01:00.000Z', null])
  })
  it('credit lines that are not told leave the total to items and shipping, else untold', () => {
    const total = (more: object) => toOrder(Order.parse(order(more))).totals.total?.amount ?? null
    expect([
      total({}),
      total({ total: 0, credit_line_total: 30 }),
      total({ credit_line_total: null }),
      total({ total: 0, credit_line_total: undefined, item_total: 25, shipping_total: 5 }),
    ]).toEqual(['30.00', '30.00', null, '30.00'])
  })

  it('after a call an order that is still open proves nothing then', async () => {
    const money = async (more: object, sent: boolean) => {
      const { store } = open(({ pathname }) =>
        pathname.endsWith('/changes') ? { order_changes: [] } : { order: order(more) },
      )
      return (
        await medusa.order.look(store.client, 'order_1', {
          request,
          sent,
          byCustomer: false,
          memo: null,
        })
      ).money
    }
    expect([
      await money({}, true),
      await money({ payment_collections: null }, false),
      await money({ payment_collections: null }, true),
      await money(holding({ ...paid, refunds: null }), true),
    ]).toEqual([undefined, undefined, 'unseen', 'unseen'])
  })

  /** What became of the payment, from the order before and after. */
  const became = (before: object, after: object) => {
    const [was, is] = [
      Order.parse(order(before)),
      Order.parse(order({ status: 'canceled', ...after })),
    ]
    const look = { order: toOrder(is), done: true, obstacle: null, found: is }
    const fact = medusa.order.facts?.({
      settings: medusa.settings.parse({
        baseUrl: 'https://shop.example',
        secretKey: 'sk_0123456789',
      }),
      request,
      byCustomer: false,
      before: toOrder(was),
      memo: null,
      reply: null,
      look,
    }).payment
    return [fact?.done, fact?.basis, fact?.amount?.amount ?? null]
  }
  it.each([
    [
      'refunded, all told',
      {},
      holding({ ...paid, refunds: [{ amount: 30 }] }),
      ['yes', 'confirmed', '30.00'],
    ],
    [
      'untold before, but called paid',
      { payment_collections: null },
      holding({ ...paid, refunds: [{ amount: 30 }] }),
      ['yes', 'confirmed', '30.00'],
    ],
    [
      'untold before, and refunded in part by then',
      { payment_collections: null, payment_status: 'partially_refunded' },
      holding({ ...paid, refunds: [{ amount: 5 }, { amount: 25 }] }),
      ['unknown', 'none', null],
    ],
    [
      'untold after, and called refunded',
      {},
      { payment_collections: null, payment_status: 'refunded' },
      ['yes', 'reported', null],
    ],
    [
      'untold after, and called canceled, as after a refused void',
      holding(payment),
      { payment_collections: null, payment_status: 'canceled' },
      ['unknown', 'none', null],
    ],
    [
      'untold after, and called refunded before too',
      { payment_status: 'refunded', payment_collections: null },
      { payment_collections: null, payment_status: 'refunded' },
      ['unknown', 'none', null],
    ],
    [
      'nothing there before and after',
      { payment_collections: [], payment_status: 'not_paid' },
      { payment_collections: [], payment_status: 'not_paid' },
      ['no', 'confirmed', null],
    ],
  ] as const)('behind: %s', (_name, before, after, expected) => {
    expect(became(before, after)).toEqual(expected)
  })
})

describe('whose word a reply is', () => {
  it.each([medusa, mercur] as readonly AnyAdapter[])(
    '$id: one that shows the order as it was is no yes',
    (adapter) => {
      // oxlint-disable-next-line typescript/no-explicit-any
      const says = (status?: unknown) =>
        adapter.order.says?.({} as any, { order: { id: 'order_1', status } })
      expect([
        says('canceled'),
        says(),
        says(null),
        says('brand_new'),
        says('constructor'),
      ]).toEqual([true, true, true, true, true])
      expect([
        says('pending'),
        says('requires_action'),
        says('completed'),
        says('archived'),
        says('draft'),
      ]).toEqual([false, false, false, false, false])
    },
  )
  it.each([
    [medusa, { secretKey: 'sk_0123456789' }],
    [mercur, { version: '2', admin: { secretKey: 'sk_0123456789' } }],
  ] as readonly [AnyAdapter, object][])(
    '$id: a note about another order is doubt, and a poor reply to it is none',
    async (adapter, settings) => {
      const note = async (reply: unknown) => {
        const { store, asked } = open(() => reply, adapter, settings)
        const context = {
          settings: store.client.settings,
          request,
          byCustomer: false,
          before: toOrder(Order.parse(order())),
          memo: null,
        }
        await adapter.order.prepare?.(store.client, context)
        // Without anything remembered there is nothing to put back; `null` would take all of the
        // metadata away.
        await adapter.order.undo?.(store.client, context)
        return asked
      }
      for (const reply of [
        {},
        { order: null },
        { order: { id: {} } },
        'done',
        { order: { id: 'order_1' } },
      ])
        expect(await note(reply)).toEqual(['POST /admin/orders/order_1'])
      await expect(note({ order: { id: 'order_2' } })).rejects.toMatchObject({
        failure: { kind: 'doubt', result: '200 another order' },
      })
    },
  )
})

describe('a search by number', () => {
  /** A shop with this many orders that hold the digits, in pages of at most `most`. */
  const shop = (
    numbers: readonly (number | null)[],
    { most = 100, counts = true, turns = true } = {},
  ) =>
    open(({ pathname, searchParams }) => {
      const [, id] = /^\/admin\/orders\/(\w+)$/.exec(pathname) ?? []
      if (id) return { order: order({ id, display_id: Number(id.slice(6)) }) }
      const [offset, limit] = [
        turns ? Number(searchParams.get('offset')) : 0,
        Math.min(most, Number(searchParams.get('limit'))),
      ]
      return {
        orders: numbers.slice(offset, offset + limit).map((display_id, place) => ({
          id: `order_${display_id ?? `x${offset + place}`}`,
          display_id,
        })),
        ...(counts && { count: numbers.length }),
      }
    })
  const found = async (opened: ReturnType<typeof open>, number = '1') =>
    (await findOrders(opened.store, number)).map(({ number }) => number)
  const many = (length: number) => Array.from({ length }, (_, place) => 1_000 + place)

  it('turns pages until it is found, with or without the # that people see', async () => {
    for (const number of ['1', '#1'])
      expect(await found(shop([...many(120), 1]), number)).toEqual(['1'])
    expect(await found(shop([...many(60), 1], { most: 7, counts: false }))).toEqual(['1'])
  })
  it('none is said where all was seen, and nowhere else', async () => {
    expect(await found(shop(many(120)))).toEqual([])
    expect(await found(shop(many(30), { most: 7, counts: false }))).toEqual([])
    for (const opened of [
      shop(many(120), { turns: false }),
      shop(many(120), { turns: false, counts: false }),
      shop(many(5_000)),
    ]) {
      await expect(found(opened)).rejects.toMatchObject({ problem: { code: 'unsupported' } })
      expect(opened.asked.length).toBeLessThanOrEqual(20)
    }
  })
})
