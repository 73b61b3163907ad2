/** What is due in SQL: the records whose wake-up time has come, store by store. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { Sql } from './database.ts'
import { COLUMNS, readRecords, toRecord } from './records.ts'

/** Reads the records of a store whose wake-up time has come, the longest due first. */
export const dueRecords = (sql: Sql, store: string, now: number, most: number): Cancellation[] =>
  sql
    .all(
      `select ${COLUMNS} from cancellations where store = ? and wake_at <= ? order by ` +
        'wake_at limit ?',
      store,
      now,
      most,
    )
    .map(toRecord)

/** Every store of which a record waits: a walk from store to store along the index of wake-ups. */
export const WAITING_STORES = `with recursive waiting(store) as (
    select min(store) from cancellations where wake_at is not null
    union all
    select (
      select min(store) from cancellations where wake_at is not null and store > waiting.store
    ) from waiting where waiting.store is not null)`

/** Reads what is due of all stores but these; of each no more than may be among the first. */
export const strayRecords = (
  sql: Sql,
  stores: readonly string[],
  now: number,
  most: number,
): Cancellation[] => {
  const others = sql.all(
    `${WAITING_STORES}
    select store from waiting
    where store is not null and store not in (select value from json_each(?))`,
    JSON.stringify(stores),
  )
  const due = others.flatMap(({ store }) =>
    sql.all(
      'select wake_at, id from cancellations where store = ? and wake_at <= ? order by ' +
        'wake_at limit ?',
      store as string,
      now,
      most,
    ),
  )
  due.sort((a, b) => Number(a['wake_at']) - Number(b['wake_at']))
  return readRecords(
    sql,
    due.slice(0, most).map((row) => row['id'] as string),
  )
}
