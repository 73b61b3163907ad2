/** How an order is canceled: a PUT of its status, with the staff notes where there is a reason. */
import {
  type Call,
  type CancelOperation,
  type Connection,
  type Fact,
  type Look,
  path,
  reasonText,
} from '../../src/adapter/index.ts'
import { CANCELED, isCanceled, obstacle, paymentAhead, paymentFact, toOrder } from './map.ts'
import { notesOf, reasonAhead, reasonFact, replacement } from './notes.ts'
import * as wire from './wire.ts'

export interface Store {
  readonly storeHash: string
}

/** An answer about another order is none about this one. */
const oneOrder = (storeHash: string, orderId: string) => ({
  path: path`/stores/${storeHash}/v2/orders/${orderId}`,
  reply: wire.Order,
  about: { orderId, ids: ({ id }: wire.Order) => [id] },
})

export const readOrder = (connection: Connection<Store>, orderId: string): Promise<wire.Order> =>
  connection.send({
    method: 'GET',
    ...oneOrder(connection.settings.storeHash, orderId),
    // With its lines, which would be another call.
    query: { include: 'consignments.line_items', consignment_structure: 'object' },
  })

/** The staff notes, which the cancel is bound to, and how they were told. */
interface Found {
  readonly notes: string | null
  readonly basis: Extract<Fact['basis'], 'reported' | 'confirmed'>
}
interface OrderLook extends Look {
  readonly found: Found
}

const lookAt = (raw: wire.Order, basis: Found['basis']): OrderLook => ({
  order: toOrder(raw),
  done: isCanceled(raw),
  obstacle: obstacle(raw),
  found: { notes: notesOf(raw), basis },
  raw,
})

export const order: CancelOperation<Store, OrderLook> = {
  async look(connection, orderId, { request }) {
    const look = lookAt(await readOrder(connection, orderId), 'confirmed')
    const text = request && reasonText(request)
    const payment = paymentAhead(look.order, 'documented')
    const reason = text ? reasonAhead(look.found.notes, text) : null
    return { ...look, expect: { ...(payment && { payment }), ...(reason && { reason }) } }
  },
  cancel({ settings, request, found }) {
    const notes = replacement((found as Found).notes, reasonText(request))
    return {
      method: 'PUT',
      ...oneOrder(settings.storeHash, request.orderId),
      // Nothing else: what is not sent stays, but a list of fees, of products or an address would
      // have taxes and totals calculated anew (page "Orders", "Calculating totals").
      body: { status_id: CANCELED, ...(notes !== null && { staff_notes: notes }) },
    } satisfies Call<wire.Order> as Call<unknown>
  },
  // The reply is the whole order, but for its lines (recorded).
  read({ before }, reply) {
    const look = lookAt(reply as wire.Order, 'reported')
    const { lines } = look.order
    return look.done ? { ...look, order: { ...look.order, lines: lines ?? before.lines } } : null
  },
  says: (_, reply) => isCanceled(reply as wire.Order),
  facts({ request, before, look }) {
    const { notes, basis } = look.found
    const text = reasonText(request)
    const payment = paymentFact(before, look.order, basis)
    return {
      ...(payment && { payment }),
      ...(text !== null && { reason: reasonFact(notes, text, basis) }),
    }
  },
}
