/**
 * Notices by the hundred thousand: forged, cut off, replayed, doubled and shuffled, by every scheme
 * that there is. None is believed, and few are looked at.
 */
import { openStore, type Store } from '../../src/connection/store.ts'
import type { Received } from '../../src/connection/notices.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import type { CancelRequest } from '../../src/model/request.ts'
import { createPlatform } from '../gateway/platform.ts'
import { toy } from '../gateway/toy.ts'
import { chance, isLong, report, SEED, secondsSince } from './figures.ts'
import { sqlite } from './lab.ts'
import { type Sender, senders } from './signer.ts'

const NOTICES = Number(process.env['RESCIND_NOTICES'] ?? (isLong ? 100_000 : 6_000))
/** Of each store: a quarter canceled there, open, canceled by us, and unknown there. */
const ORDERS = 40
const KINDS = ['canceled there', 'open', 'canceled by us', 'unknown'] as const
const SETTLE_MS = 60_000
/** So much is under way at a time. */
const AT_ONCE = 16
/** Turns of the clock come between so many notices. */
const TURN = 500
const KEY = 'good-key-of-the-shop'

interface Order {
  readonly sender: Sender
  readonly store: string
  readonly id: string
  readonly kind: (typeof KINDS)[number]
  /** Notices that were taken of it while it was not held as canceled. */
  heard: number
}

const random = chance(SEED)
const below = (end: number) => Math.floor(random() * end)

/** Somebody else made this of a real one. */
const forged = ({ body, headers, query }: Received): Received => {
  switch (below(4)) {
    case 0:
      return { body: body.slice(0, below(body.length)), headers, query }
    case 1: {
      const at = below(body.length)
      return { body: body.with(at, (body[at] ?? 0) ^ (1 << below(7))), headers, query }
    }
    case 2:
      return { body: Uint8Array.from([...body, ...body]), headers, query }
    default:
      return {
        body: new TextEncoder().encode('{"type":"order.canceled","data":{"orderId":"10001"}}'),
        headers: new Headers({ 'webhook-id': 'a', 'webhook-timestamp': '1' }),
        query: new URLSearchParams(),
      }
  }
}

const orders: Order[] = senders.flatMap((sender) =>
  Array.from({ length: ORDERS }, (_, nth) => ({
    sender,
    store: sender.adapter.id,
    id: sender.orderId(nth),
    kind: KINDS[nth % KINDS.length] as Order['kind'],
    heard: 0,
  })),
)

/** One store of each platform's notices, all on the made-up platform. */
const open = () => {
  const clock = { now: Date.UTC(2026, 10, 21, 12) }
  const things = orders.filter(({ kind }) => kind !== 'unknown').map(({ id }) => ({ id }))
  // Two platforms may number their orders alike.
  const platforms = new Map(senders.map(({ adapter }) => [adapter.id, createPlatform(things)]))
  const stores = new Map<string, Store>(
    senders.map(({ adapter, settings }) => [
      adapter.id,
      openStore(
        adapter.id,
        {
          ...toy(),
          notices: adapter.notices,
          ...(adapter.canonicalId && { canonicalId: adapter.canonicalId }),
        } as never,
        { ...settings, baseUrl: `http://${adapter.id}.test`, key: KEY } as never,
        {
          transport: (platforms.get(adapter.id) as ReturnType<typeof createPlatform>).transport,
          callTimeoutMs: 2_000,
          settleMs: SETTLE_MS,
          test: true,
        },
      ),
    ]),
  )
  const ledger = openSqliteLedger(sqlite('flood').slice('sqlite:'.length), () => clock.now)
  const outcomes = new Map<string, number>()
  const gateway = createGateway({
    ledger,
    stores,
    timing: timing(),
    now: () => clock.now,
    notices: {
      isListening: () => true,
      onNotice: (_, outcome) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1),
    },
  })
  return { clock, platforms, stores, ledger, outcomes, gateway }
}
type World = ReturnType<typeof open>

const requestOf = ({ store, id }: Order): CancelRequest => ({
  store,
  target: 'order',
  orderId: id,
  reason: null,
  reasonCode: null,
  notify: null,
  message: null,
  restock: null,
  reference: null,
  strict: false,
})

const countOf = ({ platforms }: World, { store, id }: Order, route: 'look' | 'cancel') =>
  platforms.get(store)?.count(route, id) ?? 0
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
const refusedBy = ({ gateway }: World) =>
  sum(senders.map(({ adapter }) => gateway.hooks.refused(adapter.id).refused))

/** Lets so many notices arrive, several at a time, with turns of the clock in between. */
const pour = async (
  { gateway, clock }: World,
  count: number,
  next: () => { order: Order; received: Received },
): Promise<Map<string, number>> => {
  const answers = new Map<string, number>()
  let left = count
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) {
        const { order, received } = next()
        const answer = await gateway.hooks.receive(order.store, null, received)
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
        if (left % TURN === 0) {
          clock.now += 20
          await gateway.tick('begun')
        }
      }
    }),
  )
  return answers
}

const violations: string[] = []
const claim = (holds: boolean, fault: string) => {
  if (!holds) violations.push(fault)
}

