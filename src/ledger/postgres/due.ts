/** What is due in PostgreSQL: the records whose wake-up time has come, store by store. */
import type { Cancellation } from '../../model/cancellation.ts'
import type { PostgresDeps } from './deps.ts'
import { toRecord } from './records.ts'

/** Of each store the longest due first, at most so many. */
const dueOf = (each: string, stores: string): string =>
  `select version, wake_at, body from ${stores} cross join lateral (
    select version, wake_at, body from @cancellations where store = asked.store and wake_at <= ?
    order by wake_at limit ?) as due ${each}`

/** Every store of which a record waits: a walk from store to store along the index of wake-ups. */
const OTHER_STORES = `(with recursive waiting(store) as (
    select min(store) from @cancellations where wake_at is not null
    union all
    select (
      select min(store) from @cancellations where wake_at is not null and store > waiting.store
    ) from waiting where waiting.store is not null)
  select store from waiting where store is not null and store <> all (?::text[])) as asked`

export const dueRecords = async (
  { read, now }: PostgresDeps,
  stores: readonly string[],
  each: number,
): Promise<Cancellation[]> =>
  stores.length === 0
    ? []
    : (
        await read(
          dueOf(
            'order by number, wake_at',
            'unnest(?::text[]) with ordinality as asked(store, number)',
          ),
          stores,
          now(),
          each,
        )
      ).map(toRecord)

/** Reads what is due of all stores but these. */
export const strayRecords = async (
  { read, now }: PostgresDeps,
  stores: readonly string[],
  most: number,
): Promise<Cancellation[]> =>
  (await read(dueOf('order by wake_at limit ?', OTHER_STORES), stores, now(), most, most)).map(
    toRecord,
  )
