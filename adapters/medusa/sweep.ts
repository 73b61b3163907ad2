/**
 * Lists what was canceled on a Medusa, by key: each page begins at the time with which the one
 * before ended, since an offset would slip while orders move to the end. Mercur's admin lists so.
 */
import { z } from 'zod'
import {
  assertRising,
  type Changes,
  type ChangesQuery,
  type Connection,
  otherThanAsked,
  path,
  type Sweep,
  tolerant,
} from '../../src/adapter/index.ts'

const { count, id, moment } = tolerant

/** Every order comes with its lines, 4.8 KB each, whatever is asked for (list-200-canceled). */
const PAGE = 50

const ListReply = z.object({
  orders: z.array(z.object({ id, status: z.string(), updated_at: moment })),
  count,
})
type Row = z.infer<typeof ListReply>['orders'][number]

/** Where the next page begins. */
interface Key {
  readonly from: number
  /** Within the orders of that time, where they alone fill a page. */
  readonly offset: number
  /** Orders of that time that were listed. */
  readonly seen: readonly string[]
}

const after = (key: Key, rows: readonly Row[], last: Row): Key => {
  const ties = rows.filter(({ updated_at }) => updated_at === last.updated_at)
  const isFull = ties.length === rows.length
  const before = key.from === last.updated_at ? key.offset : 0
  return {
    from: last.updated_at,
    offset: isFull ? before + rows.length : 0,
    seen: ties.map((row) => row.id),
  }
}

export const listCanceled = async <S>(
  connection: Connection<S>,
  { since, until, cursor }: ChangesQuery,
  as?: string,
): Promise<Changes> => {
  const key: Key =
    cursor === null ? { from: since, offset: 0, seen: [] } : (JSON.parse(cursor) as Key)
  const { orders: rows, count: total } = await connection.send({
    method: 'GET',
    path: path`/admin/orders`,
    query: {
      // Without the `$` it is dropped without a word, and everything comes (measured).
      'updated_at[$gte]': new Date(key.from).toISOString(),
      'status[]': 'canceled',
      order: 'updated_at',
      limit: String(PAGE),
      offset: String(key.offset),
      fields: 'id,status,updated_at',
    },
    ...(as !== undefined && { as }),
    reply: ListReply,
  })
  assertRising(
    rows.map(({ updated_at }) => updated_at),
    key.from,
  )
  const isSeen = (row: Row) => row.updated_at === key.from && key.seen.includes(row.id)
  if (key.offset > 0 && rows.length > 0 && rows.every(isSeen))
    throw otherThanAsked('the same page again')
  const last = rows.at(-1)
  const isLast = typeof total === 'number' ? key.offset + rows.length >= total : rows.length < PAGE
  return {
    orders: rows
      .filter((row) => !isSeen(row) && row.updated_at <= until)
      .map((row) => ({
        id: row.id,
        canceled: row.status === 'canceled',
        changedAt: row.updated_at,
      })),
    next:
      last === undefined || isLast || last.updated_at > until
        ? null
        : JSON.stringify(after(key, rows, last)),
  }
}

export const sweep: Sweep<unknown> = {
  changed: (connection, query) => listCanceled(connection, query),
  inOrder: true,
  // A database is read; what is still being written when a page is asked for comes a little late.
  overlapMs: 120_000,
  source:
    'measured on Medusa 2.21.2, 2026-11-29: updated_at[$gte], status[], order and limit are ' +
    'kept, and a cancel moves updated_at; in which order orders of one time come, nobody has ' +
    'shown, and one that is archived before it is listed is missed',
}
