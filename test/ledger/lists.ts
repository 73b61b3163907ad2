/**
 * Lists: every filter, both orders, both times; and pages that stay stable whatever is written
 * meanwhile.
 */
import { expect, it } from 'vitest'
import { awaited, awaitsApproval } from '../../src/model/approval.ts'
import type { Ledger, Query } from '../../src/ledger/port.ts'
import { type Cancellation, ORIGINS, type Status, STATUSES } from '../../src/model/cancellation.ts'
import {
  become,
  claim,
  DAY,
  draft,
  everything,
  ids,
  type Open,
  query,
  save,
  setUp,
  standing,
  START,
} from './records.ts'

const timeOf = (record: Cancellation, { updatedAfter }: Query) =>
  updatedAfter === undefined ? record.createdAt : record.updatedAt

/** All pages of a query; `between` is done after each. */
const pages = async (
  ledger: Ledger,
  asked: Query,
  between: (page: number) => Promise<void> = async () => {},
): Promise<Cancellation[]> => {
  const found: Cancellation[] = []
  for (let after = asked.after, page = 0; ; page++) {
    const records = await ledger.list({ ...asked, after })
    expect(records.length).toBeLessThanOrEqual(asked.limit)
    found.push(...records)
    const last = records.at(-1)
    if (!last || records.length < asked.limit) return found
    if (found.length > 5_000) throw new Error('the pages have no end')
    after = { at: timeOf(last, asked), id: last.id }
    await between(page)
  }
}

/** What a query means, said plainly. */
const expected = (records: readonly Cancellation[], asked: Query): string[] =>
  ids(
    records
      .filter(
        ({ request, status, origin, link, reopenedAt, approval, createdAt, updatedAt }) =>
          (asked.stores === null || asked.stores.includes(request.store)) &&
          (asked.orderId ?? request.orderId) === request.orderId &&
          (asked.status ?? status) === status &&
          (asked.reference === undefined || asked.reference === request.reference) &&
          (asked.origin === undefined || asked.origin === (origin ?? 'caller')) &&
          (asked.link === undefined || asked.link === link) &&
          (asked.reopened === undefined || reopenedAt !== undefined) &&
          (asked.approval === undefined || awaitsApproval({ status, approval })) &&
          createdAt > (asked.createdAfter ?? -1) &&
          createdAt < (asked.createdBefore ?? Infinity) &&
          updatedAt > (asked.updatedAfter ?? -1),
      )
      .sort(
        (a, b) =>
          (timeOf(a, asked) - timeOf(b, asked) || (a.id < b.id ? -1 : 1)) *
          (asked.order === 'asc' ? 1 : -1),
      ),
  )

const FILTERS: readonly Partial<Query>[] = [
  {},
  { stores: [] },
  { stores: ['s0'] },
  { stores: ['s1', 's2'] },
  { stores: ['s2', 's2', 'none'] },
  { orderId: 'o3' },
  { orderId: 'none' },
  { reference: 'r1' },
  { reference: '' },
  ...ORIGINS.map((origin) => ({ origin })),
  { origin: 'caller', stores: ['s0', 's2'] },
  { origin: 'platform', stores: ['s1'], status: 'succeeded' },
  { origin: 'link', reference: 'r1' },
  { link: 'SO-1' },
  { link: 'none' },
  { link: 'SO-1', origin: 'platform' },
  { link: 'SO-1', origin: 'caller', stores: ['s0', 's1'] },
  { reopened: true },
  { reopened: true, stores: ['s1', 's2'], createdAfter: START + 1 },
  { reopened: true, link: 'SO-1' },
  { reopened: true, origin: 'caller', reference: 'r1' },
  { approval: 'awaited' },
  { approval: 'awaited', stores: ['s1'], createdAfter: START + 1 },
  { approval: 'awaited', status: 'accepted', origin: 'caller', reference: 'r1' },
  { approval: 'awaited', status: 'rejected' },
  { approval: 'awaited', reopened: true },
  ...STATUSES.map((status) => ({ status })),
  { createdAfter: START + 4 },
  { createdBefore: START + 4 },
  { createdAfter: START + 2, createdBefore: START + 6 },
  { createdAfter: START + 6, createdBefore: START + 2 },
  { stores: ['s0'], status: 'succeeded' },
  { stores: ['s0', 's1'], status: 'rejected', createdAfter: START + 1 },
  { stores: ['s1'], orderId: 'o4', reference: 'r1' },
  { orderId: 'o4', status: 'in_doubt' },
  { reference: 'r0', createdBefore: START + 7, status: 'succeeded' },
]

