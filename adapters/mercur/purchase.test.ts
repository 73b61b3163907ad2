/**
 * What makes Mercur dangerous: orders of several sellers behind one payment. Whoever cancels one
 * must not move the money of another.
 */
import { describe, expect, it } from 'vitest'
import { mercur } from './index.ts'
import { createSandboxV1, createSandboxV2, type MercurSandbox } from './sandbox/index.ts'
import { findOrders, preview, readOrder } from '../../src/gateway/read.ts'
import { type Cancellation, isAtRest } from '../../src/model/cancellation.ts'
import { asked, cancels, first, open, sandboxes } from './stores.fixture.ts'

const { lockKey: _, ...unlocked } = mercur
const overlaps = (sandbox: MercurSandbox) =>
  [...sandbox.overlaps.values()].reduce((all, one) => all + one, 0)
const statuses = (records: readonly Cancellation[]) =>
  records.map(({ status, problem }) => problem?.cause ?? problem?.acted ?? status)
const [a, b] = ['order_shared-a', 'order_shared-b'] as const
const [aa, bb] = ['order_shared-authorized-a', 'order_shared-authorized-b'] as const

describe('two sellers’ orders of one purchase, canceled at the same time', () => {
  const vendors = (sandbox: MercurSandbox, more: object = {}) => {
    const { version, admin } = sandbox.settings
    return {
      alpha: { version, vendor: sandbox.vendors.alpha, ...more },
      beta: { version, vendor: sandbox.vendors.beta, ...more },
      admin: { version, admin, ...more },
    }
  }

  it.each([
    ['with their logins alone', {}],
    ['with an admin login beside', { admin: createSandboxV1().settings.admin }],
  ])(
    '1.x, two vendors %s: each gets its own part back, one after the other',
    async (_name, more) => {
      const sandbox = createSandboxV1({ processingMs: 60 })
      const records = await open(sandbox, vendors(sandbox, more)).together(
        ['alpha', a],
        ['beta', b],
      )
      expect(
        records.map(({ status, effects }) => [status, effects.payment.amount?.amount]),
      ).toEqual([
        ['succeeded', '45.00'],
        ['succeeded', '66.00'],
      ])
      expect([overlaps(sandbox), sandbox.refunded.get('pay_shared'), cancels(sandbox)]).toEqual([
        0,
        111,
        { [a]: 1, [b]: 1 },
      ])
    },
  )
  it('without the lock they would meet: the tests above can fail', async () => {
    const sandbox = createSandboxV1({ processingMs: 60 })
    await open(sandbox, vendors(sandbox), { adapter: unlocked }).together(['alpha', a], ['beta', b])
    expect(overlaps(sandbox)).toBe(1)
  })
  it('1.x, one vendor asked: the sibling keeps its part', async () => {
    const sandbox = createSandboxV1()
    const opened = open(sandbox, vendors(sandbox))
    expect(await opened.rest((await opened.begin('alpha', a)).id)).toMatchObject({
      status: 'succeeded',
    })
    expect([sandbox.refunded.get('pay_shared'), cancels(sandbox)]).toEqual([45, { [a]: 1 }])
    expect((await readOrder(opened.store('beta'), b)).order).toMatchObject({
      status: 'open',
      paymentStatus: 'paid',
      totals: { paid: { amount: '66.00' }, refunded: { amount: '0.00' } },
    })
  })
  it('1.x, the admin: both refused, nothing moves', async () => {
    const sandbox = createSandboxV1({ processingMs: 60 })
    expect(
      statuses(await open(sandbox, vendors(sandbox)).together(['admin', a], ['admin', b])),
    ).toEqual(['shared_payment', 'shared_payment'])
    expect([sandbox.refunded.get('pay_shared'), cancels(sandbox)]).toEqual([0, {}])
  })
  it('1.x, the admin, accepted: the first is a 500 that refunds all, then the second', async () => {
    const sandbox = createSandboxV1({ processingMs: 60 })
    const records = await open(sandbox, vendors(sandbox, { sharedPayment: 'accept' })).together(
      ['admin', a],
      ['admin', b],
    )
    expect(statuses(records).sort()).toEqual(['succeeded', 'yes'])
    expect([overlaps(sandbox), sandbox.refunded.get('pay_shared')]).toEqual([0, 111])
  })
  it('1.x, an admin’s store and a vendor’s store keep out of each other’s way', async () => {
    const sandbox = createSandboxV1({ processingMs: 60 })
    const records = await open(sandbox, vendors(sandbox, { sharedPayment: 'accept' })).together(
      ['admin', a],
      ['beta', b],
    )
    expect([overlaps(sandbox), records.every(({ status }) => isAtRest(status))]).toEqual([0, true])
    // Whoever comes second finds less than it needs, or its own part alone: never more refunded
    // than was paid.
    expect(sandbox.refunded.get('pay_shared')).toBeLessThanOrEqual(111)
    expect(sandbox.cancels.get(b) ?? 0).toBeLessThanOrEqual(1)
  })
  it.each([
    ['captured', a, b],
    ['authorized', aa, bb],
  ])('2.x, %s: vendors and admin refused, nothing moves', async (_name, one, other) => {
    for (const [left, right] of [
      ['alpha', 'beta'],
      ['admin', 'admin'],
      ['admin', 'beta'],
    ] as const) {
      const sandbox = createSandboxV2({ processingMs: 60 })
      expect(
        statuses(await open(sandbox, vendors(sandbox)).together([left, one], [right, other])),
      ).toEqual(['shared_payment', 'shared_payment'])
      expect([cancels(sandbox), Math.max(...sandbox.refunded.values())]).toEqual([{}, 0])
    }
  })
  it.each([
    ['alpha', 'beta'],
    ['admin', 'admin'],
    ['admin', 'beta'],
  ] as const)(
    '2.x, authorized and accepted, %s and %s: one after the other',
    async (left, right) => {
      const sandbox = createSandboxV2({ processingMs: 60 })
      const records = await open(sandbox, vendors(sandbox, { sharedPayment: 'accept' })).together(
        [left, aa],
        [right, bb],
      )
      expect([statuses(records), overlaps(sandbox), cancels(sandbox)]).toEqual([
        ['succeeded', 'succeeded'],
        0,
        { [aa]: 1, [bb]: 1 },
      ])
      // Whoever came first voided it all; the other moved nothing and says so.
      expect(
        records
          .map(({ effects }) => effects.payment.amount?.amount ?? effects.payment.outcome)
          .sort(),
      ).toEqual(['111.00', 'withheld'])
    },
  )
  it('2.x, captured and accepted: overlaps nowhere, refunds once', async () => {
    const sandbox = createSandboxV2({ processingMs: 60 })
    const records = await open(sandbox, vendors(sandbox, { sharedPayment: 'accept' })).together(
      ['alpha', a],
      ['beta', b],
    )
    expect([
      statuses(records).sort(),
      overlaps(sandbox),
      sandbox.refunded.get('pay_shared'),
    ]).toEqual([['succeeded', 'yes'], 0, 111])
  })
})

