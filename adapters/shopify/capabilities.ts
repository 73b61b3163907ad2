/** What of a request Shopify's cancel can do, and where that is written. */
import type { Capabilities, Repeat } from '../../src/adapter/index.ts'
import { CANCEL, RECORDED, SCHEMA } from './sources.ts'

/** What a staff note holds. */
export const NOTE_LENGTH = 255

export const capabilities: Capabilities = {
  order: {
    can: 'choose',
    note:
      'By a job that Shopify runs afterwards. Refused with a fulfillment, a return in progress ' +
      'or an authorization that is pending.',
    source: `${CANCEL}; ${RECORDED}: orders/orderCancel-parity, orders/orderCancel-error-messages`,
  },
  reason: {
    can: 'choose',
    buyerVisible: 'no',
    maxLength: NOTE_LENGTH,
    note: 'The code as reason, which Shopify demands (OTHER without one); the text as staffNote.',
    source: `${SCHEMA}: staffNote is not visible to the customer; ${RECORDED}: 255 characters`,
  },
  notify: {
    can: 'choose',
    note: 'By notifyCustomer.',
    source: `${CANCEL}: notifyCustomer`,
  },
  message: {
    can: 'never',
    note: 'The mail’s text is the shop’s own; no argument carries one.',
    source: `${SCHEMA}: orderCancel has no such argument`,
  },
  restock: {
    can: 'choose',
    note: 'By restock. Goods of a location that was deactivated are not put back.',
    source: `${CANCEL}: restock`,
  },
  payment: {
    can: 'choose',
    note:
      'By refundMethod, to the original payment methods; without a wish none is sent, and what ' +
      'is paid stays. A hold is released whatever was asked.',
    source:
      `${CANCEL}: refundMethod; ${RECORDED}: orders/orderCancel-restock-refundMethod-parity, ` +
      'orders/fulfillment-create-preconditions, customers/customer-order-summary-read-effects',
  },
  transfer: { can: 'never', source: `${SCHEMA}: no mutation transfers an order` },
}

export const repeat: Repeat = {
  effect: 'refused',
  source:
    `${RECORDED}: orders/orderCancel-error-messages; also while the first is at it ` +
    '(orders/orderCustomerSet-and-Remove-error-paths-cleanup)',
}
