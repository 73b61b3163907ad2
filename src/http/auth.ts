/** Who gets in: API keys as hashes, scopes, store lists, and a pace per caller. */
import type { MiddlewareHandler } from 'hono'
import type { Store } from '../connection/store.ts'
import type { CallerConfig } from '../config/configuration.ts'
import type { Caller, CancellationService, Scope } from '../gateway/service.ts'
import { LedgerUnavailable } from '../ledger/port.ts'
import { ProblemError, problem, refuse } from '../model/problem.ts'
import { steadyNow } from '../model/time.ts'

export interface Env {
  Variables: {
    caller: Caller
    requestId: string
    /** Of the problem that was answered, for the log. */
    code: string
  }
}

/** Middleware that lets through who may do `scope`. */
export type Access = (scope: Scope) => MiddlewareHandler<Env>

/** Where no callers are configured: whoever reaches the loopback address. */
export const LOCAL: Caller = { name: 'local', scopes: ['read', 'cancel', 'operate'], stores: null }

const sha256 = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** The same time whatever differs, and where. */
const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.reduce(
    (difference, byte, index) => difference | (byte ^ (b[index] ?? 0)),
    a.length ^ b.length,
  ) === 0

const toCaller = ({ name, scopes, stores }: CallerConfig): Caller => ({
  name,
  scopes,
  stores: stores.includes('*') ? null : stores,
})

export const mayUse = (caller: Caller, store: string): boolean =>
  caller.stores === null || caller.stores.includes(store)

/** The stores that a caller reaches, of those that are configured. */
export const reachable = (gateway: CancellationService, caller: Caller): Store[] =>
  [...gateway.stores.values()].filter(({ id }) => mayUse(caller, id))

/** The store with this id; what the caller may not see does not exist. */
export const storeFor = (gateway: CancellationService, caller: Caller, id: string): Store =>
  reachable(gateway, caller).find((store) => store.id === id) ??
  refuse('store-not-found', 'No store with this id is configured for this key.')

/** What is looked at before anything is written: where that fails, nothing was. */
export const beforehand = async <T>(look: Promise<T>): Promise<T> =>
  look.catch((error: unknown) => {
    throw error instanceof LedgerUnavailable
      ? new LedgerUnavailable(error.message, { cause: error.cause })
      : error
  })

export interface Known {
  readonly caller: Caller
  readonly hash: Uint8Array
}

/** Every key of these callers, as its hash. */
export const keysOf = (callers: readonly CallerConfig[] | null): readonly Known[] =>
  (callers ?? []).flatMap((caller) =>
    caller.keyHash.map((hash) => ({
      hash: fromHex(hash.slice('sha256:'.length)),
      caller: toCaller(caller),
    })),
  )

/** Whose key it is. Every hash is compared, so that the time tells nothing about which. */
export const whose = async (known: readonly Known[], key: string): Promise<Known | null> => {
  const hash = await sha256(key)
  const [match] = known.filter((entry) => equal(entry.hash, hash))
  return match ?? null
}

/** Keys, scopes and pace of these callers; null lets everybody through. */
export const createAccess = (
  callers: readonly CallerConfig[] | null,
  now: () => number = steadyNow,
): Access => {
  const known = keysOf(callers)
  const buckets = new Map(
    (callers ?? []).flatMap(({ name, limits }) =>
      limits ? [[name, { size: limits.perMinute, tokens: limits.perMinute, at: now() }]] : [],
    ),
  )

  /**
   * By header, once it was right: a digest costs more than the rest of a read. Never more than the
   * keys there are.
   */
  const proved = new Map<string, Caller>()

  const identify = async (header = ''): Promise<Caller> => {
    const before = proved.get(header)
    if (before) return before
    const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1]
    const match = token === undefined ? null : await whose(known, token)
    if (!match) return refuseUnknown(token === undefined)
    if (proved.size < known.length) proved.set(header, match.caller)
    return match.caller
  }

  const pace = (name: string): Record<string, string> => {
    const bucket = buckets.get(name)
    if (!bucket) return {}
    const { size } = bucket
    bucket.tokens = Math.min(size, bucket.tokens + (Math.max(0, now() - bucket.at) / 60_000) * size)
    bucket.at = now()
    const wait = Math.ceil(((1 - bucket.tokens) / size) * 60)
    const headers = {
      'ratelimit-policy': `"default";q=${size};w=60`,
      ratelimit: `"default";r=${Math.max(0, Math.floor(bucket.tokens) - 1)};t=${Math.max(wait, 1)}`,
    }
    if (bucket.tokens < 1)
      throw new ProblemError(problem('rate-limited', `This key may ask ${size} times a minute.`), {
        ...headers,
        'retry-after': String(Math.max(wait, 1)),
      })
    bucket.tokens -= 1
    return headers
  }

  return (scope) => async (c, next) => {
    const caller = callers === null ? LOCAL : await identify(c.req.header('authorization'))
    c.set('caller', caller)
    if (!caller.scopes.includes(scope)) refuse('forbidden', `This key lacks the scope “${scope}”.`)
    for (const [name, value] of Object.entries(pace(caller.name))) c.header(name, value)
    await next()
  }
}

const refuseUnknown = (missing: boolean): never => {
  throw new ProblemError(
    problem(
      'unauthenticated',
      missing ? 'Send “Authorization: Bearer rsk_…”.' : 'This key is not known.',
    ),
    { 'www-authenticate': 'Bearer' },
  )
}
