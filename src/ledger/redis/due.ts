/** What is due in Redis: the records whose wake-up time has come, store by store. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { RedisDeps } from './connection.ts'
import { RECORDS, type Scripts } from './prelude.ts'
import { type Found, toRecord } from './records.ts'

const dueLua = `${RECORDS}
local stores, now, each = unpack(ARGV)
local found = {}
for _, store in ipairs(cjson.decode(stores)) do
  local ids = call('ZRANGEBYSCORE', p .. 'due:' .. store, '-inf', now, 'LIMIT', 0, each)
  for _, id in ipairs(ids) do found[#found + 1] = read(id) end
end
return found
`

export const DUE_SCRIPTS: Scripts = { due: dueLua }

export const dueRecords = async (
  { run, now }: RedisDeps,
  stores: readonly string[],
  each: number,
): Promise<Cancellation[]> =>
  ((await run('due', JSON.stringify(stores), now(), each)) as Found[]).map(toRecord)

/**
 * Makes the set of stores where a ledger was written before there was one: then they are in the
 * names of its keys alone, and are read once.
 */
const completeStores = async ({ redis, prefix }: RedisDeps): Promise<void> => {
  if ((await redis.hget(`${prefix}server`, 'stores')) !== null) return
  const pattern = `${prefix.replaceAll(/[[\]\\*?^-]/g, '\\$&')}due:`
  for (let cursor = '0', isFirst = true; isFirst || cursor !== '0'; isFirst = false) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${pattern}*`, 'COUNT', 1_000)
    if (keys.length > 0)
      await redis.sadd(`${prefix}stores`, ...keys.map((key) => key.slice(`${prefix}due:`.length)))
    cursor = next
  }
  await redis.hset(`${prefix}server`, 'stores', 'known')
}

/** Reads what is due of all stores but these. */
export const strayRecords = async (
  deps: RedisDeps,
  stores: readonly string[],
  most: number,
): Promise<Cancellation[]> => {
  const { withServer, redis, prefix } = deps
  await withServer(() => completeStores(deps))
  const known = await withServer(() => redis.smembers(`${prefix}stores`))
  const others = known.filter((store) => !stores.includes(store))
  return (await dueRecords(deps, others, most))
    .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0))
    .slice(0, most)
}
