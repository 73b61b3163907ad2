/**
 * A small stateful imitation of SHOPLINE's order API (myshopline.com), so that demo, tests and curl
 * have something to cancel without a shop.
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
} from '../../../src/adapter/sandbox-kit.ts'
import {
  cancel,
  createOrders,
  decimal,
  presentInList,
  presentInReply,
  presentRefunds,
  refundableCents,
  type SandboxOrder,
} from './orders.ts'

const SETTINGS = {
  shop: 'sandbox',
  accessToken: 'shopline-sandbox-token',
  apiVersion: 'v20260601',
} as const

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

/** Page "Cancel order"; null means the same as absent there. */
const CancelBody = z.object({
  amount: z.number().nonnegative().nullish(),
  cancel_reason: z.string().nullish(),
  currency: z.string().nullish(),
  email: z.boolean().nullish(),
  processed_at: z.string().nullish(),
  refund_type: z.enum(['OriginalPayment Refund', 'Manual']).nullish(),
  restock: z.boolean().nullish(),
})

/**
 * Admin help, "Cancel orders": only what is neither shipped nor refunded. The sentences are ours
 * (*).
 */
function objection(order: SandboxOrder): string | undefined {
  if (order.fulfillment !== null) return 'The order has been shipped and cannot be cancelled'
  if (order.financial === 'refunded') return 'The order has been refunded and cannot be cancelled'
  return undefined
}

/**
 * Page "Cancel order": "original payment" by default for PayPal, "manual" (no money moves) for
 * every other channel.
 */
function centsToRefund(order: SandboxOrder, body: z.infer<typeof CancelBody>): number {
  const type =
    body.refund_type ?? (order.channel === 'Paypal' ? 'OriginalPayment Refund' : 'Manual')
  if (type === 'Manual') return 0
  return typeof body.amount === 'number' ? Math.round(body.amount * 100) : refundableCents(order)
}

export interface ShoplineSandbox extends Sandbox, Deeds {}

export const createSandbox = ((): ShoplineSandbox => {
  const orders = createOrders()
  const deeds = recordDeeds()
  const app = new Hono()

  app.notFound((c) => refuse(c, 404, 'The resource does not exist.')) // *

  app.use(`${ROOT}/*`, async (c, next) => {
    if (!/^v20\d{6}$/.test(c.req.param('version') ?? ''))
      return refuse(c, 404, 'The API version does not exist.') // *
    if (c.req.header('Authorization') !== `Bearer ${SETTINGS.accessToken}`)
      return refuse(c, 401, 'The access token is missing, wrong or expired.') // *
    return next()
  })

  /**
   * Page "Get orders"; there is no call for a single order. Without `status` open and canceled
   * orders come, 20 to a page (both recorded; the page says 50). Archived orders come only with
   * hidden_order=true. Unknown parameters are ignored.
   */
  app.get(`${ROOT}/orders.json`, (c) => {
    const ids = (c.req.query('ids') ?? '').split(',').filter((id) => id !== '')
    const {
      status = 'any',
      name,
      financial_status: financial,
      hidden_order: hidden,
      search_content: content,
    } = c.req.query()
    const found = (
      ids.length > 0 ? ids.flatMap((id) => orders.find(id) ?? []) : orders.all()
    ).filter(
      (order) =>
        (status === 'any' || (status === 'cancelled') === (order.cancelledAt !== null)) &&
        (name === undefined || order.name === name) &&
        (financial === undefined || order.financial === financial) &&
        (content === undefined || order.id.includes(content) || order.name.includes(content)) &&
        order.hidden === (hidden === 'true'),
    )
    const size = pageSize(c.req.query('limit'), 20, 100)
    const skip = Number.parseInt(c.req.query('page_info') ?? '0', 36) || 0
    if (found.length > skip + size) {
      const next = new URL(c.req.url)
      next.searchParams.set('limit', String(size))
      next.searchParams.set('page_info', (skip + size).toString(36))
      c.header('Link', `<${next.href}>; rel="next"`)
    }
    return answer(c, { orders: found.slice(skip, skip + size).map(presentInList) })
  })

  app.get(`${ROOT}/orders/:id/refunds.json`, (c) => {
    const order = orders.find(c.req.param('id'))
    return order
      ? answer(c, { refunds: presentRefunds(order) })
      : refuse(c, 404, 'The order does not exist.') // *
  })

  app.post(`${ROOT}/orders/:id/cancel.json`, async (c) => {
    const order = orders.find(c.req.param('id'))
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
    const json = await readJson(c.req.raw)
    const parsed = CancelBody.safeParse(json)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      return refuse(
        c,
        400,
        `${['body', ...(issue?.path ?? [])].join('.')}:${issue?.message ?? 'invalid'}`,
      )
    }
    // v20230301 knows neither `restock` nor `refund_type`, and an unknown field is ignored.
    const body =
      c.req.param('version') > 'v20230301'
        ? parsed.data
        : { ...parsed.data, restock: null, refund_type: null }

    await pause(order.thinksMs)
    if (order.cancelledAt !== null) {
      deeds.canceled(order.id)
      // * The status is attested, the sentence is not.
      return refuse(c, 422, 'The order has already been cancelled')
    }
    const against = objection(order)
    if (against) return refuse(c, 422, against)
    const cents = centsToRefund(order, body)
    if (cents > refundableCents(order))
      return refuse(c, 422, 'The amount exceeds what can be refunded') // *

    cancel(order, {
      reason: body.cancel_reason ?? null,
      restock: body.restock ?? false,
      cents,
      processedAt: body.processed_at ?? null,
    })
    deeds.canceled(order.id)
    if (cents > 0) deeds.refunded({ orderId: order.id, amount: decimal(cents), currency: 'USD' })
    // Whether a missing `email` mails is unknown: assume the worse, so that nobody relies on
    // leaving it out.
    if (body.email ?? true) deeds.mailed(order.id)
    return answer(c, { order: presentInReply(order) })
  })

  const { cancels, mails, refunds } = deeds
  return { app, settings: SETTINGS, examples: orders.examples, cancels, mails, refunds }
}) satisfies CreateSandbox
