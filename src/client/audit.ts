/** The audit log: who asked for what, entry by entry, and how far each chain goes. */
import { type Ask, search } from './ask.ts'
import { eachOf, type Page } from './batches.ts'
import type { AuditEntry, AuditHead } from './types.ts'

export interface AuditFilters {
  /** Left out: all of them. */
  readonly chain?: string | undefined
  /** The `seq` after which to go on. */
  readonly after?: number | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export const createAudit = (ask: Ask) => {
  const list = async (filters: AuditFilters = {}) =>
    (await ask({ method: 'GET', path: `/v1/audit${search(filters)}` })) as Page<AuditEntry>
  return {
    list,
    /** Every entry, the oldest first, page after page. */
    each: (filters: AuditFilters = {}) =>
      eachOf((cursor) => list({ ...filters, cursor }), filters.cursor),
    /** To be noted where the ledger is not. */
    heads: async () =>
      ((await ask({ method: 'GET', path: '/v1/audit/heads' })) as Page<AuditHead>).data,
  }
}
