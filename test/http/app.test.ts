/**
 * What only an application built for the test can show: faults inside, what is logged, how a pace
 * refills.
 */
import { Hono } from 'hono'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { platforms } from '../../src/hosts/platforms.ts'
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { createAccess, type Env } from '../../src/http/auth.ts'
import { openKeys } from '../../src/http/keys.ts'
import { createApp, type RequestLog } from '../../src/http/app.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { guarded } from '../../src/ledger/rules.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { ProblemError } from '../../src/model/problem.ts'
import { openLoaded } from '../adapter/loaded.ts'
import { clientOf, hashOf } from './host.ts'

const build = (ledger: FullLedger, change: (gateway: Gateway) => Partial<Gateway> = () => ({})) => {
  const faults: unknown[] = []
  const requests: RequestLog[] = []
  const { stores, sandboxes } = openLoaded({ callTimeoutMs: 1_000 })
  const gateway = createGateway({ ledger, stores, timing: timing({ waitMs: 1_000 }) })
  const app = createApp({
    gateway: { ...gateway, ...change(gateway) },
    ready: ledger.ready,
    callers: null,
    adapters: platforms.map(({ adapter }) => adapter),
    sandboxes,
    onRequest: (entry) => void requests.push(entry),
    onFault: (error) => void faults.push(error),
  })
  return {
    app,
    gateway,
    faults,
    requests,
    ask: clientOf({ fetch: async (request) => app.fetch(request) }),
  }
}

const order = { store: 'sandbox-medusa', orderId: 'order_open' }

describe('faults', () => {
  it('a ledger that fails while a caller waits takes nothing back: 202, not 503', async () => {
    const ledger = openMemoryLedger()
    let failing = false
    const { ask, gateway } = build(
      guarded({
        ...ledger,
        get: async (id) => {
          if (failing) throw new Error('disk')
          return ledger.get(id)
        },
      }),
      (real) => ({
        cancel: async (...asked) => {
          const result = await real.cancel(...asked)
          failing = true
          return result
        },
      }),
    )
    const { status, headers, body } = await ask('POST', '/v1/cancellations', order)
    expect([status, body.status, headers.get('location')]).toEqual([
      202,
      'accepted',
      `/v1/cancellations/${body.id}`,
    ])
    expect((await ask('GET', `/v1/cancellations/${body.id}`)).body.code).toBe('ledger-unavailable')
    failing = false
    await gateway.close()
    expect((await ask('GET', `/v1/cancellations/${body.id}`)).body.status).toBe('succeeded')
  })

  it('a ledger that takes no writes accepts nothing', async () => {
    const { ask, faults } = build(
      guarded({
        ...openMemoryLedger(),
        claim: () => Promise.reject(new Error('disk full at /secret/path')),
        ready: () => Promise.reject(new Error('disk full')),
      }),
    )
    for (const answer of [
      await ask('POST', '/v1/cancellations', order),
      await ask('GET', '/readyz'),
    ]) {
      expect([
        answer.status,
        answer.body.code,
        answer.body.acted,
        answer.headers.get('retry-after'),
      ]).toEqual([503, 'ledger-unavailable', 'no', '1'])
      expect(answer.text).not.toMatch(/disk|secret/)
    }
    expect(faults).toHaveLength(2)
    expect((await ask('GET', '/v1/stores/sandbox-medusa/orders/order_open')).body.status).toBe(
      'open',
    )
  })

  it('our own crash is 500 internal, with nothing about the inside', async () => {
    const { ask, faults, requests } = build(openMemoryLedger(), () => ({
      get: () => Promise.reject(new TypeError('inside.secret is undefined')),
    }))
    const { status, text, body } = await ask('GET', '/v1/cancellations/can_x')
    expect([status, body.code, body.retryable, body.acted]).toEqual([
      500,
      'internal',
      true,
      'unknown',
    ])
    expect(text).not.toMatch(/inside\.|TypeError|\.ts|stack/)
    expect(faults).toHaveLength(1)
    expect(requests).toMatchObject([
      { status: 500, code: 'internal', route: '/v1/cancellations/:id' },
    ])
  })
})

