/**
 * Metrics on Workers: what the objects tell, added up, under the names of Node; what an object does
 * not tell is not there.
 */
import { runInDurableObject } from 'cloudflare:test'
import { expect, it, onTestFinished } from 'vitest'
import { clientOf } from '../http/host.ts'
import { openWorker } from './hosts.ts'
import { openShops } from './shops.ts'

const callers = [
  { name: 'admin', key: 'rsk_admin', scopes: ['read', 'cancel', 'operate'], stores: ['*'] },
  { name: 'parisian', key: 'rsk_paris', scopes: ['read'], stores: ['paris'] },
] as const

/** The samples of a text, by name and labels. */
const samplesOf = (text: string): Record<string, number> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name = '', value] = /^(rescind_\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
        return [name, Number(value)]
      }),
  )

const open = async () => {
  const host = await openWorker({ callers, stores: ['paris', 'london'] })
  onTestFinished(() => host.close())
  const ask = clientOf(host, 'rsk_admin')
  return { host, ask, scrape: async () => samplesOf((await ask('GET', '/metrics')).text) }
}

it('adds up what each account’s object tells, for who reaches every store', async () => {
  const { host, ask, scrape } = await open()
  const quiet = await scrape()
  expect(quiet).toMatchObject({
    'rescind_cancellations_open{status="needs_attention"}': 0,
    'rescind_oldest_seconds{status="needs_attention"}': 0,
    'rescind_ledger_lag_seconds{store="paris"}': 0,
    'rescind_store_breaker{store="london"}': 0,
    'rescind_notices_waiting{store="london"}': 0,
    rescind_links_diverged: 0,
  })
  for (const store of ['paris', 'london'])
    await ask('POST', '/v1/cancellations', { store, orderId: 'order_400-after-refund' })
  const { text, headers } = await ask('GET', '/metrics')
  expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(text).toMatch(
    /^# HELP rescind_cancellations_open .+\n# TYPE rescind_cancellations_open gauge$/m,
  )
  const samples = samplesOf(text)
  expect(samples['rescind_cancellations_open{status="needs_attention"}']).toBe(2)
  expect(samples['rescind_oldest_seconds{status="needs_attention"}']).toBeGreaterThan(0)
  expect(Object.values(samples).filter((value) => !Number.isFinite(value))).toEqual([])
  // What only a process could count is not claimed.
  expect(text).not.toMatch(/_total|_bucket|order_|can_0|rsk_|admin/)
  for (const [key, status] of [
    [undefined, 401],
    ['rsk_paris', 403],
  ] as const)
    expect((await clientOf(host, key)('GET', '/metrics')).status).toBe(status)
})

it('an object whose ledger fails is not counted as if there were nothing', async () => {
  const { host, scrape } = await open()
  await scrape()
  await runInDurableObject(host.object(host.account('paris')), (_, { storage }) => {
    storage.sql.exec('alter table cancellations rename to gone')
  })
  const samples = await scrape()
  expect(Object.keys(samples).filter((name) => name.includes('cancellations_open'))).toEqual([])
  expect(samples['rescind_store_breaker{store="london"}']).toBe(0)
})

it('tells of webhooks by their callers, over all objects that owe them', async () => {
  const { ask, receiver } = await openShops(['paris', 'rome'])
  receiver.status = 500
  for (const store of ['paris', 'rome'])
    await ask('POST', '/v1/cancellations', { store, orderId: 'order_paid' })
  const labels = '{caller="erp",webhook="orders"}'
  await expect
    .poll(async () => samplesOf((await ask('GET', '/metrics')).text))
    .toMatchObject({
      [`rescind_webhook_pending${labels}`]: 2,
      [`rescind_webhook_enabled${labels}`]: 1,
      [`rescind_webhook_failing_seconds${labels}`]: expect.any(Number),
    })
})
