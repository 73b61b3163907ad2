/** All ledgers answer alike of notices and links, too: random histories of them. */
import fc from 'fast-check'
import type { FullLedger } from '../../src/ledger/port.ts'
import { type Link, LINK_STATUSES } from '../../src/model/link.ts'
import { afterNothing, lookAgainAt, type Notice } from '../../src/model/notice.ts'
import { testAgreement } from './agreeing.ts'
import { link } from './links.ts'
import { become, draft, query } from './records.ts'

const STORES = ['s0', 's1'] as const
const ORDERS = ['o0', 'o1', 'o2'] as const
const PLACES = STORES.flatMap((store) => ORDERS.map((order) => `${store} ${order}`))
const NAMES = ['l0', 'l1', 'l2'] as const
const HEARD = fc.record({
  orderId: fc.constantFrom(...ORDERS),
  namesCancellation: fc.boolean(),
  by: fc.constantFrom('webhook' as const, 'sweep' as const),
})
const STEP = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('hear' as const),
      store: fc.constantFrom(...STORES),
      heard: fc.array(HEARD, { maxLength: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('look' as const),
      each: fc.integer({ min: 1, max: 3 }),
      // Else one that was read some time ago.
      isFresh: fc.nat(3),
      which: fc.nat(),
      ends: fc.constantFrom('gone' as const, 'nothing' as const, 'again' as const),
      afterMs: fc.constantFrom(0, 700, 9_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('watch' as const),
      store: fc.constantFrom(...STORES),
      isStale: fc.nat(3),
      revision: fc.nat(5),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      name: fc.constantFrom(...NAMES),
      members: fc.uniqueArray(fc.constantFrom(...PLACES), { minLength: 1, maxLength: 4 }),
      status: fc.constantFrom(...LINK_STATUSES),
      dueMs: fc.option(fc.constantFrom(0, 500, 9_000)),
      isFresh: fc.nat(3),
      revision: fc.nat(5),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      name: fc.constantFrom(...NAMES),
      isFresh: fc.nat(3),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      store: fc.constantFrom(...STORES),
      orderId: fc.constantFrom(...ORDERS),
      status: fc.constantFrom('sending' as const, 'succeeded' as const, 'rejected' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      store: fc.constantFrom(undefined, ...STORES),
      orderId: fc.constantFrom(undefined, ...ORDERS),
      status: fc.constantFrom(undefined, undefined, ...LINK_STATUSES),
      after: fc.constantFrom(undefined, 'l0'),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 250, 600, 5_000, 3_600_000, 10_000_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
)
type Step = typeof STEP extends fc.Arbitrary<infer One> ? One : never

const owed = (subject: string, revision: number, at: number) => [
  { webhook: 'erp', subject, revision, type: 'link.diverged' as const, body: `${revision}`, at },
]

interface History {
  readonly ledger: FullLedger
  readonly now: () => number
  /** Everything that was ever read, the oldest first. */
  readonly notices: Notice[]
  readonly links: Link[]
}

const look = async ({ ledger, now, notices }: History, step: Extract<Step, { do: 'look' }>) => {
  const due = await ledger.notices.due(STORES, step.each)
  notices.push(...due)
  const from = step.isFresh > 0 ? due : notices
  const read = from[step.which % Math.max(from.length, 1)]
  if (!read) return due
  const suspicion = { of: 'reopened', at: now() } as const
  const next = {
    gone: null,
    nothing: afterNothing(read, now()),
    again: lookAgainAt(read, now() + step.afterMs, { failures: 1, suspicion }),
  }[step.ends]
  return [due, await ledger.notices.settle(read, next)]
}

const put = async ({ ledger, now, links }: History, step: Extract<Step, { do: 'put' }>) => {
  const read = await ledger.links.get(step.name)
  if (read) links.push(read)
  const known = step.isFresh > 0 ? read : links.find(({ name }) => name === step.name)
  const next = {
    ...link(step.name, step.members, { revision: step.revision, status: step.status }),
    version: known?.version ?? 0,
    dueAt: step.dueMs === null ? null : now() + step.dueMs,
  }
  return ledger.links.save(next, owed(step.name, step.revision, now()))
}

const watch = async ({ ledger, now }: History, step: Extract<Step, { do: 'watch' }>) => {
  const known = (await ledger.notices.watch(step.store)) ?? {
    version: 0,
    account: 'a',
    watermark: 0,
    sweptAt: null,
    failingSince: null,
    missedAt: null,
    silentSince: null,
    turns: 0,
  }
  return ledger.notices.saveWatch(
    step.store,
    { ...known, version: known.version + (step.isStale === 0 ? 1 : 0), watermark: now() },
    owed(step.store, step.revision, now()),
  )
}

/** What one step is answered. */
const take = async (history: History, step: Step, index: number): Promise<unknown> => {
  const { ledger, now, links } = history
  switch (step.do) {
    case 'hear':
      return ledger.notices.hear(
        step.heard.map((one) => ({ ...one, store: step.store, at: now() })),
      )
    case 'look':
      return look(history, step)
    case 'watch':
      return watch(history, step)
    case 'put':
      return put(history, step)
    case 'delete': {
      const read = await ledger.links.get(step.name)
      const known = step.isFresh > 0 ? read : links.find(({ name }) => name === step.name)
      return known && ledger.links.delete(known)
    }
    case 'write': {
      const [earlier] = await ledger.list(query({ stores: [step.store], orderId: step.orderId }))
      if (earlier) return ledger.save(become(earlier, step.status, now()))
      const id = `can_${String(index).padStart(3, '0')}`
      return ledger.claim(draft({ ...step, id, at: now() }), null)
    }
    case 'list':
      return [await ledger.links.list(step), await ledger.links.due(step.limit)]
    case 'sweep':
      return ledger.sweep()
    default:
      return null
  }
}

const tell = async (ledger: FullLedger, clock: { now: number }, steps: readonly Step[]) => {
  const history: History = { ledger, now: () => clock.now, notices: [], links: [] }
  const answers: unknown[] = []
  for (const [index, step] of steps.entries()) {
    if (step.do === 'pass') clock.now += step.ms
    answers.push(await take(history, step, index))
  }
  const { notices, links, deliveries } = ledger
  const end = await Promise.all([
    notices.due(STORES, 99),
    links.list({ limit: 99 }),
    ...STORES.map((store) => notices.of(store)),
    ...PLACES.map((place) => links.of(...(place.split(' ') as [string, string]))),
    ...[...NAMES, ...STORES].map((subject) => deliveries.of(subject)),
  ])
  return [...answers, end]
}

testAgreement(STEP, tell)
