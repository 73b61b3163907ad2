/**
 * Every cancellation that changed, in order of change, with a checkpoint to go on from: what a
 * program reads that cannot be told by a webhook, or was not there when it was.
 */
import { type Ask, search, sleep } from './ask.ts'
import type { Page } from './batches.ts'
import type { Cancellation } from './types.ts'

export interface Change {
  /** As it was when it was read: what it was in between is not told. */
  cancellation: Cancellation
  /** To be kept once this change is dealt with, and handed in as `after`. */
  checkpoint: string
}

export interface ChangesOptions {
  /** A checkpoint, or a time. Left out: from the first record on. */
  readonly after?: string | Date | null | undefined
  readonly store?: string | undefined
  readonly origin?: Cancellation['origin'] | undefined
  readonly link?: string | undefined
  readonly batchId?: string | undefined
  readonly reference?: string | undefined
  /** Go on when there is nothing more: look again after two seconds, or as many milliseconds. */
  readonly wait?: boolean | number | undefined
  /** Ends it, without an error. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A change has the time of when it was decided, and can be read once it is written: a disk that is
 * slow, or two gateways whose clocks differ, bring one later than others with a later time. What is
 * younger than this is therefore read again.
 */
const OVERLAP_MS = 60_000
const WAIT_MS = 2_000
const PAGE = 100

/** Where a record stands in the order of changes; without an id, before all of its time. */
interface Place {
  readonly at: number
  readonly id: string
}

const isBefore = (a: Place, b: Place): boolean => a.at < b.at || (a.at === b.at && a.id < b.id)

const toCheckpoint = ({ at, id }: Place): string =>
  new Date(at).toISOString() + (id === '' ? '' : `/${id}`)

const readPlace = (after: ChangesOptions['after']): Place => {
  const text = after instanceof Date ? after.toISOString() : (after ?? new Date(0).toISOString())
  const [time = '', id = '', ...more] = text.split('/')
  const at = Date.parse(time)
  // Other texts would be a date too, by the time zone of this machine.
  if (Number.isNaN(at) || more.length > 0 || !/[Zz]$|[+-]\d\d:\d\d$/.test(time))
    throw new TypeError('after must be a checkpoint, or a time with its offset')
  return { at: Math.max(0, at), id }
}

const placeOf = ({ updatedAt, id }: Cancellation): Place => ({ at: Date.parse(updatedAt), id })

/** How far it is. */
interface Progress {
  /** Everything up to here was handed out; only a record moves it, never a clock alone. */
  place: Place
  /** By id: what stands behind that place and was handed out, as it was then. */
  readonly seen: Map<string, { readonly place: Place; readonly state: string }>
}

/** Two saves may share a millisecond. */
const stateOf = ({ updatedAt, revision, status }: Cancellation): string =>
  `${updatedAt} ${revision} ${status}`

/** Hands a record out, or not where it was handed out so before. */
const take = (progress: Progress, record: Cancellation, horizon: Place): Change | null => {
  const place = placeOf(record)
  const state = stateOf(record)
  const isNew = progress.seen.get(record.id)?.state !== state
  const settled = isBefore(place, horizon) ? place : horizon
  if (isBefore(progress.place, settled)) progress.place = settled
  if (isBefore(progress.place, place)) progress.seen.set(record.id, { place, state })
  return isNew ? { cancellation: record, checkpoint: toCheckpoint(progress.place) } : null
}

/**
 * Reads on from a place to the end. What is older than the beginning of this by the overlap is all
 * written: that far a checkpoint may go.
 */
const readOn = async function* (
  ask: Ask,
  progress: Progress,
  { filters, signal }: { readonly filters: object; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Change, void, undefined> {
  const from = progress.place
  let horizon: Place | undefined
  for (let cursor: string | null | undefined; cursor !== null;) {
    // A page begins after a time: those of the place's own millisecond are among them.
    const updatedAfter = new Date(Math.max(0, from.at - 1)).toISOString()
    const query = { ...filters, updatedAfter, order: 'asc', limit: PAGE, cursor }
    let date: string | null = null
    const page = (await ask({
      method: 'GET',
      path: `/v1/cancellations${search(query)}`,
      signal,
      onAnswer: (headers) => {
        date = headers.get('date')
      },
    })) as Page<Cancellation>
    // A browser shows no clock of another origin; its own is what is left.
    horizon ??= { at: (Date.parse(date ?? '') || Date.now()) - OVERLAP_MS, id: '' }
    for (const record of page.data) {
      const change = isBefore(from, placeOf(record)) ? take(progress, record, horizon) : null
      if (change) yield change
    }
    cursor = page.nextCursor
  }
  for (const [id, { place }] of progress.seen)
    if (!isBefore(progress.place, place)) progress.seen.delete(id)
}

export const createChanges = (ask: Ask) =>
  /**
   * Every cancellation that changed after a checkpoint, the oldest change first; ends when there is
   * nothing more or, with `wait`, when `signal` is aborted.
   *
   * What is promised is **at least once**. Who keeps a checkpoint when it has dealt with a change,
   * and hands in the last it kept, is given the newest state of every record that changed since,
   * also of those that share a millisecond, and of what changed while it was reading: that comes
   * again, later. What changed within the last minute is given again after a start; within one
   * iteration a record is given twice only when it changed. `id` and `revision` tell what is known
   * already. That nothing is missed supposes that no write takes longer than a minute, and that the
   * clocks of gateways that share a ledger are no further apart, nor set back further.
   *
   * Throws what `list` throws, after trying as long: go on from the last checkpoint.
   */
  async function* (options: ChangesOptions = {}): AsyncGenerator<Change, void, undefined> {
    const { after, wait = false, signal, ...filters } = options
    const progress: Progress = { place: readPlace(after), seen: new Map() }
    try {
      for (;;) {
        signal?.throwIfAborted()
        yield* readOn(ask, progress, { filters, signal })
        if (wait === false) return
        await sleep(wait === true ? WAIT_MS : wait, signal)
      }
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  }
