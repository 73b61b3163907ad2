/** Several processes that tell people from one ledger, one after the other or side by side. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { openRedisLedger } from '../../src/ledger/redis/redis.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { describeRedis, type RedisServer, startRedis } from '../ledger/redis-server.ts'
import { scratch } from '../scratch.ts'
import { MINUTE, openPeople, puzzling, START } from './people.ts'

describeRedis('two gateways on one Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.remove())

  it('tell once between them', async () => {
    const clock = { now: START }
    const open = async () => {
      const ledger = await openRedisLedger(server.url, { pauseMs: 0, now: () => clock.now })
      onTestFinished(() => ledger.close())
      return openPeople({ ledger, clock })
    }
    const [one, two] = [await open(), await open()]
    await one.ledger.claim(puzzling('1', START), null)
    for (let turn = 0; turn < 30; turn++) {
      one.teller.begin()
      two.teller.begin()
      await Promise.all([one.teller.rest(), two.teller.rest()])
      clock.now += 5_000
    }
    expect([one.faults, two.faults]).toEqual([[], []])
    expect(one.told.length + two.told.length).toBe(1)
  })
})

describe('several processes', () => {
  const openFile = () => {
    const folder = mkdtempSync(join(scratch, 'rescind-alerts-'))
    const clock = { now: START }
    const open = () => openSqliteLedger(join(folder, 'ledger.db'), () => clock.now)
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    return { clock, open }
  }

  it('neither lose nor repeat, one after the other', async () => {
    const { clock, open } = openFile()
    const first = open()
    await first.claim(puzzling('1', START), null)
    const before = openPeople({ ledger: first, clock })
    await before.pass(MINUTE)
    await first.claim(puzzling('2', clock.now), null)
    expect(before.told).toHaveLength(1)
    await before.teller.close()
    await first.close()
    const second = open()
    const after = openPeople({ ledger: second, clock })
    await after.pass(10 * MINUTE)
    expect(after.told).toEqual([])
    await after.pass(10 * MINUTE)
    expect(after.subjects()).toEqual(['2 orders need you at shop (1 new)'])
    await after.teller.close()
    await second.close()
  })

  it('tell what was written down and not sent when the process ended', async () => {
    const { clock, open } = openFile()
    const first = open()
    await first.claim(puzzling('1', START), null)
    const before = openPeople({
      ledger: first,
      clock,
      send: () => Promise.reject(new Error('the process ended here')),
    })
    await before.pass(40_000)
    expect(before.faults.length).toBeGreaterThan(0)
    await before.teller.close()
    await first.close()
    const second = open()
    const after = openPeople({ ledger: second, clock })
    await after.pass(2 * MINUTE)
    expect(after.told.map(({ message }) => message.id)).toEqual([before.told[0]?.message.id])
    await second.close()
  })

  it('side by side tell once', async () => {
    const clock = { now: START }
    const ledger = openMemoryLedger(() => clock.now)
    await ledger.claim(puzzling('1', START), null)
    const [one, two] = [openPeople({ ledger, clock }), openPeople({ ledger, clock })]
    for (let turn = 0; turn < 60; turn++) {
      one.teller.begin()
      two.teller.begin()
      await Promise.all([one.teller.rest(), two.teller.rest()])
      clock.now += 5_000
    }
    expect(one.told.length + two.told.length).toBe(1)
  })

  it('write nothing while there is nothing to tell', async () => {
    const clock = { now: START }
    const memory = openMemoryLedger(() => clock.now)
    let leases = 0
    const ledger = {
      ...memory,
      hold: async (...asked: Parameters<typeof memory.hold>) => {
        leases += 1
        return memory.hold(...asked)
      },
    }
    const people = openPeople({ ledger, clock })
    await people.pass(10 * MINUTE)
    expect(leases).toBe(0)
    await ledger.claim(puzzling('1', clock.now), null)
    await people.pass(60 * MINUTE)
    expect([people.told.length, leases]).toEqual([1, 1])
  })

  it('that hold the lease both, after a failover, tell the same', async () => {
    const clock = { now: START }
    const ledger = openMemoryLedger(() => clock.now)
    let readers = 0
    const { promise: bothHaveRead, resolve } = Promise.withResolvers<void>()
    const leaseless = {
      ...ledger,
      hold: async () => ({ key: 'alert', epoch: 1, until: clock.now + MINUTE }),
      release: async () => {},
      deliveries: {
        ...ledger.deliveries,
        async of(subject: string) {
          const rows = await ledger.deliveries.of(subject)
          if (++readers === 2) resolve()
          await bothHaveRead
          return rows
        },
      },
    }
    await ledger.claim(puzzling('1', START), null)
    const both = [
      openPeople({ ledger: leaseless, clock }),
      openPeople({ ledger: leaseless, clock }),
    ]
    clock.now += MINUTE
    for (const { teller } of both) teller.begin()
    await Promise.all(both.map(({ teller }) => teller.rest()))
    expect(both.flatMap(({ told }) => told)).toHaveLength(1)
  })
})
