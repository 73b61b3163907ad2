/** Makes notices as platforms send them: those that were recorded, about other orders, signed anew. */
import { createHmac, generateKeyPairSync, sign as signRsa } from 'node:crypto'
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import type { Received } from '../../src/connection/notices.ts'
import { firstAccepted, settingsFor } from '../../src/testing/notices.ts'
import { vectors } from '../notices/vectors.ts'

const SECRET = Buffer.alloc(32, 7).toString('base64')
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PUBLIC = RSA.publicKey.export({ type: 'spki', format: 'pem' }) as string

export interface Sender {
  readonly adapter: AnyAdapter
  /** Of a store of this platform, with a secret of ours. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The id of the n-th order, as the platform spells it. */
  readonly orderId: (nth: number) => string
  /** A notice about an order, signed as the platform does; ever new where that counts the time. */
  readonly notice: (orderId: string, nowMs: number) => Received
}

const hmac = (text: string, coding: 'base64' | 'hex', key: string | Buffer = SECRET) =>
  createHmac('sha256', key).update(text).digest(coding)

const sorted = (value: unknown): unknown =>
  value === null || typeof value !== 'object' || Array.isArray(value)
    ? Array.isArray(value)
      ? value.map(sorted)
      : value
    : Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, one]) => [name, sorted(one)]),
      )

const part = (value: string) => Buffer.from(value).toString('base64url')
const textOf = (piece: string) => Buffer.from(piece, 'base64url').toString()

/** Another last number in an id of digits, or of hexadecimal ones. */
const numbered = (id: string) => (nth: number) => {
  const end = id.slice(-5)
  const digits = String(nth).padStart(5, '0')
  return /^[\da-f]+$/i.test(end) && id.length > 8
    ? id.slice(0, -5) + digits
    : id.replace(/\d+$/, '') + String(10_000 + nth)
}

let messages = 0
/** The bytes, and what proves them. */
const signed = (
  { notices }: AnyAdapter,
  body: string,
  headers: Headers,
  query: URLSearchParams,
  nowMs: number,
): Received => {
  const { signature } = notices as NonNullable<AnyAdapter['notices']>
  let sent = body
  switch (signature.scheme) {
    case 'hmac-of-body':
      headers.set(signature.header, hmac(body, signature.codings[0] as 'base64'))
      break
    case 'hmac-of-sorted-json': {
      const time = headers.get(signature.header) ?? ''
      query.set(signature.query, hmac(`${time}:${JSON.stringify(sorted(JSON.parse(body)))}`, 'hex'))
      break
    }
    case 'standard-webhook': {
      const [id, time] = [`msg_${++messages}`, String(Math.floor(nowMs / 1_000))]
      const key = signature.key === 'base64' ? Buffer.from(SECRET, 'base64') : SECRET
      headers.set('webhook-id', id)
      headers.set('webhook-timestamp', time)
      headers.set('webhook-signature', `v1,${hmac(`${id}.${time}.${body}`, 'base64', key)}`)
      break
    }
    case 'jwt-rs256': {
      const said = `${part('{"alg":"RS256"}')}.${part(body)}`
      sent = `${said}.${signRsa('sha256', Buffer.from(said), RSA.privateKey).toString('base64url')}`
      break
    }
  }
  return { body: new TextEncoder().encode(sent), headers, query }
}

/** A global id of GraphQL's, as a body has it. */
const coded = (id: string): string => Buffer.from(`Order:${id}`).toString('base64')

/** Every platform whose notices there are examples of. */
export const senders: readonly Sender[] = vectors
  .filter(({ adapter }, index) => vectors.findIndex((one) => one.adapter === adapter) === index)
  .map(({ adapter, settings, file }): Sender => {
    const example = firstAccepted(file)
    const isToken = adapter.notices?.signature.scheme === 'jwt-rs256'
    const [known = ''] = (example.verdict as { orderIds?: readonly string[] }).orderIds ?? []
    // Of a token what it says, in which the order may stand in a JSON within a JSON.
    const said = isToken ? textOf(example.body.split('.')[1] ?? '') : example.body
    const claims = isToken
      ? JSON.stringify({ ...(JSON.parse(said) as object), exp: 4_000_000_000 })
      : said
    return {
      adapter,
      settings: {
        ...(settingsFor(adapter, settings, file, example) as object),
        webhookSecret: isToken ? PUBLIC : SECRET,
        previousWebhookSecret: undefined,
      },
      orderId: numbered(known),
      notice: (orderId, nowMs) =>
        signed(
          adapter,
          claims.replaceAll(known, orderId).replaceAll(coded(known), coded(orderId)),
          new Headers(
            Object.entries(example.headers).map(([name, value]): [string, string] => [
              name,
              value.replaceAll(known, orderId),
            ]),
          ),
          new URLSearchParams(example.query),
          nowMs,
        ),
    }
  })
