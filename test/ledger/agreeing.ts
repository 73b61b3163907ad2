/** Random histories, told to the simplest ledger and to another at once, for tests of agreement. */
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openPostgresLedger } from '../../src/ledger/postgres/postgres.ts'
import { openRedisLedger } from '../../src/ledger/redis/redis.ts'
import { openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { temporaryFolder } from './files.ts'
import { START } from './records.ts'
import {
  describePostgres,
  type PostgresServer,
  SLOW_START_MS,
  startPostgres,
} from './postgres-server.ts'
import { describeRedis, type RedisServer, startRedis } from './redis-server.ts'

const RUNS = Number(process.env['RESCIND_RUNS'] ?? 60)

/** Tells a history to a ledger and answers what that said. */
type Tell<Step> = (
  ledger: FullLedger,
  clock: { now: number },
  steps: readonly Step[],
) => Promise<unknown[]>
type OpenNext = (now: () => number, run: number) => Promise<FullLedger>

const agree = async <Step>(step: fc.Arbitrary<Step>, tell: Tell<Step>, open: OpenNext) => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const [ours, theirs] = [{ now: START }, { now: START }]
      const ledger = await open(() => theirs.now, run++)
      try {
        expect(await tell(ledger, theirs, steps)).toEqual(
          await tell(
            openMemoryLedger(() => ours.now),
            ours,
            steps,
          ),
        )
      } finally {
        await ledger.close()
      }
    }),
    { numRuns: RUNS },
  )
}

/** Holds every other ledger against the memory ledger, by histories of such steps. */
export const testAgreement = <Step>(step: fc.Arbitrary<Step>, tell: Tell<Step>): void => {
  describe('agreement with the memory ledger', () => {
    it('sqlite', { timeout: 600_000 }, async () => {
      const folder = temporaryFolder()
      await agree(step, tell, async (now, run) => openSqliteLedger(`${folder}/${run}.db`, now))
    })

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

      it('redis', { timeout: 600_000 }, () =>
        agree(step, tell, async (now) => {
          await admin.flushall()
          return openRedisLedger(server.url, { pauseMs: 1_000, now })
        }),
      )
    })

    describePostgres('with a PostgreSQL server', () => {
      let server: PostgresServer
      beforeAll(async () => {
        server = await startPostgres()
      }, SLOW_START_MS)
      afterAll(() => server?.remove())

      it('postgres', { timeout: 600_000 }, () =>
        agree(step, tell, (now, run) =>
          openPostgresLedger(`${server.url}?schema=run_${run}`, { pauseMs: 1_000, now }),
        ),
      )
    })
  })
}
