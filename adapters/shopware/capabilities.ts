/** What Shopware's cancel can be told, and what a second one does, each with its source. */
import type { Adapter, Capabilities, Repeat } from '../../src/adapter/index.ts'
import type { Settings } from './access.ts'
import {
  COMMENT,
  CONTROLLER,
  EXTENSION,
  FORCED,
  RACE,
  REGISTRY,
  SCHEMA,
  STOCK,
  TEXTS,
} from './sources.ts'

export const NO_COMMENT = 'This version of Shopware keeps no comment of a change of state.'
export const RESTOCK_NOTE =
  'Every piece of every product is put back in the stock that Shopware itself manages.'
export const PAYMENT_NOTE =
  'Canceling refunds and voids nothing in Shopware itself; an extension for payments may do so. ' +
  'POST /api/_action/order_transaction_capture_refund/{refundId} refunds what an ' +
  'extension has prepared.'

export const capabilities: Capabilities = {
  order: {
    can: 'choose',
    note: 'Also what is paid or shipped; completed orders up to 6.6 only.',
    source: `${REGISTRY}; ${FORCED}`,
  },
  reason: {
    can: 'choose',
    buyerVisible: 'no',
    note: 'Kept as the internal comment of the change of state, by recent versions of 6.7.',
    source: `${SCHEMA}: internalComment; ${COMMENT}; ${TEXTS}: what looks like HTML is left out`,
  },
  notify: {
    can: 'choose',
    note: 'By sendMail, which lets the shop’s flows send their mail of a cancel.',
    source: `${SCHEMA}: sendMail; ${CONTROLLER}: only false suppresses it`,
  },
  message: {
    can: 'never',
    note: 'The mail’s text is that of its template.',
    source: `${SCHEMA}: the cancel takes no text for the buyer`,
  },
  restock: { can: 'always', note: RESTOCK_NOTE, source: STOCK },
  payment: {
    can: 'never',
    note: PAYMENT_NOTE,
    source: `${REGISTRY}: only the order’s state is changed; ${EXTENSION}`,
  },
  transfer: { can: 'never', source: `${SCHEMA}: there are no transfers` },
}

export const narrow: NonNullable<Adapter<Settings>['narrow']> = ({ version }) =>
  version === '6.5' || version === '6.6'
    ? {
        reason: {
          can: 'never',
          note: NO_COMMENT,
          source: `${COMMENT}: a column of 6.7; until then ${CONTROLLER} reads no such member`,
        },
      }
    : {}

export const repeat = ({ version }: Settings): Repeat =>
  version === '6.7'
    ? {
        effect: 'harmless',
        source:
          `${REGISTRY}, 6.7: UnnecessaryTransitionException is caught, and no history, stock or ` +
          `mail follows; two that run at once both did until there was a lock (${RACE})`,
      }
    : {
        effect: 'harmful',
        source:
          `${REGISTRY}, up to 6.6: a canceled order is canceled anew; ${STOCK}: which takes the ` +
          'goods out of stock again. Held to be so while the settings name no version',
      }
