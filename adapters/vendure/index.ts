/**
 * Vendure 3.x: cancels orders over the Admin API (GraphQL), one at a time on a server. Measured on
 * a real one, 3.7.3 with PostgreSQL (November 2026).
 */
import { defineAdapter, type Order, type Platform } from '../../src/adapter/index.ts'
import { authorize, operation, Settings } from './access.ts'
import { order } from './cancel.ts'
import { DOCS, errors, LAB, readError } from './errors.ts'
import { scaleOf, toOrder } from './map.ts'
import { notices } from './notices.ts'
import * as queries from './queries.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

const CODE = '@vendure/core 3.7.3'

/** The largest id of the default strategy: a PostgreSQL integer. */
const LARGEST = 2_147_483_647
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

/**
 * Vendure reads an id as JavaScript reads a number, so that `007`, `7.0` and `0x7` are one order;
 * only the plain spelling is taken. A shop may have UUIDs, or ids of its own.
 */
const canonicalId = (orderId: string): string | null => {
  const number = Number(orderId)
  if (Number.isNaN(number)) return GUID.test(orderId) ? orderId.toLowerCase() : orderId
  return /^\d+$/.test(orderId) && number >= 1 && number <= LARGEST ? String(number) : null
}

/** The page of the order in the dashboard, where the settings say where that is. */
const adminUrl = ({ baseUrl, dashboardUrl }: Settings, order: Order): string | null => {
  if (dashboardUrl === undefined) return null
  const { protocol, host } = new URL(dashboardUrl)
  if (protocol !== 'https:' && host !== new URL(baseUrl).host) return null
  const kind = order.status === 'draft' ? 'draft/' : ''
  return `${dashboardUrl}/orders/${kind}${encodeURIComponent(order.id)}`
}

/** More orders of one code than these are not looked through; there is one. */
const MOST_FOUND = 20

export const vendure = defineAdapter<Settings>({
  id: 'vendure',
  name: 'Vendure',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  canonicalId,
  authorize,
  capabilities: {
    order: {
      can: 'choose',
      note: 'Drafts and placed orders, one at a time; no cart, and none that is being modified.',
      source: `${LAB}: cancel-settled, cancel-draft, cancel-modifying, cancel-cart`,
    },
    reason: {
      can: 'choose',
      buyerVisible: 'no',
      note: 'Kept as a private note: the reason of the cancel itself is read by the buyer.',
      source: `${LAB}: note, reason-is-public`,
    },
    notify: {
      can: 'never',
      note: 'Vendure’s own mails know no cancel; a handler that a shop added is not seen.',
      source: `@vendure/email-plugin 3.7.3, default handlers; ${LAB}: no mail`,
    },
    message: {
      can: 'never',
      note: 'There is no mail to carry it.',
      source: '@vendure/email-plugin 3.7.3, default handlers',
    },
    restock: {
      can: 'always',
      note: 'What was allocated is released; what has a fulfillment is counted as on hand again.',
      source: `${LAB}: cancel-settled, cancel-shipped; stock_level before and after`,
    },
    payment: {
      can: 'never',
      note: 'A cancel moves no money: refundOrder and cancelPayment are calls of their own.',
      source: `${LAB}: cancel-settled, cancel-authorized; no call of the payment handler`,
    },
    transfer: { can: 'never', source: `${CODE}: an order has no transfer` },
  },
  repeat: {
    effect: 'refused',
    source:
      `${LAB}: cancel-twice; once it is over. While one is under way a second releases the goods ` +
      'again (two-at-once), so none is sent before the settle time is over',
  },
  errors,
  readError,
  pace: { perSecond: 10, burst: 20, source: 'self-hosted, no limit of its own; our default' },
  // The server goes on after the client has left (hung-up), and a shop's own order process may ask
  // others meanwhile. A cancel took half a second at most; this is room for such a process.
  settleMs: 120_000,
  // Stock is read, changed and written back without a lock: two cancels at once of different orders
  // that share a product lose one of the changes (two-orders-at-once).
  lockKey: async () => 'stock',
  order,
  adminUrl,
  notices,
  sweep,
  mayReopen,
  /** By the code that people see, which is unique; the case of its letters counts. */
  async find(connection, number) {
    const { settings } = connection
    const options = { take: MOST_FOUND, filter: { code: { eq: number } } }
    const { orders, globalSettings: server } = await connection.send(
      operation(settings, queries.FIND, { options }, wire.FindReply),
    )
    const found = orders.items.filter(({ code }) => code === number)
    const scale = scaleOf(settings, server.precision)
    return {
      orders: found.map((one) => toOrder(one, scale)),
      complete: orders.totalItems === found.length,
    }
  },
})

export default {
  adapter: vendure,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
