/** Tables as Odoo's ORM reads them: domains, fields, order; strict where the server is. */
import { z } from 'zod'
import type { Row } from './orders.ts'

/** An exception of the server's, by the name of its class. */
export class Fault extends Error {
  override readonly name: string
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

const Scalar = z.union([z.string(), z.number(), z.literal(false)])
type Scalar = z.infer<typeof Scalar>
/** The operators that are imitated; others exist there, and are refused here. */
const Term = z.union([
  z.tuple([z.string(), z.enum(['=', '>=', '>', '<']), Scalar]),
  z.tuple([z.string(), z.literal('in'), z.array(Scalar)]),
])
type Term = z.infer<typeof Term>
const Domain = z.array(z.union([z.literal('|'), Term]))

const Search = z.strictObject({
  domain: Domain,
  fields: z.array(z.string()),
  order: z.string().optional(),
  limit: z.int().positive().optional(),
  context: z.looseObject({}).optional(),
})

/** A reference counts as its id. */
const valueOf = (row: Row, field: string): Scalar => {
  if (!Object.hasOwn(row, field)) throw new Fault('builtins.ValueError', `Invalid field '${field}'`)
  const value = row[field]
  return (Array.isArray(value) ? value[0] : value) as Scalar
}

const holds = (row: Row, [field, operator, meant]: Term): boolean => {
  const value = valueOf(row, field)
  switch (operator) {
    case 'in':
      return meant.includes(value)
    case '=':
      return value === meant
    case '>=':
      return value >= meant
    case '>':
      return value > meant
    case '<':
      return value < meant
  }
}

/** `|` stands before its two terms, as Odoo writes domains; all else is “and”. */
const isMeant = (row: Row, domain: z.infer<typeof Domain>): boolean => {
  const terms = [...domain]
  const next = (): boolean => {
    const term = terms.shift()
    if (term === undefined) throw new Fault('builtins.ValueError', 'Invalid domain')
    if (term !== '|') return holds(row, term)
    const [one, other] = [next(), next()]
    return one || other
  }
  let isAll = true
  while (terms.length > 0) isAll = next() && isAll
  return isAll
}

const compare = (a: Row, b: Row, order: string): number => {
  for (const part of order.split(', ')) {
    const [field = '', way] = part.split(' ')
    const [one, other] = [valueOf(a, field), valueOf(b, field)]
    if (one !== other) return (one < other ? -1 : 1) * (way === 'desc' ? -1 : 1)
  }
  return 0
}

/** Times are told in whole seconds. */
const told = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.\d+$/, '$1') : value

export const searchCount = (rows: readonly Row[], args: unknown): number => {
  const { data } = z.strictObject({ domain: Domain }).safeParse(args)
  if (!data) throw new Fault('builtins.TypeError', 'not imitated')
  return rows.filter((row) => isMeant(row, data.domain)).length
}

export const searchRead = (rows: readonly Row[], args: unknown): Row[] => {
  const { data } = Search.safeParse(args)
  if (!data) throw new Fault('builtins.TypeError', 'not imitated')
  const { domain, fields, order, limit } = data
  const found = rows.filter((row) => isMeant(row, domain))
  const sorted = order === undefined ? found : found.toSorted((a, b) => compare(a, b, order))
  return sorted.slice(0, limit).map((row) => {
    // What is asked for is there, or it is an error.
    for (const field of fields) valueOf(row, field)
    return Object.fromEntries(['id', ...fields].map((field) => [field, told(row[field])]))
  })
}
