/**
 * Proves the imitated project on commercetools' own SDK: what that accepts here, and understands,
 * it would from commercetools.
 */
import type { Order } from '@commercetools/platform-sdk'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Sdk, sdkOf } from '../sdk.fixture.ts'
import { createSandbox } from './index.ts'

let sandbox: ReturnType<typeof createSandbox>
let sdk: Sdk
const asked: Request[] = []

const connect = (change: { clientSecret?: string; scopes?: string[] } = {}): Sdk =>
  sdkOf(
    'https://commercetools.example',
    { ...sandbox.settings, ...change },
    async (input, init) => {
      const request = new Request(input, init)
      asked.push(request.clone())
      return sandbox.app.fetch(request)
    },
  )

beforeEach(() => {
  sandbox = createSandbox()
  asked.length = 0
  sdk = connect()
})

const CANCEL = { action: 'changeOrderState', orderState: 'Cancelled' } as const
const orderOf = async (ID: string): Promise<Order> =>
  (await sdk.orders().withId({ ID }).get().execute()).body
const send = async (ID: string, version: number, actions: object[] = [CANCEL]): Promise<Order> =>
  (
    await sdk
      .orders()
      .withId({ ID })
      .post({ body: { version, actions: actions as never } })
      .execute()
  ).body

describe('the SDK', () => {
  it('gets one token for many calls, and sends it', async () => {
    await orderOf('open')
    await orderOf('paid')
    expect(asked.filter(({ url }) => url.endsWith('/oauth/token'))).toHaveLength(1)
  })

  it('reads an order, and the objects that it points to', async () => {
    const { body } = await sdk
      .orders()
      .withId({ ID: 'part-refunded' })
      .get({ queryArgs: { expand: ['paymentInfo.payments[*]', 'custom.type'] } })
      .execute()
    expect(body).toMatchObject({ id: 'part-refunded', version: 1, orderState: 'Open' })
    expect(body.paymentInfo?.payments[0]?.obj?.transactions.map(({ type }) => type)).toEqual([
      'Authorization',
      'Charge',
      'Refund',
    ])
    const { body: gift } = await sdk
      .orders()
      .withId({ ID: 'gift' })
      .get({ queryArgs: { expand: 'custom.type' } })
      .execute()
    expect(gift.custom?.type.obj?.key).toBe('gift')
    expect((await orderOf('gift')).custom?.type.obj).toBe(undefined)
  })

  it('reads one by its number', async () => {
    const { orderNumber = '' } = await orderOf('paid')
    const { body } = await sdk.orders().withOrderNumber({ orderNumber }).get().execute()
    expect(body.id).toBe('paid')
  })

  it('cancels an order, whole or not at all', async () => {
    const reason = {
      action: 'setCustomType',
      type: { typeId: 'type', key: 'rescind' },
      fields: { cancelReason: 'Zu groß' },
    }
    expect(await send('open', 1, [reason, CANCEL])).toMatchObject({
      version: 3,
      orderState: 'Cancelled',
      custom: { fields: { cancelReason: 'Zu groß' } },
      lastModifiedBy: { clientId: 'sandbox-client' },
    })
    await expect(
      send('paid', 1, [CANCEL, { action: 'setCustomField', name: 'cancelReason', value: 'x' }]),
    ).rejects.toMatchObject({ statusCode: 400, code: 'InvalidOperation' })
    expect(await orderOf('paid')).toMatchObject({ version: 1, orderState: 'Open' })
    expect([...sandbox.cancels]).toEqual([['open', 1]])
  })

  it('moves a canceled one back, as nothing there forbids it', async () => {
    const { version } = await send('open', 1)
    const reopened = await send('open', version, [
      { action: 'changeOrderState', orderState: 'Open' },
    ])
    expect(reopened.orderState).toBe('Open')
  })

  it('understands that a version is another, also of a second cancel', async () => {
    await send('open', 1)
    await expect(send('open', 1)).rejects.toMatchObject({
      statusCode: 409,
      body: { errors: [{ code: 'ConcurrentModification', currentVersion: 2 }] },
    })
    // Nobody has shown what commercetools makes of it; it changes nothing here.
    expect((await send('open', 2)).version).toBe(2)
    expect(sandbox.cancels.get('open')).toBe(3)
  })

  it.each([
    ['an order that is not there', 'nobody', 1, [CANCEL], 404, 'ResourceNotFound'],
    ['an action that is not there', 'open', 1, [{ action: 'cancelOrder' }], 400, 'InvalidInput'],
    [
      'a type that is not there',
      'open',
      1,
      [{ action: 'setCustomType', type: { typeId: 'type', key: 'none' } }],
      400,
      'ReferencedResourceNotFound',
    ],
    ['an extension that refuses', 'extension-refuses', 1, [CANCEL], 400, 'InvalidOperation'],
    ['an extension that is silent', 'extension-silent', 1, [CANCEL], 504, 'ExtensionNoResponse'],
  ])('understands %s', async (_, id, version, actions, statusCode, code) => {
    await expect(send(id, version, actions)).rejects.toMatchObject({
      statusCode,
      body: { statusCode, errors: [{ code }] },
    })
    expect(sandbox.cancels.size).toBe(0)
  })

  it('lists what was canceled by several conditions, sorted, page by page', async () => {
    const since = new Date().toISOString()
    for (const id of ['open-3', 'open-1', 'open-2']) await send(id, (await orderOf(id)).version)
    const page = async (...where: string[]) =>
      (
        await sdk
          .orders()
          .get({
            queryArgs: {
              where: ['orderState="Cancelled"', ...where],
              sort: ['lastModifiedAt asc', 'id asc'],
              limit: 2,
              withTotal: false,
            },
          })
          .execute()
      ).body
    const first = await page(`lastModifiedAt >= "${since}"`)
    expect(first).toMatchObject({ count: 2, limit: 2, offset: 0 })
    expect(first).not.toHaveProperty('total')
    const last = first.results[1]
    const at = last?.lastModifiedAt
    const second = await page(
      `lastModifiedAt > "${at}" or (lastModifiedAt = "${at}" and id > "${last?.id}")`,
    )
    const ids = [...first.results, ...second.results].map(({ id }) => id)
    expect(ids.toSorted()).toEqual(['open-1', 'open-2', 'open-3'])
  })

  it.each([
    ['a predicate that is none', { where: 'orderState=Cancelled' }],
    ['half a predicate', { where: '(id="1"' }],
    ['a field that nobody sorts by', { sort: 'totalPrice asc' }],
    ['more than a page holds', { limit: 501 }],
    ['an offset beyond all', { offset: 10_001 }],
  ])('is refused %s', async (_, queryArgs) => {
    await expect(sdk.orders().get({ queryArgs }).execute()).rejects.toMatchObject({
      statusCode: 400,
      body: { errors: [{ code: 'InvalidInput' }] },
    })
  })

  it.each([
    ['a wrong secret', { clientSecret: 'wrong' }, 401],
    ['a scope that was not given', { scopes: ['manage_project:sandbox'] }, 400],
  ])('gets no token with %s', async (_, change, statusCode) => {
    await expect(connect(change).orders().withId({ ID: 'open' }).get().execute()).rejects.toThrow()
    const login = await sandbox.app.fetch(asked[0] as Request)
    expect(login.status).toBe(statusCode)
    expect(asked).toHaveLength(1)
  })
})
