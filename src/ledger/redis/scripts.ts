/**
 * The Lua of the Redis ledger: a script runs alone, so each promise of the port that reads before
 * it writes is one script.
 *
 * A script that fails midway leaves what it wrote, so every script reads, decodes and decides
 * before its first write, and nothing after that can fail: Redis checks memory, disk and role at a
 * script's first write.
 *
 * KEYS[1] is the prefix with the hash tag; every other key is built from it here and so lies in the
 * same slot:
 *   record:ID       hash: body, version, status, wishes, wake (the truth, as a lease moves it),
 * entry (how it is filed)
 *   guard:GUARD     the standing records of one target and order, by creation
 *   created:LIST, updated:LIST   every record of a list by time; the lists of a record are in its
 * entry
 *   due:STORE       the records of a store by wake-up
 *   stores, accounts   every store that a record waits of, or did until the last sweep; for which
 * account each was first opened
 *   settled, doubt  records by settling, and by the call that is in doubt
 *   bound, keys     idempotency keys: scope to id and fingerprint; scopes by expiry
 *   epochs, leases, epoch        lock keys to epoch; lock keys by expiry; the last epoch given
 *   pace            buckets: until when each is not full
 *   server          the run id of the server that leases were last given on, until when they pause,
 * how many replicas it was seen with
 *
 * Times come as text and stay text or become doubles, which hold milliseconds exactly. Strings are
 * compared for equality only, or byte by byte: Lua's own order of strings depends on the server's
 * locale, that of sorted sets does not.
 */

import { lease, release, witness } from './leases.ts'
import { page } from './page.ts'

const PRELUDE = `
local p = KEYS[1]
local call = redis.call

local function read(id)
  local found = call('HMGET', p .. 'record:' .. id, 'body', 'wake')
  return found[1] and found or nil
end

-- Leases live by the server's clock, so that gateways whose clocks differ cannot hold one together. Tests give their own.
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function file(id, entry)
  for _, list in ipairs(entry.lists) do
    call('ZADD', p .. 'created:' .. list, entry.created, id)
    call('ZADD', p .. 'updated:' .. list, entry.updated, id)
  end
  if entry.stands then call('ZADD', p .. 'guard:' .. entry.guard, entry.created, id) end
  if entry.settled then call('ZADD', p .. 'settled', entry.settled, id) end
  if entry.wake then
    call('ZADD', p .. 'due:' .. entry.store, entry.wake, id)
    call('SADD', p .. 'stores', entry.store)
  end
  if entry.doubt then call('ZADD', p .. 'doubt', entry.doubt, id) end
end

local function unfile(id, entry)
  for _, list in ipairs(entry.lists) do
    call('ZREM', p .. 'created:' .. list, id)
    call('ZREM', p .. 'updated:' .. list, id)
  end
  call('ZREM', p .. 'guard:' .. entry.guard, id)
  call('ZREM', p .. 'settled', id)
  call('ZREM', p .. 'due:' .. entry.store, id)
  call('ZREM', p .. 'doubt', id)
end

local function write(id, version, body, status, wishes, wake, entry)
  call('HSET', p .. 'record:' .. id, 'version', version, 'body', body, 'status', status, 'wishes', wishes, 'wake', wake, 'entry', entry)
end

local function wakeUp(id, store, wake)
  call('HSET', p .. 'record:' .. id, 'wake', wake)
  call('ZADD', p .. 'due:' .. store, wake, id)
  call('SADD', p .. 'stores', store)
end

local function free(lock)
  call('ZREM', p .. 'leases', lock)
  call('HDEL', p .. 'epochs', lock)
end

-- The rule of guard() in ledger.ts; only records that stand are members.
local function verdict(id, guard, wishes, rest)
  local open, settled
  for _, other in ipairs(call('ZRANGE', p .. 'guard:' .. guard, 0, -1)) do
    if other ~= id then
      local its = call('HMGET', p .. 'record:' .. other, 'wishes', 'status')
      if its[1] == wishes then return 'deduplicated', other end
      if its[2] == 'succeeded' then settled = other else open = open or other end
    end
  end
  if open then return 'conflict', open end
  if settled and rest ~= '1' then return 'settled', settled end
end
`

