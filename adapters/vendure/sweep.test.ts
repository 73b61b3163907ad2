/** How a Vendure's list is read: by key, through equal times, and not where it is another list. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { vendure } from './index.ts'

const T0 = Date.parse('2026-11-30T12:00:00.000Z')
const time = { since: T0, until: T0 + 3_600_000 }
const iso = (ms: number) => new Date(ms).toISOString()
const row = (id: number, ms: number) => ({
  id: String(id),
  state: 'Cancelled',
  updatedAt: iso(T0 + ms),
})
type Row = ReturnType<typeof row>
const rowsOf = (count: number, ms: (index: number) => number): Row[] =>
  Array.from({ length: count }, (_, index) => row(index + 1, ms(index)))

/** A store whose every list is answered by this; what was asked for is kept. */
const open = (answer: (options: any) => unknown) => {
  const asked: any[] = []
  const transport = fetchTransport(async (_, init) => {
    const { options } = JSON.parse(String(init.body)).variables
    asked.push(options)
    return Response.json({ data: { orders: { items: answer(options) } } })
  })
  const settings = { baseUrl: 'https://vendure.example', apiKey: 'key' }
  return { asked, ...openHarness(vendure, settings, transport) }
}

/** Vendure's list of these orders, ties as they stand. */
const listOf =
  (rows: readonly Row[]) =>
  ({ skip, take, filter }: any) => {
    const { start, end } = filter.updatedAt.between
    const found = rows.filter(({ updatedAt }) => updatedAt >= start && updatedAt <= end)
    return found.slice(skip, skip + take)
  }

it('reads what was recorded', async () => {
  const { exchanges } = JSON.parse(
    readFileSync(new URL('recordings/sweep.json', import.meta.url), 'utf8'),
  )
  const [, , first, second] = exchanges
  const pages = [first, second].map(({ response }) => response.body.data.orders.items as Row[])
  const { store, asked } = open(() => pages[0])
  const swept = await sweepAll(store, { since: 0, until: Date.parse('2027-01-01T00:00:00Z') })
  expect(swept.canceled).toEqual(pages[0]?.map(({ id }) => id))
  expect(Object.keys(asked[0])).toEqual(Object.keys(first.request.body.variables.options))
  // The pages of one list go on where the one before ended.
  const times = pages.flat().map(({ updatedAt }) => updatedAt)
  expect(times).toEqual(times.toSorted())
})

describe('a page', () => {
  it('begins at the time with which the one before ended', async () => {
    const rows = rowsOf(120, (index) => index)
    const { asked, store } = open(listOf(rows))
    expect((await sweepAll(store, time)).canceled).toEqual(rows.map(({ id }) => id))
    expect(asked).toEqual(
      [0, 99].map((ms) => ({
        skip: 0,
        take: 100,
        filter: {
          state: { eq: 'Cancelled' },
          updatedAt: { between: { start: iso(T0 + ms), end: iso(time.until + 1) } },
        },
        sort: { updatedAt: 'ASC' },
      })),
    )
  })

  it('of one time alone is followed by what else is of that time', async () => {
    const rows = [...rowsOf(250, () => 5), row(251, 6)]
    const { asked, store } = open(listOf(rows))
    const { orders } = await sweepAll(store, time)
    expect(new Set(orders.map(({ id }) => id)).size).toBe(251)
    expect(asked.map(({ skip }) => skip)).toEqual([0, 100, 200])
  })

  it('holds the last millisecond that was asked for, and nothing behind it', async () => {
    const { store } = open(listOf([row(1, 9), row(2, 10)]))
    const { orders } = await sweepAll(store, { since: T0, until: T0 + 9 })
    expect(orders).toEqual([{ id: '1', canceled: true, changedAt: T0 + 9 }])
  })
})

describe('a list that is another than was asked for', () => {
  const refused = (answer: Parameters<typeof open>[0]) =>
    expect(sweepAll(open(answer).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })

  it('holds orders of before: the time was ignored', () => refused(() => [row(1, -1)]))
  it('falls, as by id: the order was ignored', () => refused(() => [row(1, 2), row(2, 1)]))
  it('is the same page again: the key was ignored', () => refused(() => rowsOf(100, () => 5)))
  it.each([
    ['without a time', { updatedAt: null }],
    ['with a time that is none', { updatedAt: 'yesterday' }],
    ['with a state that is none', { state: null }],
    ['without an id', { id: null }],
  ])('has an order %s', (_, more) => refused(() => [{ ...row(1, 5), ...more }]))
})

it('an order in another state is told as not canceled, whatever was asked for', async () => {
  const { store } = open(() => [{ ...row(1, 5), state: 'PaymentSettled' }])
  expect((await sweepAll(store, time)).orders).toEqual([
    { id: '1', canceled: false, changedAt: T0 + 5 },
  ])
})
