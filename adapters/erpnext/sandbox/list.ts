/** Lists as Frappe gives them: filters, order and page of a query; what is unknown is refused. */
import { z } from 'zod'
import { Raised } from './orders.ts'

export type Row = Readonly<Record<string, unknown>>

/** Of a child table, the field that names the order it belongs to. */
const CHILDREN = z.enum(['Delivery Note Item', 'Sales Invoice Item'])
const Operator = z.enum(['=', '<', '>', '>=', '<='])
const Value = z.union([z.string(), z.number()])
const Filters = z.array(
  z.union([
    z.tuple([z.string(), Operator, Value]),
    z.tuple([CHILDREN, z.string(), Operator, Value]).transform(([, ...own]) => own),
  ]),
)
type Filter = z.output<typeof Filters>[number]

const json = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '[]')
  } catch {
    throw new Raised('ValidationError', 'not JSON')
  }
}

const read = <T extends z.ZodType>(shape: T, text: string | undefined): z.output<T> => {
  const { data, success } = shape.safeParse(json(text))
  if (!success) throw new Raised('ValidationError', 'not imitated')
  return data
}

const column = (row: Row, field: string): unknown => {
  // MariaDB’s word: the whole list fails.
  if (!Object.hasOwn(row, field)) throw new Raised('OperationalError', `Unknown column ${field}`)
  return row[field]
}

const compare = (one: unknown, other: unknown): number => {
  if (typeof one === 'number' || typeof other === 'number') return Number(one) - Number(other)
  const [a, b] = [String(one), String(other)]
  return a < b ? -1 : a > b ? 1 : 0
}

const HOLDS: Readonly<Record<z.output<typeof Operator>, (difference: number) => boolean>> = {
  '=': (difference) => difference === 0,
  '<': (difference) => difference < 0,
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
  '<=': (difference) => difference <= 0,
}
const holds =
  (row: Row) =>
  ([field, operator, value]: Filter): boolean =>
    HOLDS[operator](compare(column(row, field), value))

const inOrder = (rows: readonly Row[], order: string): Row[] => {
  const terms = order.split(',').map((term) => {
    const [, field, way] = /^(\w+) (asc|desc)$/.exec(term.trim()) ?? []
    if (!field) throw new Raised('ValidationError', 'Invalid field format for Order By')
    return { field, sign: way === 'desc' ? -1 : 1 }
  })
  return rows.toSorted((one, other) => {
    for (const { field, sign } of terms) {
      const difference = compare(column(one, field), column(other, field))
      if (difference !== 0) return sign * difference
    }
    return 0
  })
}

/** The page of these rows that a query asks for. */
export const page = (rows: readonly Row[], query: Readonly<Record<string, string>>): Row[] => {
  const fields = read(z.array(z.string()), query['fields'] ?? '["name"]')
  const filters = read(Filters, query['filters'])
  const alternatives = read(Filters, query['or_filters'])
  const found = rows.filter(
    (row) =>
      filters.every(holds(row)) && (alternatives.length === 0 || alternatives.some(holds(row))),
  )
  const from = Number(query['limit_start'] ?? 0)
  const length = Number(query['limit_page_length'] ?? query['limit'] ?? 20)
  return inOrder(found, query['order_by'] || 'modified desc')
    .slice(from, from + length)
    .map((row) => Object.fromEntries(fields.map((field) => [field, column(row, field)])))
}
