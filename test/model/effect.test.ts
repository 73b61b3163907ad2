/** "Effects, from wish and fact": the contract's table, cell by cell. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Effect,
  Effects,
  EFFECTS,
  type Fact,
  hasMoved,
  isKnown,
  isSeen,
  keepConfirmed,
  keepKnown,
  OUTCOMES,
  pending,
  report,
  skipped,
  unkept,
  wishes,
  withWord,
} from '../../src/model/effect.ts'
import { anyRequest, facts, request } from './samples.ts'

type Row = [
  wish: boolean | null,
  done: Fact['done'],
  outcome: Effect['outcome'],
  honored: boolean | null,
]

const TABLE: Row[] = [
  [null, 'yes', 'automatic', null],
  [true, 'yes', 'applied', true],
  [false, 'yes', 'forced', false],
  [null, 'no', 'withheld', null],
  [true, 'no', 'failed', false],
  [false, 'no', 'withheld', true],
  [null, 'impossible', 'withheld', null],
  [true, 'impossible', 'unsupported', false],
  [false, 'impossible', 'withheld', true],
  [null, 'nothing', 'withheld', null],
  [true, 'nothing', 'not_applicable', null],
  [false, 'nothing', 'withheld', true],
  [null, 'failed', 'failed', null],
  [true, 'failed', 'failed', false],
  [false, 'failed', 'withheld', true],
  [null, 'partial', 'partial', null],
  [true, 'partial', 'partial', false],
  [false, 'partial', 'partial', false],
  [null, 'pending', 'pending', null],
  [true, 'pending', 'pending', null],
  [false, 'pending', 'pending', null],
  [null, 'unknown', 'unverified', null],
  [true, 'unknown', 'unverified', null],
  [false, 'unknown', 'unverified', null],
]
const BASES = ['confirmed', 'reported', 'documented', 'none'] as const

describe('from wish and fact', () => {
  it.each(TABLE)('wish %s, %s: %s, honored %s', (wish, done, outcome, honored) => {
    for (const basis of BASES) {
      expect(
        report(request({ restock: wish }), facts({ restock: { done, basis } })).restock,
      ).toStrictEqual({ asked: wish, honored, outcome, basis })
    }
  })
  it('names no other outcome than the contract', () => {
    expect(Effects.safeParse(report(request(), facts())).success).toBe(true)
    expect(new Set(TABLE.map(([, , outcome]) => outcome))).toEqual(
      new Set([
        'automatic',
        'applied',
        'forced',
        'withheld',
        'failed',
        'unsupported',
        'partial',
        'pending',
        'unverified',
        'not_applicable',
      ]),
    )
  })
  it('the order is always asked for, the payment by the wish for a refund', () => {
    const done = { done: 'yes', basis: 'confirmed' } as const
    expect(report(request(), facts({ order: done, payment: done }))).toMatchObject({
      order: { asked: true, honored: true, outcome: 'applied' },
      payment: { asked: null, honored: null, outcome: 'automatic' },
    })
    const refund = (wish: boolean) =>
      report(request({ refund: wish }), facts({ payment: done })).payment
    expect(refund(true)).toMatchObject({ asked: true, honored: true, outcome: 'applied' })
    expect(refund(false)).toMatchObject({ asked: false, honored: false, outcome: 'forced' })
    expect(
      report(request(), facts({ payment: { done: 'no', basis: 'confirmed' } })).payment.outcome,
    ).toBe('withheld')
    expect(
      report(request(), facts({ payment: { done: 'failed', basis: 'confirmed' } })).payment.outcome,
    ).toBe('failed')
  })
  it('carries amount and detail, and neither where there is none', () => {
    const amount = { amount: '10.00', currency: 'USD' }
    expect(
      report(
        request(),
        facts({ payment: { done: 'yes', basis: 'confirmed', amount, detail: 'refunded' } }),
      ).payment,
    ).toStrictEqual({
      asked: null,
      honored: null,
      outcome: 'automatic',
      basis: 'confirmed',
      amount,
      detail: 'refunded',
    })
  })
})

describe('wishes', () => {
  it('by input; a code alone is a reason', () => {
    expect(wishes(request())).toEqual({
      order: true,
      reason: null,
      notify: null,
      message: null,
      restock: null,
      payment: null,
    })
    expect(wishes(request({ reason: 'x', notify: false, message: 'm', restock: true }))).toEqual({
      order: true,
      reason: true,
      notify: false,
      message: true,
      restock: true,
      payment: null,
    })
    expect(wishes(request({ reasonCode: 'fraud' })).reason).toBe(true)
    expect(wishes(request({ refund: false })).payment).toBe(false)
    // Records of before there was this wish.
    expect(wishes({ ...request(), refund: undefined } as never).payment).toBeNull()
  })
})

describe('nothing attempted', () => {
  it('already canceled or rejected: what was asked is skipped, all else withheld', () => {
    fc.assert(
      fc.property(anyRequest, (asked) => {
        const effects = skipped(asked)
        for (const name of EFFECTS) {
          const wish = wishes(asked)[name]
          const foreign = asked.target === 'transfer' && name !== 'order'
          expect(effects[name]).toStrictEqual({
            asked: wish,
            basis: 'none',
            outcome: foreign ? 'not_applicable' : wish ? 'skipped' : 'withheld',
            honored: foreign || wish === null ? null : !wish,
          })
        }
      }),
    )
  })
  it('with a note where there is something to say', () => {
    const effects = skipped(request({ reason: 'x' }), { reason: 'left behind' })
    expect(effects.reason).toStrictEqual({
      asked: true,
      honored: false,
      outcome: 'skipped',
      basis: 'none',
      detail: 'left behind',
    })
    expect(effects.order).not.toHaveProperty('detail')
  })
  it('pending while it is open', () => {
    expect(pending(request({ notify: false })).notify).toStrictEqual({
      asked: false,
      honored: null,
      outcome: 'pending',
      basis: 'none',
    })
    expect(pending(request({ target: 'transfer', notify: true })).notify).toStrictEqual({
      asked: true,
      honored: null,
      outcome: 'not_applicable',
      basis: 'none',
    })
    expect(pending(request()).payment.outcome).toBe('pending')
  })
})

describe('transfers', () => {
  it('know no effect but the order', () => {
    fc.assert(
      fc.property(anyRequest, (asked) => {
        const effects = report(
          { ...asked, target: 'transfer' },
          facts({
            order: { done: 'yes', basis: 'confirmed' },
            restock: { done: 'yes', basis: 'confirmed' },
          }),
        )
        const { order, ...others } = effects
        expect(order.outcome).toBe('applied')
        for (const effect of Object.values(others))
          expect(effect).toMatchObject({ outcome: 'not_applicable', basis: 'none', honored: null })
      }),
    )
  })
})

describe('what strict refuses', () => {
  const kept = { done: 'yes', basis: 'documented' } as const
  it('any wish, true or false, that is not predicted to be honored', () => {
    expect(unkept(request(), facts())).toEqual([])
    expect(
      unkept(request({ notify: true, restock: true }), facts({ notify: kept, restock: kept })),
    ).toEqual([])
    expect(unkept(request({ restock: false }), facts({ restock: kept }))).toEqual(['restock'])
    expect(
      unkept(request({ restock: false }), facts({ restock: { done: 'no', basis: 'documented' } })),
    ).toEqual([])
    expect(
      unkept(
        request({ reason: 'x', notify: true, message: 'm', restock: true }),
        facts({ reason: { done: 'impossible', basis: 'documented' } }),
      ),
    ).toEqual(['reason', 'notify', 'message', 'restock'])
  })
  it('the payment only where a refund was wished, and not what nobody paid', () => {
    const nothing = { done: 'nothing', basis: 'confirmed' } as const
    expect(unkept(request({ refund: false }), facts({ payment: kept }))).toEqual(['payment'])
    expect(unkept(request({ refund: true }), facts({ payment: kept }))).toEqual([])
    expect(unkept(request({ refund: true }), facts({ payment: nothing }))).toEqual([])
  })
  it('never the order, and nothing of a transfer', () => {
    expect(
      unkept(request(), facts({ order: { done: 'failed', basis: 'none' }, payment: kept })),
    ).toEqual([])
    expect(unkept(request({ target: 'transfer', notify: true, restock: false }), facts())).toEqual(
      [],
    )
  })
})

describe('what is known of an effect', () => {
  const effect = (outcome: Effect['outcome'], basis: Effect['basis']): Effect => ({
    asked: true,
    honored: null,
    outcome,
    basis,
  })
  const happened = ['applied', 'automatic', 'forced', 'partial'] as const
  const others = OUTCOMES.filter((outcome) => !(happened as readonly string[]).includes(outcome))

  it('it was seen where it was read back as having happened, and only there', () => {
    for (const outcome of happened) {
      expect(isSeen(effect(outcome, 'confirmed')), outcome).toBe(true)
      for (const basis of ['reported', 'documented', 'none'] as const)
        expect(isSeen(effect(outcome, basis)), `${outcome} ${basis}`).toBe(false)
    }
    for (const outcome of others) expect(isSeen(effect(outcome, 'confirmed')), outcome).toBe(false)
  })

  it('it is known where a look or a reply says that it happened, or is under way', () => {
    for (const outcome of [...happened, 'pending'] as const) {
      for (const basis of ['confirmed', 'reported'] as const)
        expect(isKnown(effect(outcome, basis)), `${outcome} ${basis}`).toBe(true)
      for (const basis of ['documented', 'none'] as const)
        expect(isKnown(effect(outcome, basis)), `${outcome} ${basis}`).toBe(false)
    }
    for (const outcome of others.filter((one) => one !== 'pending'))
      expect(isKnown(effect(outcome, 'confirmed')), outcome).toBe(false)
  })

  const reported = report(
    request({ restock: true, notify: true }),
    facts({
      restock: { done: 'yes', basis: 'reported' },
      notify: { done: 'yes', basis: 'documented' },
      payment: { done: 'yes', basis: 'confirmed' },
    }),
  )
  const end = skipped(request({ restock: true, notify: true }))

  it('what is known outlasts the end that is recorded, but for the order itself', () => {
    expect(keepKnown({ ...reported, order: effect('applied', 'confirmed') }, end)).toEqual({
      ...end,
      restock: reported.restock,
      payment: reported.payment,
    })
  })

  it('what was read back outlasts a report that knows less', () => {
    expect(keepConfirmed({ ...reported, order: effect('applied', 'confirmed') }, end)).toEqual({
      ...end,
      payment: reported.payment,
    })
    const newer = { ...end, payment: effect('withheld', 'confirmed') }
    expect(keepConfirmed(reported, newer)).toEqual(newer)
  })

  it('money or goods moved where that was read back', () => {
    expect(hasMoved(reported)).toBe(true)
    expect(hasMoved({ ...reported, payment: end.payment })).toBe(false)
    expect(hasMoved({ ...end, restock: effect('partial', 'confirmed') })).toBe(true)
  })
})

describe('a person’s word about the order', () => {
  const withOrder = (order: Effect): Effects => ({ ...pending(request()), order })
  const read = (outcome: Effect['outcome'], detail?: string): Effect => ({
    asked: true,
    honored: outcome === 'applied',
    outcome,
    basis: 'confirmed',
    ...(detail !== undefined && { detail }),
  })

  it('is added to what was read back, where that says the same', () => {
    expect(withWord(withOrder(read('applied')), true).order).toEqual(
      read('applied', 'A person says that it is canceled.'),
    )
    expect(withWord(withOrder(read('failed', 'It is open.')), false).order).toEqual(
      read('failed', 'It is open. A person says that it is not canceled.'),
    )
  })

  it('stands alone, and proves nothing, where that says otherwise or nothing was read', () => {
    const word = (canceled: boolean) => ({
      asked: true,
      honored: canceled,
      outcome: canceled ? 'applied' : 'skipped',
      basis: 'none',
      detail: `A person says that it is ${canceled ? '' : 'not '}canceled.`,
    })
    expect(withWord(withOrder(read('failed')), true).order).toEqual(word(true))
    expect(withWord(withOrder(read('applied')), false).order).toEqual(word(false))
    const told = { ...read('applied'), basis: 'reported' } as const
    expect(withWord(withOrder(told), true).order).toEqual(word(true))
    expect(withWord(withOrder({ ...read('failed'), basis: 'none' }), false).order).toEqual(
      word(false),
    )
  })
})
