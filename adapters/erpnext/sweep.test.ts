/** How a site's list is read: by key, by its clock, and not where it is another list. */
import { describe, expect, it } from 'vitest'
import { fetchTransport } from '../../src/connection/transport.ts'
import { openHarness } from '../../src/testing/harness.ts'
import { sweepAll } from '../../src/testing/sweep.ts'
import { instantsOf, leastShownFrom, shownBy, written } from './clock.ts'
import { erpnext } from './index.ts'

const T0 = Date.parse('2026-11-28T23:00:00.000Z')
const time = { since: T0, until: T0 + 86_400_000 }

const row = (name: string, modified: string, status = 'Cancelled') => ({
  name,
  docstatus: 2,
  status,
  modified,
})
/** So many rows of one time. */
const rowsOf = (count: number, modified: string) =>
  Array.from({ length: count }, (_, index) => row(`SO-${String(index).padStart(3, '0')}`, modified))

/** A store whose lists are these, one after the other. */
const open = (pages: readonly object[][], timeZone = 'Europe/Berlin', its: unknown = timeZone) => {
  const asked: any[] = []
  const transport = fetchTransport(async (url) => {
    if (url.endsWith('.get_time_zone')) return Response.json({ message: { time_zone: its } })
    const query = new URL(url).searchParams
    asked.push({
      filters: JSON.parse(query.get('filters') ?? ''),
      or: JSON.parse(query.get('or_filters') ?? 'null'),
      order: query.get('order_by'),
      limit: query.get('limit_page_length'),
    })
    return Response.json({ data: pages[asked.length - 1] ?? pages.at(-1) })
  })
  const settings = { baseUrl: 'https://erp.example', apiKey: 'k', apiSecret: 's', timeZone }
  return { asked, ...openHarness(erpnext, settings, transport) }
}

it('asks by the site’s clock, and tells instants', async () => {
  const { asked, store } = open([
    [row('SO-1', '2026-11-29 04:38:06.972926'), row('SO/2', '2026-11-29 04:38:07', 'Draft')],
  ])
  const { orders } = await sweepAll(store, time)
  expect(asked).toEqual([
    {
      filters: [
        ['modified', '>=', '2026-11-29 00:00:00.000000'],
        ['docstatus', '=', 2],
      ],
      or: null,
      order: 'modified asc, name asc',
      limit: '100',
    },
  ])
  expect(orders).toEqual([
    { id: 'SO-1', canceled: true, changedAt: Date.parse('2026-11-29T03:38:06.972Z') },
    // A draft that was discarded.
    { id: 'SO~2F2', canceled: false, changedAt: Date.parse('2026-11-29T03:38:07.000Z') },
  ])
})

describe('a page', () => {
  it('goes on behind the last row of the one before, by its time to the letter', async () => {
    const at = '2026-11-29 00:00:05.000678'
    const { asked, store } = open([rowsOf(100, at), [row('SO-999', at)]])
    expect((await sweepAll(store, time)).canceled).toHaveLength(101)
    expect(asked[1].filters[0]).toEqual(['modified', '>=', at])
    expect(asked[1].or).toEqual([
      ['modified', '>', at],
      ['name', '>', 'SO-099'],
    ])
  })

  it('is the last where what follows is of another time', async () => {
    const { asked, store } = open([rowsOf(100, '2026-11-30 00:00:01')])
    expect((await sweepAll(store, time)).orders).toEqual([])
    expect(asked).toHaveLength(1)
  })

  it('holds what changed within the last millisecond that was asked for', async () => {
    const { store } = open([
      [row('SO-1', '2026-11-29 00:00:00.009999'), row('SO-2', '2026-11-29 00:00:00.010000')],
    ])
    expect((await sweepAll(store, { since: T0, until: T0 + 9 })).canceled).toEqual(['SO-1'])
  })
})

describe('a list that is another than was asked for', () => {
  const refused = (...pages: object[][]) =>
    expect(sweepAll(open(pages).store, time)).rejects.toMatchObject({
      name: 'CallFailure',
      failure: { kind: 'doubt' },
    })

  it('holds orders of before: the time was ignored', () =>
    refused([row('SO-1', '2026-11-28 23:59:59.999999')]))
  it('falls: the order was ignored', () =>
    refused([row('SO-1', '2026-11-29 02:00:00'), row('SO-2', '2026-11-29 01:00:00')]))
  it('is the same page again: the key was ignored', () =>
    refused(rowsOf(100, '2026-11-29 02:00:00')))
  it('holds orders of another state: the filter was ignored', () =>
    refused([{ ...row('SO-1', '2026-11-29 02:00:00', 'To Bill'), docstatus: 1 }]))
  it('has times of another form', () => refused([row('SO-1', '2026-11-29T02:00:00Z')]))
})

