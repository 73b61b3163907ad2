/**
 * One turn of a store's rows: which are looked at and when, which are made cancellations, and how
 * much room they take; over records that are set by hand.
 */
import { describe, expect, it } from 'vitest'
import {
  AT_ONCE,
  type BatchRunnerOptions,
  createBatchRunner,
} from '../../src/gateway/batches/runner.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import type { NewRow } from '../../src/ledger/port.ts'
import { awaited } from '../../src/model/approval.ts'
import { act, type Batch, type Row, type RowState, stateOf } from '../../src/model/batch.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { problem, ProblemError, refuse } from '../../src/model/problem.ts'
import type { CancelRequest } from '../../src/model/request.ts'
import { START } from '../ledger/records.ts'
import { record, request } from '../model/samples.ts'
import { counted } from './counted.ts'

const LOOK_MS = 2_000
const ORPHAN_MS = 2_000
const SILENT_MS = 10_000

interface Options {
  /** What becomes of a row that is made a cancellation. */
  readonly becomes?: (row: number) => Partial<Cancellation> | 'refused'
  readonly batch?: Partial<Batch>
  readonly isConfigured?: boolean
}

/** A gateway whose records are set by hand: which were looked at, and how each was asked for. */
const openGateway = (
  { becomes = () => ({}), isConfigured = true }: Options,
  clock: { now: number },
) => {
  const records = new Map<string, Cancellation>()
  const terms: unknown[] = []
  const looked: unknown[] = []
  const store = { cooldownMs: () => 0, health: () => ({ breaker: 'closed' }) }
  const stateAs = (row: number, over: Partial<Cancellation>): Cancellation => {
    const made = record({
      id: `can_${row}`,
      batchId: 'bat_1',
      request: request({ store: 'paris', orderId: `o${row}` }),
      updatedAt: clock.now,
      wakeAt: clock.now,
      ...over,
    })
    records.set(made.id, made)
    return made
  }
  const rejected = { status: 'rejected', wakeAt: null } as const
  const rowOf = ({ orderId }: CancelRequest): number => Number(orderId.slice(1))
  const gateway = {
    stores: new Map(isConfigured ? [['paris', store]] : []),
    timing: timing(),
    cancel: async (wanted: CancelRequest, ...more: unknown[]) => {
      terms.push(more.at(-1))
      const end = becomes(rowOf(wanted))
      if (end === 'refused') throw new ProblemError(problem('unsupported', 'Not there.'))
      return { how: 'created', record: stateAs(rowOf(wanted), end) }
    },
    forgo: async (wanted: CancelRequest) => stateAs(rowOf(wanted), rejected),
    get: async (id: string) => {
      looked.push(id)
      return records.get(id) ?? refuse('cancellation-not-found', 'There is none.')
    },
    withdraw: async (id: string) => {
      const next = { ...(records.get(id) as Cancellation), ...rejected }
      records.set(id, next)
      return next
    },
  }
  return { gateway, records, terms, looked, store, stateAs }
}

/** A batch with so many rows of one store, of which nobody has one. */
const batchOf = (size: number, over: Partial<Batch> = {}): [Batch, NewRow[]] => [
  {
    id: 'bat_1',
    version: 1,
    status: 'running',
    caller: 'erp',
    total: size,
    stores: ['paris'],
    createdAt: START,
    startedAt: START,
    finishedAt: null,
    ...over,
  },
  Array.from({ length: size }, (_, index) => ({
    row: index + 1,
    request: request({ store: 'paris', orderId: `o${index + 1}` }),
  })),
]

const open = (options: Options = {}) => {
  const clock = { now: START }
  const { batches: kept } = openMemoryLedger(() => clock.now)
  const asked: Record<string, number> = {}
  const faults: unknown[] = []
  const at = openGateway(options, clock)
  const runnerOver = (ledger: BatchRunnerOptions['ledger']) =>
    createBatchRunner({
      ledger: counted(asked, 'ledger', ledger),
      gateway: counted(asked, 'gateway', at.gateway) as unknown as BatchRunnerOptions['gateway'],
      now: () => clock.now,
      onFault: (error) => void faults.push(error),
      owes: () => [],
      onOwed: () => {},
    })
  const runner = runnerOver(kept)
  const rows = (): Promise<Row[]> => kept.rows('bat_1', { limit: 1_000 })
  return {
    ...at,
    clock,
    kept,
    runner,
    runnerOver,
    faults,
    rows,
    phases: async () => (await rows()).map(({ phase }) => phase),
    make: (size: number) => kept.create(...batchOf(size, options.batch), null),
    async turn(ms = 0) {
      clock.now += ms
      runner.schedule('paris')
      await runner.idle()
    },
    /** Calls that a piece of work makes. */
    async spent(work: () => Promise<unknown>) {
      for (const name of Object.keys(asked)) delete asked[name]
      at.looked.length = 0
      await work()
      return { ...asked }
    },
    stop: async () => kept.save(act((await kept.get('bat_1')) as Batch, 'stop', 0) as Batch),
  }
}

