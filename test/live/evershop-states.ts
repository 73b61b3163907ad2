/** What a cancel must come to on a real EverShop, by the state that the order was in. */
import type { OrderState } from './lab/evershop/orders.ts'

interface Expected {
  readonly status: 'succeeded' | 'rejected' | 'needs_attention'
  readonly cause?: string
  readonly already?: boolean
  /** The outcome of the payment, where the order is canceled; withheld where it is not told. */
  readonly payment?: 'automatic' | 'withheld'
  /** The platform's own words afterwards: order, payment, shipment. */
  readonly words: string
}

const canceled = (shipment = 'pending'): Expected => ({
  status: 'succeeded',
  words: `canceled canceled ${shipment}`,
})
const refused = (cause: string, words: string): Expected => ({ status: 'rejected', cause, words })
const attention = (words: string): Expected => ({ status: 'needs_attention', words })

export const STATES: Readonly<Record<OrderState, Expected>> = {
  pending: canceled(),
  pending_customer: canceled(),
  coupon: canceled(),
  taxed: canceled(),
  untracked: canceled(),
  jpy: canceled(),
  partially_shipped: canceled('canceled'),
  shipped: canceled('canceled'),
  partially_delivered: canceled('partially_delivered'),
  shipment_canceled: canceled('canceled'),
  canceled: { ...canceled(), already: true },
  stripe_authorized: { ...canceled(), payment: 'automatic' },
  stripe_authorized_no_transaction: canceled(),
  paid: refused('payment_captured', 'processing paid pending'),
  shipped_paid: refused('payment_captured', 'processing paid shipped'),
  stripe_captured: refused('payment_captured', 'processing stripe_captured pending'),
  stripe_partial_refunded: refused(
    'payment_captured',
    'processing stripe_partial_refunded pending',
  ),
  paypal_captured: refused('payment_captured', 'processing paypal_captured pending'),
  paypal_captured_no_transaction: refused('payment_captured', 'processing paypal_captured pending'),
  stripe_refunded: refused('completed', 'closed stripe_refunded pending'),
  completed: refused('completed', 'completed paid delivered'),
  delivered: refused('fulfilled', 'processing pending delivered'),
  digital: refused('fulfilled', 'processing pending delivered'),
  shipment_partially_canceled: refused('refused', 'processing pending partially_canceled'),
  // Its provider says no, or is not reached: 500, and whether a hold is gone cannot be seen.
  stripe_authorized_refusing: attention('processing stripe_authorized pending'),
  stripe_failed: attention('new stripe_failed pending'),
  paypal_authorized: attention('processing paypal_authorized pending'),
}
