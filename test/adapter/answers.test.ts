/** What an answer means, and what is read of its body: strictly, and to the last digit. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { fetchTransport, TransportError } from '../../src/connection/transport.ts'
import { type Answer, failing, clientWith, OK, READ, sent } from './acme.ts'

beforeEach(() => {
  sent.length = 0
})

describe('what an answer means', () => {
  test.each([
    [
      'gone by code',
      { status: 400, text: '{"code":"gone","message":"shipped"}' },
      { kind: 'refused', code: 'order-not-cancelable', cause: 'refused' },
    ],
    [
      'refused by message',
      { status: 400, text: '{"message":"has been shipped"}' },
      { kind: 'refused', cause: 'fulfilled' },
    ],
    [
      'the first rule wins, the last catches',
      { status: 400, text: '{"message":"no"}' },
      { kind: 'refused', cause: 'refused' },
    ],
    [
      '429 where the platform promises',
      { status: 429, headers: { 'retry-after': '7' } },
      { kind: 'unsent', code: 'platform-throttled', retryAfterMs: 7_000 },
    ],
    [
      '503 where the platform promises',
      { status: 503, text: '{"code":"paused"}' },
      { kind: 'unsent', code: 'platform-unavailable' },
    ],
    ['503 of another kind', { status: 503, text: '{"code":"other"}' }, { kind: 'doubt' }],
    [
      '401 without words',
      { status: 401, text: '' },
      { kind: 'refused', code: 'platform-credentials' },
    ],
    [
      '403 in the platform’s words',
      { status: 403, text: '{"code":"x"}' },
      { kind: 'refused', code: 'platform-credentials' },
    ],
    ['403 of a proxy', { status: 403, text: '<html>' }, { kind: 'doubt' }],
    [
      '403 with blank words',
      { status: 403, text: '{"code":"","message":" "}' },
      { kind: 'doubt', upstream: { code: null, message: null } },
    ],
    ['404 with blank words', { status: 404, text: '{"message":""}' }, { kind: 'doubt' }],
    [
      '429',
      { status: 429, text: '{"code":"x"}', headers: { 'retry-after': '5' } },
      { kind: 'unsent', retryAfterMs: 5_000 },
    ],
    [
      '404 in the platform’s words',
      { status: 404, text: '{"code":"x"}' },
      { kind: 'refused', cause: 'refused' },
    ],
    ['404 of a proxy', { status: 404, text: '<html>' }, { kind: 'doubt' }],
    ['422 of a proxy', { status: 422, text: '' }, { kind: 'doubt' }],
    ['408', { status: 408, text: '{"code":"x"}' }, { kind: 'doubt' }],
    ['500', { status: 500, text: '{"code":"x"}' }, { kind: 'doubt' }],
    ['502', { status: 502, text: '' }, { kind: 'doubt' }],
    ['504', { status: 504, text: '' }, { kind: 'doubt' }],
    ['520', { status: 520, text: '' }, { kind: 'doubt' }],
    [
      'a redirect',
      { status: 307, headers: { location: 'https://evil.example' } },
      { kind: 'refused', code: 'platform-unavailable' },
    ],
    ['302', { status: 302 }, { kind: 'refused', code: 'platform-unavailable' }],
    [
      '200 without a body',
      { text: ' ' },
      {
        kind: 'doubt',
        result: '200 unreadable (empty)',
        detail: 'The platform answered with nothing in the place of data.',
      },
    ],
    [
      '200 as HTML',
      { text: '<html>' },
      {
        kind: 'doubt',
        result: '200 unreadable (text/html)',
        detail:
          'The platform answered with a page of HTML in the place of data, as a login page does.',
      },
    ],
    [
      '200 as HTML, by its type',
      { text: 'Sign in', headers: { 'content-type': 'text/html; charset=utf-8' } },
      { kind: 'doubt', result: '200 unreadable (text/html)' },
    ],
    [
      '200 as XML',
      { text: '<?xml version="1.0"?><error/>' },
      { kind: 'doubt', result: '200 unreadable (XML)' },
    ],
    [
      '200 of another shape',
      { text: '{"id":1}' },
      { kind: 'doubt', result: '200 unreadable (another shape)' },
    ],
    ['half of 200', { text: '{"id":"1"' }, { kind: 'doubt', result: '200 unreadable (no JSON)' }],
    ['null', { text: 'null' }, { kind: 'doubt', result: '200 unreadable (another shape)' }],
    [
      '200 in an unknown coding',
      { text: '', unread: 'unknown coding' },
      {
        kind: 'doubt',
        result: '200 unreadable (unknown coding)',
        detail: expect.stringContaining('compressed'),
      },
    ],
    [
      '404 in an unknown coding',
      { status: 404, text: '', unread: 'unknown coding' },
      { kind: 'doubt', result: '404' },
    ],
    [
      'no connection',
      new TransportError('unreachable', false, { word: 'ECONNREFUSED' }),
      {
        kind: 'unsent',
        result: 'not sent: unreachable (ECONNREFUSED)',
        detail: 'The platform could not be reached (ECONNREFUSED).',
      },
    ],
    [
      'no name',
      new TransportError('unreachable', false, { word: 'ENOTFOUND' }),
      {
        kind: 'unsent',
        result: 'not sent: unreachable (ENOTFOUND)',
        detail: 'The name of the platform’s host was not found (ENOTFOUND).',
      },
    ],
    [
      'a certificate',
      new TransportError('unreachable', false, { word: 'CERT_HAS_EXPIRED' }),
      {
        kind: 'unsent',
        detail: 'The certificate of the platform’s host was not accepted (CERT_HAS_EXPIRED).',
      },
    ],
    [
      'never left',
      new TransportError('unreachable', false),
      { kind: 'unsent', result: 'not sent: unreachable' },
    ],
    [
      'left',
      new TransportError('connection_lost', true),
      { kind: 'doubt', result: 'connection lost' },
    ],
    ['perhaps left', new TransportError('timeout', null), { kind: 'doubt', result: 'timeout' }],
    [
      'too large',
      new TransportError('too_large', true),
      { kind: 'doubt', result: 'reply too large' },
    ],
  ] as [string, Answer, object][])('%s', async (_, answer, expected) => {
    expect(await failing(answer)).toMatchObject(expected)
    expect(sent.length).toBe(1)
  })

  const INVITED = [
    [409, { message: 'In conflict with another request; it may be tried again.' }],
    [409, { message: 'Please retry the request.' }],
    [409, { code: 'lock_timeout', message: 'x' }],
    [409, { message: 'The order is locked' }],
    [400, { message: 'Locked by another request' }],
    [409, { code: 'conflict', message: 'Another operation is in progress' }],
    [422, { message: 'Temporarily unavailable' }],
    [423, { message: 'x' }],
    [425, { code: 'x' }],
    [412, { message: 'Concurrent modification, try again later' }],
    [403, { message: 'Your address is temporarily blocked, try again later' }],
    [404, { message: 'deadlock detected' }],
    [409, { code: 'RETRYABLE' }],
    [409, { message: 'The order is being processed' }],
    [400, { code: 'retry_later', message: 'no' }],
  ] as const
  test.each(INVITED)('%i %j invites to come again: doubt, not a no', async (status, body) => {
    expect(await failing({ status, text: JSON.stringify(body) })).toMatchObject({
      kind: 'doubt',
      result: String(status),
    })
  })
  test.each([
    [409, { message: 'The order has been delivered' }],
    [409, { message: 'A fulfillment is in progress' }],
    [409, { message: 'Locked: the order is being shipped' }],
    [409, { message: 'This cannot be retried' }],
    [422, { message: 'Do not retry: it is final' }],
    [400, { message: 'A return is in progress' }],
    [428, { code: 'ORDER_IS_LOCKED', message: 'The order is locked.' }],
    [409, { message: 'The country is not served' }],
  ])('%i %j is a no', async (status, body) => {
    expect(await failing({ status, text: JSON.stringify(body) })).toMatchObject({
      kind: 'refused',
      cause: 'refused',
    })
  })
  test('what a rule explains stays as it is explained, and a 401 is about who we are', async () => {
    expect(
      await failing({ status: 400, text: '{"message":"has been shipped, try again"}' }),
    ).toMatchObject({ kind: 'refused', cause: 'fulfilled' })
    expect(
      await failing({ status: 401, text: '{"message":"log in and try again"}' }),
    ).toMatchObject({ kind: 'refused', code: 'platform-credentials' })
  })

  const NOW = Date.parse('2026-11-21T21:33:46Z')
  test.each([
    ['0', 0],
    ['7', 7_000],
    ['99999', 3_600_000],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['soon', null],
    ['', null],
    [',', null],
    ['5.0', 5_000],
    ['0.25', 250],
    ['1.0001', 1_001],
    ['5, 5', 5_000],
    ['5,7', 7_000],
    ['soon, 5', 5_000],
    ['5s', 5_000],
    ['5 seconds', 5_000],
    [' 5 ', 5_000],
    ['-5', 0],
    ['+5', 5_000],
    ['5 apples', null],
    ['2.5.1', null],
    ['1e3', null],
    ['Infinity', null],
    ['NaN', null],
    ['0x10', null],
    ['9'.repeat(400), null],
    ['9'.repeat(15), 3_600_000],
    [String(NOW / 1000 + 30), 30_000],
    [String(NOW + 30_000), 30_000],
    [String(NOW / 1000 - 30), 0],
    [String(NOW / 1000 + 30.5), 30_500],
    ['Sat, 21 Nov 2026 21:34:16 GMT', 30_000],
    ['Saturday, 21-Nov-26 21:34:16 GMT', 30_000],
    ['Sat Nov 21 21:34:16 2026', 30_000],
    ['2026-11-21T21:34:16Z', 30_000],
    ['2026-11-21T22:34:16+01:00', 30_000],
    ['2026-11-21 21:34:16', 30_000],
    ['Sat, 21 Nov 2026 21:34:16 GMT, Sat, 21 Nov 2026 21:34:46 GMT', 60_000],
    ['Sat, 21 Nov 2026 21:34:16 GMT, 5', 30_000],
  ])('Retry-After %j', async (value, expected) => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    expect((await failing({ status: 429, headers: { 'retry-after': value } })).retryAfterMs).toBe(
      expected,
    )
    // Our clock may be wrong; the platform's own says how far off its date is.
    vi.setSystemTime(NOW - 86_400_000)
    expect(
      (
        await failing({
          status: 429,
          headers: { 'retry-after': value, date: 'Sat, 21 Nov 2026 21:33:46 GMT' },
        })
      ).retryAfterMs,
    ).toBe(expected)
    vi.useRealTimers()
  })

  test('what is no failure of a call is thrown as it is', async () => {
    await expect(
      clientWith(() => {
        throw new RangeError('ours')
      }).send(READ),
    ).rejects.toThrow(RangeError)
  })
})

describe('what is in a reply', () => {
  const send = (text: string) => clientWith({ text }).send({ ...READ, reply: z.unknown() })

  test('a byte order mark is none of it, over either transport', async () => {
    expect(await send('\ufeff{"id":"1"}')).toEqual({ id: '1' })
    const transport = fetchTransport(
      async () => new Response(new Uint8Array([0xef, 0xbb, 0xbf, ...new TextEncoder().encode(OK)])),
    )
    expect(await clientWith({}, { transport }).send(READ)).toEqual({ id: '1' })
    expect(await send('"\ufeff"')).toBe('\ufeff')
    await expect(send('\ufeff\ufeff1')).rejects.toThrow('no JSON')
  })

  test('an adapter that expects nothing takes nothing, and no page in its place', async () => {
    expect(await send('')).toBeUndefined()
    await expect(send('<html>')).rejects.toThrow('text/html')
  })

  test.each([
    ['16057160842684460123', '16057160842684460123'],
    ['-16057160842684460123', '-16057160842684460123'],
    ['9007199254740993', '9007199254740993'],
    ['1234567890123456789012', '1234567890123456789012'],
    ['1000000000000000000000', '1000000000000000000000'],
    ['1234567890123.45678', '1234567890123.45678'],
    ['0.12345678901234567890', '0.12345678901234567890'],
    ['123456789012345678.5e2', '123456789012345678.5e2'],
    ['9'.repeat(500), '9'.repeat(500)],
    // What a double holds stays a number.
    ['9007199254740991', 9_007_199_254_740_991],
    ['1791285600000', 1_791_285_600_000],
    ['0.30000000000000004', 0.30000000000000004],
    ['100.00000000000000000', 100],
    ['51.3971', 51.3971],
    ['-0.5', -0.5],
    ['1e3', 1_000],
  ])('%s keeps its digits', async (written, read) => {
    for (const [text, value] of [
      [`{"a":${written}}`, { a: read }],
      [`{"a": ${written} }`, { a: read }],
      [`[1,${written}]`, [1, read]],
      [`[${written}]`, [read]],
      [`[\n${written}\n]`, [read]],
    ] as const)
      expect(await send(text)).toEqual(value)
  })

  test('texts are never taken for numbers, nor numbers beside long ones for texts', async () => {
    const text =
      '{"id":"16057160842684460123","note":"about 16057160842684460123, or ' +
      'so","n":16057160842684460124,"m":1.5,"k":[null,true,7]}'
    expect(await send(text)).toEqual({
      id: '16057160842684460123',
      note: 'about 16057160842684460123, or so',
      n: '16057160842684460124',
      m: 1.5,
      k: [null, true, 7],
    })
  })

  test('a header that is asked for is told beside the body', async () => {
    const reply = z.object({ header: z.string().nullable(), body: z.object({ id: z.string() }) })
    const call = { ...READ, reply, replyHeader: 'x-token' }
    const body = { id: '1' }
    const headers = { 'x-token': 'told here' }
    expect(await clientWith({ headers }).send(call)).toEqual({ header: 'told here', body })
    expect(await clientWith({}).send(call)).toEqual({ header: null, body })
    await expect(clientWith({ headers, text: '<html>' }).send(call)).rejects.toThrow('text/html')
    await expect(clientWith({ headers, text: '[]' }).send(call)).rejects.toThrow('another shape')
  })

  test.each(['1', '16057160842684460123'])(
    'members that mean something to JavaScript do no harm, beside %s',
    async (number) => {
      const text =
        '{"__proto__":{"id":"evil","polluted":true},' +
        `"constructor":{"prototype":{"polluted":true}},"n":${number}}`
      await expect(
        clientWith({ text }).send({ ...READ, reply: z.looseObject({ id: z.string().nullish() }) }),
      ).resolves.not.toHaveProperty('id', 'evil')
      await expect(clientWith({ text }).send(READ)).rejects.toThrow('another shape')
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    },
  )
})
