/** Shoplazza's webhooks: what proves them, and which of them may tell of a cancel. */
import { inBody, inHeader, namesShop, type Notices } from '../../src/adapter/index.ts'

export const notices: Notices<{ readonly shop: string }> = {
  signature: { scheme: 'hmac-of-body', header: 'x-shoplazza-hmac-sha256', codings: ['base64'] },
  topic: inHeader('x-shoplazza-topic'),
  topics: {
    'orders/cancelled': 'cancellation',
    // No event is promised for a paid order that is canceled, and it ends as `finished`.
    'orders/finished': 'cancellation',
    'orders/update': 'change',
    'orders/refunded': 'change',
  },
  orderIds: inBody('/order/id', '/id'),
  shop: namesShop(inHeader('x-shoplazza-shop-domain'), ({ shop }) => `${shop}.myshoplaza.com`),
  source:
    'https://www.shoplazza.dev/reference/webhook-copy: topics, headers, Base64 of HMAC-SHA256 over ' +
    'the body under the app’s client secret; whether an order comes wrapped, nobody has shown',
}
