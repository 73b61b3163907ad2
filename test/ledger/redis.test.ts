/** The ledger in Redis keeps every promise, with two clients on one server. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openRedisLedger } from '../../src/ledger/redis/redis.ts'
import { describeRedis, type RedisServer, startRedis } from './redis-server.ts'
import { become, claim, draft, key, save, START, take } from './records.ts'
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

  testLedger('redis', async (now, options) => {
    await admin.flushall()
    const open = (others = options) =>
      openRedisLedger(server.url, { pauseMs: 60_000, now, ...others })
    return { ledger: await open(), beside: open }
  })

  it('a batch of ten thousand is written in parts, and is there whole or not', async () => {
    await admin.flushall()
    const ledger = await openRedisLedger(server.url, { pauseMs: 60_000 })
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      row: index + 1,
      request: draft({ store: index % 2 ? 'rome' : 'paris' }).request,
    }))
    const batch = (id: string) => ({
      id,
      version: 1,
      status: 'running' as const,
      caller: 'erp',
      total: rows.length,
      stores: ['paris', 'rome'],
      createdAt: START,
      startedAt: START,
      finishedAt: null,
    })
    const kept = async (id: string) =>
      Promise.all((await admin.keys(`*${id}*`)).map((name) => admin.ttl(name)))
    await admin.config('RESETSTAT')
    expect((await ledger.batches.create(batch('bat_1'), rows, key('k'))).outcome).toBe('created')
    const [, calls] = /cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats')) ?? []
    expect(Number(calls)).toBeGreaterThan(15)
    expect(new Set(await kept('bat_1'))).toEqual(new Set([-1]))
    expect((await ledger.batches.tallies('bat_1')).map(({ count }) => count)).toEqual([
      5_000, 5_000,
    ])
    expect((await ledger.batches.rows('bat_1', { limit: 10_000 })).map(({ row }) => row)).toEqual(
      rows.map(({ row }) => row),
    )
    // What is not made goes: at once where its key was used, else by itself.
    expect((await ledger.batches.create(batch('bat_2'), rows, key('k'))).outcome).toBe('replayed')
    expect(await kept('bat_2')).toEqual([])
    await expect(
      ledger.batches.create(batch('bat_3'), [...rows.slice(0, 2), ...rows.slice(0, 1)], null),
    ).rejects.toThrow(/rows of the batch are missing/)
    expect(await ledger.batches.get('bat_3')).toBeNull()
    for (const seconds of await kept('bat_3')) expect(seconds).toBeGreaterThan(0)
    await ledger.close()
  })

  it('where nothing is owed, nothing is asked or written for it', async () => {
    await admin.flushall()
    const ledger = await openRedisLedger(server.url, { pauseMs: 60_000 })
    const asked: string[] = []
    const monitor = await admin.monitor()
    monitor.on('monitor', (_time: string, values: string[]) => asked.push(values.join(' ')))
    /** What scripts asked of deliveries until now. */
    const about = async () => {
      await admin.echo('until here')
      await vi.waitFor(() => expect(asked.at(-1)).toBe('echo until here'))
      return asked.filter((text) =>
        /^(?!eval).*\}:(delivery|deliveries|told|next|webhooks)/.test(text),
      )
    }
    const record = await claim(ledger, draft(), key('k'))
    await save(ledger, become(record, 'succeeded'), await take(ledger, record, 'lock'))
    expect(await about()).toEqual([])
    const other = draft()
    await ledger.claim(other, null, [
      {
        webhook: 'erp',
        subject: other.id,
        revision: 1,
        type: 'cancellation.rejected',
        body: '{}',
        at: START,
      },
    ])
    expect((await about()).length).toBeGreaterThan(3)
    monitor.disconnect()
    await ledger.close()
  })

  it('where there is no link, a claim and a save ask for one once each, and write nothing', async () => {
    await admin.flushall()
    const ledger = await openRedisLedger(server.url, { pauseMs: 60_000 })
    const asked: string[] = []
    const monitor = await admin.monitor()
    monitor.on('monitor', (_time: string, values: string[]) => asked.push(values.join(' ')))
    const record = await claim(ledger, draft(), key('k'))
    await save(ledger, become(record, 'succeeded'), await take(ledger, record, 'lock'))
    await admin.echo('until here')
    await vi.waitFor(() => expect(asked.at(-1)).toBe('echo until here'))
    expect(
      asked.filter((text) => /^(?!eval).*\}:(link|notice|heard|watches|spent)/.test(text)),
    ).toEqual([
      expect.stringMatching(/^hget \S+\}:linked /i),
      expect.stringMatching(/^hget \S+\}:linked /i),
    ])
    monitor.disconnect()
    await ledger.close()
  })

  it('pace is one for all who share the ledger', async () => {
    await admin.flushall()
    const clock = { now: 1_000_000 }
    const [one, two] = await Promise.all(
      [0, 1].map(() => openRedisLedger(server.url, { pauseMs: 60_000, now: () => clock.now })),
    )
    const waits = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 ? one : two)?.reserve('paris', { perSecond: 2, burst: 3 }, 10_000),
      ),
    )
    expect(waits.sort((a, b) => Number(a) - Number(b))).toEqual([0, 0, 0, 500, 1_000, 1_500])
    await Promise.all([one?.close(), two?.close()])
  })
})
