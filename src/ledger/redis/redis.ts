/**
 * The ledger in Redis: for several gateways that share one. Each promise is one Lua script; each
 * stands in the file of its subject, beside the function that runs it.
 *
 * One hash tag holds everything, so in a cluster one ledger lives on one shard. That is the only
 * correct choice under this port: a lease is taken together with a record’s wake-up and guards its
 * saves, so both share a slot; two stores on one platform account share lock keys, so a tag per
 * store would tear them apart; a tag per account would do, but a record’s account is configuration,
 * unknown when it is claimed and free to change while it is kept. One shard takes thousands of
 * claims a second; the platforms take tens. Two ledgers on one server differ in their tag.
 *
 * A method that rejects because the server went away in the middle wrote everything or nothing, but
 * cannot know which. What it wrote is found by the clock and by a repeat of the request. A power
 * cut may cost what `appendfsync` allows (`everysec`: the last second), a failover what was not
 * replicated; both change the run id, so sends pause. What is sent is known to the replicas before
 * (replicas.ts).
 */
import type { Cancellation } from '../../model/cancellation.ts'
import { openAudit, trimAudit } from '../audit.ts'
import type { FullLedger, Ledger } from '../port.ts'
import { RETENTION } from '../retention.ts'
import { LONGEST_PATIENCE_MS } from '../rules.ts'
import { AUDIT_SCRIPTS, openRedisAudit } from './audit.ts'
import { BATCH_SCRIPTS, openRedisBatches } from './batches.ts'
import { claim, CLAIM_SCRIPTS, save } from './claims.ts'
import { connectRedis, type RedisDeps } from './connection.ts'
import type { RedisOptions } from './options.ts'
import { DELIVERY_SCRIPTS, FORGET, openRedisDeliveries } from './deliveries.ts'
import { DUE_SCRIPTS, dueRecords, strayRecords } from './due.ts'
import { digestKeys, KEY_SCRIPTS } from './keys.ts'
import { holdLease, LEASE_SCRIPTS, type LeaseDeps, takeLease } from './leases.ts'
import { LINK_SCRIPTS, openRedisLinks } from './links.ts'
import { countsByDayOf, figuresOf, LIST_SCRIPTS, listRecords } from './lists.ts'
import { NOTICE_SCRIPTS, openRedisNotices } from './notices.ts'
import { RECORDS, type Scripts } from './prelude.ts'
import { toRecord } from './records.ts'
import { openReplicas, REPLICA_SCRIPTS } from './replicas.ts'

export type { RedisOptions } from './options.ts'

const bindLua = `${RECORDS}
call('HSETNX', p .. 'accounts', ARGV[1], ARGV[2])
return call('HGET', p .. 'accounts', ARGV[1])
`

/** `gcra` of rules.ts; answers the wait as text, since a number would lose its fraction. */
const reserveLua = `${RECORDS}
local bucket, step, burst, patience, longest, given = unpack(ARGV)
local at = clock(given)
local full = tonumber(call('HGET', p .. 'pace', bucket) or 0)
local from = math.min(math.max(full, at), at + longest + burst * step)
local wait = math.max(0, from - at - (burst - 1) * step)
if wait <= math.min(patience, longest) then from = from + step end
call('HSET', p .. 'pace', bucket, string.format('%.3f', from))
return string.format('%.3f', wait)
`

/** Deletes at most some dozens of things, so that no other script waits long; answers how many. */
const sweepLua = `${RECORDS}${FORGET}
local now, settledUntil, given, latest = unpack(ARGV)
local scopes = call('ZRANGEBYSCORE', p .. 'keys', '-inf', now, 'LIMIT', 0, 50)
local locks = call('ZRANGEBYSCORE', p .. 'leases', '-inf', clock(given), 'LIMIT', 0, 50)
-- Bound when they were to live longer.
local longer = call('ZRANGEBYSCORE', p .. 'keys', '(' .. latest, '+inf', 'LIMIT', 0, 50)
local ids = call('ZRANGEBYSCORE', p .. 'settled', '-inf', settledUntil, 'LIMIT', 0, 50)
local entries = {}
for i, id in ipairs(ids) do
  entries[i] = cjson.decode(call('HGET', p .. 'record:' .. id, 'entry'))
end
for _, scope in ipairs(scopes) do
  call('ZREM', p .. 'keys', scope)
  call('HDEL', p .. 'bound', scope)
end
for _, scope in ipairs(longer) do call('ZADD', p .. 'keys', latest, scope) end
for _, lock in ipairs(locks) do free(lock) end
for i, id in ipairs(ids) do
  unfile(id, entries[i])
  call('DEL', p .. 'record:' .. id)
  forgetSubject(id)
end
forgetNames()
for _, store in ipairs(call('SMEMBERS', p .. 'stores')) do
  if call('EXISTS', p .. 'due:' .. store) == 0 then call('SREM', p .. 'stores', store) end
end
return #scopes + #longer + #locks + #ids
`

