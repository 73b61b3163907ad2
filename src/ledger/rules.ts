/**
 * The batches' port: where batches and their rows are kept, and what every ledger promises of them.
 */
import type { Batch, Row, RowState, Tally } from '../model/batch.ts'
import type { Status } from '../model/cancellation.ts'
import type { CancelRequest } from '../model/request.ts'
import type { Key, Ledger } from './port.ts'

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

/** A batch's key is scoped to its caller alone. */
export const batchScope = (key: Key): string =>
  JSON.stringify({ batch: key.caller, key: key.value })

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
  finish(next: Batch): Promise<Batch | null>
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
  /** Brings every waiting row into a state. */
  setWaiting(id: string, state: RowState): Promise<void>
  tallies(id: string): Promise<Tally[]>
  /** When the last rows of a store came to rest, the latest first. */
  recent(store: string, limit: number): Promise<number[]>
  /** Forgets batches as long after they finished as records after they settled. */
  sweep(): Promise<void>
}

/** A ledger that keeps batches beside cancellations. */
export type FullLedger = Ledger & { readonly batches: BatchLedger }
