/**
 * What a caller asks for: cancel this order, for this reason, tell the buyer or not, put the goods
 * back or not.
 */
import { z } from 'zod'
import { LINKED, type Linked } from './link.ts'
import { isSeen, isText, TEXT_RULE } from './text.ts'

export const REASON_LABELS = {
  customer: 'Customer request',
  inventory: 'Out of stock',
  fraud: 'Suspected fraud',
  payment: 'Payment problem',
  address: 'Address problem',
  pricing: 'Pricing error',
  duplicate: 'Duplicate order',
  staff: 'Staff error',
  test: 'Test order',
  other: 'Other',
} as const
export const REASON_CODES = Object.keys(REASON_LABELS) as (keyof typeof REASON_LABELS)[]
export type ReasonCode = keyof typeof REASON_LABELS

export const ID_RULE =
  '1–128 characters without white space, control and invisible characters or / \\ ? # %, and ' +
  'not “.” or “..”; or such an id in a global one, as gid://shopify/Order/123, where the ' +
  'platform has those'

const LONGEST_ID = 128

/** Whether a string can stand in a path, a key and a line: what ids are kept as. */
export const isPlainId = (id: string): boolean =>
  id.length >= 1 &&
  id.length <= LONGEST_ID &&
  id !== '.' &&
  id !== '..' &&
  !/[ /\\?#%]/.test(id) &&
  isSeen(id)

/** Whose it is, of which type, and the id itself. */
const GLOBAL_ID = /^gid:\/\/[a-z][a-z\d-]{0,31}\/[A-Za-z]{1,32}\/([^/]{1,128})$/

const isGlobalId = (id: string): boolean =>
  id.length <= LONGEST_ID && isPlainId(GLOBAL_ID.exec(id)?.[1] ?? '')

/**
 * Whether a string may be an order id at all; an adapter may be stricter. A global id is one only
 * where the platform reads it as a plain one of its own (`spellingOf`).
 */
export const isOrderId = (id: string): boolean => isPlainId(id) || isGlobalId(id)

const text = (max: number) => z.string().min(1).max(max).refine(isText, `must be ${TEXT_RULE}`)

/** A member that may be left out; `null` means left out. */
const optional = <T extends z.ZodType>(type: T) =>
  type.nullish().transform((value): z.output<T> | null => value ?? null)

const FIELDS = {
  store: optional(text(128)).meta({
    description: 'The store’s id; may be left out when the key reaches exactly one.',
    example: 'sandbox-medusa',
  }),
  orderId: z
    .string()
    .refine(isOrderId, { message: ID_RULE })
    .meta({ description: `The platform’s own order id: ${ID_RULE}.`, example: 'order_open' }),
  reason: optional(text(500)).meta({
    description: 'Why, for the record; never put into a mail.',
    example: 'Wrong quantity ordered',
  }),
  reasonCode: optional(z.enum(REASON_CODES)).meta({
    description: 'Why, from a closed list.',
    example: 'customer',
  }),
  notify: optional(z.boolean()).meta({ description: 'Tell the buyer; left out: no wish.' }),
  message: optional(text(1000)).meta({
    description: 'Text for the buyer; only with "notify": true.',
  }),
  restock: optional(z.boolean()).meta({ description: 'Put the goods back; left out: no wish.' }),
  refund: optional(z.boolean()).meta({
    description:
      'Give captured money back as a part of the cancel; left out: no wish. A platform that has ' +
      'a call of its own for it is not asked.',
  }),
  strict: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false)
    .meta({ description: 'Refuse beforehand what cannot be honored. Default false.' }),
  reference: optional(text(128)).meta({
    description: 'The caller’s own reference, echoed and filterable.',
    example: 'SO-4711',
  }),
  target: z
    .enum(['order', 'transfer'])
    .nullish()
    .transform((value) => value ?? 'order')
    .meta({ description: 'The order (default), or a pending order-transfer request.' }),
  linked: z
    .enum(LINKED)
    .nullish()
    .transform((value) => value ?? undefined)
    .meta({
      description:
        'Where the order is linked with others: all of them or none (default), each that can be ' +
        'canceled, or this one alone.',
    }),
}

/** What a batch may say once for all its items. */
export const ItemDefaults = z
  .strictObject(FIELDS)
  .omit({ orderId: true })
  .partial()
  .meta({ id: 'ItemDefaults', description: 'What every item has unless it says otherwise.' })

/** The members' names: the columns of a table, the options of a command, the fields of a form. */
export const FIELD_NAMES: readonly string[] = Object.keys(FIELDS)

export const CancelRequest = z
  .strictObject(FIELDS)
  .superRefine((request, context) => {
    if (request.target === 'transfer' && request.linked !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['linked'],
        message: 'only with "target": "order"',
      })
    }
    if (request.message !== null && request.notify !== true) {
      context.addIssue({
        code: 'custom',
        path: ['message'],
        message: 'only together with "notify": true',
      })
    }
  })
  .meta({ id: 'CancelRequest' })

/** A request as it is worked: every member present, the store resolved. */
export type CancelRequest = Omit<z.output<typeof CancelRequest>, 'store' | 'linked' | 'refund'> & {
  readonly store: string
  /** Records of before there was this wish have none. */
  readonly refund?: boolean | null
  readonly linked?: Linked | undefined
}

/**
 * Wishes are what two requests for one order must agree on to be one cancellation; the reason is
 * not compared.
 */
export const sameWishes = (a: CancelRequest, b: CancelRequest): boolean =>
  a.notify === b.notify &&
  a.message === b.message &&
  a.restock === b.restock &&
  (a.refund ?? null) === (b.refund ?? null)

/**
 * Two bodies under one idempotency key are the same when this is: every member after defaults, in a
 * fixed order.
 */
export const fingerprint = (request: CancelRequest): string =>
  JSON.stringify([
    'v1',
    request.store,
    request.orderId,
    request.target,
    request.reason,
    request.reasonCode,
    request.notify,
    request.message,
    request.restock,
    request.strict,
    request.reference,
    // Fingerprints of before there were links, or refunds, stay as they were.
    ...(request.linked === undefined ? [] : [request.linked]),
    ...(request.refund === null || request.refund === undefined ? [] : [request.refund]),
  ])

/** The text written to a platform's record: the caller's words, else the label of the code. */
export const reasonText = (request: CancelRequest): string | null =>
  request.reason ?? (request.reasonCode && REASON_LABELS[request.reasonCode])
