/**
 * All ledgers answer alike: random histories, told to the simplest ledger and to another at once.
 */
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FullLedger, Lease, Query } from '../../src/ledger/port.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { openRedisLedger } from '../../src/ledger/redis/redis.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { type Cancellation, STATUSES } from '../../src/model/cancellation.ts'
import type { Delivery, Owed } from '../../src/model/delivery.ts'
import { temporaryFolder } from './files.ts'
import { become, DAY, draft, key, START } from './records.ts'
import { describeRedis, type RedisServer, startRedis } from './redis-server.ts'

const RUNS = Number(process.env['RESCIND_RUNS'] ?? 60)

const few = fc.nat(3)
const WEBHOOKS = ['erp', 'shop'] as const
/** To whom something is owed, and whether the event is wanted there. */
const OWES = fc.array(
  fc.record({ webhook: fc.constantFrom(...WEBHOOKS), isWanted: fc.boolean() }),
  { maxLength: 2 },
)
const STEP = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      order: fc.nat(1),
      store: fc.nat(1),
      target: fc.constantFrom('order' as const, 'order' as const, 'transfer' as const),
      notify: fc.constantFrom(null, null, true, false),
      isFinal: fc.boolean(),
      key: fc.option(few),
      body: fc.nat(1),
      reference: fc.option(fc.nat(1)),
      owes: OWES,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('save' as const),
      record: fc.nat(),
      status: fc.constantFrom(...STATUSES),
      isStale: fc.nat(9),
      lease: fc.option(fc.nat()),
      keepMs: fc.option(fc.constantFrom(0, 500, 5_000)),
      wakeMs: few,
      owes: OWES,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('owe' as const),
      record: fc.nat(),
      revision: fc.nat(12),
      owes: OWES,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('try' as const),
      webhook: fc.constantFrom(...WEBHOOKS),
      limit: fc.integer({ min: 1, max: 4 }),
      // Else one that was read some time ago.
      isFresh: fc.boolean(),
      which: fc.nat(),
      state: fc.constantFrom('owed' as const, 'delivered' as const, 'failed' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('replay' as const),
      webhook: fc.constantFrom(...WEBHOOKS),
      sinceMs: fc.nat(700),
      lastsMs: fc.nat(5_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('lease' as const),
      record: fc.nat(),
      lock: fc.nat(1),
      ttlMs: fc.constantFrom(1, 500, 5_000),
      isStale: fc.nat(9),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), lease: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 250, 600, 5_000, 29 * DAY, 200 * DAY),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('due' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      stores: fc.constantFrom(null, ['s0'], ['s0', 's1']),
      order: fc.constantFrom('asc' as const, 'desc' as const),
      status: fc.option(fc.constantFrom(...STATUSES), { nil: undefined }),
      orderId: fc.constantFrom(undefined, 'o0'),
      reference: fc.constantFrom(undefined, 'r1'),
      byUpdate: fc.boolean(),
      limit: fc.integer({ min: 1, max: 5 }),
      after: fc.option(fc.nat()),
    }),
  },
)
type Owes = typeof OWES extends fc.Arbitrary<infer Some> ? Some : never
type Step = typeof STEP extends fc.Arbitrary<infer One> ? One : never

