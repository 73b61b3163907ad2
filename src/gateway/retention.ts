/** How long things are kept, as an operator says it in days. */
import { RETENTION, type Retention } from '../ledger/retention.ts'
import { DAY_MS } from '../model/cancellation.ts'

export interface RetentionDays {
  readonly keysDays?: number | undefined
  readonly recordsDays?: number | undefined
  readonly auditDays?: number | undefined
}

const daysOr = (days: number | undefined, otherwise: number): number =>
  days === undefined ? otherwise : days * DAY_MS

/** What is left out is kept as long as ever. */
export const retention = ({ keysDays, recordsDays, auditDays }: RetentionDays = {}): Retention => ({
  keysMs: daysOr(keysDays, RETENTION.keysMs),
  recordsMs: daysOr(recordsDays, RETENTION.recordsMs),
  auditMs: daysOr(auditDays, RETENTION.auditMs),
})
