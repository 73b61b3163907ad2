/** A ledger in memory: for tests and trials. It forgets everything when the process ends. */
import type { Noted } from '../../model/audit.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import type { Owed } from '../../model/delivery.ts'
import { openAudit, trimAudit } from '../audit.ts'
import type { FullLedger, Lease } from '../port.ts'
import { type LedgerOptions, RETENTION, type Retention } from '../retention.ts'
import {
  BUSY_RETRY_MS,
  type ClaimStore,
  claimIn,
  comparePlaces,
  guard,
  guardOf,
  guardsOf,
  openPace,
} from '../rules.ts'
import { type MemoryAudit, openMemoryAudit } from './audit.ts'
import { openMemoryBatches } from './batches.ts'
import { type MemoryDeliveries, openMemoryDeliveries } from './deliveries.ts'
import { type MemoryKeys, openMemoryKeys } from './keys.ts'
import { type MemoryLinks, openMemoryLinks } from './links.ts'
import { countsByDayOf, dueOf, figuresOf, pageOf } from './lists.ts'
import { openMemoryNotices } from './notices.ts'

interface State {
  readonly now: () => number
  readonly records: Map<string, Cancellation>
  /** The ids of each guard, as they were claimed. */
  readonly guards: Map<string, readonly string[]>
  readonly keys: MemoryKeys<Cancellation>
  /** By lock key. */
  readonly leases: Map<string, Lease>
  /** By store. */
  readonly accounts: Map<string, string>
  readonly deliveries: MemoryDeliveries
  readonly links: MemoryLinks
  readonly audit: MemoryAudit
  readonly retention: Retention
  epoch: number
}

const openState = (now: () => number, retention: Retention): State => {
  const records = new Map<string, Cancellation>()
  const deliveries = openMemoryDeliveries()
  return {
    now,
    records,
    guards: new Map(),
    retention,
    audit: openMemoryAudit(),
    keys: openMemoryKeys(now, retention, (id) => records.get(id)),
    leases: new Map(),
    accounts: new Map(),
    deliveries,
    links: openMemoryLinks(now, deliveries.owe),
    epoch: 0,
  }
}

const earlierOf = ({ guards, records }: State, record: Cancellation): Cancellation[] =>
  guardsOf(record)
    .flatMap((name) => guards.get(name) ?? [])
    .map((id) => records.get(id) as Cancellation)
    .sort((a, b) => comparePlaces({ at: a.createdAt, id: a.id }, { at: b.createdAt, id: b.id }))

const insert = ({ guards, records, links }: State, draft: Cancellation): void => {
  if (records.has(draft.id)) throw new Error('the id of the draft is taken')
  records.set(draft.id, draft)
  guards.set(guardOf(draft), [...(guards.get(guardOf(draft)) ?? []), draft.id])
  links.touch(draft.request)
}

const holds = ({ leases }: State, lease: Lease): boolean =>
  leases.get(lease.key)?.epoch === lease.epoch

const save = (
  state: State,
  next: Cancellation,
  lease?: Lease,
  keepUntil?: number,
  owed: readonly Owed[] = [],
  noted?: Noted,
): Cancellation | null => {
  const current = state.records.get(next.id)
  if (current?.version !== next.version || (lease && !holds(state, lease))) return null
  if (current.status === 'rejected' && guard(next, earlierOf(state, next)) !== null) return null
  const saved = { ...next, version: next.version + 1 }
  state.records.set(saved.id, saved)
  state.deliveries.owe(owed)
  state.audit.note(noted)
  state.links.touch(saved.request)
  if (lease) {
    if (keepUntil === undefined) state.leases.delete(lease.key)
    else state.leases.set(lease.key, { ...lease, until: keepUntil })
  }
  return saved
}

/** Who holds a lock now; nobody: undefined. */
const holderOf = ({ now, leases }: State, lockKey: string): Lease | undefined => {
  const held = leases.get(lockKey)
  return held && held.until > now() ? held : undefined
}

