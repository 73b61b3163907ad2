/**
 * commercetools' replies, as far as they are read; tolerant of everything else. Names as in the
 * types of @commercetools/platform-sdk 9.5.0.
 */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, entries, id, items, moment, part, text, word } = tolerant

/** Whole units of the currency's smallest part; of high precision a second number says more. */
const Money = part({
  centAmount: amount,
  preciseAmount: amount,
  currencyCode: text,
  fractionDigits: count,
})
export type Money = z.infer<typeof Money>

/** A text in several languages, by their tags. */
const Localized = z.record(z.string(), z.unknown()).nullish().catch(null)
export type Localized = z.infer<typeof Localized>

const LineItem = z.looseObject({
  id: text,
  productId: text,
  name: Localized,
  variant: part({ id: text, sku: text }),
  quantity: count,
  price: part({ value: Money }),
  totalPrice: Money,
})
export type LineItem = z.infer<typeof LineItem>

/** A line that the merchant wrote by hand: of no product, with its price in `money`. */
const CustomLineItem = z.looseObject({
  id: text,
  name: Localized,
  quantity: count,
  money: Money,
  totalPrice: Money,
})
export type CustomLineItem = z.infer<typeof CustomLineItem>

const Address = part({ firstName: text, lastName: text, phone: text, mobile: text })

const Transaction = z.looseObject({ type: z.string(), state: z.string(), amount: Money })
export type Transaction = z.infer<typeof Transaction>

/** With its payment where that was expanded; a transaction that cannot be read leaves none read. */
const PaymentReference = z.looseObject({
  obj: z
    .looseObject({ transactions: z.array(Transaction) })
    .nullish()
    .catch(null),
})

/** Deliveries decide: one that cannot be read may be goods that have left. */
const ShippingInfo = z.looseObject({ deliveries: entries(z.unknown()) })

/** What a new type would wipe: it decides, so it is read or nothing is. */
const Custom = z.looseObject({
  type: z.looseObject({
    id,
    obj: part({
      key: text,
      fieldDefinitions: items(z.looseObject({ name: text, type: part({ name: text }) })),
    }),
  }),
  fields: z.record(z.string(), z.unknown()),
})
export type Custom = z.infer<typeof Custom>

/** With its key where it was expanded. */
const State = z.looseObject({ id, obj: part({ key: text }) })

/** What decides is demanded; of what only describes, an odd value is not told. */
export const Order = z.looseObject({
  id,
  /** What a cancel is bound to. */
  version: z.int(),
  orderState: z.string(),
  state: State.nullish(),
  shipmentState: word,
  paymentState: text,
  shippingInfo: ShippingInfo.extend({ price: Money }).nullish(),
  shipping: entries(z.looseObject({ shippingInfo: ShippingInfo.nullish() })),
  returnInfo: entries(z.unknown()),
  syncInfo: items(z.unknown()),
  custom: Custom.nullish(),
  paymentInfo: part({ payments: z.array(PaymentReference) }),
  orderNumber: text,
  locale: text,
  customerId: text,
  customerEmail: text,
  billingAddress: Address,
  shippingAddress: Address,
  totalPrice: Money,
  taxedPrice: part({ totalNet: Money, totalGross: Money, totalTax: Money }),
  discountOnTotalPrice: part({ discountedAmount: Money }),
  lineItems: items(LineItem),
  customLineItems: items(CustomLineItem),
  createdAt: text,
  lastModifiedAt: text,
})
export type Order = z.infer<typeof Order>

const ChangedOrder = z.looseObject({
  id,
  orderState: z.string(),
  state: State.nullish(),
  lastModifiedAt: moment,
})
export type ChangedOrder = z.infer<typeof ChangedOrder>
export const ChangesReply = z.looseObject({ results: z.array(ChangedOrder) })

export const TokenReply = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  /** Seconds. */
  expires_in: z.number().positive(),
})

/** Of the API, and of the login, which adds OAuth's own two. */
export const ErrorReply = z.object({
  message: text,
  errors: items(z.looseObject({ code: text, message: text, typeId: text })),
  error: text,
  error_description: text,
})
