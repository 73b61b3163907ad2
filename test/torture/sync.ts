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

/** Both follow, or one does and the other tells. */
const twoGateways = async (follow: 'cancel' | 'tell'): Promise<void> => {
  const started = performance.now()
  const platform = await startPlatform()
  const { writes, listeners } = watch(platform)
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
  listeners.push((orderId) => {
    const store = STORES[placeOf(orderId)] as string
    for (const gateway of [...gateways, ...gateways]) void notify(gateway, store, orderId)
  })
  const acts = follow === 'cancel' ? ACTS : ACTS.slice(0, 2)
  const sales = Array.from({ length: LINKS }, (_, index): Sale => ({
    name: `${follow}-${index}`,
    orderIds: STORES.map((_, place) => `order_paid-${follow}-${index}-${place}`),
    act: acts[index % acts.length] as Sale['act'],
    place: index % STORES.length,
  }))
  const began = performance.now()
  await each(sales, (sale) => begin(platform, gateways, sale, follow))
  const begun = performance.now()
  const isCanceled = async (gateway: Process, { name }: Sale) =>
    (await read<Link>(gateway, `/v1/links/${name}`))?.status === 'canceled'
  const violations: string[] = []
  await each(sales, async (sale) => {
    for (const gateway of gateways)
      if (!(await until(() => isCanceled(gateway, sale), PATIENCE_MS)))
        violations.push(`${sale.act} (${sale.name}): not canceled for both`)
  })
  await pause(WATCHED_MS)
  const last = Math.max(began, ...writes.map(({ at }) => at))
  if (last - begun > SILENT_MS) violations.push(`sends after ${Math.round(last - begun)} ms`)
  if (performance.now() - last < WATCHED_MS / 2) violations.push('it still sends')
  let most = 0
  const double = new Set<string>()
  for (const { name, orderIds, act } of sales) {
    const sent = writes.filter(({ orderId }) => orderIds.includes(orderId)).length
    most = Math.max(most, sent)
    for (const orderId of orderIds)
      if (writes.filter((write) => write.orderId === orderId).length > 1) double.add(orderId)
    const isRight =
      follow === 'cancel' && act !== 'asked at one'
        ? sent <= 2 * STORES.length
        : sent <= (follow === 'cancel' ? 2 : 1) * STORES.length && sent >= STORES.length
    if (!isRight) violations.push(`${act} (${name}): ${sent} cancels of ${STORES.length} orders`)
  }
  await Promise.all([...gateways, platform].map(kill))
  report({
    what: follow === 'cancel' ? 'two gateways that both follow' : 'two gateways, one follows',
    ledger: 'SQLite',
    gateways: 2,
    faults: 'each cancel told to both, twice',
    accepted: sales.length,
    double: follow === 'cancel' ? null : double.size,
    lost: violations.filter((fault) => fault.includes('not canceled')).length,
    wrong: null,
    seconds: secondsSince(started),
    says:
      `links of ${STORES.length} orders; at most ${most} cancels of a link, ${double.size} orders ` +
      `sent to twice; the last ${Math.max(0, Math.round(last - begun))} ms after the last request`,
    violations,
  })
}

const ORDERS = isLong ? 60 * ROUNDS : 120

/** Every notice is dropped; a gateway that sweeps is killed in the middle. */
const dropped = async (): Promise<void> => {
  const started = performance.now()
  const platform = await startPlatform()
  const receiver = await openReceiver()
  const ledger = sqlite('dropped')
  const open = () =>
    startLinked({
      platform,
      ledger,
      stores: ['shop'],
      url: `${receiver.url}/all`,
      sweepMs: SWEEP_MS,
    })
  let gateway = await open()
  const isSwept = async () =>
    typeof (await read<Store>(gateway, '/v1/stores/shop'))?.notices?.lastSweepAt === 'string'
  await until(isSwept, PATIENCE_MS)
  const orderIds = Array.from({ length: ORDERS }, (_, index) => `order_open-dropped-${index}`)
  const cancelSome = (from: number, to: number) =>
    each(orderIds.slice(from, to), async (orderId) => void (await cancelThere(platform, orderId)))
  await cancelSome(0, ORDERS / 2)
  await kill(gateway)
  await cancelSome(ORDERS / 2, ORDERS)
  await endLeases(ledger)
  gateway = await open()
  const ended = performance.now()
  const left = new Set(orderIds)
  const find = async () => {
    for (const orderId of left) {
      const path = `/v1/cancellations?store=shop&orderId=${orderId}`
      const found = (await read<{ data: Cancellation[] }>(gateway, path))?.data ?? []
      const [record] = found
      if (found.length === 1 && record?.origin === 'platform' && record.status === 'succeeded')
        left.delete(orderId)
      else return false
    }
    return true
  }
  await until(find, PATIENCE_MS)
  const tookMs = performance.now() - ended
  await enable(gateway)
  const isTold = () =>
    [...receiver.of('/all').values()].filter(({ type }) => type === 'cancellation.succeeded')
      .length === ORDERS
  await until(isTold, PATIENCE_MS)
  const violations = [
    ...[...left].map((orderId) => `${orderId}: not found`),
    ...(isTold() ? [] : ['the receiver was not told of all']),
    ...(tookMs > 2 * SWEEP_MS ? [`found after ${Math.round(tookMs)} ms`] : []),
  ]
  await Promise.all([gateway, platform].map(kill))
  report({
    what: 'all notices dropped, found by sweeps',
    ledger: 'SQLite',
    gateways: 1,
    faults: '1 kill, every notice dropped',
    accepted: ORDERS,
    double: null,
    lost: left.size,
    wrong: null,
    seconds: secondsSince(started),
    says: `100 % found ${Math.round(tookMs / 100) / 10} s after the last cancel; swept every 10 s`,
    violations,
  })
}

await twoGateways('cancel')
await twoGateways('tell')
await dropped()
process.exit()
