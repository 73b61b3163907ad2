/**
 * The states an order can be in when somebody asks to cancel it, each reached through the API that
 * a shop would use.
 */
import { promotionCode, type Order, type Purchase, type Shop } from './shop.ts'

interface Made {
  readonly id: string
}

interface Payment extends Made {
  readonly amount: number
  readonly data: { readonly session?: string } | null
}

/** Longer than a caller waits: the refund lands after the client's timeout. */
const stallMs = 6_000
const slowMs = 1_500

export const paymentsOf = async (
  { admin }: Pick<Shop, 'admin'>,
  id: string,
): Promise<Payment[]> => {
  const fields = encodeURIComponent('*payment_collections.payments')
  const { order } = await admin<{ order: { payment_collections: { payments?: Payment[] }[] } }>(
    'GET',
    `/admin/orders/${id}?fields=${fields}`,
  )
  return order.payment_collections.flatMap(({ payments }) => payments ?? [])
}

const lines = ({ items }: Order) => items.map(({ id, quantity }) => ({ id, quantity }))

const capture = async (shop: Shop, { id }: Made, amount?: number): Promise<void> => {
  for (const payment of await paymentsOf(shop, id))
    await shop.admin('POST', `/admin/payments/${payment.id}/capture`, { amount })
}

const captured = async (shop: Shop, purchase?: Purchase): Promise<Order> => {
  const order = await shop.checkout(purchase)
  await capture(shop, order)
  return order
}

const refunded = async (shop: Shop, amount?: number): Promise<Order> => {
  const order = await captured(shop)
  for (const payment of await paymentsOf(shop, order.id)) {
    await shop.admin('POST', `/admin/payments/${payment.id}/refund`, {
      amount: amount ?? payment.amount,
    })
  }
  return order
}

interface Fulfilled extends Order {
  /** The path of its one fulfillment. */
  readonly fulfillment: string
}

const fulfilled = async (shop: Shop): Promise<Fulfilled> => {
  const made = await shop.checkout()
  const at = `/admin/orders/${made.id}/fulfillments`
  const { order } = await shop.admin<{ order: { fulfillments: [Made] } }>(
    'POST',
    `${at}?fields=*fulfillments`,
    {
      items: lines(made),
      location_id: shop.locationId,
    },
  )
  return { ...made, fulfillment: `${at}/${order.fulfillments[0].id}` }
}

const shipped = async (shop: Shop): Promise<Fulfilled> => {
  const order = await fulfilled(shop)
  await shop.admin('POST', `${order.fulfillment}/shipments`, { items: lines(order) })
  return order
}

/** The order, after one more call to the admin API about it. */
const then = async <T extends Made>(
  shop: Shop,
  made: Promise<T>,
  path: (order: T) => string,
  body: unknown = {},
): Promise<T> => {
  const order = await made
  await shop.admin('POST', path(order), body)
  return order
}

const completed = (shop: Shop): Promise<Order> =>
  then(shop, shop.checkout(), ({ id }) => `/admin/orders/${id}/complete`)

const editing = async (shop: Shop, made: Promise<Order>): Promise<Order> => {
  const order = await made
  await shop.admin('POST', '/admin/order-edits', { order_id: order.id })
  return order
}

const recipes = {
  authorized: (shop) => shop.checkout(),
  guest: (shop) => shop.checkout({ guest: 'guest@lab.test' }),
  promo: (shop) => shop.checkout({ promotion: promotionCode }),
  captured: (shop) => captured(shop),
  partially_captured: async (shop) => {
    const order = await shop.checkout()
    await capture(shop, order, 5)
    return order
  },
  partially_refunded: (shop) => refunded(shop, 5),
  refunded: (shop) => refunded(shop),
  fulfilled: (shop) => fulfilled(shop),
  fulfillment_canceled: (shop) =>
    then(shop, fulfilled(shop), ({ fulfillment }) => `${fulfillment}/cancel`),
  shipped: (shop) => shipped(shop),
  delivered: (shop) =>
    then(shop, shipped(shop), ({ fulfillment }) => `${fulfillment}/mark-as-delivered`),
  completed: (shop) => completed(shop),
  archived: (shop) => then(shop, completed(shop), ({ id }) => `/admin/orders/${id}/archive`),
  edit_pending: (shop) => editing(shop, shop.checkout()),
  return_requested: async (shop) => {
    const order = await shipped(shop)
    const made = await shop.admin<{ return: Made }>('POST', '/admin/returns', {
      order_id: order.id,
      location_id: shop.locationId,
    })
    const at = `/admin/returns/${made.return.id}`
    await shop.admin('POST', `${at}/request-items`, {
      items: lines(order).map(({ id }) => ({ id, quantity: 1 })),
    })
    await shop.admin('POST', `${at}/request`, {})
    return order
  },
  /** A guest's order that the first customer says is theirs. */
  transfer_requested: async (shop) => {
    const order = await shop.checkout({ guest: 'someone-else@lab.test' })
    await shop.asCustomer('POST', `/store/orders/${order.id}/transfer/request`, {
      description: 'it is mine',
    })
    return order
  },
  canceled: (shop) => then(shop, shop.checkout(), ({ id }) => `/admin/orders/${id}/cancel`),
  draft: (shop) => shop.draft(),
  draft_converted: (shop) =>
    then(shop, shop.draft(), ({ id }) => `/admin/draft-orders/${id}/convert-to-order`),
  lab_authorized: (shop) => shop.checkout({ provider: 'pp_lab_lab' }),
  lab_captured: (shop) => captured(shop, { provider: 'pp_lab_lab' }),
  lab_captured_slow: (shop) =>
    captured(shop, { provider: 'pp_lab_lab', data: { slow_ms: slowMs } }),
  lab_captured_stalls: (shop) =>
    captured(shop, { provider: 'pp_lab_lab', data: { slow_ms: stallMs } }),
  /** With the lab's provider, so that its log shows the refund behind a refused cancel. */
  captured_edit_pending: (shop) => editing(shop, captured(shop, { provider: 'pp_lab_lab' })),
  cancel_refused_by_provider: (shop) =>
    shop.checkout({ provider: 'pp_lab_lab', data: { fail_cancel: true } }),
  refund_refused_by_provider: (shop) =>
    captured(shop, { provider: 'pp_lab_lab', data: { fail_refund: true } }),
} satisfies Record<string, (shop: Shop) => Promise<Made>>

export type OrderState = keyof typeof recipes

export const orderStates = Object.keys(recipes) as readonly OrderState[]

/** A fresh order in that state. */
export const makeOrder = async (shop: Shop, state: OrderState): Promise<{ id: string }> => ({
  id: (await recipes[state](shop)).id,
})
