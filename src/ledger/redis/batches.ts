/** Batches in Redis: beside the cancellations, under the same hash tag. */
import type { Batch } from '../../model/batch.ts'
import type { Owed } from '../../model/delivery.ts'
import { type BatchClaim, type BatchLedger, type Key, type NewRow } from '../port.ts'
import { scopedBatchKey } from '../rules.ts'
import type { RedisDeps, Script } from './connection.ts'
import { FORGET, OWE, owedFields } from './deliveries.ts'
import { keyFields, KEYS } from './keys.ts'
import { COMMON, type Scripts } from './prelude.ts'
import {
  addRows,
  NEW_ROWS,
  openRows,
  readRows,
  recentTimes,
  rewriteRows,
  ROW_SCRIPTS,
  saveRows,
  setWaitingRows,
  takeRows,
  talliesOf,
} from './rows.ts'

/** `createIn` of rules.ts; the batch becomes true with it, after its rows were added. */
const createLua = `${COMMON}${KEYS}${NEW_ROWS}
local scope, fingerprint, plain, now, expiry = unpack(ARGV, 1, 5)
local id, version, status, caller, body, total = unpack(ARGV, 6, 11)
local stores = cjson.decode(body).stores
local bound, repeated = earlier(scope, fingerprint, plain, now)
local first = bound and call('HGET', p .. 'batch:' .. bound, 'body')
if first then
  call('UNLINK', unpack(newRowsOf(id, stores)))
  return { repeated, first }
end
if call('HLEN', p .. 'rows:' .. id) ~= tonumber(total) then
  return redis.error_reply('rows of the batch are missing')
end
for _, key in ipairs(newRowsOf(id, stores)) do call('PERSIST', key) end
call('HSET', p .. 'batch:' .. id,
  'version', version, 'status', status, 'caller', caller, 'body', body)
for _, list in ipairs({ 'all', 'of:' .. caller, 'unfinished' }) do
  call('ZADD', p .. 'batches:' .. list, 0, id)
end
bind(scope, id, fingerprint, expiry)
return { 'created' }
`

const getLua = `${COMMON}
return call('HGET', p .. 'batch:' .. ARGV[1], 'body')
`

/** Answers 1 where the next state is written, else 0. */
const saveLua = `${COMMON}${OWE}
local id, expected, version, status, finished, body, onlyDone = unpack(ARGV, 1, 7)
if call('HGET', p .. 'batch:' .. id, 'version') ~= expected then return 0 end
if onlyDone == '1' then
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
owe(8)
return 1
`

/** The newest first, or with '*' instead of a place all, the oldest first. */
const listLua = `${COMMON}
local list, after, limit = unpack(ARGV)
local key = p .. 'batches:' .. list
local ids
if after == '*' then
  ids = call('ZRANGEBYLEX', key, '-', '+')
else
  local from = after == '' and '+' or '(' .. after
  ids = call('ZREVRANGEBYLEX', key, from, '-', 'LIMIT', 0, limit)
end
local found = {}
for _, id in ipairs(ids) do found[#found + 1] = call('HGET', p .. 'batch:' .. id, 'body') end
return found
`

/** Deletes a few batches; answers how many. */
const sweepLua = `${COMMON}${FORGET}
local statuses = { 'accepted', 'sending', 'in_doubt', 'succeeded', 'rejected', 'needs_attention' }
local ids = call('ZRANGEBYSCORE', p .. 'batches:finished', '-inf', ARGV[1], 'LIMIT', 0, 10)
for _, id in ipairs(ids) do
  local batch = cjson.decode(call('HGET', p .. 'batch:' .. id, 'body'))
  for _, list in ipairs({ 'all', 'of:' .. batch.caller, 'finished' }) do
    call('ZREM', p .. 'batches:' .. list, id)
  end
  for _, store in ipairs(batch.stores) do call('UNLINK', p .. 'waiting:' .. id .. ':' .. store) end
  for _, status in ipairs(statuses) do call('UNLINK', p .. 'with:' .. id .. ':' .. status) end
  call('UNLINK', p .. 'with:' .. id .. ':all', p .. 'batch:' .. id, p .. 'rows:' .. id,
    p .. 'states:' .. id, p .. 'tallies:' .. id)
  forgetSubject(id)
end
forgetNames()
return #ids
`

/** Named apart from those of cancellations. */
export const BATCH_SCRIPTS: Scripts = Object.fromEntries(
  Object.entries({
    create: createLua,
    get: getLua,
    save: saveLua,
    list: listLua,
    sweep: sweepLua,
    ...ROW_SCRIPTS,
  }).map(([name, lua]) => [`batches-${name}`, lua]),
)

const toBatch = (body: string): Batch => JSON.parse(body) as Batch

const createBatch = async (
  run: Script,
  { now, retention }: Pick<RedisDeps, 'now' | 'retention'>,
  batch: Batch,
  rows: readonly NewRow[],
  key: Key | null,
): Promise<BatchClaim> => {
  await addRows(run, batch.id, rows)
  const [outcome, earlier] = (await run(
    'create',
    ...keyFields(key && scopedBatchKey(key), now(), retention.keysMs),
    batch.id,
    batch.version,
    batch.status,
    batch.caller,
    JSON.stringify(batch),
    rows.length,
  )) as [BatchClaim['outcome'], string?]
  return { outcome, batch: earlier === undefined ? batch : toBatch(earlier) }
}

const findBatch = async (run: Script, id: string): Promise<Batch | null> => {
  const body = (await run('get', id)) as string | null
  return body === null ? null : toBatch(body)
}

const saveBatch = async (
  run: Script,
  next: Batch,
  onlyDone: boolean,
  owed: readonly Owed[] = [],
): Promise<Batch | null> => {
  const saved = { ...next, version: next.version + 1 }
  const answer = await run(
    'save',
    next.id,
    next.version,
    saved.version,
    saved.status,
    saved.finishedAt ?? '',
    JSON.stringify(saved),
    onlyDone ? '1' : '',
    ...owedFields(owed),
  )
  return answer === 1 ? saved : null
}

const listBatches = async (
  run: Script,
  list: string,
  after: string,
  limit: number,
): Promise<Batch[]> => ((await run('list', list, after, limit)) as string[]).map(toBatch)

/** Opens the batches of a connected ledger. */
export const openRedisBatches = ({ run: runAny, now, retention }: RedisDeps): BatchLedger => {
  const run: Script = (name, ...values) => runAny(`batches-${name}`, ...values)
  const createdAt = async (id: string) => ((await findBatch(run, id)) as Batch).createdAt
  return {
    create: (batch, rows, key) => createBatch(run, { now, retention }, batch, rows, key),
    get: (id) => findBatch(run, id),
    save: (next) => saveBatch(run, next, false),
    finish: (next, owed) => saveBatch(run, next, true, owed),
    list: ({ caller, limit, after = '' }) =>
      listBatches(run, caller === null ? 'all' : `of:${caller}`, after, limit),
    unfinished: () => listBatches(run, 'unfinished', '*', 0),
    rows: (id, query) => readRows(run, createdAt, id, query),
    take: (id, store, limit) => takeRows(run, createdAt, id, store, limit, now()),
    open: (store) => openRows(run, createdAt, store),
    saveRows: (rows) => saveRows(run, rows),
    rewrite: (rows) => rewriteRows(run, rows),
    setWaiting: (id, state) => setWaitingRows(run, id, state),
    tallies: (id) => talliesOf(run, id),
    recent: (store, limit) => recentTimes(run, store, limit),
    async sweep() {
      while (Number(await run('sweep', now() - retention.recordsMs)) > 0);
    },
  }
}
