/**
 * The Shoplazza imitation answers as the vendor's pages say, and keeps count of what was done to
 * it.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSandbox } from './index.ts'

const start = (version = '2022-01') => {
  const sandbox = createSandbox()
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    token: string | null = sandbox.settings['accessToken'] as string,
  ) => {
    const response = await sandbox.app.fetch(
      new Request(`https://sandbox.myshoplaza.com/openapi/${version}${path}`, {
        method,
        headers: {
          ...(token === null ? {} : { 'Access-Token': token }),
          'Content-Type': 'application/json',
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
    get: (path: string) => call('GET', path),
    cancel: (id: string, body?: unknown) => call('POST', `/orders/${id}/cancel`, body),
  }
}

afterEach(() => void vi.useRealTimers())

describe('two generations of one API', () => {
  it('2022-01 wraps in {order} and writes canceled_at, addtional_prices and null', async () => {
    const { get } = start()
    const { status, body, headers } = await get('/orders/open')
    expect(status).toBe(200)
    expect(headers.get('request-id')).toBeTruthy()
    expect(Object.keys(body)).toEqual(['order'])
    expect(body.order).toMatchObject({
      id: 'open',
      status: 'opened',
      financial_status: 'waiting',
      canceled_at: null,
      cancel_reason: null,
      addtional_prices: [],
    })
    expect(body.order).not.toHaveProperty('cancelled_at')
    expect(body.order).not.toHaveProperty('additional_prices')
  })

  it.each(['2025-06', '2026-01'])(
    '%s wraps in {code, message, data} and writes cancelled_at, additional_prices and ""',
    async (version) => {
      const { get } = start(version)
      const { body } = await get('/orders/open')
      expect(body).toMatchObject({
        code: 'Success',
        data: {
          order: {
            id: 'open',
            cancelled_at: '',
            cancel_reason: '',
            additional_prices: [],
            payment_lines: [],
          },
        },
      })
      expect(body.data.order).not.toHaveProperty('canceled_at')
      expect(body.data.order).not.toHaveProperty('addtional_prices')
    },
  )

  it('finds an order by its number', async () => {
    const { get } = start()
    const { body } = await get('/orders/paid')
    expect((await get(`/orders/number/${body.order.number}`)).body.order.id).toBe('paid')
    expect((await get('/orders/number/99999999')).status).toBe(404)
  })
})

describe('canceling', () => {
  it('an unpaid order ends as cancelled, with time and reason', async () => {
    const { sandbox, cancel, get } = start()
    const { status, body } = await cancel('open', { reason: 'Ordered by mistake' })
    expect(status).toBe(200)
    expect(body.order).toMatchObject({
      status: 'cancelled',
      cancel_reason: 'Ordered by mistake',
      financial_status: 'waiting',
    })
    expect(body.order.canceled_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect((await get('/orders/open')).body).toEqual(body)
    expect(sandbox.cancels.get('open')).toBe(1)
  })

  it.each(['paid', 'partially-refunded'])(
    '%s ends as finished with a cancel time; nothing is refunded or mailed',
    async (id) => {
      const { sandbox, cancel, get } = start('2026-01')
      const before = (await get(`/orders/${id}`)).body.data.order
      await cancel(id, {})
      const { order } = (await get(`/orders/${id}`)).body.data
      expect(order).toMatchObject({
        status: 'finished',
        cancel_reason: '',
        financial_status: before.financial_status,
        total_refund_price: before.total_refund_price,
      })
      expect(order.cancelled_at).not.toBe('')
      expect(order.finished_at).toBe(order.cancelled_at)
      expect(sandbox.refunds).toEqual([])
      expect(sandbox.mails).toEqual([])
    },
  )

  it('an authorized order ends as cancelled, stays authorized, and needs no body', async () => {
    const { cancel } = start()
    expect((await cancel('authorized')).body.order).toMatchObject({
      status: 'cancelled',
      financial_status: 'authorized',
      cancel_reason: null,
    })
  })

  it.each(['fulfilled', 'finished'])('%s is refused with 406 and not counted', async (id) => {
    const { sandbox, cancel, get } = start()
    const before = (await get(`/orders/${id}`)).body
    const { status, body } = await cancel(id)
    expect(status).toBe(406)
    expect(body.errors).toHaveLength(1)
    expect((await get(`/orders/${id}`)).body).toEqual(before)
    expect(sandbox.cancels.size).toBe(0)
  })

  it.each(['open', 'paid'])('a second cancel of %s is refused, and counted', async (id) => {
    const { sandbox, cancel, get } = start()
    const { body: first } = await cancel(id, { reason: 'one' })
    expect((await cancel(id, { reason: 'two' })).status).toBe(406)
    expect((await get(`/orders/${id}`)).body).toEqual(first)
    expect(sandbox.cancels.get(id)).toBe(2)
  })

  it('throttled: 429 with Retry-After first, then it works, for each such order', async () => {
    const { sandbox, cancel } = start()
    for (const id of ['throttled', 'throttled-2']) {
      const first = await cancel(id)
      expect(first.status).toBe(429)
      expect(first.headers.get('retry-after')).toBe('1')
      expect(sandbox.cancels.has(id)).toBe(false)
      expect((await cancel(id)).status).toBe(200)
    }
  })

  it('aborted does nothing, deadline is done: both answer 500', async () => {
    const { sandbox, call, cancel, get } = start()
    expect(await cancel('aborted')).toMatchObject({ status: 500, body: { errors: ['Aborted'] } })
    expect((await get('/orders/aborted')).body.order.canceled_at).toBeNull()
    expect(sandbox.cancels.has('aborted')).toBe(false)
    expect((await cancel('aborted')).status).toBe(200)

    expect(await cancel('deadline')).toMatchObject({
      status: 500,
      body: { errors: ['DeadlineExceeded'] },
    })
    expect((await get('/orders/deadline')).body.order).toMatchObject({ status: 'cancelled' })
    expect(sandbox.cancels.get('deadline')).toBe(1)
    expect((await call('POST', '/orders/deadline-2/cancel')).status).toBe(500)
  })

  it('late lands after 4 seconds although the caller has hung up', async () => {
    vi.useFakeTimers()
    const { sandbox, get } = start()
    const caller = new AbortController()
    const answer = sandbox.app.fetch(
      new Request('https://sandbox.myshoplaza.com/openapi/2022-01/orders/late/cancel', {
        method: 'POST',
        headers: { 'Access-Token': sandbox.settings['accessToken'] as string },
        signal: caller.signal,
      }),
    )
    await vi.advanceTimersByTimeAsync(1_000)
    caller.abort()
    await vi.advanceTimersByTimeAsync(2_900)
    expect((await get('/orders/late')).body.order.status).toBe('opened')
    await vi.advanceTimersByTimeAsync(200)
    expect((await get('/orders/late')).body.order.status).toBe('cancelled')
    expect((await answer).status).toBe(200)
  })

  it('slow answers after 1.5 seconds', async () => {
    vi.useFakeTimers()
    const { sandbox, cancel } = start()
    const answer = cancel('slow')
    await vi.advanceTimersByTimeAsync(1_400)
    expect(sandbox.cancels.has('slow')).toBe(false)
    await vi.advanceTimersByTimeAsync(200)
    expect((await answer).status).toBe(200)
  })
})

describe('errors', () => {
  it('says Unauthorized under 400 in 2022-01 and under 401 later', async () => {
    for (const token of [null, 'wrong']) {
      expect(await start().call('GET', '/orders/open', undefined, token)).toMatchObject({
        status: 400,
        body: { error: 'Unauthorized' },
      })
      expect(await start('2026-01').call('GET', '/orders/open', undefined, token)).toMatchObject({
        status: 401,
        body: { code: 'Unauthorized' },
      })
    }
  })

  it('has five shapes', async () => {
    const old = start()
    expect(await old.cancel('nobody')).toMatchObject({
      status: 404,
      body: { errors: ['Unable to find resource'] },
    })
    expect(await old.cancel('open', { reason: 7 })).toMatchObject({
      status: 422,
      body: { errors: { reason: [expect.any(String)] } },
    })
    old.sandbox.switches.active = false
    expect(await old.cancel('open')).toMatchObject({
      status: 400,
      body: { error: 'store is not active' },
    })
    const modern = start('2026-01')
    expect(await modern.cancel('open', { reason: 7 })).toMatchObject({
      status: 400,
      body: { code: 'InvalidParameter', message: expect.any(String) },
    })
    expect(await modern.get('/orders/nobody')).toMatchObject({
      status: 404,
      body: { code: 5, message: 'data not found', details: [] },
    })
    expect(old.sandbox.cancels.size + modern.sandbox.cancels.size).toBe(0)
  })

  it('refuses what is no JSON, and no version', async () => {
    expect((await start().cancel('open', '{')).status).toBe(400)
    expect((await start('latest').get('/orders/open')).status).toBe(404)
  })
})

describe('orders on demand', () => {
  it('makes <example>-x and <example>_x by the longest example that fits', async () => {
    const { get } = start()
    expect((await get('/orders/canceled-paid-1')).body.order.status).toBe('finished')
    expect((await get('/orders/canceled-1')).body.order.status).toBe('cancelled')
    expect((await get('/orders/paid_x')).body.order.financial_status).toBe('paid')
    for (const id of ['open-', 'openx', 'x-open', 'constructor', '633130-00000004'])
      expect((await get(`/orders/${id}`)).status).toBe(404)
  })

  it('keeps them apart from the example and from other sandboxes', async () => {
    const { sandbox, cancel, get } = start()
    await cancel('open-1')
    expect((await get('/orders/open')).body.order.status).toBe('opened')
    expect((await get('/orders/open-1')).body.order.status).toBe('cancelled')
    expect([...sandbox.cancels]).toEqual([['open-1', 1]])
    expect((await start().get('/orders/open-1')).body.order.status).toBe('opened')
  })

  it('offers examples that all exist', async () => {
    const { sandbox, get } = start()
    for (const { id, says } of sandbox.examples) {
      expect(says).toMatch(/\.$/)
      expect((await get(`/orders/${id}`)).status).toBe(200)
    }
  })
})
