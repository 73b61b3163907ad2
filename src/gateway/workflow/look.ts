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

/** Whether it shows the order with this id, whatever case the platform writes it in. */
const isOf = ({ adapter }: Store, orderId: string, look: Look): boolean =>
  canonicalOf(adapter, look.order.id) === canonicalOf(adapter, orderId)

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
  return look
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
  return isOf(store, context.request.orderId, proof) ? proof : null
}
