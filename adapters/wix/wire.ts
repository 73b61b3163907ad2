/**
 * Wix's replies, as far as they are read; everything else is let through. Names as in the REST
 * pages and in the types of @wix/ecom 1.0.2509.
 */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, id, items, moment, part, text, word } = tolerant

/**
 * A decimal string whose digits are not normalised: "10", "10.0" and "10.00" stand in one and the
 * same order.
 */
const Price = part({ amount })

const LineItem = z.looseObject({
  id: text,
  productName: part({ original: text }),
  catalogReference: part({ catalogItemId: text, appId: text, options: part({ variantId: text }) }),
  physicalProperties: part({ sku: text }),
  quantity: count,
  restockQuantity: count,
  price: Price,
  totalPriceAfterTax: Price,
})
export type LineItem = z.infer<typeof LineItem>

/**
 * `type` gives way to `activityType` (announced for 2026-03-01); the documented example still has
 * only the former.
 */
const Activity = z.looseObject({
  type: text,
  activityType: text,
  createdDate: text,
  merchantComment: part({ message: text }),
})
export type Activity = z.infer<typeof Activity>

const Contact = part({ contactDetails: part({ firstName: text, lastName: text, phone: text }) })

/** Id, status and payment status decide. An amount that is not told is nowhere taken for none. */
export const Order = z.looseObject({
  id,
  number: text,
  status: word,
  paymentStatus: word,
  fulfillmentStatus: text,
  currency: text,
  createdDate: text,
  updatedDate: text,
  priceSummary: part({
    subtotal: Price,
    discount: Price,
    shipping: Price,
    tax: Price,
    total: Price,
  }),
  balanceSummary: part({ paid: Price, refunded: Price, authorized: Price, pendingRefund: Price }),
  buyerInfo: part({ contactId: text, memberId: text, email: text }),
  billingInfo: Contact,
  recipientInfo: Contact,
  lineItems: items(LineItem),
  activities: items(Activity),
})
export type Order = z.infer<typeof Order>

/** Of Get Order, and of Cancel Order too. */
export const OrderReply = z.looseObject({ order: Order })
export type OrderReply = z.infer<typeof OrderReply>

/** Of Add Activities: of its order only whose it is. */
export const NotedReply = z.looseObject({ order: part({ id: text }) })

/** Without a list nothing was found only where the count says so. */
export const OrdersReply = z
  .looseObject({
    orders: z.array(Order).nullish(),
    metadata: part({ count, hasNext: z.boolean().nullish().catch(null) }),
  })
  .refine(({ orders, metadata }) => orders || metadata?.count === 0)

/** Of Search Orders, what a sweep reads: the order's own time decides, and so does the cursor. */
export const ChangesReply = z.looseObject({
  orders: z.array(z.looseObject({ id, status: word, updatedDate: moment })),
  metadata: z
    .looseObject({
      hasNext: z.boolean().nullish(),
      cursors: z.looseObject({ next: word }).nullish(),
    })
    .nullish(),
})
export type ChangesReply = z.infer<typeof ChangesReply>

export const TokenReply = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  /** Seconds. */
  expires_in: count,
})

/**
 * Page "About Errors"; system errors have nothing in them. The token endpoint answers in OAuth's
 * own form (RFC 6749, 5.2).
 */
export const ErrorReply = z.object({
  message: text,
  details: part({
    applicationError: part({ code: text, description: text }),
    validationError: part({
      fieldViolations: items(z.object({ field: text, violatedRule: text })),
    }),
  }),
  error: text,
  error_description: text,
})
