/** What Medusa's refusals mean, and where each was seen. */
import type { ErrorRule } from '../../src/adapter/index.ts'
import { LAB } from './capabilities.ts'
import { ASKS_AGAIN } from './wire.ts'

export const errors: readonly ErrorRule[] = [
  {
    status: 401,
    means: 'credentials',
    source: `${LAB}: auth-401-none; a dead database answers the same (outage-secret-key-401)`,
  },
  {
    status: 404,
    code: 'not_found',
    means: 'order_not_found',
    source: `${LAB}: cancel-404-unknown-id`,
  },
  {
    status: 400,
    message: /has been canceled/,
    means: 'already_canceled',
    source: `${LAB}: cancel-400-already-canceled`,
  },
  {
    status: 400,
    message: /Cannot cancel a completed order/,
    means: 'completed',
    source: `${LAB}: cancel-400-completed`,
  },
  {
    status: 400,
    message: /All fulfillments must be canceled/,
    means: 'fulfilled',
    source: `${LAB}: cancel-400-fulfilled`,
  },
  {
    status: 400,
    message: /already has an existing active order change/,
    means: 'open_change',
    source: `${LAB}: cancel-captured-with-edit-pending`,
  },
  {
    status: 400,
    message: /An active Order Change is required/,
    means: 'nothing_pending',
    source: `${LAB}: transfer-cancel-400-nothing-to-cancel`,
  },
  {
    status: 400,
    message: /not allowed to cancel the transfer/,
    means: 'refused',
    source: `${LAB}: transfer-cancel-400-other-customer`,
  },
  // Whoever loses a race is told no while the winner cancels.
  {
    status: 400,
    message: /refund amount greater than the refundable amount/,
    means: 'doubt',
    source: `${LAB}: concurrent-captured-1, -2`,
  },
  ...ASKS_AGAIN,
]
