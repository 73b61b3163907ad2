/**
 * Deliveries: owed in the write that they  of or not at all, one row of a webhook and a subject.
 */
import { expect, it } from 'vitest'
import { RECORD_LIFE_MS } from '../../src/ledger/port.ts'
import { finish, WITHDRAWN } from '../../src/model/batch.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { type Delivery } from '../../src/model/delivery.ts'
import {
  become,
  claim,
  DAY,
  draft,
  key,
  ODD,
  type Open,
  setUp,
  standing,
  START,
  take,
} from './records.ts'

import { testHealth, testHold, testReplay, testSettling } from './deliveries-told.ts'
import { batchOf, fresh, NOTHING, owed, subjects } from './owing.ts'

export const testDeliveries = (open: Open): void => {
  testWrites(open)
  testRows(open)
  testSettling(open)
  testReplay(open)
  testHealth(open)
  testHold(open)
}

const testWrites = (open: Open): void => {
  it('what a claim owes is there with its record, and only where it was created', async () => {
    const { ledger, other } = await setUp(open)
    const record = become(draft({ orderId: 'one' }), 'succeeded')
    const both = [
      owed({ subject: record.id }),
      owed({ subject: record.id, webhook: 'shop all', body: '{"of":"shop"}' }),
    ]
    expect((await ledger.claim(record, key('k'), both)).outcome).toBe('created')
    expect(await other.deliveries.of(record.id)).toEqual(both.map((one) => fresh(one)))
    const late = (id: string) => [owed({ subject: id })]
    const again = draft({ orderId: 'one' })
    const reused = draft({ orderId: 'two' })
    const outcomes = [
      await other.claim(again, null, late(again.id)),
      await other.claim(again, key('k'), late(again.id)),
      await other.claim(reused, key('k', 'b'), late(reused.id)),
      await other.claim(draft({ orderId: 'one', notify: true }), null, late('can_other')),
    ].map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['deduplicated', 'replayed', 'key_reused', 'settled'])
    for (const id of [again.id, reused.id, 'can_other'])
      expect(await ledger.deliveries.of(id)).toEqual([])
  })

  it('of racing claims only the one that creates owes', async () => {
    const { ledger, other } = await setUp(open)
    const drafts = Array.from({ length: 10 }, () => draft({ orderId: 'one' }))
    const claims = await Promise.all(
      drafts.map((record, index) =>
        (index % 2 ? other : ledger).claim(record, null, [owed({ subject: record.id })]),
      ),
    )
    const rows = await ledger.deliveries.next('erp orders', 100)
    expect(subjects(rows)).toEqual([claims.find(({ outcome }) => outcome === 'created')?.record.id])
  })

  it('what a save owes is written with it, nothing by one that is stale', async () => {
    const { ledger, other, clock } = await setUp(open)
    const record = await claim(ledger, draft())
    const lease = await take(ledger, record, 'lock', 1_000)
    const of = (revision: number) => owed({ subject: record.id, revision })
    const doubtful = await ledger.save(become(record, 'in_doubt'), lease, START + 1_000, [of(1)])
    expect(await other.deliveries.of(record.id)).toEqual([fresh(of(1))])
    const after = become(doubtful as Cancellation, 'succeeded')
    expect(await other.save(become(record, 'succeeded'), undefined, undefined, [of(2)])).toBeNull()
    clock.now += 1_000
    await take(other, await claim(other, draft()), 'lock')
    expect(await ledger.save(after, lease, undefined, [of(3)])).toBeNull()
    expect(await other.deliveries.of(record.id)).toEqual([fresh(of(1))])
    expect(await ledger.save(after, undefined, undefined, [of(4)])).not.toBeNull()
    expect(await other.deliveries.of(record.id)).toEqual([fresh(of(4))])
  })

  it('a record that may not start again owes nothing either', async () => {
    const { ledger } = await setUp(open)
    const rejected = await standing(ledger, { orderId: 'one' }, 'rejected')
    await standing(ledger, { orderId: 'one' }, 'succeeded')
    const owes = [owed({ subject: rejected.id })]
    expect(await ledger.save(become(rejected, 'accepted'), undefined, undefined, owes)).toBeNull()
    expect(await ledger.deliveries.of(rejected.id)).toEqual([])
  })

  it('what the end of a batch owes is written with it, and nothing before', async () => {
    const { ledger, other } = await setUp(open)
    const { batch } = await ledger.batches.create(
      batchOf('bat_1'),
      [{ row: 1, request: draft().request }],
      null,
    )
    const owes = [owed({ subject: 'bat_1', type: 'batch.finished' })]
    expect(await ledger.batches.finish(finish(batch, START), owes)).toBeNull()
    expect(await other.deliveries.of('bat_1')).toEqual([])
    await ledger.batches.setWaiting('bat_1', WITHDRAWN)
    expect(await ledger.batches.finish({ ...finish(batch, START), version: 7 }, owes)).toBeNull()
    expect(await other.deliveries.of('bat_1')).toEqual([])
    expect(await ledger.batches.finish(finish(batch, START), owes)).not.toBeNull()
    expect(await other.deliveries.of('bat_1')).toEqual(owes.map((one) => fresh(one)))
  })
}

