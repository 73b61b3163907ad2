/** What an operator says of the Redis that keeps the ledger. */
import type { LedgerOptions } from '../retention.ts'

export interface RedisOptions extends LedgerOptions {
  /**
   * How long leases are refused after Redis was restarted or replaced: until everything sent before
   * has landed.
   */
  readonly pauseMs: number
  /** Takes a server that may forget: for trials only. */
  readonly allowVolatile?: boolean
  /**
   * So many replicas must have an intent before it is acted on. Left out: as many as the server was
   * seen with.
   */
  readonly replicas?: number | undefined
  /** Is given what an operator should know. */
  readonly warn?: (message: string) => void
  /** This process’s clock, for what is due; leases live by the server’s. */
  readonly clock?: () => number
  /** For tests: stands for both. */
  readonly now?: () => number
  readonly tag?: string
}
