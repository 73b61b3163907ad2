/** The contract over HTTP, whatever hosts it: every host passes these. */
import { describe } from 'vitest'
import { access } from './contract/access.ts'
import { approvals } from './contract/approvals.ts'
import { audit } from './contract/audit.ts'
import { asking } from './contract/asking.ts'
import { batches } from './contract/batches.ts'
import { batchTables } from './contract/batch-tables.ts'
import { input } from './contract/input.ts'
import { keyNames } from './contract/key-names.ts'
import { pages } from './contract/pages.ts'
import { people } from './contract/people.ts'
import { reading } from './contract/reading.ts'
import { stores } from './contract/stores.ts'
import { repeats } from './contract/repeats.ts'
import type { Open } from './host.ts'

const PARTS = [
  asking,
  approvals,
  repeats,
  input,
  access,
  audit,
  keyNames,
  reading,
  stores,
  people,
  batches,
  batchTables,
  pages,
]

export const testHost = (name: string, open: Open): void => {
  describe(name, () => PARTS.forEach((part) => part(open)))
}
