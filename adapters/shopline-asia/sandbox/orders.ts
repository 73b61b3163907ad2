/**
 * The orders of the SHOPLINE Asia imitation: their states, what a cancel does to them, and how the
 * API shows them.
 */
import {
  createOrderBook,
  LATE_MS,
  type OrderBook,
  SLOW_MS,
} from '../../../src/adapter/sandbox-kit.ts'

/** Words of the Open API's models Order, OrderPayment and OrderDelivery. */
interface State {
  readonly says: string
  readonly status: 'pending' | 'confirmed' | 'completed' | 'cancelled'
  readonly payment: 'pending' | 'completed'
  readonly paymentType: 'bank_transfer' | 'cash_on_delivery' | 'taishin_tappay'
  readonly delivery: 'pending' | 'shipped' | 'arrived' | 'collected' | 'returning'
  /** The goods cannot be put back: the platform says so per item, under 200. */
  readonly restockFails?: true
  readonly thinksMs?: number
  /** How many cancels get a 429 first. */
  readonly throttles?: number
}

interface ActionLog {
  readonly key: string
  readonly data: object
  readonly created_at: string
  readonly performer_type: 'Merchant' | 'User'
}

export interface SandboxOrder {
  readonly id: string
  readonly ordinal: number
  readonly number: string
  readonly merchantNumber: string | null
  status: State['status']
  payment: State['payment'] | 'refunded'
  readonly paymentType: State['paymentType']
  readonly delivery: State['delivery']
  readonly restockFails: boolean
  readonly thinksMs: number
  throttles: number
  updatedAt: string
  stockTags: readonly object[] | null
  readonly logs: ActionLog[]
}

const unpaid = {
  status: 'pending',
  payment: 'pending',
  paymentType: 'bank_transfer',
  delivery: 'pending',
} as const
const paid = {
  status: 'confirmed',
  payment: 'completed',
  paymentType: 'taishin_tappay',
  delivery: 'pending',
} as const

