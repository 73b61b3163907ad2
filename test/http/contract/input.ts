/** Bad input: a problem that points at the place, and nothing is written or sent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Body, type Client, clientOf, type Host, type Open } from '../host.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
] as const
const good = { store: 'paris', orderId: 'order_open' }
const bytes = (...parts: readonly (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'string' ? [...new TextEncoder().encode(part)] : part,
    ),
  )
const padded = (size: number) =>
  `{"store":"paris","orderId":"order_nobody"${' '.repeat(size - 42)}}`

const BODIES: readonly (readonly [string, Body, readonly string[]])[] = [
  ['nothing', '', ['']],
  ['white space', ' \n ', ['']],
  ['half an object', '{"orderId":', ['']],
  ['a comma too many', '{"orderId":"order_open",}', ['']],
  ['single quotes', "{'orderId':'order_open'}", ['']],
  ['a comment', '{"orderId":"order_open"/* */}', ['']],
  ['something behind it', '{"orderId":"order_open"}x', ['']],
  ['a raw control character', '{"orderId":"order_open","reason":"a\u0001"}', ['']],
  ['NaN', '{"orderId":NaN}', ['']],
  ['a form', 'orderId=order_open', ['']],
  ['a list', [good], ['']],
  ['a string', '"order_open"', ['']],
  ['null', 'null', ['']],
  ['a number', '1', ['']],
  ['deep nesting', `{"orderId":${'['.repeat(8000)}${']'.repeat(8000)}}`, ['']],
  ['open nesting', '['.repeat(16_000), ['']],
  ['nesting where text belongs', { ...good, reason: [[[[]]]] }, ['/reason']],
  [
    'bytes that are not UTF-8',
    bytes('{"orderId":"order_open","reason":"', [0xff, 0xfe], '"}'),
    [''],
  ],
  [
    'a cut-off UTF-8 sequence',
    bytes('{"orderId":"order_open","reason":"', [0xe2, 0x82], '"}'),
    [''],
  ],
  [
    'a surrogate in UTF-8',
    bytes('{"orderId":"order_open","reason":"', [0xed, 0xa0, 0x80], '"}'),
    [''],
  ],
  [
    'UTF-16',
    bytes([...'{"orderId":"x"}'].flatMap((letter) => [letter.charCodeAt(0), 0]) as never),
    [''],
  ],
  ['an unknown member', { ...good, restok: true }, ['/restok']],
  ['two unknown members', { ...good, a: 1, 'b/c~d': 2 }, ['/a', '/b~1c~0d']],
  ['an empty name', { ...good, '': 1 }, ['/']],
  ['another case', { store: 'paris', orderID: 'order_open' }, ['/orderID', '/orderId']],
  ['__proto__', '{"orderId":"order_open","__proto__":{"strict":true}}', ['/__proto__']],
  ['constructor', '{"orderId":"order_open","constructor":{}}', ['/constructor']],
  [
    'what only an answer has',
    { ...good, status: 'succeeded', id: 'can_x', via: 'reply' },
    ['/id', '/status', '/via'],
  ],
  [
    'a member twice',
    '{"store":"paris","orderId":"order_open","restock":false,"restock":true}',
    ['/restock'],
  ],
  ['a member twice, the same', '{"orderId":"order_open","orderId":"order_open"}', ['/orderId']],
  [
    'a member twice, once escaped',
    '{"orderId":"order_open","order\\u0049d":"order_paid"}',
    ['/orderId'],
  ],
  ['twice further in', '{"orderId":"order_open","x":[{"y":1,"y":2}]}', ['/x/0/y']],
  ['no orderId', { store: 'paris' }, ['/orderId']],
  ['orderId null', { ...good, orderId: null }, ['/orderId']],
  ['a number as orderId', { ...good, orderId: 17 }, ['/orderId']],
  ['orderId as a list', { ...good, orderId: ['order_open'] }, ['/orderId']],
  [
    'every flag a string',
    { ...good, notify: 'true', restock: 1, strict: 'false' },
    ['/notify', '/restock', '/strict'],
  ],
  ['an unknown reasonCode', { ...good, reasonCode: 'Customer' }, ['/reasonCode']],
  ['an unknown target', { ...good, target: 'refund' }, ['/target']],
  [
    'empty texts',
    { store: '', orderId: '', reason: '', reference: '', notify: true, message: '' },
    ['/message', '/orderId', '/reason', '/reference', '/store'],
  ],
  [
    'texts too long',
    {
      orderId: 'x'.repeat(129),
      reason: 'x'.repeat(501),
      reference: 'x'.repeat(129),
      notify: true,
      message: 'x'.repeat(1001),
    },
    ['/message', '/orderId', '/reason', '/reference'],
  ],
  [
    'lone surrogates',
    '{"orderId":"a\\ud800","reason":"\\udc00","reference":"\\ud83d\\ud83d",' +
      '"notify":true,"message":"\\ud800x"}',
    ['/message', '/orderId', '/reason', '/reference'],
  ],
  ['a message without notify', { ...good, message: 'Sorry' }, ['/message']],
  ['a message with notify false', { ...good, message: 'Sorry', notify: false }, ['/message']],
  ['a message with notify null', { ...good, message: 'Sorry', notify: null }, ['/message']],
]

const ORDER_IDS = [
  '.',
  '..',
  '',
  ' ',
  'a b',
  'a\tb',
  'a\n',
  '\u0000',
  'a\u007f',
  'a\u0085b',
  'a\u00a0b',
  'a\u2028b',
  '\ufeffa',
  'a/b',
  '../x',
  'a\\b',
  'a?b',
  'a#b',
  'a%2fb',
  '\ud800',
  'x'.repeat(129),
]
const KEYS = [
  '""',
  '"',
  '"a',
  'a"',
  '"a"b',
  '"a" "b"',
  '"a";q=1',
  'a b',
  '"a b"',
  'a, b',
  '"a", "b"',
  'x'.repeat(256),
  `"${'x'.repeat(256)}"`,
  'clé',
  '"\u0080"',
  '"a\\b"',
  'a\tb',
]

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
