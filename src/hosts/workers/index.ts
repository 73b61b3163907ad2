/**
 * The gateway on Cloudflare Workers: a front that knows who asks, and Durable Objects, each with
 * the ledger of a platform account’s stores, that do the work.
 */
import { DurableObject, type DurableObjectState } from 'cloudflare:workers'
import type { Sandbox } from '../../adapter/sandbox.ts'
import type { Store } from '../../connection/store.ts'
import { ConfigError } from '../../config/configuration.ts'
import { assign } from './directory.ts'
import type { AccountStub, Reply } from './account.ts'
import { askingIn, locate, markOf, openFront } from './front.ts'
import { LINKS, type LinksDesk, openLinks, remoteDriver, remoteLinks } from './links.ts'
import { type BatchDesk, createBatches } from '../../gateway/batches/service.ts'
import { atMost, fetchTransport } from '../../connection/transport.ts'
import { type Deliveries, openDeliveries } from '../../gateway/deliveries/deliveries.ts'
import { createGateway, type Gateway } from '../../gateway/gateway.ts'
import { type Bindings, type Context, openContext } from './context.ts'
import { createApp } from '../../http/app.ts'
import { JsonError } from '../../input/json.ts'
import { type FullLedger, LedgerUnavailable } from '../../ledger/port.ts'
import { guarded } from '../../ledger/rules.ts'
import type { Sql } from '../../ledger/sql/database.ts'
import { durableSql, nextTurn, sweepInTurn } from '../../ledger/sql/durable.ts'
import { openSqlLedger } from '../../ledger/sql/sql.ts'
import { migrate } from '../../ledger/sql/tables.ts'
import { problem, ProblemError, refuse } from '../../model/problem.ts'
import { platforms } from '../platforms.ts'

export type { Bindings } from './context.ts'

/** So many receivers are spoken to at once, and how long one waits for its turn. */
const RECEIVERS_AT_ONCE = 2
const TURN_MS = 10_000

/** How soon the clock comes back for what is due already. */
const AGAIN_MS = 250
/** How soon it comes back when it failed. */
const FAILED_MS = 5_000
/** When it comes back though the object was stopped in the middle of a turn. */
const STOPPED_MS = 60_000

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent']

/** JSON lines, with fields from an allow-list. */
const logger =
  ({ LOG_LEVEL = 'info' }: Bindings) =>
  (level: 'info' | 'warn' | 'error', msg: string, fields: object): void => {
    if (LEVELS.indexOf(level) >= LEVELS.indexOf(LOG_LEVEL))
      // oxlint-disable-next-line no-console
      console.log(JSON.stringify({ level, time: new Date().toISOString(), ...fields, msg }))
  }

/**
 * Where it went wrong, without a word that a platform or a caller may have written; mistakes in the
 * configuration in full: they repeat no value.
 */
const faultOf = (error: unknown) =>
  error instanceof ConfigError || error instanceof JsonError
    ? { fault: error.name, says: error.message.split('\n') }
    : {
        fault: (error as Error)?.name ?? 'unknown',
        at: (error as Error)?.stack
          ?.split('\n')
          .slice(1, 4)
          .map((part) => part.trim()),
      }

/**
 * The front of these bindings. A store that is split off its account's others is told of in the
 * log.
 */
const frontOf = (bindings: Bindings, { config, stores, timing, directory }: Context) =>
  openFront({
    stores,
    timing,
    directory,
    hasWebhooks: (caller) => (config?.webhooks ?? []).some((one) => one.caller === caller),
    namespace: bindings.ACCOUNTS,
    onSplit: (store) =>
      logger(bindings)('error', 'two ledgers keep one account: give this store a new id', {
        store,
      }),
  })

/**
 * What an object tells webhooks of its own records. Names and literal addresses were checked in the
 * configuration; what a name resolves to cannot be seen here.
 */
