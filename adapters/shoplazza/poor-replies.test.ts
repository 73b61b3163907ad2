/** Shoplazza where a reply is poor, odd, or in words that no manual lists. */
import { describe, expect, it } from 'vitest'
import { shoplazza as adapter } from './index.ts'
import { createSandbox } from './sandbox/index.ts'
import { readOrder } from '../../src/gateway/read.ts'
import { bend, factsOf, failureOf, open, says } from '../../test/adapter/replies.ts'

const shoplazza = { adapter, createSandbox }

describe('refusals', () => {
  it.each([
    [422, { errors: { reason: ['is too long'] } }],
    [400, { code: 'InvalidParameter', message: 'Reason must be a string.' }],
  ] as const)('it is the reason that is refused: %#', async (status, answer) => {
    expect(await failureOf(shoplazza, status, answer, 'x')).toMatchObject({
      kind: 'refused',
      aboutReason: true,
    })
  })
})

describe('what a success says', () => {
  it.each([
    ['placed', { order: { id: '1', status: 'cancelled' } }, true],
    ['placed', { order: { id: '1', status: 'placed' } }, false],
    ['placed', { order: { id: '1', status: 'finished' } }, true],
    ['placed', { order: { id: '1' } }, true],
  ] as const)('%#', (was, reply, expected) => expect(says(shoplazza, was, reply)).toBe(expected))
})

describe('what is not told is not nothing', () => {
  it('refunds and the reason', async () => {
    const order = (more: object) => ({
      order: {
        id: '1',
        status: 'cancelled',
        currency: 'EUR',
        financial_status: 'paid',
        total_paid: '30.00',
        ...more,
      },
    })
    expect(
      await factsOf(
        shoplazza,
        order({}),
        order({ financial_status: 'refunded', total_refund_price: '30.00' }),
      ),
    ).toMatchObject({
      payment: { done: 'yes', amount: { amount: '30.00' } },
      reason: { done: 'unknown', basis: 'none' },
    })
    expect(
      (
        await factsOf(
          shoplazza,
          order({ financial_status: 'partially_refunded' }),
          order({ financial_status: 'partially_refunded' }),
        )
      ).payment,
    ).toMatchObject({ done: 'unknown' })
    expect(
      (await factsOf(shoplazza, order({}), order({ cancel_reason: '' }))).reason,
    ).toMatchObject({ done: 'failed' })
  })
})

describe('the same words in other bytes', () => {
  it('the reason is kept', async () => {
    const { cancel } = open(
      shoplazza,
      bend((order) => {
        order.cancel_reason = order.cancel_reason?.normalize('NFC').replaceAll('\r\n', '\n')
      }),
    )
    const reason = 'Zu gro\u0308ßere Menge\r\nCustomer called'
    expect((await cancel({ orderId: 'paid', reason })).effects.reason).toMatchObject({
      outcome: 'applied',
    })
  })
})

describe('words and digits that mean something else elsewhere', () => {
  it('an error’s code that every object has as a member is a code like any other', async () => {
    for (const code of ['constructor', 'toString', '__proto__'])
      expect(await failureOf(shoplazza, 422, { code, message: 'No' }), code).toMatchObject({
        kind: 'doubt',
        upstream: { code, message: 'No' },
      })
  })

  it('a reason or a number that begins like a zero time is told, and is a sign', async () => {
    for (const reason of ['0000-4711 ordered twice', '1970-01-01 is no date of birth']) {
      const { store } = open(
        shoplazza,
        bend((order) =>
          Object.assign(order, {
            status: 'finished',
            cancel_reason: reason,
            canceled_at: null,
            cancelled_at: null,
            number: '0000-12',
          }),
        ),
      )
      expect((await readOrder(store, 'paid')).order, reason).toMatchObject({
        status: 'canceled',
        reason,
        number: '0000-12',
      })
    }
    const { store } = open(
      shoplazza,
      bend((order) =>
        Object.assign(order, {
          status: 'finished',
          cancel_reason: '',
          canceled_at: '0001-01-01T00:00:00Z',
          cancelled_at: null,
        }),
      ),
    )
    expect((await readOrder(store, 'paid')).order).toMatchObject({
      status: 'completed',
      canceledAt: null,
    })
  })
})
