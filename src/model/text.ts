/**
 * Texts as people and machines mean them: the same words in other bytes are the same words, and
 * what nobody sees is no part of a name.
 */

/**
 * Unicode's composed form (macOS sends decomposed), one kind of line break, no space at the ends
 * (Unicode Standard Annex #15).
 */
const normal = (value: string): string => value.normalize('NFC').replaceAll(/\r\n?/g, '\n').trim()

/** Whether two texts say the same to a reader; blanks of which nothing was kept do not. */
export const sameText = (a: string | null | undefined, b: string | null | undefined): boolean =>
  a === b || (Boolean(a) && Boolean(b) && normal(a as string) === normal(b as string))

/**
 * What an eye does not see, or that makes it see others in another order: control and format
 * characters, spaces other than the plain one, line ends, what is drawn as nothing (Unicode's
 * Default_Ignorable_Code_Point and the empty Braille cell), noncharacters.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]|[^\P{Zs} ]/u

/**
 * Whether a text can be a name: what a reader sees is all that it says. A half of a character is
 * none.
 */
export const isSeen = (value: string): boolean => value.isWellFormed() && !UNSEEN.test(value)

/**
 * Control characters that no text for people has; U+0000 alone cannot be kept by every platform
 * (PostgreSQL's jsonb).
 */
const CONTROL = /[^\P{Cc}\t\r\n]/u

export const TEXT_RULE =
  'well-formed Unicode without control characters other than tab and line breaks'
/** Whether a text can be written down for people to read. */
export const isText = (value: string): boolean => value.isWellFormed() && !CONTROL.test(value)

/**
 * The beginning of a text that a field of so many UTF-16 units holds, as which most platforms
 * count; none of its characters is cut in two.
 */
export const fitted = (value: string, maxLength: number): string => {
  if (value.length <= maxLength) return value
  const kept = value.slice(0, maxLength)
  return kept.isWellFormed() ? kept : kept.slice(0, -1)
}
