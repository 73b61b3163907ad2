/**
 * The Open API's replies, as far as they are read (its models Order, OrderPayment, OrderDelivery,
 * Money); tolerant of everything else.
 */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, id, items, moment, part, text, word } = tolerant

/** Also `cents`, `label` and `currency_symbol`: left unread, see map.ts. */
const Money = part({ dollars: amount, currency_iso: text })
export type Money = z.infer<typeof Money>

/** INCREASE_FAILED: the stock could not be raised; REDUCE_FAILED: it could not be lowered. */
const StockTag = z.object({ product_id: text, sku_id: text, order_item_id: text, stock_tag: text })
/** A tag, or a list, that cannot be read is a tag without a word: it may be one of a failure. */
const StockTags = z.array(StockTag.catch({})).nullish().catch([{}])
export type StockTags = z.infer<typeof StockTags>

const Item = z.looseObject({
  id: text,
  item_id: text,
  item_variation_key: text,
  sku: text,
  quantity: count,
  title_translations: z.record(z.string(), z.unknown()).nullish().catch(null),
  item_price: Money,
  total: Money,
})

export const Order = z.object({
  id,
  order_number: text,
  /** Given by the shop; which of the two numbers people see is a setting of the shop. */
  merchant_order_number: text,
  status: z.string(),
  customer_id: text,
  customer_name: text,
  customer_email: text,
  customer_phone: text,
  currency_iso: text,
  subtotal: Money,
  order_discount: Money,
  total_tax_fee: Money,
  total: Money,
  /** Store credits spent on the order. */
  user_credit: Money,
  /** Member points spent on the order. */
  order_points: count,
  order_payment: z.object({ status: word, payment_type: text, total: Money }).nullish(),
  order_delivery: z.object({ status: word, return_order_id: text, total: Money }).nullish(),
  subtotal_items: items(Item),
  /** The order never took goods out of stock. */
  skip_fulfillment: z.boolean().nullish().catch(null),
  /** Null: no failure; left out where the shop's feature order_decoupling_product_revamp is off. */
  order_items_stock_tag: StockTags,
  created_at: text,
  updated_at: text,
})
export type Order = z.infer<typeof Order>

/**
 * Page "Cancel Order": no order in it, only what went wrong with the stock; `error` and `message`
 * are what its errors have.
 */
export const CancelReply = z.object({
  order_items_stock_tag: StockTags,
  error: text,
  message: text,
})
export type CancelReply = z.infer<typeof CancelReply>

export const OrdersReply = z.object({
  items: z.array(Order),
  pagination: part({ total_pages: count }),
})

/** Of a search, what a sweep reads of an order. */
export const ChangesReply = z.object({
  items: z.array(z.object({ id, status: z.string(), updated_at: moment })),
})

export const ReturnsReply = z.object({ items: z.array(z.object({ status: word, order_id: text })) })
export type ReturnsReply = z.infer<typeof ReturnsReply>

/**
 * The models differ per status: `error` (400), `message` (401, 403, 404, 500), both (422); the
 * documented 429 has `error`, against its model.
 */
export const ErrorReply = z.object({ error: text, message: text, code: text })
