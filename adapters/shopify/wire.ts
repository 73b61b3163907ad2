/** Shopify's replies (GraphQL Admin API), as far as they are read; tolerant of everything else. */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, entries, items, moment, part, text, word } = tolerant

/** The id of an order within its global one, digits but for the words of the imitation's. */
const GLOBAL_ID = /^gid:\/\/shopify\/Order\/([\w-]{1,64})$/

export const plainId = (id: string): string | null => GLOBAL_ID.exec(id)?.[1] ?? null
export const globalId = (id: string): string => `gid://shopify/Order/${id}`

const OrderId = z
  .string()
  .refine((id) => plainId(id) !== null)
  .transform((id) => plainId(id) as string)

/** In the currency of the shop, whatever the buyer paid in. */
const Money = part({ shopMoney: part({ amount, currencyCode: text }) })

const Transaction = z.looseObject({
  id: text,
  kind: z.string(),
  status: z.string(),
  amountSet: Money,
})
export type Transaction = z.infer<typeof Transaction>

const LineItem = z.looseObject({
  id: text,
  title: text,
  sku: text,
  quantity: count,
  originalUnitPriceSet: Money,
  discountedTotalSet: Money,
})

/** A word that must be told, be it as null: left out, nobody knows. */
const told = z.string().nullable()

/** What decides is demanded; of what only describes, an odd value is not told. */
export const Order = z.looseObject({
  id: OrderId,
  cancelledAt: told,
  displayFinancialStatus: told,
  displayFulfillmentStatus: told,
  returnStatus: word,
  closed: z.boolean().nullish().catch(null),
  canNotifyCustomer: z.boolean().nullish().catch(null),
  name: text,
  cancelReason: text,
  cancellation: part({ staffNote: text }),
  createdAt: text,
  updatedAt: text,
  currencyCode: text,
  totalPriceSet: Money,
  subtotalPriceSet: Money,
  totalDiscountsSet: Money,
  totalShippingPriceSet: Money,
  totalTaxSet: Money,
  totalReceivedSet: Money,
  totalRefundedSet: Money,
  totalCapturableSet: Money,
  email: text,
  phone: text,
  customer: part({ id: text, displayName: text }),
  transactions: entries(Transaction),
  refunds: items(
    z.looseObject({
      id: text,
      refundLineItems: part({ nodes: items(z.looseObject({ restockType: text })) }),
    }),
  ),
  fulfillments: entries(z.looseObject({ status: z.string() })),
  lineItems: part({
    nodes: items(LineItem),
    pageInfo: part({ hasNextPage: z.boolean().nullish() }),
  }),
})
export type Order = z.infer<typeof Order>

const Job = z.looseObject({ id: z.string().min(1), done: z.boolean() })

const UserError = z.looseObject({ code: text, message: text })

/** What became of a cancel's job; of a node that is something else nothing is told. */
const JobResult = z
  .looseObject({
    id: z.string().min(1),
    done: z.boolean(),
    status: z.string(),
    errors: items(UserError),
  })
  .nullish()
  .catch(null)
export type JobResult = z.infer<typeof JobResult>

export const OrderReply = z.looseObject({
  data: z.looseObject({ order: Order.nullable(), job: Job.nullish(), node: JobResult }),
})
export type OrderReply = z.infer<typeof OrderReply>

/** Without a job nothing was accepted, whatever else it says. */
export const CancelReply = z.looseObject({
  data: z.looseObject({
    orderCancel: z.looseObject({ job: Job, jobResult: z.looseObject({ id: text }).nullish() }),
  }),
})
export type CancelReply = z.infer<typeof CancelReply>

export const FoundReply = z.looseObject({
  data: z.looseObject({
    orders: z.looseObject({
      nodes: z.array(z.looseObject({ id: OrderId, name: text })),
      pageInfo: z.looseObject({ hasNextPage: z.boolean() }),
    }),
  }),
})

export const ChangesReply = z.looseObject({
  data: z.looseObject({
    orders: z.looseObject({
      nodes: z.array(z.looseObject({ id: OrderId, cancelledAt: told, updatedAt: moment })),
      pageInfo: z.looseObject({ hasNextPage: z.boolean(), endCursor: word }),
    }),
  }),
})
export type ChangesReply = z.infer<typeof ChangesReply>

export const TokenReply = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  /** Seconds. */
  expires_in: count,
})

const QueryError = z.looseObject({
  message: text,
  path: z.array(z.unknown()).nullish().catch(null),
  extensions: part({ code: text }),
})
export type QueryError = z.infer<typeof QueryError>

/**
 * An error has one of three forms: those of GraphQL, the mutation's own, and outside 2xx a text or
 * OAuth's (RFC 6749, 5.2).
 */
export const ErrorReply = z.looseObject({
  errors: z
    // What is no object is an error all the same.
    .union([z.string(), z.array(QueryError.catch({}))])
    .nullish()
    .catch(null),
  data: part({
    order: z.unknown().optional(),
    orderCancel: part({ job: z.unknown().optional(), orderCancelUserErrors: items(UserError) }),
  }),
  error: text,
  error_description: text,
  extensions: part({
    cost: part({
      requestedQueryCost: z.number(),
      throttleStatus: part({ currentlyAvailable: z.number(), restoreRate: z.number().positive() }),
    }),
  }),
})
export type ErrorReply = z.infer<typeof ErrorReply>
