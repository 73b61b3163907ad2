/**
 * EverShop 2.x: cancels orders over its REST API, and reads them over its GraphQL. Each repeat of a
 * cancel puts the goods back again, so nothing is sent twice. Measured on a real server, 2.2.1.
 */
import { defineAdapter, path, type Platform, standardNotices } from '../../src/adapter/index.ts'
import { authorize, Settings } from './access.ts'
import { order, REASON_NOTE, RESTOCK_NOTE } from './cancel.ts'
import { errors, LAB, readError, SOURCE } from './errors.ts'
import { toOrder } from './map.ts'
import * as wire from './wire.ts'

const DOCS = 'https://evershop.io/docs/development/module/functions/cancelorder'

const UUID = /^([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})$/
/** The imitation's orders have words for ids. */
const WORD = /^[a-z]{1,20}(?:[-_][a-z\d]{1,20}){0,5}$/

export const evershop = defineAdapter<Settings>({
  id: 'evershop',
  name: 'EverShop',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  /** PostgreSQL reads both cases, with dashes and without (recorded: ids). */
  canonicalId(orderId) {
    const lower = orderId.toLowerCase()
    return UUID.exec(lower)?.slice(1).join('-') ?? (WORD.test(orderId) ? orderId : null)
  },
  authorize,
  capabilities: {
    order: {
      can: 'choose',
      note: 'Not once its money was taken or all of it was delivered; shipped orders are.',
      source: `${LAB}: cancel-pending, cancel-shipped, cancel-paid, cancel-delivered`,
    },
    reason: {
      can: 'choose',
      buyerVisible: 'yes',
      note: REASON_NOTE,
      source: `${LAB}: reason-public, reasons-refused`,
    },
    notify: {
      can: 'never',
      note: 'EverShop sends no mail of a cancel.',
      source: `${LAB}: no cancel of any state sent one; ${SOURCE}: no subscriber for it`,
    },
    message: {
      can: 'never',
      note: 'There is no mail to carry it.',
      source: `${LAB}: no cancel of any state sent one`,
    },
    restock: {
      can: 'always',
      note: RESTOCK_NOTE,
      source: `${LAB}: cancel-pending, cancel-untracked, cancel-shipped, unknown-members`,
    },
    payment: {
      can: 'never',
      note:
        'A cancel refunds nothing: an order whose money was taken is refused, and refunded by ' +
        'POST /api/stripe/paymentIntents/refund. A hold at Stripe or PayPal is given up.',
      source: `${LAB}: cancel-stripe-captured, cancel-stripe-authorized; ${SOURCE}, modules/paypal`,
    },
    transfer: { can: 'never', source: `${SOURCE}: there are no transfers` },
  },
  repeat: {
    effect: 'harmful',
    source: `${LAB}: repeat-pending; each is 200 and puts the goods back again`,
  },
  errors,
  readError,
  pace: {
    perSecond: 1.5,
    burst: 20,
    source: `${LAB}: rate; 120 requests a minute per address, so 110 are made`,
  },
  // The server goes on after its client has left (recorded: hangup). Stripe's client (21.0.1)
  // may take 80 s for each of three tries, of a read and of the cancel.
  settleMs: 500_000,
  order,
  notices: standardNotices(
    `${SOURCE} sends no webhook; an extension may listen for order_status_updated and send one. ` +
      'Nobody has shown such an extension',
  ),
  // It lists by no time of change, for none is kept: no `sweep`.
  mayReopen: {
    can: 'unknown',
    source:
      `${SOURCE}, modules/oms/bootstrap.js: a canceled order takes no other status; what an ` +
      'extension does, nobody has shown',
  },
  adminUrl: ({ baseUrl }, { id }) => `${baseUrl}/admin/order/edit/${encodeURIComponent(id)}`,
  /** A filter that it does not know finds everything (recorded: search). */
  async find(connection, number) {
    const { data } = await connection.send({
      method: 'POST',
      path: path`/api/admin/graphql`,
      body: {
        query: wire.FIND,
        variables: { filters: [{ key: 'number', operation: 'eq', value: number }] },
      },
      reply: wire.OrdersReply,
    })
    const { items, total } = data.orders
    const orders = items.filter(({ orderNumber }) => orderNumber === number).map(toOrder)
    return { orders, complete: orders.length === total }
  },
})

export default {
  adapter: evershop,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
