/** Notices in memory: for tests and trials. */
import { afterHearing, keptUntil, type Heard, type Notice, type Watch } from '../../model/notice.ts'
import { MOST_WAITING, type NoticeLedger } from '../port.ts'
import type { Owe } from '../rules.ts'

interface State {
  /** By store and order. */
  readonly rows: Map<string, Map<string, Notice>>
  readonly lastAt: Map<string, number>
  readonly watches: Map<string, Watch>
  /** By store, the highest version of a row that is gone: none is given twice. */
  readonly spent: Map<string, number>
}

const rowsOf = ({ rows }: State, store: string): Map<string, Notice> => {
  const found = rows.get(store) ?? new Map<string, Notice>()
  rows.set(store, found)
  return found
}

const waitingOf = (state: State, store: string): Notice[] =>
  [...rowsOf(state, store).values()].filter(({ dueAt }) => dueAt !== null)

const dueOf = (state: State, store: string, now: number): Notice[] =>
  waitingOf(state, store)
    .filter(({ dueAt }) => (dueAt as number) <= now)
    .sort((a, b) => (a.dueAt as number) - (b.dueAt as number) || (a.orderId < b.orderId ? -1 : 1))

/** Takes what was heard of one order. */
const take = (state: State, heard: Heard): 'due' | 'echo' => {
  const rows = rowsOf(state, heard.store)
  const row = rows.get(heard.orderId) ?? null
  const next = afterHearing(row, heard, state.spent.get(heard.store) ?? 0)
  if (next) rows.set(heard.orderId, next)
  return next ? 'due' : 'echo'
}

const forget = ({ rows, spent }: State, { store, orderId, version }: Notice): void => {
  rows.get(store)?.delete(orderId)
  spent.set(store, Math.max(spent.get(store) ?? 0, version))
}

const settle = (state: State, read: Notice, next: Notice | null): boolean => {
  const rows = rowsOf(state, read.store)
  if (rows.get(read.orderId)?.version !== read.version) return false
  if (next) rows.set(read.orderId, { ...next, version: read.version + 1 })
  else forget(state, read)
  return true
}

export const openMemoryNotices = (now: () => number, owe: Owe): NoticeLedger => {
  const state: State = {
    rows: new Map(),
    lastAt: new Map(),
    watches: new Map(),
    spent: new Map(),
  }
  const { rows, lastAt, watches } = state
  return {
    async hear(heard) {
      const [first] = heard
      if (!first) return []
      if (waitingOf(state, first.store).length + heard.length > MOST_WAITING) return null
      if (first.by === 'webhook') lastAt.set(first.store, first.at)
      return heard.map((one) => take(state, one))
    },
    due: async (stores, each) =>
      stores.flatMap((store) => dueOf(state, store, now()).slice(0, each)),
    settle: async (read, next) => settle(state, read, next),
    get: async (store, orderId) => rowsOf(state, store).get(orderId) ?? null,
    async of(store) {
      const waiting = waitingOf(state, store).map(({ heardAt }) => heardAt as number)
      return {
        lastAt: lastAt.get(store) ?? null,
        waiting: waiting.length,
        oldestAt: waiting.length === 0 ? null : Math.min(...waiting),
      }
    },
    watch: async (store) => watches.get(store) ?? null,
    async saveWatch(store, next, owed = []) {
      if ((watches.get(store)?.version ?? 0) !== next.version) return null
      const saved = { ...next, version: next.version + 1 }
      watches.set(store, saved)
      owe(owed)
      return saved
    },
    async sweep() {
      for (const some of rows.values())
        for (const row of some.values()) if (keptUntil(row) <= now()) forget(state, row)
    },
  }
}
