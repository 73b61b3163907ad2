/**
 * The adapter on an imitation that is not ours (@labdigital/commercetools-mock), by HTTP and
 * through the whole gateway; and where that, the documentation and our sandbox differ.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findOrders } from '../../src/gateway/read.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { commercetools } from './index.ts'
import { type Between, isCancel, type Mock, SKU, startMock } from './mock.fixture.ts'

let mock: Mock
beforeAll(async () => {
  mock = await startMock()
})
afterAll(() => mock.close())

const CANCEL = { action: 'changeOrderState', orderState: 'Cancelled' } as const
const VIEW = { request: null, sent: false, byCustomer: false, memo: null }

/** Once, when a cancel is on its way. */
const meanwhile = (act: () => Promise<unknown>): Between => {
  let isDone = false
  return async (request, pass) => {
    if (isCancel(request) && !isDone) {
      isDone = true
      await act()
    }
    return pass()
  }
}

describe('a look', () => {
  it('reads an order as the SDK does', async () => {
    const { id, createdAt } = await mock.importOrder({
      orderNumber: 'LOOK-1',
      totalPrice: {
        type: 'centPrecision',
        currencyCode: 'EUR',
        centAmount: 1_234,
        fractionDigits: 2,
      },
      lineItems: [
        {
          name: { en: 'Screw' },
          variant: { sku: SKU },
          quantity: 1_000,
          price: {
            value: {
              type: 'highPrecision',
              currencyCode: 'EUR',
              centAmount: 1,
              preciseAmount: 1_234,
              fractionDigits: 5,
            },
          },
        },
      ],
    })
    const { store } = mock.open()
    expect((await commercetools.order.look(store.client, id, VIEW)).order).toMatchObject({
      id,
      number: 'LOOK-1',
      status: 'open',
      paymentStatus: 'pending',
      currency: 'EUR',
      totals: { total: { amount: '12.34', currency: 'EUR' }, paid: null },
      lines: [{ title: 'Screw', sku: SKU, quantity: 1_000, unitPrice: { amount: '0.01234' } }],
      customer: { email: 'erika@example.com' },
      createdAt,
    })
  })

  it('reads the payments that the order points to', async () => {
    const amount = { currencyCode: 'EUR', centAmount: 4_900 }
    const transactions = [
      { type: 'Charge', state: 'Success', amount },
      { type: 'Refund', state: 'Success', amount: { ...amount, centAmount: 900 } },
    ]
    const { body: payment } = await mock.sdk
      .payments()
      .post({ body: { amountPlanned: amount, transactions } })
      .execute()
    const { id, version } = await mock.importOrder({ paymentState: 'Paid' })
    await mock.update(id, version, [
      { action: 'addPayment', payment: { typeId: 'payment', id: payment.id } },
    ])
    const record = await mock.open().cancel({ orderId: id, refund: true })
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: {
        payment: { outcome: 'unsupported', detail: expect.stringContaining('40.00 EUR') },
      },
      order: {
        paymentStatus: 'partially_refunded',
        totals: { paid: { amount: '49.00' }, refunded: { amount: '9.00' } },
      },
    })
    expect((await mock.get(id)).paymentState).toBe('Paid')
  })

  it('finds an order by its number, and none by another', async () => {
    const { id } = await mock.importOrder({ orderNumber: 'FIND 1/2' })
    const { store } = mock.open()
    expect((await findOrders(store, 'FIND 1/2')).map((found) => found.id)).toEqual([id])
    expect(await findOrders(store, 'FIND-0')).toEqual([])
  })

  it('says that there is no such order', async () => {
    const record = await mock.open().cancel({ orderId: '00000000-dead-4000-8000-000000000000' })
    expect(record).toMatchObject({ status: 'rejected', problem: { code: 'order-not-found' } })
  })
})

