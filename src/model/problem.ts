/** The closed catalogue of problems (RFC 9457): every error a caller can meet, by name. */
import { z } from 'zod'

interface Entry {
  readonly status: number
  readonly title: string
  readonly retryable: boolean
  readonly about: string
}

export const PROBLEMS = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid',
    retryable: false,
    about:
      'Something in the request is malformed, unknown, of the wrong type or out of range. ' +
      '`errors` names each place by a JSON pointer. Nothing was written. Mend the request and ' +
      'send it again.',
  },
  unauthenticated: {
    status: 401,
    title: 'Who is asking?',
    retryable: false,
    about:
      'The Authorization header is missing, is no Bearer token, or holds a key that is not ' +
      'configured, or has expired: then `detail` says its name and when.',
  },
  forbidden: {
    status: 403,
    title: 'This key may not do that',
    retryable: false,
    about: 'The key is known but lacks the scope that this endpoint asks for.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    retryable: false,
    about: 'No route, or nothing that this key may see, has this address.',
  },
  'store-not-found': {
    status: 404,
    title: 'No such store',
    retryable: false,
    about: 'No store with this id is configured for this key.',
  },
  'order-not-found': {
    status: 404,
    title: 'The platform knows no such order',
    retryable: false,
    about:
      'The platform answered that it has no order with this id. Use the platform’s own order ' +
      'id, not the number people see.',
  },
  'cancellation-not-found': {
    status: 404,
    title: 'No such cancellation',
    retryable: false,
    about: 'No cancellation with this id exists for the stores of this key.',
  },
  'webhook-not-found': {
    status: 404,
    title: 'No such webhook',
    retryable: false,
    about: 'This key has no webhook of this name.',
  },
  'link-not-found': {
    status: 404,
    title: 'No such link',
    retryable: false,
    about: 'No link of this name exists, or this key does not reach every store of it.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not allowed here',
    retryable: false,
    about: 'The address exists, but not with this method; the Allow header says which.',
  },
  'order-not-cancelable': {
    status: 409,
    title: 'The order cannot be canceled',
    retryable: false,
    about:
      'The order’s state forbids it, or the request was withdrawn, declined or expired unsent; ' +
      '`cause` says why. Order, money and stock are as they were.',
  },
  'cancellation-conflict': {
    status: 409,
    title: 'Another cancellation stands in the way',
    retryable: false,
    about:
      'A cancellation of this order with other wishes exists, or the record is not in the state ' +
      'that this action needs. `cancellation` links to it.',
  },
  'linked-diverged': {
    status: 409,
    title: 'Linked orders are no longer alike',
    retryable: true,
    about:
      'Some orders of the link are canceled and some are not; `errors` says of each what is ' +
      'true. The same key, or a new request, tries again with those that are open.',
  },
  'already-linked': {
    status: 409,
    title: 'An order is in another link',
    retryable: false,
    about: 'An order is in one link at most. Take it out of the other first.',
  },
  'needs-attention': {
    status: 409,
    title: 'A person must look',
    retryable: false,
    about:
      'We cannot tell whether the order was canceled, or something changed without it being ' +
      'canceled. Look at the order and its payment on the platform, then resolve the record.',
  },
  'not-withdrawable': {
    status: 409,
    title: 'Too late to withdraw',
    retryable: false,
    about: 'Only what is still `accepted`, of which nothing was sent, can be withdrawn.',
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    retryable: false,
    about: 'A request body may be at most 16 KiB; a batch’s 8 MiB and 10,000 items.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'This media type is not understood here',
    retryable: false,
    about:
      'Send `Content-Type: application/json`, uncompressed; a batch may also be `text/csv` in ' +
      'UTF-8 or UTF-16.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key belongs to another request',
    retryable: false,
    about:
      'The same Idempotency-Key was used before with another body. Use a new key for a new ' +
      'request.',
  },
  'invalid-items': {
    status: 422,
    title: 'Some items of the batch are not valid',
    retryable: false,
    about:
      '`errors` names each mistake by row (1 is the first item, or the first line of data), in a ' +
      'table also by its line, by column and JSON pointer. Nothing was written. Mend the items, ' +
      'or send the batch with `partial` to have the others taken.',
  },
  unsupported: {
    status: 422,
    title: 'The platform cannot do that',
    retryable: false,
    about:
      'With `strict`, a wish that is not certain to be honored; or a target or search that this ' +
      'platform does not have. `errors` points at each.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    retryable: true,
    about: 'This key’s limit is used up; Retry-After says when to come back.',
  },
  internal: {
    status: 500,
    title: 'We made a mistake',
    retryable: true,
    about:
      'A fault of the gateway itself. With an Idempotency-Key it is safe to ask again; what was ' +
      'written is kept.',
  },
  'platform-credentials': {
    status: 502,
    title: 'The platform refused the store’s credentials',
    retryable: true,
    about:
      'The key, login or permission in the store’s settings was refused. Mend the settings, ' +
      'then send the request again.',
  },
  'platform-unavailable': {
    status: 503,
    title: 'The platform does not answer',
    retryable: true,
    about:
      'The platform could not be reached or gave no readable answer. Reads and previews fail ' +
      'with this; a cancel is queued instead.',
  },
  'platform-throttled': {
    status: 503,
    title: 'The platform asks us to slow down',
    retryable: true,
    about:
      'The platform’s own rate limit is used up. Reads and previews fail with this; a cancel is ' +
      'queued instead.',
  },
  'ledger-unavailable': {
    status: 503,
    title: 'Nothing can be written down',
    retryable: true,
    about:
      'The ledger does not take writes. `acted` `no`: nothing was accepted and nothing sent. ' +
      '`unknown`: the ledger’s answer was lost, so the request may be written down, and is done ' +
      'then.',
  },
} as const satisfies Record<string, Entry>
export type ProblemCode = keyof typeof PROBLEMS
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[]

