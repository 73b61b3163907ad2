/** Records as the Redis ledger's scripts take them and give them back. */
import { awaitsApproval } from '../../model/approval.ts'
import { type Cancellation, dayOf, isAtRest } from '../../model/cancellation.ts'
import { doubtSince, guardOf, guardsOf, parseRecord, stands } from '../rules.ts'

export type Found = readonly [body: string, wake: string]

export const toRecord = ([body, wake]: Found): Cancellation =>
  parseRecord(body, { wakeAt: wake === '' ? null : Number(wake) })

/** A value as scripts take it: empty where there is none. */
export const text = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : String(value)

/** The lists that a record is on; the first word of each says which kind, so that no two meet. */
export const list = {
  store: (id: string) => `store:${id}`,
  order: (id: string) => `order:${id}`,
  status: (word: string) => `status:${word}`,
  reference: (words: string) => `reference:${words}`,
  batch: (id: string) => `batch:${id}`,
  origin: (word: string) => `origin:${word}`,
  link: (name: string) => `link:${name}`,
  reopened: 'reopened',
  awaited: 'awaited',
}

/** A record as the scripts take it: what they decide by, and how it is filed. */
export const toFields = (record: Cancellation): string[] => {
  const { id, version, status, request, batchId, origin, link, reopenedAt } = record
  const { createdAt, updatedAt, settledAt, wakeAt } = record
  const { store, orderId, reference, notify, message, restock, refund = null } = request
  const doubt = doubtSince(record)
  const lists = [
    'all',
    list.store(store),
    list.order(orderId),
    list.status(status),
    ...(reference === null ? [] : [list.reference(reference)]),
    ...(batchId === null ? [] : [list.batch(batchId)]),
    ...(origin === undefined ? [] : [list.origin(origin)]),
    ...(link === undefined ? [] : [list.link(link)]),
    ...(reopenedAt === undefined ? [] : [list.reopened]),
    ...(awaitsApproval(record) ? [list.awaited] : []),
  ]
  return [
    id,
    String(version),
    JSON.stringify(record),
    status,
    // What was written down before there was the last wish stays the same.
    JSON.stringify([notify, message, restock, ...(refund === null ? [] : [refund])]),
    text(wakeAt),
    JSON.stringify({
      lists,
      store,
      // Left out of what was written before there were counts: it counts once it is written anew.
      day: String(dayOf(createdAt)),
      tallied: `${status} ${store}`,
      guard: guardOf(record),
      stands: stands(record),
      ...(origin === 'platform' && { heldTo: guardsOf(record) }),
      created: String(createdAt),
      updated: String(updatedAt),
      ...(settledAt !== null && { settled: String(settledAt) }),
      ...(wakeAt !== null && { wake: String(wakeAt) }),
      ...(doubt !== null && { doubt: String(doubt) }),
    }),
  ]
}

/** Whether a record is at rest, as scripts take it. */
export const restFlag = (record: Cancellation): '1' | '0' => (isAtRest(record.status) ? '1' : '0')
