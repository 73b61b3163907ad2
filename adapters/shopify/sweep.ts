/** Lists what was canceled in a Shopify shop: a search that is sorted by change, page by page. */
import {
  type Adapter,
  assertRising,
  otherThanAsked,
  type Sweep,
  wholeSeconds,
} from '../../src/adapter/index.ts'
import { graphql, type Settings } from './access.ts'
import { CHANGES } from './documents.ts'
import { ORDERS, SCHEMA } from './sources.ts'
import * as wire from './wire.ts'

const nextOf = ({ data }: wire.ChangesReply, cursor: string | null): string | null => {
  const { hasNextPage, endCursor } = data.orders.pageInfo
  if (!hasNextPage) return null
  if (!endCursor) throw otherThanAsked('a page without a cursor')
  if (endCursor === cursor) throw otherThanAsked('the same page again')
  return endCursor
}

export const sweep: Sweep<Settings> = {
  async changed(connection, { since, until, cursor }) {
    // Times are told by the second.
    const whole = wholeSeconds({ since, until })
    const from = new Date(whole.since).toISOString()
    const reply = await connection.send(
      graphql(
        connection.settings,
        CHANGES,
        { query: `updated_at:>='${from}' AND status:cancelled`, after: cursor },
        wire.ChangesReply,
      ),
    )
    const orders = reply.data.orders.nodes.map(({ id, cancelledAt, updatedAt }) => ({
      id,
      canceled: cancelledAt !== null,
      changedAt: updatedAt,
    }))
    assertRising(
      orders.map(({ changedAt }) => changedAt),
      whole.since,
    )
    const isPast = (orders.at(-1)?.changedAt ?? since) > until
    return {
      orders: orders.filter(({ changedAt }) => changedAt <= until),
      next: isPast ? null : nextOf(reply, cursor),
    }
  },
  inOrder: true,
  // An index, which is behind by nobody says how much.
  overlapMs: 900_000,
  source:
    `${ORDERS}: updated_at and status are filters, and it is sorted by the former; ${SCHEMA}; a ` +
    'cancel moved updatedAt in every recording; how late the search is, and whether both filters ' +
    'go together, nobody has shown; orders older than 60 days are not in it without ' +
    'read_all_orders',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'no',
  source:
    'https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderCancel: a cancel is ' +
    `irreversible; ${SCHEMA}: no mutation takes it back, and orderOpen is for closed orders`,
}
