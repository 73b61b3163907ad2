/** The gateway on Cloudflare Workers: a front that knows who asks, and one Durable Object per platform account that does the work. */
import { DurableObject, type DurableObjectNamespace, type DurableObjectState } from 'cloudflare:workers'
import { platforms } from './platforms.ts'
import type { Sandbox } from './adapter/sandbox.ts'
import type { Store } from './adapter/store.ts'
import { atMost, fetchTransport } from './adapter/transport.ts'
import { ConfigError, type Configuration, readConfig } from './config.ts'
import { type AccountStub, markOf, openFront, type Reply } from './front.ts'
import { type BatchDesk, createBatches } from './gateway/batches.ts'
import { createGateway, type Gateway } from './gateway/gateway.ts'
import { timing, type Timing } from './gateway/timing.ts'
import { createApp } from './http/app.ts'
import { JsonError, parseJson } from './http/json.ts'
import type { FullLedger } from './ledger/batches.ts'
import { durableSql, nextTurn, sweepInTurn } from './ledger/durable.ts'
import { guarded, LedgerUnavailable } from './ledger/ledger.ts'
import { migrate, type Sql } from './ledger/sql.ts'
import { openFullSqlLedger } from './ledger/sql-batches.ts'
import { problem, ProblemError, refuse } from './model/problem.ts'
import { openSandbox } from './sandbox.ts'
import { openStores } from './stores.ts'

export interface Bindings {
  readonly ACCOUNTS: DurableObjectNamespace<AccountStub>
  /** The configuration as JSON; a secret. Left out: sandbox mode. */
  readonly RESCIND_CONFIG?: string
  readonly LOG_LEVEL?: string
  /** Secrets that the configuration names as `{ "env": "NAME" }`. */
  readonly [name: string]: unknown
}

/** How soon the clock comes back for what is due already. */
const AGAIN_MS = 250
/** How long a turn waits for the accounts that it gave rows to. */
const FEEDING_MS = 5_000
/** How soon it comes back when it failed. */
const FAILED_MS = 5_000
/** When it comes back though the object was stopped in the middle of a turn. */
const STOPPED_MS = 60_000

/** An object has no more connections than this; what asks for a further one would wait where nobody could tell that it was not sent. */
const CALLS_AT_ONCE = 6

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent']

/** JSON lines, with fields from an allow-list. */
const logger = ({ LOG_LEVEL = 'info' }: Bindings) => (level: 'info' | 'warn' | 'error', msg: string, fields: object): void => {
  // oxlint-disable-next-line no-console
  if (LEVELS.indexOf(level) >= LEVELS.indexOf(LOG_LEVEL)) console.log(JSON.stringify({ level, msg, ...fields }))
}

/** Where it went wrong, without a word that a platform or a caller may have written; mistakes in the configuration in full: they repeat no value. */
const faultOf = (error: unknown) => error instanceof ConfigError || error instanceof JsonError
  ? { fault: error.name, says: error.message.split('\n') }
  : { fault: (error as Error)?.name ?? 'unknown', at: (error as Error)?.stack?.split('\n').slice(1, 4).map((part) => part.trim()) }

/** A secret holds 5 KB: what is longer goes on in RESCIND_CONFIG_2 and so on. */
const configText = (bindings: Bindings): string | undefined => {
  const parts: string[] = []
  for (let name = 'RESCIND_CONFIG', next = 2; bindings[name] !== undefined; name = `RESCIND_CONFIG_${next++}`) {
    const part = bindings[name]
    parts.push(typeof part === 'string' ? part : JSON.stringify(part))
  }
  return parts.length === 0 ? undefined : parts.join('\n')
}

interface House {
  readonly config: Configuration | null
  readonly stores: ReadonlyMap<string, Store>
  readonly sandboxes: ReadonlyMap<string, Sandbox>
  readonly timing: Timing
}

