/** Lists in Redis: a page of records that are on several lists at once, and the figures. */
import {
  type Cancellation,
  DAY_MS,
  type DayCount,
  dayOf,
  ORIGINS,
  type Status,
} from '../../model/cancellation.ts'
import type { Figures, Place, Query } from '../port.ts'
import { inOrderOf } from '../rules.ts'
import type { RedisDeps } from './connection.ts'
import { RECORDS, type Scripts } from './prelude.ts'
import { type Found, list, text, toRecord } from './records.ts'

/**
 * Answers the records of a page that are on every list, and on none of some others, found by
 * walking the shortest one. Where few of many fit it stops after a thousand, with the place to go
 * on from, so that no other script waits long.
 */
const pageLua = `${RECORDS}
local by, order, from, to, limit, afterAt, afterId, low, high = unpack(ARGV, 1, 9)
local lists, others, shortest, size = cjson.decode(ARGV[10]), cjson.decode(ARGV[11]), nil, nil
for _, list in ipairs(lists) do
  local count = call('ZCARD', p .. by .. ':' .. list)
  if not size or count < size then shortest, size = list, count end
end
local function beyond(at, id)
  if afterId == '' then return true end
  if tonumber(at) ~= tonumber(afterAt) then
    return (tonumber(at) > tonumber(afterAt)) == (order == 'asc')
  end
  return id ~= afterId and follows(id, afterId) == (order == 'asc')
end
local function fits(id)
  for _, list in ipairs(lists) do
    if list ~= shortest and not call('ZSCORE', p .. 'created:' .. list, id) then return false end
  end
  for _, list in ipairs(others) do
    if call('ZSCORE', p .. 'created:' .. list, id) then return false end
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

/** Answers the four counts, two times, and one of each store, empty where there is none. */
const figuresLua = `${RECORDS}
local function size(status) return call('ZCARD', p .. 'created:status:' .. status) end
local function first(set) return call('ZRANGE', p .. set, 0, 0, 'WITHSCORES')[2] or '' end
local found = {
  size('accepted'), size('sending'), size('in_doubt'), size('needs_attention'),
  call('ZCARD', p .. 'created:awaited'),
  first('doubt'), first('updated:status:needs_attention'),
}
for _, store in ipairs(cjson.decode(ARGV[1])) do found[#found + 1] = first('due:' .. store) end
return found
`

/** Answers of each day what its hash holds. */
const daysLua = `${RECORDS}
local found = {}
for i, day in ipairs(ARGV) do found[i] = call('HGETALL', p .. 'day:' .. day) end
return found
`

export const LIST_SCRIPTS: Scripts = { page: pageLua, figures: figuresLua, days: daysLua }

/** The lists that hold the records of a query between them. */
const listsOf = (query: Query): string[] => {
  const { stores, orderId, status, reference, batchId, origin, link, reopened, approval } = query
  const lists = [
    ...(stores ?? []).map(list.store),
    ...(orderId === undefined ? [] : [list.order(orderId)]),
    ...(status === undefined ? [] : [list.status(status)]),
    ...(reference === undefined ? [] : [list.reference(reference)]),
    ...(batchId === undefined ? [] : [list.batch(batchId)]),
    ...(origin === undefined || origin === 'caller' ? [] : [list.origin(origin)]),
    ...(link === undefined ? [] : [list.link(link)]),
    ...(reopened === undefined ? [] : [list.reopened]),
    ...(approval === undefined ? [] : [list.awaited]),
  ]
  return lists.length === 0 ? ['all'] : lists
}

/** The lists that hold none of them: those of callers, as most are, have no list of their own. */
const othersOf = ({ origin }: Query): string[] =>
  origin === 'caller' ? ORIGINS.filter((other) => other !== 'caller').map(list.origin) : []

/** The scores between which a page's time lies, exclusive but for that of the cursor. */
const scoresOf = (
  { order, createdAfter, createdBefore, updatedAfter }: Query,
  place: Place | undefined,
): [from: string, to: string] => {
  const [low, high] =
    updatedAfter === undefined ? [createdAfter, createdBefore] : [updatedAfter, undefined]
  const [above, below] = [
    low === undefined ? '-inf' : `(${low}`,
    high === undefined ? '+inf' : `(${high}`,
  ]
  if (order === 'asc')
    return [place && place.at > (low ?? -Infinity) ? String(place.at) : above, below]
  return [place && place.at < (high ?? Infinity) ? String(place.at) : below, above]
}

/** Reads a page of at most one store. */
const pageOf = async ({ run }: RedisDeps, query: Query): Promise<Cancellation[]> => {
  const { createdAfter, createdBefore, updatedAfter, order, limit, after } = query
  const isByUpdate = updatedAfter !== undefined
  const [lists, others] = [JSON.stringify(listsOf(query)), JSON.stringify(othersOf(query))]
  const records: Cancellation[] = []
  for (let place = after; ;) {
    const [found, at, id] = (await run(
      'page',
      isByUpdate ? 'updated' : 'created',
      order,
      ...scoresOf(query, place),
      limit - records.length,
      text(place?.at),
      place?.id ?? '',
      isByUpdate ? text(createdAfter) : '',
      isByUpdate ? text(createdBefore) : '',
      lists,
      others,
    )) as [Found[], string?, string?]
    records.push(...found.map(toRecord))
    if (id === undefined) return records
    place = { id, at: Number(at) }
  }
}

/** Reads a page; of several stores it is what comes first of the pages of each. */
export const listRecords = async (deps: RedisDeps, query: Query): Promise<Cancellation[]> => {
  const stores = query.stores && [...new Set(query.stores)]
  if (stores === null || stores.length === 1) return pageOf(deps, { ...query, stores })
  const pages = await Promise.all(
    stores.map((store) => pageOf(deps, { ...query, stores: [store] })),
  )
  return pages.flat().sort(inOrderOf(query)).slice(0, query.limit)
}

export const countsByDayOf = async (
  { run }: RedisDeps,
  stores: readonly string[] | null,
  from: number,
  to: number,
): Promise<DayCount[]> => {
  const days: number[] = []
  for (let day = dayOf(from); day <= to; day += DAY_MS) days.push(day)
  const found = (await run('days', ...days)) as string[][]
  return days.flatMap((day, index) => {
    const entries = found[index] ?? []
    return entries.flatMap((name, at) => {
      if (at % 2 === 1) return []
      const [status, store] = [name.slice(0, name.indexOf(' ')), name.slice(name.indexOf(' ') + 1)]
      const isAsked = stores?.includes(store) ?? true
      return isAsked
        ? [{ day, store, status: status as Status, count: Number(entries[at + 1]) }]
        : []
    })
  })
}

export const figuresOf = async (
  { run }: RedisDeps,
  stores: readonly string[],
): Promise<Figures> => {
  const [accepted, sending, in_doubt, needs_attention, awaitingApproval, ...times] = (await run(
    'figures',
    JSON.stringify(stores),
  )) as [number, number, number, number, number, ...string[]]
  const [oldestDoubtAt = null, oldestAttentionAt = null, ...nextDueAt] = times.map((at) =>
    at === '' ? null : Number(at),
  )
  return {
    counts: { accepted, sending, in_doubt, needs_attention },
    oldestDoubtAt,
    oldestAttentionAt,
    awaitingApproval,
    nextDueAt,
  }
}
