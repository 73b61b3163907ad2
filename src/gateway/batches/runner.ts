/**
 * The batch runner: turns the rows of batches into ordinary cancellations, a few of a store at a time,
 * and follows what becomes of them.
 */
import type { BatchLedger } from '../../ledger/rules.ts'
import {
  type Batch,
  finish,
  refusedState,
  type Row,
  stateOf,
  WITHDRAWN,
} from '../../model/batch.ts'
import { type Cancellation, isAtRest } from '../../model/cancellation.ts'
import { ProblemError } from '../../model/problem.ts'
import type { CancellationService } from '../service.ts'

/** What the runner needs of a gateway: rows go the way of everybody's cancellations. */
export type CancellationPort = Pick<
  CancellationService,
  'stores' | 'timing' | 'cancel' | 'forgo' | 'get' | 'withdraw'
>

export interface BatchRunnerOptions {
  readonly ledger: BatchLedger
  readonly gateway: CancellationPort
  readonly now: () => number
  readonly onFault: (error: unknown) => void
}

/**
 * Of all batches' rows, how many of one store may wait for it or be asked at a time: fewer than it
 * has slots, so that one is always left for who asks alone.
 */
export const AT_ONCE = 3
/**
 * How many of a store's rows may be open, doubtful ones too: a store that answers nothing gets no
 * more.
 */
const OPEN_AT_MOST = 100
/** Until then the process that took a row makes it a cancellation; afterwards any may. */
const ORPHAN_MS = 2_000
/** How often a row in doubt is looked at; nothing but its platform's time moves it on. */
const LOOK_MS = 2_000

/**
 * What is not due, and was not written to for so long, is left alone: it waits for its next try, or
 * for the lease of a process that died. Where the store is well it keeps no room, or three orders
 * that the platform chokes on would hold up all others to their deadline.
 */
const SILENT_MS = 10_000

/** No caller can send this key: theirs hold no space. */
const keyOf = ({ batch, row }: Row): string => `batch ${batch} ${row}`

const isAsleep = ({ wakeAt, updatedAt }: Cancellation, at: number): boolean =>
  wakeAt !== null && wakeAt > at && updatedAt + SILENT_MS <= at

const isBusy = ({ phase, status }: Row): boolean =>
  phase === 'taken' || status === 'accepted' || status === 'sending'

/** Null: out of reach, as when its account is no longer in the configuration of a front. */
export const find = async (
  gateway: Pick<CancellationPort, 'get'>,
  id: string,
): Promise<Cancellation | null> => {
  try {
    return await gateway.get(id)
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'cancellation-not-found')
      return null
    throw error
  }
}

