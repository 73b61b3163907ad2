/**
 * The SHOPLINE imitation answers as its pages say and as a live store was recorded, and keeps count
 * of what was done to it.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSandbox } from './index.ts'

/** What a careful client sends: no mail, no restock, no money. */
const CAREFUL = { email: false, restock: false, refund_type: 'Manual' }

const start = (version = 'v20260601') => {
  const sandbox = createSandbox()
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await sandbox.app.fetch(
      new Request(`https://sandbox.myshopline.com/admin/openapi/${version}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${String(sandbox.settings['accessToken'])}`,
          'Content-Type': 'application/json; charset=utf-8',
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    )
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as any,
    }
  }
  const list = async (query: string) =>
    (await call('GET', `/orders.json?${query}`)).body.orders as any[]
  return {
    sandbox,
    call,
    list,
    see: async (id: string) => (await list(`ids=${id}&status=any`))[0],
    cancel: (id: string, body: unknown = CAREFUL) =>
      call('POST', `/orders/${id}/cancel.json`, body),
  }
}

afterEach(() => void vi.useRealTimers())

describe('looking', () => {
  it('has no call for a single order, only the list, with a trace id and charset', async () => {
    const { call, see } = start()
    const { headers, status } = await call('GET', '/orders.json?ids=open&status=any')
    expect(status).toBe(200)
    expect(headers.get('traceid')).toMatch(/^[0-9a-f]{32}$/)
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await see('open')).toMatchObject({
      id: 'open',
      status: 'open',
      fulfillment_status: 'null',
      fulfillment_status_v2: 'unshipped',
      cancelled_at: null,
      refunds: [],
      tags: '[]',
    })
    expect((await call('GET', '/orders/open.json')).status).toBe(404)
  })

  it('answers an unknown id with an empty list', async () => {
    expect(await start().list('ids=nobody&status=any')).toEqual([])
  })

  it('filters by status and name; unknown parameters are ignored', async () => {
    const { list, see } = start()
    expect((await list('status=cancelled')).map(({ id }) => id)).toEqual(['canceled'])
    expect((await list('status=open')).some(({ id }) => id === 'canceled')).toBe(false)
    expect((await list('')).some(({ id }) => id === 'canceled')).toBe(true)
    expect((await list(`name=${(await see('paid')).name}`)).map(({ id }) => id)).toEqual(['paid'])
    expect(await list('nonsense=1')).toEqual(await list(''))
  })

  it('shows archived orders only when asked for hidden ones', async () => {
    const { list } = start()
    expect(await list('ids=archived&status=any')).toEqual([])
    expect(await list('ids=archived&status=any&hidden_order=true')).toMatchObject([
      { id: 'archived', hidden_order: true },
    ])
  })

  it('lists 20 at most unless asked for more', async () => {
    const { list } = start()
    const ids = Array.from({ length: 25 }, (_, n) => `open-${n}`).join()
    expect(await list(`ids=${ids}`)).toHaveLength(20)
    expect(await list(`ids=${ids}&limit=100`)).toHaveLength(25)
  })

  it('lists by id, on from one, and by when they changed', async () => {
    const { list } = start()
    const ids = (orders: { id: string }[]) => orders.map(({ id }) => id)
    const all = ids(await list('limit=100&sort_condition=id:asc'))
    expect(all).toEqual(all.toSorted())
    expect(ids(await list(`limit=3&sort_condition=id:asc&since_id=${all[1]}`))).toEqual(
      all.slice(2, 5),
    )
    expect(await list('updated_at_min=2999-01-01T00:00:00%2B00:00')).toEqual([])
    expect(await list('updated_at_max=2001-01-01T00:00:00%2B08:00')).toEqual([])
  })
})

