/**
 * The audit log as one caller has it: its entries tell of every store, so only for who may operate
 * on all of them.
 */
import type { AuditHead, AuditQuery } from '../../ledger/audit.ts'
import type { AuditEntry } from '../../model/audit.ts'
import { refuse } from '../../model/problem.ts'
import type { Acts } from './acts.ts'
import { type Audit, NO_AUDIT } from './log.ts'

export interface CallerAudit {
  heads(): Promise<AuditHead[]>
  read(chain: string, query: AuditQuery): Promise<AuditEntry[]>
  /** Every entry from the beginning on, noted as an export. */
  pages(): Promise<AsyncIterable<readonly AuditEntry[]>>
}

/** So many entries are read at once. */
export const AUDIT_PAGE = 500

/** Every entry of every chain, page by page, up to where it went when this began. */
async function* pagesOf(audit: Audit, heads: readonly AuditHead[]) {
  for (const { chain, seq } of heads) {
    for (let from = 0; ;) {
      const page = await audit.read(chain, { from, order: 'asc', limit: AUDIT_PAGE })
      const meant = page.filter((entry) => entry.seq <= seq)
      if (meant.length > 0) yield meant
      from = page.at(-1)?.seq ?? seq
      if (from >= seq) break
    }
  }
}

export const callerAudit = (
  audit: Audit = NO_AUDIT,
  must: () => void,
  stores: readonly string[] | null,
  acts: Acts,
): CallerAudit => {
  const mustAll = () => {
    must()
    if (stores !== null)
      refuse(
        'forbidden',
        'The audit log tells of every store, and this key does not reach them all.',
      )
  }
  return {
    async heads() {
      mustAll()
      return audit.heads()
    },
    async read(chain, query) {
      mustAll()
      return audit.read(chain, query)
    },
    async pages() {
      mustAll()
      await acts.look({ action: 'audit.exported', store: null }, async () => {})
      return pagesOf(audit, await audit.heads())
    },
  }
}
