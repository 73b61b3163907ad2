/** What a preview says of the money of an order, and which strict request is refused beforehand. */
import { describe, expect, it } from 'vitest'
import type { Look } from '../../src/adapter/contract.ts'
import type { Store } from '../../src/connection/store.ts'
import { foretold, strictRefusal, withoutWay } from '../../src/gateway/workflow/foretell.ts'
import { type Capabilities, INPUTS } from '../../src/model/capability.ts'
import type { Fact } from '../../src/model/effect.ts'
import { money } from '../../src/model/money.ts'
import type { Order } from '../../src/model/order.ts'
import { facts, order, request } from '../model/samples.ts'

type Payment = Capabilities['payment']

const capabilities = (payment: Partial<Payment> = {}): Capabilities => ({
  ...(Object.fromEntries(
    INPUTS.map((name) => [name, { can: 'choose', source: 'manual' }]),
  ) as Capabilities),
  payment: { can: 'always', source: 'manual', ...payment },
})
const storeOf = (payment?: Partial<Payment>, more: Partial<Capabilities> = {}) =>
  ({
    adapter: { name: 'Toy' },
    capabilities: { ...capabilities(payment), ...more },
  }) as unknown as Store
const look = (now: Order, over: Partial<Look> = {}): Look => ({
  order: now,
  done: false,
  obstacle: null,
  raw: null,
  ...over,
})
const totals = (total: number, paid: number | null, refunded: number | null) => ({
  total: money(total, 'USD'),
  paid: paid === null ? null : money(paid, 'USD'),
  refunded: refunded === null ? null : money(refunded, 'USD'),
})

describe('the payment of an order, before anything is sent', () => {
  const detailOf = (now: Order, payment: Partial<Payment> = {}) =>
    foretold(storeOf(payment), request(), look(now)).payment.detail
  const paid = order({ paymentStatus: 'paid' }, totals(100, 100, 0))

  it.each<[string, Order, string | undefined]>([
    ['all of it', paid, '100.00 USD are paid.'],
    [
      'what was not given back yet',
      order({ paymentStatus: 'partially_refunded' }, totals(100, 100, 30)),
      '70.00 USD are paid.',
    ],
    [
      'a part',
      order({ paymentStatus: 'partially_paid' }, totals(100, 40, 0)),
      '40.00 USD are paid.',
    ],
    [
      'where nothing is told of refunds',
      order({ paymentStatus: 'paid' }, totals(100, 60, null)),
      '60.00 USD are paid.',
    ],
    [
      'nothing, where all went back though it is called paid',
      order({ paymentStatus: 'paid' }, totals(100, 100, 100)),
      undefined,
    ],
    [
      'nothing, where what was paid is not told',
      order({ paymentStatus: 'paid' }, totals(100, null, 0)),
      undefined,
    ],
    [
      'what is held',
      order({ paymentStatus: 'authorized' }, totals(100, 0, 0)),
      '100.00 USD are held and not captured.',
    ],
    [
      'no sum of what nobody knows to be paid or held',
      order({ paymentStatus: 'unknown' }, totals(100, 100, 0)),
      undefined,
    ],
  ])('says %s', (_, now, detail) => expect(detailOf(now)).toBe(detail))

  it('puts the manual’s words after the sum, and says them alone where there is none', () => {
    const note = 'It is given back.'
    expect(detailOf(paid, { note })).toBe('100.00 USD are paid. It is given back.')
    const unknown = order({ paymentStatus: 'unknown' }, totals(100, 100, 0))
    expect(detailOf(unknown, { note })).toBe(note)
    // Also where nothing of it can be given back.
    expect(detailOf(paid, { can: 'never', note: 'Refund it by hand.' })).toBe(
      '100.00 USD are paid. Refund it by hand.',
    )
  })

  it.each([
    ['unpaid', 'Nothing was captured, so nothing is refunded.'],
    ['voided', 'The hold on the payment was given up before.'],
    ['refunded', 'What was paid went back before.'],
  ] as const)(
    'of what is %s says that, and not what is done with money',
    (paymentStatus, detail) => {
      const now = order({ paymentStatus }, totals(100, 0, 0))
      expect(detailOf(now, { can: 'never', note: 'Refund it by hand.' })).toBe(detail)
      // A platform that gives back whatever there is keeps its own words.
      expect(detailOf(now, { can: 'always', note: 'It is given back.' })).toBe('It is given back.')
    },
  )

  it('an order that is not paid is not told of as one that cannot be given back', () => {
    expect(foretold(storeOf({ can: 'never' }), request(), look(paid)).payment.done).toBe(
      'impossible',
    )
    const unpaid = order({ paymentStatus: 'unpaid' }, totals(100, 0, 0))
    expect(foretold(storeOf({ can: 'never' }), request(), look(unpaid)).payment.done).toBe(
      'nothing',
    )
  })

  it('what the look expects comes before the manual', () => {
    const expect_ = { payment: { done: 'yes', basis: 'documented', detail: 'By hand.' } } as const
    expect(foretold(storeOf(), request(), look(paid, { expect: expect_ })).payment).toEqual(
      expect_.payment,
    )
  })
})

