/**
 * One store on one transport behind a whole gateway over the memory ledger: what the adapter suite
 * drives.
 */
import type { Look, View } from '../adapter/contract.ts'
import { address } from '../adapter/path.ts'
import type { AnyAdapter, Platform } from '../adapter/platform.ts'
import type { Sandbox } from '../adapter/sandbox.ts'
import { openStore, type Store } from '../connection/store.ts'
import { fetchTransport, type Transport } from '../connection/transport.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import { timing } from '../gateway/workflow/timing.ts'
import { openMemoryLedger } from '../ledger/memory/memory.ts'
import { type Cancellation, isAtRest, isRunning } from '../model/cancellation.ts'
import { CancelRequest } from '../model/request.ts'

/**
 * Longer than a sandbox needs on a machine that is busy with other tests; only silence lasts so
 * long.
 */
export const CALL_TIMEOUT_MS = 1_000
/**
 * As short as can be told from nothing: a sandbox has done all that it will do when its reply, or
 * the end of the call, is seen.
 */
export const SETTLE_MS = 60
/** A job that is not over by then takes time of its own. */
const JOB_LOOKS = 2
/** How long a record may take to come to rest before a test fails: a busy machine is no error. */
const PATIENCE_MS = 15_000

export interface Harness {
  readonly gateway: Gateway
  readonly store: Store
  /**
   * Cancels and works the record until it is at rest or must wait for a clock that has not come;
   * a job of the platform is looked after a few times at once, whose clock is turned for it.
   */
  cancel(request: object, customerToken?: string): Promise<Cancellation>
  /** Turns the clock until the record is at rest; throws when it is not within `ms`. */
  rest(id: string, ms?: number): Promise<Cancellation>
}

interface HarnessOptions {
  readonly onDoubt?: 'ask' | 'resend'
  readonly callTimeoutMs?: number
  readonly settleMs?: number
  readonly sweepMs?: number
}

/** The time of day, which can be turned on. */
const openClock = () => {
  let turnedMs = 0
  return {
    now: () => Date.now() + turnedMs,
    turnTo(at: number) {
      turnedMs += Math.max(0, at - this.now())
    },
  }
}

/** How far it came and what holds it up: the first thing that a test which fails must say. */
export const told = ({ status, problem, hindrance, attempts }: Cancellation): string =>
  [
    status,
    ...(problem ? [problem.code, problem.cause] : []),
    ...(hindrance ? [`${hindrance.result}: ${hindrance.detail}`] : []),
    ...attempts.map(({ result }) => `the call: ${result ?? 'no end known'}`),
  ]
    .filter(Boolean)
    .join(', ')

/** The record once nobody works on it: work ends by itself, since every call has a deadline. */
const worked = async (
  gateway: Gateway,
  clock: ReturnType<typeof openClock>,
  id: string,
): Promise<Cancellation> => {
  await gateway.idle(id)
  let record = await gateway.get(id)
  for (let looks = 0; isRunning(record) && looks < JOB_LOOKS; looks += 1) {
    clock.turnTo(record.wakeAt ?? 0)
    await gateway.tick()
    await gateway.idle(id)
    record = await gateway.get(id)
  }
  return record
}

