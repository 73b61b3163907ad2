/**
 * The HTTP suite's host on Workers: requests and answers through workerd, objects with their own
 * SQLite, platforms in the place of the network.
 */
import { env, exports } from 'cloudflare:workers'
import type { AccountStub } from '../../src/hosts/workers/account.ts'
import type { Bindings } from '../../src/hosts/workers/index.ts'
import { configOf, type Host, type HostOptions } from '../http/host.ts'
import { openPlatform } from '../http/platform.ts'

export type Network = (request: Request) => Promise<Response>

/** What the tests and the Worker under test share: both live in one isolate. */
const hosts = new Map<string, Bindings>()
const objects = new Map<string, Bindings>()
const network = new Map<string, Network>()

/** Which of them are deployed with the pages for people. */
const consoles = new Set<string>()

export const bindingsOf = (hostname: string): Bindings | undefined => hosts.get(hostname)
export const hasConsole = (hostname: string): boolean => consoles.has(hostname)
export const bindingsOfObject = (id: string): Bindings | undefined => objects.get(id)

globalThis.fetch = (async (input: string, init?: RequestInit) => {
  const request = new Request(input, init)
  const platform = network.get(new URL(request.url).hostname)
  if (!platform) throw new TypeError('there is no such host')
  return platform(request)
}) as typeof fetch

/** What answers under a name, as whoever else is on the net. */
export const listen = (hostname: string, answer: Network): void =>
  void network.set(hostname, answer)

let count = 0

export interface Bound {
  readonly host: Host
  /** Where it is, as its own pages say. */
  readonly origin: string
  /** The objects that were spoken to, by their names, in order. */
  readonly asked: string[]
  /** What it was opened with. */
  readonly config: Readonly<Record<string, string>>
  object(account: string): AccountStub
  /** What the Worker is bound to now. */
  bindings(): Bindings
  /** Other bindings for the objects that start from now on, as a new deployment brings them. */
  deploy(settings: Readonly<Record<string, string>>): void
}

/** A Worker with these variables and secrets; `console`: the one with pages. */
export const openBound = (
  settings: Readonly<Record<string, string>>,
  { console = false } = {},
): Bound => {
  const name = `h${++count}.test`
  if (console) consoles.add(name)
  const asked: string[] = []
  const names = new Map<string, string>()
  let bindings: Bindings
  const namespace: Bindings['ACCOUNTS'] = {
    idFromName(account) {
      const id = env.ACCOUNTS.idFromName(`${name}/${account}`)
      objects.set(id.toString(), bindings)
      names.set(id.toString(), account)
      return id
    },
    get(id) {
      asked.push(names.get(id.toString()) ?? '')
      return env.ACCOUNTS.get(id)
    },
  }
  const deploy = (values: Readonly<Record<string, string>>) => {
    bindings = { ACCOUNTS: namespace, LOG_LEVEL: 'silent', ...values }
    hosts.set(name, bindings)
    for (const [id, old] of objects) if (old.ACCOUNTS === namespace) objects.set(id, bindings)
  }
  deploy(settings)
  return {
    asked,
    origin: `http://${name}`,
    deploy,
    config: settings,
    bindings: () => bindings,
    object: (account) => namespace.get(namespace.idFromName(account)),
    host: {
      async fetch(request) {
        const url = new URL(request.url)
        const body = request.body === null ? null : await request.arrayBuffer()
        return exports.default.fetch(
          new Request(`http://${name}${request.url.slice(url.origin.length)}`, {
            method: request.method,
            headers: request.headers,
            body,
            redirect: 'manual',
          }),
        )
      },
      platform: () => {
        throw new Error('there is none')
      },
      close: async () => void hosts.delete(name),
    },
  }
}

export interface WorkerHost extends Host, Omit<Bound, 'host'> {
  /** The account of a configured store. */
  account(store: string): string
  /** Puts something between the gateway and a store's platform. */
  between(store: string, change: (request: Request, go: Network) => Promise<Response>): void
}

/**
 * A Worker with this configuration, each store a Medusa of its own; `hostname` is where a store's
 * is.
 */
export const openWorker = async (
  options?: HostOptions,
  hostname = (store: string) => `${store}.m${count}.test`,
): Promise<WorkerHost> => {
  const accounts = new Map((options?.stores ?? []).map((id) => [id, hostname(id)]))
  const platforms = new Map(
    [...new Set(accounts.values())].map((account) => [account, openPlatform()]),
  )
  for (const [account, platform] of platforms)
    network.set(account, (request) => platform.fetch(request))
  const account = (store: string) =>
    accounts.get(store) ??
    (() => {
      throw new Error(`no store ${store}`)
    })()
  const { host, ...bound } = openBound(
    options
      ? {
          RESCIND_CONFIG: JSON.stringify(await configOf(options, (id) => `https://${account(id)}`)),
        }
      : {},
  )
  const platform = (store: string) =>
    platforms.get(account(store)) as ReturnType<typeof openPlatform>
  return {
    ...host,
    ...bound,
    account,
    platform,
    between: (store, change) =>
      void network.set(account(store), (request) =>
        change(request, (sent) => platform(store).fetch(sent)),
      ),
  }
}
