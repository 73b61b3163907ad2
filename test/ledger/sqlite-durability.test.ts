/**
 * What the SQL ledger acknowledged is on the disk, and what it could not write is not there at all.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { guarded } from '../../src/ledger/rules.ts'
import { type Delivery, newHealth } from '../../src/model/delivery.ts'
import { openSqlLedger } from '../../src/ledger/sql/sql.ts'
import { openSqlite, openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { temporaryFile, temporaryFolder } from './files.ts'
import { become, claim, draft, everything, key, save, START, take } from './records.ts'

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

/** A ledger, and the connection that it writes through. */
const withHandle = (path = temporaryFile()) => {
  openSqliteLedger(path).close()
  const sql = openSqlite(path)
  const ledger = openSqlLedger(sql, () => START)
  onTestFinished(() => ledger.close())
  return { sql, ledger, path }
}

/** What a writer said, until `enough`; then it is killed, unless it ended by itself. */
const write = async (
  command: string,
  values: readonly string[],
  enough: (lines: number) => boolean,
): Promise<Record<string, string[]>> => {
  const child = spawn(command, values, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const said: Record<string, string[]> = { claimed: [], saved: [], refused: [] }
  let lines = 0
  for await (const line of createInterface(child.stdout)) {
    const [word, id] = line.split(' ') as [string, string]
    said[word]?.push(id)
    if (enough(++lines)) child.kill('SIGKILL')
  }
  await ended
  return said
}

/** Every acknowledged write is there with what it owes, every refused one is not. */
const compare = async (path: string, said: Record<string, string[]>) => {
  const ledger = openSqliteLedger(path)
  const told = async (id: string) =>
    (await ledger.deliveries.of(id)).map(({ revision }) => revision)
  try {
    for (const id of said['claimed'] ?? []) {
      const found = await ledger.get(id)
      expect(found, id).toMatchObject({ id })
      expect(await told(id), id).toEqual([found?.version])
      expect(
        (await ledger.claim(draft(), { caller: 'writer', value: id, fingerprint: id })).record.id,
      ).toBe(id)
    }
    for (const id of said['saved'] ?? [])
      expect(await ledger.get(id), id).toMatchObject({ status: 'succeeded', version: 2 })
    const claimed = new Set(said['claimed'])
    for (const id of said['refused'] ?? []) {
      const record = await ledger.get(id)
      expect(record?.status ?? null, id).toBe(claimed.has(id) ? 'accepted' : null)
      expect(await told(id), id).toEqual(claimed.has(id) ? [1] : [])
      const again = await ledger.claim(draft({ orderId: id }), {
        caller: 'writer',
        value: id,
        fingerprint: id,
      })
      expect(again.outcome, id).toBe(claimed.has(id) ? 'replayed' : 'created')
    }
  } finally {
    await ledger.close()
  }
}

describe('the sqlite ledger on its disk', () => {
  it('finds everything again when it is opened again', async () => {
    const path = join(temporaryFolder(), 'new', 'folder', 'ledger.db')
    const clock = () => START
    const first = openSqliteLedger(path, clock)
    const record = await claim(first, draft(), key('k'))
    const lease = await take(first, record, 'lock', 1_000)
    const saved = await save(first, become(record, 'sending'), lease, START + 1_000)
    const about = { webhook: 'erp', subject: record.id, body: '{}', at: START }
    await first.deliveries.owe([{ ...about, revision: 1, type: 'cancellation.in_doubt' }])
    const [sent] = (await first.deliveries.next('erp', 1)) as [Delivery]
    await first.deliveries.settle(sent, 'owed', '503', START + 1)
    const health = await first.deliveries.saveHealth('erp', newHealth('https://erp.example'))
    await first.hold('webhook:erp', 1_000)
    await first.close()
    const second = openSqliteLedger(path, clock)
    expect(await second.get(record.id)).toEqual(saved)
    expect(await second.claim(draft(), key('k'))).toEqual({ outcome: 'replayed', record: saved })
    expect(await second.lease(saved, 'lock', 1)).toBe('busy')
    expect(await second.hold('webhook:erp', 1)).toBeNull()
    expect(await second.deliveries.next('erp', 9)).toEqual([
      { ...sent, tries: 1, triedAt: START + 1, lastResult: '503' },
    ])
    expect(await second.deliveries.health('erp')).toEqual(health)
    expect((await take(second, saved, 'other')).epoch).toBeGreaterThan(lease.epoch)
    expect(await second.save(become(saved, 'succeeded'), lease)).not.toBeNull()
    await second.close()
  })

  it('keeps every acknowledged write over kill -9, again and again', async () => {
    const path = temporaryFile()
    const all: Record<string, string[]> = { claimed: [], saved: [], refused: [] }
    for (const [index, lines] of [40, 333, 150].entries()) {
      const said = await write(
        process.execPath,
        [WRITER, path, `run${index}`],
        (count) => count === lines,
      )
      expect(said['claimed']?.length).toBeGreaterThan(lines / 4)
      for (const word of Object.keys(all)) all[word]?.push(...(said[word] ?? []))
    }
    expect(all['refused']).toEqual([])
    await compare(path, all)
  })

  it('on a full disk refuses, half-does nothing, and goes on when there is room', async () => {
    const path = temporaryFile()
    // Files of at most 800 blocks of 512 bytes; the signal that comes with the limit is ignored, so
    // that writing fails instead.
    const said = await write(
      'sh',
      ['-c', 'trap "" XFSZ; ulimit -f 800; exec "$0" "$@"', process.execPath, WRITER, path, 'full'],
      () => false,
    )
    expect(said['claimed']?.length).toBeGreaterThan(10)
    expect(said['refused']?.length).toBeGreaterThanOrEqual(20)
    await compare(path, said)
  })

  it('full by pages: who does not fit is refused, in a group too, and nothing stays', async () => {
    const { sql, ledger } = withHandle()
    const small = await claim(ledger, draft())
    const pages = sql.all('pragma page_count')[0]?.['page_count'] as number
    sql.run(`pragma max_page_count = ${pages + 2}`)
    const big = draft({ orderId: 'big', reason: 'x'.repeat(50_000) })
    const [refused, saved] = await Promise.allSettled([
      ledger.claim(big, key('big')),
      ledger.save({ ...become(small, 'succeeded') }),
    ])
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringMatching(/full/) },
    })
    expect(saved).toMatchObject({ status: 'fulfilled', value: { status: 'succeeded' } })
    expect(await everything(ledger)).toEqual([small.id])
    sql.run('pragma max_page_count = 100000')
    expect((await ledger.claim(big, key('big'))).outcome).toBe('created')
  })

  it('that became read-only refuses every write, goes on reading, and recovers', async () => {
    const { sql, ledger } = withHandle()
    const record = await claim(ledger, draft())
    const lease = await take(ledger, record, 'lock')
    sql.run('pragma query_only = 1')
    const writes = () => [
      ledger.claim(draft(), key('k')),
      ledger.save(become(record, 'sending')),
      ledger.lease(record, 'other', 1),
      ledger.release(lease),
      ledger.sweep(),
      ledger.ready(),
    ]
    expect((await Promise.allSettled(writes())).map(({ status }) => status)).toEqual(
      Array(6).fill('rejected'),
    )
    expect(await everything(ledger)).toEqual([record.id])
    expect(await ledger.due(['paris'], 10)).toEqual([])
    sql.run('pragma query_only = 0')
    await ledger.ready()
    expect((await ledger.claim(draft(), key('k'))).outcome).toBe('created')
    expect((await save(ledger, become(record, 'sending'), lease)).version).toBe(2)
  })

  it('is ready only where a write reaches the file', async () => {
    const { sql, ledger } = withHandle()
    const probe = () => sql.all("select value from meta where name = 'probe'")[0]?.['value']
    const before = probe()
    await ledger.ready()
    expect(probe()).not.toBe(before)
  })

  it('commits in groups: one that fails sinks no neighbor, each hears its own error', async () => {
    const { sql, ledger } = withHandle()
    const taken = await claim(ledger, draft())
    const fail = (word: string) =>
      sql.commit(() => {
        sql.run("insert into keys (scope, id, fingerprint, expires_at) values (?, '', '', 0)", word)
        throw new Error(word)
      })
    const outcomes = await Promise.allSettled([
      ledger.claim(draft({ orderId: 'a' }), null),
      fail('one'),
      ledger.claim(draft({ id: taken.id, orderId: 'b' }), key('b')),
      ledger.claim(draft({ orderId: 'c' }), key('c')),
      fail('two'),
    ])
    expect(
      outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error).message,
      ),
    ).toEqual([
      expect.objectContaining({ outcome: 'created' }),
      'one',
      expect.stringMatching(/UNIQUE/),
      expect.objectContaining({ outcome: 'created' }),
      'two',
    ])
    expect((await everything(ledger)).length).toBe(3)
    expect(sql.all('select scope from keys').length).toBe(1)
  })

  it('a disk that fails under a commit leaves open if it was done; before it, not', async () => {
    const ledger = guarded(openSqliteLedger(temporaryFile()))
    onTestFinished(() => ledger.close())
    const run = StatementSync.prototype.run
    const spy = vi.spyOn(StatementSync.prototype, 'run')
    onTestFinished(() => spy.mockRestore())
    const failing = (text: RegExp, errcode: number) =>
      spy.mockImplementation(function (this: StatementSync, ...values) {
        // node:sqlite’s shape, with SQLite’s extended code.
        if (text.test(this.sourceSQL))
          throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode })
        return run.apply(this, values)
      })
    const SQLITE = { IOERR_FSYNC: 1_034, FULL: 13 }
    for (const [text, code, written] of [
      [/^commit/, SQLITE.IOERR_FSYNC, null],
      [/^commit/, SQLITE.FULL, false],
      [/^insert/, SQLITE.IOERR_FSYNC, false],
    ] as const) {
      failing(text, code)
      const outcomes = await Promise.allSettled([
        ledger.claim(draft(), null),
        ledger.claim(draft(), null),
      ])
      expect(outcomes, String(text)).toMatchObject([
        { reason: { written } },
        { reason: { written } },
      ])
    }
    spy.mockRestore()
    await claim(ledger, draft())
  })

  it('locked by another program: all are refused after one waiting time; it recovers', async () => {
    const { sql, ledger, path } = withHandle()
    sql.run('pragma busy_timeout = 100')
    const intruder = new DatabaseSync(path)
    intruder.exec('begin immediate')
    const started = performance.now()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 90 }, () => ledger.claim(draft(), null)),
    )
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(performance.now() - started).toBeLessThan(5_000)
    intruder.exec('rollback')
    intruder.close()
    await claim(ledger, draft())
  })

  it('closing writes down what was asked for before, and refuses what comes after', async () => {
    const path = temporaryFile()
    const ledger = openSqliteLedger(path)
    const record = draft()
    const claiming = ledger.claim(record, null)
    await ledger.close()
    expect((await claiming).outcome).toBe('created')
    for (const late of [
      () => ledger.claim(draft(), null),
      () => ledger.get(record.id),
      () => ledger.due(['paris'], 1),
      () => ledger.ready(),
    ])
      await expect(late()).rejects.toThrow()
    const again = openSqliteLedger(path)
    expect(await again.get(record.id)).toEqual(record)
    await again.close()
  })

  it('syncs every commit to a write-ahead log', () => {
    const { sql } = withHandle()
    expect(sql.all('pragma journal_mode')).toEqual([{ journal_mode: 'wal' }])
    expect(sql.all('pragma synchronous')).toEqual([{ synchronous: 2 }])
  })

  it.each(['', ':memory:'])('refuses %j, which cannot be made durable', (path) => {
    expect(() => openSqliteLedger(path)).toThrow(/cannot be made durable/)
  })

  it('refuses what is no ledger', () => {
    const text = temporaryFile()
    writeFileSync(
      text,
      'not a database, but long enough to look like a file that means something'.repeat(20),
    )
    expect(() => openSqliteLedger(text)).toThrow(/not a database/)
    expect(() => openSqliteLedger(join(text, 'ledger.db'))).toThrow()
  })

  it('refuses a ledger of a later version and leaves it as it is', async () => {
    const { sql, ledger, path } = withHandle()
    const record = await claim(ledger, draft())
    sql.run("update meta set value = 99 where name = 'schema'")
    expect(() => openSqliteLedger(path)).toThrow(/version 99.*newer program/)
    expect(sql.all("select value from meta where name = 'schema'")).toEqual([{ value: 99 }])
    expect(await ledger.get(record.id)).toEqual(record)
  })

  it('a migration that fails leaves nothing of itself', () => {
    const path = temporaryFile()
    const intruder = new DatabaseSync(path)
    intruder.exec('create table leases (x)')
    expect(() => openSqliteLedger(path)).toThrow(/leases/)
    expect(intruder.prepare("select name from sqlite_master where type = 'table'").all()).toEqual([
      { name: 'leases' },
    ])
    intruder.exec('drop table leases')
    intruder.close()
    openSqliteLedger(path).close()
  })
})
