/** Who gets in: API keys as hashes, scopes, store lists, and a pace per caller. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
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
  type CancellationService,
  mustHave,
  type Scope,
  SCOPES,
} from '../gateway/service.ts'
import { callerService } from '../gateway/caller.ts'
import type { AuditVia } from '../model/audit.ts'
import { ProblemError, problem } from '../model/problem.ts'
import { steadyNow } from '../model/time.ts'
import { expiryOf, type Keys, type Known, tokenOf } from './keys.ts'

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
export const LOCAL: Caller = { name: 'local', scopes: SCOPES, stores: null }
const ANYBODY: Known = {
  caller: LOCAL,
  hash: new Uint8Array(),
  expiresAt: null,
  perMinute: null,
}

interface Bucket {
  readonly size: number
  tokens: number
  at: number
}
/** By caller, whatever its key: a new key, or a configuration that was read anew, fills none. */
type Buckets = Map<string, Bucket>

const bucketOf = (buckets: Buckets, name: string, size: number, now: number): Bucket => {
  const before = buckets.get(name)
  if (before?.size === size) return before
  const bucket = {
    size,
    tokens: Math.min(size, before?.tokens ?? size),
    at: before?.at ?? now,
  }
  buckets.set(name, bucket)
  return bucket
}

/** Takes one of the caller's requests a minute; the headers that tell of it. */
const pace = (
  buckets: Buckets,
  { caller, perMinute }: Known,
  now: number,
): Record<string, string> => {
  if (perMinute === null) return {}
  const bucket = bucketOf(buckets, caller.name, perMinute, now)
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

/** Gives a request what its caller may ask; `via`: the way that it came, for the audit log. */
export const openServices =
  (
    gateway: CancellationService,
    batches: Batches,
    webhooks: Webhooks = NO_WEBHOOKS,
    via: AuditVia = 'api',
  ) =>
  (c: Context<Env>, caller: Caller): void => {
    const asker = {
      caller: caller.name,
      key: caller.key ?? null,
      via,
      requestId: c.get('requestId') ?? null,
    }
    const service = callerService(gateway, caller, asker)
    c.set('service', service)
    c.set('batches', callerBatches(batches, service))
    c.set('webhooks', callerWebhooks(webhooks, service))
  }

/** By which clocks keys are taken. */
export interface AccessClocks {
  /** Paces callers: nobody can set it. */
  readonly now?: () => number
  /** Tells which keys are expired, by the calendar. */
  readonly wall?: () => number
}

/** Whose an `Authorization` header is; throws where it is nobody's, or too late. */
const identify = async (keys: Keys, header: string, at: number): Promise<Known> => {
  const known = await keys.bearer(header)
  if (!known)
    return refuseKey(
      tokenOf(header) === undefined
        ? 'Send “Authorization: Bearer rsk_…”.'
        : 'This key is not known.',
    )
  const expired = expiryOf(known, at)
  return expired === null ? known : refuseKey(expired)
}

/**
 * Keys, scopes and pace of the callers as they are now; where there are none to be asked for,
 * everybody is let through. `assign`: told of each request whose caller is known.
 */
export const createAccess = (
  keys: Keys,
  assign: (c: Context<Env>, caller: Caller) => void = () => {},
  { now = steadyNow, wall = Date.now }: AccessClocks = {},
): Access => {
  const buckets: Buckets = new Map()
  return (scope) => async (c, next) => {
    const known =
      keys.callers() === null
        ? ANYBODY
        : await identify(keys, c.req.header('authorization') ?? '', wall())
    const { caller } = known
    c.set('caller', caller)
    mustHave(caller, scope)
    for (const [name, value] of Object.entries(pace(buckets, known, now()))) c.header(name, value)
    assign(c, caller)
    await next()
  }
}

const refuseKey = (why: string): never => {
  throw new ProblemError(problem('unauthenticated', why), { 'www-authenticate': 'Bearer' })
}
