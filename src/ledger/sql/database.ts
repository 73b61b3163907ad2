/** The tiny handle over which the SQL ledger is written: SQLite on Node and in Durable Objects. */

export type Value = string | number | null
export type ResultRow = Readonly<Record<string, Value>>

/**
 * What a database must offer. Statements run at once; what `commit` resolved with is on the disk.
 */
export interface Sql {
  all(statement: string, ...values: Value[]): ResultRow[]
  run(statement: string, ...values: Value[]): void
  /**
   * Runs `work`, which may be run again if another of the same group fails, in one transaction
   * with its group.
   */
  commit<T>(work: () => T): Promise<T>
  /** Empties what the database keeps beside itself of what was overwritten, where it does. */
  scrub?(): void
  close(): void
}

/** Resolves in a later turn of the event loop, so that others are served before. */
export const nextTurnOfLoop = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
