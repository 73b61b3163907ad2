/** Reads an order, and the documents that Odoo's own cancel does not look at. */
import type { z } from 'zod'
import { CallFailure, type Connection, failureOf } from '../../src/adapter/index.ts'
import { type Access, callOf, fieldsOf, ofCompany, type Settings } from './access.ts'
import type { Documents } from './map.ts'
import * as wire from './wire.ts'

/** An id as the server has it: a number, but for the words of the imitation's orders. */
const isNumber = (orderId: string): boolean => /^\d+$/.test(orderId)
export const native = (orderId: string): number | string =>
  isNumber(orderId) ? Number(orderId) : orderId

/** The largest id: a PostgreSQL integer. */
const LARGEST = 2_147_483_647
const WORD = /^[a-z]+(?:[-_][a-z\d]+)*$/

export const canonicalId = (orderId: string): string | null => {
  if (WORD.test(orderId)) return orderId
  const id = isNumber(orderId) ? Number(orderId) : 0
  return id >= 1 && id <= LARGEST ? String(id) : null
}

/** `search_read` finds no order that is not there, or not the login's; `read` would fail. */
export const searchOf = (
  access: Access,
  fields: readonly string[],
  domain: readonly unknown[],
  limit: number,
) =>
  callOf(
    access,
    'sale.order',
    'search_read',
    { domain: [...domain, ...ofCompany(access.settings)] },
    { fields, order: 'id desc', limit },
    wire.SalesReply,
  )

/** A server may fail on a word in the place of an id: there is no such order, whatever it says. */
const isNoId = (orderId: string, error: unknown): boolean =>
  !isNumber(orderId) &&
  error instanceof CallFailure &&
  error.failure.kind === 'doubt' &&
  typeof error.failure.upstream?.code === 'string'

export const readSale = async (
  connection: Connection<Settings>,
  access: Access,
  orderId: string,
): Promise<wire.Sale> => {
  const fields = await fieldsOf(connection, access)
  try {
    const [sale] = await connection.send({
      ...searchOf(access, fields, [['id', '=', native(orderId)]], 1),
      about: { orderId, ids: (sales: wire.Sale[]) => sales.map(({ id }) => id) },
    })
    if (sale) return sale
  } catch (error) {
    if (!isNoId(orderId, error)) throw error
  }
  throw failureOf('order_not_found', '200 no order')
}

/** As many as the order says that it has: what a rule hides from the login may be in the way. */
const complete = <Row>(rows: readonly Row[], ids: readonly unknown[]): readonly Row[] => {
  if (rows.length < ids.length) throw failureOf('credentials', '200 documents are hidden')
  return rows
}

/** Rows of a model that belong to an order. */
const rowsOf =
  (connection: Connection<Settings>, access: Access) =>
  <T extends z.ZodType>(
    model: string,
    domain: readonly unknown[],
    fields: readonly string[],
    reply: T,
  ): Promise<z.output<T>> =>
    connection.send(callOf(access, model, 'search_read', { domain }, { fields }, reply))

/** One call after the other: Odoo's own hosting is not asked twice at once. */
export const readDocuments = async (
  connection: Connection<Settings>,
  access: Access,
  sale: wire.Sale,
): Promise<Documents> => {
  const rows = rowsOf(connection, access)
  const orderId = native(sale.id)
  const { picking_ids: pickingIds, invoice_ids: invoiceIds, transaction_ids: paymentIds } = sale
  const ofOrder = [['order_id', '=', orderId]]
  const lines = await rows('sale.order.line', ofOrder, wire.LINE_FIELDS, wire.LinesReply)
  const delivering = ['|', ['sale_id', '=', orderId], ['id', 'in', pickingIds]]
  const pickings =
    pickingIds && (await rows('stock.picking', delivering, wire.PICKING_FIELDS, wire.PickingsReply))
  const among = (ids: readonly unknown[]) => [['id', 'in', ids]]
  const invoices =
    invoiceIds.length === 0
      ? []
      : await rows('account.move', among(invoiceIds), wire.INVOICE_FIELDS, wire.InvoicesReply)
  const transactions =
    paymentIds.length === 0
      ? []
      : await rows(
          'payment.transaction',
          among(paymentIds),
          wire.TRANSACTION_FIELDS,
          wire.TransactionsReply,
        )
  return {
    lines,
    pickings: pickings && pickingIds ? complete(pickings, pickingIds) : null,
    invoices: complete(invoices, invoiceIds),
    transactions: complete(transactions, paymentIds),
  }
}
