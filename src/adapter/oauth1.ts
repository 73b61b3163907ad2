/**
 * Signs a request by OAuth 1.0a (RFC 5849) with HMAC-SHA256: values in, the header out. Web Crypto
 * alone, so that it runs wherever the gateway does.
 */
import type { RequestLine } from './contract.ts'

export interface SignedRequest extends RequestLine {
  /** The query's names and values as the server reads them, which is not everywhere the same. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

export interface OAuthCredentials {
  readonly consumerKey: string
  readonly consumerSecret: string
  /** Left out: the consumer acts for itself. */
  readonly token?: string | undefined
  readonly tokenSecret?: string | undefined
  /** Whether `oauth_version` is said, which some servers ask to leave out. */
  readonly saysVersion: boolean
}

/** What makes two requests differ: a server takes a nonce once. */
export interface Once {
  readonly nonce: string
  /** In seconds since 1970. */
  readonly timestamp: number
}

/** One that no other request has, as of now. */
export const once = (): Once => ({
  nonce: crypto.randomUUID().replaceAll('-', ''),
  timestamp: Math.floor(Date.now() / 1_000),
})

/** RFC 5849, 3.6: all but letters, digits, `-`, `.`, `_` and `~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** RFC 5849, 3.4.1: what is signed. */
export const baseString = ({ method, url, parameters }: SignedRequest): string => {
  const { origin, pathname } = new URL(url)
  const sorted = parameters
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, first], [b, second]) => compare(a, b) || compare(first, second))
    .map((pair) => pair.join('='))
  return [method.toUpperCase(), origin + pathname, sorted.join('&')].map(encode).join('&')
}

const signature = async (text: string, key: string): Promise<string> => {
  const bytes = new TextEncoder()
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', bytes.encode(key), hmac, false, ['sign'])
  const signed = await crypto.subtle.sign('HMAC', imported, bytes.encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(signed)))
}

/**
 * The `Authorization` header (RFC 5849, 3.5.1). In the query it would do as well, and stand in
 * every log on the way.
 */
export const oauthHeader = async (
  request: SignedRequest,
  { consumerKey, consumerSecret, token, tokenSecret = '', saysVersion }: OAuthCredentials,
  { nonce, timestamp }: Once,
): Promise<string> => {
  const protocol: [string, string][] = [
    ['oauth_consumer_key', consumerKey],
    ['oauth_nonce', nonce],
    ['oauth_signature_method', 'HMAC-SHA256'],
    ['oauth_timestamp', String(timestamp)],
    ...(token === undefined ? [] : [['oauth_token', token] satisfies [string, string]]),
    ...(saysVersion ? [['oauth_version', '1.0'] satisfies [string, string]] : []),
  ]
  const text = baseString({ ...request, parameters: [...request.parameters, ...protocol] })
  const key = `${encode(consumerSecret)}&${encode(tokenSecret)}`
  const signed: [string, string][] = [...protocol, ['oauth_signature', await signature(text, key)]]
  return `OAuth ${signed
    .toSorted(([a], [b]) => compare(a, b))
    .map(([name, value]) => `${name}="${encode(value)}"`)
    .join(', ')}`
}
