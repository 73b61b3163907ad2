/** Odoo's replies, the same in JSON-RPC and JSON-2, as far as they are read. */
import { z } from 'zod'
import { CallFailure, failureOf, instant, tolerant } from '../../src/adapter/index.ts'

const { amount, count, id, text } = tolerant

/** JSON-RPC puts what JSON-2 answers with into `result`. */
export const inResult = <T extends z.ZodType>(result: T): z.ZodType<z.output<T>> =>
  z.looseObject({ result }).transform((reply) => reply.result as z.output<T>)

/** A wrong login or key is no error there: it is `false`, under 200. */
export const Uid = z.union([z.int().positive(), z.literal(false)]).transform((uid) => {
  if (uid === false) throw failureOf('credentials', '200 no login')
  return uid
})

export const FieldsReply = z.record(z.string(), z.unknown())

/** As the server has it; a text only in the imitation. */
export const NativeId = z.union([z.int(), z.string().min(1)])
const Ids = z.array(NativeId)

/** `[id, label]`; what is empty is `false` there, of any type. */
const Reference = z
  .tuple([id, z.string()])
  .nullish()
  .catch(null)
  .transform((pair) => pair && { id: pair[0], label: pair[1] })

/** In every version, with or without the warehouse. */
export const FIELDS = [
  'name',
  'client_order_ref',
  'state',
  'invoice_status',
  'currency_id',
  'amount_untaxed',
  'amount_tax',
  'amount_total',
  'partner_id',
  'invoice_ids',
  'transaction_ids',
  'create_date',
  'write_date',
]

/** What decides is demanded; of what only describes, an odd value is not told. */
export const Sale = z.looseObject({
  id,
  state: z.string(),
  /** From 17 on; in 16 a locked order has the state `done`. */
  locked: z.boolean().optional(),
  invoice_ids: Ids,
  transaction_ids: Ids,
  /** There where the warehouse is (`sale_stock`). */
  picking_ids: Ids.optional(),
  name: text,
  client_order_ref: text,
  invoice_status: text,
  delivery_status: text,
  currency_id: Reference,
  partner_id: Reference,
  amount_untaxed: amount,
  amount_tax: amount,
  amount_total: amount,
  create_date: text,
  write_date: text,
})
export type Sale = z.infer<typeof Sale>
export const SalesReply = z.array(Sale)

export const LINE_FIELDS = [
  'name',
  'display_type',
  'product_id',
  'product_uom_qty',
  'price_unit',
  'price_subtotal',
]
const Line = z.looseObject({
  id: text,
  name: text,
  /** A section or a note, which is no goods. */
  display_type: text,
  product_id: Reference,
  product_uom_qty: count,
  price_unit: amount,
  price_subtotal: amount,
})
export type Line = z.infer<typeof Line>
export const LinesReply = z.array(Line)

export const PICKING_FIELDS = ['state', 'picking_type_code']
const Picking = z.looseObject({ id: NativeId, state: z.string(), picking_type_code: text })
export type Picking = z.infer<typeof Picking>
export const PickingsReply = z.array(Picking)

export const INVOICE_FIELDS = ['state', 'payment_state']
const Invoice = z.looseObject({ id: NativeId, state: z.string(), payment_state: text })
export type Invoice = z.infer<typeof Invoice>
export const InvoicesReply = z.array(Invoice)

export const TRANSACTION_FIELDS = ['state', 'amount']
const Transaction = z.looseObject({ id: NativeId, state: z.string(), amount })
export type Transaction = z.infer<typeof Transaction>
export const TransactionsReply = z.array(Transaction)

/** A time as Odoo writes it: UTC, in whole seconds, without saying so. */
export const instantOf = (time: string | null | undefined): string | null =>
  instant(
    time && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(time) ? `${time.replace(' ', 'T')}Z` : null,
  )

const Moment = z.string().refine((time) => instantOf(time) !== null)
const ChangedSale = z.looseObject({ id: NativeId, state: z.string(), write_date: Moment })
export type ChangedSale = z.infer<typeof ChangedSale>
export const ChangesReply = z.array(ChangedSale)
export const CountReply = z.int()

/** What a client would show next: a dialog, a message, another page. */
const Action = z.looseObject({
  type: z.string().regex(/^ir\.actions\./),
  target: text,
})

/**
 * `true`, which is what a write answers and proves nothing; or an action of a module of the
 * merchant's. A dialog asks a person first: Odoo 16 to 18 open theirs where `action_cancel` has not
 * got its key in the context, and have done nothing (sale_order.py, action_cancel).
 */
export const CancelReply: z.ZodType<unknown> = z.union([z.boolean(), Action]).transform((reply) => {
  if (typeof reply === 'boolean' || reply.type !== 'ir.actions.act_window') return reply
  if (reply.target !== 'new') return reply
  const { failure } = failureOf('refused', '200 a dialog')
  throw new CallFailure({
    ...failure,
    detail: 'Odoo answered with a dialog that asks a person first; the order is not canceled.',
  })
})

const Message = z.looseObject({ res_id: id, body: text })
export const MessagesReply = z.array(Message)
/** The message's id; JSON-2 makes a list of every record that a method gives back. */
export const PostedReply = z.union([z.int(), z.array(z.int()).min(1)])
