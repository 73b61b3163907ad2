/**
 * The adapter contract: one platform as data and a few functions, written like a page of its
 * manual. Longer than 400 lines because it is read as one.
 */
import type { z } from 'zod'
import type { Capabilities } from '../model/capability.ts'
import type { Facts } from '../model/effect.ts'
import type { Order } from '../model/order.ts'
import type { Cause } from '../model/problem.ts'
import { type CancelRequest, isPlainId } from '../model/request.ts'
import type { Notices } from './notices.ts'
import type { Path, Query } from './path.ts'

/** One HTTP request of an adapter, as data: `send` makes it, and nobody else. */
export interface Call<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: Path
  /** A parameter that comes several times has all its values. */
  readonly query?: Query
  /** Sent as JSON; left out: no body and no content type. */
  readonly body?: unknown
  /** Sent in the place of a body, as a form: what OAuth takes at a login (RFC 6749, 4.4.2). */
  readonly form?: Readonly<Record<string, string>>
  /**
   * Scheme, host and prefix of this call alone, where a login stands at another host than
   * `baseUrl`: the settings' or the adapter's own, never of a reply.
   */
  readonly base?: string
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Whose credentials, where a platform has several (`admin`, `vendor`, `customer`); `none` sends
   * none.
   */
  readonly as?: string
  /** The reply's shape, tolerant: only the fields that are read. */
  readonly reply: z.ZodType<T>
  /**
   * A header that the shape gets beside the body, as `{ header, body }`, null where it is not
   * there: a login may tell its token so.
   */
  readonly replyHeader?: string
  /** The shape gets `{ status, body }`: nothing may be an answer under 204 alone. */
  readonly replyStatus?: true
  /**
   * The order that is asked about, and every id that a reply tells of it: one about another order
   * proves nothing and is unreadable.
   */
  readonly about?: { readonly orderId: string; readonly ids: (reply: T) => readonly unknown[] }
}

/** A request as its first line tells it: what a signature of it covers. */
export interface RequestLine {
  readonly method: Call<unknown>['method']
  /** The whole address, query and all, as it goes out. */
  readonly url: string
}

/** An error as the platform's body tells it; code and message null: it tells of none. */
export interface Said {
  readonly code: string | null
  readonly message: string | null
  /** How long it asks to be left alone, where its body says so. */
  readonly retryAfterMs?: number | null
}

/**
 * What an adapter gets: its settings, reads and repeatable writes, and logins. Nothing destructive.
 */
export interface Connection<S> {
  readonly settings: S
  /** The customer's own token of a transfer; held for one request only. */
  readonly customerToken: string | null
  /**
   * Rejects with `CallFailure`. A login that has run out is renewed and the call repeated, once.
   */
  send<T>(call: Call<T>): Promise<T>
  /** A login's token: fetched once under concurrency, kept, renewed a tenth of its life early. */
  token(
    name: string,
    login: () => Promise<{ readonly token: string; readonly expiresInMs: number }>,
  ): Promise<string>
}

/**
 * A platform's error and what it means there. The first rule that matches wins. Rules are asked on
 * 2xx too, since GraphQL and others refuse with 200; an error in a 2xx that no rule explains is
 * doubt.
 */
export interface ErrorRule {
  readonly status: number
  readonly code?: string
  readonly message?: RegExp
  readonly means:
    | 'credentials' // who we are was refused
    | 'credentials_perhaps' // who we are, or a burst: refused for good only when it comes again
    | 'order_not_found'
    | 'already_canceled'
    | 'not_processed' // throttled or turned away before anything was done; may be sent again
    | 'doubt' // an error after which it may be done
    | 'reason_refused' // the text of the reason cannot be kept there; the cancel goes on without it
    | Cause // an explicit refusal
  /** Where the platform says so, or the recording that shows it. */
  readonly source: string
}

/** What stands in the way of canceling, seen before anything is sent. */
export interface Obstacle {
  readonly cause: Cause
  readonly detail: string
}

/** The platform took a cancel, and is not at its end: a job of its own. */
export interface Running {
  /** What the next look needs to ask for it, as JSON (a job's id). */
  readonly memo: unknown
  /** How soon it is worth a look, in milliseconds. */
  readonly lookInMs: number
  /** What the platform said of it, in a few words for the attempt: nobody's data. */
  readonly says: string
}

/** A job of the platform that ended without a cancel, in its own words. */
export interface JobFailure extends Obstacle {
  readonly code?: string | null
  readonly message?: string | null
}

