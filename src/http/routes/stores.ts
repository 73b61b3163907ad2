/** The endpoints of stores, their orders, and what platforms can do. */
import { createRoute, z } from '@hono/zod-openapi'
import type { AnyAdapter } from '../../adapter/platform.ts'
import type { CallerService } from '../../gateway/service.ts'
import { Order } from '../../model/order.ts'
import { refuse } from '../../model/problem.ts'
import { ID_RULE, isOrderId } from '../../model/request.ts'
import { steadyNow } from '../../model/time.ts'
import type { Access } from '../auth.ts'
import { json, page, needs, problems } from '../answers.ts'
import type { App } from '../auth.ts'
import { limitBody, readBody } from '../body.ts'
import {
  type Particulars,
  PlatformAnswer,
  StoreAnswer,
  toPlatform,
  toStore,
} from '../store-answers.ts'
import { instant } from './cancellations.ts'

const StoreId = z.object({ store: z.string().meta({ example: 'sandbox-medusa' }) })
const flag = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .default(false)

interface Routes {
  readonly app: App
  readonly access: Access
  readonly adapters: readonly AnyAdapter[]
}

const addListStores = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/stores',
      operationId: 'listStores',
      tags: ['Stores'],
      summary: 'List the stores that this key may use',
      ...needs('preview'),
      middleware: [access('preview')] as const,
      responses: { 200: json(page(StoreAnswer), 'All of them.'), ...problems },
    }),
    (c) => {
      const data = c
        .get('service')
        .stores()
        .map((store) => toStore(store))
      return c.json({ data, nextCursor: null }, 200)
    },
  )
}

const particularsOf = async (service: CallerService, store: string): Promise<Particulars> => {
  const [notices, health] = await Promise.all([service.noticesOf(store), service.healthOf(store)])
  return { notices, health }
}

const addGetStore = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/stores/{store}',
      operationId: 'getStore',
      tags: ['Stores'],
      summary: 'Get a store',
      ...needs('preview'),
      middleware: [access('preview')] as const,
      request: { params: StoreId },
      responses: { 200: json(StoreAnswer, 'The store; never a credential.'), ...problems },
    }),
    async (c) => {
      const service = c.get('service')
      const store = service.store(c.req.valid('param').store)
      return c.json(toStore(store, await particularsOf(service, store.id)), 200)
    },
  )
}

export const SweepRequest = z
  .strictObject({ since: instant() })
  .meta({ id: 'SweepRequest', description: 'By the clock of the platform.' })

const addSweep = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/stores/{store}/sweep',
      operationId: 'sweepStore',
      tags: ['Stores'],
      summary: 'Ask again what changed since a time',
      ...needs('operate'),
      description:
        'Sets from when on the store is asked what changed: back, after an outage; or forward. ' +
        'Everything canceled since then that is not recorded here is looked at.',
      middleware: [access('operate'), limitBody] as const,
      request: {
        params: StoreId,
        body: {
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/SweepRequest' } },
          },
          required: true,
        },
      },
      responses: { 200: json(StoreAnswer, 'The store as it is listened to.'), ...problems },
    }),
    async (c) => {
      const { since } = await readBody(c, SweepRequest)
      if (since > steadyNow())
        refuse('invalid-request', 'The time is still to come.', {
          errors: [{ pointer: '/since', detail: 'must not be after now' }],
        })
      const service = c.get('service')
      const store = service.store(c.req.valid('param').store)
      const notices = await service.sweepSince(store.id, since)
      return c.json(toStore(store, { notices, health: null }), 200)
    },
  )
}

const addFindOrders = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/stores/{store}/orders',
      operationId: 'findOrders',
      tags: ['Orders'],
      summary: 'Find orders by the number people see',
      ...needs('preview'),
      middleware: [access('preview')] as const,
      request: {
        params: StoreId,
        query: z.strictObject({ number: z.string().min(1).max(64).meta({ example: '10012' }) }),
      },
      responses: {
        200: json(page(Order), 'At most a few hits; canceling stays by id.'),
        ...problems,
      },
    }),
    async (c) => {
      const { store } = c.req.valid('param')
      const orders = await c.get('service').findOrders(store, c.req.valid('query').number)
      return c.json({ data: [...orders], nextCursor: null }, 200)
    },
  )
}

const addGetOrder = ({ app, access }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/stores/{store}/orders/{orderId}',
      operationId: 'getOrder',
      tags: ['Orders'],
      summary: 'Read an order',
      ...needs('preview'),
      middleware: [access('preview')] as const,
      request: {
        params: StoreId.extend({ orderId: z.string().meta({ example: 'order_open' }) }),
        query: z.strictObject({
          raw: flag.meta({
            type: 'boolean',
            default: false,
            description: 'Add the platform’s own reply; with the scope `read`.',
          }),
        }),
      },
      responses: {
        200: json(Order.extend({ raw: z.unknown().optional() }), 'The canonical order.'),
        ...problems,
      },
    }),
    async (c) => {
      const { store: id, orderId } = c.req.valid('param')
      if (!isOrderId(orderId))
        refuse('invalid-request', 'This cannot be an order id.', {
          errors: [{ pointer: '/orderId', detail: ID_RULE }],
        })
      const service = c.get('service')
      const isRaw = c.req.valid('query').raw
      if (isRaw) service.must('read')
      const { order, raw } = await service.readOrder(id, orderId)
      return c.json(isRaw ? { ...order, raw } : order, 200)
    },
  )
}

const addListPlatforms = ({ app, adapters }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/platforms',
      operationId: 'listPlatforms',
      tags: ['Platforms'],
      summary: 'List what platforms can do',
      security: [],
      responses: { 200: json(page(PlatformAnswer), 'The capability matrix.'), ...problems },
    }),
    (c) => c.json({ data: adapters.map(toPlatform), nextCursor: null }, 200),
  )
}

const addGetPlatform = ({ app, adapters }: Routes): void => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/platforms/{platform}',
      operationId: 'getPlatform',
      tags: ['Platforms'],
      summary: 'Get what one platform can do',
      security: [],
      request: { params: z.object({ platform: z.string().meta({ example: 'medusa' }) }) },
      responses: { 200: json(PlatformAnswer, 'Its capabilities.'), ...problems },
    }),
    (c) => {
      const adapter = adapters.find(({ id }) => id === c.req.valid('param').platform)
      return c.json(
        toPlatform(adapter ?? refuse('not-found', 'There is no such platform here.')),
        200,
      )
    },
  )
}

export const addStores = (routes: Routes): void => {
  addListStores(routes)
  addGetStore(routes)
  addSweep(routes)
  addFindOrders(routes)
  addGetOrder(routes)
  addListPlatforms(routes)
  addGetPlatform(routes)
}
