/**
 * Two looks at one order: whether money moved, and whether anything did that a cancel could have
 * touched.
 */
import { describe, expect, it } from 'vitest'
import { money } from '../../src/model/money.ts'
import { moneyMoved, Order, unchanged, withoutCustomer } from '../../src/model/order.ts'
import { order } from './samples.ts'

const MONEY = [
  ['payment state', order({ paymentStatus: 'refunded' })],
  ['paid', order({}, { paid: money('99.99', 'USD') })],
  ['paid, another currency', order({}, { paid: money('100', 'EUR') })],
  ['paid, no longer told', order({}, { paid: null })],
  ['refunded', order({}, { refunded: money('1', 'USD') })],
] as const
const STATE = [
  ['status', order({ status: 'canceled' })],
  [
    'native status',
    order({ native: { status: 'archived', paymentStatus: 'paid', fulfillmentStatus: 'none' } }),
  ],
  ['fulfillment', order({ fulfillmentStatus: 'shipped' })],
  ['total', order({}, { total: money('0', 'USD') })],
] as const
const HARMLESS = [
  ['nothing', order()],
  [
    'the hour',
    order({ readAt: '2026-11-22T00:00:00.000Z', updatedAt: '2026-11-22T00:00:00.000Z' }),
  ],
  ['our own note', order({ reason: 'Wrong quantity' })],
  [
    'other money words',
    order(
      { native: { status: 'open', paymentStatus: 'captured', fulfillmentStatus: 'none' } },
      { tax: money('1', 'USD') },
    ),
  ],
] as const

describe('between two looks', () => {
  it.each(MONEY)('money moved: %s', (_, after) => {
    expect(moneyMoved(order(), after)).toBe(true)
    expect([unchanged(order(), after), unchanged(after, order())]).toEqual([false, false])
  })
  const unpaid = order({ paymentStatus: 'unpaid' }, { paid: money('0', 'USD') })
  it.each([
    ['a hold', unpaid, order({ paymentStatus: 'authorized' }, { paid: money('0', 'USD') })],
    ['a capture', order({ paymentStatus: 'authorized' }, { paid: money('0', 'USD') }), order()],
    [
      'a part, then the rest',
      order({ paymentStatus: 'partially_paid' }, { paid: money('5', 'USD') }),
      order(),
    ],
    ['more of the same', order({}, { paid: money('99.99', 'USD') }), order()],
    ['told for the first time', order({}, { paid: null }), order()],
  ] as const)('money that came in is none of our doing: %s', (_, before, after) => {
    expect([moneyMoved(before, after), unchanged(before, after)]).toEqual([false, false])
  })
  it.each([
    [
      'a hold given up',
      order({ paymentStatus: 'authorized' }),
      order({ paymentStatus: 'pending' }),
    ],
    ['a state nobody knows', order({ paymentStatus: 'unknown' }), order()],
    ['paid, and refunded at once', unpaid, order({}, { refunded: money('1', 'USD') })],
    ['more paid, but refunded by its state', unpaid, order({ paymentStatus: 'refunded' })],
  ] as const)('money moved: %s', (_, before, after) => {
    expect(moneyMoved(before, after)).toBe(true)
  })
  it.each(STATE)('changed, but no money: %s', (_, after) => {
    expect(moneyMoved(order(), after)).toBe(false)
    expect([unchanged(order(), after), unchanged(after, order())]).toEqual([false, false])
  })
  it.each(HARMLESS)('unchanged: %s', (_, after) => {
    expect(moneyMoved(order(), after)).toBe(false)
    expect(unchanged(order(), after)).toBe(true)
  })
  /**
   * What is not told on one side is no proof of anything, but that many platforms leave out what is
   * zero. Before, after: did money move; may it be sent again.
   * What was told as an amount and is not told any more is for a person to see: neither "nothing
   * changed" nor another cancel can rest on it.
   */
  it.each([
    ['refunded', null, null, false, true],
    ['refunded', null, '0', false, true],
    ['refunded', '0', null, false, true],
    ['refunded', '0', '0.00', false, true],
    ['refunded', '5.0', '5.000', false, true],
    ['refunded', null, '5', true, false],
    ['refunded', '0', '5', true, false],
    ['refunded', '5', '5.01', true, false],
    ['refunded', '5', null, true, false],
    ['refunded', '5', '0', true, false],
    ['paid', null, null, false, true],
    ['paid', null, '0', false, true],
    ['paid', '0', null, false, true],
    ['paid', '0', '0.00', false, true],
    ['paid', '30.0', '30.00', false, true],
    ['paid', null, '30', false, false],
    ['paid', '0', '30', false, false],
    ['paid', '30', '31', false, false],
    ['paid', '30', '29', true, false],
    ['paid', '30', '0', true, false],
    ['paid', '30', null, true, false],
    ['total', null, null, false, true],
    ['total', null, '0', false, true],
    ['total', '30', '30.000', false, true],
    ['total', null, '30', false, false],
    ['total', '30', null, false, false],
    ['total', '30', '29', false, false],
  ] as const)(
    '%s %j, then %j: moved %s, unchanged %s',
    (name, before, after, isMoved, isUnchanged) => {
      const told = (amount: string | null) =>
        order(
          {},
          {
            paid: money('100', 'USD'),
            refunded: null,
            [name]: amount === null ? null : { amount, currency: 'USD' },
          },
        )
      expect([moneyMoved(told(before), told(after)), unchanged(told(before), told(after))]).toEqual(
        [isMoved, isUnchanged],
      )
    },
  )

  it('what is told by neither is equal', () => {
    const silent = order({}, { paid: null, refunded: null, total: null })
    expect([moneyMoved(silent, silent), unchanged(silent, silent)]).toEqual([false, true])
  })
})

describe('the canonical order', () => {
  it('is what the contract lists', () => {
    expect(Order.parse(order())).toEqual(order())
    expect(Object.keys(Order.shape)).toEqual([
      'id',
      'number',
      'status',
      'paymentStatus',
      'fulfillmentStatus',
      'currency',
      'totals',
      'customer',
      'lines',
      'reason',
      'canceledAt',
      'createdAt',
      'updatedAt',
      'native',
      'readAt',
      // And, where that is known, where the merchant finds it.
      'adminUrl',
    ])
    expect(Order.shape.status.options).toEqual([
      'pending',
      'open',
      'completed',
      'canceled',
      'draft',
      'on_hold',
      'failed',
      'unknown',
    ])
    expect(Order.shape.paymentStatus.options).toEqual([
      'unpaid',
      'pending',
      'authorized',
      'partially_paid',
      'paid',
      'partially_refunded',
      'refunded',
      'refund_pending',
      'refund_failed',
      'voided',
      'failed',
      'unknown',
    ])
    expect(Order.shape.fulfillmentStatus.options).toEqual([
      'unfulfilled',
      'partially_fulfilled',
      'fulfilled',
      'shipped',
      'delivered',
      'partially_returned',
      'returned',
      'canceled',
      'not_required',
      'unknown',
    ])
    expect(Object.keys(Order.shape.totals.shape)).toEqual([
      'subtotal',
      'discount',
      'shipping',
      'tax',
      'total',
      'paid',
      'refunded',
    ])
  })
  it('loses its customer and nothing else', () => {
    expect(withoutCustomer(order())).toEqual({ ...order(), customer: null })
    expect(withoutCustomer(null)).toBeNull()
  })
})
