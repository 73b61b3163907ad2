/** Turns the filters of a list into ranges of indexes, which hold its records between them. */
import { ORIGINS, STATUSES } from '../../model/cancellation.ts'
import type { Place, Query } from '../port.ts'
import { comparePlaces } from '../rules.ts'
import { type Condition, valuesOf, when, where } from './conditions.ts'
import type { Sql } from './database.ts'

export type Time = 'created_at' | 'updated_at'

/** The entries of an index that share a prefix, in the order of a time, between two places. */
export interface Range {
  readonly index: string
  readonly prefix: readonly Condition[]
  readonly time: Time
  readonly low: Place
  readonly high: Place
  /** What not every entry meets: the index alone shows it, but entry by entry. */
  readonly filter: readonly Condition[]
}

/**
 * What a record is looked up by. Open records have an index of their own, so that what is still
 * written to is among few. A reference or an origin may be that of half of all records, so among
 * settled ones store and status go before the time; an order, a batch and a link have few.
 */
const SUBJECTS = {
  orderId: 'order_id',
  batchId: 'batch',
  link: 'link',
  reference: 'reference',
  origin: 'origin',
} as const
interface Subject {
  readonly column: (typeof SUBJECTS)[keyof typeof SUBJECTS]
  readonly value: string
}
const SETTLED = {
  order_id: 'by_order',
  batch: 'by_batch',
  link: 'by_link',
  reference: 'by_reference',
  origin: 'by_origin',
} as const
const OPEN = {
  order_id: 'by_open_order',
  batch: 'by_open_batch',
  link: 'by_open_link',
  reference: 'by_open_reference',
  origin: 'by_open_origin',
} as const
const isOfMany = ({ column }: Pick<Subject, 'column'>): boolean =>
  column === 'reference' || column === 'origin'
type Half = typeof SETTLED | typeof OPEN
const isHalf = (half: Half): string =>
  half === OPEN ? 'settled_at is null' : 'settled_at is not null'

/**
 * Records whose one time does not bound the other, as in the index `by_oddity`: last written
 * before they were made (by another clock), or more than a day after.
 */
const LATE_MS = 86_400_000
const IS_ODD = `updated_at not between created_at and created_at + ${LATE_MS}`

/** Origins that are looked up. */
const OTHERS = ORIGINS.filter((origin) => origin !== 'caller')

/** How many entries of a subject are counted to find the one with fewer. */
const ENOUGH = 500

/** Places before and after every entry of a time. */
const before = (at: number): Place => ({ at, id: '' })
const beyond = (at: number): Place => ({ at, id: '\u{10ffff}' })
/** The first and the last time of ECMAScript. */
const FIRST = before(-8.64e15)
const LAST = before(8.64e15)

const latest = (...places: readonly (Place | undefined)[]): Place =>
  places.reduce<Place>(
    (one, other) => (other && comparePlaces(other, one) > 0 ? other : one),
    FIRST,
  )
const earliest = (...places: readonly (Place | undefined)[]): Place =>
  places.reduce<Place>((one, other) => (other && comparePlaces(other, one) < 0 ? other : one), LAST)

const isByUpdate = ({ updatedAfter }: Query): boolean => updatedAfter !== undefined

/** Between which places a query's cursor leaves the rest of its list. */
const cursorOf = ({ order, after }: Query): { from: Place | undefined; to: Place | undefined } =>
  order === 'asc' ? { from: after, to: undefined } : { from: undefined, to: after }

/** Between which places the creation of a query's records lies. */
const createdBetween = ({ createdAfter, createdBefore }: Query) => ({
  low: createdAfter === undefined ? undefined : beyond(createdAfter),
  high: createdBefore === undefined ? undefined : before(createdBefore),
})

const isCreated = ({ createdAfter, createdBefore }: Query): Condition[] => [
  ...when(createdAfter !== undefined, ['created_at > ?', createdAfter as number]),
  ...when(createdBefore !== undefined, ['created_at < ?', createdBefore as number]),
]

const isUpdated = ({ updatedAfter, order, after }: Query): Condition[] =>
  updatedAfter === undefined
    ? []
    : [
        ['updated_at > ?', updatedAfter],
        ...when(after !== undefined, [
          `(updated_at, id) ${order === 'asc' ? '>' : '<'} (?, ?)`,
          after?.at ?? 0,
          after?.id ?? '',
        ]),
      ]

