/** SHOPLINE where a reply is poor, odd, or in words that no manual lists. */
import { describe, expect, it } from 'vitest'
import { shopline as adapter } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { findOrders, readOrder } from '../../src/gateway/read.ts'
import { bend, type Between, factsOf, failureOf, open, says } from '../../test/adapter/replies.ts'

const shopline = { adapter, createSandbox }

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

describe('refusals that are none, and what is in plain words', () => {
  it('a conflict is no refusal, since a second cancel is refused there', async () => {
    expect((await failureOf(shopline, 409, { errors: 'Conflict' })).kind).toBe('doubt')
  })

  it.each([
    [422, { errors: { cancel_reason: 'is too long' } }],
    [400, { errors: ['body.cancel_reason:is too long'] }],
    [412, { errors: 'Risky content' }],
    [436, 'Blocked'],
  ] as const)('it is the reason that is refused: %#', async (status, answer) => {
    expect(await failureOf(shopline, status, answer, 'x')).toMatchObject({
      kind: 'refused',
      aboutReason: true,
    })
  })

  it('another field, or a reason why, is not the reason', async () => {
    for (const words of ['restock: must be a boolean', 'Order cannot be canceled, reason: shipped'])
      expect((await failureOf(shopline, 422, { errors: words })).aboutReason, words).toBeUndefined()
  })
})

describe('what a success says', () => {
  it.each([
    ['open', { order: { id: '1', cancelled_at: '2026-10-06T19:20:00+08:00' } }, true],
    ['open', { order: { id: '1' } }, true],
    ['open', { order: { id: '1', cancelled_at: null } }, false],
    ['open', { order: { id: '1', cancelled_at: 'null' } }, false],
    ['open', { order: { id: '1', status: 'open' } }, false],
  ] as const)('%#', (was, reply, expected) => expect(says(shopline, was, reply)).toBe(expected))
})

describe('what is not told is not nothing', () => {
  it('refunds, their transactions, their amounts and their lines', async () => {
    const was = lineOrder({ refunds: [] })
    const fresh = (refund: object) => lineOrder({ refunds: [{ id: 9, ...refund }] })
    expect(
      await factsOf(
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
      expect(await factsOf(shopline, was, is), JSON.stringify(is)).toMatchObject({
        payment: { done: 'unknown', basis: 'none' },
        restock: { done: 'unknown' },
      })
    }
    expect(await factsOf(shopline, lineOrder({}), fresh({ transactions: [] }))).toMatchObject({
      payment: { done: 'unknown' },
    })
    const unpaid = { financial_status: 'unpaid', payment_details: [] }
    expect((await factsOf(shopline, lineOrder(unpaid), lineOrder(unpaid))).payment).toMatchObject({
      done: 'nothing',
      detail: 'Nothing was paid.',
    })
    const silent = lineOrder({ refunds: [] })
    delete silent.orders[0]?.['cancel_reason' as never]
    expect((await factsOf(shopline, was, silent)).reason).toMatchObject({ done: 'unknown' })
  })

  it('ids that are numbers in one reply and texts in another are the same', async () => {
    const was = lineOrder({
      refunds: [{ id: 7, transactions: [{ status: 'success', amount: 5 }] }],
    })
    expect(
      (
        await factsOf(
          shopline,
          was,
          lineOrder({ refunds: [{ id: '7', transactions: [{ status: 'success', amount: 5 }] }] }),
        )
      ).payment,
    ).toMatchObject({ done: 'no', basis: 'confirmed' })
  })
})

describe('the same words in other bytes', () => {
  it('the reason is kept', async () => {
    const { cancel } = open(
      shopline,
      bend((order) => {
        order.cancel_reason = order.cancel_reason?.normalize('NFC').replaceAll('\r\n', '\n')
      }),
    )
    const reason = 'Zu gro\u0308ßere Menge\r\nCustomer called'
    expect((await cancel({ orderId: 'paid', reason })).effects.reason).toMatchObject({
      outcome: 'applied',
    })
  })

  it('a number in other bytes is the same', async () => {
    const number = '\u00c9-12'
    const { store } = open(shopline, async () =>
      Response.json({ orders: [{ id: '1', status: 'open', name: number }] }),
    )
    expect(await findOrders(store, number.normalize('NFD'))).toMatchObject([{ id: '1', number }])
  })
})

describe('words that mean something else elsewhere', () => {
  it('a currency in other letters is the same', async () => {
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
})

describe('a search by number that fills a page', () => {
  it('proves nothing of what is not on the page', async () => {
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
})
