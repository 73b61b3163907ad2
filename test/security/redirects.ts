/**
 * Where a platform's reply points: never followed, with credentials or without, on a read, a login
 * or a cancel.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import { openStore, type Store } from '../../src/connection/store.ts'
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts'
import { timing } from '../../src/gateway/workflow/timing.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { CancelRequest } from '../../src/model/request.ts'
import { platforms } from '../../src/hosts/platforms.ts'
import { type NodeTransport, openTransport } from '../../src/connection/transport-undici.ts'
import { serve, type Served } from '../http/node.ts'
import { probe } from './probes.ts'

const STATUSES = [300, 301, 302, 303, 307, 308] as const

export const redirects = (): void => {
  /** Which calls are redirected: all of them, or only those that change something. */
  let whom: 'all' | 'writes' = 'all'
  let status = 307
  const elsewhere: string[] = []
  const met: string[] = []
  let stranger: Served
  let node: NodeTransport
  let gateway: Gateway
  const stores = new Map<string, Store>()
  /** An order that can be canceled, by platform. */
  const orders = new Map<string, string>()
  const served: Served[] = []
  beforeAll(async () => {
    stranger = await serve({
      fetch: (request) => {
        elsewhere.push(`${request.method} ${request.url}`)
        return Response.json({})
      },
    })
    node = openTransport()
    for (const { adapter, createSandbox } of platforms) {
      const { app, settings, examples } = await createSandbox()
      orders.set(adapter.id, examples.find(({ id }) => /(^|_)open$/.test(id))?.id ?? '')
      const one = await serve({
        fetch(request) {
          const { pathname } = new URL(request.url)
          if (whom === 'writes' && (request.method === 'GET' || /auth|token/.test(pathname)))
            return app.fetch(request)
          met.push(`${request.method} ${pathname}`)
          return new Response(null, {
            status,
            headers: {
              location: `${stranger.url}${pathname}`,
              refresh: `0; url=${stranger.url}`,
              'content-location': stranger.url,
            },
          })
        },
      })
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
    gateway = createGateway({
      ledger: openMemoryLedger(),
      stores,
      timing: { ...settled, longestCallMs: 2_000 },
    })
  })
  afterAll(async () => {
    await gateway.close()
    await Promise.all([stranger, ...served].map((one) => one.close()))
    await node.close()
  })

  const operations: Record<string, (store: string, number: number) => Promise<unknown>> = {
    read: (store) => gateway.readOrder(store, 'order_open'),
    find: (store) => gateway.findOrders(store, '10012'),
    cancel: async (store, number) => {
      const { record } = await gateway.cancel(
        {
          ...CancelRequest.parse({
            orderId: `${orders.get(store)}-${whom}${number}`,
            reason: 'Wrong quantity ordered',
            notify: true,
          }),
          store,
        },
        'erp',
        null,
        null,
      )
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
    async (one) => {
      ;({ status, who: whom } = one)
      met.length = 0
      await operations[one.operation]?.(one.store, one.status).catch((error: Error) =>
        expect(error.name).toBe('ProblemError'),
      )
      // A platform that cannot search by number is not asked.
      if (one.operation !== 'find') expect(met.length, 'nothing was redirected').toBeGreaterThan(0)
      expect(elsewhere).toEqual([])
    },
  )
}
