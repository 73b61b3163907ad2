/** Holding an answer until the record is at rest, the time is up, or the caller has gone. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { transition } from '../../src/model/transitions.ts'
import { skipped } from '../../src/model/effect.ts'
import { problem } from '../../src/model/problem.ts'
import { openFixture, SETTLE, T0 } from './fixture.ts'
import { lost, silent, type Step } from './platform.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A record that is in doubt, so that nothing happens to it by itself. */
const doubtful = async (step: Step = lost) => {
  const it = openFixture({ realTime: true, toy: { repeat: 'unknown' } })
  it.platform.plan('cancel', step)
  const { record } = await it.ask()
  expect(record.status).toBe('in_doubt')
  const watch = (ms: number, signal?: AbortSignal) => {
    const seen = { status: null as string | null }
    const done = it.gateway.wait(record.id, ms, signal).then((found) => {
      seen.status = found.status
    })
    return { seen, done }
  }
  const pass = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { ...it, record, watch, pass }
}

describe('wait', () => {
  it('answers at once what is at rest', async () => {
    const { ask, gateway } = openFixture({ realTime: true })
    const { record } = await ask()
    expect(await gateway.wait(record.id, 60_000)).toEqual(record)
    expect(vi.getTimerCount()).toBe(0)
  })
  it('answers at once where nobody wants to wait', async () => {
    const { gateway, record } = await doubtful()
    expect(await gateway.wait(record.id, 0)).toEqual(record)
  })
  it('answers when the time is up, with the record as it stands', async () => {
    const { watch, pass } = await doubtful(silent)
    const { seen } = watch(1_100)
    await pass(1_099)
    expect(seen.status).toBeNull()
    await pass(1)
    expect(seen.status).toBe('in_doubt')
    expect(vi.getTimerCount()).toBe(0)
  })
  it('wakes up when this process saves the record, before the next poll', async () => {
    const { watch, pass, tick } = await doubtful()
    const [one, two] = [watch(60_000), watch(60_000)]
    await pass(10)
    await tick(SETTLE)
    await Promise.all([one.done, two.done])
    expect([one.seen.status, two.seen.status]).toEqual(['needs_attention', 'needs_attention'])
    expect(vi.getTimerCount()).toBe(0)
  })
  it('wakes up also when another who waited has left', async () => {
    const { watch, pass, tick } = await doubtful()
    const [one, two] = [watch(60_000), watch(300)]
    await pass(310)
    expect([one.seen.status, two.seen.status]).toEqual([null, 'in_doubt'])
    await tick(SETTLE)
    await one.done
    expect(one.seen.status).toBe('needs_attention')
  })
  it('sleeps on where it was saved and is still open', async () => {
    const { watch, pass, tick, platform } = await doubtful()
    const { seen } = watch(60_000)
    platform.plan('look', lost)
    await tick(SETTLE)
    await pass(10)
    expect(seen.status).toBeNull()
    await pass(60_000)
    expect(seen.status).toBe('in_doubt')
  })
  it('notices within a quarter of a second what another process wrote', async () => {
    const { watch, pass, memory, record } = await doubtful()
    const { seen } = watch(60_000)
    await pass(10)
    await memory.save(
      transition(record, {
        type: 'reject',
        at: T0,
        via: 'reply',
        problem: problem('internal', 'elsewhere'),
        effects: skipped(record.request),
        order: null,
      }),
    )
    await pass(239)
    expect(seen.status).toBeNull()
    await pass(1)
    expect(seen.status).toBe('rejected')
  })
  it('looks no more often than that', async () => {
    const { pass, gateway, record, ledger } = await doubtful()
    const get = vi.spyOn(ledger, 'get')
    void gateway.wait(record.id, 10_000)
    await pass(1_000)
    expect(get).toHaveBeenCalledTimes(5)
    await pass(9_000)
  })
  it('lets go when the caller has gone', async () => {
    const { watch, pass } = await doubtful()
    const gone = new AbortController()
    const { seen } = watch(60_000, gone.signal)
    await pass(10)
    gone.abort()
    await pass(0)
    expect(seen.status).toBe('in_doubt')
    const { seen: late } = watch(60_000, gone.signal)
    await pass(0)
    expect(late.status).toBe('in_doubt')
  })
  it('leaves nothing behind', async () => {
    const { watch, pass, gateway } = await doubtful()
    const signal = new AbortController().signal
    const removed = vi.spyOn(signal, 'removeEventListener')
    const added = vi.spyOn(signal, 'addEventListener')
    const { done } = watch(300, signal)
    await pass(300)
    await done
    expect(removed.mock.calls).toEqual(added.mock.calls)
    expect(added.mock.calls[0]?.[0]).toBe('abort')
    await expect(gateway.wait('can_nowhere', 1_000)).rejects.toMatchObject({
      problem: { code: 'cancellation-not-found' },
    })
  })
})
