/**
 * The orders of the Shoplazza imitation and how each API version spells them, apart from the routes
 * that serve them.
 */
import {
  createOrderBook,
  LATE_MS,
  type OrderBook,
  SLOW_MS,
} from '../../../src/adapter/sandbox-kit.ts'

/** Words of shoplazza.dev/reference/order-4 ("Order"); only those that an example uses. */
interface State {
  readonly says: string
  readonly status: 'opened' | 'placed' | 'finished' | 'cancelled'
  readonly financial: 'waiting' | 'authorized' | 'paid' | 'partially_refunded'
  readonly fulfillment: 'initialled' | 'waiting' | 'shipped' | 'finished'
  readonly canceled?: true
  readonly thinksMs?: number
  /** How many cancels get a 429 first. */
  readonly throttles?: number
  /**
   * `aborted`: the first cancel does nothing and answers 500. `deadline`: it is carried out, and
   * answers 500.
   */
  readonly fault?: 'aborted' | 'deadline'
}

export interface SandboxOrder extends Omit<
  State,
  'says' | 'status' | 'canceled' | 'throttles' | 'fault'
> {
  readonly id: string
  readonly number: string
  readonly ordinal: number
  status: State['status']
  fault: State['fault'] | null
  throttles: number
  updatedAt: string
  canceledAt: string | null
  cancelReason: string | null
  finishedAt: string | null
}

const unpaid = { status: 'opened', financial: 'waiting', fulfillment: 'initialled' } as const
const paid = { status: 'placed', financial: 'paid', fulfillment: 'waiting' } as const

const STATES: Readonly<Record<string, State>> = {
  open: { ...unpaid, says: 'Unpaid, not shipped: ends as cancelled.' },
  paid: {
    ...paid,
    says: 'Paid, not shipped: ends as finished, with a cancel time; nothing is refunded.',
  },
  authorized: {
    ...paid,
    financial: 'authorized',
    says: 'Payment authorized, not captured: ends as cancelled, the authorization stays.',
  },
  'partially-refunded': {
    ...paid,
    financial: 'partially_refunded',
    says: 'Paid and refunded in part before: ends as finished.',
  },
  fulfilled: { ...paid, fulfillment: 'shipped', says: 'Shipped: the cancel is refused with 406.' },
  finished: {
    status: 'finished',
    financial: 'paid',
    fulfillment: 'finished',
    says: 'Delivered and finished, never canceled: refused with 406.',
  },
  canceled: {
    ...unpaid,
    status: 'cancelled',
    canceled: true,
    says: 'Canceled before it was paid.',
  },
  'canceled-paid': {
    ...paid,
    status: 'finished',
    canceled: true,
    says: 'Canceled after it was paid: the platform calls it finished.',
  },
  slow: { ...unpaid, thinksMs: SLOW_MS, says: 'As open, but the cancel takes 1.5 seconds.' },
  late: {
    ...unpaid,
    thinksMs: LATE_MS,
    says: 'As open, but the cancel takes 4 seconds and lands though the caller has gone.',
  },
  throttled: {
    ...unpaid,
    throttles: 1,
    says: 'The first cancel gets a 429 with Retry-After, the next one works.',
  },
  aborted: {
    ...unpaid,
    fault: 'aborted',
    says: 'The first cancel answers 500 "Aborted" and does nothing.',
  },
  deadline: {
    ...unpaid,
    fault: 'deadline',
    says: 'The cancel is carried out, yet answers 500 "DeadlineExceeded".',
  },
}

const CREATED_AT = '2026-11-02T09:15:00Z'
const CANCELED_AT = '2026-11-03T10:30:00Z'
const PLACED_AT = '2026-11-02T09:16:30Z'
const SHIPPED_AT = '2026-11-04T07:00:00Z'

export const createOrders = (): OrderBook<SandboxOrder> =>
  createOrderBook(STATES, ({ canceled, throttles, fault, ...state }, id, ordinal) => ({
    ...state,
    id,
    ordinal,
    number: String(ordinal).padStart(8, '0'),
    throttles: throttles ?? 0,
    fault: fault ?? null,
    updatedAt: canceled ? CANCELED_AT : CREATED_AT,
    canceledAt: canceled ? CANCELED_AT : null,
    cancelReason: canceled ? 'Ordered twice' : null,
    finishedAt: state.status === 'finished' ? CANCELED_AT : null,
  }))

/** Seconds and a Z, as in the vendor's examples. */
export const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z')

const isPaid = (order: SandboxOrder): boolean =>
  order.financial === 'paid' || order.financial === 'partially_refunded'

/**
 * Order page: "canceled" is a cancellation of an unpaid order, "finished" includes orders canceled
 * after payment. No refund, no void.
 */
export function cancel(order: SandboxOrder, reason: string | null): void {
  order.status = isPaid(order) ? 'finished' : 'cancelled'
  order.canceledAt = order.updatedAt = now()
  order.finishedAt = isPaid(order) ? order.canceledAt : null
  order.cancelReason = reason
}

const uuid = (ordinal: number, part: number): string =>
  `00000000-0000-4000-8000-${String(part).padStart(4, '0')}${String(ordinal).padStart(8, '0')}`

const ADDRESS = {
  first_name: 'Ada',
  last_name: 'Berg',
  name: 'Ada Berg',
  address1: 'Lindenweg 4',
  address2: '',
  phone: '202-555-0143',
  city: 'Springfield',
  zip: '62701',
  province: 'Illinois',
  province_code: 'US-IL',
  country: 'United States',
  country_code: 'US',
  company: '',
  area: '',
  email: 'buyer@example.com',
  latitude: '',
  longitude: '',
  phone_area_code: '1',
  extra_info: {},
}

