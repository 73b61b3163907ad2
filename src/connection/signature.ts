/**
 * Whether a notice is proved, by each scheme that there is. Web Crypto alone: it compares in
 * constant time and is in every runtime.
 */
import type { Signature } from '../adapter/notices.ts'
import { fromBase64, fromBase64Url, publicKey, standardKey } from '../adapter/webhook-secret.ts'
import { parse } from './reply.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A webhook's request as it came: nothing of it is stored or logged. */
export interface Received {
  /** The bytes as they came, before any decoding. */
  readonly body: Bytes
  readonly headers: Headers
  readonly query: URLSearchParams
}

/** `stale` was proved, and is too old, early or past its end. */
export type Proof =
  | { readonly kind: 'proved'; readonly body: unknown }
  | { readonly kind: 'stale' }
  | { readonly kind: 'unproved' }

const UNPROVED: Proof = { kind: 'unproved' }
const STALE: Proof = { kind: 'stale' }

/** Standard Webhooks 1.0, "Verifying webhooks": what its libraries hold to. */
const TOLERANCE_S = 300
/** One while nothing is replaced, two while something is; every further one costs a hash. */
const MOST_SIGNATURES = 8
/** Deeper than any notice, and not so deep that it takes the stack. */
const DEEPEST = 64

const encode = (text: string): Bytes => new TextEncoder().encode(text)

/** The text of a body; null where it is no UTF-8. */
const textOf = (body: Bytes): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}

/** A body as adapters read it: its JSON; the text where it is none; undefined: it is no text. */
export const read = (body: Bytes): unknown => {
  const text = textOf(body)
  return text === null ? undefined : (parse(text) ?? text)
}

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

const isSigned = async (key: Bytes, signature: Bytes, signed: Bytes): Promise<boolean> => {
  const imported = await crypto.subtle.importKey('raw', key, HMAC, false, ['verify'])
  return crypto.subtle.verify(HMAC.name, imported, signature, signed)
}

const fromHex = (text: string): Bytes | null =>
  /^(?:[0-9a-f]{2})+$/.test(text)
    ? Uint8Array.from(text.match(/../g) ?? [], (two) => Number.parseInt(two, 16))
    : null

const DECODE = { base64: fromBase64, hex: fromHex }

const proveBody = async (
  { header, codings }: Extract<Signature, { scheme: 'hmac-of-body' }>,
  { body, headers }: Received,
  secret: string,
): Promise<Proof> => {
  const given = headers.get(header) ?? ''
  for (const coding of codings) {
    const signature = DECODE[coding](given)
    if (signature && (await isSigned(encode(secret), signature, body)))
      return { kind: 'proved', body: read(body) }
  }
  return UNPROVED
}

/** Compact JSON, members sorted by UTF-16 code units; null where it is too deep. */
const sortedJson = (value: unknown, depth = 0): string | null => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (depth === DEEPEST) return null
  const isList = Array.isArray(value)
  const names = isList ? Object.keys(value) : Object.keys(value).sort()
  const parts: string[] = []
  for (const name of names) {
    const part = sortedJson((value as Record<string, unknown>)[name], depth + 1)
    if (part === null) return null
    parts.push(isList ? part : `${JSON.stringify(name)}:${part}`)
  }
  return isList ? `[${parts.join()}]` : `{${parts.join()}}`
}

const proveSortedJson = async (
  { query, header }: Extract<Signature, { scheme: 'hmac-of-sorted-json' }>,
  { body, headers, query: given }: Received,
  secret: string,
): Promise<Proof> => {
  const signature = fromHex(given.get(query) ?? '')
  const time = headers.get(header)
  const json = read(body)
  if (!signature || !time || json === null || typeof json !== 'object') return UNPROVED
  const printed = sortedJson(json)
  if (printed === null) return UNPROVED
  const isProved = await isSigned(encode(secret), signature, encode(`${time}:${printed}`))
  return isProved ? { kind: 'proved', body: json } : UNPROVED
}

const proveStandard = async (
  { key: coding }: Extract<Signature, { scheme: 'standard-webhook' }>,
  { body, headers }: Received,
  secret: string,
  nowMs: number,
): Promise<Proof> => {
  const key = coding === 'base64' ? standardKey(secret) : encode(secret)
  const id = headers.get('webhook-id')
  const time = headers.get('webhook-timestamp') ?? ''
  const signatures = (headers.get('webhook-signature') ?? '').split(' ')
  // Whole seconds and nothing behind them: the libraries' own reading takes `1767225600abc`.
  if (!key || !id || !/^\d{1,12}$/.test(time) || signatures.length > MOST_SIGNATURES)
    return UNPROVED
  const before = encode(`${id}.${time}.`)
  const signed = new Uint8Array(before.length + body.length)
  signed.set(before)
  signed.set(body, before.length)
  for (const one of signatures) {
    const signature = one.startsWith('v1,') ? fromBase64(one.slice(3)) : null
    if (!signature || !(await isSigned(key, signature, signed))) continue
    const ageS = Math.floor(nowMs / 1_000) - Number(time)
    return Math.abs(ageS) <= TOLERANCE_S ? { kind: 'proved', body: read(body) } : STALE
  }
  return UNPROVED
}

const jsonOf = (part: Bytes | null): Record<string, unknown> | null => {
  const json = part && read(part)
  return json !== null && typeof json === 'object' ? (json as Record<string, unknown>) : null
}

const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

const proveToken = async ({ body }: Received, secret: string, nowMs: number): Promise<Proof> => {
  const [head = '', payload = '', tail = '', ...more] = (textOf(body) ?? '').trim().split('.')
  const header = jsonOf(fromBase64Url(head))
  const claims = jsonOf(fromBase64Url(payload))
  const signature = fromBase64Url(tail)
  const key = publicKey(secret)
  // The token does not choose how it is proved (RFC 8725, 3.1), and says nothing that is critical
  // and unknown here (RFC 7515, 4.1.11).
  if (more.length > 0 || !claims || !signature || !key) return UNPROVED
  if (header?.['alg'] !== 'RS256' || 'crit' in header) return UNPROVED
  const imported = await crypto.subtle.importKey('spki', key, RS256, false, ['verify'])
  const signed = encode(`${head}.${payload}`)
  if (!(await crypto.subtle.verify(RS256.name, imported, signature, signed))) return UNPROVED
  const end = claims['exp']
  return typeof end === 'number' && end * 1_000 > nowMs ? { kind: 'proved', body: claims } : STALE
}

/** Whether this secret proves what came. `nowMs` is in milliseconds since 1970. */
export const prove = (
  signature: Signature,
  received: Received,
  secret: string,
  nowMs: number,
): Promise<Proof> => {
  switch (signature.scheme) {
    case 'hmac-of-body':
      return proveBody(signature, received, secret)
    case 'hmac-of-sorted-json':
      return proveSortedJson(signature, received, secret)
    case 'standard-webhook':
      return proveStandard(signature, received, secret, nowMs)
    case 'jwt-rs256':
      return proveToken(received, secret, nowMs)
  }
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export const isSame = async (one: string, other: string): Promise<boolean> => {
  const key = crypto.getRandomValues(new Uint8Array(32))
  const imported = await crypto.subtle.importKey('raw', key, HMAC, false, ['sign', 'verify'])
  const signature = await crypto.subtle.sign(HMAC.name, imported, encode(one))
  return crypto.subtle.verify(HMAC.name, imported, signature, encode(other))
}
