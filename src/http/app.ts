/** The HTTP application: every route, and one shape for everything that goes wrong. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Sandbox } from '../adapter/sandbox.ts'
import type { AnyAdapter } from '../adapter/store.ts'
import type { Caller } from '../config.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { LedgerUnavailable } from '../ledger/ledger.ts'
import { problem, type Problem, ProblemError } from '../model/problem.ts'
import { createAccess, type Env } from './access.ts'
import { addCancellations } from './cancellations.ts'
import { addPages, describe } from './pages.ts'
import { addStores } from './stores.ts'

export interface RequestLog {
  readonly requestId: string
  readonly method: string
  /** The route's pattern, never the address itself. */
  readonly route: string
  readonly status: number
  readonly ms: number
  readonly caller: string | null
  readonly code: string | null
}

export interface AppOptions {
  readonly gateway: Gateway
  /** Rejects unless the ledger takes writes. */
  readonly ready: () => Promise<void>
  /** Null: no keys are asked for; only for a gateway that listens on loopback alone. */
  readonly callers: readonly Caller[] | null
  readonly adapters: readonly AnyAdapter[]
  /** By platform, served under `/sandbox/{platform}/…`. */
  readonly sandboxes?: ReadonlyMap<string, Sandbox>
  readonly onRequest?: (entry: RequestLog) => void
  readonly onFault?: (error: unknown, requestId: string) => void
}

export type App = OpenAPIHono<Env>

const headersOf = (error: ProblemError) => ({ 'content-type': 'application/problem+json', ...error.headers })

/** The places of a schema's complaints, as JSON pointers into what was sent. */
const complaints = (error: z.core.$ZodError): NonNullable<Problem['errors']> => error.issues.flatMap((issue) => {
  const place = issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ pointer: `${place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, detail: 'is not known here' }))
    : [{ pointer: place, detail: issue.message }]
})

/** Builds the application; it holds no state but the pace of its callers. */
export const createApp = ({ gateway, ready, callers, adapters, sandboxes = new Map(), onRequest = () => {}, onFault = () => {} }: AppOptions): App => {
  const app: App = new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (!result.success) throw new ProblemError(problem('invalid-request', 'The request is not valid.', { errors: complaints(result.error) }))
    },
  })
  const codes = new WeakMap<Request, string>()

  app.use(requestId({ headerName: 'Request-Id' }))
  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], frameAncestors: ["'none'"], baseUri: ["'none'"] } }))
  app.use(async (c, next) => {
    const started = performance.now()
    await next()
    c.res.headers.set('cache-control', 'no-store')
    onRequest({
      requestId: c.get('requestId'), method: c.req.method, route: c.req.routePath, status: c.res.status, ms: Math.round(performance.now() - started),
      caller: c.get('asker')?.name ?? null, code: codes.get(c.req.raw) ?? null,
    })
  })

  app.onError((error, c) => {
    const fail = ({ problem: value, headers }: { problem: Problem, headers: Record<string, string> }) => {
      codes.set(c.req.raw, value.code)
      return c.json({ instance: c.req.path, ...value }, value.status as ContentfulStatusCode, headers)
    }
    if (error instanceof ProblemError) return fail({ problem: error.problem, headers: headersOf(error) })
    const json = { 'content-type': 'application/problem+json' }
    if (error instanceof LedgerUnavailable) {
      onFault(error, c.get('requestId'))
      return fail({ problem: problem('ledger-unavailable', 'The ledger does not take writes; nothing was accepted.'), headers: { ...json, 'retry-after': '1' } })
    }
    if (error instanceof HTTPException && error.status < 500) return fail({ problem: problem('invalid-request', 'The request is not valid.'), headers: json })
    onFault(error, c.get('requestId'))
    return fail({ problem: problem('internal', 'Something went wrong inside the gateway.', { acted: 'unknown' }), headers: json })
  })

  const access = createAccess(callers)
  addCancellations(app, gateway, access)
  addStores(app, gateway, access, adapters)
  addPages(app, ready)
  for (const [platform, { app: imitation }] of sandboxes) {
    const prefix = `/sandbox/${platform}`
    app.mount(prefix, (request) => imitation.fetch(request), { replaceRequest: (request) => {
      const url = new URL(request.url)
      url.pathname = url.pathname.slice(prefix.length) || '/'
      return new Request(url, request)
    } })
  }

  // What has an address but not this method: asked last, after every route has had its chance.
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of app.routes) {
    if (method !== 'ALL' && !path.includes('*')) methods.set(path, (methods.get(path) ?? new Set()).add(method))
  }
  for (const [path, allowed] of methods) {
    app.all(path, () => { throw new ProblemError(problem('method-not-allowed', `Here only: ${[...allowed].join(', ')}.`), { allow: [...allowed].join(', ') }) })
  }
  app.notFound(() => { throw new ProblemError(problem('not-found', 'Nothing has this address.')) })
  describe(app)
  return app
}
