/**
 * Every route of the document, by every set of scopes, on stores that the key reaches and that it
 * does not; and the ways around.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import { type Scope, SCOPES, scopesFor } from '../../src/gateway/service.ts'
import { document } from '../http/conformance.ts'
import { ROUTES } from '../http/contract/access.ts'
import {
  type Answer,
  type CallerOptions,
  type Client,
  clientOf,
  type Host,
  until,
} from '../http/host.ts'
import { openNode } from '../http/node.ts'
import { probe } from './probes.ts'

const SETS = Array.from({ length: 2 ** SCOPES.length - 1 }, (_, index) =>
  SCOPES.filter((__, bit) => (index + 1) & (1 << bit)),
)
/** Whether a key with these scopes gets in where this one is asked for. */
const isLetIn = (scopes: readonly Scope[], scope: Scope | null): boolean =>
  scope !== null && scopesFor(scope).some((one) => scopes.includes(one))
/** What may do everything, everywhere. */
const ALL = `rsk_${SCOPES.join('_')}_*`
/** Asked about the store paris: `london` reaches another one. */
const REACHES = ['london', 'paris', '*'] as const
const callers: readonly CallerOptions[] = SETS.flatMap((scopes) =>
  REACHES.map((reach) => ({
    name: `${scopes.join('+')} on ${reach}`,
    key: `rsk_${scopes.join('_')}_${reach}`,
    scopes,
    stores: [reach],
  })),
)
const WORD = 'paris-canary'

const operations = Object.entries<Record<string, { security: readonly unknown[] }>>(
  document['paths'],
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { security }]) => ({
    of: `${method} ${path}`,
    open: security.length === 0,
  })),
)
const routeOf = (of: string) => {
  const route = ROUTES.find((one) => one.of === of)
  if (!route)
    throw new Error(
      `${of} is a new route: say in test/http/contract/access.ts how it is asked, and which ` +
        'scope it needs',
    )
  return route
}