/** The stores of the configuration, or the sandbox. Throws for a mistake in it. A front never asks a store itself, so it spends nothing. */
const openHouse = (bindings: Bindings, spend: FullLedger['spend'] = async () => 0): House => {
  const text = configText(bindings)
  const strings = Object.fromEntries(Object.entries(bindings).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  const config = text === undefined ? null : readConfig(parseJson(new TextEncoder().encode(text)), strings, platforms.map(({ adapter }) => adapter))
  const settled = timing(config?.timing)
  if (!config) return { config, timing: settled, ...openSandbox(platforms, { callTimeoutMs: settled.callTimeoutMs }) }
  // Looked up at each call: tests replace it. What is looked at must be as it is now, whatever a cache on the way would say.
  const direct = fetchTransport((url, init) => globalThis.fetch(url, { ...init, cache: 'no-store' }))
  // Who gets a turn has half of the time left for the call itself.
  const transport = atMost(CALLS_AT_ONCE, settled.callTimeoutMs / 2, direct)
  return { config, timing: settled, stores: openStores(config, { transport, timing: settled, spend }), sandboxes: new Map() }
}

interface Desk {
  readonly sql: Sql
  readonly stores: readonly string[]
  readonly ledger: FullLedger
  readonly gateway: Gateway
  readonly batches: BatchDesk
  readonly sandboxes: House['sandboxes']
}

/** One platform account: its stores' cancellations, leases and clock. One account never waits for another. */
export class Account extends DurableObject<Bindings> {
  readonly #log: ReturnType<typeof logger>
  #opened: Desk | undefined

  constructor(state: DurableObjectState, bindings: Bindings) {
    super(state, bindings)
    this.#log = logger(bindings)
  }

  /** Not in the constructor: an alarm whose object cannot be built is dropped after six times. */
  #desk(): Desk {
    if (this.#opened) return this.#opened
    const { storage } = this.ctx
    const house = openHouse(this.env, (...asked) => ledger.spend(...asked))
    const stores = [...house.stores.keys()]
    const sql = durableSql(storage, stores)
    storage.transactionSync(() => migrate(sql))
    const ledger: FullLedger = guarded(openFullSqlLedger(sql))
    const gateway = createGateway({
      ledger, stores: house.stores, timing: house.timing,
      mark: (store) => markOf(store.account),
      onSaved: ({ id, status, platform, request }) => this.#log(status === 'needs_attention' ? 'warn' : 'info', status === 'needs_attention' ? 'needs attention' : 'saved', { cancellation: id, status, platform, store: request.store }),
      onFault: (error, record) => this.#log('error', 'fault', { ...faultOf(error), cancellation: record?.id ?? null }),
    })
    // Only the object of batches has any; their rows go to the accounts like anybody's requests.
    const batches = createBatches({ ledger: ledger.batches, gateway: openFront(house.stores, house.timing, this.env.ACCOUNTS), onFault: (error) => this.#fault(error) })
    // Whatever has become of the alarm: who is spoken to is awake.
    void storage.getAlarm().then((at) => (at === null ? this.#wind({ sql, stores }, 0) : undefined)).catch((error: unknown) => this.#fault(error))
    this.#opened = { sql, stores, ledger, gateway, batches, sandboxes: house.sandboxes }
    return this.#opened
  }

  #fault(error: unknown): void {
    this.#log('error', 'fault', faultOf(error))
  }

  /** Sets the alarm for what waits, not sooner than this. */
  async #wind({ sql, stores }: Pick<Desk, 'sql' | 'stores'>, ms: number): Promise<void> {
    const next = nextTurn(sql, stores, Date.now())
    await (next === null ? this.ctx.storage.deleteAlarm() : this.ctx.storage.setAlarm(Math.max(next, Date.now() + ms)))
  }

  /** Calls one of the gateway's use cases. */
  async call(name: Parameters<AccountStub['call']>[0], ...values: unknown[]): Promise<Reply> {
    try {
      const { gateway, ledger, batches } = this.#desk()
      const [, ofBatches] = name.split('.')
      const found = ofBatches === undefined ? { ...gateway, ready: ledger.ready }[name as 'ready'] : batches[ofBatches as 'get']
      return { value: await (found as (...values: unknown[]) => Promise<unknown>)(...values) }
    } catch (error) {
      if (error instanceof ProblemError) return { problem: error.problem, headers: error.headers }
      this.#fault(error)
      return this.#opened && !(error instanceof LedgerUnavailable) ? { failed: 'inside' } : { failed: 'ledger', written: error instanceof LedgerUnavailable ? error.written : false }
    }
  }

  /** The sandbox's imitation lives here, where its state is. */
  async fetch(request: Request): Promise<Response> {
    const { app } = this.#desk().sandboxes.get(request.headers.get('rescind-platform') ?? '') ?? refuse('not-found', 'There is no such sandbox.')
    return app.fetch(request)
  }

  /** The clock: always set again while anything is kept, and it never throws, unless no alarm can be set at all: then the runtime's own retry is what is left. */
  async alarm(): Promise<void> {
    const { storage } = this.ctx
    await storage.setAlarm(Date.now() + STOPPED_MS)
    try {
      const { ledger, gateway, batches, ...desk } = this.#desk()
      await gateway.tick()
      await batches.tick()
      // An account that does not answer must not stop the clock of the others.
      await Promise.race([batches.idle(), new Promise((resolve) => { setTimeout(resolve, FEEDING_MS) })])
      await sweepInTurn(desk.sql, ledger.sweep, Date.now())
      await this.#wind(desk, AGAIN_MS)
    } catch (error) {
      this.#fault(error)
      await storage.setAlarm(Date.now() + FAILED_MS).catch((second: unknown) => this.#fault(second))
    }
  }
}

/** The sandbox's imitation of a platform, wherever it lives. */
const forward = (bindings: Bindings, stores: ReadonlyMap<string, Store>, platform: string): Sandbox['app'] => ({
  async fetch(request) {
    const { account } = stores.get(`sandbox-${platform}`) ?? refuse('not-found', 'There is no such sandbox.')
    const headers = new Headers(request.headers)
    headers.set('rescind-platform', platform)
    const reply = await bindings.ACCOUNTS.get(bindings.ACCOUNTS.idFromName(account)).fetch(new Request(request, { headers }))
    // What comes from another object has headers that cannot be added to.
    return new Response(reply.body, reply)
  },
})

interface App { fetch(request: Request): Response | Promise<Response> }

const openApp = (bindings: Bindings): App => {
  const log = logger(bindings)
  const house = openHouse(bindings)
  const { ready, batches, ...gateway } = openFront(house.stores, house.timing, bindings.ACCOUNTS)
  return createApp({
    gateway, batches, ready,
    // A configuration without callers lets nobody in: there is no loopback here.
    callers: house.config ? house.config.callers : null,
    adapters: platforms.map(({ adapter }) => adapter),
    sandboxes: new Map([...house.sandboxes].map(([platform, sandbox]) => [platform, { ...sandbox, app: forward(bindings, house.stores, platform) }])),
    onRequest: (entry) => log('info', 'request', entry),
    onFault: (error, requestId) => log('error', 'fault', { ...faultOf(error), requestId }),
  })
}

/** What answers where the configuration is wrong: there is no gateway then, only a log that says where. */
const closed = (error: unknown, bindings: Bindings): App => ({
  fetch() {
    logger(bindings)('error', 'RESCIND_CONFIG is not valid', faultOf(error))
    const body = problem('internal', 'This gateway’s configuration is not valid; its log says where.')
    return Response.json(body, { status: body.status, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'request-id': crypto.randomUUID() } })
  },
})

const apps = new WeakMap<Bindings, App>()

/** The application of an isolate; built once, from the bindings that its first request brings. */
const appOf = (bindings: Bindings): App => {
  let app = apps.get(bindings)
  if (!app) {
    try {
      app = openApp(bindings)
    } catch (error) {
      app = closed(error, bindings)
    }
    apps.set(bindings, app)
  }
  return app
}

export default { fetch: (request: Request, bindings: Bindings): Response | Promise<Response> => appOf(bindings).fetch(request) }
