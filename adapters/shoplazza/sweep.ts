/**
 * Lists what changed in a Shoplazza shop, whatever its status: an order that was paid ends as
 * `finished` when it is canceled, which no filter tells from one that was delivered.
 */
import {
  type Adapter,
  type ChangesQuery,
  type Changes,
  type Connection,
  otherThanAsked,
  path,
  type Sweep,
  wholeSeconds,
  within,
} from '../../src/adapter/index.ts'
import { listedAsCanceled } from './map.ts'
import * as wire from './wire.ts'

const LIST = 'https://shoplazza.dev/reference/order-list-3'
/** The vendor's own command line: the requests and replies of 2026-01, as data. */
const CLI = 'github.com/Shoplazza/shoplazza-cli@8a78f9d, internal/registry/cli_meta_v202601_en.json'

/** Of at most 250, with all their lines. */
const PAGE = '100'
/** As many come where the size is not read: a parameter by a wrong name is ignored. */
const SHORTEST_PAGE = 10

interface Settings {
  readonly apiVersion: string
}

/** Seconds and a Z, as in both documents. */
const written = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')

const changedIn = (rows: readonly wire.Row[], time: Pick<ChangesQuery, 'since' | 'until'>) =>
  within(
    rows.map((row) => ({
      id: row.id,
      canceled: listedAsCanceled(row),
      changedAt: row.updated_at,
    })),
    time,
  )

type Query = (connection: Connection<Settings>, query: ChangesQuery) => Promise<Changes>

const list = (connection: Connection<Settings>, { since, until }: ChangesQuery) => {
  const time = wholeSeconds({ since, until })
  return {
    time,
    call: {
      method: 'GET',
      path: path`/openapi/${connection.settings.apiVersion}/orders`,
    },
    query: { updated_at_min: written(time.since), updated_at_max: written(time.until) },
  } as const
}

/** The page that is asked for, and with which order the one before began. */
interface Numbered {
  readonly page: number
  readonly first: string | null
}

const byNumber: Query = async (connection, query) => {
  const { page, first }: Numbered =
    query.cursor === null ? { page: 1, first: null } : (JSON.parse(query.cursor) as Numbered)
  const { time, call, query: asked } = list(connection, query)
  const { orders } = await connection.send({
    ...call,
    query: { ...asked, limit: PAGE, page: String(page) },
    reply: wire.NumberedReply,
  })
  if (first !== null && orders[0]?.id === first) throw otherThanAsked('the same page again')
  const next: Numbered = { page: page + 1, first: orders[0]?.id ?? null }
  return {
    orders: changedIn(orders, time),
    next: orders.length < SHORTEST_PAGE ? null : JSON.stringify(next),
  }
}

const byCursor: Query = async (connection, query) => {
  const { time, call, query: asked } = list(connection, query)
  const { orders, cursor, has_more } = await connection.send({
    ...call,
    query: { ...asked, page_size: PAGE, ...(query.cursor !== null && { cursor: query.cursor }) },
    reply: wire.CursorReply,
  })
  const next = has_more === false ? null : cursor || null
  if (next === null && (has_more === true || (has_more !== false && orders.length > 0)))
    throw otherThanAsked('a page without a cursor')
  if (next !== null && next === query.cursor) throw otherThanAsked('the same page again')
  return { orders: changedIn(orders, time), next }
}

export const sweep: Sweep<Settings> = {
  // Which came with the envelope; of 2024-07 neither is shown, and it is held to be the older.
  changed: (connection, query) =>
    (connection.settings.apiVersion >= '2025-06' ? byCursor : byNumber)(connection, query),
  inOrder: false,
  // How late a list may be is not documented.
  overlapMs: 900_000,
  source:
    `${LIST}: updated_at_min and updated_at_max, pages by number; ${CLI}: order-list, a cursor; ` +
    'that a cancel moves updated_at, how late a list is and how it is sorted, nobody has shown',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'unknown',
  source: `${CLI}: no command opens a canceled order; that none is ever open again, no page says`,
}
