/**
 * One store on one transport behind a whole gateway over the memory ledger: what the adapter suite
 * drives.
 */
import type { Sandbox } from '../adapter/sandbox.ts'
import { openStore, type Store } from '../connection/store.ts'
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import { fetchTransport, type Transport } from '../connection/transport.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import { timing } from '../gateway/workflow/timing.ts'
import { openMemoryLedger } from '../ledger/memory/memory.ts'
import { type Cancellation, isAtRest } from '../model/cancellation.ts'
import { CancelRequest } from '../model/request.ts'

export const CALL_TIMEOUT_MS = 400
export const SETTLE_MS = 60

export interface Harness {
  readonly gateway: Gateway
  readonly store: Store
  /**
   * Cancels and works the record until it is at rest or must wait for a clock that has not come.
   */
  cancel(request: object, customerToken?: string): Promise<Cancellation>
  /** Turns the clock until the record is at rest; throws when it is not within `ms`. */
  rest(id: string, ms?: number): Promise<Cancellation>
}

/** `transport`: the platform; faults of ours are thrown, so that no test passes over one. */
export const openHarness = (
  adapter: AnyAdapter,
  settings: unknown,
  transport: Transport,
  options: { onDoubt?: 'ask' | 'resend'; callTimeoutMs?: number; settleMs?: number } = {},
): Harness => {
  const faults: unknown[] = []
  const store = openStore('case', adapter, adapter.settings.parse(settings), {
    transport,
    callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
    settleMs: options.settleMs ?? SETTLE_MS,
    test: true,
    onDoubt: options.onDoubt,
  })
  const gateway = createGateway({
    ledger: openMemoryLedger(),
    stores: new Map([[store.id, store]]),
    random: () => 0,
    timing: timing({
      callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
      settleMs: options.settleMs ?? SETTLE_MS,
    }),
    onFault: (error) => faults.push(error),
  })
  const checked = (record: Cancellation) => {
    if (faults.length > 0) throw new Error('a fault of ours', { cause: faults[0] })
    return record
  }
  const rest = async (id: string, ms = 5_000): Promise<Cancellation> => {
    for (const end = Date.now() + ms; Date.now() < end;) {
      await gateway.tick()
      const record = checked(await gateway.wait(id, 10))
      if (isAtRest(record.status)) return record
    }
    throw new Error(`not at rest after ${ms} ms: ${JSON.stringify(checked(await gateway.get(id)))}`)
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
      // Work that is under way ends by itself: every call has a deadline.
      await gateway.idle(record.id)
      return checked(await gateway.get(record.id))
    },
  }
}

/**
 * A request's signal follows the call's only as long as somebody holds the request: without this,
 * silence may last for ever.
 */
const underWay = new Set<Request>()

/** The sandbox of a platform as a transport, with a chance to come between. */
export const sandboxTransport = (
  sandbox: Sandbox,
  between: (request: Request, pass: () => Promise<Response>) => Promise<Response> = (_, pass) =>
    pass(),
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
