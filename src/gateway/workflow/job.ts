/** A record in hand while it is worked: what it is worked with, and how its next state is saved. */
import type { CancelOperation, Context } from '../../adapter/contract.ts'
import type { Failure } from '../../adapter/failure.ts'
import type { PlatformClient } from '../../connection/client.ts'
import type { Store } from '../../connection/store.ts'
import type { Lease, Ledger } from '../../ledger/port.ts'
import {
  type Cancellation,
  type Hindrance,
  isRunning,
  type Status,
} from '../../model/cancellation.ts'
import { type Event, transition } from '../../model/transitions.ts'
import type { Order } from '../../model/order.ts'
import type { Records } from './records.ts'
import type { LockKey } from './lock-keys.ts'
import { giveUpAt, type Timing } from './timing.ts'

/** Places between two steps where a crash must do no harm. Tests kill the process at each. */
export const FAILPOINTS = [
  'claimed',
  'leased',
  'looked',
  'intended',
  'prepared',
  'performed',
  'confirmed',
  'followed',
  'settled',
  // Of a notice: written down as due, looked at, and what that shows written down.
  'heard',
  'noticed',
  'concluded',
  // Of a link: its members looked at, one of them claimed, a stage let go.
  'linked',
  'member claimed',
  'released',
  // Somebody approved it, and that is written down.
  'approved',
] as const
export type Failpoint = (typeof FAILPOINTS)[number]

export interface WorkflowDeps {
  readonly ledger: Ledger
  readonly records: Records
  readonly timing: Timing
  readonly now: () => number
  readonly random: () => number
  /** What the order shares its fate with; resolved once, it never changes. */
  readonly lockKey: LockKey
  /**
   * For which merchant account the store was first opened, where its settings lead to another;
   * null: they do not.
   */
  readonly movedFrom: (store: Store) => Promise<string | null>
  /** Called at every failpoint. */
  readonly failpoint: (name: Failpoint) => void
  /** Told of every record that was saved, and of what it was before. */
  readonly saved: (record: Cancellation, before: Status) => void
  /** Told of what should never happen: a fault of ours, or of an adapter. */
  readonly fault: (error: unknown, record: Cancellation) => void
}

/** A record that is worked on. */
export interface Job {
  readonly deps: WorkflowDeps
  readonly store: Store
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly client: PlatformClient<any>
  readonly operation: CancelOperation<unknown>
  readonly customerToken: string | null
  record: Cancellation
  lease: Lease | null
}

type Change = Event extends infer One ? (One extends Event ? Omit<One, 'at'> : never) : never

/** Saves the next state; false: somebody else wrote in between, so this attempt is over. */
export const save = async (job: Job, change: Change, hold?: number): Promise<boolean> => {
  const { deps, record } = job
  const saved = await deps.records.save(
    record,
    transition(record, { ...change, at: deps.now() } as Event),
    job.lease ?? undefined,
    hold,
  )
  if (!saved) return false
  deps.saved(saved, record.status)
  job.record = saved
  return true
}

/** What of a failure is kept with the record until its end. */
export const hindranceOf = ({ result, detail, upstream }: Failure): Hindrance => ({
  result,
  detail,
  upstream,
})

/** A call of ours went out, and its end is not known. */
const isUnsettled = (record: Cancellation): boolean =>
  record.status === 'in_doubt' || isRunning(record)

/** Unsettled for so long that a person must look. */
export const isOver = ({ deps, record }: Job): boolean =>
  isUnsettled(record) && deps.now() >= giveUpAt(record, deps.timing)

/** Never sent, and its time is up. */
export const isLapsed = ({ deps, record }: Job): boolean =>
  record.status === 'accepted' && deps.now() >= record.deadlineAt

/** When the record ends as it is: unsent at its deadline, unsettled when it is given up. */
export const endOf = ({ deps, record }: Job): number =>
  isUnsettled(record) ? giveUpAt(record, deps.timing) : record.deadlineAt

export const contextOf = (
  { client, record }: Job,
  before: Order,
  memo = record.memo,
  // oxlint-disable-next-line typescript/no-explicit-any
): Context<any> => ({
  settings: client.settings,
  request: record.request,
  byCustomer: record.byCustomer,
  before,
  memo,
})
