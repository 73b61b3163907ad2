/** One event of each type, as the tests of a record's life meet it. */
import type { Event } from '../../src/model/transitions.ts'
import { skipped } from '../../src/model/effect.ts'
import { problem } from '../../src/model/problem.ts'
import { order, request } from './samples.ts'

export const effects = skipped(request())

export const retryable = problem('platform-credentials', 'who?')

export const EVENTS: Record<Event['type'], Event> = {
  send: {
    type: 'send',
    at: 5_000,
    call: 'POST /cancel',
    order: order(),
    memo: 'note',
    wakeAt: 6_000,
  },
  unsent: {
    type: 'unsent',
    at: 5_000,
    wakeAt: 6_000,
    result: { result: 'not sent: unreachable', ms: 3 },
  },
  running: {
    type: 'running',
    at: 5_000,
    wakeAt: 6_000,
    running: { memo: 'job-1' },
    result: { result: '200, queued', ms: 30 },
  },
  doubt: { type: 'doubt', at: 5_000, wakeAt: 6_000, result: { result: 'timeout', ms: 20_000 } },
  wait: { type: 'wait', at: 5_000, wakeAt: 6_000, unchanged: true },
  succeed: {
    type: 'succeed',
    at: 5_000,
    via: 'reply',
    alreadyCanceled: false,
    effects,
    order: order({ status: 'canceled' }),
    result: { result: '200', ms: 40 },
  },
  reject: {
    type: 'reject',
    at: 5_000,
    via: 'reply',
    problem: retryable,
    effects,
    order: order(),
    result: { result: '409', ms: 40 },
  },
  escalate: {
    type: 'escalate',
    at: 5_000,
    problem: retryable,
    effects,
    order: order(),
    result: { result: '400', ms: 40 },
  },
  resolve: {
    type: 'resolve',
    at: 5_000,
    as: 'retry',
    note: 'mended',
    by: 'ops',
    effects,
    problem: null,
    deadlineAt: 8_000,
  },
  restart: { type: 'restart', at: 5_000, wakeAt: 7_000, deadlineAt: 8_000, byCustomer: true },
  ask: { type: 'ask', at: 5_000, wakeAt: 9_000, order: order() },
  approve: {
    type: 'approve',
    keyName: null,
    at: 5_000,
    by: 'boss',
    note: 'fine',
    deadlineAt: 8_000,
  },
  decline: {
    type: 'decline',
    keyName: null,
    at: 5_000,
    by: 'boss',
    note: 'not this one',
    effects,
    problem: problem('order-not-cancelable', 'no', { cause: 'declined' }),
  },
  hasten: { type: 'hasten', at: 5_000 },
  release: { type: 'release', at: 5_000, deadlineAt: 8_000 },
  refresh: { type: 'refresh', at: 5_000, order: order({ status: 'canceled' }) },
  reopen: { type: 'reopen', at: 5_000, order: order() },
  recancel: { type: 'recancel', at: 5_000, order: order({ status: 'canceled' }) },
}
