/** The orders of the BigCommerce imitation, and how its API shows and lists them. */
import { z } from 'zod'
import { createOrderBook, pageSize } from '../../../src/adapter/sandbox-kit.ts'
// The members of a live store's order (github.com/NangoHQ/integration-templates@4df475df) and of
// its lines as the OpenAPI document has them; values are ours.
import order from './order.json' with { type: 'json' }
import states from './states.json' with { type: 'json' }

/** `system_label` by its number (OpenAPI document, GET /order_statuses). */
export const LABELS = [
  'Incomplete',
  'Pending',
  'Shipped',
  'Partially Shipped',
  'Refunded',
  'Cancelled',
  'Declined',
  'Awaiting Payment',
  'Awaiting Pickup',
  'Awaiting Shipment',
  'Completed',
  'Awaiting Fulfillment',
  'Manual Verification Required',
  'Disputed',
  'Partially Refunded',
]
export const CANCELED = LABELS.indexOf('Cancelled')

type Fields = typeof order
interface State {
  readonly says: string
  readonly order?: Partial<Fields>
  /** How long a cancel takes. */
  readonly busyMs?: number
  /** `throttled`: the first is turned away. `gateway`: each is done, and answers 502. */
  readonly fault?: string
}

/** As many bytes as the field holds, but for three. */
const FULL = `${'Called, no answer. '.repeat(3_449)}.`

function makeOrder({ order: changed, busyMs = 0, fault }: State, id: string, ordinal: number) {
  const full = id.startsWith('notes-full') && { staff_notes: FULL }
  const { line_items, ...fields } = { ...order, ...changed, ...full }
  return { id, ordinal, fields, line_items, busyMs, fault }
}

export const createOrders = () =>
  createOrderBook(states as Readonly<Record<string, State>>, makeOrder)
type Orders = ReturnType<typeof createOrders>
export type SandboxOrder = ReturnType<typeof makeOrder>

/** Always in UTC (OpenAPI document, date_modified). */
export const rfc2822 = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000')

const linkTo = (id: string, what: string) => ({
  url: `https://api.bigcommerce.com/stores/sandbox/v2/orders/${id}/${what}`,
  resource: `/orders/${id}/${what}`,
})

/** The order; `whole` has its lines in it, as `include=consignments.line_items` asks for. */
export const present = ({ id, fields, line_items }: SandboxOrder, whole: boolean): object => {
  const label = LABELS[fields.status_id]
  const shipping = [{ id: 17, shipping_method: 'Fixed Shipping', line_items }]
  return {
    ...fields,
    id,
    status: label,
    custom_status: label,
    products: linkTo(id, 'products'),
    shipping_addresses: linkTo(id, 'shippingaddresses'),
    coupons: linkTo(id, 'coupons'),
    consignments: whole
      ? { pickups: [], shipping, downloads: [], email: { gift_certificates: [] } }
      : linkTo(id, 'consignments'),
  }
}

const Moment = z
  .string()
  .transform(Date.parse)
  .refine((at) => !Number.isNaN(at))
/** Of the list’s parameters those that are imitated. */
const List = z.object({
  min_id: z.string().optional(),
  min_date_modified: Moment.optional(),
  max_date_modified: Moment.optional(),
  status_id: z.coerce.number().int().optional(),
  sort: z.enum(['id', 'id:asc', 'date_modified', 'date_modified:asc']).default('id'),
  limit: z.string().optional(),
  page: z.string().optional(),
})

/** The orders of a page; null: a parameter is not one. Ids are words here, so they have a place. */
export const listOf = (orders: Orders, query: Record<string, string>): SandboxOrder[] | null => {
  const { data } = List.safeParse(query)
  if (!data) return null
  const { min_id, min_date_modified: min, max_date_modified: max, status_id, sort } = data
  const from = min_id === undefined ? 0 : (orders.find(min_id)?.ordinal ?? Number(min_id))
  const at = ({ fields }: SandboxOrder) => Date.parse(fields.date_modified)
  const found = orders
    .all()
    .filter(
      (one) =>
        one.ordinal >= from &&
        at(one) >= (min ?? -Infinity) &&
        at(one) <= (max ?? Infinity) &&
        (status_id === undefined || one.fields.status_id === status_id) &&
        !one.fields.is_deleted,
    )
    .toSorted(sort.startsWith('id') ? (a, b) => a.ordinal - b.ordinal : (a, b) => at(a) - at(b))
  // “By default 50 orders”; 250 at most.
  const size = pageSize(data.limit, 50, 250)
  const start = (pageSize(data.page, 1, Number.MAX_SAFE_INTEGER) - 1) * size
  return found.slice(start, start + size)
}
