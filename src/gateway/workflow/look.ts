/**
 * A look at an order, in one place for all who look: what it shows is about the order that was
 * asked for, or it is no answer.
 */
import {
  canonicalOf,
  type Context,
  type CancelOperation,
  type Look,
  type Running,
  type View,
} from '../../adapter/contract.ts'
import { failureOf } from '../../adapter/failure.ts'
import type { Store } from '../../connection/store.ts'
import type { Order } from '../../model/order.ts'

/** Whether it shows the order with this id, whatever case the platform writes it in. */
const isOf = ({ adapter }: Store, orderId: string, look: Look): boolean =>
  canonicalOf(adapter, look.order.id) === canonicalOf(adapter, orderId)

/** The order with where the merchant finds it in the platform's own admin. */
export const withAdminUrl = ({ adapter, client, examples }: Store, order: Order): Order => {
  // An imitation has no admin.
  const url = examples.length > 0 ? null : (adapter.adminUrl?.(client.settings, order) ?? null)
  const isAddress = url !== null && /^https?:$/.test(URL.parse(url)?.protocol ?? '')
  return isAddress ? { ...order, adminUrl: url } : order
}

/** Rejects with `CallFailure`, also where the platform showed another order. */
export const lookAt = async (
  store: Store,
  client: Store['client'],
  operation: CancelOperation<unknown>,
  orderId: string,
  view: View,
): Promise<Look> => {
  const look = await operation.look(client, orderId, view)
  if (!isOf(store, orderId, look)) throw failureOf('doubt', '200 another order')
  return { ...look, order: withAdminUrl(store, look.order) }
}

/**
 * What the cancel's own reply proves, be it only that the platform is still at it; null: nothing,
 * so that the order is looked at again.
 */
export const readReply = (
  store: Store,
  operation: CancelOperation<unknown>,
  context: Context<unknown>,
  reply: unknown,
): Look | { readonly running: Running } | null => {
  const proof = operation.read?.(context, reply) ?? null
  if (proof === null || !('order' in proof)) return proof
  return isOf(store, context.request.orderId, proof)
    ? { ...proof, order: withAdminUrl(store, proof.order) }
    : null
}
