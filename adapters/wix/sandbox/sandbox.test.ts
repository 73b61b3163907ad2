/**
 * Proves that the imitated Wix site holds and finds the orders it promises, and takes comments on
 * them.
 */
import { describe, expect, test } from 'vitest'
import { errorCode, start } from './caller.ts'

describe('orders', () => {
  test.each([
    ['open', 'APPROVED', 'NOT_PAID', 'NOT_FULFILLED', 0, 0],
    ['paid', 'APPROVED', 'PAID', 'NOT_FULFILLED', 49.9, 0],
    ['authorized', 'APPROVED', 'PENDING', 'NOT_FULFILLED', 0, 49.9],
    ['pending', 'PENDING', 'PENDING', 'NOT_FULFILLED', 0, 0],
    ['rejected', 'REJECTED', 'DECLINED', 'NOT_FULFILLED', 0, 0],
    ['fulfilled', 'APPROVED', 'PAID', 'FULFILLED', 49.9, 0],
    ['canceled', 'CANCELED', 'PAID', 'NOT_FULFILLED', 49.9, 0],
    ['initialized', 'INITIALIZED', 'NOT_PAID', 'NOT_FULFILLED', 0, 0],
    ['mixed-catalog', 'APPROVED', 'PAID', 'NOT_FULFILLED', 49.9, 0],
    ['partially-paid', 'APPROVED', 'PARTIALLY_PAID', 'NOT_FULFILLED', 20, 0],
    ['slow', 'APPROVED', 'PAID', 'NOT_FULFILLED', 49.9, 0],
    ['late', 'APPROVED', 'PAID', 'NOT_FULFILLED', 49.9, 0],
  ])('%s is %s, %s, %s', async (id, status, paymentStatus, fulfillmentStatus, paid, authorized) => {
    const { sandbox, get } = start()
    expect(sandbox.examples.map((example) => example.id)).toContain(id)
    for (const asked of [id, `${id}-7`, `${id}_x-y`]) {
      const { order } = (await get(asked)).body
      expect(order).toMatchObject({ id: asked, status, paymentStatus, fulfillmentStatus })
      expect(Number(order.balanceSummary.paid.amount)).toBe(paid)
      expect(Number(order.balanceSummary.authorized.amount)).toBe(authorized)
      expect(Number(order.balanceSummary.refunded.amount)).toBe(0)
      const left = paymentStatus === 'PARTIALLY_PAID' ? 29.9 : 49.9 - paid
      expect(Number(order.balanceSummary.balance.amount)).toBe(left)
      const types = order.activities.map((activity: { type: string }) => activity.type)
      expect(types).toEqual(
        status === 'CANCELED' ? ['ORDER_PLACED', 'ORDER_CANCELED'] : ['ORDER_PLACED'],
      )
    }
    expect(sandbox.examples).toHaveLength(12)
  })

  test('what an order costs adds up', async () => {
    const { sandbox, get } = start()
    for (const { id, says } of sandbox.examples) {
      expect(says).toMatch(/^[A-Z].{10,}\.$/)
      const { priceSummary, balanceSummary, lineItems } = (await get(id)).body.order
      const cost = (price: { amount: string }) => {
        expect(price.amount).toMatch(/^\d+(\.\d+)?$/)
        return Math.round(Number(price.amount) * 100)
      }
      const total = cost(priceSummary.total)
      const items: number[] = lineItems.map((item: { totalPriceAfterTax: { amount: string } }) =>
        cost(item.totalPriceAfterTax),
      )
      expect(items).toEqual(
        lineItems.map(
          (item: { quantity: number; price: { amount: string } }) =>
            item.quantity * cost(item.price),
        ),
      )
      expect(cost(priceSummary.subtotal)).toBe(items.reduce((sum, item) => sum + item))
      expect(total).toBe(
        cost(priceSummary.subtotal) +
          cost(priceSummary.shipping) +
          cost(priceSummary.tax) -
          cost(priceSummary.discount),
      )
      expect(cost(balanceSummary.balance) + cost(balanceSummary.paid)).toBe(total)
      expect(cost(balanceSummary.refunded) + cost(balanceSummary.pendingRefund)).toBe(0)
      expect([0, total]).toContain(cost(balanceSummary.authorized) + cost(balanceSummary.pending))
    }
  })

  test('items of Wix Stores are told from others', async () => {
    const { order } = (await start().get('mixed-catalog')).body
    const [ours, theirs] = order.lineItems.map(
      (item: { catalogReference: { appId: string } }) => item.catalogReference.appId,
    )
    expect(ours).toBe('215238eb-22a5-4c36-9e7b-e7c08025e04e')
    expect(theirs).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(theirs).not.toBe(ours)
  })

  test('money keeps the digits it happens to have', async () => {
    const { order } = (await start().get('paid')).body
    expect(order.priceSummary).toMatchObject({
      subtotal: { amount: '45' },
      tax: { amount: '0.0' },
      total: { amount: '49.90' },
    })
    expect(order.balanceSummary.paid).toEqual({ amount: '49.9', formattedAmount: '€49.90' })
  })

  test('an order made on demand is a fresh one, kept, with a number of its own', async () => {
    const { get, cancel } = start()
    await cancel('open')
    const first = (await get('open-1')).body.order
    expect(first.status).toBe('APPROVED')
    await cancel('open-1')
    expect((await get('open-1')).body.order).toMatchObject({
      number: first.number,
      status: 'CANCELED',
    })
    expect((await get('open-2')).body.order.status).toBe('APPROVED')
    expect(
      new Set([
        first.number,
        (await get('open-2')).body.order.number,
        (await get('open')).body.order.number,
      ]).size,
    ).toBe(3)
  })

  test('two sandboxes share nothing', async () => {
    const [one, other] = [start(), start()]
    await one.cancel('open', { sendOrderCanceledEmail: true })
    expect((await other.get('open')).body.order.status).toBe('APPROVED')
    expect([other.sandbox.cancels.size, other.sandbox.mails.length]).toEqual([0, 0])
  })

  test.each([
    'nope',
    'nope-1',
    'open-',
    'open_',
    'opening',
    'OPEN',
    'open.1',
    'opens-1',
    'my-open-1',
  ])('%s is not found anywhere', async (id) => {
    const { get, cancel, comment, sandbox } = start()
    for (const reply of [await get(id), await cancel(id), await comment(id, 'hello')]) {
      expect([reply.status, errorCode(reply)]).toEqual([404, 'ORDER_NOT_FOUND'])
    }
    expect(sandbox.cancels.size).toBe(0)
  })

  test('an id has at most 100 characters', async () => {
    const { get } = start()
    expect((await get(`open-${'x'.repeat(95)}`)).status).toBe(200)
    const reply = await get(`open-${'x'.repeat(96)}`)
    expect(reply.status).toBe(400)
    const [violation] = reply.body.details.validationError.fieldViolations
    expect(violation).toMatchObject({
      field: 'id',
      violatedRule: 'MAX_LENGTH',
      data: { threshold: 100 },
    })
  })
})

