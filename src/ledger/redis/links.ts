/** Links in Redis: which orders are one sale, and which of the links are due for a look. */
import type { Owed } from '../../model/delivery.ts'
import type { Link, Member } from '../../model/link.ts'
import type { LinkLedger, LinkQuery } from '../port.ts'
import type { RedisDeps, Script } from './connection.ts'
import { OWE, owedFields } from './deliveries.ts'
import { COMMON, type Scripts } from './prelude.ts'
import { text } from './records.ts'

/** For scripts that write records: makes the link of an order due, where it is in one. */
export const TOUCH = `
local function touch(place, now)
  local name = call('HGET', p .. 'linked', place)
  if not name then return end
  local key = p .. 'link:' .. name
  local due = call('HGET', key, 'due')
  call('HINCRBY', key, 'version', 1)
  if due == '' or tonumber(due) > tonumber(now) then
    call('HSET', key, 'due', now)
    call('ZADD', p .. 'links:due', now, name)
  end
end
`

const LINKS = `${COMMON}
local function show(name)
  local found = call('HMGET', p .. 'link:' .. name, 'version', 'due', 'body')
  return found[1] and found or nil
end

local function unfile(name, filed)
  for _, place in ipairs(filed.places) do call('HDEL', p .. 'linked', place) end
  for _, list in ipairs(filed.lists) do call('ZREM', p .. 'links:' .. list, name) end
  call('ZREM', p .. 'links:due', name)
end

local function file(name, filed, due)
  for _, place in ipairs(filed.places) do call('HSET', p .. 'linked', place, name) end
  for _, list in ipairs(filed.lists) do call('ZADD', p .. 'links:' .. list, 0, name) end
  if due ~= '' then call('ZADD', p .. 'links:due', due, name) end
end
`

const getLua = `${LINKS}
return show(ARGV[1])
`

const ofLua = `${LINKS}
local name = call('HGET', p .. 'linked', ARGV[1])
return name and show(name)
`

/** Answers the version that is written; else why none is, and by which link an order is taken. */
const saveLua = `${LINKS}${OWE}
local name, expected, due, body, text = unpack(ARGV, 1, 5)
local was = call('HMGET', p .. 'link:' .. name, 'version', 'filed')
if (was[1] or '0') ~= expected then return { 'stale' } end
local filed, old = cjson.decode(text), was[2] and cjson.decode(was[2])
for _, place in ipairs(filed.places) do
  local taken = call('HGET', p .. 'linked', place)
  if taken and taken ~= name then return { 'taken', taken } end
end
local version = string.format('%.0f', (was[1] or call('GET', p .. 'links:spent') or 0) + 1)
if old then unfile(name, old) end
call('HSET', p .. 'link:' .. name, 'version', version, 'due', due, 'body', body, 'filed', text)
file(name, filed, due)
owe(6)
return { 'saved', version }
`

/** Answers 1 where it is gone, else 0. */
const deleteLua = `${LINKS}
local name, expected = unpack(ARGV)
local was = call('HMGET', p .. 'link:' .. name, 'version', 'filed')
if was[1] ~= expected then return 0 end
local filed, spent = cjson.decode(was[2]), tonumber(call('GET', p .. 'links:spent') or 0)
if tonumber(was[1]) > spent then call('SET', p .. 'links:spent', was[1]) end
unfile(name, filed)
call('DEL', p .. 'link:' .. name)
return 1
`

/**
 * Answers the links of a page that are on every list, found by walking the shortest one. Where few
 * of many fit it stops after a thousand, with the name to go on from, so that no other script waits
 * long.
 */
const listLua = `${LINKS}
local after, limit = unpack(ARGV, 1, 2)
local lists, shortest, size = cjson.decode(ARGV[3]), nil, nil
for _, list in ipairs(lists) do
  local count = call('ZCARD', p .. 'links:' .. list)
  if not size or count < size then shortest, size = list, count end
end
local function fits(name)
  for _, list in ipairs(lists) do
    if list ~= shortest and not call('ZSCORE', p .. 'links:' .. list, name) then return false end
  end
  return true
end
local found = {}
for _ = 1, 10 do
  local from = after == '' and '-' or '(' .. after
  local part = call('ZRANGEBYLEX', p .. 'links:' .. shortest, from, '+', 'LIMIT', 0, 100)
  for _, name in ipairs(part) do
    if fits(name) then
      found[#found + 1] = show(name)
      if #found == tonumber(limit) then return { found } end
    end
  end
  if #part < 100 then return { found } end
  after = part[100]
end
return { found, after }
`

