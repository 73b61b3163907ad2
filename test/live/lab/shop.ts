/**
 * A shop to order in: one product in stock, one region, one way of shipping, a promotion, two
 * customers; set up over Medusa's own API.
 */
import { adminEmail, adminPassword } from './install.ts'

export interface Customer {
  readonly id: string
  readonly email: string
  readonly password: string
}

export interface Order {
  readonly id: string
  readonly items: readonly { readonly id: string; readonly quantity: number }[]
}

export interface Purchase {
  /** `pp_lab_lab` does as `data` says: `fail_cancel`, `fail_refund`, `slow_ms`. */
  readonly provider?: 'pp_system_default' | 'pp_lab_lab'
  readonly data?: Readonly<Record<string, boolean | number>>
  /** An address without an account; left out: the first customer, signed in. */
  readonly guest?: string
  readonly promotion?: string
}

export interface Inventory {
  readonly stocked: number
  readonly reserved: number
  readonly available: number
}

/**
 * Sends and returns the JSON reply, taken at its word to be a `T`; any status but 2xx is thrown.
 */
export type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>

type Headers = Readonly<Record<string, string>>
interface Made {
  readonly id: string
}

const country = 'us'
const email = 'ada@lab.test'
const otherEmail = 'grace@lab.test'
const password = 'customer-password'
export const promotionCode = 'LAB10'
const stock = 100_000
const askTimeoutMs = 60_000

const shippingAddress = {
  first_name: 'Ada',
  last_name: 'Lovelace',
  address_1: '1 Engine St',
  city: 'Austin',
  province: 'tx',
  postal_code: '73301',
  country_code: country,
  phone: '+15125550100',
}

const asking =
  (url: string, headers: Headers = {}): Ask =>
  async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const reply = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(askTimeoutMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    if (!reply.ok)
      throw new Error(`${method} ${path} answered ${reply.status}: ${text.slice(0, 600)}`)
    return JSON.parse(text) as T
  }

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })

const signInAt =
  (url: string) =>
  async (actor: 'user' | 'customer', email: string, password: string): Promise<string> =>
    (await asking(url)<{ token: string }>('POST', `/auth/${actor}/emailpass`, { email, password }))
      .token

