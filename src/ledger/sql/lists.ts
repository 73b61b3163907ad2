/**
 * Lists in SQL: every filter becomes ranges of an index, merged by place, so that a page costs as
 * much however many records there are.
 */
import { STATUSES } from '../../model/cancellation.ts'
import type { Query } from '../port.ts'
import type { Sql, Value } from './sql.ts'

/** Where an entry stands in an index, by its time and id. */
interface Place {
  readonly at: number
  readonly id: string
}
type Time = 'created_at' | 'updated_at'
type Condition = readonly [text: string, ...values: Value[]]

/** The entries of an index that begin alike, in the order of a time. */
interface Range {
  readonly index: string
  readonly alike: readonly Condition[]
  readonly time: Time
  readonly low: Place
  readonly high: Place
  /** What not every entry keeps: told by the index alone, but read entry by entry. */
  readonly beside: readonly Condition[]
}

/**
 * What a record is looked up by. Open records have an index of their own, so that what is still
 * written to is among few. A reference may be that of half of all records, so among settled ones
 * store and status go before the time; an order and a batch have few.
 */
const SUBJECTS = { orderId: 'order_id', batchId: 'batch', reference: 'reference' } as const
interface Subject {
  readonly column: (typeof SUBJECTS)[keyof typeof SUBJECTS]
  readonly value: string
}
const SETTLED = { order_id: 'by_order', batch: 'by_batch', reference: 'by_reference' } as const
const OPEN = {
  order_id: 'by_open_order',
  batch: 'by_open_batch',
  reference: 'by_open_reference',
} as const
type Half = typeof SETTLED | typeof OPEN
const isHalf = (half: Half): string =>
  half === OPEN ? 'settled_at is null' : 'settled_at is not null'

/**
 * As in `by_oddity`: last written before it was made, or more than a day after. Of all others one
 * time tells of the other.
 */
const LATE_MS = 86_400_000
const ODD = `updated_at not between created_at and created_at + ${LATE_MS}`

/** Statements, or entries read one by one, after which others get their turn. */
const PORTION = 3_000
/** How many entries of a subject are counted to find the one with fewer. */
const ENOUGH = 500

const when = (condition: boolean, ...conditions: Condition[]): Condition[] =>
  condition ? conditions : []
const textOf = (conditions: readonly Condition[]): string =>
  conditions.map(([text]) => text).join(' and ')
const where = (conditions: readonly Condition[]): string =>
  conditions.length === 0 ? '' : `where ${textOf(conditions)}`
const valuesOf = (conditions: readonly Condition[]): Value[] =>
  conditions.flatMap(([, ...values]) => values)

const compare = (a: Place, b: Place): number =>
  a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
/** Places before and after every entry of a time. */
const before = (at: number): Place => ({ at, id: '' })
const beyond = (at: number): Place => ({ at, id: '\u{10ffff}' })
const later = (...places: readonly (Place | undefined)[]): Place =>
  places.reduce<Place>(
    (one, other) => (other && compare(other, one) > 0 ? other : one),
    before(-8.64e15),
  )
const earlier = (...places: readonly (Place | undefined)[]): Place =>
  places.reduce<Place>(
    (one, other) => (other && compare(other, one) < 0 ? other : one),
    before(8.64e15),
  )

/** The rarest first: its entries are read, and asked whether they have the others too. */
const subjectsOf = (sql: Sql, query: Query): Subject[] => {
  const found = (Object.keys(SUBJECTS) as (keyof typeof SUBJECTS)[]).flatMap((name): Subject[] => {
    const value = query[name]
    return value === undefined ? [] : [{ column: SUBJECTS[name], value }]
  })
  if (found.length < 2) return found
  const countOf = ({ column, value }: Subject, half: Half) =>
    Number(
      sql.all(
        `select count(*) as count from (select 1 from cancellations indexed by ${half[column]} ` +
          `where ${column} = ? and ${isHalf(half)} limit ${ENOUGH})`,
        value,
      )[0]?.['count'],
    )
  return found
    .map((subject) => ({ subject, size: countOf(subject, OPEN) + countOf(subject, SETTLED) }))
    .sort((a, b) => a.size - b.size)
    .map(({ subject }) => subject)
}

