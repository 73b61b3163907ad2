/** What Wix's refusals mean. */
import { type ErrorRule, inPlainWords } from '../../src/adapter/index.ts'
import { CANCEL, ERRORS, GET, TYPES } from './sources.ts'
import * as wire from './wire.ts'

/**
 * Wix's own form of an error, without a word in it: unlike the page of a firewall, and no
 * explanation either.
 */
const BLANK = ''

/**
 * 401, and 403 with words, mean credentials everywhere. 429 is nowhere said to be unprocessed, so a
 * cancel that met one is looked at.
 */
export const errors: readonly ErrorRule[] = [
  {
    status: 403,
    code: BLANK,
    means: 'credentials_perhaps',
    source:
      'https://github.com/wix/skills/pull/1119: a missing permission comes with an empty ' +
      'message; so did bursts, in the place of 429 (its rp-target-wix/lib/wix-writers.js, ' +
      '2026-07-29)',
  },
  ...[400, 404, 409].map((status) => ({
    status,
    code: BLANK,
    means: 'doubt' as const,
    source: `${ERRORS}: system errors have nothing in them`,
  })),
  {
    status: 428,
    code: 'ORDER_HAS_AUTHORIZED_TRANSACTION',
    means: 'payment_authorized',
    source: `${CANCEL}; ${TYPES}`,
  },
  {
    status: 428,
    code: 'ORDER_IS_PENDING',
    means: 'payment_pending',
    source: `${CANCEL}; ${TYPES}`,
  },
  {
    status: 428,
    code: 'ORDER_IS_REJECTED',
    means: 'payment_failed',
    source: `${CANCEL}; ${TYPES}`,
  },
  ...['ORDER_ALREADY_CANCELED', 'ORDER_IS_CANCELED', 'STATUS_ALREADY_SET'].map((code) => ({
    status: 428,
    code,
    means: 'already_canceled' as const,
    source:
      'not documented: named as ORDER_IS_PENDING and ORDER_IS_REJECTED are, and as the ' +
      `status update of the same API names it (${TYPES})`,
  })),
  ...inPlainWords(`${ERRORS}: 409 and 428 are about the state of things`, {
    canceled: [409, 428],
    again: [409, 428],
  }),
  { status: 404, code: 'ORDER_NOT_FOUND', means: 'order_not_found', source: GET },
  {
    status: 404,
    message: /./,
    means: 'order_not_found',
    source: `${ERRORS}: standard errors apply; Cancel Order names no code of its own`,
  },
  {
    status: 400,
    code: 'id MAX_LENGTH',
    means: 'order_not_found',
    source: `${TYPES}: an order id has at most 100 characters; ${ERRORS}`,
  },
  {
    status: 400,
    code: 'id FORMAT',
    means: 'order_not_found',
    source: `${ERRORS}: what is no id cannot be one of an order`,
  },
]

/** Reads a code and a sentence; of a field that is wrong the code is its name and the rule. */
export function readError(body: unknown): { code: string | null; message: string | null } {
  const { data } = wire.ErrorReply.safeParse(body)
  const { applicationError, validationError } = data?.details ?? {}
  const [violation] = validationError?.fieldViolations ?? []
  const code =
    applicationError?.code ??
    (violation ? [violation.field, violation.violatedRule].join(' ') : (data?.error ?? null))
  const message =
    [data?.message, applicationError?.description, data?.error_description].find(Boolean) ?? null
  return { code: code === null && message === null && data ? BLANK : code, message }
}
