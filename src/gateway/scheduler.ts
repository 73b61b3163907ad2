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

export const createScheduler = ({ ledger, stores, attempt, onFault }: SchedulerOptions) => {
  const working = new Map<string, Promise<unknown>>()
  const taken = new Map<string, number>()
  /** Stores of which more is due than there are slots. */
  const crowded = new Set<string>()
  let total = 0
  let closing = false

  const isFree = (store: string) => {
    const own = taken.get(store) ?? 0
    return own === 0 || (own < PER_STORE && total < IN_ALL)
  }
  const take = (store: string): Slot => {
    taken.set(store, (taken.get(store) ?? 0) + 1)
    total += 1
    return {
      leave() {
        taken.set(store, (taken.get(store) ?? 0) - 1)
        total -= 1
      },
    }
  }

  /** A slot for a record; null: the store is busy, so it waits its turn. */
  const hold = (store: string): Slot | null =>
    isFree(store) ? take(store) : (crowded.add(store), null)

  /** Begins to work on a record at once, so that nobody takes it up beside. */
  const begin = (
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
    ids: Iterable<string>,
    most: number,
    start: (record: Cancellation) => T,
  ): Promise<T[]> => {
    const free = [...ids].filter(isFree)
    if (closing || free.length === 0) return []
    const due = await ledger.due(free, DUE_EACH)
    for (const store of free) crowded.delete(store)
    const begun: T[] = []
    for (const record of due.sort((a, b) => (a.wakeAt ?? 0) - (b.wakeAt ?? 0))) {
      if (working.has(record.id)) continue
      if (begun.length < most && !closing && isFree(record.request.store)) begun.push(start(record))
      else crowded.add(record.request.store)
    }
    return begun
  }

  /**
   * The next of a store that is crowded, worked. One that rests gets its turn from the clock, not
   * as fast as it can be turned away;
   * but what is over there needs no call, and must not wait behind what does.
   */
  const next = async (store: Store, unfinished: Cancellation): Promise<Cancellation | null> => {
    if (!crowded.has(store.id) || (store.cooldownMs() > 0 && !isAtRest(unfinished.status)))
      return null
    try {
      const [task] = await beginDue(
        [store.id],
        1,
        (record) => [begin(store, record, null, take(store.id))] as const,
      )
      return task ? await task[0] : null
    } catch (error) {
      onFault(error)
      return null
    }
  }

  /**
   * Works on a record, unless this process does already or its store is busy: then it waits in
   * line. Resolves when it, and what took its slot after it, is worked. Never rejects.
   */
  const work = async (
    record: Cancellation,
    customerToken: string | null = null,
    held?: Slot,
  ): Promise<void> => {
    const store = stores.get(record.request.store)
    // A store that was taken out of the configuration: its records wait until it is back.
    if (!store || closing || working.has(record.id)) return held?.leave()
    const slot = held ?? hold(store.id)
    if (!slot) return
    // After a fault the clock sets the pace: a ledger that takes no writes must not be asked as
    // fast as it can refuse.
    for (
      let left = await begin(store, record, customerToken, slot);
      left;
      left = await next(store, left)
    );
  }

  const takeUp = (ids: Iterable<string>): Promise<Promise<void>[]> =>
    beginDue(ids, Infinity, (record) => work(record))

  return {
    work,
    /** Begins what is due of these stores. */
    takeUp,
    take,
    hold,
    /** Resolves when this process does not work on the record, now or no longer. */
    idle: async (id: string): Promise<void> => {
      await working.get(id)
    },
    /** Takes up nothing more and resolves when what is under way is finished or written down. */
    async close(): Promise<void> {
      closing = true
      while (working.size > 0) await Promise.all(working.values())
    },
  }
}
