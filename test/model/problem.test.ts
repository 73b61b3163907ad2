/** The catalogue of problems, held against the contract's table. */
import { describe, expect, it } from 'vitest'
import {
  CAUSES,
  problem,
  Problem,
  PROBLEM_CODES,
  ProblemError,
  PROBLEMS,
  refuse,
} from '../../src/model/problem.ts'

const STATUS_OF = {
  'invalid-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'store-not-found': 404,
  'order-not-found': 404,
  'cancellation-not-found': 404,
  'webhook-not-found': 404,
  'link-not-found': 404,
  'linked-diverged': 409,
  'already-linked': 409,
  'method-not-allowed': 405,
  'order-not-cancelable': 409,
  'cancellation-conflict': 409,
  'needs-attention': 409,
  'not-withdrawable': 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  'idempotency-key-reused': 422,
  unsupported: 422,
  'rate-limited': 429,
  internal: 500,
  'platform-credentials': 502,
  'platform-unavailable': 503,
  'platform-throttled': 503,
  'ledger-unavailable': 503,
}
const RETRYABLE = [
  'linked-diverged',
  'rate-limited',
  'internal',
  'platform-credentials',
  'platform-unavailable',
  'platform-throttled',
  'ledger-unavailable',
]

describe('the catalogue', () => {
  it('has every code with its status', () => {
    expect(PROBLEMS).toMatchObject(
      Object.fromEntries(Object.entries(STATUS_OF).map(([code, status]) => [code, { status }])),
    )
    for (const code of PROBLEM_CODES)
      expect(PROBLEMS[code].title.length * PROBLEMS[code].about.length, code).toBeGreaterThan(100)
    expect(new Set(Object.values(PROBLEMS).map(({ title }) => title)).size).toBe(
      PROBLEM_CODES.length,
    )
  })
  it.each(Object.entries(STATUS_OF))('%s is answered with %i', (code, status) => {
    const found = problem(code as keyof typeof STATUS_OF, 'because')
    expect(found).toStrictEqual({
      type: `/problems/${code}`,
      title: PROBLEMS[code as keyof typeof STATUS_OF].title,
      status,
      detail: 'because',
      code,
      retryable: RETRYABLE.includes(code),
      acted: 'no',
    })
    expect(Problem.parse(found)).toEqual(found)
  })
  it('has every cause', () => {
    expect(CAUSES.toSorted()).toEqual([
      'completed',
      'declined',
      'expired',
      'fulfilled',
      'linked_refused',
      'nothing_pending',
      'open_change',
      'payment_authorized',
      'payment_captured',
      'payment_failed',
      'payment_pending',
      'refused',
      'returned',
      'shared_payment',
      'withdrawn',
    ])
  })
  it('takes what is known beyond it', () => {
    const extra = {
      acted: 'yes',
      retryable: true,
      cause: 'expired',
      cancellation: '/v1/cancellations/can_1',
      upstream: { status: 400, code: null, message: null },
      errors: [{ pointer: '/notify', detail: 'no way' }],
      instance: '/x',
    } as const
    expect(
      problem('order-not-cancelable', 'late', { ...extra, errors: [...extra.errors] }),
    ).toMatchObject(extra)
  })
  it('is thrown by name', () => {
    expect(() => refuse('not-found', 'nothing', { instance: '/x' })).toThrow(ProblemError)
    try {
      refuse('not-found', 'nothing', { instance: '/x' })
    } catch (error) {
      const { name, message, problem: thrown, headers } = error as ProblemError
      expect({ name, message, headers }).toEqual({
        name: 'ProblemError',
        message: 'not-found',
        headers: {},
      })
      expect(thrown).toEqual(problem('not-found', 'nothing', { instance: '/x' }))
    }
    expect(new ProblemError(problem('internal', 'x'), { 'retry-after': '1' }).headers).toEqual({
      'retry-after': '1',
    })
  })
})
