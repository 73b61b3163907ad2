/**
 * The batch runner, over the sandbox's platforms and a real file: a few rows of a store at a time,
 * no store waits for another, pause and stop, and no row twice.
 */
import { onTestFinished, describe, expect, it } from 'vitest'
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
 * Shops by name, each a sandbox of its own; a shop that is shut answers nothing until it is opened.
 */
const openShops = (names: readonly string[]) => {
  const [first] = loaded
  if (!first) throw new Error('no platform')
  const { adapter, createSandbox } = first
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

const openGateway = (
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

const rowsOf = (store: string, count: number, name = 'row') =>
  Array.from({ length: count }, (_, index) =>
    request({ store, orderId: `order_paid-${name}${index}` }),
  )

/** Turns the clock until it is so. */
const until = async <T>(
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

const setUp = (names: readonly string[]) => {
  const shops = openShops(names)
  const ledger = openSqliteLedger(temporaryFile())
  const service = openGateway(ledger, shops.stores)
  onTestFinished(async () => {
    for (const name of names) shops.open(name)
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
    ...shops,
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

describe('the batch runner', () => {
  it('asks a store for three at most, and leaves a slot to who comes alone', async () => {
    const { batches, gateway, most, finished, sandboxes, saved } = setUp(['a'])
    const {
      batch: { id },
    } = await batches.create(rowsOf('a', 40), 'erp', null)
    const {
      batch: { id: second },
    } = await batches.create(rowsOf('a', 10, 'second'), 'erp', null)
    const alone = await gateway.cancel(
      request({ store: 'a', orderId: 'order_paid-alone' }),
      'erp',
      null,
      null,
    )
    expect((await gateway.wait(alone.record.id, 5_000)).status).toBe('succeeded')
    expect((await batches.get(id)).finishedAt).toBeNull()
    expect((await finished(id)).counts.succeeded).toBe(40)
    expect((await finished(second)).counts.succeeded).toBe(10)
    expect(most.get('a')).toBeLessThanOrEqual(4)
    expect([...(sandboxes.get('a')?.cancels.values() ?? [])]).toEqual(
      Array.from({ length: 51 }, () => 1),
    )
    // A row's deadline begins with its turn; one batch goes after the other.
    const begun = saved.filter(({ version }) => version === 1)
    expect(begun.at(-1)?.createdAt).toBeGreaterThan(begun[0]?.createdAt ?? 0)
    const order = begun.filter(({ batchId }) => batchId !== null).map(({ batchId }) => batchId)
    expect(order).toEqual([...order].sort())
  })

  it('a store that answers nothing holds up no other, and gets three', async () => {
    const { batches, tick, close, open, calls, finished } = setUp(['sick', 'well'])
    close('sick')
    const {
      batch: { id },
    } = await batches.create([...rowsOf('sick', 30), ...rowsOf('well', 30)], 'erp', null)
    const half = await until(
      tick,
      () => batches.get(id),
      ({ counts }) => counts.succeeded === 30,
    )
    expect(half).toMatchObject({
      status: 'running',
      finishedAt: null,
      remainingSeconds: expect.any(Number),
    })
    expect(calls.get('sick')).toBe(3)
    expect(
      (await batches.items(id, { status: 'succeeded', limit: 100 })).every(
        ({ request: { store } }) => store === 'well',
      ),
    ).toBe(true)
    open('sick')
    expect((await finished(id)).counts.succeeded).toBe(60)
  })

  it('pause takes up no more; resume goes on; stop rejects what was not sent', async () => {
    const { batches, gateway, tick, close, open, calls, finished, stores } = setUp(['a', 'b'])
    close('a')
    const {
      batch: { id },
    } = await batches.create(rowsOf('a', 9), 'erp', null)
    await until(
      tick,
      async () => calls.get('a'),
      (count) => count === 3,
    )
    expect(await batches.pause(id)).toMatchObject({ status: 'paused', remainingSeconds: null })
    open('a')
    const paused = await until(
      tick,
      () => batches.get(id),
      ({ counts }) => counts.succeeded === 3,
    )
    await tick()
    await batches.idle()
    expect(paused).toMatchObject({ counts: { accepted: 6, succeeded: 3 }, finishedAt: null })
    await batches.resume(id)
    expect((await finished(id)).counts.succeeded).toBe(9)
    await expect(batches.stop(id)).rejects.toMatchObject({
      problem: { code: 'cancellation-conflict' },
    })

    close('b')
    const first = await gateway.cancel(
      request({ store: 'b', orderId: 'order_paid-own' }),
      'somebody',
      null,
      null,
    )
    const { batch } = await batches.create(
      [
        ...rowsOf('b', 2, 'late'),
        request({ store: 'b', orderId: 'order_paid-own' }),
        ...rowsOf('b', 20, 'never'),
      ],
      'erp',
      null,
    )
    await until(
      tick,
      () => batches.items(batch.id, { limit: 3 }),
      (items) => items.every(({ cancellation }) => cancellation !== null),
    )
    expect(await batches.stop(batch.id)).toMatchObject({
      status: 'stopped',
      counts: { rejected: 20, accepted: 3 },
    })
    const withdrawn = await finishedSoon(() => batches.get(batch.id), tick)
    expect(withdrawn).toMatchObject({ counts: { rejected: 22 } })
    // What somebody else had asked for is not the batch's to take back.
    expect((await gateway.get(first.record.id)).status).toBe('accepted')
    expect(stores.size).toBe(2)
    open('b')
    expect(await finished(batch.id)).toMatchObject({
      status: 'stopped',
      counts: { rejected: 22, succeeded: 1 },
    })
  })

  it('a row of a dead process becomes a cancellation once, whatever its batch became', async () => {
    const { stores, sandboxes } = openShops(['a'])
    const path = temporaryFile()
    const clock = { now: Date.UTC(2026, 0, 1) }
    const ledger = openSqliteLedger(path, () => clock.now)
    onTestFinished(() => ledger.close())
    const { batches: kept } = ledger
    const dying = openGateway(
      { ...ledger, batches: { ...kept, saveRows: () => Promise.reject(new Error('died')) } },
      stores,
      () => clock.now,
    )
    // A refused one stands in nobody's way: its key alone says that it was asked before.
    const {
      batch: { id },
    } = await dying.batches.create(
      [request({ store: 'a', orderId: 'order_fulfilled-row' }), ...rowsOf('a', 4)],
      'erp',
      null,
    )
    await dying.batches.idle()
    await dying.batches.close()
    await dying.gateway.close()
    expect((await kept.open('a')).map(({ phase, cancellation }) => [phase, cancellation])).toEqual([
      ['taken', null],
      ['taken', null],
      ['taken', null],
    ])

    const next = openGateway(ledger, stores, () => clock.now)
    await next.batches.stop(id)
    clock.now += 2_500
    const ended = await until(
      next.batches.tick,
      () => next.batches.get(id),
      ({ finishedAt }) => finishedAt !== null,
    )
    await next.batches.close()
    expect(ended).toMatchObject({ status: 'stopped', counts: { succeeded: 2, rejected: 3 } })
    expect([...(sandboxes.get('a')?.cancels.entries() ?? [])].sort()).toEqual([
      ['order_paid-row0', 1],
      ['order_paid-row1', 1],
    ])
    expect(
      (await ledger.list({ stores: null, order: 'asc', limit: 100, batchId: id })).length,
    ).toBe(3)
    expect([dying.faults.length > 0, next.faults]).toEqual([true, []])
  })

  it('orders that the platform chokes on, or of a dead process, hold up no other row', async () => {
    const clock = { now: Date.UTC(2026, 0, 1) }
    const ledger = openSqliteLedger(temporaryFile(), () => clock.now)
    onTestFinished(() => ledger.close())
    const { stores, sandboxes, close, calls } = openShops(['a'])
    const dying = openGateway(ledger, stores, () => clock.now)
    close('a')
    const {
      batch: { id },
    } = await dying.batches.create(
      [...rowsOf('a', 3, 'leased'), ...rowsOf('a', 3, 'poison'), ...rowsOf('a', 20)],
      'erp',
      null,
    )
    await until(
      dying.batches.tick,
      async () => calls.get('a'),
      (count) => count === 3,
    )
    await dying.batches.close()

    const next = openShops(['a'])
    const { batches, gateway, faults } = openGateway(ledger, next.stores, () => clock.now)
    const begun = clock.now
    const turn = async () => {
      clock.now += 250
      await gateway.tick()
      await batches.tick()
      await batches.idle()
    }
    const view = await until(
      turn,
      () => batches.get(id),
      ({ counts }) => counts.succeeded === 20,
    )
    expect(view.counts).toMatchObject({ succeeded: 20, accepted: 6 })
    // Neither the leases of the dead nor a deadline was waited for.
    expect(clock.now - begun).toBeLessThan(60_000)
    clock.now = begun + 3_700_000
    expect(
      (
        await until(
          turn,
          () => batches.get(id),
          ({ finishedAt }) => finishedAt !== null,
        )
      ).counts,
    ).toMatchObject({ rejected: 6, succeeded: 20 })
    expect([...(next.sandboxes.get('a')?.cancels.values() ?? [])]).toEqual(
      Array.from({ length: 20 }, () => 1),
    )
    await batches.close()
    await gateway.close()
    expect([sandboxes.get('a')?.cancels.size, faults]).toEqual([0, []])
  })

  it('what was taken but not made a cancellation is not sent in a stopped batch', async () => {
    const clock = { now: Date.UTC(2026, 0, 1) }
    const ledger = openSqliteLedger(temporaryFile(), () => clock.now)
    onTestFinished(() => ledger.close())
    const { stores, sandboxes } = openShops(['a'])
    const dead = openGateway(ledger, stores, () => clock.now)
    await dead.batches.close()
    const {
      batch: { id },
    } = await dead.batches.create(rowsOf('a', 5), 'erp', null)
    expect(await ledger.batches.take(id, 'a', 3)).toHaveLength(3)

    const { batches, gateway, faults } = openGateway(ledger, stores, () => clock.now)
    await batches.stop(id)
    clock.now += 2_500
    const turn = async () => {
      await batches.tick()
      await batches.idle()
    }
    expect(
      await until(
        turn,
        () => batches.get(id),
        ({ finishedAt }) => finishedAt !== null,
      ),
    ).toMatchObject({ status: 'stopped', counts: { rejected: 5 } })
    await batches.close()
    await gateway.close()
    expect([sandboxes.get('a')?.cancels.size, faults]).toEqual([0, []])
  })

  it('nor begun: what is begun may be sent before it can be taken back', async () => {
    const clock = { now: Date.UTC(2026, 0, 1) }
    const ledger = openSqliteLedger(temporaryFile(), () => clock.now)
    onTestFinished(() => ledger.close())
    const { stores, sandboxes } = openShops(['a'])
    const { gateway, batches: dead } = openGateway(ledger, stores, () => clock.now)
    await dead.close()
    const {
      batch: { id },
    } = await dead.create(rowsOf('a', 3), 'erp', null)
    expect(await ledger.batches.take(id, 'a', 3)).toHaveLength(3)

    // Whoever looks at a record finds it as it is once all that was begun is done.
    const get = async (record: string) => {
      await gateway.idle(record)
      return gateway.get(record)
    }
    const batches = createBatches({
      ledger: ledger.batches,
      gateway: { ...gateway, get },
      now: () => clock.now,
    })
    await batches.stop(id)
    clock.now += 2_500
    expect(
      await until(
        async () => {
          await batches.tick()
          await batches.idle()
        },
        () => batches.get(id),
        ({ finishedAt }) => finishedAt !== null,
      ),
    ).toMatchObject({ counts: { rejected: 3 } })
    await batches.close()
    await gateway.close()
    expect(sandboxes.get('a')?.cancels.size).toBe(0)
  })

  it('nor by one that was only slow: its key is bound to what was withdrawn', async () => {
    const clock = { now: Date.UTC(2026, 0, 1) }
    const ledger = openSqliteLedger(temporaryFile(), () => clock.now)
    onTestFinished(() => ledger.close())
    const { stores, sandboxes } = openShops(['a'])
    const slow = openGateway(ledger, stores, () => clock.now)
    await slow.batches.close()
    const {
      batch: { id },
    } = await slow.batches.create(rowsOf('a', 1), 'erp', null)
    const [row] = await ledger.batches.take(id, 'a', 1)
    const { batches, gateway, faults } = openGateway(ledger, stores, () => clock.now)
    await batches.stop(id)
    clock.now += 2_500
    await until(
      async () => {
        await gateway.tick()
        await batches.tick()
        await batches.idle()
      },
      () => batches.get(id),
      ({ finishedAt }) => finishedAt !== null,
    )
    // The one that took the row wakes up, and goes on where it was.
    const { record, how } = await slow.gateway.cancel(
      row!.request,
      'erp',
      `batch ${id} 1`,
      null,
      id,
    )
    expect([how, record.status, record.problem?.cause]).toEqual([
      'replayed',
      'rejected',
      'withdrawn',
    ])
    await gateway.tick()
    await batches.close()
    await gateway.close()
    expect([sandboxes.get('a')?.cancels.size, faults]).toEqual([0, []])
  })

  it('rows of a store that was taken out end refused in time; others go on', async () => {
    const clock = { now: Date.UTC(2026, 0, 1) }
    const ledger = openSqliteLedger(temporaryFile(), () => clock.now)
    onTestFinished(() => ledger.close())
    const { stores, sandboxes } = openShops(['gone', 'here'])
    const before = openGateway(ledger, stores, () => clock.now)
    await before.batches.close()
    const {
      batch: { id },
    } = await before.batches.create([...rowsOf('gone', 4), ...rowsOf('here', 4)], 'erp', null)
    await ledger.batches.take(id, 'gone', 1)
    const { batches, gateway, faults } = openGateway(
      ledger,
      new Map([...stores].filter(([name]) => name === 'here')),
      () => clock.now,
    )
    const turn = async () => {
      await gateway.tick()
      await batches.tick()
      await batches.idle()
    }
    clock.now += 5_000
    expect(
      await until(
        turn,
        () => batches.get(id),
        ({ counts }) => counts.succeeded === 4,
      ),
    ).toMatchObject({ finishedAt: null, counts: { accepted: 4 } })
    clock.now += 3_600_000
    expect(
      await until(
        turn,
        () => batches.get(id),
        ({ finishedAt }) => finishedAt !== null,
      ),
    ).toMatchObject({ status: 'finished', counts: { succeeded: 4, rejected: 4 } })
    expect(
      (await batches.items(id, { status: 'rejected', limit: 10 })).map(
        ({ problem }) => problem?.code,
      ),
    ).toEqual(Array(4).fill('store-not-found'))
    await batches.close()
    await gateway.close()
    expect([sandboxes.get('gone')?.cancels.size, faults]).toEqual([0, []])
  })

  it('a row refused for now follows its cancellation where that is started over', async () => {
    const clock = { now: Date.UTC(2026, 0, 1) }
    const ledger = openSqliteLedger(temporaryFile(), () => clock.now)
    onTestFinished(() => ledger.close())
    const { batches, gateway, faults } = openGateway(
      ledger,
      openShops(['a']).stores,
      () => clock.now,
    )
    const {
      batch: { id },
    } = await batches.create(rowsOf('a', 1, 'poison'), 'erp', null)
    const turn = async () => {
      clock.now += 600_000
      await gateway.tick()
      await batches.tick()
      await batches.idle()
    }
    expect(
      (
        await until(
          turn,
          () => batches.get(id),
          ({ finishedAt }) => finishedAt !== null,
        )
      ).counts.rejected,
    ).toBe(1)
    const [row] = await batches.items(id, { limit: 1 })
    expect(row).toMatchObject({ status: 'rejected', problem: { retryable: true } })
    const { record } = await gateway.cancel(row!.request, 'erp', `batch ${id} 1`, null, id)
    await gateway.idle(record.id)
    expect([record.id, record.status]).toEqual([row!.cancellation, 'accepted'])
    expect((await batches.items(id, { limit: 1 }))[0]?.status).toBe('accepted')
    await batches.close()
    await gateway.close()
    expect(faults).toEqual([])
  })

  it('two processes on one ledger feed a batch together, and no row twice', async () => {
    const { stores, sandboxes } = openShops(['a', 'b'])
    const path = temporaryFile()
    const ledgers = [openSqliteLedger(path), openSqliteLedger(path)]
    const services = ledgers.map((ledger) => openGateway(ledger, stores))
    const [one, two] = services as [(typeof services)[0], (typeof services)[0]]
    const {
      batch: { id },
    } = await one.batches.create([...rowsOf('a', 30), ...rowsOf('b', 30)], 'erp', 'k')
    await until(
      () => Promise.all(services.map(({ batches }) => batches.tick())),
      () => two.batches.get(id),
      ({ finishedAt }) => finishedAt !== null,
    )
    for (const { batches, gateway } of services) {
      await batches.close()
      await gateway.close()
    }
    for (const [, { cancels }] of sandboxes)
      expect([...cancels.values()]).toEqual(Array.from({ length: 30 }, () => 1))
    expect(
      (await ledgers[0]?.list({ stores: null, order: 'asc', limit: 100, batchId: id }))?.length,
    ).toBe(60)
    for (const ledger of ledgers) await ledger.close()
    expect(services.flatMap(({ faults }) => faults)).toEqual([])
  })

  it('10,000 rows are taken, counted and paged in a blink', async () => {
    const { batches, ledger, close } = setUp(['a'])
    close('a')
    const started = performance.now()
    const { batch } = await batches.create(rowsOf('a', 10_000), 'erp', 'k')
    const took = performance.now() - started
    const read = performance.now()
    const view = await batches.get(batch.id)
    console.log(
      `10,000 items: written in ${took.toFixed(0)} ms, counted in ` +
        `${(performance.now() - read).toFixed(1)} ms`,
    )
    expect([
      view.total,
      view.counts.accepted,
      (await ledger.batches.rows(batch.id, { limit: 2, after: 9_998 })).map(({ row }) => row),
    ]).toEqual([10_000, 10_000, [9_999, 10_000]])
    await expect(batches.create(rowsOf('a', 10_001), 'erp', null)).rejects.toMatchObject({
      problem: { code: 'too-large' },
    })
    await expect(batches.create([], 'erp', null)).rejects.toMatchObject({
      problem: { code: 'invalid-request' },
    })
    await batches.stop(batch.id)
  })
})

/** Stopped, and only what somebody else asked for is still open. */
const finishedSoon = (
  read: () => ReturnType<ReturnType<typeof createBatches>['get']>,
  tick: () => Promise<unknown>,
) => until(tick, read, ({ counts }) => counts.rejected === 22)