const deliveriesOf = (
  ledger: FullLedger,
  config: Context['config'],
  log: ReturnType<typeof logger>,
  onFault: (error: unknown) => void,
): Deliveries => {
  // Looked up at each call: tests replace it.
  const transport = fetchTransport((url, init) => globalThis.fetch(url, init))
  // An object has six connections: a slow receiver must leave enough of them to the platform.
  const few = atMost(RECEIVERS_AT_ONCE, TURN_MS, transport)
  return openDeliveries({
    ledger,
    webhooks: config?.webhooks ?? [],
    transportFor: () => few,
    now: Date.now,
    random: Math.random,
    onTried({ caller, name }, { subject, type, tries }, { kind, result }) {
      const fields = { caller, webhook: name, subject, type, tries: tries + 1, result }
      if (kind !== 'delivered') log('warn', 'not told yet', fields)
    },
    onDisabled: ({ caller, name }, { failingSince }) =>
      log('error', 'this webhook is switched off: mend its receiver, then enable it', {
        caller,
        webhook: name,
        failingSince,
      }),
    onFault,
  })
}

/** The stores that a caller reaches as the configuration is now; null: all. */
const storesOf = (config: Context['config'], caller: string): readonly string[] | null => {
  if (!config) return null
  const stores = config.callers.find(({ name }) => name === caller)?.stores ?? []
  return stores.includes('*') ? null : stores
}

/** Whether this caller reaches all of these stores. */
const reachesBy =
  (config: Context['config']) =>
  (caller: string, asked: readonly string[]): boolean => {
    const stores = storesOf(config, caller)
    return stores === null || asked.every((store) => stores.includes(store))
  }

interface Instance {
  readonly sql: Sql
  readonly deliveries: Deliveries
  readonly desk: LinksDesk
  readonly stores: readonly string[]
  readonly ledger: FullLedger
  readonly gateway: Gateway
  readonly batches: BatchDesk
  readonly sandboxes: Context['sandboxes']
}

/**
 * What keeps the ledger of the stores that the directory gave to it: their cancellations, leases
 * and clock. No object waits for another.
 */
export class Account extends DurableObject<Bindings> {
  readonly #log: ReturnType<typeof logger>
  #opened: Promise<Instance> | undefined
  #isOpen = false

  constructor(state: DurableObjectState, bindings: Bindings) {
    super(state, bindings)
    this.#log = logger(bindings)
  }

  /**
   * Not in the constructor: an alarm whose object cannot be built is dropped after six times. What
   * failed is tried anew.
   */
  #instance(): Promise<Instance> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #open(): Promise<Instance> {
    const { storage, id } = this.ctx
    const context = await openContext(this.env, (...asked) => ledger.reserve(...asked))
    const { of } = await context.directory()
    // What works on an account works on all of its stores, for only so they are locked together; a
    // store whose account another object works on is left to it.
    const isHere = (object: string) =>
      this.env.ACCOUNTS.idFromName(object).toString() === id.toString()
    const places = new Map([...of].filter(([, { account }]) => isHere(account)))
    const opened = new Map([...context.stores].filter(([store]) => places.has(store)))
    const stores = [...opened.keys()]
    const sql = durableSql(storage)
    storage.transactionSync(() => migrate(sql))
    const local: FullLedger = guarded(openSqlLedger(sql))
    const ask = askingIn(this.env.ACCOUNTS)
    const { config } = context
    // Orders of one store alone are in no link, and nobody need be asked.
    const isOneStore = context.stores.size < 2
    const isLinks = isHere(LINKS)
    const ledger: FullLedger = isLinks || isOneStore ? local : { ...local, links: remoteLinks(ask) }
    const deliveries = deliveriesOf(ledger, config, this.#log, (error) => this.#fault(error))
    const gateway = createGateway({
      ledger,
      owes: deliveries.owes,
      onOwed: deliveries.onOwed,
      reachOf: (caller) => storesOf(config, caller),
      ...(isOneStore ? {} : { driver: remoteDriver(ask) }),
      notices: { isListening: deliveries.isListening, owesOf: deliveries.owesOf },
      stores: opened,
      timing: context.timing,
      idSuffix: (store) => markOf(places.get(store.id)?.account ?? store.account),
      onSaved: ({ id, status, platform, request, link, problem: why, hindrance }) => {
        // What is lost of this is found when the run is looked at again.
        if (link !== undefined && !isOneStore)
          void ask(LINKS, 'links.drive', link).catch((error: unknown) => this.#fault(error))
        this.#log(
          status === 'needs_attention' ? 'warn' : 'info',
          status === 'needs_attention' ? 'needs attention' : 'saved',
          {
            cancellation: id,
            status,
            platform,
            store: request.store,
            ...(why && { code: why.code, cause: why.cause, detail: why.detail }),
            ...(hindrance && { hindrance: hindrance.result }),
          },
        )
      },
      onFault: (error, record) =>
        this.#log('error', 'fault', { ...faultOf(error), cancellation: record?.id ?? null }),
    })
    const placeOf = async (store: string) =>
      of.get(store) ?? refuse('store-not-found', 'No store with this id is configured.')
    const desk = openLinks({
      ask,
      ledger: local,
      stores: context.stores,
      timing: context.timing,
      idSuffix: (store) => markOf(of.get(store.id)?.account ?? store.account),
      ledgerOf: async (store) => (await placeOf(store)).ledger,
      accountOf: async (store) => (await placeOf(store)).account,
      objectOf: async (id) => (await locate(ask, context.directory, id)).object,
      reaches: reachesBy(config),
      owes: deliveries.owesOfLink,
      onOwed: deliveries.onOwed,
      onFault: (error) => this.#fault(error),
    })
    // Only the object of batches has any; their rows go to the accounts like anybody's requests.
    const batches = createBatches({
      ledger: ledger.batches,
      gateway: frontOf(this.env, context),
      onFault: (error) => this.#fault(error),
    })
    // Whatever has become of the alarm: who is spoken to is awake.
    void storage
      .getAlarm()
      .then((at) => (at === null ? this.scheduleAlarm({ sql, stores }, 0) : undefined))
      .catch((error: unknown) => this.#fault(error))
    this.#isOpen = true
    const { sandboxes } = context
    return { sql, stores, ledger: local, gateway, batches, deliveries, desk, sandboxes }
  }

  #fault(error: unknown): void {
    this.#log('error', 'fault', faultOf(error))
  }

