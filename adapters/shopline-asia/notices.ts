/** SHOPLINE Asia's webhooks, as an app of its Developer Center gets them. */
import { inBody, namesShop, type Notices } from '../../src/adapter/index.ts'

export const notices: Notices<{ readonly merchantId?: string | undefined }> = {
  signature: {
    scheme: 'hmac-of-sorted-json',
    query: 'sign',
    header: 'x-shopline-developer-event-timestamp',
  },
  topic: inBody('/topic'),
  // `order_payment/refund` is left out: where a payment names its order there, nobody has shown.
  topics: { 'order/cancel': 'cancellation', 'order/update': 'change' },
  orderIds: inBody('/resource/_id', '/resource/id'),
  shop: namesShop(inBody('/merchant_id'), ({ merchantId }) => merchantId),
  ping: (body) => inBody('/topic')(body, new Headers()) === 'webhook/verification',
  source:
    'https://shopline-developers.readme.io/docs/webhook-signature: the rule, with an example that ' +
    'is reproduced; https://open-api.docs.shoplineapp.com: topics. That an order’s id is the ' +
    'resource’s is inferred; the notice webhook/verification is a third party’s finding',
}
