/**
 * A storm over platforms that are not as assumed: reads that lag, replies about other orders, one
 * order under several spellings, a ledger put back from a backup, a store that leads to another
 * shop; and a control that believes what it reads, which must fail where the gateway does not.
 */
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isLong, report, ROUNDS, secondsSince, SEED } from './figures.ts'
import {
  ask,
  call,
  folder,
  journalOf,
  kill,
  pause,
  type Process,
  sqlite,
  startGateway,
  startNaive,
  startWorld,
  type StoreLine,
  TIMING,
} from './lab.ts'
import { openRedis } from './redis.ts'
import { injected, isAccepted, LATE_MS, openFleet, openWeather, type Weather } from './storm.ts'
import { type Gap, type Handed, judge, type Wanted } from './world-verdict.ts'

const what = 'a world that is not as assumed'
const CLIENTS = 4
const ITEMS = 5
const MEDUSA = ['order_paid', 'order_open', 'order_authorized', 'order_partially-paid'] as const
/**
 * How soon a record is given up, so that people are asked while the storm lasts; and, in every
 * other round, how soon what was not sent expires.
 */
const GIVE_UP_MS = 6_000
const DEADLINE_MS = 3_000
const MOVED_MS = 1_200
/** How many orders the control gets: enough that others' replies are among what it reads. */
const BELIEVED = 400
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

/**
 * Each order is asked for under several spellings, at once, later, and in batches, with the same
 * key and with another, while something is done.
 */
const storm = async (
  living: readonly Process[],
  weather: Weather,
  name: string,
  trouble: (burst: () => Promise<void>) => Promise<void>,
) => {
  const { random } = weather
  const wanted: Wanted[] = []
  const handed: Handed[] = []
  const later: Promise<unknown>[] = []
  const anyone = () => living[Math.floor(random() * living.length)] as Process
  weather.calm = false

  const take = async (order: Wanted, key: string): Promise<boolean> => {
    const response = await ask(anyone(), bodyOf(order), 'respond-async', key)
    if (!isAccepted(response)) return false
    order.ids.set(response.headers.get('location') as string, performance.now())
    return true
  }
  const hand = async (orders: readonly Wanted[], key: string): Promise<boolean> => {
    const response = await call(
      anyone(),
      'POST',
      '/v1/batches',
      { items: orders.map(bodyOf) },
      { 'idempotency-key': key },
    )
    if (response?.status !== 202) return false
    handed.push({ path: response.headers.get('location') as string, orders, at: performance.now() })
    return true
  }
  const client = async (number: number) => {
    for (let serial = 0; !weather.calm; serial++) {
      const order = newOrder(random, `${name}-${number}-${serial}`)
      if (number === 0 && serial % 5 === 4) {
        const orders = Array.from({ length: ITEMS }, (_, index) =>
          newOrder(random, `${name}-batch-${serial}-${index}`),
        )
        // One of them twice, in two spellings.
        while (!(await hand([...orders, orders[0] as Wanted], `${name}-${serial}`))) await pause(20)
        wanted.push(...orders)
        later.push(take(orders[1] as Wanted, 'beside'))
      }
      const keys = [['a'], ['a', 'a'], ['a', 'b']][Math.floor(random() * 3)] as string[]
      while (
        !(
          await Promise.all(
            keys.map((key) => take(order, key === 'a' ? order.orderId : `${order.orderId}-${key}`)),
          )
        ).includes(true)
      )
        await pause(20)
      wanted.push(order)
      if (random() < 0.4) later.push(pause(random() * 2_000).then(() => take(order, order.orderId)))
      await pause(80)
    }
  }
  const burst = async () => {
    const orders = Array.from({ length: BURST }, (_, index) =>
      newOrder(random, `${name}-burst-${wanted.length}-${index}`),
    )
    const taken = await Promise.all(orders.map((order) => take(order, order.orderId)))
    wanted.push(...orders.filter((_, index) => taken[index]))
  }
  const clients = Array.from({ length: CLIENTS }, (_, number) => client(number))
  try {
    await trouble(burst)
  } finally {
    weather.calm = true
  }
  await Promise.all([...clients, ...later])
  return { wanted, handed }
}

