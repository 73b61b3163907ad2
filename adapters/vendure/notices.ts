/** Vendure has no webhooks: a plugin of the merchant's own sends a Standard Webhook. */
import { standardNotices } from '../../src/adapter/index.ts'

export const notices = standardNotices(
  '@vendure/core 3.7.3 sends no webhook; a plugin may subscribe to OrderStateTransitionEvent ' +
    '(https://docs.vendure.io/reference/typescript-api/events/event-types) and send one',
)
