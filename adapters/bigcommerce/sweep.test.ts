/** BigCommerce's list: a frozen time by rising ids, and what is no list of that. */
import { describe, expect, it } from 'vitest'
import { openHarness, sweepAll } from '../../src/testing/index.ts'
import { fetchTransport } from '../../src/connection/transport.ts'
import { bigcommerce } from './index.ts'

const SINCE = Date.parse('2026-11-24T10:00:00Z')
const HOUR = 3_600_000
const TIME = { since: SINCE, until: SINCE + HOUR }

const rfc = (at: number) => new Date(at).toUTCString().replace('GMT', '+0000')
const row = (id: number, at = SINCE + 60_000, status_id = 5) => ({
  id,
  status_id,
  date_modified: rfc(at),
})
const rows = (count: number, first = 1) =>
  Array.from({ length: count }, (_, one) => row(first + one))

/** Pages as a platform answers them; every query is kept. */
const sweeping = (
  pages: (query: URLSearchParams) => readonly object[],
  none = () => new Response(null, { status: 204 }),
) => {
  const queries: Record<string, string>[] = []
  const { store } = openHarness(
    bigcommerce,
    { storeHash: 'k9acme', accessToken: 'case-token-1234' },
    fetchTransport(async (url) => {
      const { searchParams } = new URL(url)
      queries.push(Object.fromEntries(searchParams))
      const page = pages(searchParams)
      return page.length === 0 ? none() : Response.json(page)
    }),
  )
  return { queries, sweep: (time = TIME) => sweepAll(store, time) }
}

/** A list of these orders; `size`: the longest page that it gives. */
const listOf =
  (all: readonly { id: number }[], size = 250, isInclusive = true) =>
  (query: URLSearchParams) => {
    const from = Number(query.get('min_id') ?? 0)
    const found = all.filter(({ id }) => (isInclusive ? id >= from : id > from))
    return found.slice(0, Math.min(size, Number(query.get('limit'))))
  }

describe('a sweep', () => {
  it('asks for what was canceled in a time, a second more at both ends, by id', async () => {
    const { queries, sweep } = sweeping(() => [])
    expect(await sweep({ since: SINCE + 1, until: SINCE + 1_500 })).toMatchObject({ orders: [] })
    expect(queries).toEqual([
      {
        min_date_modified: '2026-11-24T09:59:59.000+00:00',
        max_date_modified: '2026-11-24T10:00:03.000+00:00',
        status_id: '5',
        sort: 'id:asc',
        limit: '100',
      },
    ])
  })

  it.each([
    ['its first', 250, true],
    ['none of it', 250, false],
    ['a size of its own', 50, true],
  ])('reads every page where %s comes again', async (_, size, isInclusive) => {
    const { sweep, queries } = sweeping(listOf(rows(230), size, isInclusive))
    const { canceled } = await sweep()
    expect(canceled).toHaveLength(230)
    expect(new Set(canceled).size).toBe(230)
    expect(queries[1]?.['min_id']).toBe(String(Math.min(size, 100)))
  })

  it.each([200, 202, 203])('takes nothing under %i for no empty list', async (status) => {
    const { sweep } = sweeping(
      () => [],
      () => new Response('', { status }),
    )
    await expect(sweep()).rejects.toMatchObject({ name: 'CallFailure' })
  })

  it('leaves out what the margin brought, and tells of other states', async () => {
    const { sweep } = sweeping(
      listOf([
        row(1, SINCE - 1_000),
        row(2, SINCE),
        row(3, SINCE, 11),
        row(4, SINCE + HOUR + 1_000),
      ]),
    )
    expect((await sweep()).orders).toEqual([
      { id: '2', canceled: true, changedAt: SINCE },
      { id: '3', canceled: false, changedAt: SINCE },
    ])
  })

  it.each([
    ['orders of other times', () => [row(1, SINCE - 2_000)]],
    ['orders of later times', () => [row(1), row(2, SINCE + HOUR + 2_000)]],
    ['orders by falling ids', () => [row(2), row(1)]],
    ['an order twice', () => [row(2), row(2)]],
    ['the first page again', () => rows(100)],
    ['an order without a time', () => [{ id: 1, status_id: 5 }]],
    ['a time of another form', () => [{ ...row(1), date_modified: '2026-11-24' }]],
    ['an order without a status', () => [{ ...row(1), status_id: undefined }]],
  ])('fails on %s', async (_, pages) => {
    await expect(sweeping(pages).sweep()).rejects.toMatchObject({ name: 'CallFailure' })
  })
})
