/** How long a batch is said to take: by the pace of its stores, measured or allowed. */
import { describe, expect, it } from 'vitest'
import { openRemaining } from '../../src/gateway/batches/remaining.ts'
import type { Batch, Tally } from '../../src/model/batch.ts'
import type { Status } from '../../src/model/cancellation.ts'
import { START } from '../ledger/records.ts'

const batchOf = (over: Partial<Batch> = {}): Batch => ({
  id: 'bat_5',
  version: 1,
  status: 'running',
  caller: 'erp',
  total: 10,
  stores: ['paris'],
  createdAt: START,
  startedAt: START,
  finishedAt: null,
  ...over,
})
const tally = (
  count: number,
  phase: Tally['phase'] = 'waiting',
  status: Status = 'accepted',
  store = 'paris',
): Tally => ({ store, phase, status, count })

interface Options {
  /** When rows of each store came to rest, the latest first. */
  readonly recent?: readonly number[]
  readonly older?: readonly (readonly [batch: Partial<Batch>, tallies: readonly Tally[]])[]
  readonly now?: number
  readonly stores?: readonly string[]
}

/** Three calls a second are allowed: a row a second. */
const secondsOf = (
  batch: Batch,
  tallies: readonly Tally[],
  { recent = [], older = [], now = START + 60_000, stores = ['paris', 'rome'] }: Options = {},
): Promise<number | null> => {
  const others = older.map(([over, those]) => ({ batch: batchOf(over), those }))
  const store = { adapter: { pace: { perSecond: 3, burst: 1 } }, settleMs: 90_000 }
  return openRemaining({
    ledger: {
      recent: async () => recent,
      unfinished: async () => others.map((one) => one.batch),
      tallies: async (id: string) => others.find((one) => one.batch.id === id)?.those ?? [],
    } as never,
    gateway: { stores: new Map(stores.map((id) => [id, store])) } as never,
    now: () => now,
  })(batch, tallies)
}

describe('how long it will take', () => {
  it('is by what the platform allows, where nothing was measured', async () => {
    expect(await secondsOf(batchOf(), [tally(10), tally(7, 'rest', 'succeeded')])).toBe(10)
  })

  it('is by the pace of the last rows, once there are five', async () => {
    // Four in the last eight seconds: one each two.
    const recent = [8, 6, 4, 2, 0].map((second) => START + second * 1_000)
    const at = { now: START + 8_000 }
    expect(await secondsOf(batchOf(), [tally(10)], { ...at, recent })).toBe(20)
    expect(await secondsOf(batchOf(), [tally(10)], { ...at, recent: recent.slice(1) })).toBe(10)
    // The longer nothing comes to rest, the slower it is.
    expect(await secondsOf(batchOf(), [tally(10)], { now: START + 16_000, recent })).toBe(40)
  })

  it('is not by rows of before it began, or went on', async () => {
    const recent = [1, 2, 3, 4, 5].map((second) => START - second * 1_000)
    expect(await secondsOf(batchOf(), [tally(10)], { recent })).toBe(10)
    const since = [START, ...recent.slice(0, 4)].map((at) => at + 4_000)
    const began = batchOf({ startedAt: START })
    expect(await secondsOf(began, [tally(10)], { recent: since, now: START + 4_000 })).toBe(10)
  })

  it('is of older batches that run, too, of the same store; not of younger or paused ones', async () => {
    const older = [
      [{ id: 'bat_1' }, [tally(4), tally(2, 'open'), tally(9, 'rest', 'rejected')]],
      [{ id: 'bat_2' }, [tally(100, 'waiting', 'accepted', 'rome'), tally(3)]],
      [{ id: 'bat_3', status: 'paused' }, [tally(50)]],
      [{ id: 'bat_5' }, [tally(10)]],
      [{ id: 'bat_9' }, [tally(70)]],
    ] as const
    expect(await secondsOf(batchOf(), [tally(10)], { older })).toBe(19)
  })

  it('is that of the slowest store, and nothing can be said where one is gone', async () => {
    const both = batchOf({ stores: ['paris', 'rome'] })
    const tallies = [tally(3), tally(8, 'waiting', 'accepted', 'rome')]
    expect(await secondsOf(both, tallies)).toBe(8)
    expect(await secondsOf(both, tallies, { stores: ['paris'] })).toBeNull()
    // Of the store that is gone nothing is left.
    expect(await secondsOf(both, [tally(3)], { stores: ['paris'] })).toBe(3)
  })

  it('is no less than doubt takes at the platform', async () => {
    expect(await secondsOf(batchOf(), [tally(1, 'open', 'in_doubt')])).toBe(90)
    expect(await secondsOf(batchOf(), [tally(200), tally(1, 'open', 'in_doubt')])).toBe(201)
    expect(await secondsOf(batchOf(), [tally(1, 'open')])).toBe(1)
  })

  it('is nothing where all are at rest, and unknown while it is paused', async () => {
    const rest = [tally(10, 'rest', 'succeeded')]
    expect(await secondsOf(batchOf(), rest)).toBe(0)
    expect(await secondsOf(batchOf({ status: 'finished', finishedAt: START }), rest)).toBe(0)
    expect(await secondsOf(batchOf({ status: 'paused' }), [tally(10)])).toBeNull()
  })
})
