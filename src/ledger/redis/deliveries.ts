/** Deliveries in Redis: what webhooks are owed, beside the records that they are told of. */
import type { Delivery, DeliveryState, EventType, Health, Owed } from '../../model/delivery.ts'
import type { DeliveryLedger, Pending } from '../port.ts'
import type { RedisDeps, Script } from './connection.ts'
import { COMMON, type Scripts } from './prelude.ts'

/** What a row holds, as fields of its hash and in the order in which scripts give it back. */
const FIELDS = [
  'revision',
  'type',
  'body',
  'at',
  'state',
  'tries',
  'tried',
  'result',
  'delivered',
] as const

/** How many values one that is owed has (`owedFields`). */
const OWED_VALUES = 6

/**
 * Rows, and the orders that they are found by: `put` is the one way to write one. Nothing of a row
 * is decoded, so that what is read between two writes cannot fail.
 */
const ROWS = `
local FIELDS = { ${FIELDS.map((name) => `'${name}'`).join(', ')} }

-- The length keeps apart where the subject ends and the webhook begins.
local function rowKey(subject, webhook)
  return p .. 'delivery:' .. #subject .. ':' .. subject .. ':' .. webhook
end

local function rowOf(subject, webhook)
  local found, row = call('HMGET', rowKey(subject, webhook), unpack(FIELDS)), {}
  if not found[1] then return nil end
  for i, name in ipairs(FIELDS) do row[name] = found[i] end
  return row
end

-- Times by text, in the order of their numbers; none is before all.
local function stamp(at)
  return string.format('%015.0f', at == '' and 0 or math.floor(tonumber(at)))
end

local function unlist(subject, webhook, row)
  local change = stamp(row.at) .. ' ' .. subject
  call('ZREM', p .. 'deliveries:' .. row.state .. ':' .. webhook, change)
  call('ZREM', p .. 'next:' .. webhook, stamp(row.tried) .. ' ' .. change)
end

local function put(subject, webhook, row)
  local was = rowOf(subject, webhook)
  if was then unlist(subject, webhook, was) end
  local change, fields = stamp(row.at) .. ' ' .. subject, {}
  for _, name in ipairs(FIELDS) do
    fields[#fields + 1] = name
    fields[#fields + 1] = row[name]
  end
  call('HSET', rowKey(subject, webhook), unpack(fields))
  call('SADD', p .. 'told:' .. subject, webhook)
  call('SADD', p .. 'webhooks', webhook)
  call('ZADD', p .. 'deliveries:' .. row.state .. ':' .. webhook, 0, change)
  if row.state == 'owed' then
    call('ZADD', p .. 'next:' .. webhook, 0, stamp(row.tried) .. ' ' .. change)
  end
end

local function drop(subject, webhook)
  local row = rowOf(subject, webhook)
  if row then unlist(subject, webhook, row) end
  call('DEL', rowKey(subject, webhook))
  call('SREM', p .. 'told:' .. subject, webhook)
end
`

/**
 * `afterOwing` of model/delivery.ts, of every value from a place on; nothing is asked or written
 * where there is none.
 */
export const OWE = `${ROWS}
local function owe(from)
  for i = from, #ARGV, ${OWED_VALUES} do
    local webhook, subject, revision, event, body, at = unpack(ARGV, i, i + ${OWED_VALUES - 1})
    local row = rowOf(subject, webhook)
    if not row or tonumber(revision) > tonumber(row.revision) then
      if body ~= '' then
        put(subject, webhook, {
          revision = revision, type = event, body = body, at = at, state = 'owed', tries = '0',
          tried = row and row.tried or '', result = '', delivered = '',
        })
      elseif row and (row.state == 'owed' or row.state == 'failed') then
        row.state = 'superseded'
        put(subject, webhook, row)
      end
    end
  end
end
`

/** For sweeps: the rows of a subject go with its record, and names of which nothing is left. */
export const FORGET = `${ROWS}
local function forgetSubject(subject)
  for _, webhook in ipairs(call('SMEMBERS', p .. 'told:' .. subject)) do drop(subject, webhook) end
end

local function forgetNames()
  for _, webhook in ipairs(call('SMEMBERS', p .. 'webhooks')) do
    local left = call('HEXISTS', p .. 'health', webhook)
    for _, state in ipairs({ 'owed', 'delivered', 'failed', 'superseded' }) do
      left = left + call('EXISTS', p .. 'deliveries:' .. state .. ':' .. webhook)
    end
    if left == 0 then call('SREM', p .. 'webhooks', webhook) end
  end
end
`

