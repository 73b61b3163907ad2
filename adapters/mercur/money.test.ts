/**
 * Whose money it is: what Mercur's replies say of one order's part, what they leave unsaid, and
 * what is refused because of it.
 */
import { describe, expect, it } from 'vitest'
import { accessOf, Settings } from './access.ts'
import { mercur } from './index.ts'
import { purseOf, shareOf, toOrder } from './map.ts'
import { type Memo, obstacleOf, paymentAhead, paymentBehind, type Sight } from './payment.ts'
import { Order } from './wire.ts'
import { open, sandboxes } from './stores.fixture.ts'

interface Paid {
  amount?: number
  captured?: number
  refunds?: readonly number[]
  voided?: boolean
  unseen?: boolean
}

/** One payment of a collection, as Mercur words it. */
const collection = ({
  amount = 111,
  captured = 0,
  refunds = [],
  voided = false,
  unseen = false,
}: Paid) => ({
  id: 'pay_col_1',
  status: 'completed',
  amount,
  captured_amount: captured,
  refunded_amount: refunds.reduce((all, one) => all + one, 0),
  ...(!unseen && {
    payments: [
      {
        id: 'pay_1',
        amount,
        currency_code: 'eur',
        captured_at: captured > 0 ? '2026-11-21T19:09:04.580Z' : null,
        canceled_at: voided ? '2026-11-21T19:14:22.522Z' : null,
        captures: captured > 0 ? [{ amount: captured }] : [],
        refunds: refunds.map((amount) => ({ amount })),
      },
    ],
  }),
})

const part = (captured: number, refunded = 0) => ({
  status: 'captured',
  currency_code: 'eur',
  payment_collection_id: 'pay_col_1',
  captured_amount: captured,
  refunded_amount: refunded,
})

const order = (more: object = {}) =>
  Order.parse({
    id: 'order_1',
    status: 'pending',
    currency_code: 'eur',
    total: 45,
    credit_line_total: 0,
    payment_status: 'captured',
    fulfillments: [],
    ...more,
  })

const paid = (money: Paid, more: object = {}) =>
  order({ payment_collections: [collection(money)], ...more })

const own = (found: Order, orders: number | null = 2) => {
  const { paymentStatus, totals } = toOrder(found, orders, '1', 'cancel_reason')
  return [paymentStatus, totals.paid?.amount ?? null, totals.refunded?.amount ?? null]
}

