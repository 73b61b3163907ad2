/**
 * SHOPLINE Asia beyond the suite: what its imitation really did, orders found by number, and
 * settings.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { shoplineAsia } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { findOrders, preview } from '../../src/gateway/read.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'

const start = () => {
  const sandbox = createSandbox()
  const opened = openHarness(shoplineAsia, sandbox.settings, sandboxTransport(sandbox))
  const read = async (path: string) =>
    (
      await sandbox.app.fetch(
        new Request(`https://open.shopline.io/v1${path}`, {
          headers: {
            authorization: `Bearer ${String(sandbox.settings['accessToken'])}`,
            'user-agent': 'sandbox',
          },
        }),
      )
    ).json() as Promise<any>
  return { sandbox, read, ...opened }
}

const ask = (body: object) => ({ ...CancelRequest.parse(body), store: 'case' })

afterEach(() => void vi.useRealTimers())

describe('shopline-asia: cancel', () => {
  it.each([
    [true, 1],
    [false, 0],
    [null, 0],
  ])(
    'notify %s mails %i times, refunds nothing, and the merchant is on record',
    async (notify, mails) => {
      const { sandbox, cancel } = start()
      const record = await cancel({ orderId: 'paid', notify, reason: 'Out of leaves' })
      expect(record.status).toBe('succeeded')
      expect(sandbox.mails.length).toBe(mails)
      expect(sandbox.refunds).toEqual([])
      expect(sandbox.actors.get('paid')).toBe('merchant')
      expect(record.attempts.map(({ call }) => call)).toEqual(['PATCH /v1/orders/paid/cancel'])
    },
  )

  it('tells the lines that could not be put back, also where only a look settles it', async () => {
    const answered = await start().cancel({ orderId: 'restock-fails', restock: true })
    expect(answered.effects.restock).toMatchObject({
      outcome: 'failed',
      basis: 'reported',
      detail: expect.stringContaining('2 of 2 lines'),
    })
    const { sandbox } = start()
    const deaf = openHarness(
      shoplineAsia,
      sandbox.settings,
      sandboxTransport(sandbox, async (request, pass) => {
        const reply = await pass()
        return request.method === 'PATCH' ? new Response(null, { status: 504 }) : reply
      }),
    )
    const record = await deaf.rest(
      (
        await deaf.cancel({
          orderId: 'restock-fails',
          restock: true,
          notify: true,
          reasonCode: 'customer',
        })
      ).id,
    )
    expect(record).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      effects: {
        restock: { outcome: 'failed', basis: 'confirmed' },
        notify: { outcome: 'unverified' },
        reason: { outcome: 'unverified' },
      },
    })
    expect(sandbox.cancels.get('restock-fails')).toBe(1)
  })

  it('a second cancel does nobody knows what: an untouched order is left to a person', async () => {
    const { sandbox } = start()
    const deaf = openHarness(
      shoplineAsia,
      sandbox.settings,
      sandboxTransport(sandbox, (request, pass) =>
        request.method === 'PATCH' ? Promise.resolve(new Response(null, { status: 504 })) : pass(),
      ),
    )
    const record = await deaf.rest((await deaf.cancel({ orderId: 'open' })).id)
    expect(record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
      attempts: [{ result: '504' }],
    })
    expect(sandbox.cancels.size).toBe(0)
  })

  it('a throttled cancel is sent again once the platform wants it, and counted once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    const { sandbox, cancel, gateway } = start()
    const { id } = await cancel({ orderId: 'throttled' })
    await vi.advanceTimersByTimeAsync(900)
    await gateway.tick()
    expect(await gateway.get(id)).toMatchObject({
      status: 'accepted',
      attempts: [{ unsent: true, result: '429' }],
    })
    await vi.advanceTimersByTimeAsync(100)
    await gateway.tick()
    expect(await gateway.get(id)).toMatchObject({
      status: 'succeeded',
      attempts: [
        { unsent: true, result: '429' },
        { unsent: false, result: '200' },
      ],
    })
    expect(sandbox.cancels.get('throttled')).toBe(1)
  })

  it('a preview says what will be sent and what stays paid', async () => {
    const { store } = start()
    const seen = await preview(
      store,
      ask({
        orderId: 'paid',
        reasonCode: 'address',
        notify: true,
        message: 'Sorry',
        restock: false,
      }),
      false,
    )
    expect(seen.effects).toMatchObject({
      reason: {
        outcome: 'applied',
        detail: expect.stringContaining('key “incorrect_customer_info”, message “Address problem”'),
      },
      notify: { outcome: 'applied' },
      message: { outcome: 'unsupported' },
      restock: { outcome: 'forced' },
      payment: {
        outcome: 'withheld',
        basis: 'documented',
        detail: expect.stringContaining('1280.00 TWD stay paid'),
      },
    })
  })
})

describe('shopline-asia: errors', () => {
  it.each([
    [
      'the documented 429',
      429,
      { error: 'Rate limit exceeded', code: 'RateLimitExceeded' },
      'platform-throttled',
    ],
    [
      '422, which says it twice',
      422,
      {
        error: 'Rate limit exceeded',
        message: 'Rate limit exceeded',
        code: 'RateLimitExceeded',
        extras: {},
      },
      'platform-unavailable',
    ],
    [
      'the model of the others',
      403,
      { message: 'Rate limit exceeded', code: 'RateLimitExceeded', extras: {} },
      'platform-credentials',
    ],
  ])('reads the platform’s words from %s', async (_, status, body, code) => {
    const { store } = openHarness(
      shoplineAsia,
      createSandbox().settings,
      sandboxTransport(createSandbox(), async () => Response.json(body, { status })),
    )
    await expect(preview(store, ask({ orderId: 'open' }), false)).rejects.toMatchObject({
      problem: {
        code,
        upstream: { status, code: 'RateLimitExceeded', message: 'Rate limit exceeded' },
      },
    })
  })
})

describe('shopline-asia: find', () => {
  it('finds by either number to the letter, which may be several orders', async () => {
    const { store, read } = start()
    const { order_number: number } = await read('/orders/fulfilled')
    expect((await findOrders(store, number)).map(({ id }) => id)).toEqual(['fulfilled', 'arrived'])
    expect(await findOrders(store, '0')).toEqual([])
  })

  it('does not believe a platform that ignores the filter', async () => {
    const { sandbox, read } = start()
    const { order_number: number } = await read('/orders/open')
    const deaf = openHarness(
      shoplineAsia,
      sandbox.settings,
      sandboxTransport(sandbox, (request, pass) => {
        if (!request.url.includes('/search')) return pass()
        return Promise.resolve(
          sandbox.app.fetch(
            new Request('https://open.shopline.io/v1/orders/search', { headers: request.headers }),
          ),
        )
      }),
    )
    expect((await findOrders(deaf.store, number)).map(({ id }) => id)).toEqual(['open'])
  })
})

describe('shopline-asia: settings', () => {
  it('has a host of its own, unless the store says otherwise', () => {
    const settings = (more = {}) =>
      shoplineAsia.settings.parse({ shop: 'tea-house', accessToken: 'x', ...more })
    expect(shoplineAsia.baseUrl(settings())).toBe('https://open.shopline.io')
    expect(shoplineAsia.baseUrl(settings({ baseUrl: 'https://open.shoplineapp.com/' }))).toBe(
      'https://open.shoplineapp.com',
    )
  })
  it.each(['', ' ', 'tea\nhouse', 'tea-haüs', ' tea'])(
    'a handle that is no header value is refused: %j',
    (shop) => {
      expect(shoplineAsia.settings.safeParse({ shop, accessToken: 'x' }).success).toBe(false)
    },
  )
})
