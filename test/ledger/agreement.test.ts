/**
 * All ledgers answer alike: random histories, told to the simplest ledger and to another at once.
 */
import fc from 'fast-check'
import type { FullLedger, Lease, Query } from '../../src/ledger/port.ts'
import { type Cancellation, ORIGINS, STATUSES } from '../../src/model/cancellation.ts'
import type { Delivery, Owed } from '../../src/model/delivery.ts'
import { become, DAY, draft, key, START } from './records.ts'
import { testAgreement } from './agreeing.ts'

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
      origin: fc.constantFrom(undefined, undefined, 'platform' as const, 'link' as const),
      link: fc.constantFrom(undefined, undefined, 'SO-0', 'SO-1'),
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
      // Succeeded, and open again at its platform.
      isReopened: fc.boolean(),
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
      origin: fc.constantFrom(undefined, undefined, ...ORIGINS),
      link: fc.constantFrom(undefined, undefined, 'SO-1'),
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
        const made = {
          ...draft({
            id: `can_${String(index).padStart(3, '0')}`,
            at: clock.now,
            store: `s${step.store}`,
            orderId: `o${step.order}`,
            target: step.target,
            notify: step.notify,
            reference: step.reference === null ? null : `r${step.reference}`,
          }),
          origin: step.origin,
          link: step.link,
        }
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
          reopenedAt: step.isReopened && step.status === 'succeeded' ? clock.now : undefined,
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

testAgreement(STEP, tell)
