/** WooCommerce's replies (`wc/v3`), as far as they are read; tolerant of everything else. */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, entries, id, items, part, text, word } = tolerant

const Meta = z.looseObject({ key: z.string() })

const Line = z.looseObject({
  id: text,
  name: text,
  sku: text,
  product_id: text,
  variation_id: text,
  quantity: count,
  subtotal: amount,
  total: amount,
  /** A JSON number, all others are texts. */
  price: amount,
  meta_data: items(Meta),
})
export type Line = z.infer<typeof Line>

/** Negative: `"-5.00"`. */
const Refund = z.looseObject({ total: z.union([z.string(), z.number()]) })

export const Order = z.looseObject({
  id,
  status: z.string().min(1),
  refunds: entries(Refund),
  date_paid_gmt: word,
  number: text,
  currency: text,
  discount_total: amount,
  shipping_total: amount,
  total_tax: amount,
  total: amount,
  customer_id: text,
  billing: part({ first_name: text, last_name: text, company: text, email: text, phone: text }),
  transaction_id: text,
  date_created_gmt: text,
  date_modified_gmt: text,
  line_items: items(Line),
})
export type Order = z.infer<typeof Order>

export const Orders = z.array(Order)

/** In GMT, and without a zone: `2026-05-22T13:31:36`. */
const Moment = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  .transform((value) => Date.parse(`${value}Z`))
  .refine((at) => !Number.isNaN(at))

/** How many there are of what was asked for, on all pages together. */
export const TOTAL = 'x-wp-total'

/** Of a list, what a sweep asks for. One that does not say how many there are is no such list. */
export const Changed = z
  .object({
    header: z.string().regex(/^\d{1,15}$/),
    body: z.array(z.looseObject({ id, status: z.string().min(1), date_modified_gmt: Moment })),
  })
  .transform(({ header, body }) => ({ total: Number(header), rows: body }))

export const Note = z.looseObject({ id, note: z.string(), customer_note: z.boolean() })
export type Note = z.infer<typeof Note>
export const Notes = z.array(Note)

export const ErrorReply = z.object({ code: text, message: text })
