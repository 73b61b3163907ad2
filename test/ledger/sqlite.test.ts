/** The SQL ledger over node:sqlite keeps every promise, with two handles on one file. */
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
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
  file.exec("drop index by_doubt; drop index by_openness; alter table cancellations drop column doubt_since; update meta set value = value - 1 where name = 'schema'")
  file.close()
  const later = openSqliteLedger(path, () => START)
  expect(await later.figures(['paris'])).toEqual({ counts: { accepted: 0, sending: 0, in_doubt: 1, needs_attention: 0 }, oldestDoubtAt: START - 7_000, oldestAttentionAt: null, nextDueAt: [START] })
  await later.close()
})
