/**
 * The imitation of commercetools beside the recordings of another that is not ours: the same
 * answers, but where that differs from the documentation.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSandbox } from './index.ts'

interface Exchange {
  readonly request: { readonly body: any }
  readonly response: { readonly status: number; readonly body: any }
}
const recorded = (name: string): Exchange[] =>
  JSON.parse(readFileSync(new URL(`../recordings/${name}.json`, import.meta.url), 'utf8')).exchanges

const start = async () => {
  const sandbox = createSandbox()
  const send = async (
    method: string,
    path: string,
    body: object | string | null = null,
    more: Readonly<Record<string, string>> = {},
  ) => {
    const reply = await sandbox.app.fetch(
      new Request(`https://commercetools.example${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...more },
        body: body === null || typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
    return { status: reply.status, body: (await reply.json()) as any }
  }
  const { clientId, clientSecret } = sandbox.settings
  const basic = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }
  const form = { ...basic, 'content-type': 'application/x-www-form-urlencoded' }
  const login = await send('POST', '/oauth/token', 'grant_type=client_credentials', form)
  const bearer = { authorization: `Bearer ${login.body.access_token}` }
  const call = (method: string, path: string, body: object | null = null) =>
    send(method, `/sandbox${path}`, body, bearer)
  return { sandbox, send, call, login, form, bearer }
}

/** Of an error what is the same whatever order it is about. */
const errorOf = ({ status, body }: { status: number; body: any }) => ({
  status,
  statusCode: body.statusCode,
  code: body.errors[0].code,
  message: body.message.replaceAll(/'[^']*'|Object \S+|\d+(?=\.| -)/g, '…'),
})

it('has an order of the same members', async () => {
  const { call } = await start()
  const order = (await call('GET', '/orders/open')).body
  const [exchange] = recorded('get-by-id')
  expect(Object.keys(order)).toEqual(
    expect.arrayContaining(Object.keys(exchange?.response.body ?? {})),
  )
})

describe('refuses as recorded', () => {
  it.each([
    ['get-unknown', 'GET', '/orders/nobody', null],
    ['cancel-unknown', 'POST', '/orders/nobody', 'its own'],
    ['cancel-wrong-version', 'POST', '/orders/open', 'its own'],
    ['cancel-reason-without-type', 'POST', '/orders/open', 'its own'],
  ])('%s', async (name, method, path, body) => {
    const { call, sandbox } = await start()
    const [exchange] = recorded(name)
    const reply = await call(method, path, body === null ? null : exchange?.request.body)
    expect(errorOf(reply)).toEqual(errorOf(exchange?.response as never))
    expect(sandbox.cancels.size).toBe(0)
    const { body: order } = await call('GET', '/orders/open')
    expect([order.version, order.orderState]).toEqual([1, 'Open'])
  })

  it('an action that is not there, in its code', async () => {
    const { call } = await start()
    const [exchange] = recorded('invalid-action')
    const body = { ...exchange?.request.body, version: 1 }
    const { status, code } = errorOf(await call('POST', '/orders/open', body))
    expect({ status, code }).toEqual({ status: 400, code: 'InvalidInput' })
  })

  it('who has no token, or a wrong one', async () => {
    const { send } = await start()
    const statuses = recorded('errors-auth').map(({ response }) => response.status)
    expect(statuses).toEqual([401, 401, 401])
    expect((await send('GET', '/sandbox/orders/open')).body.errors[0].code).toBe('invalid_token')
    expect((await send('POST', '/oauth/token', 'grant_type=client_credentials')).status).toBe(401)
  })
})

describe('a cancel', () => {
  const CANCEL = [{ action: 'changeOrderState', orderState: 'Cancelled' }]

  it.each([
    ['cancel-right-version', 'open', 1],
    ['cancel-with-reason', 'open', 2],
  ])('is answered as in %s', async (name, id, versions) => {
    const { call, sandbox } = await start()
    const exchange = recorded(name).find(({ request }) => request.body?.actions)
    if (!exchange) throw new Error(`no update in ${name}`)
    const { actions } = exchange.request.body
    const reply = await call('POST', `/orders/${id}`, { version: 1, actions })
    const { orderState, custom } = exchange.response.body
    expect(reply).toMatchObject({ status: 200, body: { orderState, version: 1 + versions } })
    expect(reply.body.custom?.fields).toEqual(custom?.fields)
    expect(sandbox.cancels.get(id)).toBe(1)
  })

  it('of what is canceled changes nothing, and is refused with another version', async () => {
    const { call } = await start()
    const current = recorded('cancel-again-current-version')[0]?.response
    const reply = await call('POST', '/orders/canceled', { version: 1, actions: CANCEL })
    expect([reply.status, reply.body.version]).toEqual([current?.status, 1])
    // Recorded is 200 (cancel-again-stale-version), documented this.
    const documented = recorded('cancel-again-stale-version-documented')[0]?.response
    const stale = await call('POST', '/orders/canceled', { version: 0, actions: CANCEL })
    expect(errorOf(stale)).toEqual(errorOf(documented as never))
  })

  it('goes through whatever was shipped, as in cancel-complete-shipped', async () => {
    const { call } = await start()
    for (const id of ['complete', 'shipped', 'delivered'])
      expect((await call('POST', `/orders/${id}`, { version: 1, actions: CANCEL })).status).toBe(
        200,
      )
  })
})

it('gives tokens for a form alone', async () => {
  const { send, login, form } = await start()
  const [exchange] = recorded('oauth-token')
  expect([login.status, login.body.expires_in]).toEqual([
    exchange?.response.status,
    exchange?.response.body.expires_in,
  ])
  const json = { ...form, 'content-type': 'application/json' }
  const code = async (body: string, headers = form) =>
    (await send('POST', '/oauth/token', body, headers)).body.error
  expect(await code('{"grant_type":"client_credentials"}', json)).toBe('invalid_request')
  expect(await code('grant_type=password')).toBe('unsupported_grant_type')
  expect(await code('grant_type=client_credentials&scope=manage_orders%3Aother')).toBe(
    'invalid_scope',
  )
})
