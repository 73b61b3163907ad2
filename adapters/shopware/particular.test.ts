/**
 * Shopware beyond the suite: what is sent again and what never is, by the version; what its history
 * tells; mails; and what its orders look like.
 */
import { describe, expect, it } from 'vitest'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { repeatOf } from '../../src/adapter/contract.ts'
import { isFrom } from './access.ts'
import { shopware } from './index.ts'
import { toOrder } from './map.ts'
import { createSandbox } from './sandbox/index.ts'
import recorded from './sandbox/order.json' with { type: 'json' }
import * as wire from './wire.ts'

interface Came {
  readonly path: string
  readonly body: any
  readonly nth: number
}
type Between = (came: Came, pass: () => Promise<Response>) => Promise<Response>

const start = (
  { version, says, between }: { version?: string; says?: string | null; between?: Between } = {},
  options = {},
) => {
  const sandbox = createSandbox(version)
  const calls: Came[] = []
  const { version: own, ...integration } = sandbox.settings
  const said = says === undefined ? own : says
  const opened = openHarness(
    shopware,
    { ...integration, ...(said !== null && { version: said }), baseUrl: 'https://shop.example' },
    sandboxTransport(sandbox, async (request, pass) => {
      const path = new URL(request.url).pathname
      const text = await request.clone().text()
      const nth = calls.filter((one) => one.path === path).length + 1
      const came = { path, body: text === '' ? null : JSON.parse(text), nth }
      calls.push(came)
      return between ? between(came, pass) : pass()
    }),
    options,
  )
  const cancels = () => calls.filter(({ path }) => path.endsWith('/cancel'))
  const end = async (body: object) => opened.rest((await opened.cancel(body)).id)
  return { ...opened, sandbox, calls, cancels, end }
}

const isCancel = ({ path }: Came) => path.endsWith('/cancel')
const reset = (): never => {
  throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })
}
/** The first cancel never arrives. */
const lost: Between = async (came, pass) => (isCancel(came) && came.nth === 1 ? reset() : pass())
const unanswered: Between = async (came, pass) => {
  const reply = await pass()
  return isCancel(came) ? reset() : reply
}

describe('ids', () => {
  const ID = '019a77c3e1b07c2d9f4e6a8b0c1d2e3f'
  it.each([
    [ID, ID],
    [ID.toUpperCase(), ID],
    ['019A77C3-E1B0-7c2d-9f4e-6a8b0c1d2e3f', ID],
    [`{${ID}}`, null],
    [ID.slice(1), null],
    ['019a77c3e1b0-7c2d-9f4e-6a8b-0c1d2e3f', null],
    ['20318', null],
    ['open-7', 'open-7'],
  ])('%s is %s', (id, spelled) => expect(shopware.canonicalId?.(id)).toBe(spelled))

  it('lead to the order in the shop’s admin', async () => {
    const { store } = start()
    const { orders } = (await shopware.find?.(store.client, '10001')) ?? { orders: [] }
    expect(orders.map((one) => shopware.adminUrl?.(store.client.settings, one))).toEqual([
      'https://shop.example/admin#/sw/order/detail/open',
    ])
  })
})

describe('versions', () => {
  it.each([
    ['6.7.10.1', [6, 7], true],
    ['6.7.0.0', [6, 7], true],
    ['v6.7.0.0', [6, 7], true],
    ['6.10.0.0', [6, 7], true],
    ['7.0.0', [6, 7], true],
    ['6.6.10.4', [6, 7], false],
    ['5.7.19', [6, 7], false],
    ['6.7.9.2', [6, 7, 10], false],
    ['6.7.10.0', [6, 7, 10], true],
    ['6.7.9999999.9999999-dev', [6, 7, 10], true],
    ['6.7', [6, 7, 10], false],
    ['hidden', [6, 7], null],
    ['', [6, 7], null],
    [null, [6, 7], null],
  ])('%s is from %j on: %s', (version, than, is) => expect(isFrom(version, ...than)).toBe(is))

  it('say what a second cancel does, and without one it does harm', () => {
    const of = (version?: string) =>
      repeatOf(
        shopware,
        shopware.settings.parse({
          baseUrl: 'https://shop.example',
          accessKeyId: 'SWIA',
          secretAccessKey: 'x',
          ...(version !== undefined && { version }),
        }),
      ).effect
    expect([of('6.7'), of('6.6'), of('6.5'), of()]).toEqual([
      'harmless',
      'harmful',
      'harmful',
      'harmful',
    ])
    expect(() => of('6.4')).toThrow()
  })
})

