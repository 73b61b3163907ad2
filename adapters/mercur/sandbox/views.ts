/**
 * How Mercur words its orders on each surface: what a route leaves out matters as much here as what
 * it tells.
 */
import { isOpen, ordered, owner, sum } from './orders.ts'
import type { Change, Order, Payment, Purchase, Seller, Version } from './orders.ts'

type Json = Record<string, unknown>
const words = (list: string) => list.split(' ')

/** Medusa tells an amount twice: as a number and as an exact decimal string. */
const money = (amounts: Readonly<Record<string, number>>): Json =>
  Object.fromEntries(
    Object.entries(amounts).flatMap(([name, value]) => [
      [name, value],
      [`raw_${name}`, { value: String(value), precision: 20 }],
    ]),
  )
const zero = (names: string) => Object.fromEntries(words(names).map((name) => [name, 0]))
const born = (at: string, changed = at) => ({
  created_at: at,
  updated_at: changed,
  deleted_at: null,
})

const address = (order: Order): Json => ({
  id: `caaddr_${order.purchase.id}`,
  customer_id: null,
  company: null,
  first_name: owner.first_name,
  last_name: 'Sandbox',
  address_1: 'Street 1',
  address_2: null,
  city: 'Berlin',
  country_code: 'de',
  province: null,
  postal_code: '10115',
  phone: null,
  metadata: null,
  ...born(order.at),
})
const customer = (at: string): Json => ({
  ...owner,
  company_name: null,
  last_name: 'Sandbox',
  phone: null,
  has_account: true,
  metadata: null,
  created_by: null,
  ...born(at),
})
const seller = ({ id, name }: Seller, at: string): Json => ({
  id,
  store_status: 'ACTIVE',
  name,
  handle: name.replace(' ', '-'),
  description: null,
  photo: null,
  email: `${name.split(' ')[0]}@sandbox.test`,
  phone: null,
  address_line: null,
  city: null,
  state: null,
  postal_code: null,
  country_code: null,
  tax_id: null,
  onboarding: { id: `sel_onb_${id}` },
  ...born(at),
})

/**
 * Computed totals of lines exist only where a view asks for the order's totals; 2.x vendor and
 * group replies do without.
 */
const priced = (total: number) => ({
  subtotal: total,
  total,
  original_subtotal: total,
  original_total: total,
  ...zero('discount_subtotal discount_tax_total discount_total tax_total original_tax_total'),
})
const item = (order: Order, totals: boolean): Json => {
  const brand = order.seller.name.split(' ')[0] ?? ''
  const done = order.fulfilledAt === null ? 0 : 2
  return {
    id: `ordli_${order.id}`,
    title: `${brand} thing`,
    subtitle: 'M',
    thumbnail: null,
    variant_id: `variant_${brand}`,
    product_id: `prod_${brand}`,
    product_title: `${brand} thing`,
    product_handle: `${brand}-thing`,
    variant_sku: `${brand}-M`,
    variant_title: 'M',
    requires_shipping: true,
    is_giftcard: false,
    metadata: {},
    compare_at_unit_price: null,
    ...money({ unit_price: order.unitPrice, quantity: 2 }),
    ...born(order.at),
    detail: {
      id: `orditem_${order.id}`,
      version: order.version,
      order_id: order.id,
      item_id: `ordli_${order.id}`,
      ...born(order.at),
      ...money({
        quantity: 2,
        fulfilled_quantity: done,
        ...zero(
          'delivered_quantity shipped_quantity return_requested_quantity return_received_quantity',
        ),
      }),
    },
    ...(totals ? { tax_lines: [], adjustments: [], ...money(priced(order.unitPrice * 2)) } : {}),
  }
}
const shippingMethod = (order: Order, totals: boolean): Json => ({
  id: `ordsm_${order.id}`,
  name: `${order.seller.name} shipping`,
  description: null,
  is_tax_inclusive: false,
  is_custom_amount: false,
  shipping_option_id: `so_${order.seller.id}`,
  data: {},
  metadata: null,
  ...money({ amount: order.shipping }),
  order_id: order.id,
  ...born(order.at),
  ...(totals ? { tax_lines: [], adjustments: [], ...money(priced(order.shipping)) } : {}),
})

