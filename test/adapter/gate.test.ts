/**
 * The gate of a store: its pace, its breaker, and the rest that a platform asks for. Over a real
 * server, in real time.
 */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { CallFailure } from '../../src/adapter/failure.ts'
import {
  type Gate,
  type GateOptions,
  openGate,
  PATIENCE_MS,
  REST_MS,
} from '../../src/connection/gate.ts'
import { openStore } from '../../src/connection/store.ts'
import { openPace } from '../../src/ledger/rules.ts'
import { openTransport } from '../../src/connection/transport-undici.ts'
import { toy } from '../gateway/toy.ts'

const ORDER = {
  id: 'a',
  number: '1',
  state: 'open',
  paid: 10,
  refunded: 0,
  shipped: false,
  note: null,
  restocked: false,
}
const well: RequestListener = (_, response) =>
  void response.setHeader('content-type', 'application/json').end(JSON.stringify(ORDER))

/** A store behind a gate, before a server that a test can make sick. */
const setUp = async (options: GateOptions = {}, callTimeoutMs = 1_000) => {
  let answer: RequestListener = well
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { transport, close } = openTransport()
  onTestFinished(async () => {
    await close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const gate: Gate = openGate(options)
  const store = openStore(
    'shop',
    toy(),
    {
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      key: 'good-key-of-the-shop',
    },
    { transport, callTimeoutMs, settleMs: 0, test: true, gate },
  )
  return {
    asked,
    store,
    become: (next: RequestListener) => {
      answer = next
    },
    /** What became of a look: ok, or the words for what happened instead. */
    look: () =>
      store.adapter.order
        .look(store.client, 'a', { request: null, sent: false, byCustomer: false, memo: null })
        .then(
          () => 'ok',
          (error: unknown) => failureOf(error).result,
        ),
    cancel: () =>
      store.client.perform(
        store.adapter.order.cancel({
          settings: store.client.settings,
          request: { orderId: 'a', notify: null, restock: null } as never,
          byCustomer: false,
          before: { fulfillmentStatus: 'unfulfilled' } as never,
          memo: null,
        }),
        () => false,
      ),
  }
}

const failureOf = (error: unknown) => {
  if (!(error instanceof CallFailure)) throw error
  return error.failure
}
const status =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(code, headers).end('{}')
const reset: RequestListener = (request) => void request.socket.resetAndDestroy()

describe('health', () => {
  it('a reply too large to be read is an answer; one that breaks off, or never comes, is none', async () => {
    // Twenty megabytes take a busy machine longer than a second.
    const { look, become, store } = await setUp({}, 20_000)
    expect(store.health()).toMatchObject({ answeredAt: null, failingSince: null })
    become((_, response) => void response.writeHead(200).end('x'.repeat(20_000_000)))
    expect(await look()).toContain('too large')
    expect(store.health()).toMatchObject({ answeredAt: expect.any(Number), failingSince: null })
    become(reset)
    await look()
    const { failingSince, answeredAt } = store.health()
    expect(failingSince).toBeGreaterThanOrEqual(answeredAt ?? Infinity)
    become(well)
    await look()
    expect(store.health().failingSince).toBeNull()
  })
})

describe('pace', () => {
  it('a burst goes at once, more as fast as the pace, and nothing is lost', async () => {
    const reserve = openPace(() => performance.now())
    const { look, asked, store } = await setUp({
      reserve: (patienceMs) => reserve('shop', { perSecond: 20, burst: 5 }, patienceMs),
    })
    const started = performance.now()
    const looks = Promise.all(Array.from({ length: 15 }, look))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(store.health()).toMatchObject({ breaker: 'closed', waiting: 10 })
    expect(await looks).toEqual(Array(15).fill('ok'))
    expect(store.health().waiting).toBe(0)
    const tookMs = performance.now() - started
    expect(asked).toHaveLength(15)
    // Ten above the burst, fifty milliseconds each.
    expect(tookMs).toBeGreaterThanOrEqual(490)
  })
  it('no turn too far off is waited for: provably unsent, with the time to come back', async () => {
    const { look, cancel, asked } = await setUp({ reserve: async () => PATIENCE_MS + 5_000 })
    expect(await look()).toBe('not sent: the pace is used up')
    await expect(cancel()).rejects.toMatchObject({
      failure: { kind: 'unsent', code: 'platform-throttled', retryAfterMs: PATIENCE_MS + 5_000 },
    })
    expect(asked).toEqual([])
  })
})

describe('a turn', () => {
  it('that the ledger cannot give: a cancel is provably unsent, a read hears of it', async () => {
    const { look, cancel, asked } = await setUp({
      reserve: () => Promise.reject(new Error('ledger away')),
    })
    await expect(cancel()).rejects.toMatchObject({
      failure: { kind: 'unsent', result: 'not sent: the ledger gave no turn' },
    })
    await expect(look()).rejects.toThrow('ledger away')
    expect(asked).toEqual([])
  })
  it.each([
    ['fell sick', reset, 'the platform does not answer'],
    ['asked for a rest', status(429, { 'retry-after': '30' }), 'the platform asked for a rest'],
  ])('that was waited for while the platform %s is not taken', async (_, listener, result) => {
    let waitMs = 1_000
    const { look, cancel, asked, become, store } = await setUp({ reserve: async () => waitMs })
    const sent = cancel()
    sent.catch(() => {})
    await vi.waitFor(() => expect(store.health().waiting).toBe(1), { interval: 1, timeout: 20_000 })
    waitMs = 0
    become(listener)
    await Promise.all(Array.from({ length: 5 }, look))
    await expect(sent).rejects.toMatchObject({
      failure: { kind: 'unsent', result: `not sent: ${result}` },
    })
    expect(asked.filter((line) => line.startsWith('POST'))).toEqual([])
  })
})

describe('breaker', () => {
  const sick: readonly (readonly [string, RequestListener])[] = [
    ['resets', reset],
    ['503', status(503)],
    ['504', status(504)],
    ['silence', () => {}],
  ]

  it.each(sick)(
    'opens after five calls that met %s; then nothing is sent until a rest is over',
    async (_, listener) => {
      const { look, cancel, asked, become, store } = await setUp()
      become(listener)
      await Promise.all(Array.from({ length: 5 }, look))
      expect(asked).toHaveLength(5)
      expect(store.cooldownMs()).toBeGreaterThan(REST_MS - 1_500)
      expect(store.health()).toMatchObject({ breaker: 'open', waiting: 0 })
      become(well)
      expect(await look()).toBe('not sent: the platform does not answer')
      await expect(cancel()).rejects.toMatchObject({
        failure: { kind: 'unsent', code: 'platform-unavailable' },
      })
      expect(asked).toHaveLength(5)
    },
  )
  it('what finds out whether the platform is well again is a read, never a cancel', async () => {
    const { look, cancel, asked, become, store } = await setUp()
    become(reset)
    await Promise.all(Array.from({ length: 5 }, look))
    become(well)
    await new Promise((resolve) => setTimeout(resolve, store.cooldownMs() + 5))
    expect([store.cooldownMs(), store.health().breaker]).toEqual([0, 'half-open'])
    await expect(cancel()).rejects.toMatchObject({ failure: { kind: 'unsent' } })
    expect(asked.filter((line) => line.startsWith('POST'))).toEqual([])
    expect(await look()).toBe('ok')
    expect(store.health().breaker).toBe('closed')
    await cancel()
    expect(asked.filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })
  it('a rest is over in its time, also where the wall clock was set back meanwhile', async () => {
    const { look, become, store } = await setUp()
    become(reset)
    await Promise.all(Array.from({ length: 5 }, look))
    become(well)
    const real = Date.now
    const set = vi.spyOn(Date, 'now').mockImplementation(() => real() - 3_600_000)
    onTestFinished(() => set.mockRestore())
    await new Promise((resolve) => setTimeout(resolve, store.cooldownMs() + 5))
    await look()
    expect(await look()).toBe('ok')
  })
  it('a platform that refuses, or errs over one order, is well', async () => {
    const { look, asked, become, store } = await setUp()
    for (const code of [400, 401, 404, 500]) {
      become(status(code))
      for (let again = 0; again < 6; again++) await look()
    }
    expect([asked.length, store.cooldownMs()]).toEqual([24, 0])
  })
})

describe('Retry-After', () => {
  it.each([
    ['seconds', () => '30'],
    ['a date', () => new Date(Date.now() + 30_000).toUTCString()],
  ])('in %s keeps everybody away from the store', async (_, value) => {
    const { look, asked, become, store } = await setUp()
    become(status(429, { 'retry-after': value() }))
    expect(await look()).toBe('429')
    become(well)
    expect(await look()).toBe('not sent: the platform asked for a rest')
    expect(asked).toHaveLength(1)
    expect(store.cooldownMs()).toBeGreaterThan(28_000)
    expect(store.cooldownMs()).toBeLessThanOrEqual(31_000)
  })
  it('a short rest is waited for', async () => {
    const { look, asked, become } = await setUp()
    become(status(429, { 'retry-after': '1' }))
    await look()
    become(well)
    const started = performance.now()
    expect(await look()).toBe('ok')
    expect(performance.now() - started).toBeGreaterThan(900)
    expect(asked).toHaveLength(2)
  })
  it('at most a minute, whatever the platform says', async () => {
    const { look, become, store } = await setUp()
    become(status(429, { 'retry-after': '86400' }))
    await look()
    expect(store.cooldownMs()).toBeLessThanOrEqual(60_000)
  })
})
