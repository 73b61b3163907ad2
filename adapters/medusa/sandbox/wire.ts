/**
 * An order of the imitation as Medusa 2.21.2 writes it, with every field that it ever sent us
 * (recorded: get-200-fields-plus and the cancels around it).
 */
import { customerOf, guest, pricesOf, round, sumsOf, USER_ID } from './orders.ts'
import type { Entry, Fields, Order } from './orders.ts'

const raw = (value: number) => ({ value: String(value), precision: 20 })
/** Numbers, each with its exact twin: `amount` and `raw_amount`. */
const exact = (numbers: Record<string, number>): Fields => ({
  ...numbers,
  ...Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [`raw_${name}`, raw(value)]),
  ),
})
const stamps = (created: string, updated = created) => ({
  created_at: created,
  updated_at: updated,
  deleted_at: null,
})
/** The same null for each name. */
const nulls = (names: string): Fields =>
  Object.fromEntries(names.split(' ').map((name) => [name, null]))

const VARIANT = 'variant_01SANDBOX00000000000000MUG'
const PRODUCT = 'prod_01SANDBOX00000000000000MUG'
const SHIPPING_OPTION = 'so_01SANDBOX00000000000000STD'
const measures = nulls(
  'weight length height width origin_country hs_code mid_code material metadata',
)

const taxLine = (
  order: Order,
  prefix: string,
  rate: number,
  tax: number,
  owner: Fields,
): Fields => ({
  id: `${prefix}_${order.serial}`,
  description: 'Sales tax',
  tax_rate_id: 'txr_01SANDBOX000000000000000TX',
  code: 'US',
  provider_id: 'system',
  metadata: null,
  data: null,
  ...owner,
  ...stamps(order.createdAt),
  ...exact({ rate, total: tax, subtotal: tax }),
  raw_rate: raw(rate),
})

/** What items and shipping methods have in common. */
const totals = (net: number, tax: number) => {
  const total = round(net + tax)
  return {
    subtotal: net,
    total,
    original_subtotal: net,
    original_total: total,
    discount_subtotal: 0,
    discount_tax_total: 0,
    discount_total: 0,
    tax_total: tax,
    original_tax_total: tax,
  }
}

const itemOf = (order: Order): Fields => {
  const { unit, items, itemTax, rate } = pricesOf(order)
  const { quantity, fulfilled } = order
  const id = `ordli_${order.serial}`
  const done = (when: boolean, value: number) => (when ? value : 0)
  const packed = fulfilled !== undefined && fulfilled !== 'canceled'
  const shipped = fulfilled === 'shipped' || fulfilled === 'delivered'
  const total = round(items + itemTax)
  // A new version copies the unit price into the detail (recorded:
  // cancel-200-authorized.before-get, .after-get).
  const copied = order.version > 1
  return {
    id,
    title: 'Lab mug',
    subtitle: 'M',
    thumbnail: null,
    variant_id: VARIANT,
    product_id: PRODUCT,
    product_title: 'Lab mug',
    product_handle: 'lab-mug',
    ...nulls(
      'product_description product_subtitle product_type product_type_id product_collection ' +
        'variant_barcode variant_option_values',
    ),
    variant_sku: 'LAB-MUG-M',
    variant_title: 'M',
    requires_shipping: true,
    is_giftcard: false,
    is_discountable: true,
    is_tax_inclusive: false,
    is_custom_price: false,
    metadata: {},
    line_item_metadata: {},
    ...nulls('compare_at_unit_price raw_compare_at_unit_price'),
    ...exact({ unit_price: unit, quantity }),
    ...stamps(order.createdAt),
    adjustments: [],
    tax_lines: [taxLine(order, 'ordlitxl', rate, itemTax, { item_id: id })],
    detail: {
      id: `orditem_${order.serial}`,
      version: order.version,
      metadata: {},
      order_id: order.id,
      item_id: id,
      ...stamps(copied ? order.updatedAt : order.createdAt),
      ...(copied ? exact({ unit_price: unit }) : nulls('unit_price raw_unit_price')),
      ...nulls('compare_at_unit_price raw_compare_at_unit_price'),
      ...exact({
        quantity,
        fulfilled_quantity: done(packed, quantity),
        delivered_quantity: done(fulfilled === 'delivered', quantity),
        shipped_quantity: done(shipped, quantity),
        return_requested_quantity: 0,
        return_received_quantity: 0,
        return_dismissed_quantity: 0,
        written_off_quantity: 0,
      }),
    },
    ...exact({
      ...totals(items, itemTax),
      refundable_total_per_unit: round(total / quantity),
      refundable_total: total,
      fulfilled_total: done(packed, total),
      shipped_total: done(shipped, total),
      return_requested_total: 0,
      return_received_total: 0,
      return_dismissed_total: 0,
      write_off_total: 0,
    }),
    variant: {
      id: VARIANT,
      title: 'M',
      sku: 'LAB-MUG-M',
      allow_backorder: false,
      manage_inventory: true,
      variant_rank: 0,
      product_id: PRODUCT,
      ...measures,
      ...nulls('barcode ean upc thumbnail'),
      ...stamps(order.createdAt),
      product: {
        id: PRODUCT,
        title: 'Lab mug',
        handle: 'lab-mug',
        is_giftcard: false,
        status: 'published',
        discountable: true,
        ...measures,
        ...nulls(
          'subtitle description thumbnail external_id type_id type collection_id collection',
        ),
        ...stamps(order.createdAt),
      },
    },
  }
}

