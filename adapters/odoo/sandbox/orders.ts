/** The orders of the imitation with their documents, and what a cancel does to all of them. */
import { createOrderBook } from '../../../src/adapter/sandbox-kit.ts'
// Members as search_read has them; the values are made up.
import shown from './order.json' with { type: 'json' }
// Words of addons/sale, sale_stock, stock, account and payment, 16 to 19.
import states from './states.json' with { type: 'json' }

/** A row of a table. */
export type Row = Record<string, unknown>
export type Version = '16' | '17' | '18' | '19'

/** What somebody does, or happens, while a cancel is on its way, cancel by cancel. */
export type Event = 'locks' | 'delivers' | 'collides' | 'asks'

interface State {
  readonly says: string
  readonly order?: object
  readonly pickings?: readonly Row[]
  readonly invoices?: readonly Row[]
  readonly transactions?: readonly Row[]
  readonly busyMs?: number
  readonly meanwhile?: readonly string[]
}
const STATES: Readonly<Record<string, State>> = states

export interface Entry {
  readonly order: Row & { readonly id: string }
  readonly lines: readonly Row[]
  readonly pickings: readonly Row[]
  readonly invoices: readonly Row[]
  readonly transactions: readonly Row[]
  readonly busyMs: number
  readonly meanwhile: Event[]
}

const LINES: readonly Row[] = [
  {
    name: 'Kettle\nenamel, blue',
    display_type: false,
    product_id: [31, '[KET-B] Kettle'],
    product_uom_qty: 2.0,
    price_unit: 21.0,
    price_subtotal: 42.0,
  },
  {
    name: 'Please leave it with the neighbor',
    display_type: 'line_note',
    product_id: false,
    product_uom_qty: 0.0,
    price_unit: 0.0,
    price_subtotal: 0.0,
  },
]

const makeEntry =
  (version: Version) =>
  (state: State, id: string, ordinal: number): Entry => {
    const documents = (rows: readonly Row[] = [], link: Row = {}): Row[] =>
      rows.map((row, index) => ({ ...row, ...link, id: ordinal * 10 + index }))
    const lines = documents(LINES, { order_id: id })
    const pickings = documents(state.pickings, { sale_id: id })
    const invoices = documents(state.invoices)
    const transactions = documents(state.transactions)
    const idsOf = (rows: readonly Row[]) => rows.map((row) => row['id'])
    const changed = { ...structuredClone(shown), ...structuredClone(state.order) }
    // 16 has no such field: an order that is locked is `done` there.
    const { locked, ...order } = changed
    return {
      order: {
        ...order,
        ...(version === '16' ? locked && { state: 'done' } : { locked }),
        id,
        name: `S${String(ordinal).padStart(5, '0')}`,
        client_order_ref: `WEB-${1000 + ordinal}`,
        order_line: idsOf(lines),
        picking_ids: idsOf(pickings),
        invoice_ids: idsOf(invoices),
        transaction_ids: idsOf(transactions),
      },
      lines,
      pickings,
      invoices,
      transactions,
      busyMs: state.busyMs ?? 0,
      meanwhile: [...(state.meanwhile ?? [])] as Event[],
    }
  }

export const createOrders = (version: Version) => createOrderBook(STATES, makeEntry(version))

/** The database keeps more of a time than Odoo tells. */
const write = (order: Row, change: Row): void => {
  const now = new Date().toISOString()
  Object.assign(order, change, {
    write_date: `${now.slice(0, 10)} ${now.slice(11, 23)}000`,
  })
}

export const lock = ({ order }: Entry, version: Version): void =>
  write(order, version === '16' ? { state: 'done' } : { locked: true })

export const deliver = ({ order, pickings }: Entry): void => {
  for (const picking of pickings) picking['state'] = 'done'
  write(order, { delivery_status: 'full' })
}

/** Deliveries that are done stay, and so do invoices that are posted (_action_cancel). */
export const cancel = ({ order, pickings, invoices }: Entry): void => {
  for (const picking of pickings) if (picking['state'] !== 'done') picking['state'] = 'cancel'
  for (const invoice of invoices) if (invoice['state'] === 'draft') invoice['state'] = 'cancel'
  const isLeft = pickings.some(({ state }) => state !== 'cancel')
  const delivery_status = isLeft ? order['delivery_status'] : false
  write(order, { state: 'cancel', invoice_status: 'no', delivery_status })
}
