/** What happens to a cancellation: the events that `transition` takes. */
import type { Hindrance, LeftOut, Resolution, RunningJob, Via, Word } from './cancellation.ts'
import type { Effects } from './effect.ts'
import type { Order } from './order.ts'
import type { Problem } from './problem.ts'

export interface EndDetails {
  readonly at: number
  readonly effects: Effects
  readonly order: Order | null
  readonly result?: Result | undefined
}
/** How the last call ended; `unsent` as in `Attempt`. */
export interface Result {
  readonly result: string
  readonly ms: number
  readonly unsent?: boolean
}

export type Event =
  /** The intent to send, written down before the first byte. */
  | {
      readonly type: 'send'
      readonly at: number
      readonly call: string
      readonly order: Order
      readonly memo: unknown
      readonly wakeAt: number
      readonly withoutReason?: LeftOut | undefined
    }
  /** Provably nothing arrived: try again later. */
  | {
      readonly type: 'unsent'
      readonly at: number
      readonly wakeAt: number
      readonly result: Result
      readonly hindrance?: Hindrance | undefined
      readonly withoutReason?: LeftOut | undefined
    }
  /** The platform took the call, and is at it, or still at it. */
  | {
      readonly type: 'running'
      readonly at: number
      readonly wakeAt: number
      readonly running: RunningJob
      readonly result: Result
    }
  /**
   * It may or may not have happened; `result` is missing after a crash. With `refusal`: an explicit
   * no, but what it left behind could not be seen yet. With `word`: an explicit yes that no look
   * shows yet.
   */
  | {
      readonly type: 'doubt'
      readonly at: number
      readonly wakeAt: number
      readonly result?: Result | undefined
      readonly refusal?: Problem | undefined
      readonly word?: Word | undefined
      readonly hindrance?: Hindrance | undefined
    }
  /** Nothing new; look again later. `hindrance`: why a look came to nothing. */
  | {
      readonly type: 'wait'
      readonly at: number
      readonly wakeAt: number
      readonly unchanged: boolean
      readonly hindrance?: Hindrance | undefined
    }
  | ({
      readonly type: 'succeed'
      readonly via: Via
      readonly alreadyCanceled: boolean
    } & EndDetails)
  | ({ readonly type: 'reject'; readonly via: Via | null; readonly problem: Problem } & EndDetails)
  | ({ readonly type: 'escalate'; readonly problem: Problem } & EndDetails)
  | {
      readonly type: 'resolve'
      readonly at: number
      readonly as: Resolution
      readonly note: string
      readonly by: string
      readonly keyName?: string | null
      readonly effects: Effects
      readonly problem: Problem | null
      readonly deadlineAt: number
    }
  /** A rejected one whose problem is retryable, asked for again by its key. */
  | {
      readonly type: 'restart'
      readonly at: number
      readonly wakeAt: number
      readonly deadlineAt: number
      readonly byCustomer: boolean
      /** The name of the key that asked again; null: that has none. Left out: as it was. */
      readonly keyName?: string | null
      /** The link whose run decides when it is sent. */
      readonly link?: string | undefined
      /** Who asks must have it approved, again too. */
      readonly needsApproval?: boolean | undefined
    }
  /** Nothing stands in the way, but somebody must approve it before anything is sent. */
  | {
      readonly type: 'ask'
      readonly at: number
      readonly wakeAt: number
      readonly order: Order
    }
  | {
      readonly type: 'approve'
      readonly at: number
      readonly by: string
      readonly keyName: string | null
      readonly note: string | null
      readonly deadlineAt: number
    }
  | {
      readonly type: 'decline'
      readonly at: number
      readonly by: string
      readonly keyName: string | null
      readonly note: string
      readonly effects: Effects
      readonly problem: Problem
    }
  /** Something was heard of its order: a look is due at once. */
  | { readonly type: 'hasten'; readonly at: number }
  /** Its turn in the run of its link has come. */
  | { readonly type: 'release'; readonly at: number; readonly deadlineAt: number }
  /** Its order was looked at, and it is for a person what follows of that. */
  | { readonly type: 'refresh'; readonly at: number; readonly order: Order }
  /** Its order reads open though it was recorded as canceled. */
  | { readonly type: 'reopen'; readonly at: number; readonly order: Order }
  /** Its order reads canceled again. */
  | { readonly type: 'recancel'; readonly at: number; readonly order: Order }
