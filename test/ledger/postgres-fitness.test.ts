/** Whether a PostgreSQL is fit to keep a ledger: asked before it is used, and while it is. */
import { expect, it, onTestFinished, vi } from 'vitest'
import { openPostgresLedger } from '../../src/ledger/postgres/postgres.ts'
import { describePostgres } from './postgres-server.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { noted } from './audit.ts'
import { administer, hasPooler, open, PAUSE_MS, pool, serve } from './postgres-trouble.ts'
import { claim, draft, key, tally } from './records.ts'

describePostgres('whether a postgres is fit to keep a ledger', () => {
  it.each([
    [['fsync=off'], /fsync is off.*set fsync = on/],
    [['full_page_writes=off'], /full_page_writes is off.*set full_page_writes = on/],
    [['synchronous_commit=off'], /synchronous_commit is off.*set synchronous_commit = on/],
    [
      ['synchronous_commit=local', 'synchronous_standby_names=other'],
      /synchronous_commit is local.*set synchronous_commit = on/,
    ],
    [['default_transaction_read_only=on'], /read only: set default_transaction_read_only/],
  ])('refuses a server with %j', async (settings, reason) => {
    await expect(open(await serve(...settings))).rejects.toThrow(reason)
  })

  it('takes a fit one without a word, of several who start at once', async () => {
    const [server, warn] = [await serve(), vi.fn<(message: string) => void>()]
    const ledgers = await Promise.all([1, 2, 3, 4].map(() => open(server, { warn })))
    for (const ledger of ledgers) await claim(ledger, draft())
    expect(warn).not.toHaveBeenCalled()
  })

  it('tells once of a clock unlike the server’s, also one that changes while it runs', async () => {
    const [server, clock] = [await serve(), { aheadMs: 0 }]
    const warn = vi.fn<(message: string) => void>()
    const ledger = await openPostgresLedger(server.url, {
      pauseMs: PAUSE_MS,
      clock: () => Date.now() + clock.aheadMs,
      warn,
    })
    onTestFinished(() => ledger.close())
    await ledger.ready()
    expect(warn).not.toHaveBeenCalled()
    clock.aheadMs = -300_000
    await ledger.ready()
    await ledger.ready()
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/(299|300) s behind PostgreSQL’s/)]])
  })

  it('a server that became unfit takes no more writes until it is mended', async () => {
    const server = await serve()
    const ledger = await open(server)
    const set = async (value: string) => {
      await administer(
        server,
        `alter system set synchronous_commit = ${value}`,
        'select pg_reload_conf()',
      )
      await vi.waitFor(async () => {
        const [row] = await administer(server, 'show synchronous_commit')
        expect(row).toEqual({ synchronous_commit: value })
      })
    }
    await set('off')
    await vi.waitFor(() => expect(ledger.ready()).rejects.toThrow(/synchronous_commit is off/))
    await expect(ledger.claim(draft(), null)).rejects.toThrow(/synchronous_commit is off/)
    await set('on')
    await vi.waitFor(() => claim(ledger, draft()))
  })

  it('says which right is missing, and how to give it; needs none once the tables are there', async () => {
    const server = await serve()
    await administer(server, 'create role limited login', 'create schema given')
    const limited = { url: server.url.replace('rescind@', 'limited@') }
    const given = { url: `${limited.url}?schema=given` }
    await expect(open(limited)).rejects.toThrow(
      /limited may not create the schema rescind: create schema rescind authorization limited/,
    )
    await expect(open(given)).rejects.toThrow(/grant create, usage on schema given to limited/)
    await administer(server, 'grant create, usage on schema given to limited')
    await claim(await open(given), draft())
    await administer(server, 'revoke create on schema given from limited')
    await claim(await open(given), draft())
  })

  it('refuses a ledger of a later version, another encoding, and a name of no schema', async () => {
    const server = await serve()
    await (await open(server)).close()
    await administer(server, "update rescind.meta set value = 99 where name = 'schema'")
    await expect(open(server)).rejects.toThrow(/version 99.*newer program/)
    await administer(
      server,
      "create database latin encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'",
    )
    const latin = { url: server.url.replace('/postgres', '/latin') }
    await expect(open(latin)).rejects.toThrow(/encoding is LATIN1 and must be UTF8/)
    await expect(open({ url: `${server.url}?schema=a"b` })).rejects.toThrow(/\?schema= must be/)
  })

  it.skipIf(!hasPooler)(
    'works through a pooler that gives each transaction another session',
    async () => {
      const way = await pool(await serve())
      const [one, two] = [await open(way), await open(way)]
      const both = <Result>(ask: (ledger: FullLedger, index: number) => Promise<Result>) =>
        Promise.all(Array.from({ length: 60 }, (_, index) => ask(index % 2 ? one : two, index)))
      const claims = await both((ledger, index) =>
        ledger.claim(draft({ orderId: `o${index % 10}` }), key(`k${index % 10}`), [], noted('o')),
      )
      expect(tally(claims)).toEqual({ created: 10, replayed: 50 })
      const record = claims[0]?.record as Cancellation
      expect(tally(await both((ledger) => ledger.lease(record, 'lock', 60_000)))).toEqual({
        lease: 1,
        busy: 59,
      })
      const [lease] = await Promise.all([one.hold('name', 1_000), two.ready(), one.sweep()])
      expect(lease).toMatchObject({ key: 'name' })
      expect(await two.audit.head()).toMatchObject({ seq: 10 })
      expect(await both((ledger) => ledger.get(record.id))).toHaveLength(60)
    },
  )
})