/** Answers the outcome, and the earlier record where there is one. */
const claim = `
local scope, fingerprint, now, expiry, rest = unpack(ARGV, 1, 5)
local id, version, body, status, wishes, wake, filed = unpack(ARGV, 6, 12)
local entry = cjson.decode(filed)
if scope ~= '' then
  local bound = call('HGET', p .. 'bound', scope)
  if bound and tonumber(call('ZSCORE', p .. 'keys', scope)) > tonumber(now) then
    local owner = cjson.decode(bound)
    local record = read(owner[1])
    if record then return { owner[2] == fingerprint and 'replayed' or 'key_reused', record[1], record[2] } end
  end
end
local outcome, standing = verdict(id, entry.guard, wishes, rest)
if not outcome and read(id) then return redis.error_reply('the id of the draft is taken') end
local record = standing and read(standing)
if not outcome then
  write(id, version, body, status, wishes, wake, filed)
  file(id, entry)
end
if scope ~= '' and (not outcome or outcome == 'deduplicated') then
  call('HSET', p .. 'bound', scope, cjson.encode({ standing or id, fingerprint }))
  call('ZADD', p .. 'keys', expiry, scope)
end
if outcome then return { outcome, record[1], record[2] } end
return { 'created' }
`

/** Answers 1 where the next state is written, else 0. */
const save = `
local expected, lock, epoch, keep, rest, now = unpack(ARGV, 1, 6)
local id, version, body, status, wishes, wake, filed = unpack(ARGV, 7, 13)
local was = call('HMGET', p .. 'record:' .. id, 'version', 'status', 'entry')
if was[1] ~= expected then return 0 end
if epoch ~= '' and call('HGET', p .. 'epochs', lock) ~= epoch then return 0 end
local entry, old = cjson.decode(filed), cjson.decode(was[3])
if was[2] == 'rejected' and verdict(id, entry.guard, wishes, rest) then return 0 end
unfile(id, old)
write(id, version, body, status, wishes, wake, filed)
file(id, entry)
if epoch ~= '' then
  if keep == '' then free(lock) else call('ZADD', p .. 'leases', clock(now) + keep, lock) end
end
return 1
`

const bind = `
call('HSETNX', p .. 'accounts', ARGV[1], ARGV[2])
return call('HGET', p .. 'accounts', ARGV[1])
`

const due = `
local found = {}
for _, store in ipairs(cjson.decode(ARGV[1])) do
  for _, id in ipairs(call('ZRANGEBYSCORE', p .. 'due:' .. store, '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])) do found[#found + 1] = read(id) end
end
return found
`

/**
 * The rule of turnAt() in ledger.ts; answers the wait as text, since a number would lose its
 * fraction.
 */
const reserve = `
local bucket, step, burst, patience, longest, given = unpack(ARGV)
local at = clock(given)
local from = math.min(math.max(tonumber(call('HGET', p .. 'pace', bucket) or 0), at), at + longest + burst * step)
local wait = math.max(0, from - at - (burst - 1) * step)
if wait <= math.min(patience, longest) then from = from + step end
call('HSET', p .. 'pace', bucket, string.format('%.3f', from))
return string.format('%.3f', wait)
`

/** Answers the four counts, two times, and one of each store, empty where there is none. */
const figures = `
local function size(status) return call('ZCARD', p .. 'created:status:' .. status) end
local function first(set) return call('ZRANGE', p .. set, 0, 0, 'WITHSCORES')[2] or '' end
local found = { size('accepted'), size('sending'), size('in_doubt'), size('needs_attention'), first('doubt'), first('updated:status:needs_attention') }
for _, store in ipairs(cjson.decode(ARGV[1])) do found[#found + 1] = first('due:' .. store) end
return found
`

/** Forgets at most some dozens of things, so that no other script waits long; answers how many. */
const sweep = `
local now, settledUntil, given = unpack(ARGV)
local scopes = call('ZRANGEBYSCORE', p .. 'keys', '-inf', now, 'LIMIT', 0, 50)
local locks = call('ZRANGEBYSCORE', p .. 'leases', '-inf', clock(given), 'LIMIT', 0, 50)
local ids = call('ZRANGEBYSCORE', p .. 'settled', '-inf', settledUntil, 'LIMIT', 0, 50)
local entries = {}
for i, id in ipairs(ids) do entries[i] = cjson.decode(call('HGET', p .. 'record:' .. id, 'entry')) end
for _, scope in ipairs(scopes) do
  call('ZREM', p .. 'keys', scope)
  call('HDEL', p .. 'bound', scope)
end
for _, lock in ipairs(locks) do free(lock) end
for i, id in ipairs(ids) do
  unfile(id, entries[i])
  call('DEL', p .. 'record:' .. id)
end
for _, store in ipairs(call('SMEMBERS', p .. 'stores')) do
  if call('EXISTS', p .. 'due:' .. store) == 0 then call('SREM', p .. 'stores', store) end
end
return #scopes + #locks + #ids
`

/** By name, each with what they share before it. */
export const SCRIPTS = Object.entries({
  claim,
  save,
  lease,
  release,
  witness,
  bind,
  due,
  reserve,
  page,
  figures,
  sweep,
}).map(([name, lua]) => ({ name, lua: PRELUDE + lua }))
