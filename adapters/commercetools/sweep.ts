/** Lists canceled orders of a project by key: the time of change and the id of the last row. */
import { z } from 'zod'
import {
  type Adapter,
  assertRising,
  otherThanAsked,
  path,
  type Sweep,
} from '../../src/adapter/index.ts'
import type { Settings } from './access.ts'
import { CANCELED, isCanceled } from './map.ts'
import { CONCEPTS, MOCK, ORDERS, TYPES } from './sources.ts'
import * as wire from './wire.ts'

/** 500 are allowed; orders come whole. */
const PAGE = 100

/** What the last row had. */
const Key = z.object({ at: z.int(), id: z.string().regex(/^[\w-]{1,128}$/) })
type Key = z.infer<typeof Key>

const time = (ms: number): string => JSON.stringify(new Date(ms).toISOString())

const from = (since: number, key: Key | null): string =>
  key
    ? `lastModifiedAt > ${time(key.at)} or (lastModifiedAt = ${time(key.at)} and id > "${key.id}")`
    : `lastModifiedAt >= ${time(since)}`

/** A state of the merchant’s own is told by its id there, which only another call would tell. */
const listed = ({ cancelState }: Settings) =>
  cancelState === undefined
    ? { only: [`orderState="${CANCELED}"`], more: {} }
    : { only: [], more: { expand: 'state' } }

export const sweep: Sweep<Settings> = {
  async changed(connection, { since, until, cursor }) {
    const { settings } = connection
    const key = cursor === null ? null : Key.parse(JSON.parse(cursor))
    const { only, more } = listed(settings)
    const { results } = await connection.send({
      method: 'GET',
      path: path`/${settings.projectKey}/orders`,
      query: {
        where: [...only, from(since, key)],
        sort: ['lastModifiedAt asc', 'id asc'],
        limit: String(PAGE),
        withTotal: 'false',
        ...more,
      },
      reply: wire.ChangesReply,
    })
    const orders = results.map((order) => ({
      id: order.id,
      canceled: isCanceled(order, settings),
      changedAt: order.lastModifiedAt,
    }))
    assertRising(
      orders.map(({ changedAt }) => changedAt),
      key?.at ?? since,
    )
    if (key && orders.some(({ id }) => id === key.id)) throw otherThanAsked('the same page again')
    const last = orders.at(-1)
    const isLast = !last || orders.length < PAGE || last.changedAt > until
    return {
      orders: orders.filter(({ changedAt }) => changedAt <= until),
      next: isLast ? null : JSON.stringify({ at: last.changedAt, id: last.id } satisfies Key),
    }
  },
  inOrder: true,
  // Some queries are behind their writes (“eventually consistent”), nobody says how far.
  overlapMs: 300_000,
  source:
    `${ORDERS}#query-orders; ${CONCEPTS}: where, sort, limit; ${TYPES}: every update moves ` +
    `lastModifiedAt; ${MOCK}: sweep; how far a query is behind nobody has shown`,
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'yes',
  source: `${MOCK}: reopen; ${TYPES}: OrderChangeOrderStateAction takes any state after any other`,
}