describe('search', () => {
  test('finds one order by its number', async () => {
    const { get, search } = start()
    const { order } = (await get('mixed-catalog')).body
    expect(order.number).toMatch(/^\d{5}$/)
    const reply = await search({
      filter: { number: { $eq: order.number } },
      cursorPaging: { limit: 2 },
    })
    expect(reply.body).toEqual({
      orders: [order],
      metadata: { count: 1, cursors: {}, hasNext: false },
    })
    const nothing = await search({ filter: { number: { $eq: '1' } } })
    expect(nothing.body).toEqual({
      orders: [],
      metadata: { count: 0, cursors: {}, hasNext: false },
    })
  })

  test('never returns an INITIALIZED order', async () => {
    const { get, search } = start()
    const { number } = (await get('initialized')).body.order
    expect((await search({ filter: { number: { $eq: number } } })).body.orders).toEqual([])
    expect((await search({})).body.orders).toHaveLength(11)
  })

  test('lists newest first, as many as asked', async () => {
    const { call, get, search } = start()
    await get('open-1')
    await get('open-2')
    const { orders, metadata } = (await search({ cursorPaging: { limit: 3 } })).body
    expect(orders.map((order: { id: string }) => order.id)).toEqual(['open-2', 'open-1', 'late'])
    expect(metadata).toEqual({ count: 3, cursors: { next: expect.any(String) }, hasNext: true })
    expect((await call('POST', '/ecom/v1/orders/search')).body.orders).toHaveLength(13)
    for (let more = 0; more < 100; more += 1) await get(`paid-${more}`)
    expect((await search({})).body.metadata).toMatchObject({ count: 100, hasNext: true })
  })

  test('goes on from its cursor alone', async () => {
    const { search } = start()
    const all = (await search({})).body.orders
    const first = (await search({ cursorPaging: { limit: 7 } })).body
    const cursorPaging = { limit: 7, cursor: first.metadata.cursors.next }
    const second = (await search({ cursorPaging })).body
    expect([...first.orders, ...second.orders]).toEqual(all)
    expect(second.metadata).toEqual({ count: 4, cursors: {}, hasNext: false })
    expect((await search({ cursorPaging, filter: {} })).status).toBe(400)
    expect((await search({ cursorPaging: { cursor: 'made-up' } })).status).toBe(400)
  })

  test.each([
    [{ filter: '{"number":"1"}' }, 'search.filter'],
    [{ filter: { number: 10_101 } }, 'search.filter.number'],
    [{ filter: { buyerNote: { $eq: 'x' } } }, 'search.filter'],
    [{ sort: [] }, 'search.sort'],
    [{ filter: { updatedDate: { $gte: 'yesterday' } } }, 'search.filter.updatedDate.$gte'],
    [{ cursorPaging: { limit: 1.5 } }, 'search.cursorPaging.limit'],
    [{ cursorPaging: { limit: 101 } }, 'search.cursorPaging.limit'],
    [{ cursorPaging: { limit: 0 } }, 'search.cursorPaging.limit'],
  ])('%o is refused, for %s', async (asked, field) => {
    const reply = await start().search(asked)
    expect(reply.status).toBe(400)
    const violations: { field: string }[] = reply.body.details.validationError.fieldViolations
    expect(violations.map((violation) => violation.field)).toContain(field)
  })
})

