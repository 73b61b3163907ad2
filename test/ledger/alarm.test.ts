/** When a Durable Object wakes for what it owes to webhooks, by the statements that it asks. */
import { expect, it, onTestFinished } from 'vitest'
import { nextTurn, sweepInTurn } from '../../src/ledger/sql/durable.ts'
import { openSqlite, openSqliteLedger } from '../../src/ledger/sql/sqlite.ts'
import { openSqlLedger } from '../../src/ledger/sql/sql.ts'
import { type Delivery, type Health, newHealth } from '../../src/model/delivery.ts'
import { temporaryFile } from './files.ts'
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
