/**
 * People are told once of all that is new, then nothing for a while; of nothing twice, and nothing
 * is lost, whatever fails.
 */
import { describe, expect, it } from 'vitest'
import type { Sent } from '../../src/alerts/schedule.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { MOST_LINES } from '../../src/messages/digest.ts'
import { forgetGone, GONE_LIFE_MS } from '../../src/gateway/deliveries/gone.ts'
import { awaited } from '../../src/model/approval.ts'
import { newHealth } from '../../src/model/delivery.ts'
import type { Link } from '../../src/model/link.ts'
import { money } from '../../src/model/money.ts'
import { webhookTo } from '../gateway/deliveries/receiver.ts'
import { link } from '../ledger/links.ts'
import { order } from '../model/samples.ts'
import { alertOf, MINUTE, openPeople, puzzling, START } from './people.ts'

const linesOf = (message: ReturnType<typeof openPeople>['told'][number]['message']) =>
  message.digest.parts.flatMap(({ sections }) => sections.flatMap(({ lines }) => lines))

const headings = (told: ReturnType<typeof openPeople>['told'], index: number) =>
  told[index]?.message.digest.parts.map(({ heading }) => heading)

const fallSilent = (ledger: FullLedger) =>
  ledger.notices.saveWatch('shop', {
    version: 0,
    account: 'toy',
    watermark: START,
    sweptAt: START,
    failingSince: null,
    missedAt: START,
    silentSince: START,
    turns: 1,
  })

