/** The rows of batches in Redis. */
import {
  PHASES,
  type Phase,
  type Row,
  type RowState,
  type Tally,
  WAITING,
} from '../../model/batch.ts'
import type { Status } from '../../model/cancellation.ts'
import type { NewRow, RowQuery } from '../port.ts'
import { rankOf } from '../rules.ts'
import type { Script } from './connection.ts'
import { COMMON, type Scripts } from './prelude.ts'

/**
 * Rows that are written in one script, so that no other waits long; and for how long they wait for
 * their batch.
 */
const ADDED_AT_ONCE = 500
const ADDED_LIFE_S = 3_600

/** What a batch has before any of its rows is taken: the keys of its new rows. */
export const NEW_ROWS = `
local function newRowsOf(id, stores)
  local keys = {
    p .. 'rows:' .. id, p .. 'tallies:' .. id,
    p .. 'with:' .. id .. ':all', p .. 'with:' .. id .. ':accepted',
  }
  for _, store in ipairs(stores) do keys[#keys + 1] = p .. 'waiting:' .. id .. ':' .. store end
  return keys
end
`

const ROWS = `${COMMON}
local function put(id, row, store, text)
  local was, new = call('HGET', p .. 'states:' .. id, row), cjson.decode(text)
  local old = was and cjson.decode(was) or { phase = 'waiting', status = 'accepted' }
  local tallies = p .. 'tallies:' .. id
  call('HSET', p .. 'states:' .. id, row, text)
  call('ZREM', p .. 'waiting:' .. id .. ':' .. store, row)
  call('ZREM', p .. 'with:' .. id .. ':' .. old.status, row)
  call('ZADD', p .. 'with:' .. id .. ':' .. new.status, row, row)
  call('HINCRBY', tallies, old.phase .. ' ' .. old.status .. ' ' .. store, -1)
  call('HINCRBY', tallies, new.phase .. ' ' .. new.status .. ' ' .. store, 1)
  if new.phase == 'rest' then
    call('ZREM', p .. 'open:' .. store, id .. ' ' .. row)
  else
    call('ZADD', p .. 'open:' .. store, 0, id .. ' ' .. row)
  end
  if new.phase == 'rest' and old.phase ~= 'rest' and new.at > 0 then
    call('LPUSH', p .. 'recent:' .. store, string.format('%.0f', new.at))
    call('LTRIM', p .. 'recent:' .. store, 0, 99)
  end
end

local function show(id, row)
  local state = call('HGET', p .. 'states:' .. id, row)
  return { id, row, call('HGET', p .. 'rows:' .. id, row), state or '' }
end
`

/** Some rows of a batch that is not there yet: who never makes it leaves nothing for long. */
const addLua = `${COMMON}${NEW_ROWS}
local id, life = ARGV[1], ARGV[2]
local requests, all, waiting = {}, {}, {}
local function append(list, one, other)
  list[#list + 1] = one
  list[#list + 1] = other
end
for i = 3, #ARGV, 3 do
  local row, store, request = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  waiting[store] = waiting[store] or {}
  append(requests, row, request)
  append(all, row, row)
  append(waiting[store], row, row)
end
call('HSET', p .. 'rows:' .. id, unpack(requests))
call('ZADD', p .. 'with:' .. id .. ':all', unpack(all))
call('ZADD', p .. 'with:' .. id .. ':accepted', unpack(all))
local stores = {}
for store, members in pairs(waiting) do
  stores[#stores + 1] = store
  call('ZADD', p .. 'waiting:' .. id .. ':' .. store, unpack(members))
  call('HINCRBY', p .. 'tallies:' .. id, 'waiting accepted ' .. store, #members / 2)
end
for _, key in ipairs(newRowsOf(id, stores)) do call('EXPIRE', key, life) end
return 1
`

const rowsLua = `${ROWS}
local id, list, after, limit = unpack(ARGV)
local key = p .. 'with:' .. id .. ':' .. list
local found = call('ZRANGEBYSCORE', key, '(' .. after, '+inf', 'LIMIT', 0, limit)
for i, row in ipairs(found) do found[i] = show(id, row) end
return found
`

const takeLua = `${ROWS}
local id, store, limit, state = unpack(ARGV)
if call('HGET', p .. 'batch:' .. id, 'status') ~= 'running' then return {} end
local taken = call('ZRANGE', p .. 'waiting:' .. id .. ':' .. store, 0, limit - 1)
for _, row in ipairs(taken) do put(id, row, store, state) end
for i, row in ipairs(taken) do taken[i] = show(id, row) end
return taken
`

const openLua = `${ROWS}
local found = call('ZRANGE', p .. 'open:' .. ARGV[1], 0, -1)
for i, name in ipairs(found) do
  local id, row = name:match('^(%S+) (%d+)$')
  found[i] = show(id, row)
end
return found
`

const saveRowsLua = `${ROWS}
local rank = { ${PHASES.map((phase) => `${phase} = ${rankOf(phase)}`).join(', ')} }
for i = 1, #ARGV, 4 do
  local id, row, store, state = unpack(ARGV, i, i + 3)
  local was = call('HGET', p .. 'states:' .. id, row)
  if was and rank[cjson.decode(was).phase] <= rank[cjson.decode(state).phase] then
    put(id, row, store, state)
  end
end
return 1
`

