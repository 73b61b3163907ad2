/**
 * Two gateways that both follow over the same shops, which must not make each other go on for ever;
 * and a platform that tells of nothing, of which sweeps must find all.
 */
import type { Cancellation, Link, Store } from '../../src/client/types.ts'
import { isLong, report, ROUNDS, secondsSince } from './figures.ts'
import { authorizationOf, kill, pause, type Process, sqlite, startPlatform, until } from './lab.ts'
import {
  callAs,
  enable,
  endLeases,
  notify,
  openReceiver,
  putLink,
  read,
  startLinked,
} from './links-lab.ts'
import type { Write } from './platform.ts'
import { each } from './storm.ts'

const STORES = ['erp', 'copy-a', 'copy-b', 'shop-a', 'shop-b']
const STAGES = [1, 2, 2, 3, 3]
const LINKS = isLong ? 12 * ROUNDS : 12
const SWEEP_MS = 10_000
const SILENT_MS = 60_000
/** So long nothing more may be sent, once nothing is. */
const WATCHED_MS = isLong ? SILENT_MS : 12_000
const PATIENCE_MS = 90_000

const cancelThere = (platform: Process, orderId: string) =>
  fetch(`${platform.url}/admin/orders/${orderId}/cancel`, {
    method: 'POST',
    headers: { authorization: authorizationOf(platform) },
  })

/** Every cancel that reaches the platform, and when. */
const watch = (platform: Process) => {
  const writes: { orderId: string; at: number }[] = []
  const listeners: ((orderId: string) => unknown)[] = []
  platform.child.on('message', ({ write, isDone }: Partial<Write>) => {
    if (write === undefined) return
    writes.push({ orderId: write, at: performance.now() })
    if (isDone) for (const listener of listeners) listener(write)
  })
  return { writes, listeners }
}

/** The number of a member in the id of its order. */
const placeOf = (orderId: string) => Number(orderId.at(-1))

const ACTS = ['somebody cancels one there', 'asked at one', 'asked at both'] as const

interface Sale {
  readonly name: string
  readonly orderIds: readonly string[]
  readonly act: (typeof ACTS)[number]
  readonly place: number
}

const begin = async (
  platform: Process,
  [first, second]: readonly [Process, Process],
  { name, orderIds, act, place }: Sale,
  follow: 'cancel' | 'tell',
): Promise<void> => {
  const members = orderIds.map((orderId, index) => ({
    store: STORES[index] as string,
    orderId,
    stage: STAGES[index] as number,
  }))
  await putLink(first, name, { members, follow: 'cancel' })
  await putLink(second, name, { members, follow })
  const ask = (gateway: Process, index: number) =>
    callAs(
      gateway,
      'POST',
      '/v1/cancellations',
      { store: STORES[index], orderId: orderIds[index] },
      { prefer: 'respond-async' },
    )
  if (act === 'somebody cancels one there') await cancelThere(platform, orderIds[place] as string)
  else if (act === 'asked at one') await ask(first, place)
  else await Promise.all([ask(first, place), ask(second, (place + 3) % STORES.length)])
}

type Follow = 'cancel' | 'tell'
type Watched = ReturnType<typeof watch>

const salesOf = (follow: Follow): Sale[] => {
  // Where both are asked, neither follows the other.
  const acts = follow === 'cancel' ? ACTS : ACTS.slice(0, 2)
  return Array.from({ length: LINKS }, (_, index) => ({
    name: `${follow}-${index}`,
    orderIds: STORES.map((_, place) => `order_paid-${follow}-${index}-${place}`),
    act: acts[index % acts.length] as Sale['act'],
    place: index % STORES.length,
  }))
}

/** How many cancels each link and each order came to, and where that is not as it should be. */
const count = ({ writes }: Watched, sales: readonly Sale[], follow: Follow) => {
  const faults: string[] = []
  let [most, double] = [0, 0]
  for (const { name, orderIds, act } of sales) {
    const each = orderIds.map(
      (orderId) => writes.filter((write) => write.orderId === orderId).length,
    )
    const sent = each.reduce((sum, times) => sum + times, 0)
    double += each.filter((times) => times > 1).length
    most = Math.max(most, sent)
    const bound = (follow === 'cancel' ? 2 : 1) * STORES.length
    if (sent > bound || each.includes(0))
      faults.push(`${act} (${name}): ${each.join(', ')} cancels of its orders`)
  }
  return { most, double, faults }
}

