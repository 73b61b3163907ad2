/**
 * commercetools puts its messages in queues and calls nobody: a function of the merchant hands one
 * on, as it came or as a Standard Webhook.
 */
import { inBody, type Notices } from '../../src/adapter/index.ts'
import { CANCELED } from './map.ts'
import { SUBSCRIPTIONS, TYPES } from './sources.ts'

const CHANGED = 'OrderStateChanged'

const type = inBody('/type')
const orderState = inBody('/orderState')

export const notices: Notices<unknown> = {
  signature: { scheme: 'standard-webhook', key: 'base64' },
  // One word for every change of the state.
  topic(body, headers) {
    const said = type(body, headers)
    return said === CHANGED && orderState(body, headers) === CANCELED
      ? `${CHANGED} ${CANCELED}`
      : said
  },
  topics: {
    'order.canceled': 'cancellation',
    [`${CHANGED} ${CANCELED}`]: 'cancellation',
    [CHANGED]: 'change',
  },
  orderIds: inBody('/data/orderId', '/resource/id'),
  source:
    `${SUBSCRIPTIONS}: destinations are queues and event buses, none is an HTTP address; ` +
    `${TYPES}: OrderStateChangedMessage; nobody has shown a function that hands one on`,
}
