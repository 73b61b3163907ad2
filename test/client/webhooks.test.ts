/** The client's webhooks, against a gateway that has some and a receiver that listens. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient, RescindError, verify, type WebhookEvent } from '../../src/client/index.ts'
import { fetchTransport } from '../../src/connection/transport.ts'
import { attemptOf } from '../../src/gateway/deliveries/attempt.ts'
import { createWebhooks } from '../../src/gateway/deliveries/service.ts'
import { readSecret } from '../../src/connection/signing.ts'
import { type Webhook, webhookId } from '../../src/gateway/deliveries/webhook.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { createApp } from '../../src/http/app.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { steadyNow } from '../../src/model/time.ts'
import { serve } from '../http/node.ts'
import { thrown } from './setup.ts'

const SECRET = `whsec_${btoa('a secret of 24 bytes ...')}`

/** A client of a gateway that tells this receiver, and what that was told. */
const open = async (status: number) => {
  const told: WebhookEvent[] = []
  const receiver = await serve({
    fetch: async (request) => {
      told.push(await verify(request.headers, await request.text(), SECRET))
      return new Response(null, { status })
    },
  })
  const webhook: Webhook = {
    id: webhookId('local', 'orders'),
    caller: 'local',
    name: 'orders',
    url: receiver.url,
    keys: [readSecret(SECRET) as Uint8Array<ArrayBuffer>],
    events: null,
    stores: null,
    reach: { allowHttp: false, allowPrivate: true, allowLoopback: true },
  }
  const ledger = openMemoryLedger()
  const transport = fetchTransport((url, init) => fetch(url, init))
  const gateway = await serve(
    createApp({
      gateway: createGateway({ ledger, stores: new Map(), timing: timing() }),
      webhooks: createWebhooks({
        deliveries: ledger.deliveries,
        webhooks: [webhook],
        send: (to, id, body) => attemptOf(transport, to, id, body, steadyNow()),
        wake: () => {},
        now: steadyNow,
      }),
      ready: ledger.ready,
      callers: null,
      adapters: [],
    }),
  )
  onTestFinished(async () => {
    await gateway.close()
    await receiver.close()
  })
  const client = createClient({ baseUrl: gateway.url, timeoutMs: 5_000 })
  return { ...client, told, webhook, deliveries: ledger.deliveries }
}

describe('webhooks', () => {
  it('are listed, tried, and a try is told as it is', async () => {
    const { webhooks, told } = await open(204)
    expect(await webhooks.list()).toMatchObject([{ name: 'orders', enabled: true, pending: 0 }])
    expect(await webhooks.test('orders')).toEqual({ delivered: true, result: '204' })
    expect(told.map(({ type }) => type)).toEqual(['webhook.test'])
  })

  it('a try that fails is an answer, and is not made again', async () => {
    const { webhooks, told } = await open(500)
    expect(await webhooks.test('orders')).toEqual({ delivered: false, result: '500' })
    expect(told).toHaveLength(1)
  })

  it('are switched on, and told again what changed in a time', async () => {
    const { webhooks, webhook, deliveries } = await open(204)
    expect(await webhooks.enable('orders')).toMatchObject({ name: 'orders', enabled: true })
    const at = Date.parse('2025-11-21T12:00:00Z')
    const body = '{"type":"cancellation.succeeded"}'
    const type = 'cancellation.succeeded'
    await deliveries.owe([{ webhook: webhook.id, subject: 'can_1', revision: 1, type, body, at }])
    const [row] = await deliveries.next(webhook.id, 1)
    if (!row) throw new Error('nothing is owed')
    await deliveries.settle(row, 'delivered', '204', at)
    const since = new Date(at)
    expect(await webhooks.replay('orders', { since, until: '2025-11-21T13:00:00+01:00' })).toBe(1)
    expect((await webhooks.list())[0]?.pending).toBe(1)
    await deliveries.settle(row, 'delivered', '204', at)
    expect(await webhooks.replay('orders', { since: new Date(at + 1) })).toBe(0)
  })

  it('one that is not there is refused by its code', async () => {
    const { webhooks } = await open(204)
    expect((await thrown(webhooks.test('others'), RescindError)).code).toBe('webhook-not-found')
    await expect(webhooks.enable('..')).rejects.toThrow('name is missing')
  })
})
