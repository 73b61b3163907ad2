/** The use cases of batches: take many at once, show how far they are, pause, resume, stop. */
import { ulid } from 'ulid'
import { canonicalOf } from '../../adapter/contract.ts'
import type { Store } from '../../connection/store.ts'
import type { Key } from '../../ledger/port.ts'
import type { BatchClaim } from '../../ledger/port.ts'
import {
  act,
  type Batch,
  type BatchAction,
  type BatchStatus,
  type Counts,
  countsOf,
  type Row,
  stateOf,
  type Tally,
  WITHDRAWN,
} from '../../model/batch.ts'
import { type Cancellation, isAtRest, isFinal, type Status } from '../../model/cancellation.ts'
import { type Problem, refuse } from '../../model/problem.ts'
import { type CancelRequest, fingerprint } from '../../model/request.ts'
import type { Terms } from '../service.ts'
import { createBatchRunner, type BatchRunnerOptions, find } from './runner.ts'
import { openRemaining } from './remaining.ts'

export const MAX_ITEMS = 10_000

export interface BatchView {
  readonly id: string
  readonly status: BatchStatus
  readonly caller: string
  /** The name of the key that it asked with; null: that had none, or it is not known. */
  readonly keyName: string | null
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

export interface BatchesOptions
  extends
    Pick<BatchRunnerOptions, 'ledger' | 'gateway'>,
    Partial<Pick<BatchRunnerOptions, 'now' | 'onFault' | 'owes' | 'onOwed'>> {}

/** Who sees a batch is not asked here: callers of this have asked. */
export type Batches = Pick<
  BatchDesk,
  'create' | 'get' | 'list' | 'items' | 'pause' | 'resume' | 'stop'
>
export type BatchDesk = ReturnType<typeof createBatches>

/**
 * How many rows that need a person are looked at again when batches are read: who resolves one
 * tells, but not another process, nor of an earlier cancellation that a row only found.
 */
const REREAD = 100

const digest = async (text: string): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')

/**
 * Rows at rest that a person may still move on: what was resolved, or tried again, shows when it is
 * read.
 */
const isResolvable = ({ phase, status }: Pick<Tally, 'phase' | 'status'>) =>
  phase === 'rest' && !isFinal(status)

/** A row keeps the one spelling of its order, as its cancellation will. */
const spelled = (store: Store | undefined, request: CancelRequest): CancelRequest =>
  store ? { ...request, orderId: canonicalOf(store.adapter, request.orderId) } : request

const toItem = ({
  row,
  request,
  status,
  cancellation,
  alreadyCanceled,
  problem,
}: Row): ItemView => ({ row, request, status, cancellation, alreadyCanceled, problem })

interface BatchDeps extends Required<BatchesOptions> {
  readonly runner: ReturnType<typeof createBatchRunner>
  /**
   * By batch and status: after which row the next look goes on, where there are more than one look
   * takes.
   */
  readonly looked: Map<string, number>
  /** Done when all that was told so far is written. */
  told: Promise<void>
}

const must = async (deps: BatchDeps, id: string): Promise<Batch> =>
  (await deps.ledger.get(id)) ?? refuse('not-found', 'No batch has this id.')

/** The same rows, those that a person may have moved on looked at again. */
const reread = async (deps: BatchDeps, rows: readonly Row[]): Promise<Row[]> => {
  const next = await Promise.all(
    rows.map(async (row): Promise<Row> => {
      // One that was refused for now may have been started over by its key.
      if (!(isResolvable(row) || row.problem?.retryable) || row.cancellation === null) return row
      const record = await find(deps.gateway, row.cancellation)
      return !record || record.status === row.status
        ? row
        : { ...row, ...stateOf(record, row.at), phase: 'rest' }
    }),
  )
  const changed = next.filter((row, index) => row !== rows[index])
  if (changed.length > 0) await deps.ledger.saveRows(changed)
  return next
}

const statusesOf = (tallies: readonly Tally[]) => [
  ...new Set(tallies.filter(isResolvable).map(({ status }) => status)),
]
/** So many rows of a status, the next time the next ones. */
const inTurn = async (
  deps: BatchDeps,
  id: string,
  status: Status,
  limit: number,
): Promise<Row[]> => {
  const name = `${id} ${status}`
  const after = deps.looked.get(name) ?? 0
  const next = await deps.ledger.rows(id, { status, limit, after })
  const rows =
    after === 0 || next.length === limit
      ? next
      : [...next, ...(await deps.ledger.rows(id, { status, limit: limit - next.length }))]
  if (rows.length < limit) deps.looked.delete(name)
  else deps.looked.set(name, rows.at(-1)?.row ?? 0)
  return rows
}

/**
 * The tallies of a batch, so many of the rows that a person may have moved on looked at again.
 */
const talliesOf = async (deps: BatchDeps, id: string, most = REREAD): Promise<Tally[]> => {
  await deps.told
  const tallies = await deps.ledger.tallies(id)
  const statuses = statusesOf(tallies)
  if (statuses.length === 0) return tallies
  for (const status of statuses) await reread(deps, await inTurn(deps, id, status, most))
  return deps.ledger.tallies(id)
}

/**
 * What a person, or a try again, has made of the record of a row at rest; the row is looked for
 * among those that wait, from the first.
 */
const follow = async (deps: BatchDeps, { id, batchId, ...record }: Cancellation): Promise<void> => {
  for (const status of batchId === null ? [] : statusesOf(await deps.ledger.tallies(batchId))) {
    for (
      let rows: Row[] = [], after: number | undefined = 0;
      after !== undefined;
      after = rows.length === REREAD ? rows.at(-1)?.row : undefined
    ) {
      rows = await deps.ledger.rows(batchId as string, { status, limit: REREAD, after })
      const own = rows.filter(({ cancellation }) => cancellation === id)
      if (own.length > 0)
        return deps.ledger.saveRows(
          own.map((row) => ({
            ...row,
            ...stateOf({ id, batchId, ...record }, row.at),
            phase: 'rest',
          })),
        )
    }
  }
}
const views = async (deps: BatchDeps, batches: readonly Batch[]): Promise<BatchView[]> => {
  const all = await Promise.all(
    batches.map(({ id }) => talliesOf(deps, id, Math.ceil(REREAD / batches.length))),
  )
  const remaining = openRemaining(deps)
  return Promise.all(
    batches.map(async (batch, index) => {
      const { id, status, caller, keyName = null, total, createdAt, finishedAt } = batch
      const tallies = all[index] ?? []
      return {
        id,
        status,
        caller,
        keyName,
        total,
        counts: countsOf(tallies),
        createdAt,
        finishedAt,
        remainingSeconds: await remaining(batch, tallies),
      }
    }),
  )
}
const view = async (deps: BatchDeps, batch: Batch): Promise<BatchView> =>
  (await views(deps, [batch]))[0] as BatchView

const change = async (deps: BatchDeps, id: string, action: BatchAction): Promise<Batch> => {
  for (;;) {
    const batch = await must(deps, id)
    const next =
      act(batch, action, deps.now()) ??
      refuse(
        'cancellation-conflict',
        `This batch is ${batch.status}: there is nothing to ${action}.`,
      )
    const saved = next === batch ? batch : await deps.ledger.save(next)
    if (saved) return saved
  }
}

export interface Created {
  readonly batch: BatchView
  readonly how: 'created' | 'replayed'
}

/** A batch to be written: its rows, and how they were spelled when its key was made. */
interface Draft {
  readonly at: number
  readonly caller: string
  readonly keyName: string | null
  readonly key: string | null
  readonly needsApproval: boolean
  readonly stores: readonly string[]
  readonly numbered: readonly { readonly row: number; readonly request: CancelRequest }[]
  readonly spelling: readonly CancelRequest[]
}

const boundBy = async ({ caller, key, numbered, spelling }: Draft): Promise<Key | null> => {
  if (key === null) return null
  const rows = numbered.map(
    ({ row }, index) => `${row} ${fingerprint(spelling[index] as CancelRequest)}`,
  )
  return { caller, value: key, fingerprint: await digest(rows.join('\n')) }
}

const claim = async (deps: BatchDeps, draft: Draft): Promise<BatchClaim> => {
  const { at, caller, keyName, stores, numbered, needsApproval } = draft
  const batch: Batch = {
    id: `bat_${ulid(at)}`,
    version: 1,
    status: 'running',
    caller,
    ...(keyName && { keyName }),
    ...(needsApproval && { needsApproval }),
    total: numbered.length,
    stores,
    createdAt: at,
    startedAt: at,
    finishedAt: null,
  }
  return deps.ledger.create(batch, numbered, await boundBy(draft))
}

/**
 * Writes down a batch with all its rows, durably. `rows`: their numbers, where some of what was
 * sent was refused.
 */
const create = async (
  deps: BatchDeps,
  items: readonly CancelRequest[],
  caller: string,
  key: string | null,
  rows?: readonly number[],
  { keyName = null, needsApproval = false }: Terms = {},
): Promise<Created> => {
  if (items.length === 0 || items.length > MAX_ITEMS)
    refuse(
      items.length === 0 ? 'invalid-request' : 'too-large',
      `A batch has 1 to ${MAX_ITEMS} items.`,
      { errors: [{ pointer: '/items', detail: `1 to ${MAX_ITEMS} items` }] },
    )
  const stores = [...new Set(items.map(({ store }) => store))]
  for (const store of stores)
    if (!deps.gateway.stores.has(store))
      refuse('store-not-found', 'No store with this id is configured.')
  const at = deps.now()
  const numbered = items.map((request, index) => ({
    row: rows?.[index] ?? index + 1,
    request: spelled(deps.gateway.stores.get(request.store), request),
  }))
  const created = (spelling: readonly CancelRequest[]) =>
    claim(deps, { at, caller, keyName, key, needsApproval, stores, numbered, spelling })
  const first = await created(numbered.map(({ request }) => request))
  // Earlier versions bound a key to the rows as they were spelled.
  const { outcome, batch } = first.outcome === 'key_reused' ? await created(items) : first
  if (outcome === 'key_reused')
    refuse('idempotency-key-reused', 'This Idempotency-Key was used before with another body.')
  if (outcome === 'created') stores.forEach(deps.runner.schedule)
  return { batch: await view(deps, batch), how: outcome === 'created' ? 'created' : 'replayed' }
}

export interface ItemQuery {
  readonly status?: Status | undefined
  readonly limit: number
  readonly after?: number | undefined
}

const items = async (deps: BatchDeps, id: string, query: ItemQuery): Promise<ItemView[]> => {
  await must(deps, id)
  if (query.status !== undefined) await talliesOf(deps, id)
  const found: Row[] = []
  for (let { after } = query, rows: Row[] = []; ; after = rows.at(-1)?.row) {
    const limit = query.limit - found.length
    rows = await deps.ledger.rows(id, { ...query, after, limit })
    // What was moved on meanwhile is no longer what was asked for.
    found.push(
      ...(await reread(deps, rows)).filter(({ status }) => status === (query.status ?? status)),
    )
    if (rows.length < limit || found.length === query.limit) return found.map(toItem)
  }
}

export const createBatches = ({
  now = Date.now,
  onFault = () => {},
  owes = () => [],
  onOwed = () => {},
  ...options
}: BatchesOptions) => {
  const told = { ...options, now, onFault, owes, onOwed }
  const runner = createBatchRunner(told)
  const deps: BatchDeps = {
    ...told,
    runner,
    looked: new Map(),
    told: Promise.resolve(),
  }
  return {
    create: (
      items: readonly CancelRequest[],
      caller: string,
      key: string | null,
      rows?: readonly number[],
      terms?: Terms,
    ): Promise<Created> => create(deps, items, caller, key, rows, terms),

    get: async (id: string): Promise<BatchView> => view(deps, await must(deps, id)),

    /** Newest first; `caller` null: everybody's. */
    list: async (query: {
      readonly caller: string | null
      readonly limit: number
      readonly after?: string | undefined
    }): Promise<BatchView[]> => views(deps, await deps.ledger.list(query)),

    items: (id: string, query: ItemQuery): Promise<ItemView[]> => items(deps, id, query),

    pause: async (id: string): Promise<BatchView> => view(deps, await change(deps, id, 'pause')),

    async resume(id: string): Promise<BatchView> {
      const batch = await change(deps, id, 'resume')
      batch.stores.forEach(deps.runner.schedule)
      return view(deps, batch)
    },

    /**
     * What nobody took is rejected at once; what was taken and not sent is taken back by the
     * stores' next turn.
     */
    async stop(id: string): Promise<BatchView> {
      const batch = await change(deps, id, 'stop')
      await deps.ledger.setWaiting(id, WITHDRAWN)
      batch.stores.forEach(deps.runner.schedule)
      return view(deps, batch)
    },

    /** A record was saved. */
    onRecordSaved(record: Cancellation): void {
      deps.runner.onRecordSaved(record)
      const isMoved = record.resolution !== null || (record.approval && isAtRest(record.status))
      if (record.batchId !== null && isMoved)
        deps.told = deps.told.then(() => follow(deps, record)).catch(deps.onFault)
    },
    tick: deps.runner.tick,
    idle: deps.runner.idle,
    close: deps.runner.close,
  }
}
