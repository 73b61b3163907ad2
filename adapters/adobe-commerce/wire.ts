/**
 * Replies of Adobe Commerce, as far as they are read; tolerant of everything else. Magento leaves
 * out what is NULL in its database.
 */
import { z } from 'zod'
import { failureOf, tolerant } from '../../src/adapter/index.ts'

const { amount, id, items, moment, part, text } = tolerant

/** Decides: a number, also as text; what is not there is NULL, and so none. */
const quantity = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d{1,12}(?:\.\d{1,12})?$/)
      .transform(Number),
  ])
  .nullish()
  .transform((value) => value ?? 0)

const Item = z.looseObject({
  item_id: text,
  /** A part of a bundle, or the variant of a configurable product. */
  parent_item_id: text,
  name: text,
  sku: text,
  product_id: text,
  price: amount,
  row_total: amount,
  qty_ordered: quantity,
  qty_canceled: quantity,
  qty_invoiced: quantity,
  qty_refunded: quantity,
  qty_shipped: quantity,
})
export type Item = z.infer<typeof Item>

/** Sometimes `1`, sometimes `"1"` or `true`. */
const flag = z
  .union([z.boolean(), z.literal([0, 1]).transform(Boolean), z.literal('1').transform(() => true)])
  .nullish()
  .catch(null)

/** What decides is demanded; of what only describes, an odd value is not told. */
export const Order = z.looseObject({
  entity_id: id,
  increment_id: text,
  /** One of eight words; `status` is the merchant's own for it. */
  state: z.string().min(1),
  status: text,
  items: z.array(Item),
  is_virtual: flag,
  order_currency_code: text,
  grand_total: amount,
  subtotal: amount,
  discount_amount: amount,
  shipping_amount: amount,
  tax_amount: amount,
  total_paid: amount,
  total_refunded: amount,
  payment: part({ amount_authorized: amount }),
  customer_id: text,
  customer_email: text,
  customer_firstname: text,
  customer_lastname: text,
  billing_address: part({ firstname: text, lastname: text, telephone: text }),
  status_histories: items(z.looseObject({ comment: text, is_customer_notified: flag })),
  created_at: text,
  updated_at: text,
})
export type Order = z.infer<typeof Order>

/** A page of orders, and how many there are in all. */
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), total_count: z.int().min(0) })

export const FoundReply = pageOf(Order)

/** `2026-11-21 12:00:00`, in UTC. */
const Moment = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  .transform((written) => `${written.replace(' ', 'T')}Z`)
  .pipe(moment)

export const ChangesReply = pageOf(
  z.object({
    entity_id: z.union([z.int(), z.string().min(1)]),
    state: z.string(),
    updated_at: Moment,
  }),
)
export type ChangedRow = z.infer<typeof ChangesReply>['items'][number]

/** `false`: canCancel() said no, and nothing was done. `true` proves nothing. */
export const CancelReply = z.boolean().transform((taken) => {
  if (!taken) throw failureOf('refused', '200 false')
  return taken
})

export const CommentReply = z.literal(true)

/** `parameters` fill the placeholders of `message`: `%1` from a list, `%name` by name. */
export const ErrorReply = z.object({
  message: z.string(),
  parameters: z
    .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
    .nullish()
    .catch(null),
})
export type ErrorParameters = z.infer<typeof ErrorReply>['parameters']
