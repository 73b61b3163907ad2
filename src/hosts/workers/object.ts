/**
 * The Durable Object of a platform account on Workers: the ledger of its stores, their clock, and
 * the work on them.
 */
import { DurableObject, type DurableObjectState } from 'cloudflare:workers'
import { LedgerUnavailable } from '../../ledger/port.ts'
import { nextTurn, sweepInTurn } from '../../ledger/sql/durable.ts'
import { ProblemError, refuse } from '../../model/problem.ts'
import type { AccountStub, Reply } from './account.ts'
import type { Bindings } from './context.ts'
import { assign } from './directory.ts'
import { type Instance, openInstance, useCaseOf } from './instance.ts'
import { faultOf, type Log, logger } from './log.ts'

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
