/**
 * The signer against another implementation, the package `oauth-1.0a`, to the byte, with the
 * queries that go out here, and against the example of RFC 5849.
 */
import OAuth from 'oauth-1.0a'
import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { baseString, oauthHeader as authorization } from '../../src/adapter/index.ts'
import { authorize } from './access.ts'
import { KEYS } from './sandbox/access.ts'
import { createSandbox } from './sandbox/index.ts'
import { criteria } from './search.ts'

const CREDENTIALS = {
  consumerKey: 'dpf43f3p2l4k3l03dpf43f3p2l4k3l03',
  consumerSecret: "kd94hf93k423kf44 &/=!*'()~é",
  token: 'nnch734d00sl2jdknnch734d00sl2jdk',
  tokenSecret: 'pfkkdhi9sl3r4s00+%25',
  saysVersion: true,
}
const ONCE = { nonce: 'wIjqoxSZeS7BTV8pnh7sn1eClcLlmExP', timestamp: 1_796_019_650 }

/** What the package makes of it. */
const judged = (
  method: string,
  url: string,
  parameters: readonly (readonly [string, string])[],
) => {
  const oauth = new OAuth({
    consumer: { key: CREDENTIALS.consumerKey, secret: CREDENTIALS.consumerSecret },
    signature_method: 'HMAC-SHA256',
    hash_function: (text, key) => createHmac('sha256', key).update(text).digest('base64'),
  })
  Object.assign(oauth, { getNonce: () => ONCE.nonce, getTimeStamp: () => ONCE.timestamp })
  const data = Object.fromEntries(parameters)
  const token = { key: CREDENTIALS.token, secret: CREDENTIALS.tokenSecret }
  return oauth.toHeader(oauth.authorize({ method, url, data }, token)).Authorization
}

const ORDERS = 'https://shop.example.com/rest/V1/orders'
const byNumber = criteria([[{ field: 'increment_id', value: '000000074', condition: 'eq' }]], 20)
const byChange = criteria(
  [
    [{ field: 'updated_at', value: '2026-11-21 12:00:00', condition: 'gteq' }],
    [{ field: 'state', value: 'canceled', condition: 'eq' }],
    [
      { field: 'updated_at', value: '2026-11-21 12:00:00', condition: 'gt' },
      { field: 'entity_id', value: '89', condition: 'gt' },
    ],
  ],
  100,
  ['updated_at', 'entity_id'],
)
const ODD = { a: '', 'ä ~': "!*'()", 'a[0]': 'x=y&z', 'a[0][b]': '%2B+', 'a-': '日本 👀' }

describe('a signature is the one of oauth-1.0a', () => {
  it.each([
    ['of a cancel', 'POST', `${ORDERS}/89/cancel`, {}],
    [
      'in a store view and at a port',
      'GET',
      'http://127.0.0.1:8080/m2/rest/german/V1/orders/8',
      {},
    ],
    ['of a search by number', 'GET', ORDERS, byNumber],
    ['of a search by change', 'GET', ORDERS, byChange],
    ['of odd names and values', 'PUT', ORDERS, ODD],
  ] as const)('%s', async (_, method, url, query) => {
    const parameters = Object.entries(query)
    expect(await authorization({ method, url, parameters }, CREDENTIALS, ONCE)).toBe(
      judged(method, url, parameters),
    )
  })

  it('and another one for every part of it', async () => {
    const request = {
      method: 'GET' as const,
      url: ORDERS,
      parameters: Object.entries(byNumber),
    }
    const first = await authorization(request, CREDENTIALS, ONCE)
    const others = await Promise.all([
      authorization({ ...request, method: 'POST' }, CREDENTIALS, ONCE),
      authorization({ ...request, url: `${ORDERS}/1` }, CREDENTIALS, ONCE),
      authorization({ ...request, parameters: [] }, CREDENTIALS, ONCE),
      authorization(request, { ...CREDENTIALS, tokenSecret: 'x' }, ONCE),
      authorization(request, { ...CREDENTIALS, consumerSecret: 'x' }, ONCE),
    ])
    const signatures = [first, ...others].map((one) => /oauth_signature="([^"]+)"/.exec(one)?.[1])
    expect(new Set(signatures).size).toBe(6)
  })
})

