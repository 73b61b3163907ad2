/** The HTTP application: every route, and one shape for everything that goes wrong. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, Hono } from 'hono'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Sandbox } from '../adapter/sandbox.ts'
import type { AnyAdapter } from '../adapter/platform.ts'
import type { CallerConfig } from '../config/configuration.ts'
import type { Batches } from '../gateway/batches/service.ts'
import type { Webhooks } from '../gateway/deliveries/service.ts'
import { type Hooks, NO_HOOKS } from '../gateway/notices/hear.ts'
import type { CancellationService } from '../gateway/service.ts'
import { LedgerUnavailable } from '../ledger/port.ts'
import { problem, type Problem, ProblemError, refuse } from '../model/problem.ts'
import { type App, createAccess, type Env, openServices } from './auth.ts'
import { type Keys, openKeys } from './keys.ts'
import { addAudit } from './routes/audit.ts'
import { addBatches } from './routes/batches.ts'
import { NO_BATCHES } from '../gateway/batches/none.ts'
import { invalid } from './body.ts'
import { addCancellations } from './routes/cancellations.ts'
import { describe } from './routes/reference.ts'
import { addPages } from './routes/system.ts'
import { addErasures } from './routes/erasures.ts'
import { addHooks } from './routes/hooks.ts'
import { addLinks } from './routes/links.ts'
import { addStores } from './routes/stores.ts'
import { addWebhooks } from './routes/webhooks.ts'

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
  readonly gateway: CancellationService
  /** Left out: no batches are taken here. */
  readonly batches?: Batches
  /** Left out: nobody is told of anything here. */
  readonly webhooks?: Webhooks
  /** Left out: nothing is taken from platforms here. */
  readonly hooks?: Hooks
  /** Rejects unless the ledger takes writes. */
  readonly ready: () => Promise<void>
  /** In Prometheus' text; left out: there are none here. */
  readonly metrics?: () => Promise<string>
  /**
   * Null: no keys are asked for; only for a gateway that listens on loopback alone. None at all:
   * nobody gets in, not even to what needs no key.
   */
  readonly callers: readonly CallerConfig[] | null
  /** The same callers, where they may be replaced. Left out: they stay as they are. */
  readonly keys?: Keys
  /**
   * Names under which it may be asked; left out: any. Without keys, a page elsewhere whose name
   * leads here must not cancel orders.
   */
  readonly isHost?: (name: string) => boolean
  readonly adapters: readonly AnyAdapter[]
  /** By platform, served under `/sandbox/{platform}/…`. */
  readonly sandboxes?: ReadonlyMap<string, Sandbox>
  /** The pages under `/console`; left out: there are none. */
  readonly console?: Hono<Env>
  /** Aborted when the gateway goes: whoever still waits for an end is told how far it is. */
  readonly leaving?: AbortSignal
  readonly onRequest?: (entry: RequestLog) => void
  readonly onFault?: (error: unknown, requestId: string) => void
}

const answerProblem = (
  c: Context<Env>,
  value: Problem,
  headers: Readonly<Record<string, string>> = {},
) => {
  c.set('code', value.code)
  return c.json({ instance: c.req.path, ...value }, value.status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
    ...headers,
  })
}

/** Where a write may have been done though its answer was lost, no more is said than that. */
const unavailable = (wroteNothing: boolean): Problem =>
  wroteNothing
    ? problem('ledger-unavailable', 'The ledger does not take writes; nothing was accepted.')
    : problem(
        'ledger-unavailable',
        'The ledger did not answer, so this may be written down, and is done then. Ask again ' +
          'with the same Idempotency-Key, or look first: GET ' +
          '/v1/cancellations?store=…&orderId=…, of batches GET /v1/batches.',
        { acted: 'unknown' },
      )

