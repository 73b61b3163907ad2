/** Proves who is let into the imitated Wix site, and how the others are told. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createSandbox, type WixSandbox } from './index.ts'
import { caller, errorCode, keys, start } from './caller.ts'

const BLANK = { message: '', details: {} }
const FOUR_HOURS_MS = 4 * 60 * 60 * 1_000

const everyCall = ({ get, cancel, comment, search }: ReturnType<typeof caller>) =>
  [get('open'), search({}), cancel('open'), comment('open', 'hello')] as const

const credentials = ({ oauth }: WixSandbox) => ({
  grant_type: 'client_credentials',
  client_id: oauth.appId,
  client_secret: oauth.appSecret,
  instance_id: oauth.instanceId,
})

const buyToken = (sandbox: WixSandbox, body: unknown = credentials(sandbox)) =>
  caller(sandbox, {}).call('POST', '/oauth2/token', body)

afterEach(() => {
  vi.useRealTimers()
})

describe('API key', () => {
  test('opens every call together with its site', async () => {
    for (const reply of everyCall(start())) expect((await reply).status).toBe(200)
  })

  test.each([
    ['no key', (): Record<string, string> => ({})],
    [
      'an unknown key',
      (sandbox: WixSandbox) => keys({ ...sandbox.settings, apiKey: 'someone-else' }),
    ],
    [
      'the key as a bearer token',
      (sandbox: WixSandbox) =>
        keys({ ...sandbox.settings, apiKey: `Bearer ${sandbox.settings.apiKey}` }),
    ],
  ])('%s is 401', async (_what, headers) => {
    const sandbox = createSandbox()
    for (const pending of everyCall(caller(sandbox, headers(sandbox)))) {
      const reply = await pending
      expect([reply.status, errorCode(reply)]).toEqual([401, 'UNAUTHENTICATED'])
    }
    expect(sandbox.cancels.size).toBe(0)
  })

  test.each([
    [
      'no site',
      (sandbox: WixSandbox): Record<string, string> => ({ authorization: sandbox.settings.apiKey }),
    ],
    [
      'another site',
      (sandbox: WixSandbox) => keys({ ...sandbox.settings, siteId: sandbox.oauth.appId }),
    ],
  ])('%s is a blank 403', async (_what, headers) => {
    const sandbox = createSandbox()
    for (const pending of everyCall(caller(sandbox, headers(sandbox)))) {
      const reply = await pending
      expect([reply.status, reply.body]).toEqual([403, BLANK])
    }
    expect(sandbox.cancels.size).toBe(0)
  })

  test('a key without the permission to change orders reads them and nothing else', async () => {
    const sandbox = createSandbox()
    const replies = await Promise.all(everyCall(caller(sandbox, keys(sandbox.readOnly))))
    expect(replies.map((reply) => reply.status)).toEqual([200, 200, 403, 403])
    expect(replies.slice(2).map((reply) => reply.body)).toEqual([BLANK, BLANK])
    expect(sandbox.cancels.size).toBe(0)
  })
})

describe('access token', () => {
  test('is bought with the app credentials and needs no site', async () => {
    const sandbox = createSandbox()
    const reply = await buyToken(sandbox)
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      access_token: expect.stringMatching(/./),
      token_type: 'Bearer',
      expires_in: 14_400,
    })
    expect(reply.headers.get('cache-control')).toBe('no-store')
    for (const authorization of [reply.body.access_token, `Bearer ${reply.body.access_token}`]) {
      for (const answer of everyCall(caller(sandbox, { authorization })))
        expect((await answer).status).toBe(200)
    }
    expect((await buyToken(sandbox)).body.access_token).not.toBe(reply.body.access_token)
    expect(sandbox.tokens).toBe(2)
  })

  test('lasts four hours', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const sandbox = createSandbox()
    const { get } = caller(sandbox, { authorization: (await buyToken(sandbox)).body.access_token })
    vi.setSystemTime(Date.now() + FOUR_HOURS_MS - 1)
    expect((await get('open')).status).toBe(200)
    vi.setSystemTime(Date.now() + 1)
    expect((await get('open')).status).toBe(401)
  })

  test('can be made to expire at once, and be bought anew', async () => {
    const sandbox = createSandbox()
    const authorization = (await buyToken(sandbox)).body.access_token
    sandbox.expireTokens()
    expect((await caller(sandbox, { authorization }).get('open')).status).toBe(401)
    const renewed = (await buyToken(sandbox)).body.access_token
    expect((await caller(sandbox, { authorization: renewed }).get('open')).status).toBe(200)
  })

  test('does not open another sandbox', async () => {
    const authorization = (await buyToken(createSandbox())).body.access_token
    const other = createSandbox()
    await buyToken(other)
    expect((await caller(other, { authorization }).get('open')).status).toBe(401)
  })

  test.each([
    { client_secret: 'wrong' },
    { client_id: 'wrong' },
    { instance_id: 'wrong' },
    { grant_type: 'refresh_token' },
    { instance_id: undefined },
    { client_secret: 7 },
  ])('%o is refused', async (change) => {
    const sandbox = createSandbox()
    const reply = await buyToken(sandbox, { ...credentials(sandbox), ...change })
    expect(reply.status).toBe(401)
    expect(reply.body).toEqual({
      error: 'invalid_client',
      error_description: `Wrong ${Object.keys(change)[0]}.`,
    })
    expect(sandbox.tokens).toBe(0)
  })

  test('a request that is not JSON is refused in the same form', async () => {
    const reply = await buyToken(createSandbox(), 'grant_type=client_credentials')
    expect([reply.status, reply.body.error]).toEqual([401, 'invalid_client'])
  })
})

test('every reply carries a request id of its own', async () => {
  const { sandbox, call, get, cancel } = start()
  const replies = [
    await get('open'),
    await cancel('open', { customMessage: '' }),
    await caller(sandbox, {}).get('open'),
    await caller(sandbox, { authorization: sandbox.settings.apiKey }).get('open'),
    await get('nope'),
    await cancel('pending'),
    await buyToken(sandbox),
    await buyToken(sandbox, {}),
    await call('GET', '/ecom/v2/nothing'),
  ]
  expect(replies.map((reply) => reply.status)).toEqual([
    200, 400, 401, 403, 404, 428, 200, 401, 404,
  ])
  expect(replies.at(-1)?.body).toEqual(BLANK)
  const ids = replies.map((reply) => reply.headers.get('x-wix-request-id'))
  for (const id of ids) expect(id).toMatch(/^\d+\.\d+$/)
  expect(new Set(ids).size).toBe(replies.length)
})
