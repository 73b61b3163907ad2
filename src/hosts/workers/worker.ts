/**
 * What a Worker answers with: the front that knows who asks, made of its bindings, with or without
 * the pages for people.
 */
import type { Sandbox } from '../../adapter/sandbox.ts'
import type { Store } from '../../connection/store.ts'
import { type AppOptions, createApp } from '../../http/app.ts'
import { problem, refuse } from '../../model/problem.ts'
import { platforms } from '../platforms.ts'
import { openKeys } from '../../http/keys.ts'
import { type Bindings, openContext } from './context.ts'
import { frontOf } from './instance.ts'
import { faultOf, logger } from './log.ts'
import { metricsOf } from './metrics.ts'

/** The sandbox's imitation of a platform, wherever it lives. */
const forward = (
  bindings: Bindings,
  stores: ReadonlyMap<string, Store>,
  platform: string,
): Sandbox['app'] => ({
  async fetch(request) {
    const { account } =
      stores.get(`sandbox-${platform}`) ?? refuse('not-found', 'There is no such sandbox.')
    const headers = new Headers(request.headers)
    headers.set('rescind-platform', platform)
    const reply = await bindings.ACCOUNTS.get(bindings.ACCOUNTS.idFromName(account)).fetch(
      new Request(request, { headers }),
    )
    // What comes from another object has headers that cannot be added to.
    return new Response(reply.body, reply)
  },
})

interface App {
  fetch(request: Request): Response | Promise<Response>
}

/** What a console is made of, which only the Worker that has one brings along. */
export type ConsoleParts = Required<
  Pick<AppOptions, 'gateway' | 'batches' | 'webhooks' | 'callers' | 'keys' | 'onFault'>
> & { readonly bindings: Bindings }
export type OpenConsole = (parts: ConsoleParts) => AppOptions['console']

const openApp = async (bindings: Bindings, openConsole: OpenConsole): Promise<App> => {
  const log = logger(bindings)
  const context = await openContext(bindings)
  const front = frontOf(bindings, context)
  const { ready, batches, hooks, webhooks, ...gateway } = front
  // A configuration without callers lets nobody in: there is no loopback here.
  const callers = context.config ? context.config.callers : null
  const keys = openKeys(callers)
  const told = [...new Set(context.config?.webhooks.map(({ caller }) => caller))]
  const parts = {
    gateway,
    batches,
    webhooks,
    callers,
    keys,
    onFault: (error: unknown, requestId: string) =>
      log('error', 'fault', { ...faultOf(error), requestId }),
  }
  const console = openConsole({ ...parts, bindings })
  return createApp({
    ...parts,
    hooks,
    ready,
    metrics: () => metricsOf(front, told, keys.known()),
    ...(console && { console }),
    adapters: platforms.map(({ adapter }) => adapter),
    sandboxes: new Map(
      [...context.sandboxes].map(([platform, sandbox]) => [
        platform,
        { ...sandbox, app: forward(bindings, context.stores, platform) },
      ]),
    ),
    onRequest: (entry) => log('info', 'request', entry),
  })
}

/**
 * What answers where the configuration is wrong: there is no gateway then, only a log that says
 * where.
 */
const closed = (error: unknown, bindings: Bindings): App => ({
  fetch() {
    logger(bindings)('error', 'RESCIND_CONFIG is not valid', faultOf(error))
    const body = problem(
      'internal',
      'This gateway’s configuration is not valid; its log says where.',
    )
    return Response.json(body, {
      status: body.status,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'request-id': crypto.randomUUID(),
      },
    })
  },
})

/** A Worker; `openConsole` gives it pages for people, or nothing. */
export const createWorker = (openConsole: OpenConsole) => {
  const apps = new WeakMap<Bindings, App>()
  /**
   * The application of an isolate; built from the bindings that its first request brings, and kept:
   * a request must not wait for what another one has begun.
   */
  const appOf = async (bindings: Bindings): Promise<App> => {
    const known = apps.get(bindings)
    if (known) return known
    const app = await openApp(bindings, openConsole).catch((error: unknown) =>
      closed(error, bindings),
    )
    apps.set(bindings, app)
    return app
  }
  return {
    fetch: async (request: Request, bindings: Bindings): Promise<Response> =>
      (await appOf(bindings)).fetch(request),
    /** Now and then: whom nobody asks must be woken to ask its store what changed. */
    async scheduled(_: unknown, bindings: Bindings): Promise<void> {
      try {
        await frontOf(bindings, await openContext(bindings)).wake()
      } catch (error) {
        logger(bindings)('error', 'fault', faultOf(error))
      }
    },
  }
}
