/** How an Odoo's list is read: by key, a second to its end, and not where it is another list. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { odoo } from './index.ts'

const T0 = Date.parse('2026-11-29T00:00:00.000Z')
const time = { since: T0, until: T0 + 86_400_000 }
const at = (second: number) =>
  new Date(T0 + second * 1_000).toISOString().slice(0, 19).replace('T', ' ')
const row = (id: number, second: number) => ({ id, state: 'cancel', write_date: at(second) })
const rowsOf = (count: number, second: (index: number) => number, first = 1) =>
  Array.from({ length: count }, (_, index) => row(first + index, second(index)))

/** A store whose searches are answered by these, one after the other. */
const open = (pages: readonly unknown[], more: object = {}) => {
  const asked: any[] = []
  const transport = fetchTransport(async (_, init) => {
    asked.push(JSON.parse(String(init.body)))
    return Response.json(pages[asked.length - 1] ?? pages.at(-1))
  })
  const settings = {
    baseUrl: 'https://odoo.example',
    database: 'acme',
    version: '19',
    apiKey: 'k',
    ...more,
  }
  return { asked, ...openHarness(odoo, settings, transport) }
}

it('asks by state and time of change, of its company', async () => {
  const { asked, store } = open([[row(4, 1), row(2, 9)]], { company: 3 })
  const swept = await sweepAll(store, { since: T0 + 900, until: T0 + 9_500 })
  expect(asked).toEqual([
    {
      domain: [
        ['write_date', '>=', '2026-11-29 00:00:00'],
        ['state', '=', 'cancel'],
        ['company_id', '=', 3],
      ],
      fields: ['state', 'write_date'],
      order: 'write_date, id',
      limit: 100,
    },
  ])
  expect(swept.orders).toEqual([
    { id: '4', canceled: true, changedAt: T0 + 1_000 },
    { id: '2', canceled: true, changedAt: T0 + 9_000 },
  ])
})

describe('a page that is full', () => {
  it('has its last second read again to its end, by id, and goes on behind it', async () => {
    // Within one second the server sorts by what it does not tell.
    const first = [...rowsOf(60, () => 4, 500), ...rowsOf(40, () => 5, 900)]
    const whole = rowsOf(100, () => 5, 800)
    const { asked, store } = open([first, whole, [row(950, 5)], [row(3, 6)]])
    const swept = await sweepAll(store, time)
    expect(new Set(swept.canceled).size).toBe(60 + 40 + 100 + 1 + 1)
    expect(asked.map(({ domain, order }) => [order, ...domain.slice(0, -1)])).toEqual([
      ['write_date, id', ['write_date', '>=', at(0)]],
      ['id', ['write_date', '>=', at(5)], ['write_date', '<', at(6)]],
      ['id', ['write_date', '>=', at(5)], ['write_date', '<', at(6)], ['id', '>', 899]],
      ['write_date, id', ['write_date', '>=', at(6)]],
    ])
    const times = swept.orders.map(({ changedAt }) => changedAt)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  it('is the last where what follows is of another time', async () => {
    const { asked, store } = open([rowsOf(100, (index) => index)])
    const { orders } = await sweepAll(store, { since: T0, until: T0 + 9_000 })
    expect(orders).toHaveLength(10)
    expect(asked).toHaveLength(1)
  })

  it('ends with its second where that is the last one asked for', async () => {
    const { asked, store } = open([rowsOf(100, () => 9), rowsOf(3, () => 9)])
    await sweepAll(store, { since: T0, until: T0 + 9_999 })
    expect(asked).toHaveLength(2)
  })
})

describe('a list that is another than was asked for', () => {
  const refused = (...pages: unknown[]) =>
    expect(sweepAll(open(pages).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })
  const full = rowsOf(100, () => 5)

  it('holds orders of before: the time was ignored', () => refused([row(1, -1)]))
  it('falls: the order was ignored', () => refused([row(1, 2), row(2, 1)]))
  it('holds another second than the one that is read', () => refused(full, [row(1, 6)]))
  it('is the same page again: the key was ignored', () => refused(full))
  it.each([
    ['without a time', { write_date: false }],
    ['with a time in a form that is none', { write_date: '2026-11-29T00:00:05Z' }],
    ['with a day that is none', { write_date: '2026-02-31 00:00:05' }],
    ['with a state that is none', { state: false }],
    ['without an id', { id: false }],
  ])('has an order %s', (_, more) => refused([{ ...row(1, 5), ...more }]))
})

it('an empty list is one where nothing is counted either', async () => {
  const { asked, store } = open([[], 0])
  expect((await sweepAll(store, time)).orders).toEqual([])
  expect(asked[1]).toEqual({ domain: asked[0].domain })
  for (const count of [1, [], null, false])
    await expect(sweepAll(open([[], count]).store, time), String(count)).rejects.toMatchObject({
      name: 'CallFailure',
    })
})

it('an order in another state is told as not canceled, whatever was asked for', async () => {
  const { store } = open([[{ ...row(1, 5), state: 'draft' }]])
  expect((await sweepAll(store, time)).orders).toEqual([
    { id: '1', canceled: false, changedAt: T0 + 5_000 },
  ])
})