/** Both follow, or one does and the other tells. */
const twoGateways = async (follow: Follow): Promise<void> => {
  const started = performance.now()
  const platform = await startPlatform()
  const watched = watch(platform)
  const receiver = await openReceiver()
  const open = (name: string) =>
    startLinked({
      platform,
      ledger: sqlite(`two-${follow}-${name}`),
      stores: STORES,
      url: `${receiver.url}/${name}`,
    })
  const gateways = [await open('first'), await open('second')] as const
  // The platform tells both, and each twice.
  watched.listeners.push((orderId) => {
    const store = STORES[placeOf(orderId)] as string
    for (const gateway of [...gateways, ...gateways]) void notify(gateway, store, orderId)
  })
  const sales = salesOf(follow)
  await each(sales, (sale) => begin(platform, gateways, sale, follow))
  const begun = performance.now()
  const isCanceled = async (gateway: Process, { name }: Sale) =>
    (await read<Link>(gateway, `/v1/links/${name}`))?.status === 'canceled'
  const lost: string[] = []
  await each(sales, async (sale) => {
    for (const gateway of gateways)
      if (!(await until(() => isCanceled(gateway, sale), PATIENCE_MS)))
        lost.push(`${sale.act} (${sale.name}): not canceled for both`)
  })
  const rested = performance.now()
  await pause(WATCHED_MS)
  const last = Math.max(begun, ...watched.writes.map(({ at }) => at))
  const { most, double, faults } = count(watched, sales, follow)
  await Promise.all([...gateways, platform].map(kill))
  report({
    what: follow === 'cancel' ? 'two gateways that both follow' : 'two gateways, one follows',
    ledger: 'SQLite',
    gateways: 2,
    faults: 'each cancel told to both, twice',
    accepted: sales.length,
    double: follow === 'cancel' ? null : double,
    lost: lost.length,
    wrong: null,
    seconds: secondsSince(started),
    says:
      `links of ${STORES.length} orders; at most ${most} cancels of a link, ${double} orders sent ` +
      `to twice; silent ${Math.round(last - begun)} ms after the last request`,
    violations: [
      ...lost,
      ...faults,
      ...(last - begun > SILENT_MS ? ['it sends for longer than a minute'] : []),
      ...(last > rested + 1_000 ? ['it sends after all is canceled'] : []),
    ],
  })
}

const ORDERS = isLong ? 60 * ROUNDS : 120

/** The orders of which there is not one record of the platform. */
const missing = async (gateway: Process, orderIds: readonly string[]): Promise<string[]> => {
  const left: string[] = []
  await each(orderIds, async (orderId) => {
    const path = `/v1/cancellations?store=shop&orderId=${orderId}`
    const found = (await read<{ data: Cancellation[] }>(gateway, path))?.data ?? []
    const isFound = found.length === 1 && found[0]?.origin === 'platform'
    if (!isFound || found[0]?.status !== 'succeeded') left.push(orderId)
  })
  return left
}

/** Every notice is dropped, and the gateway that sweeps is killed in the middle. */
const dropped = async (): Promise<void> => {
  const started = performance.now()
  const platform = await startPlatform()
  const receiver = await openReceiver()
  const ledger = sqlite('dropped')
  const url = `${receiver.url}/all`
  const open = () => startLinked({ platform, ledger, stores: ['shop'], url, sweepMs: SWEEP_MS })
  let gateway = await open()
  const isSwept = async () =>
    typeof (await read<Store>(gateway, '/v1/stores/shop'))?.notices?.lastSweepAt === 'string'
  await until(isSwept, PATIENCE_MS)
  const orderIds = Array.from({ length: ORDERS }, (_, index) => `order_open-dropped-${index}`)
  const cancelSome = (some: readonly string[]) =>
    each(some, async (orderId) => void (await cancelThere(platform, orderId)))
  await cancelSome(orderIds.slice(0, ORDERS / 2))
  await kill(gateway)
  await cancelSome(orderIds.slice(ORDERS / 2))
  await endLeases(ledger)
  gateway = await open()
  const ended = performance.now()
  let left: readonly string[] = orderIds
  await until(async () => (left = await missing(gateway, left)).length === 0, PATIENCE_MS)
  const tookMs = Math.round(performance.now() - ended)
  await enable(gateway)
  const isTold = () =>
    [...receiver.of('/all').values()].filter(({ type }) => type === 'cancellation.succeeded')
      .length === ORDERS
  await until(isTold, PATIENCE_MS)
  await Promise.all([gateway, platform].map(kill))
  report({
    what: 'all notices dropped, found by sweeps',
    ledger: 'SQLite',
    gateways: 1,
    faults: '1 kill, every notice dropped',
    accepted: ORDERS,
    double: null,
    lost: left.length,
    wrong: null,
    seconds: secondsSince(started),
    says: `all found ${tookMs} ms after the last cancel; swept every ${SWEEP_MS} ms`,
    violations: [
      ...left.map((orderId) => `${orderId}: not found`),
      ...(isTold() ? [] : ['the receiver was not told of all']),
      ...(tookMs > 2 * SWEEP_MS ? ['found too late'] : []),
    ],
  })
}

await twoGateways('cancel')
await twoGateways('tell')
await dropped()
process.exit()
