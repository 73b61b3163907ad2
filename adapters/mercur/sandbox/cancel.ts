/**
 * What Mercur does when an order is canceled, money first and questions later: kept apart because
 * this is what the gateway must survive.
 */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { pause, readJson } from '../../../src/adapter/sandbox-kit.ts'
import * as orders from './orders.ts'
import type { Fields, Order, Version } from './orders.ts'

type Status = 400 | 401 | 403 | 404 | 500

export const json = (body: unknown, status = 200): Response =>
  Response.json(body, { status, headers: { 'content-type': 'application/json; charset=utf-8' } })
/** An answer other than 2xx, as Medusa's error handler words it. */
export const refusal = (status: Status, type: string | undefined, message: string) =>
  new HTTPException(status, {
    message,
    res: json({ code: status === 500 ? type : undefined, type, message }, status),
  })
export const invalid = (message: string) => refusal(400, 'invalid_data', message)
export const notAllowed = (message: string) => refusal(400, 'not_allowed', message)
export const unforeseen = () => refusal(500, 'unknown_error', 'An unknown error occurred.')
/** Medusa validates strictly, and does nothing when it does not know a name. */
export const refuseUnknown = (found: object, known: readonly string[]): void => {
  const unknown = Object.keys(found).filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw invalid(
      `Invalid request: Unrecognized fields: ${unknown.map((name) => `'${name}'`).join(', ')}`,
    )
}
const canceled = ({ id }: Order) => invalid(`Order with id ${id} has been canceled.`)
const tooMuch = ({ purchase: { payment } }: Order) =>
  invalid(
    `Payment with id ${payment.id} is trying to refund amount greater than the refundable amount`,
  )

type Work = (order: Order, half: () => Promise<void>) => Promise<void>

/**
 * Medusa's own workflow (core-flows `cancel-order`): admin on both versions, vendor on 2. It knows
 * nothing of split payments.
 */
const stock =
  (version: Version): Work =>
  async (order, half) => {
    const { purchase } = order
    const wanted = orders.refundable(purchase)
    await half()
    let failure: Error | undefined
    const shared = purchase.orders.length > 1
    if (purchase.payment.captured_at === null) orders.voidPayment(purchase)
    else if (wanted > orders.refundable(purchase)) failure = tooMuch(order)
    else if (wanted > 0) {
      // 2.11.3 runs the credit line beside the refund and the summary misses the refund:
      // v1-admin-cancel-success.
      orders.refund(order, wanted, version === '2' && !shared)
      // The refund cannot be booked on a payment of several orders, and it stays:
      // v1-admin-cancel-one-of-two, v2-vendor-cancel-captured-shared-payment.
      if (shared) failure = unforeseen()
    }
    if (failure && version === '2') throw failure
    if (order.told.status === 'canceled') throw canceled(order)
    // Only now, with the money moved: v1- and v2-admin-cancel-order-while-transfer-pending.
    if (order.changes.some(orders.isOpen))
      throw invalid(`Order (${order.id}) already has an existing active order change`)
    if (failure) throw failure
    const change = orders.openChange(order, 'credit_line')
    change.status = 'pending'
    await half()
    change.status = 'confirmed'
    // 1: the whole payment every time, so a retried order of 45 ends at -66
    // (v1-admin-cancel-one-of-two-retry); 2: what was refunded just now.
    orders.closeWithCredit(order, version === '1' || wanted > 0 ? purchase.collection.amount : 0)
  }

/**
 * Mercur 1's `cancel-single-order`: only this order's part of the payment, and no look at open
 * changes.
 */
const own: Work = async (order, half) => {
  if (order.told.split_order_payment.refunded_amount > 0) throw notAllowed('Invalid refund amount!')
  // v1-vendor-cancel-after-admin-cancelled-sibling
  if (order.told.original_total > orders.refundable(order.purchase)) throw tooMuch(order)
  await half()
  await half()
  orders.refundPart(order)
}

export const createCancels = (version: Version, processingMs: number) => {
  const cancels = new Map<string, number>()
  const overlaps = new Map<string, number>()
  const running = new Map<string, number>()
  const add = (map: Map<string, number>, key: string, by = 1) =>
    map.set(key, (map.get(key) ?? 0) + by)

  /**
   * Nothing locks: whoever comes while another cancel of the purchase is at work is only counted.
   */
  const processing = (work: Work) => async (order: Order) => {
    if (order.told.status === 'canceled') throw canceled(order)
    if (order.told.fulfillments.length > 0)
      throw notAllowed('All fulfillments must be canceled before canceling an order')
    const { id } = order.purchase
    add(cancels, order.id)
    if (running.get(id)) add(overlaps, id)
    add(running, id)
    try {
      await work(order, () => pause(processingMs / 2))
    } finally {
      add(running, id, -1)
    }
  }
  return { cancels, overlaps, cancelStock: processing(stock(version)), cancelOwn: processing(own) }
}

/**
 * Medusa's `cancel-transfer-order-request`; for an admin user any open change will do. `actor`: a
 * customer's id, or Medusa's name of another kind of actor.
 */
export const cancelTransfer = (order: Order, actor: string): void => {
  if (order.told.status === 'canceled') throw canceled(order)
  const change = order.changes.find(orders.isOpen)
  if (!change) throw invalid('An active Order Change is required to proceed')
  if (actor !== 'user' && change.actions.every(({ reference_id: id }) => id !== actor))
    throw notAllowed('This customer is not allowed to cancel the transfer.')
  order.changes = order.changes.filter((one) => one !== change)
}

export const writeMetadata = async (order: Order, c: Context): Promise<void> => {
  const { metadata, ...others } = ((await readJson(c.req.raw)) ?? {}) as { metadata?: Fields }
  refuseUnknown(others, [])
  const { told } = order
  if (told.status === 'canceled') throw canceled(order)
  const kept = Object.entries({ ...told.metadata, ...metadata }).filter(([, one]) => one !== '')
  Object.assign(told, { metadata: Object.fromEntries(kept), updated_at: orders.now() })
  orders.openChange(order, 'update_order')
}
