/**
 * For whoever receives webhooks: whether one is from the gateway, and what it says (Standard
 * Webhooks 1.0). Needs nothing but Web Crypto.
 */
import { NotVerified } from './errors.ts'
import type { Cancellation, Delivery, Effect, Effects } from './types.ts'

/** What became of a cancellation. */
export interface CancellationEvent {
  type: Extract<Delivery['type'], `cancellation.${string}`>
  timestamp: string
  data: {
    id: string
    /** Drop what has a lower one than what you know of this id: events may come late. */
    revision: number
    status: Cancellation['status']
    origin: Cancellation['origin']
    store: string
    platform: string
    orderId: string
    reference: string | null
    link: { name: string; status: string } | null
    batchId: string | null
    alreadyCanceled: boolean
    /** Outcomes alone; `get(data.id)` has the rest. */
    effects: Record<keyof Effects, Effect['outcome']>
    problem: {
      code: NonNullable<Cancellation['problem']>['code']
      cause: NonNullable<NonNullable<Cancellation['problem']>['cause']> | null
      acted: NonNullable<Cancellation['problem']>['acted']
    } | null
    /** Where the gateway has it. */
    url: string
  }
}

/** Of anything else. */
export interface OtherEvent {
  type: Exclude<Delivery['type'], CancellationEvent['type']>
  timestamp: string
  data: { id: string; revision?: number | undefined; url: string; [name: string]: unknown }
}

/** What a webhook says. */
export type WebhookEvent = CancellationEvent | OtherEvent

export interface VerifyOptions {
  /** How old it may be, and how far its clock may be ahead. Default five minutes. */
  readonly toleranceSeconds?: number | undefined
  /** In milliseconds, in the place of the clock. */
  readonly now?: (() => number) | undefined
}

/** `Headers`, or what Node has in their place. */
export type ReceivedHeaders =
  | Headers
  | Readonly<Record<string, string | readonly string[] | undefined>>

/** More than one stand there while a secret is changed; each costs a look at the whole body. */
const MOST_SIGNATURES = 8
const HMAC = { name: 'HMAC', hash: 'SHA-256' }

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> | null => {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}

const keyOf = async (secret: string): Promise<CryptoKey> => {
  const bytes = fromBase64(secret.replace(/^whsec_/, ''))
  if (!bytes || bytes.length < 24 || bytes.length > 64)
    throw new TypeError('a secret must be Base64 of 24 to 64 bytes, with “whsec_” before it or not')
  return crypto.subtle.importKey('raw', bytes, HMAC, false, ['verify'])
}

const valueOf = (headers: ReceivedHeaders, name: string): string => {
  const value =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  if (typeof value !== 'string' || value === '') throw new NotVerified('incomplete', name)
  return value
}

/** Every signature of the kind that is understood. */
const signaturesOf = (header: string): Uint8Array<ArrayBuffer>[] =>
  header
    .split(' ', MOST_SIGNATURES)
    .filter((part) => part.startsWith('v1,'))
    .flatMap((part) => fromBase64(part.slice('v1,'.length)) ?? [])

/** What is signed: id, time, and the body to the byte. */
const signedOf = (id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> => {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`)
  const signed = new Uint8Array(head.length + body.length)
  signed.set(head)
  signed.set(body, head.length)
  return signed
}

/** By Web Crypto, which takes the same time wherever two signatures differ. */
const isSigned = async (
  keys: readonly CryptoKey[],
  signatures: readonly Uint8Array<ArrayBuffer>[],
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> => {
  const looks = keys.flatMap((key) =>
    signatures.map((signature) => crypto.subtle.verify('HMAC', key, signature, signed)),
  )
  return (await Promise.all(looks)).includes(true)
}

const eventIn = (body: Uint8Array): WebhookEvent => {
  try {
    const event = JSON.parse(new TextDecoder().decode(body)) as Partial<WebhookEvent> | null
    if (typeof event?.type === 'string' && typeof event.data === 'object' && event.data)
      return event as WebhookEvent
  } catch (cause) {
    throw new NotVerified('unreadable', null, cause)
  }
  throw new NotVerified('unreadable')
}

/**
 * The event in a webhook that came, once it is proved to be from whoever has the secret, or one of
 * the secrets while they are changed, and to be no older than a few minutes. Anything else throws
 * `NotVerified`: answer it with 400. `body`: as it came, to the byte, before anything parses it.
 * The same one may come again: its `webhook-id` and `data.revision` tell.
 */
export const verify = async (
  headers: ReceivedHeaders,
  body: string | Uint8Array | ArrayBuffer,
  secret: string | readonly string[],
  { toleranceSeconds = 300, now = Date.now }: VerifyOptions = {},
): Promise<WebhookEvent> => {
  const keys = await Promise.all([secret].flat().map(keyOf))
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body)
  const id = valueOf(headers, 'webhook-id')
  const timestamp = valueOf(headers, 'webhook-timestamp')
  const signatures = signaturesOf(valueOf(headers, 'webhook-signature'))
  if (!/^\d{1,12}$/.test(timestamp)) throw new NotVerified('incomplete', 'webhook-timestamp')
  if (!(Math.abs(now() / 1_000 - Number(timestamp)) <= toleranceSeconds))
    throw new NotVerified('stale')
  if (!(await isSigned(keys, signatures, signedOf(id, timestamp, bytes))))
    throw new NotVerified('forged')
  return eventIn(bytes)
}
