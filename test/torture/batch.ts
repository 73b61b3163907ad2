/**
 * A batch outlives its gateway: killed in the middle, again and again, it ends with every item
 * accounted for and no cancel doubled.
 */
import { report, ROUNDS, secondsSince } from './figures.ts'
import {
  call,
  kill,
  pause,
  type Process,
  recordsOf,
  sqlite,
  startGateway,
  startPlatform,
  storeOf,
  TIMING,
} from './lab.ts'
import { openRedis } from './redis.ts'
import { truthOf } from './truth.ts'

const ITEMS = 60
const KILLS = 3
const PATIENCE_MS = 60_000

interface Progress {
  readonly status: string
  readonly total: number
  readonly counts: Readonly<Record<string, number>>
  readonly finishedAt: string | null
}
interface Item {
  readonly row: number
  readonly orderId: string
  readonly status: string
  readonly cancellation: string | null
}

const read = async <T>(target: Process, path: string): Promise<T> =>
  (await (await fetch(target.url + path)).json()) as T

/** Waits until so many items are at rest. */
const rested = async (gateway: Process, path: string, count: number): Promise<Progress> => {
  for (const end = performance.now() + PATIENCE_MS; ; await pause(20)) {
    const progress = await read<Progress>(gateway, path)
    const { succeeded = 0, rejected = 0, needs_attention: doubtful = 0 } = progress.counts
    if (
      (succeeded + rejected + doubtful >= count &&
        (count < ITEMS || progress.finishedAt !== null)) ||
      performance.now() > end
    )
      return progress
  }
}

/** Every tenth of them cannot be canceled. */
const itemsOf = (name: string) =>
  Array.from(
    { length: ITEMS },
    (_, index) => `order_${index % 10 === 9 ? 'fulfilled' : 'paid'}-${name}-${index}`,
  ).map((orderId) => ({ store: storeOf(orderId), orderId, reason: 'Wrong quantity ordered' }))

/** The address of the batch that they became. */
const hand = async (gateway: Process, items: readonly object[], key: string): Promise<string> => {
  const taken = await call(gateway, 'POST', '/v1/batches', { items }, { 'idempotency-key': key })
  if (taken?.status !== 202) throw new Error(`a batch was answered ${taken?.status}`)
  return taken.headers.get('location') ?? ''
}

/** Holds an item against its record, and both against the platform. */
const verdictOn = async (
  { row, orderId, status, cancellation }: Item,
  gateway: Process,
  platform: Process,
) => {
  const [records, truth] = await Promise.all([
    recordsOf(gateway, orderId),
    truthOf(platform, orderId),
  ])
  const [record] = records
  const isTold =
    records.length === 1 &&
    `/v1/cancellations/${record?.id}` === cancellation &&
    record?.status === status
  const isTrue =
    truth.isCanceled === (status === 'succeeded') &&
    truth.canceled === (orderId.startsWith('order_paid') ? 1 : 0)
  return {
    isDouble: truth.canceled + truth.repeated > 1,
    isWrong: !isTold || !isTrue,
    what:
      `row ${row}, ${orderId}: ${status}, ${records.length} records, canceled ` +
      `${truth.canceled}, repeated ${truth.repeated}`,
  }
}

/** One batch through all its kills, and what each of its items became. */
const round = async (platform: Process, ledger: string, name: string) => {
  let gateway = await startGateway({ platform, ledger })
  const path = await hand(gateway, itemsOf(name), name)
  for (let count = 1; count <= KILLS; count++) {
    await rested(gateway, path, Math.floor((ITEMS * count) / (KILLS + 2)))
    await kill(gateway)
    gateway = await startGateway({ platform, ledger })
  }
  const { status, total } = await rested(gateway, path, ITEMS)
  await pause(TIMING.settleMs)
  const rows = (await read<{ data: Item[] }>(gateway, `${path}/items?limit=100`)).data
  const verdicts = await Promise.all(rows.map((item) => verdictOn(item, gateway, platform)))
  await kill(gateway)
  return {
    accepted: ITEMS,
    double: verdicts.filter(({ isDouble }) => isDouble).length,
    lost: ITEMS - new Set(rows.map(({ row }) => row)).size,
    wrong: verdicts.filter(({ isWrong }) => isWrong).length,
    violations: [
      ...(status === 'finished' && total === ITEMS && rows.length === ITEMS
        ? []
        : [`a batch is ${status} with ${rows.length} of ${total} items`]),
      ...verdicts.filter(({ isDouble, isWrong }) => isDouble || isWrong).map(({ what }) => what),
    ],
  }
}

const batch = async (platform: Process, kindOfLedger: string, ledger: string) => {
  const started = performance.now()
  const figures = { accepted: 0, double: 0, lost: 0, wrong: 0 }
  const violations: string[] = []
  for (let number = 0; number < ROUNDS; number++) {
    const found = await round(platform, ledger, `batch-${kindOfLedger}-${number}`)
    for (const name of ['accepted', 'double', 'lost', 'wrong'] as const)
      figures[name] += found[name]
    violations.push(...found.violations)
  }
  report({
    what: 'a batch killed in the middle',
    ledger: kindOfLedger,
    gateways: 1,
    faults: `${KILLS * ROUNDS} kills`,
    ...figures,
    seconds: secondsSince(started),
    violations,
  })
}

const platform = await startPlatform()
if (process.argv[2] === 'redis') {
  const redis = await openRedis('a batch killed in the middle')
  if (redis) await batch(platform, 'Redis', redis.url)
} else {
  await batch(platform, 'SQLite', sqlite('batch'))
}
process.exit()
