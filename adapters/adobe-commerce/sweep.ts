/**
 * Lists what was canceled on an Adobe Commerce, by key: the time of change and the id of the last
 * row. Pages are never counted: beyond the last one Magento gives the last again.
 */
import { z } from 'zod'
import {
  assertRising,
  type Connection,
  otherThanAsked,
  path,
  type Sweep,
  wholeSeconds,
} from '../../src/adapter/index.ts'
import { inStore, type Settings } from './access.ts'
import { criteria, type Filter } from './search.ts'
import { DOCS, SCHEMA } from './sources.ts'
import * as wire from './wire.ts'

/** Below the most that a server may be set to allow (300 where that is on). */
const PAGE = 100

/** What the last row had. */
const Key = z.object({ at: z.number(), id: z.union([z.int(), z.string()]) })
type Key = z.infer<typeof Key>

/** As its database writes times, in UTC and whole seconds. */
const written = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** Many orders have one time, so a time alone is no key. */
const behind = ({ at, id }: Key): Filter[] => [
  { field: 'updated_at', value: written(at), condition: 'gt' },
  { field: 'entity_id', value: String(id), condition: 'gt' },
]

const isGreater = (id: Key['id'], other: Key['id']): boolean =>
  typeof id === 'number' && typeof other === 'number' ? id > other : String(id) > String(other)

const isBehind = ({ updated_at: time, entity_id: id }: wire.ChangedRow, key: Key): boolean =>
  time > key.at || (time === key.at && isGreater(id, key.id))

const listCanceled = async (connection: Connection<Settings>, since: number, key: Key | null) => {
  const from: Filter = {
    field: 'updated_at',
    value: written(key?.at ?? since),
    condition: 'gteq',
  }
  const state: Filter = { field: 'state', value: 'canceled', condition: 'eq' }
  const page = await connection.send({
    method: 'GET',
    path: inStore(connection.settings, path`/V1/orders`),
    query: {
      ...criteria([[from], [state], ...(key ? [behind(key)] : [])], PAGE, [
        'updated_at',
        'entity_id',
      ]),
      fields: 'items[entity_id,state,updated_at],total_count',
    },
    reply: wire.ChangesReply,
  })
  assertRising(
    page.items.map(({ updated_at }) => updated_at),
    key?.at ?? since,
  )
  if (key && !page.items.every((row) => isBehind(row, key)))
    throw otherThanAsked('the same page again')
  return page
}

export const sweep: Sweep<Settings> = {
  async changed(connection, { cursor, ...time }) {
    const { since, until } = wholeSeconds(time)
    const key = cursor === null ? null : Key.parse(JSON.parse(cursor))
    const { items: rows, total_count: total } = await listCanceled(connection, since, key)
    const last = rows.at(-1)
    if (!last && total > 0) throw otherThanAsked('an empty page of more')
    const isLast = !last || rows.length >= total || last.updated_at > until
    return {
      orders: rows
        .filter(({ updated_at }) => updated_at >= since && updated_at <= until)
        .map(({ entity_id, state, updated_at }) => ({
          id: String(entity_id),
          // The word alone is no proof: a look decides.
          canceled: state === 'canceled' ? null : false,
          changedAt: updated_at,
        })),
      next: isLast ? null : JSON.stringify({ at: last.updated_at, id: last.entity_id }),
    }
  },
  inOrder: true,
  // What a transaction writes is seen once it has ended, with the time of its writing.
  overlapMs: 120_000,
  source:
    `${DOCS}/use-rest/performing-searches; ${SCHEMA}: GET /V1/orders. That a cancel moves ` +
    'updated_at is inferred (every save of an order does), and so is that it is UTC',
}
