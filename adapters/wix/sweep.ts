/** Lists what was canceled on a Wix site: a search that is sorted by change, read by its cursor. */
import {
  type Adapter,
  assertRising,
  otherThanAsked,
  path,
  type Sweep,
} from '../../src/adapter/index.ts'
import { CONSISTENCY, FINAL, SEARCH } from './sources.ts'
import * as wire from './wire.ts'

/** The most that a page holds, and what it holds unless asked otherwise. */
const PAGE = 100

const nextOf = ({ orders, metadata }: wire.ChangesReply, cursor: string | null) => {
  const next = metadata?.cursors?.next || null
  if (metadata?.hasNext === false) return null
  if (next === null && (metadata?.hasNext === true || orders.length >= PAGE))
    throw otherThanAsked('a page without a cursor')
  if (next !== null && next === cursor) throw otherThanAsked('the same page again')
  return next
}

export const sweep: Sweep<unknown> = {
  async changed(connection, { since, until, cursor }) {
    const reply = await connection.send({
      method: 'POST',
      path: path`/ecom/v1/orders/search`,
      body: {
        search:
          cursor === null
            ? {
                filter: {
                  updatedDate: { $gte: new Date(since).toISOString() },
                  status: { $eq: 'CANCELED' },
                },
                sort: [{ fieldName: 'updatedDate', order: 'ASC' }],
                cursorPaging: { limit: PAGE },
              }
            : // It holds the filter and the sorting.
              { cursorPaging: { limit: PAGE, cursor } },
      },
      reply: wire.ChangesReply,
    })
    const { orders } = reply
    assertRising(
      orders.map(({ updatedDate }) => updatedDate),
      since,
    )
    const isPast = (orders.at(-1)?.updatedDate ?? since) > until
    return {
      orders: orders
        .filter(({ updatedDate }) => updatedDate <= until)
        .map((order) => ({
          id: order.id,
          canceled: order.status === 'CANCELED',
          changedAt: order.updatedDate,
        })),
      next: isPast ? null : nextOf(reply, cursor),
    }
  },
  inOrder: true,
  // An index, which is behind by nobody says how much.
  overlapMs: 900_000,
  source:
    `${SEARCH}: status and updatedDate can be filtered by, and this sorted by; ${CONSISTENCY}: a ` +
    'search is eventually consistent; how late it may be, and whether archived orders are in ' +
    'it, nobody has shown',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'no',
  source: `${FINAL}: once it is canceled, an order’s status cannot be changed back`,
}
