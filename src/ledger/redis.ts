/**
 * The ledger in Redis: for several gateways that share one. Each promise is one Lua script (`redis-scripts.ts`).
 *
 * One hash tag holds everything, so in a cluster one ledger lives on one shard. That is the only correct choice under
 * this port: a lease is taken together with a record’s wake-up and guards its saves, so both share a slot; two stores
 * on one platform account share lock keys, so a tag per store would tear them apart; a tag per account would do, but a
 * record’s account is configuration, unknown when it is claimed and free to change while it is kept. One shard takes
 * thousands of claims a second; the platforms take tens. Two ledgers on one server differ in their tag.
 *
 * A method that rejects because the server went away in the middle wrote everything or nothing, but cannot know which.
 * What it wrote is found by the clock and by a repeat of the request. A power cut may cost what `appendfsync` allows
 * (`everysec`: the last second), a failover what was not replicated; both change the run id, so sends pause.
 */
import { Redis } from 'ioredis'
import type { Cancellation } from '../model/cancellation.ts'
import { isAtRest } from '../model/cancellation.ts'
import type { FullLedger } from './batches.ts'
import { BUSY_RETRY_MS, type Claim, doubtSince, guardOf, KEY_LIFE_MS, type Query, RECORD_LIFE_MS, scopeOf, stands } from './ledger.ts'
import { BATCH_SCRIPTS, openRedisBatches } from './redis-batches.ts'
import { SCRIPTS } from './redis-scripts.ts'

export interface RedisOptions {
  /** How long leases are refused after Redis was restarted or replaced: until everything sent before has landed. */
  readonly pauseMs: number
  /** Takes a server that may forget: for trials only. */
  readonly allowVolatile?: boolean
  /** Told of what an operator should know. */
  readonly warn?: (message: string) => void
  /** This process’s clock, for what is due; leases live by the server’s. */
  readonly clock?: () => number
  /** For tests: stands for both. */
  readonly now?: () => number
  readonly tag?: string
}

/** The layout of the keys; another one is refused. */
const SCHEMA = 2
/** Clocks that differ by less do no harm. */
const SKEW_MS = 5_000
/** Without an answer for so long the connection counts as dead. */
const PATIENCE_MS = 3_000
const RECONNECT_MS = { first: 50, cap: 1_000 }

type Found = readonly [body: string, wake: string]
type Script = (name: string, ...values: (string | number)[]) => Promise<unknown>

const toRecord = ([body, wake]: Found): Cancellation => ({ batchId: null, ...JSON.parse(body) as Omit<Cancellation, 'batchId'>, wakeAt: wake === '' ? null : Number(wake) })
const text = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value))

/** The lists that a record is on; the first word of each says which kind, so that no two meet. */
const list = {
  store: (id: string) => `store:${id}`, order: (id: string) => `order:${id}`, status: (word: string) => `status:${word}`, reference: (words: string) => `reference:${words}`, batch: (id: string) => `batch:${id}`,
}

/** A record as the scripts take it: what they decide by, and how it is filed. */
const toFields = (record: Cancellation): string[] => {
  const { id, version, status, request, batchId, createdAt, updatedAt, settledAt, wakeAt } = record
  const { store, orderId, reference, notify, message, restock } = request
  const doubt = doubtSince(record)
  const lists = ['all', list.store(store), list.order(orderId), list.status(status), ...(reference === null ? [] : [list.reference(reference)]), ...(batchId === null ? [] : [list.batch(batchId)])]
  return [id, String(version), JSON.stringify(record), status, JSON.stringify([notify, message, restock]), text(wakeAt), JSON.stringify({
    lists, store, guard: guardOf(record), stands: stands(record), created: String(createdAt), updated: String(updatedAt),
    ...(settledAt !== null && { settled: String(settledAt) }), ...(wakeAt !== null && { wake: String(wakeAt) }), ...(doubt !== null && { doubt: String(doubt) }),
  })]
}
const rest = (record: Cancellation) => (isAtRest(record.status) ? '1' : '0')

const infoOf = (reply: string): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(reply.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))

/** What makes a server forget what it acknowledged; empty: nothing that it tells of. */
const dangers = async (redis: Redis, info: ReturnType<typeof infoOf>): Promise<string[]> => {
  // Many hosted servers refuse CONFIG; what INFO does not tell is then taken on trust.
  const fsync = await redis.config('GET', 'appendfsync').then((reply) => (reply as string[])[1], () => undefined)
  const expected: [name: string, found: string | undefined, wanted: string][] = [
    ['appendonly', info['aof_enabled']?.replace('1', 'yes').replace('0', 'no'), 'yes'],
    ['maxmemory-policy', info['maxmemory_policy'], 'noeviction'],
    ['role', info['role'], 'master'],
  ]
  return [
    ...expected.filter(([, found, wanted]) => found !== wanted).map(([name, found, wanted]) => `${name} is ${found ?? 'not readable'} and must be ${wanted}`),
    ...(fsync === 'no' ? ['appendfsync is no and must be everysec or always'] : []),
  ]
}

