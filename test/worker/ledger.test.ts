/** The SQL ledger over a Durable Object's own SQLite keeps every promise. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { AuditLedger } from '../../src/ledger/audit.ts'
import type {
  BatchLedger,
  DeliveryLedger,
  FullLedger,
  Ledger,
  LinkLedger,
  NoticeLedger,
} from '../../src/ledger/port.ts'
import { durableSql } from '../../src/ledger/sql/durable.ts'
import { openSqlLedger } from '../../src/ledger/sql/sql.ts'
import { migrate } from '../../src/ledger/sql/tables.ts'
import { newHealth } from '../../src/model/delivery.ts'
import { link } from '../ledger/links.ts'
import { heard } from '../ledger/notices.ts'
import { testLedger } from '../ledger/suite.ts'

const METHODS = [
  'claim',
  'get',
  'save',
  'lease',
  'hold',
  'release',
  'due',
  'strays',
  'bind',
  'bindings',
  'reserve',
  'list',
  'figures',
  'countsByDay',
  'sweep',
  'digestKeys',
  'scrub',
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
  'rewrite',
  'setWaiting',
  'tallies',
  'recent',
  'sweep',
] as const satisfies readonly (keyof BatchLedger)[]
const OF_DELIVERIES = [
  'owe',
  'next',
  'settle',
  'rewrite',
  'of',
  'owedOf',
  'replay',
  'health',
  'saveHealth',
  'webhooks',
  'forget',
] as const satisfies readonly (keyof DeliveryLedger)[]
const OF_NOTICES = [
  'hear',
  'due',
  'settle',
  'get',
  'of',
  'watch',
  'saveWatch',
  'sweep',
] as const satisfies readonly (keyof NoticeLedger)[]
const OF_LINKS = [
  'get',
  'of',
  'save',
  'delete',
  'list',
  'count',
  'due',
] as const satisfies readonly (keyof LinkLedger)[]

const OF_AUDIT = ['append', 'read', 'head'] as const satisfies readonly (keyof AuditLedger)[]

testLedger('durable', async (now, options) => {
  const object = env.SHELVES.get(env.SHELVES.newUniqueId())
  await runInDurableObject(object, (_, { storage }) =>
    storage.transactionSync(() => migrate(durableSql(storage))),
  )
  /** Each call runs inside the object, as a request to it would. */
  const full = (others = options): FullLedger => {
    let ledger: FullLedger | undefined
    const handle = <T extends object>(
      names: readonly (keyof T)[],
      pick: (opened: FullLedger) => T,
    ) =>
      Object.fromEntries(
        names.map((name) => [
          name,
          (...values: never[]) =>
            runInDurableObject<unknown>(object, (_, { storage }) =>
              (
                pick((ledger ??= openSqlLedger(durableSql(storage, now), now, others)))[name] as (
                  ...values: never[]
                ) => unknown
              )(...values),
            ),
        ]),
      ) as unknown as T
    return {
      ...handle<Ledger>(METHODS, (opened) => opened),
      batches: handle<BatchLedger>(OF_BATCHES, ({ batches }) => batches),
      deliveries: handle<DeliveryLedger>(OF_DELIVERIES, ({ deliveries }) => deliveries),
      notices: handle<NoticeLedger>(OF_NOTICES, ({ notices }) => notices),
      links: handle<LinkLedger>(OF_LINKS, ({ links }) => links),
      audit: handle<AuditLedger>(OF_AUDIT, ({ audit }) => audit),
    }
  }
  return { ledger: full(), beside: async (others) => full(others) }
})

it('what is owed to a webhook wakes the object when that may be told', async () => {
  const object = env.SHELVES.get(env.SHELVES.newUniqueId())
  const nextAt = Date.now() + 600_000
  const alarm = await runInDurableObject(object, async (_, { storage }) => {
    const sql = durableSql(storage)
    storage.transactionSync(() => migrate(sql))
    const { deliveries } = openSqlLedger(sql)
    await deliveries.saveHealth('erp', { ...newHealth('https://erp.example'), nextAt })
    const before = await storage.getAlarm()
    await deliveries.owe([
      { webhook: 'erp', subject: 'can_1', revision: 1, type: 'store.back', body: '{}', at: 1 },
    ])
    return [before, await storage.getAlarm()]
  })
  expect(alarm).toEqual([null, nextAt])
})

it('an order that is due for a look wakes the object, and a link', async () => {
  const object = env.SHELVES.get(env.SHELVES.newUniqueId())
  const dueAt = Date.now() + 600_000
  const alarms = await runInDurableObject(object, async (_, { storage }) => {
    const sql = durableSql(storage)
    storage.transactionSync(() => migrate(sql))
    const { notices, links } = openSqlLedger(sql)
    await notices.hear([heard({ at: dueAt })])
    const first = await storage.getAlarm()
    await links.save(link('SO-1', ['paris one', 'rome one'], { dueAt: dueAt - 5 }))
    return [first, await storage.getAlarm()]
  })
  expect(alarms).toEqual([dueAt, dueAt - 5])
})
