/**
 * Odoo 16 to 19 with its module `sale`: cancels orders over JSON-RPC or, from 19 on, JSON-2. Read
 * in its source and in what others recorded; nothing of it was measured by us.
 */
import {
  type CancelOperation,
  defineAdapter,
  type Fact,
  type Look,
  type Platform,
  reasonText,
  sameText,
} from '../../src/adapter/index.ts'
import { type Access, accessOf, authorize, callOf, fieldsOf, Settings } from './access.ts'
import { capabilities } from './capabilities.ts'
import { errors, readError } from './errors.ts'
import { type Documents, isCanceled, isOpenDelivery, isShipped, obstacle, toOrder } from './map.ts'
import { writeNote } from './note.ts'
import { notices } from './notices.ts'
import { canonicalId, native, readDocuments, readSale, searchOf } from './orders.ts'
import { PROBE, SALE } from './sources.ts'
import { mayReopen, sweep } from './sweep.ts'
import * as wire from './wire.ts'

export { Settings }

/** How many deliveries were open before the cancel; null: this Odoo has no warehouse. */
interface Memo {
  readonly deliveries: number | null
}
interface OdooLook extends Look {
  readonly found: { readonly uid: Access['uid']; readonly documents: Documents }
}

const memoOf = ({ pickings }: Documents): Memo => ({
  deliveries: pickings && pickings.filter(isOpenDelivery).length,
})

/** What there is nothing to put back of; null: something is reserved, or may be. */
const nothingReserved = ({ deliveries }: Memo): Fact | null => {
  if (deliveries === null)
    return { done: 'nothing', basis: 'confirmed', detail: 'This Odoo keeps no stock for orders.' }
  return deliveries === 0
    ? { done: 'nothing', basis: 'confirmed', detail: 'No delivery of the order was open.' }
    : null
}

const restocked = (memo: Memo | null, { pickings }: Documents): Fact => {
  const none = memo && nothingReserved(memo)
  if (none) return none
  if (!pickings || !memo) return { done: 'unknown', basis: 'none' }
  if (pickings.some(isOpenDelivery))
    return { done: 'failed', basis: 'confirmed', detail: 'A delivery of the order is still open.' }
  return pickings.some(isShipped)
    ? {
        done: 'partial',
        basis: 'confirmed',
        detail: 'A delivery was done before the cancel came; its goods are not put back.',
      }
    : { done: 'yes', basis: 'confirmed', detail: capabilities.restock.note ?? '' }
}

const order: CancelOperation<Settings, OdooLook> = {
  async look(connection, orderId) {
    const access = await accessOf(connection)
    const sale = await readSale(connection, access, orderId)
    const documents = await readDocuments(connection, access, sale)
    const memo = memoOf(documents)
    const nothing = nothingReserved(memo)
    return {
      order: toOrder(sale, documents),
      done: isCanceled(sale),
      obstacle: obstacle(sale, documents),
      ...(nothing && { expect: { restock: nothing } }),
      memo,
      found: { uid: access.uid, documents },
      raw: { sale, ...documents },
    }
  },
  cancel({ settings, request: { orderId }, found }) {
    const { uid } = found as OdooLook['found']
    // Without this key 16 to 18 answer 200 with a dialog and cancel nothing; 19 does without it.
    const named = { context: { disable_cancel_warning: true } }
    const ids = { ids: [native(orderId)] }
    return callOf({ settings, uid }, 'sale.order', 'action_cancel', ids, named, wire.CancelReply)
  },
  // `true` is what any write answers, and a module may have put its own in the place of it.
  says: () => false,
  async after(connection, { request, look: { found } }) {
    const text = reasonText(request)
    if (text === null) return {}
    const access = { settings: connection.settings, uid: found.uid }
    return { reason: await writeNote(connection, access, request.orderId, text) }
  },
  facts: ({ memo, look: { found } }) => ({
    restock: restocked(memo as Memo | null, found.documents),
  }),
}

/** More orders of one number than these are not looked through. */
const MOST_FOUND = 20

export const odoo = defineAdapter<Settings>({
  id: 'odoo',
  name: 'Odoo',
  kind: 'erp',
  docs: 'https://www.odoo.com/documentation/19.0/developer/reference/external_api.html',
  settings: Settings,
  baseUrl: ({ baseUrl }) => baseUrl,
  merchant: ({ database }) => database,
  canonicalId,
  authorize,
  capabilities,
  repeat: {
    effect: 'harmless',
    source:
      `${PROBE}: a second action_cancel answers true; ${SALE}: it writes the state again, and ` +
      'cancels what drafts and open deliveries came since',
  },
  errors,
  readError,
  pace: {
    perSecond: 1,
    burst: 10,
    source: 'no figure of a limit was found, of Odoo’s own hosting neither; our own caution',
  },
  // A worker is ended after `limit_time_real`, 120 s unless set; a server without workers has no
  // limit (odoo/tools/config.py).
  settleMs: 120_000,
  order,
  notices,
  sweep,
  mayReopen,
  /** Links in Odoo's mails lead through this address, in every version (module mail). */
  adminUrl: ({ baseUrl }, { id }) =>
    `${baseUrl}/mail/view?model=sale.order&res_id=${encodeURIComponent(id)}`,
  /** By the order's name, or by the customer's reference, which is free text. */
  async find(connection, number) {
    const access = await accessOf(connection)
    const fields = await fieldsOf(connection, access)
    const domain = ['|', ['name', '=', number], ['client_order_ref', '=', number]]
    const sales = await connection.send(searchOf(access, fields, domain, MOST_FOUND + 1))
    const found = sales.filter(
      (sale) => sameText(sale.name, number) || sameText(sale.client_order_ref, number),
    )
    return {
      orders: found.slice(0, MOST_FOUND).map((sale) => toOrder(sale, null)),
      complete: sales.length <= MOST_FOUND && found.length === sales.length,
    }
  },
})

export default {
  adapter: odoo,
  createSandbox: async () => (await import('./sandbox/index.ts')).createSandbox(),
} satisfies Platform
