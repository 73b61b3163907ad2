/**
 * A look at the orders of a file before anything is sent: some of each store, side by side, for no
 * longer than a person waits.
 */
import { sleep } from '../model/time.ts'

/** So many orders of a file are looked at, each store’s share being the same. */
export const LOOKED_AT = 200
/** And for so long; what is not known by then is not waited for. */
export const LOOKING_MS = 30_000
/** So many at a time of one store: cancels of others find their place beside them. */
const AT_ONCE = 2

/** The first rows of each store in turn, until there are enough. */
export const firstOfEach = <Row extends { readonly store: string }>(
  rows: readonly Row[],
  most = LOOKED_AT,
): Row[] => {
  const queues = [...Map.groupBy(rows, ({ store }) => store).values()]
  const picked: Row[] = []
  for (let turn = 0; picked.length < Math.min(most, rows.length); turn++)
    picked.push(...queues.flatMap((queue) => queue[turn] ?? []).slice(0, most - picked.length))
  return picked
}

/**
 * Looks at each, a few of every store at once, and tells what was found; null: no answer in time.
 * Resolves when all are looked at, the time is over, or the signal says so. Rejects with what a
 * look rejects with.
 */
export const lookThrough = async <Row extends { readonly store: string }, Found>(
  rows: readonly Row[],
  look: (row: Row) => Promise<Found>,
  onLooked: (row: Row, found: Found | null) => void,
  signal: AbortSignal,
  ms = LOOKING_MS,
): Promise<void> => {
  const end = new AbortController()
  const over = sleep(ms)(AbortSignal.any([signal, end.signal])).then(() => {
    end.abort()
    return null
  })
  const lane = async (queue: Row[]): Promise<void> => {
    for (let row = queue.shift(); row !== undefined && !end.signal.aborted; row = queue.shift())
      onLooked(row, await Promise.race([look(row), over]))
  }
  try {
    await Promise.all(
      [...Map.groupBy(rows, ({ store }) => store).values()].flatMap((queue) =>
        Array.from({ length: AT_ONCE }, () => lane(queue)),
      ),
    )
  } finally {
    end.abort()
  }
}
