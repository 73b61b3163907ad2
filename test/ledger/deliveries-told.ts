/** Deliveries told in turn, and settled only as they were sent; told again; how a webhook is. */
import { expect, it } from 'vitest'
import { type FullLedger } from '../../src/ledger/port.ts'
import { nextTurnOfLoop } from '../../src/ledger/sql/database.ts'
import { type Delivery, newHealth, type Owed } from '../../src/model/delivery.ts'
import { become, claim, draft, type Open, save, setUp, START, take } from './records.ts'

import { fresh, NOTHING, owed, subjects, tell } from './owing.ts'

export const testSettling = (open: Open): void => {
  it('settle: counts tries, and ends what was delivered or given up', async () => {
    const {
      ledger: { deliveries },
      other,
    } = await setUp(open)
    await deliveries.owe(['a', 'b', 'c'].map((subject) => owed({ subject })))
    const [a, b, c] = (await deliveries.next('erp orders', 3)) as [Delivery, Delivery, Delivery]
    expect(await other.deliveries.settle(a, 'owed', 'timeout', START + 1)).toBe(true)
    expect(await other.deliveries.settle(a, 'owed', '503', START + 2)).toBe(true)
    expect(await other.deliveries.settle(b, 'failed', '400', START + 3)).toBe(true)
    expect(await other.deliveries.settle(c, 'delivered', '204', START + 4)).toBe(true)
    const rows = await Promise.all(
      ['a', 'b', 'c'].map(async (subject) => (await deliveries.of(subject))[0]),
    )
    expect(rows).toEqual([
      { ...a, tries: 2, triedAt: START + 2, lastResult: '503' },
      { ...b, state: 'failed', tries: 1, triedAt: START + 3, lastResult: '400' },
      {
        ...c,
        state: 'delivered',
        tries: 1,
        triedAt: START + 4,
        lastResult: '204',
        deliveredAt: START + 4,
      },
    ])
    expect(subjects(await deliveries.next('erp orders', 9))).toEqual(['a'])
    expect((await deliveries.owedOf('erp orders')).pending).toBe(1)
  })

  it.each(['delivered', 'failed', 'owed'] as const)(
    'settle: a row that was replaced meanwhile stays owed (%s)',
    async (state) => {
      const {
        ledger: { deliveries },
        other,
      } = await setUp(open)
      await deliveries.owe([owed()])
      const [sent] = (await deliveries.next('erp orders', 1)) as [Delivery]
      await other.deliveries.owe([owed({ revision: 2 })])
      expect(await deliveries.settle(sent, state, '200', START + 1)).toBe(false)
      expect(await deliveries.of('can_1')).toEqual([fresh(owed({ revision: 2 }))])
      expect((await deliveries.next('erp orders', 9)).length).toBe(1)
    },
  )

  it('settle: a late failure undoes no delivery, nor owes what is superseded', async () => {
    const {
      ledger: { deliveries },
      other,
    } = await setUp(open)
    await deliveries.owe([owed(), owed({ subject: 'can_2' })])
    const [one, two] = (await deliveries.next('erp orders', 2)) as [Delivery, Delivery]
    await deliveries.settle(one, 'delivered', '200', START + 1)
    for (const state of ['owed', 'failed', 'delivered'] as const)
      expect(await other.deliveries.settle(one, state, '500', START + 2)).toBe(false)
    expect((await deliveries.of('can_1'))[0]).toMatchObject({
      state: 'delivered',
      tries: 1,
      lastResult: '200',
      deliveredAt: START + 1,
    })
    await deliveries.owe([owed({ subject: 'can_2', revision: 2, body: null })])
    expect(await other.deliveries.settle(two, 'owed', '500', START + 2)).toBe(true)
    expect((await deliveries.of('can_2'))[0]).toMatchObject({ state: 'superseded', tries: 1 })
    expect(await deliveries.next('erp orders', 9)).toEqual([])
    expect(await other.deliveries.settle(two, 'delivered', '200', START + 3)).toBe(true)
    expect((await deliveries.of('can_2'))[0]).toMatchObject({ state: 'delivered', tries: 2 })
    expect(await deliveries.settle({ ...one, subject: 'none' }, 'owed', '500', START)).toBe(false)
  })
}