const STATES: Readonly<Record<string, State>> = {
  open: { ...unpaid, says: 'Unpaid, not shipped.' },
  paid: { ...paid, says: 'Paid by TapPay: refunded unless refund_order is false.' },
  'paid-transfer': {
    ...paid,
    paymentType: 'bank_transfer',
    says: 'Paid by bank transfer: the platform cannot refund it, whatever refund_order says.',
  },
  fulfilled: { ...paid, delivery: 'shipped', says: 'Shipped: the cancel is refused with 422.' },
  arrived: {
    ...paid,
    delivery: 'arrived',
    says: 'Waiting in the pick-up store: the cancel is refused with 422.',
  },
  returning: {
    ...paid,
    delivery: 'returning',
    says: 'Has a return order that is not canceled: the cancel is refused with 422.',
  },
  completed: {
    ...paid,
    status: 'completed',
    delivery: 'collected',
    says: 'Collected and completed: the cancel is refused with 422.',
  },
  canceled: {
    ...unpaid,
    status: 'cancelled',
    says: 'Canceled before; the platform keeps neither time nor reason in the order.',
  },
  'restock-fails': {
    ...unpaid,
    restockFails: true,
    says: 'Is canceled, but no item can be put back in stock.',
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
}

/** UTC, written with an offset, as the vendor's samples are. */
const now = (): string => new Date().toISOString().replace('Z', '+00:00')

const CREATED_AT = '2026-11-02T09:15:00.000+00:00'
const SHIPPED_AT = '2026-11-04T07:00:00.000+00:00'

const orderNumber = (ordinal: number): string => `20261102091500${String(ordinal).padStart(3, '0')}`

export const createOrders = (): OrderBook<SandboxOrder> =>
  createOrderBook(STATES, ({ restockFails, thinksMs, throttles, ...state }, id, ordinal) => ({
    ...state,
    id,
    ordinal,
    number: orderNumber(ordinal),
    // The shop gave `arrived` the number that the platform gave `fulfilled`: a search finds both,
    // as the search page warns.
    merchantNumber: id === 'arrived' ? orderNumber(ordinal - 1) : null,
    restockFails: restockFails ?? false,
    thinksMs: thinksMs ?? 0,
    throttles: throttles ?? 0,
    updatedAt: CREATED_AT,
    stockTags: null,
    logs: [],
  }))

/**
 * Page "Cancel Order": blocked once shipped, arrived or collected, and while a return order is
 * alive; completed orders do not change.
 */
export function objection(order: SandboxOrder): string | undefined {
  if (order.status === 'completed') return 'The order is completed'
  if (order.delivery === 'returning') return 'The order has a return order'
  if (order.delivery !== 'pending') return 'The order has been shipped or delivered'
  return undefined
}

/** Every field with its effective value: defaults are filled in before. */
export interface Cancellation {
  readonly operatedBy: 'merchant' | 'customer'
  readonly refund: boolean
  /** What the action log keeps; the order itself shows none of it. */
  readonly data: object
}

/**
 * Cancels and tells whether money went back. Page "Cancel Order": "currently" only Taishin TapPay
 * is refunded automatically.
 */
export function cancel(
  order: SandboxOrder,
  { operatedBy, refund, data }: Cancellation,
): { readonly refunded: boolean } {
  const refunded = refund && order.payment === 'completed' && order.paymentType === 'taishin_tappay'
  order.status = 'cancelled'
  order.updatedAt = now()
  if (refunded) order.payment = 'refunded'
  if (order.restockFails) {
    order.stockTags = ITEMS.map((_, index) => ({
      product_id: hex('a', index),
      sku_id: hex('b', index),
      order_item_id: hex('c', order.ordinal * 10 + index),
      stock_tag: 'INCREASE_FAILED',
    }))
  }
  order.logs.push({
    key: 'cancel_order',
    data,
    created_at: order.updatedAt,
    performer_type: operatedBy === 'merchant' ? 'Merchant' : 'User',
  })
  return { refunded }
}

/** A 24-digit hexadecimal id, as the platform's own are. */
const hex = (kind: string, ordinal: number): string => kind + ordinal.toString(16).padStart(23, '0')

/**
 * TWD has no minor unit; whether `cents` of NT$100 is 100 or 10000 is not documented. Here it is
 * 100: read `dollars` or `label`.
 */
const money = (amount: number): object => ({
  cents: amount,
  currency_symbol: 'NT$',
  currency_iso: 'TWD',
  label: `NT$${amount.toLocaleString('en-US')}`,
  dollars: amount,
})

export const TOTAL = 1_280
const SHIPPING = 80
const ITEMS = [
  { title: 'Oolong tea', sku: 'TEA-01', price: 350, quantity: 2 },
  { title: 'Clay teapot', sku: 'POT-01', price: 500, quantity: 1 },
]

const translated = (en: string): object => ({ en, 'zh-hant': en })

const delivered = (order: SandboxOrder): boolean => order.delivery !== 'pending'

/** Model Order. It has no field for the time or the reason of a cancel. */
export const present = (order: SandboxOrder): object => ({
  id: order.id,
  order_number: order.number,
  system_order_number: order.number,
  merchant_order_number: order.merchantNumber,
  status: order.status,
  is_guest_checkout: false,
  order_remarks: '',
  customer_id: hex('d', order.ordinal),
  customer_name: 'Ada Berg',
  customer_email: 'buyer@example.com',
  customer_phone: '0900000000',
  customer_phone_country_code: '886',
  currency_iso: 'TWD',
  subtotal: money(TOTAL - SHIPPING),
  order_discount: money(0),
  user_credit: money(0),
  total_tax_fee: money(0),
  total: money(TOTAL),
  order_points: 0,
  order_points_to_cash: money(0),
  order_payment: {
    payment_method_id: hex('e', 1),
    payment_type: order.paymentType,
    name_translations: translated(order.paymentType),
    status: order.payment,
    payment_fee: money(0),
    total: money(TOTAL),
    paid_at: order.payment === 'pending' ? null : CREATED_AT,
    updated_at: order.updatedAt,
    created_at: CREATED_AT,
  },
  order_delivery: {
    id: hex('f', order.ordinal),
    delivery_option_id: hex('e', 2),
    platform: 'custom',
    status: order.delivery,
    delivery_status: order.delivery,
    name_translations: translated('Home delivery'),
    total: money(SHIPPING),
    shipped_at: delivered(order) ? SHIPPED_AT : null,
    arrived_at: delivered(order) && order.delivery !== 'shipped' ? SHIPPED_AT : null,
    collected_at: order.delivery === 'collected' ? SHIPPED_AT : null,
    returned_at: null,
    return_order_id: order.delivery === 'returning' ? hex('9', order.ordinal) : null,
    updated_at: CREATED_AT,
  },
  subtotal_items: ITEMS.map(({ title, sku, price, quantity }, index) => ({
    id: hex('c', order.ordinal * 10 + index),
    item_type: 'Product',
    item_id: hex('a', index),
    item_variation_key: hex('b', index),
    sku,
    quantity,
    title_translations: translated(title),
    item_price: money(price),
    price: money(price),
    total: money(price * quantity),
    is_preorder: false,
  })),
  promotion_items: [],
  parent_order_id: null,
  child_order_ids: [],
  created_by: 'shop',
  tags: [],
  allow_customer_cancel: false,
  order_items_stock_tag: order.stockTags,
  confirmed_at: order.status === 'pending' ? null : CREATED_AT,
  completed_at: order.status === 'completed' ? SHIPPED_AT : null,
  edited_at: null,
  created_at: CREATED_AT,
  updated_at: order.updatedAt,
})

/**
 * Model OrderActionLog; the key's name and what `data` holds differ per key and are not documented
 * for a cancel.
 */
export const presentLogs = (order: SandboxOrder): readonly object[] =>
  order.logs.map((log) => ({
    ...log,
    performer_name: log.performer_type === 'Merchant' ? 'Sandbox' : 'Ada Berg',
    performer_id: hex('d', order.ordinal),
    performing_application_id: null,
  }))
