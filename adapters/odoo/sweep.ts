/**
 * Lists what was canceled in an Odoo, by key. Its times are told in whole seconds and kept more
 * finely, so a second that ends a full page is read again to its end, by id.
 */
import { z } from 'zod'
import {
  type Adapter,
  assertRising,
  type Connection,
  otherThanAsked,
  type Sweep,
} from '../../src/adapter/index.ts'
import { type Access, accessOf, callOf, ofCompany, type Settings } from './access.ts'
import { PROBE, SALE } from './sources.ts'
import * as wire from './wire.ts'

const PAGE = 100
const SECOND = 1_000

/** From a time on (milliseconds since 1970); or what is left of one second, behind an id. */
const Key = z.union([
  z.strictObject({ from: z.int() }),
  z.strictObject({ second: z.int(), after: wire.NativeId.nullable() }),
])
type Key = z.infer<typeof Key>

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
const millisecondsOf = ({ write_date: at }: wire.ChangedSale): number =>
  Date.parse(wire.instantOf(at) ?? '')

const domainOf = (key: Key): readonly unknown[] =>
  'from' in key
    ? [['write_date', '>=', timeOf(key.from)]]
    : [
        ['write_date', '>=', timeOf(key.second)],
        ['write_date', '<', timeOf(key.second + SECOND)],
        ...(key.after === null ? [] : [['id', '>', key.after]]),
      ]

/**
 * In JSON-2 an empty list is a bare `[]`, which says nothing and may be anybody's: that there is
 * nothing to list is asked in another form.
 */
const assertNone = async (
  connection: Connection<Settings>,
  access: Access,
  domain: readonly unknown[],
): Promise<void> => {
  if (access.uid !== null) return
  const count = await connection.send(
    callOf(access, 'sale.order', 'search_count', { domain }, {}, wire.CountReply),
  )
  if (count > 0) throw otherThanAsked('an empty list of something')
}

const listCanceled = async (
  connection: Connection<Settings>,
  key: Key,
): Promise<readonly wire.ChangedSale[]> => {
  const access = await accessOf(connection)
  const domain = [...domainOf(key), ['state', '=', 'cancel'], ...ofCompany(connection.settings)]
  const order = 'from' in key ? 'write_date, id' : 'id'
  const rows = await connection.send(
    callOf(
      access,
      'sale.order',
      'search_read',
      { domain },
      { fields: ['state', 'write_date'], order, limit: PAGE },
      wire.ChangesReply,
    ),
  )
  if (rows.length === 0) await assertNone(connection, access, domain)
  const times = rows.map(millisecondsOf)
  if ('from' in key) assertRising(times, key.from)
  else {
    if (times.some((at) => at !== key.second)) throw otherThanAsked('orders of other times')
    if (rows.some(({ id }) => id === key.after)) throw otherThanAsked('the same page again')
  }
  return rows
}

/** Where the list goes on; null: that was its end. */
const behind = (key: Key, rows: readonly wire.ChangedSale[], until: number): Key | null => {
  const last = rows.at(-1)
  if (last && rows.length >= PAGE) {
    if ('second' in key) return { second: key.second, after: last.id }
    const second = millisecondsOf(last)
    return second > until ? null : { second, after: null }
  }
  return 'second' in key && key.second + SECOND <= until ? { from: key.second + SECOND } : null
}

export const sweep: Sweep<Settings> = {
  async changed(connection, { since, until, cursor }) {
    const key: Key =
      cursor === null
        ? { from: Math.floor(since / SECOND) * SECOND }
        : Key.parse(JSON.parse(cursor))
    const rows = await listCanceled(connection, key)
    const next = behind(key, rows, until)
    return {
      orders: rows
        .map((row) => ({
          id: String(row.id),
          canceled: row.state === 'cancel',
          changedAt: millisecondsOf(row),
        }))
        .filter(({ changedAt }) => changedAt <= until),
      next: next && JSON.stringify(next),
    }
  },
  inOrder: true,
  // The time of change is that of the transaction’s begin, and is seen once this has ended.
  overlapMs: 120_000,
  source:
    `search_read as in ${PROBE}; ${SALE}: a cancel is a write of the order, and every write sets ` +
    'write_date; how long a transaction there may take, nobody has shown',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'yes',
  source: `${SALE}: action_draft puts a canceled order back to quotation`,
}
