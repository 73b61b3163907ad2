/**
 * Notices by the hundred thousand: forged, cut off, replayed, doubled and shuffled, by every scheme
 * that there is. None is believed, few are looked at, and no cancellation waits for them.
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
import { kill, pause, sqlite, startPlatform } from './lab.ts'
import { callAs, notify, startLinked } from './links-lab.ts'
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

const flood = async (): Promise<void> => {
  const started = performance.now()
  const world = open()
  const { gateway, clock, ledger, platforms, outcomes } = world
  const violations: string[] = []
  const claim = (holds: boolean, fault: string) => {
    if (!holds) violations.push(fault)
  }

  // Forged alone: counted, and not a trace of them.
  const some = Math.floor(NOTICES / 3)
  await pour(world, some, () => {
    const order = orders[below(orders.length)] as Order
    return { order, received: forged(order.sender.notice(order.id, clock.now)) }
  })
  const calls = () => sum([...platforms.values()].map((platform) => platform.calls.length))
  claim(refusedBy(world) === some, `${refusedBy(world)} of ${some} forged ones were refused`)
  claim(calls() === 0, `${calls()} calls for forged notices`)
  for (const { adapter } of senders) {
    const { waiting, lastAt } = await ledger.notices.of(adapter.id)
    claim(waiting === 0 && lastAt === null, `${adapter.id}: a forged notice was written down`)
  }

  // Then all in a shuffle, while a quarter of the orders is being canceled by us.
  for (const { kind, store, id } of orders)
    if (kind === 'canceled there') platforms.get(store)?.turn('canceled', id)
  const asked = orders.filter(({ kind }) => kind === 'canceled by us')
  const kept: { order: Order; received: Received }[] = []
  let [forgeries, asking] = [0, 0]
  const cancels: Promise<unknown>[] = []
  const held = new Set<Order>()
  const answers = await pour(world, NOTICES - some, () => {
    if (asking < asked.length && below(20) === 0) {
      const order = asked[asking++] as Order
      cancels.push(
        gateway
          .cancel(requestOf(order), 'erp', order.id, null)
          .then(({ record }) => gateway.wait(record.id, 60_000))
          .then(() => held.add(order)),
      )
    }
    const again = kept.length > 0 && below(3) === 0 ? kept[below(kept.length)] : undefined
    const order = again?.order ?? (orders[below(orders.length)] as Order)
    const received = again?.received ?? order.sender.notice(order.id, clock.now)
    if (below(3) === 0) {
      forgeries += 1
      return { order, received: forged(received) }
    }
    if (!held.has(order)) order.heard += 1
    if (kept.length < 2_000) kept.push({ order, received })
    return { order, received }
  })
  while (asking < asked.length) {
    const order = asked[asking++] as Order
    cancels.push(gateway.cancel(requestOf(order), 'erp', order.id, null))
  }
  await Promise.all(cancels)
  for (let turn = 0; turn < 200; turn++) {
    clock.now += SETTLE_MS
    await gateway.tick()
    const left = await Promise.all(senders.map(({ adapter }) => ledger.notices.of(adapter.id)))
    if (left.every(({ waiting }) => waiting === 0) && turn > 3) break
  }

  claim(
    answers.get('refused') === forgeries,
    `${answers.get('refused')} of ${forgeries} forged ones were refused in the shuffle`,
  )
  let [looks, bound, double, wrong] = [0, 0, 0, 0]
  for (const order of orders) {
    const { store, id, kind, heard } = order
    const records = await gateway.list({ stores: [store], orderId: id, order: 'asc', limit: 100 })
    const [own, sent] = [countOf(world, order, 'look'), countOf(world, order, 'cancel')]
    looks += own
    // Its own cancel looks once, a suspicion twice; each notice of it at most once.
    bound += 2 + heard
    if (sent > 1) double += 1
    const expected =
      kind === 'canceled there' ? heard > 0 : kind === 'canceled by us' ? true : false
    const isRight =
      (expected
        ? records.length === 1 && records[0]?.status === 'succeeded'
        : records.length === 0) &&
      (kind === 'canceled by us') === (sent === 1) &&
      (records.length === 0 || own > 0) &&
      own <= 2 + heard
    if (isRight) continue
    wrong += 1
    violations.push(
      `${kind} ${id} of ${store}: ${records.map(({ status }) => status).join() || 'no record'}, ` +
        `${own} reads after ${heard} notices, ${sent} cancels`,
    )
  }
  claim(double === 0, `${double} orders were canceled twice`)
  await gateway.close()
  await ledger.close()
  report({
    what: 'a flood of notices, forged and true',
    ledger: 'SQLite',
    gateways: 1,
    faults: `${NOTICES} notices, ${some + forgeries} forged`,
    accepted: answers.get('taken') ?? 0,
    double,
    lost: null,
    wrong,
    seconds: secondsSince(started),
    says:
      `${senders.length} platforms’ notices of ${orders.length} orders; ${looks} reads, ` +
      `${bound} at most; ${[...outcomes].map(([name, many]) => `${many} ${name}`).join(', ')}`,
    violations,
  })
}

const ROUNDS_OF_ASKS = isLong ? 8 : 3
const ASKS = 12
/** A cancellation may take so much longer while notices pour in, and so many milliseconds more. */
const SLOWER = { times: 3, ms: 150 }

const medianOf = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

/** Cancels are timed with and without a flood of notices about orders that do not exist. */
const latency = async (): Promise<void> => {
  const started = performance.now()
  const platform = await startPlatform()
  const stores = ['shop', 'other']
  const gateway = await startLinked({
    platform,
    ledger: sqlite('latency'),
    stores,
    url: 'http://127.0.0.1:9/nobody',
  })
  const times = { calm: [] as number[], flooded: [] as number[] }
  let [notices, serial, isFlooded] = [0, 0, false]
  const violations: string[] = []
  const pouring = Array.from({ length: 4 }, async () => {
    while (serial >= 0) {
      if (!isFlooded) await pause(10)
      else if ((await notify(gateway, 'shop', `order_none-${notices++}`))?.status !== 200)
        violations.push('a notice was not taken')
    }
  })
  for (let round = 0; round < 2 * ROUNDS_OF_ASKS; round++) {
    isFlooded = round % 2 === 1
    await pause(200)
    for (let count = 0; count < ASKS; count++) {
      const before = performance.now()
      const response = await callAs(
        gateway,
        'POST',
        '/v1/cancellations',
        { store: stores[count % 2], orderId: `order_open-flood-${serial++}` },
        { prefer: 'wait=10' },
      )
      if (response?.status !== 201) violations.push(`a cancel was answered ${response?.status}`)
      times[isFlooded ? 'flooded' : 'calm'].push(performance.now() - before)
    }
  }
  serial = -1
  await Promise.all(pouring)
  await kill(gateway)
  const [calm, flooded] = [medianOf(times.calm), medianOf(times.flooded)]
  if (flooded > SLOWER.times * calm + SLOWER.ms)
    violations.push(`${Math.round(flooded)} ms, ${Math.round(calm)} ms without the flood`)
  report({
    what: 'cancels beside a flood of notices',
    ledger: 'SQLite',
    gateways: 1,
    faults: `${notices} notices of orders that are none`,
    accepted: times.calm.length + times.flooded.length,
    double: null,
    lost: null,
    wrong: null,
    seconds: secondsSince(started),
    says: `median ${Math.round(flooded)} ms with the flood, ${Math.round(calm)} ms without, in turns`,
    violations,
  })
}

await flood()
await latency()
process.exit()
