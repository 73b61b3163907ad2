/** The imitation of Odoo: strict where the server is, and silent where it is silent. */
import { describe, expect, it } from 'vitest'
import { createSandboxOf } from './index.ts'
import type { Version } from './orders.ts'

const start = (version: Version) => {
  const sandbox = createSandboxOf(version)
  const { database, apiKey } = sandbox.settings
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const request = new Request(`https://odoo.example${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    const reply = await sandbox.app.fetch(request)
    return { status: reply.status, body: (await reply.json()) as any }
  }
  const rpc = (service: string, method: string, args: readonly unknown[]) =>
    post('/jsonrpc', { jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } })
  const execute = (model: string, method: string, args: readonly unknown[], named = {}) =>
    rpc('object', 'execute_kw', [database, 6, apiKey, model, method, args, named])
  const json2 = (to: string, body: unknown, key = apiKey) =>
    post(`/json/2/${to}`, body, { authorization: `bearer ${key}`, 'x-odoo-database': database })
  const stateOf = async (model: string, domain: unknown[]) => {
    const { body } = await execute(model, 'search_read', [domain], { fields: ['state'] })
    return body.result.map(({ state }: { state: string }) => state)
  }
  return { sandbox, rpc, execute, json2, stateOf }
}
const KEY = { context: { disable_cancel_warning: true } }
const DIALOG = {
  type: 'ir.actions.act_window',
  res_model: 'sale.order.cancel',
  target: 'new',
}

describe('action_cancel', () => {
  it.each(['16', '17', '18'] as const)(
    'of %s opens a dialog unless it is told not to',
    async (v) => {
      const { execute, stateOf, sandbox } = start(v)
      const { status, body } = await execute('sale.order', 'action_cancel', [['open']])
      expect([status, body.result]).toEqual([200, expect.objectContaining(DIALOG)])
      expect(await stateOf('sale.order', [['id', '=', 'open']])).toEqual(['sale'])
      expect(sandbox.cancels.size).toBe(0)
      // A draft has none.
      const draft = await execute('sale.order', 'action_cancel', [['quotation']])
      expect(draft.body.result).toBe(true)
      expect((await execute('sale.order', 'action_cancel', [['open']], KEY)).body.result).toBe(true)
      expect([...sandbox.cancels]).toEqual([
        ['quotation', 1],
        ['open', 1],
      ])
    },
  )

  it('of 19 opens none', async () => {
    const { json2, sandbox } = start('19')
    expect(await json2('sale.order/action_cancel', { ids: ['open'] })).toEqual({
      status: 200,
      body: true,
    })
    expect(sandbox.cancels.get('open')).toBe(1)
  })

  it('looks at nothing: what is done or posted stays, and the order is canceled', async () => {
    const { execute, stateOf } = start('18')
    for (const id of ['delivered', 'invoice-paid', 'authorized'])
      expect((await execute('sale.order', 'action_cancel', [[id]], KEY)).body.result).toBe(true)
    expect(await stateOf('stock.picking', [['sale_id', '=', 'delivered']])).toEqual([
      'done',
      'cancel',
    ])
    expect(await stateOf('sale.order', [['id', '=', 'authorized']])).toEqual(['cancel'])
    expect(await stateOf('account.move', [['state', '=', 'posted']])).toHaveLength(2)
    expect(await stateOf('payment.transaction', [['state', '=', 'authorized']])).toHaveLength(1)
  })

  it('cancels draft invoices with the order', async () => {
    const { execute, stateOf } = start('18')
    await execute('sale.order', 'action_cancel', [['draft-invoice']], KEY)
    expect(await stateOf('account.move', [['state', '=', 'cancel']])).toHaveLength(1)
  })

  it('refuses a locked order from 17 on; 16 does not look', async () => {
    const of18 = await start('18').execute('sale.order', 'action_cancel', [['locked']], KEY)
    expect(of18.body.error.data.name).toBe('odoo.exceptions.UserError')
    const of19 = await start('19').json2('sale.order/action_cancel', { ids: ['locked'] })
    expect([of19.status, of19.body.name]).toEqual([422, 'odoo.exceptions.UserError'])
    const of16 = await start('16').execute('sale.order', 'action_cancel', [['locked']], KEY)
    expect(of16.body.result).toBe(true)
  })

  it('is the same again, and counted', async () => {
    const { execute, sandbox } = start('18')
    for (const _ of [1, 2])
      expect((await execute('sale.order', 'action_cancel', [['open']], KEY)).body.result).toBe(true)
    expect(sandbox.cancels.get('open')).toBe(2)
  })
})

describe('errors', () => {
  it('of JSON-RPC come under 200, but for a wrong login, which is none', async () => {
    const { rpc, execute, sandbox } = start('18')
    const { database, username, apiKey } = sandbox.settings
    const login = (key: string) => rpc('common', 'authenticate', [database, username, key, {}])
    expect((await login(apiKey)).body.result).toBe(6)
    expect(await login('wrong')).toEqual({
      status: 200,
      body: { jsonrpc: '2.0', id: 1, result: false },
    })
    const denied = await rpc('object', 'execute_kw', [database, 6, 'wrong', 'sale.order', 'x', []])
    expect([denied.status, denied.body.error.data.name]).toEqual([
      200,
      'odoo.exceptions.AccessDenied',
    ])
    const missing = await execute('sale.order', 'action_cancel', [['nobody']], KEY)
    expect(missing.body.error.data).toMatchObject({
      name: 'odoo.exceptions.MissingError',
      debug: expect.stringContaining('/opt/odoo'),
    })
  })

  it.each([
    ['a wrong key', 'sale.order/search_read', {}, 401, 'werkzeug.exceptions.Unauthorized', 'no'],
    ['a method that is not there', 'sale.order/nope', {}, 404, 'werkzeug.exceptions.NotFound'],
    [
      'no such order',
      'sale.order/action_cancel',
      { ids: ['nobody'] },
      404,
      'odoo.exceptions.MissingError',
    ],
    [
      'no such field',
      'sale.order/search_read',
      { domain: [], fields: ['nope'] },
      500,
      'builtins.ValueError',
    ],
  ] as const)('of JSON-2: %s', async (_, to, body, status, name, key = undefined) => {
    const { json2 } = start('19')
    const reply = await json2(to, body, key)
    expect([reply.status, reply.body.name]).toEqual([status, name])
  })

  it('JSON-2 is not there before 19', async () => {
    const { sandbox } = start('18')
    const request = new Request('https://odoo.example/json/2/sale.order/search_read', {
      method: 'POST',
      body: '{}',
    })
    expect((await sandbox.app.fetch(request)).status).toBe(404)
  })
})

describe('a search', () => {
  it('knows “or”, and sorts by what it does not tell', async () => {
    const { execute } = start('18')
    const found = async (domain: unknown[], more = {}) => {
      const named = { fields: ['name', 'write_date'], ...more }
      return (await execute('sale.order', 'search_read', [domain], named)).body.result
    }
    const named = ['|', ['name', '=', 'S00002'], ['client_order_ref', '=', 'WEB-1001']]
    expect(await found(named, { order: 'id desc' })).toMatchObject([{ id: 'paid' }, { id: 'open' }])
    expect(await found([...named, ['company_id', '=', 2]])).toEqual([])
    for (const id of ['paid', 'open']) await execute('sale.order', 'action_cancel', [[id]], KEY)
    const canceled = await found([['state', '=', 'cancel']], { order: 'write_date, id', limit: 9 })
    expect(canceled.at(-1).write_date).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  })
})
