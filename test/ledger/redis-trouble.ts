/** Redis servers of one test each, and a ledger in them, for the tests of what goes wrong there. */
import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openRedisLedger, type RedisOptions } from '../../src/ledger/redis/redis.ts'
import { START } from './records.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

export const PAUSE_MS = 60_000

export const DURABLE = ['--appendonly', 'yes', '--maxmemory-policy', 'noeviction']

export const serve = async (...settings: string[]): Promise<RedisServer> => {
  const server = await startRedis(...settings)
  onTestFinished(() => server.remove())
  return server
}

export const open = async (
  server: { readonly url: string },
  options: Partial<RedisOptions> = {},
): Promise<FullLedger> => {
  const ledger = await openRedisLedger(server.url, {
    pauseMs: PAUSE_MS,
    now: () => START,
    ...options,
  })
  onTestFinished(() => ledger.close())
  return ledger
}

export const client = (server: { readonly url: string }): Redis => {
  const redis = new Redis(server.url)
  redis.on('error', () => {})
  onTestFinished(() => redis.disconnect())
  return redis
}
