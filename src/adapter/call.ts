/** What one request of an adapter is, as data, and what an error in its reply tells. */
import type { z } from 'zod'
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
