/** What a person must close: canceled, not canceled, or tried again. */
import { describe, expect, it } from 'vitest'
import { openFixture, type FixtureOptions, HOUR, SETTLE, T0 } from './fixture.ts'
import { after, lost, lostAfter, says, type Step, unauthorized, unreachable } from './platform.ts'

/**
 * A record that needs attention: the call was lost, and nobody knows what a second one would do.
 */
const puzzled = async (options: FixtureOptions = {}, over = {}, step: Step = lost) => {
  const it = openFixture({ ...options, toy: { repeat: 'unknown', ...options.toy } })
  it.platform.plan('cancel', step)
  const { record } = await it.ask(over)
  expect(await it.drive(record.id)).toMatchObject({ status: 'needs_attention' })
  return { ...it, id: record.id }
}

describe('resolve', () => {
  it('as canceled', async () => {
    const { id, resolve } = await puzzled({}, { notify: true })
    expect(await resolve(id, 'canceled', 'seen in the shop', 'ops')).toMatchObject({
      status: 'succeeded',
      via: 'operator',
      problem: null,
      alreadyCanceled: false,
      settledAt: T0 + SETTLE,
      wakeAt: null,
      order: { customer: null },
      resolution: { as: 'canceled', note: 'seen in the shop', by: 'ops', at: T0 + SETTLE },
      effects: {
        order: {
          asked: true,
          honored: true,
          outcome: 'applied',
          basis: 'none',
          detail: 'A person says that it is canceled.',
        },
        notify: { outcome: 'unverified', honored: null, basis: 'none' },
        reason: { outcome: 'unverified' },
        message: { outcome: 'unverified' },
        restock: { outcome: 'unverified' },
        payment: { outcome: 'unverified' },
      },
    })
  })
  it('as not canceled', async () => {
    const { id, resolve } = await puzzled(
      { toy: { reason: 'before' } },
      { reason: 'Wrong', restock: false },
    )
    expect(await resolve(id, 'not_canceled', 'still open', 'ops')).toMatchObject({
      status: 'rejected',
      via: 'operator',
      order: { customer: null },
      problem: {
        code: 'order-not-cancelable',
        cause: 'refused',
        detail: 'A person found that the order was not canceled.',
        retryable: false,
        acted: 'no',
      },
      effects: {
        order: { outcome: 'skipped' },
        restock: { outcome: 'withheld' },
        reason: {
          outcome: 'skipped',
          detail: 'The note of the reason may have been written to the order.',
        },
      },
    })
  })
  it('as not canceled, of a store that is gone', async () => {
    const { id, resolve, stores } = await puzzled(
      { toy: { reason: 'before' } },
      { reason: 'Wrong' },
    )
    stores.delete('shop')
    expect((await resolve(id, 'not_canceled', 'still open', 'ops')).effects.reason).toEqual({
      asked: true,
      honored: false,
      outcome: 'skipped',
      basis: 'none',
    })
  })
  it('refuses anything else', async () => {
    const { ask, resolve } = openFixture()
    const { record } = await ask()
    await expect(resolve(record.id, 'canceled', '', 'ops')).rejects.toMatchObject({
      problem: {
        code: 'cancellation-conflict',
        acted: 'no',
        cancellation: `/v1/cancellations/${record.id}`,
        detail: 'Only what needs attention can be resolved; this cancellation is succeeded.',
      },
    })
    await expect(resolve('can_nowhere', 'canceled', '', 'ops')).rejects.toMatchObject({
      problem: { code: 'cancellation-not-found', detail: 'No cancellation has this id.' },
    })
  })
  it('of two people only the first closes it', async () => {
    const { id, gateway, get } = await puzzled()
    const both = await Promise.allSettled([
      gateway.resolve(id, 'canceled', 'a', 'ann'),
      gateway.resolve(id, 'not_canceled', 'b', 'bob'),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await get(id)).toMatchObject({ status: 'succeeded', resolution: { by: 'ann' } })
  })
})

describe('tried again', () => {
  it('looks first, then sends', async () => {
    const { id, resolve, platform, history } = await puzzled()
    const record = await resolve(id, 'retry', 'mended', 'ops')
    expect(record).toMatchObject({
      id,
      status: 'succeeded',
      via: 'reply',
      alreadyCanceled: false,
      resolution: { as: 'retry' },
      attempts: [{ result: 'connection lost' }, { result: '200' }],
    })
    expect(history.slice(-3).map(({ status }) => status)).toEqual([
      'accepted',
      'sending',
      'succeeded',
    ])
    expect(history.at(-3)).toMatchObject({
      wakeAt: T0 + SETTLE,
      deadlineAt: T0 + SETTLE + HOUR,
      problem: null,
      effects: { order: { outcome: 'pending' } },
    })
    expect(platform.calls.slice(-3).map(({ route }) => route)).toEqual(['look', 'cancel', 'look'])
  })
  it('and found canceled: by our earlier call, presumably', async () => {
    const { id, resolve, platform } = await puzzled()
    platform.order().state = 'canceled'
    expect(await resolve(id, 'retry', '', 'ops')).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      alreadyCanceled: false,
      effects: { order: { outcome: 'applied' } },
    })
    expect(platform.count('cancel')).toBe(1)
  })
  it('has its own deadline and its own day of doubt', async () => {
    const it = await puzzled()
    it.clock.now += 30 * HOUR
    it.platform.plan('cancel', lostAfter)
    expect(await it.resolve(it.id, 'retry', '', 'ops')).toMatchObject({ status: 'in_doubt' })
    expect(await it.drive(it.id)).toMatchObject({ status: 'succeeded' })
  })

  const STILL = 'What the earlier call did is for a person to say.'
  it.each([
    [
      'an obstacle',
      (it: Awaited<ReturnType<typeof puzzled>>) => {
        it.platform.order().shipped = true
      },
      'It is on its way.',
      { cause: 'fulfilled' },
    ],
    [
      'refused',
      (it) => {
        it.platform.plan('cancel', says(409, 'unpaid'))
      },
      'The platform refused to cancel the order.',
      { cause: 'payment_pending', upstream: { status: 409, code: 'unpaid' } },
    ],
    [
      'credentials',
      (it) => {
        it.platform.plan('look', unauthorized)
      },
      'The platform refused the store’s credentials.',
      { upstream: { status: 401 } },
    ],
    [
      'the order is gone',
      (it) => {
        it.platform.plan('look', says(404, 'not_found'))
      },
      'The platform has no order with this id.',
      {},
    ],
  ] as [string, (it: Awaited<ReturnType<typeof puzzled>>) => void, string, object][])(
    '%s: never told as if nothing had happened before',
    async (_, plan, detail, more) => {
      const it = await puzzled()
      plan(it)
      expect(await it.resolve(it.id, 'retry', '', 'ops')).toMatchObject({
        status: 'needs_attention',
        settledAt: null,
        wakeAt: null,
        problem: {
          code: 'needs-attention',
          type: '/problems/needs-attention',
          status: 409,
          acted: 'unknown',
          retryable: false,
          detail: `Tried again, and not canceled: ${detail} ${STILL}`,
          ...more,
        },
        effects: { order: { outcome: 'unverified' }, payment: { outcome: 'unverified' } },
      })
      expect(await it.resolve(it.id, 'not_canceled', '', 'ops')).toMatchObject({
        status: 'rejected',
      })
    },
  )
  it('refused: with what was called and the order as it is now', async () => {
    const it = await puzzled()
    it.platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.note = 'theirs'
        },
        says(409, 'unpaid'),
      ),
    )
    expect(await it.resolve(it.id, 'retry', '', 'ops')).toMatchObject({
      status: 'needs_attention',
      order: { reason: 'theirs', customer: { name: 'Ada' } },
      attempts: [{ result: 'connection lost' }, { result: '409' }],
    })
  })
  it('is worked on once, though the clock comes by at the same time', async () => {
    let turned: Promise<number> | undefined
    const it: Awaited<ReturnType<typeof puzzled>> = await puzzled({
      wrap: (ledger) => ({
        ...ledger,
        save: async (next, ...rest) => {
          const saved = await ledger.save(next, ...rest)
          if (next.status === 'accepted') {
            turned = it.gateway.tick()
            await Promise.resolve()
              .then(() => {})
              .then(() => {})
          }
          return saved
        },
      }),
    })
    it.failpoints.length = 0
    await it.resolve(it.id, 'retry', '', 'ops')
    expect(await turned).toBe(1)
    expect(it.failpoints.filter((name) => name === 'settled')).toEqual(['settled'])
  })
  it('the deadline: back to the person, not expired unsent', async () => {
    const it = await puzzled({ toy: { reason: 'before' } }, { reason: 'Wrong' })
    it.platform.plan('look', ...Array.from({ length: 50 }, () => unreachable))
    await it.resolve(it.id, 'retry', '', 'ops')
    expect(await it.drive(it.id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown', detail: expect.stringContaining(STILL) },
    })
    expect(it.clock.now).toBe(T0 + SETTLE + HOUR)
  })
  it('unsent: goes on being tried', async () => {
    const it = await puzzled()
    it.platform.plan('cancel', unreachable)
    expect(await it.resolve(it.id, 'retry', '', 'ops')).toMatchObject({
      status: 'accepted',
      attempts: [{}, { unsent: true }],
    })
    await expect(it.gateway.withdraw(it.id)).rejects.toMatchObject({
      problem: {
        code: 'not-withdrawable',
        detail: 'This cancellation is tried again for a person.',
      },
    })
    expect(await it.drive(it.id)).toMatchObject({ status: 'succeeded' })
  })
  it('money that moves now is seen', async () => {
    const it = await puzzled()
    it.platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.refunded = 100
        },
        says(400, 'nope'),
      ),
    )
    expect(await it.resolve(it.id, 'retry', '', 'ops')).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
    })
  })
  it('money that moved before is not forgotten by a plain refusal', async () => {
    const it = await puzzled(
      {},
      {},
      after(
        (thing) => {
          thing.refunded = 100
        },
        says(400, 'nope'),
      ),
    )
    it.platform.plan('cancel', says(409, 'unpaid'))
    expect(await it.resolve(it.id, 'retry', '', 'ops')).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
    })
  })
})
