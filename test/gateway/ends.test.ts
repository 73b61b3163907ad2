/**
 * Ends that are true: looked at before, saying what was in the way, and never less than was known.
 */
import { describe, expect, it } from 'vitest'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import {
  createPlatform,
  html,
  lost,
  lostAfter,
  says,
  silent,
  unreachable,
  well,
  after,
  type Step,
} from './platform.ts'
import { DAY, openFixture, HOUR, T0 } from './fixture.ts'

const always = (step: Step) => Array<Step>(200).fill(step)

describe('the deadline', () => {
  it('is no end for an order that is canceled: the ledger was put back from a backup', async () => {
    const clock = { now: T0 }
    const platform = createPlatform()
    const backup = openMemoryLedger(() => clock.now)
    platform.plan('look', unreachable)
    const { record } = await openFixture({ clock, platform, ledger: backup }).ask({ restock: true })
    platform.order().state = 'canceled'
    clock.now += 8 * HOUR
    const restored = openFixture({ clock, platform, ledger: backup })
    await restored.tick()
    expect(await restored.get(record.id)).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      via: 'reconciled',
    })
    expect(platform.count('cancel')).toBe(0)
  })
  it('is no word about an order that nobody could see while the ledger stood still', async () => {
    const it = openFixture()
    it.platform.plan('look', ...always(lost))
    const { record } = await it.ask()
    await it.tick(8 * HOUR)
    expect(await it.get(record.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'expired', acted: 'unknown' },
    })
    const busy = openFixture()
    busy.platform.plan('look', ...always(lost))
    const other = await busy.ask()
    expect(await busy.drive(other.record.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'expired', acted: 'no' },
    })
  })
  it('of what could not be sent again: asked once more, a canceled order is ours', async () => {
    const it = openFixture({ timing: { deadlineMs: 90_000 } })
    it.platform.plan('cancel', lost, ...always(unreachable))
    const { record } = await it.ask({ notify: true }, { key: 'k' })
    expect(await it.drive(record.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'expired' },
    })
    it.platform.order().state = 'canceled'
    expect((await it.ask({ notify: true }, { key: 'k' })).record).toMatchObject({
      id: record.id,
      status: 'succeeded',
      alreadyCanceled: false,
    })
  })
  it('says what the order is like where that stands in the way', async () => {
    const it = openFixture()
    it.platform.plan('look', lost)
    const { record } = await it.ask()
    it.platform.order().shipped = true
    await it.tick(2 * HOUR)
    expect(await it.get(record.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'fulfilled' },
    })
  })
  it('sends nothing any more, though the platform is back', async () => {
    const it = openFixture()
    it.platform.plan('look', lost)
    const { record } = await it.ask()
    await it.tick(2 * HOUR)
    expect(await it.get(record.id)).toMatchObject({
      status: 'rejected',
      problem: {
        cause: 'expired',
        acted: 'no',
        detail: expect.stringContaining('connection lost'),
      },
    })
    expect(it.platform.count('cancel')).toBe(0)
  })
  it.each<[string, Step]>([
    ['the deadline', says(500)],
    ['credentials that are refused', says(401, 'who')],
    ['an order that is not found', says(404, 'not_found')],
  ])('is no end unlooked where an earlier call may have done it: %s', async (_, step) => {
    const it = openFixture()
    it.platform.plan('cancel', lostAfter, unreachable)
    it.platform.plan(
      'look',
      well,
      ({ thing }) => Response.json({ ...thing, state: 'open', refunded: 0 }),
      ...always(step),
    )
    const { record } = await it.ask()
    expect(await it.drive(record.id, 300)).toMatchObject({
      status: 'needs_attention',
      attempts: [{ unsent: false }, { unsent: true }],
      problem: { acted: 'unknown' },
    })
    expect(it.platform.order().state).toBe('canceled')
  })
  it.each<[string, Step, string, object | null]>([
    ['a login page', html(200), '200 unreadable', { status: 200 }],
    ['too many requests', says(429, 'slow'), '429', { status: 429, code: 'slow' }],
    ['an error of theirs', says(500, 'boom'), '500', { status: 500, code: 'boom' }],
    [
      'another order',
      ({ thing }) => Response.json({ ...thing, id: 'other' }),
      '200 another order',
      null,
    ],
    ['nothing that listens', unreachable, 'unreachable', null],
    ['silence', silent, 'timeout', null],
    [
      'credentials refused, in doubt whether it was a burst',
      says(403, 'blank'),
      '403',
      { status: 403 },
    ],
  ])('says what was in the way: %s', async (_, step, words, upstream) => {
    const it = openFixture()
    it.platform.plan('look', ...always(step))
    const { record } = await it.ask()
    const { status, problem } = await it.drive(record.id)
    expect(status).toBe('rejected')
    if (problem?.code === 'order-not-cancelable') expect(problem.detail).toContain(words)
    if (upstream) expect(problem?.upstream).toMatchObject(upstream)
  })
})