const hasStoreAndStatus = ({ stores, status }: Query): Condition[] => [
  ...when(stores !== null, ['store in (select value from json_each(?))', JSON.stringify(stores)]),
  ...when(status !== undefined, ['status = ?', status as string]),
]

/** Whether both times are asked for, so that those of odd times are in a range of their own. */
const isByBothTimes = (query: Query): boolean => isByUpdate(query) && isCreated(query).length > 0
const isEven = (query: Query): Condition[] =>
  when(isByBothTimes(query), ...isCreated(query), [`not (${IS_ODD})`])

/** That of a caller is no origin to look up: most records have it. */
const isByCaller = ({ origin }: Query): boolean => origin === 'caller'

/** The subjects of a query, the rarest first: its entries are read, and asked for the others. */
const subjectsOf = (sql: Sql, query: Query): Subject[] => {
  const found = (Object.keys(SUBJECTS) as (keyof typeof SUBJECTS)[]).flatMap((name): Subject[] => {
    const value = query[name]
    return value === undefined || (name === 'origin' && isByCaller(query))
      ? []
      : [{ column: SUBJECTS[name], value }]
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

/** That the record of an entry is also in another index, by what it has there. */
const isIn = (half: Half, column: Subject['column'], has: string): string => {
  const isSorted = 'and also.store = one.store and also.status = one.status'
  return `exists (
    select 1 from cancellations also indexed by ${half[column]}
    where also.${column} ${has} and also.${isHalf(half)}
      and also.created_at = one.created_at and also.id = one.id
      ${half === SETTLED && isOfMany({ column }) ? isSorted : ''})`
}

/** That an entry of one subject has the others too. */
const isAlsoOf = (half: Half, others: readonly Subject[]): Condition[] =>
  others.map(({ column, value }) => [isIn(half, column, '= ?'), value])

/** That an entry is of a caller, where that is asked for. */
const isOfCaller = (query: Query, ...halves: readonly Half[]): Condition[] =>
  when(
    isByCaller(query),
    ...halves.map((half): Condition => [
      `not ${isIn(half, 'origin', `in (${OTHERS.map((origin) => `'${origin}'`).join(', ')})`)}`,
    ]),
  )

/** Walks from store to store along an index, however many records each has. */
const storesIn = (sql: Sql, index: string, prefix: readonly Condition[]): string[] => {
  const next: Condition[] = [...prefix, ['store > found.store']]
  return sql
    .all(
      `with recursive found(store) as (
        select min(store) from cancellations indexed by ${index} ${where(prefix)}
        union all
        select (select min(store) from cancellations indexed by ${index} ${where(next)})
        from found where found.store is not null)
      select store from found where store is not null`,
      ...valuesOf(prefix),
      ...valuesOf(next),
    )
    .map((row) => row['store'] as string)
}

/** The entries of a subject of which there are few, in the order of their creation. */
const rangeOf = (
  query: Query,
  { column, value }: Subject,
  half: Half,
  others: readonly Subject[],
  filter: readonly Condition[],
): Range => {
  const { low, high } = createdBetween(query)
  const { from, to } = isByUpdate(query) ? { from: undefined, to: undefined } : cursorOf(query)
  return {
    index: half[column],
    prefix: [[isHalf(half)], [`${column} = ?`, value]],
    time: 'created_at',
    low: latest(low, from),
    high: earliest(high, to),
    filter: [
      ...isAlsoOf(half, others),
      ...hasStoreAndStatus(query),
      ...isUpdated(query),
      ...isOfCaller(query, half),
      ...filter,
    ],
  }
}

/** Records of a kind of which there are few, so each is asked for everything else. */
const rareRangeOf = (query: Query, { index, prefix }: Pick<Range, 'index' | 'prefix'>): Range => {
  const { low, high } = createdBetween(query)
  const { from, to } = isByUpdate(query) ? { from: undefined, to: undefined } : cursorOf(query)
  const subjects = (Object.keys(SUBJECTS) as (keyof typeof SUBJECTS)[]).filter(
    (name) => query[name] !== undefined && !(name === 'origin' && isByCaller(query)),
  )
  return {
    index,
    prefix,
    time: 'created_at',
    low: latest(low, from),
    high: earliest(high, to),
    filter: [
      ...subjects.map((name): Condition => [`${SUBJECTS[name]} = ?`, query[name] as string]),
      ...hasStoreAndStatus(query),
      ...isUpdated(query),
      ...when(isByCaller(query), ['origin is null']),
    ],
  }
}

const REOPENED = { index: 'by_reopening', prefix: [['reopened_at is not null']] } as const
const AWAITED = { index: 'by_approval', prefix: [['approval is not null']] } as const

/** In the order of the list, between which places its records lie, but for those of odd times. */
const boundsOf = (query: Query): Pick<Range, 'time' | 'low' | 'high'> => {
  const { low, high } = createdBetween(query)
  const { from, to } = cursorOf(query)
  if (query.updatedAfter === undefined)
    return { time: 'created_at', low: latest(low, from), high: earliest(high, to) }
  return {
    time: 'updated_at',
    low: latest(beyond(query.updatedAfter), low, from),
    high: earliest(high && before(high.at + LATE_MS), to),
  }
}

/** The records of odd times, where both times are asked for. */
const oddRangesOf = (query: Query, subjects: readonly Subject[]): Range[] => {
  const { updatedAfter } = query
  if (updatedAfter === undefined || !isByBothTimes(query)) return []
  const { from, to } = cursorOf(query)
  return [
    {
      index: 'by_oddity',
      prefix: [[IS_ODD]],
      time: 'updated_at',
      low: latest(beyond(updatedAfter), from),
      high: earliest(to),
      filter: [
        ...isCreated(query),
        ...hasStoreAndStatus(query),
        ...subjects.map(({ column, value }): Condition => [`${column} = ?`, value]),
        ...when(isByCaller(query), ['origin is null']),
      ],
    },
  ]
}

/** A range for each store and status that may be meant, of everything or of a subject of many. */
const rangesByStore = (
  sql: Sql,
  query: Query,
  subject: Subject | undefined,
  others: readonly Subject[],
): Range[] => {
  const base = subject ? SETTLED[subject.column] : 'by_store'
  const index = `${base}${isByUpdate(query) ? '_update' : ''}`
  const prefix: Condition[] = subject
    ? [[isHalf(SETTLED)], [`${subject.column} = ?`, subject.value]]
    : []
  const asked = query.stores && new Set(query.stores)
  const stores =
    asked && !subject
      ? [...asked]
      : storesIn(sql, index, prefix).filter((store) => asked?.has(store) ?? true)
  const statuses = query.status === undefined ? STATUSES : [query.status]
  const halves = subject ? [SETTLED] : [OPEN, SETTLED]
  const rest = {
    ...boundsOf(query),
    filter: [...isAlsoOf(SETTLED, others), ...isEven(query), ...isOfCaller(query, ...halves)],
  }
  return stores.flatMap((store) =>
    statuses.map((status): Range => ({
      index,
      prefix: [...prefix, ['store = ?', store], ['status = ?', status]],
      ...rest,
    })),
  )
}

/** The ranges that hold a query's records between them, each record in one. */
export const rangesOf = (sql: Sql, query: Query): Range[] => {
  if (query.stores?.length === 0) return []
  // What waits was not canceled yet.
  if (query.reopened && query.approval) return []
  if (query.reopened) return [rareRangeOf(query, REOPENED)]
  if (query.approval) return [rareRangeOf(query, AWAITED)]
  const [subject, ...others] = subjectsOf(sql, query)
  if (subject && !isOfMany(subject))
    return [OPEN, SETTLED].map((half) => rangeOf(query, subject, half, others, []))
  const odd = oddRangesOf(query, subject ? [subject, ...others] : [])
  // Whose an entry is shows only where its store and status do.
  if (!subject && query.stores === null && query.status === undefined && !isByCaller(query)) {
    const index = isByUpdate(query) ? 'by_update' : 'by_creation'
    return [{ index, prefix: [], ...boundsOf(query), filter: isEven(query) }, ...odd]
  }
  return [
    ...(subject ? [rangeOf(query, subject, OPEN, others, isEven(query))] : []),
    ...rangesByStore(sql, query, subject, others),
    ...odd,
  ]
}
