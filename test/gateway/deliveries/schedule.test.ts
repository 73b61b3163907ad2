/** When a webhook is tried again, and when it is switched off. */
import { expect, test } from 'vitest'
import type { Outcome } from '../../../src/gateway/deliveries/attempt.ts'
import { afterTries, isAsWell, isRefused } from '../../../src/gateway/deliveries/schedule.ts'
import { type Delivery, type Health, newHealth } from '../../../src/model/delivery.ts'
import { START } from './receiver.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const failed = (result: string, retryAfterMs: number | null = null): Outcome => ({
  kind: 'failed',
  result,
  retryAfterMs,
  isGone: result === '410',
})
const DELIVERED: Outcome = { kind: 'delivered', result: '204' }
const GIVEN_UP: Outcome = { kind: 'given up', result: '422' }
const WELL = newHealth('https://erp.example.com/')
const FAILING: Health = { ...WELL, failures: 3, nextAt: START, failingSince: START - HOUR }
const after = (outcomes: readonly Outcome[], health = WELL, now = START, random = 0) =>
  afterTries(health, outcomes, now, random)

/** What becomes of a webhook that fails whenever it is tried, until it is switched off. */
const failures = (random: number): { readonly pauses: number[]; readonly offAfter: number } => {
  const pauses: number[] = []
  let health = WELL
  let now = START
  for (;;) {
    health = after([failed('500')], health, now, random)
    if (!health.enabled) return { pauses, offAfter: now - START }
    pauses.push(health.nextAt - now)
    now = health.nextAt
  }
}

test('the pauses are those of the contract, then a day each, until five days are over', () => {
  const { pauses, offAfter } = failures(0)
  const hours = [2, 5, 10, 14, 20, 24, 24, 24].map((one) => one * HOUR)
  expect(pauses).toEqual([5_000, 300_000, 1_800_000, ...hours])
  expect([offAfter >= 5 * DAY, offAfter < 6 * DAY]).toEqual([true, true])
})

test('jitter makes every pause longer, by a fifth at most', () => {
  const [least, most] = [failures(0).pauses, failures(0.999).pauses]
  most.forEach((pause, index) => {
    expect(pause / (least[index] as number)).toBeGreaterThan(1.19)
    expect(pause / (least[index] as number)).toBeLessThanOrEqual(1.2)
  })
})

test('a success ends all of it', () => {
  expect(after([DELIVERED], FAILING)).toEqual({ ...WELL, lastSuccessAt: START, lastResult: '204' })
})

test('Retry-After makes a pause longer, never shorter, and by a day at most', () => {
  const wait = (retryAfterMs: number, random = 0) =>
    after([failed('503', retryAfterMs)], WELL, START, random).nextAt - START
  expect([0, 1_000, 3 * HOUR, 30 * DAY].map((ms) => wait(ms))).toEqual([
    5_000,
    5_000,
    3 * HOUR,
    DAY,
  ])
  // Many may have been given the same moment.
  expect(wait(HOUR, 0.5)).toBe(66 * 60_000)
})

test('of several tries at once the longest Retry-After counts, beside a success too', () => {
  const both = [failed('500'), failed('429', HOUR), failed('503', 2 * HOUR)]
  expect(after(both)).toMatchObject({ failures: 1, nextAt: START + 2 * HOUR })
  expect(after([...both, DELIVERED])).toMatchObject({ failures: 0, nextAt: START + 2 * HOUR })
  expect(after([failed('500'), DELIVERED], FAILING)).toMatchObject({ failures: 0, nextAt: 0 })
})

test('410 switches off, whatever came beside it', () => {
  for (const outcomes of [
    [failed('410')],
    [failed('500'), failed('410')],
    [DELIVERED, failed('410')],
  ])
    expect(after(outcomes)).toMatchObject({ enabled: false, lastResult: '410' })
})

test('a receiver that gives a message up is there, but has taken nothing', () => {
  expect(after([GIVEN_UP], FAILING)).toEqual({
    ...FAILING,
    failures: 0,
    nextAt: 0,
    lastResult: '422',
  })
  const late = after([failed('500')], after([GIVEN_UP], FAILING), START + 5 * DAY)
  expect(late.enabled).toBe(false)
})

test('five days count from the first failure since a success', () => {
  const off = (ms: number) => !after([failed('500')], FAILING, START - HOUR + ms).enabled
  expect([5 * DAY - 1, 5 * DAY].map(off)).toEqual([false, true])
})

test('only what is refused a tenth time, and since others passed, is given up', () => {
  const row = (tries: number, triedAt: number | null) => ({ tries, triedAt }) as Delivery
  const passed = { ...WELL, lastSuccessAt: START }
  expect(isRefused(row(9, START - 1), passed)).toBe(true)
  expect(isRefused(row(8, START - 1), passed)).toBe(false)
  expect(isRefused(row(9, START + 1), passed)).toBe(false)
  expect(isRefused(row(9, START), WELL)).toBe(false)
})

test('a webhook that is as well as a moment ago is not written down again, any other is', () => {
  const well = { ...WELL, lastSuccessAt: START, lastResult: '200' }
  const next = (changes: object) => isAsWell(well, { ...well, ...changes })
  expect(next({ lastSuccessAt: START + 999, lastResult: '204' })).toBe(true)
  expect(next({ lastSuccessAt: START + 1_000 })).toBe(false)
  // A clock that was put back is written down, or the last success would lie ahead for long.
  expect(next({ lastSuccessAt: START - 1 })).toBe(false)
  for (const change of [{ enabled: false }, { failures: 1 }, { nextAt: START + 1 }])
    expect([change, next(change)]).toEqual([change, false])
  expect(isAsWell({ ...well, failures: 1 }, well)).toBe(false)
  expect(isAsWell(WELL, well)).toBe(false)
})