describe('activities', () => {
  test('comments are added to the order', async () => {
    const { get, comment } = start()
    const before = (await get('paid')).body.order
    const reply = await comment('paid', 'Buyer called.', 'Reason: duplicate.')
    const { order } = (await get('paid')).body
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      order,
      activityIds: order.activities.slice(1).map((activity: { id: string }) => activity.id),
    })
    expect(new Set([...reply.body.activityIds, order.activities[0].id]).size).toBe(3)
    expect(order.activities.slice(1)).toMatchObject([
      {
        activityType: 'MERCHANT_COMMENT',
        merchantComment: { message: 'Buyer called.' },
        createdDate: order.updatedDate,
      },
      {
        activityType: 'MERCHANT_COMMENT',
        merchantComment: { message: 'Reason: duplicate.' },
        createdDate: order.updatedDate,
      },
    ])
    expect(order).toEqual({
      ...before,
      activities: order.activities,
      updatedDate: order.updatedDate,
    })
    expect(order.updatedDate > before.updatedDate).toBe(true)
  })

  const one = (change: object) => ({
    activityType: 'MERCHANT_COMMENT',
    merchantComment: { message: 'hello' },
    ...change,
  })
  const saying = (message: string) => one({ merchantComment: { message } })

  test.each([
    [undefined, 'orderActivities', 'VALIDATION'],
    [
      [one({}), one({ activityType: 'ORDER_PAID' })],
      'orderActivities[1].activityType',
      'VALIDATION',
    ],
    [[one({ merchantComment: undefined })], 'orderActivities[0].merchantComment', 'VALIDATION'],
    [[saying('')], 'orderActivities[0].merchantComment.message', 'MIN_LENGTH'],
    [[saying('x'.repeat(5_001))], 'orderActivities[0].merchantComment.message', 'MAX_LENGTH'],
  ])('activities are refused: %#, %s', async (orderActivities, field, violatedRule) => {
    const { call, get } = start()
    const reply = await call('POST', '/ecom/v1/orders/paid/activities/add', { orderActivities })
    expect(reply.status).toBe(400)
    expect(reply.body.details.validationError.fieldViolations).toMatchObject([
      { field, violatedRule },
    ])
    expect((await get('paid')).body.order.activities).toHaveLength(1)
  })
})
