/** How a store's calls went since this process began, for people who ask how it is. */
import type { GateState } from './gate.ts'

/** Times in milliseconds since 1970. */
export interface StoreHealth extends GateState {
  /** When its platform last answered, whatever it said; null: not since the start. */
  readonly answeredAt: number | null
  /** Since when no call got an answer; null: the last one did, or there was none. */
  readonly failingSince: number | null
  /** Since when the store's credentials are refused; null: they are not, as far as is known. */
  readonly refusedSince: number | null
  /** For how many milliseconds it is still left alone; 0: it may be asked. */
  readonly restMs: number
}

export type Calls = Pick<StoreHealth, 'answeredAt' | 'failingSince' | 'refusedSince'>

export interface CallsWatch {
  answered(): void
  failed(): void
  /** The platform said whether it takes the store's credentials. */
  letIn(isIn: boolean): void
  calls(): Calls
}

export const watchCalls = (now: () => number): CallsWatch => {
  let calls: Calls = { answeredAt: null, failingSince: null, refusedSince: null }
  return {
    answered() {
      calls = { ...calls, answeredAt: now(), failingSince: null }
    },
    failed() {
      calls = { ...calls, failingSince: calls.failingSince ?? now() }
    },
    letIn(isIn) {
      calls = { ...calls, refusedSince: isIn ? null : (calls.refusedSince ?? now()) }
    },
    calls: () => calls,
  }
}
