/** When an order of which something was heard is looked at: at once, after a rest, or not at all. */
import { describe, expect, it } from 'vitest'
import {
  afterHearing,
  afterMore,
  afterNothing,
  afterSuspicion,
  type Heard,
  isConfirmed,
  keptUntil,
  lookAgainAt,
  LONGEST_PAUSE_MS,
  type Notice,
} from '../../src/model/notice.ts'

const AT = 1_000_000
const heard = (over: Partial<Heard> = {}): Heard => ({
  store: 'shop',
  orderId: 'open',
  at: AT,
  namesCancellation: false,
  by: 'webhook',
  ...over,
})
const row = (over: Partial<Notice> = {}): Notice => ({
  store: 'shop',
  orderId: 'open',
  version: 7,
  heardAt: null,
  dueAt: null,
  cancellationHeard: 0,
  changeHeard: 0,
  failures: 0,
  suspicion: null,
  pauseMs: 0,
  pauseUntil: 0,
  ...over,
})

describe('what is heard of an order', () => {
  it('the first time is due at once, numbered beyond what is gone', () => {
    expect(afterHearing(null, heard(), 4)).toEqual(
      row({ version: 5, heardAt: AT, dueAt: AT, changeHeard: 5 }),
    )
    expect(afterHearing(null, heard({ namesCancellation: true }), 4)).toEqual(
      row({ version: 5, heardAt: AT, dueAt: AT, cancellationHeard: 5 }),
    )
  })

  it('again, waits since the first time, and until the sooner of the two', () => {
    const waiting = row({ heardAt: AT - 50, dueAt: AT + 90, changeHeard: 7 })
    expect(afterHearing(waiting, heard(), 0)).toEqual({
      ...waiting,
      version: 8,
      dueAt: AT,
      changeHeard: 8,
    })
    expect(afterHearing({ ...waiting, dueAt: AT - 9 }, heard(), 0)?.dueAt).toBe(AT - 9)
  })

  it('while it rests, a mere change waits for its end, and a cancellation for nothing', () => {
    const resting = row({ pauseMs: 5_000, pauseUntil: AT + 3_000 })
    expect(afterHearing(resting, heard(), 0)?.dueAt).toBe(AT + 3_000)
    expect(afterHearing(resting, heard({ namesCancellation: true }), 0)?.dueAt).toBe(AT)
    expect(afterHearing(resting, heard({ at: AT + 3_001 }), 0)?.dueAt).toBe(AT + 3_001)
  })

  it('in the longest rest a mere change is an echo; at its end it is due', () => {
    const longest = row({ pauseMs: LONGEST_PAUSE_MS, pauseUntil: AT + 1 })
    expect(afterHearing(longest, heard(), 0)).toBeNull()
    expect(afterHearing(longest, heard({ at: AT + 1 }), 0)?.dueAt).toBe(AT + 1)
    expect(afterHearing(longest, heard({ namesCancellation: true }), 0)?.dueAt).toBe(AT)
    // What waits for a look already takes it up.
    expect(afterHearing({ ...longest, dueAt: AT + 9 }, heard(), 0)?.dueAt).toBe(AT + 1)
    // A shorter rest only puts it off.
    const shorter = { ...longest, pauseMs: LONGEST_PAUSE_MS - 1 }
    expect(afterHearing(shorter, heard(), 0)?.dueAt).toBe(AT + 1)
  })
})

