/**
 * The batch runner when a process dies, or is only slow, and a batch is stopped meanwhile: nothing
 * is sent twice, and nothing that was taken back.
 */
import { onTestFinished, describe, expect, it } from 'vitest'
import { createBatches } from '../../src/gateway/batches/service.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { temporaryFile } from '../ledger/files.ts'
import { request } from '../model/samples.ts'
import { openStores, openGateway, rowsOf, until } from './running-batches.ts'

describe('the batch runner', () => {
  it('a row of a dead process becomes a cancellation once, whatever its batch became', async () => {
    const { stores, sandboxes } = openStores(['a'])
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
    const { stores, sandboxes, close, calls } = openStores(['a'])
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

    const next = openStores(['a'])
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
    const { stores, sandboxes } = openStores(['a'])
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
    const { stores, sandboxes } = openStores(['a'])
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
    const { stores, sandboxes } = openStores(['a'])
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
})
