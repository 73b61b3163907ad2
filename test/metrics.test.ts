/**
 * What /metrics tells, over HTTP and beside the log: what needs a person, doubt, calls, the ledger;
 * and what it never tells.
 */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../src/connection/store.ts'
import type { Webhook } from '../src/gateway/deliveries/webhook.ts'
import type { StoreHealth } from '../src/connection/health.ts'
import { openMetrics } from '../src/hosts/node/metrics.ts'
import { openMemoryLedger } from '../src/ledger/memory/memory.ts'
import { newHealth } from '../src/model/delivery.ts'
import { alertHealth } from '../src/alerts/teller.ts'
import { alertOf } from './alerts/people.ts'
import { owedTo, START, webhookTo } from './gateway/deliveries/receiver.ts'
import { type Client, clientOf, configOf, until } from './http/host.ts'
import { openNode, serve, type Served } from './http/node.ts'
import { openPlatform } from './http/platform.ts'
import { openProgram, type Program } from './http/program.ts'
import { link } from './ledger/links.ts'
import { samplesOf } from './samples.ts'

const WELL: StoreHealth = {
  breaker: 'closed',
  waiting: 0,
  restMs: 0,
  answeredAt: null,
  failingSince: null,
  refusedSince: null,
}

const callers = [
  { name: 'admin', key: 'rsk_admin', scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
  { name: 'parisian', key: 'rsk_paris', scopes: ['read', 'cancel', 'operate'], stores: ['paris'] },
  { name: 'canceler', key: 'rsk_cancel', scopes: ['cancel'], stores: ['*'] },
] as const

describe('a gateway that is scraped', () => {
  let platform: Served
  let gateway: Program
  let ask: Client
  beforeAll(async () => {
    const medusa = openPlatform()
    let away = true
    platform = await serve({
      fetch(request) {
        if (request.url.endsWith('/order_open-hang/cancel')) return new Promise(() => {})
        if (!away || !/order_open-away\b/.test(request.url)) return medusa.fetch(request)
        away = false
        return new Response(null, { status: 503 })
      },
    })
    // A doubt that lasts as long as the test.
    gateway = await openProgram(
      await configOf(
        { callers, stores: ['paris', 'london'], timing: { callTimeoutMs: 400, settleMs: 60_000 } },
        () => platform.url,
      ),
    )
    ask = clientOf(gateway, 'rsk_admin')
  })
  afterAll(async () => {
    await gateway?.close()
    await platform?.close()
  })
  const scrape = async () => samplesOf((await ask('GET', '/metrics')).text)

  it('is Prometheus’ text, for who may read every store', async () => {
    const { status, headers, text } = await ask('GET', '/metrics')
    expect([status, headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect(text).toMatch(
      /^# HELP rescind_cancellations_open .+\n# TYPE rescind_cancellations_open gauge$/m,
    )
    expect(text).toMatch(/^process_cpu_seconds_total \d/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds \d/m)
    for (const [key, refused] of [
      [undefined, 401],
      ['rsk_nobody', 401],
      ['rsk_cancel', 403],
      ['rsk_paris', 403],
    ] as const) {
      const answer = await clientOf(gateway, key)('GET', '/metrics')
      expect([key, answer.status, answer.text.includes('rescind_')]).toEqual([key, refused, false])
    }
  })

  it('what needs a person is in the log and in the metrics, until it is resolved', async () => {
    const before = await scrape()
    expect([
      before.get('rescind_cancellations_open{status="needs_attention"}'),
      before.get('rescind_oldest_seconds{status="needs_attention"}'),
    ]).toEqual([0, 0])
    const { status, body } = await ask('POST', '/v1/cancellations', {
      store: 'paris',
      orderId: 'order_400-after-refund',
    })
    expect([status, body.code]).toEqual([409, 'needs-attention'])
    const id = body.cancellation.split('/').at(-1)
    const noted = () => gateway.lines().filter(({ msg }) => msg === 'needs attention')
    await expect.poll(noted).not.toEqual([])
    expect(noted()).toEqual([
      {
        level: 'warn',
        time: expect.any(String),
        cancellation: id,
        status: 'needs_attention',
        store: 'paris',
        platform: 'medusa',
        target: 'order',
        version: expect.any(Number),
        attempts: 1,
        result: '400',
        ms: expect.any(Number),
        code: 'needs-attention',
        detail: expect.stringContaining('Money moved'),
        msg: 'needs attention',
      },
    ])
    const during = await scrape()
    const entered =
      'rescind_cancellations_total{platform="medusa",status="needs_attention",store="paris"}'
    expect([
      during.get('rescind_cancellations_open{status="needs_attention"}'),
      during.get(entered),
    ]).toEqual([1, 1])
    expect(during.get('rescind_oldest_seconds{status="needs_attention"}')).toBeGreaterThan(0)

    expect(
      (await ask('POST', `/v1/cancellations/${id}/resolve`, { as: 'canceled', note: 'seen' }))
        .status,
    ).toBe(200)
    const after = await scrape()
    expect([
      after.get('rescind_cancellations_open{status="needs_attention"}'),
      after.get('rescind_oldest_seconds{status="needs_attention"}'),
      after.get(entered),
    ]).toEqual([0, 0, 1])
    for (const status of ['accepted', 'sending', 'succeeded'])
      expect(after.get(entered.replace('needs_attention', status)), status).toBe(1)
    expect(gateway.lines().filter(({ msg }) => msg === 'needs attention')).toHaveLength(1)
  })

  it('looking again in the same status is no new one', async () => {
    expect(
      (await ask('POST', '/v1/cancellations', { store: 'london', orderId: 'order_open-away' }))
        .status,
    ).toBe(201)
    const samples = await scrape()
    expect(
      gateway
        .lines()
        .filter(
          ({ msg, store, status }) =>
            msg === 'saved' && store === 'london' && status === 'accepted',
        ).length,
    ).toBeGreaterThan(1)
    for (const status of ['accepted', 'sending', 'succeeded'])
      expect(
        samples.get(
          `rescind_cancellations_total{platform="medusa",status="${status}",store="london"}`,
        ),
        status,
      ).toBe(1)
    expect(
      samples.get(
        'rescind_platform_call_seconds_count{method="GET",platform="medusa",result="5xx"}',
      ),
    ).toBe(1)
  })

  it('a doubt is counted, ages, and its call is a timeout', async () => {
    const asked = await ask(
      'POST',
      '/v1/cancellations',
      { store: 'london', orderId: 'order_open-hang' },
      { prefer: 'respond-async' },
    )
    expect(
      (
        await until(
          () => ask('GET', asked.headers.get('location') ?? ''),
          ({ body }) => body.status === 'in_doubt',
        )
      ).body.status,
    ).toBe('in_doubt')
    const samples = await scrape()
    expect(samples.get('rescind_cancellations_open{status="in_doubt"}')).toBe(1)
    // Counted from the call, not from its end.
    expect(samples.get('rescind_oldest_seconds{status="in_doubt"}')).toBeGreaterThanOrEqual(0.4)
    expect(
      samples.get(
        'rescind_platform_call_seconds_count{method="POST",platform="medusa",result="timeout"}',
      ),
    ).toBe(1)
    expect(
      samples.get(
        'rescind_platform_call_seconds_count{method="POST",platform="medusa",result="4xx"}',
      ),
    ).toBe(1)
    expect(
      samples.get(
        'rescind_platform_call_seconds_count{method="GET",platform="medusa",result="2xx"}',
      ),
    ).toBeGreaterThan(2)
    expect(samples.get('rescind_ledger_lag_seconds{store="london"}')).toBeLessThan(5)
    expect([
      samples.get('rescind_store_breaker{store="london"}'),
      samples.get('rescind_store_waiting{store="london"}'),
    ]).toEqual([0, 0])
    expect(samples.get('rescind_ledger_operation_seconds_count{operation="claim"}')).toBe(3)
    expect(
      samples.get(
        'rescind_http_requests_total{method="POST",route="/v1/cancellations",status="202"}',
      ),
    ).toBe(1)
  })

  it('names stores, platforms and patterns, never an order, a record or a caller', async () => {
    for (const path of [
      '/canary',
      '/v1/stores/canary',
      '/v1/cancellations/canary',
      '/v1/stores/paris/orders/order_canary',
      '/problems/canary',
    ])
      await ask('GET', path)
    await ask('DELETE', '/v1/cancellations/canary')
    const { text } = await ask('GET', '/metrics')
    expect(text).not.toMatch(/canary|order_|can_0|admin|rsk_|127\.0/)
    const labels = new Map<string, Set<string>>()
    for (const [, name = '', value = ''] of text.matchAll(/(?<=rescind_.*)\b(\w+)="([^"]*)"/g))
      labels.set(name, (labels.get(name) ?? new Set()).add(value))
    expect([...labels.keys()].sort()).toEqual([
      'le',
      'method',
      'operation',
      'platform',
      'result',
      'route',
      'status',
      'store',
    ])
    expect([...(labels.get('store') ?? [])].sort()).toEqual(['london', 'paris'])
    expect(
      [...(labels.get('route') ?? [])].filter(
        (route) =>
          !/^(\/v1\/(cancellations|stores)(\/:\w+(\/\w+(\/:\w+)?)?)?|\/problems\/:code|\/metrics|\/\*)$/.test(
            route,
          ),
      ),
    ).toEqual([])
  })
})

describe('what cannot be read is not there', () => {
  it('a ledger that fails: its figures are left out, its failures counted', async () => {
    const host = await openNode()
    const disk = new DatabaseSync(join(host.folder, 'ledger.db'))
    try {
      const ask = clientOf(host)
      expect(
        samplesOf((await ask('GET', '/metrics')).text).get(
          'rescind_cancellations_open{status="accepted"}',
        ),
      ).toBe(0)
      disk.exec('alter table cancellations rename to gone')
      const samples = samplesOf((await ask('GET', '/metrics')).text)
      expect(
        [...samples.keys()].filter((name) =>
          /^rescind_(cancellations_open|oldest|ledger_lag)/.test(name),
        ),
      ).toEqual([])
      expect(samples.get('rescind_ledger_failures_total{operation="figures"}')).toBe(1)
      expect(
        samples.get('rescind_http_requests_total{method="GET",route="/metrics",status="200"}'),
      ).toBe(1)
      disk.exec('alter table gone rename to cancellations')
    } finally {
      disk.close()
      await host.close()
    }
  })

  it('webhooks tell what they are owed, stores what they heard, links that they diverged', async () => {
    const now = START + 60_000
    const ledger = openMemoryLedger(() => now)
    const webhooks = ['well', 'ill'].map((name) => webhookTo('https://erp.example.com/', { name }))
    const [well, ill] = webhooks as [Webhook, Webhook]
    await ledger.deliveries.owe(['can_1', 'can_2'].map((subject) => owedTo(ill, subject)))
    await ledger.deliveries.saveHealth(ill.id, {
      ...newHealth(ill.url),
      enabled: false,
      failingSince: START + 30_000,
    })
    const heard = {
      store: 'paris',
      orderId: 'o-1',
      namesCancellation: true,
      by: 'webhook',
    } as const
    await ledger.notices.hear([{ ...heard, at: START + 50_000 }])
    const stores = new Map(['paris', 'london'].map((id) => [id, { health: () => WELL }]))
    const samples = samplesOf(await openMetrics(() => now).text(ledger, stores, webhooks))
    const of = ({ name }: Webhook) =>
      ['pending', 'oldest_seconds', 'failing_seconds', 'enabled'].map((figure) =>
        samples.get(`rescind_webhook_${figure}{caller="erp",webhook="${name}"}`),
      )
    expect([of(well), of(ill)]).toEqual([
      [0, 0, 0, 1],
      [2, 60, 30, 0],
    ])
    expect(
      ['paris', 'london'].flatMap((store) =>
        ['waiting', 'oldest_seconds'].map((figure) =>
          samples.get(`rescind_notices_${figure}{store="${store}"}`),
        ),
      ),
    ).toEqual([1, 10, 0, 0])
    expect(samples.get('rescind_links_diverged{}')).toBe(0)
    const alert = alertOf()
    const { version, url } = await alertHealth(ledger, alert)
    await ledger.deliveries.saveHealth(alert.id, {
      ...newHealth(url),
      version,
      failingSince: START + 40_000,
    })
    expect(
      samplesOf(await openMetrics(() => now).text(ledger, stores, [], [], [alert])).get(
        'rescind_alert_failing_seconds{alert="ops"}',
      ),
    ).toBe(20)
    await ledger.links.save(link('SO-1', ['paris 1', 'london 1'], { status: 'diverged' }))
    expect(
      samplesOf(await openMetrics().text(ledger, stores)).get('rescind_links_diverged{}'),
    ).toBe(1)
  })

  it('keys tell how long they are still taken, where they have an end', async () => {
    const key = (name: string | null, expiresAt: number | null) => ({
      caller: { name: 'erp', key: name, scopes: [], stores: null },
      expiresAt,
    })
    const keys = [key('soon', Date.now() + 60_000), key('over', 0), key('never', null)]
    const text = await openMetrics().text(openMemoryLedger(), new Map(), [], keys)
    const samples = samplesOf(text)
    const of = (name: string) =>
      samples.get(`rescind_key_expires_seconds{caller="erp",key="${name}"}`)
    expect(of('soon')).toBeGreaterThan(50)
    expect(of('soon')).toBeLessThanOrEqual(60)
    expect(of('over')).toBeLessThan(0)
    expect(of('never')).toBeUndefined()
  })

  it('stores tell of their breaker and their pace; ages and lag are from the clock', async () => {
    const stores = new Map<string, Pick<Store, 'health'>>([
      ['paris', { health: () => ({ ...WELL, breaker: 'open', waiting: 3, restMs: 4_500 }) }],
      ['london', { health: () => ({ ...WELL, breaker: 'half-open' }) }],
    ])
    const figures = {
      counts: { accepted: 1, sending: 0, in_doubt: 2, needs_attention: 0 },
      oldestDoubtAt: 2_500,
      oldestAttentionAt: null,
      awaitingApproval: 0,
      nextDueAt: [9_000, 11_000],
    }
    const samples = samplesOf(
      await openMetrics(() => 10_000).text(
        { ...openMemoryLedger(), figures: async () => figures },
        stores,
      ),
    )
    const of = (store: string) =>
      ['breaker', 'waiting', 'resting_seconds']
        .map((name) => samples.get(`rescind_store_${name}{store="${store}"}`))
        .concat(samples.get(`rescind_ledger_lag_seconds{store="${store}"}`))
    expect([of('paris'), of('london')]).toEqual([
      [2, 3, 4.5, 1],
      [1, 0, 0, 0],
    ])
    expect(samples.get('rescind_oldest_seconds{status="in_doubt"}')).toBe(7.5)
  })
})
