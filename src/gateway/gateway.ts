/**
 * The use cases: cancel, wait, withdraw, resolve, preview, read; and the clock that picks up what
 * is due.
 */
import { canonicalOf } from '../adapter/contract.ts'
import type { Store } from '../connection/store.ts'
import type { Ledger, Query } from '../ledger/port.ts'
import {
  type Cancellation,
  isAtRest,
  isRetried,
  isWithdrawable,
  type Resolution,
  type Status,
  transition,
} from '../model/cancellation.ts'
import { keepConfirmed, skipped, withWord } from '../model/effect.ts'
import { problem, refuse } from '../model/problem.ts'
import type { CancelRequest } from '../model/request.ts'
import { type Asked, conflict, createAdmission } from './admission.ts'
import { attempt, type Failpoint } from './workflow/run.ts'
import { staleNote } from './workflow/decide.ts'
import { canonical, createIdentities, movedProblem, spellings } from './workflow/identity.ts'
import { findOrders, preview, readOrder } from './read.ts'
import { workStrays } from './strays.ts'
import { createScheduler } from './scheduler.ts'
import type { Timing } from './workflow/timing.ts'

export interface GatewayOptions {
  readonly ledger: Ledger
  readonly stores: ReadonlyMap<string, Store>
  readonly timing: Timing
  readonly now?: () => number
  readonly random?: () => number
  /**
   * What the ids of a store's cancellations end in, in the place of as much chance, so that a front
   * can tell whose they are.
   */
  readonly idSuffix?: (store: Store) => string
  readonly failpoint?: (name: Failpoint) => void
  /** `before`: its status until now; null: it is new. */
  readonly onSaved?: (record: Cancellation, before: Status | null) => void
  readonly onFault?: (error: unknown, record: Cancellation | null) => void
}

export type { Asked } from './admission.ts'

/** How often a waiting caller looks for what another process wrote. */
const POLL_MS = 250
/** How many lock keys are remembered. */
const LOCK_KEYS = 10_000

/** What a person found undoes nothing that was seen: money that moved has moved. */
const notCanceled = (record: Cancellation) => {
  const acted = record.problem?.acted === 'yes' ? ('yes' as const) : ('no' as const)
  const seen =
    acted === 'yes'
      ? ' What was seen before stays true: something changed at the platform; the effects say ' +
        'what is known of it.'
      : ''
  return problem('order-not-cancelable', `A person found that the order was not canceled.${seen}`, {
    cause: 'refused',
    acted,
  })
}

export type Gateway = ReturnType<typeof createGateway>
/**
 * What callers' requests come to: all of a gateway but its clock. A front may hand them on to
 * gateways elsewhere.
 */
export type UseCases = Omit<Gateway, 'idle' | 'tick' | 'close' | 'moved'>