/**
 * Store, 2.x vendor and set replies tell of a collection without `payments`: there a void is
 * invisible (v2-transfer-cancel-after-vendor-cancel).
 */
type Depth = 'bare' | 'refunds' | 'captures'
const collection = (payment: Payment, at: string, depth: Depth): Json => {
  const common = { currency_code: 'eur', metadata: null, ...born(at) }
  return {
    id: payment.collectionId,
    ...common,
    completed_at: payment.capturedAt,
    status: payment.status,
    ...money({
      amount: payment.amount,
      authorized_amount: payment.amount,
      captured_amount: payment.capturedAt === null ? 0 : payment.amount,
      refunded_amount: sum(payment.refunds),
    }),
    ...(depth === 'bare'
      ? {}
      : {
          payments: [
            {
              id: payment.id,
              ...common,
              provider_id: 'pp_system_default',
              data: {},
              captured_at: payment.capturedAt,
              canceled_at: payment.canceledAt,
              payment_collection_id: payment.collectionId,
              payment_session_id: `payses_${payment.id}`,
              payment_session: { id: `payses_${payment.id}` },
              ...money({ amount: payment.amount }),
              refunds: payment.refunds.map(({ amount, by, at: made }, index) => ({
                id: `ref_${index}_${payment.id}`,
                payment_id: payment.id,
                refund_reason_id: null,
                refund_reason: null,
                note: null,
                created_by: by,
                metadata: null,
                ...money({ amount }),
                ...born(made),
              })),
              ...(depth === 'refunds'
                ? {}
                : {
                    captures:
                      payment.capturedAt === null
                        ? []
                        : [
                            {
                              id: `capt_${payment.id}`,
                              payment_id: payment.id,
                              metadata: null,
                              created_by: null,
                              ...money({ amount: payment.amount }),
                              ...born(payment.capturedAt),
                            },
                          ],
                  }),
            },
          ],
        }),
  }
}

// core-flows 2.11.3 and 2.13.4, order/utils/aggregate-status.js, for one collection and at most one
// fulfillment.
const paymentStatus = ({ capturedAt, amount, refunds, status }: Payment) => {
  const back = sum(refunds)
  if (capturedAt === null) return status
  return back === 0 ? 'captured' : back < amount ? 'partially_refunded' : 'refunded'
}
const fulfillmentStatus = (order: Order) =>
  order.fulfilledAt === null ? 'not_fulfilled' : 'fulfilled'

const summary = (order: Order): Json => {
  const booked = order.transactions.filter((one) => one.summed)
  const total = ordered(order) - sum(order.credits)
  return money({
    paid_total: sum(booked.filter(({ amount }) => amount > 0)),
    refunded_total: -sum(booked.filter(({ amount }) => amount < 0)),
    accounting_total: total,
    credit_line_total: sum(order.credits),
    transaction_total: sum(booked),
    pending_difference: total - sum(booked),
    current_order_total: total,
    original_order_total: ordered(order),
  })
}

interface View {
  readonly fields: readonly string[]
  /** Told whatever `fields` asks for; where a status is not among them, it is never told. */
  readonly always: readonly string[]
  readonly never?: readonly string[]
  readonly payments: Depth
  readonly totals: boolean
}

