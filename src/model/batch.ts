/** The batch: many requests to cancel, written down at once and worked a few at a time. */
import { isAsked } from './approval.ts'
import { type Cancellation, isAtRest, STATUSES, type Status } from './cancellation.ts'
import { problem, type Problem } from './problem.ts'
import type { CancelRequest } from './request.ts'

export const BATCH_STATUSES = ['running', 'paused', 'stopped', 'finished'] as const
export type BatchStatus = (typeof BATCH_STATUSES)[number]

/** Times are milliseconds since 1970 here, RFC 3339 in answers. */
export interface Batch {
  readonly id: string
  /** Raised by the ledger on every save: compare-and-set. */
  readonly version: number
  readonly status: BatchStatus
  readonly caller: string
  /** The name of the key that it asked with. Left out: that had none, or it is an old batch. */
  readonly keyName?: string | undefined
  /** Each of its rows must be approved by somebody else before it is sent. */
  readonly needsApproval?: true | undefined
  readonly total: number
  /** The stores that its rows are of, each once. */
  readonly stores: readonly string[]
  readonly createdAt: number
  /** When it began to run, or went on: what its pace is measured from. */
  readonly startedAt: number
  readonly finishedAt: number | null
}

/**
 * Where a row stands with its batch. `waiting`: nobody has it yet. `taken`: it is being made a
 * cancellation; whoever finds it so after a crash does that again, under the same key. `open`: it
 * is one, and is followed. `rest`: nothing more happens by itself.
 */
export const PHASES = ['waiting', 'taken', 'open', 'rest'] as const
export type Phase = (typeof PHASES)[number]

/** What has become of a row: as its cancellation stood when somebody last looked. */
export interface RowState {
  readonly phase: Phase
  readonly status: Status
  readonly cancellation: string | null
  readonly alreadyCanceled: boolean
  readonly problem: Problem | null
  /** When it came into this phase. */
  readonly at: number
}

export interface Row extends RowState {
  readonly batch: string
  /** 1-based, among the items as they were sent. */
  readonly row: number
  readonly request: CancelRequest
}

export type Counts = Readonly<Record<Status, number>>

/** How many rows of a store stand so. */
export interface Tally {
  readonly store: string
  readonly phase: Phase
  readonly status: Status
  readonly count: number
}

export const countsOf = (tallies: readonly Tally[]): Counts =>
  Object.fromEntries(
    STATUSES.map((status) => [
      status,
      tallies.filter((tally) => tally.status === status).reduce((sum, { count }) => sum + count, 0),
    ]),
  ) as Record<Status, number>

/** A row's state by its cancellation: one that waits for a person keeps nobody up. */
export const stateOf = (record: Cancellation, at: number): RowState => ({
  phase: isAtRest(record.status) || isAsked(record) ? 'rest' : 'open',
  status: record.status,
  cancellation: record.id,
  alreadyCanceled: record.alreadyCanceled,
  problem: isAtRest(record.status) ? record.problem : null,
  at,
})

export const WAITING: Omit<RowState, 'at'> = {
  phase: 'waiting',
  status: 'accepted',
  cancellation: null,
  alreadyCanceled: false,
  problem: null,
}

/** The state of a row that was refused before it became a cancellation. */
export const refusedState = (why: Problem, at: number): RowState => ({
  ...WAITING,
  phase: 'rest',
  status: 'rejected',
  problem: why,
  at,
})

/**
 * What becomes of a row that nobody took before its batch was stopped; at no time, so that it tells
 * nothing of its store's pace.
 */
export const WITHDRAWN: RowState = refusedState(
  problem('order-not-cancelable', 'Its batch was stopped before its turn came.', {
    cause: 'withdrawn',
  }),
  0,
)

/** What a person can do with a batch: to what it leads, and from where. */
const ACTIONS = {
  pause: { to: 'paused', from: ['running', 'paused'] },
  resume: { to: 'running', from: ['paused', 'running'] },
  stop: { to: 'stopped', from: ['running', 'paused', 'stopped'] },
} as const satisfies Record<string, { to: BatchStatus; from: readonly BatchStatus[] }>
export type BatchAction = keyof typeof ACTIONS

/** The next batch; the same where nothing changes, null where its status forbids the action. */
export const act = (batch: Batch, action: BatchAction, at: number): Batch | null => {
  const { to, from } = ACTIONS[action]
  if (!(from as readonly BatchStatus[]).includes(batch.status)) return null
  return batch.status === to
    ? batch
    : { ...batch, status: to, startedAt: to === 'running' ? at : batch.startedAt }
}

/** A batch of which every row is at rest; a stopped one stays called so. */
export const finish = (batch: Batch, at: number): Batch => ({
  ...batch,
  status: batch.status === 'stopped' ? 'stopped' : 'finished',
  finishedAt: at,
})
