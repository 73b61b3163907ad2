/** What BigCommerce's errors mean, and where each is written. */
import type { ErrorRule, Said } from '../../src/adapter/index.ts'
import { ERRORS, OPENAPI, RATE, SCOPES } from './sources.ts'
import * as wire from './wire.ts'

const REASON = `${OPENAPI}: staff_notes has a longest length; its refusal’s words are not told`

/** No page tells of a refusal for what an order is; bodies are documented for 404 alone. */
export const errors: readonly ErrorRule[] = [
  { status: 401, means: 'credentials', source: `${ERRORS}: 401, the token is missing or invalid` },
  {
    status: 403,
    message: /./,
    means: 'credentials',
    source: `${ERRORS}: 403, a scope is missing or a plan’s limit is reached; ${SCOPES}`,
  },
  {
    status: 404,
    message: /./,
    means: 'order_not_found',
    source: `${ERRORS}: 404; ${OPENAPI}: 404_Resp, a list with status and message`,
  },
  { status: 400, message: /\bstaff_notes\b/, means: 'reason_refused', source: REASON },
  { status: 422, message: /\bstaff_notes\b/, means: 'reason_refused', source: REASON },
  {
    status: 423,
    means: 'not_processed',
    source: `${ERRORS}: 423, the resource is locked and unavailable`,
  },
  {
    status: 429,
    means: 'not_processed',
    source:
      `${RATE}: beyond the quota requests are rejected; without the headers the platform is ` +
      'overloaded and the request may be made again',
  },
]

/** A list of one with V2, an object with V3. */
export const readError = (body: unknown): Said => {
  const [first] = wire.ErrorReply.safeParse(body).data ?? []
  return { code: null, message: (first?.message ?? first?.title)?.trim() || null }
}
