/** What every ledger does alike: the rules behind the promises of the port, each written once. */
import type { Noted } from '../model/audit.ts'
import { type Batch, PHASES, type Phase } from '../model/batch.ts'
import { type Cancellation, isAtRest, isFinal } from '../model/cancellation.ts'
import type { Delivery, Owed } from '../model/delivery.ts'
import { sameWishes } from '../model/request.ts'
import {
  type BatchClaim,
  type Claim,
  type Key,
  type Ledger,
  LedgerUnavailable,
  type NewRow,
  type Pace,
  type Place,
  type Query,
} from './port.ts'

/**
 * One cancellation per target and order, of one merchant account: what the guard is looked up by.
 * What was canceled at the platform has one of its own, so that no request is answered by it.
 */
export const guardOf = ({
  request,
  account,
  origin,
}: Pick<Cancellation, 'request' | 'account' | 'origin'>): string =>
  JSON.stringify([
    request.store,
    request.target,
    request.orderId,
    ...(account === undefined ? [] : [account]),
    ...(origin === 'platform' ? [{ origin }] : []),
  ])

/** The guards among whose records a draft is held up to: its own, and that of requests. */
export const guardsOf = (draft: Cancellation): readonly string[] =>
  draft.origin === 'platform'
    ? [guardOf(draft), guardOf({ ...draft, origin: undefined })]
    : [guardOf(draft)]

/**
 * Whether an earlier record of the same target and order still speaks for it. A settled transfer
 * does not block a later one, nor one whose order is open again.
 */
export const stands = (record: Cancellation): boolean =>
  record.status !== 'rejected' &&
  record.reopenedAt === undefined &&
  !(record.request.target === 'transfer' && isFinal(record.status))

/** The guard's verdict on a draft, given every earlier record of its guards; null: free. */
export const guard = (draft: Cancellation, earlier: readonly Cancellation[]): Claim | null => {
  const standing = earlier.filter((record) => record.id !== draft.id && stands(record))
  // What is canceled at the platform is written down once, and not where a request holds it.
  if (draft.origin === 'platform') {
    const held = standing.at(-1)
    return held ? { outcome: 'deduplicated', record: held } : null
  }
  const same = standing.find((record) => sameWishes(record.request, draft.request))
  if (same) return { outcome: 'deduplicated', record: same }
  const open = standing.find((record) => !isFinal(record.status))
  if (open) return { outcome: 'conflict', record: open }
  const settled = standing.at(-1)
  return settled && !isAtRest(draft.status) ? { outcome: 'settled', record: settled } : null
}

/** An idempotency key as it is kept: unique in its scope, with the body that it came with. */
export interface ScopedKey {
  readonly scope: string
  readonly fingerprint: string
  readonly plain?: string | undefined
}

/** Keys of cancellations are scoped to caller and store. */
export const scopedKey = (key: Key, draft: Cancellation): ScopedKey => ({
  scope: JSON.stringify([key.caller, draft.request.store, key.value]),
  fingerprint: key.fingerprint,
  plain: key.plain,
})

/** A batch's key is scoped to its caller alone. */
export const scopedBatchKey = (key: Key): ScopedKey => ({
  scope: JSON.stringify({ batch: key.caller, key: key.value }),
  fingerprint: key.fingerprint,
})

/** Whether a fingerprint tells nothing in plain words. */
export const isDigest = (fingerprint: string): boolean => /^[0-9a-f]{64}$/.test(fingerprint)

/** What a key that came before says of the body that it comes with now. */
export const repeatOf = (key: ScopedKey, fingerprint: string): 'replayed' | 'key_reused' =>
  fingerprint === key.fingerprint || fingerprint === key.plain ? 'replayed' : 'key_reused'

/** Where a ledger binds idempotency keys: to cancellations, or to batches. */
export interface Keys<Bound> {
  /** Finds what a key is bound to; null where it is new, has expired, or that is gone. */
  earlier(key: ScopedKey): { outcome: 'replayed' | 'key_reused'; bound: Bound } | null
  /** Binds a key for `KEY_LIFE_MS`. */
  bind(key: ScopedKey, id: string): void
}

/** Writes what is owed to webhooks into the turn that it is called in; nothing, where none is. */
export type Owe = (owed: readonly Owed[]) => void

/** Writes an entry of the audit log into the turn that it is called in; nothing, where none is. */
export type Note = (noted: Noted | undefined) => void

/** What a claim needs of a ledger that reads and writes in one turn. */
export interface ClaimStore {
  readonly keys: Keys<Cancellation>
  /** Finds the earlier records of a draft's guard that may stand in its way, oldest first. */
  readonly earlier: (draft: Cancellation) => readonly Cancellation[]
  readonly insert: (draft: Cancellation) => void
  readonly owe: Owe
  readonly note: Note
}

/**
 * Claims, in a transaction of a ledger that reads and writes in one turn. Redis does the same in
 * Lua.
 */
export const claimIn = (
  store: ClaimStore,
  draft: Cancellation,
  key: Key | null,
  owed: readonly Owed[] = [],
  noted?: Noted,
): Claim => {
  const scoped = key && scopedKey(key, draft)
  const earlier = scoped && store.keys.earlier(scoped)
  if (earlier) return { outcome: earlier.outcome, record: earlier.bound }
  const claim = guard(draft, store.earlier(draft)) ?? { outcome: 'created', record: draft }
  if (claim.outcome === 'created') {
    store.insert(draft)
    store.owe(owed)
    store.note(noted)
  }
  if (scoped && (claim.outcome === 'created' || claim.outcome === 'deduplicated'))
    store.keys.bind(scoped, claim.record.id)
  return claim
}

