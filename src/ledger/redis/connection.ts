/**
 * The connection to Redis: what a server must be, which one answers, and what is known of a write
 * that failed.
 */
import { Redis } from 'ioredis'
import { unsure } from '../port.ts'

export interface RedisOptions {
  /**
   * How long leases are refused after Redis was restarted or replaced: until everything sent before
   * has landed.
   */
  readonly pauseMs: number
  /** Takes a server that may forget: for trials only. */
  readonly allowVolatile?: boolean
  /**
   * So many replicas must have an intent before it is acted on. Left out: as many as the server was
   * seen with.
   */
  readonly replicas?: number | undefined
  /** Told of what an operator should know. */
  readonly warn?: (message: string) => void
  /** This process’s clock, for what is due; leases live by the server’s. */
  readonly clock?: () => number
  /** For tests: stands for both. */
  readonly now?: () => number
  readonly tag?: string
}

/** The server at the other end, once it is known to be fit. */
export interface Server {
  readonly runId: string
  /** How many replicas must have what is to be acted on. */
  replicas: number
}

export type Script = (name: string, ...values: (string | number)[]) => Promise<unknown>
export interface Client {
  readonly redis: Redis
  readonly script: Script
}
interface Lua {
  readonly name: string
  readonly lua: string
}

/** The layout of the keys; another one is refused. */
const SCHEMA = 2
/** Clocks that differ by less do no harm. */
const SKEW_MS = 5_000
/** Without an answer for so long the connection counts as dead. */
const PATIENCE_MS = 3_000
const RECONNECT_MS = { first: 50, cap: 1_000 }

/**
 * Replies that come in place of a script, or at its first write; and the client’s own word that it
 * handed nothing over.
 */
const NOTHING_DONE =
  /^Stream isn't writeable|(?:^|-)(?:OOM|READONLY|NOREPLICAS|MISCONF|LOADING|BUSY|NOSCRIPT|NOPERM|NOAUTH|WRONGPASS|MASTERDOWN|CLUSTERDOWN|MOVED) /

const infoOf = (reply: string): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    reply
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )

/** What makes a server forget what it acknowledged; empty: nothing that it tells of. */
const dangers = async (redis: Redis, info: ReturnType<typeof infoOf>): Promise<string[]> => {
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
  ]
}

/**
 * A client whose scripts run under the prefix. Away is away: nothing waits for the server to come
 * back, and nothing is sent twice.
 */
const openClient = (url: string, prefix: string, scripts: readonly Lua[]): Client => {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    retryStrategy: (tries) =>
      Math.min(RECONNECT_MS.first * 2 ** Math.min(tries, 10), RECONNECT_MS.cap),
    // A primary that became a replica: its address may lead to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
  for (const { name, lua } of scripts)
    redis.defineCommand(`ledger-${name}`, { numberOfKeys: 1, lua })
  const script: Script = (name, ...values) =>
    (redis as unknown as Record<string, Script>)[`ledger-${name}`]?.call(
      redis,
      prefix,
      ...values,
    ) as Promise<unknown>
  return { redis, script }
}

