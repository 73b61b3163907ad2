/** The canonical order: one shape for what every platform calls an order. */
import { z } from 'zod'
import { isNothing, isPositive, isSameMoney, minus, Money, nullable } from './money.ts'

export const ORDER_STATUSES = [
  'pending',
  'open',
  'completed',
  'canceled',
  'draft',
  'on_hold',
  'failed',
  'unknown',
] as const
export const PAYMENT_STATUSES = [
  'unpaid',
  'pending',
  'authorized',
  'partially_paid',
  'paid',
  'partially_refunded',
  'refunded',
  'refund_pending',
  'refund_failed',
  'voided',
  'failed',
  'unknown',
] as const
export const FULFILLMENT_STATUSES = [
  'unfulfilled',
  'partially_fulfilled',
  'fulfilled',
  'shipped',
  'delivered',
  'partially_returned',
  'returned',
  'canceled',
  'not_required',
  'unknown',
] as const

export const Customer = z
  .object({
    id: nullable(z.string()),
    email: nullable(z.string()),
    name: nullable(z.string()),
    phone: nullable(z.string()),
  })
  .meta({ id: 'Customer' })

export const Line = z
  .object({
    id: nullable(z.string()),
    title: nullable(z.string()),
    sku: nullable(z.string()),
    productId: nullable(z.string()),
    variantId: nullable(z.string()),
    quantity: nullable(z.number()),
    unitPrice: nullable(Money),
    total: nullable(Money),
  })
  .meta({ id: 'Line' })

export const Totals = z
  .object({
    subtotal: nullable(Money),
    discount: nullable(Money),
    shipping: nullable(Money),
    tax: nullable(Money),
    total: nullable(Money),
    paid: nullable(Money),
    refunded: nullable(Money),
  })
  .meta({ id: 'Totals' })

export const Order = z
  .object({
    id: z.string(),
    number: nullable(z.string()).meta({ description: 'The number people see.' }),
    status: z.enum(ORDER_STATUSES),
    paymentStatus: z.enum(PAYMENT_STATUSES),
    fulfillmentStatus: z.enum(FULFILLMENT_STATUSES),
    currency: nullable(z.string()),
    totals: Totals,
    customer: nullable(Customer),
    lines: nullable(z.array(Line)).meta({
      description: 'null where the platform did not tell them.',
    }),
    reason: nullable(z.string()),
    canceledAt: nullable(z.string()),
    createdAt: nullable(z.string()),
    updatedAt: nullable(z.string()),
    native: z
      .object({
        status: nullable(z.string()),
        paymentStatus: nullable(z.string()),
        fulfillmentStatus: nullable(z.string()),
      })
      .meta({ description: 'The platform’s own words.' }),
    readAt: z.string().meta({ description: 'When this was read from the platform.' }),
    adminUrl: z.string().optional().meta({
      description: 'Where the merchant finds it in the platform’s own admin, where that is known.',
    }),
  })
  .meta({
    id: 'Order',
    description: 'The canonical order. What a platform does not tell is null, never guessed.',
  })

export type Order = z.infer<typeof Order>
export type Line = z.infer<typeof Line>
export type Totals = z.infer<typeof Totals>
export type OrderStatus = Order['status']
export type PaymentStatus = Order['paymentStatus']
export type FulfillmentStatus = Order['fulfillmentStatus']

/**
 * By value, for platforms write one amount in several ways, also as nothing: many leave out what is
 * zero, so one that is not told and zero are no difference. What is told on one side only and is
 * not zero came to light, or can no longer be seen: never the same.
 */
const sameMoney = (a: Money | null, b: Money | null): boolean =>
  a && b ? isSameMoney(a, b) : isNothing(a) && isNothing(b)

const samePayment = (before: Order, after: Order): boolean =>
  before.paymentStatus === after.paymentStatus &&
  sameMoney(before.totals.paid, after.totals.paid) &&
  sameMoney(before.totals.refunded, after.totals.refunded)

/**
 * How far a payment has come in; every other state is about money that goes back, or is not known.
 */
const INCOMING: readonly PaymentStatus[] = [
  'unpaid',
  'pending',
  'authorized',
  'partially_paid',
  'paid',
]

/**
 * The buyer paid, or the merchant captured, in between. A cancel never takes money in, so that is
 * none of our doing.
 */
const cameIn = (before: Order, after: Order): boolean => {
  const from = INCOMING.indexOf(before.paymentStatus)
  const paidMore =
    sameMoney(before.totals.paid, after.totals.paid) ||
    before.totals.paid === null ||
    isPositive(minus(after.totals.paid, before.totals.paid))
  return (
    from >= 0 &&
    INCOMING.indexOf(after.paymentStatus) >= from &&
    sameMoney(before.totals.refunded, after.totals.refunded) &&
    paidMore
  )
}

/**
 * Whether money went out between two looks at one order, or a hold on it was given up: what a
 * cancel may have done.
 */
export const moneyMoved = (before: Order, after: Order): boolean =>
  !samePayment(before, after) && !cameIn(before, after)

/** Whether nothing that a cancel could have touched differs between two looks at one order. */
export const unchanged = (before: Order, after: Order): boolean =>
  before.status === after.status &&
  before.native.status === after.native.status &&
  before.fulfillmentStatus === after.fulfillmentStatus &&
  sameMoney(before.totals.total, after.totals.total) &&
  samePayment(before, after)

/** Personal data is kept with a record only while it is open; see the contract's retention rule. */
export const withoutCustomer = (order: Order | null): Order | null =>
  order && { ...order, customer: null }
