/** What of a request Mercur can do, by version and login, and where that is written. */
import type { Capabilities, Repeat } from '../../src/adapter/index.ts'
import { accessOf, type Settings } from './access.ts'

export const BOTH = 'recorded on Mercur 1.5.3 (v1-) and 2.1.5 (v2-), 2026-11-21'
export const MEDUSA = 'recorded on Medusa 2.21.2, 2026-11-21'
export const DOCS = 'https://docs.mercurjs.com/references/api/vendor/orders/cancel-order'
const SOURCE = 'github.com/mercurjs/mercur'

/** What a version or a missing login changes. */
export const narrow = (settings: Settings): Partial<Capabilities> => {
  const { version } = settings
  return {
    ...(version === '2.3' && {
      payment: {
        can: 'unknown',
        note:
          'The payment is linked to the cart only, so a cancel should neither refund nor ' +
          'void. Never measured: refund apart.',
        source:
          `${SOURCE}@v2.3.1: ` +
          'packages/core/src/workflows/cart/workflows/complete-cart-with-split-orders.ts',
      } as const,
    }),
    ...(accessOf(settings, version ?? '2').reader === 'vendor' && {
      reason: {
        can: 'never',
        note: 'Only an admin may write an order’s metadata; the store has a vendor’s login alone.',
        source: `${SOURCE}@v1.5.3 and @v2.1.5: no route of api/vendor/orders updates an order`,
      } as const,
    }),
  }
}

export const capabilities: Capabilities = {
  order: {
    can: 'choose',
    note: 'On 1.x by the vendor, else by the admin; a purchase is canceled order by order.',
    source:
      `${BOTH}: v1-vendor-cancel-success, v1-admin-cancel-success, ` +
      'v2-admin-cancel-success, v2-vendor-cancel-success-one-seller',
  },
  reason: {
    can: 'choose',
    buyerVisible: 'no',
    note: 'Kept in the order’s metadata by an admin login, written before the cancel.',
    source:
      `${MEDUSA}: metadata-set-before, metadata-set-after-cancel; Mercur keeps that ` +
      `route (${SOURCE}@v1.5.3 and @v2.1.5)`,
  },
  notify: {
    can: 'never',
    note:
      'No way to ask for it, or to hold it back. Mercur 2 sends no mail by itself; Mercur ' +
      '1’s resend package, where it is installed, mails buyer and seller on every cancel.',
    source:
      `${SOURCE}@v2.1.5: no subscriber of order.canceled; @v1.5.3: ` +
      'packages/modules/resend/src/subscribers/notification-buyer-cancel-order.ts',
  },
  message: {
    can: 'never',
    note: 'No mail of ours to carry it.',
    source: `${SOURCE}@v1.5.3 and @v2.1.5: the cancel routes read no body`,
  },
  restock: {
    can: 'always',
    note: 'The order’s reservations are released.',
    source: `${BOTH}: v1-observations, v2-observations`,
  },
  payment: {
    can: 'always',
    note:
      '1.x by the vendor: refunds the order’s own part. Otherwise the payment of the ' +
      'whole purchase is refunded or voided. From 2.3 on (unmeasured): untouched.',
    source:
      `${BOTH}: v1-vendor-cancel-success, v1-admin-cancel-one-of-two, ` +
      'v2-admin-cancel-one-of-two, v2-vendor-cancel-captured-shared-payment',
  },
  transfer: {
    can: 'choose',
    note: 'By the customer’s token, or by an admin user’s login.',
    source: `${BOTH}: v1-, v2-transfer-cancel-success, v1-, v2-admin-transfer-cancel-jwt`,
  },
}

export const repeat: Repeat = {
  effect: 'refused',
  source:
    `${BOTH}: v1-vendor-cancel-twice, v1-admin-cancel-one-of-two-third, ` +
    'v2-vendor-cancel-twice, v2-admin-cancel-one-of-two-retry',
}
