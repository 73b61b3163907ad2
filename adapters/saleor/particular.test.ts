/**
 * Saleor beyond the suite: ids in their spellings, the note that is written once, the mail that is
 * heard of later, and orders of which little is told.
 */
import { describe, expect, it } from 'vitest'
import { findOrders } from '../../src/gateway/read.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { globalId, Settings } from './access.ts'
import { readError } from './errors.ts'
import { saleor } from './index.ts'
import { toOrder } from './map.ts'
import shown from './sandbox/order.json' with { type: 'json' }
import { createSandbox } from './sandbox/index.ts'
import * as wire from './wire.ts'

interface Call {
  readonly name: string
  readonly variables: any
}
type Between = (call: Call, pass: () => Promise<Response>) => Promise<Response>

const start = (between: Between = (_, pass) => pass(), more: object = {}) => {
  const sandbox = createSandbox()
  const calls: Call[] = []
  const opened = openHarness(
    saleor,
    { ...sandbox.settings, baseUrl: 'https://saleor.example', ...more },
    sandboxTransport(sandbox, async (request, pass) => {
      const { query, variables } = (await request.clone().json()) as Record<string, any>
      const call = { name: /^\w+ (\w+)/.exec(query)?.[1] ?? '', variables }
      calls.push(call)
      return between(call, pass)
    }),
    { callTimeoutMs: 5_000 },
  )
  const view = { request: null, sent: false, byCustomer: false, memo: null }
  const look = (id: string) => saleor.order.look(opened.store.client, id, view)
  const named = (name: string) => calls.filter((call) => call.name === name)
  return { ...opened, sandbox, calls, named, look }
}

const lost = async () => new Response(null, { status: 502 })
const answer = (data: object) => async () => Response.json({ data })

const PLAIN = '2b8f4c1e-5d3a-4f6b-9c7d-1e0f2a3b4c5d'

describe('ids', () => {
  it.each([
    [PLAIN, PLAIN],
    [PLAIN.toUpperCase(), PLAIN],
    [PLAIN.replaceAll('-', ''), PLAIN],
    [btoa(`Order:${PLAIN}`), PLAIN],
    [btoa(`Order:${PLAIN.toUpperCase()}`), PLAIN],
    [btoa(`Order:${PLAIN.replaceAll('-', '')}`), PLAIN],
    ['open', 'open'],
    [btoa('Order:open'), 'open'],
    // Orders from before 3.2, which Saleor itself tells by their UUID.
    ['1042', null],
    [btoa('Order:1042'), null],
    [btoa(`OrderLine:${PLAIN}`), null],
    [btoa(`order:${PLAIN}`), null],
    [btoa(`Order:${PLAIN}`).slice(0, -1), null],
    [`${btoa('Order:open')}=`, null],
    [btoa('Order:open').replace(/=+$/, ''), null],
    [`{${PLAIN}}`, null],
    [PLAIN.slice(1), null],
    ['Open', null],
  ])('%s is %s', (id, spelled) => expect(saleor.canonicalId?.(id)).toBe(spelled))

  it('every spelling of one order is one cancellation', async () => {
    const { cancel, named } = start()
    const first = await cancel({ orderId: 'open' })
    const again = await cancel({ orderId: globalId('open') })
    expect([again.id, again.request.orderId]).toEqual([first.id, 'open'])
    expect(named('CancelOrder')).toHaveLength(1)
    expect(named('CancelOrder')[0]?.variables).toEqual({ id: 'T3JkZXI6b3Blbg==' })
  })
})

describe('settings', () => {
  const given = { baseUrl: 'https://acme.saleor.cloud', appToken: 'token' }
  it('take the address without the path of the API', () => {
    expect(Settings.safeParse(given).success).toBe(true)
    for (const path of ['/graphql', '/graphql/'])
      expect(Settings.safeParse({ ...given, baseUrl: given.baseUrl + path }).success).toBe(false)
    expect(Settings.safeParse({ ...given, appToken: undefined }).success).toBe(false)
  })
  it('lead to the order in the dashboard, where they say where that is', async () => {
    const { order } = await start().look('open')
    const url = (more: object) => saleor.adminUrl?.(Settings.parse({ ...given, ...more }), order)
    expect(url({})).toBe(null)
    expect(url({ dashboardUrl: 'https://acme.saleor.cloud/dashboard/' })).toBe(
      'https://acme.saleor.cloud/dashboard/orders/T3JkZXI6b3Blbg%3D%3D',
    )
    expect(url({ dashboardUrl: 'http://elsewhere.example' })).toBe(null)
  })
})

