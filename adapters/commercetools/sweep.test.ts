/** How a project's list is read: by key, and not where it is another list than was asked for. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { commercetools } from './index.ts'
import { parsePredicate, parseSort } from './sandbox/predicates.ts'

const recorded = JSON.parse(readFileSync(new URL('recordings/sweep.json', import.meta.url), 'utf8'))
  .exchanges[0].response.body

const T0 = Date.parse('2026-11-29T00:00:00.000Z')
const time = { since: T0, until: T0 + 86_400_000 }
const at = (ms: number) => new Date(T0 + ms).toISOString()
const row = (id: string, ms: number, more: object = {}) => ({
  id,
  orderState: 'Cancelled',
  lastModifiedAt: at(ms),
  ...more,
})
const rows = (count: number, ms: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => row(`order-${1_000 + index}`, ms(index)))

/** A store whose lists are answered by these, one after the other. */
const open = (pages: readonly unknown[], more: object = {}) => {
  const asked: URLSearchParams[] = []
  const transport = fetchTransport(async (url) => {
    if (url.endsWith('/oauth/token')) return Response.json({ access_token: 't', expires_in: 60 })
    asked.push(new URL(url).searchParams)
    const results = pages[asked.length - 1] ?? pages.at(-1)
    return Response.json({ limit: 100, offset: 0, count: 0, results })
  })
  const settings = {
    baseUrl: 'https://commercetools.example',
    projectKey: 'acme',
    clientId: 'c',
    clientSecret: 's',
    ...more,
  }
  return { asked, ...openHarness(commercetools, settings, transport) }
}

it('reads what was recorded', async () => {
  const { store } = open([recorded.results])
  const { canceled } = await sweepAll(store, time)
  expect(canceled).toEqual(recorded.results.map(({ id }: { id: string }) => id))
  expect(canceled).toHaveLength(2)
})

it('asks for canceled orders of a time on, sorted, and goes on behind the last row', async () => {
  const { asked, store } = open([rows(100, () => 5), [row('order-2000', 5), row('order-1', 6)]])
  expect((await sweepAll(store, time)).canceled).toHaveLength(102)
  expect(asked.map((query) => query.getAll('where'))).toEqual([
    ['orderState="Cancelled"', `lastModifiedAt >= "${at(0)}"`],
    [
      'orderState="Cancelled"',
      `lastModifiedAt > "${at(5)}" or (lastModifiedAt = "${at(5)}" and id > "order-1099")`,
    ],
  ])
  for (const query of asked) {
    expect(query.getAll('sort')).toEqual(['lastModifiedAt asc', 'id asc'])
    expect([query.get('limit'), query.get('withTotal'), query.get('offset')]).toEqual([
      '100',
      'false',
      null,
    ])
  }
})

it('ends with a page that is past the time', async () => {
  const { asked, store } = open([rows(100, (index) => index * 1_000)])
  expect((await sweepAll(store, { since: T0, until: T0 + 9_000 })).orders).toHaveLength(10)
  expect(asked).toHaveLength(1)
})

it('with a state of the project’s own asks for every change, and tells by that state', async () => {
  const key = (name: string) => ({ state: { id: name, obj: { key: name } } })
  const { asked, store } = open(
    [
      [
        row('a', 1, { orderState: 'Open', ...key('canceled') }),
        row('b', 2, { orderState: 'Open', ...key('packed') }),
        row('c', 3),
      ],
    ],
    { cancelState: 'canceled' },
  )
  expect((await sweepAll(store, time)).orders.map(({ canceled }) => canceled)).toEqual([
    true,
    false,
    true,
  ])
  expect(asked[0]?.getAll('where')).toEqual([`lastModifiedAt >= "${at(0)}"`])
  expect(asked[0]?.getAll('expand')).toEqual(['state'])
})

describe('a list that is another than was asked for', () => {
  const refused = (...pages: unknown[]) =>
    expect(sweepAll(open(pages).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })
  it('holds orders of before: the time was ignored', () => refused([row('a', -1)]))
  it('falls: the order was ignored', () => refused([row('a', 2), row('b', 1)]))
  it('is the same page again: the key was ignored', () => refused(rows(100, () => 5)))
  it.each([
    ['without a time', { lastModifiedAt: null }],
    ['with a day in the place of a time', { lastModifiedAt: '2026-11-29' }],
    ['without a state', { orderState: null }],
    ['without an id', { id: null }],
  ])('has an order %s', (_, more) => refused([row('a', 5, more)]))
})

describe('the predicates of the imitation', () => {
  const one = { id: 'b', orderState: 'Open', lastModifiedAt: at(5) }
  it.each([
    ['id = "b"', true],
    ['id="b" and orderState="Cancelled"', false],
    ['id > "a" and (orderState="Cancelled" or lastModifiedAt >= "2026-11-29")', true],
    ['id <> "b" or id != "b" or id < "b"', false],
    ['(id <= "b")', true],
    ['id = "a\\"b"', false],
  ])('%s', (text, isMet) => expect(parsePredicate(text)?.(one)).toBe(isMet))
  it.each([
    '',
    'id',
    'id = b',
    '(id = "b"',
    'id = "b")',
    'id = "b" and',
    'id like "b"',
    '"b" = id',
  ])('%s is none', (text) => expect(parsePredicate(text)).toBe(null))
  it('sorts by one, then by the next', () => {
    const [a, b, c] = [
      { id: 'a', createdAt: '2' },
      { id: 'b', createdAt: '1' },
      { id: 'c', createdAt: '2' },
    ]
    expect([c, a, b].toSorted(parseSort(['createdAt desc', 'id']) ?? undefined)).toEqual([a, c, b])
  })
})
