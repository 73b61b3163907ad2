/** Mercur has the events of the Medusa inside it: a subscriber there sends a Standard Webhook. */
import { standardNotices } from '../../src/adapter/index.ts'

export const notices = standardNotices(
  'inferred from Medusa 2.21.2, whose event order.canceled and subscribers Mercur has; whether a ' +
    'vendor’s cancel on 1.x emits it too, nobody has shown',
)