const computed = words('payment_status fulfillment_status')
const vendorTotals = words(
  'total subtotal tax_total discount_total discount_tax_total original_total original_tax_total ' +
    'item_total item_subtotal item_tax_total' +
    ' original_item_total original_item_subtotal original_item_tax_total shipping_total ' +
    'shipping_subtotal shipping_tax_total original_shipping_tax_total' +
    ' original_shipping_subtotal original_shipping_total',
)
const totals = [
  ...vendorTotals,
  ...words('original_subtotal credit_line_total credit_line_subtotal credit_line_tax_total'),
]
const delivery = words('items shipping_address billing_address shipping_methods')
const setOrder = [
  'customer_id',
  'id',
  'display_id',
  'status',
  'currency_code',
  'created_at',
  'updated_at',
  'email',
  'sales_channel_id',
  'summary',
  'customer',
  'seller',
  'items',
  'shipping_address',
  'shipping_methods',
  'fulfillments',
  ...vendorTotals,
  ...computed,
]

// Names and their absence: {v1,v2}-{admin,vendor,store}-order-get, -cancel-success, v1-*-set-get,
// v1-transfer-cancel-success.
export const views = (version: Version) => {
  const second = (list: string) => (version === '2' ? words(list) : [])
  const admin: View = {
    payments: 'captures',
    totals: true,
    always: [],
    fields: [
      ...words('id display_id status version summary metadata created_at updated_at region_id'),
      ...totals,
      ...delivery,
      'credit_lines',
      'payment_collections',
      ...second('custom_display_id locale'),
    ],
  }
  const read = words(
    'id status version payment_collections fulfillments payment_status fulfillment_status',
  )
  const vendor: View =
    version === '1'
      ? {
          payments: 'bare',
          totals: true,
          never: ['summary', 'payment_collections'],
          always: [
            'id',
            'status',
            'version',
            'items',
            'fulfillments',
            'split_order_payment',
            ...computed,
          ],
          fields: [
            ...words('display_id email currency_code metadata created_at updated_at region_id'),
            ...vendorTotals,
            ...delivery,
          ],
        }
      : {
          payments: 'bare',
          totals: false,
          always: [],
          fields: [
            ...words(
              'id display_id status email currency_code region_id customer_id sales_channel_id ' +
                'created_at',
            ),
            ...words('updated_at canceled_at metadata summary payment_collections fulfillments'),
            ...delivery,
          ],
        }
  return {
    admin,
    adminGet: { ...admin, always: read },
    adminList: {
      ...admin,
      fields: words('id display_id status version summary total metadata created_at updated_at'),
      always: ['id', 'status', 'version', 'items', ...computed],
    },
    vendor,
    vendorGet: version === '1' ? vendor : { ...vendor, always: read },
    store: {
      payments: 'bare',
      totals: true,
      always: read,
      fields: [
        ...words(
          'id status summary currency_code display_id region_id email discount_subtotal created_at',
        ),
        ...words('updated_at version credit_lines payment_collections'),
        ...totals,
        ...delivery,
        ...second('custom_display_id'),
      ],
    },
    adminSet: {
      payments: 'refunds',
      totals: true,
      always: [],
      fields: [...setOrder, 'region_id', 'version', 'billing_address', 'payment_collections'],
    },
    storeSet: {
      payments: 'bare',
      totals: true,
      always: [],
      fields: setOrder.filter((name) => !name.startsWith('original_shipping')),
    },
    group: {
      payments: 'bare',
      totals: false,
      always: [],
      fields: ['id', 'status', 'version', 'currency_code', 'items', ...computed],
    },
  } satisfies Record<string, View>
}

/**
 * `fields` as Medusa reads it: `+a` and `*rel` add to the defaults, `-a` takes away, one bare name
 * replaces them all.
 */
