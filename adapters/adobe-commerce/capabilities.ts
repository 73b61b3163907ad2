/** What Adobe Commerce can do with each input of a cancellation, and where that is written. */
import type { Adapter, Capabilities } from '../../src/adapter/index.ts'
import { CODE, ISSUES, ORDER, SCHEMA, SERVICE } from './sources.ts'

const COMMENT = `${SCHEMA}: POST /V1/orders/{id}/comments; ${SERVICE}: addComment`

export const capabilities: Capabilities = {
  order: {
    can: 'choose',
    note: 'Orders of which nothing is invoiced, and nothing shipped unless the store says so.',
    source: `${SCHEMA}: POST /V1/orders/{id}/cancel; ${SERVICE}: cancel; ${ORDER}: canCancel`,
  },
  reason: {
    can: 'choose',
    buyerVisible: 'no',
    note: 'Kept as a comment of the order that the buyer does not see, written after the cancel.',
    source: COMMENT,
  },
  notify: {
    can: 'choose',
    note: 'Only with a message, which is mailed as a comment; a cancel itself mails nothing.',
    source: `${ORDER}: cancel; ${COMMENT}`,
  },
  message: {
    can: 'choose',
    buyerVisible: 'yes',
    note: 'A comment that Magento is told to mail; a store may have such mails switched off.',
    source: `${COMMENT}, then OrderCommentSender`,
  },
  restock: {
    can: 'always',
    note: 'What is canceled can be sold again at once; what was shipped stays out.',
    source:
      `${ORDER}: registerCancellation; github.com/mage-os/mageos-inventory@3e419a1a, ` +
      'CancelOrderItemObserver: a reservation of the contrary for each item',
  },
  payment: {
    can: 'never',
    note:
      'A cancel refunds nothing: what is invoiced is refused. A hold is voided at the provider ' +
      'where the payment method can.',
    source: `${ORDER}: canCancel, cancel; ${CODE}@004c9bb9, Sales/Model/Order/Payment.php: cancel`,
  },
  transfer: { can: 'never', source: `${SCHEMA}: no address has to do with one` },
}

export const repeat: Adapter['repeat'] = {
  effect: 'refused',
  source:
    `${SERVICE}: cancel answers false where canCancel() does, and saves nothing; up to 2.2 it ` +
    `answered true and did nothing (${ISSUES}/4479, 10803)`,
}
