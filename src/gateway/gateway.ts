/** The use cases: cancel, wait, withdraw, resolve, preview, read; and the clock that picks up what is due. */
import type { Store } from '../adapter/store.ts'
import { ulid } from 'ulid'
import type { Key, Ledger, Query } from '../ledger/ledger.ts'
import { accept, type Cancellation, isAtRest, isRetried, type Resolution, type Status, transition } from '../model/cancellation.ts'
import { report, skipped, UNKNOWN } from '../model/effect.ts'
import { problem, refuse } from '../model/problem.ts'
import { type CancelRequest, fingerprint } from '../model/request.ts'
import { attempt, type Seam } from './attempt.ts'
import { staleNote } from './decide.ts'
import { findOrders, preview, readOrder } from './read.ts'
import { createSlots } from './slots.ts'
import type { Timing } from './timing.ts'

export interface GatewayOptions {
  readonly ledger: Ledger
  readonly stores: ReadonlyMap<string, Store>
  readonly timing: Timing
  readonly now?: () => number
  readonly random?: () => number
  /** What the ids of a store's cancellations end in, in the place of as much chance, so that a front can tell whose they are. */
  readonly mark?: (store: Store) => string
  readonly seam?: (name: Seam) => void
  /** `before`: its status until now; null: it is new. */
  readonly onSaved?: (record: Cancellation, before: Status | null) => void
  readonly onFault?: (error: unknown, record: Cancellation | null) => void
}

export interface Asked {
  readonly record: Cancellation
  readonly how: 'created' | 'replayed' | 'deduplicated'
}

/** How often a waiting caller looks for what another process wrote. */
const POLL_MS = 250
/** Until then the process that accepted a record works on it; afterwards any may pick it up. */
const ORPHAN_MS = 2_000
/** How many lock keys are remembered. */
const LOCK_KEYS = 10_000

export type Gateway = ReturnType<typeof createGateway>
/** What callers' requests come to: all of a gateway but its clock. A front may hand them on to gateways elsewhere. */
export type UseCases = Omit<Gateway, 'idle' | 'tick' | 'close'>

