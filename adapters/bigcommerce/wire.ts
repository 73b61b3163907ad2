/** BigCommerce's replies (V2), as far as they are read; tolerant of everything else. */
import { z } from 'zod'
import { tolerant } from '../../src/adapter/index.ts'

const { amount, count, id, part, text, word } = tolerant

const RFC_2822 = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/

/** When that was, in milliseconds since 1970: V2 writes times as RFC 2822 does. */
export const millisecondsOf = (written: string | null | undefined): number | null => {
  const ms = RFC_2822.test(written ?? '') ? Date.parse(written as string) : NaN
  return Number.isNaN(ms) ? null : ms
}

const Item = z.looseObject({
  id,
  name: text,
  sku: text,
  product_id: text,
  variant_id: text,
  quantity: count,
  price_inc_tax: amount,
  total_inc_tax: amount,
})

/** Not every line can be told where one of them is a link, or something else. */
const Parcels = z.array(z.looseObject({ line_items: z.array(Item) }))
const Consignments = z
  .looseObject({
    pickups: Parcels,
    shipping: Parcels,
    downloads: Parcels,
    email: z.looseObject({ gift_certificates: Parcels }),
  })
  .transform(({ pickups, shipping, downloads, email }) =>
    [...pickups, ...shipping, ...downloads, ...email.gift_certificates].flatMap(
      ({ line_items }) => line_items,
    ),
  )
  .nullish()
  .catch(null)

export const Order = z.looseObject({
  id,
  status_id: z.number(),
  items_shipped: z.number(),
  is_deleted: z.boolean().nullish(),
  payment_status: word,
  /** Null is none, and absent is not told: a write replaces what stands there. */
  staff_notes: word,
  status: text,
  items_total: count,
  order_is_digital: z.boolean().nullish().catch(null),
  customer_id: text,
  billing_address: part({ first_name: text, last_name: text, email: text, phone: text }),
  default_currency_code: text,
  subtotal_inc_tax: amount,
  discount_amount: amount,
  coupon_discount: amount,
  shipping_cost_inc_tax: amount,
  total_tax: amount,
  total_inc_tax: amount,
  refunded_amount: amount,
  date_created: text,
  date_modified: text,
  consignments: Consignments,
})
export type Order = z.infer<typeof Order>

const Moment = z
  .string()
  .refine((written) => millisecondsOf(written) !== null)
  .transform((written) => millisecondsOf(written) as number)

/** Of a list, what a sweep reads of an order. */
const Row = Order.pick({ id: true, status_id: true }).extend({ date_modified: Moment })
export type Row = z.infer<typeof Row>

/**
 * Where nothing fits, V2 answers 204 with no body, and no empty list. Nothing under another status
 * is none of its answers: a firewall's challenge is an empty 202.
 */
export const ListReply = z
  .union([
    z.object({ status: z.literal(204), body: z.undefined() }).transform(() => ({ body: [] })),
    z.object({ body: z.array(Row).min(1) }),
  ])
  .transform(({ body }): Row[] => body)

const Told = z.object({ message: text, title: text })
/** V2 tells its errors as a list, V3 as one: `[{ status, message }]`, `{ status, title }`. */
export const ErrorReply = z.union([z.array(Told).min(1), Told.transform((one) => [one])])
