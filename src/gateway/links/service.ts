/** Links as callers have them: put, read, listed, deleted, and how a request meets one. */
import { canonicalOf } from '../../adapter/contract.ts'
import type { Store } from '../../connection/store.ts'
import type { FullLedger, LinkQuery } from '../../ledger/port.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import { inputOf } from '../../model/capability.ts'
import type { Follow, Link, Member } from '../../model/link.ts'
import { problem, ProblemError, refuse } from '../../model/problem.ts'
import type { CancelRequest } from '../../model/request.ts'
import { named } from '../workflow/identity.ts'
import type { LinksLedger } from './driver.ts'
import { type Standing, standingsOf } from './standing.ts'

/** The stage of a member where neither its link nor its store says one: that of copies. */
const STAGE = 2

const WISHES = ['notify', 'message', 'restock', 'refund'] as const
type Wish = (typeof WISHES)[number]

/** A member as it is put. */
export type NewMember = Omit<Member, 'stage'> & { readonly stage: number | null }

/** A link as it is told of: without the stores themselves, so that it may cross to another host. */
export interface LinkView {
  readonly link: Link
  readonly standings: readonly Standing[]
}

export interface Links {
  /** Writes a link, or nothing where it is the same already; `isNew`: there was none. */
  put(
    name: string,
    members: readonly NewMember[],
    follow: Follow,
    caller: string,
    keyName?: string | null,
  ): Promise<LinkView & { readonly isNew: boolean }>
  get(name: string): Promise<LinkView>
  /** The link that an order is in. */
  of(store: string, orderId: string): Promise<Link | null>
  list(query: LinkQuery): Promise<LinkView[]>
  delete(name: string): Promise<void>
}

export interface LinksDeps {
  readonly ledger: LinksLedger
  readonly stores: ReadonlyMap<string, Store>
  readonly now: () => number
}

const notFound = () => refuse('link-not-found', 'No link has this name.')

const viewOf = async ({ ledger, stores }: LinksDeps, link: Link): Promise<LinkView> => ({
  link,
  standings: (await standingsOf(ledger, stores, link)).map(
    ({ member, state, record, isConfigured }) => ({ member, state, record, isConfigured }),
  ),
})

/** The member with its order's one spelling, and a stage. */
const placed = (
  { stores }: LinksDeps,
  { stage, refund, ...member }: NewMember,
  index: number,
): Member => {
  const store =
    stores.get(member.store) ?? refuse('store-not-found', 'No such store is configured.')
  return {
    ...member,
    // Links of before there was this wish are the same as those without it.
    ...(typeof refund === 'boolean' && { refund }),
    orderId: named(store, member.orderId, `/members/${index}/orderId`),
    stage: stage ?? store.stage ?? STAGE,
  }
}

const isSame = (link: Link, members: readonly Member[], follow: Follow): boolean =>
  link.follow === follow && JSON.stringify(link.members) === JSON.stringify(members)

/** Refuses what would pull a link away under a run, or under a request that waits for one. */
const mustRest = ({ link, standings }: LinkView): void => {
  const waiting = standings.find(({ state }) => state === 'waiting')?.record
  if (!link.run?.isOpen && !waiting) return
  const id = waiting?.id ?? link.run?.id
  refuse('cancellation-conflict', 'The orders of this link are being canceled.', {
    cancellation: `/v1/cancellations/${id}`,
  })
}

/** Makes every member due for a look: a link that comes too late must be told of at once. */
const hearAll = async ({ ledger, now }: LinksDeps, { members }: Link): Promise<void> => {
  const at = now()
  for (const { store, orderId } of members)
    await ledger.notices.hear([{ store, orderId, at, namesCancellation: true, by: 'sweep' }])
}

const twice = (members: readonly Member[]): number =>
  members.findIndex(
    ({ store, orderId }, index) =>
      members.findIndex((other) => other.store === store && other.orderId === orderId) !== index,
  )

const put = async (
  deps: LinksDeps,
  name: string,
  asked: readonly NewMember[],
  follow: Follow,
  caller: string,
  keyName: string | null = null,
): Promise<LinkView & { readonly isNew: boolean }> => {
  const { ledger, now } = deps
  const members = asked.map((member, index) => placed(deps, member, index))
  const again = twice(members)
  if (again >= 0)
    refuse('invalid-request', 'An order is named twice.', {
      errors: [{ pointer: `/members/${again}/orderId`, detail: 'is a member already' }],
    })
  for (;;) {
    const known = await ledger.links.get(name)
    if (known && isSame(known, members, follow))
      return { ...(await viewOf(deps, known)), isNew: false }
    if (known) mustRest(await viewOf(deps, known))
    const at = now()
    const saved = await ledger.links.save({
      name,
      version: known?.version ?? 0,
      revision: known?.revision ?? 0,
      status: 'open',
      caller,
      ...(keyName && { keyName }),
      members,
      follow,
      run: null,
      followed: null,
      createdAt: known?.createdAt ?? at,
      putAt: at,
      updatedAt: at,
      dueAt: at,
    })
    if (saved === 'stale') continue
    if ('taken' in saved)
      throw new ProblemError(problem('already-linked', 'An order of it is in another link.'))
    await hearAll(deps, saved)
    return { ...(await viewOf(deps, saved)), isNew: known === null }
  }
}

