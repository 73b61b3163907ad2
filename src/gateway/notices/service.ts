/** Everything that is heard of stores: what their platforms send, what sweeps find, and looks. */
import { sweepOf } from '../../adapter/contract.ts'
import type { Store } from '../../connection/store.ts'
import type { FullLedger } from '../../ledger/port.ts'
import { refuse } from '../../model/problem.ts'
import { createHooks, type Hooks } from './hear.ts'
import type { NoticeDeps, Outcome } from './known.ts'
import { createListener } from './listener.ts'
import { createSweeper, type SweeperDeps } from './sweeper.ts'

/** How a store is listened to. */
export interface StoreNotices {
  /** When a webhook last told of an order. */
  readonly lastAt: number | null
  /** How many orders are due for a look, now or later, and since when the first is. */
  readonly waiting: number
  readonly oldestDueAt: number | null
  /** Webhooks turned away since this process started. */
  readonly refused: number
  readonly lastSweepAt: number | null
  /** Since when sweeps have failed; null: they do not. */
  readonly sweepFailingSince: number | null
  readonly silentSince: number | null
}

export interface Notices {
  readonly hooks: Hooks
  of(store: Store): Promise<StoreNotices>
  /** Sweeps a store again from this time on, by its platform's clock. */
  sweepSince(store: Store, at: number): Promise<StoreNotices>
  /** Begins with what is due. */
  begin(): Promise<void>
  /** Resolves when nothing is under way. */
  rest(): Promise<void>
  close(): Promise<void>
}

export interface NoticesOptions {
  readonly isListening: NoticeDeps['isListening']
  readonly owesOf: SweeperDeps['owesOf']
  /** How a notice that was taken, or what came in its place, ended: a word of ours. */
  readonly onNotice: (store: Store, outcome: string) => void
}

export type NoticesDeps = Omit<NoticeDeps, 'isListening' | 'onOutcome'> &
  Pick<SweeperDeps, 'stores' | 'onOwed' | 'onFault'> & { readonly options: NoticesOptions }

/** How a store is listened to, by what is written down and what this process turned away. */
const viewOf = async (ledger: FullLedger, hooks: Hooks, { id }: Store): Promise<StoreNotices> => {
  const [{ lastAt, waiting, oldestAt }, watch] = await Promise.all([
    ledger.notices.of(id),
    ledger.notices.watch(id),
  ])
  return {
    lastAt,
    waiting,
    oldestDueAt: oldestAt,
    refused: hooks.refused(id).refused,
    lastSweepAt: watch?.sweptAt ?? null,
    sweepFailingSince: watch?.failingSince ?? null,
    silentSince: watch?.silentSince ?? null,
  }
}

export const createNotices = (deps: NoticesDeps): Notices => {
  const { ledger, workflow, stores, onFault, onOwed, options } = deps
  const { isListening, owesOf, onNotice } = options
  const { now, movedFrom, failpoint } = workflow
  const onOutcome = (store: Store, outcome: Outcome) => onNotice(store, outcome)
  const listener = createListener({ ...deps, isListening, onOutcome })
  const sweeper = createSweeper({
    ledger,
    stores,
    now,
    movedFrom,
    owesOf,
    onOwed,
    onDue: () => failpoint('heard'),
    onFailed: (store) => onNotice(store, 'sweep failed'),
    onFault,
  })
  const hooks = createHooks({
    ledger: ledger.notices,
    stores,
    now,
    onIgnored: onNotice,
    onRefused: (store) => onNotice(store, 'refused'),
    onEcho: (store) => onNotice(store, 'echo'),
    onDue: () => failpoint('heard'),
  })
  const of = (store: Store) => viewOf(ledger, hooks, store)
  return {
    hooks,
    of,
    async sweepSince(store, at) {
      if (!sweepOf(store.adapter, store.client.settings))
        refuse('unsupported', `${store.adapter.name} cannot list what changed for this store.`)
      await sweeper.since(store, at)
      return of(store)
    },
    async begin() {
      sweeper.begin()
      await listener.begin()
    },
    async rest() {
      await Promise.all([sweeper.rest(), listener.rest()])
    },
    async close() {
      await Promise.all([sweeper.close(), listener.close()])
    },
  }
}
