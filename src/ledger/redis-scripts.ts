/**
 * The Lua of the Redis ledger: a script runs alone, so each promise of the port that reads before it writes is one script.
 *
 * A script that fails midway leaves what it wrote, so every script reads, decodes and decides before its first write,
 * and nothing after that can fail: Redis checks memory, disk and role at a script's first write.
 *
 * KEYS[1] is the prefix with the hash tag; every other key is built from it here and so lies in the same slot:
 *   record:ID       hash: body, version, status, wishes, wake (the truth, as a lease moves it), entry (how it is filed)
 *   guard:GUARD     the standing records of one target and order, by creation
 *   created:LIST, updated:LIST   every record of a list by time; the lists of a record are in its entry
 *   due, settled    records by wake-up and by settling
 *   bound, keys     idempotency keys: scope to id and fingerprint; scopes by expiry
 *   epochs, leases, epoch        lock keys to epoch; lock keys by expiry; the last epoch given
 *   server          the run id of the server that leases were last given on, and until when they pause
 *
 * Times come as text and stay text or become doubles, which hold milliseconds exactly. Strings are compared for
 * equality only, or byte by byte: Lua's own order of strings depends on the server's locale, that of sorted sets does not.
 */

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
  if entry.wake then call('ZADD', p .. 'due', entry.wake, id) end
end

local function unfile(id, entry)
  for _, list in ipairs(entry.lists) do
    call('ZREM', p .. 'created:' .. list, id)
    call('ZREM', p .. 'updated:' .. list, id)
  end
  call('ZREM', p .. 'guard:' .. entry.guard, id)
  call('ZREM', p .. 'settled', id)
  call('ZREM', p .. 'due', id)
end

local function write(id, version, body, status, wishes, wake, entry)
  call('HSET', p .. 'record:' .. id, 'version', version, 'body', body, 'status', status, 'wishes', wishes, 'wake', wake, 'entry', entry)
end

local function wakeUp(id, wake)
  call('HSET', p .. 'record:' .. id, 'wake', wake)
  call('ZADD', p .. 'due', wake, id)
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

/** Answers the epoch, or why not: stale, busy, paused. */
const lease = `
local id, version, lock, ttl, retry, now, given, server, seen, pause = unpack(ARGV)
if call('HGET', p .. 'record:' .. id, 'version') ~= version then return 'stale' end
local at = clock(given)
local known = call('HMGET', p .. 'server', 'run', 'resume')
-- Another server than before, or one that has lost its memory: what was sent last may be forgotten, so nothing is sent until it has landed.
if server ~= '' and known[1] ~= server then
  known[2] = (known[1] or seen ~= '') and at + pause or 0
  call('HSET', p .. 'server', 'run', server, 'resume', known[2])
end
local resume = tonumber(known[2] or 0)
if resume > at then
  wakeUp(id, now + resume - at)
  return 'paused'
end
local held = call('ZSCORE', p .. 'leases', lock)
if held and tonumber(held) > at then
  wakeUp(id, now + math.min(held - at, retry))
  return 'busy'
end
-- Above every epoch ever given, also by a server whose counter was lost: a writer from before stays told apart.
local epoch = string.format('%.0f', math.max((call('GET', p .. 'epoch') or 0) + 1, math.floor(at)))
call('SET', p .. 'epoch', epoch)
call('HSET', p .. 'epochs', lock, epoch)
call('ZADD', p .. 'leases', at + ttl, lock)
wakeUp(id, now + ttl)
return epoch
`

const release = `
if call('HGET', p .. 'epochs', ARGV[1]) == ARGV[2] then free(ARGV[1]) end
return 1
`

const due = `
local found = {}
for _, id in ipairs(call('ZRANGEBYSCORE', p .. 'due', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do found[#found + 1] = read(id) end
return found
`

/**
 * Answers the records of a page that are in every list, found by walking the shortest one. Where few of many fit it
 * stops after a thousand, with the place to go on from, so that no other script waits long.
 */
const page = `
local by, order, from, to, limit, afterAt, afterId, low, high = unpack(ARGV, 1, 9)
local lists, shortest, size = cjson.decode(ARGV[10]), nil, nil
for _, list in ipairs(lists) do
  local count = call('ZCARD', p .. by .. ':' .. list)
  if not size or count < size then shortest, size = list, count end
end
local function follows(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) > b:byte(i) end
  end
  return #a > #b
end
local function beyond(at, id)
  if afterId == '' then return true end
  if tonumber(at) ~= tonumber(afterAt) then return (tonumber(at) > tonumber(afterAt)) == (order == 'asc') end
  return id ~= afterId and follows(id, afterId) == (order == 'asc')
end
local function fits(id)
  for _, list in ipairs(lists) do
    if list ~= shortest and not call('ZSCORE', p .. 'created:' .. list, id) then return false end
  end
  local created = tonumber(call('ZSCORE', p .. 'created:' .. shortest, id))
  return (low == '' or created > tonumber(low)) and (high == '' or created < tonumber(high))
end
local range = order == 'asc' and 'ZRANGEBYSCORE' or 'ZREVRANGEBYSCORE'
local found, walked = {}, 0
while true do
  local part = call(range, p .. by .. ':' .. shortest, from, to, 'WITHSCORES', 'LIMIT', walked, 100)
  for i = 1, #part, 2 do
    if beyond(part[i + 1], part[i]) and fits(part[i]) then
      found[#found + 1] = read(part[i])
      if #found == tonumber(limit) then return { found } end
    end
  end
  if #part < 200 then return { found } end
  walked = walked + 100
  if walked >= 1000 and beyond(part[200], part[199]) then return { found, part[200], part[199] } end
end
`

/** Forgets at most some hundred things, so that no other script waits long; answers how many. */
const sweep = `
local now, settledUntil, given = unpack(ARGV)
local scopes = call('ZRANGEBYSCORE', p .. 'keys', '-inf', now, 'LIMIT', 0, 100)
local locks = call('ZRANGEBYSCORE', p .. 'leases', '-inf', clock(given), 'LIMIT', 0, 100)
local ids = call('ZRANGEBYSCORE', p .. 'settled', '-inf', settledUntil, 'LIMIT', 0, 100)
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
return #scopes + #locks + #ids
`

/** By name, each with what they share before it. */
export const SCRIPTS = Object.entries({ claim, save, lease, release, due, page, sweep }).map(([name, lua]) => ({ name, lua: PRELUDE + lua }))
