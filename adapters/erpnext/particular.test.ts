/**
 * ERPNext beyond the suite: the precondition, names, what errors tell, comments, zones, and orders
 * that share a number.
 */
import { describe, expect, it } from 'vitest'
import { preview } from '../../src/gateway/read.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { Settings } from './access.ts'
import { readError } from './errors.ts'
import { erpnext } from './index.ts'
import { toOrder } from './map.ts'
import { idOf } from './name.ts'
import { isOrder, type Seen, start } from './store.fixture.ts'
import * as wire from './wire.ts'

describe('an id', () => {
  it('of another spelling is no order of its own, whatever the database thinks', async () => {
    const { cancel, sandbox } = start()
    for (const orderId of ['OPEN', 'Open'])
      expect((await cancel({ orderId })).problem?.code).toBe('order-not-found')
    expect(sandbox.cancels.size).toBe(0)
  })

  it('that a list or a notice tells, and that no address is safe for, is no order', async () => {
    const { look, calls } = start()
    for (const name of ['..', 'SO/../../Sales Invoice/SI-1', 'open/'])
      await expect(look(idOf(name))).rejects.toMatchObject({
        failure: { kind: 'refused', code: 'order-not-found' },
      })
    expect(calls.filter(isOrder)).toEqual([])
  })

  it('leads to the order in the desk', () => {
    const settings = Settings.parse({
      baseUrl: 'https://erp.example.com/',
      apiKey: 'k',
      apiSecret: 's',
    })
    const order = { id: 'SO~2F7' } as never
    expect(erpnext.adminUrl?.(settings, order)).toBe(
      'https://erp.example.com/app/sales-order/SO%2F7',
    )
  })
})

it('one call cancels, one keeps the reason, and no other writes', async () => {
  const { cancel, writes, look } = start()
  const { modified } = (await look('open')).found as { readonly modified: string }
  await cancel({ orderId: 'open', reason: 'Ordered twice' })
  expect(writes().map(({ method, path, body }) => [method, path, body])).toEqual([
    ['PUT', '/api/resource/Sales%20Order/open', { docstatus: 2, modified }],
    [
      'POST',
      '/api/resource/Comment',
      {
        comment_type: 'Comment',
        reference_doctype: 'Sales Order',
        reference_name: 'open',
        content: 'Ordered twice',
      },
    ],
  ])
})

describe.each([417, 409] as const)('where refusals are %s', (refusal) => {
  it('a cancel of what changed is looked at and sent again by itself', async () => {
    const { cancel, rest, writes, sandbox } = start(undefined, { refusal })
    const { id } = await cancel({ orderId: 'edited-meanwhile', reason: 'Ordered twice' })
    expect(await rest(id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      attempts: [
        { result: String(refusal), unsent: true },
        { result: '200', unsent: false },
      ],
    })
    const [first, second] = writes().map(({ body }) => body.modified)
    expect(second > first).toBe(true)
    expect(sandbox.cancels.get('edited-meanwhile')).toBe(1)
    expect(sandbox.comments).toHaveLength(1)
  })

  it('one that a job is at is sent again, too', async () => {
    const { cancel, rest, sandbox } = start(undefined, { refusal })
    const { id } = await cancel({ orderId: 'queued' })
    expect((await rest(id)).status).toBe('succeeded')
    expect(sandbox.cancels.get('queued')).toBe(1)
  })

  it('what somebody else canceled in between is canceled already', async () => {
    const { cancel, rest, sandbox } = start(undefined, { refusal })
    const { id } = await cancel({ orderId: 'canceled-meanwhile' })
    expect(await rest(id)).toMatchObject({ status: 'succeeded', alreadyCanceled: true })
    expect(sandbox.cancels.size).toBe(0)
  })

  it('what only ERPNext sees it refuses, and says why', async () => {
    const { cancel } = start(undefined, { refusal })
    const { problem } = await cancel({ orderId: 'picked-meanwhile' })
    expect(problem).toMatchObject({
      code: 'order-not-cancelable',
      cause: 'refused',
      acted: 'no',
      upstream: { status: refusal, code: 'LinkExistsError' },
    })
    expect(problem?.upstream?.message).toContain('is linked with Pick List PL-1')
  })
})

