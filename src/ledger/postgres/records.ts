/** Records in PostgreSQL: how one is claimed, written, and found by the guard of its order. */
import { awaitsApproval } from '../../model/approval.ts'
import type { Noted } from '../../model/audit.ts'
import { type Cancellation, DAY_MS } from '../../model/cancellation.ts'
import type { Owed } from '../../model/delivery.ts'
import type { Claim, Key, Lease } from '../port.ts'
import { claimIn, doubtSince, guard, guardOf, guardsOf, parseRecord, scopedKey } from '../rules.ts'
import { note } from './audit.ts'
import { oweIn, subjectLocks } from './deliveries.ts'
import type { PostgresDeps } from './deps.ts'
import { askKey, bindKey, foundKeys, keyLocks } from './keys.ts'
import { askHeld, endLease } from './leases.ts'
import { touchLink } from './links.ts'
import {
  askEach,
  lockOf,
  type ResultRow,
  run,
  type Statement,
  statement,
  type Value,
  type Work,
} from './work.ts'

/** Columns are the truth for what they hold: a lease moves the wake-up and leaves the body. */
export const COLUMNS = 'version, wake_at, body'

export const toRecord = (row: ResultRow): Cancellation =>
  parseRecord(row['body'] as string, {
    version: row['version'] as number,
    wakeAt: row['wake_at'] as number | null,
  })

export const findRecord = async (
  { read }: PostgresDeps,
  id: string,
): Promise<Cancellation | null> => {
  const [row] = await read(`select ${COLUMNS} from @cancellations where id = ?`, id)
  return row ? toRecord(row) : null
}

/** What may stand in the way: the condition of an index. */
const STANDING = "status <> 'rejected' and reopened_at is null"

/**
 * Asks for what the guard's rule can come upon: of the records of one target and order those that
 * are open; and of those that succeeded and are not open again, unless they are transfers, the last
 * and those with the same message. With another message the wishes differ, and of these the last is
 * enough.
 */
const askEarlier = (record: Cancellation): Statement[] =>
  guardsOf(record).map((guarded) =>
    statement(
      `select ${COLUMNS} from @cancellations where guard = ? and ${STANDING} and ` +
        '(settled_at is null or ?::text is null and (message is not distinct from ? or id = ' +
        `(select id from @cancellations where guard = ? and ${STANDING} and settled_at is not ` +
        'null order by created_at desc, id desc limit 1)))',
      guarded,
      record.request.target === 'transfer' ? 'transfer' : null,
      record.request.message,
      guarded,
    ),
  )

const earlierOf = (found: readonly ResultRow[][]): Cancellation[] =>
  found
    .flat()
    .map(toRecord)
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))

const columnsOf = (record: Cancellation): Record<string, Value> => ({
  status: record.status,
  reference: record.request.reference,
  message: record.request.message,
  link: record.link ?? null,
  // Of the few that wait for somebody's approval; null: it does not.
  approval: awaitsApproval(record) ? 'awaited' : null,
  reopened_at: record.reopenedAt ?? null,
  doubt_since: doubtSince(record),
  settled_at: record.settledAt,
})

/** Counts records of a day anew. */
export function* moveDay(
  { createdAt, request: { store } }: Pick<Cancellation, 'createdAt' | 'request'>,
  from: string | null,
  to: string | null,
): Work<void> {
  if (from === to) return
  const moves = [
    ...(from === null ? [] : [{ status: from, moved: -1 }]),
    ...(to === null ? [] : [{ status: to, moved: 1 }]),
  ]
  yield* run(
    'insert into @day_moves (day, store, status, moved) select ?, ?, status, moved from ' +
      'unnest(?::text[], ?::int[]) as moves(status, moved)',
    Math.floor(createdAt / DAY_MS),
    store,
    moves.map(({ status }) => status),
    moves.map(({ moved }) => moved),
  )
}

