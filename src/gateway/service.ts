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
import { type Problem, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import type { Admitted } from './admission.ts'
import type { Acts } from './audit/acts.ts'
import type { CallerAudit } from './audit/caller.ts'
import type { Audit } from './audit/log.ts'
import type { CallerLinks } from './links/caller.ts'
import type { Links } from './links/service.ts'
import type { StoreNotices } from './notices/service.ts'
import type { Preview, ReadOrder } from './read.ts'
import type { Timing } from './workflow/timing.ts'

/** What goes with what a caller asks, beside its name. */
export interface Terms {
  /** The name of its API key, for the record alone: the caller is who asks. */
  readonly keyName?: string | null | undefined
  /** Nothing is sent until another caller has approved it. */
  readonly needsApproval?: boolean | undefined
  /** As who it is noted in the audit log; left out: it is not. */
  readonly asker?: Asker | undefined
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
  withdraw(id: string, asker?: Asker): Promise<Cancellation>
  /** A person closes what needs attention; `retry` looks first. */
  resolve(
    id: string,
    as: Resolution,
    note: string,
    by: string,
    keyName?: string | null,
    asker?: Asker,
  ): Promise<Cancellation>
  /** Another caller than the one that asked lets it be sent. */
  approve(
    id: string,
    by: string,
    note: string | null,
    keyName?: string | null,
    asker?: Asker,
  ): Promise<Cancellation>
  /** The same, but it ends: nothing is sent. */
  decline(
    id: string,
    by: string,
    note: string,
    keyName?: string | null,
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
  approve(id: string, note: string | null): Promise<Cancellation>
  decline(id: string, note: string): Promise<Cancellation>
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
