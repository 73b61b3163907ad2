/** The use cases of batches: take many at once, show how far they are, pause, resume, stop. */
import { ulid } from 'ulid'
import { canonicalOf } from '../adapter/adapter.ts'
import type { Store } from '../adapter/store.ts'
import type { Key } from '../ledger/ledger.ts'
import { act, type Batch, type BatchAction, type BatchStatus, type Counts, countsOf, type Row, stateOf, type Tally, WITHDRAWN } from '../model/batch.ts'
import { type Cancellation, isFinal, type Status } from '../model/cancellation.ts'
import { type Problem, refuse } from '../model/problem.ts'
import { type CancelRequest, fingerprint } from '../model/request.ts'
import { createFeeder, type FeederOptions, find } from './feeder.ts'

export const MAX_ITEMS = 10_000

export interface BatchView {
  readonly id: string
  readonly status: BatchStatus
  readonly caller: string
  readonly total: number
  readonly counts: Counts
  readonly createdAt: number
  readonly finishedAt: number | null
  /** Null: nothing can be said. */
  readonly remainingSeconds: number | null
}

export interface ItemView {
  /** 1-based among the items as they were sent. */
  readonly row: number
  readonly request: CancelRequest
  readonly status: Status
  /** The id of its cancellation, once it is one: its own, or the earlier one that stands for it. */
  readonly cancellation: string | null
  readonly alreadyCanceled: boolean
  readonly problem: Problem | null
}

export interface BatchesOptions extends Pick<FeederOptions, 'ledger' | 'gateway'> {
  readonly now?: () => number
  readonly onFault?: (error: unknown) => void
}

/** Who sees a batch is not asked here: callers of this have asked. */
export type Batches = Pick<BatchDesk, 'create' | 'get' | 'list' | 'items' | 'pause' | 'resume' | 'stop'>
export type BatchDesk = ReturnType<typeof createBatches>

/** How many rows that came to rest last tell the pace of a store, and how many at least. */
const RECENT = { most: 20, least: 5 }
/** What a cancellation takes, where nothing was measured yet: a look, the cancel, a look. */
const CALLS = 3
/** How many rows that need a person are looked at again when their batch is read. */
const REREAD = 1_000

const digest = async (text: string): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Rows at rest that a person may still move on: what was resolved, or tried again, shows when it is read. */
const isResolvable = ({ phase, status }: Pick<Tally, 'phase' | 'status'>) => phase === 'rest' && !isFinal(status)

const leftOf = (tallies: readonly Tally[], store: string, only?: Status): number =>
  tallies.filter((tally) => tally.store === store && tally.phase !== 'rest' && (only === undefined || tally.status === only)).reduce((sum, { count }) => sum + count, 0)

/** A row keeps the one spelling of its order, as its cancellation will. */
const spelled = (store: Store | undefined, request: CancelRequest): CancelRequest =>
  store ? { ...request, orderId: canonicalOf(store.adapter, request.orderId) } : request

const toItem = ({ row, request, status, cancellation, alreadyCanceled, problem }: Row): ItemView => ({ row, request, status, cancellation, alreadyCanceled, problem })

