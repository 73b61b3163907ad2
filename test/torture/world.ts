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
import { type Fleet, injected, LATE_MS, openFleet, openWeather, type Weather } from './storm.ts'
import { burst, CLIENTS, storm } from './world-load.ts'
import { type Gap, judge } from './world-verdict.ts'

const what = 'a world that is not as assumed'
/**
 * How soon a record is given up, so that people are asked while the storm lasts; and, in every
 * other round, how soon what was not sent expires.
 */
const GIVE_UP_MS = 6_000
const DEADLINE_MS = 3_000
const MOVED_MS = 1_200
/** How many orders the control gets: enough that others' replies are among what it reads. */
const BELIEVED = 400

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

/** Gateways before platforms, and what is done to them. */
interface Scene {
  readonly platform: Process
  /** Another shop that has orders of the same ids. */
  readonly decoy: Process
  readonly weather: Weather
  readonly fleet: Fleet
  readonly gaps: Gap[]
  readonly done: { kills: number; restores: number; moves: number }
  /** Where the stores of gateways that start from now on lead. */
  lead(baseUrl: string): void
}

const openScene = async (address: string, gateways: number, number: number): Promise<Scene> => {
  const [platform, decoy] = await Promise.all([startWorld(SEED + number), startWorld(SEED)])
  const weather = await openWeather(platform, SEED + number)
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
  return {
    platform,
    decoy,
    weather,
    fleet,
    gaps: [],
    done: { kills: 0, restores: 0, moves: 0 },
    lead: (url) => {
      baseUrl = url
    },
  }
}

const closeScene = async ({ platform, decoy, weather, fleet }: Scene) => {
  await fleet.end()
  weather.proxy.close()
  await Promise.all([kill(platform), kill(decoy)])
}

const killSome = async ({ fleet, weather: { random }, done }: Scene, count: number) => {
  const { length } = fleet.living
  for (let time = 0; time < count; time++) {
    await pause(250 + random() * 750)
    const victims =
      random() < 0.3 ? fleet.living.map((_, index) => index) : [Math.floor(random() * length)]
    await Promise.all(victims.map((index) => fleet.restart(index)))
    done.kills += victims.length
  }
}

const restore = async ({ platform, fleet, weather, gaps, done }: Scene, file: string) => {
  const copy = join(folder, 'backup.db')
  const from = performance.now()
  backUp(file, copy)
  await pause(1_500 + weather.random() * 1_000)
  await fleet.restart(0, async () => {
    gaps.push({ from, to: performance.now() })
    // As operators are told: not before the platform can no longer be busy with what was sent; and
    // no cache is as old as a backup.
    await pause(TIMING.settleMs + LATE_MS)
    putBack(file, copy)
    await setWorld(platform, 'odd')
  })
  done.restores += 1
}

/** The other shop, for one life of one gateway. */
const move = async ({ decoy, weather, fleet, done, lead }: Scene) => {
  lead(decoy.url)
  await fleet.restart(0)
  await pause(MOVED_MS)
  lead(weather.proxy.url)
  await fleet.restart(0)
  done.moves += 1
}

const round = async (kindOfLedger: string, address: string, gateways: number, number: number) => {
  const scene = await openScene(address, gateways, number)
  const { platform, decoy, weather, fleet, gaps, done } = scene
  await setWorld(platform, 'odd')
  const { wanted, handed } = await storm(
    fleet.living,
    weather,
    `world-${kindOfLedger}-${number}`.toLowerCase(),
    async (load) => {
      await killSome(scene, isLong ? 6 : 1)
      if (kindOfLedger === 'SQLite') {
        await burst(load)
        await restore(scene, address.slice('sqlite:'.length))
      }
      await killSome(scene, isLong ? 2 : 1)
      if (number % 2 === 0) await move(scene)
      await killSome(scene, isLong ? 4 : 2)
    },
  )
  await setWorld(platform, 'calm')
  const verdict = await judge({ wanted, handed, gaps, fleet, platform })
  const { writes } = (await (await fetch(`${decoy.url}/world/writes`)).json()) as { writes: number }
  if (writes > 0)
    verdict.violations.push(`${writes} calls that change something went to another shop`)
  await closeScene(scene)
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
