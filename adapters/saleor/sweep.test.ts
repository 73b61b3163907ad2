/** How a Saleor's list is read: page by page by its cursor, and not where it is another list. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { globalId } from './access.ts'
import { saleor } from './index.ts'

const T0 = Date.parse('2026-12-01T10:00:00.000Z')
const time = { since: T0, until: T0 + 3_600_000 }
const row = (index: number, ms: number, more: object = {}) => ({
  id: globalId(`order-${index}`),
  status: 'CANCELED',
  updatedAt: new Date(T0 + ms).toISOString().replace('Z', '999+00:00'),
  ...more,
})
type Row = ReturnType<typeof row>
const page = (rows: readonly Row[], endCursor: string | null, hasNextPage = false) => ({
  edges: rows.map((node) => ({ node })),
  pageInfo: { hasNextPage, endCursor },
})

/** A store whose every list is answered by this; what was asked for is kept. */
const open = (answer: (variables: any) => unknown) => {
  const asked: any[] = []
  const transport = fetchTransport(async (_, init) => {
    const { variables } = JSON.parse(String(init.body))
    asked.push(variables)
    return Response.json({ data: { orders: answer(variables) } })
  })
  const settings = { baseUrl: 'https://saleor.example', appToken: 'token' }
  return { asked, ...openHarness(saleor, settings, transport) }
}

describe('a page', () => {
  it('is followed by the one that its cursor leads to', async () => {
    const pages: Record<string, unknown> = {
      null: page([row(1, 0), row(2, 5)], 'two', true),
      two: page([row(3, 5), row(4, 9)], 'four'),
    }
    const { asked, store } = open(({ after }) => pages[String(after)])
    expect((await sweepAll(store, time)).canceled).toEqual([1, 2, 3, 4].map((n) => `order-${n}`))
    const asks = { from: '2026-12-01T10:00:00.000Z', to: '2026-12-01T11:00:00.001Z' }
    expect(asked).toEqual([
      { ...asks, after: null },
      { ...asks, after: 'two' },
    ])
  })
  it('holds the last millisecond that was asked for, and nothing behind it', async () => {
    const { store } = open(() => page([row(1, 9), row(2, 10)], 'end'))
    const { orders } = await sweepAll(store, { since: T0, until: T0 + 9 })
    expect(orders).toEqual([{ id: 'order-1', canceled: true, changedAt: T0 + 9 }])
  })
  it('tells of an order that is open that it is, whatever was asked for', async () => {
    const { store } = open(() => page([row(1, 5, { status: 'UNFULFILLED' })], 'end'))
    expect((await sweepAll(store, time)).canceled).toEqual([])
  })
})

describe('a list that is another than was asked for', () => {
  const refused = (answer: (variables: any) => unknown) =>
    expect(sweepAll(open(answer).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })
  it('holds orders of before: the time was ignored', () => refused(() => page([row(1, -2)], 'end')))
  it('falls, as by number: the order was ignored', () =>
    refused(() => page([row(1, 2), row(2, 1)], 'end')))
  it('is the same page again: the cursor was ignored', () =>
    refused(() => page([row(1, 5)], 'end', true)))
  it('goes on, and does not say where', () => refused(() => page([row(1, 5)], null, true)))
  it.each([
    ['without a time', { updatedAt: null }],
    ['with a time that is none', { updatedAt: 'yesterday' }],
    ['without a status', { status: null }],
    ['with the id of something else', { id: btoa('OrderLine:1') }],
  ])('has an order %s', (_, more) => refused(() => page([row(1, 5, more)], 'end')))
})
