/**
 * The Lua that scripts begin with, and how the keys of a ledger are laid out.
 *
 * A script runs alone, so each promise of the port that reads before it writes is one script. One
 * that fails midway leaves what it wrote, so every script reads, decodes and decides before its
 * first write, and nothing after that can fail: Redis checks memory, disk and role at a script's
 * first write.
 *
 * KEYS[1] is the prefix with the hash tag; every other key is built from it in the scripts and so
 * lies in the same slot:
 *   record:ID                    hash: body, version, status, wishes, wake (the truth, as a lease
 *                                moves it), entry (how it is filed)
 *   guard:GUARD                  the standing records of one target and order, by creation
 *   created:LIST, updated:LIST   every record of a list by time; a record's lists are in its entry
 *   due:STORE                    the records of a store by wake-up
 *   stores                       every store that a record waits of, or did until the last sweep
 *   accounts                     for which account each store was first opened
 *   settled, doubt               records by settling, and by the call that is in doubt
 *   bound, keys                  idempotency keys: scope to id and fingerprint; scopes by expiry
 *   epochs, leases, epoch        lock keys to epoch; lock keys by expiry; the last epoch given
 *   day:DAY                      "STATUS STORE" to how many records made on that day stand so
 *   pace                         buckets: until when each is not full
 *   server                       the run id of the server that leases were last given on, until
 *                                when they pause, how many replicas it was seen with
 * and of batches:
 *   batch:ID                     hash: body, version, status, caller
 *   batches:LIST                 ids in their order: all, of:CALLER, unfinished; finished by time
 *   rows:ID, states:ID           hashes: row to request; row to state, none while it waits
 *   waiting:ID:STORE             rows that nobody took, by number
 *   with:ID:STATUS               rows by number; with:ID:all has every one
 *   open:STORE                   "ID row" of what is taken or open, of every batch
 *   tallies:ID                   hash: "phase status store" to how many
 *   recent:STORE                 when the last rows came to rest
 * and of deliveries, N being the length of the subject in bytes:
 *   delivery:N:SUBJECT:WEBHOOK   hash: revision, type, body, at, state, tries, tried, result,
 *                                delivered; empty where there is none
 *   told:SUBJECT                 the webhooks that have a row of a subject
 *   deliveries:STATE:WEBHOOK     "at subject" of the rows in a state, by change
 *   next:WEBHOOK                 "tried at subject" of the rows that are owed, in their turn
 *   health                       webhook to version and body
 *   webhooks                     every webhook that has a row or a health, or had until the last
 *                                sweep
 * and of notices, N being the length of the store in bytes:
 *   notice:N:STORE:ORDER         hash: version, heard, due, cancellation, change, failures,
 *                                suspicion, suspected, pause, rests; empty where there is none
 *   notices:due:STORE            the orders that wait for a look, by when
 *   notices:heard:STORE          the same, by since when
 *   notices:kept                 "N:STORE:ORDER" of the others, by until when
 *   heard                        store to when a webhook last told of an order of it
 *   spent                        store to the highest version of a notice that is gone
 *   watches                      store to version and body
 * and of links, PLACE being a store and an order:
 *   link:NAME                    hash: body, version and due (the truth, as a record's write moves
 *                                them), filed (how it is found)
 *   linked                       PLACE to name
 *   links:LIST                   names in their order: all, status:STATUS, store:STORE, order:ORDER
 *   links:due                    names by when they are due for a look
 *   links:spent                  the highest version of a link that is gone
 * and of the audit log:
 *   audit                        "SEQ entry" by number
 *   audit:last                   the last number given
 *   audit:hashes                 number to "previous hash" of what is sealed
 *   audit:seal                   hash: seq and hash of the last that is sealed
 *
 * Times come as text and stay text or become doubles, which hold milliseconds exactly. Strings are
 * compared for equality only, or byte by byte: Lua's own order of strings depends on the server's
 * locale, that of sorted sets does not.
 */

/** Scripts by name. */
export type Scripts = Readonly<Record<string, string>>

/** What every script has. */
export const COMMON = `
local p = KEYS[1]
local call = redis.call
`

/** Records, their filing, and leases. */
export const RECORDS = `${COMMON}
local function read(id)
  local found = call('HMGET', p .. 'record:' .. id, 'body', 'wake')
  return found[1] and found or nil
end

-- Leases live by the server's clock, so that gateways whose clocks differ cannot hold one together.
-- Tests give their own.
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- How many stand how, of the day that they were made on.
local function tally(entry, more)
  if not entry.day then return end
  local key = p .. 'day:' .. entry.day
  if call('HINCRBY', key, entry.tallied, more) == 0 then call('HDEL', key, entry.tallied) end
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
  tally(entry, 1)
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
  -- Last: a server that is full lets a script begin with what only takes away.
  tally(entry, -1)
end

local function write(id, version, body, status, wishes, wake, entry)
  call('HSET', p .. 'record:' .. id,
    'version', version, 'body', body, 'status', status,
    'wishes', wishes, 'wake', wake, 'entry', entry)
end

-- Whether a text comes after another, byte by byte.
local function follows(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) > b:byte(i) end
  end
  return #a > #b
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
`
