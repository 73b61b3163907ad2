/**
 * Leases: one at a time, taken again only when released or expired; and the records whose time has
 * come.
 */
import { expect, it } from 'vitest'
import type { Lease } from '../../src/ledger/port.ts'
import { BUSY_RETRY_MS } from '../../src/ledger/rules.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { become, claim, draft, ids, type Open, save, setUp, START, take, tally } from './records.ts'

export const testLeases = (open: Open): void => {
  const many = async (
    ledger: Parameters<typeof claim>[0],
    count: number,
  ): Promise<Cancellation[]> =>
    Promise.all(Array.from({ length: count }, () => claim(ledger, draft())))

  it('moves the wake-up to its end, and leaves the rest of the record as it was', async () => {
    const { ledger, other } = await setUp(open)
    const record = await claim(ledger, draft())
    const lease = await take(ledger, record, 'lock', 1_000)
    expect(lease).toEqual({ key: 'lock', epoch: lease.epoch, until: START + 1_000 })
    expect(lease.epoch).toBeGreaterThan(0)
    expect(await other.get(record.id)).toEqual({ ...record, wakeAt: START + 1_000 })
  })

  it('is given to one of fifty records that share a lock', async () => {
    const { ledger, other } = await setUp(open)
    const records = await many(ledger, 50)
    expect(
      tally(
        await Promise.all(
          records.map((record, index) => (index % 2 ? other : ledger).lease(record, 'lock', 1_000)),
        ),
      ),
    ).toEqual({ lease: 1, busy: 49 })
  })

  it('is given to one of fifty that want one record', async () => {
    const { ledger, other } = await setUp(open)
    const record = await claim(ledger, draft())
    expect(
      tally(
        await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            (index % 2 ? other : ledger).lease(record, 'lock', 1_000),
          ),
        ),
      ),
    ).toEqual({ lease: 1, busy: 49 })
    expect((await ledger.get(record.id))?.version).toBe(record.version)
  })

  it('different locks are taken side by side, and every take raises the epoch', async () => {
    const { ledger, other } = await setUp(open)
    const records = await many(ledger, 20)
    const leases = (await Promise.all(
      records.map((record, index) =>
        (index % 2 ? other : ledger).lease(record, `lock ${index}`, 1_000),
      ),
    )) as Lease[]
    expect(tally(leases)).toEqual({ lease: 20 })
    expect(new Set(leases.map(({ epoch }) => epoch)).size).toBe(20)
    const later = await take(other, await claim(ledger, draft()), 'later')
    expect(later.epoch).toBeGreaterThan(Math.max(...leases.map(({ epoch }) => epoch)))
  })

  it('is taken again when it has expired, not a moment earlier', async () => {
    const { ledger, other, clock } = await setUp(open)
    const [one, two] = [await claim(ledger, draft()), await claim(ledger, draft())]
    const first = await take(ledger, one, 'lock', 1_000)
    clock.now += 999
    expect(await other.lease(two, 'lock', 1_000)).toBe('busy')
    clock.now += 1
    const second = await take(other, two, 'lock', 1_000)
    expect(second.epoch).toBeGreaterThan(first.epoch)
    expect(second.until).toBe(clock.now + 1_000)
    expect(await ledger.lease(one, 'lock', 1_000)).toBe('busy')
  })

  it('is taken again when it is released; a late holder releases nothing', async () => {
    const { ledger, other, clock } = await setUp(open)
    const record = await claim(ledger, draft())
    const first = await take(ledger, record, 'lock', 1_000)
    await other.release(first)
    const second = await take(other, record, 'lock', 1_000)
    expect(second.epoch).toBeGreaterThan(first.epoch)
    await ledger.release(first)
    expect(await ledger.lease(record, 'lock', 1_000)).toBe('busy')
    clock.now += 1_000
    const third = await take(ledger, record, 'lock', 1_000)
    await other.release(second)
    expect(await other.lease(record, 'lock', 1_000)).toBe('busy')
    await ledger.release(third)
    await ledger.release(third)
    await take(other, record, 'lock')
  })

  it('busy: moves the wake-up a little, at most to the end of the lease that is held', async () => {
    const { ledger, other, clock } = await setUp(open)
    const [one, two] = [await claim(ledger, draft()), await claim(ledger, draft())]
    await take(ledger, one, 'lock', 1_000)
    expect(await other.lease(two, 'lock', 60_000)).toBe('busy')
    expect(await ledger.get(two.id)).toEqual({ ...two, wakeAt: START + BUSY_RETRY_MS })
    clock.now += 900
    expect(await other.lease(two, 'lock', 60_000)).toBe('busy')
    expect(await ledger.get(two.id)).toEqual({ ...two, wakeAt: START + 1_000 })
    clock.now += 99
    expect(await ledger.due(['paris'], 10)).toEqual([])
    clock.now += 1
    expect(ids(await ledger.due(['paris'], 10)).sort()).toEqual([one.id, two.id])
  })

  it('stale: a record that was changed takes no lease and keeps its wake-up', async () => {
    const { ledger, other } = await setUp(open)
    const old = await claim(ledger, draft())
    const current = await save(ledger, become(old, 'in_doubt', START + 50))
    expect(await other.lease(old, 'lock', 1_000)).toBe('stale')
    expect(await ledger.get(old.id)).toEqual(current)
    await take(ledger, await claim(ledger, draft()), 'lock')
    expect(await other.lease(old, 'lock', 1_000)).toBe('stale')
    expect(await ledger.get(old.id)).toEqual(current)
    expect(await other.lease(draft(), 'lock', 1_000)).toBe('stale')
  })

  it('what was leased before can still be saved: the version is the same', async () => {
    const { ledger } = await setUp(open)
    const record = await claim(ledger, draft())
    const lease = await take(ledger, record, 'lock')
    const saved = await save(ledger, become(record, 'sending'), lease, START + 1_000)
    expect(saved.version).toBe(record.version + 1)
    await save(ledger, become(saved, 'succeeded'), lease)
  })

  it('due: whose time has come, the longest waiting first, at most so many', async () => {
    const { ledger, other, clock } = await setUp(open)
    const offsets = [50, 10, 40, 20, 60, 30, 0.5]
    const records = await Promise.all(
      offsets.map((offset) => claim(ledger, { ...draft(), wakeAt: START + offset })),
    )
    const by = (...wanted: number[]) => wanted.map((offset) => records[offsets.indexOf(offset)]?.id)
    expect(await other.due(['paris'], 10)).toEqual([])
    clock.now = START + 40
    expect(ids(await other.due(['paris'], 10))).toEqual(by(0.5, 10, 20, 30, 40))
    expect(ids(await other.due(['paris'], 2))).toEqual(by(0.5, 10))
    expect(await other.due(['paris'], 1)).toEqual([records[6]])
    clock.now = START + 1_000
    expect(ids(await other.due(['paris'], 10))).toEqual(by(0.5, 10, 20, 30, 40, 50, 60))
  })

  it('due: of each store asked for, and no other: a long queue crowds out nobody', async () => {
    const { ledger, other, clock } = await setUp(open)
    const lines = Object.fromEntries(
      await Promise.all(
        ['paris', 'rome', 'oslo'].map(
          async (store) =>
            [
              store,
              await Promise.all(
                [30, 10, 20].map((offset) =>
                  claim(ledger, { ...draft({ store }), wakeAt: START + offset }),
                ),
              ),
            ] as const,
        ),
      ),
    )
    clock.now = START + 1_000
    const by = (store: string, ...places: number[]) =>
      places.map((place) => lines[store]?.[place]?.id)
    expect(ids(await other.due(['paris', 'oslo'], 2)).sort()).toEqual(
      [...by('paris', 1, 2), ...by('oslo', 1, 2)].sort(),
    )
    expect(ids(await other.due(['rome'], 5))).toEqual(by('rome', 1, 2, 0))
    expect(await other.due(['bern'], 5)).toEqual([])
    expect(await other.due([], 5)).toEqual([])
  })

  it('due: never what is at rest, and not what was put off', async () => {
    const { ledger, other, clock } = await setUp(open)
    const [done, refused, alarmed, later, asleep] = (await many(ledger, 5)) as [
      Cancellation,
      Cancellation,
      Cancellation,
      Cancellation,
      Cancellation,
    ]
    await save(ledger, become(done, 'succeeded'))
    await save(ledger, become(refused, 'rejected'))
    await save(ledger, become(alarmed, 'needs_attention'))
    await save(ledger, { ...become(later, 'in_doubt'), wakeAt: START + 100 })
    await take(ledger, asleep, 'lock', 200)
    expect(await other.due(['paris'], 10)).toEqual([])
    clock.now += 100
    expect(ids(await other.due(['paris'], 10))).toEqual([later.id])
    clock.now += 100
    expect(ids(await other.due(['paris'], 10))).toEqual([later.id, asleep.id])
  })

  it('reserve: a burst at once, then the pace, per bucket; a refusal takes nothing', async () => {
    const { ledger, clock } = await setUp(open)
    const reserve = (patienceMs: number, bucket = 'paris') =>
      ledger.reserve(bucket, { perSecond: 4, burst: 2 }, patienceMs)
    expect([await reserve(0), await reserve(0), await reserve(0), await reserve(0)]).toEqual([
      0, 0, 250, 250,
    ])
    expect([await reserve(250), await reserve(1_000), await reserve(100)]).toEqual([250, 500, 750])
    expect(await reserve(0, 'rome')).toBe(0)
    clock.now += 750
    expect([await reserve(0), await reserve(0)]).toEqual([0, 250])
    clock.now += 3_600_000
    expect([await reserve(0), await reserve(0), await reserve(0)]).toEqual([0, 0, 250])
  })
}