/** The order as it is now, and what a cancel would meet. */
export interface Look {
  readonly order: Order
  /**
   * What was to be canceled is canceled: decided here, from all fields together, and nowhere else.
   */
  readonly done: boolean
  readonly obstacle: Obstacle | null
  /**
   * What this order's state says about effects beyond the manual (e.g. a captured payment that
   * would be refunded).
   */
  readonly expect?: Partial<Facts>
  /**
   * What must be remembered from before the cancel, as JSON (e.g. the note that ours replaces,
   * which stays the one of the view's memo).
   */
  readonly memo?: unknown
  /**
   * What the order alone does not show of the money since the memo was taken: `moved` with what it
   * shares, or `unseen`, so that an order which is still open proves nothing.
   */
  readonly money?: 'moved' | 'unseen'
  /**
   * What a cancel of ours changed that did not cancel the order (its goods are back on the shelf),
   * in sentences that also say what to do: a person must look.
   */
  readonly changed?: string
  /** What the view calls running still is. */
  readonly running?: Running
  /** What the view calls running has ended, and the platform says that it did not cancel. */
  readonly failed?: JobFailure
  /**
   * What `after` and `facts` read beside the order: the platform's, in the adapter's own shape,
   * which it states by an interface of its own that extends this one.
   */
  readonly found?: unknown
  /** The platform's own reply, for `?raw=true` and nothing else: `after` and `facts` get none. */
  readonly raw: unknown
}

/** What a look is for. */
export interface View {
  /** Null where the order is only read. */
  readonly request: CancelRequest | null
  /** A cancel of ours may be behind this: look for its traces. */
  readonly sent: boolean
  /** The customer's own token is at hand, or was. */
  readonly byCustomer: boolean
  /** What an earlier look wanted remembered; null before anything was sent. */
  readonly memo: unknown
  /** The memo of a job that the platform was at when it was last heard of; null: of none. */
  readonly running?: unknown
}

/** What every function about one cancel is told. */
export interface Context<S> {
  readonly settings: S
  readonly request: CancelRequest
  readonly byCustomer: boolean
  /** The order as it was before the cancel. */
  readonly before: Order
  readonly memo: unknown
  /**
   * For `prepare` and `cancel`: what the look right before them found. A precondition of the cancel
   * (the version of the order) is read from it, for the memo stays that of the first try.
   */
  readonly found?: unknown
}

/**
 * What became of a cancel. `reply` is null where it never came; `look` is the last one taken, null
 * where the reply was proof.
 */
export interface Aftermath<S, L extends Look = Look> extends Context<S> {
  readonly reply: unknown
  readonly look: Omit<L, 'raw'>
}

/**
 * One kind of thing that can be canceled: the order, or an order-transfer request. `L`: what a look
 * gives, where `found` has a shape.
 */
export interface CancelOperation<S, L extends Look = Look> {
  /** Reads only. */
  look(connection: Connection<S>, orderId: string, view: View): Promise<L>
  /** A repeatable write that must come before the cancel (a reason that freezes with it). */
  prepare?(connection: Connection<S>, context: Context<S>): Promise<void>
  /** Takes back what `prepare` wrote, after a refusal. */
  undo?(connection: Connection<S>, context: Context<S>): Promise<void>
  /** The one destructive call, as data. */
  cancel(context: Context<S>): Call<unknown>
  /**
   * What the reply proves by itself: the order as it is now, or that the platform is still at it;
   * null or left out: look again.
   */
  read?(context: Context<S>, reply: unknown): L | { readonly running: Running } | null
  /**
   * Whether a reply with success is the platform's own word that it is canceled, which no later
   * read undoes. Left out: it is. False only where the reply itself shows the order as it was.
   */
  says?(context: Context<S>, reply: unknown): boolean
  /**
   * A repeatable write that may come after the cancel, also where only a look shows that it
   * happened; what it came to.
   */
  after?(connection: Connection<S>, aftermath: Aftermath<S, L>): Promise<Partial<Facts>>
  /** What happened, where it is more than the manual promises. Pure. */
  facts?(aftermath: Aftermath<S, L>): Partial<Facts>
}

/**
 * What a search brought. Not `complete`: there is more than was looked through, so an order that is
 * not here may still be there.
 */
export interface Found {
  readonly orders: readonly Order[]
  readonly complete: boolean
}

/** An order that changed. */
export interface Changed {
  readonly id: string
  /** Whether it reads as canceled; null: the list does not tell, so that it must be looked at. */
  readonly canceled: boolean | null
  /** By the platform's clock, in milliseconds since 1970. */
  readonly changedAt: number
}

export interface ChangesQuery {
  /** Inclusive, as is `until`; by the platform's clock. */
  readonly since: number
  readonly until: number
  /** The `next` of the page before; null: the first page. */
  readonly cursor: string | null
}

export interface Changes {
  readonly orders: readonly Changed[]
  /** Null: that was the last page. */
  readonly next: string | null
}

/**
 * How orders are listed by when they changed or were canceled: by their state, since a feed of
 * events leaves out what left none.
 */
export interface Sweep<S> {
  /** Whether a store with these settings may list at all. Left out: every store may. */
  may?(settings: S): boolean
  /** One page. It may leave out what is certainly not canceled. */
  changed(connection: Connection<S>, query: ChangesQuery): Promise<Changes>
  /**
   * Pages come in the order of change, so what was seen of a time need not be asked again; else a
   * time is read to its end before the next, a few hours at a stretch.
   */
  readonly inOrder: boolean
  /** How long a change may take to be listed: two minutes of a database, longer of an index. */
  readonly overlapMs: number
  /** Where the platform says so, or the recording that shows it. */
  readonly source: string
}

