/**
 * Odoo beyond the suite: one adapter in two APIs, dialogs that look like success, what no text of
 * an error may tell, and orders by number.
 */
import { describe, expect, it } from 'vitest'
import { findOrders } from '../../src/gateway/read.ts'
import { odoo } from './index.ts'
import { toOrder } from './map.ts'
import { answers, BOTH, type Call, raises, start } from './stores.fixture.ts'
import * as wire from './wire.ts'

describe('ids', () => {
  it.each([
    ['7', '7'],
    ['007', '7'],
    ['2147483647', '2147483647'],
    ['2147483648', null],
    ['0', null],
    ['-7', null],
    ['7.0', null],
    ['S00007', null],
    ['open-7', 'open-7'],
  ])('%s is %s', (id, spelled) => expect(odoo.canonicalId?.(id)).toBe(spelled))

  it.each(BOTH)('go out as the numbers that they are: %s', async (version) => {
    const { cancel, named } = start(version)
    expect((await cancel({ orderId: '0042' })).problem?.code).toBe('order-not-found')
    expect(JSON.stringify(named('sale.order/search_read')[0]?.body)).toContain('["id","=",42]')
  })

  it('lead to the order in Odoo itself', async () => {
    const { look, store } = start('19')
    const { order } = await look('open')
    expect(odoo.adminUrl?.(store.client.settings, { ...order, id: '42' })).toBe(
      'https://odoo.example/mail/view?model=sale.order&res_id=42',
    )
  })
})

describe('the two APIs', () => {
  it('are called with the same, and only one of them by a store', async () => {
    const [rpc, json2] = [start('18'), start('19')]
    for (const { cancel } of [rpc, json2])
      expect((await cancel({ orderId: 'open', reason: 'Ordered twice' })).status).toBe('succeeded')
    expect(rpc.calls[0]?.name).toBe('common/authenticate')
    expect(rpc.calls.slice(1).map(({ name }) => name)).toEqual(json2.calls.map(({ name }) => name))
    expect(new Set(rpc.calls.map(({ path }) => path))).toEqual(new Set(['/jsonrpc']))
    for (const [index, { body }] of json2.calls.entries()) {
      const [positional, named] = (rpc.calls[index + 1] as Call).body.params.args.slice(5)
      expect([...positional, named]).toEqual([
        ...[body.domain ?? body.ids].filter((one) => one !== undefined),
        Object.fromEntries(
          Object.entries(body).filter(([name]) => name !== 'domain' && name !== 'ids'),
        ),
      ])
    }
    expect(rpc.sandbox.messages).toEqual(json2.sandbox.messages)
  })

  it('log in once, or not at all, and ask once which fields there are', async () => {
    for (const version of BOTH) {
      const { look, named } = start(version)
      await Promise.all([look('open'), look('paid')])
      expect(named('common/authenticate')).toHaveLength(version === '19' ? 0 : 1)
      expect(named('sale.order/fields_get')).toHaveLength(1)
    }
  })

  it('never ask for a field that the server has not', async () => {
    const { look, named } = start('16')
    await look('open')
    const { args } = (named('sale.order/search_read')[0] as Call).body.params
    expect(args[6].fields).toContain('delivery_status')
    expect(args[6].fields).not.toContain('locked')
  })

  it('of 16: an order that is locked there is canceled by the server, and not by us', async () => {
    const { cancel, sandbox } = start('16')
    expect((await cancel({ orderId: 'locked' })).problem?.cause).toBe('completed')
    expect((await cancel({ orderId: 'locked-meanwhile' })).status).toBe('succeeded')
    expect([...sandbox.cancels]).toEqual([['locked-meanwhile', 1]])
  })
})

