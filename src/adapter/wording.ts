/** What platforms say in plain words where their manuals name no code for it: read in rules of their own statuses only, and followed by a look. */

/** “The order has already been canceled”, “order 42 is cancelled”; not “the refund of the order is canceled”, nor “has not been canceled”. */
export const ALREADY_CANCELED =
  /(?:^|[.:;,=] ?)(?:(?:the|this|your) )?order(?: with id [^ ]+| (?:no\. |number )?[^ ]*\d[^ ]*)?(?: (?:is|was|has|been|already))+ cancell?ed\b|^(?:it )?(?:is |was |has )?already (?:been )?cancell?ed\b/i

/** A refusal that is none: “please try again later”, “another request is at it”, “the order is being processed”. */
export const TRY_AGAIN =
  /\b(?:try|retry|retried|tried|repeat)(?: it| the request)? (?:again|later)\b|\bbe (?:retried|repeated)\b|\banother (?:request|operation|process|transaction|cancell?ation)\b|\b(?:request|operation|order|cancell?ation) is (?:already |currently )?(?:being (?:processed|modified|updated|edited|canceled|cancelled)|in progress|busy)\b|\bconcurrent\b/i

/** It is the text of the reason that is not taken: named as a field, or said in a sentence. */
export const ABOUT_REASON =
  /^(?:body\.)?(?:cancell?(?:ed)?_)?reason\b[.\w[\]]*: |\bcancell?(?:ed)?_reason\b|\breason(?: message| text)? (?:is (?:too|invalid|not valid|not allowed|longer|illegal)|must|exceeds|contains|may not|should|has too|length)|\b(?:invalid|illegal) (?:cancel(?:l?ation)? )?reason\b/i