describe('the note', () => {
  it('is written once, also where the reply to the cancel was lost', async () => {
    const { cancel, rest, sandbox, named } = start(async ({ name }, pass) => {
      const reply = await pass()
      return name === 'CancelOrder' ? lost() : reply
    })
    const { id } = await cancel({ orderId: 'paid', reason: 'Ordered twice' })
    const record = await rest(id)
    expect(record).toMatchObject({ status: 'succeeded', via: 'reconciled' })
    expect(record.effects.reason).toMatchObject({ outcome: 'applied', basis: 'reported' })
    expect(sandbox.notes('paid')).toEqual(['Ordered twice'])
    expect([named('CancelOrder').length, named('AddNote').length]).toEqual([1, 1])
    await cancel({ orderId: 'paid', reason: 'Ordered twice' })
    expect(sandbox.notes('paid')).toHaveLength(1)
  })

  it('that got no answer is not known to be there, and the order is canceled', async () => {
    const { cancel, sandbox } = start(({ name }, pass) => (name === 'AddNote' ? lost() : pass()))
    const record = await cancel({ orderId: 'paid', reasonCode: 'fraud' })
    expect(record.status).toBe('succeeded')
    expect(record.effects.reason).toMatchObject({ outcome: 'unverified', honored: null })
    expect(sandbox.notes('paid')).toEqual([])
  })

  it('is not written where the cancel is refused', async () => {
    const { cancel, sandbox, named } = start()
    const record = await cancel({ orderId: 'fulfilled-meanwhile', reason: 'Ordered twice' })
    expect(record).toMatchObject({ status: 'rejected', problem: { cause: 'completed' } })
    expect(record.problem?.upstream?.code).toBe('CANNOT_CANCEL_ORDER')
    expect([sandbox.notes('fulfilled-meanwhile'), named('AddNote')]).toEqual([[], []])
  })
})

it('a reply that shows the order as it was is no word of a cancel: it is sent again', async () => {
  let first = true
  const { cancel, rest, named, sandbox } = start(async ({ name }, pass) => {
    if (name !== 'CancelOrder' || !first) return pass()
    first = false
    const order = { ...shown, id: globalId('open') }
    return answer({ orderCancel: { order, errors: [] } })()
  })
  const record = await cancel({ orderId: 'open' })
  expect(record.status).toBe('in_doubt')
  expect((await rest(record.id)).status).toBe('succeeded')
  expect([named('CancelOrder').length, sandbox.cancels.get('open')]).toEqual([2, 1])
})

describe('the mail', () => {
  it('is heard of where a look comes after the reply', async () => {
    const { cancel, rest, sandbox } = start(async ({ name }, pass) => {
      const reply = await pass()
      return name === 'CancelOrder' ? lost() : reply
    })
    const record = await rest((await cancel({ orderId: 'open', notify: true })).id)
    expect(record.effects.notify).toMatchObject({ outcome: 'applied', basis: 'reported' })
    expect(sandbox.mails).toEqual(['open'])
  })
  it('is not known of from the reply alone', async () => {
    const { effects } = await start().cancel({ orderId: 'open', notify: true })
    expect(effects.notify).toMatchObject({ outcome: 'unverified', basis: 'none', honored: null })
  })
})

describe('money that an app moved, having heard of the cancel', () => {
  const told = async (was: object, is: object) => {
    const { found, ...look } = await start().look('paid')
    const whole = found as wire.Order
    const money = (amounts: object) =>
      wire.Order.parse({
        ...whole,
        id: globalId(whole.id),
        paymentStatus: 'NOT_CHARGED',
        ...Object.fromEntries(
          ['totalCharged', 'totalAuthorized', 'totalRefunded', 'totalRefundPending'].map((name) => [
            name,
            { amount: (amounts as Record<string, number>)[name] ?? 0 },
          ]),
        ),
      })
    const facts = saleor.order.facts?.({
      before: toOrder(money(was)),
      memo: null,
      look: { ...look, found: money(is) },
    } as never)
    return facts?.payment
  }
  it.each([
    ['back', { totalCharged: 60 }, { totalRefunded: 60 }, 'yes', '60.00'],
    ['back in part', { totalCharged: 60 }, { totalCharged: 40, totalRefunded: 20 }, 'yes', '20.00'],
    ['and is moving', { totalCharged: 60 }, { totalRefundPending: 60 }, 'pending', '60.00'],
    ['that was held', { totalAuthorized: 60 }, {}, 'yes', undefined],
    ['that was captured', { totalAuthorized: 60 }, { totalCharged: 60 }, 'impossible', '60.00'],
    ['not at all', { totalCharged: 60 }, { totalCharged: 60 }, 'impossible', '60.00'],
    [
      'before',
      { totalCharged: 40, totalRefunded: 20 },
      { totalCharged: 40, totalRefunded: 20 },
      'impossible',
      '40.00',
    ],
  ])('%s is told as that', async (_, was, is, done, amount) => {
    const fact = await told(was, is)
    expect([fact?.done, fact?.basis, fact?.amount?.amount]).toEqual([done, 'confirmed', amount])
  })
})

