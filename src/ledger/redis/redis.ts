/**
 * The ledger in Redis: for several gateways that share one. Each promise is one Lua script
 * (`redis-scripts.ts`).
 *
 * One hash tag holds everything, so in a cluster one ledger lives on one shard. That is the only
 * correct choice under this port: a lease is taken together with a record’s wake-up and guards its
 * saves, so both share a slot; two stores on one platform account share lock keys, so a tag per
 * store would tear them apart; a tag per account would do, but a record’s account is configuration,
 * unknown when it is claimed and free to change while it is kept. One shard takes thousands of
 * claims a second; the platforms take tens. Two ledgers on one server differ in their tag.
 *
 * A method that rejects because the server went away in the middle wrote everything or nothing, but
 * cannot know which.
 * What it wrote is found by the clock and by a repeat of the request. A power cut may cost what
 * `appendfsync` allows (`everysec`: the last second), a failover what was not replicated; both
 * change the run id, so sends pause. What is sent is known to the replicas before
 * (`redis-replicas.ts`).
 */
import type { Cancellation } from '../../model/cancellation.ts'
import { isAtRest } from '../../model/cancellation.ts'
import type { FullLedger } from '../rules.ts'
import {
  BUSY_RETRY_MS,
  type Claim,
  doubtSince,
  guardOf,
  KEY_LIFE_MS,
  LONGEST_PATIENCE_MS,
  type Query,
  RECORD_LIFE_MS,
  scopeOf,
  stands,
  unsure,
} from '../port.ts'
import { BATCH_SCRIPTS } from './batch-scripts.ts'
import { openRedisBatches } from './batches.ts'
import { connectRedis, type RedisOptions } from './connection.ts'
import { openReplicas } from './replicas.ts'
import { SCRIPTS } from './scripts.ts'

export type { RedisOptions } from './connection.ts'

type Found = readonly [body: string, wake: string]

const toRecord = ([body, wake]: Found): Cancellation => ({
  batchId: null,
  ...(JSON.parse(body) as Omit<Cancellation, 'batchId'>),
  wakeAt: wake === '' ? null : Number(wake),
})
const text = (value: number | null | undefined) =>
  value === null || value === undefined ? '' : String(value)

/** The lists that a record is on; the first word of each says which kind, so that no two meet. */
const list = {
  store: (id: string) => `store:${id}`,
  order: (id: string) => `order:${id}`,
  status: (word: string) => `status:${word}`,
  reference: (words: string) => `reference:${words}`,
  batch: (id: string) => `batch:${id}`,
}

/** A record as the scripts take it: what they decide by, and how it is filed. */
const toFields = (record: Cancellation): string[] => {
  const { id, version, status, request, batchId, createdAt, updatedAt, settledAt, wakeAt } = record
  const { store, orderId, reference, notify, message, restock } = request
  const doubt = doubtSince(record)
  const lists = [
    'all',
    list.store(store),
    list.order(orderId),
    list.status(status),
    ...(reference === null ? [] : [list.reference(reference)]),
    ...(batchId === null ? [] : [list.batch(batchId)]),
  ]
  return [
    id,
    String(version),
    JSON.stringify(record),
    status,
    JSON.stringify([notify, message, restock]),
    text(wakeAt),
    JSON.stringify({
      lists,
      store,
      guard: guardOf(record),
      stands: stands(record),
      created: String(createdAt),
      updated: String(updatedAt),
      ...(settledAt !== null && { settled: String(settledAt) }),
      ...(wakeAt !== null && { wake: String(wakeAt) }),
      ...(doubt !== null && { doubt: String(doubt) }),
    }),
  ]
}
const rest = (record: Cancellation) => (isAtRest(record.status) ? '1' : '0')

