/** Saleor's webhooks: what proves them, and which of them may tell of a cancel. */
import { inBody, inHeader, type Notices } from '../../src/adapter/index.ts'
import { code, SIGNATURE, WEBHOOKS } from './sources.ts'

/** Events of subscriptions that are filtered by channel: the body has them by name. */
const FILTERED = ['orderCancelled', 'orderUpdated', 'orderFullyPaid', 'orderFulfilled']

export const notices: Notices<unknown> = {
  // Of a webhook that has a secretKey. One without is signed by a detached JWS in the same header
  // (RS256, the server's own key), which no scheme here reads.
  signature: { scheme: 'hmac-of-body', header: 'saleor-signature', codings: ['hex'] },
  topic: inHeader('saleor-event'),
  topics: {
    order_cancelled: 'cancellation',
    order_updated: 'change',
    // Either may open a canceled order again.
    order_fully_paid: 'change',
    order_fulfilled: 'change',
  },
  // What a subscription asked for, by `event` or by one event alone; else Saleor's own form, a list
  // of one.
  orderIds: inBody('/order/id', ...FILTERED.map((event) => `/data/${event}/order/id`), '/0/id'),
  source:
    `${SIGNATURE}: HMAC-SHA256 by secretKey, which is deprecated; ${WEBHOOKS}#webhook-headers; ` +
    code(
      'webhook/transport/__init__.py (in hex, over the body), webhook/event_types.py, ' +
        'graphql/webhook/subscription_payload.py, webhook/payloads.py (generate_order_payload)',
    ),
}
