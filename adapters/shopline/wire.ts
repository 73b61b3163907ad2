/** SHOPLINE's replies, as far as they are read; tolerant of everything else. Absent is null, "" or the word "null" (recorded on v20260601). */
import { z } from 'zod'

/** What tells whether the order is canceled: of another type, the reply is unreadable rather than misread. */
const sign = z.string().nullish()
/** What only describes the order: of another type, it is not told. */
const text = z.string().nullish().catch(null)
const amount = z.union([z.string(), z.number()]).nullish().catch(null)
const quantity = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
/** Some ids are numbers in one reply and strings in another (recorded). */
const id = z.union([z.string(), z.number()]).transform(String)

const MoneySet = z.object({ shop_money: z.object({ amount, currency_code: text }).nullish().catch(null) }).nullish().catch(null)

const Item = z.looseObject({
  id, product_id: text, variant_id: text, title: text, name: text, sku: text, quantity, price: amount,
})

/** `status`: pending, success, failure or error. */
const Transaction = z.looseObject({ kind: text, status: text, amount, currency: text })
export type Transaction = z.infer<typeof Transaction>

/** Every cancel leaves one, whether money moved or not (recorded). */
const Refund = z.looseObject({
  id,
  transactions: z.array(Transaction).nullish(),
  refund_line_items: z.array(z.looseObject({ restock_type: text })).nullish(),
})
export type Refund = z.infer<typeof Refund>

/** Page "Get orders" and the vendor's SDK, GetOrdersAPIRespOrder. Order ids have 25 digits and more, so a number would not be one. */
export const Order = z.looseObject({
  id: z.string().min(1),
  name: z.union([z.string(), z.number()]).nullish().catch(null),
  status: sign,
  financial_status: sign,
  fulfillment_status: sign,
  fulfillment_status_v2: sign,
  cancelled_at: sign,
  cancel_reason: sign,
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
  payment_details: z.array(z.looseObject({ pay_status: text, pay_amount: amount })).nullish(),
  refunds: z.array(Refund).nullish(),
  line_items: z.array(Item).nullish(),
  email: text,
  phone: text,
  user_id: text,
  customer: z.object({ id: text, email: text, first_name: text, last_name: text, phone: text }).nullish().catch(null),
  shipping_address: z.object({ name: text, first_name: text, last_name: text, phone: text }).nullish().catch(null),
  created_at: text,
  updated_at: text,
})
export type Order = z.infer<typeof Order>

export const OrdersReply = z.object({ orders: z.array(Order) })

/** Its order lacks `status`, names a refund that never was, and knows nothing of the stock yet (recorded): nothing else in it is worth reading. */
export const CancelReply = z.object({ order: z.object({ id: z.string() }) })

const Sentences = z.union([z.string(), z.array(z.string())])

/** `{"errors": "…"}` by the page "HTTP status codes"; the vendor's SDK also reads lists, fields, and `{code, message}`. */
export const ErrorReply = z.object({
  errors: z.union([Sentences, z.record(z.string(), Sentences)]).nullish().catch(null),
  code: z.union([z.string(), z.number()]).nullish().catch(null),
  message: text,
})
