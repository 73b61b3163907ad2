/**
 * A small stateful imitation of SHOPLINE's order API (myshopline.com), so that demo, tests and curl
 * have something to cancel without a shop.
 */
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
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
import { cancel, createOrders, inList, inReply, type Order, type Orders } from './orders.ts'

const SETTINGS = { shop: 'sandbox', accessToken: 'shopline-sandbox-token', apiVersion: 'v20260601' }

const ROOT = '/admin/openapi/:version'

/** Recorded on every reply: this charset, and a trace id of 32 hex digits. */
const answer = (c: Context, body: object, status: ContentfulStatusCode = 200) =>
  c.json(body, status, {
    'Content-Type': 'application/json; charset=utf-8',
    traceId: crypto.randomUUID().replaceAll('-', ''),
  })

/**
 * Page "HTTP status codes": the error is one string under `errors`. Sentences marked * are ours,
 * the platform's are not documented.
 */
const refuse = (c: Context, status: ContentfulStatusCode, errors: string) =>
  answer(c, { errors }, status)

const authenticate: MiddlewareHandler = async (c, next) => {
  if (!/^v20\d{6}$/.test(c.req.param('version') ?? ''))
    return refuse(c, 404, 'The API version does not exist.') // *
  if (c.req.header('Authorization') !== `Bearer ${SETTINGS.accessToken}`)
    return refuse(c, 401, 'The access token is missing, wrong or expired.') // *
  return next()
}

/**
 * Page "Get orders"; there is no call for a single order. Without `status` open and canceled orders
 * come, 20 to a page (both recorded; the page says 50). Archived orders come only with
 * hidden_order=true. Unknown parameters are ignored. That `since_id` itself is left out is inferred
 * from its name elsewhere.
 */
const list = (c: Context, orders: Orders) => {
  const { ids = '', status = 'any', name, hidden_order: hidden, limit, ...query } = c.req.query()
  const { updated_at_min: min, updated_at_max: max, since_id: after, sort_condition: sort } = query
  const from = min === undefined ? -Infinity : Date.parse(min)
  const to = max === undefined ? Infinity : Date.parse(max)
  const named = ids.split(',').filter((id) => id !== '')
  const found = (named.length > 0 ? named.flatMap((id) => orders.find(id) ?? []) : orders.all())
    .map(({ shown }) => shown)
    .filter(
      (order) =>
        (status === 'any' || (status === 'cancelled') === (order.cancelled_at !== null)) &&
        (name === undefined || order.name === name) &&
        (after === undefined || order.id > after) &&
        Date.parse(order.updated_at) >= from &&
        Date.parse(order.updated_at) <= to &&
        order.hidden_order === (hidden === 'true'),
    )
  const sorted = sort === 'id:asc' ? found.toSorted((a, b) => (a.id > b.id ? 1 : -1)) : found
  return answer(c, { orders: sorted.slice(0, pageSize(limit, 20, 100)).map(inList) })
}

/** Page "Cancel order"; null means the same as absent there. */
const CancelBody = z.object({
  cancel_reason: z.string().nullish(),
  email: z.boolean().nullish(),
  refund_type: z.enum(['OriginalPayment Refund', 'Manual']).nullish(),
  restock: z.boolean().nullish(),
})

/**
 * Admin help, "Cancel orders": only what is neither shipped nor refunded. 422 is attested for a
 * second cancel.
 */
const objection = (order: Order): string | null => {
  if (order.cancelled_at !== null) return 'The order has already been cancelled' // *
  if (order.fulfillment_status !== 'null') return 'The order has been shipped' // *
  return order.financial_status === 'refunded' ? 'The order has been refunded' : null // *
}

const cancelOrder = async (c: Context, orders: Orders, deeds: DeedsBook) => {
  const order = orders.find(c.req.param('id') ?? '')
  if (!order) return refuse(c, 404, 'The order does not exist.') // *
  if (order.throttles > 0) {
    order.throttles -= 1
    // Not documented; sent so that a client which honours it can be seen doing so.
    c.header('Retry-After', '1')
    return refuse(c, 429, 'Too many request')
  }
  // Page "HTTP status codes": 400 also for a Content-Type that is not application/json.
  if (!/^application\/json\b/i.test(c.req.header('Content-Type') ?? ''))
    return refuse(c, 400, 'Content-Type must be application/json') // *
  const parsed = CancelBody.safeParse(await readJson(c.req.raw))
  if (!parsed.success)
    return refuse(c, 400, `body.${parsed.error.issues[0]?.path.join('.')}:invalid`)

  await pause(order.busyMs)
  const { shown } = order
  if (shown.cancelled_at !== null) deeds.canceled(shown.id)
  const against = objection(shown)
  if (against !== null) return refuse(c, 422, against)
  const { cancel_reason: reason, email, restock, refund_type: type } = parsed.data
  // v20230301 knows neither `restock` nor `refund_type`, and an unknown field is ignored.
  const isOld = (c.req.param('version') ?? '') <= 'v20230301'
  // Page "Cancel order": "original payment" by default for PayPal, "manual" (no money moves) for
  // every other channel.
  const usual = shown.payment_gateway_names.includes('Paypal') ? 'OriginalPayment Refund' : 'Manual'
  const amount = cancel(shown, {
    reason: reason ?? null,
    restock: !isOld && restock === true,
    refunds: ((isOld ? null : type) ?? usual) !== 'Manual',
  })
  deeds.canceled(shown.id)
  if (amount) deeds.refunded({ orderId: shown.id, amount, currency: 'USD' })
  // Whether a missing `email` mails is unknown: assume the worse, so that nobody relies on leaving
  // it out.
  if (email ?? true) deeds.mailed(shown.id)
  return answer(c, { order: inReply(shown) })
}

export interface ShoplineSandbox extends Omit<Sandbox, keyof Deeds>, Deeds {}

export const createSandbox = ((): ShoplineSandbox => {
  const orders = createOrders()
  const deeds = recordDeeds()
  const app = new Hono()
  app.notFound((c) => refuse(c, 404, 'The resource does not exist.')) // *
  app.use(`${ROOT}/*`, authenticate)
  app.get(`${ROOT}/orders.json`, (c) => list(c, orders))
  app.post(`${ROOT}/orders/:id/cancel.json`, (c) => cancelOrder(c, orders, deeds))
  const { cancels, mails, refunds } = deeds
  return { app, settings: SETTINGS, examples: orders.examples, cancels, mails, refunds }
}) satisfies CreateSandbox
