/** Fills an empty Vendure: what it sells and how, a channel, a seller, and who may do what. */
import { type Ask, ERROR } from './api.ts'

export const buyer = { email: 'ada@lab.test', password: 'customer-password' }
export const clerk = { username: 'clerk@lab.test', password: 'clerk-password' }

export interface Shop {
  /** Of variants, by SKU. */
  readonly variants: Readonly<Record<string, string>>
  readonly shipping: string
  /** May read orders and change them; only read them. */
  readonly apiKey: string
  readonly readerKey: string
}

const named = (name: string, more: object = {}) => [{ languageCode: 'en', name, ...more }]
const configured = (code: string, settings: object = {}) => ({
  code,
  arguments: Object.entries(settings).map(([name, value]) => ({ name, value: String(value) })),
})

/** Makes one of a kind: `createZone(input: …)`. */
const make = (admin: Ask, what: string, input: object): Promise<any> =>
  admin(`mutation ($input: Create${what}Input!) { create${what}(input: $input) { id } }`, { input })

const openForBusiness = async (admin: Ask) => {
  const us = await make(admin, 'Country', {
    code: 'US',
    enabled: true,
    translations: named('United States'),
  })
  const zone = await make(admin, 'Zone', { name: 'World', memberIds: [us.id] })
  const channel = await admin('{ activeChannel { id } }')
  await admin(
    `mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { __typename ${ERROR} } }`,
    {
      input: {
        id: channel.id,
        defaultTaxZoneId: zone.id,
        defaultShippingZoneId: zone.id,
        defaultCurrencyCode: 'USD',
        availableCurrencyCodes: ['USD', 'JPY'],
        pricesIncludeTax: false,
      },
    },
  )
  const tax = await make(admin, 'TaxCategory', { name: 'Standard', isDefault: true })
  await make(admin, 'TaxRate', {
    name: 'Standard tax',
    enabled: true,
    value: 8.25,
    categoryId: tax.id,
    zoneId: zone.id,
  })
  const shipping = await make(admin, 'ShippingMethod', {
    code: 'standard',
    fulfillmentHandler: 'manual-fulfillment',
    checker: configured('default-shipping-eligibility-checker', { orderMinimum: 0 }),
    calculator: configured('default-shipping-calculator', {
      rate: 500,
      includesTax: 'auto',
      taxRate: 8.25,
    }),
    translations: named('Standard', { description: '' }),
  })
  for (const [code, handler] of [
    ['authorizes', configured('lab', { settles: false })],
    ['settles', configured('lab', { settles: true })],
    ['refunds-slowly', configured('lab-slow')],
  ] as const)
    await make(admin, 'PaymentMethod', {
      code,
      enabled: true,
      handler,
      translations: named(code, { description: '' }),
    })
  return { zone, tax, channel, shipping: shipping.id as string }
}

const sell = async (
  admin: Ask,
  taxCategoryId: string,
  [sku, price, yen, isTracked]: readonly [string, number, number, boolean],
) => {
  const product = await make(admin, 'Product', {
    enabled: true,
    translations: named(sku, { slug: sku.toLowerCase(), description: '' }),
  })
  const [variant] = await admin(
    'mutation ($input: [CreateProductVariantInput!]!) { createProductVariants(input: $input) { id } }',
    {
      input: [
        {
          productId: product.id,
          sku,
          translations: named(sku),
          price,
          taxCategoryId,
          stockOnHand: 10_000,
          trackInventory: isTracked ? 'TRUE' : 'FALSE',
        },
      ],
    },
  )
  // Prices that are given to the call above are not taken over by 3.7.3.
  const prices = [
    { currencyCode: 'USD', price },
    { currencyCode: 'JPY', price: yen },
  ]
  await admin(
    'mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }',
    { input: [{ id: variant.id, prices }] },
  )
  return { product: product.id as string, variant: variant.id as string }
}

/** A channel of a seller's own, where the product is sold too. */
const openSeller = async (admin: Ask, zoneId: string, productId: string) => {
  const { id: sellerId } = await make(admin, 'Seller', { name: 'Lamps' })
  const channel = await admin(
    `mutation ($input: CreateChannelInput!) {
      createChannel(input: $input) { __typename ... on Channel { id } ${ERROR} }
    }`,
    {
      input: {
        code: 'seller-lamps',
        token: 'seller-lamps',
        defaultLanguageCode: 'en',
        pricesIncludeTax: false,
        defaultCurrencyCode: 'USD',
        availableCurrencyCodes: ['USD'],
        defaultTaxZoneId: zoneId,
        defaultShippingZoneId: zoneId,
        sellerId,
      },
    },
  )
  await admin(
    `mutation ($input: AssignProductsToChannelInput!) {
      assignProductsToChannel(input: $input) { id }
    }`,
    { input: { productIds: [productId], channelId: channel.id, priceFactor: 1 } },
  )
  const { items } = await admin('{ stockLocations { items { id } } }')
  await admin(
    `mutation ($input: AssignStockLocationsToChannelInput!) {
      assignStockLocationsToChannel(input: $input) { id }
    }`,
    { input: { stockLocationIds: [items[0].id], channelId: channel.id } },
  )
  return channel.id as string
}

const letIn = async (admin: Ask, channelIds: readonly string[]) => {
  const role = async (code: string, permissions: readonly string[]) =>
    (await make(admin, 'Role', { code, description: code, permissions, channelIds })).id as string
  const mayCancel = await role('canceler', ['ReadOrder', 'UpdateOrder'])
  const mayRead = await role('reader', ['ReadOrder'])
  await make(admin, 'Administrator', {
    firstName: 'Lab',
    lastName: 'Clerk',
    emailAddress: clerk.username,
    password: clerk.password,
    roleIds: [mayCancel],
  })
  const key = async (name: string, roleId: string) =>
    (
      await admin(
        'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey } }',
        { input: { roleIds: [roleId], translations: named(name) } },
      )
    ).apiKey as string
  return { apiKey: await key('rescind', mayCancel), readerKey: await key('reader', mayRead) }
}

export const fillShop = async (admin: Ask): Promise<Shop> => {
  const { zone, tax, channel, shipping } = await openForBusiness(admin)
  const products = {
    MUG: await sell(admin, tax.id, ['MUG', 1299, 120_000, true]),
    TEE: await sell(admin, tax.id, ['TEE', 2050, 250_000, true]),
    GIFT: await sell(admin, tax.id, ['GIFT', 5000, 500_000, false]),
    LAMP: await sell(admin, tax.id, ['LAMP', 3000, 300_000, true]),
  }
  await admin(
    `mutation ($input: CreatePromotionInput!) {
      createPromotion(input: $input) { __typename ${ERROR} }
    }`,
    {
      input: {
        enabled: true,
        couponCode: 'TEN',
        conditions: [],
        actions: [configured('order_percentage_discount', { discount: 10 })],
        translations: named('Ten percent'),
      },
    },
  )
  await admin(
    `mutation ($input: CreateCustomerInput!, $password: String) {
      createCustomer(input: $input, password: $password) { __typename ${ERROR} }
    }`,
    {
      input: { firstName: 'Ada', lastName: 'Lovelace', emailAddress: buyer.email },
      password: buyer.password,
    },
  )
  const seller = await openSeller(admin, zone.id, products.LAMP.product)
  const variants = Object.fromEntries(
    Object.entries(products).map(([sku, { variant }]) => [sku, variant]),
  )
  return { variants, shipping, ...(await letIn(admin, [channel.id, seller])) }
}
