/** What a Redis server must be, before anything is written to it. */
import type { Redis } from 'ioredis'
import type { RedisOptions } from './options.ts'

/** The server at the other end, once it is known to be fit. */
export interface Server {
  readonly runId: string
  /** How many replicas must have what is to be acted on. */
  replicas: number
}

/** The layout of the keys; another one is refused. */
const SCHEMA = 2
/** Clocks that differ by less do no harm. */
const SKEW_MS = 5_000

type Info = Readonly<Record<string, string | undefined>>

const parseInfo = (reply: string): Info =>
  Object.fromEntries(
    reply
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )

/** Reads INFO; empty where the user may not. */
const infoOf = async (redis: Redis): Promise<Info> => {
  try {
    return parseInfo(await redis.info())
  } catch (error) {
    if (!(error as Error).message.startsWith('NOPERM')) throw error
    return {}
  }
}

/** What makes a server forget what it acknowledged; empty: nothing that it tells of. */
const dangersOf = async (redis: Redis, info: Info): Promise<string> => {
  // Many hosted servers refuse CONFIG; what INFO does not tell is then taken on trust.
  const fsync = await redis.config('GET', 'appendfsync').then(
    (reply) => (reply as string[])[1],
    () => undefined,
  )
  const expected: [name: string, found: string | undefined, wanted: string][] = [
    ['appendonly', info['aof_enabled']?.replace('1', 'yes').replace('0', 'no'), 'yes'],
    ['maxmemory-policy', info['maxmemory_policy'], 'noeviction'],
    ['role', info['role'], 'master'],
  ]
  return [
    ...expected
      .filter(([, found, wanted]) => found !== wanted)
      .map(
        ([name, found, wanted]) => `${name} is ${found ?? 'not readable'} and must be ${wanted}`,
      ),
    ...(fsync === 'no' ? ['appendfsync is no and must be everysec or always'] : []),
  ].join('; ')
}

/** By how much the gateway's clock is ahead of the server's; zero where that cannot be read. */
const aheadMsOf = async (redis: Redis, clock: () => number): Promise<number> => {
  const ownMs = clock()
  const serverMs = await redis.time().then(
    ([seconds = 0]) => Number(seconds) * 1_000,
    () => ownMs,
  )
  return ownMs - serverMs
}

/** Claims an empty database for this layout; rejects where it has another. */
const checkSchema = async (redis: Redis, prefix: string): Promise<void> => {
  const found = await redis.get(`${prefix}schema`)
  if (found === null) await redis.set(`${prefix}schema`, SCHEMA)
  const schema = Number(found ?? SCHEMA)
  if (schema === SCHEMA) return
  const advice =
    schema > SCHEMA ? 'the newer program' : 'the program that wrote it, or an empty database'
  throw new Error(`the ledger is of version ${schema}; this program knows ${SCHEMA}: use ${advice}`)
}

/** What an operator was warned of, so that each is said once until it is well again. */
interface Warned {
  danger: string
  isSkewed: boolean
  isAlone: boolean
}

const checkDurability = async (
  redis: Redis,
  info: Info,
  warned: Warned,
  { allowVolatile = false, warn }: RedisOptions,
): Promise<void> => {
  const danger = await dangersOf(redis, info)
  if (danger !== '' && !allowVolatile)
    throw new Error(`Redis would forget what it acknowledged: ${danger}`)
  if (danger !== '' && danger !== warned.danger)
    warn?.(`Redis may forget what it acknowledged: ${danger}. For trials only.`)
  warned.danger = danger
}

const checkClock = async (
  redis: Redis,
  warned: Warned,
  { warn, clock = Date.now, now }: RedisOptions,
): Promise<void> => {
  const aheadMs = now ? 0 : await aheadMsOf(redis, clock)
  const isSkewed = Math.abs(aheadMs) > SKEW_MS
  if (isSkewed && !warned.isSkewed)
    warn?.(
      `The clock of this gateway is ${Math.round(Math.abs(aheadMs) / 1_000)} s ` +
        `${aheadMs > 0 ? 'ahead of' : 'behind'} Redis’s: set it, and restart. Gateways that ` +
        'share a Redis take each other’s records for overdue else.',
    )
  warned.isSkewed = isSkewed
}

const checkReplicas = (info: Info, warned: Warned, { warn }: RedisOptions): void => {
  const isAlone =
    Number(info['connected_slaves'] ?? 0) > 0 && info['min_slaves_good_slaves'] === undefined
  if (isAlone && !warned.isAlone)
    warn?.(
      'Redis has a replica, and min-replicas-to-write is 0: cut off, this server would go on ' +
        'taking requests that a failover forgets. Set min-replicas-to-write 1.',
    )
  warned.isAlone = isAlone
}

/** Opens the inspection of a server: it rejects where the server is not fit. */
export const openInspection = (
  redis: Redis,
  prefix: string,
  options: RedisOptions,
): (() => Promise<Server>) => {
  const warned: Warned = { danger: '', isSkewed: false, isAlone: false }
  return async () => {
    const info = await infoOf(redis)
    await checkDurability(redis, info, warned, options)
    await checkClock(redis, warned, options)
    checkReplicas(info, warned, options)
    await checkSchema(redis, prefix)
    const runId = info['run_id'] ?? ''
    const [run, seen] = await redis.hmget(`${prefix}server`, 'run', 'replicas')
    return { runId, replicas: options.replicas ?? (run === runId ? Number(seen ?? 0) : 0) }
  }
}
