/**
 * What signs our requests, against WooCommerce's own JavaScript client: the same header for the
 * same request, nonce and time, byte for byte.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { type RequestLine, oauthHeader } from '../../src/adapter/index.ts'
import { signed, signer } from './access.ts'
import { woocommerce } from './index.ts'
import { Client } from './shop.fixture.ts'

const CONSUMER = { consumerKey: 'ck_case', consumerSecret: 'cs_case' }
const ONCE = { nonce: '0123456789abcdef0123456789abcdef', timestamp: 1_795_000_000 }

type Method = RequestLine['method']
interface Signer {
  getSignature(request: object, token: string, data: object): string
  toHeader(data: object): { readonly Authorization: string }
}

/** The signer that their client has for every call, which its types keep to itself. */
const signerOf = (consumer = CONSUMER): Signer =>
  (
    new Client({ url: 'http://shop.example', ...consumer }) as unknown as { _getOAuth(): Signer }
  )._getOAuth()

/** Without `oauth_version`, which it would add and WooCommerce's page asks to leave out. */
const theirHeader = (method: Method, url: string, once = ONCE, consumer = CONSUMER): string => {
  const signer = signerOf(consumer)
  const data = {
    oauth_consumer_key: consumer.consumerKey,
    oauth_nonce: once.nonce,
    oauth_signature_method: 'HMAC-SHA256',
    oauth_timestamp: String(once.timestamp),
  }
  const signature = signer.getSignature({ method, url, data: {} }, '', data)
  return signer.toHeader({ ...data, oauth_signature: signature }).Authorization
}

const ourHeader = (line: RequestLine, once = ONCE, consumer = CONSUMER): Promise<string> =>
  oauthHeader(signed(line), signer(consumer), once)

const ORDERS = '/wp-json/wc/v3/orders'

describe('one header, ours and theirs', () => {
  it.each<[Method, string]>([
    ['GET', `http://shop.example${ORDERS}/727`],
    ['PUT', `http://shop.example${ORDERS}/727`],
    ['POST', `http://shop.example${ORDERS}/727/notes`],
    ['GET', `http://shop.example:8080${ORDERS}/727`],
    ['GET', `http://127.0.0.1:49152/sites/two${ORDERS}/727`],
    ['GET', `http://[::1]:8080${ORDERS}/727`],
    ['GET', `https://shop.example${ORDERS}/727`],
    ['GET', `http://xn--mnchen-3ya.example${ORDERS}/727`],
    ['GET', `http://shop.example/a%20b/caf%C3%A9/(x)!*'${ORDERS}/727`],
    ['GET', `http://shop.example${ORDERS}?search=1001&per_page=100`],
    ['GET', `http://shop.example${ORDERS}?search=N%C2%BA%207%20%26%20more%20%2B%20%25%20%C3%BC`],
    ['GET', `http://shop.example${ORDERS}?search=!*'()~-._&b=a%3Db%2Fc`],
    ['GET', `http://shop.example${ORDERS}?search=%F0%9F%8E%81`],
    ['GET', `http://shop.example${ORDERS}?status[0]=cancelled&status[1]=pending`],
    ['GET', `http://shop.example${ORDERS}?z=1&a=2&x=3&Z=4&_fields=id%2Cstatus`],
    // By their names first: a digit, a dash and a dot come before the sign between name and value.
    ['GET', `http://shop.example${ORDERS}?order=asc&order1=x&order-by=y&order.by=z&orderby=date`],
    ['GET', `http://shop.example${ORDERS}?empty=&page=1`],
    ['GET', `http://shop.example${ORDERS}?a=2&a=10&a=1`],
    [
      'GET',
      `http://shop.example${ORDERS}?modified_after=2026-11-21T11%3A59%3A59&dates_are_gmt=true`,
    ],
  ])('%s %s', async (method, url) => {
    expect(await ourHeader({ method, url })).toBe(theirHeader(method, url))
  })

  it('whatever key, secret, nonce and time', async () => {
    const line = { method: 'GET', url: `http://shop.example${ORDERS}` } as const
    for (const [consumerKey, consumerSecret] of [
      ['ck_5a11d0b0', 'cs_5a11d0b0'],
      ['a+b/c=', 'd&e%f!'],
    ] as const) {
      const [consumer, once] = [
        { consumerKey, consumerSecret },
        { nonce: 'a+b', timestamp: 7 },
      ]
      expect(await ourHeader(line, once, consumer)).toBe(
        theirHeader(line.method, line.url, once, consumer),
      )
    }
  })

  // Names as they are: their client encodes them a second time where they come encoded.
  const names = fc.string({ unit: fc.constantFrom(...'abz09-._~'), minLength: 1, maxLength: 6 })
  it('of any query', () =>
    fc.assert(
      fc.asyncProperty(
        fc.dictionary(names, fc.string({ unit: 'binary', maxLength: 8 }), {
          minKeys: 1,
          maxKeys: 6,
        }),
        async (parameters) => {
          const query = Object.entries(parameters).map(
            ([name, value]) => `${name}=${encodeURIComponent(value)}`,
          )
          const url = `http://shop.example:8080${ORDERS}?${query.join('&')}`
          const ours = await ourHeader({ method: 'GET', url })
          expect(ours).toBe(theirHeader('GET', url))
        },
      ),
      { numRuns: 300 },
    ))
})

describe('where it goes out', () => {
  const ask = async (settings: object, number: string) => {
    const sent: { url: string; authorization: string }[] = []
    const transport = fetchTransport(async (url, init) => {
      sent.push({ url, authorization: new Headers(init.headers).get('authorization') ?? '' })
      return Response.json([])
    })
    const { store } = openHarness(woocommerce, { ...CONSUMER, ...settings }, transport)
    await woocommerce.find?.(store.client, number)
    await woocommerce.find?.(store.client, number)
    return sent
  }
  const of = (header: string, name: string) =>
    new RegExp(`oauth_${name}="([^"]*)"`).exec(header)?.[1]

  it('is the whole address as it is sent, a blank as a plus and all', async () => {
    const sent = await ask({ baseUrl: 'http://127.0.0.1:8080/shop/' }, 'WEB 7+8')
    expect(sent[0]?.url).toBe(
      'http://127.0.0.1:8080/shop/wp-json/wc/v3/orders?per_page=100&search=WEB+7%2B8',
    )
    for (const { url, authorization } of sent) {
      const once = {
        nonce: of(authorization, 'nonce') ?? '',
        timestamp: Number(of(authorization, 'timestamp')),
      }
      // Their client reads a plus as one, and a server of PHP’s as a blank.
      expect(authorization).toBe(theirHeader('GET', url.replaceAll('+', '%20'), once))
      expect(once.nonce).toMatch(/^[0-9a-f]{32}$/)
      expect(Math.abs(once.timestamp - Date.now() / 1_000)).toBeLessThan(60)
    }
    expect(new Set(sent.map(({ authorization }) => of(authorization, 'nonce'))).size).toBe(2)
  })

  it('and over TLS the key itself, never in the query', async () => {
    const sent = await ask({ baseUrl: 'https://shop.example' }, '7')
    expect(sent[0]?.authorization).toBe(`Basic ${btoa('ck_case:cs_case')}`)
    expect(sent.map(({ url }) => url).join()).not.toMatch(/ck_|cs_|oauth_/)
  })
})
