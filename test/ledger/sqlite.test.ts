/** The SQL ledger over node:sqlite keeps every promise, with two handles on one file. */
import { openSqliteLedger } from '../../src/ledger/sqlite.ts'
import { temporaryFile } from './files.ts'
import { testLedger } from './suite.ts'

testLedger('sqlite', async (now) => {
  const path = temporaryFile()
  return { ledger: openSqliteLedger(path, now), beside: async () => openSqliteLedger(path, now) }
})
