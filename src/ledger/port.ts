/** The ledger's port: where cancellations and batches are kept, and what every ledger promises. */
import type { Noted } from '../model/audit.ts'
import type { Batch, Row, RowState, Tally } from '../model/batch.ts'
import type { Cancellation, DayCount, Origin, Status } from '../model/cancellation.ts'
import type { Delivery, Health, Owed, Tried } from '../model/delivery.ts'
import type { Heard, Hearing, Notice, Watch } from '../model/notice.ts'
import type { CancelRequest } from '../model/request.ts'
import type { AuditLedger } from './audit.ts'
import type { LinkLedger } from './link-ledger.ts'

export type { LinkLedger, LinkQuery } from './link-ledger.ts'

/** An idempotency key, scoped to caller and store. */
export interface Key {
  readonly caller: string
  readonly value: string
  /** A digest: what a request said cannot be read of it. */
  readonly fingerprint: string
  /** The same as earlier versions kept it, in its own words. */
  readonly plain?: string | undefined
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
 * late writer is recognized.
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

/**
 * Where a record stands in a list: its time (of creation, or of the last write where that is asked
 * for), and its id among records of one time.
 */
export interface Place {
  readonly at: number
  readonly id: string
}

export interface Query {
  /** Only these stores; null: all. */
  readonly stores: readonly string[] | null
  readonly orderId?: string | undefined
  readonly status?: Status | undefined
  readonly reference?: string | undefined
  readonly batchId?: string | undefined
  readonly origin?: Origin | undefined
  /** The name of a link. */
  readonly link?: string | undefined
  /** Only those whose order reads open again: a few, which a person is to know of. */
  readonly reopened?: true | undefined
  /** Only those that wait for somebody's approval. */
  readonly approval?: 'awaited' | undefined
  readonly createdAfter?: number | undefined
  readonly createdBefore?: number | undefined
  readonly updatedAfter?: number | undefined
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** The place of the last record seen, after which to go on. */
  readonly after?: Place | undefined
}

/** Figures for metrics; null where there is none. */
export interface Figures {
  readonly counts: Readonly<Record<Exclude<Status, 'succeeded' | 'rejected'>, number>>
  /** When the call went out that has been in doubt for the longest time. */
  readonly oldestDoubtAt: number | null
  /** Since when a person has been waited for. */
  readonly oldestAttentionAt: number | null
  /** How many wait for somebody's approval. */
  readonly awaitingApproval: number
  /** Of each store that was asked for, the first wake-up there is, past or to come. */
  readonly nextDueAt: readonly (number | null)[]
}

/** For how long a key is bound to what it first came with. */
export const KEY_LIFE_MS = 30 * 86_400_000
/** For how long a record is kept after it settled, and a batch after it finished. */
export const RECORD_LIFE_MS = 400 * 86_400_000

/**
 * Promises, each proved by `test/ledger/suite.ts` on every ledger:
 * - what a method resolved with survives `kill -9` (memory excepted: it says so);
 * - `claim` is atomic: of any number of racers for one order, or one key, exactly one creates;
 * - `save` is compare-and-set on `version`, and with a lease conditional on its epoch: a late
 * writer changes nothing;
 * - a lease is held by one at a time, and can be taken again only when released or expired;
 * - what a write owes to webhooks, and its entry of the audit log, is written with it, and nothing
 * of it where that was not written;
 * - pages are stable: a record that does not change is met exactly once, whatever is written
 * meanwhile.
 * A method that cannot keep its promise rejects; nothing is half done, and nothing at all unless
 * the error is `unsure`.
 */
export interface Ledger {
  /**
   * Writes the draft unless its key, or an earlier record of its order, stands in the way (`guard`
   * in rules.ts). A final draft passes where the earlier one has settled.
   */
  claim(draft: Cancellation, key: Key | null, owed?: readonly Owed[], noted?: Noted): Promise<Claim>
  get(id: string): Promise<Cancellation | null>
  /**
   * Writes the next state of a record as it was read; with a lease, keeps it until `keepUntil` or
   * gives it back. Null: stale (somebody else wrote, or took the lease), nothing written. A
   * rejected record starts again only where no other of its order stands in the way.
   */
  save(
    next: Cancellation,
    lease?: Lease,
    keepUntil?: number,
    owed?: readonly Owed[],
    noted?: Noted,
  ): Promise<Cancellation | null>
  /** Takes the lock and moves the record's wake-up to the lease's end, in one step. */
  lease(record: Cancellation, lockKey: string, ttlMs: number): Promise<Lease | 'busy' | 'stale'>
  /**
   * Takes a lease by a name of its own, with no record: for what does no harm when it is done twice
   * (after a failover two may hold it). Null: somebody else holds it.
   */
  hold(name: string, ttlMs: number): Promise<Lease | null>
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
  /**
   * How records of these days stand now, by day and store, null: every store; both days included.
   * Kept by whatever writes a record, so it is cheap however many there are.
   */
  countsByDay(stores: readonly string[] | null, from: number, to: number): Promise<DayCount[]>
  /**
   * Forgets keys after 30 days and settled records after 400, with what was told of them; never one
   * that needs attention. And what batches and notices forget; links are deleted by who put them.
   */
  sweep(): Promise<void>
  /**
   * Puts a digest in the place of each fingerprint that a record's keys still have in plain words;
   * how many had.
   */
  digestKeys(id: string, digest: (text: string) => Promise<string>): Promise<number>
  /** Sees to it that what was overwritten can be read no more, as far as that is the ledger's. */
  scrub(): Promise<void>
  /** Rejects unless a write reaches the disk. */
  ready(): Promise<void>
  close(): Promise<void>
}

/**
 * The ledger could not do what it promises: the disk is full, the server away. Nothing was half
 * done.
 */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable'
  /**
   * False: nothing was written. Null: nobody knows, so what was asked for may be there, and may be
   * acted on.
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

export interface NewRow {
  readonly row: number
  readonly request: CancelRequest
}

export interface BatchClaim {
  /** As a claim's: written, or its key came before with the same body, or with another. */
  readonly outcome: 'created' | 'replayed' | 'key_reused'
  readonly batch: Batch
}

