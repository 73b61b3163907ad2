/** What is read of a ledger in memory as a whole: pages, what is due, figures. */
import { awaitsApproval } from '../../model/approval.ts'
import { type Cancellation, type DayCount, dayOf } from '../../model/cancellation.ts'
import type { Figures, Query } from '../port.ts'
import { comparePlaces, doubtSince, inOrderOf, placeOf } from '../rules.ts'

const matches = (record: Cancellation, query: Query): boolean => {
  const { stores, orderId, status, reference, batchId, origin, link, reopened, approval } = query
  const { createdAfter, createdBefore, updatedAfter } = query
  return (
    (stores === null || stores.includes(record.request.store)) &&
    (orderId === undefined || record.request.orderId === orderId) &&
    (status === undefined || record.status === status) &&
    (reference === undefined || record.request.reference === reference) &&
    (batchId === undefined || record.batchId === batchId) &&
    (origin === undefined || (record.origin ?? 'caller') === origin) &&
    (link === undefined || record.link === link) &&
    (reopened === undefined || record.reopenedAt !== undefined) &&
    (approval === undefined || awaitsApproval(record)) &&
    (createdAfter === undefined || record.createdAt > createdAfter) &&
    (createdBefore === undefined || record.createdAt < createdBefore) &&
    (updatedAfter === undefined || record.updatedAt > updatedAfter)
  )
}

const isAfterCursor = (record: Cancellation, query: Query): boolean => {
  if (query.after === undefined) return true
  const order = comparePlaces(placeOf(record, query), query.after)
  return query.order === 'asc' ? order > 0 : order < 0
}

export const pageOf = (records: readonly Cancellation[], query: Query): Cancellation[] =>
  records
    .filter((record) => matches(record, query) && isAfterCursor(record, query))
    .sort(inOrderOf(query))
    .slice(0, query.limit)

/** Those whose wake-up time has come, the longest due first. */
export const dueOf = (records: readonly Cancellation[], now: number): Cancellation[] =>
  records
    .filter(({ wakeAt }) => wakeAt !== null && wakeAt <= now)
    .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0))

const earliest = (times: readonly (number | null)[]): number | null =>
  times.reduce((least, at) => (at !== null && (least === null || at < least) ? at : least), null)

export const countsByDayOf = (
  records: readonly Cancellation[],
  stores: readonly string[] | null,
  from: number,
  to: number,
): DayCount[] => {
  const counts = new Map<string, DayCount>()
  for (const { createdAt, status, request } of records) {
    const { store } = request
    const day = dayOf(createdAt)
    if (day < dayOf(from) || day > to || !(stores?.includes(store) ?? true)) continue
    const key = JSON.stringify([day, store, status])
    counts.set(key, { day, store, status, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
}

export const figuresOf = (records: readonly Cancellation[], stores: readonly string[]): Figures => {
  const count = (status: Cancellation['status']) =>
    records.filter((record) => record.status === status).length
  return {
    counts: {
      accepted: count('accepted'),
      sending: count('sending'),
      in_doubt: count('in_doubt'),
      needs_attention: count('needs_attention'),
    },
    oldestDoubtAt: earliest(records.map(doubtSince)),
    oldestAttentionAt: earliest(
      records.map(({ status, updatedAt }) => (status === 'needs_attention' ? updatedAt : null)),
    ),
    awaitingApproval: records.filter(awaitsApproval).length,
    nextDueAt: stores.map((store) =>
      earliest(records.flatMap(({ request, wakeAt }) => (request.store === store ? [wakeAt] : []))),
    ),
  }
}