export const createGateway = ({ ledger, stores, timing, now = Date.now, random = Math.random, mark = () => '', seam = () => {}, onSaved = () => {}, onFault = () => {} }: GatewayOptions) => {
  const watchers = new Map<string, Set<() => void>>()

  const saved = (record: Cancellation, before: Status | null) => {
    onSaved(record, before)
    for (const wake of watchers.get(record.id) ?? []) wake()
  }
  const lockKeys = new Map<string, string>()
  const lockKey = async (store: Store, line: Store['line'], orderId: string): Promise<string> => {
    const shared = store.adapter.lockKey
    if (!shared) return JSON.stringify([store.account, orderId])
    const name = JSON.stringify([store.id, orderId])
    const known = lockKeys.get(name) ?? JSON.stringify([store.account, await shared(line, orderId)])
    if (lockKeys.size >= LOCK_KEYS) lockKeys.clear()
    lockKeys.set(name, known)
    return known
  }
  const shop = { ledger, timing, now, random, lockKey, seam, saved, fault: onFault }
  const slots = createSlots({
    ledger, stores, attempt: (store, record, customerToken) => attempt(shop, store, record, customerToken), onFault: (error) => onFault(error, null),
  })

  const storeOf = (id: string): Store => stores.get(id) ?? refuse('store-not-found', 'No store with this id is configured.')

  const must = async (id: string): Promise<Cancellation> => await ledger.get(id) ?? refuse('cancellation-not-found', 'No cancellation has this id.')

  /** Writes a change made by a person; tries again where somebody else wrote in between. */
  const change = async (id: string, make: (record: Cancellation) => Cancellation): Promise<Cancellation> => {
    for (;;) {
      const record = await must(id)
      const next = await ledger.save(make(record))
      if (next) {
        saved(next, record.status)
        return next
      }
    }
  }

  const conflict = (record: Cancellation, detail: string) =>
    refuse('cancellation-conflict', detail, { cancellation: `/v1/cancellations/${record.id}`, acted: 'no' })

  /** What of ours a rejected record may have left on the order. */
  const left = (record: Cancellation) => {
    const store = stores.get(record.request.store)
    return { reason: store && staleNote(record, store) }
  }

  /** The earlier cancellation settled it: written down as done, nothing sent. */
  const settledBy = (earlier: Cancellation, draft: Cancellation): Cancellation => transition(draft, {
    type: 'succeed', at: draft.createdAt, via: 'reconciled', alreadyCanceled: true, effects: skipped(draft.request), order: earlier.order,
  })

  /** Writes a request down, or finds the record that answers it. `begins`: there is work to do on it. */
  const accepted = async (store: Store, request: CancelRequest, caller: string, key: string | null, byCustomer: boolean, atOnce: boolean, batchId: string | null): Promise<Asked & { readonly begins: boolean }> => {
    const at = now()
    const tail = mark(store)
    const wakeAt = atOnce ? at + ORPHAN_MS : at
    const draft = accept({
      id: `can_${ulid(at).slice(0, 26 - tail.length)}${tail}`, caller, batchId, platform: store.adapter.id, request, byCustomer, now: at, deadlineMs: timing.deadlineMs, wakeAt,
    })
    const bound: Key | null = key === null ? null : { caller, value: key, fingerprint: fingerprint(request) }
    let claim = await ledger.claim(draft, bound)
    if (claim.outcome === 'settled') {
      if (request.strict) conflict(claim.record, 'The order was canceled with other wishes, and this request is strict.')
      claim = await ledger.claim(settledBy(claim.record, draft), bound)
    }
    const { outcome, record } = claim
    switch (outcome) {
      case 'key_reused':
        return refuse('idempotency-key-reused', 'This Idempotency-Key was used before with another body.', { cancellation: `/v1/cancellations/${record.id}` })
      case 'conflict':
      case 'settled':
        return conflict(record, 'A cancellation of this order with other wishes is not settled yet.')
      case 'deduplicated':
        return { record, how: 'deduplicated', begins: false }
      case 'created':
        seam('claimed')
        saved(record, null)
        return { record, how: 'created', begins: record.status === 'accepted' }
      case 'replayed': {
        if (record.status !== 'rejected' || !record.problem?.retryable) return { record, how: 'replayed', begins: false }
        const again = await ledger.save(transition(record, { type: 'restart', at, wakeAt, deadlineAt: at + timing.deadlineMs, byCustomer }))
        if (!again) return { record: await must(record.id), how: 'replayed', begins: false }
        saved(again, record.status)
        return { record: again, how: 'replayed', begins: true }
      }
    }
  }

  return {
    stores,
    timing,

    /**
     * Accepts a request, durably, and starts to work on it, or leaves it in its store's line. Throws `ProblemError` for
     * what is refused without a record: key reuse, conflicts, a target that the platform does not have.
     */
    async cancel(request: CancelRequest, caller: string, key: string | null, customerToken: string | null, batchId: string | null = null): Promise<Asked> {
      const store = storeOf(request.store)
      if (request.target === 'transfer' && !store.adapter.transfer) {
        refuse('unsupported', `${store.adapter.name} has no order transfers.`, { errors: [{ pointer: '/target', detail: 'only orders can be canceled there' }] })
      }
      // A customer's token is kept nowhere, so what comes with one cannot wait.
      const slot = customerToken === null ? slots.hold(store.id) : slots.take(store.id)
      let isBegun = false
      try {
        const { begins, ...asked } = await accepted(store, request, caller, key, customerToken !== null, slot !== null, batchId)
        if (begins && slot) {
          isBegun = true
          void slots.work(asked.record, customerToken, slot)
        }
        return asked
      } finally {
        if (!isBegun) slot?.leave()
      }
    },

    get: must,

    list: (query: Query): Promise<Cancellation[]> => ledger.list(query),

    /** Holds until the record is final or needs attention, or the time is up; then the record as it stands. */
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
          const told = new Promise<void>((resolve) => { notify = resolve })
          const record = await must(id)
          const left = end - performance.now()
          if (isAtRest(record.status) || left <= 0 || signal?.aborted) return record
          let timer: ReturnType<typeof setTimeout> | undefined
          await Promise.race([told, new Promise((resolve) => { timer = setTimeout(resolve, Math.min(left, POLL_MS)) })])
          clearTimeout(timer)
        }
      } finally {
        signal?.removeEventListener('abort', wake)
        watching.delete(wake)
        if (watching.size === 0) watchers.delete(id)
      }
    },

    /** Takes back what is still `accepted`. */
    withdraw: (id: string): Promise<Cancellation> => change(id, (record) => {
      if (record.status !== 'accepted' || isRetried(record)) refuse('not-withdrawable', `This cancellation is ${isRetried(record) ? 'tried again for a person' : record.status}.`, { cancellation: `/v1/cancellations/${id}` })
      return transition(record, {
        type: 'reject', at: now(), via: null, order: record.order, effects: skipped(record.request, left(record)),
        problem: problem('order-not-cancelable', 'Withdrawn by the caller.', { cause: 'withdrawn' }),
      })
    }),

    /** A person closes what needs attention; `retry` looks first. */
    async resolve(id: string, as: Resolution, note: string, by: string): Promise<Cancellation> {
      const next = await change(id, (record) => {
        if (record.status !== 'needs_attention') conflict(record, `Only what needs attention can be resolved; this cancellation is ${record.status}.`)
        return transition(record, {
          type: 'resolve', at: now(), as, note, by, deadlineAt: now() + timing.deadlineMs,
          effects: as === 'not_canceled' ? skipped(record.request, left(record)) : report(record.request, { ...UNKNOWN, order: { done: 'yes', basis: 'none', detail: 'A person says so.' } }),
          problem: as === 'not_canceled' ? problem('order-not-cancelable', 'A person found that the order was not canceled.', { cause: 'refused' }) : null,
        })
      })
      if (next.status === 'accepted') void slots.work(next)
      return next
    },

    preview: (request: CancelRequest, byCustomer: boolean) => preview(storeOf(request.store), request, byCustomer),

    readOrder: (store: string, orderId: string) => readOrder(storeOf(store), orderId),

    findOrders: (store: string, number: string) => findOrders(storeOf(store), number),

    idle: slots.idle,

    /**
     * One turn of the clock: takes up what is due. Resolves when all of it is worked, or as soon as it is begun: a clock
     * that waited would let one slow store hold up all others.
     */
    async tick(until: 'worked' | 'begun' = 'worked'): Promise<number> {
      const begun = await slots.takeUp(stores.keys())
      if (until === 'worked') await Promise.all(begun)
      return begun.length
    },

    close: slots.close,
  }
}

