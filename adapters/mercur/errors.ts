/** What Mercur's refusals mean, and where each was seen. */
import type { ErrorRule } from '../../src/adapter/index.ts'
import { BOTH, MEDUSA } from './capabilities.ts'
import { ASKS_AGAIN } from './wire.ts'

const V1 = 'recorded on Mercur 1.5.3, 2026-11-21'
const V2 = 'recorded on Mercur 2.1.5, 2026-11-21'

export const errors: readonly ErrorRule[] = [
  { status: 401, means: 'credentials', source: `${BOTH}: v1-, v2-admin-cancel-no-token` },
  {
    status: 403,
    code: 'forbidden',
    means: 'credentials',
    source: `${V2}: v2-admin-cancel-secret-key-rbac`,
  },
  {
    status: 403,
    message: /not allowed to perform this action/,
    means: 'order_not_found',
    source: `${V1}: v1-vendor-cancel-other-seller, v1-vendor-cancel-unknown-order`,
  },
  {
    status: 404,
    code: 'not_found',
    means: 'order_not_found',
    source: `${BOTH}: v1-, v2-admin-cancel-unknown-order, v2-vendor-cancel-unknown-order`,
  },
  {
    status: 400,
    message: /x-seller-id header is required|not a member of this seller account/,
    means: 'credentials',
    source: `${V2}: v2-vendor-cancel-no-seller-header, v2-vendor-cancel-foreign-seller-header`,
  },
  {
    status: 400,
    message: /publishable (API )?key/i,
    means: 'credentials',
    source: `${BOTH}: v1-, v2-transfer-cancel-no-publishable-key, -bad-publishable-key`,
  },
  {
    status: 400,
    message: /has been canceled/,
    means: 'already_canceled',
    source: `${BOTH}: v1-vendor-cancel-twice, v2-vendor-cancel-twice`,
  },
  {
    status: 400,
    message: /Cannot cancel a completed order/,
    means: 'completed',
    source: `${MEDUSA}: cancel-400-completed (Mercur 2.2 and later stand on such a Medusa)`,
  },
  {
    status: 400,
    message: /All fulfillments must be canceled/,
    means: 'fulfilled',
    source:
      `${BOTH}: v1- and v2-vendor-cancel-with-fulfillment, ` +
      'v1- and v2-admin-cancel-with-fulfillment',
  },
  {
    status: 400,
    message: /already has an existing active order change/,
    means: 'open_change',
    source: `${BOTH}: v1-, v2-admin-cancel-order-while-transfer-pending`,
  },
  {
    status: 400,
    message: /Invalid refund amount/,
    means: 'payment_pending',
    source: `${V1}: v1-vendor-cancel-split-payment-not-captured`,
  },
  {
    status: 400,
    message: /refund amount greater than the refundable amount/,
    means: 'shared_payment',
    source: `${V1}: v1-vendor-cancel-after-admin-cancelled-sibling`,
  },
  {
    status: 400,
    message: /An active Order Change is required/,
    means: 'nothing_pending',
    source: `${BOTH}: v1-, v2-transfer-cancel-never-requested, -twice`,
  },
  {
    status: 400,
    message: /not allowed to cancel the transfer/,
    means: 'refused',
    source: `${BOTH}: v1-, v2-transfer-cancel-order-owner`,
  },
  ...ASKS_AGAIN,
  {
    status: 500,
    means: 'doubt',
    source:
      `${BOTH}: v1-admin-cancel-one-of-two, v2-vendor-cancel-captured-shared-payment: ` +
      'the whole purchase was refunded',
  },
]
