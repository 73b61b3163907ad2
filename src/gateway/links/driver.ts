/**
 * Drives links: what is to be done is read anew from the records at every step, so that a step that
 * was lost in a crash is taken again, and one that was not does no harm.
 */
import type { FullLedger } from '../../ledger/port.ts'
import type { Owed } from '../../model/delivery.ts'
import type { Link, LinkStatus } from '../../model/link.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import type { Problem } from '../../model/problem.ts'
import { type Found, lookAtAll, type PreviewOf } from './first-look.ts'
import { createFollowing, graceUntil } from './follow.ts'
import {
  claimMember,
  linkedRefused,
  linkedUnseen,
  type MemberDeps,
  refuseAll,
  release,
} from './members.ts'
import { planOf, type Step } from './plan.ts'
import { type Placed, type Standing, standingsOf, statusOf } from './standing.ts'
import type { Store } from '../../connection/store.ts'

/** Of a ledger what links are driven by; records may be kept elsewhere than they. */
export type LinksLedger = Pick<FullLedger, 'get' | 'list' | 'links'> & {
  readonly notices: Pick<FullLedger['notices'], 'hear'>
}

export interface DriverDeps extends MemberDeps {
  readonly ledger: LinksLedger
  readonly previewOf: PreviewOf
  /**
   * How soon a run is looked at again of which a record may have been written and nothing was said:
   * where records are kept elsewhere. Null: a record's write makes its link due by itself.
   */
  readonly recheckMs: number | null
  /** For how long records are kept, and a link of which nothing is heard. */
  readonly keptMs: number
  readonly stores: ReadonlyMap<string, Store>
  /** Whether this caller reaches all of these stores as the configuration is now. */
  readonly reaches: (caller: string, stores: readonly string[]) => boolean
  /** What a link owes to webhooks that came to this status. */
  readonly owes: (link: Link, standings: readonly Standing[]) => readonly Owed[]
  readonly onOwed: (owed: readonly Owed[]) => void
  /** Records wait no longer for the end of their run. */
  readonly onClosed: (records: readonly string[]) => void
  readonly onFault: (error: unknown) => void
}

export interface Driver {
  /** Takes all steps that can be taken now of the link with this name. */
  drive(name: string): Promise<void>
  /** Begins with the links that are due. */
  begin(): Promise<void>
  /** Resolves when nothing is under way. */
  rest(): Promise<void>
  /** Deletes links that nothing was heard of for as long as records are kept. */
  forget(): Promise<void>
  close(): Promise<void>
}

/** How many links one turn takes up. */
const AT_ONCE = 16
/** How soon members that cannot be read are looked at again. */
const UNSEEN_MS = 5_000
/** A plan has an end; one that does not is a fault of ours, and must not spin. */
const MOST_STEPS = 100

interface Driving extends DriverDeps {
  readonly follows: ReturnType<typeof createFollowing>
}

/** Writes the next state of a link; false: somebody wrote meanwhile, so it is read anew. */
const save = async (
  { ledger, onOwed }: DriverDeps,
  next: Link,
  owed: readonly Owed[] = [],
): Promise<boolean> => {
  const saved = await ledger.links.save(next, owed)
  if (saved === 'stale' || 'taken' in saved) return false
  if (owed.length > 0) onOwed(owed)
  return true
}

/** The link in a status, with what that owes: where it is an event, its revision rises. */
const into = (
  { owes, workflow }: DriverDeps,
  link: Link,
  status: LinkStatus,
  standings: readonly Standing[],
): { readonly next: Link; readonly owed: readonly Owed[] } => {
  const isEvent = status !== link.status && (status === 'canceled' || status === 'diverged')
  const next: Link = {
    ...link,
    status,
    revision: link.revision + (isEvent ? 1 : 0),
    updatedAt: workflow.now(),
    dueAt: null,
  }
  return { next, owed: isEvent ? owes(next, standings) : [] }
}

/** Closes the run; whether there is more to do. */
const end = async (deps: Driving, link: Link, standings: readonly Standing[]): Promise<boolean> => {
  const run = link.run && { ...link.run, isOpen: false }
  const { next, owed } = into(deps, { ...link, run }, statusOf(standings), standings)
  const isSaved = await save(deps, next, owed)
  if (isSaved) deps.onClosed(standings.flatMap(({ record }) => record?.id ?? []))
  return !isSaved
}

/** Looks at all members before the first call; whether there is more to do at once. */
const look = async (deps: Driving, link: Link, standings: readonly Placed[]): Promise<boolean> => {
  const { ledger, workflow } = deps
  const { run } = link
  const asked = run && (await ledger.get(run.id))
  if (!run || !asked) return save(deps, { ...link, run: null })
  const found = await lookAtAll(deps.previewOf, link, asked, standings)
  workflow.failpoint('linked')
  if (found.kind === 'clear') return save(deps, { ...link, run: { ...run, isLooked: true } })
  const now = workflow.now()
  if (found.kind === 'unseen' && now < asked.deadlineAt)
    return !(await save(deps, { ...link, dueAt: now + UNSEEN_MS }))
  for (const { state, record } of standings)
    if (state === 'waiting' && record) await refuseAll(deps, [record], whyNot(found, record))
  return end(deps, link, await standingsOf(deps.ledger, deps.stores, link))
}

