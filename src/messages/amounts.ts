/**
 * Money as people read it: in its currency's usual digits, rounded as text and never through a
 * float; never as nothing where it is something, and never as equal where it is not.
 */
import { decimal, type Decimal, type Money, roundedTo } from '../model/money.ts'

type Amount = Pick<Money, 'amount' | 'currency'>
export type Maybe = Amount | null | undefined

/** By currency; null: one that the runtime does not know, whose usual digits nobody can tell. */
const digits = new Map<string, number | null>()
const KNOWN: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

const digitsOf = (currency: string): number | null => {
  if (!KNOWN.has(currency)) return null
  const known = digits.get(currency)
  if (known !== undefined) return known
  const { maximumFractionDigits = null } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions()
  digits.set(currency, maximumFractionDigits)
  return maximumFractionDigits
}

/** No amount that anybody means is longer; it stays as it was told. */
const LONGEST = 80

/** An amount to its last digit, as it was told. */
export const exactly = ({ amount, currency }: Amount): string => `${amount} ${currency}`

interface Rounded {
  readonly value: Decimal
  /** In the usual digits, halves away from zero. */
  readonly text: string
  /** The least sum that the usual digits can tell. */
  readonly least: string
}

/** Null: it stays as it was told, for no usual digits of it are known. */
const rounded = ({ amount, currency }: Amount): Rounded | null => {
  const places = digitsOf(currency)
  const value = amount.length > LONGEST ? null : decimal(amount)
  if (places === null || value === null) return null
  return {
    value,
    text: roundedTo(value, places).toFixed(places),
    least: places === 0 ? '1' : `0.${'1'.padStart(places, '0')}`,
  }
}

const placeOf = ({ text }: Rounded, { currency }: Amount): string => `${text} ${currency}`

/** Every value that is read as the same. */
const valuesByPlace = (all: readonly Maybe[]): ReadonlyMap<string, readonly Decimal[]> => {
  const values = new Map<string, Decimal[]>()
  for (const money of all) {
    const found = money && rounded(money)
    if (!found) continue
    const place = placeOf(found, money)
    values.set(place, [...(values.get(place) ?? []), found.value])
  }
  return values
}

/**
 * How amounts are written that are read beside one another: where two of them differ, and would
 * not once they are rounded, both are told exactly.
 */
export const amountsBeside = (all: readonly Maybe[]): ((money: Amount) => string) => {
  const values = valuesByPlace(all)
  return (money) => {
    const found = rounded(money)
    if (!found) return exactly(money)
    const { value, text, least } = found
    if (!value.eq(0) && /^-?[0.]+$/.test(text))
      return value.gt(0) ? `less than ${least} ${money.currency}` : exactly(money)
    const place = placeOf(found, money)
    return values.get(place)?.every((other) => other.eq(value)) === false ? exactly(money) : place
  }
}

/** An amount by itself, as people write it. */
export const sum: (money: Amount) => string = amountsBeside([])

/** Whether what people read of it leaves something out. */
export const isRounded = (money: Amount): boolean => {
  const found = rounded(money)
  return found !== null && !found.value.eq(found.text)
}
