/** The ledger in Redis when Redis is away, hung, restarted, emptied or full. */
import { inspect } from 'node:util'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type FullLedger, LedgerUnavailable } from '../../src/ledger/port.ts'
import { guarded } from '../../src/ledger/rules.ts'
import { openRedisLedger } from '../../src/ledger/redis/redis.ts'
import type { Delivery } from '../../src/model/delivery.ts'
import {
  become,
  claim,
  DAY,
  draft,
  everything,
  ids,
  key,
  query,
  save,
  START,
  take,
} from './records.ts'
import { describeRedis, freePort } from './redis-server.ts'
import { PAUSE_MS, DURABLE, serve, open, client } from './redis-trouble.ts'

const methods = (ledger: FullLedger): (() => Promise<unknown>)[] => {
  const record = draft()
  return [
    () => ledger.claim(record, key('k')),
    () => ledger.get('x'),
    () => ledger.save(record),
    () => ledger.lease(record, 'lock', 1),
    () => ledger.release({ key: 'lock', epoch: 1, until: 1 }),
    () => ledger.due(['paris'], 1),
    () => ledger.reserve('paris', { perSecond: 1, burst: 1 }, 0),
    () => ledger.list(query()),
    () => ledger.sweep(),
    () => ledger.ready(),
  ]
}

const SOON = { timeout: 30_000, interval: 25 }

/** Reads until that works, so that nothing but the ledger itself finds out what changed. */
const recovered = (ledger: FullLedger): Promise<unknown> =>
  vi.waitFor(() => ledger.get('none'), SOON)