/** That an entry of one subject has another one too. */
const alsoOf = (half: Half, others: readonly Subject[]): Condition[] =>
  others.map(({ column, value }) => [
    `exists (select 1 from cancellations also indexed by ${half[column]} where also.${column} = ? and also.${isHalf(half)} and also.created_at = one.created_at and also.id = one.id
    ${half[column] === 'by_reference' ? 'and also.store = one.store and also.status = one.status' : ''})`,
    value,
  ])

/** Walks from store to store along an index, however many records each has. */
const storesIn = (sql: Sql, index: string, alike: readonly Condition[]): string[] => {
  const next = [...alike, ['store > found.store']] as Condition[]
  return sql
    .all(
      `with recursive found(store) as (select min(store) from cancellations indexed by ${index} ${where(alike)}
     union all select (select min(store) from cancellations indexed by ${index} ${where(next)}) from found where found.store is not null)
     select store from found where store is not null`,
      ...valuesOf(alike),
      ...valuesOf(next),
    )
    .map((row) => row['store'] as string)
}

/** The ranges that hold a query's records between them, each record in one. */
const rangesOf = (sql: Sql, query: Query): Range[] => {
  const { stores, status, createdAfter, createdBefore, updatedAfter, order, after } = query
  if (stores?.length === 0) return []
  const isByUpdate = updatedAfter !== undefined
  const [from, to] = order === 'asc' ? [after, undefined] : [undefined, after]
  const [low, high] = [
    createdAfter === undefined ? undefined : beyond(createdAfter),
    createdBefore === undefined ? undefined : before(createdBefore),
  ]
  const [subject, ...others] = subjectsOf(sql, query)

  const sorted: Condition[] = [
    ...when(stores !== null, ['store in (select value from json_each(?))', JSON.stringify(stores)]),
    ...when(status !== undefined, ['status = ?', status as string]),
  ]
  const dated: Condition[] = [
    ...when(createdAfter !== undefined, ['created_at > ?', createdAfter as number]),
    ...when(createdBefore !== undefined, ['created_at < ?', createdBefore as number]),
  ]
  const isOdd: Condition[] = when(isByUpdate && dated.length > 0, [ODD])
  const even = when(isOdd.length > 0, ...dated, [`not (${ODD})`])

  const made = isByUpdate
    ? { low: later(low), high: earlier(high) }
    : { low: later(low, from), high: earlier(high, to) }
  const updated: Condition[] = isByUpdate
    ? [
        ['updated_at > ?', updatedAfter],
        ...when(after !== undefined, [
          `(updated_at, id) ${order === 'asc' ? '>' : '<'} (?, ?)`,
          after?.at ?? 0,
          after?.id ?? '',
        ]),
      ]
    : []
  const few = ({ column, value }: Subject, half: Half, beside: readonly Condition[]): Range => ({
    index: half[column],
    alike: [[isHalf(half)], [`${column} = ?`, value]],
    time: 'created_at',
    ...made,
    beside: [...alsoOf(half, others), ...sorted, ...updated, ...beside],
  })
  if (subject && subject.column !== 'reference')
    return [few(subject, OPEN, []), few(subject, SETTLED, [])]

  const bounds = isByUpdate
    ? ({
        time: 'updated_at',
        low: later(beyond(updatedAfter), low, from),
        high: earlier(high && before(high.at + LATE_MS), to),
      } as const)
    : ({ time: 'created_at', ...made } as const)
  const odd = isOdd.map((one): Range => ({
    index: 'by_oddity',
    alike: [one],
    time: 'updated_at',
    low: later(bounds.time === 'updated_at' ? beyond(updatedAfter as number) : undefined, from),
    high: earlier(to),
    beside: [
      ...dated,
      ...sorted,
      ...when(subject !== undefined, ['reference = ?', subject?.value ?? '']),
      ...others.map(({ column, value }): Condition => [`${column} = ?`, value]),
    ],
  }))
  if (!subject && sorted.length === 0)
    return [
      { index: isByUpdate ? 'by_update' : 'by_creation', alike: [], ...bounds, beside: even },
      ...odd,
    ]

  const index = `${subject ? 'by_reference' : 'by_store'}${isByUpdate ? '_update' : ''}`
  const alike: Condition[] = subject ? [[isHalf(SETTLED)], ['reference = ?', subject.value]] : []
  const among = stores && new Set(stores)
  const meant =
    among && !subject
      ? [...among]
      : storesIn(sql, index, alike).filter((store) => among?.has(store) ?? true)
  const ranges = meant.flatMap((store) =>
    (status === undefined ? STATUSES : [status]).map((one): Range => ({
      index,
      alike: [...alike, ['store = ?', store], ['status = ?', one]],
      ...bounds,
      beside: [...alsoOf(SETTLED, others), ...even],
    })),
  )
  return [...(subject ? [few(subject, OPEN, even)] : []), ...ranges, ...odd]
}

