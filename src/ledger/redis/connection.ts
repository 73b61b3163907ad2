/** The connection to Redis: which server answers, and what is known of a write that failed. */
import { Redis } from 'ioredis'
import type { Retention } from '../retention.ts'
import { unsure } from '../rules.ts'
import type { Scripts } from './prelude.ts'
import type { RedisOptions } from './options.ts'
import { openInspection, type Server } from './server.ts'

export type Script = (name: string, ...values: (string | number)[]) => Promise<unknown>
export interface Client {
  readonly redis: Redis
  readonly script: Script
}

export interface Connection extends Client {
  /** What every key begins with. */
  readonly prefix: string
  /**
   * Works on a server that is known to be fit; `work` sends at once, so it meets the server that it
   * is given.
   */
  readonly withServer: <T>(work: (server: Server) => Promise<T>) => Promise<T>
  /** Runs a script on such a server. */
  readonly run: Script
  /** Makes another connection to the same address, not opened yet. */
  readonly duplicate: () => Client
  /** Has the server inspected again before anything else is done. */
  readonly inspectAgain: () => void
}

/** What the functions of the ledger work with. */
export interface RedisDeps extends Connection {
  readonly now: () => number
  readonly retention: Retention
  /** The time as scripts take it; empty: they read the server's clock. */
  readonly clock: () => string
}

/** Without an answer for so long the connection counts as dead. */
const PATIENCE_MS = 3_000
const RECONNECT_MS = { first: 50, cap: 1_000 }

/**
 * Errors of Redis that come in place of a script, or at its first write; and the client's own word
 * that it handed nothing over: nothing was written.
 */
const NOTHING_DONE =
  /^Stream isn't writeable|(?:^|-)(?:OOM|READONLY|NOREPLICAS|MISCONF|LOADING|BUSY|NOSCRIPT|NOPERM|NOAUTH|WRONGPASS|MASTERDOWN|CLUSTERDOWN|MOVED) /

/**
 * Makes a client whose scripts run under the prefix. While the server is away everything is
 * refused: nothing waits for it to come back, and nothing is sent twice.
 */
const openClient = (url: string, prefix: string, scripts: Scripts): Client => {
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
  for (const [name, lua] of Object.entries(scripts))
    redis.defineCommand(`ledger-${name}`, { numberOfKeys: 1, lua })
  const script: Script = (name, ...values) =>
    (redis as unknown as Record<string, Script>)[`ledger-${name}`]?.call(
      redis,
      prefix,
      ...values,
    ) as Promise<unknown>
  return { redis, script }
}

/** Takes from an error of the client the command with all its values: they are not for a log. */
const withoutCommand = (error: unknown): Error => {
  delete (error as { command?: unknown }).command
  return error as Error
}

const toFailure = (error: unknown): Error => {
  const failure = withoutCommand(error)
  return NOTHING_DONE.test(failure.message) ? failure : unsure(failure)
}

/** Remembers which server was inspected, until the connection closes. */
const openServer = (redis: Redis, inspect: () => Promise<Server>) => {
  let server: Promise<Server> | null = null
  const forget = () => {
    server = null
  }
  const current = (): Promise<Server> => {
    if (server) return server
    const asked = (server = inspect())
    // Asked again by whoever comes next: a server can be mended while it runs.
    asked.catch(() => {
      if (server === asked) server = null
    })
    return asked
  }
  redis.on('close', forget)
  return { current, forget }
}

/** Opens the connection; rejects where the server cannot be reached or is not fit. */
export const connectRedis = async (
  url: string,
  scripts: Scripts,
  options: RedisOptions,
): Promise<Connection> => {
  const { replicas, tag = 'rescind' } = options
  if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 0))
    throw new Error(
      'RESCIND_REDIS_REPLICAS must be a whole number: how many replicas must have what is sent',
    )
  const prefix = `{${tag}}:`
  const { redis, script } = openClient(url, prefix, scripts)
  const server = openServer(redis, openInspection(redis, prefix, options))
  let trouble: string | undefined
  redis.on('error', (error: Error) => {
    trouble = error.message
  })

  const withServer: Connection['withServer'] = async (work) => {
    const fit = await server.current().catch((error: unknown) => {
      throw withoutCommand(error)
    })
    if (redis.status !== 'ready') throw new Error('Redis is away')
    return work(fit).catch((error: unknown) => {
      throw toFailure(error)
    })
  }

  try {
    await redis.connect().catch((cause: Error) => {
      throw new Error(trouble ?? cause.message, { cause })
    })
    await withServer(async () => {})
  } catch (cause) {
    redis.disconnect()
    throw new Error(`the ledger cannot be opened: ${(cause as Error).message}`, { cause })
  }
  return {
    prefix,
    redis,
    script,
    withServer,
    run: (...values) => withServer(() => script(...values)),
    duplicate: () => openClient(url, prefix, scripts),
    inspectAgain: server.forget,
  }
}
