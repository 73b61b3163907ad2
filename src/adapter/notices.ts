/**
 * A platform's own webhooks as a page of its manual: what proves them, which order they are about.
 * A notice is a reason to look at that order, and nothing else that it says is used.
 */

/** How a notice is proved: one of a few schemes, as data. Names of headers are in lower case. */
export type Signature =
  /**
   * HMAC-SHA256 of the body's bytes, keyed with the secret's text, in one of these codings, hex in
   * lower case. It knows no time: platforms send a notice again with its first signature.
   */
  | {
      readonly scheme: 'hmac-of-body'
      readonly header: string
      readonly codings: readonly ('base64' | 'hex')[]
    }
  /**
   * HMAC-SHA256 in lower-case hex, in the query, of the header's text, `:` and the body as compact
   * JSON with its members sorted at every depth. What a double cannot hold proves nothing here.
   */
  | { readonly scheme: 'hmac-of-sorted-json'; readonly query: string; readonly header: string }
  /**
   * Standard Webhooks 1.0, `v1`: HMAC-SHA256 in Base64 of `id.timestamp.body`, at most five minutes
   * old or early. The key is in the secret as Base64, or is the secret's text.
   */
  | { readonly scheme: 'standard-webhook'; readonly key: 'base64' | 'text' }
  /**
   * The whole body is a JSON Web Token, RS256 and nothing else, that has not run out (a token
   * without `exp` has). The secret is the public key; `body` below is what the token says.
   */
  | { readonly scheme: 'jwt-rs256' }

/**
 * Reads something of a notice: its body as JSON (its text where it is none), its headers. Pure,
 * never throws; undefined or null where it is not there.
 */
export type NoticeReader = (body: unknown, headers: Headers) => unknown

export interface Notices<S> {
  readonly signature: Signature
  /**
   * What happened, in the platform's word; a notice that has none is not of its form: refused.
   * Where one word is for every change, a status that means canceled makes another of it.
   */
  readonly topic: NoticeReader
  /**
   * The words that are taken, and whether one may be all that is said of a cancellation, so that it
   * is looked at however often one came, or tells of a mere change. Any other is proved, counted
   * and forgotten.
   */
  readonly topics: Readonly<Record<string, 'cancellation' | 'change'>>
  /** The id, or ids, of what it is about: texts or numbers, as the platform's API has them. */
  readonly orderIds: NoticeReader
  /**
   * Whether the shop it names is this store's: several merchants share a secret where it belongs
   * to an app. False where it names none.
   */
  readonly shop?: (settings: S, body: unknown, headers: Headers) => boolean
  /** Whether it only asks if somebody is there: answered unproved, and nothing more is done. */
  readonly ping?: (body: unknown, headers: Headers) => boolean
  /** Where the platform says all this, and what nobody has shown. */
  readonly source: string
}

/** Reads a header. */
export const inHeader =
  (name: string): NoticeReader =>
  (_, headers) =>
    headers.get(name)

const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const member = (value: unknown, name: string): unknown => {
  const whole = typeof value === 'string' ? asJson(value) : value
  return whole !== null && typeof whole === 'object' && Object.hasOwn(whole, name)
    ? (whole as Record<string, unknown>)[name]
    : undefined
}

/**
 * Reads the first of these places of the body that holds something: `/order/id`, as a JSON Pointer
 * (RFC 6901) without escapes, which also leads into a text that is JSON itself.
 */
export const inBody =
  (...places: readonly string[]): NoticeReader =>
  (body) => {
    for (const place of places) {
      const found = place.split('/').slice(1).reduce(member, body)
      if (found !== undefined && found !== null) return found
    }
    return undefined
  }

/**
 * Whether the shop that is named there is ours, in either case, which hosts and ids in hex do not
 * tell apart. Settings that do not say which is ours take any.
 */
export const namesShop =
  <S>(
    place: NoticeReader,
    ours: (settings: S) => string | undefined,
  ): NonNullable<Notices<S>['shop']> =>
  (settings, body, headers) => {
    const [named, own] = [place(body, headers), ours(settings)]
    return (
      own === undefined || (typeof named === 'string' && named.toLowerCase() === own.toLowerCase())
    )
  }

/**
 * Notices of platforms that have no webhook of their own: the merchant sends a Standard Webhook,
 * `{ "type": "order.canceled", "timestamp": "…", "data": { "orderId": "…" } }`.
 */
export const standardNotices = (source: string): Notices<unknown> => ({
  signature: { scheme: 'standard-webhook', key: 'base64' },
  topic: inBody('/type'),
  topics: { 'order.canceled': 'cancellation' },
  orderIds: inBody('/data/orderId'),
  source,
})
