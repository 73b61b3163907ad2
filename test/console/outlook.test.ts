/** What a file would come to: the figures are of what was looked at, and of each order once. */
import { describe, expect, it } from 'vitest'
import { firstOfEach, lookThrough } from '../../src/input/looking.ts'
import {
  extent,
  figures,
  type Found,
  type Look,
  lookedAt,
  notSeen,
  outlook,
  warnings,
} from '../../src/messages/outlook.ts'
import type { Effect, Effects } from '../../src/model/effect.ts'
import { money } from '../../src/model/money.ts'
import { problem } from '../../src/model/problem.ts'
import type { CancelRequest } from '../../src/model/request.ts'
import { order, request } from '../model/samples.ts'

const none: Effect = { asked: null, honored: null, outcome: 'withheld', basis: 'none' }
const effects = (more: Partial<Effects> = {}): Effects => ({
  order: { ...none, outcome: 'applied' },
  reason: none,
  notify: none,
  message: none,
  restock: none,
  payment: none,
  ...more,
})
const found = (more: Partial<Found> = {}): Found => ({
  orderId: 'open',
  cancelable: true,
  alreadyCanceled: false,
  effects: effects(),
  order: order(),
  problem: null,
  ...more,
})
const refused = found({
  cancelable: false,
  problem: problem('order-not-cancelable', 'The order was sent.', { cause: 'fulfilled' }),
})
const paid = (outcome: Effect['outcome'], amount: string, currency: string): Effect => ({
  ...none,
  outcome,
  basis: 'documented',
  amount: money(amount, currency)!,
})
/** The figures of one store after these looks, by their names. */
const told = (looks: readonly Look[]) => {
  const rows = looks.map(({ store, orderId }) => request({ store, orderId }))
  const [of] = outlook(rows, new Map(rows.map((row, index) => [row, looks[index]!])))
  return { of: of!, figures: Object.fromEntries(figures(of!)) }
}
const lookOf = (orderId: string, more: Partial<Found> = {}, asked: Partial<CancelRequest> = {}) =>
  lookedAt(request({ orderId, ...asked }), found({ orderId, ...more }))

describe('what a file would come to', () => {
  it('sums money by currency and by what becomes of it, and never guesses an amount', () => {
    const { figures } = told([
      lookOf('a', { effects: effects({ payment: paid('applied', '10.10', 'EUR') }) }),
      lookOf('b', { effects: effects({ payment: paid('automatic', '0.20', 'EUR') }) }),
      lookOf('c', { effects: effects({ payment: paid('forced', '7', 'USD') }) }),
      lookOf('d', {
        effects: effects({ payment: paid('applied', '5', 'EUR') }),
        order: order({ paymentStatus: 'authorized' }),
      }),
      lookOf('e', {
        order: order({}, { paid: money('100', 'USD'), refunded: money('30', 'USD') }),
      }),
      lookOf('f', { effects: effects({ payment: { ...none, outcome: 'unverified' } }) }),
      lookOf('g', { effects: effects({ payment: { ...none, outcome: 'applied' } }) }),
      // What is not canceled moves nothing, and what stays there is no consequence.
      lookedAt(request({ orderId: 'h' }), { ...refused, orderId: 'h' }),
    ])
    expect(figures).toMatchObject({
      'Would be canceled': '7',
      'Cannot be canceled': '1',
      'Buyers refunded': '3',
      'Money going back': '10.30 EUR, 7.00 USD',
      'Holds released': '5.00 EUR',
      'Money that stays paid': '70.00 USD',
      'Money that cannot be told': 'of 2',
    })
  })

  it('says what was wished for beside what would come of it', () => {
    const mail = (outcome: Effect['outcome'], asked: boolean | null) =>
      effects({ notify: { ...none, outcome, asked } })
    const { figures } = told([
      lookOf('a', { effects: mail('applied', true) }),
      lookOf('b', { effects: mail('unsupported', true) }),
      lookOf('c', { effects: mail('unverified', true) }),
      lookOf('d', { effects: mail('withheld', false) }),
    ])
    expect(figures['Buyers mailed']).toBe('1, and perhaps 1 more (3 asked for)')
    expect(figures['Goods put back']).toBe('0')
  })

  it('warns of what is wished for and would not come, once for each kind', () => {
    const asks = (outcome: Effect['outcome']): Effect => ({ ...none, asked: true, outcome })
    const { of } = told([
      lookOf('a', { effects: effects({ notify: asks('unsupported') }) }),
      lookOf('b', { effects: effects({ notify: asks('unsupported'), restock: asks('failed') }) }),
      lookOf('c', { effects: effects({ notify: asks('applied'), restock: asks('unverified') }) }),
      lookOf('d', {
        effects: effects({ payment: asks('unsupported') }),
        order: order({}, { paid: money('100', 'USD') }),
      }),
    ])
    expect(warnings(of)).toEqual([
      'The buyers of 2 orders would not be mailed: write to them yourself.',
      'The goods of 1 order would not go back: put them back by hand.',
      'The money of 1 order would not be given back: refund it at the store.',
    ])
    expect(warnings(told([lookOf('a')]).of)).toEqual([])
  })

  it('counts an order once, however often it stands in the file', () => {
    const once = lookOf('a', { effects: effects({ payment: paid('applied', '10', 'EUR') }) })
    const { figures } = told([once, { ...once }, { ...once }])
    expect(figures).toMatchObject({
      'Would be canceled': '1',
      'Twice in the file': '2',
      'Money going back': '10.00 EUR',
    })
  })

  it('a store that gave no answer is not known; one that knows no such order is a refusal', () => {
    const unknown = ['platform-unavailable', 'platform-credentials', 'rate-limited'] as const
    const looks = [
      ...unknown.map((code) =>
        notSeen(request({ orderId: code }), problem(code, `Not now: ${code}.`)),
      ),
      notSeen(request({ orderId: 'late' }), null),
      notSeen(request({ orderId: 'x' }), problem('order-not-found', 'No.')),
      notSeen(request({ orderId: 'y' }), problem('order-not-found', 'No.')),
    ]
    const { of } = told(looks)
    expect([of.unknown, of.refused]).toEqual([4, 2])
    expect(of.reasons[0]).toEqual({ says: 'The store knows no order with this id.', count: 2 })
    expect(of.reasons.map(({ says }) => says)).toContain('The store did not answer in time.')
  })

  it('linked orders go along, or hold back the one that is asked for', () => {
    const free = { cancelable: true, alreadyCanceled: false }
    const stuck = { cancelable: false, alreadyCanceled: false }
    const done = { cancelable: false, alreadyCanceled: true }
    const comes = (linked: CancelRequest['linked'], others: (typeof free)[], one = found()) => {
      const { comes, along } = lookedAt(request({ linked }), one, others)
      return [comes, along]
    }
    expect(comes(undefined, [free, done])).toEqual(['canceled', 1])
    expect(comes('all', [free, stuck])).toEqual(['refused', 0])
    expect(comes('each', [free, stuck])).toEqual(['canceled', 1])
    expect(comes('none', [free, stuck])).toEqual(['canceled', 0])
    expect(comes('each', [free], refused)).toEqual(['refused', 1])
    expect(comes('all', [free], refused)).toEqual(['refused', 0])
  })

  it('never pretends to have looked at all', () => {
    const rows = [1, 2, 3].map((n) => request({ store: n < 3 ? 'a' : 'b', orderId: `o${n}` }))
    const of = outlook(rows, new Map([[rows[0]!, lookOf('o1')]]))
    expect(of.map(({ store, orders, looked }) => [store, orders, looked])).toEqual([
      ['a', 2, 1],
      ['b', 1, 0],
    ])
    expect(extent(of, false)).toBe('Looked at 1 of 3 orders so far.')
    expect(extent(of, true)).toMatch(/^Looked at 1 of 3 orders, the first of each store\./)
  })
})

