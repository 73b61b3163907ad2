/** Mercur's replies, as far as they are read: Medusa's order with what a marketplace adds. Recorded on 1.5.3 and 2.1.5; tolerant of everything else. */
import { z } from 'zod'
import { Order as StockOrder, Payment } from '../medusa/wire.ts'

export { AnyReply, CancelReply, type Change, ChangesReply, ErrorReply, TokenReply } from '../medusa/wire.ts'

const text = z.string().nullish()
const amount = z.union([z.number(), z.string()]).nullish()

/** One for a whole purchase: every order of it names the same one. */
const Collection = z.object({ id: text, status: text, amount, captured_amount: amount, refunded_amount: amount, payments: z.array(Payment).nullish() })

/** 1.x: the order's own part of the payment, kept by Mercur beside it (v1-vendor-order-get). */
const Part = z.object({ status: text, currency_code: text, payment_collection_id: text, captured_amount: amount, refunded_amount: amount })
export type Part = z.infer<typeof Part>

export const Order = StockOrder.extend({ payment_collections: z.array(Collection).nullish(), split_order_payment: Part.nullish() })
export type Order = z.infer<typeof Order>
export const OrderReply = z.object({ order: Order })

/** As little of an order as tells which purchase it belongs to. */
export const BelongsReply = z.object({
  order: z.object({
    payment_collections: z.array(z.object({ id: text })).nullish(),
    split_order_payment: z.object({ payment_collection_id: text }).nullish(),
    cart: z.object({ payment_collection: z.object({ id: text }).nullish() }).nullish(),
  }),
})

/** 1.x calls a purchase an order set, 2.x an order group. */
const Purchase = z.object({ id: z.string(), orders: z.array(z.object({ id: z.string(), status: text })) })
export type Purchase = z.infer<typeof Purchase>
export const SetsReply = z.object({ order_sets: z.array(Purchase) })
export const GroupReply = z.object({ order_group: Purchase })

export const FoundReply = z.object({ orders: z.array(z.object({ id: z.string(), display_id: z.union([z.number(), z.string()]).nullish() })) })