/** So many rows that were made cancellations, all in a state. */
const opened = async (size: number, over: Partial<Cancellation>, options: Options = {}) => {
  const at = open({ becomes: () => over, ...options })
  await at.make(size)
  await at.turn()
  return at
}

describe('a row that is made a cancellation', () => {
  it('goes with what was said of its batch, and is noted as asked by it', async () => {
    const at = open({ batch: { keyName: 'night', needsApproval: true } })
    await at.make(1)
    await at.turn()
    expect(at.terms).toEqual([
      {
        keyName: 'night',
        needsApproval: true,
        asker: { caller: 'erp', key: 'night', via: 'batch', requestId: null },
      },
    ])
    const plain = await opened(1, {})
    expect(plain.terms).toMatchObject([{ asker: { caller: 'erp', key: null } }])
  })

  it('and is at rest at once makes room at once: all are asked in one go', async () => {
    const at = open({ becomes: () => 'refused' })
    await at.make(10)
    await at.turn()
    expect(await at.phases()).toEqual(Array(10).fill('rest'))
  })

  it('one of three that is at rest is followed by one more, at once', async () => {
    const at = open({ becomes: (row) => (row === 2 ? 'refused' : {}) })
    await at.make(6)
    await at.turn()
    expect(await at.phases()).toEqual(['open', 'rest', 'open', 'open', 'waiting', 'waiting'])
  })

  it('and stays open calls for no further turn', async () => {
    const at = open()
    await at.make(6)
    const asked = await at.spent(() => at.turn())
    expect([asked['ledger.unfinished'], asked['gateway.cancel']]).toEqual([1, AT_ONCE])
  })
})

describe('a row that a process took and did not make a cancellation', () => {
  const taken = async (options: Options = {}) => {
    const at = open(options)
    await at.make(5)
    await at.kept.take('bat_1', 'paris', AT_ONCE)
    return at
  }

  it('is left to that process for two seconds, and keeps its room', async () => {
    const at = await taken()
    for (const ms of [0, 1_000, ORPHAN_MS - 1_001]) await at.turn(ms)
    expect([at.terms, at.looked, await at.phases()]).toEqual([
      [],
      [],
      ['taken', 'taken', 'taken', 'waiting', 'waiting'],
    ])
    await at.turn(1)
    expect(at.terms).toHaveLength(AT_ONCE)
  })

  it('of a batch that was stopped is given up, and looked for no further', async () => {
    const at = await taken()
    await at.stop()
    const asked = await at.spent(() => at.turn(ORPHAN_MS))
    expect([asked['gateway.forgo'], asked['gateway.cancel'], at.looked]).toEqual([
      AT_ONCE,
      undefined,
      [],
    ])
    expect((await at.phases()).slice(0, 3)).toEqual(['rest', 'rest', 'rest'])
  })

  it('waits where its store was taken out, and does not keep the others from their turn', async () => {
    const at = await taken({ isConfigured: false })
    await at.turn(ORPHAN_MS)
    expect([at.terms, at.faults]).toEqual([[], []])
    await at.turn(at.gateway.timing.deadlineMs)
    expect(at.terms.length).toBeGreaterThan(0)
  })
})

describe('a row that is open', () => {
  it('is looked at in every turn while it is at work, and in doubt every two seconds', async () => {
    const at = open({ becomes: (row) => (row === 1 ? {} : { status: 'in_doubt' }) })
    await at.make(2)
    await at.turn()
    const looks: unknown[][] = []
    for (const ms of [0, 1, LOOK_MS - 2, 1, 1, LOOK_MS - 1]) {
      await at.spent(() => at.turn(ms))
      looks.push([...at.looked])
    }
    const [busy, all] = [['can_1'], ['can_1', 'can_2']]
    expect(looks).toEqual([busy, busy, busy, all, busy, all])
  })

  it.each(['accepted', 'sending'] as const)('and %s takes room', async (status) => {
    const at = await opened(6, {})
    for (const row of [1, 2, 3]) at.stateAs(row, { status })
    await at.turn(LOOK_MS)
    expect(await at.phases()).toEqual(['open', 'open', 'open', 'waiting', 'waiting', 'waiting'])
  })

  it('and in doubt takes none', async () => {
    const at = await opened(6, {})
    for (const row of [1, 2, 3]) at.stateAs(row, { status: 'in_doubt' })
    await at.turn(LOOK_MS)
    expect((await at.phases()).filter((phase) => phase === 'open')).toHaveLength(6)
  })

  it('whose batch nobody lists yet is followed all the same', async () => {
    const at = await opened(1, {})
    at.stateAs(1, { status: 'succeeded', wakeAt: null })
    const runner = at.runnerOver({ ...at.kept, unfinished: async () => [] })
    runner.schedule('paris')
    await runner.idle()
    expect([at.faults, await at.phases()]).toEqual([[], ['rest']])
  })
})

