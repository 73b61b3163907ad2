/** Texts that went to a platform and came back: the same words in other bytes are the same words. */

/** Unicode's composed form (macOS sends decomposed), one kind of line break, no space at the ends (Unicode Standard Annex #15). */
const normal = (value: string): string => value.normalize('NFC').replaceAll(/\r\n?/g, '\n').trim()

/** Whether two texts say the same to a reader. */
export const sameText = (a: string | null | undefined, b: string | null | undefined): boolean =>
  a === b || (typeof a === 'string' && typeof b === 'string' && normal(a) === normal(b))