const CUSTOMER = {
  id: '00000000-0000-4000-8000-000000000007',
  email: 'buyer@example.com',
  first_name: 'Ada',
  last_name: 'Berg',
  phone: '',
  created_at: CREATED_AT,
  updated_at: CREATED_AT,
  total_spent: '48.50',
}

const lineItem = (order: SandboxOrder): object => ({
  id: uuid(order.ordinal, 1),
  product_id: uuid(order.ordinal, 2),
  variant_id: uuid(order.ordinal, 3),
  product_title: 'Enamel mug',
  variant_title: 'Green',
  quantity: 2,
  note: '',
  fulfillment_status: order.fulfillment === 'initialled' ? 'waiting' : order.fulfillment,
  sku: 'MUG-GREEN',
  weight: '0.40',
  weight_unit: 'kg',
  vendor: '',
  product_url: 'https://shop.example/products/mug',
  compare_at_price: '0.00',
  price: '21.00',
  custom_properties: {},
})

/** What both generations of the API spell alike. `empty` is how each writes "nothing". */
const common = <Empty>(order: SandboxOrder, empty: Empty): object => ({
  id: order.id,
  number: order.number,
  note: '',
  status: order.status,
  financial_status: order.financial,
  fulfillment_status: order.fulfillment,
  cancel_reason: order.cancelReason ?? empty,
  payment_method: 'online',
  discount_applications: '[]',
  customer_note: '',
  buyer_accepts_marketing: false,
  currency: 'USD',
  total_price: '48.50',
  sub_total: '42.00',
  total_discount: '0.00',
  total_tax: '2.00',
  total_shipping: '4.50',
  code_discount_total: '0.00',
  gift_card_total: '0.00',
  shipping_tax_total: '0.00',
  additional_total: '0.00',
  total_refund_price: order.financial === 'partially_refunded' ? '10.00' : '0.00',
  total_tip_received: '0.00',
  refund_status: order.financial === 'partially_refunded' ? 'customize' : 'none',
  total_paid: isPaid(order) ? '48.50' : '0.00',
  tags: '',
  created_at: CREATED_AT,
  updated_at: order.updatedAt,
  placed_at: order.financial === 'waiting' ? empty : PLACED_AT,
  deleted_at: empty,
  customer_deleted_at: empty,
  browser_ip: '192.0.2.7',
  source: 'https://shop.example/',
  last_landing_url: 'https://shop.example/',
  email_status: 'waiting',
  recovery_status: 'waiting',
  shipping_line: { name: 'Standard' },
  shipping_address: ADDRESS,
  billing_address: ADDRESS,
  payment_line: {
    payment_channel: 'paypal',
    payment_method: 'online',
    transaction_no: isPaid(order) ? `TX${order.number}` : '',
    merchant_id: '',
    merchant_email: '',
  },
})

const fulfillments = (order: SandboxOrder, items: readonly object[]): readonly object[] =>
  order.fulfillment === 'shipped' || order.fulfillment === 'finished'
    ? [
        {
          id: uuid(order.ordinal, 4),
          order_id: order.id,
          status: order.fulfillment,
          tracking_company: 'Parcel Post',
          tracking_number: `PP${order.number}`,
          tracking_company_code: '100',
          created_at: SHIPPED_AT,
          updated_at: SHIPPED_AT,
          line_items: items,
        },
      ]
    : []

/**
 * "SPZ Admin API 2022.01", schema Order: `canceled_at` with one l, the vendor's own typo
 * `addtional_prices`, and null for an absent time.
 */
function legacy(order: SandboxOrder): object {
  const items = [
    {
      ...lineItem(order),
      product_handle: 'mug',
      image: '',
      total: '42.00',
      properties: [],
      refund_quantity: 0,
      refund_total: '0.00',
    },
  ]
  return {
    ...common(order, null),
    canceled_at: order.canceledAt,
    discount_code: '',
    landing_site: 'https://shop.example/',
    line_item_discount_total: '0.00',
    total_refund_tax: '0.00',
    total_refund_discount: '0.00',
    addtional_prices: [],
    product_tax_included: false,
    source_name: { data: 'Direct', created_at: CREATED_AT },
    last_referrer_show: { data: 'Others', created_at: CREATED_AT },
    customer: { ...CUSTOMER, orders_count: 1 },
    line_items: items,
    fulfillments: fulfillments(order, items),
  }
}

/**
 * Vendor CLI registry, schema v202506.Order: `cancelled_at`, `additional_prices`, payment lines,
 * and "" for an absent time (all are plain strings there; our reading).
 */
function modern(order: SandboxOrder): object {
  const items = [
    {
      ...lineItem(order),
      product_slug: 'mug',
      total_price: '42.00',
      refund_quantity_total: 0,
      requires_shipping: true,
      taxable: true,
    },
  ]
  return {
    ...common(order, ''),
    cancelled_at: order.canceledAt ?? '',
    finished_at: order.finishedAt ?? '',
    duty_total: '0.00',
    additional_prices: [],
    payment_lines: isPaid(order)
      ? [
          {
            id: uuid(order.ordinal, 5),
            payment_channel: 'paypal',
            payment_method: 'online',
            transaction_no: `TX${order.number}`,
          },
        ]
      : [],
    source_name: 'Direct',
    last_referrer_show: 'Others',
    customer: { ...CUSTOMER, order_count: 1 },
    line_items: items,
    fulfillments: fulfillments(order, items),
  }
}

/** The new envelope and spellings came with 2025-06 (shoplazza.dev changelog). */
export const isModern = (version: string): boolean => version >= '2025-06'

export const present = (order: SandboxOrder, version: string): object =>
  isModern(version) ? modern(order) : legacy(order)