const setWorld = (platform: Process, state: 'calm' | 'odd') =>
  fetch(`${platform.url}/world/weather/${state}`)
const storesOf = ({ hello }: Process): StoreLine[] => {
  const sites = hello['sites'] as Record<'medusa' | 'wix' | 'asia', object>
  const line = (id: string, platform: string, site: keyof typeof sites): StoreLine => ({
    id,
    platform,
    settings: sites[site],
  })
  return [
    line('medusa-0', 'medusa', 'medusa'),
    line('medusa-1', 'medusa', 'medusa'),
    line('wix-0', 'wix', 'wix'),
    line('asia-0', 'shopline-asia', 'asia'),
  ]
}

/** A copy of a ledger that is in use, as an operator makes one. */
const backUp = (file: string, copy: string) => {
  rmSync(copy, { force: true })
  const database = new DatabaseSync(file, { timeout: 5_000 })
  database.exec(`vacuum into '${copy}'`)
  database.close()
}
const putBack = (file: string, copy: string) => {
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
  copyFileSync(copy, file)
}

const round = async (kindOfLedger: string, address: string, gateways: number, number: number) => {
  const [platform, decoy] = await Promise.all([startWorld(SEED + number), startWorld(SEED)])
  const weather = await openWeather(platform, SEED + number)
  const { random } = weather
  const gaps: Gap[] = []
  const done = { kills: 0, restores: 0, moves: 0 }
  let baseUrl = weather.proxy.url
  const fleet = await openFleet(gateways, () =>
    startGateway({
      platform,
      baseUrl,
      ledger: address,
      stores: storesOf(platform),
      timing: { giveUpMs: GIVE_UP_MS, ...(number % 2 === 0 && { deadlineMs: DEADLINE_MS }) },
    }),
  )

  const kills = async (count: number) => {
    for (let time = 0; time < count; time++) {
      await pause(250 + random() * 750)
      const victims =
        random() < 0.3 ? fleet.living.map((_, index) => index) : [Math.floor(random() * gateways)]
      await Promise.all(victims.map((index) => fleet.restart(index)))
      done.kills += victims.length
    }
  }
  const restore = async (burst: () => Promise<void>) => {
    const [file, copy] = [address.slice('sqlite:'.length), join(folder, 'backup.db')]
    await burst()
    const from = performance.now()
    backUp(file, copy)
    await pause(1_500 + random() * 1_000)
    await fleet.restart(0, async () => {
      gaps.push({ from, to: performance.now() })
      // As operators are told: not before the platform can no longer be busy with what was sent;
      // and no cache is as old as a backup.
      await pause(TIMING.settleMs + LATE_MS)
      putBack(file, copy)
      await setWorld(platform, 'odd')
    })
    done.restores += 1
  }
  /** Another shop that has orders of the same ids, for one life of one gateway. */
  const move = async () => {
    baseUrl = decoy.url
    await fleet.restart(0)
    await pause(MOVED_MS)
    baseUrl = weather.proxy.url
    await fleet.restart(0)
    done.moves += 1
  }

  await setWorld(platform, 'odd')
  const { wanted, handed } = await storm(
    fleet.living,
    weather,
    `world-${kindOfLedger}-${number}`.toLowerCase(),
    async (burst) => {
      await kills(isLong ? 6 : 1)
      if (kindOfLedger === 'SQLite') await restore(burst)
      await kills(isLong ? 2 : 1)
      if (number % 2 === 0) await move()
      await kills(isLong ? 4 : 2)
    },
  )
  await setWorld(platform, 'calm')
  const verdict = await judge({ wanted, handed, gaps, fleet, platform })
  const { writes } = (await (await fetch(`${decoy.url}/world/writes`)).json()) as { writes: number }
  if (writes > 0)
    verdict.violations.push(`${writes} calls that change something went to another shop`)
  await fleet.end()
  weather.proxy.close()
  await Promise.all([kill(platform), kill(decoy)])
  return {
    verdict: { ...verdict, wrong: verdict.wrong + (writes > 0 ? 1 : 0) },
    done,
    faults: injected(weather),
  }
}

