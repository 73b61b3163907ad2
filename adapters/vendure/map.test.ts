/** How an order of Vendure's reads: where the money is and how much, what was ordered, its page. */
import { describe, expect, it } from 'vitest'
import { money } from '../../src/model/money.ts'
import { Order } from '../../src/model/order.ts'
import { Settings } from './access.ts'
import { vendure } from './index.ts'
import { scaleOf, toOrder, trackedPiecesOf } from './map.ts'
import recorded from './sandbox/order.json' with { type: 'json' }
import * as wire from './wire.ts'

/** The recorded order, read with some of it changed. */
const orderWith = (change: object): wire.Order =>
  wire.Order.parse({ ...recorded.data.order, ...change })
const settings = Settings.parse({ baseUrl: 'https://vendure.example', apiKey: 'k' })
const shown = (change: object, precision = 2) =>
  toOrder(orderWith(change), scaleOf(settings, precision))
const paid = (state: string, amount: number, ...refunds: [string, number][]) => ({
  state,
  amount,
  refunds: refunds.map(([of, total]) => ({ state: of, total })),
})

describe('money', () => {
  it.each([
    [5572, 2, 'USD', '55.72'],
    [7, 2, 'USD', '0.07'],
    [-1250, 2, 'USD', '-12.50'],
    [0, 2, 'USD', '0.00'],
    [120_000, 2, 'JPY', '1200'],
    [1200, 0, 'JPY', '1200'],
    [12_345, 3, 'USD', '12.345'],
    [9_007_199_254_740_991, 2, 'USD', '90071992547409.91'],
  ])('%s at %s places of %s is %s', (amount, precision, currency, text) =>
    expect(scaleOf(settings, precision)(amount, currency)?.amount).toBe(text),
  )

  it('has each currency’s own places where the settings say so', () => {
    const scale = scaleOf({ ...settings, amounts: 'currency' }, 2)
    expect(['JPY', 'USD', 'KWD'].map((code) => scale(1200, code)?.amount)).toEqual([
      '1200',
      '12.00',
      '1.200',
    ])
  })

  it.each([
    [[], 'unpaid'],
    [[paid('Created', 5572)], 'pending'],
    [[paid('Declined', 5572)], 'failed'],
    [[paid('Error', 5572), paid('Authorized', 5572)], 'authorized'],
    [[paid('Cancelled', 5572)], 'voided'],
    [[paid('Settled', 5572)], 'paid'],
    [[paid('Settled', 5000)], 'partially_paid'],
    [[paid('Settled', 5572, ['Settled', 500])], 'partially_refunded'],
    [[paid('Settled', 5572, ['Settled', 5072], ['Settled', 500])], 'refunded'],
    [[paid('Settled', 5572, ['Pending', 5572])], 'refund_pending'],
    [[paid('Settled', 5572, ['Failed', 5572])], 'paid'],
    [[paid('OnItsWay', 5572)], 'unknown'],
    [[paid('Settled', 5572, ['OnItsWay', 1])], 'unknown'],
    [[{ state: 'Settled', amount: null, refunds: [] }], 'unknown'],
    [[{ state: 'Settled', amount: 5572 }], 'unknown'],
    [null, 'unknown'],
  ])('%j is %s', (payments, status) => expect(shown({ payments }).paymentStatus).toBe(status))
})

describe('what was ordered, of an order that was canceled before we knew it', () => {
  const gone = {
    state: 'Cancelled',
    lines: recorded.data.order.lines.map((line) => ({ ...line, quantity: 0 })),
    totalWithTax: 0,
    payments: [paid('Settled', 5572)],
  }
  const canceledOnce = { items: [{ type: 'ORDER_CANCELLATION', data: {} }] }
  it.each([
    ['what was paid for it', {}, '55.72'],
    [
      'what was paid and held',
      { payments: [paid('Settled', 572), paid('Authorized', 5000)] },
      '55.72',
    ],
    [
      'what was paid, though it went back',
      { payments: [paid('Settled', 5572, ['Settled', 5572])] },
      '55.72',
    ],
    ['not told where it was modified', { modifications: [{ id: '1' }] }, null],
    [
      'not told where a line was canceled before',
      { history: { items: [...canceledOnce.items, ...canceledOnce.items] } },
      null,
    ],
    ['not told where an authorization was given up', { payments: [paid('Cancelled', 5572)] }, null],
    ['not told of what was never placed', { orderPlacedAt: null }, null],
    ['not told where the payments are not', { payments: null }, null],
  ])('is %s', (_, change, total) => {
    const order = shown({ ...gone, history: canceledOnce, ...change })
    expect(order.totals.total).toEqual(money(total, 'USD'))
    expect(order.lines?.map(({ quantity }) => quantity)).toEqual([2, 1])
  })
})

