/** What a request brings: bodies and headers, checked before anything is done with them. */
import { parse, type ValueNode } from '@humanwhocodes/momoa'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { problem, ProblemError, refuse } from '../model/problem.ts'
import type { Env } from './access.ts'

const MAX_BODY_BYTES = 16 * 1024

const tooLarge = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => refuse('too-large', 'The body may be at most 16 KiB.') })

const pointer = (parts: readonly (string | number)[]) => parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The places where an object names a member again. */
const duplicates = (node: ValueNode, path: readonly (string | number)[] = []): string[] => {
  if (node.type === 'Array') return node.elements.flatMap(({ value }, index) => duplicates(value, [...path, index]))
  if (node.type !== 'Object') return []
  const seen = new Set<string>()
  return node.members.flatMap(({ name, value }) => {
    const key = name.type === 'String' ? name.value : name.name
    const again = seen.has(key) ? [pointer([...path, key])] : []
    seen.add(key)
    return [...again, ...duplicates(value, [...path, key])]
  })
}

const malformed = () => refuse('invalid-request', 'The body is not valid JSON.', { errors: [{ pointer: '', detail: 'is not valid JSON' }] })

/** JSON.parse keeps the last of two members of one name in silence: `{"restock":false,"restock":true}` is true. */
const checkJson = (text: string): void => {
  let repeated: string[]
  try {
    JSON.parse(text)
    repeated = duplicates(parse(text, { mode: 'json' }).body)
  } catch {
    return malformed() // two parsers and nothing else: bad syntax, or nested deeper than anybody means it
  }
  if (repeated.length > 0) refuse('invalid-request', 'The body names a member twice.', { errors: repeated.map((place) => ({ pointer: place, detail: 'is there twice' })) })
}

/** Middleware for JSON bodies: size, media type, syntax and duplicate members; the schema comes after it. */
export const jsonBody: MiddlewareHandler<Env> = (c, next) => tooLarge(c, async () => {
  if (!/^application\/json *(;.*)?$/i.test(c.req.header('content-type') ?? '')) {
    throw new ProblemError(problem('unsupported-media-type', 'Send the body with “Content-Type: application/json”.'), { accept: 'application/json' })
  }
  checkJson(await c.req.text())
  await next()
})

/** An Idempotency-Key: a structured-field string or a bare token, 1–255 visible ASCII; both forms are the same value. */
export const readKey = (header: string | undefined): string | null => {
  if (header === undefined) return null
  const quoted = /^"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(header)?.[1]?.replaceAll(/\\(["\\])/g, '$1')
  const value = quoted ?? (/^[\x21\x23-\x7e]+$/.test(header) ? header : '')
  if (value.length >= 1 && value.length <= 255) return value
  return refuse('invalid-request', 'The Idempotency-Key is malformed.', { errors: [{ pointer: '/Idempotency-Key', detail: 'one value of 1–255 visible ASCII characters, quoted or bare' }] })
}

/** Customers' tokens go into a header of ours, so they must be one visible word. */
export const readCustomerToken = (header: string | undefined): string | null => {
  if (header === undefined) return null
  return /^[\x21-\x7e]{1,8192}$/.test(header) ? header : refuse('invalid-request', 'The Rescind-Customer-Token is malformed.', { errors: [{ pointer: '/Rescind-Customer-Token', detail: 'one token of visible ASCII characters' }] })
}

export const MAX_WAIT_MS = 25_000

/** `Prefer` (RFC 7240): how long to wait, and what to say was applied; what cannot be understood is no preference. */
export const readPrefer = (header: string | undefined, defaultMs: number): { readonly waitMs: number, readonly applied: string | null } => {
  const preferences = (header ?? '').toLowerCase().split(',').map((part) => part.trim())
  if (preferences.includes('respond-async')) return { waitMs: 0, applied: 'respond-async' }
  const wait = preferences.map((part) => /^wait *= *"?(\d{1,9})"?$/.exec(part)?.[1]).find((value) => value !== undefined)
  if (wait === undefined) return { waitMs: defaultMs, applied: null }
  const waitMs = Math.min(Number(wait) * 1000, MAX_WAIT_MS)
  return { waitMs, applied: `wait=${waitMs / 1000}` }
}