describe('looking through a file', () => {
  const rows = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).flatMap(([store, count]) =>
      Array.from({ length: count }, (_, n) => ({ store, n })),
    )

  it('takes the first of each store, in turn, so that a small one is not forgotten', () => {
    const picked = firstOfEach(rows({ large: 500, small: 2, middle: 90 }))
    const of = (store: string) => picked.filter((row) => row.store === store)
    expect([picked.length, of('small').length, of('middle').length, of('large').length]).toEqual([
      200, 2, 90, 108,
    ])
    expect(of('large').map(({ n }) => n)).toEqual(Array.from({ length: 108 }, (_, n) => n))
    expect(firstOfEach(rows({ one: 3 }))).toHaveLength(3)
  })

  it('asks two of a store at a time; one that hangs holds up itself alone', async () => {
    const under = new Map<string, number>()
    let most = 0
    const seen: [string, number | null][] = []
    const hangs = Promise.withResolvers<number>()
    await lookThrough(
      rows({ well: 30, sick: 30 }),
      async ({ store, n }) => {
        under.set(store, (under.get(store) ?? 0) + 1)
        most = Math.max(most, under.get(store) ?? 0)
        if (store === 'sick') await hangs.promise
        else await Promise.resolve()
        under.set(store, (under.get(store) ?? 0) - 1)
        return n
      },
      ({ store }, found) => void seen.push([store, found]),
      new AbortController().signal,
      200,
    )
    expect(most).toBe(2)
    expect(seen.filter(([store, found]) => store === 'well' && found !== null)).toHaveLength(30)
    expect(seen.filter(([store]) => store === 'sick')).toEqual([
      ['sick', null],
      ['sick', null],
    ])
    hangs.resolve(0)
  })

  it('ends when nobody waits any more, and with what a look cannot answer for', async () => {
    const gone = new AbortController()
    let asked = 0
    await lookThrough(
      rows({ shop: 50 }),
      async () => {
        asked += 1
        gone.abort()
      },
      () => {},
      gone.signal,
    )
    expect(asked).toBeLessThan(5)
    await expect(
      lookThrough(
        rows({ shop: 3 }),
        () => Promise.reject(new Error('a fault of ours')),
        () => {},
        new AbortController().signal,
      ),
    ).rejects.toThrow('a fault of ours')
  })
})
