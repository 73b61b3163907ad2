/** How long a ledger keeps what it keeps, where nobody says otherwise. */
import { KEY_LIFE_MS, RECORD_LIFE_MS } from './port.ts'

export interface Retention {
  /** For how long a key is bound to what it first came with. */
  readonly keysMs: number
  /** For how long a record is kept after it settled, and a batch after it finished. */
  readonly recordsMs: number
  /** For how long an entry of the audit log is kept. */
  readonly auditMs: number
}

export const RETENTION: Retention = {
  keysMs: KEY_LIFE_MS,
  recordsMs: RECORD_LIFE_MS,
  auditMs: RECORD_LIFE_MS,
}

/** What is said of a ledger when it is opened. */
export interface LedgerOptions {
  readonly retention?: Retention | undefined
  /** What the chain of its audit log is called. */
  readonly chain?: string | undefined
}
