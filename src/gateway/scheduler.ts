/**
 * Who is worked on now: a few records of each store at once, so that a slow store holds up itself
 * alone.
 */
import type { Store } from '../connection/store.ts'
import type { Ledger } from '../ledger/port.ts'
import { type Cancellation, isAtRest } from '../model/cancellation.ts'

/** Of one store; so many calls at once its platform gets from one process. */
const PER_STORE = 4
/**
 * Of all stores, so that memory and sockets have a bound; each store's first is beyond it, so that
 * the sick take nobody's place.
 */
const IN_ALL = 256
/**
 * How many due records of a store one look at the ledger brings: all that are in work may be among
 * them, and one more tells that there is a line.
 */
const DUE_EACH = PER_STORE + 1

export interface SchedulerOptions {
  readonly ledger: Ledger
  readonly stores: ReadonlyMap<string, Store>
  /** Resolves with the record as it was left; null where the ledger or the process failed. */
  readonly attempt: (
    store: Store,
    record: Cancellation,
    customerToken: string | null,
  ) => Promise<Cancellation | null>
  readonly onFault: (error: unknown) => void
}

/** A place that is held for a record; `leave` gives it back. */
interface Slot {
  readonly leave: () => void
}

/** What this process works on now. */
interface Schedule extends SchedulerOptions {
  readonly working: Map<string, Promise<unknown>>
  /** Slots that are taken, by store. */
  readonly taken: Map<string, number>
  /** Stores of which more is due than there are slots. */
  readonly crowded: Set<string>
  total: number
  closing: boolean
}

const isFree = ({ taken, total }: Schedule, store: string): boolean => {
  const own = taken.get(store) ?? 0
  return own === 0 || (own < PER_STORE && total < IN_ALL)
}

const take = (schedule: Schedule, store: string): Slot => {
  const { taken } = schedule
  taken.set(store, (taken.get(store) ?? 0) + 1)
  schedule.total += 1
  return {
    leave() {
      taken.set(store, (taken.get(store) ?? 0) - 1)
      schedule.total -= 1
    },
  }
}

/** A slot for a record; null: the store is busy, so it waits its turn. */
const hold = (schedule: Schedule, store: string): Slot | null =>
  isFree(schedule, store) ? take(schedule, store) : (schedule.crowded.add(store), null)

/** Begins to work on a record at once, so that nobody takes it up beside. */
const begin = (
  { attempt, working }: Schedule,
  store: Store,
  record: Cancellation,
  customerToken: string | null,
  slot: Slot,
): Promise<Cancellation | null> => {
  const task = attempt(store, record, customerToken).finally(() => {
    working.delete(record.id)
    slot.leave()
  })
  working.set(record.id, task)
  return task
}

/**
 * Begins what is due of these stores, as far as there are slots and at most so many, the longest
 * waiting first.
 */
const beginDue = async <T>(
  schedule: Schedule,
  ids: Iterable<string>,
  most: number,
  start: (record: Cancellation) => T,
): Promise<T[]> => {
  const { ledger, working, crowded } = schedule
  const free = [...ids].filter((id) => isFree(schedule, id))
  if (schedule.closing || free.length === 0) return []
  const due = await ledger.due(free, DUE_EACH)
  for (const store of free) crowded.delete(store)
  const begun: T[] = []
  for (const record of due.sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0))) {
    if (working.has(record.id)) continue
    if (begun.length < most && !schedule.closing && isFree(schedule, record.request.store))
      begun.push(start(record))
    else crowded.add(record.request.store)
  }
  return begun
}

/**
 * The next of a store that is crowded, worked. One that rests gets its turn from the clock, not as
 * fast as it can be turned away; but what is over there needs no call, and must not wait behind
 * what does.
 */
const next = async (
  schedule: Schedule,
  id: string,
  unfinished: Cancellation,
): Promise<Cancellation | null> => {
  // As it is configured now: its credentials may be others, or it may be gone.
  const store = schedule.stores.get(id)
  if (!store) return null
  const isResting = store.cooldownMs() > 0 && !isAtRest(unfinished.status)
  if (!schedule.crowded.has(store.id) || isResting) return null
  try {
    const [task] = await beginDue(
      schedule,
      [store.id],
      1,
      (record) => [begin(schedule, store, record, null, take(schedule, store.id))] as const,
    )
    return task ? await task[0] : null
  } catch (error) {
    schedule.onFault(error)
    return null
  }
}

const work = async (
  schedule: Schedule,
  record: Cancellation,
  customerToken: string | null = null,
  held?: Slot,
): Promise<void> => {
  const store = schedule.stores.get(record.request.store)
  // A store that was taken out of the configuration: its records wait until it is back.
  if (!store || schedule.closing || schedule.working.has(record.id)) return held?.leave()
  const slot = held ?? hold(schedule, store.id)
  if (!slot) return
  // After a fault the clock sets the pace: a ledger that takes no writes must not be asked as fast
  // as it can refuse.
  for (
    let left = await begin(schedule, store, record, customerToken, slot);
    left;
    left = await next(schedule, store.id, left)
  );
}

export interface Scheduler {
  /**
   * Works on a record, unless this process does already or its store is busy: then it waits in its
   * store's queue. Resolves when it, and what took its slot after it, is worked. Never rejects.
   */
  work(record: Cancellation, customerToken?: string | null, held?: Slot): Promise<void>
  /** Begins what is due of these stores. */
  takeUp(ids: Iterable<string>): Promise<Promise<void>[]>
  take(store: string): Slot
  hold(store: string): Slot | null
  /** Resolves when this process does not work on the record, now or no longer. */
  idle(id: string): Promise<void>
  /** Takes up nothing more and resolves when what is under way is finished or written down. */
  close(): Promise<void>
}

export const createScheduler = (options: SchedulerOptions): Scheduler => {
  const schedule: Schedule = {
    ...options,
    working: new Map(),
    taken: new Map(),
    crowded: new Set(),
    total: 0,
    closing: false,
  }
  return {
    work: (record, customerToken, held) => work(schedule, record, customerToken, held),
    takeUp: (ids) => beginDue(schedule, ids, Infinity, (record) => work(schedule, record)),
    take: (store) => take(schedule, store),
    hold: (store) => hold(schedule, store),
    async idle(id) {
      await schedule.working.get(id)
    },
    async close() {
      schedule.closing = true
      while (schedule.working.size > 0) await Promise.all(schedule.working.values())
    },
  }
}