describe('a cancel that never arrived', () => {
  it('is sent again from 6.7 on, once it is seen that it did not', async () => {
    const { end, cancels, sandbox } = start({ between: lost })
    expect(await end({ orderId: 'open', reason: 'Ordered twice' })).toMatchObject({
      status: 'succeeded',
      effects: { reason: { outcome: 'applied', basis: 'confirmed' } },
    })
    expect(cancels()).toHaveLength(2)
    expect([sandbox.cancels.get('open'), sandbox.behind('open')]).toEqual([
      1,
      { stock: 3, changes: 1 },
    ])
  })

  it.each([
    ['up to 6.6', { version: '6.6.10.4' }],
    ['where the settings name no version', { says: null }],
    ['where they name an older one', { says: '6.6' }],
    ['by a version that nobody has shown', { version: '6.8.0.0', says: '6.7' }],
    ['where the shop does not say its version', { version: 'hidden', says: '6.7' }],
  ])('is never sent again %s', async (_, more) => {
    const { end, cancels, sandbox } = start({ ...more, between: lost }, { onDoubt: 'resend' })
    expect(await end({ orderId: 'open' })).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect([cancels().length, sandbox.cancels.size]).toEqual([1, 0])
  })
})

describe('a reply', () => {
  const saying =
    (technicalName: string): Between =>
    async (came, pass) =>
      isCancel(came) && came.nth === 1 ? Response.json({ technicalName }) : pass()

  it('that tells another state is no word: what did not happen is sent again', async () => {
    const { end, cancels, sandbox } = start({ between: saying('open') })
    expect((await end({ orderId: 'open' })).status).toBe('succeeded')
    expect([cancels().length, sandbox.behind('open').stock]).toEqual([2, 3])
  })

  it('that tells canceled is its word: nothing is sent on a read that shows another', async () => {
    const { cancel, cancels, gateway, sandbox } = start({ between: saying('cancelled') })
    const { id } = await cancel({ orderId: 'open' })
    // Longer than the settle time, after which the other one is sent again.
    for (const until = Date.now() + 1_000; Date.now() < until;) {
      await gateway.tick()
      await gateway.wait(id, 20)
    }
    expect(await gateway.get(id)).toMatchObject({ status: 'in_doubt', word: 'canceled' })
    expect([cancels().length, sandbox.cancels.size]).toEqual([1, 0])
  })
})

describe('a cancel whose answer got lost', () => {
  it.each(['6.7.10.1', '6.6.10.4', '6.5.8.14'])('is found by a look, on %s', async (version) => {
    const { end, cancels, sandbox } = start({ version, between: unanswered })
    const ended = await end({ orderId: 'open', reason: 'Ordered twice', restock: true })
    expect(ended).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: {
        reason: { outcome: version === '6.7.10.1' ? 'applied' : 'unsupported' },
        restock: { outcome: 'applied' },
      },
    })
    expect([cancels().length, sandbox.behind('open').stock]).toEqual([1, 3])
  })

  it('so is one that failed once its state was written', async () => {
    const { end, cancels } = start()
    expect(await end({ orderId: 'stock-fails' })).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      attempts: [{ result: '500' }],
    })
    expect(cancels()).toHaveLength(1)
  })
})

describe('settings that name another version than the shop does', () => {
  const before = { request: null, sent: false, byCustomer: false, memo: null }

  it('send nothing where they call an older shop 6.7', async () => {
    const { cancel, cancels } = start({ version: '6.6.10.4', says: '6.7' })
    expect((await cancel({ orderId: 'open' })).problem).toMatchObject({
      cause: 'refused',
      acted: 'no',
      detail: expect.stringMatching(/settings/),
    })
    expect(cancels()).toEqual([])
  })

  it('are no word about a call that went out before', async () => {
    const { store } = start({ version: '6.6.10.4', says: '6.7' })
    const look = (sent: boolean) => shopware.order.look(store.client, 'open', { ...before, sent })
    expect([(await look(true)).money, (await look(false)).money]).toEqual(['unseen', undefined])
  })

  it('still find what is canceled', async () => {
    const { cancel } = start({ version: '6.6.10.4', says: '6.7' })
    expect(await cancel({ orderId: 'canceled' })).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
    })
  })

  it('cancel where they call a newer shop older', async () => {
    const { cancel } = start({ says: '6.6' })
    expect((await cancel({ orderId: 'open' })).status).toBe('succeeded')
  })
})

describe('somebody else who cancels just before', () => {
  it('makes ours nothing from 6.7 on', async () => {
    const { cancel, sandbox } = start()
    const { effects } = await cancel({ orderId: 'canceled-meanwhile', reason: 'Ordered twice' })
    expect(effects.reason).toMatchObject({ outcome: 'failed', basis: 'confirmed' })
    expect(sandbox.behind('canceled-meanwhile')).toEqual({ stock: 3, changes: 1 })
  })

  it('makes ours harm up to 6.6, and the report says so', async () => {
    const { cancel, sandbox } = start({ version: '6.6.10.4' })
    const { effects } = await cancel({ orderId: 'canceled-meanwhile', restock: true })
    expect(effects.restock).toMatchObject({ outcome: 'unverified', basis: 'reported' })
    expect(effects.restock.detail).toContain('2 cancels')
    expect(sandbox.behind('canceled-meanwhile')).toEqual({ stock: 0, changes: 2 })
  })
})

