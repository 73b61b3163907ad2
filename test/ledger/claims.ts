/**
 * The claim: of any number of racers exactly one creates, and a key speaks for its first request.
 */
import { expect, it } from 'vitest'
import type { Claim } from '../../src/ledger/port.ts'
import type { Order } from '../../src/model/order.ts'
import {
  become,
  claim,
  draft,
  everything,
  ids,
  key,
  ODD,
  type Open,
  query,
  save,
  SEPARATORS,
  setUp,
  standing,
  START,
  tally,
} from './records.ts'

const RACERS = Array.from({ length: 50 }, (_, index) => index)

const ORDER: Order = {
  id: 'o',
  number: '7',
  status: 'open',
  paymentStatus: 'paid',
  fulfillmentStatus: 'unfulfilled',
  currency: 'EUR',
  totals: {
    subtotal: null,
    discount: null,
    shipping: null,
    tax: null,
    total: null,
    paid: null,
    refunded: null,
  },
  customer: { id: null, email: 'zoë@example.org', name: '注文 😀', phone: null },
  lines: [],
  reason: null,
  canceledAt: null,
  createdAt: null,
  updatedAt: null,
  native: { status: 'pending', paymentStatus: null, fulfillmentStatus: null },
  readAt: '2026-01-01T00:00:00.000Z',
}

