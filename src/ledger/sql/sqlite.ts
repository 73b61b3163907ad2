/**
 * The SQL ledger's handle on Node: node:sqlite in WAL mode, synced on every commit, commits grouped
 * per tick.
 */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { FullLedger } from '../port.ts'
import type { LedgerOptions } from '../retention.ts'
import { unsure } from '../rules.ts'
import type { ResultRow, Sql } from './database.ts'
import { bindingsOf, openSqlLedger } from './sql.ts'
import { migrate } from './tables.ts'

/**
 * SQLITE_IOERR: where it ends a commit, what was written to the log may be whole, and come back
 * when the log is next recovered (sqlite.org/rescode.html#ioerr).
 */
const IO_ERROR = 10
const isIoError = (error: unknown): boolean =>
  (Number((error as { errcode?: unknown }).errcode) & 0xff) === IO_ERROR
/** The database and what SQLite lays beside it. */
export const filesOf = (path: string): string[] =>
  ['', '-wal', '-shm'].map((end) => `${path}${end}`).filter((file) => existsSync(file))

/** Whether others than its owner can read a file: it tells what buyers ordered. */
export const isOpenToOthers = (file: string): boolean => (statSync(file).mode & 0o077) !== 0

/**
 * Makes the file before SQLite does, which gives the files beside it the same rights; and takes
 * others' rights away where it was there and is ours.
 */
const keepToOurselves = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  for (const file of filesOf(path))
    if (isOpenToOthers(file) && statSync(file).uid === process.getuid?.()) chmodSync(file, 0o600)
}

/**
 * Opens a database file, creating it and its folder. Throws where it does not give what durability
 * needs: a write-ahead log, and a sync on every commit (with NORMAL, SQLite does not sync commits
 * to that log).
 */
const openDatabase = (path: string): DatabaseSync => {
  // SQLite takes these for a database in memory, which is refused below.
  if (path !== '' && path !== ':memory:') keepToOurselves(path)
  const database = new DatabaseSync(path, { timeout: 5_000 })
  const pragma = (name: string) => Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0]
  // Settled records are kept without the customer, so nothing of the customer may stay behind in
  // the file either.
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on')
  if (pragma('journal_mode') !== 'wal' || pragma('synchronous') !== 2) {
    database.close()
    throw new Error(
      `the ledger ${path} cannot be made durable: this file system does not take a write-ahead ` +
        'log with full sync',
    )
  }
  return database
}

type Prepare = (text: string) => StatementSync

/** Prepares each statement once. */
const openStatements = (database: DatabaseSync): { prepared: Prepare; clear: () => void } => {
  const statements = new Map<string, StatementSync>()
  const prepared = (text: string) => {
    let statement = statements.get(text)
    if (!statement) statements.set(text, (statement = database.prepare(text)))
    return statement
  }
  return { prepared, clear: () => statements.clear() }
}

/** A piece of work that waits for the next group commit. */
interface Job {
  readonly work: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/** Opens the group commit: what is asked for in one tick is one transaction, with one sync. */
const openGroupCommit = (database: DatabaseSync, prepared: Prepare) => {
  const begin = () => prepared('begin immediate').run()

  /**
   * Ends the transaction that was begun: with all of `jobs`, or none; which of the two nobody knows
   * where the disk failed under the commit.
   */
  const runAll = (jobs: readonly Job[]): unknown[] => {
    let isCommitting = false
    try {
      const results = jobs.map(({ work }) => work())
      isCommitting = true
      prepared('commit').run()
      return results
    } catch (error) {
      if (database.isTransaction) prepared('rollback').run()
      throw isCommitting && isIoError(error) ? unsure(error as Error) : error
    }
  }

  /** Runs each alone where the group failed, so that a job is rejected for its own error only. */
  const runEach = (jobs: readonly Job[], failure: unknown): void => {
    for (const job of jobs) {
      try {
        begin()
        job.resolve(runAll([job])[0] as never)
      } catch (error) {
        job.reject(
          (failure as { written?: null }).written === null ? unsure(error as Error) : error,
        )
      }
    }
  }

  let waiting: Job[] = []
  const flush = (): void => {
    const jobs = waiting
    waiting = []
    if (jobs.length === 0) return
    try {
      begin()
    } catch (error) {
      // Locked by another process, or closed. Each alone would wait as long again, with the event
      // loop blocked.
      for (const job of jobs) job.reject(error)
      return
    }
    try {
      runAll(jobs).forEach((result, index) => jobs[index]?.resolve(result as never))
    } catch (failure) {
      runEach(jobs, failure)
    }
  }

  const commit = <T>(work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      if (waiting.push({ work, resolve, reject }) === 1) setImmediate(flush)
    })
  return { commit, flush }
}

/**
 * Opens the handle on a file. One writing process per file: a second one is correct but waits with
 * its event loop blocked.
 */
export const openSqlite = (path: string): Sql => {
  const database = openDatabase(path)
  const { prepared, clear } = openStatements(database)
  const { commit, flush } = openGroupCommit(database, prepared)
  return {
    all: (text, ...values) => prepared(text).all(...values) as ResultRow[],
    run: (text, ...values) => {
      prepared(text).run(...values)
    },
    commit,
    // Pages of before an erasure would stay in the log until it is reused.
    scrub() {
      flush()
      prepared('pragma wal_checkpoint(truncate)').all()
    },
    close() {
      flush()
      clear()
      database.close()
    },
  }
}

/**
 * For which account each store was first opened, read without touching the file: a gateway may have
 * it open.
 */
export const readBindings = (path: string): ReadonlyMap<string, string> => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const isKept =
      database.prepare("select 1 from sqlite_master where name = 'stores'").get() !== undefined
    return isKept
      ? bindingsOf({ all: (text) => database.prepare(text).all() as ResultRow[] })
      : new Map()
  } finally {
    database.close()
  }
}

export const openSqliteLedger = (
  path: string,
  now: () => number = Date.now,
  options?: LedgerOptions,
): FullLedger => {
  const sql = openSqlite(path)
  try {
    sql.run('begin immediate')
    const isChanged = migrate(sql)
    sql.run('commit')
    // A large ledger that was brought up to date would keep as large a log.
    if (isChanged) sql.all('pragma wal_checkpoint(truncate)')
  } catch (error) {
    sql.close()
    throw error
  }
  return openSqlLedger(sql, now, options)
}
