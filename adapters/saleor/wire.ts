/** Saleor's replies (GraphQL), as far as they are read; tolerant of everything else. */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'
import { plainId } from './access.ts'

const { amount, count, entries, items, moment, part, text, word } = tolerant

const OrderId = z
  .string()
  .refine((id) => plainId(id) !== null)
  .transform((id) => plainId(id) as string)

const Money = part({ amount })
const Gross = part({ gross: Money })

const Line = z.looseObject({
  id: text,
  productName: text,
  productSku: text,
  productVariantId: text,
  quantity: count,
  unitPrice: Gross,
  totalPrice: Gross,
  allocations: entries(z.looseObject({ quantity: z.int().min(0) })).catch(null),
})

/** An entry of the history; `message` is a note's, `emailType` a mail's. */
const Event = z.looseObject({ date: text, type: text, message: text, emailType: text })

/** What decides is demanded; of what only describes, an odd value is not told. */
export const Order = z.looseObject({
  id: OrderId,
  status: z.string(),
  fulfillments: z.array(z.looseObject({ status: z.string() })),
  number: text,
  paymentStatus: text,
  created: text,
  updatedAt: text,
  userEmail: text,
  user: part({ id: text }),
  billingAddress: part({ firstName: text, lastName: text, phone: text }),
  total: part({ currency: text, gross: Money, tax: Money }),
  undiscountedTotal: Gross,
  subtotal: Gross,
  shippingPrice: Gross,
  totalAuthorized: Money,
  totalCharged: Money,
  totalRefunded: Money,
  totalRefundPending: Money,
  lines: items(Line),
  events: items(Event),
})
export type Order = z.infer<typeof Order>

const told = <T extends z.ZodType>(data: T) =>
  z.looseObject({ data }).transform((reply) => reply.data as z.output<T>)

/** Null: there is no such order. */
export const OrderReply = told(z.looseObject({ order: Order.nullable() }))

/** With an error nothing was done, and it was read before; without an order nobody knows. */
export const CancelReply = told(z.looseObject({ orderCancel: z.looseObject({ order: Order }) }))
export type CancelReply = z.output<typeof CancelReply>

export const NoteReply = told(
  z.looseObject({
    orderNoteAdd: z.looseObject({ order: z.looseObject({ id: OrderId }) }),
  }),
)

const listOf = <T extends z.ZodType>(node: T) =>
  told(
    z.looseObject({
      orders: z.looseObject({
        edges: z.array(z.looseObject({ node })),
        pageInfo: z.looseObject({ hasNextPage: z.boolean(), endCursor: word }),
      }),
    }),
  )

export const FoundReply = listOf(Order)
export const ChangesReply = listOf(
  z.looseObject({ id: OrderId, status: z.string(), updatedAt: moment }),
)

const QueryError = z.looseObject({
  message: text,
  path: z.array(z.unknown()).nullish().catch(null),
  extensions: part({ code: text, exception: part({ code: text }) }),
})

/** Errors of GraphQL itself, and beside them those of each mutation. */
export const ErrorReply = z.looseObject({
  // What is no object is an error all the same.
  errors: items(QueryError.catch({})),
  data: z
    .record(z.string(), part({ errors: items(z.looseObject({ code: text, message: text })) }))
    .nullish()
    .catch(null),
})
