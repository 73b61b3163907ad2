/**
 * Proves the imitated Wix site on Wix's own SDK: what that accepts here, it would accept from Wix.
 */
import { orders } from '@wix/ecom'
import { ApiKeyStrategy, AppStrategy, createClient } from '@wix/sdk'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSandbox, type WixSandbox } from './index.ts'

const modules = { orders }
let sandbox: WixSandbox

// The SDK has one host and buys its tokens with the global fetch, so that is where it is led
// astray.
beforeEach(() => {
  sandbox = createSandbox()
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    if (new URL(request.url).origin !== 'https://www.wixapis.com')
      throw new Error(`Nobody is to be called at ${request.url}`)
    return sandbox.app.fetch(request)
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

const withKey = (credentials = sandbox.settings) =>
  createClient({ auth: ApiKeyStrategy(credentials), modules })
const withApp = (change: { appSecret?: string } = {}) =>
  createClient({ auth: AppStrategy({ ...sandbox.oauth, ...change }), modules })

describe.each([
  ['an API key', () => withKey()],
  ['an app', () => withApp()],
])('the SDK with %s', (_how, connect) => {
  test('reads an order', async () => {
    const order = await connect().orders.getOrder('partially-paid')
    expect(order).toMatchObject({
      _id: 'partially-paid',
      status: 'APPROVED',
      paymentStatus: 'PARTIALLY_PAID',
    })
    expect(order._createdDate).toBeInstanceOf(Date)
    expect(order.balanceSummary?.paid).toEqual({ amount: '20.0', formattedAmount: '€20.00' })
  })

  test('finds an order by its number', async () => {
    const { number } = await connect().orders.getOrder('paid')
    const found = await connect().orders.searchOrders({
      filter: { number: { $eq: String(number) } },
      cursorPaging: { limit: 2 },
    })
    expect(found.orders?.map((order) => order._id)).toEqual(['paid'])
    expect(found.metadata).toMatchObject({ count: 1, hasNext: false })
  })

  test('cancels an order', async () => {
    const wishes = {
      sendOrderCanceledEmail: true,
      customMessage: 'See you again.',
      restockAllItems: true,
    }
    const { order } = await connect().orders.cancelOrder('mixed-catalog', wishes)
    expect(order).toMatchObject({ _id: 'mixed-catalog', status: 'CANCELED', paymentStatus: 'PAID' })
    expect(order?.lineItems?.map((item) => item.restockQuantity)).toEqual([1, 0])
    const written = order?.activities?.find(
      (activity) => activity.activityType === 'ORDER_CANCELED',
    )
    expect(written?._createdDate).toEqual(order?._updatedDate)
    expect([...sandbox.cancels]).toEqual([['mixed-catalog', 1]])
    expect(sandbox.mails).toEqual([{ orderId: 'mixed-catalog', message: 'See you again.' }])
  })

  test('cancels an order without saying how', async () => {
    expect((await connect().orders.cancelOrder('open')).order?.status).toBe('CANCELED')
    expect(sandbox.mails).toEqual([])
  })

  test('comments on an order', async () => {
    const comments = [
      { activityType: 'MERCHANT_COMMENT' as const, merchantComment: { message: 'Duplicate.' } },
    ]
    const { order, activityIds } = await connect().orders.addActivities('open', {
      orderActivities: comments,
    })
    expect(order?.activities?.at(-1)).toMatchObject({
      _id: activityIds?.[0],
      merchantComment: { message: 'Duplicate.' },
    })
  })

  test.each([
    ['authorized', 'ORDER_HAS_AUTHORIZED_TRANSACTION'],
    ['pending', 'ORDER_IS_PENDING'],
    ['rejected', 'ORDER_IS_REJECTED'],
  ])('understands why %s is refused', async (id, code) => {
    await expect(connect().orders.cancelOrder(id)).rejects.toMatchObject({
      status: 428,
      details: { applicationError: { code }, requestId: expect.stringMatching(/^[\d.]+$/) },
    })
  })

  test('understands that an order does not exist', async () => {
    const expected = { status: 404, details: { applicationError: { code: 'ORDER_NOT_FOUND' } } }
    await expect(connect().orders.getOrder('nope')).rejects.toMatchObject(expected)
    await expect(connect().orders.cancelOrder('nope')).rejects.toMatchObject(expected)
  })

  test('understands which of its arguments was wrong', async () => {
    const violation = {
      field: 'options.customMessage',
      violatedRule: 'MAX_LENGTH',
      data: { threshold: 1_000 },
    }
    await expect(
      connect().orders.cancelOrder('open', { customMessage: 'x'.repeat(1_001) }),
    ).rejects.toMatchObject({
      status: 400,
      details: { validationError: { fieldViolations: [violation] } },
    })
  })
})

describe('access', () => {
  test('a missing permission is a 403', async () => {
    await expect(withKey(sandbox.readOnly).orders.cancelOrder('open')).rejects.toMatchObject({
      status: 403,
    })
  })

  test('an app buys one token for many calls', async () => {
    const client = withApp()
    await client.orders.getOrder('open')
    await client.orders.cancelOrder('open')
    expect(sandbox.tokens).toBe(1)
  })

  test('an app with a wrong secret gets no token', async () => {
    await expect(withApp({ appSecret: 'wrong' }).orders.getOrder('open')).rejects.toThrow()
    expect(sandbox.tokens).toBe(0)
  })
})
