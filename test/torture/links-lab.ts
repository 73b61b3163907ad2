/**
 * What links are tortured with: gateways whose caller is told of everything, a receiver that is
 * away now and then, and what a platform sends of its own accord.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import type { LinkRequest } from '../../src/client/types.ts'
import {
  atEnd,
  call,
  type GatewayOptions,
  type Process,
  startGateway,
  type StoreLine,
} from './lab.ts'
import { command } from './redis.ts'

const KEY = 'rsk_torture-of-links'
const HEADERS = { authorization: `Bearer ${KEY}` }
/** Stands in the addresses of the shops’ own webhooks. */
const HOOK_TOKEN = 'token-of-the-torture-in-the-address-of-a-hook'
const WEBHOOK = 'told'

/** What a receiver was told, by the id of each message. */
export interface Told {
  readonly type: string
  readonly subject: string
  times: number
}

export interface Receiver {
  readonly url: string
  /** By the path of the address. */
  of(path: string): ReadonlyMap<string, Told>
  /** Away: it cuts every connection, half of them after it took what was sent. */
  isAway: boolean
  readonly cuts: () => number
}

/** A receiver of webhooks over real HTTP. */
export const openReceiver = async (): Promise<Receiver> => {
  const told = new Map<string, Map<string, Told>>()
  let [cuts, requests] = [0, 0]
  const receiver = { isAway: false }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch {
      // Its sender was killed in the middle of what it said: it says so again.
      return
    }
    requests += 1
    const { isAway } = receiver
    if (isAway) cuts += 1
    if (isAway && requests % 2 === 0) return void request.socket.destroy()
    const path = request.url ?? ''
    const messages = told.get(path) ?? new Map<string, Told>()
    told.set(path, messages)
    const id = request.headers['webhook-id'] as string
    const { type, data } = JSON.parse(Buffer.concat(chunks).toString()) as {
      type: string
      data: { id: string }
    }
    const known = messages.get(id) ?? { type, subject: data.id, times: 0 }
    messages.set(id, known)
    known.times += 1
    if (isAway) request.socket.destroy()
    else response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(() => server.close())
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    of: (path: string) => told.get(path) ?? new Map<string, Told>(),
    cuts: () => cuts,
  })
}

export interface LinkedOptions {
  readonly platform: Process
  readonly ledger: string
  readonly stores: readonly string[]
  /** Where the caller is told. */
  readonly url: string
  readonly sweepMs?: number
  readonly timing?: GatewayOptions['timing']
}

/** A gateway over these stores, all on one account of the platform. */
export const startLinked = ({
  platform,
  ledger,
  stores,
  url,
  sweepMs,
  timing,
}: LinkedOptions): Promise<Process> =>
  startGateway({
    platform,
    ledger,
    ...(timing && { timing }),
    stores: stores.map((id): StoreLine => ({
      id,
      platform: 'medusa',
      settings: { ...(platform.hello['settings'] as object), webhookToken: HOOK_TOKEN },
      sweep: sweepMs === undefined ? false : { everyMs: sweepMs },
    })),
    callers: [
      {
        name: 'merchant',
        keyHash: [`sha256:${createHash('sha256').update(KEY).digest('hex')}`],
        scopes: ['cancel', 'read', 'operate'],
        stores: ['*'],
        webhooks: [
          {
            name: WEBHOOK,
            url,
            secret: Buffer.alloc(32, 7).toString('base64'),
            events: ['*'],
            allowHttp: true,
            allowPrivate: true,
          },
        ],
      },
    ],
  })

/** Calls as the caller. */
export const callAs = (
  target: Process,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response | null> => call(target, method, path, body, { ...HEADERS, ...headers })

/** What is read as the caller; null where the gateway cannot say. */
export const read = async <T>(target: Process, path: string): Promise<T | null> => {
  const response = await callAs(target, 'GET', path)
  return response?.ok ? ((await response.json()) as T) : null
}

export const putLink = (target: Process, name: string, body: LinkRequest) =>
  callAs(target, 'PUT', `/v1/links/${name}`, body)

/** The receiver is back, and says so. */
export const enable = (target: Process) => callAs(target, 'POST', `/v1/webhooks/${WEBHOOK}/enable`)

/** The platform tells of an order, in a way that nobody signs. */
export const notify = (
  target: Process,
  store: string,
  orderId: string,
  type: string | null = 'order.canceled',
) => call(target, 'POST', `/hooks/${store}/${HOOK_TOKEN}`, { type, data: { orderId } })

/**
 * A minute passes for what a dead gateway held beside its records: looks, sweeps and deliveries are
 * taken up again at once, so that kills meet them more often than once a minute.
 */
export const endLeases = async (ledger: string): Promise<void> => {
  if (ledger.startsWith('sqlite:')) {
    const database = new DatabaseSync(ledger.slice('sqlite:'.length), { timeout: 5_000 })
    database.exec(
      "update leases set until = 0 where key glob 'notices:*' or key glob 'sweep:*' or " +
        "key glob 'webhook:*'",
    )
    database.close()
    return
  }
  const key = '{rescind}:leases'
  const held = (await command({ url: ledger }, 'ZRANGE', key, '0', '-1')) as string[]
  for (const lock of held.filter((name) => /^(?:notices|sweep|webhook):/.test(name)))
    await command({ url: ledger }, 'ZADD', key, 'XX', '0', lock)
}
