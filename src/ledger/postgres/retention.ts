/**
 * What the ledger in PostgreSQL deletes when its time is over: in portions, each its own
 * transaction under the locks of what goes, so that nobody writes to it at the same time.
 */
import type { PostgresDeps } from './deps.ts'
import { lockOf, type ResultRow, run, type Statement, statement, type Work } from './work.ts'

const PORTION = 100

/** Removes what a statement finds, whose last value is how many at once, until it finds fewer. */
const inPortions = async (
  { read, commit }: PostgresDeps,
  find: Statement,
  lock: (row: ResultRow) => readonly string[],
  remove: (rows: readonly ResultRow[]) => Work<unknown>,
): Promise<void> => {
  for (;;) {
    const rows = await read(find.text, ...find.values, PORTION)
    if (rows.length > 0)
      await commit([...new Set(rows.flatMap((row) => [...lock(row)]))], () => remove(rows))
    if (rows.length < PORTION) return
  }
}

const texts = (rows: readonly ResultRow[], name: string): string[] =>
  rows.map((row) => row[name] as string)

export const sweepKeysAndLeases = async (deps: PostgresDeps): Promise<void> => {
  const { now, given, retention } = deps
  const [at, latest] = [now(), now() + retention.keysMs]
  const lockOfKey = (row: ResultRow) => [lockOf.key(row['scope'] as string)]
  await inPortions(
    deps,
    statement('select scope from @keys where expires_at <= ? limit ?', at),
    lockOfKey,
    (rows) =>
      run(
        'delete from @keys where scope = any(?::text[]) and expires_at <= ?',
        texts(rows, 'scope'),
        at,
      ),
  )
  // Bound when they were to live longer.
  await inPortions(
    deps,
    statement('select scope from @keys where expires_at > ? limit ?', latest),
    lockOfKey,
    (rows) =>
      run(
        'update @keys set expires_at = least(expires_at, ?) where scope = any(?::text[])',
        latest,
        texts(rows, 'scope'),
      ),
  )
  const ended = 'until <= coalesce(?::float8, extract(epoch from clock_timestamp())::float8 * 1000)'
  await inPortions(
    deps,
    statement(`select key from @leases where ${ended} limit ?`, given()),
    (row) => [lockOf.lease(row['key'] as string)],
    (rows) =>
      run(
        `delete from @leases where key = any(?::text[]) and ${ended}`,
        texts(rows, 'key'),
        given(),
      ),
  )
}

/** Deletes records with what was told of them, and counts them no more. */
export const sweepRecords = async (deps: PostgresDeps): Promise<void> => {
  const until = deps.now() - deps.retention.recordsMs
  await inPortions(
    deps,
    statement('select id from @cancellations where settled_at <= ? limit ?', until),
    (row) => [lockOf.subject(row['id'] as string)],
    (rows) =>
      run(
        `with gone as (
          delete from @cancellations where id = any(?::text[]) and settled_at <= ?
          returning id, created_at, store, status
        ), told as (
          delete from @deliveries where subject in (select id from gone)
        )
        insert into @day_moves (day, store, status, moved)
        select floor(created_at / 86400000), store, status, -count(*) from gone group by 1, 2, 3`,
        texts(rows, 'id'),
        until,
      ),
  )
}

/** Adds up by how much the counts of days moved. */
export const addUpDays = ({ commit }: PostgresDeps): Promise<void> =>
  commit(['days'], () =>
    run(
      `with gone as (delete from @day_moves returning day, store, status, moved)
      insert into @day_tallies as known (day, store, status, count)
      select day, store, status, sum(moved) from gone group by day, store, status
      on conflict (day, store, status) do update set count = known.count + excluded.count`,
    ),
  ).then(() => commit(['days'], () => run('delete from @day_tallies where count = 0')))

export const sweepNotices = async (deps: PostgresDeps): Promise<void> => {
  const now = deps.now()
  await inPortions(
    deps,
    statement('select store, order_id from @notices where kept_until <= ? limit ?', now),
    (row) => [lockOf.store(row['store'] as string)],
    (rows) =>
      run(
        `with gone as (
          delete from @notices where kept_until <= ?
            and (store, order_id) in (select * from unnest(?::text[], ?::text[]))
          returning store, version, due_at
        )
        update @listening as known
        set spent = greatest(known.spent, gone.version), waiting = known.waiting - gone.waiting
        from (
          select store, max(version) as version, count(due_at)::int as waiting from gone
          group by store) as gone
        where known.store = gone.store`,
        now,
        texts(rows, 'store'),
        texts(rows, 'order_id'),
      ),
  )
}

/** Deletes the rows of a webhook, and its health last: until then it is known by name. */
export const forgetDeliveries = async (deps: PostgresDeps, webhook: string): Promise<void> => {
  await inPortions(
    deps,
    statement('select subject from @deliveries where webhook = ? limit ?', webhook),
    (row) => [lockOf.subject(row['subject'] as string)],
    (rows) =>
      run(
        'delete from @deliveries where webhook = ? and subject = any(?::text[])',
        webhook,
        texts(rows, 'subject'),
      ),
  )
  await deps.commit([`webhook ${webhook}`], () =>
    run('delete from @webhooks where name = ?', webhook),
  )
}

/** Deletes batches with all their rows and what was told of them, one batch at once. */
export const sweepBatches = async (deps: PostgresDeps): Promise<void> => {
  const until = deps.now() - deps.retention.recordsMs
  const found = await deps.read('select id from @batches where finished_at <= ?', until)
  for (const { id } of found)
    await deps.commit([lockOf.batch(id as string), lockOf.subject(id as string)], () =>
      run(
        `with gone as (
          delete from @batches where id = ? and finished_at <= ? returning id
        ), told as (
          delete from @deliveries where subject in (select id from gone)
        )
        delete from @batch_rows where batch in (select id from gone)`,
        id as string,
        until,
      ),
    )
}
