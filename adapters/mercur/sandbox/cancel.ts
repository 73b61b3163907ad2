/**
 * What Mercur does when an order is canceled, money first and questions later: kept apart because
 * this is what the gateway must survive.
 */
import { isOpen, now, openChange, ordered, sum } from './orders.ts'
import type { Order, Payment, Version } from './orders.ts'

/** An answer other than 2xx, as Medusa's error handler words it. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 500
  readonly type: string | undefined
  constructor(status: Refusal['status'], type: string | undefined, message: string) {
    super(message)
    this.status = status
    this.type = type
  }
}

const canceled = (order: Order) =>
  new Refusal(400, 'invalid_data', `Order with id ${order.id} has been canceled.`)
const refundable = (payment: Payment) =>
  payment.capturedAt === null ? 0 : payment.amount - sum(payment.refunds)
const tooMuch = (payment: Payment) =>
  new Refusal(
    400,
    'invalid_data',
    `Payment with id ${payment.id} is trying to refund amount greater than the refundable amount`,
  )
const refund = (payment: Payment, amount: number, by: string | null) =>
  payment.refunds.push({ amount, by, at: now() })
const validate = (order: Order) => {
  if (order.status === 'canceled') throw canceled(order)
  if (order.fulfilledAt !== null)
    throw new Refusal(
      400,
      'not_allowed',
      'All fulfillments must be canceled before canceling an order',
    )
}
const close = (order: Order) => {
  const at = now()
  Object.assign(order, { status: 'canceled', canceledAt: at, updatedAt: at })
}

export const createCancels = (version: Version, processingMs: number) => {
  const cancels = new Map<string, number>()
  const overlaps = new Map<string, number>()
  const running = new Map<string, number>()
  const add = (map: Map<string, number>, key: string, by: number) =>
    map.set(key, (map.get(key) ?? 0) + by)
  const half = () => new Promise((done) => setTimeout(done, processingMs / 2))

  /**
   * Nothing locks: whoever comes while another cancel of the purchase is at work is only counted.
   */
  const processing = async (order: Order, work: () => Promise<void>) => {
    const { id } = order.purchase
    add(cancels, order.id, 1)
    if ((running.get(id) ?? 0) > 0) add(overlaps, id, 1)
    add(running, id, 1)
    try {
      await work()
    } finally {
      add(running, id, -1)
    }
  }

  /**
   * Medusa's own workflow (core-flows `cancel-order`): admin on both versions, vendor on 2. It
   * knows nothing of split payments.
   */
  const cancelStock = async (order: Order, by: string) => {
    validate(order)
    await processing(order, async () => {
      const { payment, orders: siblings } = order.purchase
      const wanted = refundable(payment)
      await half()
      let failure: Refusal | undefined
      if (payment.capturedAt === null) payment.canceledAt ??= now()
      else if (wanted > refundable(payment)) failure = tooMuch(payment)
      else if (wanted > 0) {
        refund(payment, wanted, by)
        // The refund cannot be booked on a payment of several orders, and it stays:
        // v1-admin-cancel-one-of-two, v2-vendor-cancel-captured-shared-payment.
        if (siblings.length > 1)
          failure = new Refusal(500, 'unknown_error', 'An unknown error occurred.')
        // 2.11.3 runs the credit line beside the refund and the summary misses the refund:
        // v1-admin-cancel-success.
        else order.transactions.push({ amount: -wanted, at: now(), summed: version === '2' })
      }
      if (failure !== undefined && version === '2') throw failure
      if (order.status === 'canceled') throw canceled(order)
      // Only now, with the money moved: v1- and v2-admin-cancel-order-while-transfer-pending.
      if (order.changes.some(isOpen))
        throw new Refusal(
          400,
          'invalid_data',
          `Order (${order.id}) already has an existing active order change`,
        )
      if (failure !== undefined) throw failure
      const change = openChange(order, {
        type: 'credit_line',
        status: 'pending',
        by: null,
        action: {
          name: 'CREDIT_LINE_ADD',
          reference: 'payment_collection',
          referenceId: payment.collectionId,
        },
      })
      await half()
      change.status = 'confirmed'
      order.version += 1
      // 1: the whole payment every time, so a retried order of 45 ends at -66
      // (v1-admin-cancel-one-of-two-retry); 2: what was refunded just now.
      order.credits.push({ amount: version === '1' || wanted > 0 ? payment.amount : 0, at: now() })
      payment.status = 'canceled'
      close(order)
    })
  }

  /**
   * Mercur 1's `cancel-single-order`: only this order's part of the payment, and no look at open
   * changes.
   */
  const cancelOwn = async (order: Order) => {
    validate(order)
    await processing(order, async () => {
      const { payment } = order.purchase
      const part = ordered(order)
      if (order.splitRefunded > 0) throw new Refusal(400, 'not_allowed', 'Invalid refund amount!')
      // v1-vendor-cancel-after-admin-cancelled-sibling
      if (part > refundable(payment)) throw tooMuch(payment)
      await half()
      await half()
      refund(payment, part, null)
      order.transactions.push({ amount: -part, at: now(), summed: true })
      order.splitRefunded = part
      close(order)
    })
  }

  return { cancels, overlaps, cancelStock, cancelOwn }
}

/** Medusa's `cancel-transfer-order-request`; for an admin user any open change will do. */
export const cancelTransfer = (
  order: Order,
  actor: { readonly type: string; readonly id: string },
) => {
  if (order.status === 'canceled') throw canceled(order)
  const change = order.changes.find(isOpen)
  if (change === undefined)
    throw new Refusal(400, 'invalid_data', 'An active Order Change is required to proceed')
  if (actor.type !== 'user' && change.action?.referenceId !== actor.id) {
    throw new Refusal(400, 'not_allowed', 'This customer is not allowed to cancel the transfer.')
  }
  order.changes = order.changes.filter((one) => one !== change)
}

export const writeMetadata = (
  order: Order,
  written: Readonly<Record<string, unknown>>,
  by: string,
) => {
  if (order.status === 'canceled') throw canceled(order)
  order.metadata = Object.fromEntries(
    Object.entries({ ...order.metadata, ...written }).filter(([, value]) => value !== ''),
  )
  order.updatedAt = now()
  order.changes.push({
    type: 'update_order',
    status: 'confirmed',
    version: order.version,
    by,
    at: order.updatedAt,
    action: null,
  })
}
