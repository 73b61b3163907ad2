/** What SHOPLINE's errors mean, and how their words are read. */
import type { z } from 'zod'
import { type ErrorRule, inPlainWords } from '../../src/adapter/index.ts'
import { DOCS } from './capabilities.ts'
import * as wire from './wire.ts'

const STATUS_PAGE =
  'https://developer.shopline.com/docs/apps/api-instructions-for-use/http-status-code'
export const RATE_PAGE =
  'https://developer.shopline.com/docs/apps/api-instructions-for-use/rest-admin-api/flow-control'

export const errors: readonly ErrorRule[] = [
  { status: 401, means: 'credentials', source: `${STATUS_PAGE}: 401` },
  {
    status: 402,
    message: /./,
    means: 'credentials',
    source: `${STATUS_PAGE}: 402, the store is frozen until its owner pays`,
  },
  {
    status: 403,
    message: /./,
    means: 'credentials',
    source: `${STATUS_PAGE}: 403; ${DOCS}: write_orders`,
  },
  {
    status: 404,
    message: /./,
    means: 'order_not_found',
    source: `${STATUS_PAGE}: 404 {"errors":"The product does not exist."}`,
  },
  // The reason is the only text of ours in the body.
  {
    status: 412,
    message: /./,
    means: 'reason_refused',
    source: `${STATUS_PAGE}: 412, the body holds risky content`,
  },
  ...inPlainWords(
    `${STATUS_PAGE}: 400 and 422; a second cancel is a 422 ` +
      '(NangoHQ/integration-templates@59fd4bf)',
    { canceled: [422], reason: [400, 422], again: [400, 422] },
  ),
  {
    status: 409,
    means: 'doubt',
    source:
      'not documented: by RFC 9110, 15.5.10 a conflict that may pass, no refusal of the order',
  },
  // Canceled already, shipped, or a value out of place: its text is not documented, so the look
  // tells them apart.
  {
    status: 422,
    means: 'refused',
    source: `${STATUS_PAGE}: 422, well-formed but wrong in its meaning`,
  },
  {
    status: 423,
    message: /./,
    means: 'not_processed',
    source: `${STATUS_PAGE}: 423, the store is locked, e.g. after too many requests`,
  },
  {
    status: 429,
    means: 'not_processed',
    source: `${RATE_PAGE}: once the bucket is full, requests are rejected`,
  },
  {
    status: 433,
    means: 'not_processed',
    source: `${STATUS_PAGE}: 433, intercepted, for some time`,
  },
  {
    status: 434,
    means: 'not_processed',
    source: `${STATUS_PAGE}: 434, intercepted for its rate`,
  },
  {
    status: 435,
    means: 'not_processed',
    source: `${STATUS_PAGE}: 435, intercepted for its rate`,
  },
  {
    status: 436,
    means: 'reason_refused',
    source: `${STATUS_PAGE}: 436, intercepted for its content`,
  },
  {
    status: 501,
    message: /./,
    means: 'refused',
    source: `${STATUS_PAGE}: 501, not available for this store`,
  },
]

const sentences = (errors: string | string[]): string =>
  typeof errors === 'string' ? errors : errors.join(', ')

const said = ({ errors, message }: z.infer<typeof wire.ErrorReply>): string | null => {
  if (typeof errors === 'string' || Array.isArray(errors)) return sentences(errors)
  if (errors)
    return Object.entries(errors)
      .map(([field, faults]) => `${field}: ${sentences(faults)}`)
      .join('; ')
  return message ?? null
}

/** Reads `{errors}` in each of its forms, and `{code, message}`. */
export const readError = (body: unknown) => {
  const { data } = wire.ErrorReply.safeParse(body)
  return { code: data?.code ?? null, message: data ? said(data) : null }
}
