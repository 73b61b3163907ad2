/** What a cancel at commercetools can be told, and what these settings take away from it. */
import type { Capabilities } from '../../src/adapter/index.ts'
import type { Settings } from './access.ts'
import { MOCK, ORDERS, TYPES } from './sources.ts'

export const KEPT = 'Kept in a custom field of the order, by the same call as the cancel.'

export const NO_MONEY =
  'No money moves: payments are objects of their own, and a refund is made at their provider.'

export const capabilities: Capabilities = {
  order: {
    can: 'choose',
    note: 'A state of the order and nothing else; everything that follows is the merchant’s code.',
    source: `${TYPES}: OrderChangeOrderStateAction; ${MOCK}: cancel-right-version`,
  },
  reason: {
    can: 'choose',
    buyerVisible: 'unknown',
    note: `${KEPT} Which field, the settings say.`,
    source:
      `${TYPES}: OrderSetCustomTypeAction, OrderSetCustomFieldAction; ${MOCK}: ` +
      'cancel-with-reason',
  },
  notify: {
    can: 'never',
    note: 'It sends no mail; a subscriber of the merchant may.',
    source: `${ORDERS}#change-orderstate; ${TYPES}: the action has a state and nothing else`,
  },
  message: {
    can: 'never',
    note: 'There is no mail to carry it.',
    source: `${ORDERS}#change-orderstate; ${TYPES}: the action has a state and nothing else`,
  },
  restock: {
    can: 'never',
    note: 'No stock moves by itself; what was reserved stays so until the merchant’s code acts.',
    source: `${ORDERS}#change-orderstate; ${TYPES}: InventoryMode speaks of creation alone`,
  },
  payment: {
    can: 'never',
    note: NO_MONEY,
    source: `${TYPES}: Payment, OrderChangePaymentStateAction; ${MOCK}: paymentState stays Paid`,
  },
  transfer: { can: 'never', source: `${ORDERS}: an order has no transfer` },
}

export const narrow = ({ reasonField }: Settings): Partial<Capabilities> =>
  reasonField === undefined
    ? {
        reason: {
          can: 'never',
          note: 'An order has no field for it; the settings name no custom one.',
          source: `${TYPES}: Order has no reason`,
        },
      }
    : {}