const shippingOf = (order: Order): Fields => {
  const { shipping, shippingTax, rate } = pricesOf(order)
  const id = `ordsm_${order.serial}`
  return {
    id,
    name: 'Standard',
    description: null,
    is_tax_inclusive: false,
    is_custom_amount: false,
    shipping_option_id: SHIPPING_OPTION,
    data: order.payment ? {} : null,
    metadata: null,
    order_id: order.id,
    ...stamps(order.createdAt),
    adjustments: [],
    tax_lines: [taxLine(order, 'ordsmtxl', rate, shippingTax, { shipping_method_id: id })],
    detail: {
      id: `ordspmv_${order.serial}`,
      version: order.version,
      order_id: order.id,
      shipping_method_id: id,
      ...nulls('return_id exchange_id claim_id'),
      ...stamps(order.createdAt),
    },
    ...exact({ amount: shipping, ...totals(shipping, shippingTax) }),
  }
}

const addressOf = (order: Order, kind: string): Fields => ({
  id: `ordaddr_${kind}${order.serial.slice(kind.length)}`,
  ...nulls('customer_id company address_2 metadata'),
  first_name: 'Ada',
  last_name: 'Lovelace',
  address_1: '1 Engine St',
  city: 'Austin',
  country_code: 'us',
  province: 'tx',
  postal_code: '73301',
  phone: '+15125550100',
  ...stamps(order.createdAt),
})

const collectionsOf = (order: Order): Fields[] => {
  const { payment, serial } = order
  if (!payment) return []
  const id = `pay_${serial}`
  const captured = sumsOf(order).captured
  const lines = (entries: readonly Entry[], more: Fields) =>
    entries.map((line) => ({
      id: line.id,
      payment_id: id,
      ...more,
      metadata: null,
      created_by: line.from,
      ...stamps(line.at),
      ...exact({ amount: line.amount }),
    }))
  const common = {
    currency_code: 'usd',
    metadata: null,
    ...stamps(order.createdAt, order.updatedAt),
  }
  return [
    {
      id: `pay_col_${serial}`,
      ...common,
      completed_at: payment.completedAt,
      status: payment.collectionStatus,
      ...exact({
        amount: payment.amount,
        authorized_amount: payment.amount,
        captured_amount: captured,
        refunded_amount: payment.collectionRefunded,
      }),
      payments: [
        {
          id,
          ...common,
          provider_id: 'pp_system_default',
          data: {},
          canceled_at: payment.voidedAt,
          payment_collection_id: `pay_col_${serial}`,
          captured_at: captured === payment.amount ? order.createdAt : null,
          payment_session: { id: `payses_${serial}` },
          payment_session_id: `payses_${serial}`,
          ...exact({ amount: payment.amount }),
          captures: lines(payment.captures, {}),
          refunds: lines(payment.refunds, {
            refund_reason_id: null,
            refund_reason: null,
            note: null,
          }),
        },
      ],
    },
  ]
}

const fulfillmentsOf = (order: Order): Fields[] => {
  const { fulfilled, serial, createdAt } = order
  if (!fulfilled) return []
  const shipped = fulfilled === 'shipped' || fulfilled === 'delivered'
  return [
    {
      id: `ful_${serial}`,
      location_id: 'sloc_01SANDBOX000000000000000HQ',
      packed_at: createdAt,
      shipped_at: shipped ? createdAt : null,
      marked_shipped_by: shipped ? USER_ID : null,
      created_by: USER_ID,
      delivered_at: fulfilled === 'delivered' ? createdAt : null,
      canceled_at: fulfilled === 'canceled' ? createdAt : null,
      data: {},
      requires_shipping: true,
      metadata: null,
      provider_id: 'manual_manual',
      provider: { id: 'manual_manual' },
      shipping_option_id: SHIPPING_OPTION,
      shipping_option: { id: SHIPPING_OPTION },
      delivery_address_id: `fuladdr_${serial}`,
      delivery_address: { id: `fuladdr_${serial}` },
      ...stamps(createdAt),
    },
  ]
}

