/** Lists what was canceled on a Saleor: filtered, sorted by change, page by page by its cursor. */
import type { z } from 'zod'
import { type Adapter, assertRising, otherThanAsked, type Sweep } from '../../src/adapter/index.ts'
import { graphql, type Settings } from './access.ts'
import { CHANGES } from './documents.ts'
import { isCanceled } from './map.ts'
import { code, STATUSES } from './sources.ts'
import * as wire from './wire.ts'

type PageInfo = z.output<typeof wire.ChangesReply>['orders']['pageInfo']

const nextOf = ({ hasNextPage, endCursor }: PageInfo, cursor: string | null): string | null => {
  if (!hasNextPage) return null
  if (!endCursor) throw otherThanAsked('a page without a cursor')
  if (endCursor === cursor) throw otherThanAsked('the same page again')
  return endCursor
}

export const sweep: Sweep<Settings> = {
  async changed(connection, { since, until, cursor }) {
    const { orders } = await connection.send(
      graphql(
        CHANGES,
        {
          from: new Date(since).toISOString(),
          // Times are kept by the microsecond, and read here by the millisecond.
          to: new Date(until + 1).toISOString(),
          after: cursor,
        },
        wire.ChangesReply,
      ),
    )
    const rows = orders.edges.map(({ node }) => ({
      id: node.id,
      canceled: isCanceled(node),
      changedAt: node.updatedAt,
    }))
    assertRising(
      rows.map(({ changedAt }) => changedAt),
      since,
    )
    return {
      orders: rows.filter(({ changedAt }) => changedAt <= until),
      next: nextOf(orders.pageInfo, cursor),
    }
  },
  inOrder: true,
  // A database, or a replica of it that is a little behind.
  overlapMs: 120_000,
  source: code(
    'order/actions.py (a cancel moves updated_at), graphql/order/filters.py, ' +
      'graphql/order/sorters.py (LAST_MODIFIED_AT), graphql/core/connection.py (a cursor holds ' +
      'the last order’s time); how far a replica is behind, nobody says',
  ),
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'yes',
  source:
    code(
      'order/utils.py (refresh_order_status), which order/actions.py calls when an order is paid ' +
        'in full (handle_fully_paid_order) and when it is fulfilled, and none of them asks ' +
        'whether it is canceled',
    ) + `; against ${STATUSES}#canceled, where it cannot be changed`,
}
