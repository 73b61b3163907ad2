/** Links as one caller has them: one with a store that the caller does not reach does not exist. */
import type { LinkQuery } from '../../ledger/port.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import { type Follow, holds, type LinkStatus } from '../../model/link.ts'
import { problem, ProblemError, refuse } from '../../model/problem.ts'
import type { Act, Acts } from '../audit/acts.ts'
import type { Links, LinkView, NewMember } from './service.ts'

/** A page of links, and the name after which to go on; null: there are no more. */
export interface LinkPage {
  readonly links: readonly LinkView[]
  readonly next: string | null
}

type Linkable = Pick<Cancellation, 'link' | 'request'>

export interface CallerLinks {
  put(
    name: string,
    members: readonly NewMember[],
    follow: Follow,
  ): Promise<LinkView & { readonly isNew: boolean }>
  get(name: string): Promise<LinkView>
  list(query: LinkQuery): Promise<LinkPage>
  delete(name: string): Promise<void>
  /**
   * The link that a record names, while its order is in it; null: none, or one that the caller does
   * not reach.
   */
  of(record: Linkable): Promise<LinkView | null>
  /** The same of several; each link is read once. */
  ofAll(records: readonly Linkable[]): Promise<(LinkView | null)[]>
}

export interface LinksCaller {
  readonly name: string
  /** The name of the key that it asks with. */
  readonly key?: string | null
  readonly acts: Acts
  readonly must: (scope: 'read' | 'cancel') => void
  readonly reaches: (store: string) => boolean
}

const missing = async () => refuse('link-not-found', 'No link has this name.')

const nothing = async () => refuse('not-found', 'Nothing is linked here.')
/** Where nothing can be linked. */
const NO_LINKS: Links = {
  put: nothing,
  get: missing,
  of: async () => null,
  list: nothing,
  delete: nothing,
}

/**
 * A page of those that are the caller's. Names of others are passed over, also as the place to go
 * on from.
 */
const listMine = async (
  all: Links,
  isMine: (view: LinkView) => boolean,
  query: LinkQuery,
): Promise<LinkPage> => {
  const links: LinkView[] = []
  for (let { after } = query; ;) {
    const found = await all.list({ ...query, after })
    for (const view of found.filter(isMine)) {
      // There is one more than fits, so there is a further page.
      if (links.length === query.limit) return { links, next: links.at(-1)?.link.name ?? null }
      links.push(view)
    }
    if (found.length < query.limit) return { links, next: null }
    after = found.at(-1)?.link.name
  }
}

const actOn = (action: 'link.put' | 'link.deleted', link: string): Act => ({
  action,
  store: null,
  subject: { link },
})

const mustReach = (
  members: readonly { readonly store: string }[],
  reaches: LinksCaller['reaches'],
): void =>
  members.forEach(({ store }, index) => {
    if (!reaches(store))
      refuse('store-not-found', 'No store with this id is configured for this key.', {
        errors: [{ pointer: `/members/${index}/store`, detail: 'is no store of this key' }],
      })
  })

export const callerLinks = (
  links: Links | undefined,
  { name: caller, key: keyName = null, acts, must, reaches }: LinksCaller,
): CallerLinks => {
  const all = links ?? NO_LINKS
  const isMine = ({ link }: LinkView) => link.members.every(({ store }) => reaches(store))
  const find = async (name: string): Promise<LinkView | null> => {
    try {
      const view = await all.get(name)
      return isMine(view) ? view : null
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'link-not-found') return null
      throw error
    }
  }
  const mine = async (name: string) => (await find(name)) ?? missing()
  const ofAll = async (records: readonly Linkable[]) => {
    const names = [...new Set(records.flatMap(({ link }) => link ?? []))]
    const views = new Map(
      await Promise.all(names.map(async (name) => [name, await find(name)] as const)),
    )
    return records.map(({ link, request }) => {
      const view = views.get(link ?? '')
      return view && holds(view.link, request) ? view : null
    })
  }
  return {
    async put(name, members, follow) {
      must('cancel')
      mustReach(members, reaches)
      const known = await all.get(name).catch((error: unknown) => {
        if (error instanceof ProblemError && error.problem.code === 'link-not-found') return null
        throw error
      })
      // Names are one space, and no more is said of another's.
      if (known && !isMine(known))
        throw new ProblemError(problem('already-linked', 'This name is taken.'))
      const put = () => all.put(name, members, follow, caller, keyName)
      return acts.act(actOn('link.put', name), put)
    },
    async get(name) {
      must('read')
      return mine(name)
    },
    async list(query) {
      must('read')
      return listMine(all, isMine, query)
    },
    async delete(name) {
      must('cancel')
      await mine(name)
      await acts.act(actOn('link.deleted', name), () => all.delete(name))
    },
    of: async (record) => (await ofAll([record]))[0] ?? null,
    ofAll,
  }
}

/** How the link of a record is told with it. */
export interface LinkMark {
  readonly name: string
  readonly status: LinkStatus
}
export const markOf = (view: LinkView | null): LinkMark | null =>
  view && { name: view.link.name, status: view.link.status }
