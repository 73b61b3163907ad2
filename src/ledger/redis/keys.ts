/** Idempotency keys in Redis, for cancellations and batches alike: Lua, and what it is given. */
import type { ScopedKey } from '../rules.ts'

/** `Keys` of rules.ts; a scope is empty where a request came without a key. */
export const KEYS = `
-- The id that a key is bound to, and what the key says of the body that it comes with now; nothing
-- where it is new or has expired.
local function earlier(scope, fingerprint, now)
  local bound = scope ~= '' and call('HGET', p .. 'bound', scope)
  if not bound or tonumber(call('ZSCORE', p .. 'keys', scope)) <= tonumber(now) then return end
  local id, first = unpack(cjson.decode(bound))
  return id, first == fingerprint and 'replayed' or 'key_reused'
end

local function bind(scope, id, fingerprint, expiry)
  if scope == '' then return end
  call('HSET', p .. 'bound', scope, cjson.encode({ id, fingerprint }))
  call('ZADD', p .. 'keys', expiry, scope)
end
`

/** A key as scripts take it: scope, fingerprint, now, expiry. */
export const keyFields = (key: ScopedKey | null, now: number, keysMs: number) =>
  [key?.scope ?? '', key?.fingerprint ?? '', now, now + keysMs] as const
