/**
 * The Lua that finds a page of records by several lists at once; it stands on the prelude of
 * redis-scripts.ts.
 */

/**
 * Answers the records of a page that are in every list, found by walking the shortest one. Where
 * few of many fit it stops after a thousand, with the place to go on from, so that no other script
 * waits long.
 */
export const page = `
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
