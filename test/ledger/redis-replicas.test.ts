/**
 * A Redis with replicas: what is sent is known to whoever may take over, and a server that was cut
 * off sends nothing.
 */
import { Redis } from 'ioredis'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Ledger } from '../../src/ledger/port.ts'
import { guarded } from '../../src/ledger/rules.ts'
import { openRedisLedger, type RedisOptions } from '../../src/ledger/redis/redis.ts'
import { become, claim, draft, save, START, take } from './records.ts'
import { describeRedis, type RedisServer, startRedis } from './redis-server.ts'

const PAUSE_MS = 60_000
const DURABLE = [
  '--appendonly',
  'yes',
  '--maxmemory-policy',
  'noeviction',
  '--repl-diskless-sync-delay',
  '0',
]
const SOON = { timeout: 30_000, interval: 25 }

const serve = async (...settings: string[]): Promise<RedisServer> => {
  const server = await startRedis(...DURABLE, ...settings)
  onTestFinished(() => server.remove())
  return server
}
const client = (server: { readonly url: string }): Redis => {
  const redis = new Redis(server.url)
  redis.on('error', () => {})
  onTestFinished(() => redis.disconnect())
  return redis
}
const open = async (
  server: { readonly url: string },
  options: Partial<RedisOptions> = {},
): Promise<Ledger> => {
  const ledger = guarded(
    await openRedisLedger(server.url, { pauseMs: PAUSE_MS, now: () => START, ...options }),
  )
  onTestFinished(() => ledger.close())
  return ledger
}
/** A primary whose replica has everything, and keeps up. */
const pair = async () => {
  const primary = await serve()
  const replica = await serve('--replicaof', '127.0.0.1', String(primary.port))
  const [one, two] = [client(primary), client(replica)]
  await vi.waitFor(
    async () => expect(await one.info('replication')).toContain('state=online'),
    SOON,
  )
  return { primary, replica, one, two }
}
const count = (
  calls: { readonly mock: { readonly calls: readonly (readonly [string])[] } },
  words: RegExp,
) => calls.mock.calls.filter(([message]) => words.test(message)).length

describeRedis('the redis ledger with replicas', () => {
  it('an intent that is acted on is on the replica by then', async () => {
    const { primary, two } = await pair()
    const ledger = await open(primary)
    for (let n = 0; n < 20; n++) {
      const record = await claim(ledger, draft())
      const sent = await save(
        ledger,
        become(record, 'sending'),
        await take(ledger, record, record.id),
        START + 1,
      )
      expect(await two.hmget(`{rescind}:record:${record.id}`, 'version', 'status')).toEqual([
        String(sent.version),
        'sending',
      ])
    }
  })

  it('cut off from its replica it gives no lease, says so once; the next goes on', async () => {
    const { primary, replica, two } = await pair()
    const [warn, clock] = [vi.fn<(message: string) => void>(), { now: START }]
    const ledger = await open(primary, { warn })
    const [first, record] = [await claim(ledger, draft()), await claim(ledger, draft())]
    await take(ledger, first, 'first')
    await two.replicaof('NO', 'ONE')
    await vi.waitFor(
      async () => expect(await ledger.lease(record, 'lock', 1_000)).toBe('busy'),
      SOON,
    )
    expect((await ledger.get(record.id))?.wakeAt).toBe(START + 250)
    expect(await ledger.lease(record, 'lock', 1_000)).toBe('busy')
    expect(count(warn, /nothing is sent until/)).toBe(1)
    expect(await (await open(primary)).lease(record, 'lock', 1_000)).toBe('busy')
    const over = await open(replica, { now: () => clock.now })
    expect(await over.lease(record, 'lock', 1_000)).toBe('busy')
    clock.now += PAUSE_MS
    await save(over, become(record, 'sending'), await take(over, record, 'lock'))
    // An operator may say that it was taken away on purpose, or that it must never do without.
    await take(await open(primary, { replicas: 0 }), record, 'lock')
    expect(
      await (
        await open(replica, { now: () => clock.now, replicas: 1 })
      ).lease(first, 'other', 1_000),
    ).toBe('busy')
  })

  it('a replica that falls silent stops sending alone; what was about to leave stays', async () => {
    const { primary, replica } = await pair()
    const warn = vi.fn<(message: string) => void>()
    const ledger = await open(primary, { warn })
    const [one, two] = [await claim(ledger, draft()), await claim(ledger, draft())]
    const lease = await take(ledger, one, 'one', 30_000)
    replica.signal('SIGSTOP')
    const [intent, refused] = [
      ledger.save(become(one, 'sending'), lease, START + 30_000).catch((error: unknown) => error),
      ledger.lease(two, 'two', 30_000),
    ]
    const started = performance.now()
    for (let n = 0; n < 20; n++) await claim(ledger, draft())
    expect(performance.now() - started).toBeLessThan(900)
    expect(await intent).toMatchObject({ name: 'LedgerUnavailable', written: null })
    expect(await refused).toBe('busy')
    expect(await ledger.get(one.id)).toMatchObject({ status: 'sending', version: one.version + 1 })
    expect(await ledger.get(two.id)).toMatchObject({ status: 'accepted', wakeAt: START + 250 })
    expect(count(warn, /nothing is sent until/)).toBe(1)
    replica.signal('SIGCONT')
    await vi.waitFor(() => take(ledger, two, 'two'), SOON)
  })

  it('what is recommended beside is said where it is missing', async () => {
    const { primary, one } = await pair()
    const warn = vi.fn<(message: string) => void>()
    await open(primary, { warn })
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/min-replicas-to-write is 0.*Set min-replicas-to-write 1/)],
    ])
    await one.config('SET', 'min-replicas-to-write', '1')
    warn.mockClear()
    await open(primary, { warn })
    expect(warn).not.toHaveBeenCalled()
    await expect(open(primary, { replicas: 1.5 })).rejects.toThrow(/RESCIND_REDIS_REPLICAS/)
  })
})
