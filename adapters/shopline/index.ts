/**
 * SHOPLINE (myshopline.com): cancels orders over its Admin REST API with every wish said aloud.
 * From its documentation and a third party's recordings.
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
  failureOf,
  type Look,
  type Obstacle,
  path,
  type Platform,
  reasonText,
  sameText,
  secret,
} from '../../src/adapter/index.ts'
import { capabilities, DOCS, withoutPins } from './capabilities.ts'
import { errors, RATE_PAGE, readError } from './errors.ts'
import { JSON_HEADERS, list, SHORTEST_PAGE } from './list.ts'
import {
  isCanceled,
  paymentAhead,
  paymentFact,
  type Sent,
  since,
  stockFact,
  toOrder,
} from './map.ts'
import { notices } from './notices.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export const Settings = z.strictObject({
  ...common,
  /** What stands before `.myshopline.com`. */
  shop: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i, 'must be what stands before .myshopline.com'),
  accessToken: secret(),
  apiVersion: z.string().regex(/^v20\d{6}$/, 'must be a version such as v20260601'),
})
export type Settings = z.infer<typeof Settings>

/**
 * The page of v20230301 has neither `restock` nor `refund_type`, that of v20250601 has `restock`,
 * the SDK of v20251201 has both. `refund_type` is sent from v20250601 on: where it were not known
 * it would be ignored or refused, but left out it sends a PayPal buyer's money back.
 */
const pinsEffects = ({ apiVersion }: Settings): boolean => apiVersion >= 'v20250601'

const sentOf = (settings: Settings, refund: boolean | null | undefined): Sent =>
  !pinsEffects(settings) ? 'unpinned' : refund ? 'refund' : 'manual'

/**
 * What must be known of the order from before the cancel: where it is listed, and the refunds that
 * are not the cancel's.
 */
interface Memo {
  readonly hidden: boolean
  readonly refunds: readonly string[] | null
}

/** There is no call for one order, and archived orders are listed apart (page "Get orders"). */
const readOrder = async (
  connection: Connection<Settings>,
  id: string,
  hiddenFirst: boolean,
): Promise<{ found: wire.Order; hidden: boolean }> => {
  let others = false
  for (const hidden of [hiddenFirst, !hiddenFirst]) {
    const orders = (await list(connection, { ids: id }, hidden, wire.OrdersReply)).orders
    const found = orders.find((order) => order.id === id)
    if (found) return { found, hidden }
    others ||= orders.length > 0
  }
  // A filter that was ignored proves nothing.
  throw failureOf(others ? 'doubt' : 'order_not_found', others ? 'other orders' : 'no order')
}

/** The admin's rule, for orders of every payment: "before shipment". */
const obstacle = (order: wire.Order): Obstacle | null => {
  const { fulfillmentStatus } = toOrder(order)
  if (fulfillmentStatus !== 'shipped' && fulfillmentStatus !== 'partially_fulfilled') return null
  return {
    cause: 'fulfilled',
    detail:
      `The order was shipped${fulfillmentStatus === 'shipped' ? '' : ' in part'}; ` +
      'SHOPLINE cancels before shipment only. Cancel the fulfillment first.',
  }
}

/**
 * Where the cancel cannot say what is to become of the goods, what SHOPLINE does by itself is known
 * only afterwards.
 */
const stockAhead = (settings: Settings, request: CancelRequest | null): Partial<Facts> =>
  pinsEffects(settings) || request === null || request.restock === true
    ? {}
    : {
        restock: {
          done: 'unknown',
          basis: 'none',
          detail: 'What this version of the API does with the goods is not documented.',
        },
      }

const reasonFact = (
  request: CancelRequest,
  shown: string | null | undefined,
): { reason?: Fact } => {
  const text = reasonText(request)
  if (text === null) return {}
  if (shown === undefined)
    return {
      reason: {
        done: 'unknown',
        basis: 'none',
        detail: 'The order does not tell its cancel_reason.',
      },
    }
  return {
    reason: sameText(shown, text)
      ? { done: 'yes', basis: 'confirmed', detail: 'Kept as the order’s cancel_reason.' }
      : {
          done: 'failed',
          basis: 'confirmed',
          detail: 'The order does not show it as its cancel_reason.',
        },
  }
}

