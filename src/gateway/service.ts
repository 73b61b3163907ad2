/**
 * The port that HTTP, console, command line, batches and the Workers' front share: what can be done
 * about cancellations, and the same with one caller's reach applied.
 */
import type { StoreHealth } from '../connection/health.ts'
import type { Store } from '../connection/store.ts'
import { type Ledger, LedgerUnavailable, type Query } from '../ledger/port.ts'
import { isAsked } from '../model/approval.ts'
import type { Cancellation, DayCount, Resolution } from '../model/cancellation.ts'
import type { Order } from '../model/order.ts'
import type { Member } from '../model/link.ts'
import { type Problem, ProblemError, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import type { Admitted } from './admission.ts'
import { type CallerLinks, callerLinks } from './links/caller.ts'
import { requestOf } from './links/members.ts'
import { LINKED_UNAPPROVED, type Links } from './links/service.ts'
import type { StoreNotices } from './notices/service.ts'
import type { Preview, ReadOrder } from './read.ts'
import type { Timing } from './workflow/timing.ts'

/** What goes with what a caller asks, beside its name. */
export interface Terms {
  /** The name of its API key, for the record alone: the caller is who asks. */
  readonly keyName?: string | null | undefined
  /** Nothing is sent until another caller has approved it. */
  readonly needsApproval?: boolean | undefined
}

/**
 * All that can be asked, by whom does not matter. Every method rejects with `ProblemError` for what
 * the asker can mend, and with `LedgerUnavailable` where nothing can be written or read.
 */
export interface CancellationService {
  readonly stores: ReadonlyMap<string, Store>
  readonly timing: Timing
  /** Left out: nothing is linked here. */
  readonly links?: Links
  /**
   * Accepts a request, durably, and starts to work on it, or leaves it in its store's queue.
   * Rejects for what is refused without a record: key reuse, conflicts, a target that the platform
   * does not have.
   */
  cancel(
    request: CancelRequest,
    caller: string,
    key: string | null,
    customerToken: string | null,
    batchId?: string | null,
    terms?: Terms,
  ): Promise<Admitted>
  /**
   * Sees to it that nothing is ever sent under this key; the record that it is bound to, or null
   * where none can begin.
   */
  forgo(
    request: CancelRequest,
    caller: string,
    key: string,
    batchId: string,
    keyName?: string | null,
  ): Promise<Cancellation | null>
  get(id: string): Promise<Cancellation>
  /** An order is found by each spelling that its platform reads as the same. */
  list(query: Query): Promise<Cancellation[]>
  /** Left out: nobody is shown counts here. */
  readonly countsByDay?: Ledger['countsByDay']
  /**
   * Holds until the record is final or needs attention, or so many milliseconds are over; then the
   * record as it stands. Also until an approval is asked for; where that is known already, it holds
   * on.
   */
  wait(id: string, ms: number, signal?: AbortSignal, isKnownAsked?: boolean): Promise<Cancellation>
  /** Takes back what is still `accepted`. */
  withdraw(id: string): Promise<Cancellation>
  /** A person closes what needs attention; `retry` looks first. */
  resolve(
    id: string,
    as: Resolution,
    note: string,
    by: string,
    keyName?: string | null,
  ): Promise<Cancellation>
  /** Another caller than the one that asked lets it be sent. */
  approve(id: string, by: string, note: string | null): Promise<Cancellation>
  /** The same, but it ends: nothing is sent. */
  decline(id: string, by: string, note: string): Promise<Cancellation>
  /** What a cancel would do: the same look and the same decision, and nothing is sent. */
  preview(request: CancelRequest, byCustomer: boolean): Promise<Preview>
  readOrder(store: string, orderId: string): Promise<ReadOrder>
  /** Orders by the number people see. */
  findOrders(store: string, number: string): Promise<readonly Order[]>
  /** How a store's calls go, as far as the process that makes them has seen. */
  healthOf(store: string): Promise<StoreHealth>
  /** How a store is listened to. */
  noticesOf(store: string): Promise<StoreNotices>
  /** Has a store swept again from this time on, by its platform's clock; how it is listened to. */
  sweepSince(store: string, at: number): Promise<StoreNotices>
}

export const SCOPES = ['preview', 'read', 'cancel', 'approve', 'operate'] as const
export type Scope = (typeof SCOPES)[number]

/** Who asks, and how far that reaches. */
export interface Caller {
  readonly name: string
  /** The name of the key that it asks with; null or left out: that has none. */
  readonly key?: string | null
  readonly scopes: readonly Scope[]
  /** Null: every store. */
  readonly stores: readonly string[] | null
  /** What it asks is sent only once another caller has approved it. Left out: it goes its way. */
  readonly approval?: 'required' | undefined
}

/** A request whose store may be left to the caller's key. */
export type CallerRequest = Omit<CancelRequest, 'store'> & { readonly store: string | null }

/** `stores` are the caller's own; `store` asks for one of them. */
export type CallerQuery = Omit<Query, 'stores'> & { readonly store?: string | undefined }

/** What a cancel would find of another order of the link. */
export interface MemberPreview {
  readonly store: string
  readonly orderId: string
  readonly stage: number
  /** Null: it could not be read; `problem` says why. */
  readonly found: Preview | null
  readonly problem: Problem | null
}
export interface LinkedPreview extends Preview {
  readonly linked?: readonly MemberPreview[]
}

/**
 * The service as one caller has it. A store, and a record of a store, that the caller does not
 * reach does not exist; what the caller's scopes do not hold is `forbidden`.
 */
export interface CallerService {
  readonly caller: Caller
  /** Refuses where the caller lacks the scope. */
  must(scope: Scope): void
  reaches(store: string): boolean
  /** The configured stores that the caller reaches. */
  stores(): Store[]
  /** The store with this id; null: the only one that there is for this caller. */
  store(id: string | null): Store
  cancel(
    request: CallerRequest,
    key: string | null,
    customerToken: string | null,
  ): Promise<Admitted>
  /** With a preview of every other order of its link, where it is to be canceled with them. */
  preview(request: CallerRequest, byCustomer: boolean): Promise<LinkedPreview>
  readonly links: CallerLinks
  get(id: string): Promise<Cancellation>
  list(query: CallerQuery): Promise<Cancellation[]>
  /** Of the stores that the caller reaches; empty where nothing is counted. */
  countsByDay(from: number, to: number): Promise<DayCount[]>
  wait(record: Cancellation, ms: number, signal?: AbortSignal): Promise<Cancellation>
  withdraw(id: string): Promise<Cancellation>
  resolve(id: string, as: Resolution, note: string): Promise<Cancellation>
  approve(id: string, note: string | null): Promise<Cancellation>
  decline(id: string, note: string): Promise<Cancellation>
  readOrder(store: string, orderId: string): Promise<ReadOrder>
  findOrders(store: string, number: string): Promise<readonly Order[]>
  healthOf(store: string): Promise<StoreHealth>
  noticesOf(store: string): Promise<StoreNotices>
  sweepSince(store: string, at: number): Promise<StoreNotices>
}

/** What is looked at before anything is written: where that fails, nothing was. */
export const beforehand = async <T>(look: Promise<T>): Promise<T> =>
  look.catch((error: unknown) => {
    throw error instanceof LedgerUnavailable
      ? new LedgerUnavailable(error.message, { cause: error.cause })
      : error
  })

const reaches = ({ stores }: Caller, store: string): boolean =>
  stores === null || stores.includes(store)

/** What goes with what this caller asks. */
export const termsOf = ({ key, approval }: Caller): Terms => ({
  keyName: key ?? null,
  needsApproval: approval === 'required',
})

/** The scopes each of which lets a caller do what this one does. */
export const scopesFor = (scope: Scope): readonly Scope[] =>
  scope === 'preview' ? ['preview', 'read'] : [scope]

/** Refuses where the caller lacks the scope, and any that includes it. */
export const mustHave = ({ scopes }: Caller, scope: Scope): void => {
  const enough = scopesFor(scope)
  if (enough.some((one) => scopes.includes(one))) return
  const names = enough.map((one) => `“${one}”`).join(' or ')
  refuse('forbidden', `This key lacks the scope ${names}.`)
}

const storesOf = (service: CancellationService, caller: Caller): Store[] =>
  [...service.stores.values()].filter(({ id }) => reaches(caller, id))

const storeOf = (service: CancellationService, caller: Caller, id: string | null): Store => {
  const stores = storesOf(service, caller)
  if (id !== null)
    return (
      stores.find((store) => store.id === id) ??
      refuse('store-not-found', 'No store with this id is configured for this key.')
    )
  const [only, ...others] = stores
  if (only && others.length === 0) return only
  return refuse('invalid-request', 'Say which store.', {
    errors: [
      { pointer: '/store', detail: 'is required: this key reaches more than one store, or none' },
    ],
  })
}

const recordOf = async (
  service: CancellationService,
  caller: Caller,
  id: string,
): Promise<Cancellation> => {
  const record = await beforehand(service.get(id))
  return reaches(caller, record.request.store)
    ? record
    : refuse('cancellation-not-found', 'No cancellation has this id.')
}

/** A store that was taken out of the configuration is known by what was asked of it. */
const listOf = async (
  service: CancellationService,
  caller: Caller,
  { store, ...query }: CallerQuery,
): Promise<Cancellation[]> => {
  if (store === undefined) return service.list({ ...query, stores: caller.stores })
  const stores = reaches(caller, store) ? [store] : []
  const records = await service.list({ ...query, stores })
  const isKnown =
    records.length > 0 ||
    (stores.length > 0 &&
      (service.stores.has(store) ||
        (await service.list({ stores, order: 'asc', limit: 1 })).length > 0))
  if (!isKnown) storeOf(service, caller, store)
  return records
}

const linksOf = (service: CancellationService, caller: Caller): CallerLinks =>
  callerLinks(service.links, {
    name: caller.name,
    ...(caller.key && { key: caller.key }),
    must: (scope) => mustHave(caller, scope),
    reaches: (store) => reaches(caller, store),
  })

const memberPreview = async (
  service: CancellationService,
  member: Member,
  asked: CancelRequest,
): Promise<MemberPreview> => {
  const { store, orderId, stage } = member
  try {
    const found = await service.preview(requestOf(member, asked), false)
    return { store, orderId, stage, found, problem: found.problem }
  } catch (error) {
    if (error instanceof ProblemError)
      return { store, orderId, stage, found: null, problem: error.problem }
    throw error
  }
}

const previewLinked = async (
  service: CancellationService,
  caller: Caller,
  asked: CancelRequest,
  byCustomer: boolean,
): Promise<LinkedPreview> => {
  const found = await service.preview(asked, byCustomer)
  if (!service.links || asked.target !== 'order' || asked.linked === 'none') return found
  const link = await service.links.of(asked.store, found.orderId)
  if (!link?.members.every(({ store }) => reaches(caller, store))) return found
  if (caller.approval)
    return { ...found, cancelable: false, problem: found.problem ?? LINKED_UNAPPROVED }
  const others = link.members.filter(
    ({ store, orderId }) => store !== asked.store || orderId !== found.orderId,
  )
  const linked = await Promise.all(others.map((one) => memberPreview(service, one, asked)))
  return { ...found, linked }
}

/** What a caller asks about a store. */
const aboutStores = (
  service: CancellationService,
  caller: Caller,
): Pick<CallerService, 'readOrder' | 'findOrders' | 'healthOf' | 'noticesOf' | 'sweepSince'> => ({
  async readOrder(store, orderId) {
    mustHave(caller, 'preview')
    return service.readOrder(storeOf(service, caller, store).id, orderId)
  },
  async findOrders(store, number) {
    mustHave(caller, 'preview')
    return service.findOrders(storeOf(service, caller, store).id, number)
  },
  async healthOf(store) {
    mustHave(caller, 'preview')
    return service.healthOf(storeOf(service, caller, store).id)
  },
  async noticesOf(store) {
    mustHave(caller, 'preview')
    return service.noticesOf(storeOf(service, caller, store).id)
  },
  async sweepSince(store, at) {
    mustHave(caller, 'operate')
    return service.sweepSince(storeOf(service, caller, store).id, at)
  },
})

/** The service for one caller: the one place where reach and scope are applied. */
export const callerService = (service: CancellationService, caller: Caller): CallerService => {
  const { key: keyName = null } = caller
  const placed = ({ store, ...request }: CallerRequest): CancelRequest => ({
    ...request,
    store: storeOf(service, caller, store).id,
  })
  return {
    caller,
    must: (scope) => mustHave(caller, scope),
    reaches: (store) => reaches(caller, store),
    stores: () => storesOf(service, caller),
    store: (id) => storeOf(service, caller, id),
    async cancel(request, key, customerToken) {
      mustHave(caller, 'cancel')
      const [asked, terms] = [placed(request), termsOf(caller)]
      return service.cancel(asked, caller.name, key, customerToken, null, terms)
    },
    async preview(request, byCustomer) {
      mustHave(caller, 'preview')
      return previewLinked(service, caller, placed(request), byCustomer)
    },
    links: linksOf(service, caller),
    async get(id) {
      mustHave(caller, 'read')
      return recordOf(service, caller, id)
    },
    async list(query) {
      mustHave(caller, 'read')
      return listOf(service, caller, query)
    },
    async countsByDay(from, to) {
      mustHave(caller, 'read')
      return (await service.countsByDay?.(caller.stores, from, to)) ?? []
    },
    wait: (record, ms, signal) => service.wait(record.id, ms, signal, isAsked(record)),
    async withdraw(id) {
      mustHave(caller, 'cancel')
      return service.withdraw((await recordOf(service, caller, id)).id)
    },
    async resolve(id, as, note) {
      mustHave(caller, 'operate')
      const record = await recordOf(service, caller, id)
      return service.resolve(record.id, as, note, caller.name, keyName)
    },
    async approve(id, note) {
      mustHave(caller, 'approve')
      return service.approve((await recordOf(service, caller, id)).id, caller.name, note)
    },
    async decline(id, note) {
      mustHave(caller, 'approve')
      return service.decline((await recordOf(service, caller, id)).id, caller.name, note)
    },
    ...aboutStores(service, caller),
  }
}
