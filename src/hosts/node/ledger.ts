/** The ledger on Node, by its address. */
import { ConfigError } from '../../config/configuration.ts'
import type { Timing } from '../../gateway/workflow/timing.ts'
import { openMemoryLedger } from '../../ledger/memory/memory.ts'
import type { FullLedger } from '../../ledger/port.ts'
import type { RedisOptions } from '../../ledger/redis/redis.ts'
import { openSqliteLedger } from '../../ledger/sql/sqlite.ts'
import { steadyNow } from '../../model/time.ts'

/** A sender whose intent Redis forgot may still be at it, and then its call may still land. */
export const pauseOf = (
  { longestCallMs, settleMs }: Timing,
  settlers: Iterable<{ readonly settleMs: number }>,
): number => longestCallMs + Math.max(settleMs, ...[...settlers].map((one) => one.settleMs))

export const openLedger = async (address: string, options: RedisOptions): Promise<FullLedger> => {
  try {
    if (address === 'memory:') return openMemoryLedger(steadyNow, options)
    if (address.startsWith('sqlite:'))
      return openSqliteLedger(address.slice('sqlite:'.length), steadyNow, options)
    if (/^rediss?:\/\//.test(address)) {
      // Loaded by those who have one: its client is a seventh of what a start costs.
      const { openRedisLedger } = await import('../../ledger/redis/redis.ts')
      return await openRedisLedger(address, options)
    }
    if (/^postgres(?:ql)?:\/\//.test(address)) {
      const { openPostgresLedger } = await import('../../ledger/postgres/postgres.ts')
      return await openPostgresLedger(address, options)
    }
  } catch (cause) {
    throw new ConfigError(`RESCIND_LEDGER: ${(cause as Error).message}`, { cause })
  }
  throw new ConfigError(
    'RESCIND_LEDGER must be sqlite:PATH, redis://HOST:PORT, rediss://HOST:PORT, ' +
      'postgres://USER@HOST:PORT/DATABASE or memory:',
  )
}
