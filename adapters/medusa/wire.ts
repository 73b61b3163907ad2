/** Medusa's replies, as far as they are read. Recorded on 2.21.2; tolerant of everything else. */
import { z } from 'zod'

const amount = z.union([z.number(), z.string()]).nullish()
const text = z.string().nullish()

export const Payment = z.object({
  id: z.string(),
  amount,
  currency_code: text,
  captured_at: text,
  canceled_at: text,
  captures: z.array(z.object({ amount })).nullish(),
  refunds: z.array(z.object({ amount })).nullish(),
})
export type Payment = z.infer<typeof Payment>

const Item = z.object({
  id: z.string(), title: text, product_title: text, variant_sku: text, variant_id: text, product_id: text,
  quantity: z.number(), unit_price: amount, total: amount,
})

export const Order = z.object({
  id: z.string(),
  display_id: z.union([z.number(), z.string()]).nullish(),
  status: z.string(),
  payment_status: text,
  fulfillment_status: text,
  currency_code: text,
  email: text,
  customer_id: text,
  canceled_at: text,
  created_at: text,
  updated_at: text,
  metadata: z.record(z.string(), z.unknown()).nullish(),
  total: amount,
  credit_line_total: amount,
  item_subtotal: amount,
  discount_total: amount,
  discount_tax_total: amount,
  shipping_subtotal: amount,
  tax_total: amount,
  items: z.array(Item).nullish(),
  shipping_address: z.object({ first_name: text, last_name: text, phone: text }).nullish(),
  payment_collections: z.array(z.object({ status: text, payments: z.array(Payment).nullish() })).nullish(),
  fulfillments: z.array(z.object({ id: z.string(), canceled_at: text })).nullish(),
})
export type Order = z.infer<typeof Order>

export const OrderReply = z.object({ order: Order })
export const OrdersReply = z.object({ orders: z.array(Order) })
/** The cancel's own reply lacks payment and fulfillment status at any `fields`: only its status is worth reading. */
export const CancelReply = z.object({ order: z.object({ id: z.string(), status: text }) })
export const AnyReply = z.object({})

export const ChangesReply = z.object({
  order_changes: z.array(z.object({ id: z.string(), change_type: text, status: text })),
})
export type Change = z.infer<typeof ChangesReply>['order_changes'][number]

export const TokenReply = z.object({ token: z.string().min(1) })

/** `{type, message}`, sometimes `code`; a 401 has `message` alone. */
export const ErrorReply = z.object({ type: text, message: text })
