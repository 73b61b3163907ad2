/**
 * Who gets in: keys, scopes, store lists and limits, on every route of the document.
 * It is longer than 400 lines because its table has a row for every route.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCOPES, scopesFor } from '../../../src/gateway/service.ts'
import { document } from '../conformance.ts'
import { type Answer, type Client, clientOf, hashOf, type Host, type Open } from '../host.ts'

const callers = [
  { name: 'admin', key: 'rsk_admin', scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
  { name: 'reader', key: 'rsk_reader', rotated: 'rsk_reader-new', scopes: ['read'], stores: ['*'] },
  { name: 'canceler', key: 'rsk_canceler', scopes: ['cancel'], stores: ['*'] },
  { name: 'previewer', key: 'rsk_previewer', scopes: ['preview'], stores: ['*'] },
  { name: 'approver', key: 'rsk_approver', scopes: ['approve'], stores: ['*'] },
  { name: 'operator', key: 'rsk_operator', scopes: ['operate'], stores: ['*'] },
  { name: 'paris-only', key: 'k', scopes: SCOPES, stores: ['paris'] },
  { name: 'slow', key: 'rsk_slow', scopes: ['read'], stores: ['*'], perMinute: 3 },
] as const
const KEYS = {
  preview: 'rsk_previewer',
  read: 'rsk_reader',
  cancel: 'rsk_canceler',
  approve: 'rsk_approver',
  operate: 'rsk_operator',
} as const

/** Every route: how it is asked about this store and record, and the scope it needs. */
export const ROUTES: readonly {
  readonly of: string
  readonly path: (store: string, id: string) => string
  readonly body?: (store: string) => object
  readonly scope: keyof typeof KEYS | null
  /** Only for keys that reach every store. */
  readonly everywhere?: true
}[] = [
  {
    of: 'post /v1/cancellations',
    path: () => '/v1/cancellations',
    body: (store) => ({ store, orderId: 'order_open' }),
    scope: 'cancel',
  },
  {
    of: 'post /v1/cancellations/preview',
    path: () => '/v1/cancellations/preview',
    body: (store) => ({ store, orderId: 'order_open' }),
    scope: 'preview',
  },
  {
    of: 'get /v1/cancellations',
    path: (store) => `/v1/cancellations?store=${store}`,
    scope: 'read',
  },
  { of: 'get /v1/cancellations/{id}', path: (_, id) => `/v1/cancellations/${id}`, scope: 'read' },
  {
    of: 'post /v1/cancellations/{id}/withdraw',
    path: (_, id) => `/v1/cancellations/${id}/withdraw`,
    scope: 'cancel',
  },
  {
    of: 'post /v1/cancellations/{id}/resolve',
    path: (_, id) => `/v1/cancellations/${id}/resolve`,
    body: () => ({ as: 'retry', note: 'x' }),
    scope: 'operate',
  },
  {
    of: 'post /v1/cancellations/{id}/approve',
    path: (_, id) => `/v1/cancellations/${id}/approve`,
    body: () => ({}),
    scope: 'approve',
  },
  {
    of: 'post /v1/cancellations/{id}/decline',
    path: (_, id) => `/v1/cancellations/${id}/decline`,
    body: () => ({ note: 'x' }),
    scope: 'approve',
  },
  {
    of: 'post /v1/batches',
    path: () => '/v1/batches',
    body: (store) => ({ items: [{ store, orderId: 'order_open' }] }),
    scope: 'cancel',
  },
  { of: 'get /v1/batches', path: () => '/v1/batches', scope: 'read' },
  { of: 'get /v1/batches/{id}', path: (_, id) => `/v1/batches/${id}`, scope: 'read' },
  { of: 'get /v1/batches/{id}/items', path: (_, id) => `/v1/batches/${id}/items`, scope: 'read' },
  ...['pause', 'resume', 'stop'].map((action) => ({
    of: `post /v1/batches/{id}/${action}`,
    path: (_: string, id: string) => `/v1/batches/${id}/${action}`,
    scope: 'cancel' as const,
  })),
  { of: 'get /v1/webhooks', path: () => '/v1/webhooks', scope: 'read' },
  ...['test', 'enable', 'replay'].map((action) => ({
    of: `post /v1/webhooks/{name}/${action}`,
    path: () => `/v1/webhooks/orders/${action}`,
    scope: 'read' as const,
    ...(action === 'replay' && { body: () => ({ since: '2025-11-21T12:00:00Z' }) }),
  })),
  { of: 'get /v1/stores', path: () => '/v1/stores', scope: 'preview' },
  { of: 'get /v1/stores/{store}', path: (store) => `/v1/stores/${store}`, scope: 'preview' },
  {
    of: 'get /v1/stores/{store}/orders',
    path: (store) => `/v1/stores/${store}/orders?number=1`,
    scope: 'preview',
  },
  {
    of: 'get /v1/stores/{store}/orders/{orderId}',
    path: (store) => `/v1/stores/${store}/orders/order_open`,
    scope: 'preview',
  },
  {
    of: 'post /v1/stores/{store}/sweep',
    path: (store) => `/v1/stores/${store}/sweep`,
    body: () => ({ since: '2025-11-21T12:00:00Z' }),
    scope: 'operate',
  },
  {
    of: 'post /v1/erasures',
    path: () => '/v1/erasures',
    body: (store) => ({ store, orderIds: ['order_nothing'] }),
    scope: 'operate',
  },
  { of: 'get /v1/links', path: () => '/v1/links', scope: 'read' },
  { of: 'get /v1/links/{name}', path: () => '/v1/links/SO-1', scope: 'read' },
  {
    of: 'put /v1/links/{name}',
    path: () => '/v1/links/SO-2',
    body: (store) => ({
      members: [
        { store, orderId: 'order_open' },
        { store, orderId: 'order_paid' },
      ],
    }),
    scope: 'cancel',
  },
  { of: 'delete /v1/links/{name}', path: () => '/v1/links/SO-3', scope: 'cancel' },
  { of: 'post /hooks/{store}', path: (store) => `/hooks/${store}`, scope: null },
  { of: 'post /hooks/{store}/{token}', path: (store) => `/hooks/${store}/token`, scope: null },
  { of: 'get /v1/platforms', path: () => '/v1/platforms', scope: null },
  { of: 'get /v1/platforms/{platform}', path: () => '/v1/platforms/medusa', scope: null },
  { of: 'get /healthz', path: () => '/healthz', scope: null },
  { of: 'get /readyz', path: () => '/readyz', scope: null },
  { of: 'get /problems/{code}', path: () => '/problems/forbidden', scope: null },
  { of: 'get /openapi.json', path: () => '/openapi.json', scope: null },
  { of: 'get /docs', path: () => '/docs', scope: null },
  { of: 'get /metrics', path: () => '/metrics', scope: 'read', everywhere: true },
  ...['', '/heads', '/export'].map((rest) => ({
    of: `get /v1/audit${rest}`,
    path: () => `/v1/audit${rest}`,
    scope: 'operate' as const,
    everywhere: true as const,
  })),
]
/** Batches and webhooks are their callers', links of several stores: see batches.ts. */
const ofStores = ROUTES.filter(
  ({ of, scope }) =>
    scope !== null && of !== 'get /v1/stores' && !/\/v1\/(batches|webhooks|links)/.test(of),
)
const scoped = ROUTES.flatMap((route) => (route.scope ? [{ ...route, scope: route.scope }] : []))