describe.each(BOTH)('a cancel in %s', (version) => {
  it('that is answered with a dialog canceled nothing, and is told so', async () => {
    const { cancel, sandbox, named } = start(version)
    const record = await cancel({ orderId: 'dialog', reason: 'Ordered twice' })
    expect(record).toMatchObject({
      status: 'rejected',
      problem: {
        code: 'order-not-cancelable',
        cause: 'refused',
        acted: 'no',
        detail: 'Odoo answered with a dialog that asks a person first; the order is not canceled.',
      },
      attempts: [{ result: '200 a dialog', unsent: false }],
    })
    expect(named('sale.order/action_cancel')).toHaveLength(1)
    expect([sandbox.cancels.size, sandbox.messages.length]).toEqual([0, 0])
  })

  it('always asks Odoo not to ask', async () => {
    const { cancel, named } = start(version)
    await cancel({ orderId: 'open' })
    expect(JSON.stringify(named('sale.order/action_cancel')[0]?.body)).toContain(
      '"context":{"disable_cancel_warning":true}',
    )
  })

  it('that is answered with true, and comes to nothing, is sent again', async () => {
    let times = 0
    const { cancel, rest, sandbox } = start(version, (call, pass) =>
      call.name.endsWith('action_cancel') && (times += 1) === 1
        ? Promise.resolve(answers(version, true))
        : pass(),
    )
    const first = await cancel({ orderId: 'open' })
    expect(first.status).toBe('in_doubt')
    expect((await rest(first.id)).status).toBe('succeeded')
    expect([times, sandbox.cancels.get('open')]).toEqual([2, 1])
  })

  it('of what has no delivery is foretold to put nothing back', async () => {
    const { look } = start(version)
    const nothing = { restock: { done: 'nothing', basis: 'confirmed' } }
    expect((await look('quotation')).expect).toMatchObject(nothing)
    expect((await look('open')).expect).toBe(undefined)
  })

  it('that the database gave up is sent again, and done once', async () => {
    const { cancel, rest, sandbox } = start(version)
    const { id } = await cancel({ orderId: 'busy-database' })
    expect(await rest(id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
      attempts: [{ unsent: true }, { result: '200', unsent: false }],
    })
    expect(sandbox.cancels.get('busy-database')).toBe(1)
  })

  it('that met somebody who locked the order is refused', async () => {
    const { cancel, sandbox } = start(version)
    const record = await cancel({ orderId: 'locked-meanwhile' })
    expect(record.problem).toMatchObject({
      cause: 'refused',
      detail: 'The order is locked in Odoo: unlock it there first.',
    })
    expect(sandbox.cancels.size).toBe(0)
  })

  it('that met goods on their way is done, and says that these are not back', async () => {
    const { cancel } = start(version)
    const record = await cancel({ orderId: 'delivered-meanwhile', restock: true })
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: { restock: { outcome: 'partial', basis: 'confirmed' } },
      order: { fulfillmentStatus: 'shipped' },
    })
  })

  const PATH = '/opt/odoo/custom/addons'
  it.each([
    ['with a text', 'odoo.exceptions.UserError', 'rejected'],
    ['of a module', 'odoo.addons.acme.errors.Nope', version === '19' ? 'rejected' : 'in_doubt'],
    ['whose name is a text', `File "${PATH}/x.py"`, version === '19' ? 'rejected' : 'in_doubt'],
    ['without a name', null, version === '19' ? 'rejected' : 'in_doubt'],
  ])('whose error comes %s: nothing of it is told', async (_, name, status) => {
    const { cancel } = start(version, (call, pass) =>
      call.name.endsWith('action_cancel')
        ? Promise.resolve(raises(version, name, `Nein. ${PATH} Erika Beispiel`))
        : pass(),
    )
    const record = await cancel({ orderId: 'open' })
    expect(record.status).toBe(status)
    expect(JSON.stringify({ ...record, order: null, before: null })).not.toMatch(/opt\/odoo|Erika/)
  })

  it.each([
    ['false', false],
    ['an action that leads elsewhere', { type: 'ir.actions.act_window', target: 'current' }],
    ['an action that closes a window', { type: 'ir.actions.act_window_close' }],
  ])('that is answered with %s is looked at', async (_, result) => {
    const { cancel } = start(version, async (call, pass) => {
      const reply = await pass()
      return call.name.endsWith('action_cancel') ? answers(version, result) : reply
    })
    expect(await cancel({ orderId: 'open' })).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: false,
    })
  })

  it.each([
    ['a number', 1],
    ['an object that is no action', { ok: true }],
    ['an action of another kind of server', { type: 'act_window', target: 'new' }],
  ])('that is answered with %s is in doubt', async (_, result) => {
    const { cancel } = start(version, async (call, pass) =>
      call.name.endsWith('action_cancel') ? answers(version, result) : pass(),
    )
    expect((await cancel({ orderId: 'open' })).status).toBe('in_doubt')
  })
})

