/** The ledger's port: where cancellations are kept, and what every ledger promises. */
import type { Cancellation, Status } from '../model/cancellation.ts'
import { isAtRest, isFinal } from '../model/cancellation.ts'
import { sameWishes } from '../model/request.ts'

/** An idempotency key, scoped to caller and store. */
export interface Key {
  readonly caller: string
  readonly value: string
  readonly fingerprint: string
}

export interface Claim {
  readonly outcome:
    | 'created' // the draft is written, durably
    | 'replayed' // the same key came with the same body before
    | 'key_reused' // the same key came with another body before
    | 'deduplicated' // an earlier one of the same order and wishes stands
    | 'conflict' // an earlier one with other wishes is still open
    | 'settled' // an earlier one with other wishes succeeded; nothing was written
  /** The draft as written, or the earlier record. */
  readonly record: Cancellation
}

/**
 * The right to work on one lock key until a time; `epoch` rises with every take of any key, so a
 * late writer is told apart.
 */
export interface Lease {
  readonly key: string
  readonly epoch: number
  readonly until: number
}

/** Calls a second, and how many may come at once after a rest. */
export interface Pace {
  readonly perSecond: number
  readonly burst: number
}

export interface Query {
  /** Only these stores; null: all. */
  readonly stores: readonly string[] | null
  readonly orderId?: string | undefined
  readonly status?: Status | undefined
  readonly reference?: string | undefined
  readonly batchId?: string | undefined
  readonly createdAfter?: number | undefined
  readonly createdBefore?: number | undefined
  readonly updatedAfter?: number | undefined
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** The place after which to go on: the sorting time and id of the last record seen. */
  readonly after?: { readonly at: number; readonly id: string } | undefined
}

/** What a ledger tells of itself at a glance; null where there is none. */
export interface Figures {
  readonly counts: Readonly<Record<Exclude<Status, 'succeeded' | 'rejected'>, number>>
  /** When the call went out that has been in doubt for the longest time. */
  readonly oldestDoubtAt: number | null
  /** Since when a person has been waited for. */
  readonly oldestAttentionAt: number | null
  /** Of each store that was asked for, the first wake-up there is, past or to come. */
  readonly nextDueAt: readonly (number | null)[]
}

export const KEY_LIFE_MS = 30 * 86_400_000
export const RECORD_LIFE_MS = 400 * 86_400_000

/**
 * Promises, each proved by `test/ledger/suite.ts` on every ledger:
 * - what a method resolved with survives `kill -9` (memory excepted: it says so);
 * - `claim` is atomic: of any number of racers for one order, or one key, exactly one creates;
 * - `save` is compare-and-set on `version`, and with a lease conditional on its epoch: a late
 * writer changes nothing;
 * - a lease is held by one at a time, and can be taken again only when released or expired;
 * - pages are stable: a record that does not change is met exactly once, whatever is written
 * meanwhile.
 * A method that cannot keep its promise rejects; nothing is half done, and nothing at all unless
 * the error is `unsure`.
 */
