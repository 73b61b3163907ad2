/**
 * Batches: there with all their rows or not at all, each row taken once, counted as they stand, and
 * forgotten in time.
 */
import { expect, it } from 'vitest'
import { type BatchLedger, RECORD_LIFE_MS } from '../../src/ledger/port.ts'
import {
  act,
  type Batch,
  countsOf,
  finish,
  type Row,
  stateOf,
  WITHDRAWN,
} from '../../src/model/batch.ts'
import { become, DAY, draft, ids, key, ODD, type Open, query, setUp, START } from './records.ts'

let last = 0
const newBatch = (wish: Partial<Batch> = {}): Batch => {
  const at = wish.createdAt ?? START
  return {
    id: `bat_${String(++last).padStart(8, '0')}`,
    version: 1,
    status: 'running',
    caller: 'erp',
    total: 0,
    stores: ['paris', 'rome'],
    createdAt: at,
    startedAt: at,
    finishedAt: null,
    ...wish,
  }
}

/** A batch of so many rows, in turn for Paris and Rome. */
const make = async (
  batches: BatchLedger,
  size: number,
  wish: Partial<Batch> = {},
  by: ReturnType<typeof key> | null = null,
) => {
  const rows = Array.from({ length: size }, (_, index) => ({
    row: index + 1,
    request: draft({
      store: index % 2 ? 'rome' : 'paris',
      reference: ODD[index % ODD.length] ?? null,
    }).request,
  }))
  const { outcome, batch } = await batches.create(newBatch({ ...wish, total: size }), rows, by)
  return { outcome, batch, rows }
}
const numbers = (rows: readonly Row[]) => rows.map(({ row }) => row)
const settled = (row: Row, at: number): Row => ({
  ...row,
  ...stateOf(become(draft(row.request), 'succeeded'), at),
})
const counted = async (batches: BatchLedger, id: string) => countsOf(await batches.tallies(id))