/** Ids, security headers, and a line for every request. */
const addObservers = (app: App, onRequest: NonNullable<AppOptions['onRequest']>): void => {
  app.use(requestId({ headerName: 'Request-Id' }))
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      overwrite: false,
    }),
  )
  app.use(async (c, next) => {
    const started = performance.now()
    await next()
    c.res.headers.set('cache-control', 'no-store')
    c.res.headers.set('request-id', c.get('requestId'))
    onRequest({
      requestId: c.get('requestId'),
      method: c.req.method,
      route: c.req.routePath,
      status: c.res.status,
      ms: Math.round(performance.now() - started),
      caller: c.get('caller')?.name ?? null,
      code: c.get('code') ?? null,
    })
  })
}

/** Every error is a problem; what is not the caller's to mend is told as a fault. */
const addErrors = (app: App, onFault: NonNullable<AppOptions['onFault']>): void => {
  app.onError((error, c) => {
    if (error instanceof ProblemError) return answerProblem(c, error.problem, error.headers)
    onFault(error, c.get('requestId'))
    return error instanceof LedgerUnavailable
      ? answerProblem(c, unavailable(error.written === false || c.req.method === 'GET'), {
          'retry-after': '1',
        })
      : answerProblem(
          c,
          problem('internal', 'Something went wrong inside the gateway.', { acted: 'unknown' }),
        )
  })
  // Answered, not thrown: what is thrown here passes by the middleware above.
  app.notFound((c) => answerProblem(c, problem('not-found', 'Nothing has this address.')))
}

/** The imitated platforms, for any other client. */
const addSandboxes = (app: App, sandboxes: NonNullable<AppOptions['sandboxes']>): void => {
  for (const [platform, { app: imitation }] of sandboxes) {
    const prefix = `/sandbox/${platform}`
    app.mount(prefix, (request) => imitation.fetch(request), {
      replaceRequest: (request) => {
        const url = new URL(request.url)
        url.pathname = url.pathname.slice(prefix.length) || '/'
        return new Request(url, request)
      },
    })
  }
}

/** What has an address but not this method: asked last, after every route has had its chance. */
const addMethods = (app: App): void => {
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of app.routes) {
    if (method !== 'ALL' && !path.includes('*'))
      methods.set(path, (methods.get(path) ?? new Set()).add(method))
  }
  for (const [path, found] of methods) {
    const allow = [...found, ...(found.has('GET') ? ['HEAD'] : [])].join(', ')
    app.all(path, () => {
      throw new ProblemError(problem('method-not-allowed', `Here only: ${allow}.`), { allow })
    })
  }
}

/** Builds the application; it holds no state but the pace of its callers. */
export const createApp = ({
  gateway,
  batches = NO_BATCHES,
  webhooks,
  hooks = NO_HOOKS,
  ready,
  metrics,
  callers,
  keys = openKeys(callers),
  isHost,
  adapters,
  sandboxes = new Map(),
  console,
  leaving,
  onRequest = () => {},
  onFault = () => {},
}: AppOptions): App => {
  const app: App = new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (!result.success) invalid(result.error)
    },
  })
  addObservers(app, onRequest)

  if (isHost) {
    app.use(async (c, next) => {
      if (!isHost(new URL(c.req.url).hostname))
        refuse('forbidden', 'Without callers in the configuration only loopback names are served.')
      await next()
    })
  }

  addErrors(app, onFault)

  const access = createAccess(keys, openServices(gateway, batches, webhooks))
  if (callers?.length === 0)
    app.use(async (c, next) => (c.req.path === '/healthz' ? next() : access('read')(c, next)))
  addCancellations({ app, gateway, access, leaving })
  addBatches({ app, access })
  addWebhooks({ app, access })
  addLinks({ app, access })
  addStores({ app, access, adapters })
  addAudit({ app, access })
  addErasures({ app, access })
  addHooks({ app, hooks })
  addPages({ app, access, ready, metrics, hasConsole: console !== undefined })
  if (console) app.route('/console', console)
  addSandboxes(app, sandboxes)
  addMethods(app)
  describe(app)
  return app
}
