/** Wix's replies, as far as they are read; everything else is let through. Names as in the REST pages and in the types of @wix/ecom 1.0.2509. */
import { z } from 'zod'

const text = z.string().nullish()

/** A decimal string whose digits are not normalised: "10", "10.0" and "10.00" stand in one and the same order. */
const Price = z.looseObject({ amount: z.union([z.string(), z.number()]).nullish() }).nullish()

const LineItem = z.looseObject({
  id: z.string(),
  productName: z.looseObject({ original: text }).nullish(),
  catalogReference: z.looseObject({ catalogItemId: text, appId: text, options: z.looseObject({ variantId: z.unknown() }).nullish() }).nullish(),
  physicalProperties: z.looseObject({ sku: text }).nullish(),
  quantity: z.number().nullish(),
  restockQuantity: z.number().nullish(),
  price: Price,
  totalPriceAfterTax: Price,
})
export type LineItem = z.infer<typeof LineItem>

/** `type` gives way to `activityType` (announced for 2026-03-01); the documented example still has only the former. */
const Activity = z.looseObject({
  type: text, activityType: text, createdDate: text, merchantComment: z.looseObject({ message: text }).nullish(),
})
export type Activity = z.infer<typeof Activity>

const Contact = z.looseObject({ contactDetails: z.looseObject({ firstName: text, lastName: text, phone: text }).nullish() }).nullish()

export const Order = z.looseObject({
  id: z.string(),
  number: z.union([z.string(), z.number()]).nullish(),
  status: text,
  paymentStatus: text,
  fulfillmentStatus: text,
  currency: text,
  createdDate: text,
  updatedDate: text,
  priceSummary: z.looseObject({ subtotal: Price, discount: Price, shipping: Price, tax: Price, total: Price }).nullish(),
  balanceSummary: z.looseObject({ paid: Price, refunded: Price, authorized: Price, pendingRefund: Price }).nullish(),
  buyerInfo: z.looseObject({ contactId: text, memberId: text, email: text }).nullish(),
  billingInfo: Contact,
  recipientInfo: Contact,
  lineItems: z.array(LineItem).nullish(),
  activities: z.array(Activity).nullish(),
})
export type Order = z.infer<typeof Order>

/** Of Get Order, and of Cancel Order too. */
export const OrderReply = z.looseObject({ order: Order })
export type OrderReply = z.infer<typeof OrderReply>
export const OrdersReply = z.looseObject({ orders: z.array(Order).nullish() })
export const AnyReply = z.looseObject({})

export const TokenReply = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  /** Seconds. */
  expires_in: z.number().positive().nullish(),
})

/** Page "About Errors"; system errors have nothing in them. The token endpoint answers in OAuth's own form (RFC 6749, 5.2). */
export const ErrorReply = z.object({
  message: text,
  details: z.object({
    applicationError: z.object({ code: text, description: text }).nullish(),
    validationError: z.object({ fieldViolations: z.array(z.object({ field: text, violatedRule: text })).nullish() }).nullish(),
  }).nullish().catch(null),
  error: text,
  error_description: text,
})
