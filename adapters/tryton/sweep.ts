/** Lists what was canceled on a Tryton, by key: the time of change and the id of the last row. */
import { z } from 'zod'
import {
  type Adapter,
  assertRising,
  type Connection,
  otherThanAsked,
  type Sweep,
} from '../../src/adapter/index.ts'
import { contextOf, rpc, type Settings } from './access.ts'
import { LAB, SOURCE } from './errors.ts'
import * as wire from './wire.ts'

const PAGE = 100

/** What the last row had: the time whole, since a millisecond holds many of its parts. */
const Key = z.object({ at: wire.Moment, id: wire.NativeId })
type Key = z.infer<typeof Key>

/** A time as the server reads it, in UTC. */
const momentOf = (ms: number): wire.Moment => {
  const date = new Date(ms)
  return {
    __class__: 'datetime',
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond: date.getUTCMilliseconds() * 1_000,
  }
}

/** One transaction gives all that it changes one time, so a time alone is no key. */
const behind = ({ at, id }: Key) => [
  'OR',
  ['write_date', '>', at],
  ['AND', ['write_date', '=', at], ['id', '>', id]],
]

const listCanceled = async (
  connection: Connection<Settings>,
  since: number,
  key: Key | null,
): Promise<readonly wire.ChangedSale[]> => {
  const from = key ? behind(key) : ['write_date', '>=', momentOf(since)]
  const rows = await connection.send(
    rpc(
      connection.settings,
      'model.sale.sale.search_read',
      [
        ['AND', from, ['state', '=', 'cancelled']],
        0,
        PAGE,
        [
          ['write_date', 'ASC'],
          ['id', 'ASC'],
        ],
        ['state', 'write_date'],
        await contextOf(connection),
      ],
      wire.ChangesReply,
    ),
  )
  assertRising(
    rows.map(({ write_date }) => wire.millisecondsOf(write_date)),
    key ? wire.millisecondsOf(key.at) : since,
  )
  if (key && rows.some(({ id }) => id === key.id)) throw otherThanAsked('the same page again')
  return rows
}

export const sweep: Sweep<Settings> = {
  async changed(connection, { since, until, cursor }) {
    const key = cursor === null ? null : Key.parse(JSON.parse(cursor))
    const rows = await listCanceled(connection, since, key)
    const changed = rows.map(({ id, state, write_date }) => ({
      id: String(id),
      canceled: state === 'cancelled',
      changedAt: wire.millisecondsOf(write_date),
    }))
    const last = rows.at(-1)
    const isPast = (changed.at(-1)?.changedAt ?? since) > until
    return {
      orders: changed.filter(({ changedAt }) => changedAt <= until),
      next:
        !last || rows.length < PAGE || isPast
          ? null
          : JSON.stringify({ at: last.write_date, id: last.id } satisfies Key),
    }
  },
  inOrder: true,
  // The time of change is that of the transaction’s begin, and is seen once this has ended.
  overlapMs: 120_000,
  source:
    `${LAB}: sweep; ${SOURCE}, model/modelsql.py: every write sets write_date, so that a cancel ` +
    'does; how long a transaction there may take, nobody has shown',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'yes',
  source: `${LAB}: reopen-cancelled; a person may put a canceled sale back to draft`,
}
