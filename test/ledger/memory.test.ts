/** The ledger in memory keeps every promise but durability. */
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { testLedger } from './suite.ts'

testLedger('memory', async (now, options) => ({ ledger: openMemoryLedger(now, options) }))
