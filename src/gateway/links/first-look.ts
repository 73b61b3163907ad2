/** Everybody is looked at before anything is sent: who can still say no is asked first. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { Link } from '../../model/link.ts'
import { problem, type Problem, ProblemError } from '../../model/problem.ts'
import type { CancelRequest } from '../../model/request.ts'
import type { Preview } from '../read.ts'
import { requestOf } from './members.ts'
import type { Placed } from './standing.ts'

export type Found =
  | { readonly kind: 'clear' }
  | { readonly kind: 'refused'; readonly by: Placed; readonly problem: Problem }
  /** It could not be read: again later. */
  | { readonly kind: 'unseen'; readonly by: Placed; readonly problem: Problem }

const GONE = problem('platform-unavailable', 'Its store is no longer in the configuration.')

/** What a cancel would find of an order; where its store led elsewhere before, that it must not. */
export type PreviewOf = (request: CancelRequest) => Promise<Preview>

/** What stands in the way of one member; null: nothing. */
const hindranceOf = async (
  previewOf: PreviewOf,
  asked: Cancellation,
  { member, store, record }: Placed,
): Promise<Problem | null> => {
  if (!store) return GONE
  const request = record?.waitsForLink ? record.request : requestOf(member, asked.request)
  try {
    return (await previewOf(request)).problem
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
}

/**
 * Looks at every member that is not held as canceled; at none where each goes for itself, since its
 * own look decides then.
 */
export const lookAtAll = async (
  previewOf: PreviewOf,
  { run }: Link,
  asked: Cancellation,
  standings: readonly Placed[],
): Promise<Found> => {
  if (run?.linked === 'each') return { kind: 'clear' }
  const open = standings.filter(({ state }) => state === 'open' || state === 'waiting')
  const looks = await Promise.all(
    open.map(async (by) => ({ by, problem: await hindranceOf(previewOf, asked, by) })),
  )
  const hindered = looks.flatMap(({ by, problem: one }) => (one ? [{ by, problem: one }] : []))
  const refused = hindered.find(({ problem: one }) => !one.retryable)
  if (refused) return { kind: 'refused', ...refused }
  const unseen = hindered.find(({ problem: one }) => one.retryable)
  return unseen ? { kind: 'unseen', ...unseen } : { kind: 'clear' }
}
