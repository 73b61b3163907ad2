/** When a webhook is tried again, and when it is switched off: its failures in a row decide. */
import type { Health } from '../../model/delivery.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** After so many failures in a row; after more, as after the last. */
const PAUSES_MS = [
  5_000,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]
/** Each pause is longer by up to so much of itself, so that many receivers do not meet. */
const JITTER = 0.2
/** No receiver may put us off for longer. */
const LONGEST_MS = 24 * HOUR
/** Without one success for as long, a webhook is switched off. */
const GIVE_UP_MS = 5 * 24 * HOUR
/** Rows that were refused so often while others passed are not what the receiver wants. */
export const MOST_TRIES = 10

/** A try that failed, as the schedule sees it. */
export interface Failed {
  /** An HTTP status or a word. */
  readonly result: string
  readonly retryAfterMs: number | null
}

export const afterSuccess = (health: Health, result: string, now: number): Health => ({
  ...health,
  failures: 0,
  nextAt: 0,
  failingSince: null,
  lastSuccessAt: now,
  lastResult: result,
})

/** `random` is below 1. */
export const afterFailure = (
  health: Health,
  { result, retryAfterMs }: Failed,
  now: number,
  random: number,
): Health => {
  const failingSince = health.failingSince ?? now
  const pause = PAUSES_MS[Math.min(health.failures, PAUSES_MS.length - 1)] as number
  const wait = Math.max(pause * (1 + JITTER * random), Math.min(retryAfterMs ?? 0, LONGEST_MS))
  return {
    ...health,
    enabled: result !== '410' && now - failingSince < GIVE_UP_MS,
    failures: health.failures + 1,
    nextAt: now + Math.round(wait),
    failingSince,
    lastResult: result,
  }
}
