/** How SHOPLINE's list is read: by id within a frozen time, archived orders after the others. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { shopline } from './index.ts'

const T0 = Date.parse('2026-09-02T13:00:00Z')
const time = { since: T0, until: T0 + 3_600_000 }
/** As recorded on v20260601: local time, with its offset. */
const row = (id: string, more: object = {}) => ({
  id,
  status: 'cancelled',
  cancelled_at: '2026-09-02T21:55:30+08:00',
  updated_at: '2026-09-02T21:55:31+08:00',
  ...more,
})
/** Ids of 25 digits, and then of 26. */
const idOf = (index: number) => String(9_999_999_999_999_999_999_999_950n + BigInt(index))
const rowsOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => row(idOf(from + index)))

type Answer = (query: URLSearchParams) => readonly object[]
const open = (answer: Answer) => {
  const asked: Record<string, string>[] = []
  const transport = fetchTransport(async (url) => {
    const { searchParams } = new URL(url)
    asked.push(Object.fromEntries(searchParams))
    return Response.json({ orders: answer(searchParams) })
  })
  const settings = { shop: 'case', accessToken: 'case_token', apiVersion: 'v20260601' }
  return { asked, ...openHarness(shopline, settings, transport) }
}

/** These, a page of so many at a time, behind `since_id` or from it on. */
const listOf =
  (rows: readonly { readonly id: string }[], size: number, isInclusive = false): Answer =>
  (query) => {
    if (query.get('hidden_order') === 'true') return []
    const at = rows.findIndex(({ id }) => id === query.get('since_id'))
    return rows.slice(isInclusive && at >= 0 ? at : at + 1).slice(0, size)
  }

const common = {
  updated_at_min: '2026-09-02T13:00:00+00:00',
  updated_at_max: '2026-09-02T14:00:00+00:00',
  sort_condition: 'id:asc',
  limit: '100',
  status: 'cancelled',
}

describe('pages', () => {
  it('go on from the last id, and once more for what is archived', async () => {
    const rows = rowsOf(0, 120)
    const { asked, store } = open(listOf(rows, 100))
    expect((await sweepAll(store, time)).canceled).toEqual(rows.map(({ id }) => id))
    expect(asked).toEqual([
      common,
      { ...common, since_id: idOf(99) },
      { ...common, since_id: idOf(119) },
      { ...common, hidden_order: 'true' },
    ])
  })

  it('of 20, as recorded, though 100 were asked for, leave nothing out', async () => {
    const rows = rowsOf(0, 45)
    expect((await sweepAll(open(listOf(rows, 20)).store, time)).canceled).toHaveLength(45)
  })

  it('that begin with the id they follow list it once', async () => {
    const rows = rowsOf(0, 120)
    const { canceled } = await sweepAll(open(listOf(rows, 100, true)).store, time)
    expect(canceled).toEqual(rows.map(({ id }) => id))
  })

  it('of archived orders are turned too', async () => {
    const rows = rowsOf(0, 30)
    const { asked, store } = open((query) =>
      query.get('hidden_order') === 'true'
        ? listOf(rows, 20)(new URLSearchParams({ since_id: query.get('since_id') ?? '' }))
        : [],
    )
    expect((await sweepAll(store, time)).canceled).toHaveLength(30)
    expect(asked.map(({ hidden_order }) => hidden_order)).toEqual([undefined, 'true', 'true'])
  })
})

describe('fails', () => {
  const refused = (answer: Answer) =>
    expect(sweepAll(open(answer).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })
  it('where the id is ignored', () => refused(() => rowsOf(0, 100)))
  it('where a full page is in another order', () => refused(() => rowsOf(0, 20).toReversed()))
  it('where the time is ignored', () =>
    refused(() => [row('1', { updated_at: '2026-09-01T21:55:31+08:00' })]))
  it.each([
    { id: null },
    { updated_at: null },
    { updated_at: '2026-09-02' },
    { status: 7 },
    { cancelled_at: 7 },
  ])('where an order has %o', (more) => refused(() => [row('1', more)]))
})

describe('a row', () => {
  const told = async (more: object) =>
    (await sweepAll(open(listOf([{ ...row('1'), ...more }], 100)).store, time)).orders
  it('has the time as the platform’s clock has it', async () =>
    expect(await told({})).toEqual([
      { id: '1', canceled: true, changedAt: Date.parse('2026-09-02T13:55:31Z') },
    ]))
  it('that is open is told so, whatever was asked for', async () =>
    expect(await told({ status: 'open', cancelled_at: 'null' })).toMatchObject([
      { canceled: false },
    ]))
  it('few of them need no order', async () => {
    const rows = rowsOf(0, 19).toReversed()
    expect((await sweepAll(open(listOf(rows, 100)).store, time)).canceled).toHaveLength(19)
  })
})