/** Forged alone: each is counted, and there is not a trace of it. */
const pourForged = async (world: World, count: number): Promise<void> => {
  const { clock, ledger, platforms } = world
  await pour(world, count, () => {
    const order = orders[below(orders.length)] as Order
    return { order, received: forged(order.sender.notice(order.id, clock.now)) }
  })
  const calls = sum([...platforms.values()].map((platform) => platform.calls.length))
  claim(refusedBy(world) === count, `${refusedBy(world)} of ${count} forged ones were refused`)
  claim(calls === 0, `${calls} calls for forged notices`)
  for (const { adapter } of senders) {
    const { waiting, lastAt } = await ledger.notices.of(adapter.id)
    claim(waiting === 0 && lastAt === null, `${adapter.id}: a forged notice was written down`)
  }
}

/** Cancels of ours, begun one by one while notices pour in. */
const openAsking = ({ gateway }: World) => {
  const rest = orders.filter(({ kind }) => kind === 'canceled by us')
  const held = new Set<Order>()
  const begun: Promise<unknown>[] = []
  const next = () => {
    const order = rest.shift()
    if (!order) return
    begun.push(
      gateway
        .cancel(requestOf(order), 'erp', order.id, null)
        .then(({ record }) => gateway.wait(record.id, 60_000))
        .then(() => held.add(order)),
    )
  }
  return {
    held,
    next,
    async end() {
      while (rest.length > 0) next()
      await Promise.all(begun)
    },
  }
}

/** All in a shuffle: true ones, their copies, and what others made of them. */
const pourAll = async (world: World, count: number) => {
  const { clock, platforms } = world
  for (const { kind, store, id } of orders)
    if (kind === 'canceled there') platforms.get(store)?.turn('canceled', id)
  const asking = openAsking(world)
  const kept: { order: Order; received: Received }[] = []
  let forgeries = 0
  const answers = await pour(world, count, () => {
    if (below(20) === 0) asking.next()
    const again = kept.length > 0 && below(3) === 0 ? kept[below(kept.length)] : undefined
    const order = again?.order ?? (orders[below(orders.length)] as Order)
    const received = again?.received ?? order.sender.notice(order.id, clock.now)
    if (below(3) === 0) {
      forgeries += 1
      return { order, received: forged(received) }
    }
    if (!asking.held.has(order)) order.heard += 1
    if (kept.length < 2_000) kept.push({ order, received })
    return { order, received }
  })
  await asking.end()
  claim(
    answers.get('refused') === forgeries,
    `${answers.get('refused')} of ${forgeries} forged ones were refused in the shuffle`,
  )
  return { forgeries, taken: answers.get('taken') ?? 0 }
}

/** Lets time pass until nothing is due any more. */
const drain = async ({ clock, gateway, ledger }: World): Promise<void> => {
  for (let turn = 0; turn < 200; turn++) {
    clock.now += SETTLE_MS
    await gateway.tick()
    const left = await Promise.all(senders.map(({ adapter }) => ledger.notices.of(adapter.id)))
    if (left.every(({ waiting }) => waiting === 0) && turn > 3) return
  }
  claim(false, 'notices are due for ever')
}

/** Holds what became of every order against what its platform holds, and what was heard of it. */
const judge = async (world: World) => {
  const figures = { looks: 0, bound: 0, double: 0, wrong: 0 }
  for (const order of orders) {
    const { store, id, kind, heard } = order
    const query = { stores: [store], orderId: id, order: 'asc', limit: 100 } as const
    const records = await world.gateway.list(query)
    const [looks, sent] = [countOf(world, order, 'look'), countOf(world, order, 'cancel')]
    // Its own cancel looks once, a suspicion twice; each notice of it at most once.
    const bound = 2 + heard
    figures.looks += looks
    figures.bound += bound
    figures.double += sent > 1 ? 1 : 0
    const ours = kind === 'canceled by us'
    const isRecorded = ours || (kind === 'canceled there' && heard > 0)
    const isRight =
      records.length === (isRecorded ? 1 : 0) &&
      records.every(({ status }) => status === 'succeeded' && looks > 0) &&
      sent === (ours ? 1 : 0) &&
      looks <= bound
    if (isRight) continue
    figures.wrong += 1
    violations.push(
      `${kind} ${id} of ${store}: ${records.map(({ status }) => status).join() || 'no record'}, ` +
        `${looks} reads after ${heard} notices, ${sent} cancels`,
    )
  }
  return figures
}

const started = performance.now()
const world = open()
const alone = Math.floor(NOTICES / 3)
await pourForged(world, alone)
const { forgeries, taken } = await pourAll(world, NOTICES - alone)
await drain(world)
const { looks, bound, double, wrong } = await judge(world)
await world.gateway.close()
await world.ledger.close()
report({
  what: 'a flood of notices, forged and true',
  ledger: 'SQLite',
  gateways: 1,
  faults: `${NOTICES} notices, ${alone + forgeries} forged`,
  accepted: taken,
  double,
  lost: null,
  wrong,
  seconds: secondsSince(started),
  says:
    `${senders.length} platforms’ notices of ${orders.length} orders; ${looks} reads, ${bound} at ` +
    `most; ${[...world.outcomes].map(([name, count]) => `${count} ${name}`).join(', ')}`,
  violations,
})
process.exit()
