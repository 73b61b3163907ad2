/**
 * OAuth 1.0a without a token (RFC 5849, HMAC-SHA256): how WooCommerce is told who we are where no
 * TLS hides the secret.
 */
import type { RequestLine } from '../../src/adapter/index.ts'

export interface Consumer {
  readonly consumerKey: string
  readonly consumerSecret: string
}
/** What makes each request another: a server takes a nonce once, within 15 minutes of its time. */
export interface Once {
  readonly nonce: string
  /** Seconds since 1970. */
  readonly timestamp: number
}

const bytes = (text: string) => new TextEncoder().encode(text)

/** Only letters, digits and `-._~` stay as they are (3.6). */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** By name, and by value where a name comes twice: as encoded, and byte by byte (3.4.1.3.2). */
const sorted = (pairs: Iterable<readonly [string, string]>): [string, string][] =>
  Array.from(pairs, ([name, value]): [string, string] => [encoded(name), encoded(value)]).sort(
    ([name, value], [other, its]) =>
      name === other ? (value < its ? -1 : 1) : name < other ? -1 : 1,
  )

/** Method, address and every parameter (3.4.1); a body of JSON is not signed. */
const baseString = ({ method, url }: RequestLine, oauth: Readonly<Record<string, string>>) => {
  const { origin, pathname, searchParams } = new URL(url)
  const parameters = sorted([...searchParams, ...Object.entries(oauth)]).map(
    ([name, value]) => `${name}=${value}`,
  )
  return [method, `${origin}${pathname}`, parameters.join('&')].map(encoded).join('&')
}

const hmac = async (text: string, key: string): Promise<string> => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const signer = await crypto.subtle.importKey('raw', bytes(key), algorithm, false, ['sign'])
  const signature = await crypto.subtle.sign('HMAC', signer, bytes(text))
  return btoa(String.fromCharCode(...new Uint8Array(signature)))
}

/**
 * The header for one request. In the query it would do as well, and stand in every log on the way.
 * `oauth_version` is left out, as WooCommerce's page asks.
 */
export const oauthHeader = async (
  line: RequestLine,
  { consumerKey, consumerSecret }: Consumer,
  { nonce, timestamp }: Once,
): Promise<string> => {
  const oauth = {
    oauth_consumer_key: consumerKey,
    oauth_nonce: nonce,
    oauth_signature_method: 'HMAC-SHA256',
    oauth_timestamp: String(timestamp),
  }
  const signature = await hmac(baseString(line, oauth), `${encoded(consumerSecret)}&`)
  const said = sorted(Object.entries({ ...oauth, oauth_signature: signature })).map(
    ([name, value]) => `${name}="${value}"`,
  )
  return `OAuth ${said.join(', ')}`
}