describeRedis('the redis ledger in trouble', () => {
  it('says soon that there is no server or a wrong password, and never the password', async () => {
    const server = await serve()
    const wrong = await open({ url: server.url.replace('//', '//user:canary@') }).catch(
      (error: unknown) => error,
    )
    expect((wrong as Error).message).toMatch(/WRONGPASS/)
    expect(inspect(wrong, { depth: 9 })).not.toContain('canary')
    await server.end()
    const started = performance.now()
    await expect(open(server)).rejects.toThrow(/cannot be opened.*ECONNREFUSED/)
    expect(performance.now() - started).toBeLessThan(9_000)
  })

  it('killed while written to: acknowledged writes are there; it goes on by itself', async () => {
    const server = await serve()
    const ledger = guarded(await open(server))
    const claimed: string[] = []
    const saved: string[] = []
    const writers = Array.from({ length: 8 }, async () => {
      try {
        for (;;) {
          const record = await claim(ledger, draft())
          claimed.push(record.id)
          await save(ledger, become(record, 'succeeded'))
          saved.push(record.id)
        }
      } catch (error) {
        return error
      }
    })
    await vi.waitUntil(() => saved.length > 300, SOON)
    await server.end('SIGKILL')
    for (const error of await Promise.all(writers)) expect(error).toBeInstanceOf(LedgerUnavailable)
    const started = performance.now()
    for (const outcome of await Promise.allSettled(methods(ledger).map((method) => method())))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(LedgerUnavailable) })
    expect(performance.now() - started).toBeLessThan(3_000)
    await server.start()
    await recovered(ledger)
    for (const id of claimed) expect(await ledger.get(id), id).not.toBeNull()
    for (const id of saved) expect((await ledger.get(id))?.status, id).toBe('succeeded')
  })

  it('hung: every method rejects within seconds, and it goes on by itself', async () => {
    const server = await serve()
    const ledger = await open(server)
    await claim(ledger, draft())
    server.signal('SIGSTOP')
    const started = performance.now()
    const outcomes = await Promise.allSettled(methods(ledger).map((method) => method()))
    expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill('rejected'))
    await expect(ledger.ready()).rejects.toThrow()
    expect(performance.now() - started).toBeLessThan(9_000)
    server.signal('SIGCONT')
    await recovered(ledger)
  })

  it('tells what may have been written from what was not', async () => {
    const server = await serve()
    const ledger = guarded(await open(server))
    const admin = client(server)
    const written = () =>
      ledger.claim(draft(), null).then(
        () => 'done',
        (error: LedgerUnavailable) => error.written,
      )
    expect(await written()).toBe('done')
    await admin.config('SET', 'maxmemory', '1mb')
    expect(await written()).toBe(false)
    await admin.config('SET', 'maxmemory', '0')
    await admin.config('SET', 'min-replicas-to-write', '1')
    expect(await written()).toBe(false)
    await admin.config('SET', 'min-replicas-to-write', '0')
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    await expect(ledger.ready()).rejects.toMatchObject({ written: false })
    expect(await written()).toBe(false)
    await admin.config('SET', 'maxmemory-policy', 'noeviction')
    expect(await written()).toBe('done')
    server.signal('SIGSTOP')
    expect(await written()).toBeNull()
    server.signal('SIGCONT')
    await recovered(ledger)
    await server.end('SIGKILL')
    await vi.waitFor(async () => expect(await written()).toBe(false), SOON)
  })

  it('a server’s clock set back prolongs neither pace nor the pause after a restart', async () => {
    const server = await serve()
    const clock = { now: START }
    const ledger = await open(server, { now: () => clock.now })
    const reserve = () => ledger.reserve('paris', { perSecond: 1, burst: 2 }, 10_000)
    for (let n = 0; n < 20; n++) await reserve()
    const record = await claim(ledger, draft())
    await take(ledger, record, 'lock', 1)
    await server.end()
    await server.start()
    await recovered(ledger)
    expect(await ledger.lease(record, 'lock', 1)).toBe('busy')
    clock.now -= 3_600_000
    expect(await reserve()).toBeLessThanOrEqual(11_000)
    expect(await ledger.lease(record, 'other', 1)).toBe('busy')
    clock.now += 2_000
    expect(await reserve()).toBeLessThanOrEqual(10_000)
    clock.now += PAUSE_MS
    expect(await reserve()).toBe(0)
    await take(ledger, record, 'other')
  })

  it('restarted: no lease, to late comers either, until all sent before has landed', async () => {
    const server = await serve()
    const clock = { now: START }
    const warn = vi.fn<(message: string) => void>()
    const options = { now: () => clock.now, warn }
    const [one, two] = [await open(server, options), await open(server, options)]
    const [a, b] = [await claim(one, draft()), await claim(one, draft())]
    await take(one, a, 'a', 1_000)
    await take(two, b, 'b', 1_000)
    clock.now += 5_000
    await server.end()
    await server.start()
    await Promise.all([recovered(one), recovered(two)])
    const late = await open(server, options)
    const resume = clock.now + PAUSE_MS
    for (const [ledger, record] of [
      [one, b],
      [late, a],
      [two, a],
    ] as const) {
      expect(await ledger.lease(record, 'x', 1_000)).toBe('busy')
      expect((await ledger.get(record.id))?.wakeAt).toBe(resume)
    }
    expect(warn.mock.calls.length).toBe(3)
    expect(warn.mock.calls[0]?.[0]).toMatch(/restarted or replaced.*60000 ms/)
    // Everything else goes on.
    await claim(two, draft())
    await save(two, { ...b, memo: 'seen' })
    clock.now = resume - 1
    expect(await two.lease(a, 'x', 1_000)).toBe('busy')
    clock.now = resume
    expect(ids(await one.due(['paris'], 10))).toContain(a.id)
    await take(one, a, 'x')
    expect(warn.mock.calls.length).toBe(3)
  })

  it('a lost connection to the same server is no restart', async () => {
    const server = await serve()
    const ledger = await open(server)
    const record = await claim(ledger, draft())
    await take(ledger, record, 'a', 1)
    await client(server).call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await recovered(ledger)
    await take(ledger, record, 'b')
  })

  it('emptied: no lease until all sent before has landed, and epochs go on rising', async () => {
    const server = await serve()
    const clock = { now: START }
    const ledger = await open(server, { now: () => clock.now })
    const first = await take(ledger, await claim(ledger, draft()), 'lock')
    clock.now += 5_000
    await client(server).flushall()
    const again = await claim(ledger, draft())
    expect(await ledger.lease(again, 'lock', 1_000)).toBe('busy')
    clock.now += PAUSE_MS
    const second = await take(ledger, again, 'lock')
    expect(second.epoch).toBeGreaterThan(first.epoch)
    expect(await ledger.save(become(again, 'sending'), first)).toBeNull()
  })

  it('full: refuses the new, half-does nothing, saves, tells no content, recovers', async () => {
    const server = await serve()
    const ledger = await open(server)
    const admin = client(server)
    const record = await claim(ledger, draft({ orderId: 'before' }))
    const lease = await take(ledger, record, 'lock')
    await admin.config('SET', 'maxmemory', '1mb')
    const secret = draft({ orderId: 'one', notify: true, message: 'canary' })
    const refusal = await ledger.claim(secret, key('k')).catch((error: unknown) => error)
    expect((refusal as Error).message).toMatch(/OOM/)
    expect(inspect(refusal, { depth: 9 })).not.toContain('canary')
    await expect(ledger.ready()).rejects.toThrow(/OOM/)
    expect(await ledger.get(secret.id)).toBeNull()
    expect(await everything(ledger)).toEqual([record.id])
    // What became of a cancel that was sent can be written down all the same.
    const saved = await save(ledger, become(record, 'succeeded'), lease)
    await admin.config('SET', 'maxmemory', '0')
    expect(await ledger.claim(draft({ orderId: 'before' }), null)).toEqual({
      outcome: 'deduplicated',
      record: saved,
    })
    expect((await ledger.claim(secret, key('k'))).outcome).toBe('created')
  })

  it('a primary that became a replica takes no writes, until it is a primary again', async () => {
    const server = await serve()
    const ledger = await open(server)
    const admin = client(server)
    await claim(ledger, draft())
    await admin.replicaof('127.0.0.1', 1)
    await expect(ledger.claim(draft(), null)).rejects.toThrow(/READONLY/)
    await vi.waitFor(async () => {
      await expect(ledger.claim(draft(), null)).rejects.toThrow(/role is slave/)
    }, SOON)
    await admin.replicaof('NO', 'ONE')
    await vi.waitFor(() => claim(ledger, draft()), SOON)
  })

  it('leases live by the server’s clock: a gateway an hour ahead takes none held', async () => {
    const server = await serve()
    const slow = await openRedisLedger(server.url, { pauseMs: PAUSE_MS })
    onTestFinished(() => slow.close())
    const real = Date.now
    const ahead = vi.spyOn(Date, 'now').mockImplementation(() => real() + 3_600_000)
    const fast = await openRedisLedger(server.url, { pauseMs: PAUSE_MS })
    onTestFinished(() => fast.close())
    onTestFinished(() => ahead.mockRestore())
    const at = real()
    const record = await claim(slow, draft({ at }))
    const lease = await take(slow, record, 'lock', 30_000)
    expect(Math.abs(lease.until - at - 30_000)).toBeLessThan(5_000)
    expect(await fast.lease(record, 'lock', 1_000)).toBe('busy')
    await fast.sweep()
    const kept = await save(slow, become(record, 'sending'), lease, real() + 1_500)
    expect(await fast.lease(kept, 'lock', 1_000)).toBe('busy')
    await vi.waitFor(
      async () => expect(await fast.lease(kept, 'lock', 1_000)).toMatchObject({ key: 'lock' }),
      SOON,
    )
    expect(await slow.lease(kept, 'lock', 1_000)).toBe('busy')
  })

  it('finds what waits of stores taken out, also unlisted ones, and forgets the idle', async () => {
    const server = await serve()
    const admin = client(server)
    const clock = { now: START }
    const [ledger, beside] = [
      await open(server, { now: () => clock.now, tag: 'a[b' }),
      await open(server),
    ]
    const [one, two] = [
      await claim(ledger, draft({ store: 'rome' })),
      await claim(ledger, draft({ store: 'o{s}lo:due:x' })),
    ]
    await claim(beside, draft({ store: 'elsewhere' }))
    await admin.del('{a[b}:stores')
    expect(ids(await ledger.strays(['paris'], 10)).sort()).toEqual(ids([one, two]))
    await save(ledger, become(one, 'succeeded'))
    await ledger.sweep()
    expect(await admin.smembers('{a[b}:stores')).toEqual(['o{s}lo:due:x'])
    const scanned = async () =>
      Number(/cmdstat_scan:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1])
    const before = await scanned()
    expect(ids(await ledger.strays([], 10))).toEqual([two.id])
    expect(await scanned()).toBe(before)
  })

  it('ledgers of two tags on one server know nothing of each other', async () => {
    const server = await serve()
    const [one, two] = [await open(server), await open(server, { tag: 'two' })]
    const record = await claim(one, draft(), key('k'))
    expect(await two.get(record.id)).toBeNull()
    expect(await everything(two)).toEqual([])
    await claim(two, draft({ orderId: record.request.orderId }), key('k'))
    await take(one, record, 'lock')
    expect((await everything(one)).length).toBe(1)
  })

  it('keeps one hash tag, forgets without a trace, works on a cluster’s node', async () => {
    const server = await serve(
      ...DURABLE,
      '--cluster-enabled',
      'yes',
      '--cluster-port',
      String(await freePort()),
    )
    const admin = client(server)
    await admin.cluster('ADDSLOTSRANGE', 0, 16_383)
    await vi.waitFor(
      async () => expect(await admin.cluster('INFO')).toContain('cluster_state:ok'),
      SOON,
    )
    const clock = { now: START }
    const ledger = await open(server, { now: () => clock.now })
    for (const store of ['paris', '{bazaar}', '}{']) {
      const record = await claim(
        ledger,
        draft({ store, orderId: `{${store}}`, reference: `{${store}` }),
        key(`{${store}}`),
      )
      const lease = await take(ledger, record, `{${store}}`)
      const owed = {
        webhook: `{${store}`,
        subject: record.id,
        revision: 1,
        type: 'cancellation.succeeded' as const,
        body: '{}',
        at: START,
      }
      await ledger.save(become(record, 'succeeded'), lease, START + 5, [
        owed,
        { ...owed, webhook: 'told' },
      ])
      const [row] = await ledger.deliveries.next('told', 1)
      await ledger.deliveries.settle(row as Delivery, 'delivered', '200', START)
      await ledger.list(query({ stores: [store] }))
    }
    const before = await admin.keys('*')
    expect(before.length).toBeGreaterThan(20)
    expect(before.filter((name) => !name.startsWith('{rescind}:'))).toEqual([])
    clock.now += 401 * DAY
    await ledger.sweep()
    expect((await admin.keys('*')).sort()).toEqual(
      ['epoch', 'schema', 'server'].map((name) => `{rescind}:${name}`),
    )
  })
})
