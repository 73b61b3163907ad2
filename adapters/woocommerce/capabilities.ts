/** What a WooCommerce can do with each input, and what a second cancel does there. */
import type { Capabilities, Repeat } from '../../src/adapter/index.ts'
import { MAILS, NOTE_CONTROLLER, NOTES, ORDER, REFUND, STOCK, UPDATE } from './sources.ts'

export const capabilities: Capabilities = {
  order: {
    can: 'choose',
    note:
      'WooCommerce refuses no change of a status: which orders are canceled is this gateway’s ' +
      'policy (the setting cancelable).',
    source: `${UPDATE}; ${ORDER}: set_status`,
  },
  reason: {
    can: 'choose',
    buyerVisible: 'no',
    note: 'Kept as a private note of the order, written after the cancel.',
    source: `${NOTES}: customer_note`,
  },
  notify: {
    can: 'unknown',
    note:
      'The store’s e-mail settings decide, not the call: a mail to the buyer exists since 10.0, ' +
      'and only for orders that were processing or on hold. A message is mailed in any case.',
    source: `${MAILS}; https://github.com/woocommerce/woocommerce/pull/57987`,
  },
  message: {
    can: 'choose',
    buyerVisible: 'yes',
    note: 'As a note to the customer, which WooCommerce mails; written after the cancel.',
    source: `${NOTES}: customer_note`,
  },
  restock: {
    can: 'always',
    note: 'WooCommerce puts back what it took from the stock for this order.',
    source: `${STOCK}: wc_maybe_increase_stock_levels`,
  },
  payment: {
    can: 'never',
    note:
      'A status moves no money: POST /orders/{id}/refunds does, and is not called. A payment ' +
      'plugin may act on the status by itself.',
    source: `${REFUND}: api_refund; ${ORDER}: status_transition`,
  },
  transfer: { can: 'never', source: `${UPDATE}: there are no transfers` },
}

export const repeat: Repeat = {
  effect: 'harmless',
  source:
    `${ORDER}: set_status, where from and to are the same there is no transition, so no mail, no ` +
    `stock and no hook of a plugin; ${NOTE_CONTROLLER}: notes are not part of it`,
}