  /** Sets the alarm for what waits, not sooner than this. */
  async scheduleAlarm(
    { sql, stores }: Pick<Instance, 'sql' | 'stores'>,
    ms: number,
  ): Promise<void> {
    const next = nextTurn(sql, stores, Date.now())
    await (next === null
      ? this.ctx.storage.deleteAlarm()
      : this.ctx.storage.setAlarm(Math.max(next, Date.now() + ms)))
  }

  /** Calls one of the gateway's use cases. */
  async call(name: Parameters<AccountStub['call']>[0], ...values: unknown[]): Promise<Reply> {
    try {
      const { gateway, ledger, batches, deliveries, desk } = await this.#instance()
      const [group = '', member] = name.split('.')
      const found =
        member === undefined
          ? { ...gateway, ready: ledger.ready }[group as 'ready']
          : {
              batches,
              notices: ledger.notices,
              webhooks: deliveries.webhooks,
              clock: { tick: () => gateway.tick('begun') },
              linkLedger: ledger.links,
              links: { ...desk.links, drive: desk.driver.drive, withdraw: desk.withdraw },
              records: gateway.records,
            }[group as 'batches'][member as 'get']
      return { value: await (found as (...values: unknown[]) => Promise<unknown>)(...values) }
    } catch (error) {
      if (error instanceof ProblemError) return { problem: error.problem, headers: error.headers }
      this.#fault(error)
      return this.#isOpen && !(error instanceof LedgerUnavailable)
        ? { failed: 'inside' }
        : { failed: 'ledger', written: error instanceof LedgerUnavailable ? error.written : false }
    }
  }

  assign(stores: Parameters<typeof assign>[1]): ReturnType<typeof assign> {
    return assign(this.ctx.storage, stores)
  }

  /** The sandbox's imitation lives here, where its state is. */
  async fetch(request: Request): Promise<Response> {
    const { sandboxes } = await this.#instance()
    const { app } =
      sandboxes.get(request.headers.get('rescind-platform') ?? '') ??
      refuse('not-found', 'There is no such sandbox.')
    return app.fetch(request)
  }