const oweLua = `${COMMON}${OWE}
owe(1)
return 1
`

const SHOW = `${COMMON}${ROWS}
local function show(subject, webhook)
  return { subject, webhook, unpack(call('HMGET', rowKey(subject, webhook), unpack(FIELDS))) }
end
`

const nextLua = `${SHOW}
local webhook, limit = unpack(ARGV)
local found = call('ZRANGEBYLEX', p .. 'next:' .. webhook, '-', '+', 'LIMIT', 0, limit)
for i, place in ipairs(found) do found[i] = show(place:sub(33), webhook) end
return found
`

const ofLua = `${SHOW}
local found = call('SMEMBERS', p .. 'told:' .. ARGV[1])
for i, webhook in ipairs(found) do found[i] = show(ARGV[1], webhook) end
return found
`

/** `afterTrying` of model/delivery.ts; answers 1 where it is written, else 0. */
const settleLua = `${COMMON}${ROWS}
local subject, webhook, revision, state, result, at = unpack(ARGV)
local row = rowOf(subject, webhook)
if not row or row.revision ~= revision or row.state == 'delivered' then return 0 end
if state == 'delivered' or row.state == 'owed' then row.state = state end
row.tries = string.format('%.0f', row.tries + 1)
row.tried, row.result = at, result
if state == 'delivered' then row.delivered = at end
put(subject, webhook, row)
return 1
`

/** Answers how many are owed, and when the change was that waits longest. */
const owedLua = `${SHOW}
local key = p .. 'deliveries:owed:' .. ARGV[1]
local first = call('ZRANGE', key, 0, 0)[1]
if not first then return { 0 } end
return { call('ZCARD', key), call('HGET', rowKey(first:sub(17), ARGV[1]), 'at') }
`

/**
 * `afterReplay` of model/delivery.ts for a hundred rows from a place on, so that no other script
 * waits long: by their change, so that what is delivered again meanwhile is not met a second time.
 * Answers how many are owed again and, where there may be more, the place to go on from.
 */
const replayLua = `${COMMON}${ROWS}
local webhook, state, since, till, after = unpack(ARGV)
local key = p .. 'deliveries:' .. state .. ':' .. webhook
local from = after == '' and '[' .. stamp(since) or '(' .. after
local found = call('ZRANGEBYLEX', key, from, '(' .. stamp(till + 1), 'LIMIT', 0, 100)
local count = 0
for _, place in ipairs(found) do
  local subject = place:sub(17)
  local row = rowOf(subject, webhook)
  if tonumber(row.at) >= tonumber(since) and tonumber(row.at) <= tonumber(till) then
    row.state, row.tries, count = 'owed', '0', count + 1
    put(subject, webhook, row)
  end
end
return { count, #found == 100 and found[100] or '' }
`

/** Answers 1 where the next state is written, else 0. */
const saveHealthLua = `${COMMON}
local webhook, expected, version, body = unpack(ARGV)
local was = call('HGET', p .. 'health', webhook)
if tostring(was and cjson.decode(was)[1] or '0') ~= expected then return 0 end
call('HSET', p .. 'health', webhook, cjson.encode({ version, body }))
call('SADD', p .. 'webhooks', webhook)
return 1
`

/** Forgets a hundred rows of a webhook, and its health with the last; answers how many. */
const forgetLua = `${COMMON}${ROWS}
local webhook, count = ARGV[1], 0
for _, state in ipairs({ 'owed', 'delivered', 'failed', 'superseded' }) do
  local key = p .. 'deliveries:' .. state .. ':' .. webhook
  for _, place in ipairs(call('ZRANGE', key, 0, 99 - count)) do
    drop(place:sub(17), webhook)
    count = count + 1
  end
  if count >= 100 then return count end
end
call('HDEL', p .. 'health', webhook)
call('SREM', p .. 'webhooks', webhook)
return 0
`

/** Writes the body of a row anew that is of the same revision still. */
const rewriteLua = `${COMMON}${ROWS}
local subject, webhook, revision, body = unpack(ARGV)
local key = rowKey(subject, webhook)
if call('HGET', key, 'revision') == revision then call('HSET', key, 'body', body) end
return 1
`