/** Opens the connection; rejects where the server cannot be reached or is not fit. */
export const connectRedis = async (url: string, scripts: readonly Lua[], options: RedisOptions) => {
  const {
    allowVolatile = false,
    replicas: wanted,
    warn = () => {},
    clock = Date.now,
    now: given,
    tag = 'rescind',
  } = options
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 0))
    throw new Error(
      'RESCIND_REDIS_REPLICAS must be a whole number: how many replicas must have what is sent',
    )
  const prefix = `{${tag}}:`
  const { redis, script } = openClient(url, prefix, scripts)

  /** The server that answers; rejects where it is not fit. Null: not asked yet. */
  let server: Promise<Server> | null = null
  const told = { danger: '', skewed: false, alone: false }
  let trouble: string | undefined

  const inspect = async (): Promise<Server> => {
    const info = await redis.info().then(infoOf, (error: Error) => {
      if (!error.message.startsWith('NOPERM')) throw error
      return infoOf('')
    })
    const danger = (await dangers(redis, info)).join('; ')
    if (danger !== '' && !allowVolatile)
      throw new Error(`Redis would forget what it acknowledged: ${danger}`)
    if (danger !== '' && danger !== told.danger)
      warn(`Redis may forget what it acknowledged: ${danger}. For trials only.`)
    told.danger = danger
    const aheadMs = given
      ? 0
      : clock() -
        (await redis.time().then(
          ([seconds = 0]) => Number(seconds) * 1_000,
          () => clock(),
        ))
    const skewed = Math.abs(aheadMs) > SKEW_MS
    if (skewed && !told.skewed)
      warn(
        `The clock of this gateway is ${Math.round(Math.abs(aheadMs) / 1_000)} s ` +
          `${aheadMs > 0 ? 'ahead of' : 'behind'} Redis’s: set it, and restart. Gateways that ` +
          'share a Redis take each other’s records for overdue else.',
      )
    told.skewed = skewed
    const alone =
      Number(info['connected_slaves'] ?? 0) > 0 && info['min_slaves_good_slaves'] === undefined
    if (alone && !told.alone)
      warn(
        'Redis has a replica, and min-replicas-to-write is 0: cut off, this server would go on ' +
          'taking requests that a failover forgets. Set min-replicas-to-write 1.',
      )
    told.alone = alone
    const schema = Number(
      (await redis.get(`${prefix}schema`)) ??
        (await redis.set(`${prefix}schema`, SCHEMA).then(() => SCHEMA)),
    )
    if (schema !== SCHEMA)
      throw new Error(
        `the ledger is of version ${schema}; this program knows ${SCHEMA}: use ` +
          `${schema > SCHEMA ? 'the newer program' : 'the program that wrote it, or an empty database'}`,
      )
    const runId = info['run_id'] ?? ''
    const [run, seen] = await redis.hmget(`${prefix}server`, 'run', 'replicas')
    return { runId, replicas: wanted ?? (run === runId ? Number(seen ?? 0) : 0) }
  }
  const met = (): Promise<Server> => {
    if (server) return server
    const asked = (server = inspect())
    // Asked again by whoever comes next: a server can be mended while it runs.
    asked.catch(() => {
      if (server === asked) server = null
    })
    return asked
  }
  redis
    .on('close', () => {
      server = null
    })
    .on('error', (error: Error) => {
      trouble = error.message
    })

  /** The client’s errors carry the command with all its values: not for a log. */
  const bare = (error: unknown): Error => {
    delete (error as { command?: unknown }).command
    return error as Error
  }

  /**
   * Works on a server that is known to be fit; `work` sends at once, so it meets the server that it
   * is given.
   */
  const on = async <T>(work: (server: Server) => Promise<T>): Promise<T> => {
    const fit = await met().catch((error: unknown) => {
      throw bare(error)
    })
    if (redis.status !== 'ready') throw new Error('Redis is away')
    return work(fit).catch((error: unknown) => {
      throw NOTHING_DONE.test((error as Error).message) ? bare(error) : unsure(bare(error))
    })
  }

  try {
    await redis.connect().catch((cause: Error) => {
      throw new Error(trouble ?? cause.message, { cause })
    })
    await on(async () => {})
  } catch (cause) {
    redis.disconnect()
    throw new Error(`the ledger cannot be opened: ${(cause as Error).message}`, { cause })
  }
  return {
    prefix,
    redis,
    script,
    on,
    run: ((...values) => on(() => script(...values))) as Script,
    /** Another connection to the same address, not opened yet. */
    beside: () => openClient(url, prefix, scripts),
    /** The server is looked at again before anything else is done. */
    forget: () => {
      server = null
    },
  }
}