export const createBatches = ({ ledger, gateway, now = Date.now, onFault = () => {} }: BatchesOptions) => {
  const feeder = createFeeder({ ledger, gateway, now, onFault })

  const must = async (id: string): Promise<Batch> => await ledger.get(id) ?? refuse('not-found', 'No batch has this id.')

  /** The same rows, those that a person may have moved on looked at again. */
  const reread = async (rows: readonly Row[]): Promise<Row[]> => {
    const next = await Promise.all(rows.map(async (row): Promise<Row> => {
      if (!isResolvable(row) || row.cancellation === null) return row
      const record = await find(gateway, row.cancellation)
      return !record || record.status === row.status ? row : { ...row, ...stateOf(record, row.at), phase: 'rest' }
    }))
    const changed = next.filter((row, index) => row !== rows[index])
    if (changed.length > 0) await ledger.mark(changed)
    return next
  }

  const talliesOf = async (id: string): Promise<Tally[]> => {
    const tallies = await ledger.tallies(id)
    const statuses = new Set(tallies.filter(isResolvable).map(({ status }) => status))
    if (statuses.size === 0) return tallies
    await Promise.all([...statuses].map(async (status) => reread(await ledger.rows(id, { status, limit: REREAD }))))
    return ledger.tallies(id)
  }

  /** How long the rows of one store will take: by the pace of the last ones, else by what the platform allows. Older batches go before. */
  const secondsOf = async (batch: Batch, tallies: readonly Tally[], id: string, older: readonly Batch[]): Promise<number | null> => {
    const own = leftOf(tallies, id)
    if (own === 0) return 0
    const store = gateway.stores.get(id)
    if (!store) return null
    const before = await Promise.all(older.filter(({ stores }) => stores.includes(id)).map(async (other) => leftOf(await ledger.tallies(other.id), id)))
    const rows = before.reduce((sum, count) => sum + count, own)
    const times = (await ledger.recent(id, RECENT.most)).filter((at) => at >= batch.startedAt)
    const perSecond = times.length >= RECENT.least ? ((times.length - 1) * 1_000) / Math.max(1, now() - (times.at(-1) ?? 0)) : store.adapter.pace.perSecond / CALLS
    return Math.ceil(Math.max(rows / perSecond, leftOf(tallies, id, 'in_doubt') > 0 ? store.settleMs / 1_000 : 0))
  }

  /** The slowest store decides. */
  const remaining = async (batch: Batch, tallies: readonly Tally[]): Promise<number | null> => {
    if (batch.finishedAt !== null) return 0
    if (batch.status === 'paused') return null
    const older = (await ledger.unfinished()).filter(({ id, status }) => id < batch.id && status === 'running')
    const seconds = await Promise.all(batch.stores.map((store) => secondsOf(batch, tallies, store, older)))
    return seconds.reduce((most, one) => (most === null || one === null ? null : Math.max(most, one)), 0)
  }

  const view = async (batch: Batch): Promise<BatchView> => {
    const { id, status, caller, total, createdAt, finishedAt } = batch
    const tallies = await talliesOf(id)
    return { id, status, caller, total, counts: countsOf(tallies), createdAt, finishedAt, remainingSeconds: await remaining(batch, tallies) }
  }

  const change = async (id: string, action: BatchAction): Promise<Batch> => {
    for (;;) {
      const batch = await must(id)
      const next = act(batch, action, now()) ?? refuse('cancellation-conflict', `This batch is ${batch.status}: there is nothing to ${action}.`)
      const saved = next === batch ? batch : await ledger.save(next)
      if (saved) return saved
    }
  }

  return {
    /** Writes down a batch with all its rows, durably. `rows`: their numbers, where some of what was sent was refused. */
    async create(items: readonly CancelRequest[], caller: string, key: string | null, rows?: readonly number[]): Promise<{ batch: BatchView, how: 'created' | 'replayed' }> {
      if (items.length === 0 || items.length > MAX_ITEMS) refuse(items.length === 0 ? 'invalid-request' : 'too-large', `A batch has 1 to ${MAX_ITEMS} items.`, { errors: [{ pointer: '/items', detail: `1 to ${MAX_ITEMS} items` }] })
      const stores = [...new Set(items.map(({ store }) => store))]
      for (const store of stores) if (!gateway.stores.has(store)) refuse('store-not-found', 'No store with this id is configured.')
      const at = now()
      const numbered = items.map((request, index) => ({ row: rows?.[index] ?? index + 1, request: spelled(gateway.stores.get(request.store), request) }))
      const create = async (told: readonly CancelRequest[]) => {
        const bound: Key | null = key === null ? null : { caller, value: key, fingerprint: await digest(numbered.map(({ row }, index) => `${row} ${fingerprint(told[index] as CancelRequest)}`).join('\n')) }
        return ledger.create({
          id: `bat_${ulid(at)}`, version: 1, status: 'running', caller, total: items.length, stores, createdAt: at, startedAt: at, finishedAt: null,
        }, numbered, bound)
      }
      const first = await create(numbered.map(({ request }) => request))
      // Earlier versions bound a key to the rows as they were spelled.
      const isSpelled = numbered.some(({ request }, index) => request !== items[index] && request.orderId !== items[index]?.orderId)
      const { outcome, batch } = first.outcome === 'key_reused' && isSpelled ? await create(items) : first
      if (outcome === 'key_reused') refuse('idempotency-key-reused', 'This Idempotency-Key was used before with another body.')
      if (outcome === 'created') stores.forEach(feeder.kick)
      return { batch: await view(batch), how: outcome === 'created' ? 'created' : 'replayed' }
    },

    get: async (id: string): Promise<BatchView> => view(await must(id)),

    /** Newest first; `caller` null: everybody's. */
    list: async (query: { readonly caller: string | null, readonly limit: number, readonly after?: string | undefined }): Promise<BatchView[]> => Promise.all((await ledger.list(query)).map(view)),

    async items(id: string, query: { readonly status?: Status | undefined, readonly limit: number, readonly after?: number | undefined }): Promise<ItemView[]> {
      await must(id)
      if (query.status !== undefined) await talliesOf(id)
      return (await reread(await ledger.rows(id, query))).map(toItem)
    },

    pause: async (id: string): Promise<BatchView> => view(await change(id, 'pause')),

    async resume(id: string): Promise<BatchView> {
      const batch = await change(id, 'resume')
      batch.stores.forEach(feeder.kick)
      return view(batch)
    },

    /** What nobody took is rejected at once; what was taken and not sent is taken back by the stores' next turn. */
    async stop(id: string): Promise<BatchView> {
      const batch = await change(id, 'stop')
      await ledger.drop(id, WITHDRAWN)
      batch.stores.forEach(feeder.kick)
      return view(batch)
    },

    told: (record: Cancellation): void => feeder.told(record),
    tick: feeder.tick,
    idle: feeder.idle,
    close: feeder.close,
  }
}