it('a 200 that shows the order as it was is no word of a cancel: it is sent again', async () => {
  let puts = 0
  const { cancel, rest, sandbox } = start(async (seen, pass) => {
    if (seen.method !== 'PUT') return pass()
    puts += 1
    if (puts > 1) return pass()
    const { modified } = seen.body
    const data = { name: 'open', docstatus: 1, status: 'To Deliver and Bill', modified }
    return Response.json({ data })
  })
  const { id } = await cancel({ orderId: 'open' })
  expect((await rest(id)).status).toBe('succeeded')
  expect([puts, sandbox.cancels.get('open')]).toEqual([2, 1])
})

it('asks for what points to an order only where that decides', async () => {
  const { look, calls } = start()
  for (const id of ['draft', 'closed', 'completed', 'canceled', 'discarded']) await look(id)
  expect(calls.every((seen) => isOrder(seen) || seen.path.startsWith('/api/method/'))).toBe(true)
  await look('open')
  expect(calls.slice(-3).map(({ path }) => path)).toEqual([
    '/api/resource/Sales%20Order/open',
    '/api/resource/Delivery%20Note',
    '/api/resource/Sales%20Invoice',
  ])
})

it('foretells that an advance is not paid back', async () => {
  const { store } = start()
  const request = { ...CancelRequest.parse({ orderId: 'paid', refund: true }), store: 'case' }
  const { effects } = await preview(store, request, false)
  expect(effects.payment).toMatchObject({ outcome: 'unsupported' })
  expect(effects.payment.detail).toContain('50.00 EUR were paid in advance')
})

describe('an error', () => {
  const said = (...messages: unknown[]) =>
    readError({
      exc_type: 'ValidationError',
      exception: 'frappe.exceptions.ValidationError: secret',
      exc: '["Traceback: /home/frappe/frappe-bench"]',
      _server_messages: JSON.stringify(messages.map((one) => JSON.stringify(one))),
    })

  it('tells its name and its last message, without links', () => {
    expect(
      said(
        { message: 'Warning: mind the gap' },
        { message: 'Invoice <a href="https://erp.example/app/x">ACC-1</a> must be <b>deleted</b>' },
      ),
    ).toEqual({ code: 'ValidationError', message: 'Invoice ACC-1 must be deleted' })
  })

  it.each([
    ['none', undefined],
    ['no JSON', '[{'],
    ['a list of something else', '[7]'],
    ['messages that are no JSON', '["x"]'],
    ['an empty list', '[]'],
    ['a message that is no text', JSON.stringify([JSON.stringify({ message: { a: 1 } })])],
  ])('with %s for messages has its name', (_, _server_messages) =>
    expect(readError({ exc_type: 'LinkExistsError', _server_messages })).toEqual({
      code: 'LinkExistsError',
      message: null,
    }),
  )

  it.each([[[]], ['<html>'], [null], [7], [{ message: 'x' }]])('is none in %j', (body) =>
    expect(readError(body)).toEqual({ code: null, message: null }),
  )

  it('leaves nothing of its traceback behind', async () => {
    const { cancel } = start()
    const record = await cancel({ orderId: 'work-order' })
    expect(record.status).toBe('rejected')
    expect(JSON.stringify(record)).not.toMatch(/Traceback|apps\/frappe|href/)
  })
})

describe('the zone', () => {
  const zoneCalls = (calls: readonly Seen[]) =>
    calls.filter(({ path }) => path.endsWith('.get_time_zone'))

  it('is asked for once, unless the settings name one', async () => {
    const asks = start()
    await Promise.all([asks.look('open'), asks.look('paid')])
    expect(zoneCalls(asks.calls)).toHaveLength(1)
    // 09:30 in Kolkata.
    expect((await asks.look('open')).order.createdAt).toBe('2026-11-20T04:00:00.250Z')
    const told = start(undefined, { more: { timeZone: 'America/New_York' } })
    expect((await told.look('open')).order.createdAt).toBe('2026-11-20T14:30:00.250Z')
    expect(zoneCalls(told.calls)).toHaveLength(0)
  })

  it('that nobody knows is none: times are not told, orders are', async () => {
    const { look } = start(async (seen, pass) =>
      seen.path.startsWith('/api/method/')
        ? Response.json({ message: { time_zone: 'Mars/Olympus' } })
        : pass(),
    )
    expect((await look('open')).order).toMatchObject({ createdAt: null, updatedAt: null })
  })

  it.each(['Berlin', 'Europe/Nowhere', '', '+99:00'])('cannot be set to %j', (timeZone) =>
    expect(
      Settings.safeParse({
        baseUrl: 'https://erp.example.com',
        apiKey: 'k',
        apiSecret: 's',
        timeZone,
      }).success,
    ).toBe(false),
  )
})