/** Rows at rest, written anew with their requests. */
const rewriteLua = `${COMMON}
local id, row, request, state = unpack(ARGV)
call('HSET', p .. 'rows:' .. id, row, request)
call('HSET', p .. 'states:' .. id, row, state)
return 1
`

/** At most a hundred, so that no other script waits long; answers how many. */
const setWaitingLua = `${ROWS}
local id, state = unpack(ARGV)
local body, written = call('HGET', p .. 'batch:' .. id, 'body'), 0
if not body then return 0 end
for _, store in ipairs(cjson.decode(body).stores) do
  local rows = call('ZRANGE', p .. 'waiting:' .. id .. ':' .. store, 0, 99 - written)
  for _, row in ipairs(rows) do put(id, row, store, state) end
  written = written + #rows
  if written >= 100 then break end
end
return written
`

const talliesLua = `${COMMON}
return call('HGETALL', p .. 'tallies:' .. ARGV[1])
`

const recentLua = `${COMMON}
return call('LRANGE', p .. 'recent:' .. ARGV[1], 0, ARGV[2] - 1)
`

export const ROW_SCRIPTS: Scripts = {
  add: addLua,
  rows: rowsLua,
  take: takeLua,
  open: openLua,
  saveRows: saveRowsLua,
  rewrite: rewriteLua,
  setWaiting: setWaitingLua,
  tallies: talliesLua,
  recent: recentLua,
}

type Found = readonly [batch: string, row: string, request: string, state: string]
/** When a batch was created. */
type CreatedAt = (id: string) => Promise<number>

/** A row that waits has no state yet: it waits since its batch was created. */
const toRows = async (createdAt: CreatedAt, found: readonly Found[]): Promise<Row[]> => {
  const created = new Map<string, number>()
  for (const [id, , , state] of found)
    if (state === '' && !created.has(id)) created.set(id, await createdAt(id))
  return found.map(([batch, row, request, state]) => ({
    batch,
    row: Number(row),
    request: JSON.parse(request) as Row['request'],
    ...(state === ''
      ? { ...WAITING, at: created.get(batch) ?? 0 }
      : (JSON.parse(state) as RowState)),
  }))
}

const toText = ({ phase, status, cancellation, alreadyCanceled, problem, at }: RowState): string =>
  JSON.stringify({ phase, status, cancellation, alreadyCanceled, problem, at })

export const addRows = async (run: Script, id: string, rows: readonly NewRow[]): Promise<void> => {
  for (let from = 0; from < rows.length; from += ADDED_AT_ONCE) {
    const some = rows.slice(from, from + ADDED_AT_ONCE)
    await run(
      'add',
      id,
      ADDED_LIFE_S,
      ...some.flatMap(({ row, request }) => [row, request.store, JSON.stringify(request)]),
    )
  }
}

export const readRows = async (
  run: Script,
  createdAt: CreatedAt,
  id: string,
  { status, limit, after = 0 }: RowQuery,
): Promise<Row[]> =>
  toRows(createdAt, (await run('rows', id, status ?? 'all', after, limit)) as Found[])

export const takeRows = async (
  run: Script,
  createdAt: CreatedAt,
  id: string,
  store: string,
  limit: number,
  at: number,
): Promise<Row[]> => {
  const taken = toText({ ...WAITING, phase: 'taken', at })
  return toRows(createdAt, (await run('take', id, store, limit, taken)) as Found[])
}

export const openRows = async (
  run: Script,
  createdAt: CreatedAt,
  store: string,
): Promise<Row[]> => {
  const rows = await toRows(createdAt, (await run('open', store)) as Found[])
  return rows.sort((a, b) => (a.batch === b.batch ? a.row - b.row : a.batch < b.batch ? -1 : 1))
}

export const saveRows = async (run: Script, rows: readonly Row[]): Promise<void> => {
  if (rows.length === 0) return
  const fields = rows.flatMap((row) => [row.batch, row.row, row.request.store, toText(row)])
  await run('saveRows', ...fields)
}

export const rewriteRows = async (run: Script, rows: readonly Row[]): Promise<void> => {
  for (const row of rows)
    await run('rewrite', row.batch, row.row, JSON.stringify(row.request), toText(row))
}

export const setWaitingRows = async (run: Script, id: string, state: RowState): Promise<void> => {
  while (Number(await run('setWaiting', id, toText(state))) > 0);
}

export const talliesOf = async (run: Script, id: string): Promise<Tally[]> => {
  const found = (await run('tallies', id)) as string[]
  return found.flatMap((name, index) => {
    const [phase, status, ...store] = name.split(' ')
    const count = Number(found[index + 1])
    return index % 2 === 1 || count === 0
      ? []
      : [{ store: store.join(' '), phase: phase as Phase, status: status as Status, count }]
  })
}

/** When the last rows of a store came to rest, the latest first. */
export const recentTimes = async (run: Script, store: string, limit: number): Promise<number[]> =>
  ((await run('recent', store, limit)) as string[]).map(Number).sort((a, b) => b - a)
