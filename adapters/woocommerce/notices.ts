/** WooCommerce's webhooks: what proves them, and which of them may tell of a cancel. */
import { inBody, inHeader, type Notices } from '../../src/adapter/index.ts'
import { CANCELED } from './map.ts'
import { WEBHOOK } from './sources.ts'

const topic = inHeader('x-wc-webhook-topic')
const status = inBody('/status')

/** An action is named by its topic, and sends its first argument alone: the order's id. */
const ACTION = 'action.woocommerce_order_status_cancelled'
const UPDATED = 'order.updated'

export const notices: Notices<unknown> = {
  signature: { scheme: 'hmac-of-body', header: 'x-wc-webhook-signature', codings: ['base64'] },
  topic: (body, headers) => {
    const word = topic(body, headers)
    return word === UPDATED && status(body, headers) === CANCELED ? `${UPDATED}:${CANCELED}` : word
  },
  topics: {
    [`${UPDATED}:${CANCELED}`]: 'cancellation',
    [ACTION]: 'cancellation',
    [UPDATED]: 'change',
    'order.deleted': 'change',
    'order.restored': 'change',
  },
  orderIds: inBody('/id', '/arg'),
  // Sent as a form and signed by nobody, when the webhook is made: it is kept off until answered.
  ping: (body, headers) =>
    typeof body === 'string' &&
    /^webhook_id=\d{1,19}$/.test(body) &&
    headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') === true,
  source:
    `${WEBHOOK}: deliver, generate_signature, deliver_ping, failed_delivery; no topic tells of a ` +
    'cancel alone but that of an action; an address that fails six times in a row is switched off',
}