describe('a cancel', () => {
  it('changes the state, and nothing else', async () => {
    const before = await mock.importOrder({ paymentState: 'Paid' })
    const record = await mock.open().cancel({ orderId: before.id, notify: false })
    expect(record).toMatchObject({ status: 'succeeded', alreadyCanceled: false, via: 'reply' })
    const after = await mock.get(before.id)
    const changed = { version: 2, orderState: 'Cancelled' }
    expect(after).toMatchObject({
      ...before,
      ...changed,
      lastModifiedAt: after.lastModifiedAt,
      lastModifiedBy: { clientId: 'gateway' },
    })
    expect(record.order?.updatedAt).toBe(after.lastModifiedAt)
  })

  it.each([
    ['in a type of its own', undefined, { cancelReason: 'Zu groß' }],
    [
      'beside the other fields of its type',
      ['rescind', { note: 'n' }],
      { note: 'n', cancelReason: 'Zu groß' },
    ],
    ['over an older one', ['rescind', { cancelReason: 'old' }], { cancelReason: 'Zu groß' }],
    ['nowhere, where the type has no place', ['gift', { wrapping: 'blue' }], { wrapping: 'blue' }],
  ] as const)('keeps the reason %s', async (_, type, fields) => {
    const order = await mock.importOrder(
      type ? { custom: { type: { typeId: 'type', key: type[0] }, fields: type[1] } } : {},
    )
    const record = await mock.open().cancel({ orderId: order.id, reason: 'Zu groß' })
    const isKept = 'cancelReason' in fields
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: { reason: { outcome: isKept ? 'applied' : 'unsupported' } },
    })
    expect((await mock.get(order.id)).custom?.fields).toEqual(fields)
  })

  it('goes on without a reason whose type is not there, and nothing was done before', async () => {
    const { id } = await mock.importOrder()
    const { cancel, rest, calls } = mock.open({ reasonType: 'nobody-made-it' })
    const record = await rest((await cancel({ orderId: id, reason: 'Zu groß' })).id)
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: { order: { outcome: 'applied' }, reason: { outcome: 'failed' } },
    })
    expect(calls.filter(isCancel)).toHaveLength(2)
    expect((await mock.get(id)).version).toBe(2)
  })

  it('moves the order to a state of the project’s own, in the same update', async () => {
    const { body: state } = await mock.sdk
      .states()
      .post({ body: { key: 'canceled', type: 'OrderState', initial: true } })
      .execute()
    const { id } = await mock.importOrder()
    const { cancel, store } = mock.open({ cancelState: 'canceled' })
    expect((await cancel({ orderId: id })).status).toBe('succeeded')
    expect(await mock.get(id)).toMatchObject({ orderState: 'Cancelled', state: { id: state.id } })
    // Canceled by that state alone, as a project may have it.
    const after = await mock.get(id)
    await mock.update(id, after.version, [{ action: 'changeOrderState', orderState: 'Open' }])
    expect((await commercetools.order.look(store.client, id, VIEW)).done).toBe(true)
  })

  it('can be undone there, and a look says so', async () => {
    const { id } = await mock.importOrder()
    const { cancel, store } = mock.open()
    await cancel({ orderId: id })
    await mock.update(id, 2, [{ action: 'changeOrderState', orderState: 'Open' }])
    expect(await commercetools.order.look(store.client, id, VIEW)).toMatchObject({
      done: false,
      order: { status: 'open' },
    })
  })
})

describe('the version', () => {
  it('of an order that changed in between is refused, looked at, and sent anew', async () => {
    const { id } = await mock.importOrder()
    const { cancel, rest, calls } = mock.open(
      {},
      meanwhile(() => mock.update(id, 1, [{ action: 'setCustomerEmail', email: 'a@example.com' }])),
    )
    const record = await rest((await cancel({ orderId: id, reason: 'Zu groß' })).id)
    expect(record).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      attempts: [
        { result: '409', unsent: true },
        { result: '200', unsent: false },
      ],
    })
    const sent = await Promise.all(calls.filter(isCancel).map((call) => call.json()))
    expect(sent.map(({ version }) => version)).toEqual([1, 2])
    expect(await mock.get(id)).toMatchObject({
      version: 4,
      custom: { fields: { cancelReason: 'Zu groß' } },
    })
  })

  it('of an order that somebody shipped in between leads to no cancel', async () => {
    const { id } = await mock.importOrder()
    const { cancel, rest } = mock.open(
      {},
      meanwhile(() =>
        mock.update(id, 1, [{ action: 'changeShipmentState', shipmentState: 'Shipped' }]),
      ),
    )
    expect(await rest((await cancel({ orderId: id })).id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'fulfilled', acted: 'no' },
    })
    expect((await mock.get(id)).orderState).toBe('Open')
  })

  it('lets one of ten gateways cancel, and keeps its reason alone', async () => {
    const { id } = await mock.importOrder()
    // All have looked before the first sends.
    const arrived: (() => void)[] = []
    const together: Between = async (request, pass) => {
      if (isCancel(request) && arrived.length < 10)
        await new Promise<void>((resolve) => {
          arrived.push(resolve)
          if (arrived.length === 10) for (const go of arrived) go()
        })
      return pass()
    }
    const opened = Array.from({ length: 10 }, () => mock.open({}, together))
    const records = await Promise.all(
      opened.map(async ({ cancel, rest }, index) =>
        rest((await cancel({ orderId: id, reason: `Reason ${index}` })).id),
      ),
    )
    expect(records.map(({ status }) => status)).toEqual(records.map(() => 'succeeded'))
    const ours = records.filter(({ alreadyCanceled }) => !alreadyCanceled)
    expect(ours).toHaveLength(1)
    const after = await mock.get(id)
    expect(after.version).toBe(3)
    expect(after.custom?.fields.cancelReason).toBe(ours[0]?.request.reason)
  })
})