describe('whose the payment is', () => {
  it('is asked of the purchase, else of the amounts, and never taken for granted', () => {
    expect([
      shareOf(paid({}), 2),
      shareOf(paid({ amount: 45 }), 2),
      shareOf(paid({}), 1),
      shareOf(paid({}), null),
      shareOf(paid({ amount: 45 }), null),
    ]).toEqual(['shared', 'shared', 'alone', 'shared', 'alone'])
    expect(shareOf(paid({}, { split_order_payment: part(45) }), null)).toBe('part')
    // A total that is not told proves nothing; credit lines are no discount; no payment at all is
    // nobody's.
    expect([
      shareOf(paid({ amount: 45 }, { total: undefined }), null),
      shareOf(paid({ amount: 45 }, { total: -66, credit_line_total: 111 }), null),
      shareOf(order({ payment_collections: [] }), null),
    ]).toEqual(['shared', 'alone', 'alone'])
  })
  it.each([
    ['not captured yet', part(0), {}, ['pending', '0.00', '0.00']],
    ['captured', part(45), { captured: 111 }, ['paid', '45.00', '0.00']],
    [
      'captured, a sibling refunded',
      part(45),
      { captured: 111, refunds: [66] },
      ['paid', '45.00', '0.00'],
    ],
    [
      'partly refunded',
      part(45, 5),
      { captured: 111, refunds: [5] },
      ['partially_refunded', '45.00', '5.00'],
    ],
    ['refunded', part(45, 45), { captured: 111, refunds: [45] }, ['refunded', '45.00', '45.00']],
    [
      'noted as refunded, and the payment is whole',
      part(45, 45),
      { captured: 111 },
      ['refund_failed', '45.00', '0.00'],
    ],
    [
      'noted as paid, and the payment is gone',
      part(45),
      { captured: 111, refunds: [111] },
      ['refunded', '45.00', '45.00'],
    ],
    [
      'noted as paid, and less is left',
      part(45),
      { captured: 111, refunds: [100] },
      ['unknown', '45.00', null],
    ],
  ] as const)('1.x, a part: %s', (_name, split, money, expected) => {
    expect(own(paid(money, { split_order_payment: split }), null)).toEqual(expected)
  })
  it('what is not told is not nothing; a purse is seen whole or not at all', () => {
    expect([
      shareOf(order({ payment_collections: null }), null),
      shareOf(order(), null),
      shareOf(order({ payment_collections: null }), 1),
    ]).toEqual(['shared', 'shared', 'alone'])
    const [whole] = paid({ captured: 111 }).payment_collections ?? []
    const [payment] = whole?.payments ?? []
    const bent = (more: object) =>
      purseOf(
        order({ payment_collections: [{ ...whole, payments: [{ ...payment, ...more }] }] }),
        '2',
      )
    expect(bent({})).toMatchObject({ captured: { amount: '111.00' }, refunded: { amount: '0.00' } })
    expect([
      bent({ refunds: null }),
      bent({ captures: [{}] }),
      bent({ captured_at: null, captures: null }),
    ]).toEqual([null, null, null])
    expect(bent({ captures: null })).toMatchObject({ kept: { amount: '111.00' } })
    expect([
      own(order({ payment_status: 'refunded' }), 1),
      own(order({ payment_status: 'captured' }), 1),
    ]).toEqual([
      ['refunded', null, null],
      ['unknown', null, null],
    ])
    expect([
      own(order({ split_order_payment: { ...part(45), captured_amount: null } }), null),
      own(
        order({ split_order_payment: { ...part(45), status: 'new', refunded_amount: undefined } }),
        null,
      ),
    ]).toEqual([
      ['paid', null, '0.00'],
      ['unknown', '45.00', null],
    ])
  })
  it('1.x, a part whose payment cannot be seen', () => {
    expect(own(order({ split_order_payment: part(45, 45) }), null)).toEqual([
      'refunded',
      '45.00',
      '45.00',
    ])
  })
  it.each([
    ['authorized', {}, 'pending', ['authorized', null, null]],
    ['voided', { voided: true }, 'pending', ['voided', null, null]],
    ['captured', { captured: 111 }, 'pending', ['paid', null, null]],
    ['refunded', { captured: 111, refunds: [111] }, 'pending', ['refunded', null, null]],
    ['refunded for somebody', { captured: 111, refunds: [66] }, 'pending', ['unknown', null, null]],
    [
      'refunded for somebody, and this one canceled',
      { captured: 111, refunds: [66] },
      'canceled',
      ['unknown', null, null],
    ],
    ['captured, and this one canceled', { captured: 111 }, 'canceled', ['paid', null, null]],
    ['unseen', { unseen: true }, 'pending', ['unknown', null, null]],
  ] as const)('shared: %s', (_name, money, status, expected) => {
    expect(own(paid(money, { status }))).toEqual(expected)
  })
  it('alone: as Medusa’s; and on 2.3 no payment in sight is no payment known', () => {
    expect(own(paid({ amount: 45, captured: 45, refunds: [5] }), 1)).toEqual([
      'partially_refunded',
      '45.00',
      '5.00',
    ])
    expect([
      purseOf(order({ payment_collections: [] }), '2'),
      purseOf(order({ payment_collections: [] }), '2.3'),
    ]).toMatchObject([{ captured: { amount: '0.00' } }, null])
  })
})

