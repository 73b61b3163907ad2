/**
 * What each way of closing what needs a person would do, as sentences, before anybody presses a
 * button: what is known of the order's effects stays on record.
 */
import type { Resolution } from '../model/cancellation.ts'
import { type Effect, type Effects, isKnown, isSeen } from '../model/effect.ts'
import { amountsBeside } from './amounts.ts'
import { amountsOf, isHeld, isTransfer, type Told } from './sentence.ts'

/** `partial`: the amount is what did not go back. */
const moneyOf = ({ outcome, ...payment }: Effect, told: Told): string => {
  const amount = payment.amount && amountsBeside(amountsOf(told))(payment.amount)
  const what = isHeld(told.order) ? 'release' : 'refund'
  if (outcome === 'partial')
    return amount ? `the ${what}, all but ${amount},` : `the ${what} of part of the money`
  const whole = `the ${what}${amount ? ` of ${amount}` : ''}`
  return outcome === 'pending' ? `${whole} that is under way` : whole
}

const NAMED: readonly [keyof Effects, (effect: Effect, told: Told) => string][] = [
  ['payment', moneyOf],
  [
    'restock',
    ({ outcome }) =>
      outcome === 'partial'
        ? 'that some of the goods went back'
        : outcome === 'pending'
          ? 'that the goods are going back'
          : 'that the goods went back',
  ],
  [
    'notify',
    ({ outcome }) =>
      outcome === 'pending' ? 'that the buyer is being mailed' : 'that the buyer was mailed',
  ],
]

/** “the refund of 51.40 USD and that the goods went back”; empty: nothing is known. */
const knownOf = (told: Told, isKept: (effect: Effect) => boolean): string => {
  const known = NAMED.flatMap(([name, say]) => {
    const effect = told.effects[name]
    return isKept(effect) ? [say(effect, told)] : []
  })
  const last = known.at(-1) ?? ''
  return known.length > 1 ? `${known.slice(0, -1).join(', ')} and ${last}` : last
}

const stays = (known: string): string => {
  if (known === '') return ''
  return known.startsWith('that ') || known.includes(' and ')
    ? `${known}: this stays on record`
    : `${known} stays on record`
}

/** The ways to close a record that needs a person, each with what it brings with it. Pure. */
export const closings = (told: Told): Readonly<Record<Resolution, string>> => {
  const known = stays(knownOf(told, isKnown))
  // What only a reply told is looked for anew.
  const seen = stays(knownOf(told, isSeen))
  const what = isTransfer(told) ? 'transfer' : 'order'
  return {
    canceled:
      'Close as canceled: ' +
      (known || 'nothing more is sent; what became of mail, goods and money stays unknown'),
    not_canceled:
      'Close as not canceled: ' +
      `${known || 'nothing more is sent'}; the ${what} can be asked for again`,
    retry:
      `Try again: the ${what} is read first, and asked for once more only if it is still open` +
      (seen && `; ${seen}`),
  }
}