describe('canceling', () => {
  it('replies an order without status, with the word "null" and a refund of nothing', async () => {
    const { sandbox, cancel } = start()
    const { status, body } = await cancel('open', {
      ...CAREFUL,
      restock: true,
      cancel_reason: 'Ordered by mistake',
    })
    expect(status).toBe(200)
    expect(body.order).not.toHaveProperty('status')
    expect(body.order).not.toHaveProperty('fulfillment_status_v2')
    expect(body.order).toMatchObject({
      financial_status: 'unpaid',
      fulfillment_status: 'null',
      cancel_reason: 'Ordered by mistake',
      total_outstanding: '129.00',
    })
    expect(body.order.cancelled_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/)
    expect(body.order.refunds).toMatchObject([
      {
        note: null,
        refund_line_items: null,
        transactions: [{ kind: 'refund', status: 'success', amount: '0.0' }],
      },
    ])
    expect(body.order.line_items[0]).toMatchObject({
      fulfillable_quantity: 2,
      fulfillment_status: 'null',
    })
    expect(sandbox.cancels.get('open')).toBe(1)
    expect(sandbox.refunds).toEqual([])
    expect(sandbox.mails).toEqual([])
  })

  it.each([
    [true, 'return'],
    [false, 'no_restock'],
    [null, 'no_restock'],
    [undefined, 'no_restock'],
  ])('restock %s is seen later as %s', async (restock, type) => {
    const { cancel, see } = start()
    await cancel('open', { email: false, ...(restock === undefined ? {} : { restock }) })
    const order = await see('open')
    expect(order).toMatchObject({ status: 'cancelled', cancel_reason: null })
    expect(order.refunds).toMatchObject([{ note: 'Seller cancels order', transactions: [] }])
    expect(order.refunds[0].refund_line_items.map((line: any) => line.restock_type)).toEqual([
      type,
      type,
    ])
    expect(order.refunds[0].refund_line_items[0].line_item_id).toBe(order.line_items[0].id)
    expect(order.line_items.map((line: any) => line.fulfillable_quantity)).toEqual([0, 0])
  })

  it('mails when told so, and when not told otherwise', async () => {
    const { sandbox, cancel } = start()
    await cancel('open-1', { ...CAREFUL, email: true })
    await cancel('open-2', { ...CAREFUL, email: false })
    await cancel('open-3', { restock: false, refund_type: 'Manual' })
    expect(sandbox.mails).toEqual(['open-1', 'open-3'])
  })

  it.each([
    ['paid', 'Manual', '0.00'],
    ['paid', undefined, '0.00'],
    ['paid', 'OriginalPayment Refund', '129.00'],
    ['paid-paypal', 'Manual', '0.00'],
    ['paid-paypal', undefined, '129.00'],
    ['partially-refunded', 'OriginalPayment Refund', '100.00'],
    ['partially-refunded', 'Manual', '0.00'],
    ['authorized', 'OriginalPayment Refund', '0.00'],
    ['open', 'OriginalPayment Refund', '0.00'],
  ])('%s with refund_type %s sends back %s', async (id, refundType, amount) => {
    const { sandbox, cancel, see } = start()
    const before = await see(id)
    const { body } = await cancel(id, {
      email: false,
      ...(refundType === undefined ? {} : { refund_type: refundType }),
    })
    const after = await see(id)
    const own = after.refunds.slice(before.refunds.length)
    if (amount === '0.00') {
      expect(sandbox.refunds).toEqual([])
      expect(own).toMatchObject([{ transactions: [] }])
      expect(after.financial_status).toBe(before.financial_status)
    } else {
      expect(sandbox.refunds).toEqual([{ orderId: id, amount, currency: 'USD' }])
      expect(own).toMatchObject([{ transactions: [{ kind: 'refund', amount }] }])
      expect(body.order.refunds.at(-1)).toMatchObject({ transactions: [{ amount }] })
      expect(after.financial_status).toBe('refunded')
    }
  })

  it('v20230301 knows neither refund_type nor restock', async () => {
    const { sandbox, cancel, see } = start('v20230301')
    await cancel('paid-paypal', { ...CAREFUL, restock: true })
    expect(sandbox.refunds).toHaveLength(1)
    expect((await see('paid-paypal')).refunds[0].refund_line_items[0].restock_type).toBe(
      'no_restock',
    )
  })

  it('refuses a second cancel with 422 and counts it', async () => {
    const { sandbox, cancel } = start()
    await cancel('open')
    expect(await cancel('open')).toMatchObject({
      status: 422,
      body: { errors: expect.any(String) },
    })
    expect(sandbox.cancels.get('open')).toBe(2)
    expect((await cancel('canceled')).status).toBe(422)
  })

  it.each(['fulfilled', 'partially-fulfilled', 'refunded'])(
    'refuses %s with 422, changes nothing and does not count',
    async (id) => {
      const { sandbox, cancel, see } = start()
      const before = await see(id)
      expect(await cancel(id)).toMatchObject({ status: 422, body: { errors: expect.any(String) } })
      expect(await see(id)).toEqual(before)
      expect(sandbox.cancels.size).toBe(0)
    },
  )

  it('throttled: 429 with Retry-After first, then it works', async () => {
    const { sandbox, cancel } = start()
    const first = await cancel('throttled')
    expect(first).toMatchObject({ status: 429, body: { errors: 'Too many request' } })
    expect(first.headers.get('retry-after')).toBe('1')
    expect(sandbox.cancels.size).toBe(0)
    expect((await cancel('throttled')).status).toBe(200)
  })

  it('slow takes 1.5 seconds, late 4; both decide when they land', async () => {
    vi.useFakeTimers()
    const { sandbox, cancel } = start()
    const slow = cancel('slow')
    const late = [cancel('late'), cancel('late')]
    await vi.advanceTimersByTimeAsync(1_600)
    expect((await slow).status).toBe(200)
    expect(sandbox.cancels.has('late')).toBe(false)
    await vi.advanceTimersByTimeAsync(2_500)
    expect((await Promise.all(late)).map(({ status }) => status)).toEqual([200, 422])
    expect(sandbox.cancels.get('late')).toBe(2)
  })
})

describe('errors', () => {
  it('are one string under errors, with a trace id', async () => {
    const { call, cancel } = start()
    const refusals = [
      [401, await call('GET', '/orders.json', undefined, { Authorization: 'Bearer wrong' })],
      [404, await cancel('nobody')],
      [400, await cancel('open', '{')],
      [400, await cancel('open', { restock: 'yes' })],
      [400, await cancel('open', { refund_type: 'Everything' })],
      [
        400,
        await call('POST', '/orders/open/cancel.json', CAREFUL, { 'Content-Type': 'text/plain' }),
      ],
      [404, await start('2026-01').cancel('open')],
    ] as const
    for (const [status, answer] of refusals) {
      expect(answer).toMatchObject({ status, body: { errors: expect.any(String) } })
      expect(answer.headers.get('traceid')).toMatch(/^[0-9a-f]{32}$/)
    }
  })
})

it('makes orders on demand in the state of the longest example that fits', async () => {
  const { see } = start()
  expect((await see('paid-paypal-9')).payment_details[0].pay_channel).toBe('Paypal')
  expect((await see('paid-9')).payment_details[0].pay_channel).toBe('SLpayments')
  expect((await see('fulfilled_9')).fulfillment_status_v2).toBe('shipped')
  expect(await see('21076844590622646016331632')).toBeUndefined()
})