const world = async (
  kindOfLedger: string,
  ledgerOf: (number: number) => string,
  gateways: number,
) => {
  const started = performance.now()
  const sums = {
    accepted: 0,
    double: 0,
    lost: 0,
    wrong: 0,
    blind: 0,
    forgotten: 0,
    unlooked: 0,
    hidden: 0,
    closed: 0,
    kills: 0,
    restores: 0,
    moves: 0,
    faults: 0,
  }
  const violations: string[] = []
  for (let number = 0; number < ROUNDS; number++) {
    const {
      verdict: { violations: found, ...verdict },
      done,
      faults,
    } = await round(kindOfLedger, ledgerOf(number), gateways, number)
    for (const [name, count] of Object.entries({ ...verdict, ...done, faults }))
      sums[name as keyof typeof sums] += count
    violations.push(...found)
  }
  const { kills, restores, moves, faults, blind, forgotten, unlooked, hidden, closed, ...figures } =
    sums
  report({
    what,
    ledger: kindOfLedger,
    gateways,
    faults:
      `${kills} kills, ${faults} ` +
      `faults${restores > 0 ? `, ${restores} backups put back` : ''}, ${moves} moves`,
    ...figures,
    seconds: secondsSince(started),
    violations,
    says:
      `${closed} closed by a person; ` +
      (restores > 0
        ? `${forgotten} forgotten with a backup and asked again, ${unlooked} expired there ` +
          'while nothing could be read; '
        : '') +
      `where a cache hid the deed beyond the settle time ${blind} refused repeats and ${hidden} ` +
      'called expired',
  })
}

/**
 * The same platforms, without kills and network faults, for a control that looks before and after
 * each cancel and believes what it reads.
 */
const naive = async () => {
  const started = performance.now()
  const platform = await startWorld(SEED)
  const target = await startNaive('believes', platform, platform.url, { believes: true })
  await setWorld(platform, 'odd')
  const accepted: string[] = []
  for (; accepted.length < BELIEVED; await pause(20)) {
    const orders = Array.from(
      { length: CLIENTS },
      (_, index) => `order_paid-naive-world-${accepted.length + index}`,
    )
    await Promise.all(
      orders.map((orderId) => fetch(`${target.url}/${orderId}`, { method: 'POST' })),
    )
    accepted.push(...orders)
  }
  await pause(2_000)
  await setWorld(platform, 'calm')
  await pause(1_000)
  const done = new Set(
    readFileSync(journalOf('believes'), 'utf8')
      .split('\n')
      .filter((line) => line.endsWith(' done'))
      .map((line) => line.split(' ')[0]),
  )
  const states = await Promise.all(
    accepted.map(async (orderId) => ({
      orderId,
      ...((await (await fetch(`${platform.url}/world/orders/${orderId}`)).json()) as {
        isCanceled: boolean
        carried: number
        repeated: number
      }),
    })),
  )
  await Promise.all([kill(target), kill(platform)])
  const [double, wrong] = [
    states.filter(({ carried, repeated }) => carried + repeated > 1).length,
    states.filter(({ orderId, isCanceled }) => done.has(orderId) && !isCanceled).length,
  ]
  report({
    what: 'control that believes what it reads',
    ledger: 'a file',
    gateways: 1,
    faults: 'late caches, other orders’ replies',
    accepted: accepted.length,
    double,
    lost: null,
    wrong,
    seconds: secondsSince(started),
    says: 'must double, and take others’ replies for its own, or this world is as assumed',
    violations:
      double > 0 && wrong > 0
        ? []
        : [`the control doubled ${double} and misreported ${wrong}: this torture is blind`],
  })
}

if (process.argv[2] === 'redis') {
  const redis = await openRedis(what)
  if (redis) await world('Redis', (number) => `${redis.url}/${number}`, 2)
} else {
  await Promise.all([world('SQLite', (number) => sqlite(`world-${number}`), 1), naive()])
}
process.exit()
