/**
 * One call to the gateway: sent, its answer read, and tried again where that is safe, within a time
 * and at a decent pace.
 */
import { NoAnswer, RescindError } from './errors.ts'
import type { Problem } from './types.ts'

export interface ClientOptions {
  /** Where the gateway is, `https://cancel.example.com`; may carry a path prefix. */
  readonly baseUrl: string
  /** A caller's key, `rsk_…`. */
  readonly key?: string | undefined
  /** Instead of the platform's own. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** How long a call keeps trying to get an answer, all tries together. Default one minute. */
  readonly timeoutMs?: number | undefined
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  /** How long the gateway may hold its answer, asked at every try. */
  readonly holdMs?: (() => number) | undefined
  /** Not to give up before, by `now()`, even after `timeoutMs`. */
  readonly atLeastUntil?: number | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * A second one would not be the same as one: not tried again unless it was turned away unread.
   */
  readonly once?: boolean | undefined
  /** Told of the headers of the answer that counts. */
  readonly onAnswer?: ((headers: Headers) => void) | undefined
  /** Told of every try that failed. */
  readonly onFailure?: ((error: RescindError | NoAnswer) => void) | undefined
}

/** Resolves with the body of a 2xx answer, a string unless it is JSON. */
export type Ask = (call: Call) => Promise<unknown>

export const now = (): number => performance.now()

const DEFAULT_TIMEOUT_MS = 60_000
/**
 * What a try may take beyond what the gateway was asked to hold it: a third of all time, so that
 * there is room for others, and at most this.
 */
const TRY_MS = 15_000
const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 10_000

/** Full jitter: anything up to the doubling bound. */
export const backoff = (tries: number, firstMs = FIRST_DELAY_MS): number =>
  Math.random() * Math.min(LONGEST_DELAY_MS, firstMs * 2 ** tries)

export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })

/**
 * `Retry-After` in seconds, perhaps with decimals or twice, or as a date by the clock of whoever
 * answered, in milliseconds from now.
 */
const retryAfterMs = (headers: Headers): number => {
  const header = headers.get('retry-after') ?? ''
  // Other texts with digits in them `Date.parse` takes for dates too: “5.0” is in May 2001.
  if (/\d:\d/.test(header))
    return (
      Math.max(0, Date.parse(header) - (Date.parse(headers.get('date') ?? '') || Date.now())) || 0
    )
  return Math.max(0, ...header.split(',', 9).map((seconds) => Number(seconds) * 1000 || 0))
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  'detail' in value &&
  'retryable' in value

/** The body as it is; a JSON that breaks off is no answer. */
const read = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  return /[/+]json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text
}

/**
 * A header's value that cannot be one would be told in the error of `fetch`; this one tells its
 * name alone.
 */
export const visible = (name: string, value: string): string => {
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new TypeError(`${name} must be visible ASCII characters without white space`)
  return value
}

/** A part of a path; an empty one or dots would lead elsewhere. */
export const segment = (name: string, value: string): string => {
  if (/^\.{0,2}$/.test(value)) throw new TypeError(`${name} is missing`)
  return encodeURIComponent(value)
}

/** `?name=value&…` of what is set; dates as RFC 3339. */
export const search = (values: object): string => {
  const set = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === null
      ? []
      : [[name, value instanceof Date ? value.toISOString() : String(value)]],
  )
  return set.length > 0 ? `?${new URLSearchParams(set).toString()}` : ''
}

const baseOf = (baseUrl: string): string => {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username ||
    url.password ||
    url.search ||
    url.hash
  )
    throw new TypeError(
      'baseUrl must be an http or https address without a login, a query or a fragment',
    )
  return url.origin + url.pathname.replace(/\/{1,99}$/, '')
}

/**
 * Whether another try may get an answer, and does no harm. A problem about a cancellation is that
 * cancellation's end, not a fault on the way.
 */
const mayRetry = (error: RescindError | NoAnswer, once: boolean): boolean => {
  const { status } = error
  if (status === 429) return true
  if (once || (status !== null && status < 500)) return false
  return (
    error instanceof NoAnswer ||
    (error.cancellation === null && error.code !== 'platform-credentials')
  )
}

/** What every call of its kind says; `holdS`: how long the gateway may wait for the end. */
const headersFor = (body: string | undefined, holdS: number | undefined) => ({
  accept: 'application/json',
  ...(body !== undefined && { 'content-type': 'application/json' }),
  ...(holdS !== undefined && { prefer: holdS > 0 ? `wait=${holdS}` : 'respond-async' }),
})

/** One try: its body, or why there is none and how long to stay away. */
type Tried =
  | { readonly body: unknown; readonly headers: Headers }
  | { readonly error: RescindError | NoAnswer; readonly afterMs: number }

/**
 * A browser's cache lets nobody at an address while it is being fetched, for up to 20 seconds, and
 * a read that waits is one. Where there is no cache some know no such setting: Cloudflare's Workers
 * throw (https://developers.cloudflare.com/workers/runtime-apis/request/).
 */
const caching = 'location' in globalThis ? ({ cache: 'no-store' } as const) : {}

export const createAsk = ({
  baseUrl,
  key,
  fetch = (input, init) => globalThis.fetch(input, init),
  timeoutMs = DEFAULT_TIMEOUT_MS,
}: ClientOptions): Ask => {
  const base = baseOf(baseUrl)
  const authorization = key === undefined ? {} : { authorization: `Bearer ${visible('key', key)}` }

  const attempt = async ({ method, path, headers, body, holdMs, signal }: Call): Promise<Tried> => {
    const hold = holdMs && Math.ceil(holdMs() / 1000)
    const limit = AbortSignal.timeout(
      Math.ceil(Math.min(TRY_MS, timeoutMs / 3)) + (hold ?? 0) * 1000,
    )
    let response: Response | undefined
    let content: unknown
    try {
      response = await fetch(base + path, {
        method,
        redirect: 'manual',
        ...caching,
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
        ...(body !== undefined && { body }),
        headers: { ...headersFor(body, hold), ...authorization, ...headers },
      })
      content = await read(response)
    } catch (cause) {
      signal?.throwIfAborted()
      return {
        error: new NoAnswer(response && !response.ok ? response.status : null, cause),
        afterMs: 0,
      }
    }
    if (response.ok) return { body: content, headers: response.headers }
    const error = isProblem(content)
      ? new RescindError(content, response.headers.get('request-id'))
      : new NoAnswer(response.status)
    return { error, afterMs: retryAfterMs(response.headers) }
  }

  return async (call) => {
    const endAt = Math.max(now() + timeoutMs, call.atLeastUntil ?? 0)
    for (let tries = 0; ; tries++) {
      call.signal?.throwIfAborted()
      const tried = await attempt(call)
      if ('body' in tried) {
        call.onAnswer?.(tried.headers)
        return tried.body
      }
      call.onFailure?.(tried.error)
      const delayMs = tried.afterMs + backoff(tries)
      if (!mayRetry(tried.error, call.once ?? false) || now() + delayMs > endAt) throw tried.error
      await sleep(delayMs, call.signal)
    }
  }
}
