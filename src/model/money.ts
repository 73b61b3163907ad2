/** Money as platforms write it, made comparable without ever passing through a float. */
import Big from 'big.js'
import { z } from 'zod'

export const nullable = <T extends z.ZodType>(type: T) => type.nullable()

export const Money = z.object({
  amount: z.string().meta({ description: 'Decimal string in major units; the platform’s precision, never rounded.', example: '130.00' }),
  currency: z.string().meta({ description: 'ISO 4217', example: 'USD' }),
}).meta({ id: 'Money' })
export type Money = z.infer<typeof Money>

const digits = new Map<string, number>()

/** Decimal places a currency is written with at least (JPY 0, USD 2, KWD 3); 2 for codes nobody knows. */
const minorDigits = (currency: string): number => {
  let known = digits.get(currency)
  if (known === undefined) {
    try {
      known = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    } catch {
      known = 2 // not a well-formed code: RangeError
    }
    digits.set(currency, known)
  }
  return known
}

/** No money is written with more digits than this; without a limit `1e999999999` would be written out. */
const MAX_EXPONENT = 40

/** Null for what is no decimal number of a sane size. */
const decimal = (amount: string | number | null | undefined): Big | null => {
  try {
    const value = new Big(amount ?? '')
    return Math.abs(value.e) <= MAX_EXPONENT ? value : null
  } catch {
    return null
  }
}

/**
 * A platform's amount in major units as canonical money: `10`, `"10.0"` and `"10.00"` are one value,
 * `"51.3971"` stays as precise as it came. Anything that is no decimal number, or has no currency, is `null`.
 */
export const money = (amount: string | number | null | undefined, currency: string | null | undefined): Money | null => {
  const value = decimal(amount)
  if (!value || !currency) return null
  const code = currency.toUpperCase()
  const places = value.toFixed().split('.')[1]?.length ?? 0
  return { amount: value.toFixed(Math.max(places, minorDigits(code))), currency: code }
}

/** The sum of amounts of one currency, exact; `null` where an amount is missing. */
export const sum = (amounts: readonly (string | number | null | undefined)[], currency: string | null | undefined): Money | null => {
  const total = amounts.map(decimal).reduce((total, value) => total && value && total.plus(value), new Big(0))
  return total && money(total.toFixed(), currency)
}

/** `a - b` in one currency; `null` where either is missing. */
export const minus = (a: Money | null, b: Money | null): Money | null =>
  a && b ? money(new Big(a.amount).minus(b.amount).toFixed(), a.currency) : null

export const isPositive = (value: Money | null): boolean => value !== null && new Big(value.amount).gt(0)
