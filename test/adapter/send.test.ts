/**
 * The one door out, guard by guard: credentials, deadlines, sizes, shapes, errors, secrets, logins.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { scrub } from '../../src/connection/classify.ts'
import { CallFailure } from '../../src/adapter/failure.ts'
import { fetchTransport, TransportError } from '../../src/connection/transport.ts'
import {
  type Answer,
  BASE,
  CANCEL,
  failing,
  failureOf,
  clientWith,
  OK,
  READ,
  sent,
  TOKEN_LIFE_MS,
} from './acme.ts'

beforeEach(() => {
  sent.length = 0
})

describe('what goes out', () => {
  test('who we are, JSON only with a body, and limits', async () => {
    const client = clientWith({})
    await client.send(READ)
    await client.send({
      ...READ,
      method: 'POST',
      query: { a: 'b' },
      body: { ö: 1 },
      headers: { 'x-more': '1' },
    })
    expect(sent[0]).toMatchObject({
      url: `${BASE}/orders/1`,
      method: 'GET',
      body: null,
      maxBytes: 16_777_216,
      headers: {
        accept: 'application/json',
        authorization: `Basic ${btoa('sk_live_0123456789:')}`,
      },
    })
    expect(sent[0]?.headers).not.toHaveProperty('content-type')
    expect(sent[1]).toMatchObject({
      url: `${BASE}/orders/1?a=b`,
      body: '{"ö":1}',
      headers: { 'content-type': 'application/json', 'x-more': '1' },
    })
  })

  test('a read asks for no cache, whatever stands between us and the platform', async () => {
    const client = clientWith({})
    await client.send(READ)
    await client.perform(CANCEL, () => false)
    expect(sent.map(({ headers }) => headers['cache-control'])).toEqual(['no-cache', undefined])
  })

  test('a call of nobody carries no credentials', async () => {
    await clientWith({}).send({ ...READ, as: 'none' })
    expect(sent[0]?.headers).not.toHaveProperty('authorization')
  })

  test('the customer’s token goes out on its own client only', async () => {
    const client = clientWith({})
    await client.withCustomer('customer-token').send({ ...READ, as: 'customer' })
    await client.send(READ)
    expect(sent.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer customer-token',
      expect.stringMatching(/^Basic/),
    ])
    expect(client.customerToken).toBeNull()
  })

  test('the deadline is the whole call’s, body included', async () => {
    const body = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 30))
        controller.enqueue(new Uint8Array([32]))
      },
    })
    const transport = fetchTransport(async () => new Response(body))
    const started = performance.now()
    expect(
      await failureOf(
        clientWith({}, { transport, callTimeoutMs: 200 }).perform(CANCEL, () => false),
      ),
    ).toMatchObject({ kind: 'doubt', result: 'timeout' })
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  test('a reply of more than 16 MiB is given up, one of 16 MiB is read', async () => {
    const padded = (size: number) =>
      fetchTransport(async () => new Response(`${OK}${' '.repeat(size - OK.length)}`))
    expect(
      await failureOf(
        clientWith({}, { transport: padded(16_777_217) }).perform(CANCEL, () => false),
      ),
    ).toMatchObject({ kind: 'doubt', result: 'reply too large' })
    expect(await clientWith({}, { transport: padded(16_777_216) }).send(READ)).toEqual({ id: '1' })
  })

  test.each([
    ['gzip', OK],
    ['br', OK],
    ['', OK],
    ['zstd', '\u001f\u008b'],
    ['deflate', 'x\u009c'],
    ['gzip, gzip', OK],
  ])('fetch has undone %j, or the body is not read', async (coding, text) => {
    const transport = fetchTransport(
      async () => new Response(text, { headers: { 'content-encoding': coding } }),
    )
    const known = ['gzip', 'br', ''].includes(coding)
    expect(
      await clientWith({}, { transport })
        .send(READ)
        .catch((error: CallFailure) => error.failure.result),
    ).toEqual(known ? { id: '1' } : '200 unreadable (unknown coding)')
  })

  test('fetch is told not to follow redirects, and proves nothing when it throws', async () => {
    const fetch = vi
      .fn<(url: string, init: RequestInit) => Promise<Response>>()
      .mockRejectedValue(new TypeError('fetch failed'))
    expect(
      await failureOf(
        clientWith({}, { transport: fetchTransport(fetch) }).perform(CANCEL, () => false),
      ),
    ).toMatchObject({ kind: 'doubt', result: 'connection lost' })
    expect(fetch.mock.calls[0]?.[1]).toMatchObject({ redirect: 'manual' })
  })
})

describe('the destructive call', () => {
  test('its reply and status', async () => {
    expect(await clientWith({ status: 201 }).perform(CANCEL, () => false)).toEqual({
      reply: { id: '1' },
      result: '201',
    })
  })

  test.each([
    { status: 401 },
    { status: 429 },
    { status: 500 },
    new TransportError('unreachable', false),
    new TransportError('timeout', true),
  ])('is never repeated: %j', async (answer) => {
    const client = clientWith([{ text: '{"token":"first-token"}' }, {}, answer])
    await client.send({ ...READ, as: 'user' })
    await failureOf(client.perform({ ...CANCEL, as: 'user' }, () => false))
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual([
      '/prefix/login',
      '/prefix/orders/1',
      '/prefix/orders/1/cancel',
    ])
  })

  test('is not sent after its time', async () => {
    expect(await failureOf(clientWith({}).perform(CANCEL, () => true))).toMatchObject({
      kind: 'unsent',
      result: 'not sent: too late',
    })
    expect(sent).toEqual([])
  })

  test('is not sent where its login took too long', async () => {
    const client = clientWith(async () => {
      await new Promise((resolve) => setTimeout(resolve, 60))
      return { text: '{"token":"late-token"}' }
    })
    const notAfter = performance.now() + 20
    expect(
      await failureOf(
        client.perform({ ...CANCEL, as: 'user' }, () => performance.now() > notAfter),
      ),
    ).toMatchObject({ kind: 'unsent' })
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(['/prefix/login'])
  })

  test.each([
    [
      new TransportError('timeout', true),
      { kind: 'unsent', result: 'not sent: the login ended with timeout' },
    ],
    [{ status: 500 }, { kind: 'unsent', result: 'not sent: the login ended with 500' }],
    [new TransportError('unreachable', false), { kind: 'unsent', result: 'not sent: unreachable' }],
    [{ text: '<html>' }, { kind: 'unsent' }],
    [{ status: 401 }, { kind: 'refused', code: 'platform-credentials' }],
    [
      { status: 400, text: '{"code":"gone"}' },
      { kind: 'refused', code: 'platform-credentials', cause: null },
    ],
  ] as [Answer, object][])('was not sent where its login failed: %j', async (answer, expected) => {
    expect(
      await failureOf(clientWith(answer).perform({ ...CANCEL, as: 'user' }, () => false)),
    ).toMatchObject(expected)
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(['/prefix/login'])
  })
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

describe('secrets and personal data', () => {
  const settings = { key: 'sk_live_0123456789', password: 'p4ssw0rd-p4ssw0rd' }
  test.each([
    'sk_live_0123456789',
    'p4ssw0rd-p4ssw0rd',
    btoa('sk_live_0123456789:'),
    `Basic ${btoa('sk_live_0123456789:')}`,
    'session-token-1',
    'customer-token',
    'ada@example.com',
    '+49 170 1234567',
    'eyJhbGciOiJIUzI1NiJ9.e30.x',
  ])('%s is in no failure and no error', async (canary) => {
    const client = clientWith(
      [
        { text: '{"token":"session-token-1"}' },
        {},
        {
          status: 400,
          text: JSON.stringify({
            code: `code ${canary}`,
            message: `shipped to ${canary}, ${canary}`,
          }),
        },
      ],
      {},
      settings,
    )
    await client.send({ ...READ, as: 'user' })
    const error = (await client
      .withCustomer('customer-token')
      .perform(CANCEL, () => false)
      .catch((error: unknown) => error)) as CallFailure
    expect(error).toBeInstanceOf(CallFailure)
    expect(JSON.stringify(error.failure) + error.message + error.stack).not.toContain(canary)
    expect(error.failure.upstream?.message).toContain('shipped to')
  })

  test('a message is short', async () => {
    expect(
      (await failing({ status: 400, text: JSON.stringify({ message: 'a '.repeat(5_000) }) }))
        .upstream?.message?.length,
    ).toBeLessThanOrEqual(300)
  })

  test('nothing is halved where a long message is cut', () => {
    // What is hidden becomes short, so that the place of the cut comes into what is shown.
    const secret = `sk_live_${'k'.repeat(180)}`
    const hidden = `${secret} `.repeat(10)
    for (let at = hidden.length; at < 2_020; at++) {
      for (const canary of [
        secret,
        'ada.lovelace@example.com',
        '+49 170 1234567',
        '(0049) 170-123 45 67',
      ]) {
        const shown =
          scrub(`${hidden.padEnd(at, ' ')}${canary} and so on ${'x '.repeat(2_000)}`, [secret]) ??
          ''
        expect(
          shown.replaceAll('[secret]', '').trimStart().slice(0, 4),
          `${canary} at ${at}`,
        ).not.toBe(canary.slice(0, 4))
      }
    }
  })

  test('a message of a megabyte costs nothing, whatever it is made of', () => {
    const texts = ['a', '1', 'a.', '@', 'a@', '(', 'sk', '1 ', 'a@b.', ' '].map((one) =>
      one.repeat(1_048_576 / one.length),
    )
    const started = performance.now()
    for (const text of texts) scrub(text, ['sk_live_0123456789'])
    expect(performance.now() - started).toBeLessThan(500)
  })

  test('a half of a character is not told', () => {
    expect(scrub(`${'x'.repeat(299)}\ud83d\ude00`, [])).toBe(`${'x'.repeat(299)}\ufffd`)
  })

  test('who observes is told platform, method, result and time', async () => {
    const observe = vi.fn()
    const client = clientWith([{}, new TransportError('timeout', true)], { observe })
    await client.send({ ...READ, query: { email: 'ada@example.com' } })
    await failureOf(client.perform(CANCEL, () => false))
    expect(observe.mock.calls).toEqual(
      [
        ['GET', '200'],
        ['POST', 'timeout'],
      ].map(([method, result]) => [{ platform: 'acme', method, result, ms: expect.any(Number) }]),
    )
  })
})

describe('logins', () => {
  const USER = { ...READ, as: 'user' } as const
  let logins = 0
  beforeEach(() => {
    logins = 0
  })
  /** Every login gives another token; `valid` says which open the door. */
  const shop = (valid: (token: string) => boolean) =>
    clientWith(async ({ url, headers }) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (url.endsWith('/login')) return { text: JSON.stringify({ token: `token-${++logins}` }) }
      return valid(headers['authorization']?.slice('Bearer '.length) ?? '') ? {} : { status: 401 }
    })

  test('one login however many ask', async () => {
    const client = shop(() => true)
    await Promise.all(Array.from({ length: 20 }, () => client.send(USER)))
    await client.withCustomer('customer-token').send(USER)
    expect(logins).toBe(1)
  })

  test('renewed a tenth of its life early', async () => {
    const client = shop(() => true)
    await client.send(USER)
    const clock = vi.spyOn(performance, 'now')
    const now = performance.now()
    clock.mockReturnValue(now + TOKEN_LIFE_MS * 0.85)
    await client.send(USER)
    expect(logins).toBe(1)
    clock.mockReturnValue(now + TOKEN_LIFE_MS * 0.95)
    await client.send(USER)
    clock.mockRestore()
    expect(logins).toBe(2)
  })

  test('one renewal for all that met a 401', async () => {
    const client = shop((token) => token !== 'token-1')
    await Promise.all(Array.from({ length: 20 }, () => client.send(USER)))
    expect(logins).toBe(2)
  })

  test('a 401 that stays is given up after one renewal', async () => {
    expect(await failureOf(shop(() => false).send(USER))).toMatchObject({
      code: 'platform-credentials',
    })
    expect([logins, sent.length]).toEqual([2, 4])
  })

  test('a key that is refused is not tried again: there is nothing to renew', async () => {
    await failureOf(clientWith({ status: 401 }).send(READ))
    expect(sent.length).toBe(1)
  })

  test('a login that failed is not kept', async () => {
    const client = clientWith([{ status: 500 }, { text: '{"token":"second-token"}' }, {}])
    await failureOf(client.send(USER))
    expect(await client.send(USER)).toEqual({ id: '1' })
  })
})
