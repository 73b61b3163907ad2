/** The first page: what has one cause as one thing, today by store, and two weeks as a chart. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { daysChart, finding, todayTable } from '../../src/console/days.ts'
import { groupsOf, sumText } from '../../src/messages/groups.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import {
  type Cancellation,
  DAY_MS,
  type DayCount,
  dayOf,
  type Status,
} from '../../src/model/cancellation.ts'
import { money } from '../../src/model/money.ts'
import { problem } from '../../src/model/problem.ts'
import { become, draft } from '../ledger/records.ts'
import { order } from '../model/samples.ts'
import { openFixture } from './fixture.ts'

const TODAY = Date.UTC(2026, 10, 30)
const on = (back: number, status: Status, count: number, store = 'paris'): DayCount => ({
  day: TODAY - back * DAY_MS,
  store,
  status,
  count,
})

describe('two weeks', () => {
  it.each<[string, readonly DayCount[]]>([
    ['Of the last two weeks nothing has come to an end yet', [on(0, 'accepted', 3)]],
    ['1 of 1 orders of the last two weeks is canceled', [on(5, 'succeeded', 1)]],
    [
      '1,200 of 1,201 orders of the last two weeks are canceled',
      [on(3, 'succeeded', 1_200), on(0, 'rejected', 1)],
    ],
    [
      'Today goes worse than usual: 50% of today’s were not canceled, 10% in the days before',
      [on(0, 'succeeded', 5), on(0, 'rejected', 5), on(1, 'succeeded', 90), on(1, 'rejected', 10)],
    ],
    [
      'Today goes better than usual: 0% of today’s were not canceled, 50% in the days before',
      [on(0, 'succeeded', 5), on(9, 'succeeded', 10), on(13, 'needs_attention', 10)],
    ],
    [
      'Today goes as usual: 20% of today’s were not canceled, 15% in the days before',
      [on(0, 'succeeded', 4), on(0, 'in_doubt', 1), on(2, 'succeeded', 85), on(2, 'rejected', 15)],
    ],
    // What was before the two weeks is none of them.
    ['Of the last two weeks nothing has come to an end yet', [on(14, 'succeeded', 9)]],
  ])('%s', (says, counts) => {
    expect(finding(counts, TODAY)).toBe(says)
  })

  it('is an image with a title, a description, patterns and its numbers; no style inside', () => {
    const text = String(
      daysChart(
        [
          on(0, 'succeeded', 4),
          on(0, 'needs_attention', 1),
          on(0, 'sending', 2),
          on(13, 'rejected', 2),
          on(3, 'in_doubt', 1_234),
        ],
        TODAY,
      ),
    )
    expect(text).toMatch(
      /<svg class="chart" [^>]*role="img" aria-labelledby="chart-title chart-desc">/,
    )
    expect(text).toMatch(
      /<title id="chart-title">Today goes better[^<]+<\/title><desc id="chart-desc">/,
    )
    expect(text).toContain('17 Nov to 30 Nov, in UTC')
    expect(text).toContain('Today: Canceled 4, Needs you 1, Waiting 2.')
    expect(text).toContain('2 that wait are not drawn.')
    expect(text).toContain('<title>27 Nov: Checking 1,234</title>')
    expect(text.match(/<pattern /g)).toHaveLength(4)
    expect(text).toContain('fill="url(#hatch-needs_attention)"')
    expect(text).toContain('>1.2K</text>')
    expect(text.match(/<th scope="row">/g)).toHaveLength(14)
    expect(text).not.toMatch(/\sstyle=|<style|<script/)
    const heights = [...text.matchAll(/<rect class="is-[^>]*height="([\d.]+)"/g)].map(Number)
    expect(heights.every((height) => !(height < 2))).toBe(true)
    expect(String(daysChart([on(14, 'succeeded', 1)], TODAY))).toBe('')
  })

  it('today is told by store, with a sum, and leads to the list of each number', () => {
    const text = String(
      todayTable(
        [on(0, 'succeeded', 4), on(0, 'rejected', 1, 'a&b'), on(1, 'succeeded', 9, 'old')],
        TODAY,
      ),
    )
    expect(text).not.toContain('old')
    expect(text).toContain(
      '/console/cancellations?status=rejected&amp;store=a%26b&amp;from=2026-11-30&amp;to=2026-11-30',
    )
    expect(text).toContain('All 2 stores')
    expect(String(todayTable([on(1, 'succeeded', 9)], TODAY))).toContain(
      'Nothing was asked for today yet.',
    )
  })
})

const needing = (
  store: string,
  at: number,
  acted: 'yes' | 'no' | 'unknown' = 'unknown',
  total: string | null = '51.3971',
): Cancellation => ({
  ...become(draft({ store, at }), 'needs_attention'),
  order: order({}, { total: total === null ? null : money(total, 'USD') }),
  problem: problem('needs-attention', 'See.', { acted }),
})

describe('what needs a person', () => {
  it('is grouped by what is wrong and where: money first, then what waits longest', () => {
    const groups = groupsOf([
      needing('paris', 30),
      needing('paris', 10),
      needing('london', 5, 'no'),
      needing('london', 20),
      needing('rome', 90, 'yes'),
    ])
    expect(
      groups.map(({ title, store, members, oldestAt }) => [title, store, members.length, oldestAt]),
    ).toEqual([
      ['Money moved, but the order is not canceled', 'rome', 1, 90],
      ['Nothing was sent, and a person must look', 'london', 1, 5],
      ['Not clear what became of the order', 'paris', 2, 10],
      ['Not clear what became of the order', 'london', 1, 20],
    ])
    expect(groups[2]?.members.map(({ createdAt }) => createdAt)).toEqual([10, 30])
  })

  it.each([
    [['51.3971', '51.3971'], '102.79 USD in all'],
    [['51.3971', null], '51.40 USD in all, of 1 no total is told'],
    [[null, null], 'of which no total is told'],
  ])('%j comes to %s', (totals, says) => {
    const [group] = groupsOf(totals.map((total) => needing('paris', 1, 'yes', total)))
    expect(group && sumText(group)).toBe(says)
  })

  it('one is shown as it is; several open to their rows, and a page of many is small', async () => {
    const ledger = openMemoryLedger()
    const { ask } = openFixture({ ledger })
    const now = Date.now()
    const put = (record: Cancellation) => ledger.claim(record, null)
    await put(needing('sandbox-wix', now - 5_000))
    const one = (await ask('/console')).text
    expect([one.includes('id="group-'), one.includes('Resolve order')]).toEqual([false, true])
    for (let n = 0; n < 120; n++) await put(needing('sandbox-wix', now - 60_000 + n))
    await put({ ...become(draft({ store: 'sandbox-medusa', at: now - 3 * DAY_MS }), 'succeeded') })
    const { text } = await ask('/console')
    expect(text).toMatch(
      /<details class="card is-alarm group" id="group-unknown\.needs-attention\.sandbox-wix"><summary data-row><span>100 orders, <bdi>5139\.71 USD in all<\/bdi>; the oldest was asked for <time/,
    )
    expect(text).toContain('of which these are the 100 oldest')
    expect(text).toContain('<svg class="chart"')
    expect(gzipSync(text).length).toBeLessThanOrEqual(30 * 1024)
    expect(dayOf(now)).toBeLessThanOrEqual(now)
  })
})

describe('the way into the store', () => {
  it('is on the preview, the story and the row, says which store, and opens beside', async () => {
    const ledger = openMemoryLedger()
    const { ask, cancel } = openFixture({ ledger, heard: true })
    const { preview, press } = await cancel({ store: 'heard' })
    const { location } = await press()
    const link =
      /<a class="admin" href="http:\/\/medusa\.sandbox\/app\/orders\/order_paid" target="_blank" rel="noopener noreferrer">Open order <bdi>2<\/bdi> in the admin of <bdi>heard<\/bdi> <small>\(new tab\)<\/small><\/a>/
    expect(preview.text).toMatch(link)
    expect((await ask(location ?? '')).text).toMatch(link)
    const { order } = (await ledger.get((location ?? '').split('/').at(-1) ?? '')) ?? {}
    await ledger.claim({ ...needing('heard', Date.now()), order: order ?? null }, null)
    expect((await ask('/console')).text).toMatch(link)
    // An imitation has none.
    expect((await cancel({ store: 'sandbox-medusa' })).preview.text).not.toContain('class="admin"')
  })
})
