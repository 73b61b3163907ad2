/**
 * Work in a transaction, as a generator: what it asks is sent together with what others of its
 * group ask, so a group costs as many round trips as one of them; what it writes is not waited for.
 */

export type Scalar = string | number | boolean | null
export type Value = Scalar | readonly Scalar[]
export type ResultRow = Readonly<Record<string, string | number | boolean | null>>

/** In its text `?` stands for a value, and `@name` for a table of the ledger. */
export interface Statement {
  readonly text: string
  readonly values: readonly Value[]
}

type Step = { readonly asks: readonly Statement[] } | { readonly writes: Statement }
export type Work<Result> = Generator<Step, Result, readonly ResultRow[][]>

export const statement = (text: string, ...values: Value[]): Statement => ({ text, values })

/** Asks several at once. */
export function* askEach(...asks: Statement[]): Work<readonly ResultRow[][]> {
  return asks.length === 0 ? [] : yield { asks }
}

export function* ask(text: string, ...values: Value[]): Work<ResultRow[]> {
  const [rows] = yield* askEach({ text, values })
  return rows ?? []
}

/** Writes, before anything that is asked later. */
export function* run(text: string, ...values: Value[]): Work<void> {
  yield { writes: { text, values } }
}

/** Whoever works on the same names works one after another; nothing else is locked for it. */
export type Locks = readonly string[]

/**
 * What is locked by its name. A record stands for what webhooks are owed of it, as any subject
 * does.
 */
export const lockOf = {
  subject: (id: string): string => `subject ${id}`,
  guard: (guard: string): string => `guard ${guard}`,
  key: (scope: string): string => `key ${scope}`,
  lease: (key: string): string => `lease ${key}`,
  batch: (id: string): string => `batch ${id}`,
  store: (store: string): string => `store ${store}`,
  link: (name: string): string => `link ${name}`,
  member: (store: string, orderId: string): string => `member ${JSON.stringify([store, orderId])}`,
  audit: 'audit',
} as const

export interface Database {
  /** Reads outside of any transaction. */
  read(text: string, ...values: Value[]): Promise<ResultRow[]>
  /**
   * Runs `work` in one transaction with others of its tick; it may be run again where another of
   * them fails. What it resolved with is on the server's disk.
   */
  commit<Result>(locks: Locks, work: () => Work<Result>): Promise<Result>
}
