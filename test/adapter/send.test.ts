/** The one door out, guard by guard: credentials, deadlines, sizes, shapes, errors, secrets, logins. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { CallFailure } from '../../src/adapter/failure.ts'
import { fetchTransport, TransportError } from '../../src/adapter/transport.ts'
import { type Answer, BASE, CANCEL, failing, failureOf, lineTo, OK, READ, sent, TOKEN_LIFE_MS } from './acme.ts'

beforeEach(() => { sent.length = 0 })

describe('what goes out', () => {
  test('who we are, JSON only with a body, and limits', async () => {
    const line = lineTo({})
    await line.send(READ)
    await line.send({ ...READ, method: 'POST', query: { a: 'b' }, body: { ö: 1 }, headers: { 'x-more': '1' } })
    expect(sent[0]).toMatchObject({ url: `${BASE}/orders/1`, method: 'GET', body: null, maxBytes: 1_048_576, headers: { accept: 'application/json', authorization: `Basic ${btoa('sk_live_0123456789:')}` } })
    expect(sent[0]?.headers).not.toHaveProperty('content-type')
    expect(sent[1]).toMatchObject({ url: `${BASE}/orders/1?a=b`, body: '{"ö":1}', headers: { 'content-type': 'application/json', 'x-more': '1' } })
  })

  test('a call of nobody carries no credentials', async () => {
    await lineTo({}).send({ ...READ, as: 'none' })
    expect(sent[0]?.headers).not.toHaveProperty('authorization')
  })

  test('the customer’s token goes out on its own line only', async () => {
    const line = lineTo({})
    await line.withCustomer('customer-token').send({ ...READ, as: 'customer' })
    await line.send(READ)
    expect(sent.map(({ headers }) => headers['authorization'])).toEqual(['Bearer customer-token', expect.stringMatching(/^Basic/)])
    expect(line.customerToken).toBeNull()
  })

  test('the deadline is the whole call’s, body included', async () => {
    const body = new ReadableStream({ async pull(controller) { await new Promise((resolve) => setTimeout(resolve, 30)); controller.enqueue(new Uint8Array([32])) } })
    const transport = fetchTransport(async () => new Response(body))
    const started = performance.now()
    expect(await failureOf(lineTo({}, { transport, callTimeoutMs: 200 }).perform(CANCEL, () => false))).toMatchObject({ kind: 'doubt', result: 'timeout' })
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  test('a reply of more than 1 MiB is given up, one of 1 MiB is read', async () => {
    const padded = (size: number) => fetchTransport(async () => new Response(`${OK}${' '.repeat(size - OK.length)}`))
    expect(await failureOf(lineTo({}, { transport: padded(1_048_577) }).perform(CANCEL, () => false))).toMatchObject({ kind: 'doubt', result: 'reply too large' })
    expect(await lineTo({}, { transport: padded(1_048_576) }).send(READ)).toEqual({ id: '1' })
  })

  test('fetch is told not to follow redirects, and proves nothing when it throws', async () => {
    const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>().mockRejectedValue(new TypeError('fetch failed'))
    expect(await failureOf(lineTo({}, { transport: fetchTransport(fetch) }).perform(CANCEL, () => false))).toMatchObject({ kind: 'doubt', result: 'connection lost' })
    expect(fetch.mock.calls[0]?.[1]).toMatchObject({ redirect: 'manual' })
  })
})

describe('the destructive call', () => {
  test('its reply and status', async () => {
    expect(await lineTo({ status: 201 }).perform(CANCEL, () => false)).toEqual({ reply: { id: '1' }, result: '201' })
  })

  test.each([{ status: 401 }, { status: 429 }, { status: 500 }, new TransportError('unreachable', false), new TransportError('timeout', true)])('is never repeated: %j', async (answer) => {
    const line = lineTo([{ text: '{"token":"first-token"}' }, {}, answer])
    await line.send({ ...READ, as: 'user' })
    await failureOf(line.perform({ ...CANCEL, as: 'user' }, () => false))
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(['/prefix/login', '/prefix/orders/1', '/prefix/orders/1/cancel'])
  })

  test('is not sent after its time', async () => {
    expect(await failureOf(lineTo({}).perform(CANCEL, () => true))).toMatchObject({ kind: 'unsent', result: 'not sent: too late' })
    expect(sent).toEqual([])
  })

  test('is not sent where its login took too long', async () => {
    const line = lineTo(async () => { await new Promise((resolve) => setTimeout(resolve, 60)); return { text: '{"token":"late-token"}' } })
    const notAfter = performance.now() + 20
    expect(await failureOf(line.perform({ ...CANCEL, as: 'user' }, () => performance.now() > notAfter))).toMatchObject({ kind: 'unsent' })
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(['/prefix/login'])
  })

  test.each([
    [new TransportError('timeout', true), { kind: 'unsent', result: 'not sent: the login ended with timeout' }], [{ status: 500 }, { kind: 'unsent', result: 'not sent: the login ended with 500' }],
    [new TransportError('unreachable', false), { kind: 'unsent', result: 'not sent: unreachable' }], [{ text: '<html>' }, { kind: 'unsent' }],
    [{ status: 401 }, { kind: 'refused', code: 'platform-credentials' }], [{ status: 400, text: '{"code":"gone"}' }, { kind: 'refused', code: 'platform-credentials', cause: null }],
  ] as [Answer, object][])('was not sent where its login failed: %j', async (answer, expected) => {
    expect(await failureOf(lineTo(answer).perform({ ...CANCEL, as: 'user' }, () => false))).toMatchObject(expected)
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual(['/prefix/login'])
  })
})

describe('what an answer means', () => {
  test.each([
    ['gone by code', { status: 400, text: '{"code":"gone","message":"shipped"}' }, { kind: 'refused', code: 'order-not-cancelable', cause: 'refused' }],
    ['refused by message', { status: 400, text: '{"message":"has been shipped"}' }, { kind: 'refused', cause: 'fulfilled' }],
    ['the first rule wins, the last catches', { status: 400, text: '{"message":"no"}' }, { kind: 'refused', cause: 'refused' }],
    ['429 where the platform promises', { status: 429, headers: { 'retry-after': '7' } }, { kind: 'unsent', code: 'platform-throttled', retryAfterMs: 7_000 }],
    ['503 where the platform promises', { status: 503, text: '{"code":"paused"}' }, { kind: 'unsent', code: 'platform-unavailable' }],
    ['503 of another kind', { status: 503, text: '{"code":"other"}' }, { kind: 'doubt' }],
    ['401 without words', { status: 401, text: '' }, { kind: 'refused', code: 'platform-credentials' }],
    ['403 in the platform’s words', { status: 403, text: '{"code":"x"}' }, { kind: 'refused', code: 'platform-credentials' }], ['403 of a proxy', { status: 403, text: '<html>' }, { kind: 'doubt' }],
    ['404 in the platform’s words', { status: 404, text: '{"code":"x"}' }, { kind: 'refused', cause: 'refused' }],
    ['404 of a proxy', { status: 404, text: '<html>' }, { kind: 'doubt' }], ['422 of a proxy', { status: 422, text: '' }, { kind: 'doubt' }],
    ['408', { status: 408, text: '{"code":"x"}' }, { kind: 'doubt' }], ['500', { status: 500, text: '{"code":"x"}' }, { kind: 'doubt' }],
    ['502', { status: 502, text: '' }, { kind: 'doubt' }], ['504', { status: 504, text: '' }, { kind: 'doubt' }], ['520', { status: 520, text: '' }, { kind: 'doubt' }],
    ['a redirect', { status: 307, headers: { location: 'https://evil.example' } }, { kind: 'refused', code: 'platform-unavailable' }], ['302', { status: 302 }, { kind: 'refused', code: 'platform-unavailable' }],
    ['200 without a body', { text: '' }, { kind: 'doubt', result: '200 unreadable' }], ['200 as HTML', { text: '<html>' }, { kind: 'doubt' }],
    ['200 of another shape', { text: '{"id":1}' }, { kind: 'doubt' }], ['half of 200', { text: '{"id":"1"' }, { kind: 'doubt' }], ['null', { text: 'null' }, { kind: 'doubt' }],
    ['never left', new TransportError('unreachable', false), { kind: 'unsent', result: 'not sent: unreachable' }], ['left', new TransportError('connection_lost', true), { kind: 'doubt', result: 'connection lost' }],
    ['perhaps left', new TransportError('timeout', null), { kind: 'doubt', result: 'timeout' }], ['too large', new TransportError('too_large', true), { kind: 'doubt', result: 'reply too large' }],
  ] as [string, Answer, object][])('%s', async (_, answer, expected) => {
    expect(await failing(answer)).toMatchObject(expected)
    expect(sent.length).toBe(1)
  })

  test.each([['0', 0], ['7', 7_000], ['99999', 3_600_000], ['Wed, 21 Oct 2015 07:28:00 GMT', 0], ['soon', null], ['', null]])('Retry-After %j', async (value, expected) => {
    expect((await failing({ status: 429, headers: { 'retry-after': value } })).retryAfterMs).toBe(expected)
  })

  test('what is no failure of a call is thrown as it is', async () => {
    await expect(lineTo(() => { throw new RangeError('ours') }).send(READ)).rejects.toThrow(RangeError)
  })
})

describe('secrets and personal data', () => {
  const settings = { key: 'sk_live_0123456789', password: 'p4ssw0rd-p4ssw0rd' }
  test.each([
    'sk_live_0123456789', 'p4ssw0rd-p4ssw0rd', btoa('sk_live_0123456789:'), `Basic ${btoa('sk_live_0123456789:')}`, 'session-token-1', 'customer-token', 'ada@example.com', '+49 170 1234567', 'eyJhbGciOiJIUzI1NiJ9.e30.x',
  ])('%s is in no failure and no error', async (canary) => {
    const line = lineTo([{ text: '{"token":"session-token-1"}' }, {}, { status: 400, text: JSON.stringify({ code: `code ${canary}`, message: `shipped to ${canary}, ${canary}` }) }], {}, settings)
    await line.send({ ...READ, as: 'user' })
    const error = await line.withCustomer('customer-token').perform(CANCEL, () => false).catch((error: unknown) => error) as CallFailure
    expect(error).toBeInstanceOf(CallFailure)
    expect(JSON.stringify(error.failure) + error.message + error.stack).not.toContain(canary)
    expect(error.failure.upstream?.message).toContain('shipped to')
  })

  test('a message is short', async () => {
    expect((await failing({ status: 400, text: JSON.stringify({ message: 'a '.repeat(5_000) }) })).upstream?.message?.length).toBeLessThanOrEqual(300)
  })

  test('who observes is told platform, method, result and time', async () => {
    const observe = vi.fn()
    const line = lineTo([{}, new TransportError('timeout', true)], { observe })
    await line.send({ ...READ, query: { email: 'ada@example.com' } })
    await failureOf(line.perform(CANCEL, () => false))
    expect(observe.mock.calls).toEqual([['GET', '200'], ['POST', 'timeout']].map(([method, result]) => [{ platform: 'acme', method, result, ms: expect.any(Number) }]))
  })
})

describe('logins', () => {
  const USER = { ...READ, as: 'user' } as const
  let logins = 0
  beforeEach(() => { logins = 0 })
  /** Every login gives another token; `valid` says which open the door. */
  const shop = (valid: (token: string) => boolean) => lineTo(async ({ url, headers }) => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (url.endsWith('/login')) return { text: JSON.stringify({ token: `token-${++logins}` }) }
    return valid(headers['authorization']?.slice('Bearer '.length) ?? '') ? {} : { status: 401 }
  })

  test('one login however many ask', async () => {
    const line = shop(() => true)
    await Promise.all(Array.from({ length: 20 }, () => line.send(USER)))
    await line.withCustomer('customer-token').send(USER)
    expect(logins).toBe(1)
  })

  test('renewed a tenth of its life early', async () => {
    const line = shop(() => true)
    await line.send(USER)
    const clock = vi.spyOn(performance, 'now')
    const now = performance.now()
    clock.mockReturnValue(now + TOKEN_LIFE_MS * 0.85)
    await line.send(USER)
    expect(logins).toBe(1)
    clock.mockReturnValue(now + TOKEN_LIFE_MS * 0.95)
    await line.send(USER)
    clock.mockRestore()
    expect(logins).toBe(2)
  })

  test('one renewal for all that met a 401', async () => {
    const line = shop((token) => token !== 'token-1')
    await Promise.all(Array.from({ length: 20 }, () => line.send(USER)))
    expect(logins).toBe(2)
  })

  test('a 401 that stays is given up after one renewal', async () => {
    expect(await failureOf(shop(() => false).send(USER))).toMatchObject({ code: 'platform-credentials' })
    expect([logins, sent.length]).toEqual([2, 4])
  })

  test('a key that is refused is not tried again: there is nothing to renew', async () => {
    await failureOf(lineTo({ status: 401 }).send(READ))
    expect(sent.length).toBe(1)
  })

  test('a login that failed is not kept', async () => {
    const line = lineTo([{ status: 500 }, { text: '{"token":"second-token"}' }, {}])
    await failureOf(line.send(USER))
    expect(await line.send(USER)).toEqual({ id: '1' })
  })
})
