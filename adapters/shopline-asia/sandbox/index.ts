/**
 * A small stateful imitation of SHOPLINE Asia's Open API (open.shopline.io), so that demo, tests
 * and curl have something to cancel without a shop.
 */
import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import type { CreateSandbox, Sandbox } from '../../../src/adapter/sandbox.ts'
import {
  type Deeds,
  pageSize,
  pause,
  readJson,
  recordDeeds,
  type RepeatSwitch,
} from '../../../src/adapter/sandbox-kit.ts'
import { cancel, createOrders, objection, present, presentLogs, TOTAL } from './orders.ts'

const SETTINGS = { shop: 'sandbox', accessToken: 'shopline-asia-sandbox-token' } as const

/**
 * The Open API's error models differ per status: 400 has `error` and `caused_by`, 422 says it
 * twice, the others `message` and `extras`. Codes are ours.
 */
const refuse = (c: Context, status: 400 | 401 | 403 | 404 | 422, code: string, message: string) => {
  const bodies = {
    400: { error: message, code, caused_by: {} },
    422: { error: message, message, code, extras: {} },
  }
  return c.json(
    status === 400 || status === 422 ? bodies[status] : { message, code, extras: {} },
    status satisfies ContentfulStatusCode,
  )
}

const Strategy = z.object({ strategy: z.enum(['revert', 'none']).nullish() })

/**
 * Page "Cancel Order". `cancelled_reason` is marked required there, yet optional in the SDK made
 * from the same description, and clients that send no body exist: it may be missing here, and then
 * every default acts.
 */
const CancelBody = z.object({
  cancelled_reason: z
    .object({
      key: z.enum([
        'other',
        'change_mind',
        'expensive_price',
        'repeat_purchase',
        'wait_too_long',
        'change_item',
        'incorrect_customer_info',
      ]),
      message: z.string().nullish(),
    })
    .nullish(),
  revert_credits: Strategy.nullish(),
  revert_member_points: Strategy.nullish(),
  operated_by: z.enum(['merchant', 'customer']).nullish(),
  refund_order: z.boolean().nullish(),
  mail_notify: z.boolean().nullish(),
})

export interface ShoplineAsiaSandbox extends Sandbox, Deeds {
  /** Who is on record as the one who canceled; also in the order's action logs. */
  readonly actors: ReadonlyMap<string, 'merchant' | 'customer'>
  /** `repeat`: what a second cancel does is unknown. */
  readonly switches: RepeatSwitch
}

export const createSandbox = ((): ShoplineAsiaSandbox => {
  const orders = createOrders()
  const deeds = recordDeeds()
  const actors = new Map<string, 'merchant' | 'customer'>()
  const switches: RepeatSwitch = { repeat: 'refused' }
  const app = new Hono()

  const notFound = (c: Context) => refuse(c, 404, 'NotFound', 'Order not found')
  app.notFound((c) => refuse(c, 404, 'NotFound', 'Not found'))

  app.use('/v1/*', async (c, next) => {
    if (c.req.header('Authorization') !== `Bearer ${SETTINGS.accessToken}`)
      return refuse(c, 401, 'Unauthorized', 'The access token is invalid')
    // Page "OpenAPI request example": User-Agent is mandatory and carries the shop's handle. The
    // two answers are our guess.
    const agent = c.req.header('User-Agent')
    if (agent === undefined || agent === '')
      return refuse(c, 400, 'UserAgentMissing', 'The User-Agent header is required')
    if (agent !== SETTINGS.shop)
      return refuse(
        c,
        403,
        'UserAgentMismatch',
        'The User-Agent header must be the handle of the shop',
      )
    return next()
  })

  /**
   * Page "Search Orders": `order_number` also matches merchant_order_number, so one number may find
   * several orders.
   */
  app.get('/v1/orders/search', (c) => {
    const number = c.req.query('order_number')
    const matches = orders
      .all()
      .filter(
        (order) =>
          number === undefined || order.number === number || order.merchantNumber === number,
      )
    const after = matches.findIndex(({ id }) => id === c.req.query('previous_id')) + 1
    const size = pageSize(c.req.query('per_page'), 24, 999)
    const page = pageSize(c.req.query('page'), 1, Number.MAX_SAFE_INTEGER)
    const skip = after + (page - 1) * size
    return c.json({
      items: matches.slice(skip, skip + size).map(present),
      pagination: {
        current_page: page,
        per_page: size,
        total_pages: Math.ceil(matches.length / size),
        total_count: matches.length,
      },
    })
  })

  app.get('/v1/orders/:id', (c) => {
    const order = orders.find(c.req.param('id'))
    return order ? c.json(present(order)) : notFound(c)
  })

  /** Page "Get order action logs": empty, not 404, for an order that does not exist. */
  app.get('/v1/orders/:id/action_logs', (c) => {
    const order = orders.find(c.req.param('id'))
    return c.json({ items: order ? presentLogs(order) : [] })
  })

  app.patch('/v1/orders/:id/cancel', async (c) => {
    const order = orders.find(c.req.param('id'))
    if (!order) return notFound(c)
    if (order.throttles > 0) {
      order.throttles -= 1
      // Not documented; sent so that a client which honours it can be seen doing so.
      c.header('Retry-After', '1')
      // Page "OpenAPI request example": here the text is under `error`, against the model.
      return c.json(
        {
          error: 'Rate limit exceeded for attempts to access Open API. please try again later',
          code: 'RateLimitExceeded',
        },
        429,
      )
    }
    const json = await readJson(c.req.raw)
    if (json === undefined) return refuse(c, 400, 'BadRequest', 'The body is not valid JSON')
    const parsed = CancelBody.safeParse(json)
    if (!parsed.success)
      return refuse(
        c,
        422,
        'UnprocessableEntity',
        `${parsed.error.issues[0]?.path.join('.') ?? 'body'} is invalid`,
      )
    const body = parsed.data

    await pause(order.thinksMs)
    if (order.status === 'cancelled') {
      deeds.canceled(order.id)
      if (switches.repeat === 'harmless')
        return c.json({ order_items_stock_tag: order.stockTags ?? [] })
      return refuse(c, 422, 'OrderNotCancellable', 'The order is cancelled already')
    }
    const against = objection(order)
    if (against !== undefined) return refuse(c, 422, 'OrderNotCancellable', against)

    // Page "Cancel Order": these defaults act when a field is left out.
    const operatedBy = body.operated_by ?? 'customer'
    const refund = body.refund_order ?? true
    const mail = body.mail_notify ?? true
    const data = {
      cancelled_reason: body.cancelled_reason ?? null,
      revert_credits: body.revert_credits?.strategy ?? 'none',
      revert_member_points: body.revert_member_points?.strategy ?? 'none',
      refund_order: refund,
      mail_notify: mail,
    }
    const { refunded } = cancel(order, { operatedBy, refund, data })
    deeds.canceled(order.id)
    actors.set(order.id, operatedBy)
    if (refunded) deeds.refunded({ orderId: order.id, amount: String(TOTAL), currency: 'TWD' })
    if (mail) deeds.mailed(order.id)
    // The reply is not the order, only what could not be put back in stock.
    return c.json({ order_items_stock_tag: order.stockTags ?? [] })
  })

  const { cancels, mails, refunds } = deeds
  return {
    app,
    settings: SETTINGS,
    examples: orders.examples,
    cancels,
    mails,
    refunds,
    actors,
    switches,
  }
}) satisfies CreateSandbox