const SCRIPTS: Scripts = {
  ...CLAIM_SCRIPTS,
  ...LEASE_SCRIPTS,
  ...REPLICA_SCRIPTS,
  ...DUE_SCRIPTS,
  ...LIST_SCRIPTS,
  bind: bindLua,
  reserve: reserveLua,
  sweep: sweepLua,
  ...BATCH_SCRIPTS,
  ...DELIVERY_SCRIPTS,
  ...NOTICE_SCRIPTS,
  ...LINK_SCRIPTS,
  ...AUDIT_SCRIPTS,
  ...KEY_SCRIPTS,
}

const openReserve =
  ({ run, clock }: RedisDeps): Ledger['reserve'] =>
  async (bucket, { perSecond, burst }, patienceMs) => {
    const stepMs = 1_000 / perSecond
    return Number(
      await run('reserve', bucket, stepMs, burst, patienceMs, LONGEST_PATIENCE_MS, clock()),
    )
  }

const findRecord = async (
  { redis, prefix, withServer }: RedisDeps,
  id: string,
): Promise<Cancellation | null> => {
  const [body, wake] = await withServer(() => redis.hmget(`${prefix}record:${id}`, 'body', 'wake'))
  return body ? toRecord([body, wake ?? '']) : null
}

/** Forgets keys, leases and records, portion by portion. */
const sweepRecords = async ({ run, now, clock, retention }: RedisDeps): Promise<void> => {
  const at = now()
  const { keysMs, recordsMs } = retention
  while (Number(await run('sweep', at, at - recordsMs, clock(), at + keysMs)) > 0);
}

export const openRedisLedger = async (url: string, options: RedisOptions): Promise<FullLedger> => {
  const { warn = () => {}, clock = Date.now, now, retention = RETENTION, chain } = options
  const deps: RedisDeps = {
    ...(await connectRedis(url, SCRIPTS, options)),
    now: now ?? clock,
    retention,
    clock: () => (now ? String(now()) : ''),
  }
  const { prefix, redis, run, withServer, duplicate, inspectAgain } = deps
  const replicas = openReplicas(duplicate, warn)
  const leases: LeaseDeps = { ...deps, replicas, options, lastRun: '', pausedRun: '' }
  const batches = openRedisBatches(deps)
  const notices = openRedisNotices(deps)
  const shelf = openRedisAudit(deps)
  const audit = openAudit(shelf, chain)
  return {
    batches,
    deliveries: openRedisDeliveries(deps),
    notices,
    links: openRedisLinks(deps),
    audit,
    claim: (...values) => claim(deps, ...values),
    get: (id) => findRecord(deps, id),
    save: (...values) => save(deps, replicas, ...values),
    lease: (record, lockKey, ttlMs) => takeLease(leases, record, lockKey, ttlMs),
    hold: (name, ttlMs) => holdLease(deps, name, ttlMs),
    async release({ key, epoch }) {
      await run('release', key, epoch)
    },
    due: (stores, each) => dueRecords(deps, stores, each),
    strays: (stores, most) => strayRecords(deps, stores, most),
    bind: async (store, account) => (await run('bind', store, account)) as string,
    bindings: async () =>
      new Map(Object.entries(await withServer(() => redis.hgetall(`${prefix}accounts`)))),
    reserve: openReserve(deps),
    list: (query) => listRecords(deps, query),
    figures: (stores) => figuresOf(deps, stores),
    countsByDay: (...asked) => countsByDayOf(deps, ...asked),
    async sweep() {
      await sweepRecords(deps)
      await batches.sweep()
      await notices.sweep()
      await trimAudit(audit, shelf, deps.now() - retention.auditMs)
    },
    digestKeys: (id, digest) => digestKeys(deps, id, digest),
    // Its append-only file is the operator's to have rewritten.
    async scrub() {},
    async ready() {
      inspectAgain()
      await withServer(() => redis.set(`${prefix}probe`, deps.now()))
    },
    async close() {
      replicas.close()
      await redis.quit().catch(() => redis.disconnect())
    },
  }
}
