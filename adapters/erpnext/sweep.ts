/** Lists what was canceled on a site, by key: the time of change and the name of the last row. */
import { z } from 'zod'
import {
  type Adapter,
  assertRising,
  type Changed,
  type Connection,
  failureOf,
  otherThanAsked,
  type Sweep,
} from '../../src/adapter/index.ts'
import { list, PATHS, type Settings, zoneToSweep } from './access.ts'
import { instantsOf, leastShownFrom, shownBy, written } from './clock.ts'
import { FRAPPE } from './errors.ts'
import { isCanceled } from './map.ts'
import { idOf } from './name.ts'
import * as wire from './wire.ts'

const PAGE = 100

/** What the last row had: the time to the letter, since a millisecond holds a thousand of them. */
const Key = z.object({ at: z.string(), name: z.string() })
type Key = z.infer<typeof Key>

interface Row extends wire.Changed {
  /** By the site's clock, in milliseconds as if it were UTC. */
  readonly shown: number
}

const listCanceled = async (
  connection: Connection<Settings>,
  from: number,
  key: Key | null,
): Promise<readonly Row[]> => {
  const { data } = await connection.send(
    list(
      PATHS.orders,
      {
        fields: ['name', 'docstatus', 'status', 'modified'],
        filters: [
          ['modified', '>=', key?.at ?? written(from)],
          ['docstatus', '=', 2],
        ],
        // With the first filter: later, or at the same time and behind that name.
        ...(key && {
          orFilters: [
            ['modified', '>', key.at],
            ['name', '>', key.name],
          ],
        }),
        orderBy: 'modified asc, name asc',
        limit: PAGE,
      },
      wire.ChangesReply,
    ),
  )
  const rows = data.map((row): Row => {
    const shown = shownBy(row.modified)
    if (shown === null) throw otherThanAsked('a time of another form')
    return { ...row, shown }
  })
  assertRising(
    rows.map(({ shown }) => shown),
    (key && shownBy(key.at)) ?? from,
  )
  if (data.some(({ docstatus }) => docstatus !== 2)) throw otherThanAsked('orders of other states')
  if (key && data.some(({ name }) => name === key.name)) throw otherThanAsked('the same page again')
  return rows
}

export const sweep: Sweep<Settings> = {
  async changed(connection, { since, until, cursor }) {
    const zone = await zoneToSweep(connection, until)
    if (zone === null) throw failureOf('doubt', '200 no time zone')
    const key = cursor === null ? null : Key.parse(JSON.parse(cursor))
    const rows = await listCanceled(connection, leastShownFrom(zone, since), key)
    const orders = rows.flatMap((row): Changed[] => {
      const { first, last } = instantsOf(zone, row.shown)
      // What may be of the time that is asked for is told, as early as it may have been.
      return last < since || first > until
        ? []
        : [
            {
              id: idOf(row.name),
              canceled: isCanceled(row),
              changedAt: Math.max(first, since),
            },
          ]
    })
    const last = rows.at(-1)
    const isPast = last !== undefined && instantsOf(zone, last.shown).first > until
    return {
      orders,
      next:
        !last || rows.length < PAGE || isPast
          ? null
          : JSON.stringify({ at: last.modified, name: last.name } satisfies Key),
    }
  },
  inOrder: true,
  // The time of change is read as the save begins, and seen once its transaction has ended.
  overlapMs: 120_000,
  source:
    `${FRAPPE}/model/document.py, set_user_and_timestamp: every save sets modified, so that a ` +
    'cancel does; api/v1.py, document_list; how long a transaction may take, nobody has shown',
}

export const mayReopen: NonNullable<Adapter<never>['mayReopen']> = {
  can: 'no',
  source:
    `${FRAPPE}/model/document.py, check_docstatus_transition: no way leads out of docstatus 2; ` +
    'an amended order is another document with a name of its own',
}
