/** BigCommerce's webhooks: what proves them, and which of them may tell of a cancel. */
import { inBody, namesShop, type NoticeReader, type Notices } from '../../src/adapter/index.ts'
import type { Store } from './cancel.ts'
import { CANCELED } from './map.ts'
import { EVENTS, WEBHOOKS } from './sources.ts'

const STATUS = 'store/order/statusUpdated'
const ELSEWHERE = `${STATUS}, not to Cancelled`

/** A change of status that does not tell which (an older form of it) may be that of a cancel. */
const topic: NoticeReader = (body, headers) => {
  const [scope, status] = ['/scope', '/data/status/new_status_id'].map((place) =>
    inBody(place)(body, headers),
  )
  const isElsewhere = status !== undefined && status !== CANCELED && status !== String(CANCELED)
  return scope === STATUS && isElsewhere ? ELSEWHERE : scope
}

export const notices: Notices<Store> = {
  signature: { scheme: 'standard-webhook', key: 'text' },
  topic,
  topics: {
    [STATUS]: 'cancellation',
    [ELSEWHERE]: 'change',
    'store/order/updated': 'change',
    'store/order/archived': 'change',
    'store/order/refund/created': 'change',
  },
  orderIds: inBody('/data/id'),
  shop: namesShop(inBody('/producer'), ({ storeHash }) => `stores/${storeHash}`),
  source:
    `${WEBHOOKS}: Standard Webhooks, keyed with the app’s client secret, which their library is ` +
    `given as Base64; ${EVENTS}; the names of its headers are the standard’s, for the page ` +
    'prints none; headers that a merchant adds to a webhook prove nothing here',
}