describe('what is refused for the money’s sake', () => {
  const by = (version: '1' | '2' | '2.3', actor: 'admin' | 'vendor', more: object = {}) => {
    const settings = Settings.parse({
      baseUrl: 'https://mercur.example',
      version,
      ...(actor === 'admin'
        ? { admin: { email: 'a@lab.test', password: 'x' } }
        : { vendor: { email: 'v@lab.test', password: 'x', sellerId: 'sel_1' } }),
      ...more,
    })
    return (found: Order, sight: Partial<Sight> = {}) =>
      obstacleOf(
        { order: found, orders: 2, changes: [], foreign: false, ...sight },
        accessOf(settings, version),
        settings,
      )?.cause ?? null
  }
  const edit = [{ id: 'ordch_1', change_type: 'edit', status: 'pending' }]
  const transfer = [{ id: 'ordch_1', change_type: 'transfer', status: 'requested' }]
  const settled = [{ id: 'ordch_1', change_type: 'edit', status: 'confirmed' }]

  it('by the vendor on 1.x', () => {
    const vendor = by('1', 'vendor')
    const split = (captured: number, refunded = 0, money: Paid = { captured: 111 }) =>
      paid(money, { split_order_payment: part(captured, refunded) })
    expect([
      vendor(split(45)),
      vendor(split(0)),
      vendor(split(45, 5)),
      vendor(paid({ captured: 111 })),
      vendor(split(45, 0, { captured: 111, refunds: [111] })),
      vendor(split(45, 0, { captured: 111, refunds: [66] })),
    ]).toEqual([null, 'payment_pending', 'refused', 'refused', 'shared_payment', null])
    expect(
      [{ captured_amount: null }, { refunded_amount: null }].map((more) =>
        vendor(order({ split_order_payment: { ...part(45), ...more } })),
      ),
    ).toEqual(['refused', 'refused'])
    expect([
      vendor(split(45), { changes: transfer }),
      vendor(split(45), { changes: edit }),
      vendor(split(45), { changes: settled }),
    ]).toEqual([null, 'open_change', null])
  })
  it('by Medusa’s own workflow', () => {
    const left = paid({ captured: 111 })
    const gone = paid({ captured: 111, refunds: [111] })
    for (const refuse of [by('1', 'admin'), by('2', 'admin'), by('2', 'vendor')]) {
      expect([
        refuse(left),
        refuse(paid({})),
        refuse(gone),
        refuse(paid({ voided: true })),
        refuse(paid({ unseen: true })),
        refuse(left, { orders: 1 }),
      ]).toEqual(['shared_payment', 'shared_payment', null, null, 'shared_payment', null])
      expect([
        refuse(gone, { changes: transfer }),
        refuse(gone, { changes: edit }),
        refuse(gone, { changes: settled }),
      ]).toEqual(['open_change', 'open_change', null])
    }
    expect(by('2', 'admin', { sharedPayment: 'accept' })(left)).toBe(null)
  })
  it('what 2.3 should leave alone, it need not refuse', () => {
    expect([
      by('2.3', 'vendor')(paid({ captured: 111 })),
      by('2.3', 'admin')(order({ payment_collections: [] })),
      by('2.3', 'admin')(paid({ captured: 111 })),
    ]).toEqual([null, null, 'shared_payment'])
    expect([
      by('2.3', 'admin')(order({ status: 'completed', payment_collections: [] })),
      by('2', 'admin')(order({ status: 'completed', payment_collections: [] })),
      by('1', 'vendor')(order({ status: 'completed', split_order_payment: part(45) })),
    ]).toEqual(['completed', null, null])
  })
})

