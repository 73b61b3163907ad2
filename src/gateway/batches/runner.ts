/**
 * The batch runner: turns the rows of batches into ordinary cancellations, a few of a store at a
 * time, and follows what becomes of them.
 */
import type { BatchLedger } from '../../ledger/port.ts'
import { isAsked } from '../../model/approval.ts'
import {
  type Batch,
  finish,
  refusedState,
  type Row,
  stateOf,
  WITHDRAWN,
} from '../../model/batch.ts'
import { type Cancellation, isAtRest } from '../../model/cancellation.ts'
import type { Owed } from '../../model/delivery.ts'
import { ProblemError } from '../../model/problem.ts'
import type { CancellationService, Terms } from '../service.ts'

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
  /** What the end of a batch owes to webhooks, written with it; and told once it is. */
  readonly owes: (batch: Batch) => readonly Owed[]
  readonly onOwed: (owed: readonly Owed[]) => void
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

/** It is being asked for, or is about to be: what was only taken is `accepted`, too. */
const isBusy = ({ status }: Row): boolean => status === 'accepted' || status === 'sending'

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

/** A runner and what it knows of its stores. */
interface Runner extends BatchRunnerOptions {
  /** By store: its turn, which is under way. */
  readonly feeding: Map<string, Promise<void>>
  /** Stores that want a further turn. */
  readonly again: Set<string>
  readonly lookedAt: Map<string, number>
  /** By store: the cancellations that were asleep when somebody last looked. */
  readonly asleep: Map<string, Set<string | null>>
  closing: boolean
}

const isWell = (runner: Runner, id: string): boolean => {
  const store = runner.gateway.stores.get(id)
  return store !== undefined && store.cooldownMs() === 0 && store.health().breaker === 'closed'
}

/**
 * Rows of a store that was taken out of the configuration wait as long as anything unsent; then
 * they are refused.
 */
const waits = (runner: Runner, store: string, batch: Batch): boolean =>
  !runner.gateway.stores.has(store) &&
  runner.now() < batch.startedAt + runner.gateway.timing.deadlineMs

/** What was said of a batch goes with each of its rows. */
const termsOf = ({ caller, keyName, needsApproval }: Batch): Terms => ({
  keyName,
  needsApproval,
  asker: { caller, key: keyName ?? null, via: 'batch', requestId: null },
})

/** Makes a row a cancellation. Done twice, by its key it is the same one. */
const submit = async (runner: Runner, row: Row, batch: Batch): Promise<Row> => {
  try {
    const { record } = await runner.gateway.cancel(
      row.request,
      batch.caller,
      keyOf(row),
      null,
      batch.id,
      termsOf(batch),
    )
    return { ...row, ...stateOf(record, runner.now()) }
  } catch (error) {
    if (error instanceof ProblemError)
      return { ...row, ...refusedState(error.problem, runner.now()) }
    // It stays taken, and is given again.
    runner.onFault(error)
    return row
  }
}

/**
 * Makes sure that a row whose batch was stopped is never sent, unless a process that is gone made
 * it a cancellation and that was sent.
 */
const forgo = async (runner: Runner, row: Row, batch: Batch): Promise<Row> => {
  try {
    const { id, caller, keyName = null } = batch
    const record = await runner.gateway.forgo(row.request, caller, keyOf(row), id, keyName)
    return { ...row, ...(record ? stateOf(record, runner.now()) : WITHDRAWN) }
  } catch (error) {
    if (error instanceof ProblemError)
      return { ...row, ...refusedState(error.problem, runner.now()) }
    runner.onFault(error)
    return row
  }
}

/**
 * The cancellation of a row, taken back first where its batch was stopped and nothing was sent;
 * an earlier one that the row only found stays. Null: it is out of reach.
 */