export const show = (order: Order, view: View, asked = ''): Json => {
  const tokens = asked.split(',').filter((token) => token !== '')
  const wanted = tokens
    .filter((token) => !token.startsWith('-'))
    .map((token) => token.replace(/^[+ *]+/, ''))
  const unwanted = [
    ...(view.never ?? []),
    ...tokens.filter((token) => token.startsWith('-')).map((token) => token.slice(1)),
  ]
  const names = [
    ...(tokens.some((token) => /^\w/.test(token)) ? ['id'] : view.fields),
    ...wanted.map((name) => name.split('.')[0] ?? ''),
  ].filter((name) => !computed.includes(name) || view.fields.includes(name))
  const depth = wanted.some((name) => name.startsWith('payment_collections.payments'))
    ? 'captures'
    : view.payments
  const lines = order.unitPrice * 2
  const {
    purchase: { payment },
  } = order
  const all: Json = {
    id: order.id,
    display_id: order.number,
    custom_display_id: null,
    status: order.status,
    version: order.version,
    metadata: order.metadata,
    locale: null,
    created_at: order.at,
    updated_at: order.updatedAt,
    canceled_at: order.canceledAt,
    region_id: 'reg_sandbox',
    sales_channel_id: 'sc_sandbox',
    customer_id: owner.id,
    customer: customer(order.at),
    email: owner.email,
    currency_code: 'eur',
    seller: seller(order.seller, order.at),
    ...zero(
      'tax_total discount_total discount_subtotal discount_tax_total original_tax_total ' +
        'item_tax_total original_item_tax_total shipping_tax_total',
    ),
    ...zero('original_shipping_tax_total credit_line_tax_total'),
    total: ordered(order) - sum(order.credits),
    subtotal: ordered(order),
    original_total: ordered(order),
    original_subtotal: ordered(order),
    item_total: lines,
    item_subtotal: lines,
    original_item_total: lines,
    original_item_subtotal: lines,
    shipping_total: order.shipping,
    shipping_subtotal: order.shipping,
    original_shipping_total: order.shipping,
    original_shipping_subtotal: order.shipping,
    credit_line_total: sum(order.credits),
    credit_line_subtotal: sum(order.credits),
    summary: summary(order),
    items: [item(order, view.totals)],
    shipping_methods: [shippingMethod(order, view.totals)],
    shipping_address: address(order),
    billing_address: address(order),
    credit_lines: order.credits.map(({ amount, at }, index) => ({
      id: `ordcl_${index}_${order.id}`,
      version: order.version,
      reference: 'payment_collection',
      reference_id: payment.collectionId,
      metadata: null,
      order_id: order.id,
      ...born(at),
      ...money({ amount, subtotal: amount, total: amount }),
    })),
    payment_collections: [collection(payment, order.at, depth)],
    transactions: order.transactions.map(({ amount, at }, index) => ({
      id: `ordtrx_${index}_${order.id}`,
      order_id: order.id,
      currency_code: 'eur',
      reference: amount > 0 ? 'capture' : 'refund',
      reference_id: payment.id,
      version: 1,
      ...money({ amount }),
      ...born(at),
    })),
    fulfillments:
      order.fulfilledAt === null
        ? []
        : [
            {
              id: `ful_${order.id}`,
              location_id: 'sloc_sandbox',
              packed_at: order.fulfilledAt,
              shipped_at: null,
              marked_shipped_by: null,
              created_by: null,
              delivered_at: null,
              canceled_at: null,
              data: {},
              requires_shipping: true,
              provider_id: 'manual_manual',
              provider: { id: 'manual_manual' },
              metadata: null,
              ...born(order.fulfilledAt),
            },
          ],
    split_order_payment: {
      id: `sp_ord_pay_${order.id}`,
      status: order.splitRefunded > 0 ? 'refunded' : 'captured',
      currency_code: 'eur',
      payment_collection_id: payment.collectionId,
      ...born(order.at, order.updatedAt),
      ...money({
        authorized_amount: ordered(order),
        captured_amount: ordered(order),
        refunded_amount: order.splitRefunded,
      }),
    },
    payment_status: paymentStatus(payment),
    fulfillment_status: fulfillmentStatus(order),
  }
  if (view.always.includes('split_order_payment'))
    all['payment_status'] = order.splitRefunded > 0 ? 'refunded' : 'captured'
  return Object.fromEntries(
    [...new Set([...names, ...view.always])]
      .filter((name) => name in all && !unwanted.includes(name))
      .map((name) => [name, all[name]]),
  )
}

