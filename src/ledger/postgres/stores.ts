/** What is known of stores in PostgreSQL: for whom each was opened, and the pace that all share. */
import type { Ledger } from '../port.ts'
import { LONGEST_PATIENCE_MS } from '../rules.ts'
import { type PostgresDeps, SERVER_TIME } from './deps.ts'
import { ask, run } from './work.ts'

/** `gcra` of rules.ts, as one statement; its table is not logged, so nothing waits for the disk. */
const RESERVE = `with clock as (select ${SERVER_TIME} as now),
  known as (select coalesce((select full_at from @pace where bucket = ?), 0) as full_at),
  found as (
    select now, least(greatest(full_at, now), now + ?::float8 + ?::float8 * ?::float8) as start
    from known, clock),
  waits as (
    select start, greatest(0, start - now - (?::float8 - 1) * ?::float8) as wait from found)
  insert into @pace (bucket, full_at, wait)
  select ?, case when wait <= ?::float8 then start + ?::float8 else start end, wait from waits
  on conflict (bucket) do update set full_at = excluded.full_at, wait = excluded.wait
  returning wait`

export const openReserve =
  ({ commit, given }: PostgresDeps): Ledger['reserve'] =>
  (bucket, { perSecond, burst }, patienceMs) => {
    const stepMs = 1_000 / perSecond
    const longest = Math.min(patienceMs, LONGEST_PATIENCE_MS)
    return commit([`pace ${bucket}`], function* () {
      const [found] = yield* ask(
        RESERVE,
        given(),
        bucket,
        LONGEST_PATIENCE_MS,
        burst,
        stepMs,
        burst,
        stepMs,
        bucket,
        longest,
        stepMs,
      )
      return Number(found?.['wait'])
    })
  }

/** Binds a store to the account that it was first opened for. */
export const bind = async (
  { read, commit }: PostgresDeps,
  store: string,
  account: string,
): Promise<string> => {
  const find = () => read('select account from @stores where id = ?', store)
  const [known] = await find()
  if (known) return known['account'] as string
  await commit([], () =>
    run('insert into @stores (id, account) values (?, ?) on conflict do nothing', store, account),
  )
  const [bound] = await find()
  return bound?.['account'] as string
}

export const bindings = async ({ read }: PostgresDeps): Promise<ReadonlyMap<string, string>> =>
  new Map(
    (await read('select id, account from @stores')).map((row) => [
      row['id'] as string,
      row['account'] as string,
    ]),
  )
