/** The audit log as the gateway has it: one chain, or on Workers that of each object. */
import type { AuditHead, AuditLedger, AuditQuery } from '../../ledger/audit.ts'
import type { AuditEntry, Noted } from '../../model/audit.ts'
import { refuse } from '../../model/problem.ts'

export interface Audit {
  /** Writes an entry down. */
  note(noted: Noted): Promise<void>
  /** How far each chain goes, in the order of their names. */
  heads(): Promise<AuditHead[]>
  /** Entries of one chain; of a chain that there is not: none. */
  read(chain: string, query: AuditQuery): Promise<AuditEntry[]>
}

/** The log of a gateway with one ledger. */
export const auditOf = (ledger: AuditLedger): Audit => ({
  note: (noted) => ledger.append([noted]),
  heads: async () => [await ledger.head()],
  async read(chain, query) {
    const found = await ledger.read(query)
    return found.filter((entry) => entry.chain === chain)
  },
})

const nowhere = () => refuse('not-found', 'There is no audit log here.')
/** Where nothing is noted. */
export const NO_AUDIT: Audit = { note: async () => {}, heads: nowhere, read: nowhere }
