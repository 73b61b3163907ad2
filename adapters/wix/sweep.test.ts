/** How Wix’s search is read: sorted by change, then by its cursor alone, and no other list. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness, sandboxTransport } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { wix } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

const T0 = Date.parse('2026-11-21T12:00:00.000Z')
const time = { since: T0, until: T0 + 3_600_000 }
const row = (id: string, ms: number, status = 'CANCELED') => ({
  id,
  status,
  updatedDate: new Date(T0 + ms).toISOString(),
})

/** A store whose searches are answered by these, in their order. */
const open = (...answers: unknown[]) => {
  const asked: unknown[] = []
  const transport = fetchTransport(async (_, init) => {
    asked.push(JSON.parse(String(init.body)))
    return Response.json(answers[asked.length - 1] ?? answers.at(-1))
  })
  const settings = { apiKey: 'key-of-the-account', siteId: 'site-1' }
  return { asked, ...openHarness(wix, settings, transport) }
}
const more = (next: string | null) => ({ hasNext: next !== null, cursors: next ? { next } : {} })

it('asks for the canceled since then, by change; then for what a cursor stands for', async () => {
  const { asked, store } = open(
    { orders: [row('a', 0), row('b', 1)], metadata: more('cursor-1') },
    { orders: [row('c', 1)], metadata: more(null) },
  )
  expect((await sweepAll(store, time)).orders).toEqual(
    ['a', 'b', 'c'].map((id, index) => ({
      id,
      canceled: true,
      changedAt: T0 + Math.min(index, 1),
    })),
  )
  expect(asked).toEqual([
    {
      search: {
        filter: {
          updatedDate: { $gte: '2026-11-21T12:00:00.000Z' },
          status: { $eq: 'CANCELED' },
        },
        sort: [{ fieldName: 'updatedDate', order: 'ASC' }],
        cursorPaging: { limit: 100 },
      },
    },
    { search: { cursorPaging: { limit: 100, cursor: 'cursor-1' } } },
  ])
})

it('ends with the time, though more would follow', async () => {
  const { asked, store } = open({
    orders: [row('a', 0), row('b', 3_600_001)],
    metadata: more('cursor-1'),
  })
  expect((await sweepAll(store, time)).canceled).toEqual(['a'])
  expect(asked).toHaveLength(1)
})

it('tells an order of another status as not canceled, whatever was asked for', async () => {
  const { store } = open({ orders: [row('a', 0, 'APPROVED')], metadata: more(null) })
  expect((await sweepAll(store, time)).orders).toMatchObject([{ id: 'a', canceled: false }])
})

describe('fails', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => row(`order-${index}`, index))
  it.each([
    ['where the time was ignored', { orders: [row('a', -1)], metadata: more(null) }],
    ['where the sorting was ignored', { orders: [row('a', 2), row('b', 1)], metadata: more(null) }],
    ['where a cursor leads to itself', { orders: [row('a', 0)], metadata: more('cursor-1') }],
    ['where more follows and no cursor', { orders: [row('a', 0)], metadata: { hasNext: true } }],
    ['where a full page tells nothing of a next one', { orders: hundred }],
    ['without a list', { metadata: more(null) }],
    ['with an order without an id', { orders: [{ ...row('a', 0), id: null }] }],
    ['with an order without a time', { orders: [{ ...row('a', 0), updatedDate: null }] }],
    ['with a status that is no word', { orders: [{ ...row('a', 0), status: 7 }] }],
    ['with a cursor that is no text', { orders: [], metadata: { cursors: { next: 7 } } }],
  ])('%s', (_, answer) =>
    expect(sweepAll(open(answer).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    }),
  )
})

it('is read as an app too, whose token is bought once', async () => {
  const sandbox = createSandbox()
  const harness = openHarness(
    wix,
    { ...sandbox.oauth, baseUrl: 'https://wix.example' },
    sandboxTransport(sandbox),
  )
  const since = Date.now()
  await harness.cancel({ orderId: 'open' })
  const swept = await sweepAll(harness.store, { since, until: Date.now() + 1_000 })
  expect(swept.canceled).toEqual(['open'])
  expect(sandbox.tokens).toBe(1)
})
