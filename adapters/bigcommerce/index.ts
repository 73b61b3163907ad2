/**
 * BigCommerce: cancels orders over its REST API (V2 orders). From its documentation and its OpenAPI
 * documents; no live store was at hand.
 */
import { z } from 'zod'
import {
  CallFailure,
  common,
  defineAdapter,
  type Platform,
  secret,
} from '../../src/adapter/index.ts'
import { order, readOrder } from './cancel.ts'
import { errors, readError } from './errors.ts'
import { toOrder } from './map.ts'
import { notices } from './notices.ts'
import {
  EVENTS,
  INVENTORY,
  MAILS,
  OPENAPI,
  ORDERS,
  PAYMENTS,
  RATE,
  RECORDED,
  STATUSES,
} from './sources.ts'
import { mayReopen, sweep } from './sweep.ts'

export const Settings = z.strictObject({
  ...common,
  /** What stands behind `stores/` in the API path of an API account. */
  storeHash: z.string().regex(/^[a-z\d]{1,32}$/i, 'must be what stands behind stores/'),
  accessToken: secret(),
})
export type Settings = z.infer<typeof Settings>

/** A number; and the words of the imitation's orders. */
const ID = /^(?:[1-9]\d{0,17}|[a-z]+(?:[-_][a-z\d]+)*)$/

export const bigcommerce = defineAdapter<Settings>({
  id: 'bigcommerce',
  name: 'BigCommerce',
  docs: ORDERS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl ?? 'https://api.bigcommerce.com',
  merchant: ({ storeHash }) => storeHash.toLowerCase(),
  canonicalId: (orderId) => (ID.test(orderId) ? orderId : null),
  authorize: async ({ settings }) => ({ 'x-auth-token': settings.accessToken }),
  capabilities: {
    order: {
      can: 'choose',
      note:
        'By status_id 5. BigCommerce refuses no change of status, so this gateway does: what is ' +
        'incomplete, shipped, completed, refunded, declined, disputed or archived, also in part.',
      source:
        `${ORDERS}: “Changing order status”; ${STATUSES}; which orders are refused is our ` +
        'policy',
    },
    reason: {
      can: 'choose',
      buyerVisible: 'no',
      note:
        'Added to the staff notes, after what stands there; what somebody writes into them in ' +
        'the same instant is lost.',
      source: `${OPENAPI}: staff_notes, notes for staff; ${RECORDED}: a write replaces them`,
    },
    notify: {
      can: 'unknown',
      note:
        'No parameter for it: the store’s settings say of which status buyers are written to, ' +
        'and the API does not tell them.',
      source: `${MAILS}; ${OPENAPI}: order_Put has no such member`,
    },
    message: {
      can: 'never',
      note: 'The mail’s text is the store’s own.',
      source: `${OPENAPI}: order_Put has no such member, and order messages are read only`,
    },
    restock: {
      can: 'unknown',
      note:
        'No parameter for it: the store’s setting refund_order_stock_adjustment is about refunds ' +
        'and cancels; whether a cancel by the API heeds it, nobody has shown.',
      source: `${INVENTORY}; of refunds by the API the page on refunds says the contrary`,
    },
    payment: {
      can: 'never',
      note: 'A status moves no money: void or refund is a call of its own, which is not made.',
      source: PAYMENTS,
    },
    transfer: { can: 'never', source: `${OPENAPI}: no path transfers an order` },
  },
  repeat: {
    effect: 'unknown',
    source:
      `${EVENTS}: statusUpdated fires only where the status has changed; what a second write ` +
      'does to mails and stock, nobody has shown',
  },
  errors,
  readError,
  resetMsHeader: 'x-rate-limit-time-reset-ms',
  // All apps of a store share one quota, so a part of it is left to them.
  pace: { perSecond: 4, burst: 20, source: `${RATE}: 150 in 30 seconds with the smallest plan` },
  // No page bounds a call; three times the minute after which gateways usually give up.
  settleMs: 180_000,
  // All merchants share one address, and each counts from the same number: without the store's hash
  // a doubt about one's order 100 would hold up all others'.
  lockKey: async ({ settings: { storeHash } }, orderId) => `${storeHash.toLowerCase()} ${orderId}`,
  order,
  notices,
  sweep,
  mayReopen,
  adminUrl: ({ storeHash }, { id }) =>
    /^\d+$/.test(id)
      ? `https://store-${storeHash.toLowerCase()}.mybigcommerce.com/manage/orders/${id}`
      : null,
  /** The number that people see is the id. */
  async find(connection, number) {
    const orderId = number.replace(/^#/, '')
    if (!ID.test(orderId)) return { orders: [], complete: true }
    try {
      return { orders: [toOrder(await readOrder(connection, orderId))], complete: true }
    } catch (error) {
      if (error instanceof CallFailure && error.failure.code === 'order-not-found')
        return { orders: [], complete: true }
      throw error
    }
  },
})

export default {
  adapter: bigcommerce,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
