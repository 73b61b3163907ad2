/**
 * Several stores on one pretended Mercur, behind one gateway: what the tests about purchases and
 * logins share.
 */
import { mercur } from './index.ts'
import { createSandboxV1, createSandboxV2, type MercurSandbox } from './sandbox/index.ts'
import { openStore } from '../../src/connection/store.ts'
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { type Cancellation, isAtRest } from '../../src/model/cancellation.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { sandboxTransport } from '../../src/testing/harness.ts'

const CALL_TIMEOUT_MS = 1_000
const SETTLE_MS = 80
export const sandboxes = { '1': createSandboxV1, '2': createSandboxV2 } as const
export type Between = Parameters<typeof sandboxTransport>[1]

const openStores = (
  sandbox: MercurSandbox,
  stores: Record<string, object>,
  between: Between,
  adapter: AnyAdapter,
) =>
  new Map(
    Object.entries(stores).map(([id, settings]) => [
      id,
      openStore(
        id,
        adapter,
        adapter.settings.parse({ ...settings, baseUrl: 'https://mercur.example' }),
        {
          transport: sandboxTransport(sandbox, between),
          callTimeoutMs: CALL_TIMEOUT_MS,
          settleMs: SETTLE_MS,
          test: true,
        },
      ),
    ]),
  )

export const open = (
  sandbox: MercurSandbox,
  stores: Record<string, object>,
  { between, adapter = mercur }: { between?: Between; adapter?: AnyAdapter } = {},
) => {
  const faults: unknown[] = []
  const opened = openStores(sandbox, stores, between, adapter)
  const gateway = createGateway({
    ledger: openMemoryLedger(),
    stores: opened,
    random: () => 0,
    timing: timing({ callTimeoutMs: CALL_TIMEOUT_MS, settleMs: SETTLE_MS }),
    onFault: (error) => faults.push(error),
  })
  const store = (id: string) => {
    const found = opened.get(id)
    if (!found) throw new Error(id)
    return found
  }
  const look = async (id: string): Promise<Cancellation> => {
    if (faults.length > 0) throw new Error('a fault of ours', { cause: faults[0] })
    return gateway.get(id)
  }
  const begin = async (id: string, orderId: string, more: object = {}) =>
    (
      await gateway.cancel(
        { ...CancelRequest.parse({ orderId, ...more }), store: id },
        'test',
        null,
        null,
      )
    ).record
  const rest = async (id: string): Promise<Cancellation> => {
    for (const end = Date.now() + 8_000; Date.now() < end;) {
      await gateway.tick()
      await gateway.idle(id)
      const record = await look(id)
      if (isAtRest(record.status)) return record
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`not at rest: ${JSON.stringify(await look(id))}`)
  }
  return {
    gateway,
    store,
    begin,
    rest,
    async cancel(id: string, orderId: string, more: object = {}) {
      const { id: record } = await begin(id, orderId, more)
      await gateway.idle(record)
      return look(record)
    },
    /** All at the same time, each in a store of its own choice. */
    async together(...asked: readonly (readonly [store: string, orderId: string])[]) {
      const begun = await Promise.all(asked.map(([id, orderId]) => begin(id, orderId)))
      return Promise.all(begun.map(({ id }) => rest(id)))
    },
  }
}

export const cancels = (sandbox: MercurSandbox) => Object.fromEntries(sandbox.cancels)

/** Counts cancels on the wire, and may answer the first in the platform's place. */
export const first = (answer: (pass: () => Promise<Response>) => Promise<Response>) => {
  const seen = { calls: 0 }
  const between: NonNullable<Between> = (request, pass) =>
    request.method === 'POST' && request.url.endsWith('/cancel') && seen.calls++ === 0
      ? answer(pass)
      : pass()
  return { seen, between }
}

/** The request as the gateway works it. */
export const asked = (orderId: string) => ({ ...CancelRequest.parse({ orderId }), store: 'shop' })