describe('mails', () => {
  it.each([
    [true, ['open']],
    [false, []],
    [null, []],
  ])('wished %s: %j', async (notify, mails) => {
    const { cancel, sandbox } = start()
    await cancel({ orderId: 'open', notify })
    expect(sandbox.mails).toEqual(mails)
  })

  it('take nothing with them, which is said, and no text', async () => {
    const { cancel, cancels } = start()
    await cancel({ orderId: 'open', notify: true, message: 'Sorry!' })
    expect(cancels()[0]?.body).toEqual({ sendMail: true, documentIds: [], mediaIds: [] })
  })
})

it('asks for the version once, and for the history only of what is canceled', async () => {
  const { cancel, calls } = start()
  await cancel({ orderId: 'open' })
  await cancel({ orderId: 'paid' })
  expect(calls.map(({ path }) => path.replace('/api/', ''))).toEqual([
    'oauth/token',
    ...['open', 'paid'].flatMap((id) => [
      'search/order',
      ...(id === 'open' ? ['_info/version'] : []),
      `_action/order/${id}/state/cancel`,
      'search/order',
      'search/state-machine-history',
    ]),
  ])
})

describe('an order', () => {
  const state = (technicalName: string) => ({ technicalName })
  const whole = { ...recorded, stateMachineState: state('open'), deliveries: [], transactions: [] }
  const of = (more: object) => toOrder(wire.Order.parse({ ...whole, ...more }), null)
  const delivery = (word: string, costs = 4.9) => ({
    stateMachineState: state(word),
    shippingCosts: { totalPrice: costs },
  })
  const payment = (word: string, second: number, amount = 47) => ({
    stateMachineState: state(word),
    createdAt: `2026-11-19T08:15:${second}.000+00:00`,
    amount: { totalPrice: amount },
  })

  it.each([
    [[delivery('open')], 'unfulfilled', 'open'],
    [[delivery('shipped')], 'shipped', 'shipped'],
    [[delivery('shipped'), delivery('open')], 'partially_fulfilled', 'shipped, open'],
    [[delivery('shipped_partially')], 'partially_fulfilled', 'shipped_partially'],
    [[delivery('returned')], 'returned', 'returned'],
    [[delivery('cancelled'), delivery('open')], 'unknown', 'cancelled, open'],
    [[delivery('picked_up')], 'unknown', 'picked_up'],
    // A discount on shipping stays open for ever.
    [[delivery('shipped'), delivery('open', -4.9)], 'shipped', 'shipped'],
    [[], 'not_required', null],
    [null, 'unknown', null],
  ])('with deliveries %j is %s', (deliveries, status, native) =>
    expect(of({ deliveries })).toMatchObject({
      fulfillmentStatus: status,
      native: { fulfillmentStatus: native },
    }),
  )

  it.each([
    [[payment('open', 10)], 'unpaid', null, null],
    [[payment('failed', 10), payment('paid', 20)], 'paid', '47.00', null],
    [[payment('paid', 10), payment('cancelled', 20)], 'paid', '47.00', null],
    [[payment('failed', 10), payment('cancelled', 20)], 'voided', null, null],
    [[payment('refunded', 10)], 'refunded', '47.00', '47.00'],
    [[payment('chargeback', 10)], 'refunded', '47.00', '47.00'],
    [[payment('refunded_partially', 10)], 'partially_refunded', '47.00', null],
    [[payment('paid_partially', 10)], 'partially_paid', null, null],
    [[payment('crypto', 10)], 'unknown', null, null],
    [[], 'unknown', null, null],
    [null, 'unknown', null, null],
  ])('with payments %j is %s', (transactions, status, paid, refunded) => {
    const { paymentStatus, totals } = of({ transactions })
    expect([paymentStatus, totals.paid?.amount ?? null, totals.refunded?.amount ?? null]).toEqual([
      status,
      paid,
      refunded,
    ])
  })

  it('has its buyer, whose phone stands with an address', () =>
    expect(of({}).customer).toEqual({
      id: recorded.orderCustomer.customerId,
      email: 'mara.lind@example.com',
      name: 'Mara Lind',
      phone: null,
    }))

  it('keeps the digits of its prices', () =>
    expect(of({}).lines?.[0]?.unitPrice).toEqual({ amount: '14.033333333333', currency: 'EUR' }))

  it('is read where what only describes is odd: empty objects are lists in PHP', () => {
    const order = of({
      price: [],
      currency: null,
      orderCustomer: null,
      lineItems: [{ ...recorded.lineItems[0], payload: [], label: null, quantity: '3' }, 'odd'],
      createdAt: 'yesterday',
    })
    expect(order).toMatchObject({
      currency: null,
      customer: null,
      totals: { total: null, tax: null },
      createdAt: null,
      lines: [{ title: null, sku: null, quantity: 3 }],
    })
  })
})