describe('rows whose next try is far off', () => {
  /** Three rows whose records were last written to so long ago, and wait for their next try. */
  const asleep = async (ms: number) => {
    const at = await opened(6, {})
    for (const row of [1, 2, 3])
      at.stateAs(row, { updatedAt: START, wakeAt: START + 10 * SILENT_MS })
    return { ...at, turn: () => at.turn(ms) }
  }
  const begun = async ({ phases }: { phases: () => Promise<string[]> }) =>
    (await phases()).filter((phase) => phase === 'open').length

  it('keep no room from ten seconds on, where the store is well', async () => {
    const early = await asleep(SILENT_MS - 1)
    await early.turn()
    expect(await begun(early)).toBe(AT_ONCE)
    const late = await asleep(SILENT_MS)
    await late.turn()
    expect(await begun(late)).toBe(2 * AT_ONCE)
  })

  it.each<[string, object]>([
    ['that rests', { cooldownMs: () => 1_000 }],
    ['that is cut off', { health: () => ({ breaker: 'open' }) }],
    ['that is being tried', { health: () => ({ breaker: 'half-open' }) }],
  ])('keep it at a store %s', async (_, more) => {
    const at = await asleep(SILENT_MS)
    Object.assign(at.store, more)
    await at.turn()
    expect(await begun(at)).toBe(AT_ONCE)
  })

  it('are looked at every two seconds, not in every turn', async () => {
    const at = await asleep(SILENT_MS)
    await at.turn()
    await at.spent(async () => {
      at.runner.schedule('paris')
      await at.runner.idle()
    })
    expect(at.looked).not.toContain('can_1')
  })

  it('and that was written to lately keeps its room', async () => {
    const at = await asleep(SILENT_MS)
    at.stateAs(2, { updatedAt: START + 1, wakeAt: START + 10 * SILENT_MS })
    await at.turn()
    expect(await begun(at)).toBe(2 * AT_ONCE - 1)
  })
})

describe('a turn of the clock', () => {
  /** So many rows that wait for somebody’s approval. */
  const awaiting = async (size: number) => {
    const at = open({ becomes: () => ({ approval: { ...awaited, askedAt: START } }) })
    await at.make(size)
    await at.turn()
    expect(await at.phases()).toEqual(Array(size).fill('rest'))
    return at
  }
  const statuses = async ({ rows }: { rows: () => Promise<Pick<RowState, 'status'>[]> }) => [
    ...new Set((await rows()).map(({ status }) => status)),
  ]

  it('takes back all that waits for approval in a batch that was stopped, then ends it', async () => {
    const at = await awaiting(201)
    await at.stop()
    await at.runner.tick()
    expect((await at.kept.get('bat_1'))?.finishedAt).toBeNull()
    expect(await statuses(at)).toEqual(['rejected', 'accepted'])
    for (let turn = 0; turn < 2; turn++) await at.runner.tick()
    expect(await statuses(at)).toEqual(['rejected'])
    expect(await at.kept.get('bat_1')).toMatchObject({ status: 'stopped', finishedAt: START })
  })

  it('leaves what waits for approval alone while its batch runs', async () => {
    const at = await awaiting(3)
    await at.spent(async () => {
      await at.runner.tick()
      await at.runner.idle()
    })
    expect([at.looked, await statuses(at)]).toEqual([[], ['accepted']])
  })

  it('writes nothing of rows that it could not take back', async () => {
    const at = await awaiting(2)
    await at.stop()
    for (const row of [1, 2]) at.records.delete(`can_${row}`)
    const asked = await at.spent(() => at.runner.tick())
    expect(asked['ledger.saveRows']).toBeUndefined()
    expect((await at.kept.get('bat_1'))?.finishedAt).toBe(START)
  })

  it('does nothing once the runner is closed', async () => {
    const at = open()
    await at.make(2)
    await at.runner.close()
    expect(await at.spent(() => at.runner.tick())).toEqual({})
    expect(await at.spent(() => at.turn())).toEqual({})
    expect(await at.phases()).toEqual(['waiting', 'waiting'])
  })

  it('is over when every store has had its turn', async () => {
    const at = open()
    await at.make(1)
    await at.runner.tick()
    await at.runner.idle()
    expect(await at.phases()).toEqual(['open'])
  })
})

it('what a row is, follows its record', () => {
  expect(stateOf(record({ status: 'in_doubt' }), 5)).toMatchObject({ phase: 'open', at: 5 })
  expect(stateOf(record({ status: 'needs_attention' }), 5)).toMatchObject({ phase: 'rest' })
})
