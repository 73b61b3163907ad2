/**
 * Rules for what platforms say in plain words where their manuals name no code for it: for statuses
 * that an adapter names, and followed by a look.
 */
import type { ErrorRule } from './contract.ts'

/**
 * “The order has already been canceled”, “order 42 is cancelled”; not “the refund of the order is
 * canceled”, nor “has not been canceled”.
 */
const CANCELED =
  /(?:^|[.:;,=] ?)(?:(?:the|this|your) )?order(?: with id [^ ]+| (?:no\. |number )?[^ ]*\d[^ ]*)?(?: (?:is|was|has|been|already))+ cancell?ed\b|^(?:it )?(?:is |was |has )?already (?:been )?cancell?ed\b/i

/**
 * A refusal that is none: “please try again later”, “another request is at it”, “the order is being
 * processed”.
 */
const AGAIN =
  /\b(?:try|retry|retried|tried|repeat)(?: it| the request)? (?:again|later)\b|\bbe (?:retried|repeated)\b|\banother (?:request|operation|process|transaction|cancell?ation)\b|\b(?:request|operation|order|cancell?ation) is (?:already |currently )?(?:being \w+ed|in progress|busy)\b|\bconcurrent\b/i

/** It is the text of the reason that is not taken: named as a field, or said in a sentence. */
const REASON =
  /^(?:body\.)?(?:cancell?(?:ed)?_)?reason\b[.\w[\]]*: |\bcancell?(?:ed)?_reason\b|\breason(?: message| text)? (?:is (?:too|invalid|not valid|not allowed|longer|illegal)|must|exceeds|contains|may not|should|has too|length)|\b(?:invalid|illegal) (?:cancel(?:l?ation)? )?reason\b/i

/** The statuses under which a platform refuses in words. */
interface Statuses {
  readonly canceled: readonly number[]
  readonly again: readonly number[]
  readonly reason?: readonly number[]
}

export const inPlainWords = (
  source: string,
  { canceled, again, reason = [] }: Statuses,
): readonly ErrorRule[] => [
  ...canceled.map((status) => ({
    status,
    message: CANCELED,
    means: 'already_canceled' as const,
    source: `${source}; its words are not documented`,
  })),
  ...reason.map((status) => ({
    status,
    message: REASON,
    means: 'reason_refused' as const,
    source: `${source}; its words are not documented`,
  })),
  ...again.map((status) => ({
    status,
    message: AGAIN,
    means: 'not_processed' as const,
    source: `${source}; it asks to come again`,
  })),
  ...[423, 425].map((status) => ({
    status,
    message: /./,
    means: 'not_processed' as const,
    source: 'RFC 4918, 11.3 and RFC 8470, 5.2: 423 is locked, 425 unwilling to begin',
  })),
]