export const testBatches = (open: Open): void => {
  it('is there as it was written, every row in its order, page by page', async () => {
    const {
      ledger: { batches },
      other,
    } = await setUp(open)
    const { outcome, batch, rows } = await make(batches, 45)
    expect(outcome).toBe('created')
    expect(await other.batches.get(batch.id)).toEqual(batch)
    const found = [
      ...(await other.batches.rows(batch.id, { limit: 20 })),
      ...(await other.batches.rows(batch.id, { limit: 100, after: 20 })),
    ]
    expect(found).toEqual(
      rows.map(({ row, request }) => ({
        batch: batch.id,
        row,
        request,
        phase: 'waiting',
        status: 'accepted',
        cancellation: null,
        alreadyCanceled: false,
        problem: null,
        at: START,
      })),
    )
    expect([
      await batches.get('none'),
      await batches.rows('none', { limit: 1 }),
      await batches.tallies('none'),
    ]).toEqual([null, [], []])
    expect(await counted(batches, batch.id)).toEqual({
      accepted: 45,
      sending: 0,
      in_doubt: 0,
      succeeded: 0,
      rejected: 0,
      needs_attention: 0,
    })
  })

  it('a key makes one batch, whoever races', async () => {
    const { ledger, other } = await setUp(open)
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        make((index % 2 ? other : ledger).batches, 2, {}, key('k', 'a')),
      ),
    )
    const created = made.filter(({ outcome }) => outcome === 'created')
    expect(created.length).toBe(1)
    for (const { batch } of made) expect(batch.id).toBe(created[0]?.batch.id)
    expect(await ledger.batches.list({ caller: null, limit: 10 })).toEqual([created[0]?.batch])
    expect((await make(ledger.batches, 2, {}, key('k', 'b'))).outcome).toBe('key_reused')
    expect((await make(ledger.batches, 2, {}, key('k', 'b', 'shop'))).outcome).toBe('created')
    // A cancellation's key is another's.
    expect((await ledger.claim(draft(), key('k', 'c'))).outcome).toBe('created')
  })

  it('lists the newest first, of one caller or all, and the unfinished oldest first', async () => {
    const {
      ledger: { batches },
    } = await setUp(open)
    const made: Batch[] = []
    for (let index = 0; index < 6; index++)
      made.push((await make(batches, 1, { caller: index % 2 ? 'erp' : 'shop' })).batch)
    const newest = made.toReversed()
    expect(await batches.list({ caller: null, limit: 4 })).toEqual(newest.slice(0, 4))
    expect(await batches.list({ caller: null, limit: 4, after: newest[3]?.id })).toEqual(
      newest.slice(4),
    )
    expect(await batches.list({ caller: 'erp', limit: 9 })).toEqual(
      newest.filter(({ caller }) => caller === 'erp'),
    )
    expect(await batches.list({ caller: 'erp', limit: 1, after: newest[0]?.id })).toEqual([
      newest[2],
    ])
    expect(await batches.unfinished()).toEqual(made)
    await batches.save(finish(made[2] as Batch, START))
    expect(await batches.unfinished()).toEqual(made.filter((_, index) => index !== 2))
  })

  it('save is compare-and-set', async () => {
    const { ledger, other } = await setUp(open)
    const { batch } = await make(ledger.batches, 1)
    const next = act(batch, 'pause', START) as Batch
    const [one, two] = await Promise.all([ledger.batches.save(next), other.batches.save(next)])
    expect([one, two].filter((saved) => saved !== null)).toEqual([{ ...next, version: 2 }])
    expect(await ledger.batches.save(batch)).toBeNull()
    expect(await ledger.batches.get(batch.id)).toEqual({ ...next, version: 2 })
  })

  it('of racers for a row one takes it, in order, of its store alone', async () => {
    const { ledger, other, clock } = await setUp(open)
    const { batch } = await make(ledger.batches, 20)
    clock.now += 5
    const taken = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 ? other : ledger).batches.take(batch.id, 'paris', 2),
      ),
    )
    expect(taken.flatMap(numbers).sort((a, b) => a - b)).toEqual([
      1, 3, 5, 7, 9, 11, 13, 15, 17, 19,
    ])
    for (const row of taken.flat())
      expect(row).toMatchObject({
        phase: 'taken',
        status: 'accepted',
        at: START + 5,
        request: { store: 'paris' },
      })
    expect(await ledger.batches.open('paris')).toEqual(taken.flat().sort((a, b) => a.row - b.row))
    expect(await ledger.batches.open('rome')).toEqual([])
  })

  it('nobody takes a row of a batch that does not run', async () => {
    const {
      ledger: { batches },
      other,
    } = await setUp(open)
    const { batch } = await make(batches, 4)
    const paused = (await batches.save(act(batch, 'pause', START) as Batch)) as Batch
    expect(await other.batches.take(batch.id, 'paris', 9)).toEqual([])
    const running = (await batches.save(act(paused, 'resume', START + 9) as Batch)) as Batch
    expect(running.startedAt).toBe(START + 9)
    expect(numbers(await other.batches.take(batch.id, 'paris', 1))).toEqual([1])
    await batches.save(act(running, 'stop', START) as Batch)
    expect(await other.batches.take(batch.id, 'paris', 9)).toEqual([])
  })

  it('rows stand as marked: found by status, counted, and open until they rest', async () => {
    const {
      ledger: { batches },
      other,
    } = await setUp(open)
    const { batch } = await make(batches, 10)
    const [one, two, three] = (await batches.take(batch.id, 'paris', 3)) as [Row, Row, Row]
    const record = become(draft(one.request), 'sending')
    const sending: Row = { ...one, ...stateOf(record, START + 1) }
    await batches.saveRows([sending, settled(two, START + 2), settled(three, START + 3)])
    expect(await other.batches.open('paris')).toEqual([sending])
    expect(await counted(other.batches, batch.id)).toEqual({
      accepted: 7,
      sending: 1,
      in_doubt: 0,
      succeeded: 2,
      rejected: 0,
      needs_attention: 0,
    })
    expect(numbers(await batches.rows(batch.id, { status: 'succeeded', limit: 9 }))).toEqual([3, 5])
    expect(
      numbers(await batches.rows(batch.id, { status: 'accepted', limit: 3, after: 2 })),
    ).toEqual([4, 6, 7])
    expect(await batches.rows(batch.id, { status: 'sending', limit: 9 })).toEqual([sending])
    expect(await batches.recent('paris', 5)).toEqual([START + 3, START + 2])
    expect([await batches.recent('paris', 1), await batches.recent('rome', 5)]).toEqual([
      [START + 3],
      [],
    ])
    const doubt: Row = { ...sending, ...stateOf(become(record, 'needs_attention'), START + 4) }
    await batches.saveRows([doubt])
    expect([
      await batches.open('paris'),
      (await counted(batches, batch.id)).needs_attention,
    ]).toEqual([[], 1])
  })

  it('a row that another process saw at rest stays there, whoever looked before', async () => {
    const {
      ledger: { batches },
      other,
    } = await setUp(open)
    const { batch } = await make(batches, 1)
    const [row] = (await batches.take(batch.id, 'paris', 1)) as [Row]
    const sending: Row = { ...row, ...stateOf(become(draft(row.request), 'sending'), START + 1) }
    const done = settled(row, START + 2)
    await batches.saveRows([done])
    expect((await batches.finish(finish(batch, START + 2)))?.status).toBe('finished')
    for (const late of [sending, row]) await other.batches.saveRows([late])
    expect(await batches.rows(batch.id, { limit: 1 })).toEqual([done])
    expect([await batches.open('paris'), (await counted(batches, batch.id)).succeeded]).toEqual([
      [],
      1,
    ])
  })

  it('is finished only when every row rests; what is dropped does, and tells no pace', async () => {
    const {
      ledger: { batches },
      other,
    } = await setUp(open)
    const { batch } = await make(batches, 2_101)
    const taken = await batches.take(batch.id, 'rome', 1)
    const stopped = (await batches.save(act(batch, 'stop', START) as Batch)) as Batch
    await batches.setWaiting(batch.id, WITHDRAWN)
    expect(await counted(other.batches, batch.id)).toMatchObject({ accepted: 1, rejected: 2_100 })
    expect(await other.batches.rows(batch.id, { status: 'rejected', limit: 1 })).toMatchObject([
      { row: 1, ...WITHDRAWN },
    ])
    expect(await other.batches.finish(finish(stopped, START + 1))).toBeNull()
    await batches.saveRows(taken.map((row) => settled(row, START + 1)))
    expect(await batches.finish(finish(batch, START + 1))).toBeNull()
    expect(await other.batches.finish(finish(stopped, START + 1))).toEqual({
      ...stopped,
      status: 'stopped',
      finishedAt: START + 1,
      version: 3,
    })
    expect([
      await batches.unfinished(),
      await batches.recent('paris', 9),
      await batches.recent('rome', 9),
    ]).toEqual([[], [], [START + 1]])
  })

  it('is forgotten four hundred days after it finished, with its rows', async () => {
    const { ledger, clock } = await setUp(open)
    const { batches } = ledger
    const { batch } = await make(batches, 3, { caller: 'erp' })
    const { batch: kept } = await make(batches, 3)
    await batches.setWaiting(batch.id, WITHDRAWN)
    await batches.finish(finish(batch, START))
    clock.now = START + RECORD_LIFE_MS - 1
    await ledger.sweep()
    expect((await batches.rows(batch.id, { limit: 9 })).length).toBe(3)
    clock.now += DAY
    await ledger.sweep()
    expect([
      await batches.get(batch.id),
      await batches.rows(batch.id, { limit: 9 }),
      await batches.tallies(batch.id),
    ]).toEqual([null, [], []])
    expect(await batches.list({ caller: null, limit: 9 })).toEqual([kept])
    expect((await batches.rows(kept.id, { limit: 9 })).length).toBe(3)
  })

  it('cancellations are found by their batch', async () => {
    const { ledger, other } = await setUp(open)
    const made = [
      draft(),
      { ...draft(), batchId: 'bat_1' },
      { ...draft(), batchId: 'bat_2' },
      { ...draft({ store: 'rome' }), batchId: 'bat_1' },
    ]
    for (const record of made) await ledger.claim(record, null)
    expect(ids(await other.list(query({ batchId: 'bat_1' })))).toEqual([made[1]?.id, made[3]?.id])
    expect(ids(await other.list(query({ batchId: 'bat_1', stores: ['rome'] })))).toEqual([
      made[3]?.id,
    ])
    expect((await other.get(made[1]?.id ?? ''))?.batchId).toBe('bat_1')
  })
}