export const testReplay = (open: Open): void => {
  it('replay: what was told or given up of a time is owed again, and that alone', async () => {
    const {
      ledger: { deliveries },
      other,
    } = await setUp(open)
    const changes = Array.from({ length: 8 }, (_, index) =>
      owed({ subject: `can_${index}`, at: START + index * 10 }),
    )
    await deliveries.owe([
      ...changes,
      owed({ subject: 'can_3', webhook: 'shop all', at: START + 30 }),
    ])
    const rows = await deliveries.next('erp orders', 9)
    for (const [index, row] of rows.entries())
      if (index !== 4)
        await deliveries.settle(row, index === 3 ? 'failed' : 'delivered', '200', START + 100)
    await tell(deliveries, 'shop all', START + 100)
    await deliveries.owe([owed({ subject: 'can_4', revision: 2, body: null, at: START + 40 })])
    expect(await other.deliveries.replay('erp orders', START + 20, START + 50)).toBe(3)
    expect(subjects(await deliveries.next('erp orders', 9))).toEqual(['can_2', 'can_3', 'can_5'])
    expect((await deliveries.of('can_2'))[0]).toEqual(
      fresh(changes[2] as Owed, {
        triedAt: START + 100,
        lastResult: '200',
        deliveredAt: START + 100,
      }),
    )
    expect(await deliveries.owedOf('shop all')).toEqual(NOTHING)
    // What is owed already is not counted again.
    expect(await other.deliveries.replay('erp orders', START, START + 1_000)).toBe(4)
    expect(await other.deliveries.replay('erp orders', START, START + 1_000)).toBe(0)
    expect(await deliveries.replay('nobody', 0, START + 1_000)).toBe(0)
  })

  it('replay: hundreds, many of one moment', async () => {
    const {
      ledger: { deliveries },
    } = await setUp(open)
    await deliveries.owe(
      Array.from({ length: 350 }, (_, index) =>
        owed({ subject: `can_${index}`, at: START + Math.floor(index / 150) }),
      ),
    )
    expect((await tell(deliveries, 'erp orders', START + 5)).length).toBe(350)
    expect(await deliveries.owedOf('erp orders')).toEqual(NOTHING)
    expect(await deliveries.replay('erp orders', START, START + 1)).toBe(300)
    expect(await deliveries.owedOf('erp orders')).toEqual({ pending: 300, oldestPendingAt: START })
    expect(await deliveries.owedOf('erp orders', 100)).toEqual({
      pending: 100,
      oldestPendingAt: START,
    })
  })

  it('replay: what is delivered again while it goes on is not owed a third time', async () => {
    const { ledger, other } = await setUp(open)
    await ledger.deliveries.owe(
      Array.from({ length: 300 }, (_, index) => owed({ subject: `can_${index}` })),
    )
    await tell(ledger.deliveries, 'erp orders', START + 5)
    const replaying = ledger.deliveries.replay('erp orders', START, START)
    for (let turn = 0; turn < 20; turn++) {
      await tell(other.deliveries, 'erp orders', START + 6)
      await nextTurnOfLoop()
    }
    expect(await replaying).toBe(300)
  })
}

export const testHealth = (open: Open): void => {
  it('health is compare-and-set; it or rows make a webhook known until it is forgotten', async () => {
    const { ledger, other } = await setUp(open)
    const { deliveries } = ledger
    expect(await deliveries.health('erp orders')).toBeNull()
    expect(await deliveries.webhooks()).toEqual([])
    const fine = newHealth('https://erp.example/hook')
    const saved = await Promise.all(
      [deliveries, other.deliveries].map((its) => its.saveHealth('erp orders', fine)),
    )
    expect(saved.filter((one) => one !== null)).toEqual([{ ...fine, version: 1 }])
    const failing = {
      ...fine,
      version: 1,
      enabled: false,
      failures: 3,
      nextAt: START + 5,
      failingSince: START,
      lastSuccessAt: START - 5,
      lastResult: '503',
    }
    expect(await other.deliveries.saveHealth('erp orders', failing)).toEqual({
      ...failing,
      version: 2,
    })
    expect(await deliveries.saveHealth('erp orders', { ...fine, version: 1 })).toBeNull()
    expect(await deliveries.saveHealth('erp orders', fine)).toBeNull()
    expect(await deliveries.health('erp orders')).toEqual({ ...failing, version: 2 })
    await deliveries.owe([
      owed({ webhook: 'shop all' }),
      owed({ subject: 'can_2' }),
      ...Array.from({ length: 250 }, (_, index) =>
        owed({ webhook: 'shop all', subject: `can_${index}` }),
      ),
    ])
    await tell(deliveries, 'shop all', START)
    expect((await other.deliveries.webhooks()).sort()).toEqual(['erp orders', 'shop all'])
    await other.deliveries.forget('shop all')
    expect(await deliveries.webhooks()).toEqual(['erp orders'])
    expect(await deliveries.of('can_1')).toEqual([])
    expect(await deliveries.replay('shop all', 0, START)).toBe(0)
    await other.deliveries.forget('erp orders')
    expect(await deliveries.health('erp orders')).toBeNull()
    expect(await deliveries.owedOf('erp orders')).toEqual(NOTHING)
    expect(await deliveries.webhooks()).toEqual([])
    await other.deliveries.forget('erp orders')
  })
}

export const testHold = (open: Open): void => {
  it('hold: one at a time by its name, until it is given back or its time is over', async () => {
    const { ledger, other, clock } = await setUp(open)
    const held = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? other : ledger).hold('webhook:erp orders', 1_000),
      ),
    )
    const [first] = held.filter((lease) => lease !== null)
    expect(held.filter((lease) => lease !== null)).toEqual([
      { key: 'webhook:erp orders', epoch: first?.epoch, until: START + 1_000 },
    ])
    expect(await other.hold('sweep:paris', 1_000)).not.toBeNull()
    clock.now += 999
    expect(await other.hold('webhook:erp orders', 1_000)).toBeNull()
    clock.now += 1
    const second = await other.hold('webhook:erp orders', 1_000)
    expect(second?.epoch).toBeGreaterThan(first?.epoch as number)
    // A late holder gives nothing back.
    await ledger.release(first as NonNullable<typeof first>)
    expect(await ledger.hold('webhook:erp orders', 1_000)).toBeNull()
    await ledger.release(second as NonNullable<typeof second>)
    expect(await ledger.hold('webhook:erp orders', 1_000)).not.toBeNull()
  })

  it('hold: a name and a lock of records are one kind of thing', async () => {
    const { ledger, other }: { ledger: FullLedger; other: FullLedger } = await setUp(open)
    const record = await claim(ledger, draft())
    const lease = await take(ledger, record, 'lock')
    expect(await other.hold('lock', 1_000)).toBeNull()
    await save(ledger, become(record, 'succeeded'), lease)
    const held = await other.hold('lock', 1_000)
    expect(held?.epoch).toBeGreaterThan(lease.epoch)
    expect(await ledger.lease(await claim(ledger, draft()), 'lock', 1_000)).toBe('busy')
  })
}
