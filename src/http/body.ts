/** What a request brings: bodies and headers, checked before anything is done with them. */
import type { z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { complaints, firstOf, JsonError, type Mistake, parseJson } from '../input/json.ts'
import { problem, ProblemError, refuse } from '../model/problem.ts'
import type { Env } from './auth.ts'

/**
 * Middleware: nothing larger is read. A body of announced length is not touched: on Node its stream
 * costs more than all the rest of a request.
 */
export const limitBytes = (maxBytes: number, words: string): MiddlewareHandler<Env> => {
  const tooLarge = () =>
    refuse('too-large', `The body may be at most ${words}.`, {
      errors: [{ pointer: '', detail: `is larger than ${words}` }],
    })
  const countBytes = bodyLimit({ maxSize: maxBytes, onError: tooLarge })
  return (c, next) => {
    const announced = c.req.header('content-length')
    if (announced === undefined || c.req.header('transfer-encoding') !== undefined)
      return countBytes(c, next)
    return Number(announced) > maxBytes ? tooLarge() : (next() as Promise<void>)
  }
}

export const limitBody = limitBytes(16 * 1024, '16 KiB')

const refuseWith = (detail: string, mistakes: readonly Mistake[]): never => {
  const { errors, more } = firstOf(mistakes)
  return refuse('invalid-request', detail + more, { errors })
}

export const invalid = (error: z.core.$ZodError): never =>
  refuseWith('The request is not valid.', complaints(error))

/** The bytes of a body; one that breaks off is no request. */
export const bytesOf = async (c: Context<Env>): Promise<ArrayBuffer> => {
  try {
    return await c.req.arrayBuffer()
  } catch {
    return refuse('invalid-request', 'The body ended early.', {
      errors: [{ pointer: '', detail: 'ended early' }],
    })
  }
}

export const isJson = (type: string | undefined) =>
  /^application\/json[ \t]*(;|$)/i.test(type ?? '')

/** The value of a JSON body. */
export const readJson = async (c: Context<Env>): Promise<unknown> => {
  const bytes = await bytesOf(c)
  try {
    return parseJson(bytes)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return refuseWith('The body cannot be read as JSON.', error.mistakes)
  }
}

/** Refuses a body that is compressed, and says what is read (RFC 9110, 15.5.16). */
export const refuseCoded = (c: Context<Env>): void => {
  const coding = c.req.header('content-encoding')?.trim() ?? ''
  if (/^(identity)?$/i.test(coding)) return
  const named = /^[\w.*+-]{1,32}$/.test(coding) ? ` “${coding}”` : ''
  throw new ProblemError(
    problem(
      'unsupported-media-type',
      `The body has the content coding${named}; send it as it is, without a Content-Encoding.`,
    ),
    { 'accept-encoding': 'identity' },
  )
}

/** Refuses a body of another kind or coding; names the kind it has, where there are several. */
export const mediaOf = <T extends string>(
  c: Context<Env>,
  kinds: Readonly<Record<T, (type: string | undefined) => boolean>>,
): T => {
  refuseCoded(c)
  const found = (Object.keys(kinds) as T[]).find((kind) =>
    kinds[kind](c.req.header('content-type')),
  )
  if (found !== undefined) return found
  const names = Object.keys(kinds)
  throw new ProblemError(
    problem(
      'unsupported-media-type',
      `Send the body with ${names.map((kind) => `“Content-Type: ${kind}”`).join(' or ')}.`,
    ),
    { accept: names.join(', ') },
  )
}

/** The body as `schema` has it: media type, then syntax, then content. */
export const readBody = async <T extends z.ZodType>(
  c: Context<Env>,
  schema: T,
): Promise<z.output<T>> => {
  mediaOf(c, { 'application/json': isJson })
  const parsed = schema.safeParse(await readJson(c))
  return parsed.success ? parsed.data : invalid(parsed.error)
}

/**
 * An Idempotency-Key: a structured-field string or a bare token, 1–255 visible ASCII; both forms
 * are the same value.
 */
export const readKey = (header: string | undefined): string | null => {
  if (header === undefined) return null
  const quoted = /^"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/
    .exec(header)?.[1]
    ?.replaceAll(/\\(["\\])/g, '$1')
  const value = quoted ?? (/^[\x21\x23-\x7e]+$/.test(header) ? header : '')
  if (value.length >= 1 && value.length <= 255) return value
  return refuse('invalid-request', 'The Idempotency-Key is malformed.', {
    errors: [
      {
        pointer: '/Idempotency-Key',
        detail: 'one value of 1–255 visible ASCII characters, quoted or bare',
      },
    ],
  })
}

/** Customers' tokens go into a header of ours, so they must be one visible word. */
export const readCustomerToken = (header: string | undefined): string | null => {
  if (header === undefined) return null
  return /^[\x21-\x7e]{1,8192}$/.test(header)
    ? header
    : refuse('invalid-request', 'The Rescind-Customer-Token is malformed.', {
        errors: [
          { pointer: '/Rescind-Customer-Token', detail: 'one token of visible ASCII characters' },
        ],
      })
}

export const MAX_WAIT_MS = 25_000

/**
 * The preferences of a header by their names, each as it was first said; parameters mean nothing
 * here (RFC 7240, 2).
 */
const preferencesIn = (header: string): Map<string, string> => {
  const found = new Map<string, string>()
  for (const [part] of header.matchAll(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g)) {
    const [, name = '', quoted, bare = ''] =
      /^\s*([^\s=;"]+)\s*(?:=\s*(?:(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*)?)?(?:;|$)/.exec(part) ??
      []
    if (name && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), quoted ?? bare)
  }
  return found
}

/** How long to wait, and which preferences that was, once it is known whether the time sufficed. */
export interface Preferred {
  readonly waitMs: number
  readonly applied: (isOpen: boolean) => string | null
}

/**
 * `Prefer` (RFC 7240): `wait=N` waits so long, `respond-async` not at all, both (4.3) so long and
 * then no longer; what cannot be understood is no preference.
 */
export const readPrefer = (header: string | undefined, defaultMs: number): Preferred => {
  const preferences = preferencesIn(header ?? '')
  const isAsync = preferences.has('respond-async')
  const seconds = /^\d+$/.test(preferences.get('wait') ?? '')
    ? Math.min(Number(preferences.get('wait')), MAX_WAIT_MS / 1000)
    : null
  return {
    waitMs: seconds === null ? (isAsync ? 0 : defaultMs) : seconds * 1000,
    applied: (isOpen) =>
      [isAsync && isOpen ? 'respond-async' : '', seconds === null ? '' : `wait=${seconds}`]
        .filter(Boolean)
        .join(', ') || null,
  }
}
