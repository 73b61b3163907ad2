/** Who gets in: API keys as hashes, scopes, store lists, and a pace per caller. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import type { CallerConfig } from '../config/configuration.ts'
import type { Batches } from '../gateway/batches/service.ts'
import { type CallerBatches, callerBatches } from '../gateway/batches/caller.ts'
import {
  type CallerWebhooks,
  callerWebhooks,
  NO_WEBHOOKS,
  type Webhooks,
} from '../gateway/deliveries/service.ts'
import {
  type Caller,
  type CallerService,
  callerService,
  type CancellationService,
  mustHave,
  type Scope,
} from '../gateway/service.ts'
import type { AuditVia } from '../model/audit.ts'
import { ProblemError, problem } from '../model/problem.ts'
import { steadyNow } from '../model/time.ts'

export interface Env {
  Variables: {
    caller: Caller
    /** What can be asked, as far as the caller reaches. */
    service: CallerService
    batches: CallerBatches
    webhooks: CallerWebhooks
    requestId: string
    /** Of the problem that was answered, for the log. */
    code: string
  }
}

export type App = OpenAPIHono<Env>

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

type Buckets = ReadonlyMap<string, { readonly size: number; tokens: number; at: number }>

/** Takes one of the caller's requests a minute; the headers that tell of it. */
const pace = (buckets: Buckets, name: string, now: number): Record<string, string> => {
  const bucket = buckets.get(name)
  if (!bucket) return {}
  const { size } = bucket
  bucket.tokens = Math.min(size, bucket.tokens + (Math.max(0, now - bucket.at) / 60_000) * size)
  bucket.at = now
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

/** Tells whose an `Authorization` header is; throws where it is nobody's. */
const createIdentify = (known: readonly Known[]) => {
  /**
   * By header, once it was right: a digest costs more than the rest of a read. Never more than the
   * keys there are.
   */
  const proved = new Map<string, Caller>()
  return async (header = ''): Promise<Caller> => {
    const before = proved.get(header)
    if (before) return before
    const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1]
    const match = token === undefined ? null : await whose(known, token)
    if (!match) return refuseUnknown(token === undefined)
    if (proved.size < known.length) proved.set(header, match.caller)
    return match.caller
  }
}

/** Gives a request what its caller may ask; `via`: the way that it came, for the audit log. */
export const openServices =
  (
    gateway: CancellationService,
    batches: Batches,
    webhooks: Webhooks = NO_WEBHOOKS,
    via: AuditVia = 'api',
  ) =>
  (c: Context<Env>, caller: Caller): void => {
    const asker = { caller: caller.name, key: null, via, requestId: c.get('requestId') ?? null }
    const service = callerService(gateway, caller, asker)
    c.set('service', service)
    c.set('batches', callerBatches(batches, service))
    c.set('webhooks', callerWebhooks(webhooks, service))
  }

/**
 * Keys, scopes and pace of these callers; null lets everybody through. `assign`: told of each
 * request whose caller is known.
 */
export const createAccess = (
  callers: readonly CallerConfig[] | null,
  assign: (c: Context<Env>, caller: Caller) => void = () => {},
  now: () => number = steadyNow,
): Access => {
  const identify = createIdentify(keysOf(callers))
  const buckets = new Map(
    (callers ?? []).flatMap(({ name, limits }) =>
      limits ? [[name, { size: limits.perMinute, tokens: limits.perMinute, at: now() }]] : [],
    ),
  )
  return (scope) => async (c, next) => {
    const caller = callers === null ? LOCAL : await identify(c.req.header('authorization'))
    c.set('caller', caller)
    mustHave(caller, scope)
    for (const [name, value] of Object.entries(pace(buckets, caller.name, now())))
      c.header(name, value)
    assign(c, caller)
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
