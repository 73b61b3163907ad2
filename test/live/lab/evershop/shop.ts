/**
 * A shop to order in, set up over EverShop's own API: five products, one way of shipping, a coupon,
 * a tax, a customer; and what its database tells of an order.
 */
import type { Sql } from './index.ts'

export interface Placed {
  readonly id: number
  readonly uuid: string
  readonly number: string
}

/** What a cancel could change, as the database has it. */
export interface Row {
  readonly status: string
  readonly payment: string
  readonly shipment: string
  readonly shipments: readonly string[]
  readonly activities: readonly string[]
}

export interface Reply {
  readonly status: number
  readonly body: any
}

export interface Shop {
  readonly sql: Sql
  /** The API as an administrator; any status but 2xx is thrown. */
  readonly admin: (method: string, path: string, body?: object) => Promise<any>
  /** The API as an administrator, whatever it answers. */
  readonly ask: (method: string, path: string, body?: object) => Promise<Reply>
  /** `order.*` of the checkout: by default two mugs and a tee, cash on delivery. */
  readonly checkout: (purchase?: Purchase) => Promise<Placed>
  readonly row: (uuid: string) => Promise<Row>
  /** By SKU; what is not managed has a number too, from which nothing is taken. */
  readonly stock: () => Promise<Record<string, number>>
}

export interface Purchase {
  readonly items?: readonly (readonly [sku: string, quantity: number])[]
  readonly customer?: string
  readonly coupon?: string
}

export const customerEmail = 'ann@lab.test'
const customerPassword = 'Lab-password1'
const ADDRESS = {
  full_name: 'Gus Guest',
  address_1: '1 Main St',
  city: 'Springfield',
  postcode: '62701',
  country: 'US',
  province: 'US-IL',
  telephone: '5550100',
}
const askTimeoutMs = 60_000

/** EverShop takes 120 requests a minute from an address: the lab's own come from many. */
let made = 0
const anAddress = () => {
  made += 1
  return `10.0.${(made >> 8) & 255}.${made & 255}`
}

const asking =
  (url: string) =>
  async (method: string, path: string, body?: object, token?: string): Promise<Reply> => {
    const reply = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': anAddress(),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(askTimeoutMs),
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    return { status: reply.status, body: text.startsWith('{') ? JSON.parse(text) : text }
  }
type Asking = ReturnType<typeof asking>

const checked = (what: string, { status, body }: Reply) => {
  if (status > 299) throw new Error(`${what}: ${status} ${JSON.stringify(body).slice(0, 500)}`)
  return body.data
}

const tokenLifeMs = 600_000

/** Speaks as an administrator, logged in anew every ten minutes. */
const openAdmin = (ask: Asking, login: { readonly email: string; readonly password: string }) => {
  let token = ''
  let until = 0
  return async (method: string, path: string, body?: object): Promise<Reply> => {
    if (Date.now() > until) {
      token = checked('login', await ask('POST', '/user/tokens', login)).accessToken
      until = Date.now() + tokenLifeMs
    }
    return ask(method, path, body, token)
  }
}

const PRODUCTS = [
  { sku: 'MUG', name: 'Mug', price: 12.99 },
  { sku: 'TEE', name: 'Tee', price: 20.5 },
  { sku: 'LAMP', name: 'Taxed lamp', price: 30, taxed: true },
  { sku: 'STICKER', name: 'Untracked sticker', price: 1.5, untracked: true },
  { sku: 'EBOOK', name: 'E-book', price: 9, digital: true },
]

/** Where it ships, and how: the method's id. */
const openShipping = async (admin: Shop['admin']): Promise<string> => {
  const zone = await admin('POST', '/shippingZones', { name: 'World', countries: ['US'] })
  const method = await admin('POST', '/shippingProviders/core/methods', {
    name: 'Standard',
    is_enabled: true,
  })
  await admin('POST', '/shippingProviders/core/rates', {
    method_id: method.uuid,
    zone_id: zone.uuid,
    cost: 5,
    is_enabled: true,
  })
  return method.uuid
}

const addProducts = async (sql: Sql, admin: Shop['admin']): Promise<void> => {
  const [taxClass] = await sql('select tax_class_id, uuid from tax_class limit 1')
  const [parcel] = await sql('select package_id from package order by 1 limit 1')
  await admin('POST', `/tax/classes/${taxClass.uuid}/rates`, {
    name: 'Sales tax',
    country: 'US',
    province: '*',
    postcode: '*',
    rate: 8.25,
    is_compound: 0,
    priority: 1,
  })
  for (const { sku, name, price, taxed, untracked, digital } of PRODUCTS)
    await admin('POST', '/products', {
      sku,
      name,
      price,
      weight: 0.5,
      qty: untracked ? 0 : 1_000,
      manage_stock: untracked ? 0 : 1,
      stock_availability: 1,
      group_id: 1,
      visibility: 1,
      status: 1,
      url_key: sku.toLowerCase(),
      no_shipping_required: digital ?? false,
      package_id: parcel.package_id,
      ...(taxed && { tax_class: taxClass.tax_class_id }),
    })
}