describe('what is logged of a request', () => {
  it('its route’s pattern, never its address; the problem’s code; also of a 404', async () => {
    const { ask, requests } = build(openMemoryLedger())
    await ask('GET', '/v1/stores/sandbox-medusa/orders/order_secret?raw=true')
    await ask('GET', '/no-such-secret')
    await ask('DELETE', '/v1/cancellations/secret')
    await ask('POST', '/v1/cancellations', { ...order, orderId: 'order_fulfilled' })
    await ask('POST', '/v1/cancellations', '{"secret":')
    await ask('GET', '/sandbox/medusa/admin/orders/secret')
    await ask('GET', '/healthz')
    expect(
      requests.map(({ method, route, status, caller, code }) => [
        method,
        route,
        status,
        caller,
        code,
      ]),
    ).toEqual([
      ['GET', '/v1/stores/:store/orders/:orderId', 404, 'local', 'order-not-found'],
      ['GET', '/*', 404, null, 'not-found'],
      ['DELETE', '/v1/cancellations/:id', 405, null, 'method-not-allowed'],
      ['POST', '/v1/cancellations', 409, 'local', 'order-not-cancelable'],
      ['POST', '/v1/cancellations', 400, 'local', 'invalid-request'],
      ['GET', '/sandbox/medusa/*', 401, null, null],
      ['GET', '/healthz', 200, null, null],
    ])
    expect(JSON.stringify(requests)).not.toContain('secret')
    expect(Object.keys(requests[0] ?? {}).sort()).toEqual([
      'caller',
      'code',
      'method',
      'ms',
      'requestId',
      'route',
      'status',
    ])
  })
})

const caller = async (name: string, ...keys: string[]) => ({
  name,
  keyHash: await Promise.all(keys.map(hashOf)),
  scopes: ['read' as const],
  stores: ['*'],
  limits: undefined,
})

describe('a pace', () => {
  it('refills evenly, up to its size', async () => {
    let now = 0
    const app = new Hono<Env>()
      .get(
        '/',
        createAccess(
          openKeys([{ ...(await caller('slow', 'k')), limits: { perMinute: 6 } }]),
          undefined,
          { now: () => now },
        )('read'),
        (c) => c.text('in'),
      )
      .onError((error, c) => c.text((error as ProblemError).headers['retry-after'] ?? '?', 429))
    const knock = async () =>
      (await app.request('/', { headers: { authorization: 'Bearer k' } })).text()
    const knocks = async (times: number) => {
      const said = []
      for (let time = 0; time < times; time++) said.push(await knock())
      return said
    }
    expect(await knocks(7)).toEqual([...Array(6).fill('in'), '10'])
    now += 4_000
    expect(await knock()).toBe('6')
    now += 6_000
    expect(await knocks(2)).toEqual(['in', '10'])
    now += 3_600_000
    expect(await knocks(7)).toEqual([...Array(6).fill('in'), '10'])
    // A clock that was set back costs nobody an hour.
    now -= 3_600_000
    expect(await knock()).toBe('10')
    now += 10_000
    expect(await knocks(2)).toEqual(['in', '10'])
  })

  it('goes by a clock that nobody can set', async () => {
    const wall = vi.spyOn(Date, 'now')
    onTestFinished(() => wall.mockRestore())
    const app = new Hono<Env>()
      .get(
        '/',
        createAccess(openKeys([{ ...(await caller('slow', 'k')), limits: { perMinute: 600 } }]))(
          'read',
        ),
        (c) => c.text('in'),
      )
      .onError((error, c) => c.text((error as ProblemError).headers['retry-after'] ?? '?', 429))
    const knock = async () =>
      (await app.request('/', { headers: { authorization: 'Bearer k' } })).text()
    for (let time = 0; time < 600; time++) await knock()
    wall.mockReturnValue(Date.now() + 60_000)
    for (let time = 0; time < 100; time++) await knock()
    expect(await knock()).toBe('1')
  })
})