/** `transport`: the platform; faults of ours are thrown, so that no test passes over one. */
export const openHarness = (
  adapter: AnyAdapter,
  settings: unknown,
  transport: Transport,
  options: HarnessOptions = {},
): Harness => {
  const faults: unknown[] = []
  const store = openStore('case', adapter, adapter.settings.parse(settings), {
    transport,
    callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
    settleMs: options.settleMs ?? SETTLE_MS,
    test: true,
    onDoubt: options.onDoubt,
    sweepMs: options.sweepMs,
  })
  const clock = openClock()
  const gateway = createGateway({
    ledger: openMemoryLedger(clock.now),
    now: clock.now,
    stores: new Map([[store.id, store]]),
    random: () => 0,
    timing: timing({
      callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
      settleMs: options.settleMs ?? SETTLE_MS,
    }),
    // What nobody wants to hear of an order is not written down.
    notices: { isListening: () => options.sweepMs !== undefined },
    onFault: (error) => faults.push(error),
  })
  const checked = (record: Cancellation) => {
    if (faults.length === 0) return record
    throw new Error('a fault of ours', { cause: faults[0] })
  }
  const rest = async (id: string, ms = PATIENCE_MS): Promise<Cancellation> => {
    for (const end = Date.now() + ms; Date.now() < end;) {
      await gateway.tick()
      const record = checked(await gateway.wait(id, 10))
      if (isAtRest(record.status)) return record
    }
    const stuck = checked(await gateway.get(id))
    throw new Error(`not at rest after ${ms} ms: ${told(stuck)}\n${JSON.stringify(stuck)}`)
  }
  return {
    gateway,
    store,
    rest,
    async cancel(request, customerToken) {
      const parsed = CancelRequest.parse(request)
      const { record } = await gateway.cancel(
        { ...parsed, store: store.id },
        'test',
        null,
        customerToken ?? null,
      )
      return checked(await worked(gateway, clock, record.id))
    },
  }
}

/**
 * A request's signal follows the call's only as long as somebody holds the request: without this,
 * silence may last for ever.
 */
const underWay = new Set<Request>()

/** Comes between a call and the sandbox; `pass` hands it on, and gives what the sandbox answers. */
export type Between = (request: Request, pass: () => Promise<Response>) => Promise<Response>

/** The sandbox of a platform as a transport, with a chance to come between. */
export const sandboxTransport = (
  sandbox: Sandbox,
  between: Between = (_, pass) => pass(),
): Transport =>
  fetchTransport(async (url, init) => {
    const request = new Request(url, init)
    underWay.add(request)
    try {
      return await between(request, async () =>
        sandbox.app.fetch(new Request(url, { ...init, signal: null })),
      )
    } finally {
      underWay.delete(request)
    }
  })

/** An adapter as it is, and whether a request is one of the cancels that it gave to the gateway. */
const watched = (adapter: AnyAdapter, settings: unknown) => {
  const given = new Set<string>()
  const base = adapter.baseUrl(adapter.settings.parse(settings))
  const cancel: AnyAdapter['order']['cancel'] = (context) => {
    const call = adapter.order.cancel(context)
    const body = call.body === undefined ? '' : JSON.stringify(call.body)
    given.add(`${call.method} ${address(base, call.path, call.query)} ${body}`)
    return call
  }
  return {
    adapter: { ...adapter, order: { ...adapter.order, cancel } },
    isCancel: async (request: Request) =>
      given.has(`${request.method} ${request.url} ${await request.clone().text()}`),
  }
}

/** A sandbox of the platform, afresh, and a harness over it. `changed`: settings; null: without. */
export const openSandboxed = async (
  platform: Platform,
  between?: Between,
  options: Parameters<typeof openHarness>[3] = {},
  changed: Readonly<Record<string, unknown>> = {},
) => {
  const sandbox = await platform.createSandbox()
  const baseUrl = `https://${platform.adapter.id}.example`
  const settings = Object.fromEntries(
    Object.entries({ ...sandbox.settings, baseUrl, ...changed }).filter(([, one]) => one !== null),
  )
  const { adapter, isCancel } = watched(platform.adapter, settings)
  const harness = openHarness(adapter, settings, sandboxTransport(sandbox, between), options)
  return {
    ...harness,
    sandbox,
    settings,
    isCancel,
    /** How often the sandbox canceled the order. */
    canceledTimes: (id: string): number => sandbox.cancels.get(id) ?? 0,
    /** The order as the adapter sees it; `more`: what the look is for, if not only to read. */
    look: (id: string, more: Partial<View> = {}): Promise<Look> =>
      adapter.order.look(harness.store.client, id, {
        request: null,
        sent: false,
        byCustomer: false,
        memo: null,
        ...more,
      }),
  }
}