describe('a look that changed nothing', () => {
  const looked = {
    heardAt: null,
    dueAt: null,
    cancellationHeard: 0,
    changeHeard: 0,
    failures: 0,
    suspicion: null,
  }
  it('clears the row, and has mere changes rest, four times as long each time', () => {
    const before = row({
      heardAt: 5,
      dueAt: 6,
      changeHeard: 7,
      cancellationHeard: 6,
      failures: 2,
      suspicion: { of: 'gone', at: 3 },
    })
    const pauses: number[] = []
    let next: Notice = before
    for (let look = 0; look < 7; look++) {
      next = afterNothing(next, next.pauseUntil)
      pauses.push(next.pauseMs)
    }
    expect(pauses).toEqual([5_000, 20_000, 80_000, 320_000, 1_280_000, 3_600_000, 3_600_000])
    expect(afterNothing(before, AT)).toEqual({
      ...before,
      ...looked,
      pauseMs: 5_000,
      pauseUntil: AT + 5_000,
    })
  })

  it('begins anew after an hour of silence, not sooner', () => {
    const rested = row({ pauseMs: 20_000, pauseUntil: AT })
    expect(afterNothing(rested, AT + LONGEST_PAUSE_MS).pauseMs).toBe(80_000)
    expect(afterNothing(rested, AT + LONGEST_PAUSE_MS + 1).pauseMs).toBe(5_000)
  })
})

describe('more that is heard during a look', () => {
  const read = row({ version: 7 })
  const left = row({ version: 7, pauseMs: 5_000, pauseUntil: AT + 5_000, failures: 1 })
  it('a mere change waits as after that look', () => {
    const current = row({ version: 8, dueAt: AT, heardAt: AT, changeHeard: 8 })
    expect(afterMore(current, read, left)).toEqual({
      ...current,
      failures: 1,
      pauseMs: 5_000,
      pauseUntil: AT + 5_000,
      dueAt: AT + 5_000,
    })
  })
  it('a cancellation does not; one that was heard before the look is done with', () => {
    const current = row({ version: 8, dueAt: AT, cancellationHeard: 8 })
    expect(afterMore(current, read, left)).toMatchObject({ dueAt: AT, cancellationHeard: 8 })
    const seen = row({ version: 8, dueAt: AT, cancellationHeard: 7 })
    expect(afterMore(seen, read, left)).toMatchObject({ dueAt: AT + 5_000, cancellationHeard: 0 })
  })
  it('and a second look that was to come keeps its time', () => {
    expect(afterMore(row({ version: 8 }), read, { ...left, dueAt: AT + 9_000 }).dueAt).toBe(
      AT + 9_000,
    )
  })
})

describe('what a second look must confirm', () => {
  it('is asked again after the settle time, counted from when it was first seen', () => {
    const first = afterSuspicion(row({ failures: 3 }), 'gone', AT, 60_000)
    expect(first).toMatchObject({
      dueAt: AT + 60_000,
      pauseUntil: AT + 60_000,
      failures: 0,
      suspicion: { of: 'gone', at: AT },
    })
    expect(afterSuspicion(first, 'gone', AT + 5, 60_000).suspicion?.at).toBe(AT)
    expect(afterSuspicion(first, 'reopened', AT + 5, 60_000).suspicion).toEqual({
      of: 'reopened',
      at: AT + 5,
    })
    expect(afterSuspicion({ ...first, pauseUntil: AT + 9e6 }, 'gone', AT, 60_000).pauseUntil).toBe(
      AT + 9e6,
    )
  })
  it('counts where the same was seen so long ago', () => {
    const seen = row({ suspicion: { of: 'gone', at: AT } })
    expect(isConfirmed(seen, 'gone', AT + 59_999, 60_000)).toBe(false)
    expect(isConfirmed(seen, 'gone', AT + 60_000, 60_000)).toBe(true)
    expect(isConfirmed(seen, 'reopened', AT + 60_000, 60_000)).toBe(false)
    expect(isConfirmed(row(), 'gone', AT + 60_000, 60_000)).toBe(false)
  })
  it('a look that failed is taken again at its time', () => {
    expect(lookAgainAt(row(), AT, { failures: 2, suspicion: null })).toEqual(
      row({ dueAt: AT, failures: 2 }),
    )
  })
})

it('a row is kept while it waits, and as long as its rest counts', () => {
  expect(keptUntil(row({ dueAt: AT }))).toBe(Infinity)
  expect(keptUntil(row({ pauseUntil: AT }))).toBe(AT + LONGEST_PAUSE_MS)
})
