/** Bad input: a problem that points at the place, and nothing is written or sent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, clientOf, type Host, type Open } from '../host.ts'
import { good, padded, BODIES, ORDER_IDS, KEYS } from './inputs.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
] as const
export const input = (open: Open) =>
  describe('bad input', () => {
    let host: Host
    let ask: Client
    beforeAll(async () => {
      host = await open({ callers, stores: ['paris', 'london'] })
      ask = clientOf(host, 'rsk_erp')
    })
    afterAll(async () => {
      // What all of this left behind.
      expect((await ask('GET', '/v1/cancellations')).body).toEqual({ data: [], nextCursor: null })
      for (const store of ['paris', 'london']) expect(host.platform(store).calls).toEqual([])
      await host.close()
    })
    const pointers = ({ body }: { body: any }) =>
      [...new Set<string>(body.errors?.map(({ pointer }: any) => pointer))].sort()

    it.each(BODIES)('%s: 400 with pointers, to ask and to preview', async (_, body, at) => {
      for (const path of ['/v1/cancellations', '/v1/cancellations/preview']) {
        const answer = await ask('POST', path, body)
        expect([
          answer.status,
          answer.body.code,
          answer.body.acted,
          answer.headers.get('location'),
        ]).toEqual([400, 'invalid-request', 'no', null])
        expect(pointers(answer)).toEqual(at)
      }
    })

    it.each(ORDER_IDS)(
      'the order id %j: 400 at /orderId, in a body and in a path',
      async (orderId) => {
        const asked = await ask('POST', '/v1/cancellations', { ...good, orderId })
        expect([asked.status, ...pointers(asked)]).toEqual([400, '/orderId'])
        if (['', '.', '..', '\ud800'].includes(orderId)) return // no such path can be written
        const read = await ask('GET', `/v1/stores/paris/orders/${encodeURIComponent(orderId)}`)
        expect([read.status, ...pointers(read)]).toEqual([400, '/orderId'])
      },
    )

    it('dots in a path are another path, never another order', async () => {
      for (const path of [
        '/v1/stores/paris/orders/..',
        '/v1/stores/paris/orders/%2e%2e',
        '/v1/stores/paris/orders/.',
        '/v1/stores/paris/orders/',
      ]) {
        expect((await ask('GET', path)).status, path).toBe(404)
      }
    })

    it.each(KEYS)('the Idempotency-Key %s: 400', async (key) => {
      const answer = await ask('POST', '/v1/cancellations', good, { 'idempotency-key': key })
      expect([answer.status, answer.body.code, ...pointers(answer)]).toEqual([
        400,
        'invalid-request',
        '/Idempotency-Key',
      ])
    })

    it('more than 16 KiB: 413, with a length and without; 16 KiB exactly is read', async () => {
      for (const size of [16_385, 20_000, 200_000]) {
        const answer = await ask('POST', '/v1/cancellations', padded(size))
        expect([answer.status, answer.body.code, ...pointers(answer)]).toEqual([
          413,
          'too-large',
          '',
        ])
      }
      expect((await ask('POST', '/v1/cancellations/preview', padded(16_384))).body.code).toBe(
        'order-not-found',
      )
      host.platform('paris').calls.length = 0
      expect((await ask('POST', '/v1/cancellations/can_x/resolve', padded(16_385))).status).toBe(
        413,
      )
    })

    it.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      'application/vnd.api+json',
      'text/json',
      'application/json, text/plain',
      'json',
      'multipart/form-data; boundary=x',
    ])('Content-Type %s: 415', async (type) => {
      for (const path of [
        '/v1/cancellations',
        '/v1/cancellations/preview',
        '/v1/cancellations/can_x/resolve',
      ]) {
        const answer = await ask('POST', path, good, { 'content-type': type })
        expect([answer.status, answer.body.code, answer.headers.get('accept')]).toEqual([
          415,
          'unsupported-media-type',
          'application/json',
        ])
      }
    })

    it.each([
      'gzip',
      'GZIP',
      'deflate',
      'br',
      'zstd',
      'identity, gzip',
      'gzip, identity',
      'aes128gcm',
      'x"y',
    ])('Content-Encoding %s: 415, and what is read', async (coding) => {
      for (const path of [
        '/v1/cancellations',
        '/v1/cancellations/preview',
        '/v1/cancellations/can_x/resolve',
        '/v1/batches',
      ]) {
        const answer = await ask('POST', path, good, { 'content-encoding': coding })
        expect([answer.status, answer.body.code, answer.headers.get('accept-encoding')]).toEqual([
          415,
          'unsupported-media-type',
          'identity',
        ])
        if (/^\w+$/.test(coding)) expect(answer.body.detail).toContain(`“${coding}”`)
      }
      const table = await ask('POST', '/v1/batches', 'store,orderId\nparis,order_open\n', {
        'content-type': 'text/csv',
        'content-encoding': coding,
      })
      expect([table.status, table.headers.get('accept-encoding')]).toEqual([415, 'identity'])
    })

    it.each(['identity', 'Identity', ' '])('Content-Encoding “%s” is none', async (coding) => {
      expect(
        (
          await ask(
            'POST',
            '/v1/cancellations',
            { ...good, restok: true },
            { 'content-encoding': coding },
          )
        ).status,
      ).toBe(400)
    })

    it('of many mistakes the first twenty are named, and said to be the first', async () => {
      const members = (count: number) =>
        Array.from({ length: count }, (_, index) => `"m${index}":1`)
      const twice = (count: number) =>
        members(count)
          .flatMap((one) => [one, one])
          .join(',')
      for (const [path, body] of [
        ['/v1/cancellations', `{${members(50).join(',')}}`],
        ['/v1/cancellations', `{${twice(50)}}`],
        ['/v1/cancellations/can_x/resolve', `{${members(50).join(',')}}`],
        ['/v1/batches', `{"items":[{}],${members(900).join(',')}}`],
        ['/v1/batches', `{"items":[{"orderId":"x"}],"defaults":{${members(50).join(',')}}}`],
        ['/v1/batches', `{"items":[{"orderId":"x"}],${twice(50)}}`],
      ] as const) {
        const {
          status,
          body: { errors, detail },
        } = await ask('POST', path, body)
        expect([status, errors.length, detail]).toEqual([
          400,
          20,
          expect.stringMatching(/ There are more mistakes than the 20 that are named\.$/),
        ])
      }
      const query = await ask(
        'GET',
        `/v1/cancellations?${Array.from({ length: 50 }, (_, index) => `q${index}=1`).join('&')}`,
      )
      expect([query.status, query.body.errors.length, query.body.detail]).toEqual([
        400,
        20,
        'The request is not valid. There are more mistakes than the 20 that are named.',
      ])
      const {
        body: { errors, detail },
      } = await ask('POST', '/v1/cancellations', `{${members(20).join(',')},"orderId":"x"}`)
      expect([errors.length, detail]).toEqual([20, 'The request is not valid.'])
      const table = await ask(
        'POST',
        '/v1/batches',
        `${Array.from({ length: 50 }, (_, index) => `q${index}`).join(',')}\nx\n`,
        { 'content-type': 'text/csv' },
      )
      expect([table.status, table.body.errors.length]).toEqual([400, 20])
    })

    it('a member’s name is cut where too long: no answer is larger than the request', async () => {
      const long = `${'\\u0001'.repeat(500)}${'x'.repeat(4_000)}`
      for (const body of [`{"${long}":1}`, `{"x":{"${long}":1,"${long}":2}}`]) {
        const { status, text } = await ask('POST', '/v1/cancellations', body)
        expect([status, text.length < 2_000]).toEqual([400, true])
      }
    })

    it('no Content-Type: 415', async () => {
      const answer = await ask('POST', '/v1/cancellations')
      expect([answer.status, answer.body.code]).toEqual([415, 'unsupported-media-type'])
    })

    it('checks come in their order: 413, 415, 400, 404 store', async () => {
      const big = 'x'.repeat(17_000)
      expect(
        (await ask('POST', '/v1/cancellations', big, { 'content-type': 'text/plain' })).status,
      ).toBe(413)
      expect(
        (await ask('POST', '/v1/cancellations', '{', { 'content-type': 'text/plain' })).status,
      ).toBe(415)
      expect((await ask('POST', '/v1/cancellations', { store: 'nowhere' })).status).toBe(400)
      expect(
        (
          await ask(
            'POST',
            '/v1/cancellations',
            { ...good, store: 'nowhere' },
            { 'idempotency-key': 'a b' },
          )
        ).status,
      ).toBe(400)
      for (const path of ['/v1/cancellations', '/v1/cancellations/preview']) {
        expect(
          (
            await ask(
              'POST',
              path,
              { ...good, store: 'nowhere' },
              { 'rescind-customer-token': 'x' },
            )
          ).status,
        ).toBe(400)
        expect(
          (
            await ask(
              'POST',
              path,
              { ...good, store: 'nowhere', target: 'transfer' },
              { 'rescind-customer-token': 'x y' },
            )
          ).status,
        ).toBe(400)
        expect((await ask('POST', path, { ...good, store: 'nowhere' })).body.code).toBe(
          'store-not-found',
        )
      }
      expect((await ask('GET', '/v1/stores/nowhere/orders')).status).toBe(400)
      expect((await ask('GET', '/v1/stores/nowhere/orders/a%20b')).status).toBe(400)
      expect((await ask('GET', '/v1/cancellations?store=nowhere&limit=0')).status).toBe(400)
      expect(
        (await ask('POST', '/v1/cancellations/can_nobody/resolve', { as: 'canceled' })).status,
      ).toBe(400)
    })

    it('the store left out where the key reaches several: 400 at /store', async () => {
      for (const path of ['/v1/cancellations', '/v1/cancellations/preview']) {
        for (const store of [undefined, null]) {
          const answer = await ask('POST', path, { orderId: 'order_open', store })
          expect([answer.status, ...pointers(answer)]).toEqual([400, '/store'])
        }
      }
    })

    it.each([
      ['limit=0', '/limit'],
      ['limit=101', '/limit'],
      ['limit=ten', '/limit'],
      ['limit=1.5', '/limit'],
      ['limit=', '/limit'],
      ['limit=1&limit=2', '/limit'],
      ['order=up', '/order'],
      ['status=canceled', '/status'],
      ['createdAfter=yesterday', '/createdAfter'],
      ['createdAfter=2026-11-21', '/createdAfter'],
      ['createdBefore=2026-11-21T12:00:00', '/createdBefore'],
      ['updatedAfter=2026-02-30T00:00:00Z', '/updatedAfter'],
      ['cursor=x', '/cursor'],
      ['cursor=', '/cursor'],
      ['store=', '/store'],
      ['page=2', '/page'],
      ['reference=', '/reference'],
    ])('GET /v1/cancellations?%s: 400 at %s', async (query, at) => {
      const answer = await ask('GET', `/v1/cancellations?${query}`)
      expect([answer.status, answer.body.code, ...pointers(answer)]).toEqual([
        400,
        'invalid-request',
        at,
      ])
    })

    it.each([
      ['/v1/stores/paris/orders', '/number'],
      ['/v1/stores/paris/orders?number=', '/number'],
      [`/v1/stores/paris/orders?number=${'1'.repeat(65)}`, '/number'],
      ['/v1/stores/paris/orders?number=1&q=2', '/q'],
      ['/v1/stores/paris/orders/order_open?raw=yes', '/raw'],
      ['/v1/stores/paris/orders/order_open?fields=id', '/fields'],
    ])('GET %s: 400 at %s', async (path, at) => {
      const answer = await ask('GET', path)
      expect([answer.status, ...pointers(answer)]).toEqual([400, at])
    })

    it.each([
      [{}, ['/as', '/note']],
      [{ as: 'canceled' }, ['/note']],
      [{ as: 'yes', note: 'x' }, ['/as']],
      [{ as: 'retry', note: '' }, ['/note']],
      [{ as: 'retry', note: null }, ['/note']],
      [{ as: 'retry', note: 'x'.repeat(1001) }, ['/note']],
      [{ as: 'retry', note: 'x', by: 'me' }, ['/by']],
      ['{"as":"retry","note":"\\ud800"}', ['/note']],
      [{ as: 'retry', note: 'a\u0000b' }, ['/note']],
      ['{"as":"retry","as":"canceled","note":"x"}', ['/as']],
    ])('resolve with %j: 400', async (body, at) => {
      const answer = await ask('POST', '/v1/cancellations/can_nobody/resolve', body)
      expect([answer.status, pointers(answer)]).toEqual([400, at])
    })
  })
