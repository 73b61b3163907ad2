/** What every ledger must keep: the promises of src/ledger/port.ts, one by one. */
import { describe } from 'vitest'
import { testAudit } from './audit.ts'
import { testBatches } from './batches.ts'
import { testClaims } from './claims.ts'
import { testDeliveries } from './deliveries.ts'
import { testErasures } from './erasures.ts'
import { testFigures } from './figures.ts'
import { testGuards } from './guards.ts'
import { testLeases } from './leases.ts'
import { testLinks } from './links.ts'
import { testLists } from './lists.ts'
import { testNotices } from './notices.ts'
import { testRetention } from './retention.ts'
import type { Open } from './records.ts'
import { testSaves } from './saves.ts'
import { testStores } from './stores.ts'

/**
 * `open` gives an empty ledger on the clock that it is handed; it cleans up after itself when the
 * test is finished.
 */
export const testLedger = (name: string, open: Open): void => {
  describe(`the ${name} ledger`, () => {
    describe('claim', () => testClaims(open))
    describe('the guard of an order', () => testGuards(open))
    describe('save', () => testSaves(open))
    describe('lease and due', () => testLeases(open))
    describe('list', () => testLists(open))
    describe('figures', () => testFigures(open))
    describe('stores', () => testStores(open))
    describe('batches', () => testBatches(open))
    describe('deliveries', () => testDeliveries(open))
    describe('notices', () => testNotices(open))
    describe('links', () => testLinks(open))
    describe('audit', () => testAudit(open))
    describe('erasures', () => testErasures(open))
    describe('sweep and ready', () => testRetention(open))
  })
}
