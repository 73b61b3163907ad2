/**
 * A notice: a store's order that is due for a look, because something was heard of it. What was
 * said is not believed, so only the order's id is kept of it.
 */

/** What was heard of one order. */
export interface Heard {
  readonly store: string
  readonly orderId: string
  readonly at: number
  /**
   * It may be all that is ever said of a cancellation, so it is looked at however often one came;
   * false: it tells of a change, of whatever kind.
   */
  readonly namesCancellation: boolean
  /** Whether the platform said so itself; a sweep found it otherwise. */
  readonly by: 'webhook' | 'sweep'
}

/** One row of a store and an order; it outlives its look for as long as others are to wait. */
export interface Notice {
  readonly store: string
  readonly orderId: string
  /** Raised by every write: what came while the order was looked at is not lost. */
  readonly version: number
  /** Since when it waits for a look; null: it does not. */
  readonly heardAt: number | null
  readonly dueAt: number | null
  /**
   * The version at which one last came that names a cancellation, and one that tells of a mere
   * change; 0: none since the last look.
   */
  readonly cancellationHeard: number
  readonly changeHeard: number
  /** Reads in a row that failed. */
  readonly failures: number
  /** What the last look seemed to show and a second must confirm, and when that was. */
  readonly suspicion: { readonly of: 'reopened' | 'gone'; readonly at: number } | null
  /** How long mere changes wait after a look that changed nothing; 0: they do not. */
  readonly pauseMs: number
  readonly pauseUntil: number
}

/** How what was heard is taken: as due for a look, or for an echo that none is worth. */
export type Hearing = 'due' | 'echo'

const FIRST_PAUSE_MS = 5_000
export const LONGEST_PAUSE_MS = 3_600_000
const PAUSE_GROWTH = 4

const newNotice = ({ store, orderId }: Heard, version: number): Notice => ({
  store,
  orderId,
  version,
  heardAt: null,
  dueAt: null,
  cancellationHeard: 0,
  changeHeard: 0,
  failures: 0,
  suspicion: null,
  pauseMs: 0,
  pauseUntil: 0,
})

/**
 * A row after more was heard of its order. Null: nothing changes, since it is an echo; a read of an
 * order makes some platforms tell of it once more (github.com/woocommerce/woocommerce, issue
 * 62507). `spent`: the highest version of a row of the store that is gone.
 */
export const afterHearing = (row: Notice | null, heard: Heard, spent: number): Notice | null => {
  const was = row ?? newNotice(heard, spent)
  const rests = !heard.namesCancellation && was.pauseUntil > heard.at
  if (rests && was.dueAt === null && was.pauseMs >= LONGEST_PAUSE_MS) return null
  const dueAt = rests ? was.pauseUntil : heard.at
  const version = was.version + 1
  return {
    ...was,
    version,
    heardAt: was.heardAt ?? heard.at,
    dueAt: was.dueAt === null ? dueAt : Math.min(was.dueAt, dueAt),
    ...(heard.namesCancellation ? { cancellationHeard: version } : { changeHeard: version }),
  }
}

const looked = {
  heardAt: null,
  dueAt: null,
  cancellationHeard: 0,
  changeHeard: 0,
  failures: 0,
  suspicion: null,
} as const

/**
 * A row after a look that changed nothing: the next mere change of the order waits, four times as
 * long each time.
 */
export const afterNothing = (row: Notice, at: number): Notice => {
  const pauseMs =
    row.pauseMs === 0 || at > row.pauseUntil + LONGEST_PAUSE_MS
      ? FIRST_PAUSE_MS
      : Math.min(row.pauseMs * PAUSE_GROWTH, LONGEST_PAUSE_MS)
  return { ...row, ...looked, pauseMs, pauseUntil: at + pauseMs }
}

/**
 * A row of which more was heard while its order was looked at: a mere change waits as after that
 * look, which may have set it off itself.
 */
export const afterMore = (current: Notice, read: Notice, left: Notice): Notice => {
  const cancellationHeard = current.cancellationHeard > read.version ? current.cancellationHeard : 0
  const { failures, suspicion, pauseMs, pauseUntil } = left
  const waits = Math.max(left.dueAt ?? 0, pauseUntil)
  const dueAt = current.dueAt ?? waits
  return {
    ...current,
    failures,
    suspicion,
    cancellationHeard,
    pauseMs,
    pauseUntil,
    dueAt: cancellationHeard > 0 ? dueAt : Math.max(dueAt, waits),
  }
}

/** A row that is looked at once more at this time, for nothing was concluded yet. */
export const lookAgainAt = (
  row: Notice,
  dueAt: number,
  { failures, suspicion }: Pick<Notice, 'failures' | 'suspicion'>,
): Notice => ({ ...row, dueAt, failures, suspicion })

/** Whether this was seen before, and that is so long ago that a second look counts. */
export const isConfirmed = (
  { suspicion }: Notice,
  of: NonNullable<Notice['suspicion']>['of'],
  now: number,
  settleMs: number,
): boolean => suspicion?.of === of && now >= suspicion.at + settleMs

/**
 * A row whose look showed what a second must confirm: it counts from the first that did, and mere
 * changes wait for it, or each look could set off the next.
 */
export const afterSuspicion = (
  row: Notice,
  of: NonNullable<Notice['suspicion']>['of'],
  now: number,
  settleMs: number,
): Notice => {
  const at = row.suspicion?.of === of ? row.suspicion.at : now
  const dueAt = at + settleMs
  const pauseUntil = Math.max(row.pauseUntil, dueAt)
  return { ...row, dueAt, failures: 0, suspicion: { of, at }, pauseUntil }
}

/** Until when a row is kept whose order waits for no look. */
export const keptUntil = ({ dueAt, pauseUntil }: Notice): number =>
  dueAt === null ? pauseUntil + LONGEST_PAUSE_MS : Infinity

/** What is known of a store as one that is listened to and asked for changes. */
export interface Watch {
  /** Raised by the ledger on every save: compare-and-set. Zero before the first. */
  readonly version: number
  /** The merchant account that it is of: another one begins anew. */
  readonly account: string
  /** Up to when, by the platform's clock, everything that changed was seen. */
  readonly watermark: number
  readonly sweptAt: number | null
  /** Since when a page has failed. */
  readonly failingSince: number | null
  /** The first cancellation that a sweep found and no notice told of since. */
  readonly missedAt: number | null
  /** Since when the store is held to be silent, once that was told. */
  readonly silentSince: number | null
  /** How often it fell silent or came back: what its events are numbered by. */
  readonly turns: number
}