describe('a 500 that keeps the refund', () => {
  it.each([
    ['1', 'admin'],
    ['2', 'admin'],
    ['2', 'vendor'],
  ] as const)(
    '%s, %s: a person is told, and the documented second call closes it without a second refund',
    async (version, actor) => {
      const sandbox = sandboxes[version]()
      const { seen, between } = first((pass) => pass())
      const opened = open(
        sandbox,
        { shop: { version, [actor]: sandbox.settings[actor], sharedPayment: 'accept' } },
        { between },
      )
      const record = await opened.rest((await opened.begin('shop', a)).id)
      expect(record).toMatchObject({
        status: 'needs_attention',
        problem: { code: 'needs-attention', acted: 'yes' },
        order: { status: 'open', paymentStatus: 'refunded' },
        effects: {
          order: { outcome: 'failed' },
          payment: {
            outcome: 'automatic',
            basis: 'confirmed',
            amount: { amount: '111.00', currency: 'EUR' },
            detail: expect.stringContaining('whole purchase'),
          },
        },
      })
      expect([seen.calls, sandbox.refunded.get('pay_shared')]).toEqual([1, 111])
      await opened.gateway.resolve(
        record.id,
        'retry',
        'the second call is known to succeed',
        'test',
      )
      const again = await opened.rest(record.id)
      expect(again).toMatchObject({
        status: 'succeeded',
        effects: { payment: { outcome: 'automatic', amount: { amount: '111.00' } } },
        order: {
          status: 'canceled',
          paymentStatus: 'refunded',
          totals: { total: { amount: '45.00' } },
        },
      })
      expect([seen.calls, sandbox.refunded.get('pay_shared')]).toEqual([2, 111])
    },
  )
  it.each([
    ['1', 'admin'],
    ['2', 'admin'],
    ['2', 'vendor'],
  ] as const)('%s, %s: the preview says so beforehand', async (version, actor) => {
    const sandbox = sandboxes[version]()
    const opened = open(sandbox, {
      shop: { version, [actor]: sandbox.settings[actor], sharedPayment: 'accept' },
    })
    const { effects, cancelable } = await preview(opened.store('shop'), asked(a), false)
    expect([cancelable, effects.payment]).toMatchObject([
      true,
      {
        outcome: 'automatic',
        amount: { amount: '111.00' },
        detail: expect.stringContaining('500'),
      },
    ])
    expect(cancels(sandbox)).toEqual({})
  })
  it('1.x by the vendor: a refund that only the payment shows is money moved', async () => {
    const sandbox = createSandboxV1()
    // The workflow failed after the refund and took back what it wrote down: the order is open and
    // its part looks whole.
    const { seen, between } = first(async () =>
      Response.json(
        { type: 'unknown_error', message: 'An unknown error occurred.' },
        { status: 500 },
      ),
    )
    const opened = open(
      sandbox,
      { shop: { ...sandbox.settings } },
      {
        between: async (request, pass) => {
          const reply = await between(request, pass)
          if (
            seen.calls === 0 ||
            request.method !== 'GET' ||
            !request.url.includes(`/admin/orders/${a}?`)
          )
            return reply
          const body = await reply.json()
          if (body.order.payment_collections[0].payments)
            body.order.payment_collections[0].payments[0].refunds = [{ id: 'ref_1', amount: 45 }]
          return Response.json(body)
        },
      },
    )
    const record = await opened.rest((await opened.begin('shop', a)).id)
    expect(record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: { payment: { outcome: 'automatic', amount: { amount: '45.00' } } },
    })
    expect(seen.calls).toBe(1)
  })
})

