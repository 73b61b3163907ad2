/** Webhooks of a Shopware app: what proves them, and which orders they are about. */
import { z } from 'zod'
import {
  inBody,
  namesShop,
  type NoticeReader,
  type Notices,
  tolerant,
} from '../../src/adapter/index.ts'
import { WEBHOOKS } from './sources.ts'
import { LIVE } from './wire.ts'

const { items, text } = tolerant
const payload = inBody('/data/payload')

const Entered = z.object({ order: z.object({ id: text, versionId: text }) })
const Written = items(z.object({ entity: text, primaryKey: text, versionId: text }))

/** An order in editing is a version of its own, and none of the shop's life. */
const isLive = (versionId: string | null | undefined) => !versionId || versionId === LIVE

/** An entered state comes with its order, a write with every row that was written. */
const orderIds: NoticeReader = (body, headers) => {
  const told = payload(body, headers)
  const entered = Entered.safeParse(told).data?.order
  if (entered) return isLive(entered.versionId) ? entered.id : undefined
  return Written.safeParse(told)
    .data?.filter(({ entity, versionId }) => entity === 'order' && isLive(versionId))
    .map(({ primaryKey }) => primaryKey)
}

export const notices: Notices<{ readonly shopId?: string | undefined }> = {
  signature: { scheme: 'hmac-of-body', header: 'shopware-shop-signature', codings: ['hex'] },
  topic: inBody('/data/event'),
  topics: {
    'state_enter.order.state.cancelled': 'cancellation',
    'order.written': 'change',
  },
  orderIds,
  // Each shop has a secret of its own; its id is compared where the settings know it.
  shop: namesShop(inBody('/source/shopId'), ({ shopId }) => shopId),
  source:
    `${WEBHOOKS} and App/Hmac/RequestSigner.php: HMAC-SHA256 of the body in lower-case hex under ` +
    'the secret that the shop and the app agreed on; a webhook that belongs to no such app is ' +
    'unsigned. Nobody has recorded one',
}
