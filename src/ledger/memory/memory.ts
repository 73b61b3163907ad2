/** A ledger in memory: for tests and trials. It forgets everything when the process ends. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { FullLedger } from '../rules.ts'
import {
  BUSY_RETRY_MS,
  doubtSince,
  guard,
  guardOf,
  KEY_LIFE_MS,
  type Lease,
  openPace,
  RECORD_LIFE_MS,
  scopeOf,
} from '../port.ts'
import { openMemoryBatches } from './batches.ts'

export const openMemoryLedger = (now: () => number = Date.now): FullLedger => {
  const batches = openMemoryBatches(now)
  const records = new Map<string, Cancellation>()
  const guards = new Map<string, string[]>()
  const keys = new Map<string, { id: string; fingerprint: string; expiresAt: number }>()
  const leases = new Map<string, Lease>()
  const accounts = new Map<string, string>()
  let epoch = 0

  const known = (id: string) => records.get(id) as Cancellation
  const earlier = (record: Cancellation) => (guards.get(guardOf(record)) ?? []).map(known)
  const holds = (lease: Lease) => leases.get(lease.key)?.epoch === lease.epoch

  return {
    batches,
    async claim(draft, key) {
      const scope = key && scopeOf(key, draft)
      const used = scope === null ? undefined : keys.get(scope)
      const bound = used && used.expiresAt > now() ? records.get(used.id) : undefined
      if (key && used && bound)
        return {
          outcome: used.fingerprint === key.fingerprint ? 'replayed' : 'key_reused',
          record: bound,
        }
      const verdict = guard(draft, earlier(draft)) ?? { outcome: 'created', record: draft }
      if (verdict.outcome === 'created') {
        if (records.has(draft.id)) throw new Error('the id of the draft is taken')
        records.set(draft.id, draft)
        guards.set(guardOf(draft), [...(guards.get(guardOf(draft)) ?? []), draft.id])
      }
      if (
        key &&
        scope !== null &&
        (verdict.outcome === 'created' || verdict.outcome === 'deduplicated')
      ) {
        keys.set(scope, {
          id: verdict.record.id,
          fingerprint: key.fingerprint,
          expiresAt: now() + KEY_LIFE_MS,
        })
      }
      return verdict
    },
    async get(id) {
      return records.get(id) ?? null
    },
    async save(next, lease, keepUntil) {
      const current = records.get(next.id)
      if (current?.version !== next.version || (lease && !holds(lease))) return null
      if (current.status === 'rejected' && guard(next, earlier(next)) !== null) return null
      const saved = { ...next, version: next.version + 1 }
      records.set(saved.id, saved)
      if (lease) {
        if (keepUntil === undefined) leases.delete(lease.key)
        else leases.set(lease.key, { ...lease, until: keepUntil })
      }
      return saved
    },
    async lease(record, lockKey, ttlMs) {
      const current = records.get(record.id)
      if (current?.version !== record.version) return 'stale'
      const held = leases.get(lockKey)
      if (held && held.until > now()) {
        records.set(record.id, { ...current, wakeAt: Math.min(held.until, now() + BUSY_RETRY_MS) })
        return 'busy'
      }
      const lease = { key: lockKey, epoch: ++epoch, until: now() + ttlMs }
      leases.set(lockKey, lease)
      records.set(record.id, { ...current, wakeAt: lease.until })
      return lease
    },
    async release(lease) {
      if (holds(lease)) leases.delete(lease.key)
    },
    async due(stores, each) {
      const waiting = [...records.values()]
        .filter(({ wakeAt }) => wakeAt !== null && wakeAt <= now())
        .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0))
      return stores.flatMap((store) =>
        waiting.filter(({ request }) => request.store === store).slice(0, each),
      )
    },
    async strays(stores, most) {
      return [...records.values()]
        .filter(
          ({ wakeAt, request }) =>
            wakeAt !== null && wakeAt <= now() && !stores.includes(request.store),
        )
        .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0))
        .slice(0, most)
    },
    async bind(store, account) {
      if (!accounts.has(store)) accounts.set(store, account)
      return accounts.get(store) as string
    },
    async bindings() {
      return new Map(accounts)
    },
    reserve: openPace(now),
    async list({
      stores,
      orderId,
      status,
      reference,
      batchId,
      createdAfter,
      createdBefore,
      updatedAfter,
      order,
      limit,
      after,
    }) {
      const at = (record: Cancellation) =>
        updatedAfter === undefined ? record.createdAt : record.updatedAt
      const sign = order === 'asc' ? 1 : -1
      const compare = (a: { at: number; id: string }, b: { at: number; id: string }) =>
        sign * (a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
      return [...records.values()]
        .filter(
          (record) =>
            (stores === null || stores.includes(record.request.store)) &&
            (orderId === undefined || record.request.orderId === orderId) &&
            (status === undefined || record.status === status) &&
            (reference === undefined || record.request.reference === reference) &&
            (batchId === undefined || record.batchId === batchId) &&
            (createdAfter === undefined || record.createdAt > createdAfter) &&
            (createdBefore === undefined || record.createdAt < createdBefore) &&
            (updatedAfter === undefined || record.updatedAt > updatedAfter) &&
            (after === undefined || compare({ at: at(record), id: record.id }, after) > 0),
        )
        .sort((a, b) => compare({ at: at(a), id: a.id }, { at: at(b), id: b.id }))
        .slice(0, limit)
    },
    async figures(stores) {
      const all = [...records.values()]
      const count = (status: Cancellation['status']) =>
        all.filter((record) => record.status === status).length
      const first = (times: readonly (number | null)[]) =>
        times.reduce(
          (least, at) => (at !== null && (least === null || at < least) ? at : least),
          null,
        )
      return {
        counts: {
          accepted: count('accepted'),
          sending: count('sending'),
          in_doubt: count('in_doubt'),
          needs_attention: count('needs_attention'),
        },
        oldestDoubtAt: first(all.map(doubtSince)),
        oldestAttentionAt: first(
          all.map(({ status, updatedAt }) => (status === 'needs_attention' ? updatedAt : null)),
        ),
        nextDueAt: stores.map((store) =>
          first(all.flatMap(({ request, wakeAt }) => (request.store === store ? [wakeAt] : []))),
        ),
      }
    },
    async sweep() {
      await batches.sweep()
      for (const [scope, { expiresAt }] of keys) if (expiresAt <= now()) keys.delete(scope)
      for (const [key, { until }] of leases) if (until <= now()) leases.delete(key)
      for (const record of records.values()) {
        if (record.settledAt === null || record.settledAt + RECORD_LIFE_MS > now()) continue
        records.delete(record.id)
        const left = (guards.get(guardOf(record)) ?? []).filter((id) => id !== record.id)
        if (left.length > 0) guards.set(guardOf(record), left)
        else guards.delete(guardOf(record))
      }
    },
    async ready() {},
    async close() {},
  }
}