/**
 * The ids of a page. Each step is short; between two of them others may be served, and then what
 * they write may be in the page or not.
 */
export function* find(sql: Sql, query: Query): Generator<void, string[]> {
  const { order, limit } = query
  const at = query.updatedAfter === undefined ? 'created_at' : 'updated_at'
  const inOrder = (a: Place, b: Place) => (order === 'asc' ? compare(a, b) : compare(b, a))

  let spent = 0
  function* turn(cost: number): Generator<void> {
    spent += cost
    if (spent < PORTION) return
    spent = 0
    yield
  }

  const partOf = (
    { index, alike, time, low, high }: Range,
    columns: string,
    ...conditions: Condition[]
  ): Condition => {
    const all: Condition[] = [
      ...alike,
      [`(${time}, id) > (?, ?)`, low.at, low.id],
      [`(${time}, id) < (?, ?)`, high.at, high.id],
      ...conditions,
    ]
    return [
      `select ${columns} from cancellations one indexed by ${index} ${where(all)} order by ` +
        `${time} ${order}, id ${order}`,
      ...valuesOf(all),
    ]
  }
  const places = ([text, ...values]: Condition, ...more: Value[]) =>
    sql.all(text, ...values, ...more) as unknown as Place[]
  /** The entry so far on, whatever is asked beside. */
  const entry = (range: Range, far: number): Place | undefined => {
    const [text, ...values] = partOf(range, `${range.time} as at, id`)
    return places([`${text} limit 1 offset ?`, ...values], far)[0]
  }
  /** What remains of a range beyond a place, or before it. */
  const after = (range: Range, place: Place): Range =>
    order === 'asc' ? { ...range, low: place } : { ...range, high: place }
  const until = (range: Range, place: Place): Range =>
    order === 'asc' ? { ...range, high: place } : { ...range, low: place }

  /** The best of a range. */
  function* read(range: Range): Generator<void, Place[]> {
    const [isInOrder, found] = [range.time === at, [] as Place[]]
    if (isInOrder && range.beside.length === 0) {
      const [text, ...values] = partOf(range, `${at} as at, id`)
      yield* turn(limit)
      return places([`${text} limit ?`, ...values], limit)
    }
    const enough = isInOrder ? limit : Infinity
    for (
      let left: Range | undefined = range, most = limit + 1;
      left && found.length < enough;
      most = Math.min(4 * most, PORTION)
    ) {
      const [text, ...values] = partOf(
        left,
        `${at} as at, id, ${textOf(range.beside) || 'true'} as kept`,
      )
      const best = isInOrder ? '' : `order by at ${order}, id ${order}`
      found.push(
        ...places(
          [
            `select at, id from (${text} limit ?) where kept ${best} limit ?`,
            ...valuesOf(range.beside),
            ...values,
          ],
          most,
          limit,
        ),
      )
      const end = entry(left, most - 1)
      left = end && after(left, end)
      yield* turn(most)
    }
    return found
  }

  const heads: { readonly range: Range; readonly head: Place | undefined }[] = []
  for (const range of rangesOf(sql, query)) {
    const head = entry(range, 0)
    // Of what is not in the list's order the first entry tells nothing.
    if (head) heads.push({ range, head: range.time === at ? head : undefined })
    yield* turn(1)
  }
  heads.sort((a, b) =>
    a.head && b.head
      ? inOrder(a.head, b.head)
      : Number(a.head !== undefined) - Number(b.head !== undefined),
  )
  let found: Place[] = []
  for (const { range, head } of heads) {
    const worst = found.length < limit ? undefined : found.at(-1)
    if (worst && head && inOrder(head, worst) > 0) break
    found = [...found, ...(yield* read(worst && head ? until(range, worst) : range))]
      .sort(inOrder)
      .slice(0, limit)
  }
  return found.map(({ id }) => id)
}
