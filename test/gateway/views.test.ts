/**
 * How batches are shown: what they cost to read however many there are, and that their counts
 * follow what a person does.
 */
import { describe, expect, it, onTestFinished } from 'vitest'
import { createBatches } from '../../src/gateway/batches/service.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { act, type Batch, refusedState, type Row, stateOf } from '../../src/model/batch.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { problem } from '../../src/model/problem.ts'
import type { CancelRequest } from '../../src/model/request.ts'
import { become, draft, START } from '../ledger/records.ts'
import { counted } from './counted.ts'

/** A store that is well. */
const store = {
  adapter: { pace: { perSecond: 3, burst: 1 } },
  settleMs: 0,
  cooldownMs: () => 0,
  health: () => ({ breaker: 'closed' }),
}

/**
 * Batches over a ledger in memory, whose rows nobody takes; what is asked of the ledger and of the
 * gateway is counted.
 */
const setUp = () => {
  const { batches: kept } = openMemoryLedger(() => START)
  const records = new Map<string, Cancellation>()
  const asked: Record<string, number> = {}
  let now = START
  const count = <T extends object>(name: string, of: T) => counted(asked, name, of)
  const gateway = count('gateway', {
    get: async (id: string) => records.get(id) as Cancellation,
    cancel: () => Promise.reject(new Error('nobody asks')),
    withdraw: () => Promise.reject(new Error('nobody asks')),
  })
  const batches = createBatches({
    ledger: count('ledger', { ...kept, take: async () => [] }),
    gateway: {
      ...gateway,
      stores: new Map([
        ['paris', store],
        ['rome', store],
      ]),
    } as never,
    now: () => now,
    onFault: (error) => {
      throw error
    },
  })
  onTestFinished(() => batches.close())
  const make = async (size: number, store = 'paris') => {
    now += 1
    const requests: CancelRequest[] = Array.from({ length: size }, () => draft({ store }).request)
    return (await batches.create(requests, 'erp', null)).batch.id
  }
  /** A batch of which every row waits for a person. */
  const puzzled = async (size: number, wish: Partial<Cancellation> = {}) => {
    const id = await make(size)
    const made = (await kept.rows(id, { limit: size })).map((row): [Row, Cancellation] => {
      const record = {
        ...become({ ...draft(row.request), batchId: id }, 'needs_attention'),
        ...wish,
      }
      records.set(record.id, record)
      return [{ ...row, ...stateOf(record, START) }, record]
    })
    await kept.saveRows(made.map(([row]) => row))
    return { id, made: made.map(([, record]) => record) }
  }
  /** What a person has found out; whose gateway it is tells. */
  const resolve = (record: Cancellation, tells = true) => {
    const next: Cancellation = {
      ...become(record, 'succeeded'),
      resolution: { as: 'canceled', note: 'seen', by: 'ops', at: START },
    }
    records.set(next.id, next)
    if (tells) batches.onRecordSaved(next)
  }
  const spent = async (work: () => Promise<unknown>) => {
    for (const name of Object.keys(asked)) asked[name] = 0
    await work()
    return asked
  }
  return { batches, kept, make, puzzled, resolve, spent }
}