export interface Ledger {
  /**
   * Writes the draft unless its key, or the guard of its order, says otherwise. A final draft
   * passes a settled guard.
   */
  claim(draft: Cancellation, key: Key | null): Promise<Claim>
  get(id: string): Promise<Cancellation | null>
  /**
   * Writes the next state of a record as it was read; with a lease, keeps it until `keepUntil` or
   * gives it back. Null: stale (somebody else wrote, or took the lease), nothing written. A
   * rejected record starts again only where no other of its order stands in the way.
   */
  save(next: Cancellation, lease?: Lease, keepUntil?: number): Promise<Cancellation | null>
  /** Takes the lock and moves the record's wake-up to the lease's end, in one step. */
  lease(record: Cancellation, lockKey: string, ttlMs: number): Promise<Lease | 'busy' | 'stale'>
  release(lease: Lease): Promise<void>
  /**
   * Records of these stores whose wake-up time has come: of each store at most so many, those that
   * wait longest.
   */
  due(stores: readonly string[], each: number): Promise<Cancellation[]>
  /**
   * Records whose wake-up time has come, of stores that are none of these: they were taken out of
   * the configuration. At most so many.
   */
  strays(stores: readonly string[], most: number): Promise<Cancellation[]>
  /**
   * Remembers for which merchant account a store was first opened, once and for all; resolves with
   * the one that it remembers.
   */
  bind(store: string, account: string): Promise<string>
  /** What it remembers so, by store. */
  bindings(): Promise<ReadonlyMap<string, string>>
  /**
   * Reserves one call at this pace, for all who share the ledger; how many milliseconds to wait for
   * it. Nothing is reserved where that is more than the patience. What is reserved need not survive
   * a crash.
   */
  reserve(bucket: string, pace: Pace, patienceMs: number): Promise<number>
  list(query: Query): Promise<Cancellation[]>
  /** Cheap however many settled records there are. */
  figures(stores: readonly string[]): Promise<Figures>
  /** Forgets keys after 30 days and settled records after 400; never one that needs attention. */
  sweep(): Promise<void>
  /** Rejects unless a write reaches the disk. */
  ready(): Promise<void>
  close(): Promise<void>
}

/** Nobody waits longer for a turn than this, so no reservation reaches further beyond the burst. */
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

/** How soon a record that met a busy lock is due again. */
export const BUSY_RETRY_MS = 250

/**
 * One cancellation per target and order, of one merchant account: what the guard is looked up by.
 */
export const guardOf = ({ request, account }: Cancellation): string =>
  JSON.stringify([
    request.store,
    request.target,
    request.orderId,
    ...(account === undefined ? [] : [account]),
  ])

/** Since when a record is in doubt: when its last call went out; null: it is not. */
export const doubtSince = ({ status, attempts, updatedAt }: Cancellation): number | null =>
  status === 'in_doubt' ? (attempts.at(-1)?.at ?? updatedAt) : null

/** Keys are scoped to caller and store. */
export const scopeOf = (key: Key, draft: Cancellation): string =>
  JSON.stringify([key.caller, draft.request.store, key.value])

/**
 * Whether an earlier record of the same target and order still speaks for it. A settled transfer
 * does not block a later one.
 */
export const stands = (record: Cancellation): boolean =>
  record.status !== 'rejected' && !(record.request.target === 'transfer' && isFinal(record.status))

/**
 * The guard's verdict on a draft, given every earlier record of its target and order; null: free.
 * One rule for all ledgers.
 */
export const guard = (draft: Cancellation, earlier: readonly Cancellation[]): Claim | null => {
  const standing = earlier.filter((record) => record.id !== draft.id && stands(record))
  const same = standing.find((record) => sameWishes(record.request, draft.request))
  if (same) return { outcome: 'deduplicated', record: same }
  const open = standing.find((record) => !isFinal(record.status))
  if (open) return { outcome: 'conflict', record: open }
  const settled = standing.at(-1)
  return settled && !isAtRest(draft.status) ? { outcome: 'settled', record: settled } : null
}

/**
 * The ledger could not do what it promises: the disk is full, the server away. Nothing was half
 * done.
 */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable'
  /**
   * False: nothing was written. Null: nobody knows, so what was asked for may be there, and may be
   * worked.
   */
  readonly written: false | null
  constructor(
    message: string,
    { cause, written = false }: { readonly cause?: unknown; readonly written?: false | null } = {},
  ) {
    super(message, cause === undefined ? {} : { cause })
    this.written = written
  }
}

/**
 * Marks an error after which nobody knows whether the write was done: the connection broke under
 * it, or its sync failed.
 */
export const unsure = <T extends object>(error: T): T => Object.assign(error, { written: null })

/** They tell nothing of what the same request wrote before them. */
const READS: ReadonlySet<string> = new Set([
  'get',
  'list',
  'due',
  'strays',
  'bindings',
  'figures',
  'unfinished',
  'rows',
  'open',
  'tallies',
  'recent',
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