describe('what became of the money', () => {
  const memo = (found: Order, more: Partial<Memo> = {}): Memo => ({
    version: '1',
    orders: 2,
    purse: purseOf(found, '1'),
    note: {},
    ...more,
  })
  const after = (before: Order, found: Order, done = true, orders: number | null = 2) => {
    const { done: outcome, amount } = paymentBehind({ order: found, orders }, done, memo(before))
    return [outcome, amount?.amount ?? null]
  }
  it('is told from the payments before and after', () => {
    const split = { split_order_payment: part(45) }
    const noted = { split_order_payment: part(45, 45) }
    const whole = { captured: 111 }
    expect(after(paid(whole, split), paid({ ...whole, refunds: [45] }, noted), true, null)).toEqual(
      ['yes', '45.00'],
    )
    expect(after(paid(whole, split), paid(whole, noted), true, null)).toEqual(['failed', '45.00'])
    expect(after(paid(whole, split), paid(whole, split), false, null)).toEqual(['no', null])
    expect(
      after(paid(whole, split), paid({ ...whole, refunds: [45, 66] }, noted), true, null),
    ).toEqual(['unknown', null])
    expect(after(paid(whole), paid({ ...whole, refunds: [111] }))).toEqual(['yes', '111.00'])
    expect(after(paid({}), paid({ voided: true }))).toEqual(['yes', '111.00'])
    expect(after(paid({}), paid({}))).toEqual(['failed', '111.00'])
    expect(after(paid(whole), paid({ ...whole, refunds: [100] }))).toEqual(['partial', '11.00'])
    expect(after(paid(whole), paid({ unseen: true }))).toEqual(['unknown', null])
    expect(after(paid({ voided: true }), paid({ voided: true }))).toEqual(['no', null])
    // The word for it is taken where the payments do not tell, unless it was said before.
    const called = (was: 'paid' | 'refunded', version: '2' | '2.3' = '2') =>
      paymentBehind(
        { order: order({ payment_status: 'refunded' }), orders: 1 },
        true,
        memo(paid(whole), { version }),
        was,
      )
    expect(
      [called('paid'), called('refunded'), called('paid', '2.3')].map(({ done, basis, amount }) => [
        done,
        basis,
        amount,
      ]),
    ).toEqual([
      ['yes', 'reported', undefined],
      ['unknown', 'none', undefined],
      ['unknown', 'none', undefined],
    ])
  })
  it('is foretold from where it is', () => {
    const ahead = (found: Order, orders: number | null, version: '1' | '2' | '2.3' = '2') => {
      const { done, amount } = paymentAhead(
        { order: found, orders, changes: [], foreign: false },
        { version, actor: 'admin', reader: 'admin' },
      )
      return [done, amount?.amount ?? null]
    }
    expect([
      ahead(paid({ captured: 111 }), 2),
      ahead(paid({}), 2),
      ahead(paid({ voided: true }), 2),
      ahead(paid({ unseen: true }), 2),
      ahead(paid({}, { split_order_payment: part(45) }), null, '1'),
      ahead(paid({ captured: 111 }), 2, '2.3'),
    ]).toEqual([
      ['yes', '111.00'],
      ['yes', '111.00'],
      ['no', null],
      ['unknown', null],
      ['yes', '45.00'],
      ['unknown', null],
    ])
  })
})

describe('what is remembered from before', () => {
  it('a purchase of one stays one, also where its total differs from what was paid', async () => {
    const sandbox = sandboxes['2']()
    const { version, admin } = sandbox.settings
    const opened = open(
      sandbox,
      { shop: { version, admin } },
      {
        between: async (request, pass) => {
          const reply = await pass()
          if (request.method !== 'GET' || !request.url.includes('/admin/orders/order_paid?'))
            return reply
          const { order } = await reply.json()
          return Response.json({ order: { ...order, total: order.total - 5 } })
        },
      },
    )
    expect(await opened.cancel('shop', 'order_paid')).toMatchObject({
      status: 'succeeded',
      order: {
        paymentStatus: 'refunded',
        totals: { paid: { amount: '45.00' }, refunded: { amount: '45.00' } },
      },
    })
  })
  it('a call may land three minutes late', () =>
    expect(mercur.settleMs).toBeGreaterThanOrEqual(180_000))
})
