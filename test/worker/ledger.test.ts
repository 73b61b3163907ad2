/** The SQL ledger over a Durable Object's own SQLite keeps every promise. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { durableSql } from '../../src/ledger/durable.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { migrate, openSqlLedger } from '../../src/ledger/sql.ts'
import { testLedger } from '../ledger/suite.ts'

const METHODS = ['claim', 'get', 'save', 'lease', 'release', 'due', 'spend', 'list', 'figures', 'sweep', 'ready', 'close'] as const satisfies readonly (keyof Ledger)[]

testLedger('durable', async (now) => {
  const object = env.SHELVES.get(env.SHELVES.newUniqueId())
  await runInDurableObject(object, (_, { storage }) => storage.transactionSync(() => migrate(durableSql(storage, []))))
  /** Each call runs inside the object, as a request to it would. */
  let ledger: Ledger | undefined
  const handle = () => Object.fromEntries(METHODS.map((name) => [name, (...values: never[]) =>
    runInDurableObject<unknown>(object, (_, { storage }) => ((ledger ??= openSqlLedger(durableSql(storage, [], now), now))[name] as (...values: never[]) => unknown)(...values))])) as unknown as Ledger
  return { ledger: handle(), beside: async () => handle() }
})
