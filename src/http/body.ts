/** What a request brings: bodies and headers, checked before anything is done with them. */
import type { z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { JsonError, type Mistake, parseJson, toPointer } from './json.ts'
import { problem, ProblemError, refuse } from '../model/problem.ts'
import type { Env } from './access.ts'

/** Middleware: nothing larger is read. A body of announced length is not touched: on Node its stream costs more than all the rest of a request. */
export const limitBytes = (maxBytes: number, words: string): MiddlewareHandler<Env> => {
  const tooLarge = () => refuse('too-large', `The body may be at most ${words}.`, { errors: [{ pointer: '', detail: `is larger than ${words}` }] })
  const countBytes = bodyLimit({ maxSize: maxBytes, onError: tooLarge })
  return (c, next) => {
    const announced = c.req.header('content-length')
    if (announced === undefined || c.req.header('transfer-encoding') !== undefined) return countBytes(c, next)
    return Number(announced) > maxBytes ? tooLarge() : next() as Promise<void>
  }
}

export const limitBody = limitBytes(16 * 1024, '16 KiB')

/** The places of a schema's complaints, as JSON pointers into what was sent. */
export const complaints = (error: z.core.$ZodError): Mistake[] => error.issues.flatMap((issue) => issue.code === 'unrecognized_keys'
  ? issue.keys.map((key) => ({ pointer: toPointer([...issue.path, key]), detail: 'is not known here' }))
  : [{ pointer: toPointer(issue.path), detail: issue.message }])

export const invalid = (error: z.core.$ZodError): never => refuse('invalid-request', 'The request is not valid.', { errors: complaints(error) })

/** The bytes of a body; one that breaks off is no request. */
export const bytesOf = async (c: Context<Env>): Promise<ArrayBuffer> => {
  try {
    return await c.req.arrayBuffer()
  } catch {
    return refuse('invalid-request', 'The body ended early.', { errors: [{ pointer: '', detail: 'ended early' }] })
  }
}

export const isJson = (type: string | undefined) => /^application\/json[ \t]*(;|$)/i.test(type ?? '')

/** The value of a JSON body. */
export const readJson = async (c: Context<Env>): Promise<unknown> => {
  const bytes = await bytesOf(c)
  try {
    return parseJson(bytes)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return refuse('invalid-request', 'The body cannot be read as JSON.', { errors: [...error.mistakes] })
  }
}

/** Refuses a body of another kind; names the one it has, where there are several. */
export const mediaOf = <T extends string>(c: Context<Env>, kinds: Readonly<Record<T, (type: string | undefined) => boolean>>): T => {
  const found = (Object.keys(kinds) as T[]).find((kind) => kinds[kind](c.req.header('content-type')))
  if (found !== undefined) return found
  const names = Object.keys(kinds)
  throw new ProblemError(problem('unsupported-media-type', `Send the body with ${names.map((kind) => `“Content-Type: ${kind}”`).join(' or ')}.`), { accept: names.join(', ') })
}

/** The body as `schema` has it: media type, then syntax, then content. */
export const readBody = async <T extends z.ZodType>(c: Context<Env>, schema: T): Promise<z.output<T>> => {
  mediaOf(c, { 'application/json': isJson })
  const parsed = schema.safeParse(await readJson(c))
  return parsed.success ? parsed.data : invalid(parsed.error)
}

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
