/**
 * Callers of the world that is not as assumed: each order is asked for under several spellings,
 * more than once, alone and in batches.
 */
import { ask, call, pause, type Process } from './lab.ts'
import { isAccepted, type Weather } from './storm.ts'
import type { Handed, Wanted } from './world-verdict.ts'

export const CLIENTS = 4
const ITEMS = 5
const MEDUSA = ['order_paid', 'order_open', 'order_authorized', 'order_partially-paid'] as const
/**
 * Asked for at once before a backup, so that there is something in it that was not sent, and will
 * be before the backup is put back.
 */
const BURST = 60

const hex = (random: () => number, digits: number) =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
const guid = (random: () => number) =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`
const inAnyCase = (id: string, random: () => number) =>
  random() < 0.3
    ? id.toUpperCase()
    : random() < 0.3
      ? id
      : [...id].map((letter) => (random() < 0.5 ? letter.toUpperCase() : letter)).join('')

/** An order that nobody asked for yet, on any of the three. */
const newOrder = (random: () => number, name: string): Wanted => {
  const drawn = random()
  const site = drawn < 0.5 ? 'medusa' : drawn < 0.75 ? 'wix' : 'asia'
  const orderId =
    site === 'medusa'
      ? `${MEDUSA[Math.floor(random() * MEDUSA.length)]}-${name}`
      : site === 'wix'
        ? guid(random)
        : hex(random, 24)
  const spelled = () => (site === 'medusa' ? orderId : inAnyCase(orderId, random))
  return {
    site,
    store: `${site}-${site === 'medusa' && random() < 0.5 ? 1 : 0}`,
    orderId,
    spelled,
    reason: random() < 0.3 ? `Because of ${name}` : null,
    ids: new Map(),
  }
}

const bodyOf = ({ store, spelled, reason }: Wanted) => ({
  store,
  orderId: spelled(),
  ...(reason !== null && { reason }),
})

/** Callers: whom they may ask, and what they have asked for. */
export interface Load {
  readonly living: readonly Process[]
  readonly weather: Weather
  readonly name: string
  readonly wanted: Wanted[]
  readonly handed: Handed[]
  /** What is asked for beside the rest. */
  readonly later: Promise<unknown>[]
}

const anyone = ({ living, weather: { random } }: Load) =>
  living[Math.floor(random() * living.length)] as Process

const take = async (load: Load, order: Wanted, key: string): Promise<boolean> => {
  const response = await ask(anyone(load), bodyOf(order), 'respond-async', key)
  if (!isAccepted(response)) return false
  order.ids.set(response.headers.get('location') as string, performance.now())
  return true
}

const hand = async (load: Load, orders: readonly Wanted[], key: string): Promise<boolean> => {
  const response = await call(
    anyone(load),
    'POST',
    '/v1/batches',
    { items: orders.map(bodyOf) },
    { 'idempotency-key': key },
  )
  if (response?.status !== 202) return false
  const path = response.headers.get('location') as string
  load.handed.push({ path, orders, at: performance.now() })
  return true
}

/** One of its orders twice, in two spellings, and one beside it. */
const handBatch = async (load: Load, serial: number) => {
  const { weather, name, wanted, later } = load
  const orders = Array.from({ length: ITEMS }, (_, index) =>
    newOrder(weather.random, `${name}-batch-${serial}-${index}`),
  )
  const items = [...orders, orders[0] as Wanted]
  while (!(await hand(load, items, `${name}-${serial}`))) await pause(20)
  wanted.push(...orders)
  later.push(take(load, orders[1] as Wanted, 'beside'))
}

/** Asks for one order after the other until it is calm, each until it is accepted. */
const client = async (load: Load, number: number) => {
  const { weather, name, wanted, later } = load
  const { random } = weather
  for (let serial = 0; !weather.calm; serial++) {
    const order = newOrder(random, `${name}-${number}-${serial}`)
    const { orderId } = order
    if (number === 0 && serial % 5 === 4) await handBatch(load, serial)
    const keys = [[orderId], [orderId, orderId], [orderId, `${orderId}-b`]][
      Math.floor(random() * 3)
    ] as string[]
    while (!(await Promise.all(keys.map((key) => take(load, order, key)))).includes(true))
      await pause(20)
    wanted.push(order)
    if (random() < 0.4) later.push(pause(random() * 2_000).then(() => take(load, order, orderId)))
    await pause(80)
  }
}

/** Many at once, each only once. */
export const burst = async (load: Load) => {
  const { weather, name, wanted } = load
  const orders = Array.from({ length: BURST }, (_, index) =>
    newOrder(weather.random, `${name}-burst-${wanted.length}-${index}`),
  )
  const taken = await Promise.all(orders.map((order) => take(load, order, order.orderId)))
  wanted.push(...orders.filter((_, index) => taken[index]))
}

/**
 * Each order is asked for under several spellings, at once, later, and in batches, with the same
 * key and with another, while something is done.
 */
export const storm = async (
  living: readonly Process[],
  weather: Weather,
  name: string,
  trouble: (load: Load) => Promise<void>,
): Promise<Load> => {
  const load: Load = { living, weather, name, wanted: [], handed: [], later: [] }
  weather.calm = false
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(load, number))
  try {
    await trouble(load)
  } finally {
    weather.calm = true
  }
  await Promise.all([...clients, ...load.later])
  return load
}
