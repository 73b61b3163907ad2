/** How a WooCommerce's list is read: from an hour before, and not where it is another. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { woocommerce } from './index.ts'

const T0 = Date.parse('2026-11-21T12:00:00Z')
const HOUR = 3_600_000
const time = { since: T0 + 250, until: T0 + 6 * HOUR }

const written = (ms: number) => new Date(ms).toISOString().slice(0, 19)
const row = (id: number, at: number, more: object = {}) => ({
  id,
  status: 'cancelled',
  date_modified_gmt: written(at),
  ...more,
})
const rows = (count: number, at: (index: number) => number, from = 1) =>
  Array.from({ length: count }, (_, index) => row(from + index, at(index)))

const listed = (page: unknown, total: number | null) =>
  Response.json(page, { headers: total === null ? {} : { 'x-wp-total': String(total) } })

/** A store whose lists are answered by these, in their order; the last one again and again. */
const open = (...pages: readonly unknown[]) => answered(pages.flat().length, ...pages)
const answered = (total: number | null, ...pages: readonly unknown[]) => {
  const asked: Record<string, string>[] = []
  const transport = fetchTransport(async (url) => {
    asked.push(Object.fromEntries(new URL(url).searchParams))
    return listed(pages[asked.length - 1] ?? pages.at(-1), total)
  })
  const settings = { baseUrl: 'https://shop.example', consumerKey: 'ck', consumerSecret: 'cs' }
  return { asked, ...openHarness(woocommerce, settings, transport) }
}

/** A shop that filters and cuts as WooCommerce does; that night its clock is set forward. */
const openShop = (
  all: readonly ReturnType<typeof row>[],
  { springAt = null, most = 100 }: { springAt?: number | null; most?: number } = {},
) => {
  let calls = 0
  const transport = fetchTransport(async (url) => {
    calls += 1
    const query = new URL(url).searchParams
    const asked = Date.parse(`${query.get('modified_after')}Z`)
    const isLeftOut = springAt !== null && asked >= springAt && asked < springAt + HOUR
    const after = isLeftOut ? asked + HOUR : asked
    const offset = Number(query.get('offset'))
    const found = all.filter(({ date_modified_gmt: at }) => Date.parse(`${at}Z`) > after)
    const size = Math.min(Number(query.get('per_page')), most)
    return listed(found.slice(offset, offset + size), found.length)
  })
  const settings = { baseUrl: 'https://shop.example', consumerKey: 'ck', consumerSecret: 'cs' }
  return { calls: () => calls, ...openHarness(woocommerce, settings, transport) }
}

it('asks in whole seconds of GMT without a zone, from an hour before', async () => {
  const { asked, store } = open([row(7, T0 + 1_000)])
  const swept = await sweepAll(store, time)
  expect(swept.orders).toEqual([{ id: '7', canceled: true, changedAt: T0 + 1_000 }])
  expect(asked).toEqual([
    {
      _fields: 'id,status,date_modified_gmt',
      dates_are_gmt: 'true',
      modified_after: '2026-11-21T10:59:59',
      offset: '0',
      order: 'asc',
      orderby: 'modified',
      per_page: '100',
      status: 'cancelled',
    },
  ])
})

it('tells nothing of before or after the time, and ends where that is past', async () => {
  const at = (index: number) => T0 - HOUR + index * 3 * 60_000 * 60
  const { asked, store } = open(rows(100, at))
  const swept = await sweepAll(store, time)
  expect(swept.orders.map(({ changedAt }) => changedAt)).toEqual([T0 + 2 * HOUR, T0 + 5 * HOUR])
  expect(asked).toHaveLength(1)
})

describe.each([
  ['spread over hours', 350, (index: number) => T0 + HOUR + index * 40_000],
  ['all of one second', 350, () => T0 + HOUR],
  ['many of an hour', 950, (index: number) => T0 + HOUR + index * 5_000],
  ['exactly a page', 100, (index: number) => T0 + HOUR + index * 1_000],
  ['exactly two pages of one second', 199, () => T0 + HOUR],
] as const)('orders %s', (_, count, at) => {
  it('are all told, in their order, and the list comes to an end', async () => {
    const shop = openShop(rows(count, at))
    const swept = await sweepAll(shop.store, time)
    expect(new Set(swept.canceled).size).toBe(count)
    const times = swept.orders.map(({ changedAt }) => changedAt)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(shop.calls()).toBeLessThanOrEqual(1 + Math.ceil(count / 99))
  })
})

it('shorter pages than were asked for are no end either', async () => {
  const shop = openShop(
    rows(45, () => T0 + HOUR),
    { most: 10 },
  )
  expect(new Set((await sweepAll(shop.store, time)).canceled).size).toBe(45)
})

// 02:30 of the night in which 02:00 becomes 03:00 is 03:30 to the site, though GMT was meant.
it.each([0, 1, 10, 30, 59, 60, 61, 119])(
  'nothing is left out of the hour that a spring leaves out, asked for %i minutes into it',
  async (minutes) => {
    const springAt = T0 + 2 * HOUR
    const all = rows(240, (index) => T0 + HOUR + index * 60_000)
    const { store } = openShop(all, { springAt })
    const since = springAt + minutes * 60_000
    const swept = await sweepAll(store, { since, until: T0 + 12 * HOUR })
    const meant = all.filter(({ date_modified_gmt: at }) => Date.parse(`${at}Z`) >= since)
    expect([...new Set(swept.canceled)]).toEqual(meant.map(({ id }) => String(id)))
  },
)

describe('it fails, and is not the end of the list,', () => {
  const full = rows(100, () => T0 + HOUR)
  /** More than the first page holds. */
  const TOTAL = 103
  it.each<[string, unknown[]]>([
    ['where the time is ignored', [[row(1, T0 - 2 * HOUR)]]],
    ['where the order is another', [[row(1, T0 + 2_000), row(2, T0 + 1_000)]]],
    ['where the list moved while it was read', [full, rows(3, () => T0 + HOUR, 101)]],
    ['where the offset is ignored', [full, full]],
    ['where the next page is empty', [full, []]],
    ['where a row has no time', [[row(1, T0 + 1_000, { date_modified_gmt: null })]]],
    [
      'where a row has a time with a zone',
      [[row(1, T0, { date_modified_gmt: '2026-11-21T13:00:00Z' })]],
    ],
    ['where a row has no status', [[row(1, T0 + 1_000, { status: undefined })]]],
    ['where it is wrapped', [{ orders: [] }]],
    ['where a page holds but the last of the one before', [full, [full.at(-1)], full]],
  ])('%s', (_, pages) =>
    expect(sweepAll(answered(TOTAL, ...pages).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    }),
  )
})

it.each([
  ['says how many there are', 0, true],
  ['does not', null, false],
])('an empty list that %s is the end of it: %s', async (_, total, isEnd) => {
  const swept = sweepAll(answered(total, []).store, time)
  if (isEnd) expect((await swept).orders).toEqual([])
  else await expect(swept).rejects.toMatchObject({ name: 'CallFailure' })
})

it('says of an order that is listed all the same that it is not canceled', async () => {
  const { store } = open([row(1, T0 + 1_000, { status: 'processing' })])
  expect((await sweepAll(store, time)).orders).toMatchObject([{ id: '1', canceled: false }])
})