/** What Stripe's webhooks are signed with. */
export const stripeSecret = 'whsec_lab'

const setUp = (admin: Shop['admin']) =>
  admin('POST', '/settings', {
    storeName: 'Lab shop',
    storeEmail: 'shop@lab.test',
    storeCurrency: 'USD',
    storeCountry: 'US',
    storeProvince: 'US-IL',
    codPaymentStatus: 1,
    stripePaymentStatus: 1,
    stripeSecretKey: 'sk_test_lab',
    stripeEndpointSecret: stripeSecret,
  })

const addCoupon = (admin: Shop['admin']) =>
  admin('POST', '/coupons', {
    coupon: 'TEN',
    status: 1,
    description: 'ten percent',
    discount_amount: 10,
    discount_type: 'percentage_discount_to_entire_order',
    free_shipping: 0,
    condition: { order_total: '', order_qty: '', required_products: [] },
    user_condition: {},
    target_products: { maxQty: '', products: [] },
    start_date: '',
    end_date: '',
  })

const buying =
  (ask: Asking, admin: Shop['admin'], shippingMethod: string): Shop['checkout'] =>
  async ({
    items = [
      ['MUG', 2],
      ['TEE', 1],
    ],
    customer,
    coupon,
  } = {}) => {
    const post = async (path: string, body: object, token?: string) =>
      checked(path, await ask('POST', path, body, token))
    const token =
      customer &&
      (await post('/customer/tokens', { email: customer, password: customerPassword })).accessToken
    const email = customer ?? 'gus@lab.test'
    const { cartId } = await post(
      '/carts',
      {
        customer_full_name: 'Gus Guest',
        customer_email: email,
        items: items.map(([sku, qty]) => ({ sku, qty })),
      },
      token,
    )
    if (coupon) await admin('POST', `/carts/${cartId}/coupons`, { coupon })
    const isShipped = items.some(([sku]) => sku !== 'EBOOK')
    if (isShipped) {
      await post(`/carts/${cartId}/addresses`, { type: 'shipping', address: ADDRESS })
      await post(`/carts/${cartId}/shippingMethods`, {
        provider_code: 'core',
        method_code: shippingMethod,
      })
    }
    const order = await post(
      `/carts/${cartId}/checkout`,
      {
        cart_id: cartId,
        customer: { email, fullName: 'Gus Guest' },
        billingAddress: ADDRESS,
        paymentMethod: 'cod',
        ...(isShipped && {
          shippingAddress: ADDRESS,
          shippingMethod,
          shippingProvider: 'core',
        }),
      },
      token,
    )
    return { id: order.order_id, uuid: order.uuid, number: order.order_number }
  }

const reading = (sql: Sql): Pick<Shop, 'row' | 'stock'> => ({
  async row(uuid) {
    const [order] = await sql('select * from "order" where uuid = $1', [uuid])
    const told = async (column: string, table: string) => {
      const rows = await sql(
        `select ${column} as word from ${table} where ${table}_order_id = $1 order by ${table}_id`,
        [order.order_id],
      )
      return rows.map(({ word }) => word as string)
    }
    return {
      status: order.status,
      payment: order.payment_status,
      shipment: order.shipment_status,
      shipments: await told('status', 'shipment'),
      activities: await told('comment', 'order_activity'),
    }
  },
  async stock() {
    const rows = await sql(
      'select sku, qty from product_inventory join product ' +
        'on product_id = product_inventory_product_id order by 1',
    )
    return Object.fromEntries(rows.map(({ sku, qty }) => [sku, Number(qty)]))
  },
})

export const openShop = async (
  url: string,
  sql: Sql,
  login: { readonly email: string; readonly password: string },
): Promise<Shop> => {
  const ask = asking(url)
  const asAdmin = openAdmin(ask, login)
  const admin: Shop['admin'] = async (method, path, body) =>
    checked(`${method} ${path}`, await asAdmin(method, path, body))
  await setUp(admin)
  const shippingMethod = await openShipping(admin)
  await addProducts(sql, admin)
  await addCoupon(admin)
  const ann = { full_name: 'Ann Lee', email: customerEmail, password: customerPassword }
  checked('customer', await ask('POST', '/customers', ann))
  return { sql, admin, ask: asAdmin, checkout: buying(ask, admin, shippingMethod), ...reading(sql) }
}
