/** The ledger in PostgreSQL keeps every promise, with two clients on one server. */
import { afterAll, beforeAll } from 'vitest'
import { openPostgresLedger } from '../../src/ledger/postgres/postgres.ts'
import {
  describePostgres,
  type PostgresServer,
  SLOW_START_MS,
  startPostgres,
} from './postgres-server.ts'
import { testLedger } from './suite.ts'

describePostgres('with a PostgreSQL server', () => {
  let server: PostgresServer
  let opened = 0
  beforeAll(async () => {
    server = await startPostgres()
  }, SLOW_START_MS)
  afterAll(() => server?.remove())

  testLedger('postgres', async (now, options) => {
    const address = `${server.url}?schema=ledger_${++opened}`
    const open = (others = options) =>
      openPostgresLedger(address, { pauseMs: 60_000, now, ...others })
    return { ledger: await open(), beside: open }
  })
})