describe('a batch as it is shown', () => {
  it('a list asks for each batch’s tallies a few times, however many are in line', async () => {
    const { batches, make, spent } = setUp()
    const ids: string[] = []
    for (let index = 0; index < 40; index++)
      ids.push(await make(index === 39 ? 1 : 3, index % 2 ? 'rome' : 'paris'))
    const asked = await spent(() => batches.list({ caller: null, limit: 26 }))
    expect(asked['ledger.tallies']).toBeLessThanOrEqual(26 + 40)
    expect([asked['ledger.unfinished'], asked['ledger.recent'], asked['gateway.get'] ?? 0]).toEqual(
      [1, 2, 0],
    )
    // A row a second: three calls of three a second. What waits before it are the rows of its own
    // store's batches.
    expect(await batches.get(ids[38] as string)).toMatchObject({
      counts: { accepted: 3 },
      remainingSeconds: 20 * 3,
    })
    expect(await batches.get(ids[39] as string)).toMatchObject({
      counts: { accepted: 1 },
      remainingSeconds: 19 * 3 + 1,
    })
  })

  it('who is paused or slower is in nobody’s way', async () => {
    const { batches, kept, make } = setUp()
    const [first, second, third] = [await make(30), await make(7, 'rome'), await make(2)]
    expect((await batches.get(third)).remainingSeconds).toBe(32)
    await kept.save(act((await kept.get(first)) as Batch, 'pause', START) as Batch)
    expect([
      (await batches.get(third)).remainingSeconds,
      (await batches.get(second)).remainingSeconds,
    ]).toEqual([2, 7])
  })

  it('hundreds that need a person take no look each; a read knows the resolved', async () => {
    const { batches, puzzled, resolve, spent } = setUp()
    const { id, made } = await puzzled(450)
    const asked = await spent(() => batches.get(id))
    expect(asked['gateway.get']).toBeLessThanOrEqual(100)
    expect(
      (await spent(() => batches.list({ caller: null, limit: 26 })))['gateway.get'],
    ).toBeLessThanOrEqual(100)
    for (const record of [made[449], made[3], made[220]] as Cancellation[]) resolve(record)
    expect((await batches.get(id)).counts).toMatchObject({ needs_attention: 447, succeeded: 3 })
    for (const record of made.slice(5, 205)) resolve(record)
    expect((await batches.list({ caller: null, limit: 26 }))[0]?.counts).toMatchObject({
      needs_attention: 247,
      succeeded: 203,
    })
    const rows = (await batches.items(id, { status: 'succeeded', limit: 300 })).map(
      ({ row }) => row,
    )
    expect([rows.length, rows.at(-1)]).toEqual([203, 450])
  })

  it('what nobody tells of (a row’s earlier record, another process) shows at once', async () => {
    const { batches, puzzled, resolve } = setUp()
    const { id, made } = await puzzled(250, { batchId: null })
    for (const record of made) resolve(record, false)
    expect((await batches.items(id, { limit: 5, after: 200 })).map(({ status }) => status)).toEqual(
      Array(5).fill('succeeded'),
    )
    const left = []
    for (let read = 0; read < 3; read++) left.push((await batches.get(id)).counts.needs_attention)
    expect(left).toEqual([145, 45, 0])
    const few = await puzzled(60, { batchId: null })
    expect((await batches.list({ caller: null, limit: 26 }))[0]?.counts.needs_attention).toBe(60)
    for (const record of few.made) resolve(record, false)
    expect((await batches.get(few.id)).counts).toMatchObject({ needs_attention: 0, succeeded: 60 })
  })

  it('a page of a status has no row of another, and is full while there are more', async () => {
    const { batches, puzzled, resolve } = setUp()
    const { id, made } = await puzzled(400, { batchId: null })
    for (const [index, record] of made.entries()) if (index % 2 === 0) resolve(record, false)
    const page = await batches.items(id, { status: 'needs_attention', limit: 100 })
    expect(page.map(({ row, status }) => [row, status])).toEqual(
      Array.from({ length: 100 }, (_, index) => [2 * index + 2, 'needs_attention']),
    )
  })

  it('fewer than a look takes are looked at once each, and nothing is written of them', async () => {
    const { batches, puzzled, spent } = setUp()
    const { id } = await puzzled(60)
    for (let read = 0; read < 2; read++) {
      const { 'gateway.get': looks, 'ledger.saveRows': writes = 0 } = await spent(() =>
        batches.get(id),
      )
      expect([looks, writes]).toEqual([60, 0])
    }
  })

  it('more than a look takes are gone through, read by read, and then from the first', async () => {
    const { batches, puzzled, resolve, spent } = setUp()
    const { id, made } = await puzzled(150, { batchId: null })
    await batches.get(id)
    resolve(made[149] as Cancellation, false)
    const { 'gateway.get': looks, 'ledger.saveRows': writes } = await spent(async () =>
      expect((await batches.get(id)).counts.succeeded).toBe(1),
    )
    expect([looks, writes]).toEqual([100, 1])
  })

  it('a full look asks for no more rows', async () => {
    const { batches, puzzled, spent } = setUp()
    const { id } = await puzzled(250)
    for (let read = 0; read < 2; read++)
      expect((await spent(() => batches.get(id)))['ledger.rows']).toBe(1)
  })

  it('once fewer are left, each is looked at once again', async () => {
    const { batches, puzzled, resolve, spent } = setUp()
    const { id, made } = await puzzled(130, { batchId: null })
    await batches.get(id)
    for (const record of made.slice(0, 90)) resolve(record, false)
    for (let read = 0; read < 3; read++) await batches.get(id)
    expect((await batches.get(id)).counts.needs_attention).toBe(40)
    expect((await spent(() => batches.get(id)))['gateway.get']).toBe(40)
  })

  it('what is over, or never was a cancellation, is not looked for', async () => {
    const { batches, kept, make, puzzled, resolve, spent } = setUp()
    const { id, made } = await puzzled(3)
    for (const record of made) resolve(record)
    await batches.get(id)
    expect((await spent(() => batches.items(id, { limit: 9 })))['gateway.get'] ?? 0).toBe(0)
    const refused = await make(1)
    const [row] = await kept.rows(refused, { limit: 1 })
    const later = problem('platform-unavailable', 'Not now.')
    expect(later.retryable).toBe(true)
    await kept.saveRows([{ ...(row as Row), ...refusedState(later, START) }])
    const { 'gateway.get': looks = 0 } = await spent(async () =>
      expect(await batches.items(refused, { limit: 9 })).toMatchObject([
        { status: 'rejected', cancellation: null, problem: { detail: 'Not now.' } },
      ]),
    )
    expect(looks).toBe(0)
  })
})
