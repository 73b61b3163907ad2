/** Batches in Redis: beside the cancellations, under the same hash tag; each promise is one script. */
import { type Batch, type Phase, type Row, type RowState, WAITING } from '../model/batch.ts'
import type { Status } from '../model/cancellation.ts'
import { type BatchLedger, batchScope } from './batches.ts'
import { KEY_LIFE_MS, RECORD_LIFE_MS } from './ledger.ts'

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

local function show(id, rows)
  local found = {}
  for _, row in ipairs(rows) do
    found[#found + 1] = { id, row, call('HGET', p .. 'rows:' .. id, row), call('HGET', p .. 'states:' .. id, row) or '' }
  end
  return found
end
`

const create = `
local id, version, status, caller, body, scope, fingerprint, now, expiry = unpack(ARGV, 1, 9)
if scope ~= '' then
  local bound = call('HGET', p .. 'bound', scope)
  if bound and tonumber(call('ZSCORE', p .. 'keys', scope)) > tonumber(now) then
    local owner = cjson.decode(bound)
    local earlier = call('HGET', p .. 'batch:' .. owner[1], 'body')
    if earlier then return { owner[2] == fingerprint and 'replayed' or 'key_reused', earlier } end
  end
end
call('HSET', p .. 'batch:' .. id, 'version', version, 'status', status, 'caller', caller, 'body', body)
for _, list in ipairs({ 'all', 'of:' .. caller, 'unfinished' }) do call('ZADD', p .. 'batches:' .. list, 0, id) end
for i = 10, #ARGV, 3 do
  local row, store = ARGV[i], ARGV[i + 1]
  call('HSET', p .. 'rows:' .. id, row, ARGV[i + 2])
  call('ZADD', p .. 'waiting:' .. id .. ':' .. store, row, row)
  call('ZADD', p .. 'with:' .. id .. ':all', row, row)
  call('ZADD', p .. 'with:' .. id .. ':accepted', row, row)
  call('HINCRBY', p .. 'tallies:' .. id, 'waiting accepted ' .. store, 1)
end
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

const mark = `
local place = { waiting = 0, taken = 1, open = 2, rest = 3 }
for i = 1, #ARGV, 4 do
  local was = call('HGET', p .. 'states:' .. ARGV[i], ARGV[i + 1])
  if was and place[cjson.decode(was).phase] <= place[cjson.decode(ARGV[i + 3]).phase] then put(unpack(ARGV, i, i + 3)) end
end
return 1
`

/** At most a thousand, so that no other script waits long; answers how many. */
const drop = `
local id, state = unpack(ARGV)
local body, dropped = call('HGET', p .. 'batch:' .. id, 'body'), 0
if not body then return 0 end
for _, store in ipairs(cjson.decode(body).stores) do
  for _, row in ipairs(call('ZRANGE', p .. 'waiting:' .. id .. ':' .. store, 0, 999 - dropped)) do
    put(id, row, store, state)
    dropped = dropped + 1
  end
  if dropped >= 1000 then break end
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
export const BATCH_SCRIPTS = Object.entries({ create, get, save, list, rows, take, open, mark, drop, tallies, recent, sweep })
  .map(([name, lua]) => ({ name: `batches-${name}`, lua: PRELUDE + lua }))

type Found = readonly [batch: string, row: string, request: string, state: string]
type Run = (name: string, ...values: (string | number)[]) => Promise<unknown>

const toBatch = (body: string): Batch => JSON.parse(body) as Batch

export const openRedisBatches = (runAny: Run, now: () => number): BatchLedger => {
  const run: Run = (name, ...values) => runAny(`batches-${name}`, ...values)

  /** A row that waits has no state yet: it waits since its batch was made. */
  const toRows = async (found: readonly Found[]): Promise<Row[]> => {
    const made = new Map<string, number>()
    for (const id of new Set(found.filter(([, , , state]) => state === '').map(([id]) => id))) made.set(id, toBatch(await run('get', id) as string).createdAt)
    return found.map(([batch, row, request, state]) => ({
      batch, row: Number(row), request: JSON.parse(request) as Row['request'], ...(state === '' ? { ...WAITING, at: made.get(batch) ?? 0 } : JSON.parse(state) as RowState),
    }))
  }
  const stateText = ({ phase, status, cancellation, alreadyCanceled, problem, at }: RowState) => JSON.stringify({ phase, status, cancellation, alreadyCanceled, problem, at })
  const save = async (next: Batch, onlyDone: '' | '1'): Promise<Batch | null> => {
    const saved = { ...next, version: next.version + 1 }
    return await run('save', next.id, next.version, saved.version, saved.status, saved.finishedAt ?? '', JSON.stringify(saved), onlyDone) === 1 ? saved : null
  }

  return {
    async create(batch, all, key) {
      const [outcome, earlier] = await run(
        'create', batch.id, batch.version, batch.status, batch.caller, JSON.stringify(batch), key ? batchScope(key) : '', key?.fingerprint ?? '', now(), now() + KEY_LIFE_MS,
        ...all.flatMap(({ row, request }) => [row, request.store, JSON.stringify(request)]),
      ) as ['created' | 'replayed' | 'key_reused', string?]
      return { outcome, batch: earlier === undefined ? batch : toBatch(earlier) }
    },
    async get(id) {
      const body = await run('get', id) as string | null
      return body === null ? null : toBatch(body)
    },
    save: (next) => save(next, ''),
    finish: (next) => save(next, '1'),
    list: async ({ caller, limit, after = '' }) => (await run('list', caller === null ? 'all' : `of:${caller}`, after, limit) as string[]).map(toBatch),
    unfinished: async () => (await run('list', 'unfinished', '*', 0) as string[]).map(toBatch),
    rows: async (id, { status, limit, after = 0 }) => toRows(await run('rows', id, status ?? 'all', after, limit) as Found[]),
    take: async (id, store, limit) => toRows(await run('take', id, store, limit, stateText({ ...WAITING, phase: 'taken', at: now() })) as Found[]),
    open: async (store) => (await toRows(await run('open', store) as Found[])).sort((a, b) => (a.batch === b.batch ? a.row - b.row : a.batch < b.batch ? -1 : 1)),
    async mark(some) {
      if (some.length > 0) await run('mark', ...some.flatMap((row) => [row.batch, row.row, row.request.store, stateText(row)]))
    },
    async drop(id, state) {
      while (Number(await run('drop', id, stateText(state))) > 0);
    },
    async tallies(id) {
      const found = await run('tallies', id) as string[]
      return found.flatMap((name, index) => {
        const [phase, status, ...store] = name.split(' ')
        const count = Number(found[index + 1])
        return index % 2 === 1 || count === 0 ? [] : [{ store: store.join(' '), phase: phase as Phase, status: status as Status, count }]
      })
    },
    recent: async (store, limit) => (await run('recent', store, limit) as string[]).map(Number).sort((a, b) => b - a),
    async sweep() {
      while (Number(await run('sweep', now() - RECORD_LIFE_MS)) > 0);
    },
  }
}
