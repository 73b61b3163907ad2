/** Shopify's webhooks: what proves them, and which of them may tell of a cancel. */
import { inBody, inHeader, namesShop, type Notices } from '../../src/adapter/index.ts'
import { WEBHOOKS } from './sources.ts'

export const notices: Notices<{ readonly shop: string }> = {
  signature: { scheme: 'hmac-of-body', header: 'x-shopify-hmac-sha256', codings: ['base64'] },
  topic: inHeader('x-shopify-topic'),
  topics: {
    'orders/cancelled': 'cancellation',
    'orders/updated': 'change',
    'refunds/create': 'change',
  },
  // Not `id`: it is a number beyond 2^53, and of a refund the refund's own.
  orderIds: (body, headers) =>
    inHeader('x-shopify-topic')(body, headers) === 'refunds/create'
      ? inBody('/order_id')(body, headers)
      : inBody('/admin_graphql_api_id')(body, headers),
  shop: namesShop(inHeader('x-shopify-shop-domain'), ({ shop }) => `${shop}.myshopify.com`),
  source:
    `${WEBHOOKS}: Base64 of HMAC-SHA256 over the body under the app’s client secret; measured on ` +
    '@shopify/shopify-api 13.1.0, which compares the shop with nothing; the next generation, ' +
    'Events, signs in another header and is not taken',
}
