/**
 * The SHOPLINE Asia imitation answers as the Open API's pages say; every default that a client
 * forgets really acts.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSandbox } from './index.ts'

/** What a careful client sends: every flag spelled out. */
const CAREFUL = {
  cancelled_reason: { key: 'change_mind', message: 'Ordered by mistake' },
  revert_credits: { strategy: 'none' },
  revert_member_points: { strategy: 'none' },
  operated_by: 'merchant',
  refund_order: false,
  mail_notify: false,
}

const start = () => {
  const sandbox = createSandbox()
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await sandbox.app.fetch(
      new Request(`https://open.shopline.io/v1${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${String(sandbox.settings['accessToken'])}`,
          'User-Agent': String(sandbox.settings['shop']),
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
  return {
    sandbox,
    call,
    see: async (id: string) => (await call('GET', `/orders/${id}`)).body,
    cancel: (id: string, body?: unknown) => call('PATCH', `/orders/${id}/cancel`, body),
  }
}

afterEach(() => void vi.useRealTimers())

describe('looking', () => {
  it('shows the bare order, with money objects and without any cancel time', async () => {
    const { see } = start()
    const order = await see('canceled')
    expect(order).toMatchObject({
      id: 'canceled',
      status: 'cancelled',
      order_items_stock_tag: null,
      order_payment: { status: 'pending' },
      order_delivery: { status: 'pending' },
    })
    expect(order.total).toEqual({
      cents: expect.any(Number),
      currency_symbol: 'NT$',
      currency_iso: 'TWD',
      label: 'NT$1,280',
      dollars: 1280,
    })
    expect(Object.keys(order).filter((key) => /cancel/.test(key))).toEqual([
      'allow_customer_cancel',
    ])
  })

  it('searches by order number, which may find more than one', async () => {
    const { call, see } = start()
    const one = await call(
      'GET',
      `/orders/search?order_number=${(await see('open')).order_number}&nonsense=1`,
    )
    expect(one.body).toMatchObject({
      items: [{ id: 'open' }],
      pagination: { current_page: 1, per_page: 24, total_pages: 1, total_count: 1 },
    })
    const two = await call(
      'GET',
      `/orders/search?order_number=${(await see('fulfilled')).order_number}`,
    )
    expect(two.body.items.map(({ id }: any) => id)).toEqual(['fulfilled', 'arrived'])
    expect((await call('GET', '/orders/search?order_number=0')).body).toMatchObject({
      items: [],
      pagination: { total_count: 0 },
    })
  })

  it('pages', async () => {
    const { call } = start()
    const ids = async (query: string) =>
      (await call('GET', `/orders/search?${query}`)).body.items.map(({ id }: any) => id)
    const all = await ids('per_page=999')
    expect(await ids('per_page=2&page=2')).toEqual(all.slice(2, 4))
  })

  it('answers 404 for an unknown order', async () => {
    const { call } = start()
    expect(await call('GET', '/orders/nobody')).toMatchObject({
      status: 404,
      body: { message: expect.any(String), code: expect.any(String), extras: {} },
    })
  })
})

describe('canceling', () => {
  it('replies the stock tags and nothing else; the order tells the rest', async () => {
    const { sandbox, cancel, see } = start()
    const { status, body } = await cancel('paid', CAREFUL)
    expect(status).toBe(200)
    expect(body).toEqual({ order_items_stock_tag: [] })
    expect(await see('paid')).toMatchObject({
      status: 'cancelled',
      order_payment: { status: 'completed' },
      order_items_stock_tag: null,
    })
    expect([...sandbox.cancels]).toEqual([['paid', 1]])
    expect(sandbox.mails).toEqual([])
    expect(sandbox.refunds).toEqual([])
    expect(sandbox.actors.get('paid')).toBe('merchant')
  })

  it.each([
    ['no body', undefined],
    ['an empty body', {}],
    ['nulls', { operated_by: null, refund_order: null, mail_notify: null }],
  ])('with %s it mails, refunds, and the customer is on record', async (_, body) => {
    const { sandbox, cancel, see } = start()
    expect((await cancel('paid', body)).status).toBe(200)
    expect(sandbox.mails).toEqual(['paid'])
    expect(sandbox.refunds).toEqual([{ orderId: 'paid', amount: '1280', currency: 'TWD' }])
    expect(sandbox.actors.get('paid')).toBe('customer')
    expect((await see('paid')).order_payment.status).toBe('refunded')
  })

  it.each(['refund_order', 'mail_notify', 'operated_by'] as const)(
    'leaving out %s alone is noticed',
    async (flag) => {
      const { sandbox, cancel } = start()
      const { [flag]: _, ...rest } = CAREFUL
      await cancel('paid', rest)
      expect({
        refunds: sandbox.refunds.length,
        mails: sandbox.mails.length,
        actor: sandbox.actors.get('paid'),
      }).toEqual({
        refunds: flag === 'refund_order' ? 1 : 0,
        mails: flag === 'mail_notify' ? 1 : 0,
        actor: flag === 'operated_by' ? 'customer' : 'merchant',
      })
    },
  )

  it.each(['open', 'paid-transfer'])('refund_order moves no money on %s', async (id) => {
    const { sandbox, cancel, see } = start()
    const before = await see(id)
    await cancel(id, { ...CAREFUL, refund_order: true })
    expect(sandbox.refunds).toEqual([])
    expect((await see(id)).order_payment.status).toBe(before.order_payment.status)
  })

  it('restock-fails is canceled, yet tags every item', async () => {
    const { cancel, see } = start()
    const { status, body } = await cancel('restock-fails', CAREFUL)
    expect(status).toBe(200)
    const order = await see('restock-fails')
    expect(order).toMatchObject({
      status: 'cancelled',
      order_items_stock_tag: body.order_items_stock_tag,
    })
    expect(body.order_items_stock_tag).toMatchObject(
      order.subtotal_items.map((item: any) => ({
        order_item_id: item.id,
        product_id: item.item_id,
        sku_id: item.item_variation_key,
        stock_tag: 'INCREASE_FAILED',
      })),
    )
    expect(body.order_items_stock_tag.length).toBeGreaterThan(0)
  })

  it.each([
    ['fulfilled', 'delivered'],
    ['arrived', 'delivered'],
    ['returning', 'return order'],
    ['completed', 'completed'],
  ])('%s is refused with 422 (%s), unchanged and not counted', async (id, why) => {
    const { sandbox, cancel, see } = start()
    const before = await see(id)
    const { status, body } = await cancel(id, CAREFUL)
    expect(status).toBe(422)
    expect(body).toEqual({
      error: body.message,
      message: expect.stringContaining(why),
      code: expect.any(String),
      extras: {},
    })
    expect(await see(id)).toEqual(before)
    expect(sandbox.cancels.size).toBe(0)
  })

  it('a second cancel is refused and counted, and mails nobody', async () => {
    const { sandbox, cancel } = start()
    await cancel('paid')
    expect((await cancel('paid')).status).toBe(422)
    expect(sandbox.cancels.get('paid')).toBe(2)
    expect(sandbox.mails).toEqual(['paid'])
    expect(sandbox.refunds).toHaveLength(1)
  })

  it('throttled: 429 with the text under error, then it works', async () => {
    const { sandbox, cancel } = start()
    const first = await cancel('throttled', CAREFUL)
    expect(first.status).toBe(429)
    expect(first.body).toEqual({ error: expect.any(String), code: 'RateLimitExceeded' })
    expect(first.headers.get('retry-after')).toBe('1')
    expect(sandbox.cancels.size).toBe(0)
    expect((await cancel('throttled', CAREFUL)).status).toBe(200)
  })

  it('slow takes 1.5 seconds, late lands after 4 though nobody waits', async () => {
    vi.useFakeTimers()
    const { sandbox, cancel, see } = start()
    const slow = cancel('slow', CAREFUL)
    void cancel('late', CAREFUL)
    await vi.advanceTimersByTimeAsync(1_600)
    expect((await slow).status).toBe(200)
    expect((await see('late')).status).toBe('pending')
    await vi.advanceTimersByTimeAsync(2_500)
    expect((await see('late')).status).toBe('cancelled')
    expect(sandbox.cancels.get('late')).toBe(1)
  })
})

describe('errors', () => {
  it('wants the shop handle as User-Agent, and the token', async () => {
    const { call, sandbox } = start()
    expect(await call('GET', '/orders/open', undefined, { 'User-Agent': '' })).toMatchObject({
      status: 400,
      body: { error: expect.any(String), caused_by: {} },
    })
    expect(await call('GET', '/orders/open', undefined, { 'User-Agent': 'curl/8' })).toMatchObject({
      status: 403,
      body: { message: expect.any(String), extras: {} },
    })
    expect(
      await call('PATCH', '/orders/open/cancel', CAREFUL, { Authorization: 'Bearer wrong' }),
    ).toMatchObject({ status: 401, body: { message: expect.any(String), extras: {} } })
    expect(sandbox.cancels.size).toBe(0)
  })

  it.each([
    { cancelled_reason: { key: 'fraud', message: 'x' } },
    { cancelled_reason: { message: 'without key' } },
    { operated_by: 'system' },
    { refund_order: 'no' },
    { mail_notify: 0 },
    { revert_credits: { strategy: 'all' } },
    [],
  ])('refuses %j with 422 and does nothing', async (body) => {
    const { sandbox, cancel, see } = start()
    expect(await cancel('open', body)).toMatchObject({
      status: 422,
      body: { error: expect.any(String), message: expect.any(String) },
    })
    expect((await see('open')).status).toBe('pending')
    expect(sandbox.cancels.size + sandbox.mails.length).toBe(0)
  })

  it('takes every reason key of the page', async () => {
    const { cancel } = start()
    for (const key of [
      'other',
      'change_mind',
      'expensive_price',
      'repeat_purchase',
      'wait_too_long',
      'change_item',
      'incorrect_customer_info',
    ]) {
      expect(
        (await cancel(`open-${key}`, { ...CAREFUL, cancelled_reason: { key, message: '' } }))
          .status,
      ).toBe(200)
    }
  })

  it('refuses what is no JSON, and the POST that others send', async () => {
    const { call, cancel } = start()
    expect((await cancel('open', '{')).status).toBe(400)
    expect((await call('POST', '/orders/open/cancel', { reason: 'x' })).status).toBe(404)
  })
})

it('makes orders on demand in the state of the longest example that fits', async () => {
  const { see } = start()
  expect((await see('paid-transfer-1')).order_payment.payment_type).toBe('bank_transfer')
  expect((await see('paid-1')).order_payment.payment_type).toBe('taishin_tappay')
  expect((await see('fulfilled_1')).order_delivery.status).toBe('shipped')
})