export const CAUSES = [
  'fulfilled',
  'completed',
  'payment_pending',
  'payment_authorized',
  'payment_captured',
  'payment_failed',
  'open_change',
  'returned',
  'shared_payment',
  'nothing_pending',
  'withdrawn',
  'declined',
  'expired',
  'linked_refused',
  'refused',
] as const
export type Cause = (typeof CAUSES)[number]

export const Upstream = z
  .object({
    status: z.number().nullable(),
    code: z.string().nullable(),
    message: z.string().nullable(),
  })
  .meta({
    id: 'Upstream',
    description: 'What the platform said, scrubbed of secrets and personal data.',
  })
export type Upstream = z.infer<typeof Upstream>

/** Beside a row, where the items came as a table. */
export const LINE = z
  .number()
  .int()
  .meta({
    description:
      'In a table: the line as a spreadsheet shows it; the header is line 1, empty lines count, ' +
      'and a cell of several lines is one.',
  })

export const Problem = z
  .object({
    type: z.string().meta({
      description: 'Resolves to a page that explains it.',
      example: '/problems/order-not-cancelable',
    }),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    instance: z.string().optional(),
    code: z.enum(PROBLEM_CODES),
    retryable: z.boolean(),
    acted: z
      .enum(['yes', 'no', 'unknown'])
      .meta({ description: 'Whether anything changed at the platform.' }),
    cause: z.enum(CAUSES).optional(),
    cancellation: z
      .string()
      .optional()
      .meta({ description: 'Link to the cancellation, if one exists.' }),
    upstream: Upstream.optional(),
    errors: z
      .array(
        z.object({
          row: z.number().optional().meta({ description: 'In a batch: which item, from 1.' }),
          line: LINE.optional(),
          column: z.string().optional().meta({ description: 'In a batch: which field.' }),
          pointer: z.string(),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 application/problem+json' })
export type Problem = z.infer<typeof Problem>

type Extra = Partial<
  Pick<
    Problem,
    'acted' | 'retryable' | 'cause' | 'cancellation' | 'upstream' | 'errors' | 'instance'
  >
>

/** A problem of the catalogue. Unless said otherwise nothing changed at the platform. */
export const problem = (code: ProblemCode, detail: string, extra: Extra = {}): Problem => {
  const { status, title, retryable } = PROBLEMS[code]
  return {
    type: `/problems/${code}`,
    title,
    status,
    detail,
    code,
    retryable,
    acted: 'no',
    ...extra,
  }
}

/** Carries a problem to where it is answered. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem
  readonly headers: Readonly<Record<string, string>>
  constructor(value: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(value.code)
    this.problem = value
    this.headers = headers
  }
}

/** Throws a problem of the catalogue. */
export const refuse = (code: ProblemCode, detail: string, extra: Extra = {}): never => {
  throw new ProblemError(problem(code, detail, extra))
}
