/** Claims and saves in Redis: the two scripts that write records. */
import type { Noted } from '../../model/audit.ts'
import type { Cancellation } from '../../model/cancellation.ts'
import type { Owed } from '../../model/delivery.ts'
import type { Claim, Key, Lease } from '../port.ts'
import { scopedKey, unsure } from '../rules.ts'
import { NOTE, noteField } from './audit.ts'
import type { RedisDeps } from './connection.ts'
import { OWE, owedFields } from './deliveries.ts'
import { keyFields, KEYS } from './keys.ts'
import { placeOf, TOUCH } from './links.ts'
import { RECORDS, type Scripts } from './prelude.ts'
import { type Found, restFlag, toFields, toRecord } from './records.ts'
import type { Replicas } from './replicas.ts'

/** `guard` of rules.ts; only records that stand are members. */
const GUARD = `
local function lastOf(guards, id)
  local last, at
  for _, guard in ipairs(guards) do
    local found = call('ZREVRANGE', p .. 'guard:' .. guard, 0, 1, 'WITHSCORES')
    for i = 1, #found, 2 do
      local other, created = found[i], tonumber(found[i + 1])
      if other ~= id and
        (not last or created > at or (created == at and follows(other, last))) then
        last, at = other, created
      end
    end
  end
  return last
end

local function verdict(id, entry, wishes, rest)
  if entry.heldTo then
    local held = lastOf(entry.heldTo, id)
    return held and 'deduplicated', held
  end
  local open, settled
  for _, other in ipairs(call('ZRANGE', p .. 'guard:' .. entry.guard, 0, -1)) do
    if other ~= id then
      local its = call('HMGET', p .. 'record:' .. other, 'wishes', 'status')
      if its[1] == wishes then return 'deduplicated', other end
      if its[2] == 'succeeded' then settled = other else open = open or other end
    end
  end
  if open then return 'conflict', open end
  if settled and rest ~= '1' then return 'settled', settled end
end
`

/** `claimIn` of rules.ts. Answers the outcome, and the earlier record where there is one. */
const claimLua = `${RECORDS}${KEYS}${GUARD}${OWE}${NOTE}${TOUCH}
local scope, fingerprint, plain, now, expiry, rest, place = unpack(ARGV, 1, 7)
local id, version, body, status, wishes, wake, filed = unpack(ARGV, 8, 14)
local entry = cjson.decode(filed)
local bound, repeated = earlier(scope, fingerprint, plain, now)
local first = bound and read(bound)
if first then return { repeated, first[1], first[2] } end
local outcome, standing = verdict(id, entry, wishes, rest)
if not outcome and read(id) then return redis.error_reply('the id of the draft is taken') end
local record = standing and read(standing)
if not outcome then
  write(id, version, body, status, wishes, wake, filed)
  file(id, entry)
  owe(16)
  note(ARGV[15])
  touch(place, now)
end
if not outcome or outcome == 'deduplicated' then
  bind(scope, standing or id, fingerprint, expiry)
end
if outcome then return { outcome, record[1], record[2] } end
return { 'created' }
`

/** Answers 1 where the next state is written, else 0. */
const saveLua = `${RECORDS}${GUARD}${OWE}${NOTE}${TOUCH}
local expected, lock, epoch, keep, rest, given, place, now = unpack(ARGV, 1, 8)
local id, version, body, status, wishes, wake, filed = unpack(ARGV, 9, 15)
local was = call('HMGET', p .. 'record:' .. id, 'version', 'status', 'entry')
if was[1] ~= expected then return 0 end
if epoch ~= '' and call('HGET', p .. 'epochs', lock) ~= epoch then return 0 end
local entry, old = cjson.decode(filed), cjson.decode(was[3])
if was[2] == 'rejected' and verdict(id, entry, wishes, rest) then return 0 end
unfile(id, old)
write(id, version, body, status, wishes, wake, filed)
file(id, entry)
owe(17)
note(ARGV[16])
touch(place, now)
if epoch ~= '' then
  if keep == '' then free(lock) else call('ZADD', p .. 'leases', clock(given) + keep, lock) end
end
return 1
`

export const CLAIM_SCRIPTS: Scripts = { claim: claimLua, save: saveLua }

export const claim = async (
  { run, now, retention }: RedisDeps,
  draft: Cancellation,
  key: Key | null,
  owed: readonly Owed[] = [],
  noted?: Noted,
): Promise<Claim> => {
  const [outcome, ...found] = (await run(
    'claim',
    ...keyFields(key && scopedKey(key, draft), now(), retention.keysMs),
    restFlag(draft),
    placeOf(draft.request),
    ...toFields(draft),
    noteField(noted),
    ...owedFields(owed),
  )) as [Claim['outcome'], ...Found]
  return { outcome, record: outcome === 'created' ? draft : toRecord(found) }
}

/** Saves; an intent only where replicas have it, since it is acted on at once. */
export const save = (
  { withServer, script, now, clock }: RedisDeps,
  replicas: Replicas,
  next: Cancellation,
  lease?: Lease,
  keepUntil?: number,
  owed: readonly Owed[] = [],
  noted?: Noted,
): Promise<Cancellation | null> => {
  const saved = { ...next, version: next.version + 1 }
  const held = lease
    ? [lease.key, lease.epoch, keepUntil === undefined ? '' : keepUntil - now()]
    : ['', '', '']
  return withServer(async (server) => {
    const place = [placeOf(saved.request), now()]
    const fields = [next.version, ...held, restFlag(next), clock(), ...place, ...toFields(saved)]
    const beside = [noteField(noted), ...owedFields(owed)]
    if ((await script('save', ...fields, ...beside)) !== 1) return null
    if (saved.status === 'sending' && !(await replicas.have(server)))
      throw unsure(new Error('no replica acknowledged the intent, so it must not be acted on'))
    return saved
  })
}