export const access = (): void => {
  let host: Host
  let admin: Client
  let record: string
  let batch: string
  beforeAll(async () => {
    host = await openNode({ callers, stores: ['paris', 'london'] })
    admin = clientOf(host, ALL)
    const { body } = await admin(
      'POST',
      '/v1/cancellations',
      { store: 'paris', orderId: 'order_400-after-refund', reference: WORD },
      { 'idempotency-key': WORD },
    )
    record = body.cancellation.split('/').at(-1)
    batch = (
      await admin('POST', '/v1/batches', {
        items: [{ store: 'paris', orderId: 'order_nobody', reference: WORD }],
      })
    ).body.id
    await until(
      () => admin('GET', `/v1/batches/${batch}`),
      (answer) => answer.body.finishedAt !== null,
    )
    host.platform('paris').calls.length = 0
  })
  afterAll(() => host.close())
  const idOf = (of: string) => (of.includes('/v1/batches/') ? batch : record)
  const call = (
    of: string,
    key: string | undefined,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const { path, body } = routeOf(of)
    return clientOf(host, key)(
      of.split(' ')[0]?.toUpperCase() ?? '',
      path('paris', idOf(of)),
      body?.('paris'),
      headers,
    )
  }
  const silent = (answer: Answer) => expect(answer.text).not.toMatch(/paris-canary|order_400/)

  probe(
    'every route of the document is tried here',
    () => operations,
    ({ of, open }) => expect(routeOf(of).scope === null).toBe(open),
  )

  probe(
    'without a key, and with one that is none: 401 and not a word, whatever else is sent',
    () =>
      operations
        .filter(({ open }) => !open)
        .flatMap(({ of }) =>
          [
            undefined,
            'rsk_nobody',
            ALL.slice(0, -1),
            `${ALL}x`,
            ' ',
            'null',
            'undefined',
            '*',
            '[object Object]',
            '__proto__',
          ].flatMap((key) => [
            { of, key, headers: {} },
            {
              of,
              key,
              headers: {
                'x-forwarded-for': '127.0.0.1',
                'x-original-url': '/healthz',
                'x-api-key': ALL,
                cookie: `key=${ALL}`,
              },
            },
          ]),
        ),
    async ({ of, key, headers }) => {
      const answer = await call(of, key, headers)
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated'])
      silent(answer)
    },
  )

  const tried = (reached: boolean) =>
    operations
      .filter(({ open }) => !open)
      .flatMap(({ of }) =>
        callers
          .filter(({ stores }) => (stores[0] !== 'london') === reached)
          .map(({ key, scopes, stores }) => ({ of, key, scopes, reach: stores[0] })),
      )

  probe(
    'a store that the key does not reach: nothing is told and nothing done, by no set of scopes',
    () => tried(false),
    async ({ of, key, scopes }) => {
      const answer = await call(of, key)
      silent(answer)
      if (!isLetIn(scopes, routeOf(of).scope) || routeOf(of).everywhere)
        return expect([answer.status, answer.body.code]).toEqual([403, 'forbidden'])
      if (of === 'get /v1/stores')
        return expect(answer.body.data.map(({ id }: { id: string }) => id)).toEqual(['london'])
      if (['get /v1/batches', 'get /v1/webhooks', 'get /v1/links'].includes(of))
        return expect(answer.body.data).toEqual([])
      return expect([answer.status, answer.body.code === 'invalid-items']).toEqual(
        of === 'post /v1/batches' ? [422, true] : [404, false],
      )
    },
  )

  probe(
    'nor by another’s cursor, filter or idempotency key, by a store named twice, or by another ' +
      'spelling of the address',
    () =>
      [
        ['GET', `/v1/cancellations?reference=${WORD}`],
        ['GET', '/v1/cancellations?orderId=order_400-after-refund'],
        ['GET', '/v1/cancellations?status=needs_attention&limit=100'],
        ['GET', `/v1/cancellations?batchId=${batch}`],
        ['GET', '/v1/cancellations?store=london&store=paris'],
        [
          'GET',
          `/v1/cancellations?cursor=${btoa(JSON.stringify([9e15, 'can_Z'])).replaceAll('=', '')}`,
        ],
        ['GET', '/v1/stores/Paris'],
        ['GET', '/v1/stores/paris%00'],
        ['GET', '/v1/stores/london/../paris'],
        ['GET', '/v1/stores/london%2f..%2fparis'],
        ['GET', '/v1/stores/london/orders/..%2f..%2fparis%2forders%2forder_open'],
        ['POST', '/v1/cancellations?store=paris', { orderId: 'order_open', store: 'paris' }],
        ['POST', '/v1/cancellations', { orderId: 'order_open' }],
      ] as const,
    async ([method, path, body]) => {
      const answer = await clientOf(host, 'rsk_read_cancel_london')(method, path, body, {
        'idempotency-key': WORD,
      })
      silent(answer)
      expect(answer.text).not.toContain(record)
      expect(answer.headers.get('idempotent-replayed')).toBeNull()
    },
  )

  probe(
    'and none of it reached the platform or the record',
    () => ['calls', 'record'] as const,
    async (what) => {
      if (what === 'calls') return expect(host.platform('paris').calls).toEqual([])
      return expect((await admin('GET', `/v1/cancellations/${record}`)).body).toMatchObject({
        status: 'needs_attention',
        reference: WORD,
      })
    },
  )

  probe(
    'a store that it reaches: what its scopes say, no more and no less',
    () => tried(true),
    async ({ of, key, scopes, reach }) => {
      const { status, body } = await call(of, key)
      if (!isLetIn(scopes, routeOf(of).scope) || (routeOf(of).everywhere && reach !== '*'))
        return expect([status, body.code]).toEqual([403, 'forbidden'])
      // A batch is its caller’s own, but for who reaches every store.
      if (of.includes('/v1/batches/{id}') && reach !== '*') return expect(status).toBe(404)
      // None of these callers has a webhook, or a link.
      if (/^(?!put).*\/(webhooks|links)\/\{name\}/.test(of)) return expect(status).toBe(404)
      expect([401, 403, 404]).not.toContain(status)
      return expect(status).toBeLessThan(500)
    },
  )

  probe(
    'another method, or another way to write an address, opens nothing',
    () => [
      ...operations
        .filter(({ open }) => !open)
        .flatMap(({ of }) =>
          ['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'].map((method) => ({
            method,
            path: routeOf(of).path('paris', idOf(of)),
          })),
        ),
      ...[
        '//v1/stores',
        '/v1//stores',
        '/v1/stores/',
        '/V1/STORES',
        '/v1/./stores',
        '/healthz/../v1/stores',
        '/%76%31/stores',
        '/v1/stores;x',
        '/v1/stores%00',
        '/v1/stores%20',
        '/v1/stores.json',
        '/healthz/v1/stores',
        '/v1/cancellations/',
        '/metrics/',
        '/METRICS',
        '/sandbox/medusa/admin/orders',
      ].map((path) => ({ method: 'GET', path })),
    ],
    async ({ method, path }) => {
      const answer = await clientOf(host)(method, path, undefined, {
        origin: 'https://elsewhere.test',
        'x-http-method-override': 'GET',
      })
      expect([400, 401, 404, 405]).toContain(answer.status)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      silent(answer)
    },
  )
}
