/**
 * The staff notes of an order: one text that all staff share and that a write replaces whole. What
 * stands there is kept to the byte, and ours comes after it, once.
 */
import type { Fact } from '../../src/adapter/index.ts'
import type * as wire from './wire.ts'

/** `maxLength` in the OpenAPI document; what it counts it does not say, and bytes are most. */
const MOST = 65_535

/** Null: not told. */
export const notesOf = ({ staff_notes: notes }: wire.Order): string | null =>
  notes === undefined ? null : (notes ?? '')

const plain = (text: string): string => text.normalize('NFC').replaceAll(/\r\n?/g, '\n').trim()

/** Whether the reason stands there, in lines of its own. */
const isNoted = (notes: string, text: string): boolean =>
  `\n${plain(notes)}\n`.includes(`\n${plain(text)}\n`)

/** The notes with the reason; null where it does not fit. */
const withReason = (notes: string, text: string): string | null => {
  const whole = notes === '' || notes.endsWith('\n') ? notes + text : `${notes}\n${text}`
  return new TextEncoder().encode(whole).length <= MOST ? whole : null
}

/** What to write in the place of the notes; null: nothing, they stay as they are. */
export const replacement = (notes: string | null, text: string | null): string | null =>
  notes === null || text === null || isNoted(notes, text) ? null : withReason(notes, text)

const NO_ROOM =
  'The staff notes are full, and what stands there is kept: the reason is not written.'

/** What can be foretold of the reason; null: it is written. */
export const reasonAhead = (notes: string | null, text: string): Fact | null => {
  if (notes === null)
    return {
      done: 'failed',
      basis: 'none',
      detail:
        'The order does not tell its staff notes, which a write would replace: the reason is not ' +
        'written.',
    }
  if (isNoted(notes, text))
    return { done: 'yes', basis: 'confirmed', detail: 'The staff notes hold it already.' }
  return withReason(notes, text) === null
    ? { done: 'failed', basis: 'confirmed', detail: NO_ROOM }
    : null
}

/** What became of it, as the notes are now. */
export const reasonFact = (notes: string | null, text: string, basis: Fact['basis']): Fact => {
  if (notes === null)
    return { done: 'unknown', basis: 'none', detail: 'The order does not tell its staff notes.' }
  if (isNoted(notes, text))
    return { done: 'yes', basis, detail: 'Kept in the staff notes, after what stood there.' }
  return {
    done: 'failed',
    basis,
    detail:
      withReason(notes, text) === null ? NO_ROOM : 'The staff notes do not show it afterwards.',
  }
}
