/** What Odoo does with each input of a cancellation, and where that is written. */
import type { Capabilities } from '../../src/adapter/index.ts'
import { SALE, SALE_STOCK } from './sources.ts'

const WIZARD =
  'action_cancel mails nobody; the wizard sale.order.cancel of 16 to 18 is another call, which ' +
  'mails and cancels in one and mails again when repeated; 19 has none'

export const capabilities: Capabilities = {
  order: {
    can: 'choose',
    note:
      'Quotations and confirmed orders of which nothing was delivered, no invoice is posted and ' +
      'no payment is held.',
    source: `${SALE}: action_cancel asks for none of that, so it is read before`,
  },
  reason: {
    can: 'choose',
    buyerVisible: 'no',
    note: 'Kept as an internal note of the order, written after the cancel.',
    source:
      'message_post with the subtype mail.mt_note, public API of the module mail; its portal ' +
      'shows mail.mt_comment alone. Not measured',
  },
  notify: {
    can: 'never',
    note: 'The cancel mails nobody.',
    source: `${SALE}: ${WIZARD}`,
  },
  message: {
    can: 'never',
    note: 'There is no mail to carry it.',
    source: `${SALE}: ${WIZARD}`,
  },
  restock: {
    can: 'always',
    note:
      'Its open deliveries are canceled and what they reserved is free; goods that left would ' +
      'stay where they are.',
    source: `${SALE_STOCK}: each delivery that is not done is canceled`,
  },
  payment: {
    can: 'never',
    note:
      'Draft invoices are canceled with the order; posted ones and online payments stay as they ' +
      'are.',
    source: `${SALE}: _action_cancel touches draft invoices alone, and no payment`,
  },
  transfer: { can: 'never', source: `${SALE}: there are no transfers` },
}
