/**
 * ERPNext 15 and 16 on Frappe: cancels Sales Orders over REST, each bound to the order as it was
 * looked at. From its sources (November 2026); nobody has shown it on a running site.
 */
import {
  type Call,
  type CancelOperation,
  type Connection,
  defineAdapter,
  type Facts,
  failureOf,
  type Look,
  money,
  path,
  type Platform,
  sameText,
  isPositive,
} from '../../src/adapter/index.ts'
import { authorize, list, PATHS, Settings, zoneToDescribe } from './access.ts'
import { keepReason } from './comment.ts'
import { ERPNEXT, errors, FRAPPE, readError, SALES_ORDER } from './errors.ts'
import { isCanceled, type Links, obstacle, toOrder } from './map.ts'
import { canonicalId, idOf, isRespelled, nameOf } from './name.ts'
import { notices } from './notices.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

/** Of its REST API: no page is about canceling by it. */
const DOCS = 'https://docs.frappe.io/framework/user/en/api/rest'

/** An order that was looked at has a name. */
const named = (orderId: string): string => nameOf(orderId) ?? orderId

const address = (name: string) => path`/api/resource/Sales%20Order/${name}`

const readOrder = async (
  connection: Connection<Settings>,
  orderId: string,
): Promise<wire.Order> => {
  const name = nameOf(orderId)
  if (name === null) throw failureOf('order_not_found', 'not asked: no safe address')
  const { data } = await connection.send({
    method: 'GET',
    path: address(name),
    reply: wire.OrderReply,
    about: {
      orderId,
      ids: ({ data }) => [isRespelled(data.name, name) ? orderId : idOf(data.name)],
    },
  })
  // Its own spelling is the one name of it here, or two would be guarded as two orders.
  if (data.name !== name) throw failureOf('order_not_found', '200 another spelling')
  return data
}

/** More than these tell nothing more: one is enough. */
const MOST_LINKED = 100

const readLinks = async (connection: Connection<Settings>, name: string): Promise<Links> => {
  const { data: deliveryNotes } = await connection.send(
    list(
      PATHS.deliveryNotes,
      {
        fields: ['name', 'docstatus', 'status'],
        filters: [
          ['Delivery Note Item', 'against_sales_order', '=', name],
          ['docstatus', '=', 1],
        ],
        limit: MOST_LINKED,
      },
      wire.LinkedReply,
    ),
  )
  const { data: invoices } = await connection.send(
    list(
      PATHS.invoices,
      {
        fields: ['name', 'docstatus', 'status'],
        filters: [
          ['Sales Invoice Item', 'sales_order', '=', name],
          ['docstatus', '<', 2],
        ],
        limit: MOST_LINKED,
      },
      wire.LinkedReply,
    ),
  )
  return { deliveryNotes, invoices }
}

/** What a cancel is bound to, and what its reply is read with. */
interface Found {
  readonly modified: string
  readonly zone: string | null
}
interface OrderLook extends Look {
  readonly found: Found
}

const expected = ({ advance_paid, currency }: wire.Order): Partial<Facts> => {
  const advance = money(advance_paid, currency)
  if (advance === null || !isPositive(advance)) return {}
  const detail =
    `${advance.amount} ${advance.currency} were paid in advance; they stay with the customer’s ` +
    'account, or keep the order from being canceled.'
  return { payment: { done: 'impossible', basis: 'confirmed', detail } }
}

const lookAt = (order: wire.Order, zone: string | null, links?: Links): OrderLook => ({
  order: toOrder(order, zone),
  done: isCanceled(order),
  obstacle: obstacle(order, links),
  expect: expected(order),
  found: { modified: order.modified, zone },
  raw: order,
})

