/**
 * Asks each store now and then what changed: what no notice told of is found all the same, and a
 * store of which only sweeps tell has fallen silent.
 */
import { CallFailure } from '../../adapter/failure.ts'
import type { Changed, Sweep } from '../../adapter/contract.ts'
import { canonicalOf, sweepOf } from '../../adapter/contract.ts'
import type { Store } from '../../connection/store.ts'
import type { FullLedger } from '../../ledger/port.ts'
import type { Owed } from '../../model/delivery.ts'
import type { Watch } from '../../model/notice.ts'
import { isOrderId } from '../../model/request.ts'
import { cancellationsOf } from '../workflow/identity.ts'
import { isHeld } from './known.ts'
import { hasHook } from './ways.ts'

/** Where pages come in no order, so much time is read to its end before the next. */
const WINDOW_MS = 6 * 3_600_000
/** No notice for so long after a cancellation that a sweep found: the platform tells no more. */
const SILENT_AFTER_MS = 900_000
/** One process sweeps a store; a sweep that takes longer goes on with what it has written. */
const LEASE_MS = 120_000
const LEASE_LEFT_MS = 45_000
/** How soon a page that failed is asked for again. */
const AGAIN_MS = 60_000

export interface SweeperDeps {
  readonly ledger: FullLedger
  readonly stores: ReadonlyMap<string, Store>
  readonly now: () => number
  readonly movedFrom: (store: Store) => Promise<string | null>
  /** What a store that fell silent, or is heard again, owes to webhooks. */
  readonly owesOf: (
    store: Store,
    type: 'store.silent' | 'store.back',
    revision: number,
    at: number,
  ) => readonly Owed[]
  readonly onOwed: (owed: readonly Owed[]) => void
  readonly onDue: (store: Store) => void
  readonly onFailed: (store: Store, result: string) => void
  readonly onFault: (error: unknown) => void
}

export interface Sweeper {
  /** Begins with the stores whose time has come. */
  begin(): void
  /** Resolves when nothing is under way. */
  rest(): Promise<void>
  /** Sweeps again from this time on, by the platform's clock. */
  since(store: Store, at: number): Promise<void>
  close(): Promise<void>
}

interface Sweeping extends SweeperDeps {
  /** By the store itself: one that is configured otherwise is asked for at once. */
  readonly dueAt: WeakMap<Store, number>
  readonly working: Map<string, Promise<void>>
  isClosed: boolean
}

const newWatch = (store: Store, now: number, version: number): Watch => ({
  version,
  account: store.identity,
  watermark: now,
  sweptAt: null,
  failingSince: null,
  missedAt: null,
  silentSince: null,
  turns: 0,
})

/** The watch of a store as it leads now; another merchant's times say nothing of this one's. */
const watchOf = async ({ ledger, now }: SweeperDeps, store: Store): Promise<Watch> => {
  const known = await ledger.notices.watch(store.id)
  return known?.account === store.identity ? known : newWatch(store, now(), known?.version ?? 0)
}

/** Of a page, the orders that may be canceled and are not held as that. */
const newsOf = async (
  { ledger }: SweeperDeps,
  store: Store,
  orders: readonly Changed[],
): Promise<string[]> => {
  const ids = orders
    .filter(({ id, canceled }) => canceled !== false && isOrderId(id))
    .map(({ id }) => canonicalOf(store.adapter, id))
  const unknown = await Promise.all(
    [...new Set(ids)].map(async (id) => {
      const records = await cancellationsOf(ledger, store.id, id)
      const isReopened = records.some(({ reopenedAt }) => reopenedAt !== undefined)
      return records.some(isHeld) && !isReopened ? [] : [id]
    }),
  )
  return unknown.flat()
}

/** Takes a page: what is news becomes due. False: too many orders wait. */
const take = async (
  deps: SweeperDeps,
  store: Store,
  orders: readonly Changed[],
): Promise<boolean> => {
  const at = deps.now()
  const news = await newsOf(deps, store, orders)
  if (news.length === 0) return true
  const heard = await deps.ledger.notices.hear(
    news.map((orderId) => ({
      store: store.id,
      orderId,
      at,
      namesCancellation: true,
      by: 'sweep' as const,
    })),
  )
  if (heard !== null) deps.onDue(store)
  return heard !== null
}

/** The watch after a page that was taken. */
const afterPage = (
  watch: Watch,
  orders: readonly Changed[],
  { inOrder }: Pick<Sweep<unknown>, 'inOrder'>,
  end: number | null,
  now: number,
): Watch => {
  const canceled = orders.filter((order) => order.canceled === true)
  const first = Math.min(...canceled.map(({ changedAt }) => changedAt), watch.missedAt ?? Infinity)
  // A time to come was written by a clock that is not to be believed.
  const seen = Math.min(now, Math.max(watch.watermark, ...orders.map(({ changedAt }) => changedAt)))
  return {
    ...watch,
    watermark: Math.max(watch.watermark, end ?? (inOrder ? seen : watch.watermark)),
    missedAt: first === Infinity ? null : first,
    failingSince: null,
  }
}

