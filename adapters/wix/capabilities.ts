/** What Wix's cancel can be told, each with its source. */
import type { Capabilities } from '../../src/adapter/index.ts'
import { ACTIVITIES, CANCEL, DASHBOARD, EXAMPLE, TYPES } from './sources.ts'

export const capabilities: Capabilities = {
  order: {
    can: 'choose',
    note:
      'Refused while a payment is pending, failed or held. Nobody says whether a ' +
      'fulfilled order can be canceled: the dashboard does not offer it, the API names no ' +
      'such refusal.',
    source: `${CANCEL}; ${DASHBOARD}`,
  },
  reason: {
    can: 'choose',
    buyerVisible: 'unknown',
    note:
      'Kept as an order activity (a merchant’s comment), written after the cancel; there ' +
      'is no field for it.',
    source: `${ACTIVITIES}; ${TYPES}: MERCHANT_COMMENT`,
  },
  notify: {
    can: 'choose',
    note: 'By sendOrderCanceledEmail.',
    source: CANCEL,
  },
  message: {
    can: 'choose',
    buyerVisible: 'yes',
    note: 'As customMessage, in that mail.',
    source: `${CANCEL}; ${TYPES}: 1 to 1,000 characters`,
  },
  restock: {
    can: 'choose',
    note: 'By restockAllItems: all lines or none, and products of Wix Stores only.',
    source: `${CANCEL}; ${EXAMPLE}: lineItems.restockQuantity`,
  },
  payment: {
    can: 'never',
    note:
      'Canceling refunds nothing; refund in Wix or by its own API. A held payment must be ' +
      'voided or captured first.',
    source: `${EXAMPLE}: paid stays, refunded is 0; ${DASHBOARD}`,
  },
  transfer: { can: 'never', source: `${CANCEL}: the Orders API has no order transfers` },
}
