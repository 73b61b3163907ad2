/**
 * Lists what was canceled on a Vendure, by key: each page begins at the time with which the one
 * before ended, since an offset into all would slip.
 */
import { z } from 'zod'
import { type Adapter, assertRising, otherThanAsked, type Sweep } from '../../src/adapter/index.ts'
import { operation, type Settings } from './access.ts'
import { LAB } from './errors.ts'
import { CANCELED } from './map.ts'
import * as queries from './queries.ts'
import * as wire from './wire.ts'

const PAGE = 100

/** Where the next page begins. */
const Key = z.object({
  from: z.int(),
  /** Within the orders of that time, where they alone fill a page. */
  skip: z.int(),
  /** Orders of that time that were listed. */
  seen: z.array(z.string()),
})
type Key = z.infer<typeof Key>

const after = (key: Key, rows: readonly wire.ChangedOrder[], at: number): Key => {
  const ties = rows.filter(({ updatedAt }) => updatedAt === at)
  const before = key.from === at ? key.skip : 0
  return {
    from: at,
    skip: ties.length === rows.length ? before + rows.length : 0,
    seen: ties.map(({ id }) => id),
  }
}

/** `between` holds both its ends; `after`, which holds none, would leave out the one of the key. */
const optionsOf = ({ from, skip }: Key, until: number) => ({
  skip,
  take: PAGE,
  filter: {
    state: { eq: CANCELED },
    updatedAt: {
      between: {
        start: new Date(from).toISOString(),
        // A time is told by the millisecond and kept by the microsecond.
        end: new Date(until + 1).toISOString(),
      },
    },
  },
  // With `id` beside it the list is sorted by that first (recorded: sorted-by-two).
  sort: { updatedAt: 'ASC' },
})

export const sweep: Sweep<Settings> = {
  async changed(connection, { since, until, cursor }) {
    const key = cursor === null ? { from: since, skip: 0, seen: [] } : Key.parse(JSON.parse(cursor))
    const options = optionsOf(key, until)
    const { orders } = await connection.send(
      operation(connection.settings, queries.CHANGED, { options }, wire.ChangesReply),
    )
    const rows = orders.items
    assertRising(
      rows.map(({ updatedAt }) => updatedAt),
      key.from,
    )
    const isSeen = ({ id, updatedAt }: wire.ChangedOrder) =>
      updatedAt === key.from && key.seen.includes(id)
    if (key.skip > 0 && rows.length > 0 && rows.every(isSeen))
      throw otherThanAsked('the same page again')
    const last = rows.at(-1)?.updatedAt
    return {
      orders: rows
        .filter((row) => !isSeen(row) && row.updatedAt <= until)
        .map(({ id, state, updatedAt }) => ({
          id,
          canceled: state === CANCELED,
          changedAt: updatedAt,
        })),
      next:
        last === undefined || rows.length < PAGE || last > until
          ? null
          : JSON.stringify(after(key, rows, last) satisfies Key),
    }
  },
  inOrder: true,
  // A database is read; what is still being written when a page is asked for comes a little late.
  overlapMs: 120_000,
  source:
    `${LAB}: sweep; a cancel moves updatedAt, and filter, order and page are kept; in which ` +
    'order those of one time come, nobody has shown',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'unknown',
  source:
    `${LAB}: settings; the default order process leads nowhere from Cancelled, but a shop’s own ` +
    'may',
}
