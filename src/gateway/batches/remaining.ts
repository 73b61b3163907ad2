/**
 * How long batches will take: by the pace of their stores, and by what older batches have left in
 * line before them.
 */
import type { BatchLedger } from '../../ledger/port.ts'
import type { Batch, Tally } from '../../model/batch.ts'
import type { CancellationPort } from './runner.ts'

/** How many rows that came to rest last tell the pace of a store, and how many at least. */
const RECENT = { most: 20, least: 5 }
/** What a cancellation takes, where nothing was measured yet: a look, the cancel, a look. */
const CALLS = 3

const isLeft = ({ phase }: Tally) => phase !== 'rest'
const sum = (tallies: readonly Tally[]): number =>
  tallies.reduce((total, { count }) => total + count, 0)

/** Asks for each thing once. */
const once = <T>(ask: (id: string) => Promise<T>): ((id: string) => Promise<T>) => {
  const asked = new Map<string, Promise<T>>()
  return (id) => {
    const known = asked.get(id) ?? ask(id)
    asked.set(id, known)
    return known
  }
}

/**
 * For the views of one answer: what several are told by is read once for all of them. Null: nothing
 * can be said.
 */
export const openRemaining = ({
  ledger,
  gateway,
  now,
}: {
  readonly ledger: BatchLedger
  readonly gateway: Pick<CancellationPort, 'stores'>
  readonly now: () => number
}) => {
  const recent = once((store) => ledger.recent(store, RECENT.most))
  const tallies = once(ledger.tallies)
  /** By store: the batches that run, the oldest first, and how many rows each has left there. */
  const line = once(async () => {
    const found = new Map<string, { readonly id: string; readonly count: number }[]>()
    const running = (await ledger.unfinished()).filter(({ status }) => status === 'running')
    for (const { id } of running) {
      const left = Map.groupBy((await tallies(id)).filter(isLeft), ({ store }) => store)
      for (const [store, those] of left)
        found.set(store, [...(found.get(store) ?? []), { id, count: sum(those) }])
    }
    return found
  })

  /**
   * How long the rows of one store will take: by the pace of the last ones, else by what the
   * platform allows. Older batches go before.
   */
  const secondsOf = async (
    batch: Batch,
    own: readonly Tally[],
    id: string,
  ): Promise<number | null> => {
    if (own.length === 0) return 0
    const store = gateway.stores.get(id)
    if (!store) return null
    const before = ((await line('')).get(id) ?? []).filter((other) => other.id < batch.id)
    const rows = before.reduce((total, { count }) => total + count, sum(own))
    const times = (await recent(id)).filter((at) => at >= batch.startedAt)
    const perSecond =
      times.length >= RECENT.least
        ? ((times.length - 1) * 1_000) / Math.max(1, now() - (times.at(-1) ?? 0))
        : store.adapter.pace.perSecond / CALLS
    return Math.ceil(
      Math.max(
        rows / perSecond,
        own.some(({ status }) => status === 'in_doubt') ? store.settleMs / 1_000 : 0,
      ),
    )
  }

  /** The slowest store decides. */
  return async (batch: Batch, tallies: readonly Tally[]): Promise<number | null> => {
    if (batch.status === 'paused') return null
    const left = Map.groupBy(tallies.filter(isLeft), ({ store }) => store)
    const seconds = await Promise.all(
      batch.stores.map((store) => secondsOf(batch, left.get(store) ?? [], store)),
    )
    return seconds.reduce(
      (most, one) => (most === null || one === null ? null : Math.max(most, one)),
      0,
    )
  }
}
