/** What stands in a cell: flags as people write them, and what a spreadsheet made of an id. */

const YES = 'yes, y, true, 1, x, ja, j, wahr, oui, vrai, si, sí, verdadero, vero'
const NO = 'no, n, false, 0, nein, falsch, non, faux, falso'
const wordsOf = (list: string, flag: boolean) =>
  list.split(', ').map((word) => [word, flag] as const)
const FLAGS: ReadonlyMap<string, boolean> = new Map([...wordsOf(YES, true), ...wordsOf(NO, false)])
export const FLAG_RULE = `must be empty for no wish, or mean yes (${YES}) or no (${NO})`

/** Null: neither. */
export const flagOf = (text: string): boolean | null =>
  FLAGS.get(text.trim().normalize('NFC').toLowerCase()) ?? null

/** What a spreadsheet takes for a formula, with the apostrophes that say it is none. */
export const FORMULA = /^'*[=+\-@\t\r]/
/** A text without the apostrophe that our own tables put before what looks like a formula. */
export const unmarked = (text: string): string =>
  text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text

export interface Suspicion {
  /** False: it may be right. */
  readonly isCertain: boolean
  readonly detail: string
}

/** In the languages of Excel that are met most. */
const ERRORS: ReadonlySet<string> = new Set(
  (
    '#NAME? #NOM? #¿NOMBRE? #NOME? #REF! #BEZUG! #VALUE! #WERT! #VALEUR! #¡VALOR! #VALORE! ' +
    '#N/A #NV #NUM! #ZAHL! #NOMBRE! #DIV/0! #NULL! #SPILL! #CALC! #FIELD!'
  ).split(' '),
)

/** An error of the spreadsheet in the place of a value, or a cell too narrow for it. */
export const errorIn = (text: string): string | null => {
  const value = text.trim()
  if (/^#{2,}$/.test(value))
    return 'holds # alone: the spreadsheet’s column was too narrow to show what stands in it'
  return ERRORS.has(value.toUpperCase())
    ? `is ${value}, an error of the spreadsheet in the place of a value`
    : null
}

const EXPONENT = /^\d(?:[.,]\d{1,15})?e\+\d{1,3}$/i
const MONTHS: ReadonlySet<string> = new Set(
  (
    'jan ene janv feb févr mar mrz mär mars apr abr avr may mai jun juin jul juil aug ago août ' +
    'sep sept oct okt nov dec dez dic déc'
  ).split(' '),
)
const DAY_AND_MONTH = /^\d{1,2}[-. ]{1,2}(\p{L}{3,4})\.?(?:[- ]\d{2,4})?$/u
const MONTH_AND_YEAR = /^(\p{L}{3,4})\.?[- ]\d{2,4}$/u
const DAYS = [
  /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?$/,
  /^\d{1,2}\/\d{1,2}\/\d{2,4}(?: \d{1,2}:\d\d(?::\d\d)?)?$/,
]
/** An id may be written like these, too. */
const MAYBE_DAYS = [/^\d{4}-\d\d-\d\d$/, /^\d{1,2}\.\d{1,2}\.\d{4}$/]

const hasMonth = (pattern: RegExp, value: string): boolean =>
  MONTHS.has(pattern.exec(value)?.[1]?.toLowerCase() ?? '')
const isDay = (value: string): boolean =>
  hasMonth(DAY_AND_MONTH, value) || DAYS.some((pattern) => pattern.test(value))
const mayBeDay = (value: string): boolean =>
  hasMonth(MONTH_AND_YEAR, value) || MAYBE_DAYS.some((pattern) => pattern.test(value))

/** So many digits of a number are kept by spreadsheets (IEEE 754 double); others become zeros. */
const DIGITS = 15
/** So many zeros behind those are no chance: one id in 10,000 ends so. */
const CERTAIN_ZEROS = 4
const AS_TEXT = 'format the column as text, and put the id in again'

/** What a spreadsheet seems to have made of an id; null: nothing that shows. */
export const suspicionOf = (text: string): Suspicion | null => {
  const value = text.trim()
  if (value.length > 64) return null
  const quoted = `is “${value}”`
  if (EXPONENT.test(value))
    return {
      isCertain: true,
      detail: `${quoted}, a long number that the spreadsheet rounded: ${AS_TEXT}`,
    }
  if (/^['’‘]/.test(value))
    return {
      isCertain: true,
      detail: `${quoted}, with an apostrophe before it, which only marks text: leave it out`,
    }
  const isCertainly = isDay(value)
  if (isCertainly || mayBeDay(value))
    return {
      isCertain: isCertainly,
      detail: isCertainly
        ? `${quoted}, a date, which the spreadsheet made of the id: ${AS_TEXT}`
        : `${quoted}, which may be a date that the spreadsheet made of the id`,
    }
  const zeros = value.length - DIGITS
  if (zeros > 0 && /^\d+$/.test(value) && /^0+$/.test(value.slice(DIGITS))) {
    const isCertain = zeros >= CERTAIN_ZEROS
    return {
      isCertain,
      detail:
        `${quoted}, with nothing but zeros after ${DIGITS} digits, which is ` +
        `${isCertain ? '' : 'often '}what a spreadsheet leaves of a longer number` +
        `${isCertain ? `: ${AS_TEXT}` : '; compare it with the order'}`,
    }
  }
  return null
}
