/** What is to be done next about a link, by how its members stand. Pure: every step repeats. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { Link, LinkStatus, Run } from '../../model/link.ts'
import { type Placed, statusOf } from './standing.ts'

export type Step =
  /** A request waits: its run is opened. */
  | { readonly do: 'open'; readonly run: Run }
  /** Every member is looked at before anything is sent. */
  | { readonly do: 'look' }
  /** Members that have no record in the run get one, waiting. */
  | { readonly do: 'claim'; readonly members: readonly Placed[] }
  /** The turn of these has come. */
  | { readonly do: 'release'; readonly records: readonly Cancellation[] }
  /** One was refused, so these are not sent. */
  | { readonly do: 'refuse'; readonly records: readonly Cancellation[]; readonly by: Placed }
  /** Nothing of the run is left to be done. */
  | { readonly do: 'close' }
  /** No run: the link is as its members are. */
  | { readonly do: 'settle'; readonly status: LinkStatus }
  /** What is under way is waited for: the next write of a member's record comes back here. */
  | { readonly do: 'wait' }

const inState = (standings: readonly Placed[], ...states: readonly Placed['state'][]) =>
  standings.filter(({ state }) => states.includes(state))

const recordsOf = (standings: readonly Placed[]): Cancellation[] =>
  standings.flatMap(({ record }) => record ?? [])

/** The run that the oldest request which waits asks for; null: none waits. */
const asked = (standings: readonly Placed[], now: number): Run | null => {
  const [first] = recordsOf(inState(standings, 'waiting'))
    .filter(({ causedBy }) => causedBy === undefined)
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  if (!first) return null
  const { linked } = first.request
  return {
    id: first.id,
    linked: linked === 'each' ? 'each' : 'all',
    askedAt: first.createdAt,
    openedAt: now,
    isOpen: true,
    isLooked: false,
  }
}

/** The next step of an open run whose members were all looked at. */
const nextOf = ({ linked }: Run, standings: readonly Placed[]): Step => {
  const waiting = inState(standings, 'waiting')
  const [refused] = inState(standings, 'rejected')
  if (linked === 'all' && refused) {
    if (waiting.length > 0) return { do: 'refuse', records: recordsOf(waiting), by: refused }
  } else {
    // Of one whose store is gone nothing can be sent.
    const unclaimed = inState(standings, 'open').filter(({ isConfigured }) => isConfigured)
    if (unclaimed.length > 0) return { do: 'claim', members: unclaimed }
    const stage = Math.min(...waiting.map(({ member }) => member.stage))
    const isHeldUp = inState(standings, 'working', 'attention').some(
      ({ member }) => member.stage < stage,
    )
    const turn = waiting.filter(({ member }) => member.stage === stage)
    if (turn.length > 0 && !isHeldUp) return { do: 'release', records: recordsOf(turn) }
  }
  return inState(standings, 'waiting', 'working', 'attention').length > 0
    ? { do: 'wait' }
    : { do: 'close' }
}

export const planOf = ({ run }: Link, standings: readonly Placed[], now: number): Step => {
  if (run?.isOpen) {
    if (run.isLooked) return nextOf(run, standings)
    const isAskedOver = inState(standings, 'rejected').some(({ record }) => record?.id === run.id)
    // It was taken back before anything was sent.
    return isAskedOver ? { do: 'close' } : { do: 'look' }
  }
  const next = asked(standings, now)
  return next ? { do: 'open', run: next } : { do: 'settle', status: statusOf(standings) }
}
