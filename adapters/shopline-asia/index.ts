/**
 * SHOPLINE Asia (the Open API of open.shopline.io): cancels orders with every one of its defaults
 * declined. From its documentation; no live call was made.
 */
import { z } from 'zod'
import {
  CallFailure,
  type CancelRequest,
  common,
  type Connection,
  defineAdapter,
  type CancelOperation,
  type Fact,
  inPlainWords,
  type Look,
  type Obstacle,
  path,
  reasonText,
  sameText,
  secret,
  type Platform,
} from '../../src/adapter/index.ts'
import { isCanceled, paymentFact, stockFact, toOrder } from './map.ts'
import { notices } from './notices.ts'
import { PAGE, SHORTEST_PAGE } from './search.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

const DOCS = 'https://open-api.docs.shoplineapp.com/docs/cancel-order'
const EXAMPLES = 'https://open-api.docs.shoplineapp.com/docs/openapi-request-example'
/**
 * A client generated from the pages' own OpenAPI descriptions: models and error bodies in one
 * place.
 */
const MODELS = 'the Open API’s models as generated in github.com/HsOjo/shopline-sdk-python@a51d5c9'

export const Settings = z.strictObject({
  ...common,
  /** The shop's handle. */
  shop: z
    .string()
    .max(128)
    .regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, 'must be the shop’s handle in visible ASCII'),
  accessToken: secret(),
  /** Where the app that has the webhooks is on several shops: whose are taken. */
  merchantId: z
    .string()
    .regex(/^[\da-f]{24}$/i, 'must be 24 hexadecimal digits')
    .optional(),
})
export type Settings = z.infer<typeof Settings>

const readOrder = (connection: Connection<Settings>, id: string) =>
  connection.send({
    method: 'GET',
    path: path`/v1/orders/${id}`,
    reply: wire.Order,
    about: { orderId: id, ids: (found) => [found.id] },
  })

const SHIPPED: readonly (string | null | undefined)[] = ['shipped', 'arrived', 'collected']
const RETURNED: readonly (string | null | undefined)[] = ['returning', 'returned']
const RETURN: Obstacle = {
  cause: 'returned',
  detail: 'The order has a return order that is not canceled; SHOPLINE does not cancel it.',
}

/**
 * Page "Cancel Order". It names the rules about delivery and returns for shops with the feature
 * return_order_revamp; we hold to them everywhere.
 */
const obstacle = (order: wire.Order): Obstacle | null => {
  if (order.status === 'completed')
    return {
      cause: 'completed',
      detail: 'The order is completed; SHOPLINE does not change it any more.',
    }
  const { status } = order.order_delivery ?? {}
  if (SHIPPED.includes(status))
    return {
      cause: 'fulfilled',
      detail:
        `The delivery is ${status}; SHOPLINE does not cancel what was sent. Make a return ` +
        'order instead.',
    }
  return RETURNED.includes(status) ? RETURN : null
}

/**
 * The order names its return order but not that one's status. A token that may not read returns
 * leaves the refusal to the platform.
 */
const returnObstacle = async (
  connection: Connection<Settings>,
  orderId: string,
): Promise<Obstacle | null> => {
  try {
    const { items } = await connection.send({
      method: 'GET',
      path: path`/v1/return_orders`,
      query: { order_id: orderId },
      reply: wire.ReturnsReply,
      about: { orderId, ids: (reply) => reply.items.map(({ order_id }) => order_id) },
    })
    return items.some(({ status }) => status !== 'cancelled') ? RETURN : null
  } catch (error) {
    if (error instanceof CallFailure && error.failure.kind === 'refused') return null
    throw error
  }
}

/** The platform's closed list has no word for the other codes. */
const KEYS: Partial<Record<NonNullable<CancelRequest['reasonCode']>, string>> = {
  customer: 'change_mind',
  duplicate: 'repeat_purchase',
  address: 'incorrect_customer_info',
}

/** The page marks it as required, so it goes out without a reason too. */
const cancelledReason = (request: CancelRequest) => ({
  key: KEYS[request.reasonCode ?? 'other'] ?? 'other',
  message: reasonText(request) ?? 'Other',
})

/** Neither the reply nor the order gives it back. */
const reasonFact = (request: CancelRequest): Fact => {
  const { key, message } = cancelledReason(request)
  return {
    done: 'yes',
    basis: 'documented',
    detail:
      `Sent as cancelled_reason: key “${key}”, message ` +
      `“${message}”${reasonText(request) === null ? '; the platform demands one' : ''}.`,
  }
}

const noAddress = (request: CancelRequest, order: wire.Order): { notify?: Fact } =>
  request.notify && !order.customer_email
    ? {
        notify: {
          done: 'unknown',
          basis: 'none',
          detail: 'The order names no e-mail address of the buyer.',
        },
      }
    : {}

/** A look with the order as SHOPLINE tells it: what the facts are read from. */
interface OrderLook extends Look {
  readonly found: wire.Order
}