it('fails where the site does not say its zone', async () => {
  const transport = fetchTransport(async () => Response.json({ message: { time_zone: null } }))
  const settings = { baseUrl: 'https://erp.example', apiKey: 'k', apiSecret: 's' }
  const { store } = openHarness(erpnext, settings, transport)
  await expect(sweepAll(store, time)).rejects.toMatchObject({ name: 'CallFailure' })
})

describe('a zone in the settings', () => {
  it('that is not the site’s fails aloud: all that changes would be of another time', async () => {
    const { store, asked } = open([[]], 'Europe/Berlin', 'America/New_York')
    await expect(sweepAll(store, time)).rejects.toMatchObject({
      failure: { kind: 'doubt', result: '200 another time zone than in the settings' },
    })
    expect(asked).toEqual([])
  })

  it.each(['Europe/Paris', 'Mars/Olympus', null])('is good where the site says %s', (its) =>
    expect(sweepAll(open([[]], 'Europe/Berlin', its).store, time)).resolves.toMatchObject({
      orders: [],
    }),
  )
})

describe('where clocks are put back', () => {
  // In Berlin 03:00 became 02:00 on 25 October 2026, at 01:00 UTC.
  const first = Date.parse('2026-10-25T00:50:00.000Z')
  const second = Date.parse('2026-10-25T01:10:00.000Z')

  it('what is shown twice is two instants', () => {
    const shown = shownBy('2026-10-25 02:10:00') as number
    expect(instantsOf('Europe/Berlin', shown)).toEqual({ first: second - 3_600_000, last: second })
    const later = shownBy('2026-10-25 03:10:00') as number
    expect(instantsOf('Europe/Berlin', later)).toEqual({
      first: second + 3_600_000,
      last: second + 3_600_000,
    })
  })

  it('what came after is found, though its time is written as one before', async () => {
    const { asked, store } = open([[row('SO-1', '2026-10-25 02:10:00')]])
    const { orders } = await sweepAll(store, { since: first, until: second })
    expect(asked[0].filters[0][2] <= '2026-10-25 02:10:00').toBe(true)
    expect(orders).toEqual([{ id: 'SO-1', canceled: true, changedAt: first }])
  })

  it('what certainly came before is not told', async () => {
    const { store } = open([[row('SO-1', '2026-10-25 01:59:59')]])
    expect((await sweepAll(store, { since: first, until: second })).orders).toEqual([])
  })

  it.each([
    ['Europe/Berlin', '2026-10-25T01:00:00Z'],
    ['America/New_York', '2026-11-01T06:00:00Z'],
    // By half an hour.
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
    // Put on.
    ['Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['Asia/Kolkata', '2026-10-25T01:00:00Z'],
  ])('in %s about %s nothing later is written as less than what is asked from', (zone, change) => {
    const times = Array.from({ length: 61 }, (_, index) => Date.parse(change) + (index - 24) * TEN)
    const shown = clockOf(zone)
    for (const since of times) {
      const later = times.filter((at) => at >= since).map(shown)
      expect(leastShownFrom(zone, since)).toBeLessThanOrEqual(Math.min(...later))
      const { first, last } = instantsOf(zone, shown(since))
      expect([first, last]).toContain(since)
    }
  })
})

const TEN = 600_000

/** Told by another way than the one that is tested: by the offset that the runtime names. */
const clockOf = (zone: string): ((at: number) => number) => {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  return (at) => {
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value
    const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name ?? '') ?? []
    return at + (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  }
}

it.each([
  ['2026-11-28 10:05:00.654321', '2026-11-28T10:05:00.654Z'],
  ['2026-11-28 10:05:00', '2026-11-28T10:05:00.000Z'],
  ['2026-11-28 10:05:00.5', '2026-11-28T10:05:00.500Z'],
  ['2026-02-31 10:05:00', null],
  ['2026-11-28 24:05:00', null],
  ['2026-11-28', null],
  ['', null],
])('%j is %s by the clock', (text, shown) => {
  const at = shownBy(text)
  expect(at === null ? null : new Date(at).toISOString()).toBe(shown)
  if (at !== null) expect(shownBy(written(at))).toBe(at)
})