describe('a word that may mean a burst', () => {
  it('once: looked at again', async () => {
    const it = openFixture()
    it.platform.plan('look', says(403, 'blank'))
    const { record } = await it.ask()
    expect(record).toMatchObject({ status: 'accepted', hindrance: { result: '403' } })
    expect((await it.drive(record.id)).status).toBe('succeeded')
  })
  it('twice: the store’s credentials', async () => {
    const it = openFixture()
    it.platform.plan('look', says(403, 'blank'), says(403, 'blank'))
    const { record } = await it.ask()
    expect(await it.drive(record.id)).toMatchObject({
      status: 'rejected',
      problem: { code: 'platform-credentials', retryable: true },
    })
  })
  it('on the cancel itself: doubt', async () => {
    const it = openFixture()
    it.platform.plan('cancel', says(403, 'blank'))
    const { record } = await it.ask()
    expect(record).toMatchObject({ status: 'in_doubt', attempts: [{ result: '403' }] })
    expect((await it.drive(record.id)).status).toBe('succeeded')
  })
})

describe('doubt given up', () => {
  it('says what the last look met', async () => {
    const it = openFixture()
    it.platform.plan('cancel', lost)
    it.platform.plan('look', well, ...always(html(200)))
    const { record } = await it.ask()
    expect(await it.drive(record.id, 300)).toMatchObject({
      status: 'needs_attention',
      problem: {
        acted: 'unknown',
        detail: expect.stringContaining('200 unreadable'),
        upstream: { status: 200 },
      },
    })
  })
})

describe('a person’s word', () => {
  const torn = async () => {
    const it = openFixture()
    it.platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.refunded = 40
        },
        says(400, 'nope'),
      ),
    )
    const { record } = await it.ask({ restock: true })
    expect(record).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: {
        payment: { outcome: 'automatic', basis: 'confirmed', amount: { amount: '40.00' } },
      },
    })
    return { ...it, id: record.id }
  }
  it('“not canceled” takes back nothing that was seen', async () => {
    const { resolve, id } = await torn()
    expect(await resolve(id, 'not_canceled', 'still open', 'ops')).toMatchObject({
      status: 'rejected',
      via: 'operator',
      problem: { acted: 'yes' },
      effects: {
        order: { outcome: 'failed', basis: 'confirmed' },
        payment: { outcome: 'automatic', basis: 'confirmed', amount: { amount: '40.00' } },
        restock: { outcome: 'skipped' },
      },
    })
  })
  it.each(['not_canceled', 'canceled'] as const)(
    '“%s” keeps what a reply told, and what is under way',
    async (as) => {
      const { resolve, get, ledger, id } = await torn()
      const found = await get(id)
      const effects = {
        ...found.effects,
        restock: { asked: true, honored: true, outcome: 'applied', basis: 'reported' },
        payment: { asked: null, honored: null, outcome: 'pending', basis: 'confirmed' },
        // Nobody knows it, so an end may say that it was not done.
        notify: { asked: null, honored: null, outcome: 'unverified', basis: 'none' },
      } as const
      await ledger.save({ ...found, effects })
      const { effects: kept } = await resolve(id, as, 'seen', 'ops')
      expect([kept.restock, kept.payment]).toEqual([effects.restock, effects.payment])
      expect(kept.notify.outcome).toBe(as === 'canceled' ? 'unverified' : 'withheld')
    },
  )
  it('“canceled” neither, and proves nothing itself', async () => {
    const { resolve, id } = await torn()
    expect(await resolve(id, 'canceled', 'done by hand', 'ops')).toMatchObject({
      status: 'succeeded',
      effects: {
        order: { outcome: 'applied', basis: 'none', detail: 'A person says that it is canceled.' },
        payment: { outcome: 'automatic', basis: 'confirmed' },
      },
    })
  })
  it('“try again” keeps it through whatever follows', async () => {
    const { resolve, drive, platform, id } = await torn()
    platform.plan('look', ...always(lost))
    expect(await resolve(id, 'retry', 'again', 'ops')).toMatchObject({
      status: 'accepted',
      effects: { payment: { outcome: 'automatic', basis: 'confirmed' } },
    })
    expect(await drive(id)).toMatchObject({
      status: 'needs_attention',
      problem: { acted: 'yes' },
      effects: {
        payment: { outcome: 'automatic', basis: 'confirmed', amount: { amount: '40.00' } },
      },
    })
  })
})

