/**
 * The Lua of the Redis ledger's batches: a script runs alone, so each promise is one, or becomes
 * true with the last of several.
 */

/**
 * Keys beside those of `redis-scripts.ts`; as there, a script decides before its first write.
 *   batch:ID            hash: body, version, status, caller
 *   batches:LIST        ids in their order: all, of:CALLER, unfinished; and finished, by time
 *   rows:ID, states:ID  hashes: row to request; row to state, none while it waits
 *   waiting:ID:STORE    rows that nobody took, by number
 *   with:ID:STATUS      rows by number; with:ID:all has every one
 *   open:STORE          "ID row" of what is taken or open, of every batch
 *   tallies:ID          hash: "phase status store" to how many
 *   recent:STORE        when the last rows came to rest
 */
const PRELUDE = `
local p = KEYS[1]
local call = redis.call

local function put(id, row, store, text)
  local was = call('HGET', p .. 'states:' .. id, row)
  local old, new = was and cjson.decode(was) or { phase = 'waiting', status = 'accepted' }, cjson.decode(text)
  call('HSET', p .. 'states:' .. id, row, text)
  call('ZREM', p .. 'waiting:' .. id .. ':' .. store, row)
  call('ZREM', p .. 'with:' .. id .. ':' .. old.status, row)
  call('ZADD', p .. 'with:' .. id .. ':' .. new.status, row, row)
  call('HINCRBY', p .. 'tallies:' .. id, old.phase .. ' ' .. old.status .. ' ' .. store, -1)
  call('HINCRBY', p .. 'tallies:' .. id, new.phase .. ' ' .. new.status .. ' ' .. store, 1)
  call(new.phase == 'rest' and 'ZREM' or 'ZADD', p .. 'open:' .. store, unpack(new.phase == 'rest' and { id .. ' ' .. row } or { 0, id .. ' ' .. row }))
  if new.phase == 'rest' and old.phase ~= 'rest' and new.at > 0 then
    call('LPUSH', p .. 'recent:' .. store, string.format('%.0f', new.at))
    call('LTRIM', p .. 'recent:' .. store, 0, 99)
  end
end

-- What a batch has before any of its rows is taken.
local function keysOf(id, stores)
  local keys = { p .. 'rows:' .. id, p .. 'tallies:' .. id, p .. 'with:' .. id .. ':all', p .. 'with:' .. id .. ':accepted' }
  for _, store in ipairs(stores) do keys[#keys + 1] = p .. 'waiting:' .. id .. ':' .. store end
  return keys
end

local function show(id, rows)
  local found = {}
  for _, row in ipairs(rows) do
    found[#found + 1] = { id, row, call('HGET', p .. 'rows:' .. id, row), call('HGET', p .. 'states:' .. id, row) or '' }
  end
  return found
end
`

/** Some rows of a batch that is not there yet: who never makes it leaves nothing for long. */
const add = `
local id, life = ARGV[1], ARGV[2]
local requests, all, waiting = {}, {}, {}
for i = 3, #ARGV, 3 do
  local row, store = ARGV[i], ARGV[i + 1]
  waiting[store] = waiting[store] or {}
  for _, members in ipairs({ all, waiting[store] }) do members[#members + 1], members[#members + 2] = row, row end
  requests[#requests + 1], requests[#requests + 2] = row, ARGV[i + 2]
end
call('HSET', p .. 'rows:' .. id, unpack(requests))
for _, list in ipairs({ 'all', 'accepted' }) do call('ZADD', p .. 'with:' .. id .. ':' .. list, unpack(all)) end
local stores = {}
for store, members in pairs(waiting) do
  stores[#stores + 1] = store
  call('ZADD', p .. 'waiting:' .. id .. ':' .. store, unpack(members))
  call('HINCRBY', p .. 'tallies:' .. id, 'waiting accepted ' .. store, #members / 2)
end
for _, key in ipairs(keysOf(id, stores)) do call('EXPIRE', key, life) end
return 1
`

const create = `
local id, version, status, caller, body, scope, fingerprint, now, expiry = unpack(ARGV, 1, 9)
local batch = cjson.decode(body)
if scope ~= '' then
  local bound = call('HGET', p .. 'bound', scope)
  if bound and tonumber(call('ZSCORE', p .. 'keys', scope)) > tonumber(now) then
    local owner = cjson.decode(bound)
    local earlier = call('HGET', p .. 'batch:' .. owner[1], 'body')
    if earlier then
      call('UNLINK', unpack(keysOf(id, batch.stores)))
      return { owner[2] == fingerprint and 'replayed' or 'key_reused', earlier }
    end
  end
end
if call('HLEN', p .. 'rows:' .. id) ~= tonumber(ARGV[10]) then return redis.error_reply('rows of the batch are missing') end
for _, key in ipairs(keysOf(id, batch.stores)) do call('PERSIST', key) end
call('HSET', p .. 'batch:' .. id, 'version', version, 'status', status, 'caller', caller, 'body', body)
for _, list in ipairs({ 'all', 'of:' .. caller, 'unfinished' }) do call('ZADD', p .. 'batches:' .. list, 0, id) end
if scope ~= '' then
  call('HSET', p .. 'bound', scope, cjson.encode({ id, fingerprint }))
  call('ZADD', p .. 'keys', expiry, scope)
end
return { 'created' }
`

