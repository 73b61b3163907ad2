/** What a platform's error proves, by the adapter's rules and by what HTTP says. */
import type { ErrorRule, Said } from '../adapter/contract.ts'
import { type Failure, type Meaning, meaning } from '../adapter/failure.ts'
import type { Incoming } from './transport.ts'

const MAX_RETRY_AFTER_MS = 3_600_000

/** What is larger is no waiting time but a moment: seconds since 1970, or milliseconds. */
const A_MOMENT = 1e9
const SECONDS = /^[+-]?\d{1,15}(?:\.\d{0,15})?(?= ?(s|secs?|seconds?)?$)/i
const TIME_OF_DAY = /\d\d:\d\d:\d\d/
const ZONE = /(?:[A-Z]|[+-]\d\d:?\d\d)$/i

const instantOf = (date: string): number =>
  TIME_OF_DAY.test(date) ? Date.parse(ZONE.test(date) ? date : `${date} GMT`) : NaN

const waitOf = (value: string, now: number): number => {
  const [amount] = SECONDS.exec(value) ?? []
  if (amount === undefined) return instantOf(value) - now
  const seconds = Number(amount)
  return seconds < A_MOMENT
    ? seconds * 1000
    : seconds * (seconds < 1000 * A_MOMENT ? 1000 : 1) - now
}

/**
 * `Retry-After` in milliseconds; at most an hour, unless another bound is given; null if absent or
 * unreadable. In seconds or as a date (RFC 9110 10.2.3), which is measured by the platform's own
 * clock, `Date`; and as machines write it beside that: decimals, a unit, a moment, several values
 * of which the longest counts.
 */
export const retryAfter = (
  headers: Incoming['headers'],
  now: number,
  mostMs = MAX_RETRY_AFTER_MS,
): number | null => {
  const there = instantOf(headers.get('date') ?? '')
  const waits = (headers.get('retry-after')?.slice(0, 500) ?? '')
    .split(/(?<!day|mon|tue|wed|thu|fri|sat|sun),/i)
    .map((value) => waitOf(value.trim(), Number.isNaN(there) ? now : there))
    .filter((ms) => !Number.isNaN(ms))
  return waits.length === 0 ? null : Math.min(Math.max(Math.ceil(Math.max(...waits)), 0), mostMs)
}

// Every quantifier has an end: a text from outside must not decide how long a pattern works.
const EMAIL =
  /[^\s"'<>()[\]{},;:@]{1,64}@(?:[^\s"'<>()[\]{},;:@.]{1,63}\.){1,9}[^\s"'<>()[\]{},;:@.]{1,63}/g
const PHONE = /\+?\d[\d ().-]{8,30}\d/g
const TOKEN = /\b(?:sk|pk|rsk|shpat|eyJ)[\w.~+/-]{12,2000}={0,2}/g

/** So much of a platform's words is read at all. */
const LONGEST_SAID = 2_000
/** So much of them is told. */
const LONGEST_TOLD = 300
const OF_A_NUMBER = ' ().-+0123456789'

/**
 * A text cut where no secret, address or number can be halved: behind a word that holds no digit.
 */
const shorten = (text: string): string => {
  if (text.length <= LONGEST_SAID) return text
  let end = text.lastIndexOf(' ', LONGEST_SAID)
  while (end > 0 && OF_A_NUMBER.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, Math.max(end, 0))
}

/** A platform's words without secrets and personal data, short enough for a log. */
export const scrub = (text: string | null, secrets: readonly string[]): string | null => {
  if (text === null) return null
  const hidden = secrets.reduce(
    (rest, secret) => rest.replaceAll(secret, '[secret]'),
    shorten(text),
  )
  return hidden
    .replace(EMAIL, '[email]')
    .replace(TOKEN, '[secret]')
    .replace(PHONE, '[number]')
    .slice(0, LONGEST_TOLD)
    .toWellFormed()
}

/** Words that ask to come again: what said them did nothing, or has not decided yet. */
const AGAIN =
  /\b(?:try|tried|trying) (?:\w{1,20} ){0,3}(?:again|later|once more)\b|\bretr(?:y|ied|ying|yable|iable)\b|\btemporar(?:y|ily)\b|\bin conflict with another\b|\bconcurrent|\bdeadlock|\bplease wait\b|\btoo early\b/i