export interface BatchQuery {
  /** Null: everybody's. */
  readonly caller: string | null
  readonly limit: number
  /** The id after which to go on. */
  readonly after?: string | undefined
}

export interface RowQuery {
  readonly status?: Status | undefined
  readonly limit: number
  /** The row after which to go on. */
  readonly after?: number | undefined
}

/**
 * Promises, each proved by `test/ledger/suite.ts` on every ledger:
 * - what a method resolved with survives `kill -9` (memory excepted);
 * - a batch is there with all its rows, or not at all;
 * - of any number of racers exactly one takes a row, and nobody takes one of a batch that does not
 * run;
 * - `save` is compare-and-set on `version`; `finish` too, and only where every row is at rest.
 */
export interface BatchLedger {
  create(batch: Batch, rows: readonly NewRow[], key: Key | null): Promise<BatchClaim>
  get(id: string): Promise<Batch | null>
  /** Null: stale, nothing written. */
  save(next: Batch): Promise<Batch | null>
  /** As `save`; null also where a row is not at rest yet. */
  finish(next: Batch, owed?: readonly Owed[]): Promise<Batch | null>
  /** Newest first. */
  list(query: BatchQuery): Promise<Batch[]>
  /** What is not finished, oldest first. */
  unfinished(): Promise<Batch[]>
  rows(id: string, query: RowQuery): Promise<Row[]>
  /** Takes the next waiting rows of a store, in their order; none where the batch does not run. */
  take(id: string, store: string, limit: number): Promise<Row[]>
  /** The rows of a store that are taken or open, of every batch. */
  open(store: string): Promise<Row[]>
  /**
   * Writes what has become of rows; one that is further on already stays: another process saw more.
   */
  saveRows(rows: readonly Row[]): Promise<void>
  /** Writes rows at rest anew, with their requests: what is personal of them was erased. */
  rewrite(rows: readonly Row[]): Promise<void>
  /** Brings every waiting row into a state. */
  setWaiting(id: string, state: RowState): Promise<void>
  tallies(id: string): Promise<Tally[]>
  /** When the last rows of a store came to rest, the latest first. */
  recent(store: string, limit: number): Promise<number[]>
  /**
   * Forgets batches as long after they finished as records after they settled, with what was told
   * of them.
   */
  sweep(): Promise<void>
}