const creditsOf = (order: Order): Fields[] =>
  order.credits.map((line) => ({
    id: line.id,
    version: order.version,
    reference: 'payment_collection',
    reference_id: order.payment && `pay_col_${order.serial}`,
    metadata: { created_in_version: line.version },
    order_id: order.id,
    ...stamps(line.at),
    ...exact({ amount: line.amount, subtotal: line.amount, total: line.amount }),
  }))

const transactionsOf = (order: Order): Fields[] =>
  order.transactions.map(({ id, version, amount, at, from }) => ({
    id,
    version,
    currency_code: 'usd',
    reference: amount < 0 ? 'refund' : 'capture',
    reference_id: from,
    order_id: order.id,
    ...nulls('return_id return exchange_id exchange claim_id claim'),
    ...stamps(at),
    ...exact({ amount }),
  }))

const customerObject = (order: Order): Fields => {
  const { id, email } = customerOf(order)
  const known = id !== guest.id
  return {
    id,
    email,
    company_name: null,
    first_name: known ? 'Ada' : null,
    last_name: known ? 'Lovelace' : null,
    phone: null,
    has_account: known,
    metadata: null,
    created_by: null,
    ...stamps(order.createdAt),
  }
}

/**
 * Medusa's bookkeeping: it follows the transactions, not the payments, and knows only the last
 * credit line.
 */
const summaryOf = (order: Order): Fields => {
  const { net, total } = pricesOf(order)
  const { paid, refunded, credited, lastCredit } = sumsOf(order)
  // A draft is booked without tax until it changes (recorded: draft-order-get-as-order,
  // cancel-draft-order).
  const current = round((order.status === 'draft' ? net : total) - credited)
  return exact({
    paid_total: paid,
    refunded_total: refunded,
    accounting_total: current,
    credit_line_total: lastCredit,
    transaction_total: round(paid - refunded),
    pending_difference: round(order.listed * total - credited - paid + refunded),
    current_order_total: current,
    original_order_total: round(current + lastCredit),
  })
}

/** core-flows 2.21.2 `getLastPaymentStatus`, for the one collection that there is. */
export const paymentStatusOf = (order: Order): string => {
  const { payment } = order
  if (!payment) return 'not_paid'
  const { captured } = sumsOf(order)
  if (payment.collectionRefunded > 0)
    return payment.collectionRefunded === captured ? 'refunded' : 'partially_refunded'
  if (captured > 0)
    return captured === payment.amount && payment.collectionStatus !== 'canceled'
      ? 'captured'
      : 'partially_captured'
  return payment.collectionStatus
}

export const fulfillmentStatusOf = ({ fulfilled }: Order): string =>
  fulfilled === undefined ? 'not_fulfilled' : fulfilled === 'packed' ? 'fulfilled' : fulfilled

/** Everything but the two computed statuses, which Medusa adds on some routes only. */
export const write = (order: Order): Fields => {
  const { items, itemTax, shipping, shippingTax, net, total } = pricesOf(order)
  const { credited } = sumsOf(order)
  const listed = (amount: number) => round(amount * order.listed)
  const list = (line: Fields) => Array.from({ length: order.listed }, () => line)
  const sums = (name: string, subtotal: number, tax: number) => ({
    [`${name}total`]: listed(subtotal + tax),
    [`${name}subtotal`]: listed(subtotal),
    [`${name}tax_total`]: listed(tax),
  })
  return {
    id: order.id,
    display_id: order.displayId,
    custom_display_id: null,
    status: order.status,
    version: order.version,
    summary: summaryOf(order),
    metadata: order.metadata,
    locale: null,
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    region_id: 'reg_01SANDBOX00000000000000USA',
    ...sums('', net, itemTax + shippingTax),
    ...sums('original_', net, itemTax + shippingTax),
    ...sums('item_', items, itemTax),
    ...sums('original_item_', items, itemTax),
    ...sums('shipping_', shipping, shippingTax),
    ...sums('original_shipping_', shipping, shippingTax),
    total: round(order.listed * total - credited),
    discount_total: 0,
    discount_subtotal: 0,
    discount_tax_total: 0,
    credit_line_total: credited,
    credit_line_subtotal: credited,
    credit_line_tax_total: 0,
    canceled_at: order.canceledAt,
    currency_code: 'usd',
    email: order.email,
    customer_id: order.customerId,
    sales_channel_id: 'sc_01SANDBOX00000000000000WEB',
    items: list(itemOf(order)),
    credit_lines: creditsOf(order),
    shipping_methods: list(shippingOf(order)),
    shipping_address: addressOf(order, 'S'),
    billing_address: addressOf(order, 'B'),
    payment_collections: collectionsOf(order),
    fulfillments: fulfillmentsOf(order),
    transactions: transactionsOf(order),
    customer: customerObject(order),
  }
}
