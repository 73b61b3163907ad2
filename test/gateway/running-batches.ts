/** Stores over sandboxes that can be shut, and a batch runner over them, turned by hand. */
import { onTestFinished, expect } from 'vitest'
import { loaded } from '../adapter/loaded.ts'
import { openStore, type Store } from '../../src/connection/store.ts'
import { fetchTransport } from '../../src/connection/transport.ts'
import { createBatches } from '../../src/gateway/batches/service.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { temporaryFile } from '../ledger/files.ts'
import { request } from '../model/samples.ts'

/**
 * Stores by name, over a sandbox each; one that is shut answers nothing until it is opened.
 */
export const openStores = (names: readonly string[]) => {
  const medusa = loaded.find(({ adapter }) => adapter.id === 'medusa')
  if (!medusa) throw new Error('no platform')
  const { adapter, createSandbox } = medusa
  const shut = new Map<string, { open: () => void; opened: Promise<void> }>()
  const calls = new Map<string, number>()
  let under = new Map<string, number>()
  const most = new Map<string, number>()
  const sandboxes = new Map(names.map((name) => [name, createSandbox()]))
  const stores = new Map<string, Store>(
    names.map((name) => {
      const sandbox = sandboxes.get(name) as ReturnType<typeof createSandbox>
      const transport = fetchTransport(async (url, init) => {
        calls.set(name, (calls.get(name) ?? 0) + 1)
        under.set(name, (under.get(name) ?? 0) + 1)
        most.set(name, Math.max(most.get(name) ?? 0, under.get(name) ?? 0))
        await shut.get(name)?.opened
        if (url.includes('poison')) return Response.json({ type: 'unknown_error' }, { status: 500 })
        under.set(name, (under.get(name) ?? 0) - 1)
        return sandbox.app.fetch(new Request(url, init))
      })
      return [
        name,
        openStore(
          name,
          adapter,
          adapter.settings.parse({ ...sandbox.settings, baseUrl: `http://${name}.test` }),
          { transport, callTimeoutMs: 60_000, settleMs: 100, test: true },
        ),
      ]
    }),
  )
  const close = (name: string) => {
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    shut.set(name, { open, opened })
  }
  onTestFinished(() => {
    for (const { open } of shut.values()) open()
  })
  return { stores, sandboxes, calls, most, close, open: (name: string) => shut.get(name)?.open() }
}

export const openGateway = (
  ledger: FullLedger,
  stores: ReadonlyMap<string, Store>,
  now: () => number = Date.now,
) => {
  const saved: Cancellation[] = []
  const faults: unknown[] = []
  const gateway = createGateway({
    ledger,
    stores,
    timing: timing(),
    now,
    onSaved: (record) => {
      saved.push(record)
      batches.onRecordSaved(record)
    },
    onFault: (error) => void faults.push(error),
  })
  const batches = createBatches({
    ledger: ledger.batches,
    gateway,
    now,
    onFault: (error) => void faults.push(error),
  })
  return { gateway, batches, saved, faults }
}

export const rowsOf = (store: string, count: number, name = 'row') =>
  Array.from({ length: count }, (_, index) =>
    request({ store, orderId: `order_paid-${name}${index}` }),
  )

/** Turns the clock until it is so. */
export const until = async <T>(
  tick: () => Promise<unknown>,
  read: () => Promise<T>,
  done: (value: T) => boolean,
): Promise<T> => {
  for (const end = Date.now() + 15_000; ;) {
    await tick()
    const value = await read()
    if (done(value)) return value
    if (Date.now() > end) throw new Error(`never so: ${JSON.stringify(value)}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 10)
    })
  }
}

export const setUp = (names: readonly string[]) => {
  const opened = openStores(names)
  const ledger = openSqliteLedger(temporaryFile())
  const service = openGateway(ledger, opened.stores)
  onTestFinished(async () => {
    for (const name of names) opened.open(name)
    await service.batches.close()
    await service.gateway.close()
    await ledger.close()
    expect(service.faults).toEqual([])
  })
  const tick = async () => {
    await service.gateway.tick('begun')
    await service.batches.tick()
  }
  return {
    ...opened,
    ...service,
    ledger,
    tick,
    finished: (id: string) =>
      until(
        tick,
        () => service.batches.get(id),
        ({ finishedAt }) => finishedAt !== null,
      ),
  }
}

/** Stopped, and only what somebody else asked for is still open. */
export const finishedSoon = (
  read: () => ReturnType<ReturnType<typeof createBatches>['get']>,
  tick: () => Promise<unknown>,
) => until(tick, read, ({ counts }) => counts.rejected === 22)
