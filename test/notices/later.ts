/**
 * Notices of platforms that have no adapter yet, as data: what their adapters will say, so that the
 * schemes are known to suffice.
 */
import { z } from 'zod'
import {
  common,
  inBody,
  inHeader,
  namesShop,
  type NoticeReader,
  type Notices,
} from '../../src/adapter/index.ts'
import type { AnyAdapter } from '../../src/adapter/platform.ts'
import { toy } from '../gateway/toy.ts'

/** One topic for every change: with the status that means canceled, it becomes another. */
const withStatus =
  (topic: NoticeReader, status: NoticeReader, canceled: string | number): NoticeReader =>
  (body, headers) =>
    status(body, headers) === canceled
      ? `${String(topic(body, headers))} ${canceled}`
      : topic(body, headers)

const woocommerce: Notices<unknown> = {
  signature: { scheme: 'hmac-of-body', header: 'x-wc-webhook-signature', codings: ['base64'] },
  topic: withStatus(inHeader('x-wc-webhook-topic'), inBody('/status'), 'cancelled'),
  topics: {
    'order.updated cancelled': 'cancellation',
    'order.updated': 'change',
    'order.deleted': 'change',
  },
  orderIds: inBody('/id'),
  ping: (body) => typeof body === 'string' && /^webhook_id=\d+$/.test(body),
  source: 'WooCommerce, class-wc-webhook.php: generate_signature and deliver_ping',
}

const erpnext: Notices<unknown> = {
  signature: { scheme: 'hmac-of-body', header: 'x-frappe-webhook-signature', codings: ['base64'] },
  // One webhook is for one event, and names it nowhere.
  topic: () => 'on_cancel',
  topics: { on_cancel: 'cancellation' },
  orderIds: inBody('/name'),
  source: 'Frappe, integrations/doctype/webhook/webhook.py',
}

const bigcommerce: Notices<{ producer: string }> = {
  signature: { scheme: 'standard-webhook', key: 'text' },
  topic: withStatus(inBody('/scope'), inBody('/data/status/new_status_id'), 5),
  topics: { 'store/order/statusUpdated 5': 'cancellation', 'store/order/statusUpdated': 'change' },
  orderIds: inBody('/data/id'),
  shop: namesShop(inBody('/producer'), ({ producer }) => producer),
  source: 'BigCommerce’s page on webhooks: Standard Webhooks under the client secret as it is',
}

const withNotices = <S>(
  id: string,
  notices: Notices<S>,
  settings: z.ZodRawShape = {},
): AnyAdapter => ({
  ...toy(),
  id,
  settings: z.strictObject({ ...common, ...settings }),
  notices,
})

/** Their vectors stand in folders of these names. */
export const later: readonly AnyAdapter[] = [
  withNotices('woocommerce', woocommerce),
  withNotices('erpnext', erpnext),
  withNotices('bigcommerce', bigcommerce, { producer: z.string() }),
]
