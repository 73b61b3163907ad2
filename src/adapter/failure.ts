/** How a call to a platform can fail, and what each failure proves: nothing left, it was refused, or nobody knows. */
import type { Cause, ProblemCode, Upstream } from '../model/problem.ts'
import type { ErrorRule } from './adapter.ts'
import type { Incoming } from './transport.ts'

export interface Failure {
  /**
   * `unsent`: certainly not processed, may be sent again. `refused`: an explicit no (look all the same: money may
   * have moved). `doubt`: it may or may not have happened.
   */
  readonly kind: 'unsent' | 'refused' | 'doubt'
  readonly code: Extract<ProblemCode, 'platform-unavailable' | 'platform-throttled' | 'platform-credentials' | 'order-not-found' | 'order-not-cancelable' | 'unsupported'>
  readonly cause: Cause | null
  /** A sentence for people, without anything the platform or the caller wrote. */
  readonly detail: string
  /** For the attempt's record: the HTTP status, or a word for what happened instead. */
  readonly result: string
  readonly upstream: Upstream | null
  /** How long the platform asks us to stay away. */
  readonly retryAfterMs: number | null
  /** The platform's own word that the order is canceled already: no later read undoes it. */
  readonly saysCanceled?: boolean
  /** It was the text of the reason that was refused. */
  readonly aboutReason?: boolean
}

export class CallFailure extends Error {
  override readonly name = 'CallFailure'
  readonly failure: Failure
  constructor(failure: Failure, options?: ErrorOptions) {
    super(`${failure.kind}: ${failure.result}`, options)
    this.failure = failure
  }
}

const MAX_RETRY_AFTER_MS = 3_600_000

/** `Retry-After` in seconds or as a date (RFC 9110 10.2.3), as milliseconds from `now`; at most an hour; null if absent or unreadable. */
export const retryAfter = (value: string | null, now: number): number | null => {
  if (value === null) return null
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS)
}

const EMAIL = /[^\s"'<>()[\]{},;:]+@[^\s"'<>()[\]{},;:]+\.[^\s"'<>()[\]{},;:]+/g
const PHONE = /\+?\d[\d ().-]{8,}\d/g
const TOKEN = /\b(?:sk|pk|rsk|shpat|eyJ)[\w.~+/-]{12,}=*/g

/** A platform's words without secrets and personal data, short enough for a log. */
export const scrub = (text: string | null, secrets: readonly string[]): string | null => {
  if (text === null) return null
  const hidden = secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
  return hidden.replace(EMAIL, '[email]').replace(TOKEN, '[secret]').replace(PHONE, '[number]').slice(0, 300)
}

interface Meaning extends Pick<Failure, 'kind' | 'code' | 'cause' | 'detail' | 'saysCanceled' | 'aboutReason'> {}

const meaning = (means: ErrorRule['means'], status: number): Meaning => {
  switch (means) {
    case 'credentials': return { kind: 'refused', code: 'platform-credentials', cause: null, detail: 'The platform refused the store’s credentials.' }
    case 'order_not_found': return { kind: 'refused', code: 'order-not-found', cause: null, detail: 'The platform has no order with this id.' }
    case 'credentials_perhaps': return { kind: 'doubt', code: 'platform-credentials', cause: null, detail: 'The platform turned the call away without a word: too many at once, or the store’s credentials lack a permission.' }
    case 'already_canceled': return { kind: 'refused', code: 'order-not-cancelable', cause: 'refused', detail: 'The platform says that the order is canceled already.', saysCanceled: true }
    case 'reason_refused': return { kind: 'refused', code: 'order-not-cancelable', cause: 'refused', detail: 'The platform does not take the text of the reason.', aboutReason: true }
    case 'not_processed': return { kind: 'unsent', code: status === 429 ? 'platform-throttled' : 'platform-unavailable', cause: null, detail: 'The platform turned the call away before doing anything.' }
    case 'doubt': return { kind: 'doubt', code: 'platform-unavailable', cause: null, detail: `The platform answered ${status}, which does not tell whether it was done.` }
    default: return { kind: 'refused', code: 'order-not-cancelable', cause: means, detail: 'The platform refused to cancel the order.' }
  }
}

/** What an adapter throws where an answer is 2xx and its content says otherwise: an empty list, another order than the one asked for. */
export const failureOf = (means: ErrorRule['means'], result: string): CallFailure =>
  new CallFailure({ ...meaning(means, 200), result, upstream: null, retryAfterMs: null })

/** What no rule of the adapter explains. */
const unexplained = (status: number, explained: boolean): Meaning => {
  if (status >= 300 && status < 400) return { kind: 'refused', code: 'platform-unavailable', cause: 'refused', detail: 'The platform answered with a redirect, which is never followed; check the store’s baseUrl.' }
  if (status === 429) return { ...meaning('doubt', status), code: 'platform-throttled' }
  // A 4xx that is not in the platform's own words may come from a proxy or firewall on the way.
  if (status === 408 || status >= 500 || !explained) return meaning('doubt', status)
  if (status === 401 || status === 403) return meaning('credentials', status)
  return meaning('refused', status)
}

/** What an answer outside 2xx means, by the adapter's rules, else by the table that holds everywhere. */
export const explain = (
  incoming: Incoming, error: { code: string | null, message: string | null }, rules: readonly ErrorRule[], secrets: readonly string[], now: number,
): Failure => {
  const { status } = incoming
  const rule = rules.find((rule) => rule.status === status && (rule.code === undefined || rule.code === error.code) && (rule.message === undefined || rule.message.test(error.message ?? '')))
  const known = rule ? meaning(rule.means, status) : unexplained(status, error.code !== null || error.message !== null || status === 401)
  return {
    ...known,
    result: String(status),
    upstream: { status, code: scrub(error.code, secrets), message: scrub(error.message, secrets) },
    retryAfterMs: retryAfter(incoming.headers.get('retry-after'), now),
  }
}
