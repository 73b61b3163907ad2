/** Medusa has events and no webhooks: a subscriber in the shop sends a Standard Webhook. */
import { standardNotices } from '../../src/adapter/index.ts'

export const notices = standardNotices(
  'measured on Medusa 2.21.2, 2026-11-29: the event order.canceled reaches a subscriber once the ' +
    'workflow ends well, and what it sent was proved here, the first time before the reply to ' +
    'the cancel',
)
