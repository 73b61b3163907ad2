/** What notices are worked with, what is known of their orders, and how each ends. */
import type { Store } from '../../connection/store.ts'
import type { FullLedger } from '../../ledger/port.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import type { WorkflowDeps } from '../workflow/job.ts'

/** How every notice that was taken ends. */
export const OUTCOMES = [
  'canceled', // it was news that the order is canceled, and is written down
  'reopened', // the order is open again
  'unchanged', // nothing new
  'echo', // what is held already, or follows a look at once
  'hastened', // a cancellation of ours waits, and looks by itself
  'unheard', // there is nobody whom it concerns
  'gone', // there is no such order
] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface NoticeDeps {
  readonly ledger: FullLedger
  readonly workflow: WorkflowDeps
  /** Whether anybody is to be told of what happens in a store. */
  readonly isListening: (store: string) => boolean
  readonly idSuffix: (store: Store) => string
  readonly onCreated: (record: Cancellation) => void
  readonly onOutcome: (store: Store, outcome: Outcome) => void
}

/** What is known of an order before it is looked at. */
export interface Known {
  /** Cancellations of the order itself, the newest first. */
  readonly records: readonly Cancellation[]
  /** The name of the link that it is in. */
  readonly link: string | null
}

/** Held as canceled: the order was, and has not been seen open since. */
export const isHeld = ({ status, reopenedAt }: Cancellation): boolean =>
  status === 'succeeded' && reopenedAt === undefined
