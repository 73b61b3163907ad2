/** The HTTP contract on a real Node server, and what only bytes on a socket can show. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from './conformance.ts'
import { clientOf } from './host.ts'
import { type NodeHost, openNode } from './node.ts'
import { request, send, type RawAnswer } from './raw.ts'
import { testHost } from './suite.ts'

testHost('Node', openNode)

const body = JSON.stringify({ store: 'sandbox-medusa', orderId: 'order_open' })
const json = ['content-type', 'application/json'] as const

describe('bytes on a socket', () => {
  let host: NodeHost
  beforeAll(async () => {
    host = await openNode()
  })
  afterAll(async () => {
    // What was no request left nothing behind.
    expect((await clientOf(host)('GET', '/v1/cancellations?orderId=order_open')).body.data).toEqual(
      [],
    )
    await host.close()
  })

  const lawful = (
    [answer, ...others]: RawAnswer[],
    method: string,
    path: string,
  ): [number, string] => {
    expect(others).toEqual([])
    if (!answer) throw new Error('no answer')
    expect(violations(method, path, answer as never, answer.text), answer.text).toEqual([])
    return [answer.status, JSON.parse(answer.text).errors?.[0].pointer]
  }
  const post = (headers: readonly (readonly [string, string])[], text = body) =>
    send(host.url, [request('POST', '/v1/cancellations', headers, text)])

  it.each([
    [
      'two fields, bare',
      [
        ['idempotency-key', 'a'],
        ['idempotency-key', 'b'],
      ],
    ],
    [
      'two fields, quoted',
      [
        ['idempotency-key', '"a"'],
        ['Idempotency-Key', '"b"'],
      ],
    ],
    [
      'the same field twice',
      [
        ['idempotency-key', 'a'],
        ['idempotency-key', 'a'],
      ],
    ],
    ['empty', [['idempotency-key', '']]],
    ['a control character', [['idempotency-key', 'a\u0009b']]],
    ['beyond ASCII', [['idempotency-key', 'cl\u00e9']]],
  ] as const)('Idempotency-Key, %s: 400', async (_, headers) => {
    expect(lawful(await post([json, ...headers]), 'POST', '/v1/cancellations')).toEqual([
      400,
      '/Idempotency-Key',
    ])
  })

  it('two Content-Types are none, two tokens are none', async () => {
    expect(
      lawful(await post([json, ['content-type', 'text/plain']]), 'POST', '/v1/cancellations')[0],
    ).toBe(415)
    expect(
      lawful(
        await post(
          [json, ['rescind-customer-token', 'a'], ['rescind-customer-token', 'b']],
          body.replace('}', ',"target":"transfer"}'),
        ),
        'POST',
        '/v1/cancellations',
      ),
    ).toEqual([400, '/Rescind-Customer-Token'])
  })

  it('two Prefer fields are one list', async () => {
    const [answer] = await post(
      [json, ['prefer', 'x="1'], ['prefer', '2", wait=3'], ['prefer', 'respond-async']],
      body.replace('order_open', 'order_nobody'),
    )
    expect([answer?.status, answer?.headers.get('preference-applied')]).toEqual([404, 'wait=3'])
  })

  const chunked = (size: number) => {
    const text = body.padEnd(size)
    return [
      request('POST', '/v1/cancellations/preview', [json, ['transfer-encoding', 'chunked']]),
      ...(text.match(/[^]{1,4000}/g) ?? []).map(
        (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
      ),
      '0\r\n\r\n',
    ]
  }
  it('a body in chunks is measured too', async () => {
    expect(
      lawful(await send(host.url, chunked(20_000)), 'POST', '/v1/cancellations/preview'),
    ).toEqual([413, ''])
    expect(
      lawful(await send(host.url, chunked(16_384)), 'POST', '/v1/cancellations/preview')[0],
    ).toBe(200)
  })

  it.each([
    ['ends early', request('POST', '/v1/cancellations', [json, ['content-length', '500']]) + body],
    [
      'comes in an unknown coding',
      request('POST', '/v1/cancellations', [json, ['transfer-encoding', 'gzip']]) + body,
    ],
    [
      'comes in broken chunks',
      request('POST', '/v1/cancellations', [json, ['transfer-encoding', 'chunked']]) +
        `zz\r\n${body}\r\n0\r\n\r\n`,
    ],
  ])('a body that %s is no request', async (_, bytes) => {
    const [answer] = await send(host.url, [bytes])
    expect(answer?.status ?? 400).toBe(400)
  })

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['TLS', new Uint8Array([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
    ['an unknown method', 'CANCEL / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['an expectation that nobody meets', request('GET', '/healthz', [['expect', 'wonders']])],
    ['a Host that is none', request('GET', '/healthz').replace('localhost', 'a b/c')],
    ['a Host with a user', request('GET', '/healthz').replace('localhost', 'a@b')],
    ['a backslash in the path', request('GET', '/v1\\stores')],
    ['a control character in the path', request('GET', '/\u0001')],
    ['a space before the colon', 'GET /healthz HTTP/1.1\r\nhost : x\r\n\r\n'],
    ['a NUL in a header', 'GET /healthz HTTP/1.1\r\nhost: x\r\na: \u0000\r\n\r\n'],
    ['a negative length', request('POST', '/v1/cancellations', [json, ['content-length', '-1']])],
    [
      'two lengths',
      request('POST', '/v1/cancellations', [
        json,
        ['content-length', '1'],
        ['content-length', '2'],
      ]),
    ],
    [
      'a length and chunks',
      `${request('POST', '/v1/cancellations', [
        json,
        ['content-length', '5'],
        ['transfer-encoding', 'chunked'],
      ])}0\r\n\r\n`,
    ],
    ['headers beyond all measure', request('GET', '/healthz', [['x', 'y'.repeat(20_000)]])],
    ['an address beyond all measure', request('GET', `/${'y'.repeat(20_000)}`)],
    ['another version', request('GET', '/healthz', [], '', 'HTTP/9.9')],
  ])('%s: a problem, and the connection ends', async (_, bytes) => {
    const [status] = lawful(await send(host.url, [bytes]), 'GET', '/nowhere')
    expect(status).toBe(400)
  })

  it('an answer that is under way is never taken for that of garbage behind it', async () => {
    const text = body.replace('order_open', 'order_slow-pipelined')
    const answers = await send(
      host.url,
      [request('POST', '/v1/cancellations', [json], text), 'garbage\r\n\r\n'],
      2_500,
    )
    expect(answers.filter(({ status }) => status >= 400)).toEqual([])
    const record = await clientOf(host)('GET', '/v1/cancellations?orderId=order_slow-pipelined')
    expect(record.body.data).toHaveLength(1)
  })

  it('absolute addresses, TRACE and HTTP/1.0 are understood', async () => {
    expect((await send(host.url, [request('GET', 'http://localhost/healthz')]))[0]?.status).toBe(
      200,
    )
    expect(
      lawful(await send(host.url, [request('TRACE', '/v1/stores')]), 'TRACE', '/v1/stores')[0],
    ).toBe(405)
    expect((await send(host.url, ['GET /healthz HTTP/1.0\r\n\r\n']))[0]?.status).toBe(200)
  })
})

describe('a ledger that fails', () => {
  it('503 on all that needs it, nothing is accepted; it recovers without a restart', async () => {
    const host = await openNode()
    const disk = new DatabaseSync(join(host.folder, 'ledger.db'))
    const ask = clientOf(host)
    try {
      const { body: record } = await ask('POST', '/v1/cancellations', {
        store: 'sandbox-medusa',
        orderId: 'order_open',
      })
      for (const table of ['meta', 'cancellations'])
        disk.exec(`alter table ${table} rename to gone_${table}`)
      for (const [method, path, sent] of [
        ['POST', '/v1/cancellations', { store: 'sandbox-medusa', orderId: 'order_paid' }],
        ['GET', '/v1/cancellations'],
        ['GET', `/v1/cancellations/${record.id}`],
        ['POST', `/v1/cancellations/${record.id}/withdraw`],
        ['POST', `/v1/cancellations/${record.id}/resolve`, { as: 'retry', note: 'x' }],
        ['GET', '/readyz'],
      ] as const) {
        const { status, headers, body: problem } = await ask(method, path, sent)
        expect([
          path,
          status,
          problem.code,
          problem.retryable,
          problem.acted,
          headers.get('retry-after'),
        ]).toEqual([path, 503, 'ledger-unavailable', true, 'no', '1'])
      }
      expect((await ask('GET', '/healthz')).status).toBe(200)
      expect((await ask('GET', '/v1/stores/sandbox-medusa/orders/order_paid')).body.status).toBe(
        'open',
      )
      for (const table of ['meta', 'cancellations'])
        disk.exec(`alter table gone_${table} rename to ${table}`)
      expect((await ask('GET', '/readyz')).status).toBe(200)
      expect((await ask('GET', '/v1/cancellations')).body.data.map(({ id }: any) => id)).toEqual([
        record.id,
      ])
      expect(
        (await ask('POST', '/v1/cancellations', { store: 'sandbox-medusa', orderId: 'order_paid' }))
          .status,
      ).toBe(201)
    } finally {
      disk.close()
      await host.close()
    }
  })
})