describe('the key', () => {
  it.each(BOTH)('that is wrong in %s is the store’s to mend', async (version) => {
    const { cancel } = start(version, undefined, { apiKey: 'another' })
    expect((await cancel({ orderId: 'open' })).problem).toMatchObject({
      code: 'platform-credentials',
      retryable: true,
    })
  })
})

describe('a search', () => {
  const sale = (id: number, reference: string | false, name = `S${id}`) => ({
    id,
    state: 'sale',
    name,
    client_order_ref: reference,
    invoice_ids: [],
    transaction_ids: [],
  })
  const searching = (sales: object[], more = {}) =>
    start(
      '19',
      (call, pass) =>
        call.name === 'sale.order/search_read' ? Promise.resolve(answers('19', sales)) : pass(),
      more,
    )

  it('finds all that share a reference, and drops what a filter let through', async () => {
    const { store, named } = searching(
      [sale(7, 'WEB-1'), sale(2, 'WEB-1'), sale(3, 'WEB-10'), sale(4, false)],
      { company: 3 },
    )
    const found = await odoo.find?.(store.client, 'WEB-1')
    expect(found?.orders.map(({ id }) => id)).toEqual(['7', '2'])
    expect(found?.complete).toBe(false)
    expect(named('sale.order/search_read')[0]?.body.domain).toEqual([
      '|',
      ['name', '=', 'WEB-1'],
      ['client_order_ref', '=', 'WEB-1'],
      ['company_id', '=', 3],
    ])
  })

  it('says so where there are more than it looks through', async () => {
    const { store } = searching(Array.from({ length: 21 }, (_, id) => sale(id + 1, 'WEB-1')))
    const found = await odoo.find?.(store.client, 'WEB-1')
    expect([found?.orders.length, found?.complete]).toEqual([20, false])
  })

  it.each(BOTH)('finds the imitation’s by name and by reference: %s', async (version) => {
    const { store } = start(version)
    for (const [id, number] of [
      ['open', 'WEB-1001'],
      ['paid', 'S00002'],
    ] as const)
      expect((await findOrders(store, number)).map((found) => found.id)).toEqual([id])
  })
})

describe('an order', () => {
  const POOR = { id: 7, state: 'sale', invoice_ids: [], transaction_ids: [] }

  it('may be poor: what only describes it is missing or odd', () => {
    const [sale] = wire.SalesReply.parse([
      {
        ...POOR,
        name: false,
        currency_id: false,
        partner_id: [3],
        amount_total: 12.5,
        create_date: 'yesterday',
        write_date: '2026-02-31 10:00:00',
      },
    ])
    expect(sale && toOrder(sale, null)).toMatchObject({
      id: '7',
      number: null,
      status: 'open',
      paymentStatus: 'unknown',
      fulfillmentStatus: 'unknown',
      currency: null,
      totals: { total: null },
      customer: null,
      lines: null,
      createdAt: null,
      updatedAt: null,
    })
  })

  it.each(['id', 'state', 'invoice_ids', 'transaction_ids'])('is none without its %s', (missing) =>
    expect(wire.SalesReply.safeParse([{ ...POOR, [missing]: undefined }]).success).toBe(false),
  )

  it.each([
    ['of which a delivery', 'stock.picking', 'open'],
    ['of which an invoice', 'account.move', 'draft-invoice'],
    ['of which a payment', 'payment.transaction', 'paid'],
  ])('%s is hidden is not canceled', async (_, model, id) => {
    const { cancel, sandbox } = start('19', (call, pass) =>
      call.name === `${model}/search_read` ? Promise.resolve(answers('19', [])) : pass(),
    )
    expect((await cancel({ orderId: id })).problem?.code).toBe('platform-credentials')
    expect(sandbox.cancels.size).toBe(0)
  })
})