const give = (state: State, lockKey: string, ttlMs: number): Lease => {
  const lease = { key: lockKey, epoch: ++state.epoch, until: state.now() + ttlMs }
  state.leases.set(lockKey, lease)
  return lease
}

const takeLease = (
  state: State,
  record: Cancellation,
  lockKey: string,
  ttlMs: number,
): Lease | 'busy' | 'stale' => {
  const { now, records } = state
  const current = records.get(record.id)
  if (current?.version !== record.version) return 'stale'
  const held = holderOf(state, lockKey)
  if (held) {
    records.set(record.id, { ...current, wakeAt: Math.min(held.until, now() + BUSY_RETRY_MS) })
    return 'busy'
  }
  const lease = give(state, lockKey, ttlMs)
  records.set(record.id, { ...current, wakeAt: lease.until })
  return lease
}

const sweep = (state: State): void => {
  const { now, keys, leases, records, guards, deliveries, retention } = state
  keys.sweep()
  for (const [key, { until }] of leases) if (until <= now()) leases.delete(key)
  for (const record of records.values()) {
    if (record.settledAt === null || record.settledAt + retention.recordsMs > now()) continue
    records.delete(record.id)
    deliveries.forgetSubject(record.id)
    const others = (guards.get(guardOf(record)) ?? []).filter((id) => id !== record.id)
    if (others.length > 0) guards.set(guardOf(record), others)
    else guards.delete(guardOf(record))
  }
}

/** Of each store at most so many. */
const dueIn = (
  due: readonly Cancellation[],
  stores: readonly string[],
  each: number,
): Cancellation[] =>
  stores.flatMap((name) => due.filter(({ request }) => request.store === name).slice(0, each))

export const openMemoryLedger = (
  now: () => number = Date.now,
  { retention = RETENTION, chain }: LedgerOptions = {},
): FullLedger => {
  const state = openState(now, retention)
  const { records, leases, accounts, keys, deliveries } = state
  const batches = openMemoryBatches(now, retention, deliveries)
  const notices = openMemoryNotices(now, deliveries.owe)
  const store: ClaimStore = {
    keys,
    earlier: (draft) => earlierOf(state, draft),
    insert: (draft) => insert(state, draft),
    owe: deliveries.owe,
    note: state.audit.note,
  }
  const audit = openAudit(state.audit, chain)
  const due = () => dueOf([...records.values()], now())
  return {
    batches,
    deliveries: deliveries.ledger,
    notices,
    links: state.links.ledger,
    audit,
    claim: async (...values) => claimIn(store, ...values),
    get: async (id) => records.get(id) ?? null,
    save: async (...values) => save(state, ...values),
    lease: async (record, lockKey, ttlMs) => takeLease(state, record, lockKey, ttlMs),
    hold: async (name, ttlMs) => (holderOf(state, name) ? null : give(state, name, ttlMs)),
    async release(lease) {
      if (holds(state, lease)) leases.delete(lease.key)
    },
    due: async (stores, each) => dueIn(due(), stores, each),
    strays: async (stores, most) =>
      due()
        .filter(({ request }) => !stores.includes(request.store))
        .slice(0, most),
    async bind(name, account) {
      if (!accounts.has(name)) accounts.set(name, account)
      return accounts.get(name) as string
    },
    bindings: async () => new Map(accounts),
    reserve: openPace(now),
    list: async (query) => pageOf([...records.values()], query),
    figures: async (stores) => figuresOf([...records.values()], stores),
    countsByDay: async (...asked) => countsByDayOf([...records.values()], ...asked),
    async sweep() {
      await batches.sweep()
      await notices.sweep()
      sweep(state)
      await trimAudit(audit, state.audit, now() - retention.auditMs)
    },
    digestKeys: keys.digest,
    async scrub() {},
    async ready() {},
    async close() {},
  }
}