describe('what is new', () => {
  it('is told within a minute, at one go', async () => {
    const people = openPeople()
    await people.pass(MINUTE)
    expect(people.told).toEqual([])
    await people.ledger.claim(puzzling('1', people.clock.now), null)
    await people.pass(10_000)
    await people.ledger.claim(puzzling('2', people.clock.now), null)
    await people.ledger.claim(puzzling('3', people.clock.now, {}, 'paris'), null)
    await people.pass(MINUTE)
    expect(people.subjects()).toEqual(['3 orders need you: 2 at shop, 1 at paris'])
    expect((people.told[0]?.at ?? Infinity) - START).toBeLessThanOrEqual(2 * MINUTE)
    expect(linesOf(people.told[0]!.message)[0]).toEqual({
      what: 'Order #1 · 59.00 USD',
      says: 'A person must look: the store was asked, and what became of it is not clear.',
      path: '/console/cancellations/can_00000000000000000000000001',
    })
    expect(JSON.stringify(people.told)).not.toMatch(/Ada|ada@example|Lovelace|Tea/)
    expect(people.faults).toEqual([])
  })

  it('is told no more until the quiet is over, and then with what waits', async () => {
    const people = openPeople()
    await people.ledger.claim(puzzling('1', START), null)
    await people.pass(MINUTE)
    await people.ledger.claim(puzzling('2', people.clock.now), null)
    await people.pass(13 * MINUTE)
    expect(people.told).toHaveLength(1)
    await people.pass(2 * MINUTE)
    expect(people.subjects()).toEqual([
      '1 order needs you at shop',
      '2 orders need you at shop (1 new)',
    ])
    expect(headings(people.told, 1)).toEqual(['New', 'Still waiting'])
    await people.pass(60 * MINUTE, MINUTE)
    expect(people.told).toHaveLength(2)
  })

  it('is told although a clock that was ahead wrote when, and when people were told last', async () => {
    const people = openPeople()
    await people.ledger.claim(puzzling('1', START), null)
    await people.pass(MINUTE)
    const clock = { now: START - 24 * 60 * MINUTE }
    await people.ledger.claim(puzzling('2', START), null)
    const restarted = openPeople({ ledger: people.ledger, clock })
    await restarted.pass(MINUTE)
    expect(restarted.subjects()).toEqual(['2 orders need you at shop (1 new)'])
  })

  it('names amounts that differ so that they are read as different', async () => {
    const people = openPeople()
    const totals = { total: money('51.3971', 'USD'), paid: money('51.4000', 'USD') }
    await people.ledger.claim(puzzling('1', START, { order: order({}, totals) }), null)
    await people.pass(MINUTE)
    expect(linesOf(people.told[0]!.message)[0]?.what).toBe('Order 10012 · 51.3971 USD')
  })

  it('is links, orders that are open again, silent stores and webhooks too', async () => {
    const webhook = webhookTo('https://erp.example/hooks')
    const people = openPeople({ webhooks: [webhook] })
    const { ledger } = people
    const diverged = { status: 'diverged', revision: 1 } as const
    await ledger.links.save(link('SO-1', ['shop 7', 'paris 8'], diverged))
    await ledger.claim(
      puzzling('9', START, {
        status: 'succeeded',
        problem: null,
        settledAt: START,
        reopenedAt: START,
      }),
      null,
    )
    await ledger.deliveries.saveHealth(webhook.id, {
      ...newHealth(webhook.url),
      enabled: false,
      failingSince: START,
    })
    await fallSilent(ledger)
    await people.pass(MINUTE)
    expect(people.subjects()).toEqual([
      '1 order is open again; 1 link is not in step; 1 store went silent; 1 webhook is switched off',
    ])
    expect(linesOf(people.told[0]!.message).map(({ what, path }) => [what, path])).toEqual([
      ['Link SO-1', '/console/links/SO-1'],
      ['Order #9 · 59.00 USD', expect.stringContaining('/console/cancellations/can_')],
      ['Store shop', '/console/stores'],
      ['Webhook orders', '/console/webhooks'],
    ])
  })

  it('is what waits for approval, once somebody is asked, until it is settled', async () => {
    const people = openPeople()
    const asked = { status: 'accepted', problem: null, deadlineAt: START + 60 * MINUTE } as const
    // An alert that is called as the caller who asked is told all the same.
    const byOps = { ...asked, caller: 'ops', approval: { ...awaited, askedAt: START } }
    await people.ledger.claim(puzzling('1', START, byOps), null)
    await people.ledger.claim(puzzling('2', START, { ...asked, approval: awaited }), null)
    await people.pass(MINUTE)
    expect(people.subjects()).toEqual(['1 order waits for approval'])
    expect(people.told[0]?.message.digest.parts[0]?.sections).toEqual([
      {
        title: 'Waits for approval · shop',
        lines: [
          {
            what: 'Order #1 · 59.00 USD',
            says: 'It waits for somebody’s approval; nothing is sent before.',
            path: '/console/cancellations/can_00000000000000000000000001',
          },
        ],
        todo: 'See what it would do, then approve or decline it, with a key that may.',
      },
    ])
    expect(JSON.stringify(people.told)).not.toMatch(/Ada|ada@example|Lovelace|Tea/)
    await people.gateway.decline('can_00000000000000000000000001', 'boss', 'Ada said no')
    await people.pass(16 * MINUTE)
    expect(people.subjects()[1]).toBe('Nothing needs you any more: 1 thing is solved')
    expect(linesOf(people.told[1]!.message)[0]?.says).toBe('Not canceled.')
    expect(JSON.stringify(people.told)).not.toMatch(/Ada/)
    expect(people.faults).toEqual([])
  })

  it('is told to those alone whom it is about', async () => {
    const alerts = [
      alertOf({ name: 'paris', stores: ['paris'] }),
      alertOf({ name: 'links', events: new Set(['link.diverged']) }),
      alertOf({ name: 'all' }),
    ]
    const people = openPeople({ alerts })
    await people.ledger.claim(puzzling('1', START), null)
    const diverged = { status: 'diverged', revision: 1 } as const
    await people.ledger.links.save(link('SO-1', ['shop 7', 'paris 8'], diverged))
    await people.pass(MINUTE)
    expect(people.told.map(({ alert }) => alert).sort()).toEqual(['all', 'links'])
    expect(people.subjects()).toContain('1 link is not in step')
    // One store of the link is beyond those of this alert.
    await people.ledger.claim(puzzling('2', people.clock.now, {}, 'paris'), null)
    await people.pass(MINUTE)
    expect(people.told.filter(({ alert }) => alert === 'paris')).toHaveLength(1)
  })
})

