/**
 * Previews, orders and searches: the same look and the same decision as a cancel, and nothing sent.
 */
import { describe, expect, it } from 'vitest'
import { findOrders, preview, readOrder } from '../../src/gateway/read.ts'
import { ProblemError } from '../../src/model/problem.ts'
import { request } from '../model/samples.ts'
import { openFixture, type FixtureOptions } from './fixture.ts'
import { createPlatform, html, lost, says, unauthorized, unreachable } from './platform.ts'

const open = (options: FixtureOptions = {}) => {
  const { stores, platform } = openFixture(options)
  const store = stores.get('shop')
  if (!store) throw new Error('no shop')
  return { store, platform }
}
const fails = async (reading: Promise<unknown>) => {
  const error = await reading.catch((error: unknown) => error)
  expect(error).toBeInstanceOf(ProblemError)
  return error as ProblemError
}

describe('preview', () => {
  it('of what would be canceled', async () => {
    const { store, platform } = open({
      toy: {
        can: { notify: 'never', payment: 'always' },
        expect: { payment: { done: 'yes', basis: 'documented', detail: 'It is paid.' } },
      },
    })
    expect(await preview(store, request({ notify: true, restock: true }), false)).toMatchObject({
      cancelable: true,
      alreadyCanceled: false,
      problem: null,
      order: { id: 'open', status: 'open', customer: { name: 'Ada' } },
      effects: {
        order: { outcome: 'applied', basis: 'documented' },
        notify: { outcome: 'unsupported', honored: false },
        restock: { outcome: 'applied' },
        payment: { outcome: 'automatic', basis: 'documented', detail: 'It is paid.' },
      },
    })
    expect(platform.calls.map(({ route }) => route)).toEqual(['look'])
  })
  it('of what is canceled already', async () => {
    const { store } = open({
      platform: createPlatform([{ id: 'open', state: 'canceled', shipped: true }]),
    })
    expect(await preview(store, request({ strict: true, restock: true }), false)).toMatchObject({
      cancelable: false,
      alreadyCanceled: true,
      problem: null,
      effects: { order: { outcome: 'skipped' }, restock: { outcome: 'skipped' } },
      order: { status: 'canceled' },
    })
  })
  it('of what cannot be canceled', async () => {
    const { store } = open({ platform: createPlatform([{ id: 'open', shipped: true }]) })
    expect(await preview(store, request({ notify: true }), false)).toMatchObject({
      cancelable: false,
      alreadyCanceled: false,
      problem: {
        code: 'order-not-cancelable',
        cause: 'fulfilled',
        detail: 'It is on its way.',
        acted: 'no',
      },
      effects: { order: { outcome: 'skipped' }, notify: { outcome: 'skipped' } },
    })
  })
  it('of what strict would refuse', async () => {
    const { store } = open({ toy: { can: { restock: 'always' } } })
    expect(await preview(store, request({ strict: true, restock: false }), false)).toMatchObject({
      cancelable: false,
      alreadyCanceled: false,
      problem: {
        code: 'unsupported',
        errors: [{ pointer: '/restock', detail: 'always: the toy’s manual' }],
      },
      effects: { restock: { outcome: 'forced', honored: false }, order: { outcome: 'applied' } },
    })
    expect(await preview(store, request({ strict: true, restock: true }), false)).toMatchObject({
      cancelable: true,
      problem: null,
    })
  })
  it('of a transfer', async () => {
    const { store, platform } = open({
      platform: createPlatform([{ id: 'open', transfer: 'tr_1' }]),
    })
    expect(await preview(store, request({ target: 'transfer' }), true)).toMatchObject({
      cancelable: true,
      effects: { order: { outcome: 'applied' }, payment: { outcome: 'not_applicable' } },
    })
    platform.order().transfer = null
    expect(await preview(store, request({ target: 'transfer' }), true)).toMatchObject({
      cancelable: false,
      problem: { cause: 'nothing_pending' },
    })
  })
  it('of a transfer where there are none', async () => {
    const { problem } = await fails(
      preview(open({ toy: { transfers: false } }).store, request({ target: 'transfer' }), false),
    )
    expect(problem).toMatchObject({
      code: 'unsupported',
      detail: 'Toy has no order transfers.',
      errors: [{ pointer: '/target', detail: 'only orders can be canceled there' }],
    })
  })
  it('tells the adapter what it is for', async () => {
    const { store } = open()
    const views: unknown[] = []
    const { look } = store.adapter.order
    Object.assign(store.adapter.order, {
      look: (...[line, id, view]: Parameters<typeof look>) => {
        views.push(view)
        return look(line, id, view)
      },
    })
    await preview(store, request(), true)
    await readOrder(store, 'open')
    expect(views).toEqual([
      { request: request(), sent: false, byCustomer: true, memo: null },
      { request: null, sent: false, byCustomer: false, memo: null },
    ])
  })
})

