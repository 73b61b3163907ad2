/**
 * Redis in trouble under two gateways and load: killed and restarted, paused, emptied, failed over
 * to a replica, split in two. What was accepted may be lost where Redis forgets; nothing may be
 * doubled.
 */
import type { RedisServer } from '../ledger/redis-server.ts'
import { isLong, report, ROUNDS, secondsSince } from './figures.ts'
import { kill, pause, type Process, startGateway, startPlatform, until } from './lab.ts'
import { command, openRedis, openSwitch } from './redis.ts'
import { injected, judge, openFleet, openWeather, storm } from './storm.ts'

const GATEWAYS = 2
const HITS = Math.ceil(ROUNDS / 2)
/** Longer than the lease of a call, and than the patience of a client of Redis. */
const PAUSED_MS = 3_500
const AWAY_MS = 400
/**
 * How long the replica hears nothing more before the primary dies: without a partition, hardly
 * anything is lost on loopback.
 */
const PARTITION_MS = 200
const SYNC_MS = 10_000
/**
 * For how long the platform is away when Redis splits, so that much waits on both sides; longer
 * than the new side pauses.
 */
const WAITING_MS = 4_000
/** For how long both sides then live. */
const SPLIT_MS = 6_000

interface Outage {
  readonly what: string
  readonly forgets?: boolean
  readonly server: RedisServer
  /** Where the gateways find it. */
  readonly url: string
  readonly hits: number
  readonly hit: () => Promise<unknown>
  readonly says?: string
}

const outage = async (
  platform: Process,
  { what, forgets = false, url, hits, hit, says }: Outage,
  serial: number,
) => {
  const started = performance.now()
  const weather = await openWeather(platform)
  const fleet = await openFleet(GATEWAYS, () =>
    startGateway({ platform, baseUrl: weather.proxy.url, ledger: url }),
  )
  const accepted = await storm({
    fleet,
    weather,
    prefix: `outage-${serial}`,
    async trouble() {
      await pause(1_500)
      for (let count = 0; count < hits; count++) {
        await hit()
        await pause(1_500 + weather.random() * 1_000)
      }
    },
  })
  const verdict = await judge(accepted, fleet, platform, { forgets })
  await fleet.end()
  const again = forgets
    ? `accepted lost: ${verdict.lost} of ${verdict.accepted}, as measured; asked again, each ` +
      'came to rest and none was doubled'
    : undefined
  report({
    what,
    ledger: 'Redis',
    gateways: GATEWAYS,
    faults: `${hits} ${hits === 1 ? 'hit' : 'hits'}, ${injected(weather)} faults`,
    ...verdict,
    seconds: secondsSince(started),
    says: [again, says].filter(Boolean).join('; '),
  })
}

const isSynced = async (replica: RedisServer) => {
  if (
    !(await until(
      async () =>
        String(await command(replica, 'INFO', 'replication')).includes('master_link_status:up'),
      SYNC_MS,
    ))
  )
    throw new Error('the replica did not sync')
}

/**
 * A replica takes over, and the primary lives on with a gateway and its callers: each side has what
 * was accepted before, and both wake it when the platform is back. What only the old side accepted
 * is lost with it.
 */
const split = async (platform: Process, serial: number): Promise<void> => {
  const what = 'Redis split: a replica took over, the primary lives on'
  const primary = await openRedis(what)
  if (!primary) return
  const replica = (await openRedis(
    what,
    '--replicaof',
    '127.0.0.1',
    String(primary.port),
  )) as RedisServer
  await isSynced(replica)
  const started = performance.now()
  const weather = await openWeather(platform)
  const start = ({ url }: RedisServer) =>
    startGateway({ platform, baseUrl: weather.proxy.url, ledger: url })
  const fleet = await openFleet(1, () => start(primary))
  const accepted = await storm({
    fleet,
    weather,
    prefix: `split-${serial}`,
    async trouble() {
      await pause(1_500)
      await weather.proxy.refuse(true)
      await pause(WAITING_MS / 4)
      await command(replica, 'REPLICAOF', 'NO', 'ONE')
      fleet.join(await start(replica))
      await pause(WAITING_MS)
      await weather.proxy.refuse(false)
      await pause(SPLIT_MS)
    },
  })
  const [old, ...living] = fleet.living
  await kill(old as Process)
  const verdict = await judge(accepted, { ...fleet, living }, platform, { forgets: true })
  await fleet.end()
  report({
    what,
    ledger: 'Redis',
    gateways: GATEWAYS,
    faults: `1 split, ${injected(weather)} faults`,
    ...verdict,
    seconds: secondsSince(started),
    says:
      `accepted lost with the old side: ${verdict.lost} of ${verdict.accepted}, as ` +
      'measured; asked again, each came to rest and none was doubled',
  })
}

/**
 * A primary, its replica behind a link that can be cut, and an address that leads to whoever is
 * primary.
 */
const failover = async (partitionMs: number): Promise<Outage | null> => {
  const what =
    partitionMs > 0 ? `Redis failed over after ${partitionMs} ms apart` : 'Redis failed over'
  const primary = await openRedis(what)
  if (!primary) return null
  const [link, front] = [await openSwitch(primary.port), await openSwitch(primary.port)]
  const replica = (await openRedis(
    what,
    '--replicaof',
    '127.0.0.1',
    String(link.port),
  )) as RedisServer
  await isSynced(replica)
  return {
    what,
    forgets: true,
    server: primary,
    url: `redis://127.0.0.1:${front.port}`,
    hits: 1,
    async hit() {
      if (partitionMs > 0) {
        link.turn(null)
        await pause(partitionMs)
      }
      await primary.end('SIGKILL')
      await command(replica, 'REPLICAOF', 'NO', 'ONE')
      front.turn(replica.port)
    },
  }
}

const platform = await startPlatform()
const outages: (() => Promise<Outage | null>)[] = [
  async () => {
    const what = 'Redis killed and restarted'
    const server = await openRedis(what)
    return (
      server && {
        what,
        server,
        url: server.url,
        hits: HITS,
        async hit() {
          await server.end('SIGKILL')
          await pause(AWAY_MS)
          await server.start()
        },
      }
    )
  },
  async () => {
    const what = 'Redis paused (SIGSTOP)'
    const server = await openRedis(what)
    return (
      server && {
        what,
        server,
        url: server.url,
        hits: HITS,
        async hit() {
          server.signal('SIGSTOP')
          await pause(PAUSED_MS)
          server.signal('SIGCONT')
        },
      }
    )
  },
  async () => {
    const what = 'Redis emptied (FLUSHALL)'
    const server = await openRedis(what)
    return (
      server && {
        what,
        forgets: true,
        server,
        url: server.url,
        hits: HITS,
        hit: () => command(server, 'FLUSHALL'),
      }
    )
  },
  ...Array.from({ length: HITS }, () => [
    ...(isLong ? [() => failover(0)] : []),
    () => failover(PARTITION_MS),
  ]).flat(),
]
for (const [serial, open] of outages.entries()) {
  const one = await open()
  if (!one) break
  await outage(platform, one, serial)
}
for (let serial = 0; serial < HITS; serial++) await split(platform, serial)
process.exit()
