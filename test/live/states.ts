/** What a cancel must come to on a real Medusa, by the state that the order was in. */
import type { OrderState } from './lab/medusa.ts'

export const TOTAL = '51.3971'
interface Expected {
  readonly status: 'succeeded' | 'rejected' | 'needs_attention'
  readonly cause?: string
  readonly payment: string
  readonly amount?: string
  readonly paymentStatus: string
  readonly order?: string
  readonly already?: boolean
}

export const STATES: Partial<Record<OrderState, Expected>> = {
  authorized: { status: 'succeeded', payment: 'automatic', amount: TOTAL, paymentStatus: 'voided' },
  guest: { status: 'succeeded', payment: 'automatic', amount: TOTAL, paymentStatus: 'voided' },
  promo: {
    status: 'succeeded',
    payment: 'automatic',
    amount: '47.069265',
    paymentStatus: 'voided',
  },
  captured: { status: 'succeeded', payment: 'automatic', amount: TOTAL, paymentStatus: 'refunded' },
  partially_captured: {
    status: 'succeeded',
    payment: 'automatic',
    amount: '5.00',
    paymentStatus: 'refunded',
  },
  partially_refunded: {
    status: 'succeeded',
    payment: 'automatic',
    amount: '46.3971',
    paymentStatus: 'refunded',
  },
  refunded: { status: 'succeeded', payment: 'withheld', paymentStatus: 'refunded' },
  fulfillment_canceled: {
    status: 'succeeded',
    payment: 'automatic',
    amount: TOTAL,
    paymentStatus: 'voided',
  },
  archived: { status: 'succeeded', payment: 'automatic', amount: TOTAL, paymentStatus: 'voided' },
  draft: { status: 'succeeded', payment: 'withheld', paymentStatus: 'unpaid' },
  draft_converted: { status: 'succeeded', payment: 'withheld', paymentStatus: 'unpaid' },
  lab_authorized: {
    status: 'succeeded',
    payment: 'automatic',
    amount: TOTAL,
    paymentStatus: 'voided',
  },
  lab_captured: {
    status: 'succeeded',
    payment: 'automatic',
    amount: TOTAL,
    paymentStatus: 'refunded',
  },
  lab_captured_slow: {
    status: 'succeeded',
    payment: 'automatic',
    amount: TOTAL,
    paymentStatus: 'refunded',
  },
  cancel_refused_by_provider: {
    status: 'succeeded',
    payment: 'failed',
    amount: TOTAL,
    paymentStatus: 'authorized',
  },
  refund_refused_by_provider: {
    status: 'succeeded',
    payment: 'failed',
    amount: TOTAL,
    paymentStatus: 'refund_failed',
  },
  canceled: { status: 'succeeded', payment: 'withheld', paymentStatus: 'voided', already: true },
  fulfilled: {
    status: 'rejected',
    cause: 'fulfilled',
    payment: 'withheld',
    paymentStatus: 'authorized',
    order: 'open',
  },
  shipped: {
    status: 'rejected',
    cause: 'fulfilled',
    payment: 'withheld',
    paymentStatus: 'authorized',
    order: 'open',
  },
  delivered: {
    status: 'rejected',
    cause: 'fulfilled',
    payment: 'withheld',
    paymentStatus: 'authorized',
    order: 'open',
  },
  completed: {
    status: 'rejected',
    cause: 'completed',
    payment: 'withheld',
    paymentStatus: 'authorized',
    order: 'completed',
  },
  edit_pending: {
    status: 'rejected',
    cause: 'open_change',
    payment: 'withheld',
    paymentStatus: 'authorized',
    order: 'open',
  },
  captured_edit_pending: {
    status: 'rejected',
    cause: 'open_change',
    payment: 'withheld',
    paymentStatus: 'paid',
    order: 'open',
  },
  return_requested: {
    status: 'rejected',
    cause: 'fulfilled',
    payment: 'withheld',
    paymentStatus: 'unpaid',
    order: 'open',
  },
  transfer_requested: {
    status: 'rejected',
    cause: 'open_change',
    payment: 'withheld',
    paymentStatus: 'authorized',
    order: 'open',
  },
}
