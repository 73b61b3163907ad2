/**
 * A real Medusa shop for the live tests: server and Postgres from npm, on loopback, gone when the
 * test is.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { adminEmail, adminPassword, install, medusaTool } from './install.ts'
import { makeOrder, paymentsOf, type OrderState } from './orders.ts'
import { openCluster } from './postgres.ts'
import { freePort, start } from './process.ts'
import { openShop, type Ask, type Customer, type Inventory, type Shop } from './shop.ts'

export { orderStates, type OrderState } from './orders.ts'
export { LabFailure } from './process.ts'
export type { Ask, Customer, Inventory } from './shop.ts'

/**
 * A call that Medusa made to the lab's payment provider (`pp_lab_lab`), written down as it began.
 */
export interface ProviderCall {
  readonly at: string
  readonly call: 'initiate' | 'authorize' | 'capture' | 'cancel' | 'refund'
  /** The payment session; `payments[].data.session` in an order. */
  readonly session: string
  readonly amount?: unknown
  readonly data: Readonly<Record<string, unknown>>
  /** The idempotency key Medusa gave the provider. */
  readonly key?: string
}

export interface LabEvent {
  readonly at: string
  readonly name: string
  readonly data: unknown
}

export interface Lab {
  readonly url: string
  readonly secretKey: string
  readonly publishableKey: string
  readonly adminEmail: string
  readonly adminPassword: string
  /** The customer of every order that is not a guest's, and the one who asks for a transfer. */
  readonly customer: Customer
  readonly customer2: Customer
  /** A fresh order in that state. */
  order(state: OrderState): Promise<{ id: string }>
  /** The admin API with the secret key. */
  readonly admin: Ask
  /**
   * A JWT: of the admin user, whom Medusa allows what it refuses a secret key, or of a customer.
   */
  userToken(): Promise<string>
  customerToken(customer: Customer): Promise<string>
  /** The stock of the one product; every order takes two. */
  inventory(): Promise<Inventory>
  /** What the lab's payment provider was asked to do, oldest first; for one order, or in all. */
  providerLog(orderId?: string): Promise<ProviderCall[]>
  /**
   * What Medusa emitted, oldest first; for one order, or in all. Events arrive shortly after the
   * reply.
   */
  eventLog(orderId?: string): Promise<LabEvent[]>
  /** Cuts Medusa off its database; the server stays up. */
  stopDatabase(): Promise<void>
  startDatabase(): Promise<void>
  /**
   * Ends the server and Postgres and removes this run's folder; a process that ends without it ends
   * them too.
   */
  stop(): Promise<void>
}

const bootTimeoutMs = 120_000

/** Whom the shop tells of its canceled orders, by `examples/medusa-subscriber`. */
export interface Hook {
  readonly url: string
  readonly secret: string
}

/** Medusa itself on a free port; it writes down what its payment provider does and what it emits. */
const startMedusa = async (app: string, folder: string, databaseUrl: string, hook: Hook | null) => {
  const port = await freePort()
  const logs = {
    provider: path.join(folder, 'provider.jsonl'),
    events: path.join(folder, 'events.jsonl'),
  }
  const server = start({
    command: process.execPath,
    args: [medusaTool(app), 'start', '--host', '127.0.0.1', '--port', String(port)],
    cwd: app,
    log: path.join(folder, 'medusa.log'),
    env: {
      DATABASE_URL: databaseUrl,
      JWT_SECRET: randomUUID(),
      COOKIE_SECRET: randomUUID(),
      LAB_PROVIDER_LOG: logs.provider,
      LAB_EVENT_LOG: logs.events,
      ...(hook && { RESCIND_HOOK_URL: hook.url, RESCIND_HOOK_SECRET: hook.secret }),
    },
  })
  return { server, url: `http://127.0.0.1:${port}`, logs }
}

/** What the live tests get of a shop and of what its Medusa wrote down. */
const labOf = (
  shop: Shop,
  logs: { readonly provider: string; readonly events: string },
): Omit<Lab, 'url' | 'stopDatabase' | 'startDatabase' | 'stop'> => ({
  secretKey: shop.secretKey,
  publishableKey: shop.publishableKey,
  adminEmail,
  adminPassword,
  customer: shop.customer,
  customer2: shop.customer2,
  order: (state) => makeOrder(shop, state),
  admin: shop.admin,
  userToken: () => shop.signIn('user', adminEmail, adminPassword),
  customerToken: ({ email, password }) => shop.signIn('customer', email, password),
  inventory: shop.inventory,
  async providerLog(orderId) {
    const calls = readLog<ProviderCall>(logs.provider)
    if (orderId === undefined) return calls
    const sessions = new Set((await paymentsOf(shop, orderId)).map(({ data }) => data?.session))
    return calls.filter(({ session }) => sessions.has(session))
  },
  async eventLog(orderId) {
    const events = readLog<LabEvent>(logs.events)
    return orderId === undefined ? events : events.filter(({ data }) => mentions(data, orderId))
  },
})

/**
 * Brings up a new, seeded shop. The first start on a machine installs Medusa (minutes); later ones
 * copy what is there.
 * Every lab has its own ports and its own copy of the database, so several can run at once.
 */
export const startLab = async (
  say: (line: string) => void = (line) => console.error(`lab: ${line}`),
  hook: Hook | null = null,
): Promise<Lab> => {
  const { app, folder } = await install(say)
  const postgres = await openCluster(app, folder)

  say('starting Postgres and Medusa')
  await postgres.start()
  const { server, url, logs } = await startMedusa(app, folder, postgres.url, hook)
  const end = async (): Promise<void> => {
    await server.stop()
    await postgres.stop()
  }

  try {
    await server.until(() => isHealthy(url), bootTimeoutMs)
    say('filling the shop')
    const shop = await openShop(url)
    say(`ready at ${url}`)
    return {
      url,
      ...labOf(shop, logs),
      stopDatabase: postgres.stop,
      startDatabase: postgres.start,
      async stop() {
        await end()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await end()
    throw error // the folder stays, for its logs, until the next start
  }
}

const isHealthy = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) })).ok
  } catch {
    return false
  }
}

const readLog = <T>(file: string): T[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T)
    : []

/** Medusa names the order `id` in its own events and `order_id` in those of its parts. */
const mentions = (data: unknown, orderId: string): boolean =>
  typeof data === 'object' && data !== null && Object.values(data).includes(orderId)
