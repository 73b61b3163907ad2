/**
 * Wix eCommerce: cancels orders over the REST API, as an account's API key or as an app. From its
 * documentation and types; no live site was at hand.
 */
import { z } from 'zod'
import {
  type Call,
  type CancelRequest,
  common,
  type Connection,
  defineAdapter,
  type CancelOperation,
  type Fact,
  type Facts,
  isPositive,
  type Look,
  type Obstacle,
  path,
  reasonText,
  sameText,
  secret,
  webhookPublicKeys,
  type Platform,
} from '../../src/adapter/index.ts'
import { capabilities } from './capabilities.ts'
import { errors, readError } from './errors.ts'
import {
  held,
  isCanceled,
  isNoted,
  paymentFact,
  restockAhead,
  type Restocked,
  restocked,
  restockFact,
  toOrder,
} from './map.ts'
import { CANCEL } from './sources.ts'
import { notices } from './notices.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

const header = z.string().regex(/^[\x21-\x7e]+$/, 'must be visible ASCII')

/** An account's key for one site, or an app on one site. */
export const Settings = z
  .strictObject({
    ...common,
    ...webhookPublicKeys,
    apiKey: secret().optional(),
    siteId: header.optional(),
    appId: z.string().min(1).optional(),
    appSecret: secret().optional(),
    instanceId: z.string().min(1).optional(),
  })
  .refine(({ apiKey, siteId, appId, appSecret, instanceId }) => {
    const [key, app] = [
      [apiKey, siteId],
      [appId, appSecret, instanceId],
    ]
    return (key.every(Boolean) && !app.some(Boolean)) || (app.every(Boolean) && !key.some(Boolean))
  }, 'needs apiKey and siteId, or appId, appSecret and instanceId, and not both')
  .refine(
    ({ webhookSecret, instanceId }) => webhookSecret === undefined || instanceId !== undefined,
    { path: ['webhookSecret'], error: 'needs instanceId: only an app has webhooks' },
  )
export type Settings = z.infer<typeof Settings>

const obstacle = (order: wire.Order): Obstacle | null => {
  if (order.status === 'PENDING')
    return {
      cause: 'payment_pending',
      detail: 'The payment is still being processed; Wix cancels only afterwards.',
    }
  if (order.status === 'REJECTED')
    return {
      cause: 'payment_failed',
      detail: 'The payment failed and Wix rejected the order; there is nothing to cancel.',
    }
  const hold = held(order)
  if (hold && isPositive(hold))
    return {
      cause: 'payment_authorized',
      detail:
        `${hold.amount} ${hold.currency} are held on a payment; Wix cancels only once the ` +
        'hold is voided or captured.',
    }
  return null
}

/**
 * What nobody has shown to work, and nobody to be refused: the API's pages name three refusals, and
 * these are not among them.
 */
const orderAhead = ({ status, fulfillmentStatus }: wire.Order): Fact | null => {
  const unknown = (detail: string): Fact => ({ done: 'unknown', basis: 'none', detail })
  if (status !== 'APPROVED')
    return unknown(
      `Whether Wix cancels an order in the state ${status ?? 'it did not tell'} is not documented.`,
    )
  if (fulfillmentStatus === 'NOT_FULFILLED') return null
  return unknown(
    `The order is ${fulfillmentStatus ?? 'perhaps fulfilled'}. Wix’s dashboard cancels only ` +
      'what is not fulfilled; its API’s pages name no such limit.',
  )
}

const mailAhead = (order: wire.Order, { notify }: CancelRequest): Partial<Facts> => {
  if (!notify || order.buyerInfo?.email) return {}
  const unknown: Fact = {
    done: 'unknown',
    basis: 'none',
    detail: 'The order names no e-mail address of the buyer.',
  }
  return { notify: unknown, message: unknown }
}

const ahead = (order: wire.Order, request: CancelRequest | null): Partial<Facts> => {
  const canceling = orderAhead(order)
  return {
    payment: paymentFact(order, null),
    ...(canceling && { order: canceling }),
    ...(request?.restock && { restock: restockAhead(order) }),
    ...(request && mailAhead(order, request)),
  }
}

/** A look with the order as Wix tells it: what the note and the facts are read from. */
interface OrderLook extends Look {
  readonly found: wire.Order
}

const toLook = (order: wire.Order, request: CancelRequest | null): OrderLook => {
  const done = isCanceled(order)
  return {
    order: toOrder(order),
    done,
    obstacle: done ? null : obstacle(order),
    expect: ahead(order, request),
    memo: restocked(order),
    found: order,
    raw: { order },
  }
}

/** Of a call about one order: whose order its reply tells. */
const about = (orderId: string) => ({ orderId, ids: ({ order }: wire.OrderReply) => [order.id] })

const NOTED =
  'Kept as an order activity (a merchant’s comment), by a second call after the cancel; the ' +
  'mail carries the message only.'

