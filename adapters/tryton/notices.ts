/** Tryton 6.0 has no webhooks: a module of the merchant's own sends a Standard Webhook. */
import { standardNotices } from '../../src/adapter/index.ts'

export const notices = standardNotices(
  'trytond 6.0.29 and its modules from Debian 12 send no webhook; a trigger (ir.trigger) can ' +
    'call a method of a module of one’s own, which may send one. Nobody has shown such a module',
)
