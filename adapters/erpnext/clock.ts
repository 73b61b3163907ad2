/**
 * Frappe writes times as its site’s clock shows them, without the zone: what each is as an instant.
 * Where clocks are put back, one such time is two instants.
 */
const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, made)
  return made
}

export const isZone = (zone: string): boolean => {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** What a clock there shows, in milliseconds as if it were UTC. */
const shownAt = (zone: string, at: number): number => {
  const told = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes): number => told.get(name) ?? Number.NaN
  const seconds = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return seconds + (at - Math.floor(at / 1_000) * 1_000)
}

/** Whether clocks of two zones show the same then. */
export const showSame = (zone: string, other: string, at: number): boolean =>
  shownAt(zone, at) === shownAt(other, at)

const TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/

/** `2026-11-28 10:05:00.654321` in milliseconds as if it were UTC; null: it is no such time. */
export const shownBy = (text: string): number | null => {
  const [, date, time, fraction = ''] = TIME.exec(text) ?? []
  const shown = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`)
  return Number.isNaN(shown) || !new Date(shown).toISOString().startsWith(String(date))
    ? null
    : shown
}

/** As a clock there writes it. */
export const written = (shown: number): string =>
  `${new Date(shown).toISOString().replace('T', ' ').slice(0, -1)}000`

const DAY = 86_400_000

/** The instants at which a clock there shows this: the first, and the last. */
export const instantsOf = (zone: string, shown: number) => {
  const guesses = [shown - DAY, shown + DAY].map((at) => shown - (shownAt(zone, at) - at))
  const right = guesses.filter((at) => shownAt(zone, at) === shown)
  // No clock shows it, as clocks were put on: both are as good.
  const instants = right.length > 0 ? right : guesses
  return { first: Math.min(...instants), last: Math.max(...instants) }
}

/** Longer than any clock is put back by. */
const LONGEST_FOLD = 3 * 3_600_000

/**
 * Nothing that a clock there shows from this instant on is less: where it is put back soon after,
 * it will show again what it showed before.
 */
export const leastShownFrom = (zone: string, since: number): number =>
  Math.min(shownAt(zone, since), shownAt(zone, since + LONGEST_FOLD) - LONGEST_FOLD)
