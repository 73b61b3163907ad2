/** How a Medusa's list is read: by key, through equal times, and not where it is another list. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { fetchTransport } from '../../src/connection/transport.ts'
import { medusa } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

const T0 = Date.parse('2026-11-21T12:00:00.000Z')
const time = { since: T0, until: T0 + 3_600_000 }
const iso = (ms: number) => new Date(ms).toISOString()
interface Row {
  readonly id: string
  readonly updated_at: string
  readonly status: string
}
const row = (id: string, at: number): Row => ({ id, updated_at: iso(at), status: 'canceled' })

/** A store whose every call is answered by this; what was asked for is kept. */
const open = (answer: (query: URLSearchParams) => unknown) => {
  const asked: URLSearchParams[] = []
  const transport = fetchTransport(async (url) => {
    const { searchParams } = new URL(url)
    asked.push(searchParams)
    return Response.json(answer(searchParams))
  })
  const settings = { baseUrl: 'https://medusa.example', secretKey: 'sk_test' }
  return { asked, ...openHarness(medusa, settings, transport) }
}

/** Medusa's list of these orders, ties as they stand. */
const listOf = (rows: readonly Row[]) => (query: URLSearchParams) => {
  const from = Date.parse(query.get('updated_at[$gte]') ?? '')
  const [limit, offset] = [Number(query.get('limit')), Number(query.get('offset'))]
  const found = rows.filter(({ updated_at }) => Date.parse(updated_at) >= from)
  return { orders: found.slice(offset, offset + limit), count: found.length, offset, limit }
}

describe('a page', () => {
  it('begins at the time with which the one before ended', async () => {
    const rows = Array.from({ length: 120 }, (_, index) => row(`order_${index}`, T0 + index))
    const { asked, store } = open(listOf(rows))
    const swept = await sweepAll(store, time)
    expect(swept.canceled).toEqual(rows.map(({ id }) => id))
    expect(asked.map((query) => query.get('updated_at[$gte]'))).toEqual(
      [0, 49, 98].map((ms) => iso(T0 + ms)),
    )
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      'updated_at[$gte]': iso(T0),
      'status[]': 'canceled',
      order: 'updated_at',
      limit: '50',
      offset: '0',
      fields: 'id,status,updated_at',
    })
  })

  it('of one time alone is followed by an offset within that time', async () => {
    const rows = [
      row('order_first', T0),
      ...Array.from({ length: 130 }, (_, index) => row(`order_${index}`, T0 + 1)),
      row('order_last', T0 + 2),
    ]
    const { asked, store } = open(listOf(rows))
    const swept = await sweepAll(store, time)
    expect([...swept.canceled].sort()).toEqual(rows.map(({ id }) => id).sort())
    expect(asked.map((query) => `${query.get('updated_at[$gte]')} ${query.get('offset')}`)).toEqual(
      [`${iso(T0)} 0`, `${iso(T0 + 1)} 0`, `${iso(T0 + 1)} 50`, `${iso(T0 + 1)} 100`],
    )
  })

  it('goes on while orders move to the end', async () => {
    const rows = Array.from({ length: 120 }, (_, index) => row(`order_${index}`, T0 + index))
    let turns = 0
    const { store } = open((query) => {
      const page = listOf(rows)(query)
      // Touched between two pages: an offset into all would skip as many.
      if (turns++ === 0) rows.push(...rows.splice(0, 30).map(({ id }) => row(id, T0 + 5_000)))
      return page
    })
    const { canceled } = await sweepAll(store, time)
    expect(new Set(canceled).size).toBe(120)
  })

  it('is the last where what follows is of another time', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => row(`order_${index}`, T0 + index * 1_000))
    const { asked, store } = open(listOf(rows))
    expect((await sweepAll(store, { since: T0, until: T0 + 9_000 })).orders).toHaveLength(10)
    expect(asked).toHaveLength(1)
  })
})

describe('a list that is another than was asked for', () => {
  const refused = (answer: (query: URLSearchParams) => unknown) =>
    expect(sweepAll(open(answer).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })

  it('holds orders of before: the time was ignored', () =>
    refused(() => ({ orders: [row('order_1', T0 - 1)], count: 1 })))
  it('falls: the order was ignored', () =>
    refused(() => ({ orders: [row('order_1', T0 + 2), row('order_2', T0 + 1)], count: 2 })))
  it('is the same page again: the offset was ignored', () => {
    const rows = Array.from({ length: 50 }, (_, index) => row(`order_${index}`, T0))
    return refused(() => ({ orders: rows, count: 500 }))
  })
  it.each([
    ['without a list', {}],
    ['with an order without an id', { orders: [{ status: 'canceled', updated_at: iso(T0) }] }],
    ['with an order without a time', { orders: [{ id: 'order_1', status: 'canceled' }] }],
    [
      'with a day in the place of a time',
      { orders: [{ ...row('a', T0), updated_at: '2026-11-21' }] },
    ],
    ['with an order without a status', { orders: [{ id: 'order_1', updated_at: iso(T0) }] }],
  ])('%s', (_, body) => refused(() => body))
})

it('reads a recorded list', async () => {
  const recorded = JSON.parse(
    readFileSync(new URL('recordings/list-200-canceled.json', import.meta.url), 'utf8'),
  ) as { response: { body: { orders: Row[]; count: number } } }
  const { body } = recorded.response
  const since = Date.parse(body.orders[0]?.updated_at ?? '')
  const { store } = open(() => ({ ...body, count: body.orders.length }))
  const swept = await sweepAll(store, { since, until: since + 3_600_000 })
  expect(swept.orders).toEqual(
    body.orders.map(({ id, updated_at }) => ({
      id,
      canceled: true,
      changedAt: Date.parse(updated_at),
    })),
  )
  expect(swept.orders.length).toBeGreaterThan(1)
})

it('an order of another status is told as not canceled, whatever was asked for', async () => {
  const { store } = open(() => ({
    orders: [{ ...row('order_1', T0), status: 'archived' }],
    count: 1,
  }))
  expect((await sweepAll(store, time)).orders).toEqual([
    { id: 'order_1', canceled: false, changedAt: T0 },
  ])
})

describe('the sandbox', () => {
  const list = async (query: string) => {
    const { app, settings } = createSandbox()
    const reply = await app.fetch(
      new Request(`https://medusa.example/admin/orders?limit=100&fields=id,status&${query}`, {
        headers: { authorization: `Basic ${String(settings['secretKey'])}` },
      }),
    )
    const body = (await reply.json()) as { orders?: Row[] }
    return { status: reply.status, states: new Set(body.orders?.map(({ status }) => status)) }
  }
  const since = (at: string) => encodeURIComponent(at)

  it('keeps the filters that Medusa keeps, and drops without a word what it drops', async () => {
    expect((await list('status[]=canceled')).states).toEqual(new Set(['canceled']))
    expect((await list(`updated_at[$gte]=${since('2999-01-01T00:00:00Z')}`)).states.size).toBe(0)
    expect((await list('updated_at[gte]=2999-01-01T00:00:00Z')).states.size).toBeGreaterThan(1)
    expect((await list('canceled_at[$gte]=2999-01-01T00:00:00Z')).states.size).toBeGreaterThan(1)
    expect((await list('updated_at[$gte]=yesterday')).status).toBe(500)
  })
})
