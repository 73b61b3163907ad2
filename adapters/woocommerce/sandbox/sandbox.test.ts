/** What the imitated WooCommerce checks of a signed request, and how its list reads a time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { oauthHeader } from '../../../src/adapter/index.ts'
import * as access from '../access.ts'
import { createSandbox } from './index.ts'

const ROOT = 'http://shop.example/wp-json/wc/v3/orders'
const now = () => Math.floor(Date.now() / 1_000)

let sandbox: ReturnType<typeof createSandbox>
beforeEach(() => {
  sandbox = createSandbox()
})
afterEach(() => void vi.useRealTimers())

let count = 0
const signed = (
  url: string,
  { method = 'GET' as 'GET' | 'PUT', timestamp = now(), nonce = `nonce-${(count += 1)}` } = {},
) => {
  const { consumerKey = '', consumerSecret = '' } = sandbox.settings as Record<string, string>
  const key = access.signer({ consumerKey, consumerSecret })
  return oauthHeader(access.signed({ method, url }), key, { nonce, timestamp })
}

const ask = async (url: string, authorization: string | null, method = 'GET') => {
  const headers: Record<string, string> = authorization === null ? {} : { authorization }
  const reply = await sandbox.app.fetch(new Request(url, { method, headers }))
  const body = (await reply.json()) as any
  return { status: reply.status, code: body.code, message: body.message, body }
}

describe('a signed request', () => {
  test('is let in, under the address at which the gateway serves the imitation too', async () => {
    expect(await ask(`${ROOT}/open`, await signed(`${ROOT}/open`))).toMatchObject({ status: 200 })
    const served = 'http://shop.example/sandbox/woocommerce/wp-json/wc/v3/orders/open'
    expect(await ask(`${ROOT}/open`, await signed(served))).toMatchObject({ status: 200 })
  })

  test.each<[string, (url: string) => Promise<string>, string]>([
    ['for another order', (url) => signed(`${url}-2`), 'Invalid signature'],
    ['for another method', (url) => signed(url, { method: 'PUT' }), 'Invalid signature'],
    [
      'for another port',
      (url) => signed(url.replace('.example', '.example:81')),
      'Invalid signature',
    ],
    ['for another query', (url) => signed(`${url}?page=2`), 'Invalid signature'],
    ['of long ago', (url) => signed(url, { timestamp: now() - 901 }), 'Invalid timestamp'],
    ['of times to come', (url) => signed(url, { timestamp: now() + 910 }), 'Invalid timestamp'],
    [
      'without a nonce',
      async (url) => (await signed(url)).replace(/oauth_nonce="[^"]*", /, ''),
      'Missing OAuth parameters oauth_nonce',
    ],
  ])('%s is refused', async (_, make, message) => {
    const answer = await ask(`${ROOT}/open`, await make(`${ROOT}/open`))
    expect(answer.status).toBe(401)
    expect(answer.message).toContain(message)
  })

  test('is taken once', async () => {
    const header = await signed(`${ROOT}/open`)
    expect((await ask(`${ROOT}/open`, header)).status).toBe(200)
    expect(await ask(`${ROOT}/open`, header)).toMatchObject({
      status: 401,
      message: expect.stringContaining('Invalid nonce'),
    })
  })
})

test('Basic is taken over TLS alone, and who says nothing is a guest', async () => {
  const { consumerKey, consumerSecret } = sandbox.settings
  const basic = `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}`
  const secure = ROOT.replace('http:', 'https:')
  expect((await ask(`${secure}/open`, basic)).status).toBe(200)
  expect((await ask(`${secure}/open`, await signed(`${secure}/open`))).status).toBe(200)
  for (const header of [basic, null])
    expect(await ask(`${ROOT}/open`, header)).toMatchObject({
      status: 401,
      code: 'woocommerce_rest_cannot_view',
    })
  expect(await ask(`${ROOT}/open`, null, 'PUT')).toMatchObject({
    code: 'woocommerce_rest_cannot_edit',
  })
})

describe('its list', () => {
  const T0 = Date.parse('2026-11-21T12:00:00Z')
  const list = async (query: string) => {
    const url = `${ROOT}?per_page=100&${query}`
    const { body } = await ask(url, await signed(url))
    return Array.isArray(body) ? body.length : body.code
  }

  test('keeps GMT only where a time has no zone: one is moved by the site’s own', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: T0 })
    sandbox = createSandbox()
    const all = sandbox.examples.length - 1
    const gmt = 'dates_are_gmt=true&modified_after='
    expect(await list('')).toBe(all)
    expect(await list(`${gmt}2026-11-21T11:59:59`)).toBe(all)
    expect(await list(`${gmt}2026-11-21T12:00:00`)).toBe(0)
    // An hour later than it says.
    expect(await list(`${gmt}2026-11-21T11:30:00Z`)).toBe(0)
    // The site's own time.
    expect(await list('modified_after=2026-11-21T12:59:59')).toBe(all)
    expect(await list('modified_after=2026-11-21T13:00:00')).toBe(0)
  })

  test.each(['per_page=101', 'orderby=changed', 'status=gone', 'modified_after=yesterday'])(
    'refuses %s',
    async (query) => {
      const url = `${ROOT}?${query}`
      expect((await ask(url, await signed(url))).code).toBe('rest_invalid_param')
    },
  )
})
