/** Shoplazza's replies, as far as they are read: both generations of its API, tolerant of everything else. */
import { z } from 'zod'

/** What tells whether the order is canceled: of another type, the reply is unreadable rather than misread. */
const sign = z.string().nullish()
/** What only describes the order: of another type, it is not told. */
const text = z.string().nullish().catch(null)
const amount = z.union([z.string(), z.number()]).nullish().catch(null)
const quantity = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)])

const Address = z.object({ name: text, first_name: text, last_name: text, email: text, phone: text }).nullish().catch(null)

const Item = z.looseObject({
  id: z.string(), product_id: text, variant_id: text, product_title: text, sku: text, quantity, price: amount,
  /** 2022-01. */
  total: amount,
  /** 2025-06 and later. */
  total_price: amount,
})

/** "SPZ Admin API 2022.01", schema Order, and the vendor's command line, schema v202506.Order. Absent is null, "" or not there. */
export const Order = z.looseObject({
  id: z.string().min(1),
  number: z.union([z.string(), z.number()]).nullish().catch(null),
  status: sign,
  financial_status: sign,
  fulfillment_status: sign,
  cancel_reason: sign,
  /** 2022-01. */
  canceled_at: sign,
  /** 2025-06 and later. */
  cancelled_at: sign,
  currency: text,
  total_price: amount,
  sub_total: amount,
  total_discount: amount,
  total_tax: amount,
  total_shipping: amount,
  total_paid: amount,
  total_refund_price: amount,
  customer: z.object({ id: text, email: text, first_name: text, last_name: text, phone: text }).nullish().catch(null),
  shipping_address: Address,
  line_items: z.array(Item).nullish(),
  created_at: text,
  updated_at: text,
})
export type Order = z.infer<typeof Order>

const Plain = z.object({ order: Order })

/** 2022-01 answers `{order}`, 2025-06 and later `{code: "Success", data: {order}}`; an envelope with another code is no success. */
export const OrderReply = z.union([z.object({ code: z.literal('Success'), data: Plain }).transform(({ data }) => data), Plain])
export type OrderReply = z.output<typeof OrderReply>

const Sentences = z.union([z.string(), z.array(z.string())])

/** Five shapes: `errors` as a list or by field, `error`, and `code` with `message`, where `code` is a word or a gRPC number. */
export const ErrorReply = z.object({
  errors: z.union([Sentences, z.record(z.string(), Sentences)]).nullish().catch(null),
  error: text,
  code: z.union([z.string(), z.number()]).nullish().catch(null),
  message: text,
})
