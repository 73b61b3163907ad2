/** Magento sends no webhook: a module of the merchant's own sends a Standard Webhook. */
import { standardNotices } from '../../src/adapter/index.ts'
import { CODE } from './sources.ts'

export const notices = standardNotices(
  `${CODE} sends no webhook. Adobe I/O Events (https://developer.adobe.com/commerce/` +
    'extensibility/events) are signed with RSA by a key at an address of its own, and where the ' +
    'id of an order stands in one nobody has shown; what Adobe calls Commerce webhooks ask ' +
    'before something is done, and tell of nothing that was',
)