describe('a vendor’s login alone', () => {
  it.each([
    ['1', 'reported'],
    ['2', 'confirmed'],
  ] as const)('%s: cancels, and says what it cannot do', async (version, basis) => {
    const sandbox = sandboxes[version]()
    const opened = open(sandbox, { shop: { version, vendor: sandbox.settings.vendor } })
    expect(opened.store('shop').capabilities.reason.can).toBe('never')
    const record = await opened.cancel('shop', 'order_paid', { reason: 'Wrong size' })
    expect(record).toMatchObject({
      status: 'succeeded',
      effects: {
        reason: { outcome: 'unsupported', honored: false },
        payment: { outcome: 'automatic', basis, amount: { amount: '45.00' } },
      },
    })
    await expect(findOrders(opened.store('shop'), '2')).rejects.toMatchObject({
      problem: { code: 'unsupported', status: 422 },
    })
    expect((await opened.cancel('shop', b)).problem).toMatchObject({
      code: 'order-not-found',
      acted: 'no',
    })
  })
  it('1.x: sees no payment, so after a doubt an open order is not sent again', async () => {
    const sandbox = createSandboxV1()
    const { seen, between } = first(async () => new Response('<html></html>', { status: 504 }))
    const opened = open(
      sandbox,
      { shop: { version: '1', vendor: sandbox.settings.vendor } },
      { between },
    )
    expect(await opened.rest((await opened.begin('shop', 'order_paid')).id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'unknown' },
    })
    expect([seen.calls, cancels(sandbox)]).toEqual([1, {}])
  })
  it('1.x: a doubt that turns out to be done is done', async () => {
    const sandbox = createSandboxV1()
    const { seen, between } = first(async (pass) => {
      await pass()
      return new Response('<html></html>', { status: 504 })
    })
    const opened = open(
      sandbox,
      { shop: { version: '1', vendor: sandbox.settings.vendor } },
      { between },
    )
    expect(await opened.rest((await opened.begin('shop', 'order_paid')).id)).toMatchObject({
      status: 'succeeded',
      via: 'reconciled',
      effects: { payment: { basis: 'reported' } },
    })
    expect([seen.calls, cancels(sandbox)]).toEqual([1, { order_paid: 1 }])
  })
  it('2.x: sees the payments it asks for, so an unchanged order is sent again', async () => {
    const sandbox = createSandboxV2()
    const { seen, between } = first(async () => new Response('<html></html>', { status: 504 }))
    const opened = open(
      sandbox,
      { shop: { version: '2', vendor: sandbox.settings.vendor } },
      { between },
    )
    expect(await opened.rest((await opened.begin('shop', 'order_open')).id)).toMatchObject({
      status: 'succeeded',
    })
    expect([seen.calls, cancels(sandbox)]).toEqual([2, { order_open: 1 }])
  })
})