it.each([
  ['TRUE', false, 3],
  ['FALSE', true, 0],
  ['INHERIT', true, 3],
  ['INHERIT', false, 0],
  [undefined, false, 3],
])('a variant that says %s where the server says %s: %s pieces have a stock', (flag, usual, is) => {
  const { lines } = recorded.data.order
  const changed = lines.map((line) => ({
    ...line,
    productVariant: { ...line.productVariant, trackInventory: flag },
  }))
  expect(trackedPiecesOf(orderWith({ lines: changed }), usual)).toBe(is)
})

describe('fulfillments', () => {
  const of = (state: string, ...quantities: number[]) => ({
    state,
    lines: quantities.map((quantity) => ({ quantity })),
  })
  it.each([
    [[], 'unfulfilled'],
    [[of('Cancelled', 2, 1)], 'unfulfilled'],
    [[of('Pending', 2)], 'partially_fulfilled'],
    [[of('Pending', 2, 1)], 'fulfilled'],
    [[of('Shipped', 2), of('Pending', 1)], 'fulfilled'],
    [[of('Shipped', 2), of('Delivered', 1)], 'shipped'],
    [[of('Delivered', 2, 1)], 'delivered'],
    [[of('OnItsWay', 2, 1)], 'unknown'],
    [[{ state: 'Shipped', lines: null }], 'unknown'],
  ])('%j are %s', (fulfillments, status) =>
    expect(shown({ fulfillments }).fulfillmentStatus).toBe(status),
  )
})

it('leads to the order in the dashboard, where the settings say where that is', () => {
  const link = (dashboardUrl: string | undefined, change = {}) =>
    vendure.adminUrl?.({ ...settings, dashboardUrl }, { ...shown({}), ...change })
  const { id } = recorded.data.order
  expect(link(undefined)).toBe(null)
  expect(link('https://admin.example/dashboard')).toBe(
    `https://admin.example/dashboard/orders/${id}`,
  )
  expect(link('https://admin.example/d', { status: 'draft', id: 'a b' })).toBe(
    'https://admin.example/d/orders/draft/a%20b',
  )
  expect(link('http://elsewhere.example/dashboard')).toBe(null)
  expect(link('http://vendure.example/dashboard')).toBe(
    `http://vendure.example/dashboard/orders/${id}`,
  )
})

it('reads a poor order: what only describes it may be missing or odd', () => {
  const poor = {
    id: 7,
    type: 'Regular',
    state: 'BrandNew',
    active: false,
    nextStates: [],
    lines: [{ quantity: 2 }],
    fulfillments: [],
    totalWithTax: '5572',
    customer: [],
    history: 'none',
    discounts: [{ amountWithTax: 1.5 }],
  }
  const order = toOrder(wire.Order.parse(poor), scaleOf(settings, 2))
  expect(Order.safeParse(order).success).toBe(true)
  expect(order).toMatchObject({
    id: '7',
    status: 'unknown',
    paymentStatus: 'unknown',
    currency: null,
    totals: { total: null, discount: null },
    customer: null,
    lines: [{ quantity: 2, sku: null, unitPrice: null }],
    native: { status: 'BrandNew' },
  })
  for (const missing of ['id', 'type', 'state', 'active', 'nextStates', 'lines', 'fulfillments'])
    expect(wire.Order.safeParse({ ...poor, [missing]: undefined }).success, missing).toBe(false)
})
