/**
 * What a ledger in SQL does costs as much however much it holds: nothing that is asked often reads
 * what it does not need.
 */
import { describe, expect, it } from 'vitest'
import { awaited } from '../../src/model/approval.ts'
import { RECORD_LIFE_MS } from '../../src/ledger/port.ts'
import { finish, WITHDRAWN } from '../../src/model/batch.ts'
import type { Cancellation } from '../../src/model/cancellation.ts'
import { newHealth } from '../../src/model/delivery.ts'
import { become, claim, draft, key, query, save, standing, START, take } from './records.ts'
import { watched, every, expected } from './watched.ts'

describe('a ledger that grows', () => {
  it(
    'every combination of filters is read from an index, in its order, and finds what it means',
    { timeout: 120_000 },
    async () => {
      const { ledger, slow } = watched()
      const records: Cancellation[] = []
      for (let index = 0; index < 120; index++) {
        const made = {
          ...draft({
            store: `s${index % 3}`,
            orderId: index % 2 ? 'o' : `o${index}`,
            target: 'transfer',
            reference: index % 5 ? 'r' : `r${index}`,
            message: `${index}`,
            at: START + (index % 9),
          }),
          batchId: index % 4 ? 'b' : null,
          origin: ([undefined, 'platform', undefined, 'link'] as const)[(index >> 1) % 4],
          link: index % 4 === 1 ? 'l' : undefined,
        }
        const status =
          (['succeeded', 'rejected', 'needs_attention', 'in_doubt', 'rejected'] as const)[
            index % 5
          ] ?? 'rejected'
        const open = status === 'in_doubt' || status === 'needs_attention'
        // An open transfer stands in another's way: it has an order of its own.
        const own = open
          ? {
              ...made,
              request: {
                ...made.request,
                target: 'order' as const,
                orderId: index % 3 ? made.request.orderId : 'o',
                store: index < 10 ? `s${index % 3}` : `s${index}`,
              },
            }
          : made
        const { outcome, record } = await ledger.claim(own, null)
        // Some settle long after they were made, and the clock of some was behind.
        if (outcome === 'created')
          records.push(
            await save(ledger, {
              ...become(
                record,
                status,
                START + [index % 7, 90_000_000 + index, -index][index % 3]!,
              ),
              reopenedAt: status === 'succeeded' && index % 4 < 2 ? START + 100 : undefined,
              approval: index % 3 ? undefined : awaited,
            }),
          )
      }
      expect(records.length).toBeGreaterThan(90)
      for (const wish of every) {
        const asked = query({ ...wish, limit: 7 })
        expect(
          (await ledger.list(asked)).map(({ id }) => id),
          JSON.stringify(asked),
        ).toEqual(expected(records, asked))
      }
      // Of an order or a batch, which have few, a portion at most is put in order.
      expect(
        slow().filter((step) => !/TEMP B-TREE FOR ORDER BY: select at, id from \(/.test(step)),
      ).toEqual([])
    },
  )

  it('claims, saves, leases, turns of the clock and figures too', async () => {
    const { ledger, slow, clock } = watched()
    const record = await claim(ledger, draft(), key('k'))
    await ledger.claim(draft({ ...record.request, target: 'transfer' }), null)
    const lease = await take(ledger, record, 'lock')
    const rejected = await save(ledger, become(record, 'rejected'), lease)
    await save(ledger, become(rejected, 'accepted'))
    await ledger.due(['paris'], 9)
    await ledger.strays([], 9)
    await ledger.figures(['paris'])
    await ledger.countsByDay(['paris'], START, START)
    await ledger.bind('paris', 'medusa')
    clock.now += RECORD_LIFE_MS
    await ledger.sweep()
    // How many of each status are open is counted, and how many of these wait for approval; leases
    // are those that are held now.
    const counted = /by_openness|by_approval|SCAN leases/
    expect(slow().filter((step) => !counted.test(step))).toEqual([])
  })

  it('counts of days are kept: however many records there are, a row for each status', async () => {
    const { ledger, sizes, slow, forget } = watched()
    for (let index = 0; index < 400; index++)
      await ledger.claim(become(draft(), index % 2 ? 'succeeded' : 'rejected'), null)
    forget()
    const counts = await ledger.countsByDay(null, START, START + RECORD_LIFE_MS)
    expect(counts.map(({ status, count }) => [status, count])).toEqual([
      ['rejected', 200],
      ['succeeded', 200],
    ])
    expect([Math.max(...sizes), slow()]).toEqual([2, []])
  })

  it('where nothing is owed, nothing is asked or written for it', async () => {
    const { ledger, asked } = watched()
    const record = await claim(ledger, draft(), key('k'))
    await save(ledger, become(record, 'succeeded'), await take(ledger, record, 'lock'))
    const { batch } = await ledger.batches.create(
      {
        id: 'bat_1',
        version: 1,
        status: 'running',
        caller: 'erp',
        total: 1,
        stores: ['paris'],
        createdAt: START,
        startedAt: START,
        finishedAt: null,
      },
      [{ row: 1, request: draft().request }],
      null,
    )
    await ledger.batches.setWaiting(batch.id, WITHDRAWN)
    await ledger.batches.finish(finish(batch, START))
    const about = () => [...asked.keys()].filter((text) => /deliveries|webhooks/.test(text))
    expect(about()).toEqual([])
    const other = draft()
    await ledger.claim(other, null, [
      {
        webhook: 'erp',
        subject: other.id,
        revision: 1,
        type: 'cancellation.rejected',
        body: '{}',
        at: START,
      },
    ])
    expect(about().length).toBe(2)
  })

  it('what webhooks are owed is found by indexes, no more read than asked for', async () => {
    const { ledger, slow, sizes, forget } = watched()
    const { deliveries } = ledger
    const owed = (webhook: string, index: number, revision = 1, body: string | null = '{}') => ({
      webhook,
      subject: `can_${index}`,
      revision,
      type: 'cancellation.succeeded' as const,
      body,
      at: START + index,
    })
    const many = Array.from({ length: 300 }, (_, index) => index)
    await deliveries.owe(many.flatMap((index) => [owed('erp', index), owed('shop', index)]))
    for (const row of await deliveries.next('shop', 300))
      await deliveries.settle(row, 'delivered', '200', START)
    forget()
    expect((await deliveries.next('erp', 4)).length).toBe(4)
    await deliveries.owe([owed('erp', 7, 2), owed('erp', 8, 2, null)])
    await deliveries.of('can_7')
    await deliveries.owedOf('erp')
    await deliveries.saveHealth('erp', newHealth('https://erp.example'))
    await deliveries.health('erp')
    await deliveries.webhooks()
    expect(Math.max(...sizes)).toBe(4)
    await deliveries.replay('shop', START, START + 99)
    await deliveries.forget('erp')
    // Webhooks that have a health are as many as are configured.
    const few = /SCAN webhooks|TEMP B-TREE.* union select name/s
    expect(slow().filter((step) => !few.test(step))).toEqual([])
    expect(Math.max(...sizes)).toBe(100)
  })

  it.each([
    ['refused', {}, 'rejected'],
    ['canceled again with other words to the buyer', {}, 'succeeded'],
    ['transfers that are done', { target: 'transfer' }, 'succeeded'],
  ] as const)('an order’s claim reads no more after many that are %s', async (_, wish, status) => {
    const { ledger, sizes, forget } = watched()
    const ask = (index: number) =>
      become(
        draft({
          ...wish,
          orderId: 'one',
          notify: true,
          message: 'target' in wish ? '7' : `${index}`,
          at: START + index,
        }),
        status,
      )
    const first = await claim(ledger, ask(0))
    for (let index = 1; index < 300; index++) await ledger.claim(ask(index), null)
    forget()
    const { outcome, record } = await ledger.claim(
      draft({ ...wish, orderId: 'one', notify: true, message: '7' }),
      null,
    )
    expect(outcome).toBe(status === 'rejected' || 'target' in wish ? 'created' : 'deduplicated')
    if (outcome === 'deduplicated')
      expect([
        record.request.message,
        (await ledger.claim(draft({ orderId: 'one', notify: true, message: 'new' }), null)).record
          .request.message,
        first.id,
      ]).toEqual(['7', '299', first.id])
    expect(Math.max(...sizes)).toBeLessThan(5)
  })

  describe('a list that had to pause', () => {
    /** So many transfers of one order that a list of them pauses; then what is written at once. */
    const crowded = async () => {
      const found = watched()
      const made = await Promise.all(
        Array.from({ length: 3_000 }, (_, index) =>
          claim(found.ledger, {
            ...draft({
              store: `s${index % 2}`,
              orderId: 'one',
              target: 'transfer',
              at: START + index,
            }),
            status: 'succeeded',
            settledAt: START,
            wakeAt: null,
          }),
        ),
      )
      const last = await standing(
        found.ledger,
        { orderId: 'one', store: 's2', at: START - 1 },
        'rejected',
      )
      found.writeAtOnce()
      return { ...found, made, last }
    }
    const asked = query({ orderId: 'one', updatedAfter: 0, order: 'desc', limit: 3 })

    it('while a record moved is read again', async () => {
      const { ledger, made, last } = await crowded()
      const [listed] = await Promise.all([
        ledger.list(asked),
        ledger.save(become(last, 'accepted', START + 9_000)),
      ])
      expect(listed.map(({ id, status }) => [id, status])).toEqual([
        [last.id, 'accepted'],
        [made[2_999]?.id, 'succeeded'],
        [made[2_998]?.id, 'succeeded'],
      ])
    })

    it('while records were forgotten does not look for them', async () => {
      const { ledger, clock, made } = await crowded()
      clock.now += RECORD_LIFE_MS
      const [listed] = await Promise.all([ledger.list({ ...asked, order: 'asc' }), ledger.sweep()])
      const ids = new Set(made.map(({ id }) => id))
      expect(listed.map((record) => ids.has(record.id))).toEqual([true, true, true])
    })
  })

  it.each([false, true])(
    'forgets in portions, and others have their turn between them (written at once: %s)',
    async (isAtOnce) => {
      const { ledger, clock, transactions, forget } = watched(isAtOnce)
      await Promise.all(
        Array.from({ length: 450 }, (_, index) =>
          claim(ledger, become(draft(), 'succeeded'), key(`k${index}`)),
        ),
      )
      const { batch } = await ledger.batches.create(
        {
          id: 'bat_1',
          version: 1,
          status: 'running',
          caller: 'erp',
          total: 450,
          stores: ['paris'],
          createdAt: START,
          startedAt: START,
          finishedAt: null,
        },
        Array.from({ length: 450 }, (_, index) => ({ row: index + 1, request: draft().request })),
        null,
      )
      await ledger.batches.setWaiting(batch.id, WITHDRAWN)
      await ledger.batches.finish(finish(batch, START))
      clock.now += RECORD_LIFE_MS
      forget()
      let turns = 0
      const others = setInterval(() => {
        turns += 1
      }, 0)
      await ledger.sweep()
      clearInterval(others)
      expect([
        await ledger.list(query()),
        await ledger.batches.rows(batch.id, { limit: 9 }),
        await ledger.batches.tallies(batch.id),
      ]).toEqual([[], [], []])
      // Three kinds of 450, a hundred at a time.
      expect(transactions()).toBeGreaterThanOrEqual(15)
      expect(turns).toBeGreaterThan(9)
    },
  )

  it('a ledger that is closed amid a sweep has no fault to tell of', async () => {
    const { ledger, clock } = watched()
    await Promise.all(
      Array.from({ length: 250 }, () => claim(ledger, become(draft(), 'succeeded'))),
    )
    clock.now += RECORD_LIFE_MS
    const sweeping = ledger.sweep()
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
    await ledger.close()
    await expect(sweeping).resolves.toBeUndefined()
    await expect(ledger.sweep()).rejects.toThrow()
  })

  it('what is left of a batch when a sweep was cut off goes with the next', async () => {
    const { ledger, clock, file } = watched()
    const { batch } = await ledger.batches.create(
      {
        id: 'bat_1',
        version: 1,
        status: 'running',
        caller: 'erp',
        total: 250,
        stores: ['paris'],
        createdAt: START,
        startedAt: START,
        finishedAt: null,
      },
      Array.from({ length: 250 }, (_, index) => ({ row: index + 1, request: draft().request })),
      null,
    )
    await ledger.batches.setWaiting(batch.id, WITHDRAWN)
    await ledger.batches.finish(finish(batch, START))
    clock.now += RECORD_LIFE_MS
    file.run(
      'create trigger cut before delete on batch_rows when old.number = 150 begin select ' +
        "raise(abort, 'cut off'); end",
    )
    await expect(ledger.batches.sweep()).rejects.toThrow('cut off')
    expect([
      await ledger.batches.get(batch.id),
      (await ledger.batches.rows(batch.id, { limit: 999 })).length,
    ]).toEqual([null, 150])
    file.run('drop trigger cut')
    await ledger.batches.sweep()
    expect([
      await ledger.batches.rows(batch.id, { limit: 9 }),
      await ledger.batches.tallies(batch.id),
      file.all("select name from meta where name like 'forgotten%'"),
    ]).toEqual([[], [], []])
  })

  it('batches are counted by what is kept, and not by their rows', async () => {
    const { ledger, slow, sizes, forget } = watched()
    const { batch } = await ledger.batches.create(
      {
        id: 'bat_1',
        version: 1,
        status: 'running',
        caller: 'erp',
        total: 2_000,
        stores: ['paris'],
        createdAt: START,
        startedAt: START,
        finishedAt: null,
      },
      Array.from({ length: 2_000 }, (_, index) => ({ row: index + 1, request: draft().request })),
      null,
    )
    await ledger.batches.saveRows(await ledger.batches.take(batch.id, 'paris', 3))
    forget()
    expect(
      (await ledger.batches.tallies(batch.id)).reduce((sum, { count }) => sum + count, 0),
    ).toBe(2_000)
    expect(Math.max(...sizes)).toBe(2)
    await ledger.batches.rows(batch.id, { limit: 5 })
    await ledger.batches.rows(batch.id, { status: 'accepted', limit: 5, after: 7 })
    await ledger.batches.recent('paris', 5)
    await ledger.batches.list({ caller: 'erp', limit: 5 })
    await ledger.batches.list({ caller: null, limit: 5, after: 'x' })
    await ledger.batches.finish(finish(batch, START))
    expect(slow()).toEqual([])
  })
})
