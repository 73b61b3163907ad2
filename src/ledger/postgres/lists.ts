/** Lists and figures in PostgreSQL. */
import { type Cancellation, DAY_MS, type DayCount, STATUSES } from '../../model/cancellation.ts'
import type { Status } from '../../model/cancellation.ts'
import type { Figures, Query } from '../port.ts'
import { type Condition, type PostgresDeps, valuesOf, when, where } from './deps.ts'
import { COLUMNS, toRecord } from './records.ts'
import type { Value } from './work.ts'

/** What a record is looked up by, where few have it: everything else is asked of those. */
const isOfFew = ({ orderId, batchId, link, reference, reopened, approval }: Query): boolean =>
  [orderId, batchId, link, reference, reopened, approval].some((one) => one !== undefined)

const conditionsOf = (query: Query, time: string): Condition[] => {
  const { orderId, reference, batchId, origin, link, after, order } = query
  const { createdAfter, createdBefore, updatedAfter } = query
  const equal = (column: string, value: string | undefined): Condition[] =>
    when(value !== undefined, [`${column} = ?`, value as string])
  const beyond = (column: string, sign: string, value: number | undefined): Condition[] =>
    when(value !== undefined, [`${column} ${sign} ?`, value as number])
  return [
    ...equal('order_id', orderId),
    ...equal('reference', reference),
    ...equal('batch', batchId),
    ...equal('link', link),
    ...(origin === 'caller' ? [['origin is null'] as Condition] : equal('origin', origin)),
    ...when(query.reopened === true, ['reopened_at is not null']),
    ...when(query.approval === 'awaited', ['approval is not null']),
    ...beyond('created_at', '>', createdAfter),
    ...beyond('created_at', '<', createdBefore),
    ...beyond('updated_at', '>', updatedAfter),
    ...when(after !== undefined, [
      `(${time}, id) ${order === 'asc' ? '>' : '<'} (?, ?)`,
      after?.at ?? 0,
      after?.id ?? '',
    ]),
  ]
}

/**
 * Reads a page. Of stores it is what comes first of the pages of each store and status, so that a
 * store with few among many costs a few steps along an index.
 */
export const listRecords = async (
  { read }: PostgresDeps,
  query: Query,
): Promise<Cancellation[]> => {
  const { stores, status, order, limit, updatedAfter } = query
  const time = updatedAfter === undefined ? 'created_at' : 'updated_at'
  const inOrder = `order by ${time} ${order}, id ${order} limit ?`
  const asked = conditionsOf(query, time)
  const page = (conditions: readonly Condition[], from = '@cancellations') =>
    `select ${COLUMNS}, ${time}, id from ${from} ${where(conditions)} ${inOrder}`
  const names = stores && [...new Set(stores)]
  let found
  if (names === null || isOfFew(query)) {
    const all: Condition[] = [
      ...asked,
      ...when(names !== null, ['store = any(?::text[])', names ?? []]),
      ...when(status !== undefined, ['status = ?', status as string]),
    ]
    found = await read(page(all), ...valuesOf(all), limit)
  } else {
    const each: Condition[] = [['store = asked.store and status = asked.status'], ...asked]
    const values: Value[] = [names, status === undefined ? STATUSES : [status]]
    const pages = `unnest(?::text[]) as stores(store) cross join unnest(?::text[]) as
      statuses(status) cross join lateral (select store, status) as asked cross join lateral
      (${page(each)}) as found`
    found = await read(page([], pages), ...values, ...valuesOf(each), limit, limit)
  }
  return found.map(toRecord)
}

export const figuresOf = async (
  { read }: PostgresDeps,
  stores: readonly string[],
): Promise<Figures> => {
  const [open, [rest], due] = await Promise.all([
    read(
      'select status, count(*)::int as count, min(updated_at) as first from @cancellations ' +
        'where settled_at is null group by status',
    ),
    read(
      'select (select min(doubt_since) from @cancellations where doubt_since is not null) as ' +
        'doubt, (select count(*)::int from @cancellations where approval is not null) as awaiting',
    ),
    read(
      'select (select min(wake_at) from @cancellations where store = asked.store and wake_at is ' +
        'not null) as at from unnest(?::text[]) with ordinality as asked(store, number) order by ' +
        'number',
      stores,
    ),
  ])
  const of = (status: Status) => open.find((row) => row['status'] === status)
  const count = (status: Status) => Number(of(status)?.['count'] ?? 0)
  return {
    counts: {
      accepted: count('accepted'),
      sending: count('sending'),
      in_doubt: count('in_doubt'),
      needs_attention: count('needs_attention'),
    },
    oldestDoubtAt: (rest?.['doubt'] ?? null) as number | null,
    oldestAttentionAt: (of('needs_attention')?.['first'] ?? null) as number | null,
    awaitingApproval: Number(rest?.['awaiting']),
    nextDueAt: due.map(({ at }) => at as number | null),
  }
}

/** Counts of days, with the moves that no sweep has added up yet. */
export const countsByDayOf = async (
  { read }: PostgresDeps,
  stores: readonly string[] | null,
  from: number,
  to: number,
): Promise<DayCount[]> =>
  (
    await read(
      'select day, store, status, sum(count)::int as count from (' +
        'select day, store, status, count from @day_tallies where day between ? and ? union all ' +
        'select day, store, status, moved from @day_moves where day between ? and ?) as counts ' +
        'where ?::text[] is null or store = any(?::text[]) group by day, store, status having ' +
        'sum(count) <> 0 order by day, store, status',
      ...[0, 1].flatMap(() => [Math.floor(from / DAY_MS), Math.floor(to / DAY_MS)]),
      stores,
      stores,
    )
  ).map(
    ({ day, store, status, count }) =>
      ({ day: Number(day) * DAY_MS, store, status, count }) as DayCount,
  )