it('what is signed is as RFC 5849, 3.4.1.1, has it', () => {
  expect(
    baseString({
      method: 'POST',
      url: 'HTTP://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b',
      parameters: [
        ['b5', '=%3D'],
        ['a3', 'a'],
        ['c@', ''],
        ['a2', 'r b'],
        ['oauth_consumer_key', '9djdj82h48djs9d2'],
        ['oauth_token', 'kkk9d7dh3k39sjv7'],
        ['oauth_signature_method', 'HMAC-SHA1'],
        ['oauth_timestamp', '137131201'],
        ['oauth_nonce', '7d8f3e4a'],
        ['c2', ''],
        ['a3', '2 q'],
      ],
    }),
  ).toBe(
    'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25' +
      '253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a' +
      '%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d' +
      '7dh3k39sjv7',
  )
})

describe('a query that goes out', () => {
  const settings = {
    consumerKey: CREDENTIALS.consumerKey,
    consumerSecret: CREDENTIALS.consumerSecret,
    accessToken: CREDENTIALS.token,
    accessTokenSecret: CREDENTIALS.tokenSecret,
  }
  const header = async (url: string) =>
    (await authorize({ settings } as never, undefined, { method: 'GET', url })).authorization ?? ''
  const told = (text: string, name: string) => new RegExp(`oauth_${name}="([^"]*)"`).exec(text)?.[1]

  // Magento reads it by rawurldecode, as deParam of the package does.
  it('is signed with its plus signs as they stand', async () => {
    const query = new URLSearchParams({ value: '2026-11-21 12:00:00' }).toString()
    expect(query).toBe('value=2026-11-21+12%3A00%3A00')
    const signed = await header(`${ORDERS}?${query}`)
    const once = {
      nonce: told(signed, 'nonce') ?? '',
      timestamp: Number(told(signed, 'timestamp')),
    }
    const of = (value: string) =>
      authorization(
        { method: 'GET', url: ORDERS, parameters: [['value', value]] },
        CREDENTIALS,
        once,
      )
    expect(signed).toBe(await of('2026-11-21+12:00:00'))
    expect(signed).not.toBe(await of('2026-11-21 12:00:00'))
  })

  it('is signed anew each time, with the time of day', async () => {
    const [one, other] = [await header(ORDERS), await header(ORDERS)]
    expect(told(one, 'nonce')).toMatch(/^[\da-f]{32}$/)
    expect(told(one, 'nonce')).not.toBe(told(other, 'nonce'))
    expect(Math.abs(Number(told(one, 'timestamp')) - Date.now() / 1_000)).toBeLessThan(5)
  })

  // Magento sorts by strnatcmp, OAuth by bytes.
  it('has no number of two digits in its names, by which both sort alike', () => {
    for (const name of Object.keys({ ...byNumber, ...byChange })) expect(name).not.toMatch(/\d\d/)
  })
})

it('the imitation lets in what the package signs, and nothing that was changed since', async () => {
  const { consumerKey, consumerSecret, accessToken, accessTokenSecret } = KEYS
  const oauth = new OAuth({
    consumer: { key: consumerKey, secret: consumerSecret },
    signature_method: 'HMAC-SHA256',
    hash_function: (text, key) => createHmac('sha256', key).update(text).digest('base64'),
  })
  const sandbox = createSandbox()
  const token = { key: accessToken, secret: accessTokenSecret }
  const send = (path: string, signed: string) => {
    const url = `https://shop.example.com/rest/V1/orders${signed}`
    const { Authorization } = oauth.toHeader(oauth.authorize({ method: 'GET', url }, token))
    const headers = { authorization: Authorization }
    return sandbox.app.fetch(
      new Request(`https://shop.example.com/rest/V1/orders${path}`, { headers }),
    )
  }
  const search = `?${Object.entries(byNumber)
    .map((pair) => pair.join('='))
    .join('&')}`
  for (const path of ['/open', search]) expect((await send(path, path)).status, path).toBe(200)
  expect((await send('/open', '/paid')).status).toBe(401)
  expect((await send(search, search.replace('000000074', '000000075'))).status).toBe(401)
})