describe('a flood', () => {
  it('of 500 in a minute is two messages, each as long as a person reads', async () => {
    const people = openPeople()
    for (let count = 0; count < 500; count++) {
      const store = count % 2 ? 'shop' : 'paris'
      await people.ledger.claim(puzzling(String(count), people.clock.now, {}, store), null)
      if (count % 25 === 0) await people.pass(3_000, 3_000)
    }
    await people.pass(60 * MINUTE)
    expect(people.told).toHaveLength(2)
    expect(people.subjects()[1]).toMatch(
      /^500 orders need you: 250 at \S+, 250 at \S+ \(\d+ new\)$/,
    )
    for (const { message } of people.told) {
      expect(linesOf(message).filter(({ what }) => what !== '').length).toBeLessThanOrEqual(
        MOST_LINES,
      )
      expect(JSON.stringify(message).length).toBeLessThan(10_000)
    }
    expect(JSON.stringify(people.told[1]?.message)).toMatch(/and \d+ more/)
  })

  it('of more than is read at a time is told of to the newest', async () => {
    const people = openPeople()
    for (let count = 0; count < 1_500; count++)
      await people.ledger.claim(puzzling(String(count), START + count), null)
    await people.pass(MINUTE)
    await people.ledger.claim(puzzling('last', people.clock.now), null)
    await people.pass(20 * MINUTE)
    expect(people.subjects()).toEqual([
      '1500 orders need you at shop',
      '1501 orders need you at shop (1 new)',
    ])
  })
})

describe('what is solved', () => {
  it('is told once nothing waits any more, with what became of it', async () => {
    const people = openPeople()
    const [one, two] = [puzzling('1', START), puzzling('2', START)]
    for (const each of [one, two]) await people.ledger.claim(each, null)
    await people.pass(MINUTE)
    await people.gateway.resolve(one.id, 'not_canceled', 'seen', 'ops')
    await people.pass(20 * MINUTE)
    expect(people.told).toHaveLength(1)
    await people.gateway.resolve(two.id, 'canceled', 'seen', 'ops')
    await people.pass(MINUTE)
    expect(people.subjects()[1]).toBe('Nothing needs you any more: 2 things are solved')
    expect(linesOf(people.told[1]!.message)).toEqual([
      expect.objectContaining({ what: 'Order #1 · shop', says: 'Not canceled.' }),
      expect.objectContaining({ what: 'Order #2 · shop', says: 'Canceled.' }),
    ])
    await people.pass(60 * MINUTE, MINUTE)
    expect(people.told).toHaveLength(2)
  })

  it('stands beside what is new', async () => {
    const people = openPeople()
    const one = puzzling('1', START)
    await people.ledger.claim(one, null)
    await people.pass(MINUTE)
    await people.gateway.resolve(one.id, 'not_canceled', 'seen', 'ops')
    await people.ledger.claim(puzzling('2', people.clock.now), null)
    await people.pass(20 * MINUTE)
    expect(people.subjects()).toEqual(['1 order needs you at shop', '1 order needs you at shop'])
    expect(headings(people.told, 1)).toEqual(['New', 'Solved'])
  })

  it('is said of nothing that an alert is merely no longer about', async () => {
    const ledger = openMemoryLedger(() => clock.now)
    const clock = { now: START }
    await ledger.claim(puzzling('1', START), null)
    const before = openPeople({ ledger, clock })
    await before.pass(MINUTE)
    expect(before.told).toHaveLength(1)
    const after = openPeople({ ledger, clock, alerts: [alertOf({ stores: ['paris'] })] })
    await after.pass(60 * MINUTE, MINUTE)
    expect(after.told).toEqual([])
  })

  it('is said of no store that is merely swept no more', async () => {
    const clock = { now: START }
    const ledger = openMemoryLedger(() => clock.now)
    await fallSilent(ledger)
    await openPeople({ ledger, clock }).pass(MINUTE)
    const after = openPeople({ ledger, clock, sweepMs: null })
    await ledger.claim(puzzling('1', clock.now), null)
    await after.pass(20 * MINUTE)
    expect(after.subjects()).toEqual(['1 order needs you at shop'])
    expect(headings(after.told, 0)).toEqual(['New'])
  })

  it('is said of stores that are heard again, links in step and webhooks that are on', async () => {
    const webhook = webhookTo('https://erp.example/hooks')
    const people = openPeople({ webhooks: [webhook] })
    const { ledger } = people
    await fallSilent(ledger)
    const diverged = { status: 'diverged', revision: 1 } as const
    const saved = await ledger.links.save(link('SO-1', ['shop 7', 'paris 8'], diverged))
    const off = { ...newHealth(webhook.url), enabled: false, failingSince: START }
    const health = await ledger.deliveries.saveHealth(webhook.id, off)
    await people.pass(MINUTE)
    const watch = await ledger.notices.watch('shop')
    await ledger.notices.saveWatch('shop', { ...watch!, silentSince: null })
    await ledger.links.save({ ...(saved as Link), status: 'canceled', revision: 2 })
    await ledger.deliveries.saveHealth(webhook.id, { ...health!, enabled: true })
    await people.pass(20 * MINUTE)
    expect(people.subjects()[1]).toBe('Nothing needs you any more: 3 things are solved')
    expect(linesOf(people.told[1]!.message).map(({ what, says }) => [what, says])).toEqual([
      ['Link SO-1 · shop and paris', 'Canceled.'],
      ['Store shop · shop', 'Its webhooks are heard again.'],
      ['Webhook orders · erp', 'It is on again.'],
    ])
  })

  it('keeps its memory while its name is in the configuration', async () => {
    const people = openPeople()
    const here = alertOf()
    await people.ledger.claim(puzzling('1', START), null)
    await people.pass(MINUTE)
    const { deliveries } = people.ledger
    const now = () => people.clock.now
    const look = (...names: { readonly id: string }[]) =>
      forgetGone({ deliveries, webhooks: names, now })
    await look(here)
    people.clock.now += 2 * GONE_LIFE_MS
    await look(here)
    await people.pass(MINUTE)
    expect(people.told).toHaveLength(1)
  })

  it('before anybody was told of it is never told', async () => {
    let works = false
    const people = openPeople({
      send: async (): Promise<Sent> => ({ hasArrived: works, result: works ? '200' : '500' }),
    })
    const one = puzzling('1', START)
    await people.ledger.claim(one, null)
    await people.pass(MINUTE)
    const tries = people.told.length
    expect(tries).toBeGreaterThan(0)
    await people.gateway.resolve(one.id, 'not_canceled', 'seen', 'ops')
    works = true
    await people.pass(60 * MINUTE, MINUTE)
    expect(people.told).toHaveLength(tries)
    await people.ledger.claim(puzzling('2', people.clock.now), null)
    await people.pass(MINUTE)
    expect(people.subjects().at(-1)).toBe('1 order needs you at shop')
    expect(headings(people.told, tries)).toEqual(['New'])
  })
})

