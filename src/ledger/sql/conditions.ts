/** Conditions of SQL with their values, and how several become one clause. */
import type { Value } from './database.ts'

export type Condition = readonly [text: string, ...values: Value[]]

/** Conditions that hold only where something is asked for. */
export const when = (isAsked: boolean, ...conditions: Condition[]): Condition[] =>
  isAsked ? conditions : []

export const textOf = (conditions: readonly Condition[]): string =>
  conditions.map(([text]) => text).join(' and ')

/** The clause `where …`; empty without conditions. */
export const where = (conditions: readonly Condition[]): string =>
  conditions.length === 0 ? '' : `where ${textOf(conditions)}`

export const valuesOf = (conditions: readonly Condition[]): Value[] =>
  conditions.flatMap(([, ...values]) => values)
