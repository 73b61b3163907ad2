/**
 * Lists what was canceled in a WooCommerce, in the order of change. Its filter reads a time in the
 * site's own zone even where it means GMT, so that one in the hour that a spring leaves out is read
 * as an hour later: the list is asked for from an hour before.
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
import { CANCELED, isCanceled } from './map.ts'
import { DATE_QUERY, DOCS, ORDER, STORED } from './sources.ts'
import * as wire from './wire.ts'

/** As many as it gives at once. */
const PAGE = 100
const SECOND = 1_000
/** The largest step of a clock that is set forward, and the second that `after` leaves out. */
const MARGIN = 3_600 * SECOND + SECOND

const Key = z.object({
  /** So many orders were read, but for the last: a page begins with it. */
  offset: z.int(),
  /** Where it does not, the list moved under us, and orders would be left out. */
  last: z.string().nullable(),
  /** What was told before this is not told again. */
  from: z.int(),
})
type Key = z.infer<typeof Key>

/** Without a zone: with a Z it would be moved by the site's own (build_mysql_datetime). */
const written = (ms: number) => new Date(ms).toISOString().slice(0, 19)

export const sweep: Sweep<Settings> = {
  async changed(connection, { since, until, cursor }) {
    const key: Key =
      cursor === null ? { offset: 0, last: null, from: since } : Key.parse(JSON.parse(cursor))
    const after = Math.floor(since / SECOND) * SECOND - MARGIN
    const { total, rows } = await connection.send({
      method: 'GET',
      path: path`/wp-json/wc/v3/orders`,
      query: {
        _fields: 'id,status,date_modified_gmt',
        dates_are_gmt: 'true',
        modified_after: written(after),
        offset: String(key.offset),
        order: 'asc',
        orderby: 'modified',
        per_page: String(PAGE),
        status: CANCELED,
      },
      reply: wire.Changed,
      replyHeader: wire.TOTAL,
    })
    assertRising(
      rows.map(({ date_modified_gmt: at }) => at),
      after,
    )
    const isMore = key.offset + rows.length < total
    if (key.last !== null && rows[0]?.id !== key.last)
      throw otherThanAsked('a list that moved while it was read')
    // Else the next page would be the same.
    if (isMore && rows.length < 2) throw otherThanAsked('less than a page')
    const last = rows.at(-1)
    const at = last?.date_modified_gmt ?? since
    const next: Key | null =
      last && isMore && at <= until
        ? { offset: key.offset + rows.length - 1, last: last.id, from: Math.max(at, since) }
        : null
    return {
      orders: rows
        .map((row) => ({
          id: row.id,
          canceled: isCanceled(row),
          changedAt: row.date_modified_gmt,
        }))
        .filter(({ changedAt }) => changedAt >= key.from && changedAt <= until),
      next: next && JSON.stringify(next),
    }
  },
  inOrder: true,
  // Its own tables; a change is there once its request has ended.
  overlapMs: 120_000,
  source:
    `${DOCS}#list-all-orders: modified_after, orderby; ${DATE_QUERY}: build_mysql_datetime; ` +
    `${STORED}: each save sets the time of change, so that a cancel does; what is in the trash ` +
    'is not listed',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'yes',
  source:
    `${ORDER}: payment_complete takes a canceled order, so that a late payment opens it; ` +
    'https://github.com/mollie/WooCommerce/issues/1252',
}