/** What a webhook is still owed. */
export interface Pending {
  readonly pending: number
  /** When the oldest of the changes was. */
  readonly oldestPendingAt: number | null
}

/**
 * Promises, each proved by `test/ledger/suite.ts` on every ledger:
 * - what a method resolved with survives `kill -9` (memory excepted);
 * - there is one row of a webhook and a subject; it holds the newest that was owed, and nothing
 * older ever replaces that;
 * - `settle` touches only the revision that was sent, and `saveHealth` is compare-and-set on
 * `version`;
 * - a row lives as long as the record of its subject.
 */
export interface DeliveryLedger {
  /** Owes what no record's write carries. */
  owe(owed: readonly Owed[]): Promise<void>
  /**
   * Rows that are owed: those that were never tried, then those tried longest ago; among them the
   * oldest change first.
   */
  next(webhook: string, limit: number): Promise<Delivery[]>
  /**
   * Writes how a try of a row ended, as it was sent. False: the row holds something else by now, or
   * was delivered, and stays as it is.
   */
  settle(sent: Delivery, state: Tried, result: string, at: number): Promise<boolean>
  /** Writes the bodies of rows anew that are of the same revision still. */
  rewrite(rows: readonly Delivery[]): Promise<void>
  /** Every webhook's row of a subject, by webhook. */
  of(subject: string): Promise<Delivery[]>
  /** It counts no further than to `most`: left out, to the end. */
  owedOf(webhook: string, most?: number): Promise<Pending>
  /**
   * Owes again what was delivered or failed and whose change lies in a time, its ends included;
   * how many rows.
   */
  replay(webhook: string, since: number, until: number): Promise<number>
  /** Null: never saved. */
  health(webhook: string): Promise<Health | null>
  /** Null: stale, nothing written. */
  saveHealth(webhook: string, next: Health): Promise<Health | null>
  /** Every webhook that has a row or a health. */
  webhooks(): Promise<string[]>
  /** Forgets all rows of a webhook, and its health. */
  forget(webhook: string): Promise<void>
}

/** What a store was heard of. */
export interface Listening {
  /** When a webhook last told of an order of it; null: none did. */
  readonly lastAt: number | null
  /** How many of its orders are due for a look, now or later. */
  readonly waiting: number
  /** Since when the first of those waits. */
  readonly oldestAt: number | null
}

/** Of one store: more is refused, for what is not looked at is heard again by a sweep. */
export const MOST_WAITING = 100_000

/**
 * Promises, each proved by `test/ledger/suite.ts` on every ledger:
 * - what a method resolved with survives `kill -9` (memory excepted);
 * - there is one row of a store and an order (`afterHearing` of model/notice.ts);
 * - `settle` writes only over the row as it was read: what was heard meanwhile stays due, also
 * where the row went and came again, since no version of an order's row is given twice.
 */
export interface NoticeLedger {
  /**
   * Writes down what was heard of orders of one store, all of it, and how each was taken: some
   * hundred at most, for nobody else is served meanwhile. Null: with so many, too many of its
   * orders might wait; nothing was written.
   */
  hear(heard: readonly Heard[]): Promise<readonly Hearing[] | null>
  /** Rows of these stores whose time has come: of each at most so many, the longest due first. */
  due(stores: readonly string[], each: number): Promise<Notice[]>
  /**
   * Writes what a look made of a row; null: the row goes. False: something was heard meanwhile,
   * nothing was written.
   */
  settle(read: Notice, next: Notice | null): Promise<boolean>
  get(store: string, orderId: string): Promise<Notice | null>
  of(store: string): Promise<Listening>
  /** Null: never saved. */
  watch(store: string): Promise<Watch | null>
  /** Null: stale, nothing written, also nothing of what is owed. */
  saveWatch(store: string, next: Watch, owed?: readonly Owed[]): Promise<Watch | null>
  /** Forgets rows that no longer keep others waiting (`keptUntil`). */
  sweep(): Promise<void>
}

/** A ledger that keeps batches, deliveries, notices, links and the audit log beside. */
export type FullLedger = Ledger & {
  readonly batches: BatchLedger
  readonly deliveries: DeliveryLedger
  readonly notices: NoticeLedger
  readonly links: LinkLedger
  readonly audit: AuditLedger
}
