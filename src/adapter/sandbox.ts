/**
 * What a platform's imitation offers: the demo, the tests and `/sandbox/{platform}` talk to it as
 * if it were the platform.
 */

/** One example order, as `GET /v1/stores/{store}` lists it. */
export interface Example {
  /**
   * The platform's own order id, readable: `order_open`. `order_open-anything` is a further order
   * in the same state.
   */
  readonly id: string
  /** What a reader should know before canceling it, in one short sentence. */
  readonly says: string
}

export interface Sandbox {
  /** The imitated API, rooted where the platform's own host would be (`/admin/orders/…`). */
  readonly app: { fetch(request: Request): Response | Promise<Response> }
  /** Store settings that open this sandbox (credentials it accepts); without `baseUrl`. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly examples: readonly Example[]
  /**
   * How many destructive calls this imitation has processed per order id. Tests count with it:
   * never twice.
   */
  readonly cancels: ReadonlyMap<string, number>
  /**
   * Whose buyer got a mail, once per mail; by a platform that a mail can be wished of. The suite
   * holds them against the wishes: a report alone would say what the adapter believes.
   */
  readonly mails?: readonly (string | { readonly orderId: string })[]
}

/** Exported by every adapter folder's `sandbox/index.ts`; each call starts afresh. */
export type CreateSandbox = () => Sandbox
