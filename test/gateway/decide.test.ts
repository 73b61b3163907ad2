/** Decisions that no platform of the tests leads to, taken from made-up looks and failures. */
import { describe, expect, it } from 'vitest'
import type { Look } from '../../src/adapter/contract.ts'
import type { Failure } from '../../src/adapter/failure.ts'
import type { Store } from '../../src/connection/store.ts'
import {
  decide,
  decideRefused,
  isContradicted,
  refusalProblem,
  sameDoubts,
  settlesAt,
} from '../../src/gateway/workflow/decide.ts'
import { problem } from '../../src/model/problem.ts'
import { order, record } from '../model/samples.ts'

const failure = (over: Partial<Failure> = {}): Failure => ({
  kind: 'refused',
  code: 'order-not-cancelable',
  cause: null,
  detail: 'No.',
  result: '409',
  upstream: null,
  retryAfterMs: null,
  ...over,
})
const look = (over: Partial<Look> = {}): Look => ({
  order: order(),
  done: false,
  obstacle: null,
  raw: null,
  ...over,
})
const store = {
  settleMs: 60_000,
  onDoubt: 'ask',
  repeat: { effect: 'refused' },
} as Store
const attempt = { at: 1_000, call: 'POST /cancel', result: 'timeout', ms: 500, unsent: false }

describe('the problem of a refusal', () => {
  it.each(['platform-unavailable', 'platform-throttled', 'order-not-cancelable'] as const)(
    '%s without a cause is a refusal',
    (code) => {
      expect(refusalProblem(failure({ code }), null)).toMatchObject({
        code: 'order-not-cancelable',
        cause: 'refused',
        detail: 'No.',
      })
    },
  )
  it('keeps the detail of the look only beside its own cause', () => {
    const seen = look({ obstacle: { cause: 'completed', detail: 'It is done.' } })
    expect(refusalProblem(failure({ cause: 'completed' }), seen)).toMatchObject({
      cause: 'completed',
      detail: 'It is done.',
    })
    expect(refusalProblem(failure({ cause: 'fulfilled' }), seen)).toMatchObject({
      cause: 'fulfilled',
      detail: 'No.',
    })
    expect(refusalProblem(failure(), seen)).toMatchObject({
      cause: 'completed',
      detail: 'It is done.',
    })
    expect(refusalProblem(failure(), null)).not.toHaveProperty('upstream')
  })
})

describe('a record without an order', () => {
  it('has no money to compare', () => {
    const doubtful = record({ status: 'in_doubt', attempts: [attempt] })
    expect(decide(doubtful, look(), store, 61_500, 61_000)).toMatchObject({
      do: 'escalate',
      problem: { acted: 'unknown' },
    })
    expect(decideRefused(doubtful, look(), failure())).toMatchObject({ do: 'reject' })
  })
})

describe('an order that is found canceled', () => {
  const done = look({ done: true })
  const unsent = { ...attempt, result: 'not sent: unreachable', unsent: true }
  const retry = { as: 'retry', note: '', by: 'ops', at: 100_000 } as const
  it.each([
    ['nothing went out', {}, false],
    ['nothing went out, and a person has it tried again', { resolution: retry }, false],
    [
      'all that went out was turned away, and a person has it tried again',
      { attempts: [unsent], resolution: retry },
      false,
    ],
    [
      'a call before the one that was turned away may have done it',
      { attempts: [attempt, unsent], doubted: true },
      true,
    ],
    ['a person has it tried again after doubt', { attempts: [attempt], resolution: retry }, true],
    [
      'the only call came too late, and a person has it tried again',
      { attempts: [attempt], word: 'canceled_already', resolution: retry },
      false,
    ],
  ] as [string, object, boolean][])('%s', (_, over, ours) => {
    expect(decide(record(over), done, store, 61_500, 61_000)).toEqual({ do: 'succeed', ours })
  })
})

describe('the settle time', () => {
  it('counts from the end of the last call, or the longest it can take, or the record', () => {
    expect(settlesAt(record({ attempts: [{ ...attempt, at: 0 }, attempt] }), store, 61_000)).toBe(
      61_500,
    )
    expect(settlesAt(record({ attempts: [{ ...attempt, ms: null }] }), store, 61_000)).toBe(122_000)
    expect(settlesAt(record({ updatedAt: 7 }), store, 61_000)).toBe(7)
  })
  it('is over at its end', () => {
    const doubtful = record({ status: 'in_doubt', attempts: [attempt], order: order() })
    expect(decide(doubtful, look(), store, 61_499, 61_000)).toEqual({
      do: 'wait',
      until: 61_500,
      unchanged: false,
    })
    expect(decide(doubtful, look(), store, 61_500, 61_000)).toEqual({ do: 'send' })
  })
})

describe('calls in a row that ended in the same doubt', () => {
  const unsent = { ...attempt, result: 'unreachable', unsent: true }
  const other = { ...attempt, result: '500' }
  const open = { ...attempt, result: null, ms: null }
  it.each([
    ['none, where nothing was called', [], 0],
    ['none, where the last call never left', [attempt, unsent], 0],
    ['none, while the last call is under way', [attempt, open], 0],
    ['one', [attempt], 1],
    ['all of them', [attempt, attempt, attempt], 3],
    ['the last ones after another doubt', [attempt, other, attempt, attempt], 2],
    ['the last ones after one that never left', [attempt, attempt, unsent, attempt], 1],
    ['the last ones after one whose end was never written', [attempt, open, attempt, attempt], 2],
  ])('%s', (_, attempts, count) => expect(sameDoubts(record({ attempts }))).toBe(count))
})

describe('“nothing is pending”', () => {
  const nothing = { cause: 'nothing_pending', detail: 'Nothing is pending.' } as const
  const said = problem('order-not-cancelable', nothing.detail, { cause: nothing.cause })
  it('is contradicted by a look that still shows it, and by no other', () => {
    expect(isContradicted(said, look())).toBe(true)
    expect(isContradicted(said, look({ obstacle: { cause: 'fulfilled', detail: 'Gone.' } }))).toBe(
      true,
    )
    expect(isContradicted(said, look({ obstacle: nothing }))).toBe(false)
    expect(isContradicted(said, look({ done: true }))).toBe(false)
  })
  it('and another refusal is not', () => {
    const refused = problem('order-not-cancelable', 'No.', { cause: 'refused' })
    expect(isContradicted(refused, look())).toBe(false)
  })
})
