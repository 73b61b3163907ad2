/** The simulation finds nothing in the gateway, and says the same of a seed every time. */
import { describe, expect, it } from 'vitest'
import { openRandom } from './random.ts'
import { simulate } from './run.ts'
import { misfits } from './mutants.ts'

describe('worlds of a seed each', () => {
  it('hold every promise', async () => {
    const violations: string[] = []
    let [records, calls, faults] = [0, 0, 0]
    for (const seed of Array.from({ length: 250 }, (_, index) => index + 1)) {
      const outcome = await simulate(seed)
      records += outcome.records
      calls += outcome.calls
      for (const times of outcome.faults.values()) faults += times
      violations.push(...outcome.violations.map((what) => `seed ${seed}: ${what}`))
    }
    expect(violations).toEqual([])
    // Worlds in which nothing happens would hold them too.
    expect(Math.min(records, calls, faults)).toBeGreaterThan(1_000)
  })

  it('go the same way each time, step by step', async () => {
    for (const seed of [7, 13, 47]) {
      const [one, other] = [[], []] as [string[], string[]]
      const first = await simulate(seed, (line) => one.push(line))
      const second = await simulate(seed, (line) => other.push(line))
      expect(other).toEqual(one)
      expect(second.digest).toBe(first.digest)
    }
    expect((await simulate(7)).digest).not.toBe((await simulate(13)).digest)
  })

  it('leave the runtime as it was', async () => {
    const { setTimeout: timer } = globalThis
    const before = [performance.now, Date.now, Math.random, crypto.getRandomValues]
    await simulate(1)
    expect([performance.now, Date.now, Math.random, crypto.getRandomValues]).toEqual(before)
    expect(globalThis.setTimeout).toBe(timer)
  })
})

describe('chance', () => {
  it('comes from its seed alone', () => {
    const draw = (seed: number) => {
      const { between } = openRandom(seed)
      return Array.from({ length: 8 }, () => between(0, 99))
    }
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(new Set(draw(3)).size).toBeGreaterThan(3)
  })
})

describe('the mutants', () => {
  it('fit the code that they would break', () => {
    expect(misfits()).toEqual([])
  })
})
