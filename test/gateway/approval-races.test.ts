/**
 * What must be approved, with a process that dies at each step, two of them at once, and everybody
 * at it together: never sent unapproved, never twice, never lost.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FAILPOINTS } from '../../src/gateway/workflow/run.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import { isAtRest } from '../../src/model/cancellation.ts'
import { DAY, openFixture, SETTLE, T0 } from './fixture.ts'
import { link, open as openLink, sent, settle, states } from './linked.ts'
import { CRASH, lives } from './lives.ts'
import { createPlatform } from './platform.ts'
import { rowsOf, setUp, until } from './running-batches.ts'

const asking = { needsApproval: true } as const
/** Those that it passes. */
const OF_IT = FAILPOINTS.filter(
  (name) => !/^(heard|noticed|concluded|linked|member|rele)/.test(name),
)

describe('a process that dies', () => {
  it.each(OF_IT)('when it is %s', async (at) => {
    const { first, next, platform, memory, isDead } = lives(at, {
      toy: { reason: 'before', repeat: 'refused' },
    })
    const crash = (error: unknown) => expect(error).toBe(CRASH)
    await first.ask({ reason: 'Wrong' }, asking).catch(crash)
    const [asked] = await memory.list({ stores: null, order: 'asc', limit: 1 })
    if (!asked) throw new Error('accepted, and lost')
    expect(platform.count('cancel')).toBe(0)
    if (!isDead()) await first.gateway.approve(asked.id, 'boss', null).catch(crash)
    await first.idle()
    first.expectFaults(...first.faults)
    const second = next()
    for (let turn = 0; turn < 5; turn++) await second.tick(SETTLE)
    const then = await second.get(asked.id)
    if (then.approval?.state === 'awaited') {
      expect([then.status, platform.count('cancel')]).toEqual(['accepted', 0])
      await second.gateway.approve(asked.id, 'boss', null)
    }
    const end = await second.drive(asked.id)
    expect(end).toMatchObject({ status: 'succeeded', approval: { state: 'given', by: 'boss' } })
    expect(platform.order()).toMatchObject({ state: 'canceled', refunded: 100 })
  })
})

describe('two processes', () => {
  it('one asks, the other hears the approval: sent once', async () => {
    const clock = { now: T0 }
    const [platform, ledger] = [createPlatform(), openMemoryLedger(() => clock.now)]
    const [one, other] = [
      openFixture({ clock, platform, ledger }),
      openFixture({ clock, platform, ledger }),
    ]
    const { record } = await one.ask({}, asking)
    await Promise.all([one.tick(), other.tick()])
    await other.gateway.approve(record.id, 'boss', null)
    await Promise.all([one.tick(SETTLE), other.tick()])
    expect(await one.get(record.id)).toMatchObject({ status: 'succeeded' })
    expect(platform.count('cancel')).toBe(1)
  })
})

describe('everybody at once', () => {
  it('approved, declined, withdrawn, expiring: one of it, and sent only if approved', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, isLate) => {
        const it = openFixture({
          wrap: (ledger) => ({
            ...ledger,
            save: (...values) =>
              scheduler.schedule(Promise.resolve(), 'save').then(() => ledger.save(...values)),
            lease: (...values) =>
              scheduler.schedule(Promise.resolve(), 'lease').then(() => ledger.lease(...values)),
          }),
        })
        const asked = it.ask({}, asking)
        await scheduler.waitFor(asked)
        const { id } = (await asked).record
        const done = (step: Promise<unknown>, name: string) =>
          step.then(
            () => name,
            () => null,
          )
        if (isLate) it.clock.now += 7 * DAY - 1
        const steps = [
          done(it.gateway.approve(id, 'boss', null), 'approved'),
          done(it.gateway.approve(id, 'chief', null), 'approved'),
          done(it.gateway.decline(id, 'boss', 'no'), 'declined'),
          done(it.gateway.withdraw(id), 'withdrawn'),
        ]
        if (isLate) it.clock.now += 1
        const turned = it.gateway.tick()
        const outcomes = await scheduler.waitFor(Promise.all(steps))
        await scheduler.waitFor(turned)
        await scheduler.waitFor(it.idle())
        const end = await it.get(id)
        expect(isAtRest(end.status)).toBe(true)
        const given = outcomes.filter((outcome) => outcome === 'approved')
        expect(given.length).toBeLessThanOrEqual(1)
        expect(outcomes.includes('declined')).toBe(end.problem?.cause === 'declined')
        if (end.attempts.length > 0) expect(end.approval).toMatchObject({ state: 'given' })
        if (end.status === 'succeeded') expect(given).toHaveLength(1)
        expect(it.platform.count('cancel')).toBe(end.status === 'succeeded' ? 1 : 0)
      }),
      { numRuns: 60 },
    )
  })
})

