/** How a shop's list is read: by key, through equal times, and not where it is another list. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { shopware } from './index.ts'

const T0 = Date.parse('2026-11-21T12:00:00.000Z')
const time = { since: T0, until: T0 + 3_600_000 }
const iso = (ms: number) => new Date(ms).toISOString().replace('Z', '+00:00')
const stored = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
const row = (index: number, at: number, more: object = {}) => ({
  id: index.toString(16).padStart(32, '0'),
  updatedAt: iso(at),
  stateMachineState: { technicalName: 'cancelled' },
  ...more,
})
type Row = ReturnType<typeof row>

/** A store whose every list is answered by this; what was asked for is kept. */
const open = (answer: (criteria: any) => readonly object[]) => {
  const asked: any[] = []
  const transport = fetchTransport(async (url, init) => {
    if (url.endsWith('/oauth/token')) return Response.json({ access_token: 'token-1' })
    const criteria = JSON.parse(String(init.body))
    asked.push(criteria)
    const data = answer(criteria)
    return Response.json({ total: data.length, data })
  })
  const settings = { baseUrl: 'https://shop.example', accessKeyId: 'SWIA', secretAccessKey: 'x' }
  return { asked, ...openHarness(shopware, settings, transport) }
}

/** The shop's list of these orders. */
const listOf = (rows: readonly Row[]) => (criteria: any) => {
  const { gte } = criteria.filter[0].parameters
  const found = rows
    .filter(({ updatedAt }) => stored(Date.parse(updatedAt)) >= gte)
    .toSorted((a, b) => (a.updatedAt + a.id < b.updatedAt + b.id ? -1 : 1))
  return found.slice((criteria.page - 1) * criteria.limit, criteria.page * criteria.limit)
}

const pagesOf = (asked: any[]) =>
  asked.map(({ page, filter }) => `${filter[0].parameters.gte} ${page}`)

it('asks for what is canceled, by the time as the database keeps it', async () => {
  const { asked, store } = open(listOf([row(1, T0 + 5)]))
  expect((await sweepAll(store, time)).orders).toEqual([
    { id: row(1, 0).id, canceled: true, changedAt: T0 + 5 },
  ])
  expect(asked).toEqual([
    {
      limit: 100,
      page: 1,
      filter: [
        { type: 'range', field: 'updatedAt', parameters: { gte: '2026-11-21 12:00:00.000' } },
        { type: 'equals', field: 'stateMachineState.technicalName', value: 'cancelled' },
      ],
      sort: [
        { field: 'updatedAt', order: 'ASC' },
        { field: 'id', order: 'ASC' },
      ],
      associations: { stateMachineState: {} },
      includes: {
        order: ['id', 'versionId', 'updatedAt', 'stateMachineState'],
        state_machine_state: ['technicalName'],
      },
    },
  ])
})

describe('a page', () => {
  it('begins at the time with which the one before ended', async () => {
    const rows = Array.from({ length: 250 }, (_, index) => row(index, T0 + index))
    const { asked, store } = open(listOf(rows))
    expect((await sweepAll(store, time)).canceled).toEqual(rows.map(({ id }) => id))
    expect(pagesOf(asked)).toEqual([0, 99, 198].map((ms) => `${stored(T0 + ms)} 1`))
  })

  it.each([99, 100, 101, 199, 200, 201, 250])(
    'of one time alone is followed by others of that time: %i orders',
    async (count) => {
      const rows = [
        row(0, T0),
        ...Array.from({ length: count }, (_, index) => row(index + 1, T0 + 1)),
        row(9_999, T0 + 2),
      ]
      const { store } = open(listOf(rows))
      const { canceled, orders } = await sweepAll(store, time)
      expect([...canceled].sort()).toEqual(rows.map(({ id }) => id).sort())
      expect(orders).toHaveLength(rows.length)
    },
  )

  it('is full of one time from its first row on', async () => {
    const rows = Array.from({ length: 230 }, (_, index) => row(index, T0 + 7))
    const { asked, store } = open(listOf(rows))
    expect((await sweepAll(store, time)).canceled).toHaveLength(230)
    expect(pagesOf(asked)).toEqual([
      `${stored(T0)} 1`,
      `${stored(T0 + 7)} 2`,
      `${stored(T0 + 7)} 3`,
    ])
  })

  it('is the last where what follows is of another time', async () => {
    const rows = Array.from({ length: 150 }, (_, index) => row(index, T0 + index * 1_000))
    const { asked, store } = open(listOf(rows))
    expect((await sweepAll(store, { since: T0, until: T0 + 9_000 })).orders).toHaveLength(10)
    expect(asked).toHaveLength(1)
  })
})

describe('a list that is another than was asked for', () => {
  const refused = (answer: (criteria: any) => readonly object[]) =>
    expect(sweepAll(open(answer).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })
  const hundred = Array.from({ length: 100 }, (_, index) => row(index, T0 + 5))

  it('holds orders of before: the time was ignored', () => refused(() => [row(1, T0 - 1)]))
  it('falls: the order was ignored', () => refused(() => [row(1, T0 + 2), row(2, T0 + 1)]))
  it('is the same page again: the page was ignored', () => refused(() => hundred))
  it.each([
    ['without a time', { updatedAt: null }],
    ['with a time without its zone', { updatedAt: '2026-11-21T12:00:01.000' }],
    ['without its state', { stateMachineState: null }],
    ['without an id', { id: null }],
    ['in editing', { versionId: '019a77c3e1b07c2d9f4e6a8b0c1d2e41' }],
  ])('has an order %s', (_, more) => refused(() => [row(1, T0 + 5, more)]))
})

it('an order in another state is told as not canceled, whatever was asked for', async () => {
  const { store } = open(() => [row(1, T0, { stateMachineState: { technicalName: 'open' } })])
  expect(await sweepAll(store, time)).toMatchObject({ orders: [{ canceled: false }], canceled: [] })
})
