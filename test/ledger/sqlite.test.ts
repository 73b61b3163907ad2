/** The SQL ledger over node:sqlite keeps every promise, with two handles on one file. */
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import type { Query } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite.ts'
import { temporaryFile } from './files.ts'
import { standing, START } from './records.ts'
import { testLedger } from './suite.ts'

testLedger('sqlite', async (now) => {
  const path = temporaryFile()
  return { ledger: openSqliteLedger(path, now), beside: async () => openSqliteLedger(path, now) }
})

it('a ledger of the version before is brought up to date', async () => {
  const path = temporaryFile()
  const first = openSqliteLedger(path, () => START)
  const doubtful = await standing(first, {}, 'in_doubt')
  await first.save({ ...doubtful, attempts: [{ at: START - 7_000, call: 'POST /cancel', result: null, ms: null, unsent: false }] })
  await standing(first, {}, 'succeeded')
  await first.close()
  const file = new DatabaseSync(path)
  file.exec("drop table stores; drop index by_order; drop index by_rejection; drop index by_doubt; drop index by_openness; alter table cancellations drop column doubt_since; update meta set value = value - 3 where name = 'schema'")
  file.close()
  const later = openSqliteLedger(path, () => START)
  expect(await later.figures(['paris'])).toEqual({ counts: { accepted: 0, sending: 0, in_doubt: 1, needs_attention: 0 }, oldestDoubtAt: START - 7_000, oldestAttentionAt: null, nextDueAt: [START] })
  await later.close()
})

it('the few that need a person, are open, were refused or are of one order are found without reading all the others', async () => {
  const ledger = openSqliteLedger(temporaryFile(), () => START)
  await Promise.all(Array.from({ length: 2_000 }, (_, n) => standing(ledger, { orderId: `order-${n}` }, n === 7 ? 'needs_attention' : n === 8 ? 'rejected' : 'succeeded')))
  const ms = async (query: Partial<Query>) => {
    const runs: number[] = []
    for (let run = 0; run < 9; run++) {
      const begun = performance.now()
      const found = await ledger.list({ stores: null, order: 'desc', limit: 100, ...query })
      runs.push(performance.now() - begun)
      if (Object.keys(query).length > 0) expect(found).toHaveLength(1)
    }
    return runs.sort((a, b) => a - b)[4] as number
  }
  // Read one by one, these would take many times as long as a page of a hundred; found by an index, far less than that.
  const page = await ms({})
  for (const query of [{ status: 'needs_attention' }, { status: 'rejected' }, { orderId: 'order-9' }] as const) expect(await ms(query), JSON.stringify(query)).toBeLessThan(page)
  await ledger.close()
})
