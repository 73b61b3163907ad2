/** What a PostgreSQL server must be, before anything is written to it. */
import type { Connection } from './connection.ts'
import type { PostgresOptions } from './options.ts'
import type { ResultRow } from './work.ts'

const OLDEST = 130_000
/** Clocks that differ by less do no harm. */
const SKEW_MS = 5_000

/** The server at the other end, once it is known to be fit. */
export interface Server {
  /** Whether it tells its timeline, which rises with every failover. */
  readonly tellsTimeline: boolean
}

const SETTINGS = `select
  current_setting('server_version_num')::int as version,
  current_setting('server_version') as version_name,
  current_setting('server_encoding') as encoding,
  pg_is_in_recovery() as is_standby,
  current_setting('transaction_read_only') as read_only,
  current_setting('fsync') as fsync,
  current_setting('full_page_writes') as full_page_writes,
  current_setting('synchronous_commit') as synchronous_commit,
  coalesce(current_setting('synchronous_standby_names', true), '') as named,
  (select count(*)::int from pg_stat_replication) as standbys,
  extract(epoch from clock_timestamp())::float8 * 1000 as now`

/** The timeline of the write-ahead log, from the name of the file that is written to. */
export const TIMELINE =
  "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int::float8"

/** Each thing that is wrong, with what to do. */
const faultsOf = (found: ResultRow): string[] => {
  const { encoding, named, synchronous_commit: sync } = found
  const faults: [isWrong: boolean, words: string][] = [
    [
      Number(found['version']) < OLDEST,
      `it is version ${found['version_name']} and must be 13 or later: upgrade it`,
    ],
    [
      found['is_standby'] === true,
      'it is a standby: name the primary in the address, or all hosts with a proxy that finds it',
    ],
    [
      found['is_standby'] !== true && found['read_only'] === 'on',
      'its transactions are read only: set default_transaction_read_only = off',
    ],
    [found['fsync'] !== 'on', 'fsync is off, so a power cut destroys it: set fsync = on'],
    [
      found['full_page_writes'] !== 'on',
      'full_page_writes is off, so a power cut destroys it: set full_page_writes = on',
    ],
    [
      sync === 'off',
      'synchronous_commit is off, so it forgets what it acknowledged: set synchronous_commit = on',
    ],
    [
      sync === 'local' && named !== '',
      'synchronous_commit is local, so its synchronous standbys need not have what it ' +
        'acknowledged: set synchronous_commit = on',
    ],
    [
      encoding !== 'UTF8',
      `the database's encoding is ${encoding} and must be UTF8: create database … encoding 'UTF8'`,
    ],
  ]
  return faults.filter(([isWrong]) => isWrong).map(([, words]) => words)
}

/** Opens the inspection of a server: it rejects where the server is not fit. */
export const openInspection = (
  { read }: Pick<Connection, 'read'>,
  { warn, clock = Date.now, now }: PostgresOptions,
): (() => Promise<Server>) => {
  // Each is said once until it is well again.
  const warned = new Set<string>()
  const say = (about: string, isWrong: boolean, words: string) => {
    if (isWrong && !warned.has(about)) warn?.(words)
    if (isWrong) warned.add(about)
    else warned.delete(about)
  }
  return async () => {
    const asked = clock()
    const [found = {}] = await read(SETTINGS)
    const faults = faultsOf(found)
    if (faults.length > 0) throw new Error(`PostgreSQL is not fit: ${faults.join('; ')}`)
    const aheadMs = now ? 0 : (asked + clock()) / 2 - Number(found['now'])
    say(
      'clock',
      Math.abs(aheadMs) > SKEW_MS,
      `The clock of this gateway is ${Math.round(Math.abs(aheadMs) / 1_000)} s ` +
        `${aheadMs > 0 ? 'ahead of' : 'behind'} PostgreSQL’s: set it, and restart. Gateways that ` +
        'share a ledger take each other’s records for overdue else.',
    )
    say(
      'standby',
      Number(found['standbys']) > 0 && found['named'] === '',
      'PostgreSQL has a standby, and no commit waits for it: a failover forgets what the standby ' +
        'had not got yet. Set synchronous_standby_names.',
    )
    const tellsTimeline = await read(`select ${TIMELINE} as timeline`).then(
      () => true,
      () => false,
    )
    say(
      'timeline',
      !tellsTimeline,
      'PostgreSQL does not tell its timeline, so a failover is not noticed: where one forgets ' +
        'what was answered, an order may be asked for twice.',
    )
    return { tellsTimeline }
  }
}
