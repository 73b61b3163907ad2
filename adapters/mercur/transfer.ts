/** Cancels a request to transfer an order: by the customer's token, or by an admin user's login. */
import { type Context, type CancelOperation, type Obstacle, path } from '../../src/adapter/index.ts'
import { openAccess, type Settings } from './access.ts'
import { isCanceled, toOrder } from './map.ts'
import { isOpen } from './payment.ts'
import { readChanges, readOrder } from './purchase.ts'
import * as wire from './wire.ts'

const transferObstacle = (
  found: wire.Order,
  changes: readonly wire.Change[],
  own: boolean,
  { publishableKey, admin }: Settings,
): Obstacle | null => {
  if (!changes.some((change) => change.change_type === 'transfer' && isOpen(change)))
    return { cause: 'nothing_pending', detail: 'No transfer request is pending for this order.' }
  // v1-transfer-cancel-after-vendor-cancel.
  if (isCanceled(found))
    return {
      cause: 'refused',
      detail: 'The order is canceled; its transfer request cannot be canceled any more.',
    }
  if (own && !publishableKey)
    return {
      cause: 'refused',
      detail: 'The store’s settings hold no publishableKey, which a customer’s request needs.',
    }
  // A key is no user: v1-admin-transfer-cancel-secret-key 400, v2-admin-transfer-cancel-secret-key
  // 403.
  if (!own && !admin?.email)
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
    const { settings } = connection
    const access = await openAccess(connection)
    const found = (await readOrder(connection, { ...access, actor: access.reader }, orderId)).order
    const changes = await readChanges(connection, access, orderId)
    const asked = (memo as { change?: string } | null)?.change
    const left = changes.find(({ id }) => id === asked)
    // A canceled request leaves no trace (observations of both: the row is deleted, its status
    // stays); an accepted one stays.
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
      order: toOrder(found, null, access.version, settings.reasonKey),
      done,
      raw: { order: found, changes },
      obstacle: settled ?? transferObstacle(found, changes, byCustomer, settings),
      ...(open && { memo: { change: open.id } }),
    }
  },
  // Both tell the order and nothing of the transfer ({v1,v2}-transfer-cancel-success,
  // -admin-transfer-cancel-jwt).
  cancel: ({ request: { orderId }, byCustomer }: Context<Settings>) => ({
    method: 'POST',
    path: byCustomer
      ? path`/store/orders/${orderId}/transfer/cancel`
      : path`/admin/orders/${orderId}/transfer/cancel`,
    as: byCustomer ? 'customer' : 'admin',
    reply: wire.CancelReply,
    about: { orderId, ids: wire.idOf },
  }),
}
