/** What a person is to see first: what needs one, and what others did in the stores. */
import type { Store } from '../connection/store.ts'
import type { LinkView } from './links/service.ts'
import { hasHook } from './notices/ways.ts'
import type { Caller, CallerService } from './service.ts'
import type { Cancellation } from '../model/cancellation.ts'
import { awaitsApproval } from '../model/approval.ts'

/** How many of each are read. */
export const NEEDING = 100
/** How each order of a link stands is read with it, so that few are. */
export const DIVERGED = 20
const PAGES = 5

export interface Silent {
  readonly store: Store
  readonly since: number
}

export interface Needs {
  /** What others asked, and this caller may approve. */
  readonly awaited: readonly Cancellation[]
  readonly records: readonly Cancellation[]
  readonly diverged: readonly LinkView[]
  /** Orders that are open again, each by its last record. */
  readonly reopened: readonly Cancellation[]
  readonly silent: readonly Silent[]
}

const NOTHING: Needs = { awaited: [], records: [], diverged: [], reopened: [], silent: [] }

/** How many of each are read, where it is not what one page shows. */
export interface Most {
  readonly records: number
  readonly diverged: number
}
const OF_A_PAGE: Most = { records: NEEDING, diverged: DIVERGED }

/** Those that the caller reaches are among those of others. */
const divergedOf = async ({ links }: CallerService, most: number): Promise<LinkView[]> => {
  const found: LinkView[] = []
  let after: string | undefined
  for (let page = 0; page < PAGES && found.length < most; page++) {
    const more = await links.list({ status: 'diverged', limit: most, after })
    found.push(...more.links)
    if (more.next === null) break
    after = more.next
  }
  return found.slice(0, most)
}

/** What is being canceled once more, or is canceled by now, needs nobody. */
const reopenedOf = async (service: CallerService, limit: number): Promise<Cancellation[]> => {
  const found = await service.list({ reopened: true, order: 'desc', limit })
  const last = await Promise.all(
    found.map(async ({ request: { store, orderId } }) => {
      const [newest] = await service.list({ store, orderId, order: 'desc', limit: 1 })
      return newest
    }),
  )
  const standing = found.filter((record, index) => {
    const newest = last[index] ?? record
    return newest.id === record.id || newest.status === 'rejected' || newest.reopenedAt
  })
  const orderOf = ({ request }: Cancellation) => JSON.stringify([request.store, request.orderId])
  return standing.filter(
    (record, index) => standing.findIndex((other) => orderOf(other) === orderOf(record)) === index,
  )
}

/** Whether a sweep could tell that its webhooks tell nothing. */
export const canFallSilent = (store: Store): boolean => store.sweepMs !== null && hasHook(store)

const silentOf = async (service: CallerService): Promise<Silent[]> => {
  const heard = service.stores().filter(canFallSilent)
  const found = await Promise.all(
    heard.map(async (store) => ({
      store,
      since: (await service.noticesOf(store.id)).silentSince,
    })),
  )
  return found.flatMap(({ store, since }) => (since === null ? [] : [{ store, since }]))
}

/** Who asked cannot. */
export const mayApprove = (record: Cancellation, { name, scopes }: Caller): boolean =>
  awaitsApproval(record) && scopes.includes('approve') && record.caller !== name

const awaitedOf = async (service: CallerService, most: number): Promise<Cancellation[]> => {
  if (!service.caller.scopes.includes('approve')) return []
  const found = await service.list({ approval: 'awaited', order: 'asc', limit: most })
  return found.filter((record) => mayApprove(record, service.caller))
}

/** The records are those that wait longest. */
export const needsOf = async (service: CallerService, most = OF_A_PAGE): Promise<Needs> => {
  const [awaited, records, diverged, reopened, silent] = await Promise.all([
    awaitedOf(service, most.records),
    service.list({ order: 'asc', status: 'needs_attention', limit: most.records }),
    divergedOf(service, most.diverged),
    reopenedOf(service, most.records),
    silentOf(service),
  ])
  return { awaited, records, diverged, reopened, silent }
}

export const countOf = ({ awaited, records, diverged, reopened, silent }: Needs): number =>
  awaited.length + records.length + diverged.length + reopened.length + silent.length

/** How many things need a person; zero where that cannot be read, which the page itself tells. */
export const needing = async (service: CallerService): Promise<number> =>
  countOf(await needsOf(service).catch(() => NOTHING))

/** Changes with what it is made of. */
export const needsMark = ({ awaited, diverged, reopened, silent }: Needs): string =>
  [
    ...awaited.map(({ id, version }) => `${id.slice(-10)}.${version}`),
    ...diverged.map(({ link }) => `${link.name.slice(-12)}.${link.version}`),
    ...reopened.map(({ id, version }) => `${id.slice(-10)}.${version}`),
    ...silent.map(({ store, since }) => `${store.id}.${since}`),
  ]
    .map(encodeURIComponent)
    .join('~')
    .slice(0, 1_000)