const order: CancelOperation<Settings, OrderLook> = {
  async look(connection, orderId) {
    const zone = await zoneToDescribe(connection)
    const found = await readOrder(connection, orderId)
    const isDecided = found.docstatus !== 1 || obstacle(found) !== null
    return lookAt(found, zone, isDecided ? undefined : await readLinks(connection, found.name))
  },
  cancel({ request: { orderId }, found }) {
    const { modified } = found as Found
    return {
      method: 'PUT',
      path: address(named(orderId)),
      // Changed since the look: TimestampMismatchError, and nothing is done. A draft is refused,
      // not submitted (document.py, check_docstatus_transition).
      body: { docstatus: 2, modified },
      reply: wire.OrderReply,
      about: { orderId, ids: ({ data }) => [idOf(data.name)] },
    } satisfies Call<wire.OrderReply> as Call<unknown>
  },
  // The order as it is once all is committed (app.py, sync_database): proof, if it is canceled.
  read({ found }, reply) {
    const { data } = reply as wire.OrderReply
    return isCanceled(data) ? lookAt(data, (found as Found | undefined)?.zone ?? null) : null
  },
  says: (_, reply) => (reply as wire.OrderReply).data.docstatus === 2,
  after: (connection, { request }) => keepReason(connection, request, named(request.orderId)),
}

/** More orders of one number than these are not looked through. */
const MOST_FOUND = 20

export const erpnext = defineAdapter<Settings>({
  id: 'erpnext',
  name: 'ERPNext',
  kind: 'erp',
  docs: DOCS,
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  canonicalId,
  authorize,
  adminUrl: ({ baseUrl }, { id }) => `${baseUrl}/app/sales-order/${encodeURIComponent(named(id))}`,
  capabilities: {
    order: {
      can: 'choose',
      note:
        'Submitted orders only, and none that a submitted document, or a draft of an invoice, ' +
        'points to.',
      source: `${SALES_ORDER}, on_cancel; ${FRAPPE}/model/document.py, check_no_back_links_exist`,
    },
    reason: {
      can: 'choose',
      buyerVisible: 'no',
      note: 'Kept as a comment in the order’s timeline, written after the cancel.',
      source:
        `${FRAPPE}/website/utils.py, get_comment_list: pages show the comments that are ` +
        'published, and none is by itself',
    },
    notify: {
      can: 'unknown',
      note: 'A Notification of the site for the event Cancel decides.',
      source: `${FRAPPE}/model/document.py, run_notifications`,
    },
    message: {
      can: 'never',
      note: 'A cancel has no text for the buyer.',
      source: `${FRAPPE}/api/v1.py, update_doc`,
    },
    restock: {
      can: 'always',
      note: 'What the order reserved is free again; goods do not move with an order.',
      source: `${SALES_ORDER}, on_cancel: update_reserved_qty, cancel_stock_reservation_entries`,
    },
    payment: {
      can: 'never',
      note: 'Nothing is paid back; an advance is parted from the order, or blocks the cancel.',
      source: `${ERPNEXT}/controllers/accounts_controller.py, unlink_payments_on_order_cancel`,
    },
    transfer: { can: 'never', source: `${SALES_ORDER}: there are no transfers` },
  },
  repeat: {
    effect: 'refused',
    source:
      `${FRAPPE}/model/document.py, check_docstatus_transition: ` +
      'a canceled document is not edited',
  },
  errors,
  readError,
  pace: {
    perSecond: 2,
    burst: 4,
    source: 'a site may set a rate_limit of its own (rate_limiter.py); our default',
  },
  // Time that a web process of bench is given for a request; nobody has shown a longer one.
  settleMs: 120_000,
  order,
  notices,
  sweep,
  mayReopen,
  /** By the order's name, or by the customer's number, which several may share. */
  async find(connection, number) {
    const zone = await zoneToDescribe(connection)
    const { data } = await connection.send(
      list(
        PATHS.orders,
        {
          fields: wire.FIELDS,
          filters: [],
          orFilters: [
            ['name', '=', number],
            ['po_no', '=', number],
          ],
          orderBy: 'creation desc',
          limit: MOST_FOUND + 1,
        },
        wire.OrdersReply,
      ),
    )
    const found = data.filter(
      ({ name, po_no }) => sameText(name, number) || sameText(po_no, number),
    )
    return {
      orders: found.slice(0, MOST_FOUND).map((one) => toOrder(one, zone)),
      complete: data.length <= MOST_FOUND && found.length === data.length,
    }
  },
})

export default {
  adapter: erpnext,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
