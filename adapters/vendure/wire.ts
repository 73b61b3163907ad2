/** Vendure's replies (GraphQL), as far as they are read; tolerant of everything else. */
import { z } from 'zod'
import { failureOf, tolerant } from '../../src/adapter/index.ts'

const { entries, id, items, moment, part, text, word } = tolerant

/** Describes: an amount, an integer in the server's one precision. */
const Amount = z.int().nullish().catch(null)

const Line = z.looseObject({
  id: text,
  /** What is left of it: decides whether anything is. */
  quantity: z.int().min(0),
  orderPlacedQuantity: z.int().nullish().catch(null),
  unitPriceWithTax: Amount,
  discountedLinePriceWithTax: Amount,
  productVariant: part({
    id: text,
    sku: text,
    name: text,
    productId: text,
    /** `TRUE`, `FALSE`, or `INHERIT` of the server. */
    trackInventory: text,
  }),
})

const Payment = z.looseObject({
  state: word,
  amount: Amount,
  refunds: entries(z.looseObject({ state: word, total: Amount })),
})
export type Payment = z.infer<typeof Payment>

const Part = z.looseObject({ code: text, state: z.string() })

/** An entry of the history; `data` has what belongs to its type. */
const Entry = z.looseObject({
  type: text,
  isPublic: z.boolean().nullish().catch(null),
  createdAt: text,
  data: part({ note: text, reason: text, to: text }),
})

/** What decides is demanded; of what only describes, an odd value is not told. */
export const Order = z.looseObject({
  id,
  type: z.string(),
  state: z.string(),
  /** A shopper's cart. */
  active: z.boolean(),
  nextStates: z.array(z.string()),
  lines: z.array(Line),
  fulfillments: z.array(
    z.looseObject({ state: z.string(), lines: items(z.looseObject({ quantity: z.int() })) }),
  ),
  payments: entries(Payment),
  sellerOrders: entries(Part),
  aggregateOrder: Part.nullish(),
  modifications: items(z.unknown()),
  history: part({ items: items(Entry) }),
  code: text,
  currencyCode: text,
  customer: part({
    id: text,
    firstName: text,
    lastName: text,
    emailAddress: text,
    phoneNumber: text,
  }),
  subTotal: Amount,
  shipping: Amount,
  total: Amount,
  totalWithTax: Amount,
  discounts: items(z.looseObject({ amountWithTax: Amount })),
  orderPlacedAt: text,
  createdAt: text,
  updatedAt: text,
})
export type Order = z.infer<typeof Order>

const told = <T extends z.ZodType>(data: T) =>
  z.looseObject({ data }).transform((reply) => reply.data as z.output<T>)

/** What holds for every order of the server. */
const Server = z
  .looseObject({
    trackInventory: z.boolean(),
    serverConfig: z.looseObject({ moneyStrategyPrecision: z.int().min(0).max(10) }),
  })
  .transform(({ trackInventory, serverConfig }) => ({
    tracksStock: trackInventory,
    precision: serverConfig.moneyStrategyPrecision,
  }))
export type Server = z.output<typeof Server>

/** Null: there is no such order, or none in the channel. */
export const OrderReply = told(z.looseObject({ order: Order.nullable(), globalSettings: Server }))

export const FindReply = told(
  z.looseObject({
    orders: z.looseObject({ totalItems: z.int(), items: z.array(Order) }),
    globalSettings: Server,
  }),
)

const ChangedOrder = z.looseObject({ id, state: z.string(), updatedAt: moment })
export type ChangedOrder = z.infer<typeof ChangedOrder>
export const ChangesReply = told(
  z.looseObject({ orders: z.looseObject({ items: z.array(ChangedOrder) }) }),
)

/** The order as it is after the call (recorded: its fields are those of a read right after it). */
export const CancelReply = told(
  z.looseObject({ canceled: Order.extend({ __typename: z.literal('Order') }) }),
)
export type CancelReply = z.output<typeof CancelReply>

export const NoteReply = told(z.looseObject({ addNoteToOrder: z.looseObject({ id }) }))

export const TOKEN_HEADER = 'vendure-auth-token'

/**
 * The token is in a header, and there only where the server takes it as a bearer's: by default it
 * knows cookies alone.
 */
export const LoginReply = z
  .looseObject({
    header: z.string().nullable(),
    body: told(z.looseObject({ login: z.looseObject({ __typename: z.literal('CurrentUser') }) })),
  })
  .transform(({ header }) => {
    if (!header) throw failureOf('credentials', '200 no token: tokenMethod without bearer')
    return header
  })
