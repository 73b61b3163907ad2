/** Times become RFC 3339 in UTC, and nothing else becomes a time. */
import { describe, expect, it, vi } from 'vitest'
import { instant, steadyNow } from '../../src/model/time.ts'

describe('instant', () => {
  it.each([
    ['2026-10-06T19:20:00+08:00', '2026-10-06T11:20:00.000Z'],
    ['2026-10-06T11:20:00Z', '2026-10-06T11:20:00.000Z'],
    ['2026-10-06T11:20:00.5z', '2026-10-06T11:20:00.500Z'],
    ['2026-10-06T11:20:00.123456Z', '2026-10-06T11:20:00.123Z'],
    ['2026-12-31T20:20:00-0400', '2027-01-01T00:20:00.000Z'],
    ['2026-10-06T11:20Z', '2026-10-06T11:20:00.000Z'],
  ])('%s', (text, utc) => expect(instant(text)).toBe(utc))

  it.each([
    null,
    undefined,
    '',
    'null',
    '2026-10-06',
    '2026-10-06 11:20:00',
    '2026-10-06T11:20:00',
    '2026-13-06T11:20:00Z',
    '1791285600',
    '2026-02-31T11:20:00Z',
    '0001-01-01T00:00:00Z',
    '1970-01-01T00:00:00Z',
    '1970-01-01T00:00:00+08:00',
    '9999-12-31T23:59:59-12:00',
    '2026-10-06T11:20:61Z',
    'x2026-10-06T11:20:00Z',
  ])('%j is none', (text) => expect(instant(text)).toBeNull())
})

describe('steadyNow', () => {
  it('is the time of day in whole milliseconds, and follows no wall clock that is set', () => {
    const before = Date.now()
    expect(Math.abs(steadyNow() - before)).toBeLessThan(1_000)
    expect(steadyNow() % 1).toBe(0)
    const set = vi.spyOn(Date, 'now').mockReturnValue(before + 3_600_000)
    expect(steadyNow() - before).toBeLessThan(60_000)
    set.mockRestore()
  })
})
