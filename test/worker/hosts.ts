/** The HTTP suite's host on Workers: requests and answers through workerd, objects with their own SQLite, platforms in the place of the network. */
import { env, exports } from 'cloudflare:workers'
import type { AccountStub } from '../../src/front.ts'
import type { Bindings } from '../../src/worker.ts'
import { configOf, type Host, type HostOptions } from '../http/host.ts'
import { openPlatform } from '../http/platform.ts'

type Network = (request: Request) => Promise<Response>

/** What the tests and the Worker under test share: both live in one isolate. */
const hosts = new Map<string, Bindings>()
const objects = new Map<string, Bindings>()
const network = new Map<string, Network>()

export const bindingsOf = (hostname: string): Bindings | undefined => hosts.get(hostname)
export const bindingsOfObject = (id: string): Bindings | undefined => objects.get(id)

globalThis.fetch = (async (input: string, init?: RequestInit) => {
  const request = new Request(input, init)
  const { hostname } = new URL(request.url)
  const platform = network.get(hostname)
  if (!platform) throw new TypeError(`there is no ${hostname}`)
  return platform(request)
}) as typeof fetch

let count = 0

export interface WorkerHost extends Host {
  /** The object of an account. */
  object(account: string): AccountStub
  /** The account of a configured store. */
  account(store: string): string
  /** Puts something between the gateway and a store's platform. */
  between(store: string, change: (request: Request, go: Network) => Promise<Response>): void
}

/** A host with these bindings, as an operator would set them. */
export const openBindings = (settings: Readonly<Record<string, string>>, name = `h${++count}.test`): Omit<WorkerHost, 'platform' | 'between' | 'account'> => {
  const bindings: Bindings = {
    ACCOUNTS: {
      idFromName(account) {
        const id = env.ACCOUNTS.idFromName(`${name}/${account}`)
        objects.set(id.toString(), bindings)
        return id
      },
      get: (id) => env.ACCOUNTS.get(id),
    },
    LOG_LEVEL: 'silent', ...settings,
  }
  hosts.set(name, bindings)
  return {
    object: (account) => bindings.ACCOUNTS.get(bindings.ACCOUNTS.idFromName(account)),
    async fetch(request) {
      const url = new URL(request.url)
      const body = request.body === null ? null : await request.arrayBuffer()
      return exports.default.fetch(new Request(`http://${name}${request.url.slice(url.origin.length)}`, { method: request.method, headers: request.headers, body, redirect: 'manual' }))
    },
    async close() { hosts.delete(name) },
  }
}

export const openWorker = async (options?: HostOptions): Promise<WorkerHost> => {
  const name = `h${++count}.test`
  const account = (store: string) => `${store}.${name}`
  const platforms = new Map((options?.stores ?? []).map((id) => [id, openPlatform()]))
  for (const [id, platform] of platforms) network.set(account(id), (request) => platform.fetch(request))
  const host = openBindings(options ? { RESCIND_CONFIG: JSON.stringify(await configOf(options, (id) => `https://${account(id)}`)) } : {}, name)
  const platform = (id: string) => platforms.get(id) ?? (() => { throw new Error(`no platform ${id}`) })()
  return {
    ...host, account, platform,
    between: (id, change) => void network.set(account(id), (request) => change(request, (sent) => platform(id).fetch(sent))),
  }
}