export const testClaims = (open: Open): void => {
  it('writes the draft as it is, every member of it', async () => {
    const { ledger, other } = await setUp(open)
    const rich = {
      ...draft({
        reason: 'naïve "quotes" \\ \u0000 😀',
        notify: true,
        message: 'x',
        restock: false,
        reference: 'SO-1',
      }),
      memo: { deep: [1, null, { __proto__x: 'ü' }], empty: {} },
      order: ORDER,
      wakeAt: START + 1.5,
      attempts: [{ at: START, call: 'POST /x', result: null, ms: null, unsent: false }],
    }
    expect(await ledger.claim(rich, null)).toEqual({ outcome: 'created', record: rich })
    expect(await ledger.get(rich.id)).toEqual(rich)
    expect(await other.get(rich.id)).toEqual(rich)
    expect(await other.list(query())).toEqual([rich])
  })

  it('knows nothing that was never written', async () => {
    const { ledger } = await setUp(open)
    for (const id of ['can_none', ...ODD]) expect(await ledger.get(id)).toBeNull()
    expect(await everything(ledger)).toEqual([])
    expect(await ledger.due(['paris'], 10)).toEqual([])
  })

  it('one order, no key: one of fifty racers creates, the others get its record', async () => {
    const { ledger, other } = await setUp(open)
    const claims = await Promise.all(
      RACERS.map((index) =>
        (index % 2 ? other : ledger).claim(
          draft({ orderId: 'one', reason: `racer ${index}` }),
          null,
        ),
      ),
    )
    expect(tally(claims)).toEqual({ created: 1, deduplicated: 49 })
    expect(new Set(claims.map(({ record }) => record.id)).size).toBe(1)
    expect(await everything(other)).toEqual([
      claims.find(({ outcome }) => outcome === 'created')?.record.id,
    ])
  })

  it('one order, many wishes: one of fifty creates, its like get it, others conflict', async () => {
    const { ledger, other } = await setUp(open)
    const claims = await Promise.all(
      RACERS.map((index) =>
        (index % 2 ? other : ledger).claim(
          draft({
            orderId: 'one',
            restock: [true, false, null, null, null][index % 5] as boolean | null,
          }),
          null,
        ),
      ),
    )
    const winner = claims.find(({ outcome }) => outcome === 'created') as Claim
    const alike = winner.record.request.restock === null ? 30 : 10
    expect(tally(claims)).toEqual({ created: 1, deduplicated: alike - 1, conflict: 50 - alike })
    expect(new Set(claims.map(({ record }) => record.id))).toEqual(new Set([winner.record.id]))
    expect(await everything(ledger)).toEqual([winner.record.id])
  })

  it('one key: one of fifty racers creates, the others get it, whatever their orders', async () => {
    const { ledger, other } = await setUp(open)
    const claims = await Promise.all(
      RACERS.map((index) => (index % 2 ? other : ledger).claim(draft(), key('k'))),
    )
    expect(tally(claims)).toEqual({ created: 1, replayed: 49 })
    expect(new Set(claims.map(({ record }) => record.id)).size).toBe(1)
    expect((await everything(ledger)).length).toBe(1)
  })

  it('one key, fifty bodies: one creates, the others learn whose key it is', async () => {
    const { ledger, other } = await setUp(open)
    const claims = await Promise.all(
      RACERS.map((index) => (index % 2 ? other : ledger).claim(draft(), key('k', `body ${index}`))),
    )
    expect(tally(claims)).toEqual({ created: 1, key_reused: 49 })
    expect(new Set(claims.map(({ record }) => record.id)).size).toBe(1)
    expect((await everything(ledger)).length).toBe(1)
  })

  it('ten orders, with and without keys: each created once, each racer gets its own', async () => {
    const { ledger, other } = await setUp(open)
    const claims = await Promise.all(
      RACERS.map((index) =>
        (index % 2 ? other : ledger).claim(
          draft({ orderId: `order ${index % 10}` }),
          index % 3 === 0 ? null : key(`key ${index % 10}-${index % 3}`, `order ${index % 10}`),
        ),
      ),
    )
    expect(claims.filter(({ outcome }) => outcome === 'created').length).toBe(10)
    expect(
      claims.filter(({ outcome }) => !['created', 'deduplicated', 'replayed'].includes(outcome)),
    ).toEqual([])
    claims.forEach(({ record }, index) =>
      expect(record.request.orderId).toBe(`order ${index % 10}`),
    )
    expect((await everything(ledger)).length).toBe(10)
  })

  it('a repeat under the same key is given the record as it stands now', async () => {
    const { ledger, other } = await setUp(open)
    const first = await claim(ledger, draft(), key('k'))
    expect(await other.claim(draft(), key('k'))).toEqual({ outcome: 'replayed', record: first })
    const saved = await save(ledger, become(first, 'rejected', START + 5))
    expect(await other.claim(draft(), key('k'))).toEqual({ outcome: 'replayed', record: saved })
  })

  it('a key with another body is refused with its record, and keeps its first body', async () => {
    const { ledger } = await setUp(open)
    const first = await claim(ledger, draft(), key('k', 'a'))
    const second = draft()
    expect(await ledger.claim(second, key('k', 'b'))).toEqual({
      outcome: 'key_reused',
      record: first,
    })
    expect(await ledger.get(second.id)).toBeNull()
    expect((await ledger.claim(draft(), key('k', 'a'))).outcome).toBe('replayed')
  })

  it('the key is asked before the order', async () => {
    const { ledger } = await setUp(open)
    const first = await claim(ledger, draft({ orderId: 'one', notify: true }), key('k', 'a'))
    await claim(ledger, draft({ orderId: 'two' }))
    expect(await ledger.claim(draft({ orderId: 'two' }), key('k', 'b'))).toEqual({
      outcome: 'key_reused',
      record: first,
    })
  })

  it('keys belong to a caller and a store', async () => {
    const { ledger } = await setUp(open)
    await claim(ledger, draft({ store: 'paris' }), key('k', 'a', 'erp'))
    await claim(ledger, draft({ store: 'paris' }), key('k', 'b', 'shop'))
    await claim(ledger, draft({ store: 'bazaar' }), key('k', 'c', 'erp'))
    expect((await ledger.claim(draft({ store: 'bazaar' }), key('k', 'c', 'erp'))).outcome).toBe(
      'replayed',
    )
  })

  it('a deduplicated request binds its key to the earlier record', async () => {
    const { ledger, other } = await setUp(open)
    const first = await claim(ledger, draft({ orderId: 'one' }), key('k1', 'a'))
    expect(await ledger.claim(draft({ orderId: 'one', reason: 'b' }), key('k2', 'b'))).toEqual({
      outcome: 'deduplicated',
      record: first,
    })
    expect(await other.claim(draft({ orderId: 'elsewhere' }), key('k2', 'b'))).toEqual({
      outcome: 'replayed',
      record: first,
    })
    expect(await other.claim(draft({ orderId: 'elsewhere' }), key('k2', 'a'))).toEqual({
      outcome: 'key_reused',
      record: first,
    })
    expect(await other.claim(draft({ orderId: 'one' }), key('k1', 'a'))).toEqual({
      outcome: 'replayed',
      record: first,
    })
  })

  it('a refused request binds no key', async () => {
    const { ledger } = await setUp(open)
    await claim(ledger, draft({ orderId: 'open' }))
    await standing(ledger, { orderId: 'settled' }, 'succeeded')
    expect(
      (await ledger.claim(draft({ orderId: 'open', notify: true }), key('k', 'a'))).outcome,
    ).toBe('conflict')
    expect(
      (await ledger.claim(draft({ orderId: 'settled', notify: true }), key('k', 'b'))).outcome,
    ).toBe('settled')
    await claim(ledger, draft(), key('k', 'c'))
  })

  it('a draft whose id is taken is refused, and changes nothing', async () => {
    const { ledger } = await setUp(open)
    const first = await claim(ledger, draft({ orderId: 'one' }))
    await expect(ledger.claim(draft({ id: first.id, orderId: 'two' }), key('k'))).rejects.toThrow()
    expect(await ledger.get(first.id)).toEqual(first)
    expect(ids(await ledger.list(query({ orderId: 'two' })))).toEqual([])
    await claim(ledger, draft({ orderId: 'two' }), key('k', 'other'))
    expect((await everything(ledger)).length).toBe(2)
  })

  it.each(ODD)(
    '%j is an order, a store, a caller, a key and a reference like any other',
    async (odd) => {
      const { ledger, other } = await setUp(open)
      await claim(ledger, draft())
      const record = await claim(
        ledger,
        draft({
          id: `can_${odd}`,
          orderId: odd,
          store: odd,
          caller: odd,
          reference: odd,
          message: odd,
        }),
        key(odd, odd, odd),
      )
      expect(await other.get(record.id)).toEqual(record)
      expect(await other.claim(draft({ orderId: odd, store: odd, message: odd }), null)).toEqual({
        outcome: 'deduplicated',
        record,
      })
      expect(await other.claim(draft({ orderId: odd, store: odd }), null)).toEqual({
        outcome: 'conflict',
        record,
      })
      expect(await other.claim(draft({ store: odd }), key(odd, odd, odd))).toEqual({
        outcome: 'replayed',
        record,
      })
      expect(await other.claim(draft({ store: odd }), key(odd, `${odd}.`, odd))).toEqual({
        outcome: 'key_reused',
        record,
      })
      for (const wish of [{ stores: [odd] }, { orderId: odd }, { reference: odd }])
        expect(await other.list(query(wish))).toEqual([record])
      expect((await other.list(query({ stores: ['paris', odd] }))).length).toBe(2)
      const lease = await ledger.lease(record, odd, 1_000)
      expect(lease).toMatchObject({ key: odd })
      expect(await other.lease(record, odd, 1_000)).toBe('busy')
      const saved = await save(
        ledger,
        become(record, 'succeeded'),
        lease as Exclude<typeof lease, string>,
      )
      expect(await other.get(record.id)).toEqual(saved)
    },
  )

  it.each(SEPARATORS)(
    '%j between the parts of a name makes no two orders or keys one',
    async (separator) => {
      const { ledger } = await setUp(open)
      await claim(ledger, draft({ store: `a${separator}order${separator}b`, orderId: 'c' }))
      await claim(ledger, draft({ store: 'a', orderId: `b${separator}order${separator}c` }))
      await claim(ledger, draft({ store: 'b' }), key(`c${separator}d`, '1', 'a'))
      await claim(ledger, draft({ store: 'b' }), key('d', '2', `a${separator}b${separator}c`))
      await claim(ledger, draft({ store: `b${separator}c` }), key('d', '3', 'a'))
      await claim(ledger, draft({ store: 'b' }), key('d', '4', `a${separator}b`))
    },
  )
}
