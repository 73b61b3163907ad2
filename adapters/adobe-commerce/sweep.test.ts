/** How the list of an Adobe Commerce is read: by key, and not where it is another list. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { adobeCommerce } from './index.ts'

const T0 = Date.parse('2026-11-29T00:00:00Z')
const time = { since: T0, until: T0 + 86_400_000 }
const at = (seconds: number) =>
  new Date(T0 + seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ')
const row = (id: number, seconds: number) => ({
  entity_id: id,
  state: 'canceled',
  updated_at: at(seconds),
})
const rowsOf = (count: number, seconds: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => row(index + 1, seconds(index)))

/** A store whose searches are answered by these, one after the other. */
const open = (...pages: { items: object[]; total_count: number }[]) => {
  const asked: Record<string, string>[] = []
  const transport = fetchTransport(async (url) => {
    asked.push(Object.fromEntries(new URL(url).searchParams))
    return Response.json(pages[asked.length - 1] ?? pages.at(-1))
  })
  const settings = { baseUrl: 'https://shop.example.com', token: 'case-token' }
  return { asked, ...openHarness(adobeCommerce, settings, transport) }
}
const page = (items: object[], total = items.length) => ({ items, total_count: total })

const GROUP = (g: number, f = 0) => `searchCriteria[filter_groups][${g}][filters][${f}]`
const filter = (name: string, field: string, value: string, condition: string) => ({
  [`${name}[field]`]: field,
  [`${name}[value]`]: value,
  [`${name}[condition_type]`]: condition,
})
const COMMON = {
  ...filter(GROUP(1), 'state', 'canceled', 'eq'),
  'searchCriteria[sortOrders][0][field]': 'updated_at',
  'searchCriteria[sortOrders][0][direction]': 'ASC',
  'searchCriteria[sortOrders][1][field]': 'entity_id',
  'searchCriteria[sortOrders][1][direction]': 'ASC',
  'searchCriteria[pageSize]': '100',
  fields: 'items[entity_id,state,updated_at],total_count',
}

describe('a page', () => {
  it('goes on behind the last row of the one before, whatever shares its time', async () => {
    const { asked, store } = open(
      page(
        rowsOf(100, () => 5),
        102,
      ),
      page([row(101, 5), row(102, 6)]),
    )
    const swept = await sweepAll(store, time)
    expect(swept.canceled).toHaveLength(102)
    expect(swept.orders[0]).toEqual({ id: '1', canceled: null, changedAt: T0 + 5_000 })
    expect(asked).toEqual([
      { ...COMMON, ...filter(GROUP(0), 'updated_at', '2026-11-29 00:00:00', 'gteq') },
      {
        ...COMMON,
        ...filter(GROUP(0), 'updated_at', '2026-11-29 00:00:05', 'gteq'),
        ...filter(GROUP(2, 0), 'updated_at', '2026-11-29 00:00:05', 'gt'),
        ...filter(GROUP(2, 1), 'entity_id', '100', 'gt'),
      },
    ])
  })

  it('is not the last where a server gives fewer than were asked for', async () => {
    const { asked, store } = open(page([row(1, 1)], 2), page([row(2, 2)]))
    expect((await sweepAll(store, time)).canceled).toEqual(['1', '2'])
    expect(asked).toHaveLength(2)
  })

  it('is the last where what follows is of another time', async () => {
    const { asked, store } = open(
      page(
        rowsOf(100, (index) => index),
        500,
      ),
    )
    const { orders } = await sweepAll(store, { since: T0, until: T0 + 9_000 })
    expect(orders).toHaveLength(10)
    expect(asked).toHaveLength(1)
  })

  it('holds the whole of the seconds in which the time begins and ends', async () => {
    const { asked, store } = open(page([row(1, 1), row(2, 3)]))
    const swept = await sweepAll(store, { since: T0 + 1_500, until: T0 + 2_500 })
    expect(swept.canceled).toEqual(['1', '2'])
    expect(asked[0]?.[`${GROUP(0)}[value]`]).toBe('2026-11-29 00:00:01')
  })
})

describe('a list that is another than was asked for', () => {
  const refused = (...pages: { items: object[]; total_count: number }[]) =>
    expect(sweepAll(open(...pages).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })
  const full = page(
    rowsOf(100, () => 5),
    200,
  )

  it('holds orders of before: the time was ignored', () => refused(page([row(1, -1)])))
  it('falls: the order was ignored', () => refused(page([row(1, 2), row(2, 1)])))
  // As it comes for a page beyond the last (magento2#3787, 26986).
  it('is the same page again: the key was ignored', () => refused(full, full))
  it('begins within the page before', () => refused(full, page([row(100, 5), row(101, 6)], 2)))
  it('is empty, and says that there are more', () => refused(page([], 3)))
  it.each([
    ['without a time', { updated_at: null }],
    ['with another form of a time', { updated_at: '2026-11-29T00:00:05Z' }],
    ['with a time that is none', { updated_at: '2026-02-31 00:00:05' }],
    ['with a state that is none', { state: null }],
    ['without an id', { entity_id: null }],
  ])('has an order %s', (_, more) => refused(page([{ ...row(1, 5), ...more }])))
  it('does not say how many there are', () =>
    refused({ items: [row(1, 5)] } as unknown as ReturnType<typeof page>))
})

it('an order in another state is told as not canceled, whatever was asked for', async () => {
  const { store } = open(page([{ ...row(1, 5), state: 'processing' }]))
  expect((await sweepAll(store, time)).orders).toEqual([
    { id: '1', canceled: false, changedAt: T0 + 5_000 },
  ])
})
