/** Taking back what is still accepted, also in a race with the attempt that would send it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { request } from '../model/samples.ts'
import { openFixture, type Fixture, SETTLE, T0 } from './fixture.ts'
import { lost, says, unreachable } from './platform.ts'

const unsent = async (it: Fixture, over = {}) => {
  it.platform.plan('cancel', ...Array.from({ length: 50 }, () => unreachable))
  return (await it.ask(over)).record
}

describe('withdraw', () => {
  it('ends what was never sent', async () => {
    const it = openFixture()
    const { id } = await unsent(it, { restock: true })
    expect(await it.gateway.withdraw(id)).toMatchObject({
      status: 'rejected',
      via: null,
      settledAt: T0,
      wakeAt: null,
      problem: {
        code: 'order-not-cancelable',
        cause: 'withdrawn',
        acted: 'no',
        retryable: false,
        detail: 'Withdrawn by the caller.',
      },
      effects: {
        order: { outcome: 'skipped' },
        restock: { outcome: 'skipped' },
        payment: { outcome: 'withheld' },
      },
      order: { customer: null },
    })
    expect(await it.tick(SETTLE)).toBe(0)
  })
  it('names the note that may stay', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    const { id } = await unsent(it, { reason: 'Wrong' })
    expect((await it.gateway.withdraw(id)).effects.reason).toMatchObject({
      outcome: 'skipped',
      detail: 'The note of the reason may have been written to the order.',
    })
  })
  it('names none where none was written', async () => {
    const it = openFixture({ toy: { reason: 'before' } })
    it.platform.plan('look', lost)
    const { record } = await it.ask({ reason: 'Wrong' })
    expect((await it.gateway.withdraw(record.id)).effects.reason).not.toHaveProperty('detail')
  })
  it('of a store that is gone', async () => {
    const it = openFixture()
    const { id } = await unsent(it, { reason: 'Wrong' })
    it.stores.delete('shop')
    expect(await it.gateway.withdraw(id)).toMatchObject({ status: 'rejected' })
  })
  it('is written once more where somebody else wrote in between', async () => {
    let stale = 1
    const it = openFixture({
      wrap: (ledger) => ({
        ...ledger,
        save: async (next, ...rest) =>
          next.problem?.cause === 'withdrawn' && stale-- > 0 ? null : ledger.save(next, ...rest),
      }),
    })
    const { id } = await unsent(it)
    expect(await it.gateway.withdraw(id)).toMatchObject({
      status: 'rejected',
      problem: { cause: 'withdrawn' },
    })
    expect(it.history.filter(({ status }) => status === 'rejected')).toHaveLength(1)
  })
  it('wakes whoever waits for it', async () => {
    const it = openFixture({ realTime: true })
    const { id } = await unsent(it)
    const waiting = it.gateway.wait(id, 5_000)
    await it.gateway.withdraw(id)
    expect(await waiting).toMatchObject({ status: 'rejected' })
  })
})

describe('too late', () => {
  it.each([
    ['succeeded', {}, () => {}],
    ['rejected', {}, (it: Fixture) => it.platform.plan('cancel', says(400, 'nope'))],
    ['in_doubt', {}, (it: Fixture) => it.platform.plan('cancel', lost)],
  ] as [string, object, (it: Fixture) => void][])('%s', async (status, over, plan) => {
    const it = openFixture()
    plan(it)
    const { record } = await it.ask(over)
    expect(record.status).toBe(status)
    await expect(it.gateway.withdraw(record.id)).rejects.toMatchObject({
      problem: {
        code: 'not-withdrawable',
        status: 409,
        detail: `This cancellation is ${status}.`,
        cancellation: `/v1/cancellations/${record.id}`,
      },
    })
    expect(await it.get(record.id)).toEqual(record)
  })
  it('needs_attention', async () => {
    const it = openFixture({ toy: { repeat: 'unknown' } })
    it.platform.plan('cancel', lost)
    const { record } = await it.ask()
    await it.tick(SETTLE)
    await expect(it.gateway.withdraw(record.id)).rejects.toMatchObject({
      problem: { code: 'not-withdrawable' },
    })
  })
  it('sending', async () => {
    const it = openFixture()
    const outcome = new Promise((resolve) => {
      it.platform.plan('cancel', async ({ go }) => {
        const [record] = it.records.values()
        resolve(await it.gateway.withdraw(record?.id ?? '').catch((error: unknown) => error))
        return go()
      })
    })
    const { record } = await it.ask()
    expect(await outcome).toMatchObject({
      problem: { code: 'not-withdrawable', detail: 'This cancellation is sending.' },
    })
    expect(record.status).toBe('succeeded')
  })
  it('unknown', async () => {
    await expect(openFixture().gateway.withdraw('can_nowhere')).rejects.toMatchObject({
      problem: { code: 'cancellation-not-found' },
    })
  })
})

describe('in a race with the attempt', () => {
  it('either it is withdrawn and nothing was sent, or it is too late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const it = openFixture({
          wrap: (ledger) => ({
            ...ledger,
            save: (...values) =>
              scheduler.schedule(Promise.resolve(), 'save').then(() => ledger.save(...values)),
            lease: (...values) =>
              scheduler.schedule(Promise.resolve(), 'lease').then(() => ledger.lease(...values)),
          }),
        })
        const { record } = await it.gateway.cancel(request(), 'erp', null, null)
        const withdrawn = it.gateway.withdraw(record.id).then(
          () => true,
          () => false,
        )
        await scheduler.waitFor(Promise.all([withdrawn, it.idle()]))
        const end = await it.get(record.id)
        expect([end.status, it.platform.count('cancel')]).toEqual(
          (await withdrawn) ? ['rejected', 0] : ['succeeded', 1],
        )
      }),
      { numRuns: 40 },
    )
  })
})