const get = "return call('HGET', p .. 'batch:' .. ARGV[1], 'body')"

/** Answers 1 where the next state is written, else 0. */
const save = `
local id, expected, version, status, finished, body, done = unpack(ARGV)
if call('HGET', p .. 'batch:' .. id, 'version') ~= expected then return 0 end
if done == '1' then
  local tallies = call('HGETALL', p .. 'tallies:' .. id)
  for i = 1, #tallies, 2 do
    if tonumber(tallies[i + 1]) > 0 and tallies[i]:sub(1, 5) ~= 'rest ' then return 0 end
  end
end
call('HSET', p .. 'batch:' .. id, 'version', version, 'status', status, 'body', body)
if finished ~= '' then
  call('ZREM', p .. 'batches:unfinished', id)
  call('ZADD', p .. 'batches:finished', finished, id)
end
return 1
`

const list = `
local list, after, limit = unpack(ARGV)
local found = {}
local ids = after == '*' and call('ZRANGEBYLEX', p .. 'batches:' .. list, '-', '+')
  or call('ZREVRANGEBYLEX', p .. 'batches:' .. list, after == '' and '+' or '(' .. after, '-', 'LIMIT', 0, limit)
for _, id in ipairs(ids) do found[#found + 1] = call('HGET', p .. 'batch:' .. id, 'body') end
return found
`

const rows = `
local id, list, after, limit = unpack(ARGV)
return show(id, call('ZRANGEBYSCORE', p .. 'with:' .. id .. ':' .. list, '(' .. after, '+inf', 'LIMIT', 0, limit))
`

const take = `
local id, store, limit, state = unpack(ARGV)
if call('HGET', p .. 'batch:' .. id, 'status') ~= 'running' then return {} end
local taken = call('ZRANGE', p .. 'waiting:' .. id .. ':' .. store, 0, limit - 1)
for _, row in ipairs(taken) do put(id, row, store, state) end
return show(id, taken)
`

const open = `
local found = {}
for _, name in ipairs(call('ZRANGE', p .. 'open:' .. ARGV[1], 0, -1)) do
  local id, row = name:match('^(%S+) (%d+)$')
  found[#found + 1] = show(id, { row })[1]
end
return found
`

const saveRows = `
local place = { waiting = 0, taken = 1, open = 2, rest = 3 }
for i = 1, #ARGV, 4 do
  local was = call('HGET', p .. 'states:' .. ARGV[i], ARGV[i + 1])
  if was and place[cjson.decode(was).phase] <= place[cjson.decode(ARGV[i + 3]).phase] then put(unpack(ARGV, i, i + 3)) end
end
return 1
`

/** At most a hundred, so that no other script waits long; answers how many. */
const setWaiting = `
local id, state = unpack(ARGV)
local body, dropped = call('HGET', p .. 'batch:' .. id, 'body'), 0
if not body then return 0 end
for _, store in ipairs(cjson.decode(body).stores) do
  for _, row in ipairs(call('ZRANGE', p .. 'waiting:' .. id .. ':' .. store, 0, 99 - dropped)) do
    put(id, row, store, state)
    dropped = dropped + 1
  end
  if dropped >= 100 then break end
end
return dropped
`

const tallies = "return call('HGETALL', p .. 'tallies:' .. ARGV[1])"
const recent = "return call('LRANGE', p .. 'recent:' .. ARGV[1], 0, ARGV[2] - 1)"

/** Forgets a few batches; answers how many. */
const sweep = `
local ids = call('ZRANGEBYSCORE', p .. 'batches:finished', '-inf', ARGV[1], 'LIMIT', 0, 10)
for _, id in ipairs(ids) do
  local batch = cjson.decode(call('HGET', p .. 'batch:' .. id, 'body'))
  for _, list in ipairs({ 'all', 'of:' .. batch.caller, 'finished' }) do call('ZREM', p .. 'batches:' .. list, id) end
  for _, store in ipairs(batch.stores) do call('UNLINK', p .. 'waiting:' .. id .. ':' .. store) end
  for _, status in ipairs({ 'all', 'accepted', 'sending', 'in_doubt', 'succeeded', 'rejected', 'needs_attention' }) do call('UNLINK', p .. 'with:' .. id .. ':' .. status) end
  call('UNLINK', p .. 'batch:' .. id, p .. 'rows:' .. id, p .. 'states:' .. id, p .. 'tallies:' .. id)
end
return #ids
`

/** By name, each with what they share before it. */
export const BATCH_SCRIPTS = Object.entries({
  add,
  create,
  get,
  save,
  list,
  rows,
  take,
  open,
  saveRows,
  setWaiting,
  tallies,
  recent,
  sweep,
}).map(([name, lua]) => ({ name: `batches-${name}`, lua: PRELUDE + lua }))