describe('a second cancel', () => {
  it('of a record is none', async () => {
    const { id } = await mock.importOrder()
    const { cancel, calls } = mock.open()
    await cancel({ orderId: id })
    expect((await cancel({ orderId: id, notify: true })).alreadyCanceled).toBe(true)
    expect(calls.filter(isCancel)).toHaveLength(1)
  })

  // The documentation promises 409 for any other version, and our sandbox answers so; the mock
  // looks at it only where something changes. Either way nothing is done twice.
  it('with the version of before changes nothing', async () => {
    const { id } = await mock.importOrder()
    const { store } = mock.open()
    const look = await commercetools.order.look(store.client, id, VIEW)
    const call = commercetools.order.cancel({
      settings: store.client.settings,
      request: { orderId: id, reason: null, reasonCode: null } as never,
      byCustomer: false,
      before: look.order,
      memo: null,
      found: look.found,
    })
    await store.client.perform(call, () => false)
    const after = await mock.get(id)
    expect((await store.client.perform(call, () => false)).result).toBe('200')
    expect(await mock.get(id)).toEqual(after)
  })

  it('where somebody else was faster reads as ours on the mock, for the same reason', async () => {
    const { id } = await mock.importOrder()
    const { cancel } = mock.open(
      {},
      meanwhile(() => mock.update(id, 1, [CANCEL])),
    )
    expect(await cancel({ orderId: id })).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
    })
    expect(await mock.get(id)).toMatchObject({ version: 2, lastModifiedBy: { clientId: 'shop' } })
  })
})

describe('a reply that is lost', () => {
  it.each([
    ['and the cancel done: seen, and not sent again', true, 1],
    ['and the cancel not done: sent again with the same version', false, 2],
  ])('%s', async (_, isDone, sent) => {
    const { id } = await mock.importOrder()
    let isFirst = true
    const { cancel, rest, calls } = mock.open({}, async (request, pass) => {
      if (!isCancel(request) || !isFirst) return pass()
      isFirst = false
      if (isDone) await pass()
      throw new TypeError('fetch failed')
    })
    const record = await rest((await cancel({ orderId: id })).id)
    expect(record).toMatchObject({ status: 'succeeded', alreadyCanceled: false })
    expect(calls.filter(isCancel)).toHaveLength(sent)
    expect((await mock.get(id)).version).toBe(2)
  })
})

describe('a sweep', () => {
  /** The mock takes no order of a list, so that times must differ for pages to be whole. */
  const nextMillisecond = async () => {
    for (const now = Date.now(); Date.now() === now;)
      await new Promise((resolve) => setImmediate(resolve))
  }

  it('lists what was canceled, page by page', async () => {
    const ids: string[] = []
    for (let made = 0; made < 103; made += 1) ids.push((await mock.importOrder()).id)
    const since = Date.now()
    for (const id of ids) {
      await nextMillisecond()
      await mock.update(id, 1, [CANCEL])
    }
    const { store, calls } = mock.open()
    const swept = await sweepAll(store, { since, until: Date.now() })
    expect(swept.canceled).toEqual(ids)
    expect(swept.pages).toHaveLength(2)
    expect(
      calls.filter(({ url }) => url.includes('sort=lastModifiedAt+asc&sort=id+asc')),
    ).toHaveLength(2)
  })

  it('fails aloud where the list is in another order, which is how the mock has it', async () => {
    const [one, other] = [await mock.importOrder(), await mock.importOrder()]
    const since = Date.now()
    await mock.update(other.id, 1, [CANCEL])
    await nextMillisecond()
    await mock.update(one.id, 1, [CANCEL])
    const { store } = mock.open()
    await expect(sweepAll(store, { since, until: Date.now() })).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })
  })
})

it('a token that is not known is had anew, once', async () => {
  const { id } = await mock.importOrder()
  let isRefused = false
  const { cancel, calls } = mock.open({}, async (request, pass) => {
    if (isRefused || request.method !== 'GET') return pass()
    isRefused = true
    const { url, headers } = request
    return fetch(url, { headers: { ...Object.fromEntries(headers), authorization: 'Bearer x' } })
  })
  expect((await cancel({ orderId: id })).status).toBe('succeeded')
  expect(calls.filter(({ url }) => url.endsWith('/oauth/token'))).toHaveLength(2)
})