describe('reading', () => {
  it('an order, with the platform’s own reply', async () => {
    const { store } = open()
    expect(await readOrder(store, 'open')).toMatchObject({
      order: { id: 'open', number: '100' },
      raw: { purchase: 'open' },
    })
  })
  it('orders by the number people see', async () => {
    const { store, platform } = open({ platform: createPlatform([{ id: 'a' }, { id: 'b' }]) })
    expect(await findOrders(store, '101')).toMatchObject([{ id: 'b', number: '101' }])
    expect(await findOrders(store, '7')).toEqual([])
    platform.plan('find', lost)
    expect((await fails(findOrders(store, '101'))).problem.code).toBe('platform-unavailable')
    expect(await findOrders(store, ' 101\u00a0')).toMatchObject([{ id: 'b' }])
    expect(await findOrders(store, ' ')).toEqual([])
    for (const number of ['1\u0000', '1\u200b', '\ud800'])
      expect((await fails(findOrders(store, number))).problem, number).toMatchObject({
        code: 'invalid-request',
        errors: [{ pointer: '/number', detail: 'without control and invisible characters' }],
      })
    expect(platform.count('find')).toBe(4)
  })
  it('orders by number where there is no search', async () => {
    const { problem } = await fails(findOrders(open({ toy: { search: false } }).store, '100'))
    expect(problem).toMatchObject({
      code: 'unsupported',
      status: 422,
      detail: 'Toy cannot search orders by number.',
      errors: [{ pointer: '/number', detail: 'no search by number there' }],
    })
  })
})

describe('by the store’s id', () => {
  it('the same', async () => {
    const { gateway, stores } = openFixture()
    const [store] = stores.values()
    if (!store) throw new Error('no shop')
    expect(await gateway.preview(request(), false)).toEqual(await preview(store, request(), false))
    expect(await gateway.readOrder('shop', 'open')).toEqual(await readOrder(store, 'open'))
    expect(await gateway.findOrders('shop', '100')).toEqual(await findOrders(store, '100'))
    const nowhere: (() => Promise<unknown>)[] = [
      () => gateway.preview(request({ store: 'nowhere' }), false),
      () => gateway.readOrder('nowhere', 'open'),
      () => gateway.findOrders('nowhere', '100'),
    ]
    for (const read of nowhere)
      expect((await fails(Promise.resolve().then(() => read()))).problem.code).toBe(
        'store-not-found',
      )
  })
})

describe('a read that fails is answered at once', () => {
  it.each([
    ['lost', lost, 'platform-unavailable', 503, '1'],
    ['unreachable', unreachable, 'platform-unavailable', 503, '1'],
    ['HTML', html(), 'platform-unavailable', 503, '1'],
    [
      '500, come back later',
      says(500, 'oops', { 'retry-after': '7' }),
      'platform-unavailable',
      503,
      '7',
    ],
    ['throttled', says(429, 'slow', { 'retry-after': '2' }), 'platform-throttled', 503, '2'],
    ['a redirect', says(302, 'moved'), 'platform-unavailable', 503, '1'],
    ['refused', says(400, 'nope'), 'platform-unavailable', 503, '1'],
    ['credentials', unauthorized, 'platform-credentials', 502, undefined],
    ['not found', says(404, 'not_found'), 'order-not-found', 404, undefined],
  ] as const)('%s: %s', async (_, step, code, status, retryAfter) => {
    for (const read of ['preview', 'order'] as const) {
      const { store, platform } = open()
      platform.plan('look', step)
      const { problem, headers } = await fails(
        read === 'order' ? readOrder(store, 'open') : preview(store, request(), false),
      )
      expect(problem).toMatchObject({ code, status, acted: 'no' })
      expect(problem).not.toHaveProperty('cause')
      expect(headers).toEqual(retryAfter === undefined ? {} : { 'retry-after': retryAfter })
    }
  })
  it('in the platform’s words where it has some', async () => {
    const { store, platform } = open()
    platform.plan('look', says(400, 'nope'), lost)
    expect((await fails(readOrder(store, 'open'))).problem.upstream).toEqual({
      status: 400,
      code: 'nope',
      message: 'about nope',
    })
    expect((await fails(readOrder(store, 'open'))).problem).not.toHaveProperty('upstream')
  })
  it('but a fault of ours is a fault', async () => {
    const { store } = open()
    const trip = new TypeError('undefined is not a function')
    Object.assign(store.adapter.order, {
      look: () => {
        throw trip
      },
    })
    await expect(readOrder(store, 'open')).rejects.toBe(trip)
  })
})

describe('where the merchant finds an order', () => {
  it('is told with every look, and kept with the record', async () => {
    const adminUrl = 'https://admin.example/orders/open'
    const { ask, gateway, platform } = openFixture({ toy: { adminUrl } })
    expect((await ask()).record.order).toMatchObject({ adminUrl })
    expect((await gateway.readOrder('shop', 'open')).order).toMatchObject({ adminUrl })
    const found = await gateway.findOrders('shop', platform.order().number)
    expect(found[0]).toMatchObject({ adminUrl })
  })
  it.each(['javascript:alert(1)', 'orders/1', ''])('%j is no address', async (adminUrl) => {
    const { ask } = openFixture({ toy: { adminUrl } })
    expect((await ask()).record.order).not.toHaveProperty('adminUrl')
  })
})