describe('orders that are linked', () => {
  it('are refused, but for one alone', async () => {
    const fixture = await openLink()
    const asked = (linked?: 'all' | 'each' | 'none') =>
      fixture.ask({ store: 'acme', orderId: 'o-acme', ...(linked && { linked }) }, asking)
    for (const linked of [undefined, 'all', 'each'] as const)
      await expect(asked(linked)).rejects.toMatchObject({
        problem: { code: 'unsupported', errors: [{ pointer: '/linked' }] },
      })
    const { record } = await asked('none')
    expect(record).toMatchObject({ status: 'accepted', approval: { state: 'awaited' } })
    await settle(fixture)
    expect(sent(fixture)).toEqual([])
  })
  it('wait with a run for the one that waits for approval', async () => {
    const fixture = await openLink()
    const alone = { store: 'erp', orderId: 'o-erp', linked: 'none' } as const
    const { record } = await fixture.ask(alone, asking)
    await fixture.ask({ store: 'acme', orderId: 'o-acme' }, { caller: 'admin' })
    await settle(fixture)
    expect(sent(fixture)).toEqual([])
    await fixture.gateway.approve(record.id, 'boss', null)
    await settle(fixture)
    expect(states(fixture)).toEqual(['canceled', 'canceled', 'canceled'])
  })
  it('do not follow for who would have to be approved', async () => {
    for (const mustBeApproved of [true, false]) {
      const fixture = await openLink({ mustBeApproved: () => mustBeApproved }, 'cancel')
      fixture.clock.now += DAY
      fixture.platform.turn('canceled', 'o-paris')
      await fixture.hear('o-paris', 'order.canceled', 'paris')
      await settle(fixture)
      expect(sent(fixture)).toEqual(mustBeApproved ? [] : ['o-erp', 'o-acme'])
      await settle(fixture, 12, SETTLE)
      expect((await link(fixture)).status).toBe(mustBeApproved ? 'diverged' : 'canceled')
    }
  })
})

describe('a batch', () => {
  it('rests with every row waiting, holds up nobody, and shows what became of them', async () => {
    const { batches, gateway, finished, sandboxes, tick } = setUp(['a'])
    const { batch } = await batches.create(rowsOf('a', 150), 'erp', null, undefined, {
      needsApproval: true,
    })
    const { batch: other } = await batches.create(rowsOf('a', 5, 'other'), 'admin', null)
    expect((await finished(batch.id)).counts).toMatchObject({ accepted: 150, succeeded: 0 })
    expect((await finished(other.id)).counts.succeeded).toBe(5)
    const waiting = { stores: null, order: 'asc', limit: 200, approval: 'awaited' } as const
    const records = await gateway.list(waiting)
    expect(records).toHaveLength(150)
    const [first, second] = records
    await gateway.approve(first?.id ?? '', 'boss', null)
    await gateway.decline(second?.id ?? '', 'boss', 'no')
    const seen = await until(
      tick,
      () => batches.get(batch.id),
      ({ counts }) => counts.succeeded === 1,
    )
    expect(seen.counts).toMatchObject({ accepted: 148, succeeded: 1, rejected: 1 })
    expect(sandboxes.get('a')?.cancels.size).toBe(6)
  })
  it('that is stopped takes back what waits', async () => {
    const { batches, gateway, tick } = setUp(['a'])
    const { batch } = await batches.create(rowsOf('a', 250), 'erp', null, undefined, {
      needsApproval: true,
    })
    const waiting = { stores: null, order: 'asc', limit: 300, approval: 'awaited' } as const
    await until(
      tick,
      () => gateway.list(waiting),
      (records) => records.length > 20,
    )
    await batches.stop(batch.id)
    const end = await until(
      tick,
      () => batches.get(batch.id),
      ({ finishedAt }) => finishedAt !== null,
    )
    expect(end.counts).toMatchObject({ rejected: 250, accepted: 0 })
    expect(await gateway.list(waiting)).toEqual([])
  })
})