export const openRedisLedger = async (url: string, options: RedisOptions): Promise<FullLedger> => {
  const { pauseMs, replicas: wanted, warn = () => {}, clock: own = Date.now, now: given } = options
  const now = given ?? own
  /** Empty: the scripts read the server’s clock. */
  const clock = () => (given ? String(given()) : '')
  const { prefix, redis, script, on, run, beside, forget } = await connectRedis(
    url,
    [...SCRIPTS, ...BATCH_SCRIPTS],
    options,
  )
  const replicas = openReplicas(beside, warn)
  /** Where this process took its last lease, and of which server it last told of a pause. */
  let seen = ''
  let paused = ''

  /** A page of at most one store. */
  const pageOf = async ({
    stores,
    orderId,
    status,
    reference,
    batchId,
    createdAfter,
    createdBefore,
    updatedAfter,
    order,
    limit,
    after,
  }: Query): Promise<Cancellation[]> => {
    const lists = [
      ...(stores ?? []).map(list.store),
      ...(orderId === undefined ? [] : [list.order(orderId)]),
      ...(status === undefined ? [] : [list.status(status)]),
      ...(reference === undefined ? [] : [list.reference(reference)]),
      ...(batchId === undefined ? [] : [list.batch(batchId)]),
    ]
    const byUpdate = updatedAfter !== undefined
    const [low, high] = byUpdate ? [updatedAfter, undefined] : [createdAfter, createdBefore]
    const records: Cancellation[] = []
    for (let place = after; ;) {
      const least =
        order === 'asc' && place && place.at > (low ?? -Infinity)
          ? String(place.at)
          : low === undefined
            ? '-inf'
            : `(${low}`
      const most =
        order === 'desc' && place && place.at < (high ?? Infinity)
          ? String(place.at)
          : high === undefined
            ? '+inf'
            : `(${high}`
      const [found, at, id] = (await run(
        'page',
        byUpdate ? 'updated' : 'created',
        order,
        ...(order === 'asc' ? [least, most] : [most, least]),
        limit - records.length,
        text(place?.at),
        place?.id ?? '',
        byUpdate ? text(createdAfter) : '',
        byUpdate ? text(createdBefore) : '',
        JSON.stringify(lists.length === 0 ? ['all'] : lists),
      )) as [Found[], string?, string?]
      records.push(...found.map(toRecord))
      if (id === undefined) return records
      place = { id, at: Number(at) }
    }
  }

  /**
   * A ledger that was written before the set of its stores was kept has them in the names of its
   * keys alone: read once.
   */
  const fill = async () => {
    if ((await redis.hget(`${prefix}server`, 'stores')) !== null) return
    const pattern = `${prefix.replaceAll(/[[\]\\*?^-]/g, '\\$&')}due:`
    for (let cursor = '0', isFirst = true; isFirst || cursor !== '0'; isFirst = false) {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${pattern}*`, 'COUNT', 1_000)
      if (keys.length > 0)
        await redis.sadd(`${prefix}stores`, ...keys.map((key) => key.slice(`${prefix}due:`.length)))
      cursor = next
    }
    await redis.hset(`${prefix}server`, 'stores', 'known')
  }

  const batches = openRedisBatches(run, now)
  return {
    batches,
    async claim(draft, key) {
      const [outcome, ...found] = (await run(
        'claim',
        key ? scopeOf(key, draft) : '',
        key?.fingerprint ?? '',
        now(),
        now() + KEY_LIFE_MS,
        rest(draft),
        ...toFields(draft),
      )) as [Claim['outcome'], ...Found]
      return { outcome, record: outcome === 'created' ? draft : toRecord(found) }
    },
    async get(id) {
      const [body, wake] = await on(() => redis.hmget(`${prefix}record:${id}`, 'body', 'wake'))
      return body ? toRecord([body, wake ?? '']) : null
    },
    async save(next, lease, keepUntil) {
      const saved = { ...next, version: next.version + 1 }
      const held = lease
        ? [lease.key, lease.epoch, keepUntil === undefined ? '' : keepUntil - now()]
        : ['', '', '']
      return on(async (server) => {
        if (
          (await script('save', next.version, ...held, rest(next), clock(), ...toFields(saved))) !==
          1
        )
          return null
        if (saved.status === 'sending' && !(await replicas.have(server)))
          throw unsure(new Error('no replica acknowledged the intent, so it must not be acted on'))
        return saved
      })
    },
    lease: (record, lockKey, ttlMs) =>
      on(async (server) => {
        const {
          id,
          version,
          request: { store },
        } = record
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
          seen,
          pauseMs,
          server.replicas,
          text(wanted),
        )) as [string, number?]
        if (answer === 'stale') return 'stale'
        server.replicas = needed ?? 0
        seen = server.runId
        if (answer === 'paused' && paused !== server.runId) {
          paused = server.runId
          warn(
            `Redis was restarted or replaced: nothing is sent for up to ${pauseMs} ms, until ` +
              'everything sent before has landed.',
          )
        }
        if (answer === 'alone') replicas.tell(false, server)
        if (answer === 'busy' || answer === 'paused' || answer === 'alone') return 'busy'
        const lease = { key: lockKey, epoch: Number(answer), until: at + ttlMs }
        if (await replicas.have(server)) return lease
        await script('release', lease.key, lease.epoch, id, version, store, now() + BUSY_RETRY_MS)
        return 'busy'
      }),
    async release({ key, epoch }) {
      await run('release', key, epoch)
    },
    due: async (stores, each) =>
      ((await run('due', JSON.stringify(stores), now(), each)) as Found[]).map(toRecord),
    async strays(stores, most) {
      await on(fill)
      const others = (await on(() => redis.smembers(`${prefix}stores`))).filter(
        (store) => !stores.includes(store),
      )
      const found = (await run('due', JSON.stringify(others), now(), most)) as Found[]
      return found
        .map(toRecord)
        .sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0))
        .slice(0, most)
    },
    bind: async (store, account) => (await run('bind', store, account)) as string,
    bindings: async () =>
      new Map(Object.entries(await on(() => redis.hgetall(`${prefix}accounts`)))),
    reserve: async (bucket, { perSecond, burst }, patienceMs) =>
      Number(
        await run(
          'reserve',
          bucket,
          1_000 / perSecond,
          burst,
          patienceMs,
          LONGEST_PATIENCE_MS,
          clock(),
        ),
      ),
    async list(query) {
      const { order, limit, updatedAfter } = query
      const stores = query.stores && [...new Set(query.stores)]
      if (stores === null || stores.length === 1) return pageOf({ ...query, stores })
      const at = (record: Cancellation) =>
        updatedAfter === undefined ? record.createdAt : record.updatedAt
      const sign = order === 'asc' ? 1 : -1
      const pages = await Promise.all(stores.map((store) => pageOf({ ...query, stores: [store] })))
      return pages
        .flat()
        .sort((a, b) => sign * (at(a) - at(b) || (a.id < b.id ? -1 : 1)))
        .slice(0, limit)
    },
    async figures(stores) {
      const [accepted, sending, in_doubt, needs_attention, ...times] = (await run(
        'figures',
        JSON.stringify(stores),
      )) as [number, number, number, number, ...string[]]
      const [oldestDoubtAt = null, oldestAttentionAt = null, ...nextDueAt] = times.map((at) =>
        at === '' ? null : Number(at),
      )
      return {
        counts: { accepted, sending, in_doubt, needs_attention },
        oldestDoubtAt,
        oldestAttentionAt,
        nextDueAt,
      }
    },
    async sweep() {
      while (Number(await run('sweep', now(), now() - RECORD_LIFE_MS, clock())) > 0);
      await batches.sweep()
    },
    async ready() {
      forget()
      await on(() => redis.set(`${prefix}probe`, now()))
    },
    async close() {
      replicas.close()
      await redis.quit().catch(() => redis.disconnect())
    },
  }
}
