/** Notices in Redis: which orders of a store are due for a look, and what is known of listening. */
import type { Owed } from '../../model/delivery.ts'
import {
  type Heard,
  type Hearing,
  keptUntil,
  LONGEST_PAUSE_MS,
  type Notice,
  type Watch,
} from '../../model/notice.ts'
import { type Listening, MOST_WAITING, type NoticeLedger } from '../port.ts'
import type { RedisDeps, Script } from './connection.ts'
import { OWE, owedFields } from './deliveries.ts'
import { COMMON, type Scripts } from './prelude.ts'
import { text } from './records.ts'

/** What a row holds, as fields of its hash and in the order in which scripts give it back. */
const FIELDS = [
  'version',
  'heard',
  'due',
  'cancellation',
  'change',
  'failures',
  'suspicion',
  'suspected',
  'pause',
  'rests',
] as const

/** Rows, and the orders that they are found by; `put` and `drop` alone change them. */
const ROWS = `${COMMON}
local FIELDS = { ${FIELDS.map((name) => `'${name}'`).join(', ')} }

-- The length keeps apart where the store ends and the order begins.
local function placeOf(store, order)
  return #store .. ':' .. store .. ':' .. order
end

local function show(store, order)
  return { store, order,
    unpack(call('HMGET', p .. 'notice:' .. placeOf(store, order), unpack(FIELDS))) }
end

local function rowOf(store, order)
  local found, row = call('HMGET', p .. 'notice:' .. placeOf(store, order), unpack(FIELDS)), {}
  if not found[1] then return nil end
  for i, name in ipairs(FIELDS) do row[name] = found[i] end
  return row
end

local function list(set, at, member)
  if at == '' then call('ZREM', p .. set, member) else call('ZADD', p .. set, at, member) end
end

-- kept: until when, where it waits for no look.
local function put(store, order, row, kept)
  local fields = {}
  for _, name in ipairs(FIELDS) do
    fields[#fields + 1] = name
    fields[#fields + 1] = row[name]
  end
  call('HSET', p .. 'notice:' .. placeOf(store, order), unpack(fields))
  list('notices:due:' .. store, row.due, order)
  list('notices:heard:' .. store, row.heard, order)
  list('notices:kept', kept, placeOf(store, order))
end

local function spentOf(store)
  return tonumber(call('HGET', p .. 'spent', store) or 0)
end

local function drop(store, order)
  local version = call('HGET', p .. 'notice:' .. placeOf(store, order), 'version')
  if tonumber(version) > spentOf(store) then call('HSET', p .. 'spent', store, version) end
  call('DEL', p .. 'notice:' .. placeOf(store, order))
  list('notices:due:' .. store, '', order)
  list('notices:heard:' .. store, '', order)
  list('notices:kept', '', placeOf(store, order))
end
`

/**
 * `afterHearing` of model/notice.ts, for every order that was heard of: as many as one body of a
 * webhook, or one page of a sweep, tells of. Answers how each was taken; nothing, where too many
 * wait.
 */
const hearLua = `${ROWS}
local store, by, first = unpack(ARGV, 1, 3)
local heard, spent = cjson.decode(ARGV[4]), spentOf(store)
if call('ZCARD', p .. 'notices:due:' .. store) + #heard > ${MOST_WAITING} then return nil end
if by == 'webhook' then call('HSET', p .. 'heard', store, first) end
local taken = {}
for i, one in ipairs(heard) do
  local order, at, names = unpack(one)
  local row = rowOf(store, order) or {
    version = spent, heard = '', due = '', cancellation = '0', change = '0', failures = '0',
    suspicion = '', suspected = '', pause = '0', rests = '0',
  }
  local rests = names == '' and tonumber(row.rests) > tonumber(at)
  if rests and row.due == '' and tonumber(row.pause) >= ${LONGEST_PAUSE_MS} then
    taken[i] = 'echo'
  else
    local due = rests and row.rests or at
    row.version = string.format('%.0f', row.version + 1)
    if row.heard == '' then row.heard = at end
    if row.due == '' or tonumber(due) < tonumber(row.due) then row.due = due end
    row[names ~= '' and 'cancellation' or 'change'] = row.version
    put(store, order, row, '')
    taken[i] = 'due'
  end
end
return taken
`

const dueLua = `${ROWS}
local stores, now, each = unpack(ARGV)
local found = {}
for _, store in ipairs(cjson.decode(stores)) do
  local due = call('ZRANGEBYSCORE', p .. 'notices:due:' .. store, '-inf', now, 'LIMIT', 0, each)
  for _, order in ipairs(due) do found[#found + 1] = show(store, order) end
end
return found
`

/** Answers 1 where what a look made of a row is written, else 0; without fields the row goes. */
const settleLua = `${ROWS}
local store, order, expected, kept = unpack(ARGV, 1, 4)
if call('HGET', p .. 'notice:' .. placeOf(store, order), 'version') ~= expected then return 0 end
if #ARGV == 4 then
  drop(store, order)
else
  local row = {}
  for i, name in ipairs(FIELDS) do row[name] = ARGV[4 + i] end
  put(store, order, row, kept)
end
return 1
`

const getLua = `${ROWS}
local store, order = unpack(ARGV)
return rowOf(store, order) and show(store, order)
`

