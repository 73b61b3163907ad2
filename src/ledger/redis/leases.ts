/** Leases in Redis: who may work on what, and whether this server may say so. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { Lease } from '../port.ts'
import { BUSY_RETRY_MS } from '../rules.ts'
import type { RedisDeps } from './connection.ts'
import type { RedisOptions } from './options.ts'
import { RECORDS, type Scripts } from './prelude.ts'
import { text } from './records.ts'
import type { Replicas } from './replicas.ts'
import type { Server } from './server.ts'

/** Gives a lock that is free, and answers its epoch. */
const GIVE = `
local function give(lock, at, ttl)
  -- Above every epoch ever given, also by a server whose counter was lost: a writer from before
  -- never holds it.
  local last = call('GET', p .. 'epoch') or 0
  local epoch = string.format('%.0f', math.max(last + 1, math.floor(at)))
  call('SET', p .. 'epoch', epoch)
  call('HSET', p .. 'epochs', lock, epoch)
  call('ZADD', p .. 'leases', at + ttl, lock)
  return epoch
end

local function heldUntil(lock, at)
  local held = call('ZSCORE', p .. 'leases', lock)
  return held and tonumber(held) > at and held or nil
end
`

/**
 * Answers the epoch and how many replicas must have it; or why not, and that: stale, busy, paused,
 * alone.
 *
 * A primary that was cut off from its replicas may have been replaced by one of them without
 * knowing. So the most replicas that this run of the server was seen with are kept, and it gives no
 * lease while it has fewer. A replica that takes over is another run, and begins with those that it
 * has. `known`: what the process knows; `fixed`: what the operator says, instead. `last`: the run
 * on which the process took its last lease.
 */
const leaseLua = `${RECORDS}${GIVE}
local id, store, version, lock, ttl, retry, now, given = unpack(ARGV, 1, 8)
local server, last, pause, known, fixed = unpack(ARGV, 9, 13)
if call('HGET', p .. 'record:' .. id, 'version') ~= version then return { 'stale' } end
local at = clock(given)
local run, resume, replicas = unpack(call('HMGET', p .. 'server', 'run', 'resume', 'replicas'))
local info = redis.pcall('INFO', 'replication')
local online = type(info) == 'string' and select(2, info:gsub('state=online', '')) or nil
local isOther = server ~= '' and run ~= server
local needed = tonumber(fixed)
if fixed == '' then
  needed = math.max(tonumber(known), online or 0, isOther and 0 or tonumber(replicas or 0))
end
-- Another server than before, or one that has lost its memory: what was sent last may be forgotten,
-- so nothing is sent until it has landed.
if isOther then
  resume = (run or last ~= '') and at + pause or 0
  call('HSET', p .. 'server', 'run', server, 'resume', resume, 'replicas', needed)
elseif tonumber(resume or 0) > at + pause then
  -- The server's clock was set back.
  resume = at + pause
  call('HSET', p .. 'server', 'resume', resume)
end
if needed ~= tonumber(replicas or 0) then call('HSET', p .. 'server', 'replicas', needed) end
if tonumber(resume or 0) > at then
  wakeUp(id, store, now + resume - at)
  return { 'paused', needed }
end
if online and online < needed then
  wakeUp(id, store, now + retry)
  return { 'alone', needed }
end
local held = heldUntil(lock, at)
if held then
  wakeUp(id, store, now + math.min(held - at, retry))
  return { 'busy', needed }
end
local epoch = give(lock, at, ttl)
wakeUp(id, store, now + ttl)
return { epoch, needed }
`

/** Answers the epoch; nothing where somebody holds it. */
const holdLua = `${RECORDS}${GIVE}
local lock, ttl, given = unpack(ARGV)
local at = clock(given)
return not heldUntil(lock, at) and give(lock, at, ttl)
`

/** With a record, too: it is due again at `wake`, since nothing was done about it. */
const releaseLua = `${RECORDS}
local lock, epoch, id, version, store, wake = unpack(ARGV)
if call('HGET', p .. 'epochs', lock) == epoch then free(lock) end
if id and call('HGET', p .. 'record:' .. id, 'version') == version then wakeUp(id, store, wake) end
return 1
`

export const LEASE_SCRIPTS: Scripts = { lease: leaseLua, hold: holdLua, release: releaseLua }

export interface LeaseDeps extends RedisDeps {
  readonly replicas: Replicas
  readonly options: RedisOptions
  /** The run of the server on which this process took its last lease; empty: none yet. */
  lastRun: string
  /** The run of which an operator was warned that it pauses. */
  pausedRun: string
}

const warnOfPause = (deps: LeaseDeps, { runId }: Server): void => {
  if (deps.pausedRun === runId) return
  deps.pausedRun = runId
  deps.options.warn?.(
    `Redis was restarted or replaced: nothing is sent for up to ${deps.options.pauseMs} ms, ` +
      'until everything sent before has landed.',
  )
}

/** Takes a lease that the replicas have, too. */
export const takeLease = (
  deps: LeaseDeps,
  record: Cancellation,
  lockKey: string,
  ttlMs: number,
): Promise<Lease | 'busy' | 'stale'> =>
  deps.withServer(async (server) => {
    const { script, now, clock, replicas, options } = deps
    const { id, version } = record
    const { store } = record.request
    const at = now()
    const [answer, needed] = (await script(
      'lease',
      id,
      store,
      version,
      lockKey,
      ttlMs,
      BUSY_RETRY_MS,
      at,
      clock(),
      server.runId,
      deps.lastRun,
      options.pauseMs,
      server.replicas,
      text(options.replicas),
    )) as [string, number?]
    if (answer === 'stale') return 'stale'
    server.replicas = needed ?? 0
    deps.lastRun = server.runId
    if (answer === 'paused') warnOfPause(deps, server)
    if (answer === 'alone') replicas.report(false, server)
    if (answer === 'busy' || answer === 'paused' || answer === 'alone') return 'busy'
    const lease = { key: lockKey, epoch: Number(answer), until: at + ttlMs }
    if (await replicas.have(server)) return lease
    await script('release', lease.key, lease.epoch, id, version, store, now() + BUSY_RETRY_MS)
    return 'busy'
  })

/** Takes a lease that no record waits for. */
export const holdLease = async (
  { run, now, clock }: RedisDeps,
  name: string,
  ttlMs: number,
): Promise<Lease | null> => {
  const until = now() + ttlMs
  const epoch = (await run('hold', name, ttlMs, clock())) as string | null
  return epoch === null ? null : { key: name, epoch: Number(epoch), until }
}