const lookUp = async (
  runner: Runner,
  id: string,
  batch: Batch | undefined,
): Promise<Cancellation | null> => {
  const record = await find(runner.gateway, id)
  if (batch?.status !== 'stopped' || record?.status !== 'accepted' || record.batchId !== batch.id)
    return record
  try {
    return await runner.gateway.withdraw(id)
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
  runner: Runner,
  row: Row,
  batch: Batch | undefined,
  all: boolean,
  sleepers: Set<string | null>,
): Promise<Row> => {
  const known =
    row.phase === 'taken' &&
    batch &&
    row.at + ORPHAN_MS <= runner.now() &&
    !waits(runner, row.request.store, batch)
      ? await (batch.status === 'stopped' ? forgo(runner, row, batch) : submit(runner, row, batch))
      : row
  const { cancellation } = known
  if (
    cancellation === null ||
    known.phase === 'rest' ||
    !(all || (isBusy(known) && !sleepers.has(cancellation)))
  )
    return known
  const record = await lookUp(runner, cancellation, batch)
  if (!record || isAsleep(record, runner.now())) sleepers.add(cancellation)
  const next = record && stateOf(record, runner.now())
  return !next || (next.status === known.status && next.phase === known.phase)
    ? known
    : { ...known, ...next }
}

/** How many rows of a stopped batch one turn of the clock takes back. */
const BACK_AT_ONCE = 200

/** Takes back rows that wait for a person; whether there may be more of them. */
const takeBack = async (runner: Runner, batch: Batch): Promise<boolean> => {
  const query = { status: 'accepted', limit: BACK_AT_ONCE } as const
  const resting = (await runner.ledger.rows(batch.id, query)).filter(
    ({ phase }) => phase === 'rest',
  )
  const next = await Promise.all(
    resting.map(async (row): Promise<Row> => {
      const record = row.cancellation && (await lookUp(runner, row.cancellation, batch))
      return record ? { ...row, ...stateOf(record, runner.now()), phase: 'rest' } : row
    }),
  )
  const taken = next.filter(({ status }) => status !== 'accepted')
  if (taken.length > 0) await runner.ledger.saveRows(taken)
  return taken.length > 0
}

/**
 * One turn of a store: what became of its open rows, and the next ones into the room there is.
 * Batches of one store go one after another, the oldest first.
 */
const turn = async (runner: Runner, store: string): Promise<void> => {
  const batches = await runner.ledger.unfinished()
  const all = (runner.lookedAt.get(store) ?? 0) + LOOK_MS <= runner.now()
  if (all) runner.lookedAt.set(store, runner.now())
  const sleepers = (all ? undefined : runner.asleep.get(store)) ?? new Set()
  runner.asleep.set(store, sleepers)
  const before = await runner.ledger.open(store)
  const open = await Promise.all(
    before.map((row) =>
      follow(
        runner,
        row,
        batches.find(({ id }) => id === row.batch),
        all,
        sleepers,
      ),
    ),
  )
  const changed = open.filter((row, index) => row !== before[index])
  if (changed.length > 0) await runner.ledger.saveRows(changed)

  const left = open.filter(({ phase }) => phase !== 'rest')
  const busy = left.filter(
    (row) => isBusy(row) && !(isWell(runner, store) && sleepers.has(row.cancellation)),
  )
  let room = Math.min(AT_ONCE - busy.length, OPEN_AT_MOST - left.length)
  for (const batch of batches) {
    if (room <= 0 || runner.closing) break
    if (batch.status !== 'running' || !batch.stores.includes(store) || waits(runner, store, batch))
      continue
    const taken = await runner.ledger.take(batch.id, store, room)
    if (taken.length === 0) continue
    const given = await Promise.all(taken.map((row) => submit(runner, row, batch)))
    await runner.ledger.saveRows(given)
    room -= taken.length
    if (given.some(({ phase }) => phase === 'rest')) runner.again.add(store)
  }
}

/**
 * Gives a store its turn, or a further one after that which it has: one store waits for no other.
 */
const schedule = (runner: Runner, store: string): void => {
  if (runner.closing) return
  runner.again.add(store)
  if (runner.feeding.has(store)) return
  const work = async () => {
    try {
      while (runner.again.delete(store)) await turn(runner, store)
    } catch (error) {
      runner.onFault(error)
    } finally {
      runner.feeding.delete(store)
    }
  }
  runner.feeding.set(store, work())
}

/** Finishes a batch where every row is at rest. */
const end = async (runner: Runner, batch: Batch): Promise<void> => {
  const next = finish(batch, runner.now())
  const owed = runner.owes(next)
  if ((await runner.ledger.finish(next, owed)) && owed.length > 0) runner.onOwed(owed)
}

export const createBatchRunner = (options: BatchRunnerOptions) => {
  const runner: Runner = {
    ...options,
    feeding: new Map(),
    again: new Set(),
    lookedAt: new Map(),
    asleep: new Map(),
    closing: false,
  }
  return {
    schedule: (store: string): void => schedule(runner, store),

    /** A record was saved: its store may have room. */
    onRecordSaved(record: Cancellation): void {
      const { batchId, status, request } = record
      if (batchId !== null && (status === 'in_doubt' || isAtRest(status) || isAsked(record)))
        schedule(runner, request.store)
    },

    /**
     * One turn of the clock: gives every store with unfinished rows its turn, without waiting for
     * any.
     */
    async tick(): Promise<void> {
      if (runner.closing) return
      const batches = await runner.ledger.unfinished()
      for (const batch of batches) {
        if (batch.status === 'stopped') await runner.ledger.setWaiting(batch.id, WITHDRAWN)
        if (batch.status === 'stopped' && (await takeBack(runner, batch))) continue
        await end(runner, batch)
      }
      for (const store of new Set(batches.flatMap(({ stores }) => stores))) schedule(runner, store)
    },

    /** Resolves when no store has its turn. */
    async idle(): Promise<void> {
      while (runner.feeding.size > 0) await Promise.all(runner.feeding.values())
    },

    /** Takes nothing more; resolves when what was taken is a cancellation. */
    async close(): Promise<void> {
      runner.closing = true
      runner.again.clear()
      await Promise.all(runner.feeding.values())
    },
  }
}
