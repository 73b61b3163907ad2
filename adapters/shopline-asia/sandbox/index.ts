/**
 * A small stateful imitation of SHOPLINE Asia's Open API (open.shopline.io), so that demo, tests
 * and curl have something to cancel without a shop.
 */
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { z } from 'zod'
import type { CreateSandbox, Sandbox } from '../../../src/adapter/sandbox.ts'
import {
  type Deeds,
  type DeedsBook,
  pageSize,
  pause,
  readJson,
  recordDeeds,
} from '../../../src/adapter/sandbox-kit.ts'
import { cancel, createOrders, objection, type Orders } from './orders.ts'

const SETTINGS = { shop: 'sandbox', accessToken: 'shopline-asia-sandbox-token' } as const

/**
 * The Open API's error models differ per status: 400 has `error` and `caused_by`, 422 says it
 * twice, the others `message` and `extras`. Codes are ours.
 */
const refuse = (c: Context, status: 400 | 401 | 403 | 404 | 422, code: string, message: string) => {
  if (status === 400) return c.json({ error: message, code, caused_by: {} }, status)
  const model = { message, code, extras: {} }
  return c.json(status === 422 ? { error: message, ...model } : model, status)
}

const notFound = (c: Context) => refuse(c, 404, 'NotFound', 'Order not found')

/**
 * Page "OpenAPI request example": User-Agent is mandatory and carries the shop's handle. The two
 * answers about it are our guess.
 */
const authenticate: MiddlewareHandler = async (c, next) => {
  if (c.req.header('Authorization') !== `Bearer ${SETTINGS.accessToken}`)
    return refuse(c, 401, 'Unauthorized', 'The access token is invalid')
  const agent = c.req.header('User-Agent') ?? ''
  if (agent === '') return refuse(c, 400, 'UserAgentMissing', 'The User-Agent header is required')
  if (agent !== SETTINGS.shop)
    return refuse(c, 403, 'UserAgentMismatch', 'The User-Agent must be the handle of the shop')
  return next()
}

/** Times in UTC, without saying so; what is none is refused by our guess. */
const Seconds = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  .transform((text) => Date.parse(`${text.replace(' ', 'T')}Z`))
const Times = z.object({
  cancelled_after: Seconds.optional(),
  cancelled_before: Seconds.optional(),
})

/**
 * Page "Search Orders": `order_number` also matches merchant_order_number, so one number may find
 * several orders; `previous_id` is the last of the page before, and overrules `page`.
 */
const search = (c: Context, orders: Orders) => {
  const { order_number: number, status, previous_id: previous, per_page, page } = c.req.query()
  const times = Times.safeParse(c.req.query())
  if (!times.success) return refuse(c, 422, 'UnprocessableEntity', 'The time is invalid')
  const { cancelled_after: after, cancelled_before: before } = times.data
  const matches = orders
    .all()
    .filter(
      ({ shown, canceledAt }) =>
        (number === undefined ||
          number === shown.order_number ||
          number === shown.merchant_order_number) &&
        (status === undefined || status === shown.status) &&
        (after === undefined || (canceledAt !== null && canceledAt >= after)) &&
        (before === undefined || (canceledAt !== null && canceledAt <= before)),
    )
    .map(({ shown }) => shown)
  const size = pageSize(per_page, 24, 999)
  const numbered = pageSize(page, 1, Number.MAX_SAFE_INTEGER)
  const start =
    previous === undefined
      ? (numbered - 1) * size
      : matches.findIndex(({ id }) => id === previous) + 1
  return c.json({
    items: matches.slice(start, start + size),
    pagination: {
      current_page: numbered,
      per_page: size,
      total_pages: Math.ceil(matches.length / size),
      total_count: matches.length,
    },
  })
}

/** The closed list of the page "Cancel Order". */
const KEYS = [
  'other',
  'change_mind',
  'expensive_price',
  'repeat_purchase',
  'wait_too_long',
  'change_item',
  'incorrect_customer_info',
] as const

const Strategy = z.object({ strategy: z.enum(['revert', 'none']).nullish() })

/**
 * Page "Cancel Order". `cancelled_reason` is marked required there, yet optional in the SDK made
 * from the same description, and clients that send no body exist: it may be missing here, and then
 * every default acts.
 */
const CancelBody = z.object({
  cancelled_reason: z.object({ key: z.enum(KEYS), message: z.string().nullish() }).nullish(),
  revert_credits: Strategy.nullish(),
  revert_member_points: Strategy.nullish(),
  operated_by: z.enum(['merchant', 'customer']).nullish(),
  refund_order: z.boolean().nullish(),
  mail_notify: z.boolean().nullish(),
})

type Actor = 'merchant' | 'customer'

export interface ShoplineAsiaSandbox extends Omit<Sandbox, keyof Deeds>, Deeds {
  /** Who is on record as the one who canceled. */
  readonly actors: ReadonlyMap<string, Actor>
}

interface Books {
  readonly orders: Orders
  readonly deeds: DeedsBook
  readonly actors: Map<string, Actor>
}

/** Page "OpenAPI request example": here the text is under `error`, against the model. */
const THROTTLED = {
  error: 'Rate limit exceeded for attempts to access Open API. please try again later',
  code: 'RateLimitExceeded',
}

const cancelOrder = async (c: Context, { orders, deeds, actors }: Books) => {
  const order = orders.find(c.req.param('id') ?? '')
  if (!order) return notFound(c)
  if (order.throttles > 0) {
    order.throttles -= 1
    // Not documented; sent so that a client which honours it can be seen doing so.
    return c.json(THROTTLED, 429, { 'Retry-After': '1' })
  }
  const json = await readJson(c.req.raw)
  if (json === undefined) return refuse(c, 400, 'BadRequest', 'The body is not valid JSON')
  const { data: body, error } = CancelBody.safeParse(json)
  if (error) {
    const field = error.issues[0]?.path.join('.') || 'body'
    return refuse(c, 422, 'UnprocessableEntity', `${field} is invalid`)
  }

  await pause(order.busyMs)
  const { shown } = order
  if (shown.status === 'cancelled') deeds.canceled(shown.id)
  const against = objection(shown)
  if (against !== null) return refuse(c, 422, 'OrderNotCancellable', against)
  // Page "Cancel Order": these defaults act when a field is left out.
  actors.set(shown.id, body.operated_by ?? 'customer')
  const isRefunded = cancel(order, body.refund_order ?? true)
  if (isRefunded) deeds.refunded({ orderId: shown.id, amount: '1280', currency: 'TWD' })
  if (body.mail_notify ?? true) deeds.mailed(shown.id)
  deeds.canceled(shown.id)
  // The reply is not the order, only what could not be put back in stock.
  return c.json({ order_items_stock_tag: shown.order_items_stock_tag ?? [] })
}

export const createSandbox = ((): ShoplineAsiaSandbox => {
  const books: Books = { orders: createOrders(), deeds: recordDeeds(), actors: new Map() }
  const { orders, actors } = books
  const app = new Hono()
  app.notFound((c) => refuse(c, 404, 'NotFound', 'Not found'))
  app.use('/v1/*', authenticate)
  app.get('/v1/orders/search', (c) => search(c, orders))
  app.get('/v1/orders/:id', (c) => {
    const order = orders.find(c.req.param('id'))
    return order ? c.json({ ...order.shown }) : notFound(c)
  })
  app.patch('/v1/orders/:id/cancel', (c) => cancelOrder(c, books))
  const { cancels, mails, refunds } = books.deeds
  return { app, settings: SETTINGS, examples: orders.examples, cancels, mails, refunds, actors }
}) satisfies CreateSandbox
