/** Frappe's replies (REST, version 1), as far as they are read; tolerant of everything else. */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, id, items, text } = tolerant

const Item = z.looseObject({
  name: text,
  item_code: text,
  item_name: text,
  qty: count,
  rate: amount,
  amount,
})

/** What decides is demanded; of what only describes, an odd value is not told. */
export const Order = z.looseObject({
  name: id,
  docstatus: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  status: z.string(),
  /** What a cancel is bound to: sent back to the letter. */
  modified: z.string().min(1),
  per_delivered: z.number().nullish(),
  po_no: text,
  customer: text,
  customer_name: text,
  contact_email: text,
  contact_mobile: text,
  currency: text,
  net_total: amount,
  total_taxes_and_charges: amount,
  grand_total: amount,
  rounded_total: amount,
  advance_paid: amount,
  delivery_status: text,
  billing_status: text,
  creation: text,
  items: items(Item),
})
export type Order = z.infer<typeof Order>

/** Columns of a list: one that a site does not have would fail the whole of it. */
export const FIELDS = [
  'name',
  'docstatus',
  'status',
  'modified',
  'per_delivered',
  'po_no',
  'customer',
  'customer_name',
  'contact_email',
  'contact_mobile',
  'currency',
  'net_total',
  'total_taxes_and_charges',
  'grand_total',
  'rounded_total',
  'delivery_status',
  'billing_status',
  'creation',
] as const satisfies readonly (keyof Order)[]

const data = <T extends z.ZodType>(told: T) => z.looseObject({ data: told })

export const OrderReply = data(Order)
export type OrderReply = z.infer<typeof OrderReply>

export const OrdersReply = data(z.array(Order))

/** A document that points to the order. */
export const Linked = z.looseObject({
  name: id,
  docstatus: z.union([z.literal(0), z.literal(1)]),
  status: text,
})
export type Linked = z.infer<typeof Linked>
export const LinkedReply = data(z.array(Linked))

export const Changed = z.looseObject({
  name: id,
  docstatus: z.number(),
  status: z.string(),
  modified: z.string(),
})
export type Changed = z.infer<typeof Changed>
export const ChangesReply = data(z.array(Changed))

export const CommentsReply = data(z.array(z.looseObject({ reference_name: text, content: text })))
export const CommentReply = data(z.looseObject({ name: id, reference_name: id }))

export const ZoneReply = z.looseObject({ message: z.looseObject({ time_zone: text }) })
