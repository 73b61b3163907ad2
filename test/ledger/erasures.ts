/** What a ledger is asked where something is erased: written anew, and found as what it is now. */
import { expect, it } from 'vitest'
import { RECORD_LIFE_MS } from '../../src/ledger/port.ts'
import { sha256Hex } from '../../src/model/audit.ts'
import { eraseRecord, eraseRow } from '../../src/model/erasure.ts'
import { batchOf, owed } from './owing.ts'
import { become, claim, draft, key, type Open, query, save, setUp, START } from './records.ts'

const WORDS = { reason: 'canary', notify: true, message: 'canary', reference: 'canary' } as const

export const testErasures = (open: Open): void => {
  it('a record that was erased is found by its order, and no more by its reference', async () => {
    const { ledger, other } = await setUp(open)
    const claimed = await claim(ledger, draft({ orderId: 'one', ...WORDS }), key('k', 'plain'))
    const done = await save(ledger, become(claimed, 'succeeded'))
    expect(await other.list(query({ reference: 'canary' }))).toEqual([done])
    const said = { by: 'boss', at: START, note: 'canary' }
    const approval = { state: 'given', askedAt: START, ...said } as const
    const erased = await save(ledger, eraseRecord({ ...done, approval }, START + 5))
    expect(JSON.stringify(erased)).not.toContain('canary')
    expect(erased.approval).toMatchObject({ state: 'given', by: 'boss', note: null })
    expect(await other.get(erased.id)).toEqual(erased)
    expect(await other.list(query({ orderId: 'one' }))).toEqual([erased])
    for (const asked of [{ reference: 'canary' }, { reference: 'canary', updatedAfter: 0 }])
      expect(await other.list(query(asked))).toEqual([])
    // It still speaks for its order: nothing is canceled twice.
    const again = await ledger.claim(draft({ orderId: 'one', ...WORDS }), null)
    expect([again.outcome, again.record.id]).toEqual(['settled', erased.id])
    expect((await ledger.claim(draft(), key('k', 'plain'))).record.id).toBe(erased.id)
  })

  it('keys in plain words become digests, those of this record alone, and still speak', async () => {
    const { ledger, other } = await setUp(open)
    const one = await claim(ledger, draft({ orderId: 'one' }), key('k', 'canary one'))
    await ledger.claim(draft({ orderId: 'one' }), key('again', 'canary again'))
    await claim(ledger, draft({ orderId: 'two' }), key('other', 'canary two'))
    expect(await other.digestKeys(one.id, sha256Hex)).toBe(2)
    expect(await other.digestKeys(one.id, sha256Hex)).toBe(0)
    const fingerprint = await sha256Hex('canary one')
    const now = { ...key('k', fingerprint), plain: 'canary one' }
    expect((await ledger.claim(draft(), now)).outcome).toBe('replayed')
    expect((await ledger.claim(draft(), key('k', 'canary one'))).outcome).toBe('key_reused')
    // What an earlier version kept is compared as it was kept.
    const before = { ...key('other', await sha256Hex('canary two')), plain: 'canary two' }
    expect((await ledger.claim(draft(), before)).outcome).toBe('replayed')
    await ledger.scrub()
  })

  it('a row of a batch is written anew with its request, and stands as it did', async () => {
    const { ledger, other } = await setUp(open)
    const { request } = draft({ orderId: 'one', ...WORDS })
    await ledger.batches.create(batchOf('bat_1'), [{ row: 1, request }], null)
    const [taken] = await ledger.batches.take('bat_1', 'paris', 1)
    if (!taken) throw new Error('expected a row')
    const rest = {
      ...taken,
      phase: 'rest',
      status: 'succeeded',
      cancellation: 'can_1',
    } as const
    await ledger.batches.saveRows([rest])
    const next = eraseRow(rest)
    if (!next) throw new Error('expected something to erase')
    await ledger.batches.rewrite([next])
    const rows = await other.batches.rows('bat_1', { limit: 9 })
    expect(rows).toEqual([next])
    expect(JSON.stringify(rows)).not.toContain('canary')
    expect(eraseRow(next)).toBeNull()
    expect(await other.batches.tallies('bat_1')).toMatchObject([
      { phase: 'rest', status: 'succeeded', count: 1 },
    ])
  })

  it('the body of what a webhook is told is written anew, unless it is newer by now', async () => {
    const { ledger, other, clock } = await setUp(open)
    const record = await claim(ledger, draft())
    await ledger.deliveries.owe([owed({ subject: record.id, body: '"canary"' })])
    const [row] = await ledger.deliveries.of(record.id)
    if (!row) throw new Error('expected a row')
    await ledger.deliveries.rewrite([{ ...row, body: '"erased"' }])
    expect(await other.deliveries.of(record.id)).toEqual([{ ...row, body: '"erased"' }])
    await ledger.deliveries.owe([owed({ subject: record.id, revision: 2, body: '"newer"' })])
    await ledger.deliveries.rewrite([{ ...row, body: '"late"' }])
    expect(await other.deliveries.of(record.id)).toMatchObject([{ revision: 2, body: '"newer"' }])
    await save(ledger, become(record, 'succeeded'))
    clock.now += RECORD_LIFE_MS
    await ledger.sweep()
    await ledger.deliveries.rewrite([{ ...row, body: '"late"' }])
    expect(await other.deliveries.of(record.id)).toEqual([])
  })
}
