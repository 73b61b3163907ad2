/** Two processes one after the other on one ledger, one clock and one platform: the first dies. */
import type { Failpoint } from '../../src/gateway/workflow/run.ts'
import { openMemoryLedger } from '../../src/ledger/memory/memory.ts'
import type { FullLedger } from '../../src/ledger/port.ts'
import { type FixtureOptions, openFixture, T0 } from './fixture.ts'
import { createPlatform } from './platform.ts'

export const CRASH = new Error('the process is gone')

/** The first of them dies at this hit of a failpoint, and writes nothing from then on. */
export const lives = (at: Failpoint, options: FixtureOptions = {}, hit = 1) => {
  const clock = { now: T0 }
  const memory = openMemoryLedger(() => clock.now)
  const platform = options.platform ?? createPlatform()
  let [dead, hits] = [false, 0]
  const mortal = (ledger: FullLedger): FullLedger =>
    Object.fromEntries(
      Object.entries(ledger).map(([name, method]) => [
        name,
        typeof method === 'object'
          ? mortal(method as FullLedger)
          : (...values: never[]) =>
              dead ? Promise.reject(CRASH) : (method as (...values: never[]) => unknown)(...values),
      ]),
    ) as unknown as FullLedger
  const first = openFixture({
    ...options,
    clock,
    platform,
    ledger: memory,
    wrap: mortal,
    failpoint: (name) => {
      if (name !== at || dead || ++hits < hit) return
      dead = true
      throw CRASH
    },
  })
  const next = () => openFixture({ ...options, clock, platform, ledger: memory })
  return { first, next, clock, platform, memory, isDead: () => dead }
}
