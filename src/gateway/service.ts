/**
 * The port that HTTP, console, command line, batches and the Workers' front share: what can be done
 * about cancellations, and the same with one caller's reach applied.
 */
import type { StoreHealth } from '../connection/health.ts'
import type { Store } from '../connection/store.ts'
import { type Ledger, LedgerUnavailable, type Query } from '../ledger/port.ts'
import type { Asker } from '../model/audit.ts'
import type { Cancellation, DayCount, Resolution } from '../model/cancellation.ts'
import type { Erased } from '../model/erasure.ts'
import type { Order } from '../model/order.ts'
import type { Member } from '../model/link.ts'
import { type Problem, ProblemError, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import type { Admitted } from './admission.ts'
import { type Acts, actsOf } from './audit/acts.ts'
import { type CallerAudit, callerAudit } from './audit/caller.ts'
import type { Audit } from './audit/log.ts'
import { type CallerLinks, callerLinks } from './links/caller.ts'
import { requestOf } from './links/members.ts'
import type { Links } from './links/service.ts'
import type { StoreNotices } from './notices/service.ts'
import type { Preview, ReadOrder } from './read.ts'
import type { Timing } from './workflow/timing.ts'

/**
 * All that can be asked, by whom does not matter. Every method rejects with `ProblemError` for what
 * the asker can mend, and with `LedgerUnavailable` where nothing can be written or read.
 */
export interface CancellationService {
  readonly stores: ReadonlyMap<string, Store>
  readonly timing: Timing
  /** Left out: nothing is linked here. */
  readonly links?: Links
  /** Left out: nothing is noted here. */
  readonly audit?: Audit
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
    asker?: Asker,
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
  ): Promise<Cancellation | null>
  get(id: string): Promise<Cancellation>
  /** An order is found by each spelling that its platform reads as the same. */
  list(query: Query): Promise<Cancellation[]>
  /** Left out: nobody is shown counts here. */
  readonly countsByDay?: Ledger['countsByDay']
  /**
   * Holds until the record is final or needs attention, or so many milliseconds are over; then the
   * record as it stands.
   */
  wait(id: string, ms: number, signal?: AbortSignal): Promise<Cancellation>
  /** Takes back what is still `accepted`. */
  withdraw(id: string, asker?: Asker): Promise<Cancellation>
  /** A person closes what needs attention; `retry` looks first. */
  resolve(
    id: string,
    as: Resolution,
    note: string,
    by: string,
    asker?: Asker,
  ): Promise<Cancellation>
  /** What a cancel would do: the same look and the same decision, and nothing is sent. */
  preview(request: CancelRequest, byCustomer: boolean): Promise<Preview>
  readOrder(store: string, orderId: string): Promise<ReadOrder>
  /** Orders by the number people see. */
  findOrders(store: string, number: string): Promise<readonly Order[]>
  /** How a store's calls go, as far as the process that makes them has seen. */
  healthOf(store: string): Promise<StoreHealth>
  /** How a store is listened to. */
  noticesOf(store: string): Promise<StoreNotices>
  /**
   * Erases what is personal of everything that is kept of these orders; refused, with nothing done,
   * while a cancellation of one of them is open.
   */
  erase(store: string, orderIds: readonly string[]): Promise<Erased>
  /** The part of it that is kept with batches, by every spelling of the orders' ids. */
  eraseRows(store: string, orderIds: readonly string[]): Promise<number>
  /** Has a store swept again from this time on, by its platform's clock; how it is listened to. */
  sweepSince(store: string, at: number): Promise<StoreNotices>
}

export const SCOPES = ['read', 'cancel', 'operate'] as const
export type Scope = (typeof SCOPES)[number]

