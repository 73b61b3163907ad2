/**
 * A probe is one try to get what one may not have, or to break what must hold: each is counted, and
 * so is what held.
 */
import { appendFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const count = { probes: 0, passed: 0 }

/** One probe; it held unless `work` throws. */
export const hold = <T>(work: () => T): T => {
  count.probes++
  const result = work()
  if (!(result instanceof Promise)) count.passed++
  return result instanceof Promise
    ? (result.then((value: unknown) => {
        count.passed++
        return value
      }) as T)
    : result
}

/**
 * A test of many probes: every one is tried, whatever became of those before it, and those that did
 * not hold are named.
 */
export const probe = <T>(
  title: string,
  of: () => readonly T[] | Promise<readonly T[]>,
  work: (one: T) => unknown,
): void => {
  it(
    title,
    async () => {
      const broken: string[] = []
      const all = await of()
      for (const one of all)
        await hold(async () => work(one)).catch((error: unknown) =>
          broken.push(`${JSON.stringify(one)}: ${(error as Error).message}`),
        )
      expect(broken.slice(0, 5), `${broken.length} of ${all.length} did not hold`).toEqual([])
      expect(all.length, 'nothing was tried').toBeGreaterThan(0)
    },
    60_000,
  )
}

/** Says how many held; RESCIND_FIGURES names a file that is told too. */
export const tell = (): void => {
  const file = process.env['RESCIND_FIGURES']
  if (file) appendFileSync(file, `${JSON.stringify(count)}\n`)
  console.log(`${count.passed} of ${count.probes} probes held`)
}