/** Why a record that waits is not sent, after this was found of a member. */
const whyNot = (found: Exclude<Found, { kind: 'clear' }>, record: Cancellation): Problem => {
  const { member, record: own } = found.by
  if (found.kind === 'unseen') return linkedUnseen(member, found.problem.detail)
  return own?.id === record.id ? found.problem : linkedRefused(member, found.problem.detail)
}

/** No run is open: the link is as its members are, or they follow. */
const settle = async (
  deps: Driving,
  link: Link,
  status: LinkStatus,
  standings: readonly Standing[],
): Promise<boolean> => {
  const { ledger, workflow, follows } = deps
  const now = workflow.now()
  if (status === 'diverged') {
    const run = follows(link, standings, now)
    if (run) return save(deps, { ...link, run, followed: run.id, status: 'canceling', dueAt: now })
    const grace = link.status === 'diverged' ? null : graceUntil(link, standings, now)
    if (grace) {
      const others = standings.filter(({ state }) => state === 'open')
      for (const { member } of others)
        await ledger.notices.hear([
          { ...member, at: grace.lookAt, namesCancellation: true, by: 'sweep' },
        ])
      return !(await save(deps, { ...link, dueAt: grace.until }))
    }
  }
  const { next, owed } = into(deps, link, status, standings)
  if (status === link.status && link.dueAt === null) return false
  return !(await save(deps, next, owed))
}

/** Takes one step; whether there may be another at once. */
const take = async (
  deps: Driving,
  link: Link,
  step: Step,
  standings: readonly Placed[],
): Promise<boolean> => {
  const { ledger, workflow } = deps
  switch (step.do) {
    case 'open':
      return (await save(deps, { ...link, run: step.run, status: 'canceling' }), true)
    case 'look':
      return look(deps, link, standings)
    case 'claim': {
      const asked = link.run && (await ledger.get(link.run.id))
      if (!asked) return save(deps, { ...link, run: null })
      for (const one of step.members) {
        await claimMember(deps, link, asked, one)
        workflow.failpoint('member claimed')
      }
      return true
    }
    case 'release':
      await release(deps, step.records)
      workflow.failpoint('released')
      return true
    case 'refuse':
      await refuseAll(
        deps,
        step.records,
        linkedRefused(step.by.member, step.by.record?.problem?.detail ?? ''),
      )
      return true
    case 'close':
      return end(deps, link, standings)
    case 'settle':
      return settle(deps, link, step.status, standings)
    case 'wait': {
      const { recheckMs } = deps
      const dueAt = recheckMs === null ? null : workflow.now() + recheckMs
      return !(await save(deps, { ...link, dueAt }))
    }
  }
}

const drive = async (deps: Driving, name: string): Promise<void> => {
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const link = await deps.ledger.links.get(name)
    if (!link) return
    const standings = await standingsOf(deps.ledger, deps.stores, link)
    if (!(await take(deps, link, planOf(link, standings, deps.workflow.now()), standings))) return
  }
  throw new Error('a link did not come to rest')
}

/** How many links are looked through at once. */
const PAGE = 100

/** Nothing is under way of it, and nobody is waited for. */
const isAtRest = ({ run }: Link, standings: readonly Standing[]): boolean =>
  !run?.isOpen && standings.every(({ state }) => ['open', 'reopened', 'canceled'].includes(state))

const forgetOld = async ({ ledger, stores, workflow, keptMs }: DriverDeps): Promise<void> => {
  const before = workflow.now() - keptMs
  let after: string | undefined
  for (;;) {
    const page: Link[] = await ledger.links.list({ limit: PAGE, after })
    for (const link of page) {
      const isOld = Math.max(link.putAt, link.updatedAt) <= before
      if (isOld && isAtRest(link, await standingsOf(ledger, stores, link)))
        await ledger.links.delete(link)
    }
    after = page.at(-1)?.name
    if (page.length < PAGE) return
  }
}

export const createDriver = (options: DriverDeps): Driver => {
  const deps: Driving = { ...options, follows: createFollowing(options.reaches) }
  /** One after the other of a link: what comes meanwhile is done once more. */
  const working = new Map<string, Promise<void>>()
  let isClosed = false
  const once = (name: string): Promise<void> => {
    const before = working.get(name) ?? Promise.resolve()
    const task = before
      .then(() => (isClosed ? undefined : drive(deps, name)))
      .finally(() => {
        if (working.get(name) === task) working.delete(name)
      })
    working.set(name, task)
    return task
  }
  return {
    drive: once,
    async begin() {
      if (isClosed) return
      // As many more as are driven already, or slow ones would hold up all others.
      const due = await deps.ledger.links.due(AT_ONCE + working.size)
      for (const { name } of due) if (!working.has(name)) once(name).catch(deps.onFault)
    },
    async rest() {
      while (working.size > 0) await Promise.allSettled(working.values())
    },
    forget: () => forgetOld(deps),
    async close() {
      isClosed = true
      await Promise.allSettled(working.values())
    },
  }
}