/** A look with the order as SHOPLINE tells it: what the facts are read from. */
interface OrderLook extends Look {
  readonly found: wire.Order
}

const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId, { request, memo }) {
    const { found, hidden } = await readOrder(
      connection,
      orderId,
      (memo as Memo | null)?.hidden ?? false,
    )
    return {
      order: toOrder(found),
      done: isCanceled(found),
      obstacle: obstacle(found),
      found,
      raw: { order: found },
      expect: {
        payment: paymentAhead(found, sentOf(connection.settings, request?.refund ?? null)),
        ...stockAhead(connection.settings, request),
      },
      memo: { hidden, refunds: found.refunds?.map(({ id }) => id) ?? null } satisfies Memo,
    }
  },
  cancel: ({ settings, request }) => {
    const reason = reasonText(request)
    return {
      method: 'POST',
      path: path`/admin/openapi/${settings.apiVersion}/orders/${request.orderId}/cancel.json`,
      headers: JSON_HEADERS,
      // What a missing `email` means is not documented, and a missing `refund_type` refunds PayPal
      // payments: nothing is left out.
      body: {
        ...(reason !== null && { cancel_reason: reason }),
        email: request.notify ?? false,
        ...(pinsEffects(settings) && {
          refund_type: request.refund ? 'OriginalPayment Refund' : 'Manual',
          restock: request.restock ?? false,
        }),
      },
      reply: wire.CancelReply,
      about: { orderId: request.orderId, ids: ({ order }) => [order.id] },
    } satisfies Call<wire.CancelReply> as Call<unknown>
  },
  says(_, reply) {
    const { order: answered } = reply as wire.CancelReply
    // It may be silent about it; null, "" or “null” is the order as it was.
    return (
      isCanceled(answered) || (answered.cancelled_at === undefined && answered.status !== 'open')
    )
  },
  facts({ settings, request, before, memo, look }) {
    const { found } = look
    const fresh = since(found, (memo as Memo | null)?.refunds ?? null)
    return {
      payment: paymentFact(before, found, fresh, sentOf(settings, request.refund)),
      restock: stockFact(fresh, pinsEffects(settings)),
      ...reasonFact(request, found.cancel_reason),
    }
  },
}

export const shopline = defineAdapter<Settings>({
  id: 'shopline',
  name: 'SHOPLINE',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl, shop }) => baseUrl ?? `https://${shop.toLowerCase()}.myshopline.com`,
  merchant: ({ shop }) => shop.toLowerCase(),
  authorize: async ({ settings }) => ({ authorization: `Bearer ${settings.accessToken}` }),
  capabilities,
  narrow: (settings) => (pinsEffects(settings) ? {} : withoutPins),
  repeat: {
    effect: 'refused',
    source:
      'NangoHQ/integration-templates@59fd4bf, integrations/shopline-oauth, cancel-order: 422 ' +
      'from a live store, as its authors say',
  },
  errors,
  readError,
  pace: {
    perSecond: 4,
    burst: 40,
    source: `${RATE_PAGE}: 40 at once and 4 a second per app and store`,
  },
  // A call may wait in the bucket's queue for 10 s before it begins (the rate page), and 504 is
  // documented for what then takes too long, without a bound; three times the 60 s after which
  // gateways usually give up.
  settleMs: 180_000,
  order,
  notices,
  sweep,
  mayReopen,
  async find(connection, number) {
    const bare = number.replace(/^#/, '')
    let complete = true
    for (const hidden of [false, true]) {
      const listed = (
        await list(connection, { name: bare, limit: '100' }, hidden, wire.OrdersReply)
      ).orders
      if (listed.length >= SHORTEST_PAGE) complete = false
      // What the filter lets through beyond the number itself is dropped.
      const orders = listed
        .map(toOrder)
        .filter((found) => sameText(found.number, bare) || sameText(found.number, number))
      if (orders.length > 0) return { orders, complete }
    }
    return { orders: [], complete }
  },
})

export default {
  adapter: shopline,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
