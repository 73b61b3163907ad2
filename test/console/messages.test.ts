/**
 * What people are told, as the console shows it: whom, how it went, what was said last; to nobody
 * who does not reach the stores, and never where it goes.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Alert } from '../../src/alerts/alert.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { hostile } from '../alerts/hostile.ts'
import { alertOf, MINUTE, openPeople, puzzling } from '../alerts/people.ts'
import { serve } from '../http/node.ts'
import { describeChromium, look, openBrowser, violations } from './browser.ts'
import { callerOf, type FixtureOptions, openFixture } from './fixture.ts'

const OPS = alertOf({
  channel: { kind: 'mail', to: ['ops@example.com', 'canary@example.com'] },
})
const CHAT = alertOf({
  id: '{"alert":"chat"}',
  name: 'chat',
  stores: ['paris'],
  channel: {
    kind: 'slack',
    url: 'https://hooks.slack.example/canary',
    reach: { allowHttp: false, allowPrivate: false, allowLoopback: false },
  },
})

/** The chat does not take what it is told. */
const open = async (options: FixtureOptions = {}, alerts: readonly Alert[] = [OPS, CHAT]) => {
  const clock = { now: Date.now() - 5 * MINUTE }
  const ledger = openMemoryLedger()
  for (let count = 1; count < 8; count++)
    await ledger.claim(puzzling(String(count), clock.now, {}, count < 6 ? 'shop' : 'paris'), null)
  const people = openPeople({
    ledger,
    clock,
    alerts,
    send: async ({ name }) =>
      name === 'chat'
        ? { hasArrived: false, result: '404' }
        : { hasArrived: true, result: '250, 1 of 2 addresses refused' },
  })
  await people.pass(MINUTE)
  return openFixture({ ledger, alerts, ...options })
}

const PATH = '/console/messages'

describe('messages to people', () => {
  it('are shown with what was said, and how it went', async () => {
    const { ask } = await open()
    const { text } = await ask(PATH)
    expect(text).toContain('7 orders need you: 5 at shop, 2 at paris')
    expect(text).toContain('2 addresses')
    expect(text).toContain('250, 1 of 2 addresses refused')
    expect(text).toMatch(/<a href="\/console\/cancellations\/can_0+1">/)
    expect(text).toMatch(/Nothing arrives since .*404/s)
    expect(text).not.toMatch(/canary|ops@example/)
  })
  it('that do not arrive are told at the head of what needs somebody', async () => {
    const { ask } = await open()
    expect((await ask('/console')).text).toMatch(
      /<a href="\/console\/messages">Messages to people<\/a> do not arrive: <bdi>chat<\/bdi>/,
    )
    const well = await open({}, [OPS])
    expect((await well.ask('/console')).text).not.toContain('do not arrive')
  })
  it('are seen by those alone who reach every store that they are about', async () => {
    const callers = [
      await callerOf('all', 'rsk_all', ['read']),
      await callerOf('paris', 'rsk_paris', ['read'], ['paris']),
      await callerOf('rome', 'rsk_rome', ['read'], ['rome']),
      await callerOf('blind', 'rsk_blind', ['cancel']),
    ]
    const { ask, enter } = await open({ callers })
    const seen = async (key: string) => (await ask(PATH, { cookie: await enter(key) })).text
    expect(await seen('rsk_all')).toMatch(/<h2><bdi>ops<.*<h2><bdi>chat</s)
    const paris = await seen('rsk_paris')
    expect(paris).toContain('<h2><bdi>chat<')
    expect(paris).not.toMatch(/<h2><bdi>ops<|at shop/)
    expect(await seen('rsk_rome')).toContain('Nobody is told.')
    // A key that may not read is not let in at all.
    expect((await ask(PATH, { cookie: await enter('rsk_blind') })).status).toBe(303)
    expect((await ask(PATH)).status).toBe(303)
  })
  it('of nobody say how somebody is told', async () => {
    const { ask } = await open({}, [])
    expect((await ask(PATH)).text).toContain('"alerts": [')
  })
  it('are text, whatever others wrote', async () => {
    const clock = { now: Date.now() - 5 * MINUTE }
    const ledger = openMemoryLedger()
    const says = hostile.fresh[0]?.says ?? ''
    const record = puzzling('1', clock.now)
    const order = { ...record.order!, number: says }
    await ledger.claim({ ...record, order }, null)
    await openPeople({ ledger, clock }).pass(MINUTE)
    const { ask } = openFixture({ ledger, alerts: [alertOf()] })
    const { text } = await ask(PATH)
    expect(text).toContain('&lt;script&gt;')
    expect(text).not.toMatch(/<script>alert|<img src=x|\u202e/)
  })
})

describeChromium('messages to people in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  }, 30_000)
  afterAll(() => browser.close())

  it('are right by axe, in both themes, wide and on a phone', { timeout: 60_000 }, async () => {
    const { app } = await open()
    const served = await serve(app)
    onTestFinished(served.close)
    const { page, strays, complaints, close } = await look(browser, served.url)
    onTestFinished(close)
    const faults: string[] = []
    for (const path of [PATH, '/console'])
      for (const [width, colorScheme, rules] of [
        [1280, 'light', 'all'],
        [1280, 'dark', 'colors'],
        [360, 'light', 'layout'],
      ] as const) {
        await page.setViewportSize({ width, height: 860 })
        await page.emulateMedia({ colorScheme })
        await page.goto(path)
        faults.push(...(await violations(page, rules)))
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (over > 0) faults.push(`${path}: ${over} px too wide at ${width}`)
        const picture = process.env['RESCIND_PICTURES_OF_MESSAGES']
        if (picture)
          await page.screenshot({
            path: `${picture}-${path.length}-${width}-${colorScheme}.png`,
            fullPage: true,
          })
      }
    expect([faults, strays, complaints]).toEqual([[], [], []])
  })
})