function* insertRecord(draft: Cancellation, now: number): Work<void> {
  const columns: Record<string, Value> = {
    id: draft.id,
    version: draft.version,
    guard: guardOf(draft),
    store: draft.request.store,
    order_id: draft.request.orderId,
    batch: draft.batchId,
    origin: draft.origin ?? null,
    ...columnsOf(draft),
    created_at: draft.createdAt,
    updated_at: draft.updatedAt,
    wake_at: draft.wakeAt,
    body: JSON.stringify(draft),
  }
  const names = Object.keys(columns)
  yield* run(
    `insert into @cancellations (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`,
    ...Object.values(columns),
  )
  yield* moveDay(draft, null, draft.status)
  yield* touchLink(draft.request, now)
}

const memberLock = ({ request: { store, orderId } }: Cancellation): string =>
  lockOf.member(store, orderId)

export const claim = (
  deps: PostgresDeps,
  draft: Cancellation,
  key: Key | null,
  owed: readonly Owed[] = [],
  noted?: Noted,
): Promise<Claim> => {
  const scoped = key && scopedKey(key, draft)
  const locks = [
    lockOf.subject(draft.id),
    ...guardsOf(draft).map(lockOf.guard),
    ...keyLocks(scoped),
    ...subjectLocks(owed),
    memberLock(draft),
  ]
  return deps.commit(locks, function* () {
    const [bound = [], ...earlier] = yield* askEach(
      ...(scoped
        ? [askKey(deps, scoped, '@cancellations', 'version, wake_at, body')]
        : [statement('select 1 as one where false')]),
      ...askEarlier(draft),
    )
    const written: (() => Work<unknown>)[] = []
    const claimed = claimIn(
      {
        keys: foundKeys(bound[0], toRecord, (to, id) => {
          written.push(() => bindKey(deps, to, id))
        }),
        earlier: () => earlierOf(earlier),
        insert: () => {
          written.push(() => insertRecord(draft, deps.now()))
        },
        owe: () => {
          written.push(() => oweIn(owed))
        },
        note: () => {
          written.push(() => note(noted))
        },
      },
      draft,
      key,
      owed,
      noted,
    )
    for (const write of written) yield* write()
    return claimed
  })
}

/** Writes what changed: a column that is set is written anew in every index that has it. */
function* writeNext(saved: Cancellation, current: ResultRow): Work<void> {
  const changed = Object.entries(columnsOf(saved)).filter(
    ([column, value]) => current[column] !== value,
  )
  yield* run(
    'update @cancellations set version = ?, updated_at = ?, wake_at = ?, body = ' +
      `?${changed.map(([column]) => `, ${column} = ?`).join('')} where id = ?`,
    saved.version,
    saved.updatedAt,
    saved.wakeAt,
    JSON.stringify(saved),
    ...changed.map(([, value]) => value),
    saved.id,
  )
  yield* moveDay(saved, current['status'] as string, saved.status)
}

/** Writes the next state of a record; as the port's `save` says. */
export const save = (
  deps: PostgresDeps,
  next: Cancellation,
  lease?: Lease,
  keepUntil?: number,
  owed: readonly Owed[] = [],
  noted?: Noted,
): Promise<Cancellation | null> => {
  const locks = [
    lockOf.subject(next.id),
    ...guardsOf(next).map(lockOf.guard),
    ...(lease ? [lockOf.lease(lease.key)] : []),
    ...subjectLocks(owed),
    memberLock(next),
  ]
  return deps.commit(locks, function* () {
    const [rows = [], held = [], ...earlier] = yield* askEach(
      statement(
        'select version, status, reference, message, link, approval, reopened_at, doubt_since, ' +
          'settled_at from @cancellations where id = ?',
        next.id,
      ),
      lease ? askHeld(lease) : statement('select 1 as one'),
      ...askEarlier(next),
    )
    const [current] = rows
    if (current?.['version'] !== next.version || held.length === 0) return null
    if (current['status'] === 'rejected' && guard(next, earlierOf(earlier)) !== null) return null
    const saved = { ...next, version: next.version + 1 }
    yield* writeNext(saved, current)
    yield* oweIn(owed)
    yield* note(noted)
    yield* touchLink(saved.request, deps.now())
    if (lease) yield* endLease(deps, lease, keepUntil)
    return saved
  })
}
