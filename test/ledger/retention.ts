/** What is forgotten and when; and whether a ledger takes writes at all. */
import { expect, it } from 'vitest'
import { KEY_LIFE_MS, RECORD_LIFE_MS } from '../../src/ledger/port.ts'
import { RETENTION } from '../../src/ledger/retention.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { noted } from './audit.ts'
import {
  become,
  claim,
  DAY,
  draft,
  everything,
  key,
  type Open,
  query,
  save,
  setUp,
  standing,
  START,
  take,
} from './records.ts'

export const testRetention = (open: Open): void => {
  it('keys live thirty days, records four hundred', () => {
    expect([KEY_LIFE_MS / DAY, RECORD_LIFE_MS / DAY]).toEqual([30, 400])
  })

  it.each([true, false])(
    'a key speaks for its request for thirty days (swept: %s)',
    async (swept) => {
      const { ledger, other, clock } = await setUp(open)
      const first = await claim(ledger, draft({ orderId: 'one' }), key('k', 'a'))
      clock.now = START + KEY_LIFE_MS - 1
      if (swept) await other.sweep()
      expect(await ledger.claim(draft(), key('k', 'b'))).toEqual({
        outcome: 'key_reused',
        record: first,
      })
      clock.now++
      if (swept) await other.sweep()
      const second = await claim(ledger, draft(), key('k', 'b'))
      expect(await other.claim(draft(), key('k', 'b'))).toEqual({
        outcome: 'replayed',
        record: second,
      })
      // The order is guarded on, whatever became of the key.
      expect((await other.claim(draft({ orderId: 'one' }), null)).record).toEqual(first)
    },
  )

  it('a deduplicated key lives from its own request', async () => {
    const { ledger, clock } = await setUp(open)
    await claim(ledger, draft({ orderId: 'one' }), key('k1'))
    clock.now += 20 * DAY
    await ledger.claim(draft({ orderId: 'one' }), key('k2'))
    clock.now += 20 * DAY
    await ledger.sweep()
    expect((await ledger.claim(draft({ orderId: 'two' }), key('k1'))).outcome).toBe('created')
    expect((await ledger.claim(draft({ orderId: 'two' }), key('k2'))).outcome).toBe('replayed')
  })

  it.each(['succeeded', 'rejected'] as const)(
    '%s: kept four hundred days from settling, then forgotten with all its traces',
    async (status) => {
      const { ledger, other, clock } = await setUp(open)
      const claimed = await claim(ledger, draft({ orderId: 'one', reference: 'r' }))
      const settled = await save(ledger, become(claimed, status, START + DAY))
      clock.now = START + DAY + RECORD_LIFE_MS - 1
      await other.sweep()
      expect(await ledger.get(settled.id)).toEqual(settled)
      clock.now++
      await other.sweep()
      expect(await ledger.get(settled.id)).toBeNull()
      for (const wish of [
        {},
        { stores: ['paris'] },
        { orderId: 'one' },
        { reference: 'r' },
        { status },
        { updatedAfter: 0 },
      ])
        expect(await other.list(query(wish))).toEqual([])
      expect(await ledger.save(settled)).toBeNull()
      await claim(other, draft({ orderId: 'one', notify: true }))
    },
  )

  it('what is open or needs attention is never forgotten', async () => {
    const { ledger, clock } = await setUp(open)
    const kept = []
    for (const status of ['accepted', 'sending', 'in_doubt', 'needs_attention'] as const)
      kept.push((await standing(ledger, {}, status)).id)
    clock.now += 100 * RECORD_LIFE_MS
    await ledger.sweep()
    expect(await everything(ledger)).toEqual(kept)
  })

  it('a record that started again is open again', async () => {
    const { ledger, clock } = await setUp(open)
    const rejected = await standing(ledger, { orderId: 'one' }, 'rejected')
    const again = await save(ledger, become(rejected, 'accepted', START + DAY))
    clock.now += 2 * RECORD_LIFE_MS
    await ledger.sweep()
    expect(await ledger.get(again.id)).toEqual(again)
    expect((await ledger.claim(draft({ orderId: 'one', notify: true }), null)).outcome).toBe(
      'conflict',
    )
  })

  it('what stays of an order goes on standing in the way', async () => {
    const { ledger, clock } = await setUp(open)
    await standing(ledger, { orderId: 'one' }, 'succeeded')
    clock.now += DAY
    const later = become(draft({ orderId: 'one', notify: true, at: clock.now }), 'succeeded')
    await claim(ledger, later)
    clock.now = START + RECORD_LIFE_MS
    await ledger.sweep()
    expect(await ledger.claim(draft({ orderId: 'one', notify: true }), null)).toEqual({
      outcome: 'deduplicated',
      record: later,
    })
    expect(await ledger.claim(draft({ orderId: 'one' }), null)).toEqual({
      outcome: 'settled',
      record: later,
    })
  })

  it('a key that outlives its record is free', async () => {
    const { ledger, clock } = await setUp(open)
    await standing(ledger, { orderId: 'one' }, 'succeeded')
    clock.now += RECORD_LIFE_MS - DAY
    expect((await ledger.claim(draft({ orderId: 'one' }), key('k'))).outcome).toBe('deduplicated')
    clock.now += 2 * DAY
    await ledger.sweep()
    const later = await claim(ledger, draft({ orderId: 'one' }), key('k', 'other'))
    expect(await ledger.claim(draft(), key('k', 'other'))).toEqual({
      outcome: 'replayed',
      record: later,
    })
  })

  const FEW = { keysMs: 2 * DAY, recordsMs: 10 * DAY, auditMs: DAY }

  it('keys and records live as long as it is said', async () => {
    const { ledger, clock } = await setUp((now) => open(now, { retention: FEW }))
    await claim(ledger, draft({ orderId: 'one' }), key('k', 'a'))
    const settled = await standing(ledger, { orderId: 'two' }, 'succeeded')
    clock.now += FEW.keysMs - 1
    expect((await ledger.claim(draft(), key('k', 'b'))).outcome).toBe('key_reused')
    clock.now += 1
    expect((await ledger.claim(draft(), key('k', 'b'))).outcome).toBe('created')
    clock.now = START + FEW.recordsMs - 1
    await ledger.sweep()
    expect(await ledger.get(settled.id)).toEqual(settled)
    clock.now += 1
    await ledger.sweep()
    expect(await ledger.get(settled.id)).toBeNull()
  })

  it('a smaller setting takes effect on what is there, at the next purge', async () => {
    const clock = { now: START }
    const { ledger, beside } = await open(() => clock.now)
    // In memory there is no second opening of the same.
    if (!beside) return ledger.close()
    const keys = Array.from({ length: 60 }, (_, index) => `k${index}`)
    await Promise.all(keys.map((name) => claim(ledger, draft({ orderId: name }), key(name, 'a'))))
    const settled = await standing(ledger, { orderId: 'settled' }, 'succeeded')
    await ledger.audit.append([noted('one')])
    clock.now += FEW.recordsMs
    const later = await beside({ retention: FEW })
    expect((await later.claim(draft(), key('k7', 'b'))).outcome).toBe('key_reused')
    await later.sweep()
    expect(await later.get(settled.id)).toBeNull()
    expect(await later.audit.read({ from: 0, order: 'asc', limit: 9 })).toEqual([])
    clock.now += FEW.keysMs - 1
    expect((await later.claim(draft(), key('k59', 'b'))).outcome).toBe('key_reused')
    clock.now += 1
    for (const name of ['k0', 'k59'])
      expect((await later.claim(draft(), key(name, 'b'))).outcome).toBe('created')
    await Promise.all([ledger.close(), later.close()])
  })

  it('left out, everything is kept as long as ever', () => {
    expect(RETENTION).toEqual({
      keysMs: KEY_LIFE_MS,
      recordsMs: RECORD_LIFE_MS,
      auditMs: 400 * DAY,
    })
  })

  it('a lease that is held is not swept', async () => {
    const { ledger, clock } = await setUp(open)
    const record = await claim(ledger, draft())
    await take(ledger, record, 'lock', 1_000)
    clock.now += 999
    await ledger.sweep()
    expect(await ledger.lease(record, 'lock', 1)).toBe('busy')
    clock.now += 1
    await ledger.sweep()
    await take(ledger, record, 'lock')
  })

  it('sweeps hundreds at once', async () => {
    const { ledger, clock } = await setUp(open)
    const records = await Promise.all(
      Array.from({ length: 350 }, (_, index) => claim(ledger, draft(), key(`k${index}`))),
    )
    await Promise.all(
      records.slice(0, 320).map((record) => ledger.save(become(record, 'succeeded'))),
    )
    clock.now += RECORD_LIFE_MS
    await ledger.sweep()
    expect(await everything(ledger)).toEqual(records.slice(320).map(({ id }: Cancellation) => id))
  })

  it('is ready, and stays as it was', async () => {
    const { ledger, other } = await setUp(open)
    const record = await claim(ledger, draft())
    for (let count = 0; count < 3; count++) await ledger.ready()
    await other.ready()
    expect(await ledger.list(query())).toEqual([record])
  })
}
