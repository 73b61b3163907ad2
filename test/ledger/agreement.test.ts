/**
 * All ledgers answer alike: random histories, told to the simplest ledger and to another at once.
 */
import { awaited } from '../../src/model/approval.ts'
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
      reopened: fc.constantFrom(undefined, undefined, undefined, true as const),
      approval: fc.constantFrom(undefined, undefined, undefined, 'awaited' as const),
      byUpdate: fc.boolean(),
      limit: fc.integer({ min: 1, max: 5 }),
      after: fc.option(fc.nat()),
    }),
  },
)
type Owes = typeof OWES extends fc.Arbitrary<infer Some> ? Some : never
type Step = typeof STEP extends fc.Arbitrary<infer One> ? One : never

/** A history as far as it was told to one ledger. */
interface Told {
  readonly ledger: FullLedger
  readonly clock: { now: number }
  readonly drafts: Cancellation[]
  readonly leases: Lease[]
  readonly deliveries: Delivery[]
}

const pick = <T>(from: readonly T[], at: number): T | undefined =>
  from[at % Math.max(from.length, 1)]

const current = async ({ ledger, drafts }: Told, at: number): Promise<Cancellation | null> => {
  const chosen = pick(drafts, at)
  return chosen ? ledger.get(chosen.id) : null
}

const owed = ({ clock }: Told, subject: string, revision: number, owes: Owes): Owed[] =>
  owes.map(({ webhook, isWanted }) => ({
    webhook,
    subject,
    revision,
    type: 'cancellation.succeeded',
    body: isWanted ? `${revision}` : null,
    at: clock.now,
  }))

/** Takes one kind of step; what the ledger answered to it. */
type Take<Kind extends Step['do']> = (
  told: Told,
  step: Extract<Step, { do: Kind }>,
  index: number,
) => Promise<unknown[]>

const STEPS: { readonly [Kind in Step['do']]: Take<Kind> } = {
  async claim(told, { store, order, target, notify, reference, isFinal, ...step }, index) {
    const made = {
      ...draft({
        id: `can_${String(index).padStart(3, '0')}`,
        at: told.clock.now,
        store: `s${store}`,
        orderId: `o${order}`,
        target,
        notify,
        reference: reference === null ? null : `r${reference}`,
      }),
      origin: step.origin,
      link: step.link,
      ...(index % 3 === 0 && { approval: awaited }),
    }
    told.drafts.push(made)
    return [
      await told.ledger.claim(
        isFinal ? become(made, 'succeeded') : made,
        step.key === null ? null : key(`k${step.key}`, `${step.body}`),
        owed(told, made.id, made.version, step.owes),
      ),
    ]
  },

  async save(told, { status, isStale, wakeMs, lease, keepMs, ...step }) {
    const { ledger, clock, leases } = told
    const record = await current(told, step.record)
    if (!record) return []
    const next = {
      ...become(record, status, clock.now),
      reopenedAt: step.isReopened && status === 'succeeded' ? clock.now : undefined,
      approval:
        step.isReopened && record.approval
          ? { ...awaited, state: 'given' as const }
          : record.approval,
      version: record.version - (isStale === 0 ? 1 : 0),
    }
    return [
      await ledger.save(
        next.wakeAt === null ? next : { ...next, wakeAt: next.wakeAt + wakeMs * 300 },
        lease === null ? undefined : pick(leases, lease),
        keepMs === null ? undefined : clock.now + keepMs,
        owed(told, next.id, next.version + 1, step.owes),
      ),
    ]
  },

  async owe(told, { record, revision, owes }) {
    const subject = pick(told.drafts, record)
    if (subject) await told.ledger.deliveries.owe(owed(told, subject.id, revision, owes))
    return []
  },

  async try({ ledger, clock, deliveries }, { webhook, limit, isFresh, which, state }, index) {
    const rows = await ledger.deliveries.next(webhook, limit)
    deliveries.push(...rows)
    const sent = pick(isFresh ? rows : deliveries, which)
    if (!sent) return [rows]
    return [rows, await ledger.deliveries.settle(sent, state, `${index}`, clock.now)]
  },

  async replay({ ledger }, { webhook, sinceMs, lastsMs }) {
    const since = START + sinceMs
    return [await ledger.deliveries.replay(webhook, since, since + lastsMs)]
  },

  async lease(told, { lock, ttlMs, isStale, ...step }) {
    const { ledger, leases } = told
    const record = await current(told, step.record)
    if (!record) return []
    const lease = await ledger.lease(
      isStale === 0 ? { ...record, version: record.version + 1 } : record,
      `lock ${lock}`,
      ttlMs,
    )
    if (typeof lease === 'string') return [lease]
    leases.push(lease)
    return [{ ...lease, epoch: leases.length }]
  },

  async release({ ledger, leases }, step) {
    const lease = pick(leases, step.lease)
    if (lease) await ledger.release(lease)
    return []
  },

  async pass({ clock }, { ms }) {
    clock.now += ms
    return []
  },

  async sweep({ ledger }) {
    await ledger.sweep()
    return []
  },

  async due({ ledger }) {
    const due = await ledger.due(['s0', 's1'], 100)
    return [due.sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0) || (a.id < b.id ? -1 : 1))]
  },

  async list({ ledger, drafts }, step) {
    const { do: _, byUpdate, after, ...asked } = step
    const place = after === null ? undefined : pick(drafts, after)
    const query: Query = {
      ...asked,
      updatedAfter: byUpdate ? START - 1 : undefined,
      after: place && { at: place.createdAt, id: place.id },
    }
    return [await ledger.list(query)]
  },
}

const take = <Kind extends Step['do']>(
  told: Told,
  step: Extract<Step, { do: Kind }>,
  index: number,
): Promise<unknown[]> => STEPS[step.do as Kind](told, step, index)

/** Tells a history to a ledger; what it answered, with leases named by their place. */
const tell = async (
  ledger: FullLedger,
  clock: { now: number },
  steps: readonly Step[],
): Promise<unknown[]> => {
  const told: Told = { ledger, clock, drafts: [], leases: [], deliveries: [] }
  const answers: unknown[] = []
  for (const [index, step] of steps.entries()) answers.push(...(await take(told, step, index)))
  const records = await Promise.all(told.drafts.map(({ id }) => ledger.get(id)))
  const counts = (await ledger.countsByDay(null, START, clock.now))
    .map((count) => JSON.stringify(Object.entries(count).sort()))
    .sort()
  const deliveries = await Promise.all([
    ...told.drafts.map(({ id }) => ledger.deliveries.of(id)),
    ...WEBHOOKS.map((webhook) => ledger.deliveries.owedOf(webhook)),
  ])
  return [...answers, records, counts, deliveries, (await ledger.deliveries.webhooks()).sort()]
}

testAgreement(STEP, tell)
