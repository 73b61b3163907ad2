/** What the functions of the ledger work with. */
import type { Retention } from '../retention.ts'
import type { PostgresOptions } from './options.ts'
import type { Server } from './fitness.ts'
import type { Database, ResultRow, Value } from './work.ts'

export interface PostgresDeps extends Database {
  readonly now: () => number
  readonly retention: Retention
  /** The time as statements take it; null: they read the server's clock. */
  readonly given: () => number | null
  readonly options: PostgresOptions
  /** The server that is worked on. */
  readonly server: () => Promise<Server>
}

/** The time that leases live by: the one that was given, else the server's. */
export const SERVER_TIME =
  'coalesce(?::float8, extract(epoch from clock_timestamp())::float8 * 1000)'

/** Conditions of a query with their values, and how several become one clause. */
export type Condition = readonly [text: string, ...values: Value[]]

/** Conditions that hold only where something is asked for. */
export const when = (isAsked: boolean, ...conditions: Condition[]): Condition[] =>
  isAsked ? conditions : []

/** The clause `where …`; empty without conditions. */
export const where = (conditions: readonly Condition[]): string =>
  conditions.length === 0 ? '' : `where ${conditions.map(([text]) => text).join(' and ')}`

export const valuesOf = (conditions: readonly Condition[]): Value[] =>
  conditions.flatMap(([, ...values]) => values)

/** The values of one column of rows, as an array that `unnest` takes. */
export const columnOf = <Row, Field extends string | number | boolean | null>(
  rows: readonly Row[],
  read: (row: Row) => Field,
): Field[] => rows.map(read)

export const textOf = (row: ResultRow | undefined, name: string): string => row?.[name] as string
