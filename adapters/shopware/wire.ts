/**
 * Shopware's replies as `application/json`, as far as they are read. Names as in the published
 * schema; what was not asked for as an association comes as null.
 */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, entries, id, items, moment, part, text } = tolerant

/** The version of an order that the shop lives by; an order in editing has another beside it. */
export const LIVE = '0fa91ce3e96a4bc2be4bd9ce752c3425'
const versionId = z.literal(LIVE).nullish()

/** A state says by its technical name what it is; the other name is translated. */
export const State = z.looseObject({ technicalName: z.string() })
export type State = z.infer<typeof State>

const LineItem = z.looseObject({
  id: text,
  label: text,
  productId: text,
  quantity: count,
  unitPrice: amount,
  totalPrice: amount,
  payload: part({ productNumber: text }),
})

const Delivery = z.looseObject({
  stateMachineState: State,
  shippingCosts: part({ totalPrice: amount }),
})
export type Delivery = z.infer<typeof Delivery>

const Transaction = z.looseObject({
  createdAt: text,
  amount: part({ totalPrice: amount }),
  stateMachineState: State,
  paymentMethod: part({ handlerIdentifier: text, technicalName: text }),
})
export type Transaction = z.infer<typeof Transaction>

/** Id, version and states decide, those of payments and deliveries too. */
export const Order = z.looseObject({
  id,
  versionId,
  stateMachineState: State,
  deliveries: entries(Delivery),
  transactions: entries(Transaction),
  orderNumber: text,
  currency: part({ isoCode: text }),
  positionPrice: amount,
  shippingTotal: amount,
  amountTotal: amount,
  price: part({ calculatedTaxes: items(z.looseObject({ tax: amount })) }),
  orderCustomer: part({ customerId: text, email: text, firstName: text, lastName: text }),
  lineItems: items(LineItem),
  createdAt: text,
  updatedAt: text,
})
export type Order = z.infer<typeof Order>

export const OrdersReply = z.looseObject({ data: z.array(Order) })
export type OrdersReply = z.infer<typeof OrdersReply>

/** One change of a state. */
const Change = z.looseObject({
  referencedId: id,
  referencedVersionId: versionId,
  toStateMachineState: State,
  internalComment: z.string().nullish(),
  createdAt: text,
})
export type Change = z.infer<typeof Change>
export const HistoryReply = z.looseObject({ data: z.array(Change) })
export type HistoryReply = z.infer<typeof HistoryReply>

/** Of a search, what a sweep reads: state and time decide. */
export const ChangesReply = z.looseObject({
  data: z.array(z.looseObject({ id, versionId, updatedAt: moment, stateMachineState: State })),
})
export type ChangesReply = z.infer<typeof ChangesReply>

/** `6.7.10.1`; of another form it is not told. */
export const VersionReply = z.looseObject({ version: text })

export const TokenReply = z.looseObject({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  /** Seconds. */
  expires_in: count,
})

export const ErrorReply = z.looseObject({
  errors: z.array(z.looseObject({ code: text, title: text, detail: text })).min(1),
})
