/** The imitation of Tryton against what a real server answered, wherever it says anything. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSandbox } from './index.ts'

interface Exchange {
  readonly request: { readonly body: { readonly method: string; readonly params: any[] } }
  readonly response: { readonly status: number; readonly body: any }
}
const recorded = (name: string): Exchange[] =>
  (
    JSON.parse(readFileSync(new URL(`../recordings/${name}.json`, import.meta.url), 'utf8')) as {
      readonly exchanges: Exchange[]
    }
  ).exchanges

const CONTEXT = { company: 1, company_filter: 'one', language: 'en' }

const start = () => {
  const sandbox = createSandbox()
  const send = async (method: string, params: readonly unknown[], session = '') => {
    const reply = await sandbox.app.fetch(
      new Request('https://tryton.example/sandbox/', {
        method: 'POST',
        headers: session === '' ? {} : { authorization: session },
        body: JSON.stringify({ id: 1, method, params }),
      }),
    )
    const text = await reply.text()
    const isJson = reply.headers.get('content-type') === 'application/json'
    return { status: reply.status, body: isJson ? JSON.parse(text) : text }
  }
  const login = async () => {
    const { username, password } = sandbox.settings
    const { body } = await send('common.db.login', [username, { password }, 'en'])
    return `Session ${btoa(`${username}:${body.result.join(':')}`)}`
  }
  const call = async (method: string, ...params: readonly unknown[]) =>
    send(method, [...params, CONTEXT], await login())
  const see = async (id: string) => {
    const fields = ['state', 'write_date', '_timestamp']
    const { body } = await call(
      'model.sale.sale.search_read',
      [['id', '=', id]],
      0,
      1,
      null,
      fields,
    )
    return body.result[0]
  }
  return { sandbox, send, login, call, see }
}

describe('a cancel', () => {
  it.each([
    ['cancel-draft', 'open'],
    ['cancel-quotation', 'paid'],
    ['cancel-processing-silent', 'processing'],
    ['cancel-done-silent', 'done'],
    ['cancel-twice', 'canceled'],
  ])('is answered as in %s', async (name, id) => {
    const { call, see } = start()
    const before = await see(id)
    const reply = await call('model.sale.sale.cancel', [id])
    const exchanges = recorded(name)
    const at = exchanges.findIndex(({ request }) => request.body.method.endsWith('.cancel'))
    const real = exchanges[at]?.response
    expect(reply).toEqual({ status: real?.status, body: { ...real?.body, id: 1 } })
    const after = await see(id)
    expect(after.state).toBe(exchanges.at(-1)?.response.body.result[0].state)
    const isDone = /draft|quotation/.test(name)
    expect(after._timestamp === before._timestamp).toBe(!isDone)
    expect(after.write_date === before.write_date || !isDone).toBe(!isDone)
  })

  it('bound to another time of change is refused as in cancel-if-unchanged', async () => {
    const { sandbox, send, login, see } = start()
    const cancel = async (timestamp: string) =>
      send(
        'model.sale.sale.cancel',
        [['open'], { ...CONTEXT, _timestamp: { 'sale.sale,open': timestamp } }],
        await login(),
      )
    const [, , refused] = recorded('cancel-if-unchanged')
    expect((await cancel('1')).body).toEqual({ ...refused?.response.body, id: 1 })
    expect(sandbox.cancels.size).toBe(0)
    expect((await cancel((await see('open'))._timestamp)).body).toEqual({ id: 1, result: null })
    expect(sandbox.cancels.get('open')).toBe(1)
  })

  it('counts a second one, and no other that is passed over', async () => {
    const { sandbox, call } = start()
    for (const id of ['open', 'open', 'processing', 'done'])
      await call('model.sale.sale.cancel', [id])
    expect([...sandbox.cancels]).toEqual([['open', 2]])
  })
})

it('answers for a sale that is not there as in unknown-id', async () => {
  const { call } = start()
  const [, cancel, search] = recorded('unknown-id')
  const error = (await call('model.sale.sale.cancel', ['nobody'])).body.error
  expect(error).toEqual(
    JSON.parse(JSON.stringify(cancel?.response.body.error).replace('999999', 'nobody')),
  )
  const found = await call('model.sale.sale.search_read', [['id', '=', 'nobody']], 0, 1, null, [])
  expect(found.body.result).toEqual(search?.response.body.result)
})

it('opens sessions, and refuses as in errors-auth', async () => {
  const { sandbox, send, login, call } = start()
  const [bad, none, unknown, , wrong] = recorded('errors-auth').map(({ response }) => response)
  const params = [['open'], CONTEXT]
  const cancel = 'model.sale.sale.cancel'
  expect(await send(cancel, params, 'Session bm9ib2R5')).toEqual({ status: bad?.status, body: '' })
  expect(await send(cancel, params)).toEqual({ status: none?.status, body: '' })
  expect((await call('model.sale.sale.nosuch')).status).toBe(unknown?.status)
  expect((await send('common.db.login', ['admin', { password: 'x' }, 'en'])).status).toBe(
    wrong?.status,
  )
  expect((await send('common.db.login', ['admin', {}, 'en'])).body.error[0]).toBe('LoginException')
  const session = await login()
  sandbox.endSessions()
  expect((await send(cancel, params, session)).status).toBe(401)
})

it('keeps notes as in note', async () => {
  const { call } = start()
  const note = { resource: 'sale.sale,open', message: 'Customer request' }
  expect((await call('model.ir.note.create', [note])).body).toEqual({ id: 1, result: [1] })
  const search = (resource: string) =>
    call('model.ir.note.search_read', [['resource', '=', resource]], 0, null, null, ['message'])
  expect((await search('sale.sale,open')).body.result).toMatchObject([note])
  expect((await search('sale.sale,paid')).body.result).toEqual([])
})
