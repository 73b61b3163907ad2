/** What follows where a member of a link was canceled at its platform. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { Link, Run } from '../../model/link.ts'
import type { Standing } from './standing.ts'

/** So long the merchant's own glue may take before the others are called open. */
export const GRACE_MS = 300_000
/** What is read at the end of that is looked at by then, at a platform that answers. */
const LOOK_MS = 30_000
/** Where a platform does not say when: what is found so soon may have been canceled before. */
const LATE_LINK_MS = 600_000
/** More runs of one store in so long are a platform's mistake rather than its people's. */
const WINDOW_MS = 600_000
const MOST_RUNS = 20

/** The newest of what somebody canceled at a platform. */
const lastOf = (standings: readonly Standing[]) =>
  standings
    .filter(({ state, record }) => state === 'canceled' && record?.origin === 'platform')
    .sort((a, b) => (b.record?.createdAt ?? 0) - (a.record?.createdAt ?? 0))[0]?.record ?? null

/**
 * Whether it was canceled before the orders were linked: that is told of, and nothing follows. One
 * that has not changed since then was.
 */
const isFromBefore = ({ putAt }: Link, { order, createdAt }: Cancellation): boolean => {
  const at = order?.canceledAt ?? order?.updatedAt ?? null
  return at === null ? createdAt < putAt + LATE_LINK_MS : Date.parse(at) < putAt
}

/** Until when the others are given time; null: no longer, or never. */
export const graceUntil = (
  link: Link,
  standings: readonly Standing[],
  now: number,
): { readonly lookAt: number; readonly until: number } | null => {
  const last = lastOf(standings)
  if (!last || isFromBefore(link, last)) return null
  const lookAt = last.createdAt + GRACE_MS
  return now < lookAt + LOOK_MS ? { lookAt, until: lookAt + LOOK_MS } : null
}

/** Whether the other members follow; the run, named by what was canceled. Null: they do not. */
export const createFollowing = (
  reaches: (caller: string, stores: readonly string[]) => boolean,
) => {
  const runs = new Map<string, readonly number[]>()
  return (link: Link, standings: readonly Standing[], now: number): Run | null => {
    const last = link.follow === 'cancel' ? lastOf(standings) : null
    if (!last || link.followed === last.id || isFromBefore(link, last)) return null
    if (!standings.some(({ state }) => state === 'open')) return null
    const stores = link.members.map(({ store }) => store)
    if (!reaches(link.caller, stores)) return null
    const recent = (runs.get(last.request.store) ?? []).filter((at) => at > now - WINDOW_MS)
    if (recent.length >= MOST_RUNS) return null
    runs.set(last.request.store, [...recent, now])
    return {
      id: last.id,
      linked: 'each',
      askedAt: null,
      openedAt: now,
      isOpen: true,
      isLooked: true,
    }
  }
}
