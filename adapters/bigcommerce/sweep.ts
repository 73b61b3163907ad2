/** Lists what was canceled on BigCommerce: a frozen time of change, read by rising ids. */
import {
  type Adapter,
  otherThanAsked,
  path,
  type Sweep,
  wholeSeconds,
} from '../../src/adapter/index.ts'
import type { Store } from './cancel.ts'
import { CANCELED, isCanceled } from './map.ts'
import { OPENAPI, ORDERS, REFERENCE } from './sources.ts'
import * as wire from './wire.ts'

const PAGE = 100
/** As many come where the size is not read. */
const SHORTEST_PAGE = 50
const SECOND = 1_000

/** As the parameter's own example has it. */
const written = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00')

/**
 * Fails where ids do not rise: the order was ignored, or the page before comes again. Words, which
 * only the imitation's orders have for ids, are not compared.
 */
const assertRisingIds = (ids: readonly string[]): void => {
  if (ids.some((id, index) => Number(id) <= Number(ids[index - 1])))
    throw otherThanAsked('orders in another order, or the same page again')
}

export const sweep: Sweep<Store> = {
  async changed(connection, { since, until, cursor }) {
    const time = wholeSeconds({ since, until })
    // Whether both ends belong to it is not written: a second more of each is asked for.
    const [from, to] = [time.since - SECOND, time.until + SECOND]
    const rows = await connection.send({
      method: 'GET',
      path: path`/stores/${connection.settings.storeHash}/v2/orders`,
      query: {
        min_date_modified: written(from),
        max_date_modified: written(to),
        status_id: String(CANCELED),
        sort: 'id:asc',
        limit: String(PAGE),
        // Not written either: of the last page its last order may come again.
        ...(cursor !== null && { min_id: cursor }),
      },
      reply: wire.ListReply,
      replyStatus: true,
    })
    const fresh = rows.filter(({ id }) => id !== cursor)
    assertRisingIds([...(cursor === null ? [] : [cursor]), ...fresh.map(({ id }) => id)])
    if (fresh.some(({ date_modified: at }) => at < from || at > to))
      throw otherThanAsked('orders of other times')
    return {
      orders: fresh
        .filter(({ date_modified: at }) => at >= time.since && at <= time.until)
        .map((row) => ({
          id: row.id,
          canceled: isCanceled(row),
          changedAt: row.date_modified,
        })),
      next: rows.length < SHORTEST_PAGE ? null : (fresh.at(-1)?.id ?? null),
    }
  },
  // By change, times that many orders share could only be read by an offset.
  inOrder: false,
  // How late a list may be is not documented.
  overlapMs: 900_000,
  source:
    `${REFERENCE}: min_date_modified, max_date_modified, status_id, min_id and sort; ${OPENAPI}: ` +
    'date_modified is the last modification; that a change of status moves it, whether archived ' +
    'orders are listed, and how late a list is, nobody has shown; an empty list is a 204 ' +
    '(github.com/aligent/bigcommerce-v3-api-php-client, pull request 177)',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'yes',
  source:
    `${ORDERS}: any status is set by a PUT; in its table of tax documents a paid one follows an ` +
    'unpaid one',
}
