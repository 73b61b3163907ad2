/**
 * Lists what was canceled in a SHOPLINE shop, by id within a time that is frozen: it sorts by no
 * time of change, and the next page's name is in a header only, which is by id itself.
 */
import {
  type Adapter,
  otherThanAsked,
  type Sweep,
  wholeSeconds,
  within,
} from '../../src/adapter/index.ts'
import { list, SHORTEST_PAGE } from './list.ts'
import { isCanceled } from './map.ts'
import * as wire from './wire.ts'

const PAGE = 'https://developer.shopline.com/docs/admin-rest-api/order/order-management/get-orders'
const SDK =
  'github.com/shoplineos/shopline-sdk-go@f73904c, rest/admin/v20251201/order/get_orders.go'

/** As the pages' samples are written: seconds and an offset. */
const written = (ms: number) => new Date(ms).toISOString().replace('.000Z', '+00:00')

/** Ids are numbers of 25 digits and more: the longer is the larger. */
const isAfter = (id: string, other: string): boolean =>
  id.length !== other.length && /^\d+$/.test(id + other) ? id.length > other.length : id > other

/** Which of the two lists is read, and the last id of the page before. */
interface Place {
  readonly hidden: boolean
  readonly after: string | null
}

/** What follows that id, which may come once more: whether it is meant to, no page says. */
const following = (rows: readonly wire.Row[], { after }: Place): readonly wire.Row[] => {
  const found = rows[0]?.id === after ? rows.slice(1) : rows
  // One page of few needs no order; where there are more, what is out of it would be skipped.
  if (after === null && rows.length < SHORTEST_PAGE) return found
  const ids = [after, ...found.map(({ id }) => id)].filter((id) => id !== null)
  if (ids.some((id, index) => index > 0 && !isAfter(id, ids[index - 1] ?? '')))
    throw otherThanAsked('another page, or in another order')
  return found
}

const nextOf = (rows: readonly wire.Row[], found: readonly wire.Row[], { hidden }: Place) => {
  const last = found.at(-1)
  if (last && rows.length >= SHORTEST_PAGE) return { hidden, after: last.id }
  return hidden ? null : { hidden: true, after: null }
}

export const sweep: Sweep<{ readonly apiVersion: string }> = {
  async changed(connection, { since, until, cursor }) {
    const place: Place =
      cursor === null ? { hidden: false, after: null } : (JSON.parse(cursor) as Place)
    const time = wholeSeconds({ since, until })
    const { orders: rows } = await list(
      connection,
      {
        status: 'cancelled',
        updated_at_min: written(time.since),
        updated_at_max: written(time.until),
        sort_condition: 'id:asc',
        limit: '100',
        ...(place.after !== null && { since_id: place.after }),
      },
      place.hidden,
      wire.ChangesReply,
    )
    const found = following(rows, place)
    const next: Place | null = nextOf(rows, found, place)
    return {
      orders: within(
        found.map((row) => ({
          id: row.id,
          canceled: isCanceled(row),
          changedAt: row.updated_at,
        })),
        time,
      ),
      next: next && JSON.stringify(next),
    }
  },
  inOrder: false,
  // How late a list may be is not documented.
  overlapMs: 900_000,
  source:
    `${PAGE}: status, updated_at_min, updated_at_max, hidden_order, sorting by id; ${SDK}: ` +
    'since_id; recorded on v20260601, 2026-09-02: a cancel moves updated_at. How late a list is, ' +
    'that since_id goes with a filter, and that orders which were shipped are listed without ' +
    'asking for them, nobody has shown',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'no',
  source:
    'https://shoplineapphelp.zendesk.com/hc/en-001/articles/14350032923161-Cancelling-orders: no ' +
    'actions can be taken after an order is canceled',
}