describe('a channel that fails', () => {
  it('is tried again with growing pauses, the same message under the same id', async () => {
    let works = false
    const people = openPeople({
      send: async (): Promise<Sent> => ({
        hasArrived: works,
        result: works ? '250' : 'ECONNREFUSED',
      }),
    })
    await people.ledger.claim(puzzling('1', START), null)
    await people.pass(3 * 60 * MINUTE, 10_000)
    const pauses = people.told.slice(1).map(({ at }, index) => at - (people.told[index]?.at ?? 0))
    expect(pauses.slice(0, 5)).toEqual([30_000, 60_000, 300_000, 900_000, 3_600_000])
    works = true
    await people.pass(61 * MINUTE, 10_000)
    expect(people.results.at(-1)).toEqual({ hasArrived: true, result: '250' })
    expect(new Set(people.told.map(({ message }) => message.id)).size).toBe(1)
    const count = people.told.length
    await people.pass(60 * MINUTE, MINUTE)
    expect(people.told).toHaveLength(count)
  })

  it('says what is true by then, once it works', async () => {
    let works = false
    const people = openPeople({
      send: async (): Promise<Sent> => ({ hasArrived: works, result: works ? '250' : '450' }),
    })
    await people.ledger.claim(puzzling('1', START), null)
    await people.pass(2 * MINUTE)
    await people.ledger.claim(puzzling('2', people.clock.now), null)
    works = true
    await people.pass(10 * MINUTE)
    expect(people.subjects().at(-1)).toBe('2 orders need you at shop')
    expect(headings(people.told, people.told.length - 1)).toEqual(['New'])
  })

  it('is left alone for as long as it asks', async () => {
    const people = openPeople({
      send: async (): Promise<Sent> => ({
        hasArrived: false,
        result: '429',
        retryAfterMs: 600_000,
      }),
    })
    await people.ledger.claim(puzzling('1', START), null)
    await people.pass(9 * MINUTE)
    expect(people.told).toHaveLength(1)
    await people.pass(3 * MINUTE)
    expect(people.told).toHaveLength(2)
  })
})
