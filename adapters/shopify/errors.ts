/** What Shopify's errors mean, and where each was seen or read. Most of them come with 200. */
import type { Cause, ErrorRule, Said } from '../../src/adapter/index.ts'
import { ERRORS, RATE, RECORDED, SCHEMA, STATUS } from './sources.ts'
import * as wire from './wire.ts'

/** The mutation's own words: every refusal of the business has the code INVALID (recorded). */
const WORDS: readonly Omit<ErrorRule, 'status'>[] = [
  {
    message: /^Cannot cancel an order that has already been canceled$/,
    means: 'already_canceled',
    source: `${RECORDED}: orders/orderCancel-error-messages, 2026-04`,
  },
  {
    // The job that is at it may still fail: no word of a cancel.
    message: /^Cancellation is already in progress$/,
    means: 'doubt',
    source: `${RECORDED}: orders/orderCustomerSet-and-Remove-error-paths-cleanup, 2026-04`,
  },
  {
    message: /^Cannot cancel an order that has outstanding fulfillments$/,
    means: 'fulfilled',
    source: `${RECORDED}: orders/fulfillment-multi-tracking-info`,
  },
  {
    message: /^Cannot cancel an order that has returns$/,
    means: 'returned',
    source: `${RECORDED}: admin-platform/fulfillment-return-node-read-after-write, 2026-04`,
  },
  {
    message: /^Staff note is too long\b/,
    means: 'reason_refused',
    source: `${RECORDED}: orders/orderCancel-error-messages, 2026-04`,
  },
]

/** The codes of OrderCancelUserError. */
const CODES: readonly Omit<ErrorRule, 'status'>[] = [
  { code: 'NOT_FOUND', means: 'order_not_found', source: `${SCHEMA}: OrderCancelUserErrorCode` },
  ...['NO_REFUND_PERMISSION', 'NO_REFUND_TO_STORE_CREDIT_PERMISSION'].map((code) => ({
    code,
    means: 'credentials' as const,
    source: `${SCHEMA}: OrderCancelUserErrorCode; a permission that the app’s user lacks`,
  })),
  ...[
    'INVALID',
    'STORE_CREDIT_REFUND_B2B_NOT_SUPPORTED',
    'STORE_CREDIT_REFUND_EXPIRATION_IN_PAST',
    'STORE_CREDIT_REFUND_MISSING_CUSTOMER',
  ].map((code) => ({
    code,
    means: 'refused' as const,
    source: `${SCHEMA}: OrderCancelUserErrorCode; ${RECORDED}: no job is begun with one`,
  })),
  {
    code: 'INTERNAL_ERROR',
    means: 'doubt',
    source: `${SCHEMA}: OrderCancelUserErrorCode; unexpected, so nobody knows how far it got`,
  },
]

/** Errors of GraphQL itself, which the documentation lists. */
const QUERY: readonly Omit<ErrorRule, 'status'>[] = [
  {
    code: 'THROTTLED',
    means: 'not_processed',
    source: `${RATE}: a query's cost is taken from the bucket before it runs`,
  },
  {
    code: 'MAX_COST_EXCEEDED',
    means: 'not_processed',
    source: `${RATE}: the limit of one query is enforced before it runs`,
  },
  {
    code: 'ACCESS_DENIED',
    means: 'credentials',
    source: `${RECORDED}: payments/shopify-payments-account-access-denied; ${ERRORS}`,
  },
  {
    message: /^Variable \$?id of type ID! was provided invalid value/,
    means: 'order_not_found',
    source: 'github.com/r0busta/go-shopify-graphql/issues/11: what is no id there, on 2023-07',
  },
  {
    code: 'SHOP_INACTIVE',
    means: 'credentials',
    source: `${ERRORS}: the shop is not active`,
  },
  {
    code: 'INTERNAL_SERVER_ERROR',
    means: 'doubt',
    source: `${ERRORS}: it comes in the place of a 500`,
  },
]

export const errors: readonly ErrorRule[] = [
  ...[...WORDS, ...CODES, ...QUERY].map((rule) => ({ status: 200, ...rule })),
  ...QUERY.filter(({ code }) => code === 'THROTTLED').map((rule) => ({ status: 429, ...rule })),
  {
    status: 429,
    message: /./,
    means: 'not_processed',
    source: `${STATUS}: 429, the request was not accepted`,
  },
  ...[402, 423].map((status) => ({
    status,
    message: /./,
    means: 'not_processed' as const,
    source: `${STATUS}: ${status}, the shop is ${status === 402 ? 'frozen' : 'locked'}`,
  })),
]

/** The causes in the words above. */
const CAUSES: readonly ErrorRule['means'][] = ['fulfilled', 'returned']

/** Why a job ended without a cancel: in words of ours, and with the closest cause there is. */
export const causeOf = (message: string | null): { cause: Cause; detail: string } => {
  const rule = WORDS.find(
    ({ message: words, means }) => CAUSES.includes(means) && words?.test(message ?? ''),
  )
  return {
    cause: (rule?.means ?? 'refused') as Cause,
    detail: 'Shopify took the cancel, and its job ended without canceling the order.',
  }
}

/** An error that says nothing is one all the same. */
const UNSAID = ''

/** Parts of an order that only describe it: an app may lack the permission to see them. */
const DESCRIPTIVE: readonly unknown[] = ['customer', 'email', 'phone']

/**
 * Whether only a descriptive part of an order is withheld: it is null then, and all else is told
 * (github.com/MONEI/Shopify-api-node/pull/672).
 */
const isPartial = ({ data }: wire.ErrorReply, { path, extensions }: wire.QueryError): boolean =>
  extensions?.code === 'ACCESS_DENIED' &&
  path?.[0] === 'order' &&
  DESCRIPTIVE.includes(path[1]) &&
  typeof data?.order === 'object' &&
  data.order !== null

/** When the bucket has room for a query that found none, in milliseconds. */
const roomInMs = ({ extensions }: wire.ErrorReply): number | null => {
  const { requestedQueryCost: cost, throttleStatus } = extensions?.cost ?? {}
  if (cost === undefined || !throttleStatus) return null
  const { currentlyAvailable, restoreRate } = throttleStatus
  return (Math.max(0, cost - currentlyAvailable) / restoreRate) * 1_000
}

const saidOf = (reply: wire.ErrorReply, { message, extensions }: wire.QueryError): Said => {
  const code = extensions?.code ?? null
  return {
    code,
    message: message ?? UNSAID,
    ...(code === 'THROTTLED' && { retryAfterMs: roomInMs(reply) }),
  }
}

/** Reads the error that counts, wherever it stands; both null: there is none. */
export const readError = (body: unknown): Said => {
  const { data: reply } = wire.ErrorReply.safeParse(body)
  if (!reply) return { code: null, message: null }
  const { errors: top, data } = reply
  if (typeof top === 'string') return { code: null, message: top }
  const [query] = (top ?? []).filter((one) => !isPartial(reply, one))
  if (query) return saidOf(reply, query)
  // With a job the call was taken, whatever else is said.
  const { job, orderCancelUserErrors: own } = data?.orderCancel ?? {}
  const [refused] = job ? [] : (own ?? [])
  if (refused) return { code: refused.code ?? null, message: refused.message ?? UNSAID }
  return { code: reply.error ?? null, message: reply.error_description ?? null }
}