const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request }) {
    const reply = await connection.send({
      method: 'GET',
      path: path`/ecom/v1/orders/${orderId}`,
      reply: wire.OrderReply,
      about: about(orderId),
    })
    return toLook(reply.order, request)
  },
  cancel: ({ request }) =>
    ({
      method: 'POST',
      path: path`/ecom/v1/orders/${request.orderId}/cancel`,
      // Both flags always: what leaving one out means is not documented. An empty message is
      // refused, so it is left out.
      body: {
        sendOrderCanceledEmail: request.notify ?? false,
        ...(request.message !== null && { customMessage: request.message }),
        restockAllItems: request.restock ?? false,
      },
      reply: wire.OrderReply,
      about: about(request.orderId),
    }) satisfies Call<wire.OrderReply> as Call<unknown>,
  read({ request }, reply) {
    const { order } = reply as wire.OrderReply
    return isCanceled(order) ? toLook(order, request) : null
  },
  says({ before }, reply) {
    const { status, native } = toOrder((reply as wire.OrderReply).order)
    return status === 'canceled' || (status === 'unknown' && native.status !== before.native.status)
  },
  async after(connection, { request, look }) {
    const message = reasonText(request)
    if (message === null) return {}
    if (isNoted(look.found, message))
      return { reason: { done: 'yes', basis: 'confirmed', detail: NOTED } }
    await connection.send({
      method: 'POST',
      path: path`/ecom/v1/orders/${request.orderId}/activities/add`,
      body: {
        orderActivities: [{ activityType: 'MERCHANT_COMMENT', merchantComment: { message } }],
      },
      reply: wire.NotedReply,
      about: { orderId: request.orderId, ids: ({ order }) => [order?.id] },
    })
    return { reason: { done: 'yes', basis: 'reported', detail: NOTED } }
  },
  facts({ request, before, memo, reply, look }) {
    const { found } = look
    const shown = restockFact(
      found,
      (memo ?? null) as Restocked,
      request.restock,
      reply === null ? 'confirmed' : 'reported',
    )
    const restock = shown ?? (request.restock && reply !== null ? restockAhead(found) : null)
    return {
      payment: paymentFact(found, before),
      ...(restock && { restock }),
      ...(reply !== null && mailAhead(found, request)),
    }
  },
}

/**
 * Always four hours
 * (https://dev.wix.com/docs/rest/api-reference/authorization/oauth-2/create-access-token).
 */
const TOKEN_LIFE_S = 14_400

const login = (connection: Connection<Settings>) =>
  connection.token('app', async () => {
    const { appId, appSecret, instanceId } = connection.settings
    const { access_token: token, expires_in: seconds } = await connection.send({
      method: 'POST',
      path: path`/oauth2/token`,
      as: 'none',
      body: {
        grant_type: 'client_credentials',
        client_id: appId,
        client_secret: appSecret,
        instance_id: instanceId,
      },
      reply: wire.TokenReply,
    })
    return { token, expiresInMs: (seconds && seconds > 0 ? seconds : TOKEN_LIFE_S) * 1_000 }
  })

export const wix = defineAdapter<Settings>({
  id: 'wix',
  name: 'Wix',
  docs: CANCEL,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl ?? 'https://www.wixapis.com',
  merchant: ({ siteId, instanceId }) => siteId ?? instanceId ?? '',
  // GUIDs, whose letters' case means nothing (RFC 9562, 4).
  canonicalId: (id) =>
    /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id) ? id.toLowerCase() : id,
  // Neither is a Bearer; a token belongs to one site, a key must name it (seen on @wix/sdk
  // 1.21.16).
  async authorize(connection): Promise<Record<string, string>> {
    const { apiKey, siteId } = connection.settings
    return apiKey && siteId
      ? { authorization: apiKey, 'wix-site-id': siteId }
      : { authorization: await login(connection) }
  },
  capabilities,
  repeat: {
    effect: 'unknown',
    source:
      `${CANCEL} does not say what a second cancel does; among its three errors is none ` +
      'for a canceled order',
  },
  errors,
  readError,
  // A burst and a minute's pace together are 200. No limit is documented for API keys; we keep to
  // the one for apps.
  pace: {
    perSecond: 3,
    burst: 20,
    source:
      'https://dev.wix.com/docs/rest/articles/get-started/rate-limits: 200 requests per minute ' +
      'and instance',
  },
  // Documented nowhere for these APIs. The longest that Wix lets any request to its own backends
  // run is 60 s
  // (https://dev.wix.com/docs/studio-two/maintain-your-site/scale-your-site/about-backend-compute-limitations),
  // and 504 is among its errors.
  settleMs: 60_000,
  order,
  notices,
  sweep,
  mayReopen,
  async find(connection, number) {
    // Imported orders bring numbers of their own, so two may share one. INITIALIZED ones are never
    // found ("Search Orders").
    const { orders, metadata } = await connection.send({
      method: 'POST',
      path: path`/ecom/v1/orders/search`,
      body: { search: { filter: { number: { $eq: number } }, cursorPaging: { limit: 2 } } },
      reply: wire.OrdersReply,
    })
    const found = (orders ?? []).map(toOrder).filter((order) => sameText(order.number, number))
    // What a filter that was ignored leaves out is not known.
    return {
      orders: found,
      complete: found.length === (orders ?? []).length && metadata?.hasNext !== true,
    }
  },
})

export default {
  adapter: wix,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