describe('tried again by a person, where nothing had been sent', () => {
  /** Its store leads elsewhere, so nothing of it is sent; then it leads back. */
  const handed = async () => {
    const clock = { now: T0 }
    const ledger = openMemoryLedger(() => clock.now)
    const platform = createPlatform()
    const at = (baseUrl: string) => openFixture({ clock, ledger, platform, baseUrl })
    platform.plan('look', unreachable)
    const { record } = await at('https://shop.example').ask({ restock: true, notify: true })
    const wrong = at('https://elsewhere.example')
    await wrong.tick(5_000)
    expect(await wrong.get(record.id)).toMatchObject({
      status: 'needs_attention',
      attempts: [],
      problem: { acted: 'no' },
    })
    return { ...at('https://shop.example'), id: record.id }
  }
  it('an order canceled by hand is not ours: no mail, no goods, no money are claimed', async () => {
    const it = await handed()
    it.platform.order().state = 'canceled'
    expect(await it.resolve(it.id, 'retry', 'mended', 'ops')).toMatchObject({
      status: 'succeeded',
      alreadyCanceled: true,
      effects: {
        order: { outcome: 'skipped' },
        restock: { outcome: 'skipped' },
        notify: { outcome: 'skipped' },
        payment: { outcome: 'withheld' },
      },
    })
    expect(it.platform.count('cancel')).toBe(0)
  })
  it('a refusal is one, and no riddle about an earlier call', async () => {
    const it = await handed()
    it.platform.order().shipped = true
    expect(await it.resolve(it.id, 'retry', 'mended', 'ops')).toMatchObject({
      status: 'rejected',
      problem: { cause: 'fulfilled', acted: 'no' },
    })
  })
  it('it can be withdrawn while it waits', async () => {
    const it = await handed()
    it.platform.plan('look', lost)
    expect((await it.resolve(it.id, 'retry', 'mended', 'ops')).status).toBe('accepted')
    expect(await it.gateway.withdraw(it.id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'withdrawn', acted: 'no' },
    })
  })
})

describe('a lock that is never free any more', () => {
  const stuck = (plan: (it: ReturnType<typeof openFixture>) => void) => {
    let isBusy = false
    const it = openFixture({
      wrap: (ledger): FullLedger => ({
        ...ledger,
        lease: async (...asked) => (isBusy ? 'busy' : ledger.lease(...asked)),
      }),
    })
    plan(it)
    return Object.assign(it, {
      lock: () => {
        isBusy = true
      },
    })
  }
  it.each<[string, Step, object, number]>([
    [
      'doubt reaches a person',
      lost,
      { status: 'needs_attention', problem: { acted: 'unknown' } },
      DAY,
    ],
    [
      'what was never sent expires',
      unreachable,
      { status: 'rejected', problem: { cause: 'expired', acted: 'no' } },
      HOUR,
    ],
  ])('%s, looked at once more, and nothing is sent', async (_, step, end, ms) => {
    const it = stuck(({ platform }) => platform.plan('cancel', step))
    const { record } = await it.ask()
    it.lock()
    await it.tick(ms + 1_000)
    expect((await it.get(record.id)).status).toBe(record.status)
    await it.tick(DAY)
    expect(await it.get(record.id)).toMatchObject(end)
    expect(it.platform.count('cancel')).toBe(step === lost ? 1 : 0)
  })
})

describe('a note that somebody wrote since', () => {
  it('is not overwritten with what stood there before ours', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.order().note = 'before'
    it.platform.plan(
      'cancel',
      after(
        (thing) => {
          thing.note = 'a person’s'
        },
        says(409, 'shipped'),
      ),
    )
    expect((await it.ask({ reason: 'ours' })).record.status).toBe('rejected')
    expect(it.platform.order().note).toBe('a person’s')
  })
})
