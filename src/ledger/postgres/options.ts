/** What an operator says of the PostgreSQL that keeps the ledger. */
import type { LedgerOptions } from '../retention.ts'

export interface PostgresOptions extends LedgerOptions {
  /**
   * How long leases are refused after another server took over, which may lack what the first had
   * answered: until everything sent before has landed.
   */
  readonly pauseMs: number
  /** Is given what an operator should know. */
  readonly warn?: (message: string) => void
  /** This process’s clock, for what is due; leases live by the server’s. */
  readonly clock?: () => number
  /** For tests: stands for both. */
  readonly now?: () => number
}

/** What an address says: the server, and the schema that holds the ledger. */
export interface Address {
  readonly url: string
  readonly schema: string
}

const DEFAULT_SCHEMA = 'rescind'

/** Reads an address; `?schema=` is ours, everything else the client's. */
export const addressOf = (text: string): Address => {
  if (!URL.canParse(text)) throw new Error('the address must be postgres://USER@HOST:PORT/DATABASE')
  const url = new URL(text)
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new Error(
      '?schema= must be a name of lower-case letters, digits and underscores, at most 63',
    )
  url.searchParams.delete('schema')
  return { url: url.href, schema }
}
