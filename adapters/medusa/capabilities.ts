/** What of a request Medusa can do, and where that is written. */
import type { Adapter, Capabilities, Repeat } from '../../src/adapter/index.ts'

export const LAB = 'recorded on Medusa 2.21.2, 2026-11-21'
export const DOCS = 'https://docs.medusajs.com/api/admin#orders_postordersidcancel'

export const capabilities: Capabilities = {
  order: { can: 'choose', source: `${DOCS}; ${LAB}` },
  reason: {
    can: 'choose',
    buyerVisible: 'no',
    note: 'Kept in the order’s metadata, written before the cancel; there is no field for it.',
    source: `${LAB}: metadata-set-before, metadata-set-after-cancel`,
  },
  notify: {
    can: 'never',
    note: 'Medusa emits an event and sends no mail by itself.',
    source: `${LAB}: no subscriber in @medusajs/medusa sends one`,
  },
  message: {
    can: 'never',
    note: 'There is no mail to carry it.',
    source: `${LAB}: no subscriber in @medusajs/medusa sends one`,
  },
  restock: {
    can: 'always',
    note: 'Medusa releases the order’s reservations.',
    source: `${LAB}: cancel-200-authorized`,
  },
  payment: {
    can: 'always',
    note: 'Medusa refunds what was captured and voids what was authorized.',
    source: `${LAB}: cancel-200-captured, cancel-200-authorized`,
  },
  transfer: {
    can: 'choose',
    note: 'By the customer’s token, or by an admin user’s login.',
    source: `${LAB}: transfer-cancel-200, admin-transfer-cancel-jwt-200`,
  },
}

export const repeat: Repeat = {
  effect: 'refused',
  source: `${LAB}: cancel-400-already-canceled`,
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'unknown',
  source:
    'github.com/medusajs/medusa, packages/medusa/src/api/admin/orders: no route opens a canceled ' +
    'order, and none completes it (order-module-service.ts); what a shop’s own code does with ' +
    'its status, nobody has shown',
}
