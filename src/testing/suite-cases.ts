/** The suite's part on cases: what goes out and comes in, to the byte, and what it means. */
import { describe, expect, it } from 'vitest'
import type { Platform } from '../adapter/platform.ts'
import { toAnswer } from '../http/answers.ts'
import type { Cancellation } from '../model/cancellation.ts'
import { type Case, play, readCases, type SHOWS } from './cases.ts'
import { openHarness } from './harness.ts'
import type { SuiteOptions } from './options.ts'

const REQUIRED: readonly (typeof SHOWS)[number][] = [
  'success',
  'reason',
  'wishes',
  'already_canceled',
  'refused',
  'not_found',
  'credentials',
  'doubt',
]

/** Longer than any case: it ends where the gateway must wait. */
const SETTLE_MS = 600_000

const playCase = async ({ adapter }: Platform, { settings }: SuiteOptions, one: Case) => {
  const all = Object.fromEntries(
    Object.entries({ ...settings, ...one.settings }).filter(([, value]) => value !== null),
  )
  const { transport, done } = play(adapter.baseUrl(adapter.settings.parse(all)), one)
  const { cancel } = openHarness(adapter, all, transport, { settleMs: SETTLE_MS })
  const record = await cancel(one.request, one.customerToken)
  done()
  check(record, one)
}

/** What a case is silent about is not looked at, but for `alreadyCanceled`. */
const check = (record: Cancellation, { expect: meant, customerToken }: Case) => {
  const { status, code, cause, acted, retryable, via, effects, details, amount, order } = meant
  const answer = toAnswer(record)
  const { problem } = answer
  expect({ status: answer.status, problem: problem?.code }).toEqual({ status, problem: code })
  expect(answer.alreadyCanceled).toBe(meant.alreadyCanceled)
  if (cause) expect(problem?.cause).toBe(cause)
  if (acted) expect(problem?.acted).toBe(acted)
  if (retryable !== undefined) expect(problem?.retryable).toBe(retryable)
  if (via) expect(answer.via).toBe(via)
  const names = Object.keys(effects) as (keyof typeof effects)[]
  expect(Object.fromEntries(names.map((name) => [name, answer.effects[name].outcome]))).toEqual(
    effects,
  )
  for (const [name, words] of Object.entries(details))
    expect(answer.effects[name as keyof typeof details].detail ?? '', name).toContain(words)
  if (amount) expect(answer.effects.payment.amount?.amount).toBe(amount)
  if (answer.order) expect(answer.order).toMatchObject(order)
  expect(answer.order === null && Object.keys(order).length > 0).toBe(false)
  if (customerToken) expect(JSON.stringify(record)).not.toContain(customerToken)
}

export const testCases = (platform: Platform, folder: URL, options: SuiteOptions) =>
  describe(`${platform.adapter.id}: cases`, () => {
    const cases = readCases(folder)

    it('covers what every platform must show', () => {
      const shown = new Set(cases.flatMap(({ shows }) => shows))
      expect(
        REQUIRED.filter((what) => !shown.has(what)),
        'what no case shows',
      ).toEqual([])
    })

    it.each(cases.map((one): [string, Case] => [one.name, one]))('%s', (_, one) =>
      playCase(platform, options, one),
    )
  })
