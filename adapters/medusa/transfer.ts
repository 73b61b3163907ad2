/** Cancels a request to transfer an order: by the customer's token, or by an admin user's login. */
import {
  type Context,
  type CancelOperation,
  type Look,
  type Obstacle,
  path,
} from '../../src/adapter/index.ts'
import { isOpen, readChanges, readOrder, type Settings } from './access.ts'
import { toOrder } from './map.ts'
import * as wire from './wire.ts'

const transferObstacle = (
  changes: readonly wire.Change[],
  own: boolean,
  settings: Settings,
): Obstacle | null => {
  if (!changes.some((change) => change.change_type === 'transfer' && isOpen(change)))
    return { cause: 'nothing_pending', detail: 'No transfer request is pending for this order.' }
  if (own && !settings.publishableKey)
    return {
      cause: 'refused',
      detail: 'The store’s settings hold no publishableKey, which a customer’s request needs.',
    }
  // A secret key is no user: 400 "This customer is not allowed…" (recorded:
  // admin-transfer-cancel-secret-key).
  if (!own && !(settings.email && settings.password))
    return {
      cause: 'refused',
      detail:
        'Without the customer’s token this needs an admin user’s login in the store’s settings; ' +
        'a secret key cannot do it.',
    }
  return null
}

export const transfer: CancelOperation<Settings> = {
  async look(connection, orderId, { sent, byCustomer, memo }) {
    const [found, changes] = [
      await readOrder(connection, orderId),
      await readChanges(connection, orderId),
    ]
    const asked = (memo as { change?: string } | null)?.change
    const left = changes.find(({ id }) => id === asked)
    // A canceled request leaves no trace (recorded: transfer-changes-after-cancel); an accepted or
    // declined one stays.
    const done = sent && asked !== undefined && left === undefined
    const settled =
      left && !isOpen(left)
        ? ({
            cause: 'nothing_pending',
            detail: `The transfer request is ${left.status ?? 'settled'}.`,
          } as const)
        : null
    const open = changes.find((change) => change.change_type === 'transfer' && isOpen(change))
    return {
      order: toOrder(found, connection.settings.reasonKey),
      done,
      raw: { order: found, order_changes: changes },
      obstacle: settled ?? transferObstacle(changes, byCustomer, connection.settings),
      ...(open && { memo: { change: open.id } }),
    } satisfies Look
  },
  // Both tell the order and nothing of the transfer (recorded: transfer-cancel-200,
  // admin-transfer-cancel-jwt-200).
  cancel: ({ request: { orderId }, byCustomer }: Context<Settings>) => ({
    method: 'POST',
    path: byCustomer
      ? path`/store/orders/${orderId}/transfer/cancel`
      : path`/admin/orders/${orderId}/transfer/cancel`,
    as: byCustomer ? 'customer' : 'user',
    reply: wire.CancelReply,
    about: { orderId, ids: wire.idOf },
  }),
}