describe('a search', () => {
  const row = (name: string, po_no: string | null) => ({
    name,
    docstatus: 1,
    status: 'To Deliver',
    modified: '2026-10-02 08:00:00',
    po_no,
  })
  const searching = (rows: object[]) =>
    start((seen, pass) =>
      seen.path === '/api/resource/Sales%20Order'
        ? Promise.resolve(Response.json({ data: rows }))
        : pass(),
    )

  it('finds all that share a number, and drops what a filter let through', async () => {
    const { store, calls } = searching([row('SO-7', 'W-1'), row('W-1', null), row('SO-8', 'w-1')])
    const found = await erpnext.find?.(store.client, 'W-1')
    expect(found?.orders.map(({ id }) => id)).toEqual(['SO-7', 'W-1'])
    expect(found?.complete).toBe(false)
    expect(JSON.parse(calls.at(-1)?.query.get('or_filters') ?? '')).toEqual([
      ['name', '=', 'W-1'],
      ['po_no', '=', 'W-1'],
    ])
  })

  it('says so where there are more than it looks through', async () => {
    const rows = Array.from({ length: 21 }, (_, index) => row(`SO-${index}`, 'W-1'))
    const found = await erpnext.find?.(searching(rows).store.client, 'W-1')
    expect([found?.orders.length, found?.complete]).toEqual([20, false])
  })

  it('finds the imitation’s by name and by the customer’s number', async () => {
    const { store } = start()
    for (const [number, id] of [
      ['open', 'open'],
      ['WEB-1002', 'paid'],
    ] as const) {
      const found = await erpnext.find?.(store.client, number)
      expect(found?.orders.map((one) => one.id)).toEqual([id])
    }
  })
})

it('reads a poor order: what only describes it may be missing or odd', () => {
  const poor = { name: 'SO-7', docstatus: 1, status: 'Half Baked', modified: 'once' }
  const odd = { currency: 'EUR', grand_total: 'NaN', net_total: '12.5', items: ['x', {}] }
  const { data } = wire.OrderReply.parse({ data: { ...poor, ...odd, creation: 7 } })
  expect(toOrder(data, 'Europe/Berlin')).toMatchObject({
    id: 'SO-7',
    status: 'unknown',
    paymentStatus: 'unknown',
    fulfillmentStatus: 'unknown',
    totals: { subtotal: { amount: '12.50' }, total: null },
    customer: null,
    lines: [{ id: null, quantity: null, unitPrice: null }],
    createdAt: null,
    updatedAt: null,
  })
  for (const [field, value] of [
    ['name', ''],
    ['docstatus', 3],
    ['docstatus', '1'],
    ['status', null],
    ['modified', ''],
    ['per_delivered', 'half'],
  ] as const)
    expect(wire.OrderReply.safeParse({ data: { ...poor, [field]: value } }).success, field).toBe(
      false,
    )
})

it.each([
  [2, 'Cancelled', 'canceled'],
  [2, 'Draft', 'unknown'],
  [2, 'To Deliver', 'unknown'],
  [1, 'Cancelled', 'unknown'],
  [1, 'Closed', 'unknown'],
  [1, 'On Hold', 'on_hold'],
  [0, 'Draft', 'draft'],
] as const)('docstatus %i with %s is %s', (docstatus, status, meant) => {
  const order = wire.Order.parse({ name: 'SO-7', docstatus, status, modified: 'once' })
  expect(toOrder(order, null).status).toBe(meant)
})
