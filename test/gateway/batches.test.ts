/**
 * The batch runner, over the sandbox's platforms and a real file: a few rows of a store at a time,
 * no store waits for another, pause and stop, and no row twice.
 */
import { onTestFinished, describe, expect, it } from 'vitest'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { temporaryFile } from '../ledger/files.ts'
import { request } from '../model/samples.ts'
import { openStores, openGateway, rowsOf, until, setUp, finishedSoon } from './running-batches.ts'

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

  it('rows of a store that was taken out end refused in time; others go on', async () => {
    const clock = { now: Date.UTC(2026, 0, 1) }
    const ledger = openSqliteLedger(temporaryFile(), () => clock.now)
    onTestFinished(() => ledger.close())
    const { stores, sandboxes } = openStores(['gone', 'here'])
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
      openStores(['a']).stores,
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
    const { stores, sandboxes } = openStores(['a', 'b'])
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