/** What the creation of a batch needs of a ledger that reads and writes in one turn. */
export interface BatchStore {
  readonly keys: Keys<Batch>
  readonly insert: (batch: Batch, rows: readonly NewRow[]) => void
}

/** Creates a batch as `claimIn` claims. */
export const createIn = (
  store: BatchStore,
  batch: Batch,
  rows: readonly NewRow[],
  key: Key | null,
): BatchClaim => {
  const scoped = key && scopedBatchKey(key)
  const earlier = scoped && store.keys.earlier(scoped)
  if (earlier) return { outcome: earlier.outcome, batch: earlier.bound }
  store.insert(batch, rows)
  if (scoped) store.keys.bind(scoped, batch.id)
  return { outcome: 'created', batch }
}

/** How far on a row in this phase is: what a late writer saw of it never undoes a later phase. */
export const rankOf = (phase: Phase): number => PHASES.indexOf(phase)

/** Since when a record is in doubt: when its last call went out; null: it is not. */
export const doubtSince = ({ status, attempts, updatedAt }: Cancellation): number | null =>
  status === 'in_doubt' ? (attempts.at(-1)?.at ?? updatedAt) : null

/** Reads a record's text; what a ledger keeps beside the text is truer than it. */
export const parseRecord = (
  text: string,
  beside: Partial<Pick<Cancellation, 'version' | 'wakeAt'>>,
): Cancellation => ({
  // Texts of before there were batches name none.
  batchId: null,
  ...(JSON.parse(text) as Omit<Cancellation, 'batchId'>),
  ...beside,
})

/** Where a record stands in the list that a query asks for. */
export const placeOf = ({ id, createdAt, updatedAt }: Cancellation, query: Query): Place => ({
  at: query.updatedAfter === undefined ? createdAt : updatedAt,
  id,
})

/** Compares places, the earlier first. */
export const comparePlaces = (a: Place, b: Place): number =>
  a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Compares records in the order of the list that a query asks for. */
export const inOrderOf =
  (query: Query) =>
  (a: Cancellation, b: Cancellation): number =>
    (query.order === 'asc' ? 1 : -1) * comparePlaces(placeOf(a, query), placeOf(b, query))

/** Compares rows in the order in which a webhook is told what it is owed. */
export const inOrderToTell = (a: Delivery, b: Delivery): number =>
  (a.triedAt ?? 0) - (b.triedAt ?? 0) ||
  comparePlaces({ at: a.at, id: a.subject }, { at: b.at, id: b.subject })

/** How soon a record that met a busy lock is due again. */
export const BUSY_RETRY_MS = 250

/** Nobody waits longer for a call than this, so no reservation reaches further beyond the burst. */
export const LONGEST_PATIENCE_MS = 10_000

/**
 * A token bucket as one number, the time at which it would be full again (GCRA, ITU-T I.371): how
 * long to wait for a call, and that time afterwards; nothing is reserved where the wait is more
 * than the patience. A time further off than any reservation reaches was written by a clock that
 * has been set back since, and is not believed.
 */
export const gcra = (
  known: number,
  { perSecond, burst }: Pace,
  patienceMs: number,
  now: number,
): { readonly waitMs: number; readonly fullAt: number } => {
  const stepMs = 1_000 / perSecond
  const from = Math.min(Math.max(known, now), now + LONGEST_PATIENCE_MS + burst * stepMs)
  const waitMs = Math.max(0, from - now - (burst - 1) * stepMs)
  return {
    waitMs,
    fullAt: waitMs <= Math.min(patienceMs, LONGEST_PATIENCE_MS) ? from + stepMs : from,
  }
}

/** Pace kept in one process: for ledgers that have only one. */
export const openPace = (now: () => number): Ledger['reserve'] => {
  const buckets = new Map<string, number>()
  return async (bucket, pace, patienceMs) => {
    const { waitMs, fullAt } = gcra(buckets.get(bucket) ?? 0, pace, patienceMs, now())
    buckets.set(bucket, fullAt)
    return waitMs
  }
}

/**
 * Marks an error after which nobody knows whether the write was done: the connection broke under
 * it, or its sync failed.
 */
export const unsure = <T extends object>(error: T): T => Object.assign(error, { written: null })

/** Reads: where one fails, that tells nothing of what the same request wrote before. */
const READS: ReadonlySet<string> = new Set([
  'get',
  'list',
  'due',
  'strays',
  'bindings',
  'figures',
  'countsByDay',
  'unfinished',
  'rows',
  'open',
  'tallies',
  'recent',
  'next',
  'of',
  'owedOf',
  'health',
  'webhooks',
  'watch',
  'read',
  'head',
])

/** The same ledger, whose every failure is a `LedgerUnavailable`; what it holds beside, too. */
export const guarded = <T extends object>(ledger: T): T =>
  Object.fromEntries(
    Object.entries(ledger).map(([name, member]) => [
      name,
      typeof member === 'object'
        ? guarded(member as object)
        : async (...values: never[]) => {
            try {
              return await (member as (...values: never[]) => Promise<unknown>)(...values)
            } catch (cause) {
              const written =
                READS.has(name) || (cause as { written?: null } | null)?.written === null
                  ? null
                  : false
              throw new LedgerUnavailable(`the ledger failed to ${name}`, { cause, written })
            }
          },
    ]),
  ) as T
