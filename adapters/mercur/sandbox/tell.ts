/**
 * What each surface of a pretended Mercur tells of an order: what a route leaves out matters as
 * much here as what it tells.
 */
import type { Fields, Order, Version } from './orders.ts'
import recorded from './recorded.json' with { type: 'json' }

/**
 * Names and their absence: {v1,v2}-{admin,vendor,store}-order-get, -cancel-success, -admin-set-get,
 * -transfer-cancel-success.
 */
const ROUTES = recorded.routes
export type Route = keyof (typeof ROUTES)['1']

/** `value` reduced to `paths`; rows keep their id. */
const narrow = (value: unknown, paths: readonly (readonly string[])[]): unknown => {
  if (Array.isArray(value)) return value.map((one) => narrow(one, [...paths, ['id']]))
  if (typeof value !== 'object' || value === null || paths.some(([head]) => head === undefined))
    return value
  const told = Object.entries(value).flatMap(([name, inner]) => {
    const deeper = paths.filter(([head]) => head === name).map(([, ...rest]) => rest)
    return deeper.length > 0 ? [[name, narrow(inner, deeper)]] : []
  })
  return Object.fromEntries(told)
}

/** core-flows 2.11.3 and 2.13.4, order/utils/aggregate-status.js, for one collection. */
const paymentStatus = ({ told, purchase: { collection } }: Order, partly: boolean): string => {
  const { status, amount, captured_amount: captured, refunded_amount: refunded } = collection
  if (partly) return told.split_order_payment.status
  if (captured === 0 || refunded === 0) return captured === 0 ? status : 'captured'
  return refunded < amount ? 'partially_refunded' : 'refunded'
}

/**
 * `fields` as Medusa reads it: `+a` and `*rel` add to the usual, one bare name replaces it. The
 * vendor's routes of 1.x put their own in its place (`transformPaymentFilters` of 1.5.3).
 */
export const tell = (version: Version, order: Order, route: Route, asked = ''): Fields => {
  const { usual, always, statuses } = ROUTES[version][route]
  const isPart = version === '1' && route.startsWith('vendor')
  const wishes = isPart ? [] : asked.split(',')
  const names = [...(wishes.some((wish) => /^\w/.test(wish)) ? [] : usual), ...always, ...wishes]
  const paths = names.map((name) => name.replace(/^[+* ]+/, '').split('.'))
  const { told, purchase } = order
  const chosen = narrow({ ...told, payment_collections: [purchase.collection] }, paths) as Fields
  if (!statuses) return chosen
  return {
    ...chosen,
    // The collection's own is copied onto every order of a set (v1-admin-set-after-admin-cancel).
    payment_status:
      version === '1' && route === 'set'
        ? purchase.collection.status
        : paymentStatus(order, isPart),
    fulfillment_status: told.fulfillments.length > 0 ? 'fulfilled' : 'not_fulfilled',
  }
}
