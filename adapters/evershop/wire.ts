/**
 * EverShop's replies, as far as they are read. Its GraphQL answers for an unknown field with
 * nothing at all, so what decides is demanded.
 */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, entries, id, items, part, text, word } = tolerant

export const TokenReply = z.looseObject({ data: z.looseObject({ accessToken: z.string().min(1) }) })

/** REST and GraphQL fail in one form: the status again, and a text. */
export const ErrorReply = z.looseObject({ error: z.looseObject({ message: z.string() }) })

/** Nothing that tells anything (recorded: cancel-pending, race-with-capture). */
export const CancelReply = z.looseObject({ data: z.looseObject({}) })

const Price = part({ value: amount })
/** Milliseconds since 1970, as text. */
const At = part({ value: text })

const Item = z.looseObject({
  uuid: text,
  productId: text,
  productSku: text,
  productName: text,
  qty: count,
  finalPriceInclTax: Price,
  lineTotalInclTax: Price,
})

export const Order = z.looseObject({
  uuid: id,
  status: z.looseObject({ code: z.string() }),
  /** `isCancelable` is the shop's own rule; PayPal's words have none. */
  paymentStatus: z.looseObject({ code: z.string(), isCancelable: z.boolean().nullish() }),
  shipmentStatus: z.looseObject({ code: z.string() }),
  /** The newest first. A cancel leaves one; nothing else tells when it was, and why. */
  activities: entries(z.looseObject({ comment: word, createdAt: At })),
  /** The first is what a payment provider is asked about. */
  paymentTransactions: entries(z.looseObject({ amount: Price })),
  paymentMethod: word,
  orderNumber: text,
  currency: text,
  noShippingRequired: z.boolean().nullish().catch(null),
  customerId: text,
  customerEmail: text,
  customerFullName: text,
  billingAddress: part({ telephone: text }),
  subTotal: Price,
  discountAmount: Price,
  shippingFeeInclTax: Price,
  totalTaxAmount: Price,
  grandTotal: Price,
  createdAt: At,
  items: items(Item),
})
export type Order = z.infer<typeof Order>

const PRICES = 'subTotal discountAmount shippingFeeInclTax totalTaxAmount grandTotal'
  .split(' ')
  .map((name) => `${name} { value }`)
  .join(' ')

/** Every field above: one that is not asked for is not told. */
const FIELDS =
  'uuid orderNumber currency noShippingRequired paymentMethod customerId customerEmail ' +
  'customerFullName status { code } paymentStatus { code isCancelable } shipmentStatus { code } ' +
  `activities { comment createdAt { value } } paymentTransactions { amount { value } } ${PRICES} ` +
  'billingAddress { telephone } createdAt { value } items { uuid productId productSku ' +
  'productName qty finalPriceInclTax { value } lineTotalInclTax { value } }'

export const READ = `query ($uuid: String!) { order(uuid: $uuid) { ${FIELDS} } }`
export const OrderReply = z.looseObject({ data: z.looseObject({ order: Order.nullable() }) })

const FOUND = `total items { ${FIELDS} }`
export const FIND = `query ($filters: [FilterInput]) { orders(filters: $filters) { ${FOUND} } }`
export const OrdersReply = z.looseObject({
  data: z.looseObject({ orders: z.looseObject({ total: z.int(), items: z.array(Order) }) }),
})
