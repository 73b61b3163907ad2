/** A Worker whose stores' addresses change, for the tests of where a ledger is. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { clientOf, type HostOptions } from '../http/host.ts'
import { openWorker, type WorkerHost } from './hosts.ts'

const callers = [
  { name: 'erp', key: 'rsk_erp', scopes: ['cancel', 'read', 'operate'], stores: ['*'] },
] as const
export const LINKS = 'all links'
export const DIRECTORY = 'the directory'

export let host: WorkerHost

/**
 * A Worker whose stores are where `addresses` says; whoever asks any address in `known` reaches
 * that one's shop.
 */
export const open = async (
  addresses: Readonly<Record<string, string>>,
  known: readonly string[],
  timing: HostOptions['timing'] = {},
) => {
  host = await openWorker({ callers, stores: known, timing }, (address) => address)
  const {
    stores: [sample],
    ...rest
  } = JSON.parse(host.config['RESCIND_CONFIG'] ?? '')
  /**
   * Deploys: the front and all objects that are awake start anew, with the stores at these
   * addresses.
   */
  const deploy = async (
    next: Readonly<Record<string, string>>,
    more: Readonly<Record<string, string>> = {},
  ) => {
    const awake = [...new Set(host.asked)].filter((name) => name !== DIRECTORY)
    host.deploy({
      RESCIND_CONFIG: JSON.stringify({
        ...rest,
        stores: Object.entries(next).map(([id, address]) => ({
          ...sample,
          id,
          settings: { ...sample.settings, baseUrl: `https://${address}` },
        })),
      }),
      ...more,
    })
    for (const name of awake) await evictDurableObject(host.object(name))
    host.asked.length = 0
  }
  await deploy(addresses)
  return { ask: clientOf(host, 'rsk_erp'), deploy }
}
/** What is asked at one address arrives at the shop of another: it has moved, or has two names. */
export const leads = (from: string, to: string) =>
  host.between(from, (request) => host.platform(to).fetch(request))
/** Which objects were asked, but for those that know where and with whom a store is. */
export const objects = () =>
  [...new Set(host.asked)].filter((name) => name !== DIRECTORY && name !== LINKS).sort()
export const kept = (object: string) =>
  runInDurableObject(host.object(object), (_, { storage }) =>
    storage.sql
      .exec('select store, order_id from cancellations')
      .toArray()
      .map(({ store, order_id }) => `${String(store)} ${String(order_id)}`),
  )
export const isCancel = ({ method, url }: Request) => method === 'POST' && url.endsWith('/cancel')
export const KEY = { 'idempotency-key': 'one-wish' }