export const testLists = (open: Open): void => {
  it('finds what every filter asks for, in order, page by page', async () => {
    const { ledger, other } = await setUp(open)
    const records: Cancellation[] = []
    for (let index = 0; index < 90; index++) {
      const record = await claim(ledger, {
        ...draft({
          store: `s${index % 3}`,
          orderId: `o${index % 7}`,
          target: 'transfer',
          at: START + ((index * 5) % 9),
          reference: index % 4 === 0 ? null : `r${index % 2}`,
          restock: null,
          notify: null,
          message: `${index}`,
        }),
        origin: ([undefined, undefined, 'platform', 'link'] as const)[(index >> 1) % 4],
        link: index % 5 === 1 ? `SO-${index % 2}` : undefined,
      })
      records.push(
        await save(ledger, {
          ...become(record, index % 5 === 0 ? 'rejected' : 'succeeded'),
          // Some were open again, and one of these was canceled once more.
          reopenedAt: index % 5 > 0 && index % 4 === 0 ? START + 20 : undefined,
          updatedAt: START + ((index * 7) % 11),
        }),
      )
    }
    const again = records[4] as Cancellation
    expect(again.reopenedAt).toBe(START + 20)
    records[4] = await save(ledger, { ...again, reopenedAt: undefined })
    // Settled transfers stand in nobody's way, so the orders have records of many statuses.
    const kinds: readonly Status[] = ['accepted', 'sending', 'in_doubt', 'needs_attention']
    for (const [index, status] of kinds.entries()) {
      const record = await claim(
        ledger,
        draft({ store: 's1', orderId: `o${3 + index}`, reference: 'r1', at: START + 3 }),
      )
      records.push(await save(ledger, become(record, status, START + 3 + index)))
    }
    // Some wait for approval from the first, or again; others have it, or ended without.
    for (let index = 0; index < 12; index++) {
      const at = START + (index % 5)
      const made = draft({ store: `s${index % 3}`, orderId: `a${index}`, reference: 'r1', at })
      const record = await claim(ledger, { ...made, approval: awaited })
      const status = index % 4 === 1 ? 'rejected' : 'accepted'
      const state = index % 4 === 2 ? 'given' : 'awaited'
      const ended = { ...become(record, status, at + 1), approval: { ...awaited, state } as const }
      const last = index % 4 === 0 ? record : await save(ledger, ended)
      records.push(index === 5 ? await save(ledger, { ...become(last, 'accepted', at + 2) }) : last)
    }
    for (const filter of FILTERS) {
      for (const order of ['asc', 'desc'] as const) {
        for (const updatedAfter of [undefined, START - 1, START + 3]) {
          for (const limit of [1, 7, 100]) {
            const asked = query({ ...filter, order, limit, updatedAfter })
            if (limit === 1 && filter.stores === undefined) continue
            expect(ids(await pages(other, asked)), JSON.stringify(asked)).toEqual(
              expected(records, asked),
            )
          }
        }
      }
    }
  })

  it.each([
    ['asc', false],
    ['desc', false],
    ['asc', true],
    ['desc', true],
  ] as const)(
    '%s, by update %s: what does not change is met exactly once, whatever is written meanwhile',
    async (order, byUpdate) => {
      const { ledger, other } = await setUp(open)
      const still: string[] = []
      const moving: Cancellation[] = []
      for (let index = 0; index < 40; index++) {
        const record = await claim(ledger, draft({ at: START + Math.floor(index / 3) * 10 }))
        if (index % 2 === 0) still.push(record.id)
        else moving.push(record)
      }
      const found = await pages(
        ledger,
        query({ order, limit: 3, updatedAfter: byUpdate ? 0 : undefined }),
        async (page) => {
          // Before, after and amid what is being read; and records move, settle and change their
          // times.
          for (const at of [
            START - page - 1,
            START + page * 10 + 1,
            START + page * 10 + 5,
            START + 9_000 + page,
          ])
            await claim(other, draft({ at }))
          const some = moving.splice(0, 2)
          await Promise.all(
            some.map((record, index) =>
              other.save(
                become(record, index ? 'succeeded' : 'sending', START + ((page * 37) % 150) + 5),
              ),
            ),
          )
        },
      )
      const seen = ids(found).filter((id) => still.includes(id))
      expect(seen).toEqual(order === 'asc' ? still : still.toReversed())
    },
  )

  it('goes on from a record that has meanwhile moved or was forgotten', async () => {
    const { ledger, clock } = await setUp(open)
    const records = []
    for (let index = 0; index < 6; index++)
      records.push(await standing(ledger, { at: START + (index < 3 ? 0 : 1) }, 'succeeded'))
    const [first, second, third, fourth, fifth, sixth] = records as [
      Cancellation,
      Cancellation,
      Cancellation,
      Cancellation,
      Cancellation,
      Cancellation,
    ]
    await save(ledger, { ...second, updatedAt: START + 50 })
    const by = (asked: Partial<Query>) => ledger.list(query(asked)).then(ids)
    expect(await by({ updatedAfter: 0, after: { at: START, id: second.id } })).toEqual([
      third.id,
      fourth.id,
      fifth.id,
      sixth.id,
      second.id,
    ])
    expect(
      await by({ updatedAfter: 0, order: 'desc', after: { at: START, id: second.id } }),
    ).toEqual([first.id])
    clock.now += 401 * DAY
    await save(ledger, { ...((await ledger.get(first.id)) as Cancellation), settledAt: clock.now })
    await save(ledger, { ...((await ledger.get(third.id)) as Cancellation), settledAt: clock.now })
    await ledger.sweep()
    expect(await by({ after: { at: START, id: second.id } })).toEqual([third.id])
    expect(await by({ order: 'desc', after: { at: START, id: second.id } })).toEqual([first.id])
    expect(await by({ order: 'desc', after: { at: START + 1, id: fifth.id } })).toEqual([
      third.id,
      first.id,
    ])
  })

  it('a place outside the asked times does not widen them', async () => {
    const { ledger } = await setUp(open)
    const records = []
    for (let index = 0; index < 5; index++)
      records.push((await claim(ledger, draft({ at: START + index }))).id)
    const between = { createdAfter: START, createdBefore: START + 4 }
    expect(ids(await ledger.list(query({ ...between, after: { at: 0, id: 'x' } })))).toEqual(
      records.slice(1, 4),
    )
    expect(
      ids(
        await ledger.list(query({ ...between, order: 'desc', after: { at: START + 99, id: 'x' } })),
      ),
    ).toEqual(records.slice(1, 4).toReversed())
  })

  it('thousands made in one moment are paged like any, and a filter finds the few', async () => {
    const { ledger } = await setUp(open)
    const records = await Promise.all(
      Array.from({ length: 2_400 }, (_, index) =>
        claim(
          ledger,
          draft({ store: index % 2 ? 'odd' : 'even', reference: index % 800 === 1 ? 'few' : null }),
        ),
      ),
    )
    const done = records.filter(({ request }) => request.store === 'odd').slice(1_000)
    await Promise.all(done.map((record) => ledger.save(become(record, 'succeeded', START + 1))))
    for (const order of ['asc', 'desc'] as const) {
      const inOrder = (some: readonly Cancellation[]) =>
        order === 'asc' ? ids(some) : ids(some).toReversed()
      expect(ids(await pages(ledger, query({ order, limit: 700 })))).toEqual(inOrder(records))
      expect(
        ids(
          await pages(ledger, query({ order, limit: 150, stores: ['odd'], status: 'succeeded' })),
        ),
      ).toEqual(inOrder(done))
      expect(await ledger.list(query({ order, stores: ['even'], status: 'succeeded' }))).toEqual([])
      expect(
        await ledger.list(
          query({ order, stores: ['even'], createdBefore: START, updatedAfter: 0 }),
        ),
      ).toEqual([])
      expect(
        ids(await pages(ledger, query({ order, limit: 2, stores: ['odd'], reference: 'few' }))),
      ).toEqual(inOrder([records[1], records[801], records[1601]] as Cancellation[]))
    }
    expect((await everything(ledger)).length).toBe(2_400)
  })
}