export const access = (open: Open) =>
  describe('who gets in', () => {
    let host: Host
    let admin: Client
    let record: string
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris', 'london'] })
      admin = clientOf(host, 'rsk_admin')
      record = (
        await admin('POST', '/v1/cancellations', {
          store: 'london',
          orderId: 'order_400-after-refund',
        })
      ).body.cancellation
        .split('/')
        .at(-1)
    })
    afterAll(() => host.close())
    const call = (
      key: string | undefined,
      { of, path, body }: (typeof ROUTES)[number],
      store: string,
      id = record,
    ): Promise<Answer> =>
      clientOf(host, key)(of.split(' ')[0]?.toUpperCase() ?? '', path(store, id), body?.(store))

    it('the table below knows every route of the document', () => {
      const operations = Object.entries<any>(document['paths']).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path}`),
      )
      expect(ROUTES.map(({ of }) => of).sort()).toEqual(operations.sort())
      for (const { of, scope } of ROUTES) {
        const [method = '', path = ''] = of.split(' ')
        const operation = document['paths'][path][method]
        expect(operation['x-scopes'], of).toEqual(scope ? scopesFor(scope) : undefined)
      }
    })

    it.each(scoped)(
      '$of: 401 without a key and with a wrong one, before anything else is looked at',
      async (route) => {
        for (const key of [undefined, 'rsk_nobody']) {
          const { status, body, headers } = await call(key, route, 'nowhere', 'can_nobody')
          expect([status, body.code, body.retryable, headers.get('www-authenticate')]).toEqual([
            401,
            'unauthenticated',
            false,
            'Bearer',
          ])
          const method = route.of.split(' ')[0]?.toUpperCase() ?? ''
          if (method === 'POST')
            expect(
              (
                await clientOf(host, key)(
                  method,
                  route.path('nowhere', 'can_nobody'),
                  'x'.repeat(20_000),
                  { 'content-type': 'text/plain' },
                )
              ).status,
            ).toBe(401)
        }
      },
    )

    it.each(ROUTES.filter(({ scope }) => scope === null))(
      '$of: no key is needed, and a wrong one does no harm',
      async (route) => {
        for (const key of [undefined, 'rsk_nobody'])
          // Its platform's webhooks are not configured, so there is no such address.
          expect((await call(key, route, 'paris')).status).toBe(
            route.of.includes('/hooks/') ? 404 : 200,
          )
      },
    )

    it.each(
      scoped.flatMap((route) =>
        SCOPES.map((scope) => ({ ...route, has: scope, key: KEYS[scope] })),
      ),
    )('$of with the scope $has alone', async (route) => {
      // A store that does not exist: who gets in meets 404, 422 for an item, or a list, never a
      // deed.
      const { status, body } = await call(route.key, route, 'nowhere', 'can_nobody')
      if (scopesFor(route.scope).includes(route.has))
        return expect([200, 404, 422]).toContain(status)
      expect([status, body.code]).toEqual([403, 'forbidden'])
      // 403 comes before 413, 415 and 400.
      return expect(
        (
          await clientOf(host, route.key)(
            route.of.split(' ')[0]?.toUpperCase() ?? '',
            route.path('nowhere', 'x'),
            route.body && 'x'.repeat(20_000),
            { 'content-type': 'text/plain' },
          )
        ).status,
      ).toBe(403)
    })

    it.each(ofStores.filter(({ everywhere }) => !everywhere))(
      '$of: what the key may not see, a store or its record, is as if it were not there',
      async (route) => {
        const foreign = await call('k', route, 'london')
        const absent = await call('k', route, 'nowhere', 'can_nobody')
        expect(foreign.status).toBe(404)
        expect(foreign.body.code).toBe(
          /\{id\}/.test(route.of) ? 'cancellation-not-found' : 'store-not-found',
        )
        const { instance: _, ...said } = foreign.body
        const { instance: __, ...saidOfNothing } = absent.body
        expect(said).toEqual(saidOfNothing)
      },
    )

    it('lists show what the key may see, and nothing of the rest', async () => {
      const only = clientOf(host, 'k')
      expect((await only('GET', '/v1/stores')).body.data.map(({ id }: any) => id)).toEqual([
        'paris',
      ])
      expect((await admin('GET', '/v1/stores')).body.data.map(({ id }: any) => id)).toEqual([
        'paris',
        'london',
      ])
      expect(
        (await admin('GET', '/v1/cancellations')).body.data.map(({ id }: any) => id),
      ).toContain(record)
      expect((await only('GET', '/v1/cancellations')).body.data).toEqual([])
      expect(
        (
          await only(
            'GET',
            '/v1/cancellations?status=needs_attention&orderId=order_400-after-refund',
          )
        ).body.data,
      ).toEqual([])
    })

    it('what looks at one order alone lists nothing, and sees no more of it', async () => {
      const look = clientOf(host, 'rsk_previewer')
      const body = { store: 'paris', orderId: 'order_open' }
      expect((await look('POST', '/v1/cancellations/preview', body)).body.cancelable).toBe(true)
      const order = '/v1/stores/paris/orders/order_open'
      expect((await look('GET', order)).body.id).toBe('order_open')
      const raw = await look('GET', `${order}?raw=true`)
      expect([raw.status, raw.body.detail]).toEqual([403, 'This key lacks the scope “read”.'])
      const none = await clientOf(host, 'rsk_approver')('POST', '/v1/cancellations/preview', body)
      expect([none.status, none.body.detail]).toEqual([
        403,
        'This key lacks the scope “preview” or “read”.',
      ])
    })

    it.each(ROUTES.filter(({ everywhere }) => everywhere))(
      '$of tells of every store, so only to who reaches them all',
      async (route) => {
        const { status, body } = await call('k', route, 'paris')
        expect([status, body.code]).toEqual([403, 'forbidden'])
      },
    )

    it('none of it changed the foreign record', async () => {
      expect((await admin('GET', `/v1/cancellations/${record}`)).body).toMatchObject({
        status: 'needs_attention',
        store: 'london',
      })
      expect(host.platform('london').cancels).toEqual(new Map([['order_400-after-refund', 1]]))
    })

    it('the store may be left out where the key reaches exactly one', async () => {
      const only = clientOf(host, 'k')
      for (const store of [undefined, null])
        expect(
          (await only('POST', '/v1/cancellations/preview', { orderId: 'order_open', store })).body
            .store,
        ).toBe('paris')
      const first = await only(
        'POST',
        '/v1/cancellations',
        { orderId: 'order_open-one' },
        { 'idempotency-key': 'one' },
      )
      expect([first.status, first.body.store]).toEqual([201, 'paris'])
      const named = await only(
        'POST',
        '/v1/cancellations',
        { store: 'paris', orderId: 'order_open-one' },
        { 'idempotency-key': 'one' },
      )
      expect([named.status, named.body.id, named.headers.get('rescind-deduplicated')]).toEqual([
        200,
        first.body.id,
        null,
      ])
    })

    it.each([
      ['bearer rsk_reader', 200],
      ['BEARER  rsk_reader ', 200],
      ['Bearer rsk_reader-new', 200],
      ['rsk_reader', 401],
      ['Basic cnNrX3JlYWRlcjo=', 401],
      ['Bearer', 401],
      ['Bearer ', 401],
      ['Bearerrsk_reader', 401],
      ['Bearer rsk_reade', 401],
      ['Bearer rsk_reader-', 401],
      ['Bearer RSK_READER', 401],
      ['Bearer rsk_reader rsk_reader', 401],
      ['Bearer rsk_reader, Bearer rsk_reader', 401],
      [`Bearer ${'x'.repeat(4000)}`, 401],
      ['Token rsk_reader', 401],
    ])('Authorization: %s is %i', async (authorization, status) => {
      expect((await clientOf(host)('GET', '/v1/stores', undefined, { authorization })).status).toBe(
        status,
      )
    })

    it('a configured hash is no key', async () => {
      const hash = await hashOf('rsk_reader')
      for (const key of [hash, hash.slice('sha256:'.length)])
        expect((await clientOf(host, key)('GET', '/v1/stores')).status).toBe(401)
    })

    it('a limit: RateLimit tells, 429 says when to come back, nobody else is slowed', async () => {
      const slow = clientOf(host, 'rsk_slow')
      expect((await slow('POST', '/v1/cancellations', {})).status).toBe(403)
      const answers = [
        await slow('GET', '/v1/stores'),
        await slow('GET', '/v1/stores/nowhere'),
        await slow('GET', '/v1/cancellations?limit=0'),
        await slow('GET', '/v1/stores'),
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 404, 400, 429])
      expect(
        answers.map(
          ({ headers }) => /^"default";r=(\d+);t=\d+$/.exec(headers.get('ratelimit') ?? '')?.[1],
        ),
      ).toEqual(['2', '1', '0', '0'])
      for (const { headers } of answers)
        expect(headers.get('ratelimit-policy')).toBe('"default";q=3;w=60')
      expect(answers[3]?.body).toMatchObject({ code: 'rate-limited', retryable: true, acted: 'no' })
      expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(10)
      expect(Number(answers[3]?.headers.get('retry-after'))).toBeLessThanOrEqual(20)
      const other = await clientOf(host, 'rsk_reader')('GET', '/v1/stores')
      expect([other.status, other.headers.get('ratelimit')]).toEqual([200, null])
      expect((await slow('GET', '/healthz')).status).toBe(200)
    })
  })