/** The watch after a sweep, with what it owes where the store fell silent or is heard again. */
const afterSweep = async (
  { ledger, now, owesOf }: SweeperDeps,
  store: Store,
  watch: Watch,
): Promise<{ readonly next: Watch; readonly owed: readonly Owed[] }> => {
  const at = now()
  const { lastAt } = await ledger.notices.of(store.id)
  const isMissed = watch.missedAt !== null && (lastAt ?? 0) < watch.missedAt
  const next = { ...watch, sweptAt: at, ...(!isMissed && { missedAt: null }) }
  const isSilent = hasHook(store) && isMissed && at >= (watch.missedAt ?? at) + SILENT_AFTER_MS
  if (isSilent === (watch.silentSince !== null)) return { next, owed: [] }
  // Silent stays silent until a notice comes.
  if (!isSilent && isMissed) return { next, owed: [] }
  const turns = watch.turns + 1
  return {
    next: { ...next, turns, silentSince: isSilent ? at : null },
    owed: owesOf(store, isSilent ? 'store.silent' : 'store.back', turns, at),
  }
}

/** Where a sweep stopped before its end. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

const saved = async (
  { ledger, onOwed }: SweeperDeps,
  store: Store,
  next: Watch,
  owed: readonly Owed[] = [],
): Promise<Watch> => {
  const written = await ledger.notices.saveWatch(store.id, next, owed)
  // Null: somebody set it to another time, from which the next sweep begins.
  if (!written) throw new Interrupted('the watermark was set')
  if (owed.length > 0) onOwed(owed)
  return written
}

/** Reads all pages from the watermark on, writing down after each how far that is. */
const sweepPages = async (
  deps: Sweeping,
  store: Store,
  sweep: Sweep<unknown>,
  watch: Watch,
  lease: number,
): Promise<Watch> => {
  let now = deps.now()
  let current = watch
  for (;;) {
    const since = current.watermark - sweep.overlapMs
    const until = sweep.inOrder ? now : Math.min(now, current.watermark + WINDOW_MS)
    let cursor: string | null = null
    do {
      if (deps.isClosed || lease - deps.now() < LEASE_LEFT_MS)
        throw new Interrupted('its time is over')
      if (deps.stores.get(store.id) !== store) throw new Interrupted('it is configured otherwise')
      const page = await sweep.changed(store.client, { since, until, cursor })
      if (!(await take(deps, store, page.orders))) throw new Interrupted('too many orders wait')
      cursor = page.next
      const end = cursor === null && !sweep.inOrder ? until : null
      current = await saved(deps, store, afterPage(current, page.orders, sweep, end, deps.now()))
    } while (cursor !== null)
    if (until >= now) return current
    now = deps.now()
  }
}

const sweepStore = async (
  deps: Sweeping,
  store: Store,
  sweep: Sweep<unknown>,
  until: number,
): Promise<void> => {
  const known = await watchOf(deps, store)
  // Another process swept meanwhile.
  const nextAt = (known.sweptAt ?? -Infinity) + (store.sweepMs ?? Infinity)
  if (nextAt > deps.now()) return void deps.dueAt.set(store, nextAt)
  // Its past is nobody's who did not ask for it.
  const watch = known.version === 0 ? await saved(deps, store, known) : known
  try {
    const swept = await sweepPages(deps, store, sweep, watch, until)
    const { next, owed } = await afterSweep(deps, store, swept)
    await saved(deps, store, next, owed)
  } catch (error) {
    if (error instanceof Interrupted) return
    if (!(error instanceof CallFailure)) throw error
    deps.dueAt.set(store, deps.now() + (error.failure.retryAfterMs ?? AGAIN_MS))
    deps.onFailed(store, error.failure.result)
    const failing = await watchOf(deps, store)
    await deps.ledger.notices.saveWatch(store.id, {
      ...failing,
      failingSince: failing.failingSince ?? deps.now(),
    })
  }
}

const work = async (deps: Sweeping, store: Store, sweep: Sweep<unknown>): Promise<void> => {
  const { ledger, now } = deps
  deps.dueAt.set(store, now() + (store.sweepMs ?? Infinity))
  if ((await deps.movedFrom(store)) !== null) return
  const until = now() + LEASE_MS
  const lease = await ledger.hold(`sweep:${store.id}`, LEASE_MS)
  if (!lease) return
  try {
    await sweepStore(deps, store, sweep, until)
  } finally {
    await ledger.release(lease)
  }
}

export const createSweeper = (options: SweeperDeps): Sweeper => {
  const deps: Sweeping = { ...options, dueAt: new WeakMap(), working: new Map(), isClosed: false }
  const { working, dueAt, stores, now, onFault } = deps
  const rest = async () => {
    while (working.size > 0) await Promise.all(working.values())
  }
  return {
    begin() {
      for (const store of stores.values()) {
        const sweep = sweepOf(store.adapter, store.client.settings)
        if (deps.isClosed || !sweep || store.sweepMs === null || working.has(store.id)) continue
        if (store.cooldownMs() > 0 || (dueAt.get(store) ?? 0) > now()) continue
        const task = work(deps, store, sweep)
          .catch(onFault)
          .finally(() => working.delete(store.id))
        working.set(store.id, task)
      }
    },
    rest,
    async since(store, at) {
      for (;;) {
        const watch = await watchOf(deps, store)
        const next = { ...watch, watermark: at, sweptAt: null, failingSince: null }
        if (await deps.ledger.notices.saveWatch(store.id, next)) break
      }
      dueAt.set(store, 0)
    },
    async close() {
      deps.isClosed = true
      await rest()
    },
  }
}