/** What a second cancel of a canceled order does at a platform. */
export interface Repeat {
  /** `harmful`: nothing is ever sent again after doubt. */
  readonly effect: 'refused' | 'harmless' | 'harmful' | 'unknown'
  readonly source: string
}

export interface Adapter<S = unknown> {
  readonly id: string
  readonly name: string
  /** An ERP, whose orders are sales; left out: a commerce platform. */
  readonly kind?: 'erp'
  /** The platform's documentation of its cancel. */
  readonly docs: string
  /** The store's settings; secrets are marked with `secret()`, so that redaction needs no list. */
  readonly settings: z.ZodType<S>
  /** Scheme, host and path prefix, without a trailing slash. */
  baseUrl(settings: S): string
  /**
   * What tells two merchants apart who share that address: a site, a shop's handle. Left out: the
   * address does.
   */
  merchant?(settings: S): string
  /**
   * The one spelling of an order's id, where the platform reads several as one order, a global id
   * (`gid://shopify/Order/123`) too; null: no id there. Left out: every spelling is another order.
   */
  canonicalId?(orderId: string): string | null
  /**
   * Headers that say who we are. Logins go through `connection.token`. `request` is for platforms
   * that want each request signed (OAuth 1.0a).
   */
  authorize(
    connection: Connection<S>,
    as: string | undefined,
    request: RequestLine,
  ): Promise<Record<string, string>>
  readonly capabilities: Capabilities
  /** What these settings take away from the capabilities or add to them. */
  narrow?(settings: S): Partial<Capabilities>
  /** What a second cancel of a canceled order does; by the settings where versions differ. */
  readonly repeat: Repeat | ((settings: S) => Repeat)
  readonly errors: readonly ErrorRule[]
  /**
   * Reads the platform's error body into code and message; both null: it tells of none. Where a
   * rule is for 2xx, bodies of 2xx are read too.
   */
  readError(body: unknown): Said
  /**
   * The header by which a 429 says in milliseconds how long to stay away, where that is not
   * `Retry-After`.
   */
  readonly resetMsHeader?: string
  /** Requests per second and burst that the platform allows. */
  readonly pace: { readonly perSecond: number; readonly burst: number; readonly source: string }
  /** How long a call that we gave up on may still land. */
  readonly settleMs: number
  /** What the order shares its fate with (a purchase); left out: the order alone. */
  lockKey?(connection: Connection<S>, orderId: string): Promise<string>
  readonly order: CancelOperation<S>
  readonly transfer?: CancelOperation<S>
  /** Where the merchant finds the order in the platform's own admin; null: it cannot be told. */
  adminUrl?(settings: S, order: Order): string | null
  /** Finds orders by the number people see. */
  find?(connection: Connection<S>, number: string): Promise<Found>
  /** Its own webhooks. Left out: it has none; a store may still have an address with a token. */
  readonly notices?: Notices<S>
  /** Left out: it cannot list what changed, so what no notice tells of is never heard of. */
  readonly sweep?: Sweep<S>
  /**
   * Whether an order that is canceled there can be open again. Left out: nobody has shown it, so it
   * is held to be possible.
   */
  readonly mayReopen?: { readonly can: 'yes' | 'no' | 'unknown'; readonly source: string }
}

/** What a second cancel does at a store with these settings. */
export const repeatOf = <S>({ repeat }: Adapter<S>, settings: S): Repeat =>
  typeof repeat === 'function' ? repeat(settings) : repeat

/** What a second cancel does at the platform, of whatever store. */
export const repeatInGeneral = ({ repeat }: Pick<Adapter, 'repeat'>): Repeat =>
  typeof repeat === 'function'
    ? { effect: 'unknown', source: 'It depends on the settings of the store.' }
    : repeat

/** Checks an adapter's types where it is written; it is used as it is. */
export const defineAdapter = <S>(adapter: Adapter<S>): Adapter<S> => adapter

/**
 * The one spelling of an order's id; null where it can be none there. What a platform does not read
 * as a plain id stays none: a global id at all others.
 */
export const spellingOf = <S>(
  { canonicalId }: Pick<Adapter<S>, 'canonicalId'>,
  orderId: string,
): string | null => {
  const spelled = canonicalId ? canonicalId(orderId) : orderId
  return spelled !== null && isPlainId(spelled) ? spelled : null
}

/** The one spelling of an order's id; an id that cannot be one there stays as it is. */
export const canonicalOf = <S>(adapter: Adapter<S>, orderId: string): string =>
  spellingOf(adapter, orderId) ?? orderId

/** How a store with these settings lists what changed; null: it cannot. */
export const sweepOf = <S>({ sweep }: Adapter<S>, settings: S): Sweep<S> | null =>
  sweep && (sweep.may?.(settings) ?? true) ? sweep : null

/** The capabilities of a platform as one store's settings leave them. */
export const capabilitiesOf = <S>(adapter: Adapter<S>, settings: S): Capabilities => ({
  ...adapter.capabilities,
  ...adapter.narrow?.(settings),
})
