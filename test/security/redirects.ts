/**
 * Where a platform's reply points: never followed, with credentials or without, on a read, a login
 * or a cancel.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import type { Sandbox } from '../../src/adapter/sandbox.ts'
import { openStore, type Store } from '../../src/connection/store.ts'
import { createGateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { platforms } from '../../src/hosts/platforms.ts'
import { openTransport } from '../../src/connection/transport-undici.ts'
import { serve, type Served } from '../http/node.ts'
import { probe } from './probes.ts'

const STATUSES = [300, 301, 302, 303, 307, 308] as const

/** What is redirected at the moment, what was, and what arrived where it led. */
interface Diversion {
  /** All calls, or only those that change something. */
  whom: 'all' | 'writes'
  status: number
  readonly met: string[]
  readonly elsewhere: string[]
}

/** A platform of which some calls are answered with a place elsewhere. */
const serveDiverted = (
  app: Sandbox['app'],
  diversion: Diversion,
  stranger: Served,
): Promise<Served> =>
  serve({
    fetch(request) {
      const { pathname } = new URL(request.url)
      const isRead = request.method === 'GET' || /auth|token/.test(pathname)
      if (diversion.whom === 'writes' && isRead) return app.fetch(request)
      diversion.met.push(`${request.method} ${pathname}`)
      return new Response(null, {
        status: diversion.status,
        headers: {
          location: `${stranger.url}${pathname}`,
          refresh: `0; url=${stranger.url}`,
          'content-location': stranger.url,
        },
      })
    },
  })

/** A gateway before every platform, each of which may be diverted. */
const openDiverted = async (diversion: Diversion) => {
  const stranger = await serve({
    fetch: (request) => {
      diversion.elsewhere.push(`${request.method} ${request.url}`)
      return Response.json({})
    },
  })
  const served = [stranger]
  const node = openTransport()
  const stores = new Map<string, Store>()
  /** An order that can be canceled, by platform. */
  const orders = new Map<string, string>()
  for (const { adapter, createSandbox } of platforms) {
    const { app, settings, examples } = await createSandbox()
    orders.set(adapter.id, examples.find(({ id }) => /(^|_)open$/.test(id))?.id ?? '')
    const one = await serveDiverted(app, diversion, stranger)
    served.push(one)
    stores.set(
      adapter.id,
      openStore(adapter.id, adapter, adapter.settings.parse({ ...settings, baseUrl: one.url }), {
        transport: node.transport,
        callTimeoutMs: 2_000,
        settleMs: 50,
        test: true,
      }),
    )
  }
  const settled = timing({ callTimeoutMs: 2_000, waitMs: 1_000 })
  const gateway = createGateway({
    ledger: openMemoryLedger(),
    stores,
    timing: { ...settled, longestCallMs: 2_000 },
  })
  return {
    gateway,
    orders,
    async close() {
      await gateway.close()
      await Promise.all(served.map((one) => one.close()))
      await node.close()
    },
  }
}

export const redirects = (): void => {
  const diversion: Diversion = { whom: 'all', status: 307, met: [], elsewhere: [] }
  let diverted: Awaited<ReturnType<typeof openDiverted>>
  beforeAll(async () => {
    diverted = await openDiverted(diversion)
  })
  afterAll(() => diverted.close())

  const operations: Record<string, (store: string, number: number) => Promise<unknown>> = {
    read: (store) => diverted.gateway.readOrder(store, 'order_open'),
    find: (store) => diverted.gateway.findOrders(store, '10012'),
    async cancel(store, number) {
      const { gateway, orders } = diverted
      const request = CancelRequest.parse({
        orderId: `${orders.get(store)}-${diversion.whom}${number}`,
        reason: 'Wrong quantity ordered',
        notify: true,
      })
      const { record } = await gateway.cancel({ ...request, store }, 'erp', null, null)
      await gateway.idle(record.id)
    },
  }
  probe(
    'at every platform, every status, every call',
    () =>
      platforms.flatMap(({ adapter }) =>
        STATUSES.flatMap((each) =>
          (['all', 'writes'] as const).flatMap((who) =>
            Object.keys(operations)
              .filter((operation) => who === 'all' || operation === 'cancel')
              .map((operation) => ({ store: adapter.id, status: each, who, operation })),
          ),
        ),
      ),
    async ({ store, status, who, operation }) => {
      Object.assign(diversion, { status, whom: who })
      diversion.met.length = 0
      await operations[operation]?.(store, status).catch((error: Error) =>
        expect(error.name).toBe('ProblemError'),
      )
      // A platform that cannot search by number is not asked.
      if (operation !== 'find')
        expect(diversion.met.length, 'nothing was redirected').toBeGreaterThan(0)
      expect(diversion.elsewhere).toEqual([])
    },
  )
}
