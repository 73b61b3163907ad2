/** SHOPLINE's webhooks: what proves them, and which of them tells of a cancel. */
import { inBody, inHeader, namesShop, type Notices } from '../../src/adapter/index.ts'

export const notices: Notices<{ readonly shop: string }> = {
  // The pages' own sample of the header is Base64, and that of two other platforms too.
  signature: {
    scheme: 'hmac-of-body',
    header: 'x-shopline-hmac-sha256',
    codings: ['hex', 'base64'],
  },
  topic: inHeader('x-shopline-topic'),
  // `refunds/create` is left out: where a refund names its order there, nobody has shown, and its
  // own id is no order's.
  topics: { 'orders/cancelled': 'cancellation', 'orders/updated': 'change' },
  orderIds: inBody('/id'),
  shop: namesShop(inHeader('x-shopline-shop-domain'), ({ shop }) => `${shop}.myshopline.com`),
  source:
    'github.com/shoplineos/shopline-sdk-go@f73904c: lower-case hex of HMAC-SHA256 over the body ' +
    'under the app’s secret, with vectors, topics and the order at the top; ' +
    'https://developer.shopline.com, page Webhook: headers',
}