const testRows = (open: Open): void => {
  it('a newer event takes the place of an older one, never the other way round', async () => {
    const {
      ledger: { deliveries },
      other,
    } = await setUp(open)
    const at = (revision: number) => owed({ revision, at: START + revision })
    await deliveries.owe([at(2)])
    const [sent] = (await deliveries.next('erp orders', 1)) as [Delivery]
    await deliveries.settle(sent, 'delivered', '200', START + 9)
    for (const revision of [1, 2]) await other.deliveries.owe([at(revision)])
    const told = {
      state: 'delivered',
      tries: 1,
      lastResult: '200',
      deliveredAt: START + 9,
    } as const
    expect(await deliveries.of('can_1')).toEqual([fresh(at(2), { ...told, triedAt: START + 9 })])
    // Compared as numbers.
    await other.deliveries.owe([at(10)])
    await other.deliveries.owe([at(9)])
    expect(await deliveries.of('can_1')).toEqual([fresh(at(10), { triedAt: START + 9 })])
    expect(await deliveries.owedOf('erp orders')).toEqual({
      pending: 1,
      oldestPendingAt: START + 10,
    })
  })

  it('of racers the newest stays', async () => {
    const { ledger, other } = await setUp(open)
    await Promise.all(
      [3, 1, 8, 5, 2, 7, 6, 4].map((revision) =>
        (revision % 2 ? other : ledger).deliveries.owe([owed({ revision })]),
      ),
    )
    expect(await ledger.deliveries.of('can_1')).toEqual([fresh(owed({ revision: 8 }))])
  })

  it('what is newer and not wanted supersedes what was not told, and makes no row', async () => {
    const {
      ledger: { deliveries },
      other,
    } = await setUp(open)
    const ways = ['owed', 'failed', 'delivered'] as const
    const webhooks = ways.map((way) => `erp ${way}`)
    await deliveries.owe(webhooks.map((webhook) => owed({ webhook, revision: 2 })))
    for (const [index, way] of ways.entries()) {
      const [row] = (await deliveries.next(webhooks[index] as string, 1)) as [Delivery]
      if (way !== 'owed') await deliveries.settle(row, way, '500', START)
    }
    const unwanted = (revision: number) =>
      ['erp nobody', ...webhooks].map((webhook) => owed({ webhook, revision, body: null }))
    const states = async () =>
      (await deliveries.of('can_1')).map(({ webhook, state }) => [webhook, state])
    await other.deliveries.owe(unwanted(2))
    expect(await states()).toEqual([
      ['erp delivered', 'delivered'],
      ['erp failed', 'failed'],
      ['erp owed', 'owed'],
    ])
    await other.deliveries.owe(unwanted(3))
    expect(await states()).toEqual([
      ['erp delivered', 'delivered'],
      ['erp failed', 'superseded'],
      ['erp owed', 'superseded'],
    ])
    for (const webhook of webhooks) {
      expect(await deliveries.next(webhook, 9)).toEqual([])
      expect(await deliveries.owedOf(webhook)).toEqual(NOTHING)
    }
    // What comes after that is owed again.
    await deliveries.owe([owed({ webhook: 'erp owed', revision: 4 })])
    expect(subjects(await deliveries.next('erp owed', 9))).toEqual(['can_1'])
  })

  it('next: never tried, then tried longest ago, then the oldest change; of one webhook', async () => {
    const {
      ledger: { deliveries },
      other,
    } = await setUp(open)
    const changes = { d: 40, b: 20, e: 50, a: 10, c: 30, f: 10 }
    await deliveries.owe(
      Object.entries(changes).map(([subject, after]) => owed({ subject, at: START + after })),
    )
    await deliveries.owe([owed({ subject: 'z', webhook: 'shop all', at: START })])
    const next = async (limit = 9) => subjects(await other.deliveries.next('erp orders', limit))
    expect(await next()).toEqual(['a', 'f', 'b', 'c', 'd', 'e'])
    expect(await next(2)).toEqual(['a', 'f'])
    const tried = await deliveries.next('erp orders', 3)
    for (const [index, row] of tried.entries())
      await deliveries.settle(row, 'owed', '503', START + 1_000 - index)
    expect(await next()).toEqual(['c', 'd', 'e', 'b', 'f', 'a'])
    expect(await deliveries.owedOf('erp orders')).toEqual({
      pending: 6,
      oldestPendingAt: START + 10,
    })
    expect(await deliveries.owedOf('nobody')).toEqual(NOTHING)
    expect(await deliveries.next('nobody', 9)).toEqual([])
  })

  it('a row that was replaced keeps its turn, so that it crowds out no other', async () => {
    const {
      ledger: { deliveries },
    } = await setUp(open)
    await deliveries.owe([owed({ subject: 'busy' }), owed({ subject: 'quiet', at: START + 5 })])
    const [row] = (await deliveries.next('erp orders', 1)) as [Delivery]
    await deliveries.settle(row, 'owed', '500', START + 1_000)
    await deliveries.owe([owed({ subject: 'busy', revision: 2 })])
    expect(subjects(await deliveries.next('erp orders', 9))).toEqual(['quiet', 'busy'])
  })

  it('names and bodies are kept as they are, and none is taken for another', async () => {
    const {
      ledger: { deliveries },
      other,
    } = await setUp(open)
    const bodies = ODD.map((name) => JSON.stringify({ name }))
    const rows = ODD.flatMap((webhook, index) => [
      owed({ webhook, subject: 'can_1', body: bodies[index] as string }),
      owed({ webhook, subject: `lnk_${webhook}`, body: bodies[index] as string }),
      owed({ webhook: `${webhook}:1`, subject: `1:${webhook}` }),
    ])
    await deliveries.owe(rows)
    for (const [index, webhook] of ODD.entries()) {
      expect((await other.deliveries.next(webhook, 9)).map(({ body }) => body)).toEqual([
        bodies[index],
        bodies[index],
      ])
      expect((await other.deliveries.of(`lnk_${webhook}`)).length).toBe(1)
    }
    expect((await deliveries.of('can_1')).length).toBe(ODD.length)
    expect(new Set(await deliveries.webhooks())).toEqual(
      new Set(ODD.flatMap((webhook) => [webhook, `${webhook}:1`])),
    )
  })

  it('goes with the record of its subject', async () => {
    const { ledger, other, clock } = await setUp(open)
    const { deliveries } = ledger
    const settled = become(draft({ orderId: 'one' }), 'succeeded')
    await ledger.claim(settled, null, [
      owed({ subject: settled.id }),
      owed({ subject: settled.id, webhook: 'shop all' }),
    ])
    const kept = become(draft(), 'needs_attention')
    await ledger.claim(kept, null, [owed({ subject: kept.id })])
    const { batch } = await ledger.batches.create(
      batchOf('bat_1'),
      [{ row: 1, request: draft().request }],
      null,
    )
    await ledger.batches.setWaiting('bat_1', WITHDRAWN)
    await ledger.batches.finish(finish(batch, START), [owed({ subject: 'bat_1' })])
    const [row] = (await deliveries.next('shop all', 1)) as [Delivery]
    await deliveries.settle(row, 'delivered', '200', START)
    clock.now = START + RECORD_LIFE_MS - 1
    await other.sweep()
    expect((await deliveries.owedOf('erp orders')).pending).toBe(3)
    clock.now += DAY
    await other.sweep()
    expect(await deliveries.of(settled.id)).toEqual([])
    expect(await deliveries.of('bat_1')).toEqual([])
    expect(await deliveries.settle(row, 'delivered', '200', START)).toBe(false)
    expect(subjects(await deliveries.next('erp orders', 9))).toEqual([kept.id])
    expect(await deliveries.owedOf('erp orders')).toEqual({ pending: 1, oldestPendingAt: START })
    expect(await deliveries.replay('shop all', 0, clock.now)).toBe(0)
    expect(await deliveries.webhooks()).toEqual(['erp orders'])
  })
}
