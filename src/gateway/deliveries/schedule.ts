/** When a webhook is tried again, and when it is switched off: its failures in a row decide. */
import type { Delivery, Health } from '../../model/delivery.ts'
import { LONGEST_MS, type Outcome } from './attempt.ts'

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
/** Without one success for as long, a webhook is switched off. */
const GIVE_UP_MS = 5 * 24 * HOUR
/** Rows that were refused so often while others passed are not what the receiver wants. */
const MOST_TRIES = 10

/** How long is waited after so many failures before this one. */
export const pauseAfter = (failures: number): number =>
  PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] as number

export type Failed = Extract<Outcome, { kind: 'failed' }>
const isFailed = (outcome: Outcome): outcome is Failed => outcome.kind === 'failed'

export const afterSuccess = (health: Health, result: string, now: number): Health => ({
  ...health,
  failures: 0,
  nextAt: 0,
  failingSince: null,
  lastSuccessAt: now,
  lastResult: result,
})

/** A receiver that gives up a message is there, but took nothing: that is no success. */
const afterGivingUp = (health: Health, result: string): Health => ({
  ...health,
  failures: 0,
  nextAt: 0,
  lastResult: result,
})

/** `random` is below 1. */
export const afterFailure = (
  health: Health,
  { result, retryAfterMs, isGone }: Failed,
  now: number,
  random: number,
): Health => {
  const failingSince = health.failingSince ?? now
  const wait = Math.max(pauseAfter(health.failures), Math.min(retryAfterMs ?? 0, LONGEST_MS))
  return {
    ...health,
    enabled: !isGone && now - failingSince < GIVE_UP_MS,
    failures: health.failures + 1,
    nextAt: now + Math.round(wait * (1 + JITTER * random)),
    failingSince,
    lastResult: result,
  }
}

/**
 * The health after tries that went side by side. One that passed shows that the receiver is there;
 * but it may still have said that it wants nothing any more, or to be left alone for a while.
 */
export const afterTries = (
  health: Health,
  outcomes: readonly Outcome[],
  now: number,
  random: number,
): Health => {
  const failed = outcomes.filter(isFailed)
  const retryAfterMs = Math.max(0, ...failed.map((one) => one.retryAfterMs ?? 0))
  const gone = failed.find(({ isGone }) => isGone)
  const delivered = outcomes.find(({ kind }) => kind === 'delivered')
  const givenUp = outcomes.find(({ kind }) => kind === 'given up')
  if (!gone && (delivered || givenUp)) {
    const well = delivered
      ? afterSuccess(health, delivered.result, now)
      : afterGivingUp(health, (givenUp as Outcome).result)
    return retryAfterMs === 0 ? well : { ...well, nextAt: now + Math.min(retryAfterMs, LONGEST_MS) }
  }
  const [first] = failed
  return first ? afterFailure(health, { ...(gone ?? first), retryAfterMs }, now, random) : health
}

/** For so long a success is not written down again: each costs a commit, and tells nothing new. */
const SUCCESS_MS = 1_000

/** Whether a webhook is as well as it was a moment ago. */
export const isAsWell = (before: Health, next: Health): boolean =>
  before.lastSuccessAt !== null &&
  next.lastSuccessAt !== null &&
  next.lastSuccessAt - before.lastSuccessAt < SUCCESS_MS &&
  next.lastSuccessAt >= before.lastSuccessAt &&
  [before, next].every(({ enabled, failures, nextAt }) => enabled && failures === 0 && nextAt === 0)

/**
 * Whether a row that fails once more is not what the receiver wants: it was refused often enough,
 * and others passed since the last time. What fails while nothing passes is owed however often.
 */
export const isRefused = ({ tries, triedAt }: Delivery, { lastSuccessAt }: Health): boolean =>
  tries + 1 >= MOST_TRIES && triedAt !== null && (lastSuccessAt ?? -Infinity) >= triedAt
