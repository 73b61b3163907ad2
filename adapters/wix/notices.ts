/** Wix's webhooks, which an app gets: the body is a token that Wix signed. */
import { inBody, namesShop, type Notices } from '../../src/adapter/index.ts'
import { TYPES, WEBHOOKS } from './sources.ts'

export const notices: Notices<{ readonly instanceId?: string | undefined }> = {
  signature: { scheme: 'jwt-rs256' },
  topic: inBody('/data/eventType'),
  topics: {
    'wix.ecom.v1.order_canceled': 'cancellation',
    'wix.ecom.v1.order_updated': 'change',
  },
  // Texts in texts: the token's `data`, and the event's in it.
  orderIds: inBody('/data/data/entityId'),
  // The key belongs to the app, which other sites install too; the SDK does not compare.
  shop: namesShop(inBody('/data/instanceId'), ({ instanceId }) => instanceId),
  source:
    `${WEBHOOKS}: the whole body is a token in RS256 under the app’s own key; ${TYPES}: the ` +
    'event; ' +
    'measured on @wix/sdk 1.21.16, which reads the same layers and also takes a token without exp',
}