export const createBatchRunner = ({ ledger, gateway, now, onFault }: BatchRunnerOptions) => {
  const feeding = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const lookedAt = new Map<string, number>()
  /** By store: the cancellations that were asleep when somebody last looked. */
  const asleep = new Map<string, Set<string | null>>()
  let closing = false

  const isWell = (id: string): boolean => {
    const store = gateway.stores.get(id)
    return store !== undefined && store.cooldownMs() === 0 && store.state().breaker === 'closed'
  }

  /**
   * Rows of a store that was taken out of the configuration wait as long as anything unsent; then
   * they are refused.
   */
  const waits = (store: string, batch: Batch): boolean =>
    !gateway.stores.has(store) && now() < batch.startedAt + gateway.timing.deadlineMs

  /** Makes a row a cancellation. Done twice, by its key it is the same one. */
  const submit = async (row: Row, batch: Batch): Promise<Row> => {
    try {
      const { record } = await gateway.cancel(row.request, batch.caller, keyOf(row), null, batch.id)
      return { ...row, ...stateOf(record, now()) }
    } catch (error) {
      if (error instanceof ProblemError) return { ...row, ...refusedState(error.problem, now()) }
      // It stays taken, and is given again.
      onFault(error)
      return row
    }
  }

  /**
   * Makes sure that a row whose batch was stopped is never sent, unless a process that is gone made
   * it a cancellation and that was sent.
   */
  const forgo = async (row: Row, batch: Batch): Promise<Row> => {
    try {
      const record = await gateway.forgo(row.request, batch.caller, keyOf(row), batch.id)
      return { ...row, ...(record ? stateOf(record, now()) : WITHDRAWN) }
    } catch (error) {
      if (error instanceof ProblemError) return { ...row, ...refusedState(error.problem, now()) }
      onFault(error)
      return row
    }
  }

  /**
   * The cancellation of a row, taken back first where its batch was stopped and nothing was sent;
   * an earlier one that the row only found stays. Null: it is out of reach.
   */
  const lookUp = async (id: string, batch: Batch | undefined): Promise<Cancellation | null> => {
    const record = await find(gateway, id)
    if (batch?.status !== 'stopped' || record?.status !== 'accepted' || record.batchId !== batch.id)
      return record
    try {
      return await gateway.withdraw(id)
    } catch (error) {
      if (error instanceof ProblemError) return record
      throw error
    }
  }

  /**
   * The row as its cancellation is now. One that nobody made a cancellation of becomes one, unless
   * its batch was stopped.
   */
  const follow = async (
    row: Row,
    batch: Batch | undefined,
    all: boolean,
    sleepers: Set<string | null>,
  ): Promise<Row> => {
    const known =
      row.phase === 'taken' &&
      batch &&
      row.at + ORPHAN_MS <= now() &&
      !waits(row.request.store, batch)
        ? await (batch.status === 'stopped' ? forgo(row, batch) : submit(row, batch))
        : row
    const { cancellation } = known
    if (
      cancellation === null ||
      known.phase === 'rest' ||
      !(all || (isBusy(known) && !sleepers.has(cancellation)))
    )
      return known
    const record = await lookUp(cancellation, batch)
    if (!record || isAsleep(record, now())) sleepers.add(cancellation)
    return !record || record.status === known.status
      ? known
      : { ...known, ...stateOf(record, now()) }
  }

  /**
   * One turn of a store: what became of its open rows, and the next ones into the room there is.
   * Batches of one store go one after another, the oldest first.
   */
  const turn = async (store: string): Promise<void> => {
    const batches = await ledger.unfinished()
    const all = (lookedAt.get(store) ?? 0) + LOOK_MS <= now()
    if (all) lookedAt.set(store, now())
    const sleepers = (all ? undefined : asleep.get(store)) ?? new Set()
    asleep.set(store, sleepers)
    const before = await ledger.open(store)
    const open = await Promise.all(
      before.map((row) =>
        follow(
          row,
          batches.find(({ id }) => id === row.batch),
          all,
          sleepers,
        ),
      ),
    )
    const changed = open.filter((row, index) => row !== before[index])
    if (changed.length > 0) await ledger.saveRows(changed)

    const left = open.filter(({ phase }) => phase !== 'rest')
    const busy = left.filter(
      (row) => isBusy(row) && !(isWell(store) && sleepers.has(row.cancellation)),
    )
    let room = Math.min(AT_ONCE - busy.length, OPEN_AT_MOST - left.length)
    for (const batch of batches) {
      if (room <= 0 || closing) break
      if (batch.status !== 'running' || !batch.stores.includes(store) || waits(store, batch))
        continue
      const taken = await ledger.take(batch.id, store, room)
      if (taken.length === 0) continue
      const given = await Promise.all(taken.map((row) => submit(row, batch)))
      await ledger.saveRows(given)
      room -= taken.length
      if (given.some(({ phase }) => phase === 'rest')) again.add(store)
    }
  }

  /**
   * Gives a store its turn, or a further one after that which it has: one store waits for no other.
   */
  const schedule = (store: string): void => {
    if (closing) return
    again.add(store)
    if (feeding.has(store)) return
    const work = async () => {
      try {
        while (again.delete(store)) await turn(store)
      } catch (error) {
        onFault(error)
      } finally {
        feeding.delete(store)
      }
    }
    feeding.set(store, work())
  }

  return {
    schedule,

    /** A record was saved: its store may have room. */
    onRecordSaved({ batchId, status, request }: Cancellation): void {
      if (batchId !== null && (status === 'in_doubt' || isAtRest(status))) schedule(request.store)
    },

    /**
     * One turn of the clock: gives every store with unfinished rows its turn, without waiting for
     * any.
     */
    async tick(): Promise<void> {
      if (closing) return
      const batches = await ledger.unfinished()
      for (const batch of batches) {
        if (batch.status === 'stopped') await ledger.setWaiting(batch.id, WITHDRAWN)
        await ledger.finish(finish(batch, now()))
      }
      for (const store of new Set(batches.flatMap(({ stores }) => stores))) schedule(store)
    },

    /** Resolves when no store has its turn. */
    async idle(): Promise<void> {
      while (feeding.size > 0) await Promise.all(feeding.values())
    },

    /** Takes nothing more; resolves when what was taken is a cancellation. */
    async close(): Promise<void> {
      closing = true
      again.clear()
      await Promise.all(feeding.values())
    },
  }
}
