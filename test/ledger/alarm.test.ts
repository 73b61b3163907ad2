/** When a Durable Object wakes for what it owes and what it is to look at, by what it asks. */
import { expect, it, onTestFinished } from 'vitest'
import { nextTurn, sweepInTurn } from '../../src/ledger/sql/durable.ts'
import { openSqlite, openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { openSqlLedger } from '../../src/ledger/sql/sql.ts'
import { type Delivery, type Health, newHealth } from '../../src/model/delivery.ts'
import type { Link } from '../../src/model/link.ts'
import { afterNothing, type Notice } from '../../src/model/notice.ts'
import { temporaryFile } from './files.ts'
import { link } from './links.ts'
import { heard } from './notices.ts'
import { START } from './records.ts'

const DAY = 86_400_000

it('wakes for what is owed when its webhook may be told, not for what is told', async () => {
  const path = temporaryFile()
  await openSqliteLedger(path).close()
  const sql = openSqlite(path)
  const ledger = openSqlLedger(sql, () => START)
  onTestFinished(() => ledger.close())
  const { deliveries } = ledger
  const next = (now = START) => nextTurn(sql, [], now)
  const save = async (webhook: string, change: Partial<Health>) => {
    const known = (await deliveries.health(webhook)) ?? newHealth('https://erp.example')
    expect(await deliveries.saveHealth(webhook, { ...known, ...change })).not.toBeNull()
  }
  const owe = (webhook: string) =>
    deliveries.owe([
      {
        webhook,
        subject: 'can_1',
        revision: 1,
        type: 'cancellation.succeeded',
        body: '{}',
        at: START,
      },
    ])
  expect(next()).toBeNull()
  await sweepInTurn(sql, ledger.sweep, START)
  await owe('erp')
  // It could have been told in this turn, and was not: again, after a pause.
  expect(next()).toBe(START + 5_000)
  await save('erp', { nextAt: START + 60_000 })
  expect(next()).toBe(START + 60_000)
  expect(next(START + 60_000)).toBe(START + 65_000)
  await owe('shop')
  await save('shop', { nextAt: START + 30_000 })
  expect(next()).toBe(START + 30_000)
  await save('shop', { enabled: false })
  expect(next()).toBe(START + 60_000)
  await save('shop', { enabled: true })
  const [row] = (await deliveries.next('shop', 1)) as [Delivery]
  await deliveries.settle(row, 'delivered', '200', START)
  expect(next()).toBe(START + 60_000)
  await save('erp', { enabled: false })
  expect(next()).toBe(START + DAY)
})

it('wakes for an order that is due for a look, and for a link, once a turn could do no more', async () => {
  const path = temporaryFile()
  await openSqliteLedger(path).close()
  const sql = openSqlite(path)
  const ledger = openSqlLedger(sql, () => START)
  onTestFinished(() => ledger.close())
  const { notices, links } = ledger
  const next = (now = START, stores = ['paris']) => nextTurn(sql, stores, now)
  await sweepInTurn(sql, ledger.sweep, START)
  expect(next()).toBeNull()
  await notices.hear([heard(), heard({ orderId: 'two', at: START + 7_000 })])
  expect([next(START - 1), next()]).toEqual([START, START + 500])
  // Nobody looks at orders of a store that is gone from the configuration.
  expect(next(START, [])).toBe(START + 60_000)
  const [one] = await notices.due(['paris'], 1)
  await notices.settle(one as Notice, afterNothing(one as Notice, START))
  expect(next()).toBe(START + 7_000)
  await links.save(link('SO-1', ['paris one', 'rome one'], { dueAt: START + 3_000 }))
  expect([next(), next(START + 3_000)]).toEqual([START + 3_000, START + 3_500])
  const read = (await links.get('SO-1')) as Link
  await links.save({ ...read, dueAt: null })
  expect(next(START + 7_000)).toBe(START + 7_500)
  await notices.settle({ ...(one as Notice), orderId: 'two' }, null)
  // What is kept is looked through for what is kept too long.
  expect(next()).toBe(START + DAY)
})
