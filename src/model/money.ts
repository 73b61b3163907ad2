/** Money as platforms write it, made comparable without ever passing through a float. */
import Big from 'big.js'
import { z } from 'zod'

export const nullable = <T extends z.ZodType>(type: T) => type.nullable()

export const Money = z
  .object({
    amount: z.string().meta({
      description: 'Decimal string in major units; the platform’s precision, never rounded.',
      example: '130.00',
    }),
    currency: z.string().meta({ description: 'ISO 4217', example: 'USD' }),
  })
  .meta({ id: 'Money' })
export type Money = z.infer<typeof Money>

/**
 * The currencies that are not written with two decimal places (ISO 4217, list one, column
 * "CcyMnrUnts"; published by SIX:
 * six-group.com/en/products-services/financial-information/data-standards.html). Kept here and not
 * asked of the runtime: its table (CLDR) is about prices in shops, differs (HUF and IDR have none
 * there), and changes with every update.
 */
const PLACES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
    3: 'BHD IQD JOD KWD LYD OMR TND',
    4: 'CLF UYW',
  }).flatMap(([places, codes]) => codes.split(' ').map((code) => [code, Number(places)] as const)),
)

/**
 * No money is written with more digits than this; without a limit `1e999999999` would be written
 * out.
 */
const MAX_EXPONENT = 40

export type Decimal = Big

/** Null for what is no decimal number of a sane size. */
export const decimal = (amount: string | number | null | undefined): Decimal | null => {
  try {
    const value = new Big(amount ?? '')
    return Math.abs(value.e) <= MAX_EXPONENT ? value : null
  } catch {
    return null
  }
}

/** To so many decimal places, halves away from zero. */
export const roundedTo = (value: Decimal, places: number): Decimal =>
  value.round(places, Big.roundHalfUp)

/** A currency's code as everybody writes it; null where none is told. */
export const currencyOf = (currency: string | null | undefined): string | null =>
  currency?.trim().toUpperCase() || null

/**
 * A platform's amount in major units as canonical money: `10`, `"10.0"` and `"10.00"` are one
 * value,
 * `"51.3971"` stays as precise as it came. Anything that is no decimal number, or has no currency,
 * is `null`.
 */
export const money = (
  amount: string | number | null | undefined,
  currency: string | null | undefined,
): Money | null => {
  const value = decimal(amount)
  const code = currencyOf(currency)
  if (!value || !code) return null
  const places = value.toFixed().split('.')[1]?.length ?? 0
  return { amount: value.toFixed(Math.max(places, PLACES.get(code) ?? 2)), currency: code }
}

/** The sum of amounts of one currency, exact; `null` where an amount is missing. */
export const sum = (
  amounts: readonly (string | number | null | undefined)[],
  currency: string | null | undefined,
): Money | null => {
  const total = amounts
    .map(decimal)
    .reduce((total, value) => total && value && total.plus(value), new Big(0))
  return total && money(total.toFixed(), currency)
}

/** `a - b` in one currency; `null` where either is missing. */
export const minus = (a: Money | null, b: Money | null): Money | null =>
  a && b ? money(new Big(a.amount).minus(b.amount).toFixed(), a.currency) : null

/** Not told, or zero. */
export const isNothing = (value: Money | null): boolean =>
  value === null || new Big(value.amount).eq(0)

export const isPositive = (value: Money | null): boolean =>
  value !== null && new Big(value.amount).gt(0)

/** The same value of the same currency, however many zeros it is written with. */
export const isSameMoney = (a: Money, b: Money): boolean =>
  a.currency === b.currency && new Big(a.amount).eq(b.amount)

/** No number that anybody means is written with more characters. */
const LONGEST_NUMBER = 80

/**
 * Whether a number, written out, has every digit of what was read; from 1e21 on it is written with
 * an exponent.
 */
export const isExact = (value: number, source: string): boolean =>
  Math.abs(value) < 1e21 && source.length <= LONGEST_NUMBER && decimal(source)?.eq(value) === true