describe('a payment that did not go back', () => {
  const before = (paymentStatus: Order['paymentStatus']) => order({ paymentStatus })
  const made = (fact: Fact, was: Order, now = was, can: Payment['can'] = 'choose') =>
    withoutWay(capabilities({ can }), facts({ payment: fact }), was, now).payment
  const no: Fact = { done: 'no', basis: 'confirmed' }

  it.each(['unpaid', 'voided', 'refunded'] as const)('of an order that was %s: nothing', (was) => {
    expect(made(no, before(was))).toEqual({
      done: 'nothing',
      basis: 'confirmed',
      detail: 'There is no money to give back.',
    })
    expect(made({ ...no, detail: 'Nobody paid.' }, before(was)).detail).toBe('Nobody paid.')
  })

  it('is no nothing where a buyer paid in between', () => {
    expect(made(no, before('unpaid'), before('paid'))).toEqual(no)
  })

  it('was impossible where there is no way, and did fail where there is one', () => {
    expect(made(no, before('paid'), before('paid'), 'never').done).toBe('impossible')
    expect(made(no, before('paid'))).toEqual(no)
  })

  it.each(['yes', 'partial', 'failed', 'pending', 'unknown'] as const)(
    'but for what is known otherwise: %s stays so',
    (done) => {
      const fact: Fact = { done, basis: 'confirmed' }
      expect(made(fact, before('unpaid'), before('unpaid'), 'never')).toEqual(fact)
    },
  )
})

describe('a strict request', () => {
  const paid = look(order())
  const errorsOf = (store: Store, over: Parameters<typeof request>[0]) =>
    strictRefusal(store, request({ strict: true, ...over }), paid)?.errors

  it('is refused for each wish by its own member', () => {
    const never = { can: 'never', source: 'the manual' } as const
    const store = storeOf(never, { reason: never, restock: never })
    expect(errorsOf(store, { reason: 'x', refund: true, restock: true })).toMatchObject([
      { pointer: '/reason' },
      { pointer: '/restock', detail: 'never: the manual' },
      { pointer: '/refund' },
    ])
    expect(errorsOf(store, { reasonCode: 'fraud' })).toEqual([
      { pointer: '/reasonCode', detail: 'never: the manual' },
    ])
  })

  it('goes its way where all is kept, and so does one that is not strict', () => {
    expect(strictRefusal(storeOf(), request({ strict: true, restock: true }), paid)).toBeNull()
    const never = storeOf({ can: 'never', source: 'm' })
    expect(strictRefusal(never, request({ refund: true }), paid)).toBeNull()
  })
})