export const createGateway = ({
  ledger,
  stores,
  timing,
  now = Date.now,
  random = Math.random,
  idSuffix = () => '',
  failpoint = () => {},
  onSaved = () => {},
  onFault = () => {},
}: GatewayOptions) => {
  const watchers = new Map<string, Set<() => void>>()

  const saved = (record: Cancellation, before: Status | null) => {
    onSaved(record, before)
    for (const wake of watchers.get(record.id) ?? []) wake()
  }
  const lockKeys = new Map<string, string>()
  const lockKey = async (
    store: Store,
    client: Store['client'],
    spelling: string,
  ): Promise<string> => {
    const shared = store.adapter.lockKey
    const orderId = canonicalOf(store.adapter, spelling)
    if (!shared) return JSON.stringify([store.account, orderId])
    const name = JSON.stringify([store.id, orderId])
    const known =
      lockKeys.get(name) ?? JSON.stringify([store.account, await shared(client, orderId)])
    if (lockKeys.size >= LOCK_KEYS) lockKeys.clear()
    lockKeys.set(name, known)
    return known
  }
  const identities = createIdentities(ledger, stores)
  const deps = {
    ledger,
    timing,
    now,
    random,
    lockKey,
    movedFrom: identities.movedFrom,
    failpoint,
    saved,
    fault: onFault,
  }
  const scheduler = createScheduler({
    ledger,
    stores,
    attempt: (store, record, customerToken) => attempt(deps, store, record, customerToken),
    onFault: (error) => onFault(error, null),
  })

  const storeOf = (id: string): Store =>
    stores.get(id) ?? refuse('store-not-found', 'No store with this id is configured.')

  const must = async (id: string): Promise<Cancellation> =>
    (await ledger.get(id)) ?? refuse('cancellation-not-found', 'No cancellation has this id.')

  /** Writes a change made by a person; tries again where somebody else wrote in between. */
  const change = async (
    id: string,
    make: (record: Cancellation) => Cancellation,
  ): Promise<Cancellation> => {
    for (;;) {
      const record = await must(id)
      const next = await ledger.save(make(record))
      if (next) {
        saved(next, record.status)
        return next
      }
    }
  }

  /** What of ours a rejected record may have left on the order. */
  const leftover = (record: Cancellation) => {
    const store = stores.get(record.request.store)
    return { reason: store && staleNote(record, store) }
  }

  const { accepted, forgone } = createAdmission({
    ledger,
    identities,
    timing,
    now,
    idSuffix,
    onRestarted: (record, before) => saved(record, before.status),
    onCreated: (record) => {
      failpoint('claimed')
      saved(record, null)
    },
  })

  return {
    stores,
    timing,

    /**
     * Accepts a request, durably, and starts to work on it, or leaves it in its store's line.
     * Throws `ProblemError` for what is refused without a record: key reuse, conflicts, a target
     * that the platform does not have.
     */
    async cancel(
      asks: CancelRequest,
      caller: string,
      key: string | null,
      customerToken: string | null,
      batchId: string | null = null,
    ): Promise<Asked> {
      const store = storeOf(asks.store)
      const request = canonical(store, asks)
      if (request.target === 'transfer' && !store.adapter.transfer) {
        refuse('unsupported', `${store.adapter.name} has no order transfers.`, {
          errors: [{ pointer: '/target', detail: 'only orders can be canceled there' }],
        })
      }
      // A customer's token is kept nowhere, so what comes with one cannot wait.
      const slot = customerToken === null ? scheduler.hold(store.id) : scheduler.take(store.id)
      let isBegun = false
      try {
        const { begins, ...asked } = await accepted({
          store,
          request,
          spelling: asks.orderId,
          caller,
          key,
          byCustomer: customerToken !== null,
          atOnce: slot !== null,
          batchId,
        })
        if (begins && slot) {
          isBegun = true
          void scheduler.work(asked.record, customerToken, slot)
        }
        return asked
      } finally {
        if (!isBegun) slot?.leave()
      }
    },

    get: must,

    /**
     * Sees to it that nothing is ever sent under this key; the record that it is bound to, or null
     * where none can begin.
     */
    forgo(
      request: CancelRequest,
      caller: string,
      key: string,
      batchId: string,
    ): Promise<Cancellation | null> {
      const store = storeOf(request.store)
      return forgone({
        store,
        request: canonical(store, request),
        spelling: request.orderId,
        caller,
        key,
        byCustomer: false,
        atOnce: false,
        batchId,
      })
    },

    /** An order is found by each spelling that its platform reads as the same. */
    async list(query: Query): Promise<Cancellation[]> {
      if (query.orderId === undefined) return ledger.list(query)
      const meant =
        query.stores === null ? stores.values() : query.stores.flatMap((id) => stores.get(id) ?? [])
      const found = (
        await Promise.all(
          spellings(meant, query.orderId).map((orderId) => ledger.list({ ...query, orderId })),
        )
      ).flat()
      const at = (record: Cancellation) =>
        query.updatedAfter === undefined ? record.createdAt : record.updatedAt
      const sign = query.order === 'asc' ? 1 : -1
      return found
        .sort((a, b) => sign * (at(a) - at(b) || (a.id < b.id ? -1 : 1)))
        .slice(0, query.limit)
    },

    /**
     * Holds until the record is final or needs attention, or the time is up; then the record as it
     * stands.
     */
    async wait(id: string, ms: number, signal?: AbortSignal): Promise<Cancellation> {
      const end = performance.now() + ms
      const watching = watchers.get(id) ?? new Set()
      watchers.set(id, watching)
      let notify = () => {}
      const wake = () => notify()
      watching.add(wake)
      signal?.addEventListener('abort', wake)
      try {
        for (;;) {
          const notified = new Promise<void>((resolve) => {
            notify = resolve
          })
          const record = await must(id)
          const leftMs = end - performance.now()
          if (isAtRest(record.status) || leftMs <= 0 || signal?.aborted) return record
          let timer: ReturnType<typeof setTimeout> | undefined
          await Promise.race([
            notified,
            new Promise((resolve) => {
              timer = setTimeout(resolve, Math.min(leftMs, POLL_MS))
            }),
          ])
          clearTimeout(timer)
        }
      } finally {
        signal?.removeEventListener('abort', wake)
        watching.delete(wake)
        if (watching.size === 0) watchers.delete(id)
      }
    },

    /** Takes back what is still `accepted`. */
    withdraw: (id: string): Promise<Cancellation> =>
      change(id, (record) => {
        const how = isRetried(record)
          ? 'tried again for a person'
          : record.doubted
            ? 'sent again after a call whose end was in doubt'
            : record.status
        if (!isWithdrawable(record))
          refuse('not-withdrawable', `This cancellation is ${how}.`, {
            cancellation: `/v1/cancellations/${id}`,
          })
        return transition(record, {
          type: 'reject',
          at: now(),
          via: null,
          order: record.order,
          effects: skipped(record.request, leftover(record)),
          problem: problem('order-not-cancelable', 'Withdrawn by the caller.', {
            cause: 'withdrawn',
          }),
        })
      }),

    /** A person closes what needs attention; `retry` looks first. */
    async resolve(id: string, as: Resolution, note: string, by: string): Promise<Cancellation> {
      const next = await change(id, (record) => {
        if (record.status !== 'needs_attention')
          conflict(
            record,
            `Only what needs attention can be resolved; this cancellation is ${record.status}.`,
          )
        return transition(record, {
          type: 'resolve',
          at: now(),
          as,
          note,
          by,
          deadlineAt: now() + timing.deadlineMs,
          // A person’s word is added to what was read back, and takes nothing of it away.
          effects: withWord(
            as === 'canceled'
              ? record.effects
              : keepConfirmed(record.effects, {
                  ...skipped(record.request, leftover(record)),
                  order: record.effects.order,
                }),
            as === 'canceled',
          ),
          problem: as === 'not_canceled' ? notCanceled(record) : null,
        })
      })
      if (next.status === 'accepted') void scheduler.work(next)
      return next
    },

    async preview(request: CancelRequest, byCustomer: boolean) {
      const store = storeOf(request.store)
      const from = await identities.movedFrom(store)
      return preview(
        store,
        canonical(store, request),
        byCustomer,
        from === null ? null : movedProblem(store, from, 'no'),
      )
    },

    readOrder: (id: string, orderId: string) => {
      const store = storeOf(id)
      return readOrder(store, canonicalOf(store.adapter, orderId))
    },

    findOrders: (store: string, number: string) => findOrders(storeOf(store), number),

    /** Stores whose settings lead elsewhere than when they were first opened. */
    moved: identities.moved,

    idle: scheduler.idle,

    /**
     * One turn of the clock: takes up what is due. Resolves when all of it is worked, or as soon as
     * it is begun: a clock that waited would let one slow store hold up all others.
     */
    async tick(until: 'worked' | 'begun' = 'worked'): Promise<number> {
      const begun = await scheduler.takeUp(stores.keys())
      await workStrays({ ledger, timing, now, saved }, [...stores.keys()])
      if (until === 'worked') await Promise.all(begun)
      return begun.length
    },

    close: scheduler.close,
  }
}