  /**
   * The clock: always set again while anything is kept, and it never throws, unless no alarm can be
   * set at all: then the runtime's own retry is what is left. It waits for nothing that it began,
   * or a slow store would stop it for all others. What is under way keeps the object in memory, by
   * the timer of every call (developers.cloudflare.com/changelog, 2026-10-01, "Pending I/O
   * operations"); where it is stopped all the same, each record in work is due again at the end of
   * its lease. Each turn begins a few records a store (gateway/scheduler.ts), and each brings the
   * limit of its calls anew (workerd, io/limit-enforcer.h, `topUpActor`): 10,000 on the paid plan
   * (developers.cloudflare.com/workers/platform/limits).
   */
  async alarm(): Promise<void> {
    const { storage } = this.ctx
    await storage.setAlarm(Date.now() + STOPPED_MS)
    try {
      const { ledger, gateway, batches, deliveries, desk, ...instance } = await this.#instance()
      await gateway.tick('begun')
      await desk.driver.begin()
      await batches.tick()
      deliveries.wake([])
      await sweepInTurn(instance.sql, ledger.sweep, Date.now())
      await this.scheduleAlarm(instance, AGAIN_MS)
    } catch (error) {
      this.#fault(error)
      await storage.setAlarm(Date.now() + FAILED_MS).catch((second: unknown) => this.#fault(second))
    }
  }
}

/** The sandbox's imitation of a platform, wherever it lives. */
const forward = (
  bindings: Bindings,
  stores: ReadonlyMap<string, Store>,
  platform: string,
): Sandbox['app'] => ({
  async fetch(request) {
    const { account } =
      stores.get(`sandbox-${platform}`) ?? refuse('not-found', 'There is no such sandbox.')
    const headers = new Headers(request.headers)
    headers.set('rescind-platform', platform)
    const reply = await bindings.ACCOUNTS.get(bindings.ACCOUNTS.idFromName(account)).fetch(
      new Request(request, { headers }),
    )
    // What comes from another object has headers that cannot be added to.
    return new Response(reply.body, reply)
  },
})

interface App {
  fetch(request: Request): Response | Promise<Response>
}

const openApp = async (bindings: Bindings): Promise<App> => {
  const log = logger(bindings)
  const context = await openContext(bindings)
  const { ready, batches, hooks, webhooks, wake: _, ...gateway } = frontOf(bindings, context)
  return createApp({
    gateway,
    batches,
    hooks,
    webhooks,
    ready,
    // A configuration without callers lets nobody in: there is no loopback here.
    callers: context.config ? context.config.callers : null,
    adapters: platforms.map(({ adapter }) => adapter),
    sandboxes: new Map(
      [...context.sandboxes].map(([platform, sandbox]) => [
        platform,
        { ...sandbox, app: forward(bindings, context.stores, platform) },
      ]),
    ),
    onRequest: (entry) => log('info', 'request', entry),
    onFault: (error, requestId) => log('error', 'fault', { ...faultOf(error), requestId }),
  })
}

/**
 * What answers where the configuration is wrong: there is no gateway then, only a log that says
 * where.
 */
const closed = (error: unknown, bindings: Bindings): App => ({
  fetch() {
    logger(bindings)('error', 'RESCIND_CONFIG is not valid', faultOf(error))
    const body = problem(
      'internal',
      'This gateway’s configuration is not valid; its log says where.',
    )
    return Response.json(body, {
      status: body.status,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'request-id': crypto.randomUUID(),
      },
    })
  },
})

const apps = new WeakMap<Bindings, App>()

/**
 * The application of an isolate; built from the bindings that its first request brings, and kept: a
 * request must not wait for what another one has begun.
 */
const appOf = async (bindings: Bindings): Promise<App> => {
  const known = apps.get(bindings)
  if (known) return known
  const app = await openApp(bindings).catch((error: unknown) => closed(error, bindings))
  apps.set(bindings, app)
  return app
}

export default {
  fetch: async (request: Request, bindings: Bindings): Promise<Response> =>
    (await appOf(bindings)).fetch(request),
  /** Now and then: whom nobody asks must be woken to ask its store what changed. */
  async scheduled(_: unknown, bindings: Bindings): Promise<void> {
    try {
      await frontOf(bindings, await openContext(bindings)).wake()
    } catch (error) {
      logger(bindings)('error', 'fault', faultOf(error))
    }
  },
}
