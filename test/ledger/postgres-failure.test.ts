/** The ledger in PostgreSQL when the server is away, hung, killed, or its answers are lost. */
import { inspect } from 'node:util'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type FullLedger, LedgerUnavailable } from '../../src/ledger/port.ts'
import { openPostgresLedger } from '../../src/ledger/postgres/postgres.ts'
import { guarded } from '../../src/ledger/rules.ts'
import { link } from './links.ts'
import { describePostgres, startStandby } from './postgres-server.ts'
import { administer, breakable, open, PAUSE_MS, serve, SOON } from './postgres-trouble.ts'
import { become, claim, draft, everything, ids, key, query, save, START, take } from './records.ts'

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

/** The command, and no longer word that begins so. */
const COMMIT = 'commit\u0000'

/** Reads until that works, so that nothing but the ledger itself finds out what changed. */
const recovered = (ledger: FullLedger): Promise<unknown> =>
  vi.waitFor(() => ledger.get('none'), SOON)

/** Writes until that fails; what was answered. */
const writing = (ledgers: readonly FullLedger[]) => {
  const [claimed, saved]: [string[], string[]] = [[], []]
  const writers = Array.from({ length: 8 }, async (_, index) => {
    const ledger = ledgers[index % ledgers.length] as FullLedger
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
  return { claimed, saved, ended: () => Promise.all(writers) }
}

const expectKept = async (
  ledger: FullLedger,
  { claimed, saved }: Pick<ReturnType<typeof writing>, 'claimed' | 'saved'>,
): Promise<void> => {
  for (const id of claimed) expect(await ledger.get(id), id).not.toBeNull()
  for (const id of saved) expect((await ledger.get(id))?.status, id).toBe('succeeded')
}

describePostgres('the postgres ledger in trouble', () => {
  it('says soon that there is no server or a wrong name, and never the password', async () => {
    const server = await serve()
    const wrong = await open({ url: server.url.replace('rescind@', 'nobody:canary@') }).catch(
      (error: unknown) => error,
    )
    expect((wrong as Error).message).toMatch(/cannot be opened.*role "nobody" does not exist/)
    expect(inspect(wrong, { depth: 9 })).not.toContain('canary')
    await server.end()
    const started = performance.now()
    await expect(open(server)).rejects.toThrow(/cannot be opened.*ECONNREFUSED/)
    expect(performance.now() - started).toBeLessThan(9_000)
  })

  it('killed while two gateways write: what was answered is there; it goes on by itself', async () => {
    const server = await serve()
    const ledgers = [guarded(await open(server)), guarded(await open(server))]
    const [ledger] = ledgers as [FullLedger]
    const written = writing(ledgers)
    await vi.waitUntil(() => written.saved.length > 200, SOON)
    await server.end('SIGKILL')
    for (const error of await written.ended()) expect(error).toBeInstanceOf(LedgerUnavailable)
    for (const outcome of await Promise.allSettled(methods(ledger).map((method) => method())))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(LedgerUnavailable) })
    await server.start()
    await recovered(ledger)
    await expectKept(ledger, written)
    await claim(ledger, draft())
  })

  it('hung: every method rejects within seconds, and it goes on by itself', async () => {
    const server = await serve()
    const ledger = await open(server)
    await claim(ledger, draft())
    server.signal('SIGSTOP')
    const started = performance.now()
    const outcomes = await Promise.allSettled(methods(ledger).map((method) => method()))
    expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill('rejected'))
    expect(performance.now() - started).toBeLessThan(20_000)
    server.signal('SIGCONT')
    await recovered(ledger)
    await claim(ledger, draft())
  })

  it('a commit whose answer was lost is never told as a no', async () => {
    const server = await serve()
    const way = await breakable(server)
    const [ledger, beside] = [guarded(await open(way)), await open(server)]
    const writtenOf = (record: ReturnType<typeof draft>) =>
      ledger.claim(record, null).then(
        () => 'done',
        (error: LedgerUnavailable) => error.written,
      )
    const [done, undone, refused] = [draft(), draft(), draft()]
    await claim(ledger, draft())
    way.cutAt(COMMIT, 'after')
    expect([await writtenOf(done), way.cuts()]).toEqual([null, 1])
    await vi.waitFor(async () => expect(await beside.get(done.id)).toEqual(done), SOON)
    way.cutAt(COMMIT)
    expect([await writtenOf(undone), way.cuts()]).toEqual([null, 1])
    expect(await beside.get(undone.id)).toBeNull()
    // Before anything could be committed it is a no, after one more try.
    way.cutAt('begin')
    expect([await writtenOf(refused), way.cuts()]).toEqual([false, 2])
    way.cutAt(null)
    expect(await writtenOf(refused)).toBe('done')
    expect(await ledger.claim(draft({ orderId: done.request.orderId }), null)).toEqual({
      outcome: 'deduplicated',
      record: done,
    })
  })

  it('connections that the server ended are made anew, and nobody notices', async () => {
    const server = await serve()
    const ledger = await open(server)
    await Promise.all(Array.from({ length: 8 }, () => claim(ledger, draft())))
    await administer(
      server,
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and ' +
        "application_name = 'rescind'",
    )
    await recovered(ledger)
    await claim(ledger, draft())
  })

  it('restarted: leases are given on, for nothing that was answered is lost', async () => {
    const server = await serve()
    const ledger = await open(server)
    const record = await claim(ledger, draft())
    const lease = await take(ledger, record, 'lock', 1)
    await ledger.release(lease)
    await server.end()
    await server.start()
    await recovered(ledger)
    expect((await take(ledger, record, 'lock', 1)).epoch).toBeGreaterThan(lease.epoch)
  })

  it('two gateways, orders of two links in any order: all is written, and both are due', async () => {
    const server = await serve()
    const [one, two] = [await open(server), await open(server)]
    const numbers = Array.from({ length: 8 }, (_, index) => index)
    const links = ['a', 'b'].map((name) =>
      link(
        name,
        numbers.map((index) => `paris ${name}${index}`),
      ),
    )
    for (const each of links) expect(await one.links.save(each)).toMatchObject({ version: 1 })
    const orders = links
      .flatMap(({ members }) => members)
      .map(({ store, orderId }) => ({ store, orderId }))
      .toSorted(() => Math.random() - 0.5)
    const claims = await Promise.all(
      orders.flatMap((order) => [one.claim(draft(order), null), two.claim(draft(order), null)]),
    )
    expect(claims.filter(({ outcome }) => outcome === 'created')).toHaveLength(16)
    for (const { name } of links)
      expect(await two.links.get(name)).toMatchObject({ version: 9, dueAt: START })
  })

  it('who stops in the middle of a transaction holds up others for seconds only', async () => {
    const server = await serve()
    const way = await breakable(server)
    const [stopped, ledger] = [await open(way), await open(server)]
    const order = draft()
    way.cutAt('insert into "rescind".cancellations', 'stall')
    await expect(stopped.claim(order, null)).rejects.toThrow()
    expect(way.cuts()).toBe(1)
    await vi.waitFor(() => claim(ledger, draft({ orderId: order.request.orderId })), SOON)
    expect(await ledger.get(order.id)).toBeNull()
  })

  it('leases live by the server’s clock: a gateway an hour ahead takes none held', async () => {
    const server = await serve()
    const options = { pauseMs: PAUSE_MS }
    const slow = await openPostgresLedger(server.url, options)
    onTestFinished(() => slow.close())
    const ahead = () => Date.now() + 3_600_000
    const fast = await openPostgresLedger(server.url, { ...options, clock: ahead })
    onTestFinished(() => fast.close())
    const record = await claim(slow, draft({ at: Date.now() }))
    const lease = await take(slow, record, 'lock', 60_000)
    expect(await fast.lease(record, 'lock', 1_000)).toBe('busy')
    await fast.sweep()
    const kept = await save(slow, become(record, 'sending'), lease, Date.now() + 1_500)
    expect(await fast.lease(kept, 'lock', 60_000)).toBe('busy')
    await vi.waitFor(
      async () => expect(await fast.lease(kept, 'lock', 60_000)).toMatchObject({ key: 'lock' }),
      SOON,
    )
    expect(await slow.lease(kept, 'lock', 1_000)).toBe('busy')
  })

  it('a standby that confirmed takes over: nothing is lost, leases pause, epochs rise', async () => {
    const server = await serve('wal_level=replica')
    const standby = await startStandby(server, 'second')
    onTestFinished(() => standby.remove())
    await expect(open(standby)).rejects.toThrow(/it is a standby: name the primary/)
    await administer(
      server,
      "alter system set synchronous_standby_names = 'second'",
      'select pg_reload_conf()',
    )
    await vi.waitFor(async () => {
      const [row] = await administer(server, 'select sync_state from pg_stat_replication')
      expect(row).toEqual({ sync_state: 'sync' })
    }, SOON)
    const ledger = await open(server)
    const record = await claim(ledger, draft())
    const lease = await take(ledger, record, 'lock', 1)
    await ledger.release(lease)
    const written = writing([ledger])
    await vi.waitUntil(() => written.saved.length > 100, SOON)
    await server.end('SIGKILL')
    await written.ended()
    await administer(standby, 'select pg_promote(true, 30)')
    const [clock, warn] = [{ now: START + 1_000 }, vi.fn<(message: string) => void>()]
    const after = await open(standby, { now: () => clock.now, warn })
    await expectKept(after, written)
    expect(await after.lease(record, 'lock', 1_000)).toBe('busy')
    expect((await after.get(record.id))?.wakeAt).toBe(clock.now + PAUSE_MS)
    expect(warn.mock.calls.flat().join()).toMatch(/Another PostgreSQL took over.*60000 ms/)
    clock.now += PAUSE_MS
    expect((await take(after, record, 'lock')).epoch).toBeGreaterThan(2 ** 40)
  })

  it('ledgers of two schemas of one database know nothing of each other', async () => {
    const server = await serve()
    const [one, two] = [await open(server), await open({ url: `${server.url}?schema=two` })]
    const record = await claim(one, draft(), key('k'))
    expect(await two.get(record.id)).toBeNull()
    expect(await everything(two)).toEqual([])
    await claim(two, draft({ orderId: record.request.orderId }), key('k'))
    expect(ids(await one.list(query()))).toEqual([record.id])
  })
})
