/** Records as people are told of them, for the tests of what is read. */
import { report, skipped } from '../../src/model/effect.ts'
import { money } from '../../src/model/money.ts'
import { problem } from '../../src/model/problem.ts'
import { type Told } from '../../src/messages/sentence.ts'
import { facts, order, request } from './samples.ts'

export const USD = (amount: string) => money(amount, 'USD') as NonNullable<ReturnType<typeof money>>

export const asked = request({ notify: true, restock: true, reason: 'Wrong quantity' })

export const done = {
  order: { done: 'yes', basis: 'confirmed' },
  reason: { done: 'yes', basis: 'reported' },
  notify: { done: 'yes', basis: 'documented' },
  restock: { done: 'yes', basis: 'reported' },
  payment: { done: 'yes', basis: 'confirmed', amount: USD('100') },
} as const

export const told = (
  over: Partial<Told> = {},
  found: Parameters<typeof facts>[0] = done,
  of = asked,
): Told => ({
  status: 'succeeded',
  alreadyCanceled: false,
  via: 'reply',
  effects: report(of, facts(found)),
  order: order({ status: 'canceled', paymentStatus: 'refunded' }, { refunded: USD('100') }),
  attempts: [{ result: '200' }],
  target: 'order',
  problem: null,
  ...over,
})

export const refused = (
  code: Parameters<typeof problem>[0],
  detail: string,
  extra: Parameters<typeof problem>[2] = {},
): Told =>
  told({
    status: 'rejected',
    via: null,
    effects: skipped(asked),
    problem: problem(code, detail, extra),
  })
