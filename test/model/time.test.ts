/** Times become RFC 3339 in UTC, and nothing else becomes a time. */
import { describe, expect, it } from 'vitest'
import { instant } from '../../src/model/time.ts'

describe('instant', () => {
  it.each([
    ['2026-10-06T19:20:00+08:00', '2026-10-06T11:20:00.000Z'],
    ['2026-10-06T11:20:00Z', '2026-10-06T11:20:00.000Z'],
    ['2026-10-06T11:20:00.5z', '2026-10-06T11:20:00.500Z'],
    ['2026-10-06T11:20:00.123456Z', '2026-10-06T11:20:00.123Z'],
    ['2026-12-31T20:20:00-0400', '2027-01-01T00:20:00.000Z'],
    ['2026-10-06T11:20Z', '2026-10-06T11:20:00.000Z'],
  ])('%s', (text, utc) => expect(instant(text)).toBe(utc))

  it.each([null, undefined, '', 'null', '2026-10-06', '2026-10-06 11:20:00', '2026-10-06T11:20:00', '2026-13-06T11:20:00Z', '1791285600', 'x2026-10-06T11:20:00Z'])('%j is none', (text) => expect(instant(text)).toBeNull())
})
