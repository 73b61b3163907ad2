/**
 * The gateway on Cloudflare Workers: a front that knows who asks, and Durable Objects, each with
 * the ledger of a platform account’s stores, that do the work.
 */
import { DurableObject, type DurableObjectState } from 'cloudflare:workers'
import type { Sandbox } from '../../adapter/sandbox.ts'
import type { Store } from '../../connection/store.ts'
import { createApp } from '../../http/app.ts'
import { LedgerUnavailable } from '../../ledger/port.ts'
import { nextTurn, sweepInTurn } from '../../ledger/sql/durable.ts'
import { problem, ProblemError, refuse } from '../../model/problem.ts'
import { platforms } from '../platforms.ts'
import type { AccountStub, Reply } from './account.ts'
import { type Bindings, openContext } from './context.ts'
import { assign } from './directory.ts'
import { frontOf, type Instance, openInstance, useCaseOf } from './instance.ts'
import { faultOf, type Log, logger } from './log.ts'

export type { Bindings } from './context.ts'

/** How soon the clock comes back for what is due already. */
const AGAIN_MS = 250
/** How soon it comes back when it failed. */
const FAILED_MS = 5_000
/** When it comes back though the object was stopped in the middle of a turn. */
const STOPPED_MS = 60_000

/**
 * What keeps the ledger of the stores that the directory gave to it: their cancellations, leases
 * and clock. No object waits for another.
 */
export class Account extends DurableObject<Bindings> {
  readonly #log: Log
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
    const { ACCOUNTS } = this.env
    const instance = await openInstance({
      bindings: this.env,
      storage,
      isHere: (object) => ACCOUNTS.idFromName(object).toString() === id.toString(),
      log: this.#log,
    })
    // Whatever has become of the alarm: who is spoken to is awake.
    void storage
      .getAlarm()
      .then((at) => (at === null ? this.scheduleAlarm(instance, 0) : undefined))
      .catch((error: unknown) => this.#fault(error))
    this.#isOpen = true
    return instance
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
      const found = useCaseOf(await this.#instance(), name)
      return { value: await found(...values) }
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
      const sweep = async () => {
        await ledger.sweep()
        await desk.driver.forget()
        await deliveries.sweep()
      }
      await sweepInTurn(instance.sql, sweep, Date.now())
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