const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request }) {
    const found = await readOrder(connection, orderId)
    const done = isCanceled(found)
    const returns = !done && request !== null && Boolean(found.order_delivery?.return_order_id)
    const stock = stockFact(found, undefined, 'confirmed')
    return {
      order: toOrder(found),
      done,
      found,
      raw: found,
      obstacle: done
        ? null
        : (obstacle(found) ?? (returns ? await returnObstacle(connection, orderId) : null)),
      expect: {
        payment: paymentFact(found, null, request?.refund ?? null),
        ...(stock && { restock: stock }),
        ...(request && { reason: reasonFact(request), ...noAddress(request, found) }),
      },
    }
  },
  cancel: ({ request }) => ({
    method: 'PATCH',
    path: path`/v1/orders/${request.orderId}/cancel`,
    // Every field goes out: left out, the customer is on record as the one who canceled, the buyer
    // gets a mail, Taishin TapPay refunds, and a setting of the shop decides on credits and points.
    // `none` is the documented default of both strategies; what the buyer keeps missing by it is
    // told in the payment effect.
    body: {
      cancelled_reason: cancelledReason(request),
      revert_credits: { strategy: 'none' },
      revert_member_points: { strategy: 'none' },
      operated_by: 'merchant',
      refund_order: request.refund ?? false,
      mail_notify: request.notify ?? false,
    },
    // No order is in its reply, so none can be another.
    reply: wire.CancelReply,
  }),
  // A 200 is the platform’s word, but for one that speaks as its errors do.
  says(_, reply) {
    const { error, message } = reply as wire.CancelReply
    return !error && !message
  },
  facts({ request, before, reply, look }) {
    const { found } = look
    const answered = reply as wire.CancelReply | null
    const stock =
      answered === null
        ? stockFact(found, found.order_items_stock_tag, 'confirmed')
        : stockFact(found, answered.order_items_stock_tag, 'reported')
    return {
      payment: paymentFact(found, before.paymentStatus, request.refund ?? null),
      ...(stock && { restock: stock }),
      ...(answered && { reason: reasonFact(request), ...noAddress(request, found) }),
    }
  },
}

/** So far a search by number is followed. */
const MOST_PAGES = 4

export const shoplineAsia = defineAdapter<Settings>({
  id: 'shopline-asia',
  name: 'SHOPLINE Asia',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl ?? 'https://open.shopline.io',
  merchant: ({ shop }) => shop,
  // Hexadecimal numbers (MongoDB's), whose letters' case means nothing.
  canonicalId: (id) => (/^[\da-f]{24}$/i.test(id) ? id.toLowerCase() : id),
  // Page "OpenAPI request example": User-Agent is mandatory and carries the shop's handle.
  authorize: async ({ settings }) => ({
    authorization: `Bearer ${settings.accessToken}`,
    'user-agent': settings.shop,
  }),
  capabilities: {
    order: { can: 'choose', source: DOCS },
    reason: {
      can: 'choose',
      buyerVisible: 'unknown',
      note:
        'Sent as cancelled_reason: a key of the platform’s closed list and the text; the ' +
        'order does not give it back.',
      source: DOCS,
    },
    notify: {
      can: 'choose',
      note: 'By mail_notify, which is always sent: the platform’s own default is a mail.',
      source: DOCS,
    },
    message: {
      can: 'never',
      note: 'The mail’s text is the shop’s own; no field carries one.',
      source: `${DOCS}: no such field`,
    },
    restock: {
      can: 'always',
      note:
        'The platform raises the stock by itself; single lines may fail although the order is ' +
        'canceled.',
      source: `${DOCS}: the reply’s order_items_stock_tag; ${MODELS}: Order.order_items_stock_tag`,
    },
    payment: {
      can: 'choose',
      note:
        'By refund_order; without a wish it is sent as false. The platform says that it refunds ' +
        'payments by Taishin TapPay only, so what became of others is told by the order. Credits ' +
        'and points are not reverted.',
      source: DOCS,
    },
    transfer: { can: 'never', source: `${DOCS}: the API has no order transfers` },
  },
  repeat: { effect: 'unknown', source: `${DOCS} does not say what a second cancel does` },
  errors: [
    {
      status: 429,
      code: 'RateLimitExceeded',
      means: 'not_processed',
      source: `${EXAMPLES}: further requests are blocked until the next time window`,
    },
    { status: 401, means: 'credentials', source: `${MODELS}: UnauthorizedError` },
    { status: 403, message: /./, means: 'credentials', source: `${MODELS}: ForbiddenError` },
    {
      status: 404,
      message: /./,
      means: 'order_not_found',
      source: `${MODELS}: NotFoundError of Get Order`,
    },
    ...inPlainWords(`${MODELS}: BadRequestError, UnprocessableEntityError`, {
      canceled: [400, 422],
      reason: [400, 422],
      again: [400, 409, 422],
    }),
    {
      status: 422,
      message: /./,
      means: 'refused',
      source:
        `${DOCS} lists what blocks a cancel, without a status; ${MODELS}: ` +
        'UnprocessableEntityError',
    },
  ],
  readError(body) {
    const { data } = wire.ErrorReply.safeParse(body)
    return { code: data?.code ?? null, message: data?.message ?? data?.error ?? null }
  },
  // 20 requests in a window of a second: a full burst and a second's pace together stay below it.
  pace: { perSecond: 15, burst: 5, source: `${EXAMPLES}: 20 requests per second` },
  // How long the platform stays busy with a call is documented nowhere; ours, well above usual
  // gateway timeouts of 60 s.
  settleMs: 120_000,
  order,
  notices,
  sweep,
  mayReopen,
  async find(connection, number) {
    // Page "Search Orders": order_number also matches merchant_order_number, so several may come;
    // what matches neither to the letter is dropped.
    const found = new Map<string, wire.Order>()
    const seen = () => [...found.values()].map(toOrder)
    for (let page = 1; page <= MOST_PAGES; page++) {
      const query = { order_number: number, per_page: String(PAGE), page: String(page) }
      const { items, pagination } = await connection.send({
        method: 'GET',
        path: path`/v1/orders/search`,
        query,
        reply: wire.OrdersReply,
      })
      for (const order of items)
        if (sameText(order.order_number, number) || sameText(order.merchant_order_number, number))
          found.set(order.id, order)
      if (pagination?.total_pages ? page >= pagination.total_pages : items.length < SHORTEST_PAGE)
        return { orders: seen(), complete: true }
    }
    return { orders: seen(), complete: false }
  },
})

export default {
  adapter: shoplineAsia,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
