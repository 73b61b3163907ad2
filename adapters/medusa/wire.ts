/**
 * What goes over the wire to a Medusa: its replies, as far as they are read, and the fields that
 * are asked for because of it. Recorded on 2.21.2; tolerant of everything else.
 */
import { z } from 'zod'
import { type Connection, type ErrorRule, path, tolerant } from '../../src/adapter/index.ts'

const { amount, id, part, text, word } = tolerant

/**
 * What decides of money or a hindrance, but not whether the order can be read: of a list with an
 * unreadable entry nothing is told.
 */
export const told = <T extends z.ZodType>(item: T) => tolerant.entries(item).catch(null)

export const Payment = z.object({
  amount,
  currency_code: text,
  captured_at: word,
  canceled_at: word,
  captures: told(z.object({ amount })),
  refunds: told(z.object({ amount })),
})
export type Payment = z.infer<typeof Payment>

const Item = z.object({
  id: text,
  title: text,
  product_title: text,
  variant_sku: text,
  variant_id: text,
  product_id: text,
  quantity: tolerant.count,
  unit_price: amount,
  total: amount,
})

export const Order = z.object({
  id,
  display_id: text,
  status: z.string(),
  payment_status: text,
  fulfillment_status: text,
  currency_code: text,
  email: text,
  customer_id: text,
  canceled_at: word,
  created_at: text,
  updated_at: text,
  metadata: z.record(z.string(), z.unknown()).nullish().catch(null),
  total: amount,
  credit_line_total: amount,
  item_total: amount,
  item_subtotal: amount,
  discount_total: amount,
  discount_tax_total: amount,
  shipping_total: amount,
  shipping_subtotal: amount,
  tax_total: amount,
  items: tolerant.items(Item),
  shipping_address: part({ first_name: text, last_name: text, phone: text }),
  payment_collections: told(z.object({ payments: told(Payment) })),
  fulfillments: told(z.object({ canceled_at: word })),
})
export type Order = z.infer<typeof Order>

const each = (relation: string, names: string): string[] =>
  names.split(' ').map((name) => `${relation}.${name}`)

/**
 * By name, in the place of Medusa's defaults: those tell 4.8 KB of every line (2.21.2), which no
 * long order needs. The two raw quantities are read by nobody here; without them Medusa calls an
 * order `fulfilled` of which a part is (measured; core-flows 2.21.2,
 * order/utils/aggregate-status.js).
 */
export const ORDER_FIELDS = [
  'id',
  'display_id',
  'status',
  'currency_code',
  'email',
  'customer_id',
  'metadata',
  'created_at',
  'updated_at',
  'canceled_at',
  'total',
  'credit_line_total',
  'item_subtotal',
  'discount_total',
  'discount_tax_total',
  'shipping_subtotal',
  'tax_total',
  ...each(
    'items',
    'id title product_title variant_sku variant_id product_id quantity unit_price total ' +
      'raw_quantity detail.raw_fulfilled_quantity',
  ),
  ...each('shipping_address', 'first_name last_name phone'),
  ...each(
    'payment_collections.payments',
    'amount currency_code captured_at canceled_at captures.amount refunds.amount',
  ),
  'fulfillments.canceled_at',
].join(',')

export const OrderReply = z.object({ order: Order })
/**
 * The cancel's own reply lacks payment and fulfillment status at any `fields`: only its status is
 * worth reading.
 */
export const CancelReply = z.object({ order: z.object({ id, status: word }) })
/** A note is read back with the order, so that its own reply need tell nothing. */
export const NoteReply = z.object({ order: part({ id: text }) }).catch({ order: null })
export const AnyReply = z.object({})

/**
 * Strict: an open change is a hindrance that nothing else shows, and money moves before Medusa
 * refuses because of it.
 */
export const ChangesReply = z.object({
  order_changes: z.array(z.object({ id, order_id: text, change_type: word, status: z.string() })),
})
export type Change = z.infer<typeof ChangesReply>['order_changes'][number]

export const TokenReply = z.object({ token: z.string().min(1) })

/** `{type, message}`, sometimes `code`; a 401 has `message` alone. */
export const ErrorReply = z.object({ type: text, message: text })

/**
 * Refusals that are none: nobody said no, and a rolled back transaction may have moved money
 * outside of the database.
 */
export const ASKS_AGAIN: readonly ErrorRule[] = [
  {
    status: 409,
    means: 'doubt',
    source:
      '@medusajs/framework 2.21.2, http/middlewares/error-handler.js: 409 is a conflict of ' +
      'transactions alone, “You may retry the request”',
  },
  {
    status: 423,
    means: 'doubt',
    source:
      'RFC 4918 11.3: locked for now; Medusa has no such answer of its own, whoever stands ' +
      'before it may',
  },
  {
    status: 425,
    means: 'doubt',
    source:
      'RFC 8470 5.2: to be sent again later; Medusa has no such answer of its own, whoever ' +
      'stands before it may',
  },
]

/** The ids that replies tell of the order they are about. */
export const idOf = (reply: unknown): unknown[] => [
  (reply as { order?: { id?: unknown } | null }).order?.id,
]
export const idsOf = ({ order_changes }: z.infer<typeof ChangesReply>): unknown[] =>
  order_changes.map(({ order_id }) => order_id)

/**
 * Every order of a page comes with its lines, whatever is asked for (list-200-canceled), so pages
 * are short.
 */
const PAGE = 50
const MAX_PAGES = 20
const FoundReply = z.object({
  orders: z.array(z.object({ id, display_id: text })),
  count: tolerant.count,
})

/**
 * The ids of orders by the number people see, with or without the `#` that Medusa's admin shows
 * before it. A filter by `display_id` is silently ignored (list-200-unknown-filter-ignored), and a
 * search finds whatever holds these digits somewhere: so search, compare, and turn pages. By number
 * ascending, because no number that contains another is below it.
 */
export const idsByNumber = async <S>(
  connection: Connection<S>,
  number: string,
  as?: string,
): Promise<{ ids: string[]; complete: boolean }> => {
  const wanted = number.replace(/^#/, '')
  const seen = new Set<string>()
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = {
      q: wanted,
      limit: String(PAGE),
      offset: String(seen.size),
      order: 'display_id',
      fields: 'id,display_id',
    }
    const { orders, count } = await connection.send({
      method: 'GET',
      path: path`/admin/orders`,
      query,
      ...(as !== undefined && { as }),
      reply: FoundReply,
    })
    const ids = orders.filter(({ display_id }) => display_id === wanted).map((order) => order.id)
    if (ids.length > 0) return { ids, complete: true }
    const before = seen.size
    for (const order of orders) seen.add(order.id)
    if (orders.length === 0 || (typeof count === 'number' && seen.size >= count))
      return { ids, complete: true }
    // The offset is ignored: what is not on the first page is never seen.
    if (seen.size === before) break
  }
  return { ids: [], complete: false }
}