/** The admin API with a secret key of its own. */
const openAdmin = async (url: string) => {
  const asUser = asking(url, bearer(await signInAt(url)('user', adminEmail, adminPassword)))
  const {
    api_key: { token: secretKey },
  } = await asUser<{ api_key: { token: string } }>('POST', '/admin/api-keys', {
    title: 'Lab',
    type: 'secret',
  })
  const admin = asking(url, {
    authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`,
  })
  return { secretKey, admin }
}

/** A web shop that sells in US dollars, and its storefront's key. */
const openChannel = async (admin: Ask) => {
  const { stores } = await admin<{ stores: Made[] }>('GET', '/admin/stores')
  await admin('POST', `/admin/stores/${stores[0]?.id}`, {
    supported_currencies: [{ currency_code: 'usd', is_default: true }],
  })
  const { sales_channel: channel } = await admin<{ sales_channel: Made }>(
    'POST',
    '/admin/sales-channels',
    { name: 'Lab web shop' },
  )
  const { api_key: publishable } = await admin<{ api_key: Made & { token: string } }>(
    'POST',
    '/admin/api-keys',
    { title: 'Lab storefront', type: 'publishable' },
  )
  await admin('POST', `/admin/api-keys/${publishable.id}/sales-channels`, { add: [channel.id] })
  return { channelId: channel.id, publishableKey: publishable.token }
}

/** Where it sells, how one pays there, and which tax there is. */
const openRegion = async (admin: Ask): Promise<Made> => {
  const { region } = await admin<{ region: Made }>('POST', '/admin/regions', {
    name: 'US',
    currency_code: 'usd',
    countries: [country],
    payment_providers: ['pp_system_default', 'pp_lab_lab'],
  })
  await admin('POST', '/admin/tax-regions', {
    country_code: country,
    provider_id: 'tp_system',
    default_tax_rate: { name: 'Sales tax', code: 'US', rate: 8.25 },
  })
  return region
}

/** A place that has stock and ships it, by hand, for a flat price. */
const openWarehouse = async (admin: Ask, channelId: string) => {
  const { stock_location: location } = await admin<{ stock_location: Made }>(
    'POST',
    '/admin/stock-locations',
    {
      name: 'Lab warehouse',
      address: {
        address_1: '2 Dock Rd',
        city: 'Austin',
        country_code: country,
        postal_code: '73301',
      },
    },
  )
  const at = `/admin/stock-locations/${location.id}`
  await admin('POST', `${at}/sales-channels`, { add: [channelId] })
  await admin('POST', `${at}/fulfillment-providers`, { add: ['manual_manual'] })
  const {
    stock_location: {
      fulfillment_sets: [set],
    },
  } = await admin<{ stock_location: { fulfillment_sets: [Made] } }>(
    'POST',
    `${at}/fulfillment-sets?fields=*fulfillment_sets`,
    { name: 'Lab shipping', type: 'shipping' },
  )
  const {
    fulfillment_set: {
      service_zones: [zone],
    },
  } = await admin<{ fulfillment_set: { service_zones: [Made] } }>(
    'POST',
    `/admin/fulfillment-sets/${set.id}/service-zones`,
    { name: 'US', geo_zones: [{ type: 'country', country_code: country }] },
  )
  const { shipping_profile: profile } = await admin<{ shipping_profile: Made }>(
    'POST',
    '/admin/shipping-profiles',
    { name: 'Lab', type: 'lab' },
  )
  const { shipping_option: shippingOption } = await admin<{ shipping_option: Made }>(
    'POST',
    '/admin/shipping-options',
    {
      name: 'Standard',
      service_zone_id: zone.id,
      shipping_profile_id: profile.id,
      provider_id: 'manual_manual',
      price_type: 'flat',
      data: { id: 'manual-fulfillment' },
      type: { label: 'Standard', description: '2-4 days', code: 'standard' },
      prices: [{ currency_code: 'usd', amount: 7.5 }],
      rules: [
        { attribute: 'enabled_in_store', operator: 'eq', value: 'true' },
        { attribute: 'is_return', operator: 'eq', value: 'false' },
      ],
    },
  )
  return { location, profileId: profile.id, shippingOption }
}

/** The one product, in stock; `levels` is where its stock is read and set. */
const openProduct = async (
  admin: Ask,
  channelId: string,
  { location, profileId }: Awaited<ReturnType<typeof openWarehouse>>,
) => {
  const { product } = await admin<{ product: { variants: [Made] } }>(
    'POST',
    '/admin/products?fields=*variants',
    {
      title: 'Lab mug',
      status: 'published',
      shipping_profile_id: profileId,
      options: [{ title: 'Size', values: ['M'] }],
      variants: [
        {
          title: 'M',
          sku: 'LAB-MUG-M',
          manage_inventory: true,
          options: { Size: 'M' },
          prices: [{ currency_code: 'usd', amount: 19.99 }],
        },
      ],
      sales_channels: [{ id: channelId }],
    },
  )
  const { inventory_items: items } = await admin<{ inventory_items: [Made] }>(
    'GET',
    '/admin/inventory-items?sku=LAB-MUG-M',
  )
  const levels = `/admin/inventory-items/${items[0].id}/location-levels`
  await admin('POST', levels, { location_id: location.id, stocked_quantity: stock })
  return { variantId: product.variants[0].id, levels }
}

const openPromotion = (admin: Ask) =>
  admin('POST', '/admin/promotions', {
    code: promotionCode,
    type: 'standard',
    status: 'active',
    is_automatic: false,
    application_method: {
      type: 'percentage',
      target_type: 'items',
      allocation: 'across',
      value: 10,
      currency_code: 'usd',
    },
    campaign: {
      name: 'Lab campaign',
      campaign_identifier: 'LAB-CAMPAIGN',
      budget: { type: 'usage', limit: stock },
    },
  })

const readInventory = async (admin: Ask, levels: string): Promise<Inventory> => {
  interface Level {
    readonly stocked_quantity: number
    readonly reserved_quantity: number
    readonly available_quantity: number
  }
  const {
    inventory_levels: [level],
  } = await admin<{ inventory_levels: [Level] }>('GET', levels)
  return {
    stocked: level.stocked_quantity,
    reserved: level.reserved_quantity,
    available: level.available_quantity,
  }
}

/** The storefront as a signed-in customer sees it, or as a guest does. */
type Storefront = (token?: string) => Ask

const register = async (url: string, storefront: Storefront, email: string): Promise<Customer> => {
  const { token } = await asking(url)<{ token: string }>(
    'POST',
    '/auth/customer/emailpass/register',
    { email, password },
  )
  const { customer } = await storefront(token)<{ customer: Made }>('POST', '/store/customers', {
    email,
    first_name: 'Ada',
    last_name: 'Lovelace',
  })
  return { id: customer.id, email, password }
}

/** What is ordered, and where it goes. */
interface Basket {
  readonly region_id: string
  readonly sales_channel_id: string
  readonly shipping_address: typeof shippingAddress
  readonly billing_address: typeof shippingAddress
  readonly items: readonly { readonly variant_id: string; readonly quantity: number }[]
}

/** Goes through a real checkout: cart, address, shipping, payment session, order. */
const checkOut = async (
  store: Ask,
  basket: Basket,
  shippingOptionId: string,
  { provider = 'pp_system_default', data, guest, promotion }: Purchase,
): Promise<Order> => {
  const { cart } = await store<{ cart: Made }>('POST', '/store/carts', {
    ...basket,
    ...(guest !== undefined && { email: guest }),
    ...(promotion !== undefined && { promo_codes: [promotion] }),
  })
  await store('POST', `/store/carts/${cart.id}/shipping-methods`, { option_id: shippingOptionId })
  const { payment_collection: payment } = await store<{ payment_collection: Made }>(
    'POST',
    '/store/payment-collections',
    { cart_id: cart.id },
  )
  await store('POST', `/store/payment-collections/${payment.id}/payment-sessions`, {
    provider_id: provider,
    ...(data && { data }),
  })
  const done = await store<{ order?: Order }>('POST', `/store/carts/${cart.id}/complete`, {})
  if (!done.order)
    throw new Error(`the cart did not become an order: ${JSON.stringify(done).slice(0, 600)}`)
  return done.order
}

export type Shop = Awaited<ReturnType<typeof openShop>>

/** Fills an empty Medusa, as every lab starts with one, and returns what can be done in it. */
export const openShop = async (url: string) => {
  const { secretKey, admin } = await openAdmin(url)
  const { channelId, publishableKey } = await openChannel(admin)
  const region = await openRegion(admin)
  const warehouse = await openWarehouse(admin, channelId)
  const { variantId, levels } = await openProduct(admin, channelId, warehouse)
  await openPromotion(admin)

  const storefront: Storefront = (token) =>
    asking(url, { 'x-publishable-api-key': publishableKey, ...(token && bearer(token)) })
  const customer = await register(url, storefront, email)
  const customer2 = await register(url, storefront, otherEmail)
  const signIn = signInAt(url)
  const asCustomer = storefront(await signIn('customer', email, password))

  const basket: Basket = {
    region_id: region.id,
    sales_channel_id: channelId,
    shipping_address: shippingAddress,
    billing_address: shippingAddress,
    items: [{ variant_id: variantId, quantity: 2 }],
  }
  return {
    secretKey,
    publishableKey,
    customer,
    customer2,
    locationId: warehouse.location.id,
    admin,
    asCustomer,
    signIn,
    checkout: (purchase: Purchase = {}): Promise<Order> =>
      checkOut(
        purchase.guest === undefined ? asCustomer : storefront(),
        basket,
        warehouse.shippingOption.id,
        purchase,
      ),
    /** An order that a merchant writes by hand, not yet placed. */
    draft: async (): Promise<Made> =>
      (
        await admin<{ draft_order: Made }>('POST', '/admin/draft-orders', {
          ...basket,
          email: 'draft@lab.test',
        })
      ).draft_order,
    inventory: (): Promise<Inventory> => readInventory(admin, levels),
  }
}
