/**
 * Saving: compare-and-set on the version, conditional on the lease; a late writer changes nothing.
 */
import { expect, it } from 'vitest'
import {
  become,
  claim,
  draft,
  everything,
  ids,
  key,
  type Open,
  query,
  save,
  setUp,
  standing,
  START,
  take,
  tally,
} from './records.ts'

export const testSaves = (open: Open): void => {
  it('raises the version and keeps every member', async () => {
    const { ledger, other } = await setUp(open)
    const first = await claim(ledger, draft())
    const next = {
      ...become(first, 'sending', START + 5),
      memo: { note: '😀' },
      wakeAt: START + 1_000.25,
    }
    const saved = await ledger.save(next)
    expect(saved).toEqual({ ...next, version: first.version + 1 })
    expect(await other.get(first.id)).toEqual(saved)
    expect(await other.list(query({ status: 'sending' }))).toEqual([saved])
    expect(await other.list(query({ status: 'accepted' }))).toEqual([])
  })

  it('a stale writer changes nothing', async () => {
    const { ledger, other } = await setUp(open)
    const first = await claim(ledger, draft())
    const saved = await save(ledger, become(first, 'sending', START + 5))
    expect(await other.save(become(first, 'rejected', START + 9))).toBeNull()
    expect(await other.save({ ...become(first, 'rejected', START + 9), version: 7 })).toBeNull()
    expect(await ledger.get(first.id)).toEqual(saved)
    expect(await ledger.list(query({ updatedAfter: 0 }))).toEqual([saved])
    expect(ids(await ledger.due(['paris'], 10))).toEqual([])
  })

  it('what does not exist cannot be saved', async () => {
    const { ledger } = await setUp(open)
    expect(await ledger.save(draft())).toBeNull()
    expect(await everything(ledger)).toEqual([])
  })

  it('of fifty writers of one version one writes', async () => {
    const { ledger, other } = await setUp(open)
    const first = await claim(ledger, draft())
    const saved = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 ? other : ledger).save({ ...become(first, 'sending'), tries: index }),
      ),
    )
    expect(saved.filter((record) => record !== null)).toEqual([await ledger.get(first.id)])
  })

  it('a writer whose lease another took changes nothing, though the version is right', async () => {
    const { ledger, other, clock } = await setUp(open)
    const record = await claim(ledger, draft())
    const late = await take(ledger, record, 'lock')
    clock.now += 1_000
    const held = await take(other, record, 'lock')
    const before = await ledger.get(record.id)
    expect(await ledger.save(become(record, 'sending'), late, clock.now + 9_000)).toBeNull()
    expect(await ledger.save(become(record, 'succeeded'), late)).toBeNull()
    expect(await ledger.get(record.id)).toEqual(before)
    // The lease of the other is as it was: neither longer nor gone.
    expect(await ledger.lease(record, 'lock', 1)).toBe('busy')
    expect(await other.save(become(record, 'sending'), held)).not.toBeNull()
  })

  it('a late writer does not lengthen the lease of another', async () => {
    const { ledger, other, clock } = await setUp(open)
    const record = await claim(ledger, draft())
    const late = await take(ledger, record, 'lock')
    clock.now += 1_000
    await take(other, record, 'lock')
    await ledger.save(become(record, 'sending'), late, clock.now + 9_000)
    clock.now += 1_000
    expect(await ledger.lease(record, 'lock', 1)).toMatchObject({ key: 'lock' })
  })

  it('a writer whose lease was given back, or is of another lock, changes nothing', async () => {
    const { ledger } = await setUp(open)
    const record = await claim(ledger, draft())
    const lease = await take(ledger, record, 'lock')
    expect(await ledger.save(become(record, 'sending'), { ...lease, key: 'another' })).toBeNull()
    await ledger.release(lease)
    expect(await ledger.save(become(record, 'sending'), lease)).toBeNull()
    expect((await ledger.get(record.id))?.status).toBe('accepted')
  })

  it('gives the lease back', async () => {
    const { ledger, other } = await setUp(open)
    const [one, two] = [await claim(ledger, draft()), await claim(ledger, draft())]
    const lease = await take(ledger, one, 'lock')
    await save(ledger, become(one, 'succeeded'), lease)
    await take(other, two, 'lock')
  })

  it('keeps the lease until the time that was said', async () => {
    const { ledger, other, clock } = await setUp(open)
    const [one, two] = [await claim(ledger, draft()), await claim(ledger, draft())]
    const lease = await take(ledger, one, 'lock', 1_000)
    const saved = await save(ledger, become(one, 'sending'), lease, clock.now + 5_000)
    clock.now += 4_999
    expect(await other.lease(two, 'lock', 1)).toBe('busy')
    clock.now += 1
    const taken = await take(other, two, 'lock')
    expect(taken.epoch).toBeGreaterThan(lease.epoch)
    expect(await ledger.save(become(saved, 'in_doubt'), lease)).toBeNull()
  })

  it('a save that fails keeps the lease', async () => {
    const { ledger, other } = await setUp(open)
    const [one, two] = [await claim(ledger, draft()), await claim(ledger, draft())]
    const lease = await take(ledger, one, 'lock')
    expect(await ledger.save({ ...one, version: 9 }, lease)).toBeNull()
    expect(await other.lease(two, 'lock', 1)).toBe('busy')
  })

  it('without a lease asks for none', async () => {
    const { ledger } = await setUp(open)
    const record = await claim(ledger, draft())
    await take(ledger, record, 'lock')
    expect(await ledger.save(become(record, 'rejected'))).not.toBeNull()
    expect(await ledger.lease(await claim(ledger, draft()), 'lock', 1)).toBe('busy')
  })

  it('a rejected record starts again, and stands in the way again', async () => {
    const { ledger, other } = await setUp(open)
    const rejected = await standing(ledger, { orderId: 'one' }, 'rejected', key('k'))
    const again = await save(ledger, become(rejected, 'accepted', START + 9))
    expect(await other.claim(draft({ orderId: 'one' }), null)).toEqual({
      outcome: 'deduplicated',
      record: again,
    })
    expect(await other.claim(draft({ orderId: 'one', notify: true }), null)).toEqual({
      outcome: 'conflict',
      record: again,
    })
    expect(ids(await other.due(['paris'], 10))).toEqual([])
    expect(await other.claim(draft(), key('k'))).toEqual({ outcome: 'replayed', record: again })
  })

  it.each([
    ['accepted', {}],
    ['accepted', { notify: true }],
    ['needs_attention', { notify: true }],
    ['succeeded', {}],
    ['succeeded', { notify: true }],
  ] as const)(
    'a rejected record does not start again beside one that is %s with wishes %j',
    async (status, wishes) => {
      const { ledger } = await setUp(open)
      const rejected = await standing(ledger, { orderId: 'one' }, 'rejected')
      await standing(ledger, { orderId: 'one', ...wishes }, status)
      expect(await ledger.save(become(rejected, 'accepted', START + 9))).toBeNull()
      expect(await ledger.get(rejected.id)).toEqual(rejected)
    },
  )

  it('a rejected record starts again beside rejected ones, another target and order', async () => {
    const { ledger } = await setUp(open)
    const rejected = await standing(ledger, { orderId: 'one' }, 'rejected')
    await standing(ledger, { orderId: 'one' }, 'rejected')
    await standing(ledger, { orderId: 'one', target: 'transfer' }, 'accepted')
    await standing(ledger, { orderId: 'one', store: 'bazaar' }, 'accepted')
    await save(ledger, become(rejected, 'accepted'))
  })

  it('of ten restarts and ten claims for one order one goes on', async () => {
    const { ledger, other } = await setUp(open)
    const rejected = []
    for (let count = 0; count < 10; count++)
      rejected.push(
        await standing(ledger, { orderId: 'one', restock: count % 2 === 0 }, 'rejected'),
      )
    const outcomes = await Promise.all(
      rejected.flatMap((record, index) => [
        (index % 2 ? other : ledger)
          .save(become(record, 'accepted'))
          .then((saved) => (saved ? 'created' : 'null')),
        (index % 2 ? ledger : other).claim(draft({ orderId: 'one', notify: true }), null),
      ]),
    )
    expect(tally(outcomes)['created']).toBe(1)
    expect((await ledger.list(query({ status: 'accepted' }))).length).toBe(1)
  })
}