/**
 * v1: statuses and totals are worked out while reading, and the collection's status is copied onto
 * every order (v1-admin-set-after-admin-cancel).
 */
export const orderSet = (purchase: Purchase, view: View): Json => {
  const status = purchase.payment.status
  const orders = purchase.orders.map((order) => ({ ...show(order, view), payment_status: status }))
  const total = sum(
    purchase.orders.map((order) => ({ amount: ordered(order) - sum(order.credits) })),
  )
  const every = (wanted: Order['status']) =>
    purchase.orders.every((order) => order.status === wanted)
  const admin = view.fields.includes('payment_collections')
  return {
    id: purchase.id,
    display_id: purchase.number,
    ...(admin
      ? { sales_channel_id: 'sc_sandbox', sales_channel: { id: 'sc_sandbox', name: 'Sandbox' } }
      : {}),
    cart_id: `cart_${purchase.id}`,
    cart: {
      id: `cart_${purchase.id}`,
      customer_id: owner.id,
      email: owner.email,
      currency_code: 'eur',
      completed_at: purchase.at,
    },
    customer_id: owner.id,
    customer: customer(purchase.at),
    payment_collection_id: purchase.payment.collectionId,
    payment_collection: collection(purchase.payment, purchase.at, 'bare'),
    created_at: purchase.at,
    updated_at: purchase.at,
    orders,
    status: every('completed') ? 'completed' : every('canceled') ? 'canceled' : 'pending',
    payment_status: status,
    fulfillment_status: purchase.orders.every((order) => order.fulfilledAt !== null)
      ? 'fulfilled'
      : 'not_fulfilled',
    currency_code: 'eur',
    ...zero('tax_total shipping_tax_total'),
    shipping_total: sum(purchase.orders.map(({ shipping }) => ({ amount: shipping }))),
    total,
    subtotal: total,
  }
}

/**
 * v2: a group has no status; the store's reply tells not even that of its orders
 * (v2-store-set-get-owner, v2-admin-set-get).
 */
export const orderGroup = (purchase: Purchase, view?: View): Json => ({
  id: purchase.id,
  customer_id: owner.id,
  seller_count: purchase.orders.length,
  total: purchase.payment.amount,
  created_at: purchase.at,
  updated_at: purchase.at,
  orders: purchase.orders.map((order) =>
    view === undefined
      ? {
          id: order.id,
          items: [
            {
              variant_id: `variant_${order.id}`,
              variant: {
                id: `variant_${order.id}`,
                product: { id: `prod_${order.id}`, seller: order.seller },
              },
            },
          ],
        }
      : show(order, view),
  ),
})

// medusa 2.21.2, recorded: transfer-changes, order-changes-after. Mercur 1.5.3's vendor route names
// the same fields, 2.1.5's only some of them (query-config.js).
export const orderChange = (order: Order, change: Change, index: number) => ({
  id: `ordch_${index}_${order.id}`,
  order_id: order.id,
  return_id: null,
  claim_id: null,
  exchange_id: null,
  version: change.version,
  change_type: change.type,
  description: null,
  status: change.status,
  internal_note: null,
  created_by: change.by,
  requested_by: change.status === 'requested' ? change.by : null,
  requested_at: change.status === 'requested' ? change.at : null,
  confirmed_by: isOpen(change) ? null : change.by,
  confirmed_at: isOpen(change) ? null : change.at,
  declined_by: null,
  declined_reason: null,
  metadata: null,
  declined_at: null,
  canceled_by: null,
  canceled_at: null,
  created_at: change.at,
  updated_at: change.at,
  actions:
    change.action === null
      ? []
      : [
          {
            id: `ordchact_${index}_${order.id}`,
            order_id: order.id,
            version: change.version,
            action: change.action.name,
            reference: change.action.reference,
            reference_id: change.action.referenceId,
            details: {},
            applied: !isOpen(change),
            order_change_id: `ordch_${index}_${order.id}`,
          },
        ],
})