const dueLua = `${LINKS}
local found = call('ZRANGEBYSCORE', p .. 'links:due', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for i, name in ipairs(found) do found[i] = show(name) end
return found
`

/** Named apart from those of cancellations. */
export const LINK_SCRIPTS: Scripts = Object.fromEntries(
  Object.entries({
    get: getLua,
    of: ofLua,
    save: saveLua,
    delete: deleteLua,
    list: listLua,
    due: dueLua,
  }).map(([name, lua]) => [`links-${name}`, lua]),
)

/** An order of a store, as one word. */
export const placeOf = ({ store, orderId }: Pick<Member, 'store' | 'orderId'>): string =>
  JSON.stringify([store, orderId])

/** The lists that a link is on; the first word of each says which kind, so that no two meet. */
const list = {
  status: (word: string) => `status:${word}`,
  store: (id: string) => `store:${id}`,
  order: (id: string) => `order:${id}`,
}

/** How a link is found. */
const filingOf = ({ status, members }: Link): string =>
  JSON.stringify({
    places: members.map(placeOf),
    lists: [
      'all',
      list.status(status),
      ...members.flatMap(({ store, orderId }) => [list.store(store), list.order(orderId)]),
    ],
  })

type Found = readonly [version: string, due: string, body: string]

const toLink = ([version, due, body]: Found): Link => ({
  ...(JSON.parse(body) as Link),
  version: Number(version),
  dueAt: due === '' ? null : Number(due),
})

const saveLink = async (
  run: Script,
  next: Link,
  owed: readonly Owed[],
): Promise<Awaited<ReturnType<LinkLedger['save']>>> => {
  const [outcome, value = ''] = (await run(
    'save',
    next.name,
    next.version,
    text(next.dueAt),
    JSON.stringify(next),
    filingOf(next),
    ...owedFields(owed),
  )) as [outcome: 'stale' | 'taken' | 'saved', value?: string]
  if (outcome === 'stale') return 'stale'
  return outcome === 'taken' ? { taken: value } : { ...next, version: Number(value) }
}

/** Reads a page by one member's order, of which there is one link at most, or by lists. */
const listLinks = async (
  run: Script,
  find: LinkLedger['of'],
  { store, orderId, status, limit, after = '' }: LinkQuery,
): Promise<Link[]> => {
  if (store !== undefined && orderId !== undefined) {
    const link = await find(store, orderId)
    return link && link.name > after && (status ?? link.status) === link.status ? [link] : []
  }
  const lists = [
    ...(store === undefined ? [] : [list.store(store)]),
    ...(orderId === undefined ? [] : [list.order(orderId)]),
    ...(status === undefined ? [] : [list.status(status)]),
  ]
  const asked = JSON.stringify(lists.length === 0 ? ['all'] : lists)
  const links: Link[] = []
  for (let place: string | undefined = after; place !== undefined;) {
    const [found, next] = (await run('list', place, limit - links.length, asked)) as [
      Found[],
      string?,
    ]
    links.push(...found.map(toLink))
    place = next
  }
  return links
}

/** Opens the links of a connected ledger. */
export const openRedisLinks = ({
  run: runAny,
  now,
  withServer,
  redis,
  prefix,
}: RedisDeps): LinkLedger => {
  const run: Script = (name, ...values) => runAny(`links-${name}`, ...values)
  const find = async (script: 'get' | 'of', value: string) => {
    const found = (await run(script, value)) as Found | null
    return found && toLink(found)
  }
  const ofOrder: LinkLedger['of'] = (store, orderId) => find('of', placeOf({ store, orderId }))
  return {
    get: (name) => find('get', name),
    of: ofOrder,
    save: (next, owed = []) => saveLink(run, next, owed),
    delete: async ({ name, version }) => (await run('delete', name, version)) === 1,
    list: (query) => listLinks(run, ofOrder, query),
    count: async (status, most) =>
      Math.min(most, await withServer(() => redis.zcard(`${prefix}links:${list.status(status)}`))),
    due: async (limit) => ((await run('due', now(), limit)) as Found[]).map(toLink),
  }
}
