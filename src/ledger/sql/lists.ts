/**
 * Lists in SQL: every filter becomes ranges of an index (ranges.ts), merged by place, so that a
 * page costs as much however many records there are.
 */
import type { Place, Query } from '../port.ts'
import { comparePlaces } from '../rules.ts'
import { type Condition, textOf, valuesOf, where } from './conditions.ts'
import type { Sql, Value } from './database.ts'
import { type Range, rangesOf, type Time } from './ranges.ts'

/** Statements, or entries read one by one, after which others get their turn. */
const PORTION = 3_000

/** The search for a page. */
interface Search {
  readonly sql: Sql
  readonly order: Query['order']
  readonly limit: number
  /** The time of the list's order. */
  readonly time: Time
  /** What was done since others had their turn. */
  cost: number
}

/** Pauses where enough was done since the last pause. */
function* pause(search: Search, cost: number): Generator<void> {
  search.cost += cost
  if (search.cost < PORTION) return
  search.cost = 0
  yield
}

/** The statement that reads a range in the order of its time. */
const statementOf = ({ order }: Search, range: Range, columns: string): Condition => {
  const { index, prefix, time, low, high } = range
  const conditions: Condition[] = [
    ...prefix,
    [`(${time}, id) > (?, ?)`, low.at, low.id],
    [`(${time}, id) < (?, ?)`, high.at, high.id],
  ]
  return [
    `select ${columns} from cancellations one indexed by ${index} ${where(conditions)} order by ` +
      `${time} ${order}, id ${order}`,
    ...valuesOf(conditions),
  ]
}

const placesOf = ({ sql }: Search, statement: string, ...values: Value[]): Place[] =>
  sql.all(statement, ...values) as unknown as Place[]

/** Finds the entry so far on in a range, whatever its filter says. */
const entryAt = (search: Search, range: Range, far: number): Place | undefined => {
  const [text, ...values] = statementOf(search, range, `${range.time} as at, id`)
  return placesOf(search, `${text} limit 1 offset ?`, ...values, far)[0]
}

/** What remains of a range beyond a place, or before it, in the list's order. */
const after = ({ order }: Search, range: Range, place: Place): Range =>
  order === 'asc' ? { ...range, low: place } : { ...range, high: place }
const until = ({ order }: Search, range: Range, place: Place): Range =>
  order === 'asc' ? { ...range, high: place } : { ...range, low: place }

/** Reads the first of so many entries that meet the range's filter, in the list's order. */
const filtered = (search: Search, range: Range, most: number): Place[] => {
  const { order, limit, time } = search
  const [text, ...values] = statementOf(
    search,
    range,
    `${time} as at, id, ${textOf(range.filter) || 'true'} as kept`,
  )
  const best = range.time === time ? '' : `order by at ${order}, id ${order}`
  return placesOf(
    search,
    `select at, id from (${text} limit ?) where kept ${best} limit ?`,
    ...valuesOf(range.filter),
    ...values,
    most,
    limit,
  )
}

/** Reads what of a range may be on the page; of one in another order than the list's, all of it. */
function* read(search: Search, range: Range): Generator<void, Place[]> {
  const { limit, time } = search
  const isInOrder = range.time === time
  if (isInOrder && range.filter.length === 0) {
    const [text, ...values] = statementOf(search, range, `${time} as at, id`)
    yield* pause(search, limit)
    return placesOf(search, `${text} limit ?`, ...values, limit)
  }
  const found: Place[] = []
  const enough = isInOrder ? limit : Infinity
  let rest: Range | undefined = range
  for (let most = limit + 1; rest && found.length < enough; most = Math.min(4 * most, PORTION)) {
    found.push(...filtered(search, rest, most))
    const end = entryAt(search, rest, most - 1)
    rest = end && after(search, rest, end)
    yield* pause(search, most)
  }
  return found
}

/**
 * Finds the ids of a page. Each step is short; between two of them others may be served, and then
 * what they write may be in the page or not.
 */
export function* findPage(sql: Sql, query: Query): Generator<void, string[]> {
  const { order, limit, updatedAfter } = query
  const time = updatedAfter === undefined ? 'created_at' : 'updated_at'
  const search: Search = { sql, order, limit, time, cost: 0 }
  const inOrder = (a: Place, b: Place) =>
    order === 'asc' ? comparePlaces(a, b) : comparePlaces(b, a)

  const heads: { readonly range: Range; readonly head: Place | undefined }[] = []
  for (const range of rangesOf(sql, query)) {
    const head = entryAt(search, range, 0)
    // Of what is not in the list's order the first entry tells nothing.
    if (head) heads.push({ range, head: range.time === time ? head : undefined })
    yield* pause(search, 1)
  }
  heads.sort((a, b) =>
    a.head && b.head
      ? inOrder(a.head, b.head)
      : Number(a.head !== undefined) - Number(b.head !== undefined),
  )
  let found: Place[] = []
  for (const { range, head } of heads) {
    const last = found.length < limit ? undefined : found.at(-1)
    if (last && head && inOrder(head, last) > 0) break
    found = [...found, ...(yield* read(search, last && head ? until(search, range, last) : range))]
      .sort(inOrder)
      .slice(0, limit)
  }
  return found.map(({ id }) => id)
}