/** Who asks, and how far that reaches. */
export interface Caller {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Null: every store. */
  readonly stores: readonly string[] | null
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
  /** Notes what the caller does beside. */
  readonly acts: Acts
  readonly audit: CallerAudit
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
  readOrder(store: string, orderId: string): Promise<ReadOrder>
  findOrders(store: string, number: string): Promise<readonly Order[]>
  healthOf(store: string): Promise<StoreHealth>
  noticesOf(store: string): Promise<StoreNotices>
  sweepSince(store: string, at: number): Promise<StoreNotices>
  erase(store: string | null, orderIds: readonly string[]): Promise<Erased>
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

/** Refuses where the caller lacks the scope. */
export const mustHave = ({ scopes }: Caller, scope: Scope): void =>
  scopes.includes(scope) ? undefined : refuse('forbidden', `This key lacks the scope “${scope}”.`)

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

const linksOf = (service: CancellationService, caller: Caller, acts: Acts): CallerLinks =>
  callerLinks(service.links, {
    name: caller.name,
    acts,
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
  acts: Acts,
): Pick<
  CallerService,
  'readOrder' | 'findOrders' | 'healthOf' | 'noticesOf' | 'sweepSince' | 'erase'
> => ({
  async readOrder(store, orderId) {
    mustHave(caller, 'read')
    const { id } = storeOf(service, caller, store)
    const act = { action: 'order.read', store: id } as const
    return acts.look(
      act,
      () => service.readOrder(id, orderId),
      ({ order }) => ({ order: order.id }),
    )
  },
  async findOrders(store, number) {
    mustHave(caller, 'read')
    const { id } = storeOf(service, caller, store)
    const act = { action: 'order.searched', store: id } as const
    return acts.look(
      act,
      () => service.findOrders(id, number),
      (orders) => ({ orders: orders.map((order) => order.id).join(' ') }),
    )
  },
  async healthOf(store) {
    mustHave(caller, 'read')
    return service.healthOf(storeOf(service, caller, store).id)
  },
  async noticesOf(store) {
    mustHave(caller, 'read')
    return service.noticesOf(storeOf(service, caller, store).id)
  },
  async erase(store, orderIds) {
    mustHave(caller, 'operate')
    const { id } = storeOf(service, caller, store)
    const subject = { orders: orderIds.join(' ') }
    const act = { action: 'buyer.erased', store: id, subject } as const
    return acts.act(act, () => service.erase(id, orderIds))
  },
  async sweepSince(store, at) {
    mustHave(caller, 'operate')
    const { id } = storeOf(service, caller, store)
    const act = { action: 'store.swept', store: id, subject: {} } as const
    return acts.act(act, () => service.sweepSince(id, at))
  },
})

/**
 * The service for one caller: the one place where reach and scope are applied. `asker`: as who the
 * caller is noted; left out: it is not.
 */
export const callerService = (
  service: CancellationService,
  caller: Caller,
  asker?: Asker,
): CallerService => {
  const acts = actsOf(service.audit, asker)
  const placed = ({ store, ...request }: CallerRequest): CancelRequest => ({
    ...request,
    store: storeOf(service, caller, store).id,
  })
  return {
    caller,
    acts,
    audit: callerAudit(service.audit, () => mustHave(caller, 'operate'), caller.stores, acts),
    must: (scope) => mustHave(caller, scope),
    reaches: (store) => reaches(caller, store),
    stores: () => storesOf(service, caller),
    store: (id) => storeOf(service, caller, id),
    async cancel(request, key, customerToken) {
      mustHave(caller, 'cancel')
      return service.cancel(placed(request), caller.name, key, customerToken, null, acts.asker)
    },
    async preview(request, byCustomer) {
      mustHave(caller, 'read')
      const asked = placed(request)
      const act = { action: 'cancellation.previewed', store: asked.store } as const
      return acts.look(
        act,
        () => previewLinked(service, caller, asked, byCustomer),
        ({ orderId }) => ({ order: orderId }),
      )
    },
    links: linksOf(service, caller, acts),
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
    wait: (record, ms, signal) => service.wait(record.id, ms, signal),
    async withdraw(id) {
      mustHave(caller, 'cancel')
      return service.withdraw((await recordOf(service, caller, id)).id, acts.asker)
    },
    async resolve(id, as, note) {
      mustHave(caller, 'operate')
      const record = await recordOf(service, caller, id)
      return service.resolve(record.id, as, note, caller.name, acts.asker)
    },
    ...aboutStores(service, caller, acts),
  }
}
