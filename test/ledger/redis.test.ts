/** The ledger in Redis keeps every promise, with two clients on one server. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { openRedisLedger } from '../../src/ledger/redis.ts'
import { describeRedis, type RedisServer, startRedis } from './redis-server.ts'
import { testLedger } from './suite.ts'

describeRedis('with a Redis server', () => {
  let server: RedisServer
  let admin: Redis
  beforeAll(async () => {
    server = await startRedis()
    admin = new Redis(server.url)
  })
  afterAll(async () => {
    admin?.disconnect()
    await server?.remove()
  })

  testLedger('redis', async (now) => {
    await admin.flushall()
    const open = () => openRedisLedger(server.url, { pauseMs: 60_000, now })
    return { ledger: await open(), beside: open }
  })
})
