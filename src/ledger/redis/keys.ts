/** Idempotency keys in Redis, for cancellations and batches alike: Lua, and what it is given. */
import { isDigest, type ScopedKey } from '../rules.ts'
import type { RedisDeps } from './connection.ts'
import { COMMON, type Scripts } from './prelude.ts'

/** `Keys` of rules.ts; a scope is empty where a request came without a key. */
export const KEYS = `
-- The id that a key is bound to, and what the key says of the body that it comes with now; nothing
-- where it is new or has expired.
local function earlier(scope, fingerprint, plain, now)
  local bound = scope ~= '' and call('HGET', p .. 'bound', scope)
  if not bound or tonumber(call('ZSCORE', p .. 'keys', scope)) <= tonumber(now) then return end
  local id, first = unpack(cjson.decode(bound))
  local isSame = first == fingerprint or (plain ~= '' and first == plain)
  return id, isSame and 'replayed' or 'key_reused'
end

local function bind(scope, id, fingerprint, expiry)
  if scope == '' then return end
  call('HSET', p .. 'bound', scope, cjson.encode({ id, fingerprint }))
  call('ZADD', p .. 'keys', expiry, scope)
end
`

/** A key as scripts take it: scope, fingerprint, the same in plain words, now, expiry. */
export const keyFields = (key: ScopedKey | null, now: number, keysMs: number) =>
  [key?.scope ?? '', key?.fingerprint ?? '', key?.plain ?? '', now, now + keysMs] as const

/** Writes what a key is bound to anew, unless it changed. */
const rebindLua = `${COMMON}
local scope, was, next = unpack(ARGV)
if call('HGET', p .. 'bound', scope) ~= was then return 0 end
call('HSET', p .. 'bound', scope, next)
return 1
`

export const KEY_SCRIPTS: Scripts = { rebind: rebindLua }

/** Goes through all keys: none is found by what it is bound to, since nobody else asks for that. */
export const digestKeys = async (
  { redis, prefix, run, withServer }: RedisDeps,
  id: string,
  digest: (text: string) => Promise<string>,
): Promise<number> => {
  let [cursor, count] = ['0', 0]
  do {
    const [next, found] = await withServer(() =>
      redis.hscan(`${prefix}bound`, cursor, 'COUNT', 500),
    )
    for (let index = 0; index < found.length; index += 2) {
      const [scope = '', was = ''] = found.slice(index, index + 2)
      const [bound, fingerprint] = JSON.parse(was) as [string, string]
      if (bound !== id || isDigest(fingerprint)) continue
      const anew = JSON.stringify([id, await digest(fingerprint)])
      count += Number(await run('rebind', scope, was, anew))
    }
    cursor = next
  } while (cursor !== '0')
  return count
}
