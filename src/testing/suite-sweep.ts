/** The suite's part on sweeps: what the sandbox canceled is listed, and nothing of another time. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Platform } from '../adapter/platform.ts'
import { openHarness, openSandboxed, sandboxTransport } from './harness.ts'
import type { SuiteOptions } from './options.ts'
import { sweepAll } from './sweep.ts'

/** More than a page of any platform that is known. */
const MANY = 105
const HOUR = 3_600_000
const PATIENCE = { timeout: 15_000, interval: 10 }
/** What a gateway works at once without keeping any waiting. */
const AT_ONCE = 4
/** A whole second: many platforms write no smaller part of a time. */
const START = Date.parse('2026-11-21T12:00:00Z')

type Opened = Awaited<ReturnType<typeof openSandboxed>>

/** Cancels orders by the sandbox's own API, all at this time of its clock. */
const cancelAt = async ({ cancel, store }: Opened, at: number, ids: readonly string[]) => {
  vi.setSystemTime(at)
  // Those that share a lock would wait for one another.
  const atOnce = store.adapter.lockKey ? 1 : AT_ONCE
  for (let from = 0; from < ids.length; from += atOnce) {
    const some = ids.slice(from, from + atOnce)
    const records = await Promise.all(some.map((id) => cancel({ orderId: id })))
    expect(records.map(({ status }) => status)).toEqual(some.map(() => 'succeeded'))
  }
}

const open = (platform: Platform, { sweepSettings }: SuiteOptions) =>
  openSandboxed(platform, undefined, {}, sweepSettings)

/** Orders before the time, many of one moment within it, one at its end, and one after it. */
const cancelAround = async (opened: Opened, name: string) => {
  const named = (what: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${name}-${what}${index}`)
  const [before, many, end, later] = [
    named('before', 1),
    named('many', MANY),
    named('end', 1),
    named('later', 1),
  ]
  // What the sandbox opens with is from before, and one within is only read.
  await opened.look(`${name}-untouched`)
  await cancelAt(opened, START, before)
  await cancelAt(opened, START + HOUR, many)
  await cancelAt(opened, START + 2 * HOUR, end)
  await cancelAt(opened, START + 3 * HOUR, later)
  return { before, within: [...many, ...end], later }
}

const findAll = async (platform: Platform, options: SuiteOptions) => {
  const opened = await open(platform, options)
  const { before, within, later } = await cancelAround(opened, options.orders.open)
  const time = { since: START + HOUR, until: START + 2 * HOUR }
  const swept = await sweepAll(opened.store, time)
  expect(swept.pages.length).toBeGreaterThan(1)
  expect([...new Set(swept.canceled)].sort()).toEqual(within.toSorted())
  for (const { id, changedAt } of swept.orders) {
    expect(changedAt, id).toBeGreaterThanOrEqual(time.since)
    expect(changedAt, id).toBeLessThanOrEqual(time.until)
  }
  const all = await sweepAll(opened.store, { since: START, until: START + 4 * HOUR })
  expect(all.canceled).toEqual(expect.arrayContaining([...before, ...within, ...later]))
  const times = all.orders.map(({ changedAt }) => changedAt)
  if (platform.adapter.sweep?.inOrder) expect(times).toEqual(times.toSorted((a, b) => a - b))
  const none = await sweepAll(opened.store, { since: START + 4 * HOUR, until: START + 5 * HOUR })
  expect(none.orders).toEqual([])
}

/** What somebody else cancels, with no word to us, is on record once the store is swept. */
const followSomebodyElse = async (platform: Platform, { orders, sweepSettings }: SuiteOptions) => {
  const { gateway, sandbox, settings, store } = await openSandboxed(
    platform,
    undefined,
    { sweepMs: 1 },
    sweepSettings,
  )
  const other = openHarness(platform.adapter, settings, sandboxTransport(sandbox))
  // A store's past is nobody's: it begins with the first sweep.
  await gateway.tick()
  await other.cancel({ orderId: orders.open })
  await vi.waitFor(async () => {
    await gateway.tick()
    const records = await gateway.list({ stores: [store.id], order: 'asc', limit: 100 })
    const told = records.map(({ request, origin, status }) => [request.orderId, origin, status])
    // An order that the sandbox opens with may have been canceled as it was made.
    expect(told).toContainEqual([orders.open, 'platform', 'succeeded'])
  }, PATIENCE)
  expect(sandbox.cancels.get(orders.open)).toBe(1)
}

export const testSweep = (platform: Platform, options: SuiteOptions): void => {
  const { id, sweep } = platform.adapter
  if (!sweep) {
    process.stdout.write(`${id}: it has no sweep, what no notice tells of is never heard of\n\n`)
    return
  }
  it(`${id}: what somebody else cancels is on record once the store is swept`, () =>
    followSomebodyElse(platform, options))
  describe(`${id}: sweep`, () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START - HOUR }))
    afterEach(() => void vi.useRealTimers())

    it('says where it is written, and how long a change may take to be listed', () => {
      expect(sweep.source.length).toBeGreaterThan(10)
      expect(sweep.overlapMs).toBeGreaterThanOrEqual(60_000)
      expect(sweep.overlapMs).toBeLessThanOrEqual(3_600_000)
    })
    it('finds what its sandbox canceled, page by page, and nothing of another time', () =>
      findAll(platform, options))
    it.each([
      ['another shape', () => Response.json({ unheard: 'of' })],
      ['a list in the place of an object', () => Response.json([])],
      ['a page of HTML', () => new Response('<html></html>')],
      ['nothing at all', () => new Response('')],
      ['half a reply', () => new Response('{"orders":[{')],
      ['an error', () => Response.json({ message: 'Internal error' }, { status: 500 })],
      ['more than is read', () => new Response(`{"x":"${'x'.repeat(17 * 1024 * 1024)}"}`)],
    ])('%s: fails, and is not the end of the list', async (_, answer) => {
      const opened = await openSandboxed(platform, async () => answer(), {}, options.sweepSettings)
      const page = sweep.changed(opened.store.client, { since: START, until: START, cursor: null })
      await expect(page).rejects.toMatchObject({ name: 'CallFailure' })
    })
  })
}