export const openRedisLedger = async (url: string, { pauseMs, allowVolatile = false, warn = () => {}, clock: own = Date.now, now: given, tag = 'rescind' }: RedisOptions): Promise<FullLedger> => {
  const now = given ?? own
  /** Empty: the scripts read the server’s clock. */
  const clock = () => (given ? String(given()) : '')
  const prefix = `{${tag}}:`
  const redis = new Redis(url, {
    lazyConnect: true,
    // Away is away: nothing waits for the server to come back, and nothing is sent twice.
    enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0,
    connectTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS,
    retryStrategy: (tries) => Math.min(RECONNECT_MS.first * 2 ** Math.min(tries, 10), RECONNECT_MS.cap),
    // A primary that became a replica: its address may lead to the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })

  /** The run id of the server at the other end, once it is known to be fit; rejects where it is not. Null: not asked yet. */
  let server: Promise<string> | null = null
  /** Where this process took its last lease; of which server it last told of a pause, or of danger. */
  let seen = ''
  const told = { pause: '', danger: '', skewed: false }
  let trouble: string | undefined

  const inspect = async (): Promise<string> => {
    const info = await redis.info().then(infoOf, (error: Error) => {
      if (!error.message.startsWith('NOPERM')) throw error
      return infoOf('')
    })
    const danger = (await dangers(redis, info)).join('; ')
    if (danger !== '' && !allowVolatile) throw new Error(`Redis would forget what it acknowledged: ${danger}`)
    if (danger !== '' && danger !== told.danger) warn(`Redis may forget what it acknowledged: ${danger}. For trials only.`)
    told.danger = danger
    const aheadMs = given ? 0 : own() - await redis.time().then(([seconds = 0]) => Number(seconds) * 1_000, () => own())
    const skewed = Math.abs(aheadMs) > SKEW_MS
    if (skewed && !told.skewed) warn(`The clock of this gateway is ${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} Redis’s: set it, and restart. Gateways that share a Redis take each other’s records for overdue else.`)
    told.skewed = skewed
    const schema = Number(await redis.get(`${prefix}schema`) ?? await redis.set(`${prefix}schema`, SCHEMA).then(() => SCHEMA))
    if (schema !== SCHEMA) throw new Error(`the ledger is of version ${schema}; this program knows ${SCHEMA}: use ${schema > SCHEMA ? 'the newer program' : 'the program that wrote it, or an empty database'}`)
    return info['run_id'] ?? ''
  }
  const met = (): Promise<string> => {
    if (server) return server
    const asked = server = inspect()
    // Asked again by whoever comes next: a server can be mended while it runs.
    asked.catch(() => { if (server === asked) server = null })
    return asked
  }
  redis.on('close', () => { server = null }).on('error', (error: Error) => { trouble = error.message })

  /** Works on a server that is known to be fit; `work` sends at once, so it meets the server whose run id it is given. */
  const on = async <T>(work: (runId: string) => Promise<T>): Promise<T> => {
    try {
      return await work(await met())
    } catch (error) {
      // The client’s errors carry the command with all its values: not for a log.
      delete (error as { command?: unknown }).command
      throw error
    }
  }
  for (const { name, lua } of [...SCRIPTS, ...BATCH_SCRIPTS]) redis.defineCommand(`ledger-${name}`, { numberOfKeys: 1, lua })
  const script: Script = (name, ...values) => (redis as unknown as Record<string, Script>)[`ledger-${name}`]?.call(redis, prefix, ...values) as Promise<unknown>
  const run: Script = (...values) => on(() => script(...values))

  try {
    await redis.connect().catch((cause: Error) => { throw new Error(trouble ?? cause.message, { cause }) })
    await on(async () => {})
  } catch (cause) {
    redis.disconnect()
    throw new Error(`the ledger cannot be opened: ${(cause as Error).message}`, { cause })
  }

  /** A page of at most one store. */
  const pageOf = async ({ stores, orderId, status, reference, batchId, createdAfter, createdBefore, updatedAfter, order, limit, after }: Query): Promise<Cancellation[]> => {
    const lists = [
      ...(stores ?? []).map(list.store), ...(orderId === undefined ? [] : [list.order(orderId)]),
      ...(status === undefined ? [] : [list.status(status)]), ...(reference === undefined ? [] : [list.reference(reference)]),
      ...(batchId === undefined ? [] : [list.batch(batchId)]),
    ]
    const byUpdate = updatedAfter !== undefined
    const [low, high] = byUpdate ? [updatedAfter, undefined] : [createdAfter, createdBefore]
    const records: Cancellation[] = []
    for (let place = after; ;) {
      const least = order === 'asc' && place && place.at > (low ?? -Infinity) ? String(place.at) : low === undefined ? '-inf' : `(${low}`
      const most = order === 'desc' && place && place.at < (high ?? Infinity) ? String(place.at) : high === undefined ? '+inf' : `(${high}`
      const [found, at, id] = await run(
        'page', byUpdate ? 'updated' : 'created', order, ...(order === 'asc' ? [least, most] : [most, least]), limit - records.length, text(place?.at), place?.id ?? '',
        byUpdate ? text(createdAfter) : '', byUpdate ? text(createdBefore) : '', JSON.stringify(lists.length === 0 ? ['all'] : lists),
      ) as [Found[], string?, string?]
      records.push(...found.map(toRecord))
      if (id === undefined) return records
      place = { id, at: Number(at) }
    }
  }

  const batches = openRedisBatches(run, now)
  return {
    batches,
    async claim(draft, key) {
      const [outcome, ...found] = await run(
        'claim', key ? scopeOf(key, draft) : '', key?.fingerprint ?? '', now(), now() + KEY_LIFE_MS, rest(draft), ...toFields(draft),
      ) as [Claim['outcome'], ...Found]
      return { outcome, record: outcome === 'created' ? draft : toRecord(found) }
    },
    async get(id) {
      const [body, wake] = await on(() => redis.hmget(`${prefix}record:${id}`, 'body', 'wake'))
      return body ? toRecord([body, wake ?? '']) : null
    },
    async save(next, lease, keepUntil) {
      const saved = { ...next, version: next.version + 1 }
      const held = lease ? [lease.key, lease.epoch, keepUntil === undefined ? '' : keepUntil - now()] : ['', '', '']
      return await run('save', next.version, ...held, rest(next), clock(), ...toFields(saved)) === 1 ? saved : null
    },
    lease: (record, lockKey, ttlMs) => on(async (runId) => {
      const at = now()
      const answer = await script('lease', record.id, record.request.store, record.version, lockKey, ttlMs, BUSY_RETRY_MS, at, clock(), runId, seen, pauseMs) as string
      if (answer === 'stale') return 'stale'
      seen = runId
      if (answer === 'paused' && told.pause !== runId) {
        told.pause = runId
        warn(`Redis was restarted or replaced: nothing is sent for up to ${pauseMs} ms, until everything sent before has landed.`)
      }
      return answer === 'busy' || answer === 'paused' ? 'busy' : { key: lockKey, epoch: Number(answer), until: at + ttlMs }
    }),
    async release({ key, epoch }) {
      await run('release', key, epoch)
    },
    due: async (stores, each) => (await run('due', JSON.stringify(stores), now(), each) as Found[]).map(toRecord),
    async strays(stores, most) {
      const others = (await on(() => redis.smembers(`${prefix}stores`))).filter((store) => !stores.includes(store))
      const found = await run('due', JSON.stringify(others), now(), most) as Found[]
      return found.map(toRecord).sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0)).slice(0, most)
    },
    bind: (store, account) => on(async () => {
      await redis.hsetnx(`${prefix}accounts`, store, account)
      return await redis.hget(`${prefix}accounts`, store) as string
    }),
    bindings: async () => new Map(Object.entries(await on(() => redis.hgetall(`${prefix}accounts`)))),
    spend: async (bucket, { perSecond, burst }, patienceMs) => Number(await run('spend', bucket, 1_000 / perSecond, burst, patienceMs, clock())),
    async list(query) {
      const { order, limit, updatedAfter } = query
      const stores = query.stores && [...new Set(query.stores)]
      if (stores === null || stores.length === 1) return pageOf({ ...query, stores })
      const at = (record: Cancellation) => (updatedAfter === undefined ? record.createdAt : record.updatedAt)
      const sign = order === 'asc' ? 1 : -1
      const pages = await Promise.all(stores.map((store) => pageOf({ ...query, stores: [store] })))
      return pages.flat().sort((a, b) => sign * (at(a) - at(b) || (a.id < b.id ? -1 : 1))).slice(0, limit)
    },
    async figures(stores) {
      const [accepted, sending, in_doubt, needs_attention, ...times] = await run('figures', JSON.stringify(stores)) as [number, number, number, number, ...string[]]
      const [oldestDoubtAt = null, oldestAttentionAt = null, ...nextDueAt] = times.map((at) => (at === '' ? null : Number(at)))
      return { counts: { accepted, sending, in_doubt, needs_attention }, oldestDoubtAt, oldestAttentionAt, nextDueAt }
    },
    async sweep() {
      while (Number(await run('sweep', now(), now() - RECORD_LIFE_MS, clock())) > 0);
      await batches.sweep()
    },
    async ready() {
      server = null
      await on(() => redis.set(`${prefix}probe`, now()))
    },
    async close() {
      await redis.quit().catch(() => redis.disconnect())
    },
  }
}
