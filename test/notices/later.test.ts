/** The schemes suffice for platforms that are still to come: their vectors, as data alone. */
import { later } from './later.ts'
import { testNotices } from '../../src/testing/suite-notices.ts'

for (const adapter of later)
  testNotices(adapter, new URL(`${adapter.id}/`, import.meta.url), {
    settings: {},
  })
