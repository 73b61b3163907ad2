/**
 * The Lua of leases: who may work on what, and whether this server may say so; it stands on the
 * prelude of redis-scripts.ts.
 */

/**
 * Answers the epoch and how many replicas must have it; or why not, and that: stale, busy, paused,
 * alone.
 *
 * A primary that was cut off from its replicas may have been replaced by one of them without
 * knowing. So the most replicas that this run of the server was seen with are kept, and it gives no
 * lease while it has fewer. A replica that takes over is another run, and begins with those that it
 * has. `least`: what the process knows; `fixed`: what the operator says, instead.
 */
export const lease = `
local id, store, version, lock, ttl, retry, now, given, server, seen, pause, least, fixed = unpack(ARGV)
if call('HGET', p .. 'record:' .. id, 'version') ~= version then return { 'stale' } end
local at = clock(given)
local run, resume, replicas = unpack(call('HMGET', p .. 'server', 'run', 'resume', 'replicas'))
local told = redis.pcall('INFO', 'replication')
local online = type(told) == 'string' and select(2, told:gsub('state=online', '')) or nil
local isOther = server ~= '' and run ~= server
local needed = fixed == '' and math.max(tonumber(least), online or 0, isOther and 0 or tonumber(replicas or 0)) or tonumber(fixed)
-- Another server than before, or one that has lost its memory: what was sent last may be forgotten, so nothing is sent until it has landed.
if isOther then
  resume = (run or seen ~= '') and at + pause or 0
  call('HSET', p .. 'server', 'run', server, 'resume', resume, 'replicas', needed)
elseif tonumber(resume or 0) > at + pause then
  -- The server's clock was set back.
  resume = at + pause
  call('HSET', p .. 'server', 'resume', resume)
end
if needed ~= tonumber(replicas or 0) then call('HSET', p .. 'server', 'replicas', needed) end
if tonumber(resume or 0) > at then
  wakeUp(id, store, now + resume - at)
  return { 'paused', needed }
end
if online and online < needed then
  wakeUp(id, store, now + retry)
  return { 'alone', needed }
end
local held = call('ZSCORE', p .. 'leases', lock)
if held and tonumber(held) > at then
  wakeUp(id, store, now + math.min(held - at, retry))
  return { 'busy', needed }
end
-- Above every epoch ever given, also by a server whose counter was lost: a writer from before stays told apart.
local epoch = string.format('%.0f', math.max((call('GET', p .. 'epoch') or 0) + 1, math.floor(at)))
call('SET', p .. 'epoch', epoch)
call('HSET', p .. 'epochs', lock, epoch)
call('ZADD', p .. 'leases', at + ttl, lock)
wakeUp(id, store, now + ttl)
return { epoch, needed }
`

/** With a record, too: it is due again at `wake`, since nobody worked on it. */
export const release = `
local lock, epoch, id, version, store, wake = unpack(ARGV)
if call('HGET', p .. 'epochs', lock) == epoch then free(lock) end
if id and call('HGET', p .. 'record:' .. id, 'version') == version then wakeUp(id, store, wake) end
return 1
`

/**
 * Answers 1 where this is the server that is meant; its write comes after everything that this
 * process was told is done.
 */
export const witness = `
local told = redis.pcall('INFO', 'server')
if ARGV[1] ~= '' and not (type(told) == 'string' and told:find('run_id:' .. ARGV[1], 1, true)) then return 0 end
call('SET', p .. 'probe', ARGV[1])
return 1
`
