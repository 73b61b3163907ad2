/**
 * What adapters that list changes share: filters and pages are ignored more often than refused, so
 * that a list is believed only where it is the one that was asked for.
 */
import { type CallFailure, failureOf } from './failure.ts'
import type { Changed } from './contract.ts'

/** The list is another than was asked for: nothing of it is taken, and the next sweep asks anew. */
export const otherThanAsked = (what: string): CallFailure => failureOf('doubt', `200 ${what}`)

/** Fails where times do not rise from `since` on: the filter or the order was ignored. */
export const assertRising = (times: readonly number[], since: number): void => {
  if (times.some((time, index) => time < (times[index - 1] ?? since)))
    throw otherThanAsked('orders of other times, or in another order')
}

const SECOND = 1_000

/** A time that is written in seconds holds the whole of both that it begins and ends in. */
export const wholeSeconds = ({ since, until }: { since: number; until: number }) => ({
  since: Math.floor(since / SECOND) * SECOND,
  until: Math.ceil(until / SECOND) * SECOND,
})

/** Of a page in no order, what changed in this time. A page of nothing else was not asked for. */
export const within = (
  orders: readonly Changed[],
  { since, until }: { since: number; until: number },
): Changed[] => {
  const found = orders.filter(({ changedAt }) => changedAt >= since && changedAt <= until)
  if (orders.length > 0 && found.length === 0) throw otherThanAsked('orders of other times')
  return found
}
