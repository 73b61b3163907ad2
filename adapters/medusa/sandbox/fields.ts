/**
 * Medusa's `fields` parameter: which part of an order each route sends (query-config.js of 2.21.2,
 * its effects recorded and measured).
 */
import { fulfillmentStatusOf, paymentStatusOf, write } from './wire.ts'
import type { Fields, Order } from './orders.ts'

const names = (list: string): readonly string[] => list.trim().split(/\s+/)

const TOTALS = `total subtotal tax_total discount_total discount_tax_total original_total original_subtotal original_tax_total
  item_total item_subtotal item_tax_total original_item_total original_item_subtotal original_item_tax_total
  shipping_total shipping_subtotal shipping_tax_total original_shipping_tax_total original_shipping_subtotal original_shipping_total
  credit_line_total credit_line_subtotal credit_line_tax_total`
const BRIEF =
  'id display_id custom_display_id status version summary total metadata locale created_at ' +
  'updated_at'
/**
 * Recorded: cancel-200-authorized (the reply has no canceled_at, currency_code, email, customer_id,
 * fulfillments).
 */
const ADMIN = names(
  `${BRIEF} region_id ${TOTALS} items credit_lines shipping_address billing_address ` +
    'shipping_methods payment_collections',
)
/** Measured on 2.21.2: GET /admin/orders without `fields`. */
const LIST = names(BRIEF)
/** Recorded: transfer-cancel-200. */
const STORE =
  names(`id status summary currency_code display_id custom_display_id region_id email ${TOTALS} discount_subtotal created_at updated_at version
  credit_lines items shipping_address billing_address shipping_methods`)

const RELATIONS = new Set(
  names(
    'items credit_lines shipping_address billing_address shipping_methods payment_collections ' +
      'fulfillments transactions customer',
  ),
)
const LINE_AMOUNTS =
  names(`subtotal total original_subtotal original_total discount_subtotal discount_tax_total discount_total tax_total original_tax_total
  refundable_total_per_unit refundable_total fulfilled_total shipped_total return_requested_total return_received_total return_dismissed_total write_off_total`)
/** What lines carry only where the order's own total is sent. */
const LINE_TOTALS: readonly string[] = [
  'tax_lines',
  'adjustments',
  ...LINE_AMOUNTS,
  ...LINE_AMOUNTS.map((name) => `raw_${name}`),
]
/**
 * What `*relation` leaves out: relations of relations, and totals nobody asked for (recorded:
 * get-200-fields-only, list-200-canceled).
 */
const NOT_OWN: Readonly<Record<string, readonly string[]>> = {
  items: ['variant', ...LINE_TOTALS],
  shipping_methods: LINE_TOTALS,
  credit_lines: LINE_TOTALS,
  payment_collections: ['payments'],
  payments: ['captures', 'refunds'],
}
/** These come with their id, whatever is asked of them (measured). */
const IDENTIFIED = new Set(['payments', 'captures', 'refunds', 'customer'])

type Path = readonly string[]

/** `value` reduced to `paths`; an empty path means all of its own columns. */
const narrow = (name: string, value: unknown, paths: readonly Path[]): unknown => {
  if (Array.isArray(value)) return value.map((one: unknown) => narrow(name, one, paths))
  if (typeof value !== 'object' || value === null) return value
  const own = paths.some((path) => path.length === 0)
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const deeper = paths.filter(([head]) => head === key).map(([, ...rest]) => rest)
      if (deeper.length > 0) return [[key, narrow(key, inner, deeper)]]
      const kept = own ? !NOT_OWN[name]?.includes(key) : key === 'id' && IDENTIFIED.has(name)
      return kept ? [[key, inner]] : []
    }),
  )
}

/**
 * `+a`, `*relation` and `-a` change the defaults; one bare name replaces them all; unknown names
 * are ignored.
 */
const select = (
  full: Fields,
  defaults: readonly string[],
  asked: string | undefined,
  always: readonly string[] = [],
): Fields => {
  const wishes = asked?.split(',') ?? []
  const replaces = wishes.some((wish) => !/^[-+* ]/.test(wish))
  const dropped = new Set(
    wishes.filter((wish) => wish.startsWith('-')).map((wish) => wish.slice(1)),
  )
  const kept = replaces
    ? {}
    : Object.fromEntries(
        defaults.filter((name) => !dropped.has(name)).map((name) => [name, full[name]]),
      )
  const paths = [...wishes, ...always].flatMap((wish): Path[] => {
    const path = wish
      .replace(/^[-+* ]/, '')
      .replace(/\.\*$/, '')
      .split('.')
    const [head = ''] = path
    // A relation by its bare name sends nothing (measured: `fields=id,items`).
    const bare = RELATIONS.has(head) && path.length === 1 && !/^\*|\.\*$/.test(wish)
    return wish.startsWith('-') || bare || head in kept || !(head in full) ? [] : [path]
  })
  return { ...kept, ...(narrow('order', full, paths) as Fields) }
}

/**
 * The order as a cancel, an update and the admin's transfer cancel send it: without the two
 * computed statuses, whatever is asked.
 */
export const adminOrder = (order: Order, asked: string | undefined): Fields =>
  select(write(order), ADMIN, asked)

const statuses = (order: Order) => ({
  payment_status: paymentStatusOf(order),
  fulfillment_status: fulfillmentStatusOf(order),
})

/**
 * GET /admin/orders/{id}: both statuses always, and what they are computed from (recorded:
 * get-200-fields-only).
 */
export const readOrder = (order: Order, asked: string | undefined): Fields => ({
  ...select(write(order), ADMIN, asked, [
    'id',
    'status',
    'version',
    '*payment_collections',
    '*fulfillments',
  ]),
  ...statuses(order),
})

/**
 * GET /admin/orders: items without their totals, unless the order's total is asked for (recorded:
 * list-200-by-id, list-200-canceled).
 */
export const listedOrder = (order: Order, asked: string | undefined): Fields => {
  const full = write(order)
  const listed = select(full, LIST, asked, ['id', 'status', 'version', '*items'])
  const priced =
    'total' in listed
      ? { items: narrow('items', full['items'], [[], ...LINE_TOTALS.map((name) => [name])]) }
      : {}
  return { ...listed, ...priced, ...statuses(order) }
}

/** POST /store/orders/{id}/transfer/cancel (recorded: transfer-cancel-200). */
export const storeOrder = (order: Order, asked: string | undefined): Fields => ({
  ...select(write(order), STORE, asked, ['*payment_collections', '*fulfillments']),
  ...statuses(order),
})
