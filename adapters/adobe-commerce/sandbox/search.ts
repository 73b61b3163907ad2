/** Searches of the imitation: criteria as Magento reads them from a query, and their page. */
import { z } from 'zod'
import type { Order } from './orders.ts'

type Row = Readonly<Record<string, unknown>>

/** What Magento answers with 500: a field that is no column, a page size that is none. */
export class NotSearchable extends Error {
  override readonly name = 'NotSearchable'
}

const Column = z.enum(['entity_id', 'increment_id', 'state', 'status', 'updated_at', 'created_at'])
const Filter = z.object({
  field: Column,
  value: z.string(),
  condition_type: z.enum(['eq', 'gt', 'gteq', 'lt', 'lteq']).default('eq'),
})
type Filter = z.infer<typeof Filter>
const Sort = z.object({ field: Column, direction: z.enum(['ASC', 'DESC']).default('DESC') })

/** `searchCriteria[a][0][b]` as `['a', '0', 'b']`; other parameters are ignored, as there. */
const placeOf = (name: string): string[] =>
  name.startsWith('searchCriteria[') && name.endsWith(']') ? name.slice(15, -1).split('][') : []

/** The members of each `name[…][0]`, by their places. */
const grouped = (query: URLSearchParams, name: string, depth: number): [string, Row][] => {
  const groups = new Map<string, Record<string, string>>()
  for (const [key, value] of query) {
    const place = placeOf(key)
    if (place[0] !== name || place.length !== depth + 1) continue
    const at = place.slice(1, depth).join(' ')
    groups.set(at, { ...groups.get(at), [place[depth] ?? '']: value })
  }
  return [...groups]
}

const read = <T extends z.ZodType>(shape: T, value: unknown): z.output<T> => {
  const { data, success } = shape.safeParse(value)
  if (!success) throw new NotSearchable('Column not found')
  return data
}

const HOLDS: Readonly<Record<Filter['condition_type'], (order: number) => boolean>> = {
  eq: (order) => order === 0,
  gt: (order) => order > 0,
  gteq: (order) => order >= 0,
  lt: (order) => order < 0,
  lteq: (order) => order <= 0,
}
const compare = (a: unknown, b: unknown): number =>
  String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0

const found = (orders: readonly Order[], query: URLSearchParams): Order[] => {
  const groups = new Map<string, Filter[]>()
  for (const [place, members] of grouped(query, 'filter_groups', 4)) {
    const [group = ''] = place.split(' ')
    groups.set(group, [...(groups.get(group) ?? []), read(Filter, members)])
  }
  return orders.filter((order: Row) =>
    [...groups.values()].every((group) =>
      group.some(({ field, value, condition_type: condition }) =>
        HOLDS[condition](compare(order[field], value)),
      ),
    ),
  )
}

/** `items[a,b],total_count`: the only form that is imitated. */
const shown = (items: readonly Order[], fields: string | null): readonly Row[] => {
  const named = /^items\[([a-z_,]+)\],total_count$/.exec(fields ?? '')?.[1]?.split(',')
  return named
    ? items.map((order: Row) => Object.fromEntries(named.map((name) => [name, order[name]])))
    : items
}

/** A page beyond the last is the last (Framework/Data/Collection.php, getCurPage). */
export const search = (orders: readonly Order[], query: URLSearchParams) => {
  const all = found(orders, query)
  const sorts = grouped(query, 'sortOrders', 2).map(([, members]) => read(Sort, members))
  const sorted = all.toSorted((one: Row, other: Row) => {
    for (const { field, direction } of sorts) {
      const order = compare(one[field], other[field])
      if (order !== 0) return direction === 'ASC' ? order : -order
    }
    return 0
  })
  const whole = z.coerce.number().int().positive()
  const size = read(whole, query.get('searchCriteria[pageSize]') ?? (sorted.length || 1))
  const asked = read(whole, query.get('searchCriteria[currentPage]') ?? 1)
  const page = Math.min(asked, Math.max(1, Math.ceil(sorted.length / size)))
  const fields = query.get('fields')
  return {
    items: shown(sorted.slice((page - 1) * size, page * size), fields),
    ...(fields === null && { search_criteria: { filter_groups: [], page_size: size } }),
    total_count: sorted.length,
  }
}