/** A filter with its order's one spelling, where it names the store that says which that is. */
const spelled = ({ stores }: LinksDeps, query: LinkQuery): LinkQuery => {
  const store = stores.get(query.store ?? '')
  return store && query.orderId !== undefined
    ? { ...query, orderId: canonicalOf(store.adapter, query.orderId) }
    : query
}

export const createLinks = (deps: LinksDeps): Links => {
  const { ledger } = deps
  const get = async (name: string) => {
    const link = (await ledger.links.get(name)) ?? notFound()
    return viewOf(deps, link)
  }
  return {
    put: (...asked) => put(deps, ...asked),
    get,
    of: (store, orderId) => ledger.links.of(store, orderId),
    list: async (query) =>
      Promise.all(
        (await ledger.links.list(spelled(deps, query))).map((link) => viewOf(deps, link)),
      ),
    async delete(name) {
      for (;;) {
        const view = await get(name)
        mustRest(view)
        if (await ledger.links.delete(view.link)) return
      }
    },
  }
}

/** The wishes that a platform can never take, where another member's could. */
const lostWishes = (
  stores: LinksDeps['stores'],
  link: Link,
  request: CancelRequest,
): { readonly wish: Wish; readonly could: Member }[] =>
  WISHES.flatMap((wish) => {
    if (!request[wish]) return []
    const can = (store: string) => stores.get(store)?.capabilities[inputOf(wish)].can
    const could = link.members.find(
      (member) => member.store !== request.store && (can(member.store) ?? 'never') !== 'never',
    )
    return can(request.store) === 'never' && could ? [{ wish, could }] : []
  })

/** Refuses a request whose wish another member of the link could be asked. */
const mustKeep = (stores: LinksDeps['stores'], link: Link, request: CancelRequest): void => {
  const lost = lostWishes(stores, link, request)
  if (lost.length > 0)
    refuse('unsupported', 'Another order of the link is the one to ask this of.', {
      errors: lost.map(({ wish, could }) => ({
        pointer: `/${wish}`,
        detail: `never here; order ${could.orderId} of the store ${could.store} could`,
      })),
    })
}

/** Refuses a request that would have an open run go another way. */
const mustJoin = ({ run }: Link, { linked = 'all' }: CancelRequest): void => {
  if (run?.isOpen && run.linked !== linked)
    refuse('cancellation-conflict', `The link is being canceled as “${run.linked}”.`, {
      cancellation: `/v1/cancellations/${run.id}`,
    })
}

/** Why nothing is taken of a linked order from who must have each order approved. */
export const LINKED_UNAPPROVED = problem(
  'unsupported',
  'What this key asks must be approved, and an approval is of one order: this one is linked with ' +
    'others.',
  { errors: [{ pointer: '/linked', detail: 'say "none": this order alone' }] },
)

/** The link that a request is for; null: its order goes alone. */
export const linkFor = async (
  { ledger, stores }: { ledger: Pick<FullLedger, 'links'>; stores: LinksDeps['stores'] },
  request: CancelRequest,
  reaches: (stores: readonly string[]) => boolean,
): Promise<Link | null> => {
  if (request.target !== 'order' || request.linked === 'none') return null
  const link = await ledger.links.of(request.store, request.orderId)
  if (!link) return null
  if (!reaches(link.members.map(({ store }) => store)))
    return request.linked === undefined
      ? null
      : refuse('forbidden', 'This key does not reach every store of the link.')
  mustJoin(link, request)
  mustKeep(stores, link, request)
  return link
}

/** Opens a run for what is open of a link whose asked member is canceled already. */
export const openRun = async (
  { ledger, now }: { ledger: Pick<FullLedger, 'links'>; now: () => number },
  name: string,
  { id, createdAt }: Cancellation,
  { linked }: CancelRequest,
): Promise<void> => {
  for (;;) {
    const link = await ledger.links.get(name)
    if (!link || link.run?.isOpen || link.status === 'canceled') return
    const run = {
      id,
      linked: linked === 'each' ? 'each' : 'all',
      askedAt: createdAt,
      openedAt: now(),
    } as const
    const saved = await ledger.links.save({
      ...link,
      status: 'canceling',
      run: { ...run, isOpen: true, isLooked: false },
      dueAt: run.openedAt,
    })
    if (saved !== 'stale') return
  }
}
