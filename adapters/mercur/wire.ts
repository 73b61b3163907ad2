/**
 * Mercur's replies, as far as they are read: Medusa's order with what a marketplace adds. Recorded
 * on 1.5.3 and 2.1.5; tolerant of everything else.
 */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'
import { Order as StockOrder, ORDER_FIELDS as STOCK_FIELDS, Payment, told } from '../medusa/wire.ts'

export {
  AnyReply,
  ASKS_AGAIN,
  CancelReply,
  type Change,
  ChangesReply,
  ErrorReply,
  idOf,
  idsByNumber,
  idsOf,
  NoteReply,
  TokenReply,
} from '../medusa/wire.ts'

const { amount, id, text } = tolerant

/** One for a whole purchase: every order of it names the same one. */
const Collection = z.object({ amount, payments: told(Payment) })

/**
 * 1.x: the order's own part of the payment, kept by Mercur beside it (v1-vendor-order-get). Its
 * amounts are 0 until there is something (split-order-payment.ts of 1.5.3), so null is not told.
 */
const Part = z.object({
  status: text,
  currency_code: text,
  captured_amount: amount,
  refunded_amount: amount,
})
export type Part = z.infer<typeof Part>

/**
 * In full, without Mercur's defaults: its `query-config.ts` of 2.3.1 warns that `*a` beside `*a.b`
 * fails, and 2.x tells a vendor neither totals nor payments by itself (v2-vendor-order-get),
 * without which a void is invisible.
 */
export const ORDER_FIELDS = `${STOCK_FIELDS},payment_collections.amount`

export const Order = StockOrder.extend({
  payment_collections: told(Collection),
  split_order_payment: Part.nullish(),
})
export type Order = z.infer<typeof Order>
export const OrderReply = z.object({ order: Order })

/**
 * As little of an order as tells which purchase it belongs to. It decides who is kept waiting, so
 * it is read whole or not at all.
 */
export const BelongsReply = z.object({
  order: z.object({
    id: id.nullish(),
    payment_collections: tolerant.entries(z.object({ id })),
    split_order_payment: z.object({ payment_collection_id: id.nullish() }).nullish(),
    cart: z.object({ payment_collection: z.object({ id }).nullish() }).nullish(),
  }),
})

/** 1.x calls a purchase an order set, 2.x an order group. */
const Purchase = z.object({ orders: z.array(z.object({ id })) })
export const SetsReply = z.object({ order_sets: z.array(Purchase) })
export const GroupReply = z.object({ order_group: Purchase })
