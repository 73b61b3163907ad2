/** A time as a person types it. */
import { instant } from '../model/time.ts'
import { clean, EXIT, Halt } from './terminal.ts'

/** A date is its first moment, in UTC; a time needs its offset, for nobody’s zone is guessed. */
export const timeOf = (flag: string, text: string): string => {
  const time = instant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
  if (time !== null) return time
  throw new Halt(
    EXIT.usage,
    `${flag}: ${clean(text)} is no time.`,
    'It looks like 2026-11-21 (from midnight UTC) or 2026-11-21T12:00:00Z.',
  )
}
