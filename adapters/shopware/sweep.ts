/**
 * Lists what was canceled in a Shopware shop, by key: each page begins at the time with which the
 * one before ended, since an offset into all would slip while orders change.
 */
import { z } from 'zod'
import {
  type Adapter,
  assertRising,
  otherThanAsked,
  path,
  type Sweep,
} from '../../src/adapter/index.ts'
import type { Settings } from './access.ts'
import { isCanceledState } from './map.ts'
import { REGISTRY, SCHEMA } from './sources.ts'
import * as wire from './wire.ts'

const PAGE = 100

/** Where the next page begins: within the orders of a time, where they alone fill a page. */
const Key = z.object({ from: z.number(), page: z.number(), seen: z.array(z.string()) })
type Key = z.infer<typeof Key>
type Row = wire.ChangesReply['data'][number]

/** As its database keeps it, in UTC: a filter's value is compared as it comes (SqlQueryParser). */
const stored = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '')

const criteria = ({ from, page }: Key) => ({
  limit: PAGE,
  page,
  filter: [
    { type: 'range', field: 'updatedAt', parameters: { gte: stored(from) } },
    { type: 'equals', field: 'stateMachineState.technicalName', value: 'cancelled' },
  ],
  sort: [
    { field: 'updatedAt', order: 'ASC' },
    { field: 'id', order: 'ASC' },
  ],
  associations: { stateMachineState: {} },
  includes: {
    order: ['id', 'versionId', 'updatedAt', 'stateMachineState'],
    state_machine_state: ['technicalName'],
  },
})

const after = (key: Key, rows: readonly Row[], last: Row): Key => {
  const ties = rows.filter(({ updatedAt }) => updatedAt === last.updatedAt)
  // Where all are of one time, this page was also the first, or a further one, of that time.
  const before = key.from === last.updatedAt ? key.page : 1
  return {
    from: last.updatedAt,
    page: ties.length === rows.length ? before + 1 : 1,
    seen: ties.map(({ id }) => id),
  }
}

export const sweep: Sweep<Settings> = {
  async changed(connection, { since, until, cursor }) {
    const key: Key =
      cursor === null ? { from: since, page: 1, seen: [] } : Key.parse(JSON.parse(cursor))
    const { data: rows } = await connection.send({
      method: 'POST',
      path: path`/api/search/order`,
      body: criteria(key),
      reply: wire.ChangesReply,
    })
    assertRising(
      rows.map(({ updatedAt }) => updatedAt),
      key.from,
    )
    const isSeen = ({ id, updatedAt }: Row) => updatedAt === key.from && key.seen.includes(id)
    if (rows.length === PAGE && rows.every(isSeen)) throw otherThanAsked('the same page again')
    const last = rows.at(-1)
    return {
      orders: rows
        .filter((row) => !isSeen(row) && row.updatedAt <= until)
        .map((row) => ({
          id: row.id,
          canceled: isCanceledState(row.stateMachineState),
          changedAt: row.updatedAt,
        })),
      next:
        last === undefined || rows.length < PAGE || last.updatedAt > until
          ? null
          : JSON.stringify(after(key, rows, last)),
    }
  },
  inOrder: true,
  // A database is read; how far a replica may be behind, nobody says.
  overlapMs: 120_000,
  source:
    `${SCHEMA}: range, equals, sort, limit and page of Criteria; ${REGISTRY}: a cancel writes ` +
    'the order, which moves updatedAt (github.com/shopware/shopware/pull/17207); a state that an ' +
    'extension writes past that layer may leave no time',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'yes',
  source: `${REGISTRY}: reopen leads from cancelled to open; the goods are taken again`,
}