/** Tells a history to a ledger; what it answered, with leases named by their place. */
const tell = async (
  ledger: FullLedger,
  clock: { now: number },
  steps: readonly Step[],
): Promise<unknown[]> => {
  const drafts: Cancellation[] = []
  const leases: Lease[] = []
  const answers: unknown[] = []
  const read: Delivery[] = []
  const owed = (subject: string, revision: number, owes: Owes): Owed[] =>
    owes.map(({ webhook, isWanted }) => ({
      webhook,
      subject,
      revision,
      type: 'cancellation.succeeded',
      body: isWanted ? `${revision}` : null,
      at: clock.now,
    }))
  const pick = <T>(from: readonly T[], at: number): T | undefined =>
    from[at % Math.max(from.length, 1)]
  const current = async (at: number): Promise<Cancellation | null> => {
    const chosen = pick(drafts, at)
    return chosen ? ledger.get(chosen.id) : null
  }
  for (const [index, step] of steps.entries()) {
    switch (step.do) {
      case 'claim': {
        const made = draft({
          id: `can_${String(index).padStart(3, '0')}`,
          at: clock.now,
          store: `s${step.store}`,
          orderId: `o${step.order}`,
          target: step.target,
          notify: step.notify,
          reference: step.reference === null ? null : `r${step.reference}`,
        })
        drafts.push(made)
        answers.push(
          await ledger.claim(
            step.isFinal ? become(made, 'succeeded') : made,
            step.key === null ? null : key(`k${step.key}`, `${step.body}`),
            owed(made.id, made.version, step.owes),
          ),
        )
        break
      }
      case 'save': {
        const record = await current(step.record)
        if (!record) break
        const next = {
          ...become(record, step.status, clock.now),
          version: record.version - (step.isStale === 0 ? 1 : 0),
        }
        answers.push(
          await ledger.save(
            next.wakeAt === null ? next : { ...next, wakeAt: next.wakeAt + step.wakeMs * 300 },
            step.lease === null ? undefined : pick(leases, step.lease),
            step.keepMs === null ? undefined : clock.now + step.keepMs,
            owed(next.id, next.version + 1, step.owes),
          ),
        )
        break
      }
      case 'owe': {
        const subject = pick(drafts, step.record)
        if (subject) await ledger.deliveries.owe(owed(subject.id, step.revision, step.owes))
        break
      }
      case 'try': {
        const rows = await ledger.deliveries.next(step.webhook, step.limit)
        read.push(...rows)
        const sent = pick(step.isFresh ? rows : read, step.which)
        answers.push(rows)
        if (sent)
          answers.push(await ledger.deliveries.settle(sent, step.state, `${index}`, clock.now))
        break
      }
      case 'replay': {
        const since = START + step.sinceMs
        answers.push(await ledger.deliveries.replay(step.webhook, since, since + step.lastsMs))
        break
      }
      case 'lease': {
        const record = await current(step.record)
        if (!record) break
        const lease = await ledger.lease(
          step.isStale === 0 ? { ...record, version: record.version + 1 } : record,
          `lock ${step.lock}`,
          step.ttlMs,
        )
        if (typeof lease !== 'string') leases.push(lease)
        answers.push(typeof lease === 'string' ? lease : { ...lease, epoch: leases.length })
        break
      }
      case 'release': {
        const lease = pick(leases, step.lease)
        if (lease) await ledger.release(lease)
        break
      }
      case 'pass':
        clock.now += step.ms
        break
      case 'sweep':
        await ledger.sweep()
        break
      case 'due':
        answers.push(
          (await ledger.due(['s0', 's1'], 100)).sort(
            (a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0) || (a.id < b.id ? -1 : 1),
          ),
        )
        break
      case 'list': {
        const { do: _, byUpdate, after, ...asked } = step
        const place = after === null ? undefined : pick(drafts, after)
        const query: Query = {
          ...asked,
          updatedAfter: byUpdate ? START - 1 : undefined,
          after: place && { at: place.createdAt, id: place.id },
        }
        answers.push(await ledger.list(query))
        break
      }
    }
  }
  const records = await Promise.all(drafts.map(({ id }) => ledger.get(id)))
  const told = await Promise.all([
    ...drafts.map(({ id }) => ledger.deliveries.of(id)),
    ...WEBHOOKS.map((webhook) => ledger.deliveries.owedOf(webhook)),
  ])
  return [...answers, records, told, (await ledger.deliveries.webhooks()).sort()]
}

const agree = (open: (now: () => number, run: number) => Promise<FullLedger>) => async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 40 }), async (steps) => {
      const [ours, theirs] = [{ now: START }, { now: START }]
      const ledger = await open(() => theirs.now, run++)
      try {
        expect(await tell(ledger, theirs, steps)).toEqual(
          await tell(
            openMemoryLedger(() => ours.now),
            ours,
            steps,
          ),
        )
      } finally {
        await ledger.close()
      }
    }),
    { numRuns: RUNS },
  )
}

describe('agreement with the memory ledger', () => {
  it('sqlite', { timeout: 600_000 }, async () => {
    const folder = temporaryFolder()
    await agree(async (now, run) => openSqliteLedger(`${folder}/${run}.db`, now))()
  })

  describeRedis('with a Redis server', () => {
    let server: RedisServer
    let admin: Redis
    beforeAll(async () => {
      server = await startRedis()
      admin = new Redis(server.url)
    })
    afterAll(async () => {
      admin?.disconnect()
      await server?.remove()
    })

    it(
      'redis',
      { timeout: 600_000 },
      agree(async (now) => {
        await admin.flushall()
        return openRedisLedger(server.url, { pauseMs: 1_000, now })
      }),
    )
  })
})
