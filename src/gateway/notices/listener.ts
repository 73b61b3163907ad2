/**
 * Looks at the orders that are due, one of a store at a time: beside a batch that uses all slots of
 * the store, looks get their share of its pace and no more.
 */
import type { Store } from '../../connection/store.ts'
import type { Lease } from '../../ledger/port.ts'
import { lookAgainAt, type Notice } from '../../model/notice.ts'
import { workNotice } from './due.ts'
import type { NoticeDeps } from './known.ts'

/** How many rows one question to the ledger brings. */
const AT_ONCE = 20
/** One process looks for a store, so long at a stretch. */
const LEASE_MS = 60_000
/** What is left of the lease when the last look begins: a call, its login and its retry. */
const LEASE_LEFT_MS = 45_000

export interface ListenerDeps extends NoticeDeps {
  readonly stores: ReadonlyMap<string, Store>
  readonly onFault: (error: unknown) => void
}

export interface Listener {
  /** Begins to look at what is due. */
  begin(): Promise<void>
  /** Resolves when nothing is under way. */
  rest(): Promise<void>
  /** Begins nothing more, and waits for what is under way. */
  close(): Promise<void>
}

interface Listening extends ListenerDeps {
  readonly working: Map<string, Promise<void>>
  isClosed: boolean
}

/** So long a notice waits whose look met a fault of ours: it would meet it again at once. */
const FAULT_MS = 60_000

/** Works a notice; a fault of one keeps no other waiting. */
const workOne = async (listening: Listening, store: Store, row: Notice): Promise<void> => {
  const { ledger, workflow, onFault } = listening
  try {
    await workNotice(listening, store, row)
  } catch (error) {
    onFault(error)
    await ledger.notices.settle(row, lookAgainAt(row, workflow.now() + FAULT_MS, row))
  }
}

/** Looks while the lease lasts and there is something due. */
const workStore = async (listening: Listening, store: Store, until: number): Promise<void> => {
  const { ledger, workflow } = listening
  for (;;) {
    const rows = await ledger.notices.due([store.id], AT_ONCE)
    if (rows.length === 0) return
    for (const row of rows) {
      // One that rests, or was closed, is asked again when the clock comes round.
      if (listening.isClosed || store.cooldownMs() > 0) return
      // It is configured otherwise by now: whoever comes next looks as it is then.
      if (listening.stores.get(store.id) !== store) return
      if (until - workflow.now() < LEASE_LEFT_MS) return
      await workOne(listening, store, row)
    }
  }
}

const work = async (listening: Listening, store: Store): Promise<void> => {
  const { ledger, workflow } = listening
  const until = workflow.now() + LEASE_MS
  const lease: Lease | null = await ledger.hold(`notices:${store.id}`, LEASE_MS)
  // Null: another process looks, and sees what is due here too.
  if (!lease) return
  try {
    await workStore(listening, store, until)
  } finally {
    await ledger.release(lease)
  }
}

export const createListener = (deps: ListenerDeps): Listener => {
  const listening: Listening = { ...deps, working: new Map(), isClosed: false }
  const { working, stores, ledger, onFault } = listening
  const begin = (store: Store) => {
    const task = work(listening, store)
      .catch(onFault)
      .finally(() => working.delete(store.id))
    working.set(store.id, task)
  }
  const rest = async () => {
    while (working.size > 0) await Promise.all(working.values())
  }
  return {
    async begin() {
      const free = [...stores.values()].filter(
        (store) => !working.has(store.id) && store.cooldownMs() === 0,
      )
      if (listening.isClosed || free.length === 0) return
      const due = await ledger.notices.due(
        free.map(({ id }) => id),
        1,
      )
      for (const row of due) {
        const store = stores.get(row.store)
        if (store && !working.has(store.id) && !listening.isClosed) begin(store)
      }
    },
    rest,
    async close() {
      listening.isClosed = true
      await rest()
    },
  }
}
