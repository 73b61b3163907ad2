/** As much of Shopware's search as the imitation needs: filters, sorting, pages, associations. */
import { z } from 'zod'

interface Asked {
  readonly [name: string]: { readonly associations?: Asked | undefined }
}
const Asked: z.ZodType<Asked> = z.lazy(() =>
  z.record(z.string(), z.strictObject({ associations: Asked.optional() })),
)

/** What is not imitated is refused rather than ignored. */
const Filter = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('equals'), field: z.string(), value: z.string() }),
  z.strictObject({
    type: z.literal('range'),
    field: z.string(),
    // Compared as it comes with what the database keeps: another form finds other rows there.
    parameters: z.strictObject({
      gte: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/),
    }),
  }),
])

export const Criteria = z.strictObject({
  ids: z.array(z.string()).optional(),
  page: z.int().min(1).default(1),
  // `shopware.api.max_limit`
  limit: z.int().min(1).max(500).default(100),
  filter: z.array(Filter).default([]),
  sort: z.array(z.strictObject({ field: z.string(), order: z.enum(['ASC', 'DESC']) })).default([]),
  associations: Asked.default({}),
  includes: z.record(z.string(), z.array(z.string())).default({}),
})
export type Criteria = z.infer<typeof Criteria>

type Row = Readonly<Record<string, unknown>>

const isRow = (value: unknown): value is Row =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const valueAt = (row: unknown, field: string): unknown =>
  field.split('.').reduce((value, name) => (isRow(value) ? value[name] : undefined), row)

const ASSOCIATIONS = new Set([
  'stateMachineState',
  'toStateMachineState',
  'fromStateMachineState',
  'currency',
  'orderCustomer',
  'lineItems',
  'deliveries',
  'transactions',
  'paymentMethod',
])

/** A row with its associations as null but for those that were asked for. */
const loaded = (value: unknown, asked: Asked): unknown => {
  if (Array.isArray(value)) return value.map((one) => loaded(one, asked))
  if (!isRow(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]): [string, unknown] => {
      if (!ASSOCIATIONS.has(name)) return [name, one]
      const wish = Object.hasOwn(asked, name) ? asked[name] : undefined
      return [name, wish ? loaded(one, wish.associations ?? {}) : null]
    }),
  )
}

/** What `includes` leaves of an entity, which its alias names. */
const included = (value: unknown, includes: Criteria['includes']): unknown => {
  if (Array.isArray(value)) return value.map((one) => included(one, includes))
  if (!isRow(value)) return value
  const kept = includes[String(value['apiAlias'])]
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !kept || name === 'apiAlias' || kept.includes(name))
      .map(([name, one]) => [name, included(one, includes)]),
  )
}

/** As the database keeps a time. */
const stored = (value: unknown): string =>
  typeof value === 'string' ? value.replace('T', ' ').replace('+00:00', '') : ''

const isFound = (row: Row, filter: Criteria['filter'][number]): boolean => {
  const value = valueAt(row, filter.field)
  return filter.type === 'equals'
    ? value === filter.value
    : value !== null && stored(value) >= filter.parameters.gte
}

const compared = (a: Row, b: Row, sort: Criteria['sort']): number => {
  for (const { field, order } of sort) {
    const [one, other] = [String(valueAt(a, field)), String(valueAt(b, field))]
    if (one !== other) return one < other === (order === 'ASC') ? -1 : 1
  }
  return 0
}

export const search = (rows: readonly object[], criteria: Criteria) => {
  const { page, limit, ids, filter, sort, associations, includes } = criteria
  const found = (rows as readonly Row[])
    .filter((row) => !ids || ids.includes(String(row['id'])))
    .filter((row) => filter.every((one) => isFound(row, one)))
    .toSorted((a, b) => compared(a, b, sort))
    .slice((page - 1) * limit, page * limit)
    .map((row) => included(loaded(row, associations), includes))
  return { total: found.length, data: found, aggregations: [] }
}
