/**
 * Times as platforms write them, as RFC 3339 in UTC; the clock that waiting times are measured by;
 * and a wait that can be ended.
 */

/** A date and time with its offset: without one nobody knows which instant it is. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i

/** 31 February is 3 March to the runtime, and nothing to anybody else. */
const isDay = (date: string): boolean => {
  const at = Date.parse(date)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}

/** The first moment of the year 10000, which RFC 3339 cannot write. */
const END = 253_402_300_800_000

/**
 * A machine that has no time writes its clock’s zero: nothing of ours is as old.
 * `2026-09-02T21:59:29+08:00` is `2026-09-02T13:59:29.000Z`; what names no instant is null.
 */
export const instant = (text: string | null | undefined): string | null => {
  if (typeof text !== 'string' || !INSTANT.test(text) || !isDay(text.slice(0, 10))) return null
  const milliseconds = Date.parse(text)
  return milliseconds > 0 && milliseconds < END ? new Date(milliseconds).toISOString() : null
}

/**
 * The time of day, which nobody can set while the process runs: as it was at the start, moved on by
 * the monotonic clock. A wall clock that jumps must not end a settle time early, expire what waits,
 * or put off what is due.
 */
export const steadyNow = (): number => Math.floor(performance.timeOrigin + performance.now())

/**
 * Resolves after this time, or when it no longer matters; nothing of it stays with the signal,
 * which may live as long as the process.
 */
export const sleep =
  (ms: number) =>
  (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake)
    })
