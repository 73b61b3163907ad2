/** How a Tryton's list is read: by key, to the microsecond, and not where it is another list. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { tryton } from './index.ts'
import { createSandbox } from './sandbox/index.ts'

/** As recorded: `search_read` of what was canceled since midnight. */
const { request, response } = (
  JSON.parse(readFileSync(new URL('recordings/sweep.json', import.meta.url), 'utf8')) as any
).exchanges[0]

const T0 = Date.parse('2026-11-29T00:00:00.000Z')
const time = { since: T0, until: T0 + 86_400_000 }
const midnight = request.body.params[0][1][2]
/** So many milliseconds and microseconds after midnight. */
const at = (ms: number, micro = 0) => {
  const date = new Date(T0 + ms)
  return {
    ...midnight,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond: date.getUTCMilliseconds() * 1_000 + micro,
  }
}
const row = (id: number, ms: number, micro = 0) => ({
  id,
  state: 'cancelled',
  write_date: at(ms, micro),
})
const rowsOf = (count: number, ms: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => row(index + 1, ms(index)))

/** A store whose searches are answered by these, one after the other. */
const open = (...pages: unknown[]) => {
  const asked: any[][] = []
  const transport = fetchTransport(async (_, init) => {
    const { method, params } = JSON.parse(String(init.body))
    if (method === 'common.db.login') return Response.json({ id: 1, result: [1, 'f00'] })
    asked.push(params)
    return Response.json({ id: 1, result: pages[asked.length - 1] ?? pages.at(-1) })
  })
  const settings = {
    baseUrl: 'https://tryton.example',
    database: 'lab',
    username: 'clerk',
    password: 'x',
    company: 1,
  }
  return { asked, ...openHarness(tryton, settings, transport) }
}

it('asks as recorded, and reads what came', async () => {
  const { asked, store } = open(response.body.result)
  const swept = await sweepAll(store, time)
  const [domain, offset, limit, sort, fields, context] = request.body.params
  expect(asked).toEqual([
    [domain, offset, limit, sort, fields.filter((name: string) => name !== 'reference'), context],
  ])
  expect(swept.canceled).toEqual(['2', '3', '6', '7', '8', '11'])
  expect(swept.orders[0]).toEqual({
    id: '2',
    canceled: true,
    changedAt: Date.parse('2026-11-29T04:37:30.716Z'),
  })
})

describe('a page', () => {
  it('goes on behind the last row of the one before, whose time it knows whole', async () => {
    const first = rowsOf(100, () => 5).map((one) => ({ ...one, write_date: at(5, 678) }))
    const { asked, store } = open(first, [row(101, 5, 678), row(102, 6)])
    expect((await sweepAll(store, time)).canceled).toHaveLength(102)
    expect(asked.map(([domain]) => domain[1])).toEqual([
      ['write_date', '>=', midnight],
      [
        'OR',
        ['write_date', '>', at(5, 678)],
        ['AND', ['write_date', '=', at(5, 678)], ['id', '>', 100]],
      ],
    ])
    expect(asked.map(([, offset]) => offset)).toEqual([0, 0])
  })

  it('is the last where what follows is of another time', async () => {
    const { asked, store } = open(rowsOf(100, (index) => index * 1_000))
    const { orders } = await sweepAll(store, { since: T0, until: T0 + 9_000 })
    expect(orders).toHaveLength(10)
    expect(asked).toHaveLength(1)
  })

  it('holds what changed within the last millisecond that was asked for', async () => {
    const { store } = open([row(1, 9, 999), row(2, 10)])
    expect((await sweepAll(store, { since: T0, until: T0 + 9 })).canceled).toEqual(['1'])
  })
})

describe('a list that is another than was asked for', () => {
  const refused = (...pages: unknown[]) =>
    expect(sweepAll(open(...pages).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })

  it('holds sales of before: the time was ignored', () => refused([row(1, -1)]))
  it('falls: the order was ignored', () => refused([row(1, 2), row(2, 1)]))
  it('is the same page again: the key was ignored', () => refused(rowsOf(100, () => 5)))
  it.each([
    ['without a time', { write_date: null }],
    ['with half a time', { write_date: { ...midnight, microsecond: undefined } }],
    ['with a day in the place of a time', { write_date: { ...midnight, __class__: 'date' } }],
    ['with a state that is none', { state: null }],
    ['without an id', { id: null }],
  ])('has a sale %s', (_, more) => refused([{ ...row(1, 5), ...more }]))
})

it('a sale in another state is told as not canceled, whatever was asked for', async () => {
  const { store } = open([{ ...row(1, 5), state: 'draft' }])
  expect((await sweepAll(store, time)).orders).toEqual([
    { id: '1', canceled: false, changedAt: T0 + 5 },
  ])
})

it('what a login may not read fails aloud, and is no empty list', async () => {
  const transport = fetchTransport(async (_, init) =>
    Response.json(
      String(init.body).includes('common.db.login')
        ? { id: 1, result: [1, 'f00'] }
        : { id: 1, error: ['UserError', ['You are not allowed to access "Sale".', '', null]] },
    ),
  )
  const settings = { ...createSandbox().settings, baseUrl: 'https://tryton.example' }
  const { store } = openHarness(tryton, settings, transport)
  await expect(sweepAll(store, time)).rejects.toMatchObject({
    failure: { code: 'platform-credentials' },
  })
})
