/**
 * Saleor 3.21 to 3.23: cancels orders over its GraphQL API. From its source, its schema and its
 * documentation; no server was at hand.
 */
import { defineAdapter, type Order, type Platform } from '../../src/adapter/index.ts'
import { authorize, canonicalId, globalId, graphql, Settings } from './access.ts'
import { order } from './cancel.ts'
import { FIND } from './documents.ts'
import { errors, readError } from './errors.ts'
import { toOrder } from './map.ts'
import { notices } from './notices.ts'
import { CANCEL, code, LIMITS } from './sources.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

const ACTION = code('order/actions.py, cancel_order')

/** The page of the order in the dashboard, where the settings say where that is. */
const adminUrl = ({ baseUrl, dashboardUrl }: Settings, { id }: Order): string | null => {
  if (dashboardUrl === undefined) return null
  const { protocol, host } = new URL(dashboardUrl)
  if (protocol !== 'https:' && host !== new URL(baseUrl).host) return null
  return `${dashboardUrl}/orders/${encodeURIComponent(globalId(id))}`
}

/** A number as Saleor writes it, and as PostgreSQL can hold it. */
const NUMBER = /^[1-9]\d{0,8}$/

export const saleor = defineAdapter<Settings>({
  id: 'saleor',
  name: 'Saleor',
  docs: CANCEL,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  canonicalId,
  authorize,
  capabilities: {
    order: {
      can: 'choose',
      note:
        'No draft, none that has expired, and none with a fulfillment that is not canceled, ' +
        'returned, replaced or refunded. Gift cards that it bought are deactivated.',
      source: code('order/models.py (can_cancel), graphql/order/mutations/order_cancel.py'),
    },
    reason: {
      can: 'choose',
      buyerVisible: 'no',
      note: 'Kept as a note of the order: the cancel itself takes none.',
      source: code(
        'graphql/order/mutations/order_note_add.py, graphql/order/types.py (an order’s events ' +
          'are told to nobody without MANAGE_ORDERS)',
      ),
    },
    notify: {
      can: 'unknown',
      note:
        'Saleor always tells its mail plugins and apps, and lets nobody choose; whether one of ' +
        'them sends a mail, the shop decides.',
      source: `${ACTION}; ${code('order/notifications.py')}; no argument of ${CANCEL}`,
    },
    message: {
      can: 'never',
      note: 'The mail’s text is the shop’s own; no argument carries one.',
      source: CANCEL,
    },
    restock: {
      can: 'always',
      note: 'What is allocated to it is released; what a fulfillment took out of stock is not.',
      source: `${ACTION}; ${code('warehouse/management.py, deallocate_stock_for_orders')}`,
    },
    payment: {
      can: 'never',
      note:
        'A cancel moves no money: transactionRequestAction, orderRefund and orderVoid are calls ' +
        'of their own.',
      source: `${ACTION}; what an app does that hears of it, nobody can say`,
    },
    transfer: { can: 'never', source: `${CANCEL}: there, and in the schema, is no such thing` },
  },
  repeat: {
    effect: 'refused',
    source:
      code('graphql/order/mutations/order_cancel.py, order/models.py (can_cancel)') +
      '; once the first is over. Nothing is locked between the question and the cancel, so none ' +
      'is sent before the settle time is over',
  },
  errors,
  readError,
  pace: {
    perSecond: 10,
    burst: 20,
    source: `${LIMITS}: none in production and on a server of one’s own, 120 a minute in a sandbox`,
  },
  // An app that must answer first may take 20 seconds, and several may be asked in one call
  // (https://docs.saleor.io/developer/extending/webhooks/overview#time-limits).
  settleMs: 120_000,
  order,
  adminUrl,
  notices,
  sweep,
  mayReopen,
  /** By the number that people see, which is unique; drafts are in no list of orders. */
  async find(connection, number) {
    if (!NUMBER.test(number)) return { orders: [], complete: true }
    const { orders } = await connection.send(graphql(FIND, { number }, wire.FoundReply))
    const all = orders.edges.map(({ node }) => node)
    const found = all.filter((one) => one.number === number)
    return {
      orders: found.map(toOrder),
      complete: !orders.pageInfo.hasNextPage && found.length === all.length,
    }
  },
})

export default {
  adapter: saleor,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
