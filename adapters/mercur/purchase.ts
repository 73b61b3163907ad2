/**
 * Reads an order with what it shares its fate with: the purchase it was placed in, the payment of
 * that, and changes that are open.
 */
import { CallFailure, type Connection, failureOf, path } from '../../src/adapter/index.ts'
import { type Access, isNoRoute, openAccess, type Settings } from './access.ts'
import { untold } from '../medusa/map.ts'
import * as wire from './wire.ts'

export interface Found {
  readonly order: wire.Order
  /** 1.x, canceled by a vendor: the order is another seller's. */
  readonly foreign: boolean
}

const at = ({ reader }: Access, id: string) =>
  reader === 'admin' ? path`/admin/orders/${id}` : path`/vendor/orders/${id}`

/**
 * On 1.x the vendor's own reply comes beside the admin's: only it tells the order's part of the
 * payment, and whether the vendor may touch it.
 */
export const readOrder = async (
  connection: Connection<Settings>,
  access: Access,
  id: string,
): Promise<Found> => {
  const { version, reader, actor } = access
  // The vendor route of 1.x puts its own fields in the place of payments (`transformPaymentFilters`
  // of 1.5.3), and was recorded with its defaults alone.
  const query =
    reader === 'admin' || version !== '1' ? { query: { fields: wire.ORDER_FIELDS } } : {}
  const about = { orderId: id, ids: wire.idOf }
  const { order } = await connection.send({
    method: 'GET',
    path: at(access, id),
    ...query,
    as: reader,
    reply: wire.OrderReply,
    about,
  })
  if (actor === reader) return { order, foreign: false }
  try {
    const own = await connection.send({
      method: 'GET',
      path: path`/vendor/orders/${id}`,
      as: actor,
      reply: wire.OrderReply,
      about,
    })
    return {
      order: { ...order, split_order_payment: own.order.split_order_payment },
      foreign: false,
    }
  } catch (error) {
    // 1.x answers 403 for another seller's order as for none at all (v1-vendor-cancel-other-seller,
    // -unknown-order); there it is, the admin just saw it.
    if (error instanceof CallFailure && error.failure.code === 'order-not-found')
      return { order, foreign: true }
    throw error
  }
}

/**
 * Whether changes can be seen before a cancel. The vendor route of 1.5.3 asks order changes for a
 * payment that they do not have (`vendor/orders/middlewares.ts`) and was never recorded, and its
 * cancel looks at none; so there nothing depends on it.
 */
export const seesChanges = ({ version, reader }: Access): boolean =>
  version !== '1' || reader === 'admin'

/** An unknown order has no changes and no 404 here, so the order is read first. */
export const readChanges = async (
  connection: Connection<Settings>,
  { reader }: Access,
  id: string,
): Promise<wire.Change[]> =>
  (
    await connection.send({
      method: 'GET',
      path:
        reader === 'admin' ? path`/admin/orders/${id}/changes` : path`/vendor/orders/${id}/changes`,
      as: reader,
      reply: wire.ChangesReply,
      about: { orderId: id, ids: wire.idsOf },
    })
  ).order_changes

/** How many orders were placed with this one, itself included; null: cannot be told. */
export const countOrders = async (
  connection: Connection<Settings>,
  { version, reader, actor }: Access,
  id: string,
): Promise<number | null> => {
  // Where a vendor cancels on 1.x the order's own part is all that counts; on 2.x a vendor sees no
  // purchase.
  if (reader !== 'admin' || actor !== 'admin') return null
  try {
    if (version !== '1') {
      const { order_group } = await connection.send({
        method: 'GET',
        path: path`/admin/orders/${id}/order-group`,
        as: reader,
        reply: wire.GroupReply,
      })
      if (!order_group.orders.some((order) => order.id === id))
        throw failureOf('doubt', '200 another order')
      return order_group.orders.length
    }
    const { order_sets } = await connection.send({
      method: 'GET',
      path: path`/admin/order-sets`,
      query: { order_id: id },
      as: reader,
      reply: wire.SetsReply,
    })
    // Medusa ignores filters that it does not know, so what comes back is checked.
    const own = order_sets.find(({ orders }) => orders.some((order) => order.id === id))
    return own ? own.orders.length : order_sets.length === 0 ? 1 : null
  } catch (error) {
    // "Order group for order X was not found": made by hand, not at a checkout.
    if (error instanceof CallFailure && error.failure.code === 'order-not-found') return 1
    if (isNoRoute(error))
      throw new CallFailure({
        ...error.failure,
        detail: 'This Mercur has no such purchases: check `version` in the store’s settings.',
      })
    throw error
  }
}

/**
 * What the orders of one purchase have in common, in words that every login can read, so that an
 * admin's store and two vendors' stores agree: the payment collection of the checkout. A set or
 * group is told to admins alone. An order edit may add a collection to one order, so the oldest
 * counts (ids sort by time). An order without any shares no payment: it stands for itself.
 */
export const purchaseOf = async (connection: Connection<Settings>, id: string): Promise<string> => {
  const access = await openAccess(connection)
  const { version, reader } = access
  const fields =
    version === '2.3' && reader === 'admin'
      ? 'id,payment_collections.id,cart.payment_collection.id'
      : 'id,payment_collections.id'
  const { order } = await connection.send({
    method: 'GET',
    path: at(access, id),
    ...((reader === 'admin' || version !== '1') && { query: { fields } }),
    as: reader,
    reply: wire.BelongsReply,
    about: { orderId: id, ids: wire.idOf },
  })
  // Where collections are shown at all (a vendor of 1.x has the part instead, and from 2.3 on they
  // hang on the cart), one that is not told is not none.
  if (!order.payment_collections && version !== '2.3' && (version === '2' || reader === 'admin'))
    throw untold('payment collections')
  const ids = [
    order.split_order_payment?.payment_collection_id,
    order.cart?.payment_collection?.id,
    ...(order.payment_collections ?? []).map((collection) => collection.id),
  ]
  return ids.filter((one): one is string => Boolean(one)).sort()[0] ?? id
}