/** Named apart from those of cancellations. */
export const DELIVERY_SCRIPTS: Scripts = Object.fromEntries(
  Object.entries({
    owe: oweLua,
    next: nextLua,
    of: ofLua,
    settle: settleLua,
    owed: owedLua,
    replay: replayLua,
    saveHealth: saveHealthLua,
    forget: forgetLua,
    rewrite: rewriteLua,
  }).map(([name, lua]) => [`deliveries-${name}`, lua]),
)

/** What is owed as scripts take it; empty where there is nothing to tell. */
export const owedFields = (owed: readonly Owed[]): (string | number)[] =>
  owed.flatMap(({ webhook, subject, revision, type, body, at }) => [
    webhook,
    subject,
    revision,
    type,
    body ?? '',
    at,
  ])

const numberOrNull = (text: string | undefined): number | null =>
  text === undefined || text === '' ? null : Number(text)

const toDelivery = ([subject = '', webhook = '', ...found]: readonly string[]): Delivery => {
  const row = Object.fromEntries(FIELDS.map((name, index) => [name, found[index]]))
  return {
    webhook,
    subject,
    revision: Number(row['revision']),
    type: row['type'] as EventType,
    body: row['body'] as string,
    at: Number(row['at']),
    state: row['state'] as DeliveryState,
    tries: Number(row['tries']),
    triedAt: numberOrNull(row['tried']),
    lastResult: row['result'] === '' ? null : (row['result'] as string),
    deliveredAt: numberOrNull(row['delivered']),
  }
}

const pendingOf = async (run: Script, webhook: string, most = Infinity): Promise<Pending> => {
  const [pending, oldest] = (await run('owed', webhook)) as [number, string?]
  return { pending: Math.min(most, pending), oldestPendingAt: numberOrNull(oldest) }
}

const replayTold = async (
  run: Script,
  state: DeliveryState,
  ...[webhook, since, until]: Parameters<DeliveryLedger['replay']>
): Promise<number> => {
  let count = 0
  for (let after = '', isFirst = true; isFirst || after !== ''; isFirst = false) {
    const [owed, place] = (await run('replay', webhook, state, since, until, after)) as [
      number,
      string,
    ]
    count += owed
    after = place
  }
  return count
}

const saveHealth = async (run: Script, webhook: string, next: Health): Promise<Health | null> => {
  const saved = { ...next, version: next.version + 1 }
  const fields = [webhook, next.version, saved.version, JSON.stringify(saved)]
  return (await run('saveHealth', ...fields)) === 1 ? saved : null
}

/** Opens the deliveries of a connected ledger. */
export const openRedisDeliveries = ({
  run: runAny,
  withServer,
  redis,
  prefix,
}: RedisDeps): DeliveryLedger => {
  const run: Script = (name, ...values) => runAny(`deliveries-${name}`, ...values)
  return {
    async owe(owed) {
      await run('owe', ...owedFields(owed))
    },
    next: async (webhook, limit) =>
      ((await run('next', webhook, limit)) as string[][]).map(toDelivery),
    settle: async ({ subject, webhook, revision }, state, result, at) =>
      (await run('settle', subject, webhook, revision, state, result, at)) === 1,
    async rewrite(rows) {
      for (const { subject, webhook, revision, body } of rows)
        await run('rewrite', subject, webhook, revision, body)
    },
    of: async (subject) =>
      ((await run('of', subject)) as string[][])
        .map(toDelivery)
        .sort((a, b) => (a.webhook < b.webhook ? -1 : 1)),
    owedOf: (webhook, most) => pendingOf(run, webhook, most),
    async replay(...asked) {
      const delivered = await replayTold(run, 'delivered', ...asked)
      return delivered + (await replayTold(run, 'failed', ...asked))
    },
    async health(webhook) {
      const found = await withServer(() => redis.hget(`${prefix}health`, webhook))
      return found === null
        ? null
        : (JSON.parse((JSON.parse(found) as [string, string])[1]) as Health)
    },
    saveHealth: (webhook, next) => saveHealth(run, webhook, next),
    webhooks: () => withServer(() => redis.smembers(`${prefix}webhooks`)),
    async forget(webhook) {
      while (Number(await run('forget', webhook)) > 0);
    },
  }
}