describe('an order of which little is told', () => {
  const told = (order: object) => start(answer({ order })).look('open')
  const least = { id: globalId('open'), status: 'UNFULFILLED', fulfillments: [] }

  it('is read, and what is not told is null', async () => {
    const { order, done, obstacle, expect: ahead, memo } = await told(least)
    expect([done, obstacle, memo]).toEqual([false, null, { allocated: null, mails: 0 }])
    expect(order).toMatchObject({
      status: 'open',
      paymentStatus: 'unknown',
      currency: null,
      customer: null,
      lines: null,
      number: null,
      totals: { total: null, paid: null, refunded: null, discount: null },
    })
    expect(Object.keys(ahead ?? {})).toEqual(['payment'])
  })
  it.each([
    ['no status', { status: null }],
    ['no fulfillments', { fulfillments: null }],
    ['a fulfillment without a status', { fulfillments: [{}] }],
    ['the id of something else', { id: btoa('Checkout:open') }],
  ])('is unreadable with %s', async (_, more) =>
    expect(told({ ...least, ...more })).rejects.toMatchObject({ failure: { kind: 'doubt' } }),
  )
  it('is not held back for a word that is new', async () => {
    const { obstacle } = await told({ ...least, status: 'NEW', fulfillments: [{ status: 'NEW' }] })
    expect(obstacle).toBe(null)
  })
  it.each([
    ['PENDING', {}, 'pending'],
    ['REFUSED', {}, 'failed'],
    ['CANCELLED', {}, 'voided'],
    ['FULLY_REFUNDED', {}, 'refunded'],
    ['PARTIALLY_CHARGED', { totalCharged: { amount: 10 } }, 'partially_paid'],
    ['NOT_CHARGED', { totalAuthorized: { amount: 0 } }, 'unpaid'],
    ['NOT_CHARGED', {}, 'authorized'],
    ['NEW', { totalRefunded: { amount: 5 } }, 'unknown'],
  ])('payment %s %j is %s', async (paymentStatus, more, is) => {
    const { order } = await told({ ...shown, ...least, paymentStatus, ...more })
    expect(order.paymentStatus).toBe(is)
  })
})

describe('a number', () => {
  it('is looked for where it can be one of Saleor’s, and compared', async () => {
    const { store, calls } = start()
    for (const number of ['12a', '0', '007', '12345678901'])
      expect(await findOrders(store, number)).toMatchObject([])
    expect(calls).toEqual([])
    expect(await findOrders(store, '1001')).toMatchObject([{ id: 'open', number: '1001' }])
  })
  it('of another order finds nothing', async () => {
    const node = { ...shown, id: globalId('open'), number: '1002' }
    const orders = { edges: [{ node }], pageInfo: { hasNextPage: false } }
    const found = await saleor.find?.(start(answer({ orders })).store.client, '1001')
    expect(found).toEqual({ orders: [], complete: false })
  })
})

describe('what an error says', () => {
  const thrown = (path: unknown, extensions: unknown, message: unknown = 'No') =>
    readError({ errors: [{ message, path, extensions }], data: null })
  it.each([
    ['of an operation', thrown(['orderCancel'], { exception: { code: 'A' } }), 'A', 'No'],
    [
      'of a part that is read',
      thrown(['order', 'events'], { exception: { code: 'A' } }),
      'A',
      'No',
    ],
    [
      'of a part of what was done',
      thrown(['orderCancel', 'order', 0], { exception: { code: 'A' } }),
      null,
      'orderCancel.order.0: No',
    ],
    ['with a code of the gate before', thrown(undefined, { code: 'B' }), 'B', 'No'],
    ['that says nothing', thrown(null, null, null), null, 'an error without a message'],
    [
      'of a mutation’s own',
      readError({ data: { orderCancel: { errors: [{ code: 'C', message: null }] } } }),
      'C',
      'an error without a message',
    ],
    [
      'that is a mere text',
      readError({ errors: ['No'], data: { order: null } }),
      null,
      'an error without a message',
    ],
    ['that is none', readError({ data: { orderCancel: { errors: [] } } }), null, null],
    ['that is none of its own', readError('<html></html>'), null, null],
  ])('%s', (_, said, code, message) => expect(said).toEqual({ code, message }))
})
