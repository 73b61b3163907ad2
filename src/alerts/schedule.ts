/** When a message that did not arrive is tried again: with growing pauses, and without an end. */
import type { Health } from '../model/delivery.ts'

const MINUTE = 60_000
/** After so many failures in a row; after more, as after the last. */
const PAUSES_MS = [30_000, MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE]
/** Each pause is longer by up to so much of itself. */
const JITTER = 0.2
/** No receiver may put us off for longer. */
const LONGEST_MS = 24 * 60 * MINUTE

/** How a try ended: a word of a closed list or a status, and no address. */
export interface Sent {
  readonly hasArrived: boolean
  readonly result: string
  /** How long the receiver wants to be left alone. */
  readonly retryAfterMs?: number | null
}

/** `random` is below 1. */
export const afterSending = (health: Health, sent: Sent, now: number, random: number): Health => {
  const { hasArrived, result, retryAfterMs } = sent
  if (hasArrived)
    return {
      ...health,
      failures: 0,
      nextAt: 0,
      failingSince: null,
      lastSuccessAt: now,
      lastResult: result,
    }
  const pause = PAUSES_MS[Math.min(health.failures, PAUSES_MS.length - 1)] as number
  const wait = Math.max(pause, Math.min(retryAfterMs ?? 0, LONGEST_MS))
  return {
    ...health,
    failures: health.failures + 1,
    nextAt: now + Math.round(wait * (1 + JITTER * random)),
    failingSince: health.failingSince ?? now,
    lastResult: result,
  }
}
