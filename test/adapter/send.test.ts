/**
 * The one door out, guard by guard: credentials, deadlines, sizes, the one call that destroys,
 * secrets.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest'
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

  test('a parameter that comes several times, a form, and a login at another host', async () => {
    const client = clientWith({})
    await client.send({ ...READ, query: { where: ['a="1 & 2"', 'b'], limit: '2' } })
    await client.send({
      ...READ,
      method: 'POST',
      as: 'none',
      base: 'https://auth.example/v2',
      form: { grant_type: 'client_credentials', scope: 'a:b c&d' },
      headers: { authorization: 'Basic Y2xpZW50OnNlY3JldA==' },
    })
    expect(sent[0]?.url).toBe(`${BASE}/orders/1?where=a%3D%221+%26+2%22&where=b&limit=2`)
    expect(sent[1]).toMatchObject({
      url: 'https://auth.example/v2/orders/1',
      body: 'grant_type=client_credentials&scope=a%3Ab+c%26d',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: 'Basic Y2xpZW50OnNlY3JldA==',
      },
    })
  })

  test('a base that leads elsewhere than it says is refused', async () => {
    const call = { ...READ, base: 'https://auth.example/../x?y=' }
    await expect(clientWith({}).send(call)).rejects.toThrow('not the one that was meant')
    expect(sent).toEqual([])
  })

  test('a read asks for no cache, whatever stands between us and the platform', async () => {
    const client = clientWith({})
    await client.send(READ)
    await client.perform(CANCEL, () => false)
    expect(sent.map(({ headers }) => headers['cache-control'])).toEqual(['no-cache', undefined])
  })

  test('what signs a request is told its method and address, to the byte', async () => {
    const query = { search: 'Nº 7 & more' }
    await clientWith({}).send({ ...READ, query, as: 'signer' })
    expect(sent[0]?.headers['x-signed']).toBe(`GET ${sent[0]?.url}`)
    expect(sent[0]?.url).toBe(`${BASE}/orders/1?search=N%C2%BA+7+%26+more`)
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

  test('nor is what a login brings in a header of its own', async () => {
    const canary = btoa('a-client-id:its-secret')
    const failure = await failureOf(
      clientWith({ status: 400, text: JSON.stringify({ message: `no: ${canary}` }) }).send({
        ...READ,
        as: 'none',
        headers: { authorization: `Basic ${canary}` },
      }),
    )
    expect(failure.upstream?.message).toBe('no: [secret]')
  })

  test('nor is a secret as a body or an address carried it', async () => {
    const key = String.raw`s3cr3t/+"\k&=%`
    const written = [
      new URLSearchParams({ key }).toString(),
      JSON.stringify({ key }),
      `?key=${encodeURIComponent(key)}`,
    ]
    for (const carried of written) {
      const text = JSON.stringify({ message: `cannot read ${carried}` })
      const failure = await failureOf(clientWith({ status: 400, text }, {}, { key }).send(READ))
      expect(failure.upstream?.message).toContain('[secret]')
      expect(failure.upstream?.message).not.toContain('s3cr3t')
    }
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
