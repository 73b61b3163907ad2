/** The ledger in Redis keeps every promise, with two clients on one server. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
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

  it('pace is one for all who share the ledger', async () => {
    await admin.flushall()
    const clock = { now: 1_000_000 }
    const [one, two] = await Promise.all([0, 1].map(() => openRedisLedger(server.url, { pauseMs: 60_000, now: () => clock.now })))
    const waits = await Promise.all(Array.from({ length: 6 }, (_, index) => (index % 2 ? one : two)?.spend('paris', { perSecond: 2, burst: 3 }, 10_000)))
    expect(waits.sort((a, b) => Number(a) - Number(b))).toEqual([0, 0, 0, 500, 1_000, 1_500])
    await Promise.all([one?.close(), two?.close()])
  })
})
