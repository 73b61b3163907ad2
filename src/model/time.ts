/** Times as platforms write them, as RFC 3339 in UTC. */

/** A date and time with its offset: without one nobody knows which instant it is. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i

/** `2026-09-02T21:59:29+08:00` is `2026-09-02T13:59:29.000Z`; what names no instant is null. */
export const instant = (text: string | null | undefined): string | null => {
  if (typeof text !== 'string' || !INSTANT.test(text)) return null
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds).toISOString()
}