/**
 * So does what is busy, unless it is with the goods or the money: such an order is refused for what
 * it is. "Locked" is a state too, but for a conflict.
 */
const BUSY =
  /\bin progress\b|\block(?:ed)? (?:by|timeout)\b|\bbeing (?:processed|modified|updated|edited)\b/i
const LOCKED = /\block(?:ed)?\b/i
const BUSY_WITH = /fulfil|\bship|deliver|dispatch|\breturns?\b|exchange|refund|\bpack|\bpick/i
const NOT_AGAIN =
  /(?:\bnot|n[’']t|\bnever|\bcannot|\bno) (?:be )?(?:retr|tr(?:y|ied) (?:\w{1,20} )?again)/i

/**
 * A refusal that is none: 423 and 425 say by themselves that it is not for good (RFC 4918 11.3, RFC
 * 8470 5.2).
 */
const invitesAgain = (status: number, { code, message }: Said): boolean => {
  if (status === 423 || status === 425) return true
  const words = shorten(`${code ?? ''} ${message ?? ''}`).replaceAll('_', ' ')
  const isBusy =
    (BUSY.test(words) || (status === 409 && LOCKED.test(words))) && !BUSY_WITH.test(words)
  return (isBusy || AGAIN.test(words)) && !NOT_AGAIN.test(words)
}

/** What no rule of the adapter explains. */
const unexplained = (status: number, error: Said): Meaning => {
  // An error under success: what it means is its rule's to say.
  if (status >= 200 && status < 300) return meaning('doubt', status)
  if (status >= 300 && status < 400)
    return {
      kind: 'refused',
      code: 'platform-unavailable',
      cause: 'refused',
      detail:
        'The platform answered with a redirect, which is never followed; check the store’s ' +
        'baseUrl.',
    }
  if (status === 429)
    return {
      ...meaning('doubt', status),
      code: 'platform-throttled',
      detail: 'The platform answered 429: it was asked too often.',
    }
  // A 4xx that is not in the platform's own words may come from a proxy or firewall on the way.
  const explained = error.code !== null || error.message !== null || status === 401
  if (status === 408 || status >= 500 || !explained) return meaning('doubt', status)
  if (status === 401 || status === 403)
    return meaning(status === 403 && invitesAgain(status, error) ? 'doubt' : 'credentials', status)
  return refusal(status, error)
}

/** A no that says nothing more, unless it is none. */
const refusal = (status: number, error: Said): Meaning =>
  invitesAgain(status, error)
    ? {
        ...meaning('doubt', status),
        detail: `The platform answered ${status} and asks to try again.`,
      }
    : meaning('refused', status)

/** The longer of two waits that a header and a body ask for; null: neither does. */
const waitOfBoth = (header: number | null, body: number | null | undefined): number | null => {
  if (typeof body !== 'number' || Number.isNaN(body)) return header
  return Math.min(Math.max(Math.ceil(body), header ?? 0, 0), MAX_RETRY_AFTER_MS)
}

/** A blank is no word. */
const nonBlank = (text: string | null): string | null =>
  text === null || text.trim() === '' ? null : text

/**
 * What an answer outside 2xx means, or an error under 2xx, by the adapter's rules, else by the
 * table that holds everywhere.
 */
export const explain = (
  incoming: Incoming,
  error: Said,
  rules: readonly ErrorRule[],
  secrets: readonly string[],
  now: number,
): Failure => {
  const { status } = incoming
  const code = nonBlank(error.code)
  const message = nonBlank(error.message)
  const rule = rules.find(
    (rule) =>
      rule.status === status &&
      (rule.code === undefined || rule.code === error.code) &&
      (rule.message === undefined || rule.message.test(shorten(message ?? ''))),
  )
  const known = !rule
    ? unexplained(status, { code, message })
    : rule.means === 'refused'
      ? refusal(status, { code, message })
      : meaning(rule.means, status)
  // Whoever says when to come again was asked too often, under whatever status.
  const isThrottled = known.kind === 'unsent' && typeof error.retryAfterMs === 'number'
  return {
    ...known,
    ...(isThrottled && { code: 'platform-throttled' }),
    result: String(status),
    upstream: { status, code: scrub(code, secrets), message: scrub(message, secrets) },
    retryAfterMs: waitOfBoth(retryAfter(incoming.headers, now), error.retryAfterMs),
  }
}
