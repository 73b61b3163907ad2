/** Shops on Workers, each on an account of its own, and a receiver that can be away. */
import { onTestFinished } from 'vitest'
import { verify } from '../../src/client/index.ts'
import worker from '../../src/hosts/workers/index.ts'
import { type Client, clientOf, configOf } from '../http/host.ts'
import { openPlatform } from '../http/platform.ts'
import { type Bound, listen, openBound } from './hosts.ts'

const SECRET = `whsec_${btoa('a secret of thirty-two bytes here')}`
const KEY = 'rsk_erp'

interface Told {
  readonly id: string | null
  readonly event: { readonly type: string; readonly data: Record<string, unknown> }
}

let count = 0

export const openShops = async (shops: readonly string[]) => {
  const name = `w${++count}`
  const told: Told[] = []
  const receiver = { status: 204 }
  listen(`receiver.${name}.test`, async (request) => {
    const body = await request.text()
    if (receiver.status === 204) {
      const event = await verify(Object.fromEntries(request.headers), body, SECRET)
      told.push({ id: request.headers.get('webhook-id'), event: event as Told['event'] })
    }
    return new Response(null, { status: receiver.status })
  })
  const platforms = new Map(shops.map((store) => [store, openPlatform()]))
  for (const [store, platform] of platforms)
    listen(`${store}.${name}.test`, (request) => platform.fetch(request))
  const callers = [
    { name: 'erp', key: KEY, scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
    { name: 'other', key: 'rsk_other', scopes: ['read'], stores: ['*'] },
  ] as const
  const config = await configOf(
    { callers, stores: shops },
    (store) => `https://${store}.${name}.test`,
  )
  const webhook = { name: 'orders', url: `https://receiver.${name}.test/hook`, secret: SECRET }
  const [erp, other] = config.callers
  const bound: Bound = openBound({
    RESCIND_CONFIG: JSON.stringify({
      ...config,
      stores: config.stores.map((store) => ({ ...store, sweep: { everyMs: 10_000 } })),
      callers: [{ ...erp, webhooks: [{ ...webhook, events: ['*'] }] }, other],
    }),
  })
  onTestFinished(() => bound.host.close())
  const ask: Client = clientOf(bound.host, KEY)
  /** Somebody cancels an order in a shop's own admin. */
  const cancelThere = async (shop: string, orderId: string) => {
    const reply = await platforms.get(shop)?.fetch(
      new Request(`https://${shop}.test/admin/orders/${orderId}/cancel`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa('sk_sandbox:')}` },
      }),
    )
    if (reply?.status !== 200) throw new Error(`the shop answered ${reply?.status}`)
  }
  const tick = () => worker.scheduled({}, bound.bindings())
  return { bound, ask, told, receiver, platforms, cancelThere, tick }
}

export const cancel = async (ask: Client, store: string, orderId = 'order_paid') =>
  (await ask('POST', '/v1/cancellations', { store, orderId })).body
