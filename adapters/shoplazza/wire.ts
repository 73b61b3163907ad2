/**
 * Shoplazza's replies, as far as they are read: both generations of its API, tolerant of everything
 * else.
 */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, id, items, moment, part, text, word } = tolerant

const Address = part({ name: text, first_name: text, last_name: text, email: text, phone: text })

const Item = z.looseObject({
  id: text,
  product_id: text,
  variant_id: text,
  product_title: text,
  sku: text,
  quantity: count,
  price: amount,
  /** 2022-01. */
  total: amount,
  /** 2025-06 and later. */
  total_price: amount,
})

/**
 * "SPZ Admin API 2022.01", schema Order, and the vendor's command line, schema v202506.Order.
 * Absent is null, "" or not there.
 */
export const Order = z.looseObject({
  id,
  number: text,
  status: word,
  financial_status: word,
  fulfillment_status: text,
  cancel_reason: word,
  /** 2022-01. */
  canceled_at: word,
  /** 2025-06 and later. */
  cancelled_at: word,
  currency: text,
  total_price: amount,
  sub_total: amount,
  total_discount: amount,
  total_tax: amount,
  total_shipping: amount,
  total_paid: amount,
  total_refund_price: amount,
  customer: part({ id: text, email: text, first_name: text, last_name: text, phone: text }),
  shipping_address: Address,
  line_items: items(Item),
  created_at: text,
  updated_at: text,
})
export type Order = z.infer<typeof Order>

const Plain = z.object({ order: Order })

/**
 * 2022-01 answers `{order}`, 2025-06 and later `{code: "Success", data: {order}}`; an envelope with
 * another code is no success.
 */
export const OrderReply = z.union([
  z.object({ code: z.literal('Success'), data: Plain }).transform(({ data }) => data),
  Plain,
])
export type OrderReply = z.output<typeof OrderReply>

/** Of a list, what a sweep reads of an order: all that decides whether it is canceled, and when. */
const Row = Order.pick({
  id: true,
  status: true,
  cancel_reason: true,
  canceled_at: true,
  cancelled_at: true,
}).extend({ updated_at: moment })
export type Row = z.infer<typeof Row>

/** 2022-01: pages by number (page "Order List"). */
export const NumberedReply = z.object({ orders: z.array(Row) })
/** 2025-06 and later: a cursor (the vendor's command line, v202601.ListOrderResponse). */
export const CursorReply = z
  .object({
    code: z.literal('Success'),
    data: z.object({
      orders: z.array(Row).nullable(),
      cursor: word,
      has_more: z.boolean().nullish(),
    }),
  })
  .transform(({ data }) => ({ ...data, orders: data.orders ?? [] }))

const sentence = z.string().nullish().catch(null)
const Sentences = z.union([z.string(), z.array(z.string())])

/**
 * Five shapes: `errors` as a list or by field, `error`, and `code` with `message`, where `code` is
 * a word or a gRPC number.
 */
export const ErrorReply = z.object({
  errors: z
    .union([Sentences, z.record(z.string(), Sentences)])
    .nullish()
    .catch(null),
  error: sentence,
  code: text,
  message: sentence,
})