/** Answers how many wait, when a webhook last told, and since when the first waits. */
const ofLua = `${COMMON}
local store = ARGV[1]
return {
  call('ZCARD', p .. 'notices:due:' .. store),
  call('HGET', p .. 'heard', store) or '',
  call('ZRANGE', p .. 'notices:heard:' .. store, 0, 0, 'WITHSCORES')[2] or '',
}
`

/** Answers 1 where the next state is written, with what is owed of it, else 0. */
const saveWatchLua = `${COMMON}${OWE}
local store, expected, version, body = unpack(ARGV, 1, 4)
local was = call('HGET', p .. 'watches', store)
if tostring(was and cjson.decode(was)[1] or '0') ~= expected then return 0 end
call('HSET', p .. 'watches', store, cjson.encode({ version, body }))
owe(5)
return 1
`

/** Forgets a hundred rows at most; answers how many. */
const sweepLua = `${ROWS}
local places = call('ZRANGEBYSCORE', p .. 'notices:kept', '-inf', ARGV[1], 'LIMIT', 0, 100)
for _, place in ipairs(places) do
  local digits = place:match('^%d+')
  local from = #digits + 2
  local store = place:sub(from, from + digits - 1)
  drop(store, place:sub(from + digits + 1))
end
return #places
`

/** Named apart from those of cancellations. */
export const NOTICE_SCRIPTS: Scripts = Object.fromEntries(
  Object.entries({
    hear: hearLua,
    due: dueLua,
    settle: settleLua,
    get: getLua,
    of: ofLua,
    saveWatch: saveWatchLua,
    sweep: sweepLua,
  }).map(([name, lua]) => [`notices-${name}`, lua]),
)

const numberOrNull = (found: string | undefined): number | null =>
  found === undefined || found === '' ? null : Number(found)

const toNotice = ([store = '', orderId = '', ...found]: readonly string[]): Notice => {
  const row = Object.fromEntries(FIELDS.map((name, index) => [name, found[index] as string]))
  const of = row['suspicion'] as NonNullable<Notice['suspicion']>['of'] | ''
  return {
    store,
    orderId,
    version: Number(row['version']),
    heardAt: numberOrNull(row['heard']),
    dueAt: numberOrNull(row['due']),
    cancellationHeard: Number(row['cancellation']),
    changeHeard: Number(row['change']),
    failures: Number(row['failures']),
    suspicion: of === '' ? null : { of, at: Number(row['suspected']) },
    pauseMs: Number(row['pause']),
    pauseUntil: Number(row['rests']),
  }
}

/** A row as scripts take it, in the order of `FIELDS`. */
const toFields = (row: Notice): (string | number)[] => [
  row.version,
  text(row.heardAt),
  text(row.dueAt),
  row.cancellationHeard,
  row.changeHeard,
  row.failures,
  row.suspicion?.of ?? '',
  text(row.suspicion?.at),
  row.pauseMs,
  row.pauseUntil,
]

const hear = async (run: Script, heard: readonly Heard[]): Promise<readonly Hearing[] | null> => {
  const [first] = heard
  if (!first) return []
  const orders = heard.map(({ orderId, at, namesCancellation }) => [
    orderId,
    text(at),
    namesCancellation ? '1' : '',
  ])
  return (await run('hear', first.store, first.by, first.at, JSON.stringify(orders))) as
    | Hearing[]
    | null
}

const settle = async (run: Script, read: Notice, next: Notice | null): Promise<boolean> => {
  const { store, orderId, version } = read
  const kept = next && keptUntil(next)
  return (
    (await run(
      'settle',
      store,
      orderId,
      version,
      text(kept === Infinity ? null : kept),
      ...(next ? toFields({ ...next, version: version + 1 }) : []),
    )) === 1
  )
}

const listened = async (run: Script, store: string): Promise<Listening> => {
  const [waiting, lastAt, oldestAt] = (await run('of', store)) as [number, string, string]
  return { lastAt: numberOrNull(lastAt), waiting, oldestAt: numberOrNull(oldestAt) }
}

const saveWatch = async (
  run: Script,
  store: string,
  next: Watch,
  owed: readonly Owed[],
): Promise<Watch | null> => {
  const saved = { ...next, version: next.version + 1 }
  const fields = [store, next.version, saved.version, JSON.stringify(saved), ...owedFields(owed)]
  return (await run('saveWatch', ...fields)) === 1 ? saved : null
}

/** Opens the notices of a connected ledger. */
export const openRedisNotices = ({
  run: runAny,
  now,
  withServer,
  redis,
  prefix,
}: RedisDeps): NoticeLedger => {
  const run: Script = (name, ...values) => runAny(`notices-${name}`, ...values)
  return {
    hear: (heard) => hear(run, heard),
    due: async (stores, each) =>
      ((await run('due', JSON.stringify(stores), now(), each)) as string[][]).map(toNotice),
    settle: (read, next) => settle(run, read, next),
    async get(store, orderId) {
      const found = (await run('get', store, orderId)) as string[] | null
      return found && toNotice(found)
    },
    of: (store) => listened(run, store),
    async watch(store) {
      const found = await withServer(() => redis.hget(`${prefix}watches`, store))
      return found === null ? null : (JSON.parse((JSON.parse(found) as string[])[1] ?? '') as Watch)
    },
    saveWatch: (store, next, owed = []) => saveWatch(run, store, next, owed),
    async sweep() {
      while (Number(await run('sweep', now())) > 0);
    },
  }
}
