/** Tryton's replies (JSON-RPC), as far as they are read; tolerant of everything else. */
import { z } from 'zod'
import { CallFailure, type ErrorRule, failureOf, tolerant } from '../../src/adapter/index.ts'
import { errors } from './errors.ts'

const { amount, count, id, items, part, text } = tolerant

/** How an error ends that has no name of the table: anything may be behind it. */
export const NAMELESS = '200 error'

const Refusal = z.looseObject({ error: z.unknown().refine((error) => error !== undefined) })

/**
 * The failure in a reply; null: there is none. Its texts are left out: they may hold a path of the
 * server (recorded: errors-auth) or a customer's name.
 */
const failureIn = (body: unknown, refused: ErrorRule['means']): CallFailure | null => {
  const said = Refusal.safeParse(body).data
  if (!said) return null
  const name: unknown = Array.isArray(said.error) ? said.error[0] : null
  const rule = errors.find(({ status, code }) => status === 200 && code === name)
  if (!rule?.code) return failureOf('doubt', NAMELESS)
  const means = rule.means === 'refused' ? refused : rule.means
  const { failure } = failureOf(means, `200 ${rule.code}`)
  return new CallFailure({
    ...failure,
    upstream: { status: 200, code: rule.code, message: null },
  })
}

/**
 * A reply with this result; an error in its place is thrown as the failure that it is. `refused`:
 * what a no in general means for this call.
 */
const reply = <T extends z.ZodType>(result: T, refused: ErrorRule['means']) =>
  z
    .unknown()
    .transform((body) => {
      const failure = failureIn(body, refused)
      if (failure) throw failure
      return body
    })
    .pipe(z.looseObject({ result }))
    .transform((read) => read.result as z.output<T>)

/** Of what only reads: what is refused there is a permission that the login lacks. */
const told = <T extends z.ZodType>(result: T) => reply(result, 'credentials')

/** `[user, session]`. */
export const LoginReply = told(z.tuple([z.number(), z.string().min(1)]))

export const PreferencesReply = told(z.looseObject({ company: z.number().nullish() }))

/** `{"__class__": "Decimal", "decimal": "12.5000"}` */
const Decimal = part({ decimal: amount })
/** `{"__class__": "datetime", "year": 2026, …}`, in UTC. */
const DateTime = part({
  year: z.number(),
  month: z.number(),
  day: z.number(),
  hour: z.number(),
  minute: z.number(),
  second: z.number(),
  microsecond: z.number(),
})
export type DateTime = z.infer<typeof DateTime>

/** In milliseconds since 1970; NaN where it is none. */
export const millisecondsOf = (at: NonNullable<DateTime>): number => {
  const parts = [at.year, at.month - 1, at.day, at.hour, at.minute, at.second] as const
  return Date.UTC(...parts, Math.floor(at.microsecond / 1_000))
}

/** The fields that are asked for; one of a relation is told under the relation's name and a dot. */
export const FIELDS = [
  'number',
  'reference',
  'state',
  'invoice_state',
  'shipment_state',
  'currency.code',
  'party.name',
  'party.email',
  'untaxed_amount',
  'tax_amount',
  'total_amount',
  'shipments.state',
  'lines.type',
  'lines.description',
  'lines.quantity',
  'lines.unit_price',
  'lines.amount',
  'lines.product.code',
  'create_date',
  'write_date',
  '_timestamp',
]

const Line = z.looseObject({
  id: text,
  type: text,
  description: text,
  quantity: count,
  unit_price: Decimal,
  amount: Decimal,
  'product.': part({ id: text, code: text }),
})

/** What decides is demanded; of what only describes, an odd value is not told. */
export const Sale = z.looseObject({
  id,
  state: z.string(),
  /** What a cancel is bound to: the time of the last change, as text. */
  _timestamp: z.string().min(1),
  number: text,
  reference: text,
  invoice_state: text,
  shipment_state: text,
  'shipments.': items(z.looseObject({ state: text })),
  'currency.': part({ code: text }),
  'party.': part({ id: text, name: text, email: text }),
  'lines.': items(Line),
  untaxed_amount: Decimal,
  tax_amount: Decimal,
  total_amount: Decimal,
  create_date: DateTime,
  write_date: DateTime,
})
export type Sale = z.infer<typeof Sale>

export const SalesReply = told(z.array(Sale))

/** A time that decides: each part of it is told. */
export const Moment = z
  .object({
    __class__: z.literal('datetime'),
    year: z.int(),
    month: z.int(),
    day: z.int(),
    hour: z.int(),
    minute: z.int(),
    second: z.int(),
    microsecond: z.int(),
  })
  .refine((at) => !Number.isNaN(millisecondsOf(at)))
export type Moment = z.infer<typeof Moment>

/** As the server has it; a text only in the imitation. */
export const NativeId = z.union([z.int(), z.string().min(1)])

const ChangedSale = z.looseObject({ id: NativeId, state: z.string(), write_date: Moment })
export type ChangedSale = z.infer<typeof ChangedSale>
export const ChangesReply = told(z.array(ChangedSale))

/** Null, whether it was canceled or the call was passed over (recorded: cancel-done-silent). */
export const CancelReply = reply(z.null(), 'refused')

export const NotesReply = told(z.array(z.looseObject({ resource: text, message: text })))
/** The ids of the notes. */
export const NotedReply = reply(z.array(z.number()).min(1), 'refused')
