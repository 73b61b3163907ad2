/** The SQL ledger over a Durable Object's own SQLite keeps every promise. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { BatchLedger, FullLedger } from '../../src/ledger/rules.ts'
import { durableSql } from '../../src/ledger/sql/durable.ts'
import type { Ledger } from '../../src/ledger/port.ts'
import { migrate } from '../../src/ledger/sql/sql.ts'
import { openFullSqlLedger } from '../../src/ledger/sql/batches.ts'
import { testLedger } from '../ledger/suite.ts'

const METHODS = [
  'claim',
  'get',
  'save',
  'lease',
  'release',
  'due',
  'strays',
  'bind',
  'bindings',
  'reserve',
  'list',
  'figures',
  'sweep',
  'ready',
  'close',
] as const satisfies readonly (keyof Ledger)[]
const OF_BATCHES = [
  'create',
  'get',
  'save',
  'finish',
  'list',
  'unfinished',
  'rows',
  'take',
  'open',
  'saveRows',
  'setWaiting',
  'tallies',
  'recent',
  'sweep',
] as const satisfies readonly (keyof BatchLedger)[]

testLedger('durable', async (now) => {
  const object = env.SHELVES.get(env.SHELVES.newUniqueId())
  await runInDurableObject(object, (_, { storage }) =>
    storage.transactionSync(() => migrate(durableSql(storage))),
  )
  /** Each call runs inside the object, as a request to it would. */
  let ledger: FullLedger | undefined
  const handle = <T extends object>(names: readonly (keyof T)[], pick: (opened: FullLedger) => T) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        (...values: never[]) =>
          runInDurableObject<unknown>(object, (_, { storage }) =>
            (
              pick((ledger ??= openFullSqlLedger(durableSql(storage, now), now)))[name] as (
                ...values: never[]
              ) => unknown
            )(...values),
          ),
      ]),
    ) as unknown as T
  const full = (): FullLedger => ({
    ...handle<Ledger>(METHODS, (opened) => opened),
    batches: handle<BatchLedger>(OF_BATCHES, ({ batches }) => batches),
  })
  return { ledger: full(), beside: async () => full() }
})
