/**
 * SHOPLINE's replies, as far as they are read; tolerant of everything else. Absent is null, "" or
 * the word "null" (recorded on v20260601).
 */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, entries, id, items, moment, part, text, word } = tolerant

const MoneySet = part({ shop_money: part({ amount, currency_code: text }) })

const Item = z.looseObject({
  id: text,
  product_id: text,
  variant_id: text,
  title: text,
  name: text,
  sku: text,
  quantity: count,
  price: amount,
})

/** `status`: pending, success, failure or error. */
const Transaction = z.looseObject({ kind: text, status: text, amount, currency: text })
export type Transaction = z.infer<typeof Transaction>

/**
 * Every cancel leaves one, whether money moved or not (recorded). Some ids are numbers in one reply
 * and strings in another (recorded).
 */
const Refund = z.looseObject({
  id,
  transactions: entries(Transaction),
  refund_line_items: entries(z.looseObject({ restock_type: text })),
})
export type Refund = z.infer<typeof Refund>

/**
 * Page "Get orders" and the vendor's SDK, GetOrdersAPIRespOrder. Order ids have 25 digits and more.
 */
export const Order = z.looseObject({
  id,
  name: text,
  status: word,
  financial_status: word,
  fulfillment_status: word,
  fulfillment_status_v2: word,
  cancelled_at: word,
  cancel_reason: text,
  currency: text,
  /** In the store's currency, as are all the amounts beside it. */
  current_total_price: amount,
  current_total_price_set: MoneySet,
  total_line_items_price: amount,
  current_subtotal_price: amount,
  total_discounts: amount,
  current_total_discounts: amount,
  total_tax: amount,
  current_total_tax: amount,
  total_shipping_price_set: MoneySet,
  payment_details: entries(z.looseObject({ pay_status: text, pay_amount: amount })),
  refunds: entries(Refund),
  line_items: items(Item),
  email: text,
  phone: text,
  user_id: text,
  customer: part({ id: text, email: text, first_name: text, last_name: text, phone: text }),
  shipping_address: part({ name: text, first_name: text, last_name: text, phone: text }),
  created_at: text,
  updated_at: text,
})
export type Order = z.infer<typeof Order>

export const OrdersReply = z.object({ orders: z.array(Order) })

/** Of a list, what a sweep reads of an order. */
export const ChangesReply = z.object({
  orders: z.array(z.object({ id, status: word, cancelled_at: word, updated_at: moment })),
})
export type Row = z.infer<typeof ChangesReply>['orders'][number]

/**
 * Its order lacks `status`, names a refund that never was, and knows nothing of the stock yet
 * (recorded): only whose it is, and whether it calls it canceled.
 */
export const CancelReply = z.object({ order: z.object({ id, cancelled_at: text, status: text }) })
export type CancelReply = z.infer<typeof CancelReply>

const sentence = z.string().nullish().catch(null)
const Sentences = z.union([z.string(), z.array(z.string())])

/**
 * `{"errors": "…"}` by the page "HTTP status codes"; the vendor's SDK also reads lists, fields, and
 * `{code, message}`.
 */
export const ErrorReply = z.object({
  errors: z
    .union([Sentences, z.record(z.string(), Sentences)])
    .nullish()
    .catch(null),
  code: text,
  message: sentence,
})
