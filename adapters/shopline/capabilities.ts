/** What canceling can do on SHOPLINE, input by input, and where that is written. */
import type { Capabilities } from '../../src/adapter/index.ts'

export const DOCS =
  'https://developer.shopline.com/docs/admin-rest-api/order/order-management/cancel-order?version=v20260601'
const OLD_DOCS =
  'https://developer.shopline.com/doc/cdb180dc069f7d8d6877c0cdffe96f73/NjTxSauJ?version=v20230301'
const HELP = 'https://help.shopline.com/hc/en-001/articles/14350032923161-Canceling-orders'
const SDK = 'github.com/shoplineos/shopline-sdk-go@f73904c, rest/admin/v20260301/order'
/** Replies of a live store, recorded by a third party on 2026-09-02. */
const RECORDED =
  'recorded on v20260601 by NangoHQ/integration-templates@59fd4bf, integrations/shopline-oauth'

export const capabilities: Capabilities = {
  order: { can: 'choose', note: 'Before shipment only.', source: `${DOCS}; ${HELP}` },
  reason: {
    can: 'choose',
    buyerVisible: 'unknown',
    note: 'Sent as cancel_reason; the order gives it back.',
    source: `${DOCS}; ${RECORDED}`,
  },
  notify: {
    can: 'choose',
    note: 'By email. Whether a mail went out cannot be read back.',
    source: DOCS,
  },
  message: {
    can: 'never',
    note: 'The mail’s text is the shop’s own; no field carries one.',
    source: `${DOCS}: no such field`,
  },
  restock: {
    can: 'choose',
    note: 'By restock. The order shows afterwards which lines went back.',
    source: `${DOCS}; ${RECORDED}`,
  },
  payment: {
    can: 'choose',
    note:
      'By refund_type: OriginalPayment Refund sends the money back; without a wish Manual, which ' +
      'marks a refund and sends none. No cancel of a paid order was ever recorded, so the report ' +
      'says what the order shows afterwards.',
    source: `${DOCS}; ${SDK}/cancel_order.go`,
  },
  transfer: {
    can: 'never',
    note: 'There are no order transfers.',
    source: `${SDK}: no such call`,
  },
}

/** The same where a version of the API has neither `restock` nor `refund_type`. */
export const withoutPins: Partial<Capabilities> = {
  restock: {
    can: 'never',
    note: 'API versions before v20250601 have no restock.',
    source: OLD_DOCS,
  },
  payment: {
    can: 'unknown',
    note:
      'API versions before v20250601 have no refund_type, so a payment may go back ' +
      'by itself (later ones do so for PayPal).',
    source: `${OLD_DOCS}; ${DOCS}`,
  },
}
